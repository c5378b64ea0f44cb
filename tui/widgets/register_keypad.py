"""Keys on the screen, for fingers: digits for a number, letters for a word that must be typed."""

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import button_rows
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, beside

NUMBER_KEYS = "1234567890.-"
DELETE = "\b"
ROW_KEYS = 7
KEY_ROWS = 3


def keys_for(word: str) -> str:
    """The letters of a word, sorted, and a few more: it must be typed, not tapped through."""
    return "".join(sorted(set(word.casefold()) | set("aeinrt")))


class Keypad(Drawing[str]):
    """One key a character, and one that takes the last one away."""

    SCOPED_CSS = False
    DEFAULT_CSS = "Keypad { display: none; } .-kiosk Keypad { display: block; }"

    class Typed(Message):
        """A key was tapped."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, keys: str) -> None:
        super().__init__(keys)
        rows = -(-(len(keys) + 1) // ROW_KEYS)
        self.styles.height = rows * KEY_ROWS

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rows of framed keys."""
        wide, keys, rows = cells // ROW_KEYS, [*value, DELETE], list[Row]()
        for at in range(0, len(keys), ROW_KEYS):
            blocks = []
            for key in keys[at : at + ROW_KEYS]:
                word = say("regs-delete") if key == DELETE else say("regs-space") if key == " " else key
                blocks.append((button_rows(word, wide - 1, KEY_ROWS, False, glyphs), wide))
            rows += beside(blocks)
        return rows

    def on_click(self, event: events.Click) -> None:
        """The key under the finger."""
        event.stop()
        wide = self.size.width // ROW_KEYS
        at = event.y // KEY_ROWS * ROW_KEYS + min(ROW_KEYS - 1, event.x // max(1, wide))
        keys = [*(self.value or ""), DELETE]
        if at < len(keys):
            self.post_message(self.Typed(keys[at]))


def typed(text: str, key: str) -> str:
    """The text after that key."""
    return text[:-1] if key == DELETE else text + key
