"""The state of everything as a JSON document.

Units are in the names of the keys; `null` is unknown, never zero; current and power are positive when
charging; a key called `timestamp_ms` is Unix time. Keys are only ever added.

    {"schema": 1, "timestamp_ms": …, "polling": true,
     "engine": {"pid": …, "attached": true, "screens": 1, "dropped_events": 0},
     "tracks": {"left": {"title", "source": "simulator" | "jbd", "state": "live" | "stale" | "asleep" |
        "connecting" | "lost", "age_s", "timestamp_ms", "battery_state", "voltage_v", "current_a", "power_w",
        "soc_pct", "soh_pct", "remaining_ah", "nominal_ah", "cycles", "time_left_h", "temperatures_c": [],
        "cells_age_s", "cells_mv": [], "cell_count", "cell_min_mv", "cell_max_mv", "cell_min_number",
        "cell_max_number", "cell_mean_mv", "cell_spread_mv", "cells_open": [numbers of open sense wires],
        "balancing_cells": [], "protections": [],
        "doubts": [], "charge_on", "discharge_on", "hardware", "firmware",
        "link": {"transport", "address", "protocol", "phase", "attempt", "attempts_max", "retry_in_s",
           "cause", "sentence", "advice", "requests", "answers", "unanswered", "bad_checksum", "refused",
           "late", "implausible", "garbage_bytes", "opens", "quality_pct"}}},
     "alerts": [{"track", "key", "severity": "info" | "warning" | "critical", "where", "value", "limit",
        "since_timestamp_ms"}],
     "alerts_off": []}    tracks that nobody judges: no alert says nothing about them
"""

from dataclasses import asdict
from typing import Any

from tui.locale import say
from tui.model.alert import Alert
from tui.model.fleet import Fleet
from tui.model.track import Track

SCHEMA = 1
SIMULATOR = "simulator"


def as_json(fleet: Fleet, now_s: float, time_ms: int) -> dict[str, Any]:
    """The document. `now_s` is the engine's steady clock, `time_ms` Unix time."""
    engine = fleet.engine
    return {
        "schema": SCHEMA,
        "timestamp_ms": time_ms,
        "polling": fleet.polling,
        "engine": {
            "pid": engine.pid or None,
            "attached": engine.attached,
            "screens": fleet.screens,
            "dropped_events": fleet.dropped_events,
        },
        "tracks": {track.name: _track(fleet, track, now_s) for track in fleet.tracks},
        "alerts": [_alert(alert) for alert in fleet.alerts],
        "alerts_off": list(fleet.alerts_off),
    }


def _track(fleet: Fleet, track: Track, now_s: float) -> dict[str, Any]:
    pack = track.pack
    return {
        "title": track.setup.title or None,
        "source": SIMULATOR if track.simulated else track.protocol,
        "state": str(fleet.state(track, now_s)),
        "age_s": rounded(track.pack_age_s(now_s), 1),
        "timestamp_ms": track.pack_time_ms,
        "battery_state": str(track.battery),
        "voltage_v": pack.pack_v,
        "current_a": pack.current_a,
        "power_w": rounded(pack.power_w, 1),
        "soc_pct": pack.soc_pct,
        "soh_pct": pack.soh_pct,
        "remaining_ah": pack.remaining_ah,
        "nominal_ah": pack.nominal_ah,
        "cycles": pack.cycles,
        "time_left_h": rounded(track.hours_left, 2),
        "temperatures_c": list(pack.temperatures_c),
        **_cells(track, now_s),
        "balancing_cells": list(pack.balancing),
        "protections": [str(p) for p in pack.protections],
        "doubts": sorted({str(d) for d in (*pack.doubts, *track.cells.doubts)}),
        "charge_on": pack.charge_on,
        "discharge_on": pack.discharge_on,
        "hardware": track.identity.hardware,
        "firmware": track.identity.firmware,
        "link": _link(track, now_s),
    }


def _cells(track: Track, now_s: float) -> dict[str, Any]:
    cells = track.cells
    return {
        "cells_age_s": rounded(track.cells_age_s(now_s), 1),
        "cell_count": len(cells.mv) or track.pack.cell_count,  # as reported; null before that
        "cells_mv": list(cells.mv),
        "cell_min_mv": cells.lowest_mv,  # open wires are in none of these
        "cell_max_mv": cells.highest_mv,
        "cell_min_number": cells.lowest,
        "cell_max_number": cells.highest,
        "cell_mean_mv": rounded(cells.mean_mv, 1),
        "cell_spread_mv": cells.spread_mv,
        "cells_open": list(cells.open_wires),
    }


def _link(track: Track, now_s: float) -> dict[str, Any]:
    link, setup = track.link, track.setup
    cause = link.cause
    args = cause.values() if cause else {}
    return {
        "transport": setup.transport,
        "address": setup.address,
        "protocol": track.protocol,
        "phase": str(link.phase),
        "attempt": link.attempt,
        "attempts_max": link.attempts_max,
        "retry_in_s": None if link.retry_at_s is None else rounded(max(0.0, link.retry_at_s - now_s), 1),
        "cause": cause.key if cause else None,
        "sentence": say(f"cause-{cause.key}", **args) if cause else None,
        "advice": say(f"cause-{cause.key}-do", **args) if cause else None,
        **asdict(link.traffic),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "track": alert.track,
        "key": alert.key,
        "severity": alert.severity.name.lower(),
        "where": alert.where,
        "value": alert.value,
        "limit": alert.limit,
        "since_timestamp_ms": alert.since_ms,
    }


def rounded(value: float | None, digits: int) -> float | None:
    """A number short enough to read; `None` stays."""
    return None if value is None else round(value, digits)
