"""The lists of the Simulator place: headings, rows, one chosen row that is always in sight."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events
from textual.message import Message

from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.rows import Row, row, wrap

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class ListValue(Generic[One]):
    """The rows, which one is chosen, which is the first on show. `nothing` stands there instead of none."""

    rows: tuple[One, ...] = ()
    at: int = 0
    top: int = 0
    nothing: str = ""
    is_old: bool = False

    def role(self, fresh: str) -> str:
        """What is not known any more is grey."""
        return "stale" if self.is_old else fresh


class RowTapped(Message):
    """A row was tapped."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class SimList(Drawing[ListValue[One]]):
    """Subclasses say which columns there are, and what stands in them."""

    CHOOSES = True

    def columns(self, cells: int) -> tuple[Column, ...]:
        """In the order of reading; those that do not fit go by rank."""
        raise NotImplementedError

    def heading(self, name: str) -> str:
        """Of a column, in the language of the moment."""
        raise NotImplementedError

    def cells_of(self, one: One, value: ListValue[One], glyphs: GlyphSet) -> dict[str, Cell]:
        """Every cell of one row."""
        raise NotImplementedError

    def draw(self, value: ListValue[One], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Headings and as many rows as fit."""
        if not value.rows:
            return [row((f" {line}", "label")) for line in wrap(value.nothing, cells - 2)]
        columns = plan(self.columns(cells), cells - 1)
        heads = {column.name: plain_cell(self.heading(column.name), "label") for column, _ in columns}
        first, room = self.first_shown(value, height - 1), max(0, height - 1)
        lines = []
        for i, one in enumerate(value.rows[first : first + room], first):
            mark = ">" if self.CHOOSES and i == value.at else " "
            lines.append(laid_out(columns, self.cells_of(one, value, glyphs), mark))
        return [laid_out(columns, heads), *lines]

    def first_shown(self, value: ListValue[One], room: int) -> int:
        """Which row is the first, so that the chosen one is in sight."""
        at = value.at if self.CHOOSES and value.at >= 0 else None
        return kept_in_sight(len(value.rows), value.top, at, max(1, room))

    def on_click(self, event: events.Click) -> None:
        """A tap chooses a row."""
        if self.CHOOSES and self.value is not None and event.y > 0:
            at = event.y - 1 + self.first_shown(self.value, self.size.height - 1)
            if at < len(self.value.rows):
                self.post_message(RowTapped(at))
