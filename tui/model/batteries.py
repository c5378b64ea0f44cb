"""The two-track dialect: one flat object per cell, numbered through all tracks (rows S0-26, CL-3, CL-4)."""

from dataclasses import dataclass
from math import fsum

from tui.model.alert import Severity
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.model.track import Track
from tui.model.units import CellStatus, cell_status, soc_from_cell_v


@dataclass(frozen=True, slots=True)
class BatteryObject:
    """One cell. Field names and rounding are the dialect's; `amperage` is a magnitude (row X-10)."""

    batteryNumber: int
    voltage: float
    amperage: float | None
    amperageSigned: float | None
    chargeLevel: int | None
    chargeLevelEstimated: bool
    temperature: int | None
    status: str
    track: str
    trackPosition: int
    source: str
    live: bool


def battery_objects(fleet: Fleet, now_s: float) -> list[BatteryObject]:
    """All cells that were ever read; a track that never answered has none (row CL-6)."""
    objects: list[BatteryObject] = []
    for track in fleet.tracks:
        is_live = fleet.state(track, now_s) is State.LIVE
        for position in range(1, len(track.cells.mv) + 1):
            objects.append(_object(fleet, track, position, len(objects) + 1, is_live))
    return objects


def _object(fleet: Fleet, track: Track, position: int, number: int, is_live: bool) -> BatteryObject:
    cell_v = track.cells.mv[position - 1] / 1000
    pack, current_a = track.pack, track.pack.current_a
    soc_pct = soc_from_cell_v(cell_v) if track.soc_is_estimated else pack.soc_pct
    temperatures = pack.temperatures_c
    return BatteryObject(
        batteryNumber=number,
        voltage=round(cell_v, 2),
        amperage=None if current_a is None else round(abs(current_a), 2),
        amperageSigned=None if current_a is None else round(current_a, 2),
        chargeLevel=None if soc_pct is None else round(soc_pct),
        chargeLevelEstimated=track.soc_is_estimated,
        temperature=round(fsum(temperatures) / len(temperatures)) if temperatures else None,
        status=_status(fleet, track, position, cell_v),
        track=track.name,
        trackPosition=position,
        source="simulator" if track.simulated else track.protocol,
        live=is_live,
    )


def _status(fleet: Fleet, track: Track, position: int, cell_v: float) -> str:
    """normal, warning or critical: the worse of the cell's voltage and the alerts on it (row X-11)."""
    worst = [Severity.INFO, Severity.WARNING, Severity.CRITICAL][list(CellStatus).index(cell_status(cell_v))]
    for alert in fleet.alerts:
        if alert.track == track.name and alert.where in (None, position):
            worst = max(worst, alert.severity)
    return {Severity.INFO: "normal", Severity.WARNING: "warning", Severity.CRITICAL: "critical"}[worst]
