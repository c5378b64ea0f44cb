"""One engine per machine: a lock the system frees even after a crash, and who holds it."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

_WINDOWS_LOCK_AT = 1 << 20  # a locked byte cannot be read: keep it away from the number


class EngineRuns(Exception):  # noqa: N818 - a fact, not a failure
    """Another process holds the lock. `pid` is 0 when it has not said who it is."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"an engine runs already as process {pid}")
        self.pid = pid


class EngineLock:
    """A locked file with the process number in it. The file stays; only the lock counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def take(self) -> None:
        """Take the lock or raise EngineRuns. OSError when the folder cannot be written."""
        if self._file is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        file = os.fdopen(fd, "r+b", buffering=0)
        try:
            _lock(file)
        except OSError:
            pid = _pid_in(file)
            file.close()
            raise EngineRuns(pid) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Give the lock back. Safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _pid_in(file: BinaryIO) -> int:
    file.seek(0)
    text = file.read(20).strip()
    return int(text) if text.isdigit() else 0


if sys.platform == "win32":

    def _lock(file: BinaryIO) -> None:
        import msvcrt

        file.seek(_WINDOWS_LOCK_AT)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _lock(file: BinaryIO) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
