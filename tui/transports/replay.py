"""A recording as if it were a wire."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tui.model import can
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.transports.transport import WireError

READ_RECORDS = 512  # CAN frames in one read at most
MISSES = 3  # a protocol may ask in another order than the recorded one did


class Wake(Protocol):
    """What is needed of an event: tests replace it so that waiting moves their clock."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class ReplayTransport:
    """Plays the frames of one track, oldest first. At the end WireError `replay-ended`; `open` begins anew.

    A CAN bus, and a stream on which nothing was ever sent, play by themselves in their recorded rhythm. On
    any other stream a request is looked for among the recorded ones that are still to come, and the bytes
    that followed it come back after their recorded delays. A request that was never recorded gets no answer.
    When known ones do not come again three times in a row, the recording is over. `speed` divides all delays.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        *,
        is_bus: bool,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        wake: Wake | None = None,
    ) -> None:
        self._frames = [frame for frame in frames if not is_bus or _fits(frame)]
        self._is_bus, self._speed, self._clock, self._wall = is_bus, speed, clock, wall
        self._requests = {frame.data for frame in self._frames if frame.direction is Direction.TX}
        self._plays_alone = is_bus or not self._requests
        self._wake: Wake = wake or threading.Event()
        self._is_open = self._is_over = False
        self._misses = 0
        self._next = self._end = 0  # index of the next frame to give; where the current answer ends
        self._zero_s = 0.0  # moment on our clock …
        self._zero_us = 0  # … that stands for this one of the recording
        self._shift_us = 0

    def open(self) -> None:
        """Begin with the first frame. WireError when there is none."""
        if not self._frames:
            raise WireError(Cause("replay-ended"))
        self._wake.clear()
        self._is_open, self._is_over, self._misses = True, False, 0
        self._next, self._end = 0, len(self._frames) if self._plays_alone else 0
        self._zero_s, self._zero_us = self._clock(), self._frames[0].time_us
        self._shift_us = int(self._wall() * 1_000_000)

    def read(self, timeout_s: float) -> bytes:
        """Due bytes, or records of model/can.py; empty when none are in time. WireError at the end."""
        until_s = self._clock() + timeout_s
        while self._is_open:
            if self._is_over or self._next >= len(self._frames):
                raise WireError(Cause("replay-ended"))
            now_s = self._clock()
            if data := self._due(now_s):
                return data
            left_s = until_s - now_s
            if left_s <= 0:
                return b""
            if self._next < self._end:
                left_s = min(left_s, self._due_s(self._frames[self._next]) - now_s)
            self._wake.wait(left_s)
        return b""

    def write(self, data: bytes) -> None:
        """Ask the recording. On a bus the bytes are lost."""
        if self._plays_alone or not self._is_open or data not in self._requests:
            return
        start = max(self._next, self._end)
        found = self._find(data, start)
        if found is None:
            self._misses += 1
            self._is_over = self._misses >= MISSES
            return
        self._misses = 0
        self._next = self._end = found + 1
        while self._end < len(self._frames) and self._frames[self._end].direction is Direction.RX:
            self._end += 1
        self._zero_s, self._zero_us = self._clock(), self._frames[found].time_us

    def close(self) -> None:
        """Let go and unblock a waiting `read`. Safe to call twice."""
        self._is_open = False
        self._wake.set()

    def presence(self) -> str | None:
        """A recording is always there."""
        return "recording"

    def _find(self, data: bytes, start: int) -> int | None:
        for index in range(start, len(self._frames)):
            frame = self._frames[index]
            if frame.direction is Direction.TX and frame.data == data:
                return index
        return None

    def _due_s(self, frame: Frame) -> float:
        return self._zero_s + max(0, frame.time_us - self._zero_us) / 1e6 / self._speed

    def _due(self, now_s: float) -> bytes:
        """Everything whose time has come. On a stream one chunk, as it came."""
        given = bytearray()
        most = READ_RECORDS if self._is_bus else 1
        while self._next < self._end and len(given) < most * can.RECORD_BYTES:
            frame = self._frames[self._next]
            if self._due_s(frame) > now_s:
                break
            self._next += 1
            if not self._is_bus:
                return frame.data
            given += self._record(frame)
        return bytes(given)

    def _record(self, frame: Frame) -> bytes:
        passed_us = int((frame.time_us - self._zero_us) / self._speed)
        is_sent = frame.direction is Direction.TX
        return can.pack(can.CanFrame(self._shift_us + passed_us, frame.can_id or 0, frame.data, is_sent))


def _fits(frame: Frame) -> bool:
    return frame.can_id is not None and len(frame.data) <= can.DATA_MAX
