"""All raw traffic of all wires: kept, counted, explained when asked."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import fmean

from tui.engine.frame_filter import Seen, Test, conditions_of, passes
from tui.engine.wire_log import RATE_S, Explain, Kind, WireLog
from tui.model.frame import (
    Direction,
    Frame,
    FrameDetail,
    FrameError,
    FrameFigures,
    FrameKind,
    FrameRow,
    FrameView,
)
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames
from tui.protocols.protocol import Explained

FRAMES_KEPT = 5000
SLOTS = 60
ROWS_MAX = 500
LOOKED_MAX = 1000


class FrameBook:
    """Workers add frames, from one thread for each wire; anybody asks.

    `keep` gets every frame at once and must not wait: the recorder.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._wall = wall
        self._frames: deque[Frame] = deque(maxlen=FRAMES_KEPT)
        self._number = 0
        self._wires: dict[str, WireLog] = {}
        self.keep: Callable[[Frame], None] | None = None

    def wire(self, track: str, is_bus: bool = False, bitrate: int | None = None) -> None:
        """There is such a wire, perhaps without any frame yet."""
        with self._lock:
            self._wires.setdefault(track, WireLog(track, is_bus, bitrate))

    def explained_by(self, track: str, explain: Explain) -> None:
        """From now on this explains the frames of that wire."""
        with self._lock:
            self._wires[track].explain = _safely(explain)

    def add(
        self, track: str, time_us: int, direction: Direction, data: bytes, can_id: int | None = None
    ) -> int:
        """Keep one chunk or frame as it went over the wire; gives its number."""
        with self._lock:
            self._number += 1
            frame = Frame(self._number, track, time_us, direction, data, can_id)
            self._add(frame)
        if self.keep is not None:
            self.keep(frame)
        return frame.number

    def take(self, frame: Frame) -> None:
        """Keep a frame that has its number already."""
        with self._lock:
            self._number = frame.number
            self._add(frame)

    def _add(self, frame: Frame) -> None:
        self._frames.append(frame)
        log = self._wires.get(frame.track)
        if log is None:
            log = self._wires[frame.track] = WireLog(frame.track, frame.can_id is not None)
        log.add(frame)

    def error(self, track: str, key: str, count: int = 1) -> None:
        """Something on that wire went wrong. `key` names the word `frame-error-<key>`."""
        with self._lock:
            if log := self._wires.get(track):
                log.error(key, count, self._now_us())

    def dropped(self, track: str, dropped: int) -> None:
        """So many frames of that wire were lost in all before this program saw them."""
        with self._lock:
            if log := self._wires.get(track):
                log.dropped = dropped

    def after(self, number: int) -> Sequence[Frame]:
        """Frames with a higher number, oldest first, as far as they are kept."""
        with self._lock:
            missing = min(self._number - number, len(self._frames))
            if missing <= 0:
                return ()
            return tuple(self._frames)[-missing:]

    def look(self, request: LookAtFrames) -> Answer:
        """What the Frames place shows."""
        with self._lock:
            log = self._wires.get(request.track)
            if log is None:
                return Answer(False, Cause("track-unknown", (("track", request.track),)))
            now_us = self._now_us()
            log.settle(now_us)
            tests = conditions_of(request.only)
            kinds = tuple(k for k in map(_kind, _explained(log)) if passes(_seen(k), tests))
            rows = _rows(log, tests, request)
            figures = _figures(log, now_us, request.window_s)
            return Answer(True, frames=FrameView(log.track, now_us, log.is_bus, figures, kinds, rows))

    def explain(self, request: ExplainFrame) -> Answer:
        """One frame in full."""
        with self._lock:
            for log in self._wires.values():
                for frame, asked in reversed(log.frames):
                    if frame.number == request.number:
                        said = log.explain(frame, asked)
                        return Answer(True, frame=FrameDetail(log.row(frame, asked), said.fields))
        return Answer(False, Cause("frame-gone", (("number", str(request.number)),)))

    def _now_us(self) -> int:
        return int(self._wall() * 1_000_000)


