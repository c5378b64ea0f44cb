"""The last hour of one value, one point a minute."""

from dataclasses import dataclass

POINTS = 60


@dataclass(frozen=True, slots=True)
class Trend:
    """Means per minute, oldest first; `None` is a minute without data. At most 60 points."""

    minute: int = -1  # minutes on the engine's steady clock of the newest point
    count: int = 0  # readings in the newest point
    points: tuple[float | None, ...] = ()

    def add(self, at_s: float, value: float | None) -> "Trend":
        """The trend with one more reading. A reading of `None` changes nothing."""
        if value is None:
            return self
        minute = int(at_s // 60)
        if minute == self.minute and self.points:
            newest = self.points[-1]
            mean = value if newest is None else newest + (value - newest) / (self.count + 1)
            return Trend(minute, self.count + 1, (*self.points[:-1], mean))
        gap = min(minute - self.minute - 1, POINTS) if self.points else 0
        return Trend(minute, 1, (*self.points, *(None,) * max(gap, 0), value)[-POINTS:])

    def at(self, now_s: float) -> tuple[float | None, ...]:
        """The points as seen at `now_s`: minutes without news since the newest point are gaps."""
        if not self.points:
            return ()
        missing = min(max(int(now_s // 60) - self.minute, 0), POINTS)
        return (*self.points, *(None,) * missing)[-POINTS:]
