"""Where the program writes what it has to say about itself."""

import logging
import logging.handlers
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"
FILE_BYTES = 1_000_000
FILES_KEPT = 2


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
    if aloud:
        handlers.append(logging.StreamHandler(sys.stderr))
    logging.basicConfig(
        level=level.upper(), format=FORMAT, handlers=handlers or [logging.NullHandler()], force=True
    )
    logging.raiseExceptions = False  # a full disk must not write over the screen
