"""The machine, the engine's process, its threads and its bus, and the health of the batteries, as rows."""

from collections.abc import Sequence

from tui.locale import say
from tui.model.system import BusFigures, EngineFigures, Grade, Health, HostFigures, ThreadFigures
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, celsius, fixed, long_span, percent
from tui.widgets.rows import Row, Span, flow, row, title_rule, wrap
from tui.widgets.status_band import track_words
from tui.widgets.system_value import SystemValue

LABEL, FIGURE = 13, 9
NAME = 22  # cells of the name of a thread; a longer one has a row of its own
BUSY_PCT = 10.0
BAR_LEAST, BAR_MOST = 4, 30
GRADE_ROLES = {Grade.GOOD: "ok", Grade.FAIR: "warn", Grade.POOR: "alarm"}


def figure(
    label: str,
    text: str,
    role: str,
    cells: int,
    glyphs: GlyphSet,
    pct: float | None = None,
    wide: int = LABEL,
) -> Row:
    """` memory        41 %  ████░░░░`: the number says it, the bar only repeats it."""
    line: list[Span] = [(f" {label:<{wide}}", "label"), (text, role)]
    room = min(BAR_MOST, cells - 1 - wide - FIGURE - 1)
    if pct is not None and room >= BAR_LEAST:
        bar = glyphs.hbar(pct / 100, room)
        filled = bar.rstrip(glyphs.bar_empty)
        blank = " " * (FIGURE - len(text))
        bar_role = "series-a" if role == "number" else role
        line += [(blank, "text"), (filled, bar_role), (bar[len(filled) :], "rule")]
    return row(*line)


def machine_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Row CL-29: what the engine runs on."""
    assert value.figures is not None
    host: HostFigures = value.figures.host
    fresh = value.role("number")
    names = [row((text, value.role("text"))) for text in (host.name, host.system, f"Python {host.python}")]
    hot = UNKNOWN if host.temperature_c is None else f"{celsius(host.temperature_c)} °C"
    return [
        title_rule(say("system-machine"), (), cells, glyphs),
        *flow(names, cells),
        figure(say("system-cpu"), percent(host.cpu_pct), fresh, cells, glyphs, host.cpu_pct),
        figure(say("system-memory"), percent(host.memory_pct), fresh, cells, glyphs, host.memory_pct),
        figure(say("system-disk"), percent(host.disk_pct), fresh, cells, glyphs, host.disk_pct),
        figure(say("system-temperature"), hot, fresh, cells, glyphs),
        figure(say("system-up"), span_words(host.uptime_s), fresh, cells, glyphs),
    ]


def span_words(seconds: float | None) -> str:
    """How long, or that it is not known."""
    return UNKNOWN if seconds is None else long_span(seconds)


def engine_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """The engine's own process."""
    assert value.figures is not None
    engine: EngineFigures = value.figures.engine
    fresh = value.role("number")
    name = f"packdeck {engine.version}"
    names = [row((text, value.role("text"))) for text in (name, say("system-process", pid=engine.pid))]
    memory = UNKNOWN if engine.rss_mib is None else f"{fixed(engine.rss_mib, 0)} MiB"
    log = say("system-debug-is-on") if engine.is_debug else say("system-debug-is-off")
    return [
        title_rule(say("system-engine"), (), cells, glyphs),
        *flow(names, cells),
        figure(say("system-cpu"), cpu_words(engine.cpu_pct), fresh, cells, glyphs, engine.cpu_pct),
        figure(say("system-memory"), memory, fresh, cells, glyphs),
        figure(say("system-up"), span_words(engine.uptime_s), fresh, cells, glyphs),
        figure(say("system-screens"), str(value.screens), fresh, cells, glyphs),
        figure(say("system-log"), log, value.role("warn" if engine.is_debug else "number"), cells, glyphs),
    ]


def cpu_words(pct: float | None) -> str:
    """A tenth of a percent counts, where a thread seldom needs a whole one."""
    return UNKNOWN if pct is None else f"{fixed(pct, 1)} %"


def thread_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Rows S3-48, S4-9: what each thread takes of one processor."""
    assert value.figures is not None
    threads: Sequence[ThreadFigures] = value.figures.engine.threads
    known = [(say("system-of-one-cpu"), "label")] if threads else []
    lines = [title_rule(say("system-threads"), known, cells, glyphs)]
    if not threads:
        return [*lines, *(row((f" {line}", "label")) for line in wrap(say("system-no-threads"), cells - 1))]
    wide = min(NAME, cells - 1 - FIGURE - 1, max(LABEL, *(len(one.name) + 1 for one in threads)))
    for one in sorted(threads, key=_steadily):
        name = one.name
        if len(name) >= wide:
            lines += [row((f" {line}", "label")) for line in wrap(name, cells - 2)]
            name = ""
        text = cpu_words(one.cpu_pct)
        lines.append(figure(name, text, value.role("number"), cells, glyphs, one.cpu_pct, wide))
    return lines


def _steadily(one: ThreadFigures) -> tuple[bool, str]:
    """Busy threads first; within that by name, so that rows do not change places at every look."""
    return (one.cpu_pct or 0.0) < BUSY_PCT, one.name


def bus_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Row S4-52: how much went over the event bus, and whether anything was lost on it."""
    assert value.figures is not None
    bus: BusFigures = value.figures.engine.bus
    fresh = value.role("number")
    full_pct = 100 * bus.waiting / bus.most if bus.most else None
    waiting = say("system-bus-of", count=bus.waiting, most=bus.most)
    dropped = value.role("warn" if bus.dropped else "number")
    return [
        title_rule(say("system-bus"), (), cells, glyphs),
        figure(say("system-bus-published"), str(bus.published), fresh, cells, glyphs),
        figure(say("system-bus-waiting"), waiting, fresh, cells, glyphs, full_pct),
        figure(say("system-bus-dropped"), str(bus.dropped), dropped, cells, glyphs),
        figure(say("system-bus-listeners"), str(bus.listeners), fresh, cells, glyphs),
    ]


def health_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Row CL-29: each battery by its state of health and by the spread of its cells."""
    assert value.figures is not None
    lines = [title_rule(say("system-health"), (), cells, glyphs)]
    found: tuple[Health, ...] = value.figures.health
    if not found:
        lines += [row((f" {line}", "label")) for line in wrap(say("system-no-health"), cells - 1)]
    wide = max((len(track_words(one.track)) for one in found), default=0) + 2
    for one in found:
        spread = UNKNOWN if one.spread_mv is None else f"{one.spread_mv} mV"
        overall = _graded(say("system-overall"), one.overall, percent(one.soh_pct), value, glyphs)
        balance = _graded(say("system-balance"), one.balance, spread, value, glyphs)
        for i, line in enumerate(flow([overall, balance], cells - wide)):
            name = track_words(one.track) if i == 0 else ""
            lines.append((*row((f" {name:<{wide - 1}}", value.role("title"))), *line))
    return lines


def _graded(label: str, grade: Grade | None, text: str, value: SystemValue, glyphs: GlyphSet) -> Row:
    """`health ● good 98 %`."""
    if grade is None:
        return row((f"{label} ", "label"), (text, value.role("number")))
    mark = {Grade.GOOD: glyphs.ok, Grade.FAIR: glyphs.warn, Grade.POOR: glyphs.alarm}[grade]
    word = f"{mark} {say(f'system-grade-{grade.value}')} "
    return row((f"{label} ", "label"), (word, value.role(GRADE_ROLES[grade])), (text, value.role("number")))
