"""What is connected to a battery, and when: the ten-minute cycle of rows S1-15 to S1-20, or a steady life.

The cycle keeps the documented minutes and amperes, which at 100 Ah would move a hundredth of the charge that
is wanted. So inner time runs faster than the clock, by one factor for each stage, found when it begins: for
the load from its own list of currents, for the charger by charging one average cell in advance (row X-1).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from tui.model.simulation import Stage
from tui.simulator.cell import Cell, Kit
from tui.simulator.exact import between, sine
from tui.simulator.profile import Profile

STEP_S = 0.25  # of every simulation, whatever the clock on the wall does
CYCLE: tuple[tuple[Stage, float], ...] = (
    (Stage.DISCHARGE, 180.0),
    (Stage.IDLE, 60.0),
    (Stage.CHARGE, 300.0),
    (Stage.BALANCE, 60.0),
)
LENGTH_S = dict(CYCLE)
CYCLE_S = sum(LENGTH_S.values())
EMPTY_PCT, FULL_PCT, START_PCT = 20.0, 95.0, 90.0  # rows S1-16, S1-19, X-2
IDLE_A = 0.1
IDLE_SCALE, BALANCE_SCALE = 30.0, 60.0  # of 100 Ah; there is no end point to reach
SCALE_MOST = 100_000.0
SPIKE_STEPS, SPIKE_GAP_S = 2, (14.0, 40.0)
PLAN_STEP_S, PLAN_MOST_S = 10.0, 400_000.0
STRAY_A = 0.05  # a charge or load smaller than this makes no plan


class Phase(StrEnum):
    """What is connected to the pack now."""

    CHARGE = "charge"
    REST = "rest"
    DISCHARGE = "discharge"


@dataclass(frozen=True, slots=True)
class Demand:
    """What the world wants for one step: amperes, at most this pack voltage, at this pace of inner time."""

    amps: float
    limit_mv: float | None = None  # per cell, of a charger
    scale: float = 1.0


class Plant(Protocol):
    """A battery or a bank of them, as a programme sees it."""

    profile: Profile
    phase: Phase
    charge_a: float
    discharge_a: float
    full_pct: float
    empty_pct: float
    rest_s: float

    @property
    def mean_soc_pct(self) -> float:
        """State of charge in percent."""
        ...

    @property
    def capacity_ah(self) -> float:
        """Of one pack."""
        ...

    @property
    def highest_mv(self) -> float:
        """The highest cell."""
        ...

    @property
    def is_blocked_for_charge(self) -> bool:
        """A protection has opened the switch."""
        ...

    @property
    def is_blocked_for_discharge(self) -> bool:
        """A protection has opened the switch."""
        ...

    def mean_cell(self) -> Cell:
        """A copy of the average cell."""
        ...

    def cycle_done(self) -> None:
        """It was emptied once more."""
        ...


class Programme(Protocol):
    """Decides, step by step, what a plant is connected to."""

    stage: Stage
    scale: float

    def next(self, plant: Plant) -> Demand:
        """For the step that begins now."""
        ...

    def left_s(self) -> float | None:
        """To the end of the stage on the clock of the simulation; None when nobody knows."""
        ...


@dataclass(slots=True)
class Cycle:
    """Ten minutes, over and over. `lively` makes spikes and variations of a demonstration."""

    source: random.Random
    lively: float = 1.0
    stage: Stage = Stage.DISCHARGE
    at_s: float = 0.0  # since the stage began
    scale: float = 1.0
    is_planned: bool = False
    on_stage: Callable[[Stage], None] | None = None
    _load: list[float] = field(default_factory=list)

    def next(self, plant: Plant) -> Demand:
        """For the step that begins now."""
        if self.at_s >= LENGTH_S[self.stage] - STEP_S / 2:
            self._follow(plant)
        if not self.is_planned:
            self._plan(plant)
        n, self.at_s = round(self.at_s / STEP_S), self.at_s + STEP_S
        if self.stage is Stage.DISCHARGE:
            return Demand(-self._load[min(n, len(self._load) - 1)], None, self.scale)
        if self.stage is Stage.CHARGE:
            charger = plant.profile.charger
            ripple = 1 + 0.002 * self.lively * between(self.source, -1, 1)
            return Demand(charger.current_a * ripple, charger.cell_v * 1000, self.scale)
        stray = between(self.source, -IDLE_A, IDLE_A) if self.stage is Stage.IDLE else 0.0
        return Demand(stray, None, self.scale)

    def left_s(self) -> float | None:
        """To the end of the stage on the clock of the simulation."""
        return max(0.0, LENGTH_S[self.stage] - self.at_s)

    def go_to(self, stage: Stage) -> None:
        """Begin a stage now."""
        self.stage, self.at_s, self.is_planned = stage, 0.0, False

    def plan_again(self) -> None:
        """Something that the plan was made from has changed."""
        self.is_planned = False

    def _follow(self, plant: Plant) -> None:
        order = [stage for stage, _ in CYCLE]
        if self.stage is Stage.DISCHARGE:
            plant.cycle_done()
        self.go_to(order[(order.index(self.stage) + 1) % len(order)])

    def _plan(self, plant: Plant) -> None:
        self.is_planned = True
        left_s = max(LENGTH_S[self.stage] - self.at_s, STEP_S)
        size = plant.capacity_ah / 100.0
        if self.stage is Stage.DISCHARGE:
            plant.phase = Phase.DISCHARGE
            self._load = self._loads(plant.profile)
            self.scale = self._load_scale(plant)
        elif self.stage is Stage.CHARGE:
            plant.phase = Phase.CHARGE
            self.scale = min(SCALE_MOST, max(1.0, charging_s(plant, FULL_PCT) / left_s))
        else:
            plant.phase = Phase.REST
            self.scale = max(1.0, size * (IDLE_SCALE if self.stage is Stage.IDLE else BALANCE_SCALE))
        if self.on_stage is not None:
            self.on_stage(self.stage)

    def _load_scale(self, plant: Plant) -> float:
        """So that this list of currents empties the pack to the end point."""
        through_as = sum(self._load[round(self.at_s / STEP_S) :]) * STEP_S
        wanted_as = (plant.mean_soc_pct - EMPTY_PCT) / 100 * plant.mean_cell().capacity_ah * 3600
        return min(SCALE_MOST, max(1.0, wanted_as / through_as)) if through_as > STRAY_A else 1.0

    def _loads(self, profile: Profile) -> list[float]:
        """Row S1-17: between the two currents, wandering, with a spike now and then."""
        load, count = profile.load, round(LENGTH_S[Stage.DISCHARGE] / STEP_S)
        middle, swing = (load.low_a + load.high_a) / 2, (load.high_a - load.low_a) / 2
        turn = self.source.random()
        spike_at, out = self._spike_gap(), list[float]()
        for n in range(count):
            at_s = n * STEP_S
            if at_s >= spike_at:
                out += [load.spike_a * between(self.source, 0.9, 1.0)] * SPIKE_STEPS
                spike_at = at_s + self._spike_gap()
            wave = 0.6 * sine(turn + at_s / 90) + 0.25 * sine(at_s / 13)
            wave += 0.15 * between(self.source, -1, 1)
            out.append(middle + swing * wave)
        return out[:count]

    def _spike_gap(self) -> float:
        return between(self.source, *SPIKE_GAP_S) / self.lively


def charging_s(plant: Plant, to_pct: float) -> float:
    """Inner seconds until the charger has brought the average cell there, tried on a copy of it."""
    cell, charger = plant.mean_cell(), plant.profile.charger
    kit = Kit(plant.profile)
    kit.pace(PLAN_STEP_S)
    share = kit.shares[0] + kit.shares[1] * (1 - kit.keep_1) + kit.shares[2] * (1 - kit.keep_2)
    taken_s = 0.0
    while cell.soc_pct < to_pct and taken_s < PLAN_MOST_S:
        rest_mv = cell.emf_mv + cell.pair_1_mv * kit.keep_1 + cell.pair_2_mv * kit.keep_2
        amps = min(charger.current_a, (charger.cell_v * 1000 - rest_mv) / (cell.ohms * share))
        if amps < charger.cutoff_a:
            break
        before = cell.soc_pct
        cell.carry(amps, kit)
        part = (to_pct - before) / (cell.soc_pct - before) if cell.soc_pct > to_pct else 1.0
        taken_s += PLAN_STEP_S * part
    return taken_s


@dataclass(slots=True)
class Steady:
    """Charges to `full_pct`, rests, discharges to `empty_pct`, rests, and so on, at the plant's amperes."""

    source: random.Random
    following: Phase = Phase.CHARGE
    stage: Stage = Stage.STEADY
    scale: float = 1.0
    at_s: float = 0.0
    _rested_s: float = 0.0

    CV_BELOW_MV, CV_SLOPE_MV, CV_END_SHARE = 100.0, 60.0, 0.04

    def next(self, plant: Plant) -> Demand:
        """For the step that begins now."""
        self._choose(plant)
        self.at_s += STEP_S
        if plant.phase is Phase.CHARGE:
            headroom_mv = plant.profile.max_cell_v * 1000 - self.CV_BELOW_MV - plant.highest_mv
            share = min(1.0, max(self.CV_END_SHARE, headroom_mv / self.CV_SLOPE_MV))
            return Demand(plant.charge_a * share * (1 + 0.004 * between(self.source, -1, 1)))
        if plant.phase is Phase.DISCHARGE:
            wave = 1 + 0.25 * sine(self.at_s / 295) + 0.1 * sine(self.at_s / 45.9)
            return Demand(-plant.discharge_a * wave * (1 + 0.01 * between(self.source, -1, 1)))
        return Demand(0.0)

    def left_s(self) -> float | None:
        """Nobody knows."""
        return None

    def _choose(self, plant: Plant) -> None:
        is_full = plant.mean_soc_pct >= plant.full_pct or plant.is_blocked_for_charge
        is_empty = plant.mean_soc_pct <= plant.empty_pct or plant.is_blocked_for_discharge
        if plant.phase is Phase.CHARGE and is_full:
            self._rest(plant, Phase.DISCHARGE)
        elif plant.phase is Phase.DISCHARGE and is_empty:
            plant.cycle_done()
            self._rest(plant, Phase.CHARGE)
        elif plant.phase is Phase.REST:
            self._rested_s += STEP_S
            if self._rested_s >= plant.rest_s:
                plant.phase = self.following

    def _rest(self, plant: Plant, following: Phase) -> None:
        plant.phase, self.following, self._rested_s = Phase.REST, following, 0.0


def mean_of(cells: list[Cell]) -> Cell:
    """One cell that behaves like all of them together."""
    count = len(cells)
    return Cell(
        soc_pct=sum(c.soc_pct for c in cells) / count,
        capacity_ah=sum(c.capacity_ah for c in cells) / count,
        resistance_mohm=sum(c.resistance_mohm for c in cells) / count,
        offset_mv=sum(c.offset_mv for c in cells) / count,
        leak_ma=sum(c.leak_ma for c in cells) / count,
        emf_mv=sum(c.emf_mv for c in cells) / count,
        ohms=sum(c.ohms for c in cells) / count,
        pair_1_mv=sum(c.pair_1_mv for c in cells) / count,
        pair_2_mv=sum(c.pair_2_mv for c in cells) / count,
        loop=sum(c.loop for c in cells) / count,
        warmth=sum(c.warmth for c in cells) / count,
    )
