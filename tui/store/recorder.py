"""Writes lines to a file, or to a ring of files, without ever holding up the one who has them."""

import contextlib
import errno
import gzip
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.model.link import Cause

log = logging.getLogger(__name__)

MB = 1024 * 1024
CAP_BYTES = 64 * MB
PARTS = 16  # an unpacked part is that fraction of the cap
PART_BYTES_MIN = 1024
PIECE = 256 * 1024  # bytes written at once
QUEUE_LINES = 20_000  # five seconds of a full CAN bus
BATCH_S = 0.25  # so long a line may wait in memory
RETRY_S = 5.0  # how often a full disk or a missing folder is tried again
CLOSE_S = 3.0
SUFFIX = ".packdeck"
UNFINISHED = ".part"
_PART = re.compile(rf"box-(\d{{8}}){re.escape(SUFFIX)}(\.gz)?")

HeadLines = Callable[[], Iterable[bytes]]
Trouble = Callable[[Cause | None], None]


class RecorderError(OSError):
    """A recording cannot begin. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class Output(Protocol):
    """What is needed of an open file: unbuffered, so that a failing write fails here and at once."""

    def write(self, data: bytes, /) -> int | None: ...
    def seek(self, offset: int, /) -> int: ...
    def truncate(self, size: int, /) -> int: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


Opener = Callable[[Path], Output]


@dataclass(frozen=True, slots=True)
class RecorderFigures:
    """How a recorder is doing. `dropped` lines were given to it and are in no file."""

    written: int = 0
    dropped: int = 0
    written_bytes: int = 0
    waiting: int = 0
    cause: Cause | None = None  # why it pauses


def create(path: Path) -> Output:
    """A new file for writing, unbuffered. FileExistsError when there is one."""
    return path.open("xb", buffering=0)


class _OneFile:
    """One file. After trouble it is continued behind its last whole line."""

    def __init__(self, path: Path, opener: Opener) -> None:
        self.path = path
        self._opener = opener
        self._file: Output | None = opener(path)
        self._good = 0  # bytes in it that are whole lines

    def begin(self) -> None:
        """Make it ready for a head. OSError when it cannot be."""
        if self._file is not None and self.path.exists():
            self.cut()
            return
        self._shut()  # somebody removed it, or its stick: what we wrote went nowhere
        self._file, self._good = self._opener(self.path), 0

    def cut(self) -> None:
        """Remove what is no whole line. OSError."""
        if self._file is not None:
            self._file.truncate(self._good)
            self._file.seek(self._good)

    def write(self, data: bytes) -> None:
        """Append whole lines. OSError; then a part of them may be there until `begin`."""
        if self._file is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
        _write_all(self._file, data)
        self._good += len(data)

    def room(self) -> int:
        """Bytes that may be written at once: one file has no end."""
        return PIECE

    def end(self) -> None:
        """Never needed."""

    def check(self) -> None:
        """OSError when the file is no longer where it was."""
        self.path.stat()

    def close(self) -> None:
        """Let it reach the disk. OSError."""
        if self._file is not None:
            os.fsync(self._file.fileno())
        self._shut()

    def _shut(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()


class _Ring:
    """Parts in a folder, oldest deleted first. Only the newest is unpacked, so a crash leaves it readable."""

    def __init__(self, folder: Path, cap_bytes: int, opener: Opener) -> None:
        self.path = folder
        self._cap = cap_bytes
        self._part_bytes = max(cap_bytes // PARTS, PART_BYTES_MIN)
        self._opener = opener
        self._part: _OneFile | None = None
        self._size = 0

    def begin(self) -> None:
        """Start a new part. OSError."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._abandon()
        self._pack()
        parts = self._parts()
        number = parts[-1][0] + 1 if parts else 1
        self._part, self._size = _OneFile(self.path / f"box-{number:08}{SUFFIX}", self._opener), 0

    def write(self, data: bytes) -> None:
        """Append whole lines. OSError."""
        assert self._part is not None
        self._part.write(data)
        self._size += len(data)

    def room(self) -> int:
        """Bytes that still belong into this part; then the next one begins."""
        return min(PIECE, self._part_bytes - self._size)

    def end(self) -> None:
        """End this part; `begin` starts the next. OSError."""
        part, self._part = self._part, None
        if part is not None:
            part.close()

    def check(self) -> None:
        """OSError when the newest part is no longer where it was."""
        if self._part is not None:
            self._part.check()

    def close(self) -> None:
        """Let everything reach the disk, packed. OSError."""
        self.end()
        self._pack()

    def _abandon(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            with contextlib.suppress(OSError):
                part.cut()
            with contextlib.suppress(OSError):
                part.close()

    def _parts(self) -> list[tuple[int, Path]]:
        found = [(_PART.fullmatch(path.name), path) for path in self.path.iterdir()]
        return sorted((int(match[1]), path) for match, path in found if match)

    def _pack(self) -> None:
        """Compress every part and delete the oldest until a new one has room, packed and unpacked."""
        for left in self.path.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        self._make_room()
        for _, path in self._parts():
            if path.suffix == SUFFIX:
                try:
                    _compress(path)
                except OSError as error:  # stays as it is; the next begin tries again
                    log.warning("%s could not be packed: %s", path, error)
        self._make_room()

    def _make_room(self) -> None:
        sizes = [(path, path.stat().st_size) for _, path in self._parts()]
        too_much = sum(size for _, size in sizes) + 2 * self._part_bytes - self._cap
        for path, size in sizes:
            if too_much <= 0:
                return
            path.unlink(missing_ok=True)
            too_much -= size


class Recorder:
    """Takes lines from any thread and writes them in its own, "recorder".

    `head_lines` gives the lines that every file begins with: they must describe everything as it is at that
    moment, for a reader may have this file alone. It is also asked after lines were lost. When the disk is
    full or the folder gone, `on_trouble` is told the cause once, lines are dropped and counted, and writing
    goes on by itself as soon as it can, which is told with `None`. Both are called in the thread "recorder".
    """

    def __init__(
        self,
        sink: _OneFile | _Ring,
        head_lines: HeadLines,
        *,
        on_trouble: Trouble = lambda cause: None,
        queue_lines: int = QUEUE_LINES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink, self._head_lines, self._on_trouble = sink, head_lines, on_trouble
        self._queue_lines, self._clock = queue_lines, clock
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._written = self._dropped = self._bytes = 0
        self._lost = True  # the next lines need a head before them
        self._begun = False
        self._safe = 0  # of the lines at hand, those that are written
        self._cause: Cause | None = None
        self._retry_at_s = self._checked_at_s = float("-inf")
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @classmethod
    def to_file(
        cls,
        path: Path,
        head_lines: HeadLines,
        *,
        on_trouble: Trouble = lambda cause: None,
        queue_lines: int = QUEUE_LINES,
        clock: Callable[[], float] = time.monotonic,
        opener: Opener = create,
    ) -> "Recorder":
        """A recorder into one new file. RecorderError with `recording-exists` or `recording-failed`."""
        try:
            sink = _OneFile(path, opener)
        except FileExistsError as error:
            raise RecorderError(Cause("recording-exists", (("path", str(path)),))) from error
        except OSError as error:
            raise RecorderError(_failed(path, error)) from error
        return cls(sink, head_lines, on_trouble=on_trouble, queue_lines=queue_lines, clock=clock)

    @classmethod
    def to_ring(
        cls,
        folder: Path,
        head_lines: HeadLines,
        *,
        cap_bytes: int = CAP_BYTES,
        on_trouble: Trouble = lambda cause: None,
        queue_lines: int = QUEUE_LINES,
        clock: Callable[[], float] = time.monotonic,
        opener: Opener = create,
    ) -> "Recorder":
        """A black box: at most `cap_bytes` in a folder, which is made when it is missing. Never raises."""
        sink = _Ring(folder, cap_bytes, opener)
        return cls(sink, head_lines, on_trouble=on_trouble, queue_lines=queue_lines, clock=clock)

    @property
    def path(self) -> Path:
        """The file or the folder."""
        return self._sink.path

    def start(self) -> None:
        """Start the thread. Lines may be put before: they wait."""
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Take a line without its end. Never waits: when too many are waiting it is dropped and counted."""
        with self._lock:
            if len(self._waiting) < self._queue_lines:
                self._waiting.append(line)
            else:
                self._dropped += 1
                self._lost = True

    def figures(self) -> RecorderFigures:
        """The counters now."""
        with self._lock:
            return RecorderFigures(self._written, self._dropped, self._bytes, len(self._waiting), self._cause)

    def stop(self) -> None:
        """Ask the thread to write what is waiting and to end. Does not wait: see `close`."""
        self._closing = True
        self._wake.set()

    def close(self) -> None:
        """Write what is waiting and end, within 3 s. Safe to call twice."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(BATCH_S)
            self.turn()
        self.turn()
        try:
            self._sink.close()
        except OSError as error:
            self._tell(_failed(self.path, error))

    def turn(self) -> None:
        """Write everything that waits now: what the thread does four times a second. Never raises.

        Before `start` anybody may call it, so that the head tells that moment and not a later one.
        """
        with self._lock:
            lines, self._waiting = self._waiting, []
            is_lost, self._lost = self._lost, False
        self._safe = 0
        if self._cause is not None and self._clock() < self._retry_at_s and not self._closing:
            self._drop(len(lines))
            return
        try:
            self._write_all(lines, is_lost)
        except Exception as error:
            if not isinstance(error, OSError):
                log.exception("lines were lost on their way to %s", self.path)
            self._begun = False
            self._retry_at_s = self._clock() + RETRY_S
            self._drop(len(lines) - self._safe)
            self._tell(_failed(self.path, error))
        else:
            self._tell(None)

    def _write_all(self, lines: list[bytes], is_lost: bool) -> None:
        if not self._begun:
            self._begin()
            is_lost = False
        some, size = list[bytes](), 0
        for line in lines:
            some.append(line)
            size += len(line) + 1
            if size >= self._sink.room():
                self._write(some)
                some, size = [], 0
        self._write(some)
        if is_lost:  # behind the lines, for they are older than the lost ones
            self._put(self._head())
        self._check()

    def _write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        if self._sink.room() <= 0:
            self._sink.end()
            self._begin()
        self._put(b"\n".join((*lines, b"")))
        self._safe += len(lines)
        with self._lock:
            self._written += len(lines)

    def _begin(self) -> None:
        head = self._head()
        self._sink.begin()
        self._put(head)
        self._begun = True

    def _head(self) -> bytes:
        return b"".join(line + b"\n" for line in self._head_lines())

    def _put(self, data: bytes) -> None:
        self._sink.write(data)
        with self._lock:
            self._bytes += len(data)

    def _check(self) -> None:
        """A file that was removed, or its stick pulled, can be written to for ever without an error."""
        now_s = self._clock()
        if now_s - self._checked_at_s >= 1.0:
            self._checked_at_s = now_s
            self._sink.check()

    def _drop(self, count: int) -> None:
        with self._lock:
            self._dropped += count
            self._lost = True

    def _tell(self, cause: Cause | None) -> None:
        """Once at the beginning of trouble, once at its end."""
        before, self._cause = self._cause, cause
        if (before is None) == (cause is None):
            return
        if cause is not None:
            log.error("recording pauses: %s %s", cause.key, cause.values())
        try:
            self._on_trouble(cause)
        except Exception:
            log.exception("the news about %s could not be told", self.path)


def _failed(path: Path, error: Exception) -> Cause:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Cause("recording-failed", (("path", str(path)), ("reason", reason)))


def _write_all(file: Output, data: bytes) -> None:
    """An unbuffered write may take a part only, for example of the last block of a disk."""
    while data:
        count = file.write(data) or 0
        if not count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[count:]


def _compress(path: Path) -> None:
    """Replace a file by its packed form; there is always one of them whole."""
    packed = path.with_name(f"{path.name}.gz")
    fresh = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        with path.open("rb") as source, fresh.open("wb") as raw:
            with gzip.open(raw, "wb", 6) as target:
                shutil.copyfileobj(source, target, PIECE)
            raw.flush()
            os.fsync(raw.fileno())
        fresh.replace(packed)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    path.unlink()
