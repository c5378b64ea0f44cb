"""Events on their way to the fold: in order, some may be dropped, all is counted."""

import threading
from collections import deque
from dataclasses import dataclass

from tui.model.events import Event, RadioLooked, SampleRead, TrafficCounted
from tui.model.sample import Cells, Pack

QUEUE_MAX = 50  # row S4-52


@dataclass(frozen=True, slots=True)
class BusFigures:
    """How the bus is doing (row S4-52)."""

    total_publishes: int
    queue_length: int
    queue_max: int
    dropped_events: int


class Bus:
    """Two lanes and one order. Any thread may publish; one thread gets.

    Readings that come again with the next poll, and counters, may be dropped: the newest `queue_max` wait.
    Alerts, link changes, commands, and what a battery says once (its identity) are never dropped.
    """

    def __init__(self, queue_max: int = QUEUE_MAX) -> None:
        self._ready = threading.Condition()
        self._may_drop: deque[tuple[int, Event]] = deque()
        self._must_stay: deque[tuple[int, Event]] = deque()
        self._queue_max = queue_max
        self._published = 0
        self._dropped = 0
        self._nudged = False

    def publish(self, event: Event) -> None:
        """Append an event. Never waits for the one who gets."""
        with self._ready:
            self._published += 1
            if not _may_drop(event):
                self._must_stay.append((self._published, event))
            else:
                if len(self._may_drop) >= self._queue_max:
                    self._may_drop.popleft()
                    self._dropped += 1
                self._may_drop.append((self._published, event))
            self._ready.notify()

    def nudge(self) -> None:
        """Let a waiting `get` return without an event."""
        with self._ready:
            self._nudged = True
            self._ready.notify()

    def get(self, timeout_s: float) -> Event | None:
        """The oldest event; `None` after the timeout or a nudge when there is none."""
        with self._ready:
            if not self._waiting():
                self._ready.wait_for(lambda: self._nudged or self._waiting(), timeout_s)
            self._nudged = False
            lane = self._oldest_lane()
            return lane.popleft()[1] if lane else None

    def figures(self) -> BusFigures:
        """The counters now."""
        with self._ready:
            return BusFigures(self._published, self._waiting(), self._queue_max, self._dropped)

    def _waiting(self) -> int:
        return len(self._may_drop) + len(self._must_stay)

    def _oldest_lane(self) -> deque[tuple[int, Event]]:
        if not self._may_drop or not self._must_stay:
            return self._may_drop or self._must_stay
        return self._may_drop if self._may_drop[0][0] < self._must_stay[0][0] else self._must_stay


def _may_drop(event: Event) -> bool:
    if isinstance(event, SampleRead):
        return isinstance(event.reading, Pack | Cells)
    return isinstance(event, TrafficCounted | RadioLooked)
