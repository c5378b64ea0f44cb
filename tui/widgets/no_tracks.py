"""What a place shows while there is no track: why, and what to do."""

from tui.locale import say
from tui.model.fleet import EngineLink
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.link_badge import cause_rows
from tui.widgets.rows import BLANK, Row, row, wrap


class NoTracks(Drawing[EngineLink]):
    """A sentence in the middle of an empty place."""

    DEFAULT_CSS = "NoTracks { display: none; padding: 1 2; }"

    def draw(self, value: EngineLink, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Looking for the engine; or what is wrong with it."""
        title = [row((line, "title")) for line in wrap(say("engine-looking"), cells)]
        return [*title, BLANK, *cause_rows(value.cause, min(cells, 76))]
