"""A page of sentences and rows that may be longer than the screen."""

from typing import TypeVar

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, Span, title_rule

Value = TypeVar("Value")


class Scrolled(Drawing[Value]):
    """Title rule, then lines from `top` on. Subclasses give title, facts and lines."""

    top = 0  # of this page; another page begins at its beginning

    def title(self, value: Value) -> str:
        """What the page is."""
        raise NotImplementedError

    def known(self, value: Value) -> list[Span]:
        """Facts at the right end of the title."""
        return []

    def lines(self, value: Value, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Everything below the title."""
        raise NotImplementedError

    def draw(self, value: Value, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """What fits; the title tells of more above or below."""
        lines, room = self.lines(value, cells, glyphs), max(1, height - 1)
        top = max(0, min(self.top, len(lines) - room))
        known = self.known(value)
        if len(lines) > room:
            shown = say("regs-lines", first=top + 1, last=min(len(lines), top + room), all=len(lines))
            known = [(shown, "number"), *known]
        return [title_rule(self.title(value), known, cells, glyphs), *lines[top:]]

    def scroll_lines(self, by: int) -> None:
        """So many lines further, or back."""
        if self.value is None:
            return
        cells, height = self.size
        most = max(0, len(self.lines(self.value, cells, self.glyphs)) - max(1, height - 1))
        self.top = max(0, min(min(self.top, most) + by, most))
        self.redraw()

    @property
    def room(self) -> int:
        """Lines that fit."""
        return max(1, self.size.height - 1)
