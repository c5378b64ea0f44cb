"""The base of everything that moves: a widget that repaints only the lines that changed."""

from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.style.glyphs import GLYPHS, GlyphSet
from tui.style.themes import role_styles
from tui.widgets.rows import Row, fit, fit_block

Value = TypeVar("Value")


class Drawing(Widget, Generic[Value]):
    """Draws one frozen value as rows. Subclasses say how in `draw`; they keep no other state."""

    DEFAULT_CSS = "Drawing { width: 1fr; height: 1fr; }"

    def __init__(
        self, value: Value | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.value = value
        self._rows: list[Row] = []
        self._drawn_for: tuple[int, int, str] = (0, 0, "")

    def draw(self, value: Value, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The value as rows; the caller cuts and fills them to the size."""
        raise NotImplementedError

    @property
    def glyphs(self) -> GlyphSet:
        """The glyph set of the app, or everything when there is none."""
        return getattr(self.app, "glyph_set", None) or GLYPHS["full"]

    def show(self, value: Value) -> None:
        """Take a new value and repaint the lines that it changes."""
        self.value = value
        cells, height = self.size
        if not cells or not height:
            if self._rows:
                self.redraw()  # hidden: what it drew before must not be seen again when it comes back
            return
        old = self._rows
        rows = self._draw_now(cells, height)
        if len(old) != len(rows):
            self.refresh()
            return
        changed = [y for y, (a, b) in enumerate(zip(old, rows, strict=True)) if a != b]
        if changed:
            self.refresh(*(Region(0, y, cells, 1) for y in changed))

    def redraw(self) -> None:
        """Glyphs, theme or language changed: draw everything anew."""
        self._rows = []
        self.refresh()

    def _draw_now(self, cells: int, height: int) -> list[Row]:
        lines = [] if self.value is None else self.draw(self.value, cells, height, self.glyphs)
        self._rows = fit_block(lines, cells, height)
        self._drawn_for = (cells, height, self.glyphs.name)
        return self._rows

    def render_line(self, y: int) -> Strip:
        """One line as Textual wants it."""
        cells, height = self.size
        if self._drawn_for != (cells, height, self.glyphs.name) or not self._rows:
            self._draw_now(cells, height)
        line = self._rows[y] if y < len(self._rows) else fit((), cells)
        styles = role_styles(self.app.theme)
        base = self.rich_style
        plain = Style.null()
        return Strip([Segment(text, base + styles.get(role, plain)) for text, role in line], cells)
