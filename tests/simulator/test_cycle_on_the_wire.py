"""The ten-minute cycle as a reader sees it: from the frames on the wire, not from inside."""

from itertools import pairwise
from statistics import mean

import pytest

from tests.simulator.wire import Chain
from tui.model.sample import Cells, Pack, Protection
from tui.model.simulation import Stage
from tui.protocols.protocol import Rejected
from tui.simulator.cycle import CYCLE
from tui.simulator.simulation import Plan

SPEED = 60.0
POLL_S = 0.02  # about a second of the cycle


def one_cycle(protocol: str = "jbd", speed: float = SPEED, **more: object) -> Chain:
    """A cycle and a bit of the next, read through the real protocol."""
    plan = Plan(corrupt_pct=0.0, speed=speed, **more)  # type: ignore[arg-type]
    return Chain(plan, protocol, POLL_S).run(620 / speed)


@pytest.fixture(scope="module")
def cycle() -> Chain:
    return one_cycle()


def at(chain: Chain, begin_s: float, end_s: float) -> list[Pack]:
    """What was read between two moments of the cycle."""
    return [pack for now_s, pack in chain.packs if begin_s <= (now_s - 100.0) * SPEED <= end_s]


def amps(packs: list[Pack]) -> list[float]:
    return [pack.current_a or 0.0 for pack in packs]


def soc(packs: list[Pack]) -> list[float]:
    """In percent, from the remaining charge: finer than the byte that says whole percents."""
    return [(p.remaining_ah or 0.0) / (p.nominal_ah or 1.0) * 100 for p in packs]


def test_the_stages_are_the_documented_minutes() -> None:
    """S1-15 to S1-20: 3 + 1 + 5 + 1 minutes."""
    assert CYCLE == (
        (Stage.DISCHARGE, 180.0),
        (Stage.IDLE, 60.0),
        (Stage.CHARGE, 300.0),
        (Stage.BALANCE, 60.0),
    )


def test_discharge(cycle: Chain) -> None:
    """S1-1, S1-16, S1-17: from 90 to 20 % in three minutes, at -5 to -15 A with spikes to -30 A."""
    packs = at(cycle, 0, 177)
    assert soc(packs)[0] == pytest.approx(90.0, abs=0.6)
    assert soc(at(cycle, 183, 230))[0] == pytest.approx(20.0, abs=0.5)
    currents = amps(packs)
    assert all(-30.0 <= a <= -5.0 for a in currents)
    assert sum(a >= -15.0 for a in currents) > 0.9 * len(currents)
    assert max(currents) - min(currents) > 5.0  # it varies


def test_spikes_at_speed_one() -> None:
    """S1-17, S1-24: now and then, short, towards -30 A. X-2: never more than 1 % between two samples."""
    chain = Chain(Plan(corrupt_pct=0.0), poll_s=0.5).run(180)
    currents = amps([pack for _, pack in chain.packs])
    spikes = [a for a in currents if a < -26.0]
    assert 3 <= len(spikes) <= 20 and min(spikes) >= -30.0
    levels = soc([pack for _, pack in chain.packs])
    assert max(abs(b - a) for a, b in pairwise(levels)) < 1.0


def test_idle(cycle: Chain) -> None:
    """S1-18: about nothing, ±0.1 A, at about 20 %."""
    packs = at(cycle, 186, 236)
    assert all(abs(a) <= 0.1 for a in amps(packs))
    assert max(soc(packs)) - min(soc(packs)) < 0.5


def test_charge_is_constant_current_then_constant_voltage(cycle: Chain) -> None:
    """S1-1, S1-19: 20 to 95 % in five minutes; 25 A, then less and less at one voltage."""
    packs = at(cycle, 244, 537)
    currents = amps(packs)
    first_cv = next(n for n, a in enumerate(currents) if a < 24.5)
    assert all(a == pytest.approx(25.0, abs=0.15) for a in currents[:first_cv])
    assert 0.6 < first_cv / len(currents) < 0.95
    falling = currents[first_cv:]
    assert all(b < a + 0.3 for a, b in pairwise(falling)) and falling[-1] < 0.6 * 25.0
    volts = [pack.pack_v or 0.0 for pack in packs]
    assert max(volts[first_cv:]) - min(volts[first_cv:]) < 0.05 < volts[first_cv] - volts[0]
    assert soc(at(cycle, 542, 560))[0] == pytest.approx(95.0, abs=0.5)


