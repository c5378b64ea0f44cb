"""The pages of a sheet: a word each, to tap or to walk."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


@dataclass(frozen=True, slots=True)
class SheetTabsValue:
    """Names of messages, and the page on show."""

    pages: tuple[str, ...]
    shown: str


class SheetTabs(Drawing[SheetTabsValue]):
    """One row; the page on show stands in brackets as well as in colour. Three rows high for fingers."""

    DEFAULT_CSS = """
    SheetTabs { height: 1; width: 1fr; }
    .-kiosk SheetTabs { height: 3; }
    """

    class Chosen(Message):
        """A page was tapped."""

        def __init__(self, page: str) -> None:
            super().__init__()
            self.page = page

    def draw(self, value: SheetTabsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """` [ Unit ]   Sources   Why? `."""
        line = row(*((text, role) for text, role, _ in _pieces(value)))
        return [line if y == height // 2 else () for y in range(height)]

    def on_click(self, event: events.Click) -> None:
        """The page under the finger; the sheet stays."""
        event.stop()
        x = 0
        for text, _, page in _pieces(self.value) if self.value else ():
            if x <= event.x < x + len(text):
                self.post_message(self.Chosen(page))
            x += len(text)


def _pieces(value: SheetTabsValue) -> list[tuple[str, str, str]]:
    pieces = []
    for page in value.pages:
        word, chosen = say(page), page == value.shown
        pieces.append((f"[ {word} ]" if chosen else f"  {word}  ", "selection" if chosen else "text", page))
    return pieces
