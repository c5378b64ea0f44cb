"""The cell against cases that can be worked out on paper."""

import math
import random

import pytest

from tui.simulator.cell import Cell, Kit, make
from tui.simulator.ocv import Curve
from tui.simulator.profile import load

LFP = load("lfp")
MV_TOLERANCE = 0.05


def kit(step_s: float, name: str = "lfp") -> Kit:
    made = Kit(load(name))
    made.pace(step_s)
    made.hysteresis_mv = 0.0
    return made


def cell(soc_pct: float = 50.0, **more: float) -> Cell:
    made = Cell(soc_pct, 100.0, 2.5)
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize("step_s", [0.25, 1.0, 10.0, 60.0])
@pytest.mark.parametrize("amps", [-10.0, 25.0, -100.0])
def test_constant_current_moves_what_it_should(amps: float, step_s: float) -> None:
    """Coulomb counting: I t / C, whatever the length of the step."""
    one, tools = cell(), kit(step_s)
    for _ in range(round(600 / step_s)):
        one.carry(amps, tools)
    assert one.soc_pct == pytest.approx(50.0 + amps * 600 / 3600, abs=1e-9)


@pytest.mark.parametrize("step_s", [0.25, 7.0, 100.0])
def test_pairs_follow_their_exponentials(step_s: float) -> None:
    """V1 = I R1 (1 - e^(-t/tau)): exact at the end of every step, however long that is."""
    one, tools = cell(), kit(step_s)
    one.carry(0.0, tools)
    flat = one.ohms
    for n in range(1, 8):
        one.ohms = flat  # the resistance is held: its own change with charge is another matter
        one.carry(-10.0, tools)
        for pair_mv, tau_s in ((one.pair_1_mv, 30.0), (one.pair_2_mv, 900.0)):
            wanted = -10.0 * flat * 0.2 * (1 - math.exp(-n * step_s / tau_s))
            assert pair_mv == pytest.approx(wanted, rel=1e-6)


def test_relaxation_after_a_load() -> None:
    """After the current stops, R0 drops away at once, the pairs fade, and the rest voltage stays."""
    one, tools = cell(), kit(10.0)
    for _ in range(500):
        one.carry(-20.0, tools)
    under_load, pairs = one.true_mv, one.pair_1_mv + one.pair_2_mv
    one.carry(0.0, kit(1e-9))
    assert one.true_mv == pytest.approx(one.emf_mv + pairs, abs=MV_TOLERANCE)
    assert one.true_mv - under_load == pytest.approx(20.0 * one.ohms * 0.6, rel=0.01)
    faded = one.pair_1_mv, one.pair_2_mv
    for _ in range(30):
        one.carry(0.0, tools)
    assert one.pair_1_mv == pytest.approx(faded[0] * math.exp(-300 / 30), abs=1e-6)
    assert one.pair_2_mv == pytest.approx(faded[1] * math.exp(-300 / 900), rel=1e-6)


def test_charge_in_minus_out_is_what_is_left() -> None:
    """In - out - own loss = change of charge x capacity, within 0.1 %, over a day of changing current."""
    one, tools, source = cell(leak_ma=20.0), kit(10.0), random.Random(4)
    through_as = 0.0
    for n in range(8640):
        amps = 15.0 * math.sin(n / 700) + source.uniform(-5, 5)
        if not 10 < one.soc_pct < 90:
            amps = -amps
        one.carry(amps, tools)
        through_as += (amps - 0.020) * 10.0
    assert abs(through_as) > 30_000
    assert (one.soc_pct - 50.0) / 100 * one.capacity_ah == pytest.approx(through_as / 3600, rel=1e-3)


def test_energy_in_is_energy_out_and_heat() -> None:
    """Around a whole loop of charge, what the terminals took is what the resistance burnt, within 0.1 %."""
    one, tools = cell(), kit(1.0)
    taken_j = burnt_j = through_j = 0.0
    for amps, count in ((10.0, 7200), (-10.0, 7200)):
        for _ in range(count):
            one.carry(amps, tools)
            taken_j += amps * one.true_mv / 1000
            through_j += abs(amps * one.true_mv) / 1000
            r = one.ohms / 1000
            burnt_j += amps * amps * r * 0.6
            burnt_j += amps * (one.pair_1_mv + one.pair_2_mv) / 1000
    for _ in range(1):
        one.carry(0.0, tools)
    assert taken_j == pytest.approx(burnt_j, abs=0.001 * through_j)
    assert burnt_j > 0


