"""The sheet of one alert: what can be done with it, and everything about it."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from tui.locale import say
from tui.widgets.action_sheet import Action, ActionSheet, Seen, sheet_keys
from tui.widgets.alert_detail import AlertDetail, AlertDetailValue
from tui.widgets.alert_list import AlertView, what_words
from tui.widgets.status_band import track_words

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


class AlertSheet(ActionSheet[AlertDetailValue]):
    """An alert, or nothing once it is nowhere any more."""

    DETAIL = AlertDetail
    NOT_FIRST = "ack-all"
    SCOPED_CSS = False
    DEFAULT_CSS = "AlertSheet.-broad OptionList { width: 36; }"
    BINDINGS: ClassVar[list[BindingType]] = sheet_keys("alert", "5", ACTIONS)

    def __init__(self, look: Callable[[], tuple[AlertView | None, bool]], act: Callable[[str], None]) -> None:
        super().__init__(act)
        self._look = look

    def seen(self) -> Seen[AlertDetailValue]:
        """The alert, and whether it is silent now."""
        view, silent = self._look()
        actions = actions_of(view, silent) if view is not None else ()
        return Seen(title_of(view), AlertDetailValue(view, in_sheet=True), actions)


def title_of(view: AlertView | None) -> str:
    """`left cell 7 high`."""
    return f"{track_words(view.alert.track)} {what_words(view.alert)}".strip() if view is not None else ""