def _safely(explain: Explain) -> Explain:
    """An explanation that fails must not stop the wire: the frame is then unknown."""

    def safe(frame: Frame, request: bytes | None) -> Explained:
        try:
            return explain(frame, request)
        except Exception:
            return Explained(frame.data[1:2].hex().upper())

    return safe


def _explained(log: WireLog) -> list[tuple[Kind, Explained]]:
    kinds = sorted(log.kinds.values(), key=lambda k: (len(k.key), k.key, k.direction))
    return [(kind, log.explain(kind.newest, kind.request)) for kind in kinds]


def _kind(pair: tuple[Kind, Explained]) -> FrameKind:
    kind, said = pair
    periods = kind.periods_us
    mean = fmean(periods) if periods else None
    return FrameKind(
        kind.key,
        kind.direction,
        said.name,
        kind.count,
        None if mean is None else round(mean / 1000, 1),
        round(periods[-1] / 1000, 1) if periods else None,
        None if mean is None else round(max(abs(p - mean) for p in periods) / 1000, 1),
        kind.newest.time_us,
        kind.newest.data,
        tuple(kind.changed_us),
        said.text,
        said.trust,
        kind.newest.number,
    )


def _seen(what: FrameKind | FrameRow) -> Seen:
    return Seen(what.key, what.direction, what.name, what.text, what.data, what.trust)


def _rows(log: WireLog, tests: list[Test], request: LookAtFrames) -> tuple[FrameRow, ...]:
    """The newest frames that pass, newest last; a filter looks back no further than a second's worth."""
    wanted = min(request.rows, ROWS_MAX)
    rows: list[FrameRow] = []
    for looked, (frame, asked) in enumerate(reversed(log.frames)):
        if len(rows) >= wanted or looked >= LOOKED_MAX:
            break
        if request.before is not None and frame.number >= request.before:
            continue
        row = log.row(frame, asked)
        if passes(_seen(row), tests):
            rows.append(row)
    return tuple(reversed(rows))


def _figures(log: WireLog, now_us: int, window_s: int) -> FrameFigures:
    now = now_us // 1_000_000
    rx, tx = (log.seconds[d] for d in (Direction.RX, Direction.TX))
    per_slot = tuple(
        a + b for a, b in zip(rx.slots(now, window_s, SLOTS), tx.slots(now, window_s, SLOTS), strict=True)
    )
    load, peak = _load(log, now, window_s)
    return FrameFigures(
        rx_frames=log.counts[Direction.RX][0],
        tx_frames=log.counts[Direction.TX][0],
        rx_bytes=log.counts[Direction.RX][1],
        tx_bytes=log.counts[Direction.TX][1],
        unknown=log.unknown,
        dropped=log.dropped,
        rx_per_s=rx.slots(now - 1, RATE_S, 1)[0] / RATE_S,
        tx_per_s=tx.slots(now - 1, RATE_S, 1)[0] / RATE_S,
        load_pct=load,
        peak_load_pct=peak,
        bitrate=log.bitrate,
        errors=tuple(FrameError(key, e.count, e.last_us) for key, e in log.errors.items()),
        window_s=window_s,
        per_slot=per_slot,
        heat=tuple(
            (kind.key, kind.seconds.slots(now, window_s, SLOTS))
            for kind in sorted(log.kinds.values(), key=lambda k: (len(k.key), k.key))
        ),
    )


def _load(log: WireLog, now: int, window_s: int) -> tuple[float | None, float | None]:
    """Percent of the bus over the last seconds, and the busiest second of the window; whole seconds only."""
    if not log.is_bus or not log.bitrate:
        return None, None
    recent = log.bits.slots(now - 1, RATE_S, 1)[0] / RATE_S
    peak = max(log.bits.slots(now - 1, window_s, window_s))
    return round(100 * recent / log.bitrate, 2), round(100 * peak / log.bitrate, 2)
