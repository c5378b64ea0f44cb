"""What to do here, in one line above the keys."""

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


class HintBar(Drawing[str]):
    """One quiet row."""

    DEFAULT_CSS = "HintBar { height: 1; width: 1fr; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The sentence; it stops at a ` · ` when it is too long."""
        text = value
        while len(text) + 1 > cells and " · " in text:
            text = text.rsplit(" · ", 1)[0]
        return [row((f" {text}", "label"))]
