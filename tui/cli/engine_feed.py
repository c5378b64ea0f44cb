"""The engine that a word of the command line asks: the one that runs here, else one of our own meanwhile."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.cli import limits, local, tracks
from tui.cli.refusal import FAILURE, NO_ENGINE, Refusal, refuse, words
from tui.cli.wire_options import Wires
from tui.engine.lock import EngineRuns
from tui.feed.feed import Feed
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.requests import Answer, Request
from tui.model.settings import Config
from tui.model.track import Setup

if TYPE_CHECKING:  # loaded when there is none to attach to
    from tui.engine.engine import Engine

ATTACH_S = 5.0
ASK_S = 60.0  # a year of history is long, and a probe connects first
LOOK_S = 0.1


@contextmanager
def running() -> Iterator[RemoteFeed | None]:
    """The engine that runs; `None` when there is none. Refusal when it cannot be spoken to."""
    door = local.door_here()
    if not door.answers():
        yield None
        return
    remote = RemoteFeed(door, is_screen=False)
    try:
        if not remote.wait(ATTACH_S):
            cause = remote.fleet().engine.cause
            raise Refusal(words(cause) if cause else say("cli-no-engine"), NO_ENGINE)
        yield remote
    finally:
        remote.close()


@contextmanager
def own(setups: Sequence[Setup], config: Config = local.BARE) -> Iterator["Engine"]:
    """One of our own, without a door, until the end of the block. Refusal when another has the lock."""
    ours = local.OwnEngine(setups, config=config)
    try:
        ours.take()
    except EngineRuns as error:
        raise Refusal(say("cli-engine-mute", pid=error.pid), NO_ENGINE) from error
    try:
        ours.engine.start()
        yield ours.engine
    finally:
        ours.engine.close()
        ours.stop()


@contextmanager
def without_tracks(set_up: Callable[[Config], Config]) -> Iterator[Feed]:
    """The engine that runs, else one of our own without any track; `set_up` says what it is to have."""
    with running() as feed:
        if feed is not None:
            yield feed
            return
    with own([], set_up(tracks.configured())) as engine:
        yield engine


@contextmanager
def with_tracks(
    wires: Wires, needed: Callable[[list[Setup]], list[Setup]] = lambda setups: setups
) -> Iterator[Feed]:
    """The engine that runs, else one of our own with those tracks that are `needed`.

    Ours judges by the limits of the configuration and tells nobody: whoever asked is here.
    Refusal for wires that the running engine does not have, and when there is nothing to read at all.
    """
    with running() as feed:
        if feed is not None:
            tracks.check_served(feed.fleet(), wires.said)
            yield feed
            return
    config = tracks.configured()
    setups = tracks.chosen(config, wires)
    if not setups:
        raise Refusal(say("cli-no-engine"), NO_ENGINE)
    bare = replace(local.BARE, alerts=limits.quiet(config.alerts))
    with own(needed(setups), bare) as engine:
        yield engine


def asked(feed: Feed, request: Request) -> Answer:
    """The answer, whatever it is; a large one may take its time."""
    return feed.ask_within(request, ASK_S) if isinstance(feed, RemoteFeed) else feed.ask(request)


def obeyed(feed: Feed, request: Request) -> Answer:
    """Ask; Refusal with the cause when it was not done."""
    answer = asked(feed, request)
    if not answer.ok:
        raise not_done(answer)
    return answer


def not_done(answer: Answer) -> Refusal:
    """Why a request was not done."""
    return refuse(answer.cause) if answer.cause is not None else Refusal(say("cli-no-engine"), FAILURE)


def until(feed: Feed, true: Callable[[Fleet], bool], seconds: float) -> bool:
    """Wait for something in the fleet; False when it did not happen in time."""
    end_s = time.monotonic() + seconds
    while not true(feed.fleet()):
        if time.monotonic() > end_s:
            return False
        time.sleep(LOOK_S)
    return True
