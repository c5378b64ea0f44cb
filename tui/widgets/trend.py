"""The last hour of a value: one row, or a plot of several."""

from math import fsum

from tui.locale import say
from tui.model.trend import Trend
from tui.style.glyphs import GlyphSet
from tui.widgets.rows import Row, row

LABEL_CELLS = 8  # " I 15m  "
VALUE_CELLS = 9


def span_words(trend: Trend) -> str:
    """`4 m`, `15 m`, `1 h`: what sixty points span now."""
    minutes = round(trend.span_s / 60)
    return say("span-hours", hours=minutes // 60) if minutes >= 60 else say("span-minutes", minutes=minutes)


def resample(points: tuple[float | None, ...], cells: int) -> list[float | None]:
    """Points spread over so many cells: means where there are fewer cells, repeats where there are more."""
    if not points or cells < 1:
        return []
    out: list[float | None] = []
    for x in range(cells):
        first = x * len(points) // cells
        last = max(first + 1, (x + 1) * len(points) // cells)
        known = [v for v in points[first:last] if v is not None]
        out.append(fsum(known) / len(known) if known else None)
    return out


def scale(points: list[float | None], least: float) -> tuple[float, float]:
    """Lowest and highest value, at least `least` apart, so that noise does not look like a storm."""
    known = [v for v in points if v is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    return low, high


def trend_row(
    letter: str, trend: Trend, now_s: float, value: str, least: float, role: str, cells: int, glyphs: GlyphSet
) -> Row:
    """` I 1 h ▂▃▄▅▆ 12.4 A`: sixty points, right-aligned in time."""
    room = cells - LABEL_CELLS - VALUE_CELLS
    points = trend.at(now_s)
    filled = (None,) * (60 - len(points)) + points
    shown = resample(filled, max(room, 0))
    line = glyphs.spark(shown, *scale(shown, least))
    return row(
        (f" {letter} {span_words(trend)}".ljust(LABEL_CELLS), "label"), (line, role), (f" {value}", "number")
    )
