"""The last line: what can be pressed, and tapped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual import events

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row

FINGER_CELLS = 9  # and three rows: about 14 by 9 mm on a seven-inch screen
MORE = "more"  # stands for an action: the next page of buttons

Piece = tuple[str, str, str]  # text, role, action


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key: what to press, what it does in a long and a short word, and the action behind a tap.

    `rank` 0 always stays, if need be without its word; of the others the highest goes first.
    """

    key: str
    long: str
    short: str
    action: str
    rank: int = 0


Words = Callable[[KeyHint], str]


class KeyBar(Drawing[tuple[KeyHint, ...]]):
    """Keys with their meaning; a tap on one is the key. Three rows high it is made for fingers."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $bar; }"
    _page = 0  # of the buttons; another place begins with the first

    def draw(self, value: tuple[KeyHint, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The longest words with which everything fits; else the most needed keys."""
        keys = row(*((text, role) for text, role, _ in self._placed(value, cells, height)))
        blank = row(*((" " * len(text), role) for text, role in keys))
        return [blank if y != height // 2 else keys for y in range(height)]

    def _placed(self, hints: tuple[KeyHint, ...], cells: int, height: int) -> list[Piece]:
        return for_fingers(hints, cells, self._page) if height > 1 else for_keys(hints, cells)

    async def on_click(self, event: events.Click) -> None:
        """A tap runs the action of the key it hits."""
        x = 0
        for text, _, action in self._placed(self.value or (), *self.size):
            if x <= event.x < x + len(text) and action:
                await self._press(action)
                return
            x += len(text)

    async def _press(self, action: str) -> None:
        if action == MORE:
            self._page += 1
            self.redraw()
        else:
            await self.app.run_action(action)


def for_keys(hints: Sequence[KeyHint], cells: int) -> list[Piece]:
    """Text, role and action of each piece of a bar of one row, left to right."""
    tries = ([piece for hint in some for piece in _pieces(hint, words)] for some, words in _ways(hints))
    return next((pieces for pieces in tries if sum(len(text) for text, _, _ in pieces) <= cells), [])


def _ways(hints: Sequence[KeyHint]) -> Iterator[tuple[Sequence[KeyHint], Words]]:
    """Which keys with which words, from the roomiest way to the narrowest."""
    needed = sorted({hint.rank for hint in hints})
    yield hints, _long
    yield hints, lambda hint: hint.short if hint.rank else _long(hint)
    for rank in reversed(needed[1:] or needed):
        yield [hint for hint in hints if hint.rank <= rank], _short
    for rank in reversed(needed):
        yield [hint for hint in hints if hint.rank <= rank], lambda hint: hint.short if hint.rank else ""
    for count in range(len(hints), 0, -1):
        yield hints[:count], lambda hint: ""


def _long(hint: KeyHint) -> str:
    return f"{hint.long} "


def _short(hint: KeyHint) -> str:
    return hint.short


def _pieces(hint: KeyHint, words: Words) -> list[Piece]:
    pieces = (f" {hint.key} ", "bar-key", hint.action), (words(hint), "bar-title", hint.action)
    return [piece for piece in pieces if piece[0]]


def for_fingers(hints: Sequence[KeyHint], cells: int, page: int = 0) -> list[Piece]:
    """Buttons of one width with a gap between them, none narrower than a finger on a seven-inch screen.

    If there are more of them than fit, the last one turns the page; after the last page comes the first.
    """
    count = max(2, cells // (FINGER_CELLS + 1))
    if len(hints) <= count:
        return [piece for hint in hints for piece in _button(hint, cells // len(hints) - 1)]
    wide, pages = cells // count - 1, -(-len(hints) // (count - 1))
    first = page % pages * (count - 1)
    shown = hints[first : first + count - 1]
    blank: Piece = (" " * (wide + 1) * (count - 1 - len(shown)), "bar-title", "")
    more = KeyHint("", say("key-more"), say("key-more"), MORE)
    return [*(piece for hint in shown for piece in _button(hint, wide)), blank, *_button(more, wide)]


def _button(hint: KeyHint, cells: int) -> list[Piece]:
    word = hint.long if len(hint.long) <= cells else hint.short
    return [(word.center(cells)[:cells], "bar-button", hint.action), (" ", "bar-title", "")]
