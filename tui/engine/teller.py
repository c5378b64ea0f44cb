"""What a worker tells about its link, as events and in the log."""

import logging
from collections.abc import Callable
from dataclasses import replace

from tui.engine.reconnect import Ladder
from tui.engine.traffic import TrafficCounter
from tui.model.events import Event, LinkChanged, SampleRead, TrafficCounted
from tui.model.link import Cause, Link, Phase, Traffic
from tui.model.sample import Reading
from tui.model.track import Setup

log = logging.getLogger(__name__)

TRAFFIC_S = 1.0  # counters are told no more often


class Teller:
    """Keeps the newest told state of one link and publishes changes of it. Used by the link's thread."""

    def __init__(
        self,
        setup: Setup,
        publish: Callable[[Event], None],
        ladder: Ladder,
        counter: TrafficCounter,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.link = Link(attempts_max=setup.attempts_max)
        self.protocol = ""  # once it is known
        self._track, self._publish = setup.name, publish
        self._ladder, self._counter = ladder, counter
        self._clock, self._wall = clock, wall
        self._told = Traffic()
        self._told_at_s = self._linked_at_s = float("-inf")

    def tell(self, phase: Phase, cause: Cause | None) -> None:
        """The phase, its cause, or the next attempt is now this."""
        now_s = self._clock()
        is_first = self.link.since_s == 0.0
        if is_first or phase is not self.link.phase:
            succeeded = {"kind": "ok"} if phase is Phase.UP else None
            log.info("%s: %s %s", self._track, phase.value, cause.key if cause else "", extra=succeeded)
        self.link = replace(
            self.link,
            phase=phase,
            since_s=now_s if is_first or phase is not self.link.phase else self.link.since_s,
            cause=cause,
            attempt=min(self._ladder.attempt, self._ladder.attempts_max),
            retry_at_s=None if phase is Phase.CONNECTING else self._ladder.retry_at_s,
            traffic=self._counter.traffic,
            protocol=self.protocol,
        )
        self._told, self._linked_at_s = self._counter.traffic, now_s
        self._publish(LinkChanged(self._track, now_s, self.time_ms(), self.link))

    def tell_if_new(self, phase: Phase, cause: Cause | None) -> None:
        """Tell a change; of a cause whose numbers count up, no more often than once a second."""
        if phase is self.link.phase and cause == self.link.cause:
            return
        counts_up = cause and self.link.cause and cause.key == self.link.cause.key
        if phase is self.link.phase and counts_up and self._clock() - self._linked_at_s < TRAFFIC_S:
            return
        self.tell(phase, cause)

    def tell_reading(self, reading: Reading, frame: int = 0) -> None:
        """The battery said something just now, in the frame of that number."""
        log.debug("%s: %s in frame %d", self._track, type(reading).__name__, frame)
        self._publish(SampleRead(self._track, self._clock(), self.time_ms(), reading, frame))

    def tell_traffic(self) -> None:
        """The counters, when they moved and were not told a moment ago."""
        now_s = self._clock()
        if self._counter.traffic != self._told and now_s - self._told_at_s >= TRAFFIC_S:
            self._told, self._told_at_s = self._counter.traffic, now_s
            self._publish(TrafficCounted(self._track, self._told))

    def time_ms(self) -> int:
        """Unix time."""
        return int(self._wall() * 1000)

    def time_us(self) -> int:
        """Unix time."""
        return int(self._wall() * 1_000_000)
