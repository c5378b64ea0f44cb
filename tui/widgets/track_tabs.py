"""Which track is on show, where only one fits: a tab a track, to tap or to walk with Tab."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row
from tui.widgets.status_band import track_words


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
        """` [ LEFT ]   RIGHT  `."""
        return [row(" ", *((text, role) for text, role, _ in _tabs(value)))]

    def on_click(self, event: events.Click) -> None:
        """Select the tab under the finger."""
        x = 1
        for text, _, name in _tabs(self.value) if self.value else ():
            if x <= event.x < x + len(text):
                self.post_message(self.Selected(name))
            x += len(text)


def _tabs(value: TabsValue) -> list[tuple[str, str, str]]:
    tabs = []
    for name in value.tracks:
        word = track_words(name).upper()
        chosen = name == value.selected
        tabs.append((f"[ {word} ]" if chosen else f"  {word}  ", "selection" if chosen else "text", name))
    return tabs
