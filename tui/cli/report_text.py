"""A report as plain lines for a terminal."""

from collections.abc import Iterator, Sequence

from tui import __version__
from tui.cli.report_data import Figure, Report
from tui.cli.report_words import (
    column_sources,
    columns,
    counts_words,
    energy_days,
    heading,
    name_of,
    short_of,
    source_of,
    span_words,
    value_of,
    weakest_words,
)
from tui.cli.status_words import alert_words
from tui.cli.when import iso
from tui.locale import say
from tui.style.numbers import UNKNOWN


def text_lines(report: Report) -> Iterator[str]:
    """The page from top to bottom."""
    yield say("cli-report-title", name=heading(report))
    if report.simulated:
        yield say("cli-report-simulated")
    yield say("cli-report-made", time=iso(report.made_ms), version=__version__)
    yield span_words(report)
    yield from _section("identity")
    yield from _pairs([(say(f"cli-report-id-{name}"), value) for name, value in report.identity])
    yield from _section("state")
    yield from _figures(report.state, report.made_ms)
    yield from _section("energy", energy_days(report))
    yield from _figures(report.energy, report.made_ms)
    yield from _section("health")
    yield from _figures(report.health, report.made_ms)
    yield f"  {weakest_words(report)}"
    yield from _section("cells")
    yield from _cells(report)
    yield from _section("events", counts_words(report))
    for record in report.events:
        yield f"  {iso(record.alert.since_ms)}  {alert_words(record.alert)}"
    yield from _section("settings", "" if report.settings_read_ms is None else iso(report.settings_read_ms))
    yield from _pairs([(setting.name, setting.value) for setting in report.settings])
    if report.gaps:
        yield from _section("gaps")
        yield from (f"  {gap}" for gap in report.gaps)
    yield ""
    yield say("not-for-safety")


def _section(name: str, more: str = "") -> Iterator[str]:
    yield ""
    yield f"{say(f'cli-report-part-{name}')}{f' – {more}' if more else ''}"


def _pairs(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not pairs:
        yield f"  {say('cli-report-unknown')}"
        return
    wide = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        yield f"  {name:<{wide}}  {value}"


def _figures(figures: Sequence[Figure], made_ms: int) -> Iterator[str]:
    if not figures:
        yield f"  {say('cli-report-unknown')}"
        return
    names = [name_of(figure) for figure in figures]
    values = [value_of(figure) for figure in figures]
    wide, high = max(map(len, names)), max(map(len, values))
    for name, value, figure in zip(names, values, figures, strict=True):
        yield f"  {name:<{wide}}  {value:<{high}}  {source_of(figure, made_ms)}"


def _cells(report: Report) -> Iterator[str]:
    if not report.cells:
        yield f"  {say('cli-report-unknown')}"
        return
    shown = list(columns(report))
    heads = [say("cli-report-cell"), *(title for _, title in shown), say("cli-report-cell-rank")]
    rows = [
        [
            str(cell.number),
            *(short_of(cell.figures[index]) for index, _ in shown),
            UNKNOWN if cell.rank is None else str(cell.rank),
        ]
        for cell in report.cells
    ]
    wide = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    for row in (heads, *rows):
        yield "  " + "  ".join(text.rjust(size) for text, size in zip(row, wide, strict=True))
    for source in column_sources(report):
        yield f"  {source}"
