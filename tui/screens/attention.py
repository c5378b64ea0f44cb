"""When a screen asks for attention by itself: the bell, and a band that flashes."""

from tui.model.alert import Severity
from tui.model.fleet import Fleet

FLASH_S = 0.5  # half of a calm second: lit, then dark
TEST_S = 4.0

AlertId = tuple[str, str, int | None]


def is_silent(fleet: Fleet, wall_s: float) -> bool:
    """Somebody asked for silence: alerts stay on show, and ask for nothing."""
    return wall_s * 1000 < fleet.silent_until_ms


def loud(fleet: Fleet) -> set[AlertId]:
    """What rings: critical alerts, and a limit so near that the battery soon cuts off; until it is seen."""
    return {
        alert.id
        for alert in fleet.alerts
        if alert.acknowledged_ms is None
        and (alert.severity is Severity.CRITICAL or alert.key.startswith("trip-"))
    }


def flashes(fleet: Fleet, wall_s: float) -> bool:
    """Only for what is critical and nobody has seen, never while silent."""
    if not fleet.engine.attached or is_silent(fleet, wall_s):
        return False
    return any(a.severity is Severity.CRITICAL and a.acknowledged_ms is None for a in fleet.alerts)
