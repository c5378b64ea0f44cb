"""`packdeck logs`: what the program has to say about itself, read, filtered, followed (row S0-39)."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from tui.cli.refusal import Refusal
from tui.host.log_entries import as_written, followed, holds, newest
from tui.host.log_kinds import CLASSES
from tui.host.paths import log_file
from tui.locale import say
from tui.model.system import LogEntry

LOOK_S = 0.3


@click.command(help=say("help-logs"))
@click.option("--follow", "-f", is_flag=True, help=say("help-logs-follow"))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(CLASSES), help=say("help-logs-kind"))
@click.option("--text", default="", metavar="TEXT", help=say("help-logs-text"))
@click.option(
    "--lines", "count", type=click.IntRange(0), default=100, metavar="N", help=say("help-logs-lines")
)
@click.option("--json", "as_json", is_flag=True, help=say("help-logs-json"))
def logs(follow: bool, kinds: tuple[str, ...], text: str, count: int, as_json: bool) -> None:
    """The newest entries that fit, oldest first; with `--follow` those to come as well."""
    path = log_file()

    def fits(entry: LogEntry) -> bool:
        return (not kinds or entry.kind in kinds) and holds(entry, text)

    for entry in reversed(_newest(path, count, fits, must_exist=not follow)):
        _show(entry, as_json)
    if follow:
        for entry in followed(path, lambda: time.sleep(LOOK_S)):
            if fits(entry):
                _show(entry, as_json)


def _newest(path: Path, count: int, fits: Callable[[LogEntry], bool], must_exist: bool) -> Sequence[LogEntry]:
    try:
        return newest((path,), count, fits)
    except FileNotFoundError:
        if must_exist:
            raise Refusal(say("logs-none", path=path)) from None
        return ()
    except OSError as error:
        raise Refusal(say("logs-unreadable", path=path, error=error.strerror or str(error))) from error


def _show(entry: LogEntry, as_json: bool) -> None:
    if as_json:
        value = {
            "local_time": entry.when,
            "kind": entry.kind or None,
            "text": "\n".join((entry.text, *entry.more)),
            "source": entry.source or None,
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        click.echo("\n".join(as_written(entry)))
