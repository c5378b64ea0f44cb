"""A battery that does not exist: cells, heat, electronics, and what is connected to it.

Each cell is the equivalent circuit of `cell.py`; four zones carry the heat (`thermal.py`); the electronics of
`protection.py` open and close the switches; a programme of `cycle.py` charges and loads it. Time passes in
steps of one fixed length, whatever the clock on the wall does, so that the same seed gives the same life.
"""

import math
import random
from dataclasses import dataclass, field

from tui.model.sample import Protection
from tui.simulator.cell import CELL_LIMIT_MV, Cell, Kit, make
from tui.simulator.cycle import STEP_S, Demand, Phase, Programme, Steady, mean_of
from tui.simulator.exact import bell
from tui.simulator.profile import Profile, load
from tui.simulator.protection import CHARGE_STOPPERS, DISCHARGE_STOPPERS, Guard, PackLimits, Seen
from tui.simulator.thermal import AMBIENT_C, SENSOR_MOST_C, ZONES, Thermal

__all__ = (
    "AMBIENT_C", "CELL_LIMIT_MV", "CHARGE_STOPPERS", "DISCHARGE_STOPPERS", "Battery", "Cell", "Fixed",
    "Phase", "left_pack", "right_pack",
)  # fmt: skip
OFFSET_MV = 2.0
NOISE_MV = 1.2  # width of the noise of a cell's measurement
OPEN_SENSOR_C = -40.0  # what an electronics without its sensor believes
TINY_S = 1e-9
HEADROOM = 1.5  # of the electronics over the amperes that were asked for
GIVE_BACK = 0.9  # of what an active balancer takes
CALM_C = 0.05  # currents above this share of the capacity say nothing about charge
HOURS_OF_A_YEAR = 8766.0


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a battery of mode test says, for ever (row S1-26)."""

    soc_pct: float = 64.0
    current_a: float = -8.0
    temperature_c: float = 25.0
    spread_mv: float = 12.0


@dataclass(slots=True)
class Battery:
    """A pack with its charger, its load and its protections. The same seed gives the same life.

    `speed` moves everything faster than the clock on the wall, so that minutes show what takes hours;
    currents and voltages stay in range. Without another programme it charges up to `full_pct`, rests,
    discharges down to `empty_pct`, rests, and so on.
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
    profile: Profile = field(default_factory=lambda: load("lfp"))
    programme: Programme | None = None
    soh_pct: float = 98.0
    noise: float = 1.0  # times the usual
    current_a: float = 0.0  # as measured; plus charges
    flow_a: float = 0.0  # as it is
    temperatures_c: list[float] = field(default_factory=list)  # as the sensors say
    protections: set[Protection] = field(default_factory=set)
    counters: dict[str, int] = field(default_factory=dict)
    charge_locked: bool = False  # switched off by command
    discharge_locked: bool = False
    cells: list[Cell] = field(default_factory=list)
    elapsed_s: float = 0.0  # on the wall
    clock_s: float = 0.0  # of the simulation
    inside_s: float = 0.0  # in which charge and heat move
    charged_ah: float = 0.0
    discharged_ah: float = 0.0
    charged_kwh: float = 0.0
    discharged_kwh: float = 0.0
    is_driven: bool = False  # somebody else lets time pass: `step` does nothing
    is_cv: bool = False  # the charger holds the voltage
    fixed: Fixed | None = None
    limits: PackLimits = field(default_factory=PackLimits)
    thermal: Thermal = field(init=False)
    shunt_gain: float = 1.0  # of a fault
    dead_sensors: set[int] = field(default_factory=set)  # from 0
    welded: set[str] = field(default_factory=set)  # switches that do not open: "charge", "discharge"
    _kit: Kit = field(init=False)
    _guard: Guard = field(init=False)
    _random: random.Random = field(init=False)
    _due_s: float = 0.0
    _aged_s: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        if self.programme is None:
            following = Phase.DISCHARGE if self.phase is Phase.CHARGE else Phase.CHARGE
            self.programme = Steady(random.Random(self.seed ^ 0x5EED), following)
        self._guard = Guard(self.limits, self.protections, self.counters)
        self.adopt(self.profile, self.cells_in_series, self.capacity_ah, self.soc_pct)

    def adopt(self, profile: Profile, cells: int, capacity_ah: float, soc_pct: float) -> None:
        """Become another kind of battery, with new cells."""
        self.profile, self.cells_in_series, self.capacity_ah = profile, cells, capacity_ah
        self._kit = Kit(profile)
        self.cells = [make(profile, soc_pct, capacity_ah, self._random) for _ in range(cells)]
        for cell in self.cells:
            cell.offset_mv = OFFSET_MV * bell(self._random)
        self.thermal = Thermal(cells, capacity_ah)
        self._take_limits()
        for cell in self.cells:
            cell.carry(0.0, self._kit)
        self._measure()
        self._flow(self._asked(), 0.0)

    def _take_limits(self) -> None:
        p, m = self.profile, self.limits
        m.cell_high_mv, m.cell_low_mv = p.max_cell_v * 1000, p.min_cell_v * 1000
        m.cell_high_release_mv = p.limits.cell_high_release_v * 1000
        m.cell_low_release_mv = p.limits.cell_low_release_v * 1000
        m.charge_a = max(p.limits.max_charge_a, HEADROOM * self.charge_a)
        m.discharge_a = max(p.limits.max_discharge_a, HEADROOM * self.discharge_a)
        m.charge_low_c, m.charge_high_c = p.limits.charge_c
        m.discharge_low_c, m.discharge_high_c = p.limits.discharge_c

    # what it is

    @property
    def pack_mv(self) -> float:
        """Terminal voltage in mV."""
        return math.fsum(cell.true_mv for cell in self.cells)

    @property
    def mean_soc_pct(self) -> float:
        """State of charge of the pack in percent."""
        return math.fsum(cell.soc_pct for cell in self.cells) / len(self.cells)

    @property
    def remaining_ah(self) -> float:
        """Charge left in Ah."""
        return self.capacity_ah * self.mean_soc_pct / 100

    @property
    def highest_mv(self) -> float:
        """The highest cell, as measured."""
        return max(cell.mv for cell in self.cells)

    @property
    def is_blocked_for_charge(self) -> bool:
        """A protection has opened the switch."""
        return not self.protections.isdisjoint(CHARGE_STOPPERS)

    @property
    def is_blocked_for_discharge(self) -> bool:
        """A protection has opened the switch."""
        return not self.protections.isdisjoint(DISCHARGE_STOPPERS)

    @property
    def charge_on(self) -> bool:
        """Whether the charge switch conducts."""
        return "charge" in self.welded or not (self.charge_locked or self.is_blocked_for_charge)

    @property
    def discharge_on(self) -> bool:
        """Whether the discharge switch conducts."""
        return "discharge" in self.welded or not (self.discharge_locked or self.is_blocked_for_discharge)

    @property
    def ambient_c(self) -> float:
        """Of the air around."""
        return self.thermal.ambient_c(self.clock_s)

    def mean_cell(self) -> Cell:
        """A copy of the average cell."""
        return mean_of(self.cells)

    # time

    def step(self, seconds: float) -> None:
        """Let so much time pass on the clock on the wall, unless a simulation does that."""
        if not self.is_driven:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        seconds = max(0.0, seconds)
        self.elapsed_s += seconds
        if self.fixed is not None:
            self.settle()
            return
        self._due_s += seconds * self.speed
        while self._due_s >= STEP_S - TINY_S:
            self._due_s -= STEP_S
            demand = self._asked()
            self._flow(demand, STEP_S)

    def _asked(self) -> Demand:
        assert self.programme is not None
        return self.programme.next(self) if self.fixed is None else Demand(self.fixed.current_a)

    def _flow(self, demand: Demand, step_s: float) -> None:
        self._kit.pace(step_s * demand.scale)
        amps = demand.amps
        self.is_cv = False
        if demand.limit_mv is not None and amps > 0:
            most = (demand.limit_mv * len(self.cells) - self.rest_mv()) / self.inner_mohm()
            self.is_cv = most < amps
            amps = max(0.0, min(amps, most))
        self.carry(self.let_through(amps), step_s, demand.scale)

    def let_through(self, amps: float) -> float:
        """What of a current passes the switches."""
        return amps if (self.charge_on if amps > 0 else self.discharge_on) else 0.0

    def rest_mv(self) -> float:
        """The voltage at the end of this step if nothing flows in it."""
        one, two = self._kit.keep_1, self._kit.keep_2
        return sum(c.emf_mv + c.pair_1_mv * one + c.pair_2_mv * two for c in self.cells)

    def inner_mohm(self) -> float:
        """What a current adds to that at the end of this step, in mV for each ampere."""
        kit = self._kit
        share = kit.shares[0] + kit.shares[1] * (1 - kit.keep_1) + kit.shares[2] * (1 - kit.keep_2)
        return share * sum(c.ohms for c in self.cells)

    def pace(self, inside_s: float) -> None:
        """The inner length of the step that comes, for `rest_mv` and `inner_mohm`."""
        self._kit.pace(inside_s)

    def carry(self, amps: float, step_s: float, scale: float) -> None:
        """One step with this current: charge, voltage, heat, balancing, protections."""
        inside_s, kit = step_s * scale, self._kit
        kit.pace(inside_s)
        self.clock_s += step_s
        self.inside_s += inside_s
        self.flow_a = amps
        heat_w = [0.0] * ZONES
        zones, count = self.thermal.zones_c, len(self.cells)
        factors = [kit.factor(celsius) for celsius in zones]
        square = amps * amps / 1000
        for n, cell in enumerate(self.cells):
            zone = n * ZONES // count
            cell.warmth = factors[zone]
            cell.carry(amps, kit)
            heat_w[zone] += square * cell.ohms
            if cell.short_mohm:  # runs on the clock of the simulation: it would be over before it is seen
                cell.soc_pct = max(0.0, cell.soc_pct - cell.shorted_a * step_s / 36 / cell.capacity_ah)
        self._count(amps, inside_s)
        self.thermal.step(heat_w, inside_s, step_s, self.clock_s)
        self._measure()
        self._balance()
        self._guard.judge(self._seen(), step_s)
        for which in ("charge", "discharge"):
            self._guard.weld(which, which in self.welded)

    def settle(self) -> None:
        """Mode test: the fixed values, and nothing that depends on time."""
        fixed = self.fixed or Fixed()
        count = max(1, self.cells_in_series - 1)
        for n, cell in enumerate(self.cells):
            cell.soc_pct, cell.loop = fixed.soc_pct, 0.0
            cell.offset_mv = fixed.spread_mv * (n / count - 0.5)
            cell.is_bled, cell.balance_a = False, 0.0
            cell.settle(fixed.current_a, self._kit)
            cell.mv = 0.0 if cell.wire_open else cell.true_mv
        self.thermal.zones_c = [self.thermal.forced_c.get(n, fixed.temperature_c) for n in range(ZONES)]
        self._sense_heat()
        self.flow_a, self.current_a = fixed.current_a, fixed.current_a * self.shunt_gain
        seen = self._seen()
        self._guard.judge(seen, math.inf)
        for which in ("charge", "discharge"):
            self._guard.weld(which, which in self.welded)
        self.flow_a = self.let_through(fixed.current_a)
        self.current_a = self.flow_a * self.shunt_gain

    def cycle_done(self) -> None:
        """It was emptied once more, and is a little older (row CL-22)."""
        self.cycles += 1
        ageing = self.profile.ageing
        years = (self.inside_s - self._aged_s) / 3600 / HOURS_OF_A_YEAR
        self._aged_s = self.inside_s
        fade = ageing.fade_pct_per_cycle + ageing.fade_pct_per_year * years
        if self.soh_pct - fade < ageing.worst_pct:
            return
        self.soh_pct -= fade
        for cell in self.cells:
            cell.capacity_ah *= 1 - fade / 100
            cell.resistance_mohm *= 1 + ageing.growth_pct_per_cycle / 100

    # inside a step

    def _count(self, amps: float, inside_s: float) -> None:
        hours = inside_s / 3600
        if amps > 0:
            self.charged_ah += amps * hours
            self.charged_kwh += amps * hours * self.pack_mv / 1e6
        elif amps < 0:
            self.discharged_ah -= amps * hours
            self.discharged_kwh -= amps * hours * self.pack_mv / 1e6

    def _measure(self) -> None:
        give, width = self._random.random, NOISE_MV * self.noise
        for cell in self.cells:
            cell.mv = 0.0 if cell.wire_open else max(0.0, cell.true_mv + (give() - 0.5) * width)
        self.current_a = self.flow_a * self.shunt_gain
        self._sense_heat()

    def _sense_heat(self) -> None:
        zones = self.thermal.zones_c
        sensed = zones if self.cells_in_series > 2 * ZONES else [zones[0], zones[-1]]
        self.temperatures_c = [
            OPEN_SENSOR_C if n in self.dead_sensors else min(celsius, SENSOR_MOST_C)
            for n, celsius in enumerate(sensed)
        ]

    def _seen(self) -> Seen:
        levels = [cell.mv for cell in self.cells]
        return Seen(
            max(levels), min(levels), self.current_a, max(self.temperatures_c), min(self.temperatures_c)
        )

    def _balance(self) -> None:
        """Take from the high, give to the low, while they are too far apart (row S1-20)."""
        rule = self.profile.balance
        wired = [cell for cell in self.cells if not cell.wire_open and not cell.short_mohm]
        levels = [cell.mv for cell in wired]
        if not levels:
            return
        high, spread = max(levels), max(levels) - min(levels)
        was = any(cell.is_bled for cell in self.cells)
        wanted_mv = rule.delta_mv * (0.5 if was else 1.0)  # hysteresis: no flicker
        is_calm = abs(self.flow_a) <= CALM_C * self.capacity_ah  # else resistances are compared
        if spread <= wanted_mv or high < rule.from_v * 1000 or self.phase is Phase.DISCHARGE or not is_calm:
            if was:
                for cell in self.cells:
                    cell.is_bled, cell.balance_a = False, 0.0
            return
        middle, size = sum(levels) / len(levels), self.capacity_ah / 100
        givers = [cell for cell in wired if cell.mv > middle + rule.delta_mv / 4]
        takers = [cell for cell in wired if cell.mv < middle] or wired
        taken_a = rule.current_a * size
        for cell in self.cells:
            cell.is_bled, cell.balance_a = False, 0.0
        for cell in givers:
            cell.is_bled, cell.balance_a = True, -taken_a
        for cell in takers:
            cell.balance_a += GIVE_BACK * taken_a * len(givers) / len(takers)


def left_pack(cells: int = 16, seed: int = 1, speed: float = 1.0) -> Battery:
    """A pack of 280 Ah, charging."""
    return Battery(cells, 280.0, 72.0, charge_a=12.4, phase=Phase.CHARGE, seed=seed, speed=speed, cycles=127)


def right_pack(cells: int = 4, seed: int = 2, speed: float = 1.0) -> Battery:
    """A pack of 100 Ah, discharging."""
    return Battery(cells, 100.0, 64.0, discharge_a=8.1, phase=Phase.DISCHARGE, seed=seed, speed=speed)
