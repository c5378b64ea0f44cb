"""One line to type in, with its word before it; a secret one shows dots and tells nobody."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


class FieldLabel(Drawing[str]):
    """The word before the line."""

    DEFAULT_CSS = "FieldLabel { width: auto; height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One word, in the language of the moment."""
        return [row((f"{say(value)} ", "label"))]

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as the word."""
        return len(say(self.value or "")) + 1


class FormField(Horizontal):
    """A labelled line. What is typed into a secret one leaves it only through `take`."""

    DEFAULT_CSS = """
    FormField { height: 1; }
    FormField Input, FormField Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $bar; color: $foreground;
    }
    """

    class Submitted(Message):
        """Enter was pressed. It carries no text: whoever needs it takes it."""

    def __init__(self, label: str, *, secret: bool = False, example: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._secret = secret
        self._example = example

    def compose(self) -> ComposeResult:
        """Word and line."""
        yield FieldLabel(self._label)
        yield Input(password=self._secret, placeholder=self._example)

    @property
    def value(self) -> str:
        """What stands there now."""
        return self.query_one(Input).value

    def take(self) -> str:
        """What stands there, and empty the line."""
        line = self.query_one(Input)
        value, line.value = line.value, ""
        return value

    def on_input_changed(self, event: Input.Changed) -> None:
        """Messages with the text in them go no further: they might be logged."""
        event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The same for Enter."""
        event.stop()
        self.post_message(self.Submitted())
