"""The sheets of one Bluetooth device: what can be done with it, and making it ours."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tui.locale import say
from tui.model.requests import Pair
from tui.widgets.action_sheet import Action, ActionSheet, Seen, sheet_keys
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.device_detail import DetailValue, DeviceDetail
from tui.widgets.device_table import DeviceView
from tui.widgets.form_field import FormField
from tui.widgets.sheet import ActionList, SheetHead, option
from tui.widgets.status_band import track_words

LEAST_FOR_ALL = 29  # rows of a screen on which all tall actions fit
ACTIONS = (
    ("a", "assign"),
    ("r", "reconnect"),
    ("l", "lend"),
    ("p", "probe"),
    ("u", "unpair"),
    ("A", "reset"),
)


def actions_of(view: DeviceView) -> tuple[Action, ...]:
    """All actions, always in the same rows; those that make no sense now are grey."""
    device, busy = view.device, bool(view.busy)
    enabled = {
        "assign": not busy,
        "reconnect": device.paired and not device.connected and not busy,
        "lend": device.paired and not busy,
        "probe": not busy,
        "unpair": device.paired and not busy,
        "reset": True,
    }
    return tuple(Action(name, key, action_words(view, name), enabled[name]) for key, name in ACTIONS)


def action_words(view: DeviceView, name: str) -> str:
    """What the action would do now (words of row CL-35)."""
    if name == "assign":
        if view.busy == "pair":
            return say("device-busy-pair")
        return say("device-do-assign" if view.device.paired else "device-do-pair")
    if name == "lend" and view.lent_s is not None:
        return say("device-do-take-back")
    return say(f"device-busy-{name}" if view.busy == name and name != "lend" else f"device-do-{name}")


class DeviceSheet(ActionSheet[DetailValue]):
    """A device, or nothing once it is gone."""

    DETAIL = DeviceDetail
    NOT_FIRST = "reset"
    SCOPED_CSS = False
    DEFAULT_CSS = """
    DeviceSheet.-broad OptionList { width: 42; }
    """
    BINDINGS: ClassVar[list[BindingType]] = sheet_keys("device", "8", ACTIONS)

    def __init__(self, look: Callable[[], DetailValue], act: Callable[[str], None]) -> None:
        super().__init__(act)
        self._look = look

    def on_mount(self) -> None:
        """Facts have rows too; the handler of the base comes by itself."""
        if self.app.has_class("-kiosk") and self.app.size.height < LEAST_FOR_ALL:
            self.query_one(OptionList).styles.max_height = 9  # the rest is reached by scrolling

    def seen(self) -> Seen[DetailValue]:
        """The device and its newest probe."""
        value = self._look()
        view = value.view
        return Seen(view.name if view else "", value, actions_of(view) if view is not None else ())


class PairSheet(ModalScreen[Pair | None]):
    """Which battery is it, and what opens it? Enter chooses, Enter again pairs."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    PairSheet FormField { margin: 1 0; }
    .-kiosk PairSheet Buttons { height: 3; }
    .-kiosk PairSheet FormField, .-kiosk PairSheet FormField Input { height: 3; }
    .-kiosk PairSheet FormField Input, .-kiosk PairSheet FieldLabel { height: 3; padding: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False, id="pair.close")]

    def __init__(self, view: DeviceView, tracks: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._view = view
        self._choices = [*tracks, ("", "")]  # name of the track, name of the device it has now

    def compose(self) -> ComposeResult:
        """Title, tracks, the secret, two buttons."""
        with Vertical(classes="sheet"):
            yield SheetHead(say("pair-title", name=self._view.name))
            yield ActionList()
            yield FormField("pair-secret", secret=True, example=say("pair-secret-example"))
            yield Buttons(ButtonsValue(("pair-do", "pair-cancel")))

    def on_mount(self) -> None:
        """The track it has now is chosen."""
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        rows.add_options(
            option("", self._words(*choice), f"track-{i}", True, tall)
            for i, choice in enumerate(self._choices)
        )
        names = [name for name, _ in self._choices]
        free = next((i for i, (name, held) in enumerate(self._choices) if not held), 0)
        rows.highlighted = (
            names.index(self._view.device.track) if self._view.device.track in names[:-1] else free
        )
        rows.focus()

    def _words(self, track: str, held: str) -> str:
        if not track:
            return say("pair-no-track")
        return say("pair-held", track=track_words(track), name=held) if held else track_words(track)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Chosen: now the secret, if there is one."""
        event.stop()
        self.query_one("FormField Input").focus()

    def on_form_field_submitted(self) -> None:
        """Enter below everything."""
        self._pair()

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A tap on a button."""
        if message.index == 0:
            self._pair()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def _pair(self) -> None:
        track, _ = self._choices[self.query_one(OptionList).highlighted or 0]
        self.dismiss(Pair(self._view.device.address, track, self.query_one(FormField).take()))
