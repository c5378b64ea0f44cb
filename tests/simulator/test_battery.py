"""The simulated battery: charge, voltages, balancing and protections fit together."""

import pytest

from tui.model.sample import Protection
from tui.simulator.battery import (
    BLEED_A,
    CELL_LIMIT_MV,
    OCV_MV,
    OV_MV,
    OV_RELEASE_MV,
    UV_MV,
    UV_RELEASE_MV,
    Battery,
    Phase,
    left_pack,
    ocv_mv,
    right_pack,
)


def life(battery: Battery, seconds: int) -> list[tuple[object, ...]]:
    """What could be read from it, second by second."""
    seen = []
    for _ in range(seconds):
        battery.step(1.0)
        cells = tuple((cell.mv, cell.soc_pct, cell.is_bled) for cell in battery.cells)
        seen.append((battery.current_a, battery.phase, cells, tuple(battery.temperatures_c)))
    return seen


def test_same_seed_same_life() -> None:
    """The same numbers, byte by byte, whatever else runs; another seed lives differently."""
    assert life(left_pack(seed=7), 300) == life(left_pack(seed=7), 300)
    assert life(left_pack(seed=7), 10) != life(left_pack(seed=8), 10)


def test_one_long_step_is_many_short_ones() -> None:
    """How often somebody looks does not change what happens."""
    often, once = right_pack(), right_pack()
    for _ in range(120):
        often.step(1.0)
    once.step(120.0)
    assert often.cells == once.cells and often.temperatures_c == once.temperatures_c
    assert (often.current_a, often.elapsed_s) == (once.current_a, once.elapsed_s)


def test_no_time_no_change() -> None:
    """Time does not run backwards, and a look costs no charge."""
    battery = right_pack()
    before = battery.remaining_ah
    battery.step(0.0)
    battery.step(-5.0)
    assert battery.remaining_ah == before


@pytest.mark.parametrize("phase", [Phase.CHARGE, Phase.DISCHARGE])
def test_charge_is_counted(phase: Phase) -> None:
    """What went in or out is what the state of charge says, within 1 %."""
    battery = Battery(16, 100.0, 50.0, charge_a=20.0, discharge_a=20.0, phase=phase, speed=10.0)
    before = [cell.soc_pct for cell in battery.cells]
    remaining_before, through_ah = battery.remaining_ah, 0.0
    for _ in range(600):
        battery.step(1.0)
        through_ah += battery.current_a * 10.0 / 3600
    assert abs(through_ah) > 20
    bled_ah = BLEED_A * 10.0 * 600 / 3600
    for cell, soc_before in zip(battery.cells, before, strict=True):
        in_cell_ah = (cell.soc_pct - soc_before) / 100 * cell.capacity_ah
        assert through_ah - bled_ah - 1e-6 <= in_cell_ah <= through_ah + 1e-6
    assert battery.remaining_ah - remaining_before == pytest.approx(through_ah, rel=0.01)


def test_plus_charges() -> None:
    """X-10: a charging battery has a positive current and rising charge, a discharging one the opposite."""
    charging, discharging = left_pack(), right_pack()
    full, empty = charging.remaining_ah, discharging.remaining_ah
    charging.step(60)
    discharging.step(60)
    assert charging.current_a > 0 and charging.remaining_ah > full
    assert discharging.current_a < 0 and discharging.remaining_ah < empty


def test_load_lowers_the_voltage() -> None:
    """The same battery under load, at rest and on the charger: in this order."""
    volts = []
    for phase in (Phase.DISCHARGE, Phase.REST, Phase.CHARGE):
        battery = Battery(4, 100.0, 50.0, charge_a=50.0, discharge_a=50.0, phase=phase)
        battery.step(1.0)
        volts.append(battery.pack_mv)
    assert volts[0] < volts[1] - 20 < volts[2] - 40


def test_open_circuit_voltage() -> None:
    """The points of the table, straight lines between them, flat beyond the ends."""
    for soc_pct, mv in OCV_MV:
        assert ocv_mv(soc_pct) == pytest.approx(mv)
    assert ocv_mv(45) == pytest.approx(3293) and ocv_mv(101) == 3560


def test_balancing_shrinks_the_spread() -> None:
    """A cell that is ahead is bled on the charger, and the others catch up. None is bled under load."""
    battery = Battery(4, 10.0, 85.0, charge_a=0.5, phase=Phase.CHARGE, speed=20.0, full_pct=99.9)
    battery.cells[0].soc_pct += 6.0
    for cell in battery.cells:
        cell.offset_mv = 0.0
    battery.step(1.0)
    spread_before = spread_pct(battery)
    bled = set()
    for _ in range(1500):
        battery.step(1.0)
        bled |= {n for n, cell in enumerate(battery.cells) if cell.is_bled}
    assert 0 in bled
    assert spread_pct(battery) < 0.8 * spread_before
    loaded = right_pack()
    loaded.cells[0].offset_mv = 60.0
    loaded.step(60)
    assert not any(cell.is_bled for cell in loaded.cells)


def spread_pct(battery: Battery) -> float:
    charges = [cell.soc_pct for cell in battery.cells]
    return max(charges) - min(charges)


