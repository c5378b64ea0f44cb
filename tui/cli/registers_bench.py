"""Whose parameters: a track of the engine that runs, or of one of our own; asking it, and waiting for it."""

import functools
import getpass
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from tui.cli.engine_feed import asked, until, with_tracks
from tui.cli.progress import Progress
from tui.cli.refusal import DEVICE, FAILURE, NO_ENGINE, USAGE, Refusal, refuse, words
from tui.cli.wire_options import Wires, wire_options
from tui.feed.feed import Feed
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.link import Cause, Phase
from tui.model.register import RegisterPage
from tui.model.register_requests import (
    CheckChanges,
    CompareRegisters,
    DropLease,
    ReadRegisters,
    TakeLease,
    WriteRegisters,
)
from tui.model.register_review import SourceKind
from tui.model.requests import Answer, Request
from tui.model.track import Setup, Track
from tui.model.write_plan import Desk
from tui.protocols.parameter_tables import TABLES

Command = TypeVar("Command", bound=Callable[..., Any])
SCREEN = f"cli-{os.getpid()}"
MAX_AGE_S = 60.0  # what was read longer ago is read anew
NAME_S = 1.5  # for a device to say its firmware, which an import is judged by
PATIENCE_S = 90.0  # while somebody else uses the wire, or all parameters are read over a slow one
LOOK_S = 0.1
WAITING = ("reg-reading", "reg-busy")
USABLE = (Phase.UP, Phase.ASLEEP)
OVER = (Phase.LOST, Phase.TAP, Phase.LENT)
# Causes that are neither the device's nor the wire's; of those that begin with `reg-` these are.
OURS = ("reg-", "backup-", "preset-", "command-", "track-", "viewer-", "internal-", "export-")
A_FILE = "reg-file-"  # causes that lie in a file
THE_DEVICE = ("reg-no-answer", "reg-no-link", "reg-reading", "reg-refused-", "reg-nack", "reg-interrupted")


@dataclass(frozen=True, slots=True)
class Where:
    """What the command line said about whose parameters are meant."""

    track: str
    wires: Wires
    wait_s: float
    asks_password: bool


def where_options(command: Command) -> Command:
    """Add the options; the function gets them as its parameter `where`."""

    @functools.wraps(command)
    def with_where(*args: Any, **said: Any) -> Any:
        where = Where(said.pop("track"), said.pop("wires"), said.pop("wait_s"), said.pop("asks_password"))
        return command(*args, where=where, **said)

    options = (
        wire_options,
        click.option(
            "--wait",
            "wait_s",
            type=click.FloatRange(0, 300),
            default=10.0,
            metavar="S",
            help=say("help-wait"),
        ),
        click.option("--password", "asks_password", is_flag=True, help=say("help-registers-password")),
        click.option("--track", default="", metavar="NAME", help=say("help-registers-track")),
    )
    for option in options:
        with_where = option(with_where)
    return with_where  # type: ignore[return-value]


def exit_code_of(cause: Cause) -> int:
    """What it was refused by: no engine, the device or its wire, else a rule."""
    if cause.key.startswith("engine-"):
        return NO_ENGINE
    if cause.key.startswith(THE_DEVICE) or not cause.key.startswith(OURS):
        return DEVICE
    return FAILURE


def refused(cause: Cause) -> Refusal:
    """The refusal of a cause, with its exit code."""
    return refuse(cause, exit_code_of(cause))