def test_balancing_converges(cycle: Chain) -> None:
    """S1-14, S1-20: active above 20 mV of spread, falling progressively, until it is over."""
    spreads = [(cells.spread_mv or 0) for now_s, cells in cycle.cells if 538 <= (now_s - 100) * SPEED <= 597]
    packs = at(cycle, 541, 570)
    assert any(pack.balancing for pack in packs) and spreads[0] > 20
    third = len(spreads) // 3
    assert mean(spreads[:third]) > mean(spreads[third : 2 * third]) > mean(spreads[2 * third :])
    assert spreads[-1] < 20


def test_charge_that_moved_is_charge_that_is_counted(cycle: Chain) -> None:
    """X-1: the change of charge times the capacity is the change of ampere hours, within 1 %."""
    before, after = at(cycle, 0, 12)[0], at(cycle, 160, 179)[-1]
    moved = (before.remaining_ah or 0) - (after.remaining_ah or 0)
    byte_soc = (before.soc_pct or 0) - (after.soc_pct or 0)
    assert moved == pytest.approx(byte_soc / 100 * (before.nominal_ah or 0), abs=1.0)
    times = [(now_s, pack) for now_s, pack in cycle.packs if 0 <= (now_s - 100) * SPEED <= 179]
    scale = 70.0 * 3600 / (sum(-(p.current_a or 0) for _, p in times) / len(times) * 180)
    assert 125 < scale < 160  # "about 140" at 100 Ah


def test_counters_agree_with_the_charge() -> None:
    """X-1: what is counted in and out is what is left, within 1 %, over three cycles."""
    chain = Chain(Plan(corrupt_pct=0.0, speed=200.0), poll_s=0.1)
    before = chain.battery.remaining_ah
    chain.run(9.0)
    battery = chain.battery
    change = battery.remaining_ah - before
    assert battery.discharged_ah > 190
    assert battery.charged_ah - battery.discharged_ah == pytest.approx(
        change, abs=0.01 * battery.discharged_ah
    )


def test_the_second_discharge_starts_where_the_charge_ended(cycle: Chain) -> None:
    """X-2: from about 95 %, without a jump back to 90 %."""
    ended, began = soc(at(cycle, 560, 599))[-1], soc(at(cycle, 600, 618))
    assert ended > 94.0 and began[0] > 91.0 and began == sorted(began, reverse=True)
    assert cycle.battery.cycles == 128


def test_nothing_is_wrong_in_a_cycle(cycle: Chain) -> None:
    """No protection, no doubt, no frame refused, temperatures of a warm room (S1-23)."""
    assert not [o for o in cycle.outcomes if isinstance(o, Rejected)]
    for _, pack in cycle.packs:
        assert not pack.protections and not pack.doubts
        assert all(18 < celsius < 35 for celsius in pack.temperatures_c) and len(pack.temperatures_c) == 4
    heat = [mean(pack.temperatures_c) for _, pack in cycle.packs]
    assert max(heat) - min(heat) > 3.0


@pytest.mark.parametrize("profile", ["nmc", "lto"])
def test_other_chemistries_run_the_same_cycle(profile: str) -> None:
    """S1-75: the same end points and no protection, in other volts."""
    chain = one_cycle("tinybms", profile=profile)
    assert soc_of(chain, 183) == pytest.approx(20, abs=1) and soc_of(chain, 545) == pytest.approx(95, abs=1)
    assert not chain.battery.counters
    cells = [o for o in chain.outcomes if isinstance(o, Cells)][-1]
    assert len(cells.mv) == {"nmc": 14, "lto": 10}[profile]


def soc_of(chain: Chain, second: float) -> float:
    return next(p.soc_pct or 0.0 for t, p in chain.packs if (t - 100) * SPEED >= second)


def test_the_cell_that_is_too_high_stops_the_charger() -> None:
    """The programme goes on by the clock; the electronics have the last word."""
    chain = Chain(Plan(corrupt_pct=0.0, speed=SPEED), poll_s=POLL_S)
    chain.battery.cells[4].offset_mv = 300.0
    chain.run(400 / SPEED)
    tripped = [p for _, p in chain.packs if Protection.CELL_OVERVOLTAGE in p.protections]
    assert tripped and all((p.current_a or 0.0) <= 0.2 for p in tripped[2:])
