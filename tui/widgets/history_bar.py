"""The head of the History place: its views as tabs, and which stretch of time is on show."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row, width
from tui.widgets.status_band import track_words

Piece = tuple[str, str, str]  # text, role, action
VIEWS = ("chart", "table", "energy", "heat", "files")
BUSY_CELLS = 8


@dataclass(frozen=True, slots=True)
class BarValue:
    """The view, words for its stretch of time, and how long an answer has been awaited (0: not)."""

    view: str
    span: str = ""
    moment: str = ""
    following: bool = False
    busy_s: int = 0
    old: str = ""
    tracks: tuple[str, ...] = ()  # where one of them is on show
    track: str = ""


class HistoryBar(Drawing[BarValue]):
    """One row where both parts fit beside each other, else two."""

    DEFAULT_CSS = "HistoryBar { height: 1; width: 1fr; }"

    class Tapped(Message):
        """A part was tapped; `action` is what its key does."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def draw(self, value: BarValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """` [ Chart ]  Table  Energy …      < 24 h >  17 Oct 12:07 - now`."""
        return [
            row(*((text, role) for text, role, _ in line)) for line in placed(value, cells, height, glyphs)
        ]

    def on_click(self, event: events.Click) -> None:
        """Whatever is under the finger."""
        lines = placed(self.value, *self.size, self.glyphs) if self.value else []
        x = 0
        for text, _, action in lines[event.y] if event.y < len(lines) else ():
            if x <= event.x < x + len(text) and action:
                self.post_message(self.Tapped(action))
            x += len(text)


def rows_needed(value: BarValue, cells: int, glyphs: GlyphSet) -> int:
    """Two where tabs and time do not fit beside each other."""
    parts = _tabs(value), _tracks(value), _window(value, glyphs)
    return 1 if sum(_width(part) for part in parts) + 2 <= cells or not (parts[1] or parts[2]) else 2


def placed(value: BarValue, cells: int, height: int, glyphs: GlyphSet) -> list[list[Piece]]:
    """The pieces of each row."""
    tabs, tracks, right = _tabs(value), _tracks(value), _window(value, glyphs)
    if height > 1:
        return [tabs, _apart(tracks, right, cells)]
    return [_apart([*tabs, *tracks], right, cells)]


def _apart(left: list[Piece], right: list[Piece], cells: int) -> list[Piece]:
    """At the two ends of a row; side by side when there is nothing on the left."""
    gap = cells - _width(left) - _width(right)
    return [*left, (" " * max(0, gap), "text", ""), *right] if left and gap > 0 else [*left, *right]


def _tracks(value: BarValue) -> list[Piece]:
    pieces: list[Piece] = [("  ", "text", "")] if value.tracks else []
    for name in value.tracks:
        word = track_words(name).upper()
        chosen = name == value.track
        text = f"[ {word} ]" if chosen else f"  {word}  "
        pieces.append((text, "selection" if chosen else "text", f"track('{name}')"))
    return pieces


def _width(pieces: list[Piece]) -> int:
    return width(tuple((text, role) for text, role, _ in pieces))


def _tabs(value: BarValue) -> list[Piece]:
    tabs: list[Piece] = [(" ", "text", "")]
    for view in VIEWS:
        word = say(f"history-view-{view}")
        chosen = view == value.view
        text = f"[ {word} ]" if chosen else f" {word} "
        tabs.append((text, "selection" if chosen else "text", f"view('{view}')"))
    return tabs


def _window(value: BarValue, glyphs: GlyphSet) -> list[Piece]:
    pieces: list[Piece] = []
    if value.busy_s:
        pieces.append(
            (f" {say('history-busy', seconds=value.busy_s)} {_moving(value.busy_s, glyphs)} ", "warn", "")
        )
    elif value.old:
        pieces.append((f" {value.old} ", "warn", ""))
    if value.span:
        pieces += [
            (" [ ", "key", "range(-1)"),
            (value.span, "number", "range(1)"),
            (" ] ", "key", "range(1)"),
            (" < ", "key", "pan(-1)"),
            (value.moment, "text" if value.following else "number", "now"),
            (" > ", "key", "pan(1)"),
        ]
    return pieces


def _moving(seconds: int, glyphs: GlyphSet) -> str:
    """A bar without a known end: a block that wanders."""
    at = seconds % BUSY_CELLS
    return "".join(glyphs.block if x == at else glyphs.bar_empty for x in range(BUSY_CELLS))
