"""A report as one HTML file: nothing from outside, every value escaped, one page of A4 on paper."""

from collections.abc import Iterator, Sequence
from html import escape

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
from tui.locale import language, say
from tui.style.numbers import UNKNOWN

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
SETTINGS_SHOWN = 66  # in three columns; what is beyond them is named
COLUMNS_OF_THREE = 3  # of figures, where three tables stand side by side

# Sizes are in points and millimetres: on paper the page is one of A4, on a screen it is as wide as that.
STYLE = """
@page { size: A4; margin: 9mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 192mm; padding: 4mm; background: #fff; color: #111;
  font: 7.2pt/1.22 "DejaVu Sans", Arial, Helvetica, sans-serif }
h1 { font-size: 14pt; margin: 0 }
h2 { font-size: 8.6pt; margin: 2.2mm 0 .6mm; border-bottom: .3mm solid #444 }
h2 small, .source { color: #555; font-weight: normal; font-size: 6.2pt }
p { margin: .4mm 0 }
.sim { border: .6mm solid #111; padding: .6mm 2mm; font-weight: bold; display: inline-block }
.columns { display: flex; gap: 5mm }
.columns > * { flex: 1 1 0; min-width: 0 }
table { border-collapse: collapse; width: 100% }
td, th { padding: .15mm 1mm .15mm 0; text-align: left; vertical-align: top }
th { font-weight: normal; color: #333 }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.when { width: 1%; white-space: nowrap; padding-right: 3mm }
.cells td, .cells th { border-bottom: .1mm solid #bbb; font-size: 6.2pt }
.weak td { font-weight: bold }
.settings { columns: 3; column-gap: 5mm; font-size: 6pt }
.settings div { display: flex; justify-content: space-between; gap: 2mm; break-inside: avoid;
  border-bottom: .1mm dotted #aaa }
.settings div span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.settings div b { font-weight: normal; white-space: nowrap }
footer { margin-top: 2mm; border-top: .1mm solid #444; color: #333; font-size: 6.4pt }
@media print { body { padding: 0; max-width: none } }
"""


def html_page(report: Report) -> str:
    """The whole file."""
    parts = [
        *_top(report),
        '<div class="columns">',
        f"<section>{_part('identity')}{_pairs(report)}</section>",
        f"<section>{_part('state')}{_figures(report.state, report.made_ms)}</section>",
        "</div>",
        '<div class="columns">',
        f"<section>{_part('energy', energy_days(report))}{_figures(report.energy, report.made_ms)}</section>",
        f"<section>{_part('health')}{_figures(report.health, report.made_ms)}",
        f"<p><b>{escape(weakest_words(report))}</b></p></section>",
        "</div>",
        f"<section>{_part('cells')}{''.join(_cells(report))}</section>",
        f"<section>{_part('events', counts_words(report))}{_events(report)}</section>",
        f"<section>{_settings(report)}</section>",
        *_bottom(report),
    ]
    return "\n".join(parts) + "\n"


def _top(report: Report) -> Iterator[str]:
    title = escape(say("cli-report-title", name=heading(report)))
    yield "<!DOCTYPE html>"
    yield f'<html lang="{language()}">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    # No address can be loaded, whatever a battery calls itself.
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield f"<title>{title}</title><style>{STYLE}</style></head>"
    yield f"<body><h1>{title}</h1>"
    if report.simulated:
        yield f'<p class="sim">{escape(say("cli-report-simulated"))}</p>'
    made = say("cli-report-made", time=iso(report.made_ms), version=__version__)
    yield f"<p>{escape(made)} {escape(span_words(report))}</p>"


def _bottom(report: Report) -> Iterator[str]:
    yield "<footer>"
    for gap in report.gaps:
        yield f"<p>{escape(gap)}</p>"
    yield f"<p>{escape(say('not-for-safety'))}</p></footer></body></html>"


def _part(name: str, more: str = "") -> str:
    small = f" <small>{escape(more)}</small>" if more else ""
    return f"<h2>{escape(say(f'cli-report-part-{name}'))}{small}</h2>"


def _unknown() -> str:
    return f"<p>{escape(say('cli-report-unknown'))}</p>"


def _pairs(report: Report) -> str:
    rows = [
        f"<tr><th>{escape(say(f'cli-report-id-{name}'))}</th><td>{escape(value)}</td></tr>"
        for name, value in report.identity
    ]
    return f"<table>{''.join(rows)}</table>" if rows else _unknown()


def _figures(figures: Sequence[Figure], made_ms: int) -> str:
    rows = [
        f'<tr><th>{escape(name_of(one))}</th><td class="number">{escape(value_of(one))}</td>'
        f'<td class="source">{escape(source_of(one, made_ms))}</td></tr>'
        for one in figures
    ]
    return f"<table>{''.join(rows)}</table>" if rows else _unknown()


def _cells(report: Report) -> Iterator[str]:
    """Blocks of cells side by side; below them where each column comes from."""
    if not report.cells:
        yield _unknown()
        return
    tables = table_count(len(report.cells))
    rows_each = -(-len(report.cells) // tables)
    shown = list(columns(report))[: COLUMNS_OF_THREE if tables > 2 else None]
    heads = [say("cli-report-cell"), *(title for _, title in shown), say("cli-report-cell-rank")]
    head = "".join(f'<th class="number">{escape(text)}</th>' for text in heads)
    yield '<div class="columns">'
    for first in range(0, len(report.cells), rows_each):
        rows = []
        for cell in report.cells[first : first + rows_each]:
            texts = [str(cell.number), *(short_of(cell.figures[index]) for index, _ in shown)]
            texts.append(UNKNOWN if cell.rank is None else str(cell.rank))
            weak = ' class="weak"' if cell.number == report.weakest else ""
            data = "".join(f'<td class="number">{escape(text)}</td>' for text in texts)
            rows.append(f"<tr{weak}>{data}</tr>")
        yield f'<div><table class="cells"><tr>{head}</tr>{"".join(rows)}</table></div>'
    yield "</div>"
    yield f'<p class="source">{escape("; ".join(column_sources(report)))}</p>'


def table_count(cells: int) -> int:
    """So many tables of cells side by side that the page does not grow."""
    return 1 if cells <= 4 else 2 if cells <= 32 else 3


def _events(report: Report) -> str:
    rows = [
        f'<tr><td class="when">{escape(iso(record.alert.since_ms))}</td>'
        f"<td>{escape(alert_words(record.alert))}</td></tr>"
        for record in report.events
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _settings(report: Report) -> str:
    read = "" if report.settings_read_ms is None else iso(report.settings_read_ms)
    if not report.settings:
        return _part("settings") + _unknown()
    rows = [
        f"<div><span>{escape(one.name)}</span><b>{escape(one.value)}</b></div>"
        for one in report.settings[:SETTINGS_SHOWN]
    ]
    more = len(report.settings) - SETTINGS_SHOWN
    rest = (
        f'<p class="source">{escape(say("cli-report-more-settings", count=str(more)))}</p>'
        if more > 0
        else ""
    )
    return f'{_part("settings", read)}<div class="settings">{"".join(rows)}</div>{rest}'
