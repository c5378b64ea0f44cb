"""Every cell of one track with its value, its distance from the mean, and words for what is special."""

from tui.locale import say
from tui.model.sample import Cells, is_possible_mv
from tui.model.units import cell_status
from tui.style.glyphs import GlyphSet
from tui.style.numbers import percent, volts
from tui.widgets.cell_bars import axis_mv, cell_bars
from tui.widgets.drawing import Drawing
from tui.widgets.link_badge import state_row, wire_row
from tui.widgets.rows import BLANK, Row, beside, ends, fit, flow, row
from tui.widgets.soc_bar import flow_role
from tui.widgets.track_card import (
    LABEL_CELLS,
    cells_row,
    flow_words,
    label,
    open_words,
    protection_words,
    switch_row,
    temperature_row,
    time_left,
    title_row,
    trouble_rows,
    without_cells,
)
from tui.widgets.trip_line import first_trip, trip_span
from tui.widgets.view import TrackView

LEAST_CELLS = 56  # a card narrower than this shows one track at a time
BARS_FROM = 30  # card height from which the bars are drawn above the table
BARS_ROWS = 8
LEAST_ROWS = 4  # fewer rows for the table than this are too few
NARROW, MEDIUM, WITH_BAR = 17, 21, 30  # widths of a column of cells


