"""Which track is on show, where only one fits: a tab a track, to tap or to walk with Tab."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row
from tui.widgets.status_band import track_words

EDGE = 1  # a blank, or a mark that there are more
Tab = tuple[str, str, str]  # text, role, track


@dataclass(frozen=True, slots=True)
class TabsValue:
    """Names of all tracks and the selected one."""

    tracks: tuple[str, ...]
    selected: str


class TrackTabs(Drawing[TabsValue]):
    """One row; the selected name stands in brackets as well as in colour."""

    DEFAULT_CSS = "TrackTabs { height: 1; width: 1fr; }"

    class Selected(Message):
        """A tab was tapped."""

        def __init__(self, track: str) -> None:
            super().__init__()
            self.track = track

    def draw(self, value: TabsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """` [ LEFT ]   RIGHT  `; of more than fit those around the selected one: `<  P8  [ P9 ] >`."""
        return [row(*((text, role) for text, role, _ in placed(value, cells)))]

    def on_click(self, event: events.Click) -> None:
        """Select the tab under the finger."""
        x = 0
        for text, _, name in placed(self.value, self.size.width) if self.value else ():
            if x <= event.x < x + len(text) and name:
                self.post_message(self.Selected(name))
            x += len(text)


def placed(value: TabsValue, cells: int) -> list[Tab]:
    """The tabs in sight, and a mark at each end beyond which there are more; tapped, it walks there."""
    tabs, room = _tabs(value), cells - 2 * EDGE
    if _cells(tabs) <= cells - EDGE:
        return [(" ", "text", ""), *tabs]
    chosen = next((n for n, name in enumerate(value.tracks) if name == value.selected), 0)
    first = next((n for n in range(chosen) if _cells(tabs[n : chosen + 1]) <= room), chosen)
    end = next((n for n in range(len(tabs), chosen, -1) if _cells(tabs[first:n]) <= room), chosen + 1)
    gap = " " * max(0, room - _cells(tabs[first:end]))
    before = ("<", "label", value.tracks[first - 1]) if first else (" ", "text", "")
    after = (f"{gap}>", "label", value.tracks[end]) if end < len(tabs) else (" ", "text", "")
    return [before, *tabs[first:end], after]


def _cells(tabs: list[Tab]) -> int:
    return sum(len(text) for text, _, _ in tabs)


def _tabs(value: TabsValue) -> list[Tab]:
    tabs = []
    for name in value.tracks:
        word = track_words(name).upper()
        chosen = name == value.selected
        tabs.append((f"[ {word} ]" if chosen else f"  {word}  ", "selection" if chosen else "text", name))
    return tabs
