"""`packdeck --dev` (row S0-21): debug log, styles that reload when their file changes, Bluetooth on."""

import contextlib
import logging
import os
import threading
import time

from tui.feed.door import Door

FEATURES = "TEXTUAL"  # the library reads it while it starts
START_S = 15.0
LOOK_S = 0.2
ON_S = 1.0  # the shortest look around that turns a radio on, and it never shortens another one

log = logging.getLogger(__name__)


def begin() -> None:
    """Let the screen look at its style files again and again. Before the screen library is loaded."""
    said = [word for word in os.environ.get(FEATURES, "").split(",") if word]
    os.environ[FEATURES] = ",".join(dict.fromkeys((*said, "debug")))


def turn_radio_on(door: Door) -> threading.Thread:
    """Have the engine behind the door use its radio, even when no battery needs it. Does not wait."""
    thread = threading.Thread(target=_ask, args=(door,), name="dev radio", daemon=True)
    thread.start()
    return thread


def _ask(door: Door) -> None:
    """Wait for the door: the engine in this process opens it only after the first picture."""
    from tui.feed.remote import RemoteFeed
    from tui.model.requests import Scan

    until_s = time.monotonic() + START_S
    while not door.answers():
        if time.monotonic() > until_s:
            log.debug("no engine whose radio could be turned on")
            return
        time.sleep(LOOK_S)
    feed = RemoteFeed(door, is_screen=False)
    with contextlib.closing(feed):
        if feed.wait(START_S):
            answer = feed.ask(Scan(ON_S))
            log.debug("Bluetooth asked for: %s", "on" if answer.ok else answer.cause)
