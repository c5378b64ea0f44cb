"""The last line: what can be pressed, and tapped."""

from dataclasses import dataclass

from textual import events

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key: what to press, what it does in a long and a short word, and the action behind a tap."""

    key: str
    long: str
    short: str
    action: str


class KeyBar(Drawing[tuple[KeyHint, ...]]):
    """Keys with their meaning; a tap on one is the key."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $bar; }"

    def draw(self, value: tuple[KeyHint, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Long words where they fit, else short ones; what then does not fit is left out whole."""
        return [row(*((text, role) for text, role, _ in _placed(value, cells)))]

    async def on_click(self, event: events.Click) -> None:
        """A tap runs the action of the key it hits."""
        x = 0
        for text, _, action in _placed(self.value or (), self.size.width):
            if x <= event.x < x + len(text) and action:
                await self.app.run_action(action)
                return
            x += len(text)


def _placed(hints: tuple[KeyHint, ...], cells: int) -> list[tuple[str, str, str]]:
    """Text, role and action of each piece of the bar, left to right."""
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
