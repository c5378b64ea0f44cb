"""Plans on both families, with a fault at every single step: all old, all new, or each register told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.register_bench import SCREEN, WHO, Bench, KilledError
from tui.model.register_requests import (
    Backups,
    ChangeLog,
    CheckChanges,
    CompareRegisters,
    ReadRegisters,
    ResumePlan,
    UndoPlan,
    WriteRegisters,
)
from tui.model.register_review import Change, Source, SourceKind
from tui.model.write_plan import PlanState, StepState
from tui.simulator.as_jbd import JbdDevice

FAMILIES = ("jbd", "tinybms")
TWELVE: dict[str, tuple[Change, ...]] = {
    "jbd": (
        Change("cell_overvoltage", 3600),
        Change("cell_overvoltage_release", 3450),
        Change("cell_undervoltage", 2700),
        Change("cell_undervoltage_release", 3010),
        Change("cell_full_voltage", 3390),
        Change("balance_window", 20),
        Change("charge_overcurrent", 90),
        Change("discharge_overcurrent", 110.5),
        Change("cell_overvoltage_delay", 3),
        Change("function_balance", "off"),
        Change("fet_time", 60),
        Change("barcode", "A-17"),
    ),
    "tinybms": (
        Change("over_voltage_cutoff", 4200),
        Change("fully_charged_voltage", 4100),
        Change("fully_discharged_voltage", 3100),
        Change("under_voltage_cutoff", 2900),
        Change("early_balancing_threshold", 3900),
        Change("charge_finished_current", 0.5),
        Change("allowed_disbalance", 25),
        Change("pulses_per_unit", 70_000),
        Change("over_heat_cutoff", 55),
        Change("low_temperature_charger_cutoff", -5),
        Change("automatic_recovery", 10),
        Change("operation_mode", "single port"),
    ),
}
STEPS = range(1, 13)
REFUSED = 0x80


@pytest.fixture(params=FAMILIES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    made = Bench(request.param, tmp_path / "registers")
    assert made.ask(ReadRegisters("left")).ok
    return made


def write(bench: Bench, changes: tuple[Change, ...] | None = None) -> None:
    wanted = TWELVE[bench.family] if changes is None else changes
    answer = bench.ask(WriteRegisters("left", wanted, who=WHO, screen=SCREEN))
    assert answer.ok, answer.cause


def order_of(bench: Bench) -> tuple[int, ...]:
    """The registers of the twelve changes in the order in which they will be written."""
    other = Bench(bench.family, bench.folder.with_name("dry"))
    write(other)
    assert other.plan.state is PlanState.DONE
    return tuple(step.number for step in other.plan.steps)


def new_image(bench: Bench) -> dict[int, bytes]:
    other = Bench(bench.family, bench.folder.with_name("new"))
    write(other)
    return other.image()


def assert_told_exactly(bench: Bench) -> None:
    """Every step says what its register truly holds."""
    image = bench.image()
    for step in bench.plan.steps:
        held = image[step.number].hex().upper()
        assert step.found == held or (not step.found and held == step.old), step
        expected = {step.new: StepState.WRITTEN, step.old: StepState.WAITING}.get(held, StepState.DIFFERS)
        allowed = {expected} if expected is not StepState.WAITING else {
            StepState.WAITING, StepState.UNDONE, StepState.REFUSED,
        }  # fmt: skip
        assert step.state in allowed, step


def test_twelve_registers_are_written_read_back_and_logged(bench: Bench) -> None:
    """S1-54: stage, review, write, read back."""
    review = bench.ask(CheckChanges("left", TWELVE[bench.family])).review
    assert review is not None
    assert review.ok
    assert review.steps == 12
    old = bench.image()
    answer = bench.ask(
        WriteRegisters("left", TWELVE[bench.family], digest=review.digest, who=WHO, screen=SCREEN)
    )
    assert answer.ok
    assert bench.plan.state is PlanState.DONE
    assert {step.state for step in bench.plan.steps} == {StepState.WRITTEN}
    new = bench.image()
    assert sum(old[n] != new[n] for n in new) == 12
    assert_told_exactly(bench)
    log = bench.ask(ChangeLog("left")).log
    assert log is not None
    assert {(e.who, e.screen, e.result) for e in log} == {(WHO, SCREEN, "written")}
    assert {e.key for e in log} == {change.key for change in TWELVE[bench.family]}


def test_a_backup_is_kept_before_the_first_write(bench: Bench) -> None:
    old = bench.image()
    write(bench)
    backups = bench.ask(Backups("left")).backups
    assert backups is not None
    assert [b.id for b in backups] == [bench.plan.backup]
    assert not backups[0].words
    (whole,) = bench.ask(Backups("left", bench.plan.backup)).backups or ()
    assert whole.image == old
    assert whole.reason == "before-write"


def test_written_values_outlive_a_restart(bench: Bench) -> None:
    """A JBD board forgets what was not saved."""
    write(bench)
    new = bench.image()
    if isinstance(bench.device, JbdDevice):
        assert not bench.device.in_factory_mode
        bench.device.restart(bench.clock())
    assert bench.image() == new


Fault = Callable[[Bench, int, int], None]


def lost_ack(bench: Bench, number: int, step: int) -> None:
    bench.device.faults.writes.lose_ack.add(number)


def ignored(bench: Bench, number: int, step: int) -> None:
    bench.device.faults.writes.ignore.add(number)


def refused(bench: Bench, number: int, step: int) -> None:
    bench.device.faults.writes.refuse[number] = REFUSED


def clamped(bench: Bench, number: int, step: int) -> None:
    size = len(bench.image()[number])
    bench.device.faults.writes.clamp[number] = b"\x00\x07" if size != 5 else b"\x01X"


def restarted(bench: Bench, number: int, step: int) -> None:
    bench.device.faults.writes.reset_after.add(number)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [lost_ack, ignored, refused, clamped, restarted])
def test_a_device_that_disobeys_at_any_step_ends_all_old_or_all_new(
    bench: Bench, fault: Fault, step: int
) -> None:
    old, new, number = bench.image(), new_image(bench), order_of(bench)[step - 1]
    fault(bench, number, step)
    write(bench)
    plan = bench.plan
    if fault is lost_ack:
        assert plan.state is PlanState.DONE
    elif fault is not restarted:
        assert plan.state is PlanState.UNDONE
        assert plan.cause is not None
    assert bench.image() == (new if plan.state is PlanState.DONE else old)
    assert_told_exactly(bench)
    if isinstance(bench.device, JbdDevice):
        assert not bench.device.in_factory_mode


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_link_lost_at_any_step_can_be_finished_or_undone(
    bench: Bench, step: int, goes_on: bool, is_before: bool
) -> None:
    old, new = bench.image(), new_image(bench)

    def unplug(count: int) -> None:
        if count == step:
            bench.unplug()

    if is_before:
        bench.before = unplug
    else:
        bench.after = unplug
    write(bench)
    bench.before = bench.after = lambda count: None
    assert bench.plan.state is PlanState.INTERRUPTED
    assert not bench.plan.examined
    bench.clock.advance(60)
    bench.plug_in()
    assert bench.plan.examined
    assert_told_exactly(bench)
    again = ResumePlan if goes_on else UndoPlan
    assert bench.ask(again("left", WHO, SCREEN)).ok
    assert bench.plan.state is (PlanState.DONE if goes_on else PlanState.UNDONE)
    assert bench.image() == (new if goes_on else old)
    if isinstance(bench.device, JbdDevice):
        bench.device.restart(bench.clock())
        assert bench.image() == (new if goes_on else old)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_killed_program_finds_its_plan_again(bench: Bench, step: int, goes_on: bool) -> None:
    old, new = bench.image(), new_image(bench)

    def kill(count: int) -> None:
        if count == step:
            bench.kill()

    bench.before = kill
    with pytest.raises(KilledError):
        write(bench)
    bench.come_back()
    assert bench.plan.state is PlanState.INTERRUPTED
    assert bench.plan.examined
    assert_told_exactly(bench)
    again = ResumePlan if goes_on else UndoPlan
    assert bench.ask(again("left", WHO, SCREEN)).ok
    assert bench.image() == (new if goes_on else old)
    bench.restart_engine()
    assert bench.desk.plan is None


def test_a_device_that_lost_power_in_the_middle_is_told_as_it_is(bench: Bench) -> None:
    """A JBD board comes back with the values it had kept, a TinyBMS with what was written."""
    bench.after = lambda count: bench.unplug() if count == 6 else None
    write(bench)
    if isinstance(bench.device, JbdDevice):
        bench.device.restart(bench.clock())
    bench.clock.advance(60)
    bench.after = lambda count: None
    bench.plug_in()
    assert_told_exactly(bench)
    assert bench.plan.written == (0 if bench.family == "jbd" else 6)


def test_when_neither_way_goes_every_register_is_told(bench: Bench) -> None:
    """One register takes the new value and never the old one again, a later one refuses."""
    numbers = order_of(bench)
    writes = bench.device.faults.writes
    writes.refuse[numbers[7]] = REFUSED
    bench.after = lambda count: writes.refuse.__setitem__(numbers[2], REFUSED) if count == 3 else None
    write(bench)
    assert bench.plan.state is PlanState.MIXED
    assert_told_exactly(bench)
    assert [s.number for s in bench.plan.steps if s.state is StepState.WRITTEN] == [numbers[2]]
    writes.refuse.clear()
    assert bench.ask(UndoPlan("left", WHO, SCREEN)).ok
    assert bench.plan.state is PlanState.UNDONE


def test_what_is_acknowledged_and_not_kept_is_undone(tmp_path: Path) -> None:
    """Old boards acknowledge registers that they do not keep."""
    bench = Bench("jbd", tmp_path / "registers")
    assert isinstance(bench.device, JbdDevice)
    old = bench.image()
    bench.device.faults.writes.forget.add(0x24)
    write(bench)
    assert bench.plan.state is PlanState.UNDONE
    assert bench.plan.cause is not None
    assert bench.plan.cause.key == "reg-not-kept"
    assert bench.image() == old


TWENTY: dict[str, tuple[Change, ...]] = {
    "jbd": (
        *TWELVE["jbd"],
        Change("soc80_voltage", 3340),
        Change("pack_overvoltage", 14.4),
        Change("charge_overtemperature", 60),
        Change("discharge_undertemperature", -15),
        Change("shunt", 0.25),
        Change("led_time", 5),
        Change("short_circuit_delay", 2),
        Change("production_date", "2025-05-17"),
    ),
    "tinybms": (
        *TWELVE["tinybms"],
        Change("battery_capacity", 55.5),
        Change("charger_startup_delay", 30),
        Change("charger_disable_delay", 10),
        Change("distance_unit", "mi"),
        Change("charge_over_current_cutoff", 40),
        Change("max_cycles", 4000),
        Change("broadcast_interval", "1 s"),
        Change("discharge_over_current_timeout", 3),
    ),
}


def test_a_backup_brings_back_every_byte(bench: Bench) -> None:
    """Full backup, twenty parameters changed, restored: the image is byte-equal."""
    old = bench.image()
    assert len(TWENTY[bench.family]) == 20
    write(bench, TWENTY[bench.family])
    assert bench.plan.state is PlanState.DONE
    backup = Source(SourceKind.BACKUP, bench.plan.backup)
    told = bench.ask(CompareRegisters("left", backup)).review
    assert told is not None
    assert {row.register.key for row in told.rows} == {change.key for change in TWENTY[bench.family]}
    assert bench.ask(WriteRegisters("left", source=backup, who=WHO, screen=SCREEN)).ok
    assert bench.plan.state is PlanState.DONE
    assert bench.image() == old
