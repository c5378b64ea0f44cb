"""Which links to terminals this process made, so that the next one can clear up when this one was killed.

The system gives the number of a terminal out again: a link that was left behind may lead to somebody's living
terminal, and nothing about it tells whose it was. So each process keeps a book of its links beside its doors,
locked as long as it lives. A link goes only when nobody owns its book and it still leads where the book says.
"""

import contextlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

PATTERN = "links-*.jsonl"


class LinkBook:
    """The book of this process in a folder that is private to the user. Without one it works, and forgets."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"links-{os.getpid()}.jsonl"
        self._file: IO[str] | None = None

    def open(self) -> None:
        """Take away what killed processes left behind, then begin."""
        if os.name != "posix":  # no such links there
            return
        try:
            for path in self._path.parent.glob(PATTERN):
                _clear(path)
            while True:
                file = self._path.open("a", encoding="utf-8")
                if _lock(file) and os.fstat(file.fileno()).st_nlink:  # else somebody took it for a dead one
                    break
                file.close()
        except OSError as error:
            log.warning("no book of links at %s: %s", self._path, error)
            return
        self._file = file

    def note(self, link: Path, terminal: str) -> None:
        """Before the link is made: a line too many does no harm."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.write(json.dumps([str(link.absolute()), terminal]) + "\n")
                self._file.flush()

    def close(self) -> None:
        """All links are gone. Safe to call twice."""
        file, self._file = self._file, None
        if file is not None:
            self._path.unlink(missing_ok=True)
            file.close()


@contextlib.contextmanager
def link_book(folder: Path) -> Iterator[LinkBook]:
    """An open one."""
    book = LinkBook(folder)
    book.open()
    try:
        yield book
    finally:
        book.close()


def _clear(path: Path) -> None:
    """Nothing, while its owner lives."""
    with contextlib.suppress(OSError), path.open("r+", encoding="utf-8") as file:
        if not _lock(file):
            return
        for line in file:
            with contextlib.suppress(OSError, ValueError, TypeError):
                link, terminal = json.loads(line)
                if Path(link).readlink() == Path(terminal):
                    Path(link).unlink()
        path.unlink(missing_ok=True)


def _lock(file: IO[str]) -> bool:
    """False when another process has it."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
