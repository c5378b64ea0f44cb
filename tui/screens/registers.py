"""Registers (6): change a parameter of the electronics, and undo it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Input

from tui.locale import say
from tui.model.register import Access, RegisterValue, Value
from tui.screens.register_draft import View
from tui.screens.register_showing import RegisterShowing
from tui.screens.screen import Look
from tui.widgets.confirm import Buttons, Confirm, Question
from tui.widgets.divider import Divider
from tui.widgets.form_field import FieldLabel
from tui.widgets.register_detail import RegisterDetail, RegisterDetailValue
from tui.widgets.register_edit import EditSheet
from tui.widgets.register_log import LogValue, RegisterLog
from tui.widgets.register_path import GroupBar, GroupsValue, PathValue, RegisterPath
from tui.widgets.register_plan import PlanValue, RegisterPlan
from tui.widgets.register_review import CompareValue, RegisterCompare, RegisterReview, ReviewValue
from tui.widgets.register_scroll import Scrolled
from tui.widgets.register_sheets import Choosable, ChooseSheet
from tui.widgets.register_table import RegisterChosen, RegisterTable
from tui.widgets.register_words import Shown
from tui.widgets.status_band import track_words

PAGES: dict[View, type[Scrolled[object]]] = {
    View.REVIEW: RegisterReview,  # type: ignore[dict-item]
    View.COMPARE: RegisterCompare,  # type: ignore[dict-item]
    View.PLAN: RegisterPlan,  # type: ignore[dict-item]
    View.LOG: RegisterLog,  # type: ignore[dict-item]
}
ACTIONS = (
    ("Enter", "edit"),
    ("w", "review"),
    ("u", "undo"),
    ("D", "drop"),
    ("r", "read"),
    ("c", "compare"),
    ("B", "backup"),
    ("I", "import"),
    ("E", "export"),
    ("C", "commands"),
    ("L", "log"),
    ("p", "plan"),
    ("v", "groups"),
    ("o", "only"),
    ("x", "raw"),
    ("e", "experts"),
)


class Registers(RegisterShowing):
    """Path and groups above, a table with a panel, and pages for review, plan, comparison and log."""

    NAME: ClassVar[str] = "registers"
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    Registers #registers-area { height: 1fr; layout: vertical; }
    Registers #registers-edge { display: none; }
    Registers RegisterDetail { height: 6; }
    Registers.-h-m RegisterDetail { height: 8; }
    Registers.-h-l RegisterDetail { height: 12; }
    Registers.-w-xl #registers-area { layout: horizontal; }
    Registers.-w-xl #registers-edge { display: block; }
    Registers.-w-xl RegisterDetail { width: 46; height: 1fr; }
    Registers RegisterReview, Registers RegisterCompare { display: none; }
    Registers RegisterPlan, Registers RegisterLog { display: none; }
    Registers #registers-filter { display: none; height: 1; }
    Registers #registers-filter Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $surface; color: $foreground;
    }
    Registers > #body > Buttons { display: none; height: 3; }
    Registers.-choose > #body > Buttons { display: block; }
    .-kiosk Registers RegisterDetail { height: 5; }
    .-kiosk Registers.-h-s RegisterDetail { height: 4; }
    .-kiosk Registers > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False, id="registers.down"),
        Binding("up,k", "move(-1)", show=False, id="registers.up"),
        Binding("pagedown", "page(1)", show=False, id="registers.page-down"),
        Binding("pageup", "page(-1)", show=False, id="registers.page-up"),
        Binding("home,less_than_sign", "end(-1)", show=False, id="registers.first"),
        Binding("end,greater_than_sign", "end(1)", show=False, id="registers.last"),
        Binding("right,l,right_square_bracket", "group(1)", show=False, id="registers.next-group"),
        Binding("left,h,left_square_bracket", "group(-1)", show=False, id="registers.previous-group"),
        Binding("enter", "go_on", show=False, id="registers.open"),
        Binding("escape", "back", show=False, id="registers.back"),
        Binding("slash", "filter", show=False, id="registers.filter"),
        Binding("a", "actions", show=False, id="registers.actions"),
        Binding("A", "take_all", show=False, id="registers.take-all"),
        Binding("f", "finish", show=False, id="registers.finish"),
        Binding("g", "forget", show=False, id="registers.forget"),
        *(Binding(key, f"do('{name}')", show=False, id=f"registers.{name}") for key, name in ACTIONS[1:]),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._drawn = View.TABLE

    # --- the picture ---

    def body(self, look: Look) -> Iterable[Widget]:
        """Everything; what is not on show is hidden."""
        yield RegisterPath(PathValue())
        yield GroupBar(GroupsValue(self._choice.words(), self._choice.group))
        with Container(id="registers-area"):
            yield RegisterTable(self._value(look))
            yield Divider(True, id="registers-edge")
            yield RegisterDetail(RegisterDetailValue())
        yield RegisterReview(ReviewValue())
        yield RegisterCompare(CompareValue())
        yield RegisterPlan()
        yield RegisterLog(LogValue())
        with Horizontal(id="registers-filter"):
            yield FieldLabel("regs-filter")
            yield Input(placeholder=say("regs-filter-example"))
        yield Buttons(self._buttons())

    def cards_fit(self, look: Look) -> bool:
        """One track at a time."""
        return len(look.fleet.tracks) < 2

    def draw(self, look: Look) -> None:
        """The page of the selected track."""
        self.want_page(look.fleet)
        self._watch_plan(look)
        draft = self.draft
        self.query_one(RegisterPath).show(self._path(look))
        groups = self.query_one(GroupBar)
        groups.display = self.query_one("#registers-area").display = draft.view is View.TABLE
        for view, kind in PAGES.items():
            self.query_one(kind).display = draft.view is view
        if draft.view is View.TABLE:
            groups.show(GroupsValue(self._choice.words(), self._choice.group))
            value = self._value(look)
            self.query_one(RegisterTable).show(value)
            self.query_one(RegisterDetail).show(self._detail(value))
        else:
            self._show_page(look)
        buttons = self._buttons()
        plan = look.fleet.desk(self.track).plan
        is_open = draft.view is View.PLAN and plan is not None and plan.state.is_open
        self.set_class(is_open, "-choose")
        self.query_one("#body > Buttons", Buttons).show(buttons)
        if self._drawn is not draft.view:  # what was hidden has a size only after the next layout
            self._drawn = draft.view
            self._look_soon()

    def _show_page(self, look: Look) -> None:
        draft, desk = self.draft, look.fleet.desk(self.track)
        if draft.view is View.REVIEW:
            words = draft.source_words if draft.source is not None else ""
            staged = tuple(draft.changes)
            value = ReviewValue(draft.review, draft.page, draft.why, draft.moved(), words, staged)
            self.query_one(RegisterReview).show(value)
        elif draft.view is View.COMPARE:
            taken = frozenset(draft.changes)
            one = CompareValue(draft.compared, draft.source_words, draft.at, taken, draft.why)
            self.query_one(RegisterCompare).show(one)
        elif draft.view is View.LOG:
            rows = draft.page.rows if draft.page is not None else ()
            registers = {one.key: one.register for one in rows}
            self.query_one(RegisterLog).show(LogValue(draft.log, draft.why, registers))
        elif desk.plan is not None:
            has_staged, lost = not draft.is_empty, self._lost(look)
            self.query_one(RegisterPlan).show(
                PlanValue(desk.plan, desk.reading, self._has_link(look), has_staged, lost)
            )

    def _watch_plan(self, look: Look) -> None:
        """A plan that begins or was interrupted shows itself once; one that is over gives the wishes free."""
        draft, plan = self.draft, look.fleet.desk(self.track).plan
        if plan is None:
            self.plan_is_gone()
            draft.view = View.TABLE if draft.view is View.PLAN and not draft.is_mine else draft.view
            return
        is_mine = draft.is_mine and plan.id != draft.plan_before
        draft.seen = plan if is_mine else draft.seen
        wants = plan.state.is_running or plan.state.is_open or is_mine
        state = f"{plan.id} {plan.state.is_open}"
        if wants and draft.shown_plan != state:
            draft.shown_plan, draft.view = state, View.PLAN
        progress = f"{state} {plan.state} {plan.examined}"
        if draft.plan_read != progress:
            draft.plan_read, draft.is_stale = progress, not plan.state.is_running or draft.is_stale
        self.plan_is_over()

    # --- the cursor ---

    def _page_widget(self) -> Scrolled[object]:
        return self.query_one(PAGES[self.draft.view])

    def action_move(self, step: int) -> None:
        """Another row, or a line further."""
        draft = self.draft
        if draft.view is View.TABLE:
            self._select(step)
        elif draft.view is View.COMPARE:
            count = len(draft.compared.rows) if draft.compared is not None else 0
            draft.at = max(0, min(draft.at + step, count - 1))
            self.look_again()
            self.query_one(RegisterCompare).show_cursor()
        else:
            self._page_widget().scroll_lines(step)

    def action_page(self, step: int) -> None:
        """A screenful further."""
        if self.draft.view is View.TABLE:
            self._select(step * self.query_one(RegisterTable).room)
        else:
            self.action_move(step * max(1, self._page_widget().room - 1))

    def action_end(self, side: int) -> None:
        """The first or the last."""
        if self.draft.view is View.TABLE:
            self._select(side * 1000)
        else:
            self.action_move(side * 1000)

    def _select(self, step: int) -> None:
        value, draft, table = (
            self._value(self.packdeck.take_look()),
            self.draft,
            self.query_one(RegisterTable),
        )
        if value.at is not None:
            draft.key = value.lines[max(0, min(value.at + step, len(value.lines) - 1))].key
            draft.top = table.first_shown(replace(value, selected=draft.key))
            self.look_again()

    def action_group(self, step: int) -> None:
        """The next group."""
        if self.draft.view is View.TABLE:
            self._to_group((self._choice.group + step) % len(self._choice.groups))

    def _to_group(self, at: int) -> None:
        self._choice.group, self.draft.top = at, 0
        self.look_again()

    def on_group_bar_tapped(self, message: GroupBar.Tapped) -> None:
        """A finger on a group."""
        self._to_group(message.index)

    def on_register_path_tapped(self, message: RegisterPath.Tapped) -> None:
        """A finger on a step."""
        if message.step == 0 and self.draft.view is not View.PLAN:
            self.go(View.TABLE)
        elif message.step == 1 and self.draft.view is View.TABLE:
            self.review()

    def on_register_chosen(self, message: RegisterChosen) -> None:
        """A tap selects, a second one edits."""
        if message.key == self.draft.key:
            self.edit()
        else:
            self.draft.key = message.key
            self.look_again()

    # --- doing ---

    def action_go_on(self) -> None:
        """Enter: edit, write, copy, or leave what is over."""
        {
            View.TABLE: self.edit,
            View.REVIEW: self.confirm_write,
            View.COMPARE: self.take_difference,
            View.LOG: self.action_back,
            View.PLAN: self.action_back,
        }[self.draft.view]()

    def action_back(self) -> None:
        """Esc: close the filter, clear it, or one page back."""
        if self.query_one("#registers-filter").display:
            self._close_filter()
        elif self.draft.view is not View.TABLE:
            plan = self.desk.plan
            is_running = plan is not None and plan.state.is_running
            if (
                self.draft.view is not View.PLAN
                or not is_running
                or self._is_adrift(self.packdeck.take_look())
            ):
                self.draft.why = ()
                self.go(View.TABLE)
        elif self._choice.only or self._choice.only_staged:
            self._choice.only, self._choice.only_staged = "", False
            self.look_again()

    def action_do(self, name: str) -> None:
        """One of the actions, by its name."""
        view = self.draft.view
        if name == "review":
            self.confirm_write() if view is View.REVIEW else self.review()
        elif name == "undo" and view is View.PLAN:
            self.undo_plan()
        elif view is View.TABLE or name in ("log", "compare"):
            self._do(name)

    def _do(self, name: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "edit": self.edit,
            "review": self.review,
            "undo": self._undo_one,
            "drop": self._drop_all,
            "read": lambda: self.read_page(fresh=True),
            "compare": self.choose_source,
            "backup": self.take_backup,
            "import": self.choose_file,
            "export": self.export,
            "commands": self.choose_command,
            "log": self._show_log,
            "plan": self._show_plan,
            "groups": self._switch_groups,
            "only": self._switch_only,
            "raw": self._switch_raw,
            "experts": self._switch_experts,
        }
        actions[name]()

    def action_actions(self) -> None:
        """Everything that can be done here, as a list."""
        rows = [
            Choosable(name, say(f"regs-act-{name}"), "" if key == "Enter" else key) for key, name in ACTIONS
        ]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._do(name)

        self.app.push_screen(ChooseSheet(say("regs-actions", track=track_words(self.track)), rows), chosen)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons."""
        words = self._buttons().words
        actions: dict[str, Callable[[], None]] = {
            "edit": self.edit,
            "review": self.review,
            "write": self.confirm_write,
            "up": lambda: self.action_move(-1),
            "down": lambda: self.action_move(1),
            "more": self.action_actions,
            "back": self.action_back,
            "take": self.take_difference,
            "take-all": self.take_all,
            "finish": self.finish_plan,
            "undo-plan": self.undo_plan,
            "forget": self.forget_plan,
        }
        if message.index < len(words):
            actions[words[message.index].removeprefix("regs-button-")]()

    def action_take_all(self) -> None:
        """The whole other image."""
        if self.draft.view is View.COMPARE:
            self.take_all()

    def action_finish(self) -> None:
        """Finish an interrupted plan."""
        if self.draft.view is View.PLAN:
            self.finish_plan()

    def action_forget(self) -> None:
        """Leave an interrupted plan as it is."""
        if self.draft.view is View.PLAN:
            self.forget_plan()

    def edit(self) -> None:
        """Give the parameter under the cursor another value."""
        draft = self.draft
        one = draft.page.row(draft.key) if draft.page is not None else None
        if one is None:
            return
        if one.absent or one.register.access is not Access.WRITE:
            word = "regs-absent-why" if one.absent else "regs-read-only-why"
            is_command = one.register.access is Access.COMMAND
            self.app.notify(say("regs-command-why" if is_command else word), markup=False)
            return
        self.with_lease(lambda: self._open_editor(one))

    def _open_editor(self, one: RegisterValue) -> None:
        draft = self.draft

        def staged(value: Value | None) -> None:
            if value is not None:
                draft.source = None
                draft.stage(one, value)
                self.judge()
            self.let_go()
            self.look_again()

        line = draft.line(one)
        self.app.push_screen(
            EditSheet(line, lambda value, tell: self.check_value(one.key, value, tell)), staged
        )

    def _undo_one(self) -> None:
        draft = self.draft
        if draft.changes.pop(draft.key, None) is not None:
            draft.review = None
            self.judge()
            self.let_go()
            self.look_again()

    def _drop_all(self) -> None:
        draft = self.draft
        if draft.is_empty:
            return

        def drop(yes: bool | None) -> None:
            if yes:
                draft.drop()
                self.let_go()
                self.look_again()

        count = len(draft.changes) + (draft.source is not None)
        self.app.push_screen(Confirm(Question(say("regs-ask-drop", count=count))), drop)

    def _show_log(self) -> None:
        self.draft.log = None
        self.query_one(RegisterLog).top = 0
        self.read_log()
        self.go(View.LOG)

    def _show_plan(self) -> None:
        if self.desk.plan is None:
            self.app.notify(say("regs-no-plan"), markup=False)
        else:
            self.go(View.PLAN)

    def _switch_groups(self) -> None:
        self._choice.by_category = not self._choice.by_category
        self._to_group(0)

    def _switch_only(self) -> None:
        self._choice.only_staged = not self._choice.only_staged
        self.look_again()

    def _switch_experts(self) -> None:
        self._choice.experts = not self._choice.experts
        self.look_again()

    def _switch_raw(self) -> None:
        kinds = list(Shown)
        self._shown = kinds[(kinds.index(self._shown) + 1) % len(kinds)]
        self.look_again()

    # --- the filter ---

    def action_filter(self) -> None:
        """Open the line to type in."""
        if self.draft.view is View.TABLE:
            self.query_one("#registers-filter").display = True
            line = self.query_one("#registers-filter Input", Input)
            line.value = self._choice.only
            line.focus()

    def _close_filter(self) -> None:
        self.set_focus(None)
        self.query_one("#registers-filter").display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key filters."""
        event.stop()
        self._choice.only = " ".join(event.value.split())
        self.draft.top = 0
        self.look_again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps it."""
        event.stop()
        self._close_filter()
