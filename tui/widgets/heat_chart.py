"""How far each cell is from the mean of its pack: a row a cell, a column a stretch of time."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.locale import say
from tui.model.history import HeatChart as Answered
from tui.model.history import HeatColumn
from tui.style.glyphs import GlyphSet
from tui.style.numbers import fixed
from tui.widgets.chart_axis import moment_words, time_ticks, write
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import kept_in_sight
from tui.widgets.history_chart import Frame, sentences
from tui.widgets.rows import Row, Span, joined, title_rule
from tui.widgets.status_band import track_words

LABEL_CELLS = 5
NEWEST_CELLS = 8
HEAD_ROWS, FOOT_ROWS = 1, 2
LEAST_MV = 5.0  # at the darkest shade, at least: noise must not look like a storm
STEPS_MV = (5.0, 10.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class HeatValue:
    """An answer, the stretch of time on show, the moment under the cursor."""

    heat: Answered | None = None
    from_ms: int = 0
    until_ms: int = 1
    cursor_ms: int | None = None
    top: int = 0
    why: tuple[str, ...] = ()


class HeatRows(Drawing[HeatValue]):
    """Above the mean and below it have shades of their own as well as colours of their own."""

    def draw(self, value: HeatValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rule with what the shades mean, cells, time axis."""
        if value.heat is None or value.why:
            return sentences(value.why, cells)
        heat = value.heat
        count = max((len(column.deviation_mv) for column in heat.columns), default=0)
        full = full_mv(heat.columns)
        room = max(1, height - HEAD_ROWS - FOOT_ROWS)
        first = kept_in_sight(count, value.top, None, room)
        known = [*_part(first, room, count), *_legend(full, glyphs)]
        title = title_rule(say("history-heat", track=track_words(heat.track)), known, cells, glyphs)
        if not count:
            return [title, *sentences((say("history-empty-heat"),), cells)]
        frame = Frame(
            max(2, cells - LABEL_CELLS - NEWEST_CELLS), value.from_ms, value.until_ms, heat.bucket_s * 1000
        )
        columns = [_column(heat, frame, x) for x in range(frame.cells)]
        cursor = frame.column(value.cursor_ms) if value.cursor_ms is not None else None
        told = columns[cursor] if cursor is not None and 0 <= cursor < frame.cells else heat.columns[-1]
        tall = max(1, min(2, room // count))
        lines = [title]
        for cell in range(first, min(count, first + room // tall)):
            newest = _at(told, cell)
            words = f"{fixed(newest, 0, signed=True):>{NEWEST_CELLS - 4}} mV " if newest is not None else ""
            for y in range(tall):
                spans: list[Span] = [(f" {cell + 1:02d}  " if not y else " " * LABEL_CELLS, "label")]
                spans += [
                    _shade(_at(columns[x], cell), full, x == cursor, y < tall - 1, glyphs)
                    for x in range(frame.cells)
                ]
                lines.append(joined([*spans, (words if not y else "", "number")]))
        return [*lines, *_axis(value, frame, cursor, glyphs)]


def full_mv(columns: Sequence[HeatColumn]) -> float:
    """What the darkest shade stands for: the next round number above the largest deviation."""
    largest = max((abs(mv) for one in columns for mv in one.deviation_mv if mv is not None), default=LEAST_MV)
    return next((step for step in STEPS_MV if step >= largest), largest)


def _part(first: int, room: int, count: int) -> list[Span]:
    """Which cells are on show, when not all of them are."""
    if count <= room:
        return []
    last = min(count, first + room)
    return [(say("history-heat-part", first=str(first + 1), last=str(last), total=str(count)), "number")]


def _legend(full: float, glyphs: GlyphSet) -> list[tuple[str, str]]:
    above, below = shades(glyphs)
    return [
        (f"{above[1:]} {say('history-above', mv=f'{full:.0f}')}", "cell-max"),
        (f"{below[1:]} {say('history-below', mv=f'{full:.0f}')}", "cell-min"),
    ]


def shades(glyphs: GlyphSet) -> tuple[str, str]:
    """From nothing to much: above the mean, and below it."""
    if glyphs.has("eighths"):
        return " ░▒▓█", " ▁▂▄▆"
    return (" ░▒█", " ·-=") if glyphs.has("latin1") else (" +x#", " .-=")


def _shade(mv: float | None, full: float, under: bool, upper: bool, glyphs: GlyphSet) -> Span:
    if mv is None:
        return (glyphs.pipe, "number") if under else (" ", "text")
    above, below = shades(glyphs)
    steps = above if mv >= 0 else below
    step = min(len(steps) - 1, round(abs(mv) / full * (len(steps) - 1)))
    if upper and mv < 0 and glyphs.has("eighths"):
        step = 0  # blocks rise from the lowest row of a cell
    if under:
        return (steps[step] if step else glyphs.pipe, "number")
    return steps[step], "cell-max" if mv >= 0 else "cell-min"


def _column(heat: Answered, frame: Frame, x: int) -> HeatColumn | None:
    """The column of a cell's moment, if one reaches so far."""
    at_ms = frame.time_ms(x)
    reach = max(heat.gap_s * 1000, frame.reach_ms)
    before = [one for one in heat.columns if one.start_ms <= at_ms]
    return before[-1] if before and at_ms - before[-1].start_ms < reach else None


def _at(column: HeatColumn | None, cell: int) -> float | None:
    return column.deviation_mv[cell] if column is not None and cell < len(column.deviation_mv) else None


def _axis(value: HeatValue, frame: Frame, cursor: int | None, glyphs: GlyphSet) -> list[Row]:
    ruler: list[Span] = [(glyphs.line, "rule")] * frame.cells
    words: list[Span] = [(" ", "label")] * frame.cells
    for tick in time_ticks(frame.from_ms, frame.until_ms, frame.cells):
        at = frame.column(tick.time_ms)
        ruler[at] = (glyphs.tee, "rule")
        write(words, at, tick.label, "label")
    if value.cursor_ms is not None and cursor is not None and 0 <= cursor < frame.cells:
        text = f" {moment_words(value.cursor_ms, (frame.until_ms - frame.from_ms) / 1000)} "
        write(words, cursor, text, "selection", over=True)
    margin: Span = (" " * LABEL_CELLS, "text")
    return [joined([margin, *ruler]), joined([margin, *words])]
