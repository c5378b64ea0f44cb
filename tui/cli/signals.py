"""Told to end: by a key, by the system, by a closed terminal."""

import signal
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
    """Wait without end, in pieces: Windows interrupts no wait, nor does a signal that another thread got."""
    while not told.wait(LOOK_S):
        pass
