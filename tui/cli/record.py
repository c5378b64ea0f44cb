"""`packdeck record FILE`: all traffic and all values of the engine, into a file."""

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.engine_feed import obeyed
from tui.cli.refusal import FAILURE, Refusal
from tui.cli.signals import until_told
from tui.cli.status import feed_of
from tui.cli.wire_options import Wires, wire_options
from tui.feed.feed import Feed
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.requests import Record

if TYPE_CHECKING:
    from tui.store.recorder import RecorderFigures

LOOK_S = 0.2


@click.command(help=say("help-record"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--seconds", type=click.FloatRange(0.1), metavar="S", help=say("help-record-seconds"))
@click.option("--stop", "only_stop", is_flag=True, help=say("help-record-stop"))
@wire_options
def record(file: Path | None, seconds: float | None, only_stop: bool, wires: Wires) -> None:
    """Tell the running engine to record, or be one that does."""
    told = until_told("SIGINT", "SIGTERM", "SIGHUP")
    with feed_of(wires, 0.0) as (feed, _):
        if only_stop:
            obeyed(feed, Record(""))
            return
        if file is None:
            raise Refusal(say("record-no-file"))
        path = file.expanduser().absolute()
        obeyed(feed, Record(str(path)))
        click.echo(say("record-started", path=path))
        begun_s = time.monotonic()
        try:
            _wait(feed, told, seconds, path)
        finally:
            took_s = time.monotonic() - begun_s
            figures = _figures(feed)
            if feed.fleet().engine.attached:
                obeyed(feed, Record(""))
        if figures is None:
            click.echo(say("record-unknown", path=path))
        else:
            said = {"frames": str(figures.written), "dropped": str(figures.dropped)}
            click.echo(say("record-done", path=path, seconds=f"{took_s:.0f}", **said))


def _figures(feed: Feed) -> "RecorderFigures | None":
    """What an engine of our own has written; another one tells nobody."""
    if isinstance(feed, RemoteFeed):
        return None
    from tui.engine.engine import Engine

    return feed.recording_figures().file if isinstance(feed, Engine) else None


def _wait(feed: Feed, told: threading.Event, seconds: float | None, path: Path) -> None:
    until_s = time.monotonic() + seconds if seconds is not None else float("inf")
    while not told.wait(min(LOOK_S, max(0.0, until_s - time.monotonic()))):
        if time.monotonic() >= until_s:
            return
        if not feed.fleet().engine.attached:
            raise Refusal(say("record-engine-lost", path=path), FAILURE)
