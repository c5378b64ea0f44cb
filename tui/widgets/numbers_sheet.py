"""A sheet with a few numbers to type in: every key is checked, nothing happens until Enter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.locale import say
from tui.style.glyphs import GLYPHS, GlyphSet
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.drawing import Drawing
from tui.widgets.estimate_words import milliohm
from tui.widgets.rows import Row, row
from tui.widgets.sheet import SheetHead
from tui.widgets.simulation_words import number
from tui.widgets.threshold_sheet import CheckLine, HelpLines, UnitWords

Numbers = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class NumberField:
    """One line. `label` names its word; an optional one may stay empty."""

    name: str
    label: str
    value: float | None
    low: float
    high: float
    unit: str = ""
    is_whole: bool = False
    is_optional: bool = False

    @property
    def range_words(self) -> str:
        """`0.1 to 10000`."""
        return say("sim-range", low=number(self.low), high=number(self.high))


def read_number(text: str, field: NumberField) -> tuple[float | None, str]:
    """What was typed, and what is wrong with it in words; a decimal comma is a point."""
    said = text.strip().replace(",", ".").replace("\u2212", "-")
    if not said:
        return None, "" if field.is_optional else say(
            "sim-number-missing", name=say(field.label), range=field.range_words
        )
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (field.is_whole and value != int(value)):
        return None, say("sim-number-none", text=text.strip(), range=field.range_words)
    if not field.low <= value <= field.high:
        return None, say(
            "sim-number-outside", name=say(field.label), text=text.strip(), range=field.range_words
        )
    return value, ""


class FieldName(Drawing[str]):
    """The word before the line, all of one width."""

    DEFAULT_CSS = "FieldName { width: 18; height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """In the language of the moment."""
        return [*[row("")] * (height // 2), row((say(value), "label"))]


class NumbersSheet(ModalScreen[Numbers | None]):
    """Gives the number of every field, or `None` when nothing is to be done."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    NumbersSheet .number-line { height: 1; }
    NumbersSheet #numbers { height: auto; margin: 1 0; }
    NumbersSheet Input, NumbersSheet Input:focus {
        width: 12; height: 1; border: none; padding: 0 1; background: $bar; color: $foreground;
    }
    NumbersSheet Input:focus { background: $selection; color: $number; }
    .-kiosk NumbersSheet .number-line, .-kiosk NumbersSheet Input, .-kiosk NumbersSheet FieldName,
    .-kiosk NumbersSheet Buttons { height: 3; }
    .-kiosk NumbersSheet Input { padding: 1; }
    .-kiosk NumbersSheet UnitWords { height: 3; padding: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, id="numbers.close"),
        Binding("down", "app.focus_next", show=False, priority=True, id="numbers.down"),
        Binding("up", "app.focus_previous", show=False, priority=True, id="numbers.up"),
    ]

    def __init__(self, title: str, text: str, fields: Sequence[NumberField], do: str, done: str) -> None:
        """`do` names the button, `done` the sentence that says what Enter will do."""
        super().__init__()
        self._title, self._text, self._fields = title, text, tuple(fields)
        self._do, self._done = do, done

    def compose(self) -> ComposeResult:
        """What it is, a line for each number, what is wrong with them, buttons."""
        with Vertical(classes="sheet"):
            yield SheetHead(self._title)
            yield HelpLines(self._text)
            with Vertical(id="numbers"):
                for field in self._fields:
                    with Horizontal(classes="number-line"):
                        yield FieldName(field.label)
                        text = "" if field.value is None else number(field.value)
                        yield Input(text, id=f"number-{field.name}", select_on_focus=True)
                        unit = f" {field.unit}".rstrip().replace("mΩ", milliohm(self._glyphs))
                        yield UnitWords((f"{unit}   {field.range_words}", unit))
            yield CheckLine((self._done, "ok"))
            yield Buttons(ButtonsValue((self._do, "sim-cancel")))

    @property
    def _glyphs(self) -> GlyphSet:
        return getattr(self.app, "glyph_set", None) or GLYPHS["full"]

    def on_mount(self) -> None:
        """Type at once."""
        for line in self.query(Input):
            line.focus()
            break

    def _read(self) -> tuple[Numbers, str]:
        """All numbers, and the first thing that is wrong."""
        found: Numbers = {}
        for field in self._fields:
            text = self.query_one(f"#number-{field.name}", Input).value
            found[field.name], why = read_number(text, field)
            if why:
                return found, why
        return found, ""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key is looked at."""
        event.stop()
        line, (_, why) = self.query_one(CheckLine), self._read()
        line.show((why, "alarm") if why else (self._done, "ok"))
        line.refresh(layout=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes them, unless one is none."""
        event.stop()
        self._take()

    def _take(self) -> None:
        found, why = self._read()
        if why:
            self.app.bell()
            return
        self.dismiss(found)

    def action_leave(self) -> None:
        """As it was."""
        self.dismiss(None)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A tap on a button."""
        (self._take, self.action_leave)[message.index]()

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)
