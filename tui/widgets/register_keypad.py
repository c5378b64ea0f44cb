"""Keys on the screen, for fingers: digits for a number, letters for a word, a whole keyboard for a name."""

from textual import events
from textual.message import Message

from tui.locale import language, say
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import button_rows
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, beside, row

NUMBER_KEYS = "1234567890.-"
DATE_KEYS = "1234567890-"
DELETE = "\b"
CAPITALS, SYMBOLS = "\x0e", "\x0f"  # keys that change what the others are
KEYBOARD = "keyboard"  # instead of single keys
ROWS = {"en": ("qwertyuiop", "asdfghjkl ", "zxcvbnm"), "fr": ("azertyuiop", "qsdfghjklm", "wxcvbn ")}
SIGNS = ("1234567890", "-_/~:@+,;=", "().#%& ")
ROW_KEYS, BOARD_KEYS = 7, 10
KEY_ROWS, PLAIN_ROWS = 3, 2
NARROW = 60
WORDS = {DELETE: "regs-delete", " ": "regs-space", CAPITALS: "regs-key-capitals"}


def keys_for(word: str) -> str:
    """The letters of a word, sorted, and a few more: it must be typed, not tapped through."""
    return "".join(sorted(set(word.casefold()) | set("aeinrt")))


def keyboard(*, capitals: bool = False, signs: bool = False) -> str:
    """Thirty keys: letters as they lie on the keyboards of the language, or digits and signs."""
    rows = SIGNS if signs else ROWS.get(language(), ROWS["en"])
    keys = "".join((*rows[:2], CAPITALS, rows[2], SYMBOLS))
    return keys.upper() if capitals else keys


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
        super().__init__(keyboard() if keys == KEYBOARD else keys)

    def on_mount(self) -> None:
        """As high as its rows."""
        rows = -(-(len(self.value or "") + 1) // self._row_keys)
        self.styles.height = rows * self._key_rows

    @property
    def _row_keys(self) -> int:
        return BOARD_KEYS if SYMBOLS in (self.value or "") else ROW_KEYS

    @property
    def _key_rows(self) -> int:
        """Of a keyboard on a narrow screen there is no room for frames."""
        return PLAIN_ROWS if self._row_keys == BOARD_KEYS and self.app.size.width < NARROW else KEY_ROWS

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rows of framed keys."""
        wide, keys, rows = cells // self._row_keys, [*value, DELETE], list[Row]()
        for at in range(0, len(keys), self._row_keys):
            words = [key_word(key, value) for key in keys[at : at + self._row_keys]]
            if self._key_rows == PLAIN_ROWS:
                rows += [row(*((word.center(wide)[:wide], "number") for word in words)), BLANK]
                continue
            rows += beside([(button_rows(word, wide - 1, KEY_ROWS, False, glyphs), wide) for word in words])
        return rows

    def on_click(self, event: events.Click) -> None:
        """The key under the finger."""
        event.stop()
        value, wide = self.value or "", self.size.width // self._row_keys
        at = event.y // self._key_rows * self._row_keys + min(self._row_keys - 1, event.x // max(1, wide))
        keys = [*value, DELETE]
        if at >= len(keys):
            return
        if keys[at] == CAPITALS:
            self.show(keyboard(capitals=not value[0].isupper()))
        elif keys[at] == SYMBOLS:
            self.show(keyboard(signs=not value[0].isdigit()))
        else:
            self.post_message(self.Typed(keys[at]))


def key_word(key: str, keys: str) -> str:
    """What stands on a key among these."""
    if key == SYMBOLS:
        return say("regs-key-letters" if keys[0].isdigit() else "regs-key-signs")
    if key == " " and SYMBOLS in keys:
        return say("regs-key-space")
    return say(WORDS[key]) if key in WORDS else key


def typed(text: str, key: str) -> str:
    """The text after that key."""
    return text[:-1] if key == DELETE else text + key
