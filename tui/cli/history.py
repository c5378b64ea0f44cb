"""`packdeck history`: what was measured, from the engine that runs or from the file of one that did."""

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from tui.cli.click_words import Group
from tui.cli.engine_feed import obeyed
from tui.cli.history_feed import Asked, RunningHistory, history_here, operator
from tui.cli.history_json import SCHEMA, archive_table, chart_json, table_lines, table_of
from tui.cli.history_rows import AUTO, RESOLUTIONS, Extent, extent_of, level_of
from tui.cli.refusal import USAGE, Refusal, refuse, tell
from tui.cli.when import Range, Said, iso, now_ms, range_of, range_options
from tui.locale import say
from tui.model.history import (
    POINTS,
    POINTS_MAX,
    ROWS_MAX,
    TABLE,
    ClearHistory,
    EnergyTable,
    HistoryFiles,
    HistoryPage,
    quantity,
)
from tui.model.link import Cause
from tui.style.numbers import UNKNOWN

Command = TypeVar("Command", bound=Callable[..., Any])
ROWS = 20  # row CL-46
PLOTTED = ("pack_v", "current_a", "soc_pct")
WHAT = ("samples", "archives", "all")


@click.group(cls=Group, help=say("help-history"))
def history() -> None:
    """Group of what can be done with what was measured."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `show`, `plot` and `export` are asked for, not yet looked at."""

    said: Said
    track: str
    quantities: tuple[str, ...]
    is_simulated: bool


def _wanted(command: Command) -> Command:
    """Add those options; the function gets them as its parameter `wanted`."""

    @functools.wraps(command)
    def with_wanted(*args: Any, **given: Any) -> Any:
        track, quantities = given.pop("track"), given.pop("said_quantities")
        wanted = Wanted(given.pop("said"), track, quantities, given.pop("is_simulated"))
        return command(*args, wanted=wanted, **given)

    for option in (
        click.option("--simulated", "is_simulated", is_flag=True, help=say("help-history-simulated")),
        click.option(
            "--quantity", "said_quantities", multiple=True, metavar="NAME", help=say("help-history-quantity")
        ),
        click.option("--track", default="", metavar="NAME", help=say("help-history-track")),
    ):
        option(with_wanted)
    return range_options(with_wanted)  # type: ignore[return-value]


