"""Where the program writes what it has to say about itself, and how a line looks."""

import logging
import logging.handlers
import os
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(mark)s %(kind)-5s %(message)s  [%(threadName)s %(name)s]"
FILE_BYTES = 1_000_000
FILES_KEPT = 2

# Row S2-31: classes of lines, each with a mark, a word, and on a terminal a colour.
MARKS = {"ble": ("~", 36), "conn": (">", 34), "ok": ("+", 32), "err": ("!", 31), "": (" ", 0)}
# Their debug lines hold every byte and every message, secrets of devices included.
CHATTERERS = ("bleak", "dbus_fast", "aiobmsble", "websockets")
_BLUETOOTH = ("tui.transports.ble", "tui.transports.radio", "tui.engine.bluetooth", "tui.engine.pairing")
_CONNECTIONS = ("tui.transports", "tui.engine.worker", "tui.engine.teller", "tui.feed", "tui.api")


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


def kind_of(record: logging.LogRecord) -> str:
    """The class of a line: what went wrong, what its writer calls it, or where it comes from."""
    if record.levelno >= logging.WARNING:
        return "err"
    said = getattr(record, "kind", "")
    if said in MARKS and said:
        return str(said)
    if record.name.startswith(_BLUETOOTH):
        return "ble"
    return "conn" if record.name.startswith(_CONNECTIONS) else ""


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
