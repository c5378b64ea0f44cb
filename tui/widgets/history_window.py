"""Which stretch of time is on show: so long, until now or until a moment. Everything that moves it."""

from dataclasses import dataclass, replace

from tui.locale import say

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
RANGES_S = (
    *(15 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 3 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S, DAY_S),
    *(2 * DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S, 365 * DAY_S),
)
LEAST_S, MOST_S = 2 * MINUTE_S, 365 * DAY_S
ZOOM = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """`until_ms` is `None` while it goes with the clock."""

    span_s: float = DAY_S
    until_ms: int | None = None

    @property
    def following(self) -> bool:
        """It ends now, whenever that is."""
        return self.until_ms is None

    def range_ms(self, now_ms: int, points: int) -> tuple[int, int]:
        """From and until. A window that follows moves by whole buckets: nothing trembles."""
        span_ms = round(self.span_s * 1000)
        if self.until_ms is not None:
            return self.until_ms - span_ms, self.until_ms
        step_ms = max(1000, span_ms // max(1, points))
        until_ms = (now_ms // step_ms + 1) * step_ms
        return until_ms - span_ms, until_ms

    @classmethod
    def holding(cls, seconds: float) -> "Window":
        """The shortest usual range until now that holds so much, a day at most: where a look begins."""
        return cls(next((s for s in RANGES_S if s >= min(seconds, DAY_S)), DAY_S))

    def next_range(self, step: int) -> "Window":
        """The next longer (1) or shorter (-1) of the usual ranges, with the same end."""
        longer = [s for s in RANGES_S if s > self.span_s * 1.001]
        shorter = [s for s in RANGES_S if s < self.span_s * 0.999]
        if step > 0:
            return replace(self, span_s=longer[0] if longer else self.span_s)
        return replace(self, span_s=shorter[-1] if shorter else self.span_s)

    def zoomed(self, step: int, around_ms: int | None, now_ms: int) -> "Window":
        """Half as long or twice as long; a moment keeps its place, else the end does."""
        span_s = min(max(LEAST_S, self.span_s / ZOOM if step > 0 else self.span_s * ZOOM), MOST_S)
        if around_ms is None:
            return replace(self, span_s=span_s)
        until_ms = self.until_ms if self.until_ms is not None else now_ms
        after_ms = (until_ms - around_ms) * span_s / self.span_s
        return Window(span_s, round(around_ms + after_ms)).settled(now_ms)

    def panned(self, share: float, now_ms: int) -> "Window":
        """So much of its length to the right, or to the left."""
        until_ms = self.until_ms if self.until_ms is not None else now_ms
        return replace(self, until_ms=round(until_ms + share * self.span_s * 1000)).settled(now_ms)

    def around(self, time_ms: int, now_ms: int) -> "Window":
        """The same length, with a moment in its middle; as it is if the moment is on show."""
        from_ms, until_ms = self.range_ms(now_ms, 1000)
        if from_ms <= time_ms <= until_ms:
            return self
        return replace(self, until_ms=time_ms + round(self.span_s * 500)).settled(now_ms)

    def settled(self, now_ms: int) -> "Window":
        """There is nothing after now: whoever gets there goes with the clock."""
        if self.until_ms is not None and self.until_ms >= now_ms:
            return replace(self, until_ms=None)
        return self

    @property
    def words(self) -> str:
        """`15 min`, `24 h`, `7 d`, `1 y`."""
        for unit, seconds in (("year", 365 * DAY_S), ("day", DAY_S), ("hour", HOUR_S), ("minute", MINUTE_S)):
            if self.span_s >= seconds * (2 if unit == "day" else 1) * 0.999:
                value = self.span_s / seconds
                number = f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"
                return say(f"history-span-{unit}", count=number)
        return say("history-span-minute", count="1")
