"""`packdeck history export`: samples into a file or a pipe, as they come."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tui.cli.history_feed import Asked
from tui.cli.history_rows import Extent, level_of, rows_of
from tui.cli.progress import Progress
from tui.cli.refusal import USAGE, Refusal, refuse, tell
from tui.locale import say
from tui.model.history import SampleRow
from tui.model.link import Cause

KINDS = ("csv", "json")
PIPE = "-"


def kind_of(target: str, said: str | None) -> str:
    """What was said, else the end of the file's name, else CSV. Refusal for another end."""
    if said is not None:
        return said
    end = Path(target).suffix.lower().removeprefix(".")
    if target == PIPE:
        return "csv"
    if end not in KINDS:
        raise Refusal(say("cli-history-export-kind", path=target), USAGE)
    return end


def export(
    asked: Asked,
    extent: Extent,
    target: str,
    kind: str,
    keys: tuple[str, ...],
    resolution: str,
    *,
    track: str,
) -> None:
    """Write it. With `track` there is no column that names tracks. Refusal when it cannot be written."""
    from tui.store.history_files import csv_lines, json_lines, write_lines

    level = level_of(resolution, extent.until_ms - extent.from_ms)
    with Progress() as progress:
        counted = _Counted(asked, extent, keys, level, progress)
        lines = csv_lines if kind == "csv" else json_lines
        texts = lines(counted, keys, with_track=not track)
        if target == PIPE:
            for text in texts:
                sys.stdout.write(text)
            sys.stdout.flush()
        else:
            path = Path(target).expanduser().absolute()
            if path.exists():
                raise refuse(Cause("export-exists", (("path", str(path)),)))
            try:
                write_lines(path, texts)
            except OSError as error:
                args = (("path", str(path)), ("reason", error.strerror or str(error)))
                raise refuse(Cause("export-failed", args)) from error
    if not counted.rows:
        tell(say("cli-history-nothing"))
    if target != PIPE:
        click.echo(say("cli-history-exported", rows=str(counted.rows), path=path))


class _Counted:
    """The rows, counted and told to the bar."""

    def __init__(
        self, asked: Asked, extent: Extent, keys: tuple[str, ...], level: str, progress: Progress
    ) -> None:
        self._extent, self._progress = extent, progress
        self._source = rows_of(asked, extent, keys, level, self._told)
        self.rows = 0

    def __iter__(self) -> Iterator[tuple[str, SampleRow]]:
        for row in self._source:
            self.rows += 1
            yield row

    def _told(self, time_ms: int) -> None:
        span_ms = max(1, self._extent.until_ms - self._extent.from_ms)
        self._progress.at((time_ms - self._extent.from_ms) / span_ms)
