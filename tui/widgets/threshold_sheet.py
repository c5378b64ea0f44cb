"""The sheet in which a person changes one limit: every key is checked, the old value stays until Enter."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.locale import say
from tui.model.alert import Threshold
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.drawing import Drawing
from tui.widgets.form_field import FieldLabel
from tui.widgets.rows import Row, row, wrap
from tui.widgets.sheet import SheetHead
from tui.widgets.threshold_table import limit_name, problem, range_words, shown

STEPS = (
    ("limits-step-less-10", -10),
    ("limits-step-less-1", -1),
    ("limits-step-more-1", 1),
    ("limits-step-more-10", 10),
)


class CheckLine(Drawing[tuple[str, str]]):
    """What is wrong with what was typed, or what will hold; the role says it in colour too."""

    DEFAULT_CSS = "CheckLine { height: auto; min-height: 2; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it."""
        return len(wrap(self.value[0], max(1, width - 2))) if self.value else 1

    def draw(self, value: tuple[str, str], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A mark, and the sentence."""
        words, role = value
        mark = glyphs.alarm if role == "alarm" else glyphs.ok
        return [
            row((f"{mark if i == 0 else ' '} {line}", role)) for i, line in enumerate(wrap(words, cells - 2))
        ]


class StepButtons(Buttons):
    """A little or much, less or more."""

    class Pressed(Buttons.Pressed):
        """A step was tapped."""


class ThresholdSheet(ModalScreen[tuple[int | None] | None]):
    """Gives a value, `(None,)` for the default, or `None` when nothing is to be changed."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ThresholdSheet .limit-line { height: 1; margin: 1 0; }
    ThresholdSheet Input, ThresholdSheet Input:focus {
        width: 10; height: 1; border: none; padding: 0 1; background: $bar; color: $foreground;
    }
    ThresholdSheet CheckLine { margin-bottom: 1; }
    ThresholdSheet StepButtons { display: none; }
    .-kiosk ThresholdSheet StepButtons { display: block; }
    .-kiosk ThresholdSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, id="limit.close"),
        Binding("up", "step(1)", show=False, priority=True, id="limit.more"),
        Binding("down", "step(-1)", show=False, priority=True, id="limit.less"),
        Binding("pageup", "step(10)", show=False, priority=True, id="limit.much-more"),
        Binding("pagedown", "step(-10)", show=False, priority=True, id="limit.much-less"),
        Binding("f8", "default", show=False, id="limit.default"),
    ]

    def __init__(self, one: Threshold, whose: str) -> None:
        super().__init__()
        self._one = one
        self._whose = whose

    def compose(self) -> ComposeResult:
        """What it is, the line to type in, what comes of it, buttons."""
        one = self._one
        with Vertical(classes="sheet"):
            yield SheetHead(f"{limit_name(one)} - {self._whose}")
            yield HelpLines(say(one.help))
            with Horizontal(classes="limit-line"):
                yield FieldLabel("limits-new")
                yield Input(str(one.value), id="limit-value", select_on_focus=True)
                yield UnitWords(
                    (
                        f" {one.unit}   {say('limits-range')} {range_words(one)}",
                        f" {one.unit} {range_words(one)}",
                    )
                )
            yield CheckLine(self._check(str(one.value)))
            yield StepButtons(ButtonsValue(tuple(name for name, _ in STEPS), at=-1))
            yield Buttons(ButtonsValue(("limits-save", "limits-default", "limits-cancel")), id="limit-do")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def _check(self, text: str) -> tuple[str, str]:
        one = self._one
        if why := problem(text, one):
            return why, "alarm"
        value = int(text.strip().replace("\u2212", "-"))
        if value == one.value:
            return say("limits-same", value=shown(value, one)), "label"
        return say("limits-will", old=shown(one.value, one), new=shown(value, one)), "ok"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key is looked at."""
        event.stop()
        line = self.query_one(CheckLine)
        line.show(self._check(event.value))
        line.refresh(layout=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes it, unless it is no value."""
        event.stop()
        self._save()

    def _save(self) -> None:
        text = self.query_one(Input).value
        if problem(text, self._one):
            self.app.bell()
            return
        value = int(text.strip().replace("\u2212", "-"))
        self.dismiss(None if value == self._one.value else (value,))

    def action_step(self, by: int) -> None:
        """A little more or less, inside the range."""
        line, one = self.query_one(Input), self._one
        value = one.value if problem(line.value, one) else int(line.value)
        line.value = str(min(max(value + by, one.low), one.high))

    def action_default(self) -> None:
        """Take the change back."""
        self.dismiss((None,))

    def action_leave(self) -> None:
        """As it was."""
        self.dismiss(None)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A tap on one of the three ends."""
        (self._save, self.action_default, self.action_leave)[message.index]()

    def on_step_buttons_pressed(self, message: StepButtons.Pressed) -> None:
        """A tap on a step: fingers have no keys for digits."""
        message.stop()
        self.action_step(STEPS[message.index][1])

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)


class HelpLines(Drawing[str]):
    """A sentence in as many rows as it needs."""

    DEFAULT_CSS = "HelpLines { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it."""
        return len(wrap(self.value or "", max(1, width)))

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Whole words."""
        return [row((line, "label")) for line in wrap(value, cells)]


class UnitWords(Drawing[tuple[str, ...]]):
    """What stands behind the line: the longest words that fit."""

    DEFAULT_CSS = "UnitWords { height: 1; width: 1fr; }"

    def draw(self, value: tuple[str, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        return [row((next((words for words in value if len(words) <= cells), ""), "label"))]
