"""System, first view: the figures of machine and engine, the health of the batteries, the self-tests."""

from collections.abc import Callable, Sequence

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.rows import BLANK, Row, beside, row, warned
from tui.widgets.system_checks import check_rows
from tui.widgets.system_figures import bus_rows, engine_rows, health_rows, machine_rows, thread_rows
from tui.widgets.system_value import SystemValue
from tui.widgets.tall_drawing import TallDrawing

TWO, SPLIT, THREE = 76, 98, 148  # cells: figures in two columns; tests beside them; three columns

Block = Callable[[SystemValue, int, GlyphSet], list[Row]]
Columns = Sequence[tuple[Sequence[Block], int]]


class Diagnostics(TallDrawing[SystemValue]):
    """As tall as it is; it scrolls."""

    def rows(self, value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Everything, or why there is nothing."""
        return diagnostics_rows(value, cells, glyphs)


def diagnostics_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Blocks below or beside each other, as the width has it."""
    trouble = _trouble(value, cells, glyphs)
    if value.figures is None:
        return trouble
    upper, lower = _plan(cells)
    return [*trouble, *_beside(value, upper, glyphs), *_stack(value, lower, cells, glyphs)]


def _plan(cells: int) -> tuple[Columns, Sequence[Block]]:
    """Which blocks stand beside each other, and which below these."""
    if cells >= THREE:
        third = cells // 3 - 4
        figures = (machine_rows, engine_rows, bus_rows), third
        return (figures, ((health_rows, thread_rows), third), ((check_rows,), cells - 2 * third)), ()
    if cells >= SPLIT:
        left = cells * 9 // 20
        blocks = machine_rows, engine_rows, health_rows, thread_rows, bus_rows
        return ((blocks, left), ((check_rows,), cells - left)), ()
    if cells >= TWO:
        half = cells // 2
        columns = ((machine_rows, bus_rows), half), ((engine_rows, thread_rows), cells - half)
        return columns, (health_rows, check_rows)
    order = machine_rows, engine_rows, health_rows, check_rows, thread_rows, bus_rows
    return ((order, cells),), ()


def _beside(value: SystemValue, columns: Columns, glyphs: GlyphSet) -> list[Row]:
    """Columns with a space between them; the last one goes to the edge."""
    last = len(columns) - 1
    return beside(
        [
            (_stack(value, blocks, cells - (i < last), glyphs), cells)
            for i, (blocks, cells) in enumerate(columns)
        ]
    )


def _stack(value: SystemValue, blocks: Sequence[Block], cells: int, glyphs: GlyphSet) -> list[Row]:
    return [line for block in blocks for line in block(value, cells, glyphs)]


def _trouble(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Why there is no newer answer; why there is none at all."""
    if not value.why:
        return [] if value.figures is not None else [BLANK, row((f" {say('system-waiting')}", "label"))]
    said = warned(value.why, cells, glyphs)
    return said if value.figures is not None else [BLANK, *said]
