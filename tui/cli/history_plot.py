"""`packdeck history plot`: charts of plain characters, and their figures in words below."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tui.cli.when import iso
from tui.locale import say
from tui.model.history import SENSOR, Chart, Quantity, Series, quantity
from tui.style.detect import detect_glyphs
from tui.style.glyphs import GLYPHS, GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.chart import Field, Point, Stroke, plotted
from tui.widgets.chart_axis import Scale, scale_of, time_ticks

LEAST_CELLS, MOST_CELLS, USUAL_CELLS = 30, 200, 80
LEAST_STEPS = 4  # of the last decimal: a field lower than that would show noise


def plot_lines(chart: Chart, height: int, glyphs: GlyphSet, cells: int) -> Iterator[str]:
    """A field for each series that has data; then the marks of the time axis."""
    for series in chart.series:
        known = quantity(series.quantity)
        if known is None:
            continue
        yield f"{series.track}  {title(known)}"
        if not series.buckets:
            yield f"  {say('cli-history-nothing')}"
        else:
            yield from _field(chart, series, known, height, glyphs, cells)
            yield _figures(series, known)
        yield ""
    for mark in chart.marks:
        yield say("cli-history-mark", time=iso(mark.time_ms), text=say(f"mark-{mark.kind}"))


def title(known: Quantity) -> str:
    """`State of charge (%)`, `Cell 3 (mV)`."""
    number = f" {known.number}" if known.number else ""
    name = say(f"quantity-{known.name}") if known.name != SENSOR else say("quantity-temperature-c")
    return f"{name}{number}" + (f" ({known.unit})" if known.unit else "")


def terminal_cells() -> int:
    """How wide a line may be; 80 where there is no terminal."""
    wide = shutil.get_terminal_size((USUAL_CELLS, 24)).columns
    return min(MOST_CELLS, max(LEAST_CELLS, wide))


def glyphs_here(said: str) -> GlyphSet:
    """What was said, else what the terminal can show."""
    name = said or detect_glyphs(os.environ, _number_of(sys.stdout), sys.stdout.encoding)
    return GLYPHS.get(name, GLYPHS["ascii"])


def _number_of(file: object) -> int:
    try:
        return int(file.fileno())  # type: ignore[attr-defined]  # not every standard output is a file
    except (OSError, ValueError, AttributeError):
        return -1


def _field(
    chart: Chart, series: Series, known: Quantity, height: int, glyphs: GlyphSet, cells: int
) -> Iterator[str]:
    low = min(bucket.low for bucket in series.buckets)
    high = max(bucket.high for bucket in series.buckets)
    scale = scale_of(low, high, LEAST_STEPS * 10.0**-known.decimals, height)
    labels = _labels(scale, height)
    wide = max(len(text) for text in labels)
    room = max(1, cells - wide - 2)
    span_s = (chart.until_ms - chart.from_ms) / 1000
    rows = plotted(
        [_stroke(chart, series)], Field(room, height, (0.0, span_s), (scale.low, scale.high)), glyphs
    )
    for label, row in zip(labels, rows, strict=True):
        yield f"{label:>{wide}} |{''.join(text for text, _role in row)}".rstrip()
    yield f"{'':{wide}} +{'-' * room}"
    yield f"{'':{wide}}  {_times(chart, room)}".rstrip()


def _stroke(chart: Chart, series: Series) -> Stroke:
    """Lines, broken where there was no data; and the band of lowest and highest."""
    runs: list[list[Point]] = []
    places = [(_x(chart, bucket.start_ms), bucket) for bucket in series.buckets]
    for n, (x, bucket) in enumerate(places):
        if n == 0 or x - places[n - 1][0] > series.gap_s:
            runs.append([])
        runs[-1].append((x, bucket.mean))
    band = tuple((x, bucket.low, bucket.high) for x, bucket in places)
    return Stroke(tuple(tuple(run) for run in runs), "number", band)


def _x(chart: Chart, start_ms: int) -> float:
    """The middle of a bucket, in seconds from the left edge."""
    span_s = (chart.until_ms - chart.from_ms) / 1000
    return min(span_s, max(0.0, (start_ms - chart.from_ms) / 1000 + chart.bucket_s / 2))


def _labels(scale: Scale, height: int) -> list[str]:
    labels = [""] * height
    for tick in scale.ticks:
        labels[min(height - 1, max(0, scale.row(tick, height)))] = scale.label(tick)
    return labels


def _times(chart: Chart, room: int) -> str:
    """Labels under their moments; one that would touch another is left out."""
    line = [" "] * room
    taken = -1
    for tick in time_ticks(chart.from_ms, chart.until_ms, room):
        part = (tick.time_ms - chart.from_ms) / max(1, chart.until_ms - chart.from_ms)
        at = round(part * (room - 1))
        if at > taken and at + len(tick.label) <= room:
            line[at : at + len(tick.label)] = tick.label
            taken = at + len(tick.label)
    return "".join(line)


def _figures(series: Series, known: Quantity) -> str:
    """Lowest, mean, highest and newest: what the picture says, for whoever cannot see it."""
    buckets = series.buckets
    counted = sum(bucket.count for bucket in buckets)
    mean = sum(bucket.mean * bucket.count for bucket in buckets) / counted if counted else None
    values = (
        min(bucket.low for bucket in buckets),
        mean,
        max(bucket.high for bucket in buckets),
        buckets[-1].mean,
    )
    low, middle, high, last = (_value(value, known) for value in values)
    text = say(
        "cli-history-figures", low=low, mean=middle, high=high, last=last, time=iso(buckets[-1].start_ms)
    )
    gaps = _gaps(series)
    return f"  {text}" + (f" {say('cli-history-gaps', count=gaps)}" if gaps else "")


def _value(value: float | None, known: Quantity) -> str:
    return UNKNOWN if value is None else f"{fixed(value, known.decimals)} {known.unit}".rstrip()


def _gaps(series: Series) -> int:
    starts: Sequence[int] = [bucket.start_ms for bucket in series.buckets]
    return sum((after - before) / 1000 > series.gap_s for before, after in pairwise(starts))
