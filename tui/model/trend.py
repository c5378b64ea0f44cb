"""The last hour of one value in at most sixty points."""

from dataclasses import dataclass
from math import fsum

POINTS = 60
FIRST_BUCKET_S = 3.75  # sixty of these are about four minutes
LAST_BUCKET_S = 60.0  # sixty of these are an hour


@dataclass(frozen=True, slots=True)
class Trend:
    """Means per bucket of time, oldest first; `None` is a bucket without data.

    A new trend has short buckets, so that there is something to see at once; when they are full, neighbours
    are merged and the buckets get twice as long, until sixty of them span an hour. Then the oldest leave.
    """

    bucket_s: float = FIRST_BUCKET_S
    newest: int = -1  # number of the newest bucket on the engine's steady clock
    count: int = 0  # readings in the newest bucket
    points: tuple[float | None, ...] = ()

    @property
    def span_s(self) -> float:
        """Seconds that sixty points span now."""
        return self.bucket_s * POINTS

    def add(self, at_s: float, value: float | None) -> "Trend":
        """The trend with one more reading. A reading of `None` changes nothing."""
        if value is None:
            return self
        bucket = int(at_s // self.bucket_s)
        if self.points and bucket <= self.newest:
            newest = self.points[-1]
            mean = value if newest is None else newest + (value - newest) / (self.count + 1)
            return Trend(self.bucket_s, self.newest, self.count + 1, (*self.points[:-1], mean))
        gap = min(bucket - self.newest - 1, POINTS) if self.points else 0
        points = (*self.points, *(None,) * gap, value)
        if len(points) > POINTS and self.bucket_s < LAST_BUCKET_S:
            return Trend(self.bucket_s, self.newest, self.count, self.points)._merged().add(at_s, value)
        return Trend(self.bucket_s, bucket, 1, points[-POINTS:])

    def _merged(self) -> "Trend":
        """The same data in buckets twice as long."""
        first = self.newest - len(self.points) + 1
        padded = (None, *self.points) if first % 2 else self.points
        pairs = [padded[i : i + 2] for i in range(0, len(padded), 2)]
        known = [[v for v in pair if v is not None] for pair in pairs]
        means = tuple(fsum(pair) / len(pair) if pair else None for pair in known)
        return Trend(self.bucket_s * 2, self.newest // 2, max(self.count, 1), means)

    def at(self, now_s: float) -> tuple[float | None, ...]:
        """The points as seen at `now_s`: buckets without news since the newest point are gaps."""
        if not self.points:
            return ()
        missing = min(max(int(now_s // self.bucket_s) - self.newest, 0), POINTS)
        return (*self.points, *(None,) * missing)[-POINTS:]
