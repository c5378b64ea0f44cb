"""One line and an exit code for monitoring systems that speak the Nagios plug-in convention."""

from tui.locale import say
from tui.model.alert import Severity
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.model.sample import Protection
from tui.model.track import Track

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
WORDS = {OK: "OK", WARNING: "WARNING", CRITICAL: "CRITICAL", UNKNOWN: "UNKNOWN"}
BY_STATE = {
    State.LIVE: OK,
    State.STALE: WARNING,
    State.ASLEEP: WARNING,
    State.CONNECTING: UNKNOWN,
    State.LOST: CRITICAL,
}
BY_SEVERITY = {Severity.INFO: OK, Severity.WARNING: WARNING, Severity.CRITICAL: CRITICAL}
WORST_FIRST = (CRITICAL, WARNING, UNKNOWN, OK)


def check(fleet: Fleet, now_s: float) -> tuple[int, str]:
    """Exit code and line: the worst of all states and alerts, and figures for a graph."""
    codes = [BY_STATE[fleet.state(track, now_s)] for track in fleet.tracks]
    codes += [BY_SEVERITY[alert.severity] for alert in fleet.alerts]
    codes += off_codes(fleet)
    code = next(worst for worst in WORST_FIRST if worst in codes) if fleet.tracks else UNKNOWN
    return code, line(code, _text(fleet, now_s), _figures(fleet, now_s))


def off_codes(fleet: Fleet, track: str = "") -> list[int]:
    """Of tracks whose alerts are switched off: a warning, and what the battery itself reports.

    Not OK: nobody judges a limit, so an overheated battery would be OK as well. Not UNKNOWN: the battery was
    asked and has answered, and many a monitoring system tells nobody of what is unknown.
    """
    tracks = [t for t in fleet.tracks if t.name in fleet.alerts_off and track in ("", t.name)]
    return [CRITICAL if acting(t) else WARNING for t in tracks]


def acting(track: Track) -> list[Protection]:
    """Protections that the battery says are acting; a switch that a person opened is none."""
    return [p for p in track.pack.protections if p is not Protection.MOSFET_SOFTWARE_LOCK]


def off_words(fleet: Fleet, track: str = "") -> list[str]:
    """Which alerts are off, and what those batteries report; nothing while every track is judged."""
    names = [name for name in fleet.alerts_off if track in ("", name)]
    if not names:
        return []
    is_all = fleet.are_alerts_off
    words = [say("alerts-are-off") if is_all else say("alerts-are-off-some", tracks=", ".join(names))]
    for one in fleet.tracks:
        if one.name in names and (found := acting(one)):
            said = ", ".join(say(f"protection-{p}".replace("_", "-")) for p in found)
            words.append(f"{one.name}: {say('status-protection')} {said}")
    return words


def line(code: int, text: str, figures: str = "") -> str:
    """The line of a plug-in. `|` divides text and figures, so the text may not have one."""
    return f"PACKDECK {WORDS[code]} - {text.replace('|', '/')}" + (f" | {figures}" if figures else "")


def _text(fleet: Fleet, now_s: float) -> str:
    from tui.cli.status_words import alert_words, one_line

    parts = [one_line(fleet, track, now_s).replace("  ", " ") for track in fleet.tracks]
    parts += [alert_words(alert) for alert in fleet.alerts]
    parts += [words.rstrip(".") for words in off_words(fleet)]
    return "; ".join(parts) or say("track-unknown")


def _figures(fleet: Fleet, now_s: float) -> str:
    return " ".join(
        f"'{track.name}_{name}'={value}{unit}"
        for track in fleet.tracks
        for name, value, unit in _values(track)
        if value is not None and fleet.state(track, now_s) is State.LIVE
    )


def _values(track: Track) -> tuple[tuple[str, float | None, str], ...]:
    pack, mv = track.pack, track.cells.sound_mv
    return (
        ("voltage_v", pack.pack_v, ""),
        ("current_a", pack.current_a, ""),
        ("soc", pack.soc_pct, "%;;;0;100"),
        ("cell_min_v", min(mv) / 1000 if mv else None, ""),
        ("cell_max_v", max(mv) / 1000 if mv else None, ""),
    )
