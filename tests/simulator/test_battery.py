"""The simulated battery: charge, voltages, balancing and protections fit together."""

import pytest

from tui.model.sample import Protection
from tui.simulator.battery import CELL_LIMIT_MV, Battery, Phase, left_pack, right_pack

OV_MV, OV_RELEASE_MV, UV_MV, UV_RELEASE_MV = 3650, 3500, 2500, 3000  # rows CL-25, of the LFP profile


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
    for _ in range(480):
        often.step(0.25)
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
    for cell, soc_before in zip(battery.cells, before, strict=True):
        in_cell_ah = (cell.soc_pct - soc_before) / 100 * cell.capacity_ah
        assert in_cell_ah == pytest.approx(through_ah, rel=0.01)
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


def test_balancing_shrinks_the_spread() -> None:
    """S1-4, S1-20: a cell that is ahead gives to the others; none is balanced under load."""
    battery = Battery(4, 10.0, 92.0, phase=Phase.REST, rest_s=1e9, speed=20.0)
    for cell in battery.cells:
        cell.offset_mv, cell.leak_ma = 0.0, 0.0
    battery.cells[0].soc_pct = 98.0
    battery.step(1.0)
    spread_before, mean_before = spread_pct(battery), battery.mean_soc_pct
    bled = set()
    for _ in range(300):
        battery.step(1.0)
        bled |= {n for n, cell in enumerate(battery.cells) if cell.is_bled}
    assert bled == {0}
    assert spread_pct(battery) < 0.8 * spread_before
    assert mean_before - 0.5 < battery.mean_soc_pct < mean_before  # a tenth of what is moved is lost
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
        4, 10.0, 90.0, charge_a=5.0, discharge_a=5.0, phase=Phase.CHARGE, speed=60.0, rest_s=1800.0
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
    assert battery.current_a == 0.0 and battery.remaining_ah == pytest.approx(
        before, abs=0.01
    )  # but for leaks


def test_overvoltage_trips_and_releases() -> None:
    """A cell too high opens the charge switch and is counted; the load brings it down and it closes again."""
    battery = Battery(
        4, 10.0, 80.0, charge_a=5.0, discharge_a=5.0, phase=Phase.CHARGE, speed=10.0, rest_s=50.0
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
    """CL-25: a hot zone opens the charge switch until it is cool; sensors end at 60 °C (CL-22)."""
    battery = left_pack()
    battery.thermal.forced_c[1] = 80.0
    battery.step(30.0)
    assert Protection.CHARGE_OVERTEMPERATURE in battery.protections and not battery.charge_on
    assert battery.temperatures_c[1] == 60.0 and Protection.DISCHARGE_OVERTEMPERATURE in battery.protections
    del battery.thermal.forced_c[1]
    battery.speed = 200.0
    battery.step(300.0)
    assert battery.protections == set() and max(battery.temperatures_c) < 45.0


def test_current_warms_and_the_air_swings() -> None:
    """S1-23, S1-3: I²R in four zones over an ambient of 22 ± 3 °C."""
    loaded = Battery(16, 100.0, 90.0, discharge_a=80.0, speed=20.0)
    idle = Battery(16, 100.0, 90.0, phase=Phase.REST, rest_s=1e9, speed=20.0)
    air = set()
    for _ in range(120):
        loaded.step(1.0)
        idle.step(1.0)
        air.add(round(idle.ambient_c))
    assert len(loaded.temperatures_c) == 4
    assert min(loaded.temperatures_c) > max(idle.temperatures_c) + 3
    assert (min(air), max(air)) == (19, 25)


def test_age() -> None:
    """CL-22: a hundredth of a percent each cycle, and not below 70 %."""
    battery = Battery(4, soh_pct=98.5)
    capacity = battery.cells[0].capacity_ah
    for _ in range(10):
        battery.cycle_done()
    assert battery.soh_pct == pytest.approx(98.4) and battery.cycles == 22
    assert battery.cells[0].capacity_ah == pytest.approx(capacity * 0.999, rel=1e-5)
    battery.soh_pct = 70.0
    battery.cycle_done()
    assert battery.soh_pct == 70.0


def test_overcurrent_trips_and_tries_again() -> None:
    """After its release the load is let in again, as a BMS does it."""
    battery = Battery(4, 100.0, 50.0, discharge_a=20.0)
    battery.limits.discharge_a = 10.0
    battery.step(2.0)
    assert battery.protections == {Protection.DISCHARGE_OVERCURRENT} and battery.current_a == 0.0
    battery.phase = Phase.DISCHARGE
    battery.step(20.0)
    assert not battery.discharge_on
    battery.limits.discharge_a = 100.0
    battery.step(15.0)
    assert battery.discharge_on and battery.counters == {"discharge_overcurrent": 1}


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
    assert (len(left.cells), len(left.temperatures_c), left.capacity_ah) == (16, 4, 280.0)
    assert (len(right.cells), len(right.temperatures_c), right.capacity_ah) == (4, 2, 100.0)
    for battery in (left, right):
        battery.step(30)
        assert all(3100 < cell.mv < 3500 for cell in battery.cells)
        assert all(15 < celsius < 35 for celsius in battery.temperatures_c)
