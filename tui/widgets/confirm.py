"""A question with yes and no, no being the answer of whoever is in a hurry; and the buttons of sheets."""

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, beside, row, wrap

LEAST_CELLS = 12
FRAMED_ROWS = 3


@dataclass(frozen=True, slots=True)
class ButtonsValue:
    """Messages that name the buttons, and which one Enter presses."""

    words: tuple[str, ...]
    at: int = 0


class Buttons(Drawing[ButtonsValue]):
    """Buttons side by side; three rows high where fingers press them."""

    DEFAULT_CSS = "Buttons { height: 1; }"

    class Pressed(Message):
        """A button was tapped."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def draw(self, value: ButtonsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """`[ Yes ]  > No <`: the one that Enter presses has marks as well as a colour."""
        if not value.words:
            return []
        wide = button_cells(value, cells)
        blocks = [
            (button_rows(say(word), wide, height, i == value.at, glyphs), wide + 1)
            for i, word in enumerate(value.words)
        ]
        return beside(blocks)

    def on_click(self, event: events.Click) -> None:
        """Press the one under the finger."""
        event.stop()
        if self.value is not None and self.value.words:
            at, beside = divmod(event.x, button_cells(self.value, self.size.width) + 1)
            if at < len(self.value.words) and beside < button_cells(self.value, self.size.width):
                self.post_message(self.Pressed(at))


def button_rows(word: str, cells: int, height: int, chosen: bool, glyphs: GlyphSet) -> list[Row]:
    """One button: in brackets, or in a frame where there is room for one."""
    marked, role = (f"> {word} <", "selection") if chosen else (f"[ {word} ]", "number")
    if height < FRAMED_ROWS:
        return [row(((marked if len(marked) <= cells else word).center(cells)[:cells], role))]
    inside = [""] * (height - 2)
    inside[len(inside) // 2] = marked if chosen and len(marked) + 2 <= cells else word
    edge = role if chosen else "rule"
    sides = [
        row((glyphs.pipe, edge), (line.center(cells - 2)[: cells - 2], role), (glyphs.pipe, edge))
        for line in inside
    ]
    return [row((glyphs.box_top(cells), edge)), *sides, row((glyphs.box_bottom(cells), edge))]


def button_cells(value: ButtonsValue, cells: int) -> int:
    """All of one width, over the whole sheet."""
    return max(1, min(cells // len(value.words), max(LEAST_CELLS, cells // 2)) - 1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in words, with what comes of a yes."""

    title: str
    text: str = ""


class QuestionText(Drawing[Question]):
    """As high as it needs."""

    DEFAULT_CSS = "QuestionText { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it."""
        return len(question_rows(self.value, width)) if self.value is not None else 1

    def draw(self, value: Question, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, then what it means."""
        return question_rows(value, cells)


def question_rows(question: Question, cells: int) -> list[Row]:
    """Whole words in lines."""
    title = [row((line, "title")) for line in wrap(question.title, cells)]
    text = [row((line, "warn")) for line in wrap(question.text, cells)]
    return [*title, BLANK, *text, *([BLANK] if text else [])]


class Confirm(ModalScreen[bool]):
    """Yes or no. Enter presses the chosen button, which is No to begin with; Esc and a tap outside are No."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    .-kiosk Confirm Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,o", "answer(True)", show=False, id="confirm.yes"),
        Binding("n,escape,q", "answer(False)", show=False, id="confirm.no"),
        Binding("left,right,tab,shift+tab,h,l", "other", show=False, id="confirm.other"),
        Binding("enter,space", "press", show=False, id="confirm.press"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and its two buttons."""
        with Vertical(classes="sheet"):
            yield QuestionText(self._question)
            yield Buttons(ButtonsValue(("confirm-yes", "confirm-no"), at=1))

    def action_answer(self, answer: bool) -> None:
        """Close with it."""
        self.dismiss(answer)

    def action_other(self) -> None:
        """The other button."""
        buttons = self.query_one(Buttons)
        if buttons.value is not None:
            buttons.show(replace(buttons.value, at=1 - buttons.value.at))

    def action_press(self) -> None:
        """Whatever is chosen."""
        value = self.query_one(Buttons).value
        self.dismiss(value is not None and value.at == 0)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A tap on a button."""
        self.dismiss(message.index == 0)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet is No."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(False)
