"""The state of everything as plain lines: no colours, no cursor moves, for screen readers and logs too."""

from collections.abc import Iterator

from tui.cli.check import off_words
from tui.cli.refusal import words
from tui.locale import say
from tui.model.alert import Alert
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.model.track import Track
from tui.style import numbers

STATES_WITH_ADVICE = (State.LOST, State.ASLEEP, State.CONNECTING)


def as_lines(fleet: Fleet, now_s: float) -> list[str]:
    """One block for each track, then the alerts."""
    lines = []
    if not fleet.engine.attached:
        lines += [words(fleet.engine.cause)] if fleet.engine.cause else []
    for track in fleet.tracks:
        lines += [*_track(fleet, track, now_s), ""]
    lines += off_words(fleet)
    if fleet.alerts:
        lines.append(say("status-alerts", count=len(fleet.alerts)))
    elif not fleet.alerts_off:
        lines.append(say("status-no-alerts"))
    lines += [f"  {alert_words(alert)}" for alert in fleet.alerts]
    return lines


def one_line(fleet: Fleet, track: Track, now_s: float) -> str:
    """A track on one line, without its age, so that it differs only when something has happened."""
    state = fleet.state(track, now_s)
    parts = [track.name, *([say("word-sim")] if track.simulated else []), say(f"state-{state}")]
    if state in (State.LIVE, State.STALE):
        pack = track.pack
        parts += [
            say(f"battery-{track.battery}"),
            f"{numbers.volts(pack.pack_v, 2)} V",
            numbers.amps(pack.current_a, signed=True),
            numbers.percent(pack.soc_pct),
            _cell_words(track),
        ]
    elif track.link.cause:
        parts.append(say(f"cause-{track.link.cause.key}", **track.link.cause.values()))
    return "  ".join(part for part in parts if part)


def alert_words(alert: Alert) -> str:
    """An alert in words, with its track and severity."""
    args = alert.args(numbers.decimal_mark())
    key = f"alert-{alert.key}".replace("_", "-")
    severity = say(f"status-severity-{alert.severity.name.lower()}")
    return ": ".join(part for part in (severity, alert.track, say(key, **args)) if part)


def _track(fleet: Fleet, track: Track, now_s: float) -> Iterator[str]:
    state = fleet.state(track, now_s)
    title = f" ({track.setup.title})" if track.setup.title else ""
    sim = f" {say('word-sim')}" if track.simulated else ""
    age = numbers.freshness(track.pack_age_s(now_s))
    is_fresh = state is State.LIVE and age == say("age-live")
    yield f"{track.name}{title}{sim}: {age if is_fresh else say(f'state-{state}') + ', ' + age}"
    if state in STATES_WITH_ADVICE and track.link.cause:
        yield f"  {words(track.link.cause)}"
    rows = list(_rows(track))
    width = max(len(label) for label, _value in rows)
    for label, value in rows:
        yield f"  {label:<{width}}  {value}"


def _rows(track: Track) -> Iterator[tuple[str, str]]:
    pack = track.pack
    yield say("status-state"), say(f"battery-{track.battery}")
    yield say("status-voltage"), f"{numbers.volts(pack.pack_v, 2)} V"
    yield say("status-current"), numbers.amps(pack.current_a, signed=True)
    yield say("status-power"), numbers.watts_signed(pack.power_w)
    yield say("figure-soc"), numbers.percent(pack.soc_pct)
    yield (
        say("status-charge"),
        f"{numbers.fixed(pack.remaining_ah, 1)} / {numbers.fixed(pack.nominal_ah, 1)} Ah",
    )
    yield say("status-time-left"), numbers.duration(track.hours_left)
    yield say("status-cells"), _cell_words(track) or numbers.UNKNOWN
    yield say("status-cell-voltages"), " ".join(numbers.volts(mv / 1000, 3) for mv in track.cells.mv) or "--"
    yield say("status-balancing"), " ".join(map(str, pack.balancing)) or say("status-none")
    yield (
        say("status-temperatures"),
        f"{' '.join(numbers.celsius(t) for t in pack.temperatures_c) or numbers.UNKNOWN} °C",
    )
    yield say("status-charge-switch"), _switch(pack.charge_on)
    yield say("status-discharge-switch"), _switch(pack.discharge_on)
    acting = [say(f"protection-{p}".replace("_", "-")) for p in pack.protections]
    yield (
        say("status-protection"),
        ", ".join(acting) or (numbers.UNKNOWN if pack.pack_v is None else say("status-none")),
    )


def _cell_words(track: Track) -> str:
    mv, open_wires = track.cells.sound_mv, track.cells.open_wires
    words = []
    if mv:
        low, high = numbers.volts(min(mv) / 1000, 3), numbers.volts(max(mv) / 1000, 3)
        words.append(say("status-cell-words", count=len(mv), low=low, high=high, spread=max(mv) - min(mv)))
    if open_wires:
        words.append(say("status-cells-open", cells=" ".join(map(str, open_wires))))
    return ", ".join(words)


def _switch(on: bool | None) -> str:
    return numbers.UNKNOWN if on is None else say("on" if on else "off")
