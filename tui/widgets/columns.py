"""A table of columns in whatever width there is: what does not fit beside goes below, nothing is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.widgets.rows import Row, row, width

GAP, LEAST_GAP = 2, 1


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and one cell per row."""

    title: str
    cells: tuple[Row, ...]
    right: bool = False

    @property
    def wide(self) -> int:
        """Cells of its widest part."""
        return max([len(self.title), *(width(cell) for cell in self.cells)])


def table(columns: Sequence[Column], cells: int, indent: int = 1) -> list[Row]:
    """Headings and rows. The first column names the row and stands alone before what goes below."""
    if not columns:
        return []
    gap, below = GAP, indent + columns[0].wide + GAP
    groups = grouped(columns, cells - indent)
    if len(groups) > 1 and len(grouped(columns, cells - indent, LEAST_GAP)) == 1:
        gap, groups = LEAST_GAP, [list(columns)]
    elif len(groups) > 2:
        below = indent + GAP  # narrow: what goes below gets the room
        groups = grouped(columns, cells - indent, below=GAP)
    lines: list[Row] = []
    for i in range(-1, max((len(column.cells) for column in columns), default=0)):
        for nth, group in enumerate(groups):
            line = row(" " * (below if nth else indent))
            for at, column in enumerate(group):
                cell = row((column.title, "label")) if i < 0 else column.cells[i]
                fill = " " * (column.wide - width(cell))
                line += (*row(fill), *cell) if column.right else (*cell, *row(fill))
                line += row(" " * gap) if at + 1 < len(group) else ()
            lines.append(line)
    return lines


def grouped(
    columns: Sequence[Column], cells: int, gap: int = GAP, below: int | None = None
) -> list[list[Column]]:
    """As many columns in each line as fit, in their order; `below`: where the later lines begin."""
    if below is None:
        below = columns[0].wide + gap
    groups: list[list[Column]] = []
    used = 0
    for column in columns:
        if groups and used + gap + column.wide <= cells:
            groups[-1].append(column)
            used += gap + column.wide
        else:
            used = column.wide + (below if groups else 0)
            groups.append([column])
    return groups
