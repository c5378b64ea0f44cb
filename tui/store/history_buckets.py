"""Buckets of time: how long they are, and values poured into them."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from tui.model.history import DAY_MS, POINTS_MAX, Bucket
from tui.store.history_codec import TIME, read_block
from tui.store.history_rows import OpenRows, Rolled

BUCKETS_S = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 720, 900, 1200, 1800),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168)),
)
NEVER = 1 << 60  # ms
GAP = 2.5  # buckets without data before a line is broken
SPACING_MAX_S = 3600.0  # samples further apart than this are never one line

Stretch = tuple[Sequence[int], Sequence[float], Sequence[float], Sequence[float], Sequence[int]]


class Pour:
    """Collects values into buckets of time."""

    def __init__(self, bucket_ms: int) -> None:
        self._bucket_ms = bucket_ms
        self._found: dict[int, list[float]] = {}  # lowest, sum, highest, count

    def add(self, stretch: Stretch, from_ms: int, until_ms: int) -> None:
        """What of this is in the range. Times rise."""
        times, lows, means, highs, counts = stretch
        at, last = bisect_left(times, from_ms), bisect_left(times, until_ms)
        while at < last:
            start = times[at] - times[at] % self._bucket_ms
            end = bisect_left(times, start + self._bucket_ms, at, last)
            total = sum(mean * count for mean, count in zip(means[at:end], counts[at:end], strict=True))
            low, high, count = min(lows[at:end]), max(highs[at:end]), sum(counts[at:end])
            if before := self._found.get(start):
                before[:] = min(before[0], low), before[1] + total, max(before[2], high), before[3] + count
            else:
                self._found[start] = [low, total, high, count]
            at = end

    def buckets(self, scale: int) -> dict[int, Bucket]:
        """What was collected, oldest first, in units of the quantity."""
        return {
            start: Bucket(start, low / scale, total / count / scale, high / scale, int(count))
            for start, (low, total, high, count) in sorted(self._found.items())
        }


def span_of(from_ms: int | None, until_ms: int | None, now_ms: int) -> tuple[int, int]:
    """The range that is meant; never empty."""
    until_ms = now_ms + 1 if until_ms is None else until_ms
    from_ms = until_ms - DAY_MS if from_ms is None else from_ms
    return from_ms, max(until_ms, from_ms + 1)


def bucket_for(span_ms: int, points: int) -> int:
    """The shortest bucket, in ms, of which `points` cover the span."""
    wanted_s = span_ms / 1000 / min(max(points, 1), POINTS_MAX)
    found = next((bucket_s for bucket_s in BUCKETS_S if bucket_s >= wanted_s), None)
    return 1000 * (found or -(-int(wanted_s + 1) // BUCKETS_S[-1]) * BUCKETS_S[-1])


def day_of(time_ms: int) -> str:
    """The day in the time zone of this machine: `2026-11-21`."""
    return time.strftime("%Y-%m-%d", time.localtime(time_ms / 1000))


def gap_s(starts: Sequence[int], bucket_ms: int) -> float:
    """How far apart neighbours may be: data may be rarer than buckets."""
    steps = [b - a for a, b in pairwise(starts)]
    spacing_s = min(median(steps) / 1000, SPACING_MAX_S) if steps else 0.0
    return GAP * max(bucket_ms / 1000, spacing_s)


def rolled_stretch(body: bytes, step_ms: int) -> Stretch:
    block = read_block(body)
    means = block.numbers("mean")
    lows = [mean - below for mean, below in zip(means, block.numbers("below"), strict=True)]
    highs = [mean + above for mean, above in zip(means, block.numbers("above"), strict=True)]
    return [n * step_ms for n in block.numbers(TIME)], lows, means, highs, block.numbers("n")


def open_stretch(rows: OpenRows[Rolled], key: str) -> Stretch:
    at = rows.keys.index(key)
    pairs = zip(rows.times, rows.rows, strict=True)
    known = [(ms, row[at]) for ms, row in pairs if at < len(row) and row[at] is not None]
    values = [value for _, value in known if value is not None]
    return (
        [ms for ms, _ in known],
        [value[0] for value in values],
        [value[1] for value in values],
        [value[2] for value in values],
        [value[3] for value in values],
    )
