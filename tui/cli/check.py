"""One line and an exit code for monitoring systems that speak the Nagios plug-in convention."""

from tui.locale import say
from tui.model.alert import Severity
from tui.model.fleet import Fleet
from tui.model.link import State
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
    code = next(worst for worst in WORST_FIRST if worst in codes) if fleet.tracks else UNKNOWN
    return code, line(code, _text(fleet, now_s), _figures(fleet, now_s))


def line(code: int, text: str, figures: str = "") -> str:
    """The line of a plug-in. `|` divides text and figures, so the text may not have one."""
    return f"PACKDECK {WORDS[code]} - {text.replace('|', '/')}" + (f" | {figures}" if figures else "")


def _text(fleet: Fleet, now_s: float) -> str:
    from tui.cli.status_words import alert_words, one_line

    parts = [one_line(fleet, track, now_s).replace("  ", " ") for track in fleet.tracks]
    parts += [alert_words(alert) for alert in fleet.alerts]
    return "; ".join(parts) or say("track-unknown")


def _figures(fleet: Fleet, now_s: float) -> str:
    return " ".join(
        f"'{track.name}_{name}'={value}{unit}"
        for track in fleet.tracks
        for name, value, unit in _values(track)
        if value is not None and fleet.state(track, now_s) is State.LIVE
    )


def _values(track: Track) -> tuple[tuple[str, float | None, str], ...]:
    pack, mv = track.pack, track.cells.mv
    return (
        ("voltage_v", pack.pack_v, ""),
        ("current_a", pack.current_a, ""),
        ("soc", pack.soc_pct, "%;;;0;100"),
        ("cell_min_v", min(mv) / 1000 if mv else None, ""),
        ("cell_max_v", max(mv) / 1000 if mv else None, ""),
    )