def _quantities(said: tuple[str, ...], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Names with commas or repeated. Refusal for a quantity that there is not."""
    keys = tuple(key.strip() for text in said for key in text.split(",") if key.strip())
    for key in keys:
        if quantity(key) is None:
            raise refuse(Cause("quantity-unknown", (("quantity", key),)), USAGE)
    return tuple(dict.fromkeys(keys)) or otherwise


_resolution = click.option(
    "--resolution",
    type=click.Choice(RESOLUTIONS, case_sensitive=False),
    default=AUTO,
    help=say("help-history-resolution"),
)
_json = click.option("--json", "as_json", is_flag=True, help=say("help-history-json"))


@history.command(help=say("help-history-show"))
@_wanted
@_resolution
@click.option(
    "--rows", type=click.IntRange(0, ROWS_MAX), default=ROWS, metavar="N", help=say("help-history-rows")
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help=say("help-history-offset"))
@click.option("--archive", default="", metavar="FILE", help=say("help-history-archive"))
@_json
def show(
    wanted: Wanted,
    resolution: str,
    rows: int,
    offset: int,
    archive: str,
    as_json: bool,
) -> None:
    """The newest rows of a range, oldest first."""
    keys = _quantities(wanted.quantities, TABLE)
    span = range_of(wanted.said, now_ms())
    with history_here(is_simulated=wanted.is_simulated) as asked:
        if archive:
            table = archive_table(asked, archive, keys, rows, offset)
        else:
            extent = _extent(asked, wanted.track, span)
            table = table_of(asked, extent, keys, level_of(resolution, _span_ms(extent)), rows, offset)
    if as_json:
        click.echo(json.dumps(table, indent=2, ensure_ascii=False))
        return
    for line in table_lines(table, keys):
        click.echo(line)


def _extent(asked: Asked, track: str, span: Range) -> Extent:
    """What there is of the range. Refusal for a track that nobody knows."""
    extent = extent_of(asked, (track,) if track else (), span)
    if track and extent.is_empty:
        known = set(extent_of(asked, (), Range()).tracks)
        if isinstance(asked, RunningHistory):
            known |= {one.name for one in asked.feed.fleet().tracks}
        if track not in known:
            raise Refusal(say("cli-history-no-track", name=track, names=" ".join(sorted(known)) or UNKNOWN))
    return extent


def _span_ms(extent: Extent) -> int:
    return extent.until_ms - extent.from_ms


@history.command(help=say("help-history-plot"))
@_wanted
@click.option(
    "--height", type=click.IntRange(3, 60), default=10, metavar="N", help=say("help-history-height")
)
@click.option(
    "--points",
    type=click.IntRange(1, POINTS_MAX),
    default=POINTS,
    metavar="N",
    help=say("help-history-points"),
)
@_json
@click.pass_context
def plot(
    ctx: click.Context,
    wanted: Wanted,
    height: int,
    points: int,
    as_json: bool,
) -> None:
    """Charts of plain characters."""
    keys = _quantities(wanted.quantities, PLOTTED)
    time_ms = now_ms()
    span = range_of(wanted.said, time_ms, "24h")
    with history_here(is_simulated=wanted.is_simulated) as asked:
        extent = _extent(asked, wanted.track, span)
        question = HistoryPage(
            extent.tracks,
            keys,
            span.from_ms if span.from_ms is not None else extent.from_ms,
            span.until_ms or time_ms,
            points,
        )
        chart = asked.ask(question).chart if extent.tracks else None
        simulated = asked.simulated
    if as_json:
        click.echo(json.dumps(chart_json(chart, simulated), indent=2, ensure_ascii=False))
        return
    if chart is None or not any(series.buckets for series in chart.series):
        click.echo(say("cli-history-nothing"))
        return
    from tui.cli.history_plot import glyphs_here, plot_lines, terminal_cells

    for name in sorted(simulated & set(extent.tracks)):
        click.echo(say("cli-history-simulated", track=name))
    for line in plot_lines(chart, height, glyphs_here(ctx.find_root().obj.glyphs), terminal_cells()):
        click.echo(line)


@history.command(help=say("help-history-export"))
@click.argument("target", metavar="FILE|-", default="-")
@_wanted
@_resolution
@click.option(
    "--format",
    "kind",
    type=click.Choice(("csv", "json"), case_sensitive=False),
    help=say("help-history-format"),
)
@click.option(
    "--energy", type=click.Choice(("day", "month"), case_sensitive=False), help=say("help-history-energy")
)
@click.option("--archive", default="", metavar="FILE", help=say("help-history-archive"))
@click.option("--json", "as_json", is_flag=True, help=say("help-history-export-json"))
def export(
    target: str,
    wanted: Wanted,
    resolution: str,
    kind: str | None,
    energy: str | None,
    archive: str,
    as_json: bool,
) -> None:
    """Every row of a range, streamed; or energy sums, or one archive."""
    from tui.cli import history_export

    if energy and (archive or wanted.quantities):
        raise Refusal(say("cli-history-export-energy"), USAGE)
    keys = _quantities(wanted.quantities, TABLE)
    kind = "json" if as_json else history_export.kind_of(target, kind)
    span = range_of(wanted.said, now_ms())
    with history_here(is_simulated=wanted.is_simulated) as asked:
        if archive:
            history_export.export_archive(asked, archive, target, kind, keys)
            return
        extent = _extent(asked, wanted.track, span)
        if energy:
            tracks = (wanted.track,) if wanted.track else ()
            question = EnergyTable(tracks, energy, span.from_ms, span.until_ms)
            history_export.export_energy(asked, question, target, kind)
            return
        history_export.export(asked, extent, target, kind, keys, resolution, track=wanted.track)


@history.command(help=say("help-history-files"))
@_json
def files(as_json: bool) -> None:
    """The daily archives, newest first."""
    with history_here() as asked:
        found = asked.ask(HistoryFiles()).files or ()
    if as_json:
        entries = [
            {
                "name": file.name,
                "day": file.day,
                "track": file.track,
                "size_bytes": file.size_bytes,
                "modified_timestamp_ms": file.modified_ms,
            }
            for file in found
        ]
        click.echo(json.dumps({"schema": SCHEMA, "files": entries}, indent=2, ensure_ascii=False))
        return
    for file in found:
        click.echo(f"{file.name:<44}  {file.size_bytes:>10} B  {iso(file.modified_ms)}")
    if not found:
        click.echo(say("cli-history-no-files"))


@history.command(help=say("help-history-clear"))
@click.argument("what", type=click.Choice(WHAT, case_sensitive=False), default="samples")
@click.option("--yes", "-y", "is_sure", is_flag=True, help=say("help-clear-yes"))
@_json
def clear(what: str, is_sure: bool, as_json: bool) -> None:
    """Delete what was measured, after a word was typed."""
    if not is_sure:
        typed(say(f"cli-history-clear-{what}"))
    with operator() as feed:
        storage = obeyed(feed, ClearHistory(what)).storage
    if as_json:
        samples = storage.samples if storage else None
        archives = storage.archives if storage else None
        document = {"schema": SCHEMA, "cleared": what, "samples": samples, "archives": archives}
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(say(f"cli-history-cleared-{what}"))


def typed(question: str) -> None:
    """Ask for the word that means it. Refusal when another was typed, or nobody is there to ask."""
    word = say("cli-clear-word")
    tell(question)
    click.echo(say("cli-clear-ask", word=word), err=True, nl=False)
    answer = sys.stdin.readline().strip()
    if not sys.stdin.isatty():
        click.echo(err=True)
    if answer.lower() != word.lower():
        raise Refusal(say("cli-clear-not" if answer else "cli-clear-needs-yes"))
