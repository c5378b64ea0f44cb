"""Where the program writes what it has to say about itself, and how a line looks."""

import logging
import logging.handlers
import os
import sys
from pathlib import Path

from tui.host.log_kinds import FILES_KEPT, MARKS, kind_of

FORMAT = "%(asctime)s %(mark)s %(kind)-5s %(message)s  [%(threadName)s %(name)s]"
FILE_BYTES = 1_000_000
# Their debug lines hold every byte and every message, secrets of devices included.
CHATTERERS = ("bleak", "dbus_fast", "aiobmsble", "websockets")


class Lines(logging.Formatter):
    """One line each: time, mark and class, what happened, and who says so."""

    def __init__(self, *, colours: bool = False) -> None:
        super().__init__(FORMAT)
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback follows it."""
        kind = kind_of(record)
        mark, colour = MARKS[kind]
        vars(record).update(kind=kind, mark=mark)
        line = super().format(record)
        return f"\x1b[{colour}m{line}\x1b[0m" if self._colours and colour else line


def start_log(path: Path, level: str = "info", *, aloud: bool = False) -> None:
    """Log to a file of bounded size, and with `aloud` to standard error as well (for the system's journal).

    A file that cannot be written is no reason to stop: then there is no log, or only the loud one.
    """
    handlers: list[logging.Handler] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
            )
        )
        path.open("a").close()
    except OSError:
        handlers.clear()
    for handler in handlers:
        handler.setFormatter(Lines())
    if aloud:
        loud = logging.StreamHandler(sys.stderr)
        loud.setFormatter(Lines(colours=sys.stderr.isatty() and not os.environ.get("NO_COLOR")))
        handlers.append(loud)
    logging.basicConfig(level=level.upper(), handlers=handlers or [logging.NullHandler()], force=True)
    for library in CHATTERERS:
        logging.getLogger(library).setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk must not write over the screen
