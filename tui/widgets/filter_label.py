"""The word before a line to type in."""

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


class FilterLabel(Drawing[str]):
    """Its value names the word."""

    DEFAULT_CSS = "FilterLabel { width: 9; height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One word."""
        return [row((f" {say(value)}", "key"))]
