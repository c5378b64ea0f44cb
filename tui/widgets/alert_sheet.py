"""The sheet of one alert: what can be done with it, and everything about it."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tui.locale import say
from tui.widgets.alert_detail import AlertDetail, AlertDetailValue, detail_rows
from tui.widgets.alert_list import AlertView, what_words
from tui.widgets.device_sheet import SHEET_WIDTHS, Action, ActionList, SheetHead, option
from tui.widgets.status_band import track_words

LOOK_S = 0.5
ACTIONS = (("a", "ack"), ("A", "ack-all"), ("h", "moment"), ("f", "frames"), ("m", "silence"))


def actions_of(view: AlertView, silent: bool) -> tuple[Action, ...]:
    """All actions, always in the same rows; those that make no sense now are grey."""
    can_be_seen = view.is_active and view.alert.acknowledged_ms is None and not view.busy
    enabled = {
        "ack": can_be_seen and not view.lost,
        "ack-all": not view.lost,
        "moment": True,
        "frames": bool(view.alert.track),
        "silence": not view.lost,
    }
    words = {name: say(f"alerts-do-{name}") for _, name in ACTIONS}
    if silent:
        words["silence"] = say("alerts-do-heard")
    return tuple(Action(name, key, words[name], enabled[name]) for key, name in ACTIONS)


def first_action(actions: tuple[Action, ...]) -> int:
    """Where the cursor begins: never on all alerts, when this one needs nobody any more."""
    return next(i for i, one in enumerate(actions) if one.enabled and one.name != "ack-all")


class AlertSheet(ModalScreen[None]):
    """Over the place; it keeps looking, so that age and state move on."""

    SCOPED_CSS = False
    HORIZONTAL_BREAKPOINTS = SHEET_WIDTHS
    DEFAULT_CSS = """
    AlertSheet .alert-parts { height: auto; layout: vertical; }
    AlertSheet OptionList { width: 1fr; }
    AlertSheet .alert-facts { height: auto; max-height: 76vh; scrollbar-size-vertical: 1; }
    AlertSheet.-narrow .alert-facts { max-height: 50vh; }
    AlertSheet.-broad .alert-parts { layout: horizontal; }
    AlertSheet.-broad OptionList { width: 36; }
    AlertSheet.-broad .alert-facts { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,5", "dismiss", show=False, id="alert.close"),
        *(Binding(key, f"act('{name}')", show=False, id=f"alert.{name}") for key, name in ACTIONS),
        Binding("pageup", "scroll_facts(-1)", show=False, priority=True, id="alert.facts-up"),
        Binding("pagedown", "scroll_facts(1)", show=False, priority=True, id="alert.facts-down"),
    ]

    def __init__(self, look: Callable[[], tuple[AlertView | None, bool]], act: Callable[[str], None]) -> None:
        super().__init__()
        self._look = look
        self._act = act
        self._shown: tuple[Action, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, actions, facts."""
        view, _ = self._look()
        with Vertical(classes="sheet -wide"):
            yield SheetHead(title_of(view))
            with Container(classes="alert-parts"):
                yield ActionList()
                with VerticalScroll(classes="alert-facts", can_focus=False):
                    yield AlertDetail(AlertDetailValue(view, in_sheet=True), classes="-whole")

    def on_mount(self) -> None:
        """Begin to look."""
        self.look_again()
        self.query_one(OptionList).focus()
        self.set_interval(LOOK_S, self.look_again)

    def look_again(self) -> None:
        """The newest state; it closes when the alert is nowhere any more."""
        if not (self.is_attached and self.query(AlertDetail)):
            return
        view, silent = self._look()
        if view is None:
            self.dismiss()
            return
        detail, value = self.query_one(AlertDetail), AlertDetailValue(view, in_sheet=True)
        before = len(detail_rows(detail.value, detail.size.width, detail.glyphs)) if detail.value else 0
        detail.show(value)
        if len(detail_rows(value, detail.size.width, detail.glyphs)) != before:
            detail.refresh(layout=True)
        self._fill(actions_of(view, silent))

    def _fill(self, actions: tuple[Action, ...]) -> None:
        """Write the list anew only when it says something else; the cursor stays."""
        if actions == self._shown:
            return
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        at, self._shown = rows.highlighted, actions
        rows.clear_options()
        rows.add_options([option(a.key, a.words, a.name, a.enabled, tall) for a in actions])
        rows.highlighted = first_action(actions) if at is None else at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap."""
        if event.option_id:
            self.action_act(event.option_id)

    def action_act(self, name: str) -> None:
        """Do it, if it makes sense now."""
        if any(a.name == name and a.enabled for a in self._shown):
            self._act(name)

    def action_scroll_facts(self, step: int) -> None:
        """A page of facts."""
        facts = self.query_one(".alert-facts")
        facts.scroll_relative(y=step * max(1, facts.size.height - 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet closes it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss()


def title_of(view: AlertView | None) -> str:
    """`left cell 7 high`."""
    return f"{track_words(view.alert.track)} {what_words(view.alert)}".strip() if view is not None else ""
