"""The line between two cards; its top joins their title rules."""

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


class Divider(Drawing[bool]):
    """One cell wide."""

    DEFAULT_CSS = "Divider { width: 1; height: 1fr; }"

    def draw(self, value: bool, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A tee, then a line down."""
        return [row((glyphs.tee, "rule")), *[row((glyphs.pipe, "rule"))] * (height - 1)]
