"""A battery that does not exist: enough of one to look at, charging, resting and discharging.

Each LiFePO4 cell has an open-circuit voltage by state of charge, a series resistance, a capacity and a state
of charge of its own; charge is counted; the pack's electronics balance and protect. This is the small model
behind `packdeck demo`; it claims no more than that voltages, currents and charge fit together.
"""

import math
import random
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from tui.model.sample import Protection

# Open-circuit voltage of a resting LiFePO4 cell: state of charge in percent, millivolts.
OCV_MV = (
    (0, 2600), (5, 3050), (10, 3190), (20, 3250), (30, 3278), (40, 3290), (50, 3296), (60, 3305),
    (70, 3325), (80, 3332), (90, 3340), (95, 3362), (98, 3420), (100, 3560),
)  # fmt: skip
BALANCE_FROM_MV, BALANCE_SPREAD_MV = 3290, 8
BLEED_A = 0.12
OFFSET_MV = 3.5
CV_CELL_MV = 3550
CV_END_SHARE = 0.04  # of the charge current: then the charger stops
OV_MV, OV_RELEASE_MV, UV_MV, UV_RELEASE_MV = 3650, 3500, 2500, 3000
CELL_LIMIT_MV = 5000.0  # absurd loads on tiny cells stay within what a board can say
HOT_C, HOT_RELEASE_C = 65.0, 55.0
AMBIENT_C = 21.0


class Phase(StrEnum):
    """What is connected to the pack now."""

    CHARGE = "charge"
    REST = "rest"
    DISCHARGE = "discharge"


@dataclass(slots=True)
class Cell:
    """One cell. Its state of charge is in percent of its own capacity."""

    soc_pct: float
    capacity_ah: float
    resistance_mohm: float
    offset_mv: float  # cells of one batch differ by a few mV at the same charge
    mv: float = 3300.0
    is_bled: bool = False


