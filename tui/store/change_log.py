"""Who changed which parameter, when, and what became of it: one JSON line each, only ever appended."""

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tui.model.register_archive import ChangeLogEntry

log = logging.getLogger(__name__)

PRIVATE = 0o600
TAIL_BYTES = 1 << 20  # so much of the end is looked through


class ChangeLogFile:
    """`changes.jsonl` in a folder. Used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._decoder = msgspec.json.Decoder(ChangeLogEntry)

    def add(self, entries: Iterable[ChangeLogEntry]) -> bool:
        """Append and make sure that it is on the disk; False, and a line in the log, when it cannot be."""
        text = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        try:
            with self._lock:
                self._append(text)
        except OSError as error:
            log.error("%s: changes were not written down: %s", self._path, error)
            return False
        return True

    def _append(self, text: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE)
        with os.fdopen(fd, "rb+") as file:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":  # the program was killed while it wrote: begin a line of its own
                    text = b"\n" + text
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def newest(self, track: str = "", limit: int = 200) -> tuple[ChangeLogEntry, ...]:
        """Entries, newest first; of all tracks when none is named. Lines that cannot be read are left out."""
        found: list[ChangeLogEntry] = []
        for line in reversed(self._lines()):
            if len(found) >= limit:
                break
            try:
                entry = self._decoder.decode(line)
            except msgspec.DecodeError:
                continue
            if not track or entry.track == track:
                found.append(entry)
        return tuple(found)

    def _lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                return file.read().splitlines()
        except OSError:
            return []
