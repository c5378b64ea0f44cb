"""The log of this program as entries: read from its end, filtered, followed (rows S0-24, S0-39)."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from tui.host.log_kinds import FILES_KEPT, MARKS
from tui.model.system import LogEntry

PIECE_BYTES = 1 << 16
LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) . (.{5}) (.*?)(?:  \[([^\[\]]*)\])?$")


def entries(lines: Iterable[str]) -> Iterator[LogEntry]:
    """Entries of a log. Lines before the first one belong to a file rotated away, and are left out."""
    head: re.Match[str] | None = None
    more: list[str] = []
    for line in lines:
        if is_first := LINE.match(line):
            if head is not None:
                yield _entry(head, more)
            head, more = is_first, []
        else:
            more.append(line)
    if head is not None:
        yield _entry(head, more)


def newest(files: Sequence[Path], count: int, fits: Callable[[LogEntry], bool]) -> tuple[LogEntry, ...]:
    """At most so many entries that fit, newest first. `files`: the newest one first.

    No more is read than that takes. An older file may be gone; OSError when the newest cannot be read.
    """
    return tuple(islice((entry for entry in _backwards(files) if fits(entry)), max(0, count)))


def with_older(path: Path) -> tuple[Path, ...]:
    """A log and the files that it was rotated to, newest first; they need not be there."""
    return (path, *(path.with_name(f"{path.name}.{n}") for n in range(1, FILES_KEPT + 1)))


def holds(entry: LogEntry, text: str) -> bool:
    """Whether an entry has that text anywhere, in large or small letters."""
    return text.lower() in "\n".join(as_written(entry)).lower()


def as_written(entry: LogEntry) -> tuple[str, ...]:
    """The lines of an entry as they stand in the file."""
    mark = MARKS.get(entry.kind, MARKS[""])[0]
    source = f"  [{entry.source}]" if entry.source else ""
    return (f"{entry.when} {mark} {entry.kind:<5} {entry.text}{source}", *entry.more)


def followed(path: Path, pause: Callable[[], None]) -> Iterator[LogEntry]:
    """Entries that are written from now on, also over a rotation. `pause` is called between two looks."""
    at = path.stat().st_size if path.exists() else 0
    inode = path.stat().st_ino if path.exists() else 0
    while True:
        pause()
        if not path.exists():
            continue
        stat = path.stat()
        if stat.st_ino != inode or stat.st_size < at:
            at, inode = 0, stat.st_ino
        with path.open("rb") as file:
            file.seek(at)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]  # the rest of a line comes with the next look
        at += len(whole)
        yield from entries(_words(whole).splitlines())


def _entry(head: re.Match[str], more: Sequence[str]) -> LogEntry:
    when, kind, text, source = head.groups()
    return LogEntry(when, kind.strip(), text, source or "", tuple(more))


def _backwards(files: Sequence[Path]) -> Iterator[LogEntry]:
    """All entries of these files, newest first."""
    for number, path in enumerate(files):
        held: list[str] = []
        try:
            for line in _lines_backwards(path):
                if head := LINE.match(line):
                    yield _entry(head, held[::-1])
                    held = []
                else:
                    held.append(line)
        except FileNotFoundError:
            if number == 0:
                raise


def _lines_backwards(path: Path) -> Iterator[str]:
    """The lines of a file from its last to its first, read in pieces. OSError."""
    with path.open("rb") as file:
        at = file.seek(0, os.SEEK_END)
        rest: list[bytes] = []  # of a line whose beginning is not read yet, the end of it first
        is_last = True
        while at > 0:
            size = min(PIECE_BYTES, at)
            at -= size
            file.seek(at)
            first, *whole = file.read(size).split(b"\n")
            if whole:
                whole[-1] += b"".join(reversed(rest))
                rest = []
                if is_last and not whole[-1]:
                    whole.pop()  # behind the last line's end is no other line
                yield from (_words(line) for line in reversed(whole))
                is_last = False
            rest.append(first)
        if any(rest):
            yield _words(b"".join(reversed(rest)))


def _words(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