def me() -> str:
    """Who asks: the name of this user; empty where it is not known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _file_words(request: Request, cause: Cause) -> str:
    """`battery.json: ` before what is wrong with that file."""
    if not isinstance(request, CheckChanges | CompareRegisters | WriteRegisters) or request.source is None:
        return ""
    source = request.source
    is_named = source.kind is SourceKind.FILE and source.name != "-"
    return f"{source.name}: " if is_named and cause.key.startswith(A_FILE) else ""


class Bench:
    """One track's parameters. `password` opens boards that want one; it is kept nowhere."""

    def __init__(self, feed: Feed, track: str, password: str = "") -> None:
        self.feed, self.track, self.password = feed, track, password

    @property
    def desk(self) -> Desk:
        """What goes on there now. Refusal when the engine is gone."""
        fleet = self.feed.fleet()
        if not fleet.engine.attached:
            raise Refusal(say("cli-reg-engine-lost"), NO_ENGINE)
        return fleet.desk(self.track)

    @property
    def state(self) -> Track:
        """The track as it is now."""
        track = self.feed.fleet().track(self.track)
        assert track is not None
        return track

    def obeyed(self, request: Request) -> Answer:
        """Ask, again while the wire is in use. Refusal with the cause when it was not done."""
        answer = self.asked(request)
        if not answer.ok:
            cause = answer.cause or Cause("engine-silent")
            raise Refusal(_file_words(request, cause) + words(cause), exit_code_of(cause))
        return answer

    def asked(self, request: Request) -> Answer:
        """The answer, whatever it is, once the wire is free."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            answer = asked(self.feed, request)
            is_early = not answer.ok and answer.cause is not None and answer.cause.key in WAITING
            if not is_early or time.monotonic() > end_s:
                return answer
            self._wait_until_idle()

    def page(self, *, fresh: bool = False) -> RegisterPage:
        """All parameters: read anew when that was asked for, or when the last reading is old."""
        before_ms = self.desk.read_ms
        if before_ms is None:
            return self._page(fresh=False)
        fresh = fresh or time.time() - before_ms / 1000 > MAX_AGE_S
        page = self._page(fresh=fresh)
        if fresh and page.read_ms == before_ms:  # the engine gave up waiting; reading goes on
            self._wait_until_idle()
            page = self._page(fresh=self.desk.read_ms == before_ms)
        return page

    def _page(self, *, fresh: bool) -> RegisterPage:
        request = ReadRegisters(self.track, fresh, self.password)
        with Progress() as progress, ThreadPoolExecutor(1) as helper:
            coming = helper.submit(self.obeyed, request)
            while not coming.done():
                if (reading := self.feed.fleet().desk(self.track).reading) is not None:
                    progress.at(reading[0] / max(1, reading[1]))
                time.sleep(LOOK_S)
        page = coming.result().registers
        assert page is not None
        return page

    def _wait_until_idle(self) -> None:
        def is_idle(fleet: Fleet) -> bool:
            desk = fleet.desk(self.track)
            return desk.reading is None and not (desk.plan is not None and desk.plan.state.is_running)

        time.sleep(LOOK_S)
        until(self.feed, is_idle, PATIENCE_S)

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Nobody else edits meanwhile. Refusal with the name of whoever does."""
        self.obeyed(TakeLease(self.track, SCREEN, me()))
        try:
            yield
        finally:
            asked(self.feed, DropLease(self.track, SCREEN))


@contextmanager
def bench(where: Where, *, needs_link: bool = True, also: str = "") -> Iterator[Bench]:
    """The parameters of the track that is meant. `also` is another track that must be there."""
    password = password_of(where)
    with _feed(where, also) as feed:
        fleet = feed.fleet()
        track = _the_one(where, [one.setup for one in fleet.tracks])
        found = Bench(feed, track, password)
        if needs_link:
            for name in (track, also) if also else (track,):
                _wait_for_link(feed, name, where.wait_s)
        yield found


def password_of(where: Where) -> str:
    """From a prompt or from standard input: an argument could be read in the list of processes."""
    if not where.asks_password:
        return ""
    if sys.stdin.isatty():
        return str(click.prompt(say("cli-reg-password"), hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _feed(where: Where, also: str) -> AbstractContextManager[Feed]:
    def needed(setups: list[Setup]) -> list[Setup]:
        names = (_the_one(where, setups), also)
        return [setup for setup in setups if setup.name in names]

    return with_tracks(where.wires, needed)


def _the_one(where: Where, setups: list[Setup]) -> str:
    """The track that was named, else the only one with parameters. Refusal when there are several."""
    names = [setup.name for setup in setups]
    if where.track:
        if where.track not in names:
            raise Refusal(say("cli-no-track", name=where.track, names=" ".join(names)))
        return where.track
    able = [setup.name for setup in setups if setup.protocol in (*TABLES, "auto")] or names
    if len(able) != 1:
        raise Refusal(say("cli-reg-which", names=" ".join(able)), USAGE)
    return able[0]


def _wait_for_link(feed: Feed, name: str, wait_s: float) -> None:
    """Until the battery has answered and said what it is. Refusal when it does not."""

    def track_in(fleet: Fleet) -> Track:
        track = fleet.track(name)
        if track is None:
            raise refused(Cause("track-unknown", (("track", name),)))
        return track

    def is_settled(fleet: Fleet) -> bool:
        return track_in(fleet).link.phase in (*USABLE, *OVER)

    def is_known(fleet: Fleet) -> bool:
        return track_in(fleet).identity.firmware is not None or track_in(fleet).link.phase is not Phase.UP

    until(feed, is_settled, wait_s)
    link = track_in(feed.fleet()).link
    if link.phase not in USABLE:
        sentence = words(Cause("reg-no-link", (("track", name),)))
        more = f"\n{words(link.cause)}" if link.cause is not None else ""
        raise Refusal(sentence + more, DEVICE)
    until(feed, is_known, NAME_S)