def test_phases_follow_each_other() -> None:
    """Full, rest, empty, rest, full; one cycle more each time it was emptied."""
    battery = Battery(
        4, 10.0, 90.0, charge_a=5.0, discharge_a=5.0, phase=Phase.CHARGE, speed=60.0, rest_s=30.0
    )
    phases, charges = [battery.phase], []
    for _ in range(2000):
        battery.step(1.0)
        if battery.phase is not phases[-1]:
            phases.append(battery.phase)
            charges.append(battery.mean_soc_pct)
    around = [Phase.CHARGE, Phase.REST, Phase.DISCHARGE, Phase.REST]
    assert len(phases) > 8 and phases == (around * len(phases))[: len(phases)]
    assert charges[0] == pytest.approx(battery.full_pct, abs=1.0)
    assert charges[2] == pytest.approx(battery.empty_pct, abs=1.0)
    assert battery.cycles - 12 == sum(before is Phase.DISCHARGE for before in phases[:-1])


def test_nothing_flows_at_rest() -> None:
    """At rest the current is zero and the charge stays."""
    battery = Battery(4, phase=Phase.REST, rest_s=1e9)
    before = battery.remaining_ah
    battery.step(600)
    assert battery.current_a == 0.0 and battery.remaining_ah == before


def test_overvoltage_trips_and_releases() -> None:
    """A cell too high opens the charge switch and is counted; the load brings it down and it closes again."""
    battery = Battery(
        4, 10.0, 80.0, charge_a=5.0, discharge_a=5.0, phase=Phase.CHARGE, speed=10.0, rest_s=5.0
    )
    battery.cells[2].offset_mv = OV_MV - 3300.0
    battery.step(1.0)
    assert battery.protections == {Protection.CELL_OVERVOLTAGE}
    assert not battery.charge_on and battery.discharge_on
    battery.step(2.0)
    assert battery.current_a == 0.0 and battery.counters == {"cell_overvoltage": 1}
    battery.cells[2].offset_mv = OV_RELEASE_MV - 3400.0
    battery.step(1.0)
    assert battery.charge_on and battery.protections == set()
    battery.step(10.0)
    assert battery.phase is Phase.DISCHARGE and battery.current_a < 0


def test_undervoltage_trips_and_releases() -> None:
    """A cell too low opens the discharge switch; the charger closes it again, not the middle."""
    battery = Battery(4, 10.0, 50.0, charge_a=5.0, discharge_a=5.0, phase=Phase.DISCHARGE, rest_s=5.0)
    battery.cells[1].offset_mv = UV_MV - 3400.0
    battery.step(1.0)
    assert battery.protections == {Protection.CELL_UNDERVOLTAGE}
    assert battery.charge_on and not battery.discharge_on
    battery.cells[1].offset_mv = UV_RELEASE_MV - 3400.0
    battery.step(1.0)
    assert not battery.discharge_on and battery.current_a == 0.0
    battery.step(10.0)
    assert battery.phase is Phase.CHARGE and battery.current_a > 0
    battery.cells[1].offset_mv = 0.0
    battery.step(1.0)
    assert battery.discharge_on and battery.counters == {"cell_undervoltage": 1}


def test_heat_trips_and_releases() -> None:
    """A hot sensor opens the charge switch until it has cooled down."""
    battery = left_pack()
    battery.temperatures_c[1] = 80.0
    battery.step(1.0)
    assert Protection.CHARGE_OVERTEMPERATURE in battery.protections and not battery.charge_on
    battery.step(600.0)
    assert battery.protections == set() and max(battery.temperatures_c) < 55.0


@pytest.mark.parametrize("phase", [Phase.CHARGE, Phase.DISCHARGE])
def test_locked_switches(phase: Phase) -> None:
    """Switched off by command: nothing flows that way, and no protection claims it."""
    battery = Battery(4, phase=phase, charge_locked=True, discharge_locked=True)
    battery.step(5.0)
    assert battery.current_a == 0.0 and not battery.charge_on and not battery.discharge_on
    assert battery.protections == set()


@pytest.mark.parametrize("phase", [Phase.CHARGE, Phase.DISCHARGE])
def test_absurd_loads_stay_in_range(phase: Phase) -> None:
    """300 A on a battery of 1 Ah: protections, not impossible numbers."""
    battery = Battery(32, 1.0, 50.0, charge_a=300.0, discharge_a=300.0, phase=phase)
    for _ in range(300):
        battery.step(1.0)
        assert all(0.0 <= cell.mv <= CELL_LIMIT_MV for cell in battery.cells)
        assert all(0.0 <= cell.soc_pct <= 100.0 for cell in battery.cells)
    assert battery.counters


def test_packs_of_the_demo() -> None:
    """S0-6, S0-4: 16 cells charging on the left, 4 cells discharging on the right, believable voltages."""
    left, right = left_pack(), right_pack()
    assert (len(left.cells), len(left.temperatures_c), left.capacity_ah) == (16, 3, 280.0)
    assert (len(right.cells), len(right.temperatures_c), right.capacity_ah) == (4, 2, 100.0)
    for battery in (left, right):
        battery.step(30)
        assert all(3100 < cell.mv < 3500 for cell in battery.cells)
        assert all(15 < celsius < 35 for celsius in battery.temperatures_c)
