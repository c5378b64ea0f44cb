"""The words of a report, for a terminal and for a page alike."""

from collections.abc import Iterator

from tui.cli.report_data import CELL_COLUMNS, INTEGRATED, NO_ENGINE, NO_HISTORY, NOT_TOLD, Figure, Report
from tui.cli.when import iso
from tui.locale import say
from tui.style.numbers import UNKNOWN, fixed, long_span


def heading(report: Report) -> str:
    """The battery's name; a simulated one is never without its mark."""
    title = f"{report.title} ({report.track})" if report.title else report.track
    return f"{title} – {say('word-sim')}" if report.simulated else title


def name_of(figure: Figure) -> str:
    """What a number is."""
    name = figure.name.replace("_", "-")
    return say(f"cli-report-figure-{name}")


def value_of(figure: Figure) -> str:
    """`271.4 ± 3.1 Ah`; a word when it is not known."""
    if figure.value is None:
        return say("cli-report-unknown")
    error = f" ± {fixed(figure.error, figure.decimals)}" if figure.error is not None else ""
    return f"{fixed(figure.value, figure.decimals)}{error} {figure.unit}".rstrip()


def short_of(figure: Figure) -> str:
    """The same for a cell of a table, whose head has the unit."""
    if figure.value is None:
        return UNKNOWN
    error = f" ± {fixed(figure.error, figure.decimals)}" if figure.error is not None else ""
    return f"{fixed(figure.value, figure.decimals)}{error}"


def source_of(figure: Figure, made_ms: int) -> str:
    """How it came about, from how many observations, how old the newest is; or why it is not known."""
    if figure.value is None:
        return reason_words(figure.reason)
    parts = [method_words(figure.method)]
    if figure.n:
        parts.append(say("cli-report-n", n=str(figure.n)))
    if figure.at_ms is not None:
        parts.append(say("cli-report-age", age=long_span(max(0, made_ms - figure.at_ms) / 1000)))
    if figure.error is None and figure.reason:
        parts.append(reason_words(figure.reason))
    return ", ".join(parts)


def method_words(method: str) -> str:
    """How a value came about."""
    return say("cli-report-method-integrated" if method == INTEGRATED else f"estimate-method-{method}")


def reason_words(reason: str) -> str:
    """Why there is no value, or no band."""
    own = reason in (NO_ENGINE, NO_HISTORY, NOT_TOLD)
    return say(f"cli-report-reason-{reason}" if own else f"estimate-reason-{reason}")


def span_words(report: Report) -> str:
    """Which time it is about."""
    begin, end = report.span.from_ms, report.span.until_ms
    return say(
        "cli-report-span",
        begin=say("cli-report-beginning") if begin is None else iso(begin),
        end=iso(report.made_ms if end is None else end),
    )


def energy_days(report: Report) -> str:
    """Which whole days were counted."""
    if report.energy_days is None:
        return ""
    return say("cli-report-days", first=report.energy_days[0], last=report.energy_days[1])


def weakest_words(report: Report) -> str:
    """The cell that stands out beyond the bands, or that none does."""
    if report.weakest is None:
        known = any(cell.rank is not None for cell in report.cells)
        return say("cli-report-weakest-none" if known else "cli-report-weakest-unknown")
    method = method_words(report.weak_by) if report.weak_by else UNKNOWN
    return say("cli-report-weakest", number=str(report.weakest), method=method)


def counts_words(report: Report) -> str:
    """`2 critical, 5 warning, 31 info`."""
    if report.events_total is None:
        return say("cli-report-unknown")
    if report.event_counts is None:
        return str(report.events_total)
    return ", ".join(
        f"{count} {say(f'status-severity-{severity.name.lower()}')}"
        for severity, count in report.event_counts
    )


def columns(report: Report) -> Iterator[tuple[int, str]]:
    """Index and title of the columns of the cells in which anything is known."""
    for index, name in enumerate(CELL_COLUMNS):
        if index == 0 or any(cell.figures[index].value is not None for cell in report.cells):
            yield index, _title(name)


def column_sources(report: Report) -> Iterator[str]:
    """Method and age of each column: those of its oldest value, so that nothing looks newer than it is."""
    for index, title in columns(report):
        known = [cell.figures[index] for cell in report.cells if cell.figures[index].value is not None]
        if known:
            oldest = min(known, key=lambda figure: figure.at_ms or 0)
            yield f"{title}: {source_of(oldest, report.made_ms)}"
    for index, name in enumerate(CELL_COLUMNS):
        if report.cells and index and all(cell.figures[index].value is None for cell in report.cells):
            title = _title(name)
            yield f"{title}: {source_of(report.cells[0].figures[index], report.made_ms)}"


def _title(column: str) -> str:
    name = column.replace("_", "-")
    return say(f"cli-report-cell-{name}")
