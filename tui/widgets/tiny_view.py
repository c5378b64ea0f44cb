"""When the window is too small for anything else: a sentence and the main figures, never an empty screen."""

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.style.numbers import amps, percent, volts
from tui.widgets.drawing import Drawing
from tui.widgets.link_badge import mark
from tui.widgets.rows import Row, row, wrap
from tui.widgets.status_band import track_words
from tui.widgets.view import TrackView


class TinyView(Drawing[tuple[TrackView, ...]]):
    """State of charge, voltage, current and state of each track, and how to see more."""

    def draw(self, value: tuple[TrackView, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Two rows a track, then the sentence."""
        lines: list[Row] = []
        for view in value:
            pack = view.track.pack
            state = f"{mark(view.state, glyphs)} {say(f'state-{view.state}')}"
            lines.append(row((f"{track_words(view.track.name)} {state}", view.role("title"))))
            text = (
                f"{percent(view.track.soc_pct)} {volts(pack.pack_v, 2)} V {amps(pack.current_a, signed=True)}"
            )
            lines.append(row((f" {text}", view.role("number"))))
        return [*lines, *(row((line, "label")) for line in wrap(say("window-small"), cells))]