def test_open_circuit_voltage_is_the_table() -> None:
    """The points of the profile, straight lines between them, flat beyond the ends."""
    curve = Curve(LFP.ocv.soc_pct, LFP.ocv.cell_v)
    for soc_pct, volts in zip(LFP.ocv.soc_pct, LFP.ocv.cell_v, strict=True):
        assert curve.at(soc_pct) == pytest.approx(volts)
    assert curve.at(45) == pytest.approx(3.293)
    assert curve.at(-3) == curve.at(0) and curve.at(130) == curve.at(100)


def test_hysteresis_depends_on_the_way() -> None:
    """The same charge rests higher when charged into than when discharged into, by the whole loop."""
    tools, ends = Kit(LFP), []
    tools.pace(10.0)
    for amps, start in ((20.0, 20.0), (-20.0, 80.0)):
        one = cell(start)
        while (one.soc_pct < 50.0) if amps > 0 else (one.soc_pct > 50.0):
            one.carry(amps, tools)
        for _ in range(2000):
            one.carry(0.0, tools)
        ends.append(one.true_mv)
    assert ends[0] - ends[1] == pytest.approx(2 * LFP.ocv.hysteresis_mv, rel=0.1)


def test_cold_and_empty_cells_have_more_resistance() -> None:
    tools = kit(1.0)
    assert tools.factor(25.0) == 1.0 and tools.factor(-20.0) == 3.5 and tools.factor(99.0) == 0.8
    cold, warm = cell(warmth=tools.factor(-10.0)), cell()
    empty = cell(2.0)
    for one in (cold, warm, empty):
        one.carry(0.0, tools)
    assert cold.ohms == pytest.approx(2.6 * warm.ohms) and empty.ohms > 1.5 * warm.ohms


def test_self_discharge() -> None:
    """30 mA for a month is 21.6 Ah."""
    one, tools = cell(leak_ma=30.0), kit(3600.0)
    for _ in range(720):
        one.carry(0.0, tools)
    assert one.soc_pct == pytest.approx(50.0 - 21.6, abs=1e-6)


def test_a_short_pulls_the_voltage_down() -> None:
    one, tools = cell(), kit(1.0)
    one.short_mohm = 2.0
    one.carry(0.0, tools)
    assert one.true_mv == pytest.approx(one.emf_mv * 2.0 / (2.0 + one.ohms), rel=0.01)
    assert one.shorted_a == pytest.approx(one.true_mv / 2.0)


def test_settled_is_after_a_very_long_time() -> None:
    one, long = cell(), cell()
    one.settle(-10.0, kit(1.0))
    long.leak_ma = 0.0
    tools = kit(1e-7)
    long.carry(0.0, tools)
    long.pair_1_mv = long.pair_2_mv = -10.0 * long.ohms * 0.2
    long.carry(-10.0, tools)
    assert one.true_mv == pytest.approx(long.true_mv, abs=1e-3) and one.soc_pct == 50.0


def test_a_batch_varies_as_the_profile_says() -> None:
    """CL-22: 2 to 3 mΩ at 100 Ah, capacity ±2 %; a cell twice as large has half the resistance."""
    batch = [make(LFP, 50.0, 100.0, random.Random(n)) for n in range(200)]
    assert all(2.0 <= c.resistance_mohm <= 3.0 and 98.0 <= c.capacity_ah <= 102.0 for c in batch)
    assert max(c.resistance_mohm for c in batch) - min(c.resistance_mohm for c in batch) > 0.8
    large = [make(LFP, 50.0, 200.0, random.Random(n)) for n in range(20)]
    assert all(1.0 <= c.resistance_mohm <= 1.5 for c in large)
