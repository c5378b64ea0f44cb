"""The chart of the History place: panels one below the other on one time axis, with a cursor through all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.history import Bucket, Chart, Mark
from tui.style.glyphs import GlyphSet
from tui.widgets.chart import EMPTY, Cells, Field, Stroke, plotted
from tui.widgets.chart_axis import Scale, Tick, moment_words, scale_of, time_ticks, write
from tui.widgets.chart_panels import Line, Panel, bucket_at, panels_of, value_words
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, Span, fit, joined, row, width, wrap

AXIS_CELLS = 8  # left of the field
TAG_CELLS = 2  # right of it
AXIS_ROWS = 2  # below it
LEAST_ROWS, COARSE_ROWS = 5, 8  # of a panel with its title; where a row has no finer parts
GRID_EVERY = 4
GAP_WORDS_CELLS = 10  # a gap this wide is named


Plots = dict[tuple[str, Field, str], tuple[Panel, Cells]]


@dataclass(frozen=True, slots=True)
class ChartValue:
    """An answer, the part of it to show, and what a person chose."""

    chart: Chart | None = None
    from_ms: int = 0
    until_ms: int = 1
    tracks: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    cursor_ms: int | None = None
    focus: int = 0  # which panel must be seen
    alone: bool = False  # that panel only
    why: tuple[str, ...] = ()  # sentences instead of a chart


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things are: cells of the field, times at its edges."""

    cells: int
    from_ms: int
    until_ms: int
    bucket_ms: float = 0.0

    def column(self, time_ms: float) -> int:
        """The cell of a moment."""
        return round((time_ms - self.from_ms) / (self.until_ms - self.from_ms) * (self.cells - 1))

    def time_ms(self, column: int) -> int:
        """The moment of a cell."""
        return self.from_ms + round((self.until_ms - self.from_ms) * column / max(1, self.cells - 1))

    @property
    def column_ms(self) -> float:
        """How long a cell is."""
        return (self.until_ms - self.from_ms) / max(1, self.cells - 1)

    @property
    def reach_ms(self) -> float:
        """For how long a bucket speaks."""
        return max(self.bucket_ms, self.column_ms)


