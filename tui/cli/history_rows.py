"""Rows of the history, asked for piece by piece: a year of them needs no more memory than a day."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge

from tui.cli.history_feed import Asked
from tui.cli.when import Range
from tui.model.history import DAY_MS, Bucket, Chart, HistoryPage, SampleRow, SampleTable

SAMPLES, MINUTES, HOURS, AUTO = "samples", "minutes", "hours", "auto"
RESOLUTIONS = (AUTO, SAMPLES, MINUTES, HOURS)
STEP_MS = {MINUTES: 60_000, HOURS: 3_600_000}
WINDOW_MS = {SAMPLES: 30 * DAY_MS, MINUTES: 2 * DAY_MS, HOURS: 120 * DAY_MS}  # of one question
PAGE_ROWS = 5000
SAMPLES_UP_TO_MS = DAY_MS  # longer ranges are told in minutes, when nobody says how
MINUTES_UP_TO_MS = 31 * DAY_MS

Told = Callable[[int], None]  # how far it is: the time of the newest row, in ms
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BucketRow:
    """One minute or hour: a bucket for each quantity, `None` where nothing was measured."""

    time_ms: int
    buckets: tuple[Bucket | None, ...]

    @property
    def means(self) -> SampleRow:
        """As a sample."""
        return SampleRow(self.time_ms, tuple(None if b is None else b.mean for b in self.buckets))


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is of a range: its tracks in order, and a closed range around all that is stored in it.

    Without anything stored `from_ms` equals `until_ms`.
    """

    tracks: tuple[str, ...]
    from_ms: int
    until_ms: int

    @property
    def is_empty(self) -> bool:
        """True when nothing is stored in the range."""
        return self.from_ms >= self.until_ms


def extent_of(asked: Asked, tracks: Keys, span: Range) -> Extent:
    """What of a range is stored."""
    chart = _chart(asked, HistoryPage(tracks, ("pack_v",), points=1))
    names = tracks or tuple(series.track for series in chart.series)
    if chart.first_ms is None or chart.last_ms is None:
        return Extent(names, 0, 0)
    from_ms = max(chart.first_ms, span.from_ms or 0)
    until_ms = chart.last_ms + 1 if span.until_ms is None else min(chart.last_ms + 1, span.until_ms)
    return Extent(names, from_ms, max(from_ms, until_ms))


def level_of(resolution: str, span_ms: int) -> str:
    """`auto` is samples for a day, minutes for a month, hours for more."""
    if resolution != AUTO:
        return resolution
    if span_ms <= SAMPLES_UP_TO_MS:
        return SAMPLES
    return MINUTES if span_ms <= MINUTES_UP_TO_MS else HOURS


def rows_of(
    asked: Asked, extent: Extent, keys: Keys, level: str, told: Told = lambda time_ms: None
) -> Iterator[tuple[str, SampleRow]]:
    """Every row of all tracks, oldest first. At most a page of each track is in memory."""
    streams = [_named(track, _rows(asked, track, extent, keys, level)) for track in extent.tracks]
    for track, row in merge(*streams, key=lambda one: one[1].time_ms):
        told(row.time_ms)
        yield track, row


def newest_samples(
    asked: Asked, track: str, keys: Keys, extent: Extent, rows: int, offset: int
) -> tuple[int, list[SampleRow]]:
    """How many there are in the range, and the newest of them, oldest first."""
    question = SampleTable(track, keys, extent.from_ms, extent.until_ms, offset, rows)
    page = asked.ask(question).samples
    return (page.total, list(reversed(page.rows))) if page is not None else (0, [])


def newest_buckets(
    asked: Asked, track: str, keys: Keys, extent: Extent, level: str, rows: int, offset: int
) -> list[BucketRow]:
    """The newest minutes or hours with data, oldest first, asked for from the end."""
    found: deque[BucketRow] = deque()
    for begin, end in reversed(list(_windows(extent, level))):
        found.extendleft(reversed(_buckets(asked, track, keys, begin, end, level)))
        if len(found) >= rows + offset:
            break
    wanted = list(found)[: len(found) - offset]
    return wanted[-rows:] if rows else wanted


def _named(track: str, rows: Iterator[SampleRow]) -> Iterator[tuple[str, SampleRow]]:
    for row in rows:
        yield track, row


def _rows(asked: Asked, track: str, extent: Extent, keys: Keys, level: str) -> Iterator[SampleRow]:
    for begin, end in _windows(extent, level):
        if level == SAMPLES:
            yield from _samples(asked, track, keys, begin, end)
        else:
            yield from (row.means for row in _buckets(asked, track, keys, begin, end, level))


def _windows(extent: Extent, level: str) -> Iterator[tuple[int, int]]:
    """The range in pieces; of minutes and hours on their bounds, so that none is asked for twice."""
    step_ms, begin = STEP_MS.get(level, 1), extent.from_ms
    begin -= begin % step_ms
    while begin < extent.until_ms:
        end = begin + WINDOW_MS[level]
        yield begin, min(end, extent.until_ms + -extent.until_ms % step_ms)
        begin = end


def _samples(asked: Asked, track: str, keys: Keys, begin: int, end: int) -> Iterator[SampleRow]:
    offset = 0
    while True:
        page = asked.ask(SampleTable(track, keys, begin, end, offset, PAGE_ROWS, newest_first=False)).samples
        if page is None or not page.rows:
            return
        yield from page.rows
        offset += len(page.rows)
        if offset >= page.total:
            return


def _buckets(asked: Asked, track: str, keys: Keys, begin: int, end: int, level: str) -> list[BucketRow]:
    """The minutes or hours of a window: with so many points a bucket is exactly one of them."""
    chart = _chart(asked, HistoryPage((track,), keys, begin, end, (end - begin) // STEP_MS[level]))
    series = [{bucket.start_ms: bucket for bucket in one.buckets} for one in chart.series]
    starts = sorted({start for one in series for start in one})
    return [BucketRow(start, tuple(one.get(start) for one in series)) for start in starts]


def _chart(asked: Asked, question: HistoryPage) -> Chart:
    chart = asked.ask(question).chart
    assert chart is not None, "an engine that obeys answers"
    return chart
