"""What the engine does with its traffic and its events when somebody records them."""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tui.feed.recording import (
    CLOCK_EVERY_S,
    clock_line,
    command_line,
    event_line,
    fleet_line,
    frame_line,
    head_line,
)
from tui.model.events import Event
from tui.model.fleet import Fleet
from tui.model.frame import Frame
from tui.model.link import Cause
from tui.model.requests import Answer, Pair, Request
from tui.store.recorder import CAP_BYTES, Recorder, RecorderError, RecorderFigures

log = logging.getLogger(__name__)

FLEET_EVERY = 1000  # events; a replay starts from such a place when somebody jumps
CLOCK_EVERY_US = int(CLOCK_EVERY_S * 1e6)
_NOTHING = RecorderFigures()


@dataclass(frozen=True, slots=True)
class RecordingFigures:
    """What is recorded. `path` is empty while nobody records; the black box counts for itself."""

    path: str = ""
    file: RecorderFigures = _NOTHING
    is_box_on: bool = False
    box: RecorderFigures = _NOTHING


class EngineRecording:
    """Turns frames and events into lines for a file somebody asked for, and for the black box.

    `frame` may be called by any thread, `listener` by the engine's; both cost microseconds and never wait,
    and nothing but a look when nobody records. `fleet` must give the newest state at any time. `on_trouble`
    is told once why a recorder pauses, and with `None` when it goes on.
    """

    def __init__(
        self,
        fleet: Callable[[], Fleet],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        on_trouble: Callable[[str, Cause | None], None] = lambda path, cause: None,
    ) -> None:
        self._fleet, self._clock, self._wall, self._on_trouble = fleet, clock, wall, on_trouble
        self._session = self._time_us()
        self._changing = threading.Lock()
        self._file: Recorder | None = None
        self._box: Recorder | None = None
        self._recorders: tuple[Recorder, ...] = ()
        self._events = itertools.count(1)
        self._told_us = 0

    def start(self, path: str | Path) -> Cause | None:
        """Record into a new file from now on and end the one before. Gives the cause when it fails."""
        where = Path(path).expanduser()
        try:
            recorder = Recorder.to_file(where, self.head_lines, on_trouble=self._trouble_at(where))
        except RecorderError as error:
            return error.cause
        with self._changing:
            before, self._file = self._file, recorder
            self._changed()
        # Only now: the head tells the fleet after the recorder has begun to get events, so none is between.
        recorder.turn()
        recorder.start()
        _close(before)
        return None

    def stop(self) -> None:
        """End the recording; the black box goes on. Waits until the file is whole, at most 3 s."""
        with self._changing:
            before, self._file = self._file, None
            self._changed()
        _close(before)

    def start_box(self, folder: Path, cap_bytes: int = CAP_BYTES) -> None:
        """Keep the newest `cap_bytes` of everything in a folder. Trouble is told, not raised."""
        box = Recorder.to_ring(
            folder, self.head_lines, cap_bytes=cap_bytes, on_trouble=self._trouble_at(folder)
        )
        with self._changing:
            before, self._box = self._box, box
            self._changed()
        _close(before)  # before the new one looks at the same folder
        box.start()

    def stop_box(self) -> None:
        """End the black box. Waits until it is whole, at most 3 s."""
        with self._changing:
            before, self._box = self._box, None
            self._changed()
        _close(before)

    def close(self) -> None:
        """End everything, within 3 s. Safe to call twice."""
        for recorder in self._recorders:
            recorder.stop()  # all at once, then wait for each
        self.stop()
        self.stop_box()

    def figures(self) -> RecordingFigures:
        """The counters now."""
        file, box = self._file, self._box
        return RecordingFigures(
            path=str(file.path) if file else "",
            file=file.figures() if file else _NOTHING,
            is_box_on=box is not None,
            box=box.figures() if box else _NOTHING,
        )

    def frame(self, frame: Frame) -> None:
        """One chunk went over a wire."""
        recorders = self._recorders
        if not recorders:
            return
        if abs(frame.time_us - self._told_us) > CLOCK_EVERY_US:
            self._told_us = self._time_us()
            _put(recorders, clock_line(self._told_us, self._clock()))
        _put(recorders, frame_line(frame))

    def listener(self, event: Event | None, fleet: Fleet) -> None:
        """Something happened, and the fleet after it: give this to the engine's `subscribe`."""
        recorders = self._recorders
        if not recorders:
            return
        now_us, clock_s = self._time_us(), self._clock()
        if event is not None:
            self._told_us = now_us
            _put(recorders, event_line(event, fleet.version, now_us, clock_s))
        if event is None or next(self._events) % FLEET_EVERY == 0:
            _put(recorders, fleet_line(fleet, now_us, clock_s))

    def command(self, request: Request, answer: Answer) -> None:
        """Somebody asked for something."""
        if isinstance(request, Pair):
            request = replace(request, secret="")  # a recording is shown to others
        if recorders := self._recorders:
            _put(recorders, command_line(request, answer.ok, self._time_us(), self._clock()))

    def head_lines(self) -> Iterable[bytes]:
        """What every file begins with: everything as it is now."""
        now_us, clock_s = self._time_us(), self._clock()
        yield head_line(os.getpid(), now_us, clock_s, self._session)
        yield fleet_line(self._fleet(), now_us, clock_s)

    def _changed(self) -> None:
        self._recorders = tuple(r for r in (self._file, self._box) if r is not None)

    def _trouble_at(self, path: Path) -> Callable[[Cause | None], None]:
        return lambda cause: self._on_trouble(str(path), cause)

    def _time_us(self) -> int:
        return int(self._wall() * 1_000_000)


def _put(recorders: tuple[Recorder, ...], line: bytes) -> None:
    for recorder in recorders:
        recorder.put(line)


def _close(recorder: Recorder | None) -> None:
    if recorder is not None:
        recorder.close()
