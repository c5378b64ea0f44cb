"""Told to end: by a key, by the system, by a closed terminal."""

import signal
import sys
import threading

LOOK_S = 1.0


def until_told(*names: str) -> threading.Event:
    """An event that these signals set."""
    told = threading.Event()
    for name in names:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, lambda *_: told.set())
    return told


def wait_for(told: threading.Event) -> None:
    """Wait without end; on Windows in pieces, because there a wait cannot be interrupted."""
    while not told.wait(LOOK_S if sys.platform == "win32" else None):
        pass
