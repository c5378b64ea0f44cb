"""`packdeck status`: what is known, without a screen."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from tui.cli import check as checks
from tui.cli.engine_feed import with_tracks
from tui.cli.refusal import DEVICE, Refusal
from tui.cli.status_json import as_json
from tui.cli.status_words import as_lines, one_line
from tui.cli.wire_options import Wires, wire_options
from tui.feed.feed import Feed
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.link import Phase
from tui.model.track import Track

NAME_S = 1.5
TICK_S = 0.05


@click.command(help=say("help-status"))
@click.option("--json", "wants_json", is_flag=True, help=say("help-status-json"))
@click.option("--check", "wants_check", is_flag=True, help=say("help-status-check"))
@click.option(
    "--watch",
    type=click.FloatRange(0.1, 3600),
    is_flag=False,
    flag_value=1.0,
    metavar="[=S]",
    help=say("help-status-watch"),
)
@wire_options
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 300), default=6.0, metavar="S", help=say("help-wait")
)
def status(
    wants_json: bool,
    wants_check: bool,
    watch: float | None,
    wait_s: float,
    wires: Wires,
) -> None:
    """Ask the running engine, or be one for a moment."""
    try:
        with feed_of(wires, wait_s) as (feed, is_own):
            if watch is not None:
                _watch(feed, watch, wants_json)
            code = _print(feed.fleet(), wants_json, wants_check)
            nothing = is_own and all(track.pack_at_s is None for track in feed.fleet().tracks)
    except Refusal as refusal:
        if wants_check:
            click.echo(checks.line(checks.UNKNOWN, " ".join(refusal.message.split())))
            sys.exit(checks.UNKNOWN)
        raise
    if wants_check:
        sys.exit(code)
    sys.exit(DEVICE if nothing else 0)


@contextmanager
def feed_of(wires: Wires, wait_s: float) -> Iterator[tuple[Feed, bool]]:
    """The engine that runs; or, with tracks to read, one of our own (True) for as long as this lasts."""
    with with_tracks(wires) as feed:
        is_own = not isinstance(feed, RemoteFeed)
        if is_own:
            _wait_for(lambda: all(_has_said(track) for track in feed.fleet().tracks), wait_s)
            _wait_for(lambda: all(_has_a_name(track) for track in feed.fleet().tracks), min(NAME_S, wait_s))
        yield feed, is_own


def _has_said(track: Track) -> bool:
    """True when waiting longer brings nothing: all values are there, or the wire cannot be opened."""
    everything = track.pack_at_s is not None and (track.cells_at_s is not None or track.setup.is_bus)
    return everything or track.link.phase in (Phase.LOST, Phase.TAP)


def _has_a_name(track: Track) -> bool:
    """A simulated device is known by its name; some real ones never say theirs."""
    return track.pack_at_s is None or track.identity.hardware is not None or track.setup.is_bus


def _wait_for(true: Callable[[], bool], timeout_s: float) -> None:
    until_s = time.monotonic() + timeout_s
    moment = threading.Event()
    while not true() and time.monotonic() < until_s:
        moment.wait(TICK_S)


def _now_s(fleet: Fleet) -> float:
    return time.monotonic() + fleet.engine.offset_s


def _print(fleet: Fleet, wants_json: bool, wants_check: bool) -> int:
    now_s = _now_s(fleet)
    if wants_check:
        code, line = checks.check(fleet, now_s)
        click.echo(line)
        return code
    if wants_json:
        document = as_json(fleet, now_s, int(time.time() * 1000))
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(as_lines(fleet, now_s)))
    return 0


def _watch(feed: Feed, every_s: float, wants_json: bool) -> None:
    """One line for each change of each track, until Ctrl+C. With `wants_json` each line is a document."""
    said: dict[str, str] = {}
    moment = threading.Event()
    while True:
        fleet = feed.fleet()
        now_s = _now_s(fleet)
        new = {track.name: one_line(fleet, track, now_s) for track in fleet.tracks}
        new[""] = "" if fleet.engine.attached else say("cli-engine-lost")
        changed = [line for name, line in new.items() if said.get(name, "") != line and line]
        if wants_json and new != said:
            click.echo(json.dumps(as_json(fleet, now_s, int(time.time() * 1000)), ensure_ascii=False))
        elif not wants_json:
            for line in changed:
                click.echo(f"{time.strftime('%H:%M:%S')}  {line}")
        sys.stdout.flush()
        said = new
        moment.wait(every_s)
