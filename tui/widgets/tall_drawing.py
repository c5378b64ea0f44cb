"""A drawing that is as high as what it has to say: for sheets, and for what scrolls."""

from typing import TypeVar

from textual.geometry import Size

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row

Value = TypeVar("Value")


class TallDrawing(Drawing[Value]):
    """Subclasses say `rows`; the height follows."""

    DEFAULT_CSS = "TallDrawing { height: auto; }"
    _asked: tuple[int, int] = (0, 0)  # width, and the height that the layout was told

    def rows(self, value: Value, cells: int, glyphs: GlyphSet) -> list[Row]:
        """All of it."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are."""
        height = max(1, len(self.rows(self.value, width, self.glyphs))) if self.value is not None else 1
        self._asked = width, height
        return height

    def draw(self, value: Value, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """All of it."""
        return self.rows(value, cells, glyphs)

    def show(self, value: Value) -> None:
        """Take a new value; the layout hears of it only when the height changes."""
        super().show(value)
        cells, height = self._asked
        if not cells or len(self.rows(value, cells, self.glyphs)) != height:
            self.refresh(layout=True)

    def redraw(self) -> None:
        """Another language may need another height."""
        super().redraw()
        self.refresh(layout=True)