class HistoryChart(Drawing[ChartValue]):
    """Draws panels; a tap tells the moment under the finger, the wheel tells its direction."""

    class Pointed(Message):
        """A moment was tapped, in a panel."""

        def __init__(self, time_ms: int, panel: int) -> None:
            super().__init__()
            self.time_ms = time_ms
            self.panel = panel

    class Wheeled(Message):
        """The wheel was turned: 1 looks closer."""

        def __init__(self, step: int, time_ms: int) -> None:
            super().__init__()
            self.step = step
            self.time_ms = time_ms

    def __init__(self, value: ChartValue | None = None, *, id: str | None = None) -> None:
        super().__init__(value, id=id)
        self._plots: Plots = {}  # of the picture before: a cursor costs no plot

    def show(self, value: ChartValue) -> None:
        """The same again costs nothing, however much is in it."""
        if value != self.value or self._drawn_for != (*self.size, self.glyphs.name):
            super().show(value)

    def draw(self, value: ChartValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title rules with the values, plots, and the time axis."""
        if value.chart is None or value.why:
            return sentences(value.why, cells)
        frame = frame_of(value, cells)
        shown = shown_panels(value, height, glyphs)
        lines: list[Row] = []
        kept: Plots = {}
        total = len(panels_of(value.chart, value.tracks, value.quantities))
        ticks = time_ticks(frame.from_ms, frame.until_ms, frame.cells)
        for at, panel, rows in shown:
            more = f"{at + 1}/{total}" if len(shown) < total else ""
            lines.append(_title(panel, value, frame, more, cells, glyphs))
            lines += self._plot(panel, value, frame, rows - 1, ticks, kept, glyphs)
        self._plots = kept
        lines += [()] * (height - AXIS_ROWS - len(lines))
        return [*lines, *_time_axis(value, frame, ticks, glyphs)]

    def _plot(
        self,
        panel: Panel,
        value: ChartValue,
        frame: Frame,
        rows: int,
        ticks: Sequence[Tick],
        kept: Plots,
        glyphs: GlyphSet,
    ) -> list[Row]:
        scale = panel_scale(panel, frame, rows)
        space = Field(
            frame.cells, rows, (frame.from_ms / 1000, frame.until_ms / 1000), (scale.low, scale.high)
        )
        key = (panel.title, space, glyphs.name)
        known = self._plots.get(key)
        if known is not None and known[0] == panel:
            plot = known[1]
        else:
            plot = plotted([_stroke(line, frame, glyphs) for line in panel.lines], space, glyphs)
        kept[key] = panel, plot
        ground = _ground(panel, scale, value, frame, rows, ticks, glyphs)
        labels = {scale.row(tick, rows): tick for tick in reversed(scale.ticks)}
        tags = _tags(panel, scale, rows, glyphs)
        lines = []
        for y in range(rows):
            label = scale.label(labels[y]) if y in labels else ""
            body = [plot[y][x] if plot[y][x] != EMPTY else ground[y][x] for x in range(frame.cells)]
            tag = tags.get(y, ("", "text"))
            lines.append(joined([(f"{label:>{AXIS_CELLS - 1}} ", "label"), *body, (f" {tag[0]}", tag[1])]))
        return lines

    def on_click(self, event: events.Click) -> None:
        """Tell which moment is under the finger."""
        if found := self._moment(event.x):
            self.post_message(self.Pointed(found, self._panel_at(event.y)))

    def _moment(self, x: int) -> int | None:
        if self.value is None or self.value.chart is None or self.value.why:
            return None
        frame = frame_of(self.value, self.size.width)
        return frame.time_ms(min(max(0, x - AXIS_CELLS), frame.cells - 1))

    def _panel_at(self, y: int) -> int:
        for at, _, rows in shown_panels(self.value, self.size.height, self.glyphs) if self.value else ():
            if y < rows:
                return at
            y -= rows
        return self.value.focus if self.value else 0

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look from further away."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        if found := self._moment(event.x):
            self.post_message(self.Wheeled(step, found))


def sentences(why: Sequence[str], cells: int) -> list[Row]:
    """What happened, then what to do."""
    lines = [line for words in why for line in wrap(words, cells - 2)]
    return [(), *[row((f" {line}", "text")) for line in lines]]


def frame_of(value: ChartValue, cells: int) -> Frame:
    """Everything but the axis and the letters at the right end."""
    bucket_ms = value.chart.bucket_s * 1000 if value.chart else 0.0
    return Frame(max(2, cells - AXIS_CELLS - TAG_CELLS), value.from_ms, value.until_ms, bucket_ms)


def shown_panels(value: ChartValue, height: int, glyphs: GlyphSet) -> list[tuple[int, Panel, int]]:
    """Which panels have room, and with how many rows each; the one in focus is among them."""
    panels = panels_of(value.chart, value.tracks, value.quantities) if value.chart else ()
    if not panels:
        return []
    room, focus = max(2, height - AXIS_ROWS), min(value.focus, len(panels) - 1)
    if value.alone:
        return [(focus, panels[focus], room)]
    least = LEAST_ROWS if glyphs.has("braille") else COARSE_ROWS
    count = min(len(panels), max(1, room // least))
    first = min(max(0, focus - count + 1), len(panels) - count)
    share, rest = divmod(room, count)
    return [(first + i, panels[first + i], share + (i < rest)) for i in range(count)]


def panel_scale(panel: Panel, frame: Frame, rows: int) -> Scale:
    """Around everything that is seen of all its lines; zero is among it where the sign matters."""
    lows, highs = [], []
    for line in panel.lines:
        for bucket in _seen(line, frame):
            lows.append(bucket.low)
            highs.append(bucket.high)
    if panel.signed:
        lows.append(0.0)
        highs.append(0.0)
    if not lows:
        return scale_of(0.0, 1.0, panel.least, rows)
    return scale_of(min(lows), max(highs), panel.least, rows)


def _seen(line: Line, frame: Frame) -> list[Bucket]:
    reach = frame.bucket_ms
    return [b for b in line.series.buckets if frame.from_ms - reach <= b.start_ms <= frame.until_ms]


def _stroke(line: Line, frame: Frame, glyphs: GlyphSet) -> Stroke:
    """Runs between gaps; where there are more buckets than dots, means of them."""
    gap_ms = max(line.series.gap_s * 1000, frame.bucket_ms * 1.5)
    buckets = _seen(line, frame)
    runs: list[list[Bucket]] = [[]]
    for bucket in buckets:
        if runs[-1] and bucket.start_ms - runs[-1][-1].start_ms > gap_ms:
            runs.append([])
        runs[-1].append(bucket)
    half = frame.bucket_ms / 2

    def x(bucket: Bucket) -> float:
        return (bucket.start_ms + half - frame.from_ms) / 1000

    points = tuple(tuple((x(b), b.mean) for b in _thinned(run, frame)) for run in runs if run)
    band = tuple((x(b), b.low, b.high) for b in buckets)
    return Stroke(points, line.role, band, line.tag(glyphs))


def _thinned(run: list[Bucket], frame: Frame) -> list[Bucket]:
    """No more than two buckets a cell."""
    every_ms = frame.column_ms / 2
    if frame.bucket_ms >= every_ms or len(run) < 3:
        return run
    groups: dict[int, list[Bucket]] = {}
    for bucket in run:
        groups.setdefault(int((bucket.start_ms - frame.from_ms) // every_ms), []).append(bucket)
    return [
        Bucket(
            some[len(some) // 2].start_ms,
            min(b.low for b in some),
            sum(b.mean * b.count for b in some) / max(1, sum(b.count for b in some)),
            max(b.high for b in some),
            sum(b.count for b in some),
        )
        for some in groups.values()
    ]


def _ground(
    panel: Panel,
    scale: Scale,
    value: ChartValue,
    frame: Frame,
    rows: int,
    ticks: Sequence[Tick],
    glyphs: GlyphSet,
) -> Cells:
    """What is seen where no line is: a quiet grid, zero, gaps by name, the cursor."""
    dot = "·" if glyphs.has("latin1") else "."
    ground: Cells = [[EMPTY] * frame.cells for _ in range(rows)]
    for tick in scale.ticks:
        y = scale.row(tick, rows)
        solid = panel.signed and abs(tick) < 1e-9
        ground[y] = [
            (glyphs.line if solid else dot, "rule") if solid or x % GRID_EVERY == 0 else EMPTY
            for x in range(frame.cells)
        ]
    for one in ticks:
        if one.strong:
            for y in range(rows):
                ground[y][frame.column(one.time_ms)] = (glyphs.pipe if glyphs.has("latin1") else ":", "rule")
    for first, last in _gaps(panel, frame):
        _name_gap(ground, rows // 2, first, last)
    if value.cursor_ms is not None and frame.from_ms <= value.cursor_ms <= frame.until_ms:
        x = frame.column(value.cursor_ms)
        for y in range(rows):
            ground[y][x] = (glyphs.pipe, "number")
    return ground


def _gaps(panel: Panel, frame: Frame) -> list[tuple[int, int]]:
    """Columns without data of any line, as stretches that are worth a word."""
    filled = [False] * frame.cells
    for line in panel.lines:
        buckets = _seen(line, frame)
        gap_ms = max(line.series.gap_s * 1000, frame.bucket_ms * 1.5)
        for bucket, after in pairwise([*buckets, *buckets[-1:]]):
            end_ms = after.start_ms if after.start_ms - bucket.start_ms <= gap_ms else bucket.start_ms
            first, last = frame.column(bucket.start_ms), frame.column(end_ms + frame.bucket_ms)
            for x in range(max(0, first), min(frame.cells - 1, last) + 1):
                filled[x] = True
    gaps, start = [], None
    for x, known in enumerate([*filled, True]):
        if not known and start is None:
            start = x
        elif known and start is not None:
            gaps.append((start, x - 1))
            start = None
    return [gap for gap in gaps if gap[1] - gap[0] + 1 >= GAP_WORDS_CELLS]


def _name_gap(ground: Cells, y: int, first: int, last: int) -> None:
    words = f" {say('history-no-data')} "
    if len(words) > last - first + 1:
        return
    start = first + (last - first + 1 - len(words)) // 2
    for i, char in enumerate(words):
        ground[y][start + i] = (char, "label")


def _tags(panel: Panel, scale: Scale, rows: int, glyphs: GlyphSet) -> dict[int, Span]:
    """The letter of each line beside its last value; one that finds no place of its own is left out."""
    tags: dict[int, Span] = {}
    if len(panel.lines) < 2:
        return tags
    for line in panel.lines:
        if not line.series.buckets:
            continue
        at = min(max(0, scale.row(line.series.buckets[-1].mean, rows)), rows - 1)
        free = [y for y in sorted(range(rows), key=lambda y: abs(y - at)) if y not in tags]
        if free and abs(free[0] - at) <= 2:
            tags[free[0]] = (line.tag(glyphs), line.role)
    return tags


def legend_value(line: Line, value: ChartValue, frame: Frame) -> Bucket | None:
    """At the cursor, or the newest one that is seen."""
    if value.cursor_ms is not None:
        return bucket_at(line.series, value.cursor_ms, frame.reach_ms)
    seen = _seen(line, frame)
    return seen[-1] if seen else None


def _title(panel: Panel, value: ChartValue, frame: Frame, more: str, cells: int, glyphs: GlyphSet) -> Row:
    """`─ CURRENT A  a left +12.4  b right -8.1 ───`: names where they fit, and as many lines as fit."""
    unit = f" {panel.unit}" if panel.unit else ""
    title: Row = ((f"{glyphs.line} ", "rule"), (panel.title.upper(), "title"), (f"{unit}  ", "label"))
    right: Row = ((f" {more} ", "label"), (glyphs.line, "rule")) if more else ()
    room = cells - width(title) - width(right) - 1
    named = _legend(panel, value, frame, glyphs, named=True)
    plain = (
        named if width(joined(s for p in named for s in p)) <= room else _legend(panel, value, frame, glyphs)
    )
    shown: Row = ()
    for i, part in enumerate(plain):
        rest = len(plain) - i - 1
        more_words = f"{say('history-more', count=rest + 1)} "
        if width((*shown, *part)) + (len(more_words) if rest else 0) > room:
            shown = (*shown, (more_words, "label"))
            break
        shown = (*shown, *part)
    left = fit((*title, *shown), min(width((*title, *shown)), cells - width(right)))
    return (*left, (glyphs.line * (cells - width(left) - width(right)), "rule"), *right)


def _legend(
    panel: Panel, value: ChartValue, frame: Frame, glyphs: GlyphSet, *, named: bool = False
) -> list[Row]:
    """Each line with its value at the cursor, or its newest one."""
    several = len(panel.lines) > 1
    parts = []
    for line in panel.lines:
        bucket = legend_value(line, value, frame)
        words = value_words(line.quantity, bucket.mean if bucket else None)
        name = f"{line.name} " if named else ""
        tag = f"{line.tag(glyphs)} {name}" if several else ""
        parts.append(row((tag, line.role), (f"{words}  ", "number" if bucket else "label")))
    return parts


def _time_axis(value: ChartValue, frame: Frame, ticks: Sequence[Tick], glyphs: GlyphSet) -> list[Row]:
    """A ruler with ticks and marks, and the times below it; the time of the cursor over them."""
    ruler: list[Span] = [(glyphs.line, "rule")] * frame.cells
    words: list[Span] = [(" ", "label")] * frame.cells
    for tick in ticks:
        ruler[frame.column(tick.time_ms)] = (glyphs.tee, "rule")
        write(words, frame.column(tick.time_ms), tick.label, "number" if tick.strong else "label")
    for mark in marks_seen(value, frame):
        ruler[frame.column(mark.time_ms)] = (glyphs.up, "warn")
    if value.cursor_ms is not None and frame.from_ms <= value.cursor_ms <= frame.until_ms:
        near = mark_near(value, frame)
        text = moment_words(value.cursor_ms, (frame.until_ms - frame.from_ms) / 1000)
        text = f" {text} {say(f'mark-{near.kind}')} " if near else f" {text} "
        ruler[frame.column(value.cursor_ms)] = (glyphs.pipe, "number")
        write(words, frame.column(value.cursor_ms), text, "selection", over=True)
    margin: Span = (" " * AXIS_CELLS, "text")
    return [joined([margin, *ruler]), joined([margin, *words])]


def marks_seen(value: ChartValue, frame: Frame) -> list[Mark]:
    """Marks inside the window."""
    marks = value.chart.marks if value.chart else ()
    return [mark for mark in marks if frame.from_ms <= mark.time_ms <= frame.until_ms]


def mark_near(value: ChartValue, frame: Frame) -> Mark | None:
    """The mark under the cursor."""
    if value.cursor_ms is None:
        return None
    at = frame.column(value.cursor_ms)
    return next((m for m in marks_seen(value, frame) if abs(frame.column(m.time_ms) - at) <= 1), None)
