"""The last line: what can be pressed, and tapped."""

from dataclasses import dataclass

from textual import events

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row

FINGER_CELLS = 9  # and three rows: about 14 by 9 mm on a seven-inch screen


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key: what to press, what it does in a long and a short word, and the action behind a tap."""

    key: str
    long: str
    short: str
    action: str


class KeyBar(Drawing[tuple[KeyHint, ...]]):
    """Keys with their meaning; a tap on one is the key. Three rows high it is made for fingers."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $bar; }"

    def draw(self, value: tuple[KeyHint, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Long words where they fit, else short ones; what then does not fit is left out whole."""
        keys = row(*((text, role) for text, role, _ in _placed(value, cells, height)))
        blank = row(*((" " * len(text), role) for text, role in keys))
        return [blank if y != height // 2 else keys for y in range(height)]

    async def on_click(self, event: events.Click) -> None:
        """A tap runs the action of the key it hits."""
        x = 0
        for text, _, action in _placed(self.value or (), *self.size):
            if x <= event.x < x + len(text) and action:
                await self.app.run_action(action)
                return
            x += len(text)


def _placed(hints: tuple[KeyHint, ...], cells: int, height: int) -> list[tuple[str, str, str]]:
    """Text, role and action of each piece of the bar, left to right."""
    if height > 1:
        return _for_fingers(hints, cells)
    long = sum(len(h.key) + len(h.long) + 3 for h in hints) <= cells
    pieces: list[tuple[str, str, str]] = []
    used = 0
    for hint in hints:
        word = hint.long if long else hint.short
        size = len(hint.key) + len(word) + (3 if long else 2)
        if used + size > cells:
            break
        pieces.append((f" {hint.key} ", "bar-key", hint.action))
        pieces.append((word + (" " if long else ""), "bar-title", hint.action))
        used += size
    return pieces


def _for_fingers(hints: tuple[KeyHint, ...], cells: int) -> list[tuple[str, str, str]]:
    """Buttons of one width with a gap between them, none narrower than a finger on a seven-inch screen."""
    fitting = hints[: max(1, cells // (FINGER_CELLS + 1))]
    wide = cells // len(fitting) - 1
    pieces: list[tuple[str, str, str]] = []
    for hint in fitting:
        word = hint.long if len(hint.long) <= wide else hint.short
        pieces += [(word.center(wide)[:wide], "bar-button", hint.action), (" ", "bar-title", "")]
    return pieces
