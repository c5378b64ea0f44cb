"""Numbers that can be read from across a room."""

from collections.abc import Sequence

from tui.style.glyphs import GlyphSet
from tui.widgets.rows import Row

ROWS = 5


def big_number(text: str, unit: str, role: str, glyphs: GlyphSet, wide: bool) -> list[Row]:
    """Five rows of block digits with the unit beside the last row."""
    lines = glyphs.digits(text, wide)
    return [
        ((line, role), (f" {unit}" if y == ROWS - 1 else " " * (len(unit) + 1), "label"))
        for y, line in enumerate(lines)
    ]


def digits_width(texts: Sequence[str], glyphs: GlyphSet, wide: Sequence[bool]) -> int:
    """Cells that these numbers take side by side, without units."""
    return sum(len(glyphs.digits(text, w)[0]) for text, w in zip(texts, wide, strict=True))
