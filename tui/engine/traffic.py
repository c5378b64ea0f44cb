"""Counts what goes over one wire."""

from collections import deque
from dataclasses import replace

from tui.engine.silence import Noise
from tui.model.link import Traffic
from tui.protocols.protocol import Answered, Bad, Outcome, Refused, Rejected

QUALITY_REQUESTS = 100


class TrafficCounter:
    """The counters of one link since the engine started, and the noise since its last reading."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.noise = Noise()
        self._last: deque[bool] = deque(maxlen=QUALITY_REQUESTS)
        self._before = Traffic()  # what earlier languages on this wire have counted

    def opened(self) -> None:
        """The wire was opened."""
        self.traffic = replace(self.traffic, opens=self.traffic.opens + 1)

    def speaks_anew(self) -> None:
        """The next figures come from another instance of a protocol, which counts from zero."""
        self._before = self.traffic
        self._last.clear()  # silence in a foreign language says nothing about the link

    def asked(self, settled: int, unanswered: int) -> None:
        """Requests settled so far and how many of them ran out of time, both since the protocol's start."""
        settled += self._before.answers + self._before.unanswered
        unanswered += self._before.unanswered
        lost = unanswered - self.traffic.unanswered
        answered = settled - unanswered - self.traffic.answers
        self._last.extend([False] * lost + [True] * answered)
        good = sum(self._last)
        self.traffic = replace(
            self.traffic,
            answers=settled - unanswered,
            unanswered=unanswered,
            quality_pct=round(100 * good / len(self._last)) if self._last else None,
        )

    def sent(self, requests: int) -> None:
        """All requests sent since the protocol's start."""
        requests += self._before.requests
        if requests != self.traffic.requests:
            self.traffic = replace(self.traffic, requests=requests)

    def heard_bus(self, frames: int, foreign: int) -> None:
        """Frames of a bus, and how many of them since the last reading said nothing about a battery."""
        self.traffic = replace(self.traffic, answers=self.traffic.answers + frames)
        self.noise = replace(self.noise, foreign=self.noise.foreign + foreign)

    def count(self, outcome: Outcome) -> None:
        """What became of received bytes."""
        match outcome:
            case Rejected(Bad.CHECKSUM, n):
                self.traffic = replace(self.traffic, bad_checksum=self.traffic.bad_checksum + n)
                self.noise = replace(self.noise, bad_checksums=self.noise.bad_checksums + n)
            case Rejected(Bad.GARBAGE, n):
                self.traffic = replace(self.traffic, garbage_bytes=self.traffic.garbage_bytes + n)
                self.noise = replace(self.noise, garbage_bytes=self.noise.garbage_bytes + n)
            case Rejected(Bad.IMPLAUSIBLE, n):
                self.traffic = replace(self.traffic, implausible=self.traffic.implausible + n)
                self.noise = replace(self.noise, implausible=self.noise.implausible + n)
            case Rejected(_, n):
                self.traffic = replace(self.traffic, late=self.traffic.late + n)
            case Refused():
                self.traffic = replace(self.traffic, refused=self.traffic.refused + 1)
                self.noise = replace(self.noise, refused=self.noise.refused + 1)
            case Answered():
                pass
            case _:
                self.noise = Noise()
