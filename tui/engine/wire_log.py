"""The traffic of one wire: its newest frames, a count for each kind of frame, and what went wrong."""

from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.model.can import ERROR, bits_of, id_words
from tui.model.frame import Direction, Frame, FrameRow, Trust
from tui.protocols.protocol import Explained

FRAMES_KEPT = 1000  # row CL-45: at least 300
KINDS_MAX = 512  # a bus with more identifiers is noise; the rest is counted together
SECONDS = 900  # row CL-45: the longest window
PERIODS = 16
CHUNK_GAP_US = 60_000  # a longer pause ends an answer on a stream
RATE_S = 5

Explain = Callable[[Frame, bytes | None], Explained]


class Seconds:
    """Counts per second of the last quarter of an hour. Seconds without a call are zero."""

    def __init__(self) -> None:
        self._counts = array("L", bytes(SECONDS * array("L").itemsize))
        self._newest = 0

    def add(self, second: int, n: int = 1) -> None:
        """Count `n` in that second; a second before the newest one counts as the newest."""
        if second > self._newest:
            self._clear_to(second)
        self._counts[self._newest % SECONDS] += n

    def _clear_to(self, second: int) -> None:
        for gone in range(max(self._newest + 1, second - SECONDS + 1), second + 1):
            self._counts[gone % SECONDS] = 0
        self._newest = second

    def slots(self, now: int, window: int, slots: int) -> tuple[int, ...]:
        """Sums over `slots` equal parts of the `window` seconds that end with `now`, oldest first."""
        each = max(1, window // slots)
        first = now - each * slots + 1
        return tuple(self._sum(first + k * each, first + (k + 1) * each) for k in range(slots))

    def _sum(self, start: int, end: int) -> int:
        oldest = self._newest - SECONDS + 1
        start, end = max(start, oldest, 0), min(end, self._newest + 1)
        if end <= start:
            return 0
        a, b = start % SECONDS, (end - 1) % SECONDS + 1
        return sum(self._counts[a:b]) if a < b else sum(self._counts[a:]) + sum(self._counts[:b])


@dataclass(slots=True)
class Kind:
    """One kind of frame, counted."""

    key: str
    direction: Direction
    first: Frame
    newest: Frame
    count: int = 0
    changed_us: list[int] = field(default_factory=list)
    periods_us: deque[int] = field(default_factory=lambda: deque(maxlen=PERIODS))
    seconds: Seconds = field(default_factory=Seconds)
    request: bytes | None = None
    is_known: bool = True  # somebody here can explain it

    def add(self, frame: Frame) -> None:
        """One more."""
        if self.count:
            self.periods_us.append(frame.time_us - self.newest.time_us)
            old, new = self.newest.data, frame.data
            if old != new:
                if len(self.changed_us) < len(new):
                    self.changed_us += [frame.time_us] * (len(new) - len(self.changed_us))
                for i, byte in enumerate(new):
                    if i < len(old) and old[i] != byte:
                        self.changed_us[i] = frame.time_us
        else:
            self.changed_us = [0] * len(frame.data)
        self.count += 1
        self.newest = frame
        self.seconds.add(frame.time_us // 1_000_000)


@dataclass(slots=True)
class Errors:
    """One kind of error, counted."""

    count: int = 0
    last_us: int = 0


class WireLog:
    """Counts every frame of one track's wire. Written by that link's thread; read under the caller's lock.

    On a bus each frame is a row. On a stream the chunks of one answer are put together: they end with the
    next request, or with a pause.
    """

    def __init__(self, track: str, is_bus: bool, bitrate: int | None = None) -> None:
        self.track, self.is_bus, self.bitrate = track, is_bus, bitrate
        self.explain: Explain = _nobody
        self.frames: deque[tuple[Frame, bytes | None]] = deque(maxlen=FRAMES_KEPT)
        self.kinds: dict[tuple[int | str, Direction], Kind] = {}
        self.errors: dict[str, Errors] = {}
        self.counts = {Direction.RX: [0, 0], Direction.TX: [0, 0]}  # frames, bytes
        self.seconds = {Direction.RX: Seconds(), Direction.TX: Seconds()}
        self.bits = Seconds()
        self.unknown = 0
        self.dropped = 0
        self._request: bytes | None = None
        self._open: Frame | None = None

    def add(self, frame: Frame) -> None:
        """One chunk or frame, as it went over the wire."""
        counts = self.counts[frame.direction]
        counts[1] += len(frame.data)
        if self.is_bus:
            self._bus_frame(frame, counts)
        else:
            self._chunk(frame)

    def error(self, key: str, count: int, time_us: int) -> None:
        """Something went wrong so many times."""
        errors = self.errors.setdefault(key, Errors())
        errors.count += count
        errors.last_us = time_us

    def settle(self, now_us: int) -> None:
        """An answer whose last byte is old is complete."""
        if self._open is not None and now_us - self._open.time_us > CHUNK_GAP_US:
            self._complete()

    # a bus

    def _bus_frame(self, frame: Frame, counts: list[int]) -> None:
        can_id = frame.can_id or 0
        if can_id & ERROR:
            self.error("bus", 1, frame.time_us)
            return
        counts[0] += 1
        second = frame.time_us // 1_000_000
        self.seconds[frame.direction].add(second)
        self.bits.add(second, bits_of(can_id, len(frame.data)))
        self.frames.append((frame, None))
        kind = self.kinds.get((can_id, frame.direction))
        if kind is None:
            kind = self._new_kind(can_id, id_words(can_id), frame, None)
            if kind is None:
                return
        kind.add(frame)
        self.unknown += not kind.is_known

    def _new_kind(self, key: int | str, words: str, frame: Frame, request: bytes | None) -> Kind | None:
        if len(self.kinds) >= KINDS_MAX:
            self.error("too-many-kinds", 1, frame.time_us)
            return None
        is_known = self.explain(frame, request).trust is not Trust.UNKNOWN
        kind = Kind(words, frame.direction, frame, frame, request=request, is_known=is_known)
        self.kinds[key, frame.direction] = kind
        return kind

    # a stream

    def _chunk(self, frame: Frame) -> None:
        before = self._open
        if before is not None and (
            frame.direction is Direction.TX
            or before.direction is Direction.TX
            or frame.time_us - before.time_us > CHUNK_GAP_US
        ):
            self._complete()
            before = None
        if frame.direction is Direction.TX:
            self._request = frame.data
        data = frame.data if before is None else before.data + frame.data
        self._open = Frame(frame.number, frame.track, frame.time_us, frame.direction, data)
        if frame.direction is Direction.TX:
            self._complete()

    def _complete(self) -> None:
        frame, self._open = self._open, None
        if frame is None:
            return
        self.counts[frame.direction][0] += 1
        self.seconds[frame.direction].add(frame.time_us // 1_000_000)
        request = self._request if frame.direction is Direction.RX else None
        self.frames.append((frame, request))
        key = self.explain(frame, request).key
        kind = self.kinds.get((key, frame.direction)) or self._new_kind(key, key, frame, request)
        if kind is not None:
            kind.request = request
            kind.add(frame)

    # looking

    def row(self, frame: Frame, request: bytes | None) -> FrameRow:
        """One frame as a row, decoded."""
        said = self.explain(frame, request)
        key = id_words(frame.can_id) if frame.can_id is not None else said.key
        return FrameRow(
            frame.number, frame.time_us, frame.direction, key, frame.data, said.name, said.text, said.trust
        )


def _nobody(frame: Frame, request: bytes | None) -> Explained:
    return Explained(id_words(frame.can_id) if frame.can_id is not None else "", trust=Trust.UNKNOWN)