class CellTable(Drawing[TrackView]):
    """The Cells card of one track."""

    def draw(self, value: TrackView, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The card from the title rule down."""
        return cell_table(value, cells, height, glyphs)


def cell_table(view: TrackView, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
    """Figures, bars where there is room, the table, statistics, switches and the link."""
    inside = cells - 1  # one cell of air before the divider
    figures = [title_row(view, cells, glyphs), *_figures(view, inside, glyphs)]
    trouble = trouble_rows(view, inside)
    if not view.track.cells.mv:
        bottom = [BLANK, *_bottom(view, inside, glyphs), *trouble]
        told = without_cells(view, inside, glyphs)[: max(0, height - len(figures) - len(bottom) - 1)]
        return [*figures, BLANK, *told, *bottom]
    head = [*figures, BLANK, cells_row(view, inside, glyphs)]
    tail = [BLANK, *_statistics(view, inside), *_bottom(view, inside, glyphs), *trouble]
    bars: list[Row] = []
    if height >= BARS_FROM:
        bars = [*cell_bars(view, inside, BARS_ROWS, glyphs), BLANK]
    room = height - len(head) - len(bars) - len(tail)
    if room < LEAST_ROWS:  # blank rows are the first thing to go
        head, tail, room = [*figures, head[-1]], tail[1:], room + 2
    return [*head, *bars, *_table(view, inside, max(room, 1), glyphs), *tail]


def _figures(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """SOC and SOH, voltage, cycles, flow and time left (row CL-44)."""
    pack, role = view.track.pack, view.role("number")
    estimated = f" {say('figure-estimated')}" if view.track.soc_is_estimated else ""
    cycles = "--" if pack.cycles is None else str(pack.cycles)
    totals = [
        row((f"{say('figure-soc')} ", "label"), (percent(view.track.soc_pct), role), (estimated, "warn")),
        row((f"{say('figure-soh')} ", "label"), (percent(pack.soh_pct), role)),
        row((f"{volts(pack.pack_v, 2)} V", role)),
        row((f"{say('figure-cycles')} ", "label"), (cycles, role)),
    ]
    flowing = [row((flow_words(view, glyphs), view.role(flow_role(view)))), row(*time_left(view))]
    if (trip := first_trip(view)) is not None:
        flowing.append(row(trip_span(trip, view.now_s, glyphs)))
    return [*flow(totals, cells, 3), *flow([group for group in flowing if group], cells, 3)]


def _table(view: TrackView, cells: int, rows: int, glyphs: GlyphSet) -> list[Row]:
    """The cells in as many columns as the rows demand, filled downwards."""
    mv = view.track.cells.mv
    columns = -(-len(mv) // rows)
    rows = -(-len(mv) // columns)
    wide = (cells - 1) // columns
    blocks: list[tuple[list[Row], int]] = [([BLANK] * rows, 1)]
    for c in range(columns):
        numbers = range(c * rows + 1, min((c + 1) * rows, len(mv)) + 1)
        blocks.append(([_cell(view, n, wide, glyphs) for n in numbers], wide))
    return beside(blocks)


def _cell(view: TrackView, number: int, wide: int, glyphs: GlyphSet) -> Row:
    """`07  3.311 V  -9 mV  ████░░░  MIN`, as much of it as fits."""
    known = view.track.cells
    mv = known.mv[number - 1]
    role = _cell_role(view, number)
    spans: list[tuple[str, str]] = [
        (f"{number:02d} ", "label"),
        (volts(mv / 1000, 3), view.cell_role("number")),
    ]
    if wide >= NARROW:
        spans.append((f" {_away(known, mv):>4}", view.cell_role("text")))
    words = _words(view, number, wide)
    if wide >= WITH_BAR:
        low, high = axis_mv(known.sound_mv or known.mv)
        room = wide - 3 - 5 - 5 - 3 - 12
        spans.append((f"  {glyphs.hbar((mv - low) / (high - low), max(room, 1))} ", view.cell_role(role)))
    spans.append((f" {words}", view.cell_role(role)))
    return fit(tuple(spans), wide)


def _away(known: Cells, mv: int) -> str:
    """How far from the mean; of a cell that does not count nothing is known."""
    if known.mean_mv is None or not is_possible_mv(mv):
        return "--"
    away = mv - round(known.mean_mv)
    return f"{away:+d}" if away else "0"


def _words(view: TrackView, number: int, wide: int) -> str:
    """MAX, MIN, BAL and the status of the cell as words; colour is never the only sign (row CL-43)."""
    known = view.track.cells
    words = []
    if known.spread_mv and number == known.highest:
        words.append(say("word-max"))
    if known.spread_mv and number == known.lowest:
        words.append(say("word-min"))
    if number in view.track.pack.balancing:
        words.append(say("word-bal"))
    if number in known.open_wires:
        words.insert(0, say("word-open") if wide >= MEDIUM else "!")
    elif cell_status(known.mv[number - 1] / 1000) != "normal":
        words.append("!")
    return "".join(w[0] for w in words) if wide < MEDIUM and len(words) > 1 else " ".join(words)


def _cell_role(view: TrackView, number: int) -> str:
    """Row CL-43: highest red, lowest blue, the others green; balancing has a colour of its own."""
    known = view.track.cells
    if cell_status(known.mv[number - 1] / 1000) == "critical":
        return "alarm"
    if known.spread_mv and number == known.highest:
        return "cell-max"
    if known.spread_mv and number == known.lowest:
        return "cell-min"
    return "balancing" if number in view.track.pack.balancing else "ok"


def _statistics(view: TrackView, cells: int) -> list[Row]:
    """Max, min, largest deviation, cells balancing n/16 (row CL-43)."""
    known, role = view.track.cells, view.cell_role("number")
    low, high, mean = known.lowest_mv, known.highest_mv, known.mean_mv
    if low is None or high is None or mean is None:
        return [row((open_words(known.open_wires), view.cell_role("warn")))]
    worst = max(abs(mv - mean) for mv in (low, high))
    return flow(
        [
            row(
                (f"{say('word-max')} ", "label"),
                (f"{known.highest:02d} {volts(high / 1000, 3)}", role),
            ),
            row(
                (f"{say('word-min')} ", "label"),
                (f"{known.lowest:02d} {volts(low / 1000, 3)}", role),
            ),
            row((f"{say('cells-deviation')} ", "label"), (f"{worst:.0f} mV", role)),
            row(
                (f"{say('word-bal')} ", "label"), (f"{len(view.track.pack.balancing)}/{len(known.mv)}", role)
            ),
        ],
        cells,
    )


def _bottom(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    protections = (
        (protection_words(view), view.role("alarm"))
        if view.track.pack.protections
        else (say("protection-none"), view.role("text"))
    )
    link = row(label("link"), *state_row(view, glyphs, cells - LABEL_CELLS - 1))
    return [
        temperature_row(view),
        switch_row(view, cells),
        row(label("protection"), protections),
        ends(link, wire_row(view), cells),
    ]
