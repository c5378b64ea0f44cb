"""`packdeck logs`: what the program has to say about itself, read, filtered, followed (row S0-39)."""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from tui.cli.logs import MARKS
from tui.cli.refusal import Refusal
from tui.host.paths import log_file
from tui.locale import say

LOOK_S = 0.3
KINDS = tuple(kind for kind in MARKS if kind)
LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) . (.{5}) (.*?)(?:  \[(.*)\])?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was logged, with the lines that belong to it (a traceback)."""

    when: str  # local time, as written
    kind: str  # a class of row S2-31, or nothing
    text: str
    source: str  # thread and module
    lines: tuple[str, ...]  # as they stand in the file

    def fits(self, kinds: Iterable[str], text: str) -> bool:
        """Whether it is of one of these classes (none: of any) and holds that text."""
        wanted = tuple(kinds)
        return (not wanted or self.kind in wanted) and text.lower() in "\n".join(self.lines).lower()


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Entries of a log. Lines before the first one belong to a file rotated away, and are left out."""
    held: list[str] = []
    for line in lines:
        if LINE.match(line):
            if held:
                yield _entry(held)
            held = [line]
        elif held:
            held.append(line)
    if held:
        yield _entry(held)


def _entry(lines: list[str]) -> Entry:
    found = LINE.match(lines[0])
    assert found is not None
    when, kind, text, source = found.groups()
    return Entry(when, kind.strip(), text, source or "", tuple(lines))


def followed(path: Path, pause: Callable[[], None]) -> Iterator[Entry]:
    """Entries that are written from now on, also over a rotation. `pause` is called between two looks."""
    at = path.stat().st_size if path.exists() else 0
    inode = path.stat().st_ino if path.exists() else 0
    while True:
        pause()
        if not path.exists():
            continue
        stat = path.stat()
        if stat.st_ino != inode or stat.st_size < at:
            at, inode = 0, stat.st_ino
        with path.open("rb") as file:
            file.seek(at)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]  # the rest of a line comes with the next look
        at += len(whole)
        yield from entries(whole.decode("utf-8", "replace").splitlines())


@click.command(help=say("help-logs"))
@click.option("--follow", "-f", is_flag=True, help=say("help-logs-follow"))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help=say("help-logs-kind"))
@click.option("--text", default="", metavar="TEXT", help=say("help-logs-text"))
@click.option(
    "--lines", "count", type=click.IntRange(0), default=100, metavar="N", help=say("help-logs-lines")
)
@click.option("--json", "as_json", is_flag=True, help=say("help-logs-json"))
def logs(follow: bool, kinds: tuple[str, ...], text: str, count: int, as_json: bool) -> None:
    """The newest entries that fit, oldest first; with `--follow` those to come as well."""
    path = log_file()
    for entry in _newest(path, count, lambda one: one.fits(kinds, text), must_exist=not follow):
        _show(entry, as_json)
    if follow:
        for entry in followed(path, lambda: time.sleep(LOOK_S)):
            if entry.fits(kinds, text):
                _show(entry, as_json)


def _newest(path: Path, count: int, fits: Callable[[Entry], bool], must_exist: bool) -> Iterable[Entry]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return deque((one for one in entries(line.rstrip("\n") for line in file) if fits(one)), count)
    except FileNotFoundError:
        if must_exist:
            raise Refusal(say("logs-none", path=path)) from None
        return ()
    except OSError as error:
        raise Refusal(say("logs-unreadable", path=path, error=error.strerror or str(error))) from error


def _show(entry: Entry, as_json: bool) -> None:
    if as_json:
        value = {
            "local_time": entry.when,
            "kind": entry.kind or None,
            "text": "\n".join((entry.text, *entry.lines[1:])),
            "source": entry.source or None,
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        click.echo("\n".join(entry.lines))
