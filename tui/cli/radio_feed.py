"""The engine whose radio is used: the one that runs, else one of our own without any track."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tui.cli import local, tracks
from tui.cli.refusal import NO_ENGINE, Refusal, refuse, words
from tui.engine.lock import EngineRuns
from tui.feed.feed import Feed
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.device import RadioState
from tui.model.fleet import Fleet
from tui.model.requests import Answer, Request

ATTACH_S = 5.0
START_S = 6.0  # for the adapter to be found
LOOK_S = 0.1
ASK_S = 60.0  # a probe connects first


@contextmanager
def radio_feed() -> Iterator[Feed]:
    """A feed that answers requests about devices."""
    door = local.door_here()
    if door.answers():
        remote = RemoteFeed(door, is_screen=False)
        try:
            if not remote.wait(ATTACH_S):
                cause = remote.fleet().engine.cause
                raise Refusal(words(cause) if cause else say("cli-no-engine"), NO_ENGINE)
            yield remote
        finally:
            remote.close()
        return
    own = local.OwnEngine([], config=replace(local.BARE, radio=tracks.configured().radio))
    try:
        own.take()
    except EngineRuns as error:
        raise Refusal(say("cli-engine-mute", pid=error.pid), NO_ENGINE) from error
    try:
        own.engine.start()
        yield own.engine
    finally:
        own.engine.close()
        own.stop()


def obeyed(feed: Feed, request: Request) -> Answer:
    """Ask; Refusal with the cause when it was not done."""
    answer = feed.ask_within(request, ASK_S) if isinstance(feed, RemoteFeed) else feed.ask(request)
    if not answer.ok and answer.cause is not None and answer.probe is None:
        raise refuse(answer.cause)
    return answer


def wait_for_radio(feed: Feed) -> None:
    """Wait until the adapter is on. Refusal with its cause when it is not."""

    def known(fleet: Fleet) -> bool:
        return fleet.radio.state not in (RadioState.UNUSED, RadioState.STARTING)

    until(feed, known, START_S)
    radio = feed.fleet().radio
    if radio.state is not RadioState.ON and radio.cause is not None:
        raise refuse(radio.cause)


def until(feed: Feed, true: Callable[[Fleet], bool], seconds: float) -> bool:
    """Wait for something in the fleet; False when it did not happen in time."""
    end_s = time.monotonic() + seconds
    while not true(feed.fleet()):
        if time.monotonic() > end_s:
            return False
        time.sleep(LOOK_S)
    return True
