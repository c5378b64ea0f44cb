"""`packdeck history export`: samples into a file or a pipe, as they come."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from tui.cli.history_feed import Asked
from tui.cli.history_rows import Extent, level_of, rows_of
from tui.cli.progress import Progress
from tui.cli.refusal import USAGE, Refusal, refuse, tell, words
from tui.locale import say
from tui.model.history import ROWS_MAX, EnergyTable, SamplePage, SampleRow, SampleTable
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
    from tui.store.history_files import csv_lines, json_lines

    level = level_of(resolution, extent.until_ms - extent.from_ms)
    with Progress() as progress:
        counted = _Counted(asked, extent, keys, level, progress)
        lines = csv_lines if kind == "csv" else json_lines
        texts = lines(counted, keys, with_track=not track)
        _write(target, texts)
    _told(target, counted.rows)


def export_energy(asked: Asked, question: EnergyTable, target: str, kind: str) -> None:
    """What went in and out, per day or month. Refusal when it cannot be written."""
    from tui.store.history_energy import energy_csv, energy_json

    sums = asked.ask(question).energy or ()
    _write(target, (energy_csv if kind == "csv" else energy_json)(sums, question.by))
    _told(target, len(sums))


def export_archive(asked: Asked, name: str, target: str, kind: str, keys: tuple[str, ...]) -> None:
    """One daily archive, as far as it can be read. Refusal when there is none, or it cannot be written."""
    from tui.store.history_files import csv_lines, json_lines

    first, cause = _archived(asked, name, keys, 0)
    counted = [0]

    def rows() -> Iterator[tuple[str, SampleRow]]:
        page = first
        while page.rows:
            for row in page.rows:
                counted[0] += 1
                yield page.track, row
            if counted[0] >= page.total:
                break
            page, _ = _archived(asked, name, keys, counted[0])

    _write(target, (csv_lines if kind == "csv" else json_lines)(rows(), keys, with_track=False))
    if cause is not None:
        tell(words(cause))
    _told(target, counted[0])


def _archived(asked: Asked, name: str, keys: tuple[str, ...], offset: int) -> tuple[SamplePage, Cause | None]:
    answer = asked.ask(SampleTable("", keys, offset=offset, rows=ROWS_MAX, newest_first=False, archive=name))
    assert answer.samples is not None, "an engine that obeys answers"
    return answer.samples, answer.cause


def _write(target: str, texts: Iterable[str]) -> None:
    """To the pipe, or into a new file: whole or not at all."""
    from tui.store.history_files import write_lines

    if target == PIPE:
        for text in texts:
            sys.stdout.write(text)
        sys.stdout.flush()
        return
    path = Path(target).expanduser().absolute()
    if path.exists():
        raise refuse(Cause("export-exists", (("path", str(path)),)))
    try:
        write_lines(path, texts)
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        raise refuse(Cause("export-failed", args)) from error


def _told(target: str, rows: int) -> None:
    if not rows:
        tell(say("cli-history-nothing"))
    if target != PIPE:
        path = Path(target).expanduser().absolute()
        click.echo(say("cli-history-exported", rows=str(rows), path=path))


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
