"""Cell voltages as bars on one axis, so that they can be compared at a glance."""

from math import ceil, floor

from tui.locale import say
from tui.model.track import Track
from tui.model.units import CellStatus, cell_status
from tui.style.glyphs import GlyphSet
from tui.style.numbers import volts
from tui.widgets.rows import BLANK, Row, joined, row
from tui.widgets.view import TrackView

AXIS_CELLS = 6  # " 3.34 "
HALF_AXIS_MV = 20
GRID_MV = 10


def axis_mv(mv: tuple[int, ...]) -> tuple[int, int]:
    """Lower and upper end in mV: around the mean, never narrower than 40 mV, on whole 10 mV."""
    mean = sum(mv) / len(mv)
    half = max(HALF_AXIS_MV, max(mv) - min(mv))
    low = min(round((mean - half) / GRID_MV), floor(min(mv) / GRID_MV))
    high = max(round((mean + half) / GRID_MV), ceil(max(mv) / GRID_MV))
    return max(0, low * GRID_MV), high * GRID_MV


def cell_bars(view: TrackView, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
    """Bars of `height` rows, then a row of numbers and a row of marks; blank when nothing is known."""
    mv = view.track.cells.mv
    if not mv or height < 1:
        return [BLANK] * max(height + 2, 0)
    low, high = axis_mv(view.track.cells.sound_mv or mv)
    column = max(1, (cells - AXIS_CELLS) // len(mv))
    wide = max(1, column - 1) if column > 1 else 1
    bars = [glyphs.vbar((v - low) / (high - low), height) for v in mv]
    roles = [view.cell_role(_role(view.track, number)) for number in range(1, len(mv) + 1)]
    lines: list[Row] = []
    for y in range(height):
        label = volts(high / 1000, 2) if y == 0 else volts(low / 1000, 2) if y == height - 1 else ""
        spans: list[tuple[str, str]] = [(f" {label:<{AXIS_CELLS - 1}}", "label")]
        spans += [((bar[y] * wide).ljust(column), role) for bar, role in zip(bars, roles, strict=True)]
        lines.append(joined(spans))
    return [*lines, _numbers(view, column, wide), _marks(view, column, wide)]


def _role(track: Track, number: int) -> str:
    status = cell_status(track.cells.mv[number - 1] / 1000)
    if status is not CellStatus.NORMAL:
        return "alarm" if status is CellStatus.CRITICAL else "warn"
    return "balancing" if number in track.pack.balancing else "charge"


def _numbers(view: TrackView, column: int, wide: int) -> Row:
    """Numbers under the bars: the whole number where it fits, its last digit where not."""
    spans: list[tuple[str, str]] = [(" " * AXIS_CELLS, "text")]
    for number in range(1, len(view.track.cells.mv) + 1):
        text = str(number) if column > 2 else str(number % 10)
        spans.append((text.center(wide).ljust(column)[:column], "label"))
    return joined(spans)


def _marks(view: TrackView, column: int, wide: int) -> Row:
    """`!` out of range, `v` lowest, `^` highest, `B` balancing; with room for it also the value."""
    cells, balancing, role = view.track.cells, view.track.pack.balancing, view.cell_role("number")
    spans: list[tuple[str, str]] = [(" " * AXIS_CELLS, "text")]
    for number, mv in enumerate(cells.mv, 1):
        mark = _mark(view.track, number)
        if column >= 7:
            both = ("B" if number in balancing and mark != "B" and column >= 8 else "") + mark
            spans.append((f"{volts(mv / 1000, 3)}{both}".center(wide).ljust(column), role))
        else:
            spans.append((mark.center(wide).ljust(column), role))
    return joined(spans)


def _mark(track: Track, number: int) -> str:
    cells = track.cells
    if cell_status(cells.mv[number - 1] / 1000) is not CellStatus.NORMAL:
        return "!"
    if cells.spread_mv and number == cells.highest:
        return "^"
    if cells.spread_mv and number == cells.lowest:
        return "v"
    return "B" if number in track.pack.balancing else ""


def extremes(view: TrackView) -> Row:
    """`min 07 3.311   max 14 3.329 V`."""
    cells = view.track.cells
    low, high = cells.lowest_mv, cells.highest_mv
    if low is None or high is None:
        return _told_extremes(view)
    role = view.cell_role("number")
    return row(
        (f" {say('cells-min')} ", "label"),
        (f"{cells.lowest:02d} {volts(low / 1000, 3)}", role),
        (f"   {say('cells-max')} ", "label"),
        (f"{cells.highest:02d} {volts(high / 1000, 3)} V", role),
    )


def _told_extremes(view: TrackView) -> Row:
    """Where a unit tells no single cells it may still tell its lowest and highest."""
    pack, role = view.track.pack, view.role("number")
    spans: list[tuple[str, str]] = []
    for key, mv, name in (
        ("cells-min", pack.lowest_cell_mv, pack.lowest_cell),
        ("cells-max", pack.highest_cell_mv, pack.highest_cell),
    ):
        value = "--" if mv is None else f"{volts(mv / 1000, 3)} V"
        number = f"{name} " if name.isdecimal() and mv is not None else ""
        spans += [(f" {say(key)} ", "label"), (f"{number}{value}  ", role if mv is not None else "label")]
    return row(*spans)
