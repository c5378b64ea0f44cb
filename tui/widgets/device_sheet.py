"""The sheets of one Bluetooth device: what can be done with it, and making it ours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.model.requests import Pair
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.device_detail import DetailValue, DeviceDetail, detail_rows
from tui.widgets.device_table import DeviceView
from tui.widgets.drawing import Drawing
from tui.widgets.form_field import FormField
from tui.widgets.rows import BLANK, Row, ends, row
from tui.widgets.status_band import track_words

LOOK_S = 0.5
LEAST_FOR_ALL = 29  # rows of a screen on which all tall actions fit
SHEET_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-broad")]
ACTIONS = (
    ("a", "assign"),
    ("r", "reconnect"),
    ("l", "lend"),
    ("p", "probe"),
    ("u", "unpair"),
    ("A", "reset"),
)


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the list of actions."""

    name: str
    key: str
    words: str
    enabled: bool


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


def first_choice(actions: Sequence[Action]) -> int:
    """Where the cursor begins: never on the reset of the adapter, while everything else is grey."""
    return next((i for i, one in enumerate(actions) if one.enabled and one.name != "reset"), 0)


def option(key: str, words: str, name: str, enabled: bool, tall: bool) -> Option:
    """A row of a list; three rows where fingers press it. Names of devices are not markup."""
    line = f" {key:<2} {words}" if key else f" {words}"
    return Option(Content(f"\n{line}\n" if tall else line), id=name, disabled=not enabled)


class ActionList(OptionList):
    """Rows of which the chosen one has a mark as well as a colour."""

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the mark."""
        super().watch_highlighted(highlighted)
        for i, one in enumerate(self.options):
            body = str(one.prompt).strip("\n")
            marked = (">" if i == highlighted else " ") + body[1:]
            if marked != body:
                tall = str(one.prompt).startswith("\n")
                self.replace_option_prompt_at_index(i, Content(f"\n{marked}\n" if tall else marked))


class SheetHead(Drawing[str]):
    """Title and the way out; a tap on it closes the sheet."""

    DEFAULT_CSS = "SheetHead { height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        out = row((say("frames-close"), "label"))
        line = ends(row((value, "title")), out, cells)
        return [*[BLANK] * (height // 2), line]

    def on_click(self, event: events.Click) -> None:
        """Away."""
        event.stop()
        self.screen.dismiss()


class DeviceSheet(ModalScreen[None]):
    """Over the place: what can be done with a device, and everything about it."""

    SCOPED_CSS = False
    HORIZONTAL_BREAKPOINTS = SHEET_WIDTHS
    DEFAULT_CSS = """
    .-kiosk SheetHead { height: 3; }
    DeviceSheet .device-parts { height: auto; layout: vertical; }
    DeviceSheet OptionList { width: 1fr; }
    DeviceSheet .device-facts { height: auto; max-height: 76vh; scrollbar-size-vertical: 1; }
    DeviceSheet.-narrow .device-facts { max-height: 50vh; }
    DeviceSheet.-broad .device-parts { layout: horizontal; }
    DeviceSheet.-broad OptionList { width: 42; }
    DeviceSheet.-broad .device-facts { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,8", "dismiss", show=False, id="device.close"),
        *(Binding(key, f"act('{name}')", show=False, id=f"device.{name}") for key, name in ACTIONS),
        Binding("pageup", "scroll_facts(-1)", show=False, priority=True, id="device.facts-up"),
        Binding("pagedown", "scroll_facts(1)", show=False, priority=True, id="device.facts-down"),
    ]

    def __init__(self, look: Callable[[], DetailValue], act: Callable[[str], None]) -> None:
        super().__init__()
        self._look = look
        self._act = act
        self._shown: tuple[Action, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, actions, facts."""
        value = self._look()
        with Vertical(classes="sheet -wide"):
            yield SheetHead(value.view.name if value.view else "")
            with Container(classes="device-parts"):
                yield ActionList()
                with VerticalScroll(classes="device-facts", can_focus=False):
                    yield DeviceDetail(value, classes="-whole")

    def on_mount(self) -> None:
        """Keep looking: ages and states move on."""
        rows = self.query_one(OptionList)
        if self.app.has_class("-kiosk") and self.app.size.height < LEAST_FOR_ALL:
            rows.styles.max_height = 9  # the rest is reached by scrolling, so that facts have rows too
        self.look_again()
        rows.focus()
        self.set_interval(LOOK_S, self.look_again)

    def look_again(self) -> None:
        """The newest state of the device; it closes when the device is gone."""
        if not (self.is_attached and self.query(DeviceDetail)):
            return  # still being made, or gone already
        value, detail = self._look(), self.query_one(DeviceDetail)
        if value.view is None:
            self.dismiss()
            return
        before = len(detail_rows(detail.value, detail.size.width, detail.glyphs)) if detail.value else 0
        detail.show(value)
        if len(detail_rows(value, detail.size.width, detail.glyphs)) != before:
            detail.refresh(layout=True)
        self._fill(actions_of(value.view))

    def _fill(self, actions: tuple[Action, ...]) -> None:
        """Write the list anew only when it says something else; the cursor stays."""
        if actions == self._shown:
            return
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        at, self._shown = rows.highlighted, actions
        rows.clear_options()
        rows.add_options([option(a.key, a.words, a.name, a.enabled, tall) for a in actions])
        rows.highlighted = first_choice(actions) if at is None else at

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
        facts = self.query_one(".device-facts")
        facts.scroll_relative(y=step * max(1, facts.size.height - 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet closes it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss()


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
