"""The recording around an alert: cut out of the black box two minutes after it, for good.

Alerts that come while one waits to be cut share its file, which then lasts until two minutes after the last.
"""

import contextlib
import gzip
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.feed.recording import (
    Recording,
    RecordingError,
    event_line,
    fleet_line,
    frame_line,
    head_line,
    read_recording,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold

log = logging.getLogger(__name__)

AROUND_S = 120.0
LONGEST_S = 900.0  # then the next alert begins a file of its own
FLUSH_S = 2.0  # so long the newest lines may be on their way to the disk
CAP_BYTES = 64 << 20  # of all clips together; the oldest go first
SUFFIX = ".packdeck.gz"
PRIVATE = 0o600
LOOK_S = 1.0


@dataclass(slots=True)
class _Planned:
    """One file to come. Seconds on the engine's steady clock."""

    path: Path
    from_s: float
    until_s: float
    numbers: list[int] = field(default_factory=list)


class Clips:
    """Cuts in the thread "clips", only while something is to be cut. `on_clip` is told the numbers and path.

    `box` is the folder of the black box, `folder` that of the clips. `clock` is the engine's steady clock.
    """

    def __init__(
        self,
        box: Path,
        folder: Path,
        on_clip: Callable[[Sequence[int], str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        look_s: float = LOOK_S,
    ) -> None:
        self._box, self._folder, self._on_clip = box, folder, on_clip
        self._clock, self._look_s = clock, look_s
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def plan(self, number: int, at_s: float, time_ms: int) -> None:
        """Keep what happens around this alert. Never waits."""
        with self._lock:
            newest = self._planned[-1] if self._planned else None
            if newest is not None and at_s <= newest.until_s and at_s - newest.from_s < LONGEST_S:
                newest.numbers.append(number)
                newest.until_s = max(newest.until_s, at_s + AROUND_S)
                return
            stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(time_ms / 1000))
            path = self._folder / f"alert-{number:06}-{stamp}{SUFFIX}"
            self._planned.append(_Planned(path, at_s - AROUND_S, at_s + AROUND_S, [number]))
            if self._thread.ident is None and not self._closing:
                self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Cut what is planned as far as it has come, and end."""
        self._closing = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._look_s if self._planned else None if self._closing else 3600.0)
            self.turn()
        self.turn()

    def turn(self) -> None:
        """Cut what is due; while closing, everything. Never raises."""
        now_s = self._clock()
        with self._lock:
            due = [p for p in self._planned if self._closing or now_s >= p.until_s + FLUSH_S]
            self._planned = [p for p in self._planned if p not in due]
        for planned in due:
            try:
                cut(self._box, planned.path, planned.from_s, planned.until_s)
            except (OSError, RecordingError) as error:
                log.warning("no recording around alert %s: %s", planned.numbers, error)
                continue
            except Exception:
                log.exception("no recording around alert %s", planned.numbers)
                continue
            self._on_clip(planned.numbers, str(planned.path))
            make_room(self._folder)


def cut(box: Path, target: Path, from_s: float, until_s: float) -> None:
    """Write what the black box has between two moments of the engine's steady clock into a file of its own.

    It replays like any recording. OSError, RecordingError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".cut-") as place:
        _copy_parts(box, Path(place), until_s - from_s)
        recording = read_recording(Path(place))
        part = Path(place) / target.name
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(fd, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb") as file:
            for line in _between(recording, from_s, until_s):
                file.write(line + b"\n")
        part.replace(target)


def make_room(folder: Path, cap_bytes: int = CAP_BYTES) -> None:
    """Delete the oldest clips until all of them together are small enough."""
    found = sorted(folder.glob(f"alert-*{SUFFIX}"))
    sizes = {path: path.stat().st_size for path in found}
    total = sum(sizes.values())
    for path in found[:-1]:
        if total <= cap_bytes:
            return
        total -= sizes[path]
        with contextlib.suppress(OSError):
            path.unlink()


def _copy_parts(box: Path, place: Path, span_s: float) -> None:
    """The parts of the ring that can have those minutes; it may be packed and thinned while we look."""
    oldest_s = time.time() - span_s - 2 * AROUND_S
    for path in sorted(box.glob("box-*")):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime >= oldest_s and not path.name.endswith(".part"):
                shutil.copyfile(path, place / path.name)


def _between(recording: Recording, from_s: float, until_s: float) -> list[bytes]:
    """Head, the state at the beginning, then events and frames in their order."""
    newest = recording.moments[-1]
    shift_s = recording.moments.positions[-1] - newest.clock_s  # position of the steady clock's zero
    begin, end = from_s + shift_s, until_s + shift_s
    fleet, first = _state_before(recording, begin)
    start = recording.moments[max(0, first - 1)]
    head_s = max(from_s, start.clock_s) if first else start.clock_s
    head_us = start.time_us + int((head_s - start.clock_s) * 1e6)
    lines = [head_line(recording.pid, head_us, head_s), fleet_line(fleet, head_us, head_s)]
    timed: list[tuple[float, int, bytes]] = []
    n = fleet.version
    for i in range(first, len(recording.moments)):
        position, moment = recording.moments.positions[i], recording.moments[i]
        if position > end:
            break
        if moment.event is not None:
            n = moment.n
            timed.append((position, 1, event_line(moment.event, n, moment.time_us, moment.clock_s)))
        elif moment.fleet is not None and moment.n != n:
            n = moment.n
            timed.append((position, 1, fleet_line(moment.fleet, moment.time_us, moment.clock_s)))
    for i, position in enumerate(recording.frames.positions):
        if begin <= position <= end:
            timed.append((position, 0, frame_line(recording.frames[i])))
    timed.sort(key=lambda one: one[:2])
    return [*lines, *(line for _, _, line in timed)]


def _state_before(recording: Recording, begin: float) -> tuple[Fleet, int]:
    """The fleet at that position, and the index of the first moment after it."""
    positions = recording.moments.positions
    end = next((i for i, position in enumerate(positions) if position > begin), len(positions))
    end = max(end, 1)  # the box may begin later
    anchor = max((a for a in recording.anchors if a < end), default=0)
    fleet = Fleet()
    for i in range(anchor, end):
        moment = recording.moments[i]
        if moment.fleet is not None:
            fleet = moment.fleet
        elif moment.event is not None:
            fleet = fold(fleet, moment.event)
    return fleet, end
