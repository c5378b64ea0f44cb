"""A simulated battery as the telemetry document tells it (S1-61, S1-62, CL-20), for a stream or file."""

import time
from collections.abc import Callable
from typing import Any

from tui.simulator.battery import Battery
from tui.simulator.cycle import Phase

IDLE_A, TELL_TIME_A = 0.05, 1.0
HZ = 1.0  # row S1-9


class TelemetryTeller:
    """Tells everything about one battery, once a second. `pack` names it where several share a stream."""

    def __init__(
        self, battery: Battery, pack: str = "", *, hz: float = HZ, wall: Callable[[], float] = time.time
    ) -> None:
        self.battery, self.pack, self.every_s = battery, pack, 1.0 / hz
        self._wall = wall

    def message(self, now_s: float) -> dict[str, Any]:
        """The whole message; its time is the one on the wall."""
        told = telemetry(self.battery, int(self._wall() * 1000))
        return told | {"pack": self.pack} if self.pack else told


def telemetry(battery: Battery, time_ms: int) -> dict[str, Any]:
    """The whole message, ready for JSON."""
    return {"type": "telemetry", "data": data(battery, time_ms)}


def data(battery: Battery, time_ms: int) -> dict[str, Any]:
    """All fields of the document. Current is positive when charging."""
    mv = [round(cell.mv) for cell in battery.cells]
    zones = [round(celsius, 1) for celsius in battery.temperatures_c]
    bled = [cell.is_bled for cell in battery.cells]
    amps, pack_v = battery.current_a, battery.pack_mv / 1000
    full_ah = battery.capacity_ah * battery.soh_pct / 100
    return {
        "timestamp_ms": time_ms,
        "state_of_charge_pct": round(battery.mean_soc_pct, 2),
        "state_of_health_pct": round(battery.soh_pct, 3),
        "pack_voltage_v": round(pack_v, 3),
        "pack_current_a": round(amps, 3),
        "power_w": round(pack_v * amps, 1),
        "cell_count": len(mv),
        "cell_voltage_mv": mv,
        "cell_voltage_min_mv": min(mv),
        "cell_voltage_max_mv": max(mv),
        "cell_voltage_avg_mv": round(sum(mv) / len(mv)),
        "cell_delta_mv": max(mv) - min(mv),
        "temperature_bms_c": zones[-1],
        "temperature_cells_c": zones,
        "temperature_ambient_c": round(battery.ambient_c, 1),
        "average_temperature_c": round(sum(zones) / len(zones), 1),
        "balancing_active": any(bled),
        "cells_balancing_active": bled,
        "cells_balancing_count": sum(bled),
        "charge_cycles": battery.cycles,
        "energy_charged_kwh": round(battery.charged_kwh, 4),
        "energy_discharged_kwh": round(battery.discharged_kwh, 4),
        "charge_enabled": battery.charge_on,
        "discharge_enabled": battery.discharge_on,
        "bms_status": _status(battery, any(bled)),
        "charging_state": _charging(battery),
        "remaining_capacity_ah": round(battery.remaining_ah, 3),
        "full_capacity_ah": round(full_ah, 3),
        **_times(battery, full_ah),
    }


def _status(battery: Battery, balances: bool) -> str:
    if battery.protections:
        return "FAULT"
    if battery.phase is not Phase.REST:
        return "CHARGING" if battery.current_a > 0 else "DISCHARGING"
    return "BALANCING" if balances else "IDLE"


def _charging(battery: Battery) -> str:
    if battery.current_a <= IDLE_A or battery.phase is not Phase.CHARGE:
        return "NONE"
    return "CV" if battery.is_cv else "CC"


def _times(battery: Battery, full_ah: float) -> dict[str, int]:
    amps = battery.current_a
    if amps < -TELL_TIME_A:
        return {"time_to_empty_minutes": round(battery.remaining_ah / -amps * 60)}
    if amps > TELL_TIME_A:
        return {"time_to_full_minutes": round(max(0.0, full_ah - battery.remaining_ah) / amps * 60)}
    return {}