@dataclass(slots=True)
class Battery:
    """A pack with its charger, its load and its protections. The same seed gives the same life.

    Charges up to `full_pct`, rests, discharges down to `empty_pct`, rests, and so on. `speed` moves the
    charge faster than the clock, so that minutes show what takes hours; currents and voltages stay in range.
    """

    cells_in_series: int = 4
    capacity_ah: float = 100.0
    soc_pct: float = 64.0
    charge_a: float = 12.4
    discharge_a: float = 8.0
    phase: Phase = Phase.DISCHARGE
    speed: float = 1.0
    seed: int = 1
    full_pct: float = 97.0
    empty_pct: float = 18.0
    rest_s: float = 60.0
    cycles: int = 12
    current_a: float = 0.0
    temperatures_c: list[float] = field(default_factory=list)
    protections: set[Protection] = field(default_factory=set)
    counters: dict[str, int] = field(default_factory=dict)
    charge_locked: bool = False  # switched off by command
    discharge_locked: bool = False
    cells: list[Cell] = field(default_factory=list)
    elapsed_s: float = 0.0
    _rested_s: float = 0.0
    _next: Phase = Phase.CHARGE
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._next = Phase.DISCHARGE if self.phase is Phase.CHARGE else Phase.CHARGE
        for _ in range(self.cells_in_series):
            self.cells.append(
                Cell(
                    soc_pct=self.soc_pct + self._random.uniform(-1.2, 1.2),
                    capacity_ah=self.capacity_ah * self._random.uniform(0.98, 1.02),
                    resistance_mohm=self._random.uniform(0.4, 0.7) * 100 / max(self.capacity_ah, 1.0),
                    offset_mv=self._random.gauss(0.0, OFFSET_MV),
                )
            )
        self.temperatures_c = [AMBIENT_C + self._random.uniform(-0.5, 0.8) for _ in range(self._sensor_count)]
        self.step(0.0)

    @property
    def _sensor_count(self) -> int:
        return 3 if self.cells_in_series > 8 else 2

    @property
    def pack_mv(self) -> float:
        """Terminal voltage in mV."""
        return math.fsum(cell.mv for cell in self.cells)

    @property
    def mean_soc_pct(self) -> float:
        """State of charge of the pack in percent."""
        return math.fsum(cell.soc_pct for cell in self.cells) / len(self.cells)

    @property
    def remaining_ah(self) -> float:
        """Charge left in Ah."""
        return self.capacity_ah * self.mean_soc_pct / 100

    @property
    def charge_on(self) -> bool:
        """Whether the charge switch conducts."""
        return not self.charge_locked and not self.protections & CHARGE_STOPPERS

    @property
    def discharge_on(self) -> bool:
        """Whether the discharge switch conducts."""
        return not self.discharge_locked and not self.protections & DISCHARGE_STOPPERS

    def step(self, seconds: float) -> None:
        """Let so much time pass on the clock of the outside."""
        left_s = max(0.0, seconds)
        while True:
            dt_s = min(left_s, 1.0)
            self._once(dt_s)
            left_s -= dt_s
            if left_s <= 0:
                return

    def _once(self, dt_s: float) -> None:
        self.elapsed_s += dt_s
        self._choose_phase(dt_s)
        self.current_a = self._wanted_a()
        inside_s = dt_s * self.speed
        for cell in self.cells:
            amps = self.current_a - (BLEED_A if cell.is_bled else 0.0)
            cell.soc_pct += amps * inside_s / 3600 / cell.capacity_ah * 100
            cell.soc_pct = min(max(cell.soc_pct, 0.0), 100.0)
            noise_mv = self._random.gauss(0.0, 0.35)
            mv = ocv_mv(cell.soc_pct) + cell.offset_mv + self.current_a * cell.resistance_mohm + noise_mv
            cell.mv = min(max(mv, 0.0), CELL_LIMIT_MV)
        self._balance()
        self._protect()
        self._warm(dt_s)

    def _choose_phase(self, dt_s: float) -> None:
        is_full = self.mean_soc_pct >= self.full_pct or bool(self.protections & CHARGE_STOPPERS)
        is_empty = self.mean_soc_pct <= self.empty_pct or bool(self.protections & DISCHARGE_STOPPERS)
        if self.phase is Phase.CHARGE and is_full:
            self._rest(Phase.DISCHARGE)
        elif self.phase is Phase.DISCHARGE and is_empty:
            self.cycles += 1
            self._rest(Phase.CHARGE)
        elif self.phase is Phase.REST:
            self._rested_s += dt_s
            if self._rested_s >= self.rest_s:
                self.phase = self._next

    def _rest(self, following: Phase) -> None:
        self.phase, self._next, self._rested_s = Phase.REST, following, 0.0

    def _wanted_a(self) -> float:
        """The current that flows: the charger's, the load's, or none through an open switch."""
        if self.phase is Phase.CHARGE and self.charge_on:
            headroom_mv = CV_CELL_MV - max(cell.mv for cell in self.cells)
            share = min(1.0, max(CV_END_SHARE, headroom_mv / 60))
            return self.charge_a * share * (1 + 0.004 * self._random.uniform(-1, 1))
        if self.phase is Phase.DISCHARGE and self.discharge_on:
            wave = 1 + 0.25 * math.sin(self.elapsed_s / 47) + 0.1 * math.sin(self.elapsed_s / 7.3)
            return -self.discharge_a * wave * (1 + 0.01 * self._random.uniform(-1, 1))
        return 0.0

    def _balance(self) -> None:
        lowest = min(cell.mv for cell in self.cells)
        for cell in self.cells:
            threshold = BALANCE_SPREAD_MV * (0.5 if cell.is_bled else 1.0)  # hysteresis: no flicker
            cell.is_bled = cell.mv > BALANCE_FROM_MV and cell.mv - lowest > threshold and self.current_a > 0

    def _protect(self) -> None:
        high, low = max(c.mv for c in self.cells), min(c.mv for c in self.cells)
        hot = max(self.temperatures_c, default=AMBIENT_C)
        self._trip(Protection.CELL_OVERVOLTAGE, high > OV_MV, high < OV_RELEASE_MV)
        self._trip(Protection.CELL_UNDERVOLTAGE, low < UV_MV, low > UV_RELEASE_MV)
        self._trip(Protection.CHARGE_OVERTEMPERATURE, hot > HOT_C, hot < HOT_RELEASE_C)

    def _trip(self, protection: Protection, trips: bool, releases: bool) -> None:
        if trips and protection not in self.protections:
            self.protections.add(protection)
            self.counters[protection.value] = self.counters.get(protection.value, 0) + 1
        elif releases:
            self.protections.discard(protection)

    def _warm(self, dt_s: float) -> None:
        heat_w = self.current_a**2 * math.fsum(c.resistance_mohm for c in self.cells) / 1000
        for n, now_c in enumerate(self.temperatures_c):
            target_c = AMBIENT_C + 0.4 * n + heat_w * 0.8 + 0.4 * math.sin(self.elapsed_s / 300 + n)
            self.temperatures_c[n] = now_c + (target_c - now_c) * min(1.0, dt_s / 120)


CHARGE_STOPPERS = {
    Protection.CELL_OVERVOLTAGE,
    Protection.PACK_OVERVOLTAGE,
    Protection.CHARGE_OVERTEMPERATURE,
    Protection.CHARGE_UNDERTEMPERATURE,
    Protection.CHARGE_OVERCURRENT,
}
DISCHARGE_STOPPERS = {
    Protection.CELL_UNDERVOLTAGE,
    Protection.PACK_UNDERVOLTAGE,
    Protection.DISCHARGE_OVERTEMPERATURE,
    Protection.DISCHARGE_UNDERTEMPERATURE,
    Protection.DISCHARGE_OVERCURRENT,
    Protection.SHORT_CIRCUIT,
}


def ocv_mv(soc_pct: float) -> float:
    """Open-circuit voltage in mV, straight lines between the points of the table."""
    for (p0, v0), (p1, v1) in pairwise(OCV_MV):
        if soc_pct <= p1:
            return v0 + (v1 - v0) * (soc_pct - p0) / (p1 - p0)
    return float(OCV_MV[-1][1])


def left_pack(cells: int = 16, seed: int = 1, speed: float = 1.0) -> Battery:
    """The left track of the demo: 280 Ah, charging."""
    return Battery(cells, 280.0, 72.0, charge_a=12.4, phase=Phase.CHARGE, seed=seed, speed=speed, cycles=127)


def right_pack(cells: int = 4, seed: int = 2, speed: float = 1.0) -> Battery:
    """The right track of the demo: 100 Ah, discharging."""
    return Battery(cells, 100.0, 64.0, discharge_a=8.1, phase=Phase.DISCHARGE, seed=seed, speed=speed)
