"""What the place of the registers shows, as values for its parts: from the draft, the desk and the look."""

from tui.locale import say
from tui.model.link import Cause, Phase
from tui.model.write_plan import LEASE_S
from tui.screens.register_draft import Draft, View, chosen_lines
from tui.screens.register_flows import RegisterFlows
from tui.screens.screen import Look
from tui.style.numbers import time_of_day
from tui.widgets.confirm import ButtonsValue
from tui.widgets.register_detail import RegisterDetailValue
from tui.widgets.register_path import PathValue
from tui.widgets.register_table import RegistersValue
from tui.widgets.register_words import Shown, cause_words
from tui.widgets.rows import Span


class RegisterShowing(RegisterFlows):
    """The values of table, panel, path, hint and buttons."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown.VALUES

    def _lost(self, look: Look) -> Cause | None:
        """Why the engine cannot be asked; None while it can."""
        engine = look.fleet.engine
        return None if engine.attached else engine.cause or Cause("engine-missing")

    def _is_adrift(self, look: Look) -> bool:
        """A plan was on its way when the engine went away."""
        plan = look.fleet.desk(self.track).plan
        return plan is not None and plan.state.is_running and self._lost(look) is not None

    def _has_link(self, look: Look) -> bool:
        track = look.fleet.track(self.track)
        return (
            track is not None and track.link.phase in (Phase.UP, Phase.ASLEEP) and look.fleet.engine.attached
        )

    def _value(self, look: Look) -> RegistersValue:
        draft, choice = self.draft, self._choice
        lines, hidden = chosen_lines(draft, choice)
        keys = [line.key for line in lines]
        if draft.key not in keys:
            draft.key = keys[0] if keys else ""
        known: list[Span] = []
        desk, has_link = look.fleet.desk(self.track), self._has_link(look)
        if desk.plan is not None and (desk.plan.state.is_open or self._is_adrift(look)):
            known.append((say("regs-plan-waits"), "alarm"))
        if not has_link and draft.page is not None:
            known.append((say("regs-no-link"), "warn"))
        known += [(say("frames-filter-is", only=choice.only), "number")] if choice.only else []
        known += [(say("regs-only-staged"), "number")] if choice.only_staged else []
        known += [(say("regs-hidden", count=hidden), "label")] if hidden else []
        if draft.page is not None and draft.page.read_ms is not None:
            known.append((say("regs-read-at", time=time_of_day(draft.page.read_ms)), "label"))
        return RegistersValue(
            lines,
            draft.key,
            draft.top,
            choice.words()[choice.group],
            self._shown,
            tuple(known),
            self._why(look, draft),
            self.app.has_class("-kiosk") and self.size.height >= 29,
            not has_link,
        )

    def _why(self, look: Look, draft: Draft) -> tuple[str, ...]:
        """Sentences for an empty table."""
        desk = look.fleet.desk(self.track)
        if draft.page is not None:
            return (say("regs-none-match"),)
        if desk.reading is not None:
            at, of = desk.reading
            return (say("regs-reading", count=at, all=of),)
        return cause_words(draft.cause) if draft.cause is not None else (say("regs-asking"),)

    def _detail(self, value: RegistersValue) -> RegisterDetailValue:
        line = value.lines[value.at] if value.at is not None else None
        if line is None:
            return RegisterDetailValue()
        found = tuple(p for p in self.draft.problems if p.key == line.key)
        return RegisterDetailValue(line, found if line.is_staged else ())

    def _path(self, look: Look) -> PathValue:
        draft, desk = self.draft, look.fleet.desk(self.track)
        staged = len(draft.changes) + (draft.source is not None)
        at, last = {View.TABLE: 0, View.REVIEW: 1}.get(draft.view, 0), "done"
        if draft.view is View.PLAN and desk.plan is not None:
            is_over = not (desk.plan.state.is_running or desk.plan.state.is_open)
            at, last = (3, str(desk.plan.state)) if is_over else (2, "done")
        said: list[Span] = []
        lease, device = desk.lease, draft.page.device if draft.page is not None else None
        if lease is not None and lease.until_s > look.now_s:
            mine = lease.screen == self.screen_name
            left = min(round(lease.until_s - look.now_s), round(LEASE_S))
            word = "regs-lease-mine" if mine else "regs-lease-other"
            said.append((say(word, who=lease.who or lease.screen, seconds=left), "ok" if mine else "warn"))
        if device is not None and device.model:
            said.append((device.model, "text"))
        if device is not None and device.firmware:
            said.append((say("regs-firmware", version=device.firmware), "label"))
        return PathValue(at, staged, last, tuple(said))

    def hint(self, look: Look) -> str:
        """The keys of what is on show."""
        draft = self.draft
        if draft.view is not View.TABLE:
            return " · ".join(say(f"regs-hint-{word}") for word in self._hints(look, draft.view))
        words = ["edit", *(["review", "undo"] if not draft.is_empty else []), "actions", "filter", "compare"]
        return " · ".join(say(f"regs-hint-{word}") for word in (*words, "commands", "log", "raw", "groups"))

    def _hints(self, look: Look, view: View) -> tuple[str, ...]:
        plan = look.fleet.desk(self.track).plan
        if view is View.PLAN:
            is_open = plan is not None and plan.state.is_open
            return ("finish", "undo-plan", "forget", "back") if is_open else ("back",)
        return {
            View.REVIEW: ("write", "scroll", "back"),
            View.COMPARE: ("take", "take-all", "back"),
            View.LOG: ("scroll", "back"),
        }[view]

    def _buttons(self) -> ButtonsValue:
        """What fingers press; of an interrupted plan for everybody."""
        draft, plan = self.draft, self.desk.plan
        words: tuple[str, ...] = {
            View.TABLE: ("edit", "review", "up", "down", "more"),
            View.REVIEW: ("back", "write", "up", "down"),
            View.COMPARE: ("back", "take", "take-all", "up", "down"),
            View.LOG: ("back", "up", "down"),
        }.get(draft.view, ("back", "up", "down"))
        if draft.view is View.PLAN and plan is not None:
            is_running = plan.state.is_running
            words = (
                ("finish", "undo-plan", "forget") if plan.state.is_open else () if is_running else ("back",)
            )
        return ButtonsValue(tuple(f"regs-button-{word}" for word in words), at=-1)
