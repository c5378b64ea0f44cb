"""A compressed CSV file for each day and track, made when the day is over (row CL-23)."""

import csv
import gzip
import logging
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tui.model.history import DAY_MS, TABLE, HistoryFile, SamplePage, SampleRow, SampleTable
from tui.model.link import Cause
from tui.store.history_buckets import day_of
from tui.store.history_files import HEADERS, csv_lines
from tui.store.history_reader import HistoryReader

log = logging.getLogger(__name__)

_NAME = re.compile(r"history_(\d{4}-\d\d-\d\d)\.csv\.gz")
_CUT = (EOFError, zlib.error, gzip.BadGzipFile, csv.Error, UnicodeDecodeError, ValueError)


class ArchiveError(Exception):
    """There is no such file, or it cannot be read. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class Archives:
    """`<folder>/<track>/history_2026-11-21.csv.gz`. Methods raise OSError where they say so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> tuple[HistoryFile, ...]:
        """All of them, newest day first."""
        found = []
        for path in self.folder.glob("*/history_*.csv.gz"):
            match = _NAME.fullmatch(path.name)
            if match and path.is_file():
                stat = path.stat()
                name, modified_ms = f"{path.parent.name}/{path.name}", stat.st_mtime_ns // 1_000_000
                found.append(HistoryFile(name, stat.st_size, modified_ms, match[1], path.parent.name))
        return tuple(sorted(found, key=lambda file: (file.day, file.track), reverse=True))

    def write_missing(self, reader: HistoryReader, now_ms: int, keep_days: int) -> int:
        """A file for each day that is over and newer than the newest file; gives how many.

        OSError, DatabaseError.
        """
        newest = {file.track: file.day for file in reversed(self.files())}
        begin_ms, today_ms = _midnight(now_ms - keep_days * DAY_MS), _midnight(now_ms)
        written = 0
        for track in reader.tracks():
            days: set[str] = set()
            for piece in reader.pieces(track, begin_ms, today_ms):
                days.update((day_of(piece.start_ms), day_of(min(piece.end_ms, today_ms - 1))))
            for day in sorted(days):
                if day > newest.get(track, ""):
                    written += self._write(reader, track, day)
        return written

    def page(self, asked: SampleTable) -> tuple[SamplePage, Cause | None]:
        """A page of one file; with a cause when the file is cut short. ArchiveError."""
        path = self._path(asked.archive)
        named = (("file", asked.archive),)
        rows: list[SampleRow] = []
        try:
            total, is_cut = _counted(path)
            skip = max(0, asked.offset)
            wanted = max(0, asked.rows)
            if asked.newest_first:
                skip, wanted = max(0, total - skip - wanted), max(0, min(wanted, total - skip))
            for row in _rows(path, asked.quantities):
                if skip:
                    skip -= 1
                elif len(rows) < wanted:
                    rows.append(row)
                else:
                    break
        except _CUT:
            is_cut = True
        except OSError as error:
            raise ArchiveError(Cause("archive-missing", named)) from error
        if asked.newest_first:
            rows.reverse()
        page = SamplePage(path.parent.name, asked.quantities, tuple(rows), total, asked.offset)
        return page, Cause("archive-cut", named) if is_cut else None

    def rows(self, name: str, quantities: tuple[str, ...]) -> Iterator[tuple[str, SampleRow]]:
        """Every sample of one file with its track, oldest first. ArchiveError, also for a missing end."""
        path = self._path(name)
        try:
            for row in _rows(path, quantities):
                yield path.parent.name, row
        except _CUT as error:
            raise ArchiveError(Cause("archive-cut", (("file", name),))) from error
        except OSError as error:
            raise ArchiveError(Cause("archive-missing", (("file", name),))) from error

    def prune(self, keep_days: int, size_bytes: int, now_ms: int) -> int:
        """Delete what is too old, then the oldest of what is too much; gives how many. OSError."""
        oldest = day_of(now_ms - keep_days * DAY_MS)
        gone, room = 0, size_bytes
        for file in self.files():
            room -= file.size_bytes
            if file.day < oldest or room < 0:
                (self.folder / file.name).unlink(missing_ok=True)
                gone += 1
        return gone

    def clear(self) -> None:
        """Delete all of them. OSError."""
        for file in self.files():
            (self.folder / file.name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        """Only a name that `files` gives: nothing else on the disk can be read this way."""
        if name not in {file.name for file in self.files()}:
            raise ArchiveError(Cause("archive-missing", (("file", name),)))
        return self.folder / name

    def _write(self, reader: HistoryReader, track: str, day: str) -> int:
        """One file, whole or not at all; none for a day without samples. Gives how many."""
        begin = datetime.strptime(day, "%Y-%m-%d").astimezone()
        from_ms = int(begin.timestamp() * 1000)
        until_ms = _midnight(from_ms + DAY_MS + DAY_MS // 4)  # a day may have 25 hours
        rows = (
            (track, row)
            for piece in reader.pieces(track, from_ms, until_ms)
            for row in reader.rows(piece, TABLE, from_ms, until_ms)
        )
        first = next(rows, None)
        if first is None:
            return 0
        place = self.folder / track
        place.mkdir(parents=True, exist_ok=True)
        fd, name = tempfile.mkstemp(prefix=".history.", dir=place)
        fresh = Path(name)
        try:
            with os.fdopen(fd, "wb") as file:
                with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                    for lines in csv_lines(_after(first, rows), TABLE, with_track=False):
                        packed.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
            fresh.chmod(0o644)
            fresh.replace(place / f"history_{day}.csv.gz")
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        log.info("archived %s of %s", day, track)
        return 1


def _after(
    first: tuple[str, SampleRow], rest: Iterator[tuple[str, SampleRow]]
) -> Iterator[tuple[str, SampleRow]]:
    yield first
    yield from rest


def _midnight(time_ms: int) -> int:
    """The beginning of that day in the time zone of this machine."""
    day = datetime.fromtimestamp(time_ms / 1000).astimezone()
    # The zone of midnight may be another one than the zone of noon.
    naive = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return int((naive + timedelta(0)).astimezone().timestamp() * 1000)


def _counted(path: Path) -> tuple[int, bool]:
    """How many samples can be read, and whether the end is missing. OSError."""
    total = 0
    try:
        for _ in _rows(path, ()):
            total += 1
    except _CUT:
        return total, True
    return total, False


def _rows(path: Path, quantities: tuple[str, ...]) -> Iterator[SampleRow]:
    """The samples of a file, one after the other. OSError, or one of _CUT where it ends too early."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        titles = next(lines, [])
        places = {key: titles.index(title) for key, title in HEADERS.items() if title in titles}
        for line in lines:
            if len(line) != len(titles):
                raise ValueError(f"{len(line)} columns")
            values = (line[places[key]] if key in places else "" for key in quantities)
            time_ms = int(datetime.fromisoformat(line[0]).timestamp() * 1000)
            yield SampleRow(time_ms, tuple(float(value) if value else None for value in values))
