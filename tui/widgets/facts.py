"""What a unit says beyond volts and amps: its limits, who it is, what it has counted, its own log."""

from dataclasses import dataclass

from tui.locale import language, messages, say
from tui.model.sample import Identity, Pack, UnitEvent
from tui.style.glyphs import GlyphSet
from tui.style.numbers import fixed, long_span, volts
from tui.widgets.rows import BLANK, Row, fit, row, width, wrap
from tui.widgets.view import TrackView

NAME_CELLS = 22
COLUMN_CELLS = 40
LOG_SHOWN = 12
LEVEL_ROLES = {"fault": "alarm", "warning": "warn", "info": "text"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value, both as they are shown."""

    name: str
    value: str
    role: str = "text"


def fact_rows(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Every group that has something to say, each under its name; two columns where they fit."""
    lines: list[Row] = []
    for title, facts in groups(view):
        if lines:
            lines.append(BLANK)
        lines.append(row((f" {say(title)}", "title")))
        lines += _columns(facts, cells)
    log = log_rows(view, glyphs, LOG_SHOWN)
    if log:
        lines += [BLANK, row((f" {say('facts-log')}", "title")), *log] if lines else log
    return lines or [row((f" {say('facts-none')}", "label"))]


def groups(view: TrackView) -> list[tuple[str, list[Fact]]]:
    """Title and facts of each group that is not empty."""
    track = view.track
    found = [
        ("facts-limits", limit_facts(view)),
        ("facts-unit", unit_facts(track.identity, track.protocol)),
        ("facts-counters", [_counter(name, count) for name, count in track.counters.counts]),
    ]
    return [(title, facts) for title, facts in found if facts]


def limit_facts(view: TrackView) -> list[Fact]:
    """What the unit asks of chargers and loads, and what it says about itself."""
    pack, role = view.track.pack, view.role("text")
    facts = [
        *_with_unit(pack),
        *_extremes(pack),
    ]
    if pack.status:
        facts.insert(0, Fact(say("fact-status"), _known(f"status-{pack.status}", pack.status), role))
    if pack.warnings:
        words = ", ".join(say(f"protection-{p.value.replace('_', '-')}") for p in pack.warnings)
        facts.insert(0, Fact(say("fact-warnings"), words, view.role("warn")))
    if pack.needs_balancing:
        cells = " ".join(str(n) for n in pack.needs_balancing)
        facts.append(Fact(say("fact-needs-balancing"), cells, view.role("balancing")))
    if pack.time_left_s is not None:
        facts.append(Fact(say("fact-time-left"), long_span(pack.time_left_s), role))
    if pack.modules_online is not None:
        facts.append(Fact(say("fact-modules"), str(pack.modules_online), role))
    return [fact if fact.role != "text" else Fact(fact.name, fact.value, role) for fact in facts]


def _with_unit(pack: Pack) -> list[Fact]:
    values = (
        ("fact-cvl", pack.charge_voltage_limit_v, "V"),
        ("fact-ccl", pack.charge_current_limit_a, "A"),
        ("fact-dcl", pack.discharge_current_limit_a, "A"),
        ("fact-dvl", pack.discharge_voltage_limit_v, "V"),
        ("fact-charged", pack.charged_kwh, "kWh"),
        ("fact-discharged", pack.discharged_kwh, "kWh"),
    )
    return [Fact(say(key), f"{fixed(value, 1)} {unit}") for key, value, unit in values if value is not None]


def _extremes(pack: Pack) -> list[Fact]:
    values = (
        ("fact-lowest", pack.lowest_cell_mv, pack.lowest_cell),
        ("fact-highest", pack.highest_cell_mv, pack.highest_cell),
    )
    return [
        Fact(say(key), f"{volts(mv / 1000, 3)} V  {name}".rstrip())
        for key, mv, name in values
        if mv is not None
    ]


def unit_facts(identity: Identity, protocol: str) -> list[Fact]:
    """Who the unit says it is."""
    values = (
        ("fact-protocol", protocol),
        ("fact-manufacturer", identity.manufacturer),
        ("fact-model", identity.model),
        ("fact-hardware", identity.hardware),
        ("fact-firmware", identity.firmware),
        ("fact-bootloader", identity.bootloader),
        ("fact-serial", identity.serial),
        ("fact-barcode", identity.barcode),
        ("fact-production-date", identity.production_date),
        ("fact-chemistry", identity.chemistry),
    )
    return [Fact(say(key), value) for key, value in values if value]


def log_rows(view: TrackView, glyphs: GlyphSet, most: int) -> list[Row]:
    """The unit's own log, newest first, with how long ago each entry was."""
    log = view.track.log
    lines = [_log_row(event, log.clock_s, glyphs) for event in log.events[:most]]
    if len(log.events) > most:
        lines.append(row((f" {say('facts-more', count=str(len(log.events) - most))}", "label")))
    return lines


def _log_row(event: UnitEvent, clock_s: int, glyphs: GlyphSet) -> Row:
    ago = max(0, clock_s - event.at_s)
    moment = say("unit-log-ago", span=long_span(ago)) if ago else say("unit-log-now")
    role = LEVEL_ROLES.get(event.level, "text")
    mark = {"fault": glyphs.alarm, "warning": glyphs.warn}.get(event.level, glyphs.dot)
    state = ((f"  {say('unit-log-open')}", role),) if event.is_open else ()
    shown = role if event.is_open or event.level == "info" else "label"
    return row((f" {moment:>13}  ", "label"), (f"{mark} {event_words(event)}", shown), *state)


def event_words(event: UnitEvent) -> str:
    """What an entry of the unit's log says."""
    other = say("unit-event-other", level=say(f"unit-level-{event.level}"), code=f"{event.code:02X}")
    return _known(f"unit-event-{event.code:02x}", other)


def _counter(name: str, count: int) -> Fact:
    word = _known(f"counter-{name.replace('_', '-')}", name.replace("_", " "))
    for ending, unit, divisor, digits in (
        ("_ma", "A", 1000, 1),
        ("_mv", "mV", 1, 0),
        ("_m", "km", 1000, 1),
        ("_c", "°C", 1, 0),
    ):
        if name.endswith(ending):
            return Fact(word, f"{fixed(count / divisor, digits)} {unit}")
    if name.endswith("_s"):
        return Fact(word, long_span(count))
    return Fact(word, str(count))


def _known(key: str, otherwise: str) -> str:
    return say(key) if key in messages(language()) else otherwise


def _columns(facts: list[Fact], cells: int) -> list[Row]:
    """Side by side where there is room, filled downwards; what is too long for that has a row of its own."""
    columns = max(1, min(3, cells // COLUMN_CELLS))
    wide = cells // columns
    drawn = [row((f" {fact.name:<{NAME_CELLS}} ", "label"), (fact.value, fact.role)) for fact in facts]
    lines = [one for one in drawn if columns > 1 and width(one) >= wide]
    short = [one for one in drawn if one not in lines]
    rows = -(-len(short) // columns)
    for y in range(rows):
        line: Row = ()
        for one in short[y::rows]:
            line = (*line, *fit(one, wide)) if columns > 1 else one
        lines += [line] if columns > 1 or width(line) <= cells else _broken(line, cells)
    return lines


def _broken(line: Row, cells: int) -> list[Row]:
    """A name, and below it a value that has no room beside it."""
    name, (value, role) = line[0], line[1]
    return [row(name), *(row((f"   {part}", role)) for part in wrap(value, max(1, cells - 3)))]
