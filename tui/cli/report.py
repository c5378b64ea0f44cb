"""`packdeck report`: one page about one battery, for whoever buys it or has to honour its warranty.

`--json`: keys are only ever added; `null` is unknown, and `reason` says why; `error` is half the width of a
95 % band; `method` is how a value came about.

    {"schema": 1, "track", "title", "simulated", "made_timestamp_ms", "from_timestamp_ms",
     "until_timestamp_ms", "identity": {"manufacturer", "model", "hardware", "firmware", "serial",
     "production_date", "chemistry", "cells", "protocol"},
     "state": FIGURES, "energy": FIGURES, "energy_first_day", "energy_last_day", "health": FIGURES,
     "cells": [{"number", "rank", "figures": FIGURES}], "weakest_cell", "weakest_by",
     "events": {"total", "critical", "warning", "info", "shown": [as in `alerts history --json`]},
     "settings": [{"key", "name", "value"}], "settings_read_timestamp_ms", "gaps": [sentence]}
    FIGURES: {"voltage_v": {"value", "unit", "error", "method", "n", "timestamp_ms", "age_s", "reason"}, …}
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tui.cli import tracks
from tui.cli.alerts_json import record_json
from tui.cli.engine_feed import asked, running
from tui.cli.history_feed import Asked, HistoryFile, RunningHistory
from tui.cli.history_rows import extent_of
from tui.cli.refusal import USAGE, Refusal, refuse
from tui.cli.report_data import Collector, Figure, Report
from tui.cli.status import feed_of
from tui.cli.when import Range, Said, now_ms, range_of, range_options
from tui.cli.wire_options import Wires, wire_options
from tui.feed.feed import Feed
from tui.locale import LANGUAGES, say
from tui.model.alert import Severity
from tui.model.link import Cause

SCHEMA = 1
Json = dict[str, Any]


@click.command(help=say("help-report"))
@click.option("--track", default="", metavar="NAME", help=say("help-report-track"))
@range_options
@click.option("--html", "target", metavar="FILE|-", help=say("help-report-html"))
@click.option("--json", "as_json", is_flag=True, help=say("help-report-json"))
@click.option("--language", type=click.Choice(("auto", *LANGUAGES)), help=say("help-report-language"))
@click.option("--offline", is_flag=True, help=say("help-report-offline"))
@click.option("--simulated", "is_simulated", is_flag=True, help=say("help-history-simulated"))
@wire_options
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 300), default=6.0, metavar="S", help=say("help-wait")
)
def report(
    track: str,
    said: Said,
    target: str | None,
    as_json: bool,
    language: str | None,
    offline: bool,
    is_simulated: bool,
    wires: Wires,
    wait_s: float,
) -> None:
    """Collect everything once, and print it or write the page."""
    span = range_of(said, now_ms())
    path = _free(target) if target not in (None, "-") else None
    with _sources(offline or is_simulated, is_simulated, wires, wait_s) as (feed, history):
        fleet = feed.fleet() if feed is not None else None
        name = _chosen(track, [t.name for t in fleet.tracks] if fleet else [], history)
        ask = None if feed is None else lambda request: asked(feed, request)
        found = Collector(name, ask, fleet, history, span).report()
    _put(found, path, target, as_json=as_json)


def _put(found: Report, path: Path | None, target: str | None, *, as_json: bool) -> None:
    """On standard output, or into the file."""
    from tui.cli.report_html import html_page
    from tui.cli.report_text import text_lines

    if path is not None:
        _write(path, html_page(found))
    if as_json:
        click.echo(json.dumps(report_json(found), indent=2, ensure_ascii=False))
    elif target == "-":
        click.echo(html_page(found), nl=False)
    elif path is not None:
        click.echo(say("cli-report-written", path=path))
    else:
        for line in text_lines(found):
            click.echo(line)


@contextmanager
def _sources(
    offline: bool, is_simulated: bool, wires: Wires, wait_s: float
) -> Iterator[tuple[Feed | None, Asked]]:
    """Who answers: the engine that runs; else one of our own with the batteries, and the history's file."""
    if offline:
        yield None, HistoryFile(is_simulated=is_simulated)
        return
    with running() as feed:
        if feed is not None:
            tracks.check_served(feed.fleet(), wires.said)
            yield feed, RunningHistory(feed)
            return
    if not tracks.chosen(tracks.configured(), wires):
        yield None, HistoryFile()
        return
    with feed_of(wires, wait_s) as (own, is_own):
        yield own, HistoryFile() if is_own else RunningHistory(own)


def _chosen(said: str, served: Sequence[str], history: Asked) -> str:
    """The track that is meant: the only one, or the one that was named. Refusal for any other."""
    names = list(served)
    if not names or said not in ("", *names):
        try:
            names += [name for name in extent_of(history, (), Range()).tracks if name not in names]
        except Refusal:
            if not names:
                raise
    if said in names:
        return said
    if said:
        raise Refusal(say("cli-history-no-track", name=said, names=" ".join(names) or "--"))
    if len(names) != 1:
        raise Refusal(say("cli-report-which", names=" ".join(names) or "--"), USAGE)
    return names[0]


def _free(target: str | None) -> Path:
    """A name that is not taken, and a folder that is there: said before a battery is asked anything."""
    path = Path(target or "").expanduser().absolute()
    named = ("path", str(path))
    if path.exists():
        raise refuse(Cause("export-exists", (named,)))
    return path


def _write(path: Path, text: str) -> None:
    from tui.store.history_files import write_lines

    try:
        write_lines(path, (text,))
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        raise refuse(Cause("export-failed", args)) from error


def report_json(found: Report) -> Json:
    """The document of `--json`."""
    counts = dict(found.event_counts or ())
    shown = [record_json(record) for record in found.events]
    events = {severity.name.lower(): counts.get(severity) for severity in sorted(Severity, reverse=True)}
    first, last = found.energy_days or (None, None)
    return {
        "schema": SCHEMA,
        "track": found.track,
        "title": found.title or None,
        "simulated": found.simulated,
        "made_timestamp_ms": found.made_ms,
        "from_timestamp_ms": found.span.from_ms,
        "until_timestamp_ms": found.span.until_ms,
        "identity": {name.replace("-", "_"): value for name, value in found.identity},
        "state": _figures(found.state, found.made_ms),
        "energy": _figures(found.energy, found.made_ms),
        "energy_first_day": first,
        "energy_last_day": last,
        "health": _figures(found.health, found.made_ms),
        "cells": [
            {"number": cell.number, "rank": cell.rank, "figures": _figures(cell.figures, found.made_ms)}
            for cell in found.cells
        ],
        "weakest_cell": found.weakest,
        "weakest_by": found.weak_by or None,
        "events": {"total": found.events_total, **events, "shown": shown},
        "settings": [{"key": s.key, "name": s.name, "value": s.value} for s in found.settings],
        "settings_read_timestamp_ms": found.settings_read_ms,
        "gaps": list(found.gaps),
    }


def _figures(figures: Sequence[Figure], made_ms: int) -> Json:
    return {
        one.name: {
            "value": None if one.value is None else round(one.value, one.decimals + 2),
            "unit": one.unit or None,
            "error": None if one.error is None else round(one.error, one.decimals + 2),
            "method": one.method or None,
            "n": one.n,
            "timestamp_ms": one.at_ms,
            "age_s": None if one.at_ms is None else max(0, made_ms - one.at_ms) / 1000,
            "reason": one.reason or None,
        }
        for one in figures
    }
