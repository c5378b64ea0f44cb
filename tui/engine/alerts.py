"""Rules: which conditions hold on a track, and the events when they begin, change or end. Pure."""

from dataclasses import replace

from tui.model.alert import Alert, Severity
from tui.model.events import AlertCleared, AlertRaised
from tui.model.link import Phase
from tui.model.sample import Protection
from tui.model.track import Track
from tui.model.units import (
    CELL_HIGH_CRITICAL_V,
    CELL_HIGH_WARNING_V,
    CELL_LOW_CRITICAL_V,
    CELL_LOW_WARNING_V,
)

HYSTERESIS_V = 0.010  # a condition ends this far inside its limit, so that it does not flap
STEP_V = 0.010  # a change of the value smaller than this is not told again
IMPOSSIBLE_MV = 5000
_UNDISPUTED_MV = range(  # normal whatever was before: nearly every cell, nearly always
    round((CELL_LOW_WARNING_V + HYSTERESIS_V) * 1000), round((CELL_HIGH_WARNING_V - HYSTERESIS_V) * 1000)
)
LFP = ("", "lfp", "lifepo4")

_LOW = ((Severity.CRITICAL, CELL_LOW_CRITICAL_V), (Severity.WARNING, CELL_LOW_WARNING_V))
_HIGH = ((Severity.CRITICAL, CELL_HIGH_CRITICAL_V), (Severity.WARNING, CELL_HIGH_WARNING_V))

AlertEvent = AlertRaised | AlertCleared
AlertId = tuple[str, str, int | None]


def judge(track: Track, alerts: tuple[Alert, ...], now_s: float, time_ms: int) -> list[AlertEvent]:
    """What to tell about one track, given the alerts that are active in its fleet."""
    active = {a.id: a for a in alerts if a.track == track.name}
    holding = {a.id: a for a in _conditions(track, active)}
    raised = [_raised(a, active.get(a.id), now_s, time_ms) for a in holding.values()]
    cleared = [AlertCleared(a, time_ms) for key, a in active.items() if key not in holding]
    return [*cleared, *(event for event in raised if event)]


def _raised(alert: Alert, before: Alert | None, now_s: float, time_ms: int) -> AlertRaised | None:
    if before is None:
        return AlertRaised(replace(alert, since_s=now_s, since_ms=time_ms))
    if before.severity is alert.severity and abs((before.value or 0.0) - (alert.value or 0.0)) < STEP_V:
        return None
    return AlertRaised(replace(alert, since_s=before.since_s, since_ms=before.since_ms))


def _conditions(track: Track, active: dict[AlertId, Alert]) -> list[Alert]:
    return [*_link(track), *_protections(track), *_cells(track, active)]


def _link(track: Track) -> list[Alert]:
    if track.link.phase in (Phase.LOST, Phase.TAP, Phase.ASLEEP):
        return [Alert(track.name, "link-lost", Severity.WARNING)]
    return []


def _protections(track: Track) -> list[Alert]:
    return [
        Alert(track.name, "protection-" + p.value.replace("_", "-"), Severity.CRITICAL)
        for p in track.pack.protections
        if p is not Protection.MOSFET_SOFTWARE_LOCK  # somebody switched off: a state, not a fault
    ]


def _cells(track: Track, active: dict[AlertId, Alert]) -> list[Alert]:
    """Row CL-1, and its upper side. Limits of LiFePO4: other chemistries are left alone."""
    if track.setup.chemistry.casefold() not in LFP:
        return []
    odd = [(number, mv) for number, mv in enumerate(track.cells.mv, 1) if mv not in _UNDISPUTED_MV]
    found = [_cell(track.name, number, mv, active) for number, mv in odd]
    return [alert for alert in found if alert]


def _cell(track: str, number: int, mv: int, active: dict[AlertId, Alert]) -> Alert | None:
    cell_v = mv / 1000
    if mv == 0 or mv > IMPOSSIBLE_MV:
        return Alert(track, "cell-wire", Severity.WARNING, number, cell_v)
    low = active.get((track, "cell-low", number))
    for severity, limit in _LOW:
        if cell_v < limit + _slack(low, severity):
            return Alert(track, "cell-low", severity, number, cell_v, limit)
    high = active.get((track, "cell-high", number))
    for severity, limit in _HIGH:
        if cell_v >= limit - _slack(high, severity):
            return Alert(track, "cell-high", severity, number, cell_v, limit)
    return None


def _slack(before: Alert | None, severity: Severity) -> float:
    return HYSTERESIS_V if before is not None and before.severity >= severity else 0.0
