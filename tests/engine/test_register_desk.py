"""What the desk of the registers refuses, and what commands come to."""

from pathlib import Path

import pytest

from tests.engine.register_bench import SCREEN, WHO, Bench
from tui.model.link import Cause, Phase
from tui.model.register_requests import (
    Backups,
    ChangeLog,
    CheckChanges,
    CompareRegisters,
    DropLease,
    ExportRegisters,
    ForgetPlan,
    Presets,
    ReadRegisters,
    ResumePlan,
    RunCommand,
    TakeBackup,
    TakeLease,
    UndoPlan,
    WriteRegisters,
    without_secrets,
)
from tui.model.register_review import Change, Source, SourceKind
from tui.model.sample import Protection
from tui.model.write_plan import PlanState
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice

OV = {"jbd": "cell_overvoltage", "tinybms": "over_voltage_cutoff"}


@pytest.fixture(params=("jbd", "tinybms"))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(request.param, tmp_path / "registers")


@pytest.fixture
def board(tmp_path: Path) -> Bench:
    return Bench("jbd", tmp_path / "registers")


def jbd(bench: Bench) -> JbdDevice:
    assert isinstance(bench.device, JbdDevice)
    return bench.device


def problems(bench: Bench, *changes: Change, source: Source | None = None) -> list[str]:
    review = bench.ask(CheckChanges("left", changes, source)).review
    assert review is not None
    return [problem.cause.key for problem in review.problems]


def refusal(bench: Bench, *changes: Change, source: Source | None = None, **more: object) -> Cause:
    """Why nothing was written; and that nothing was."""
    before, writes = bench.image(), bench.writes
    request = WriteRegisters("left", changes, source, who=WHO, screen=SCREEN, **more)  # type: ignore[arg-type]
    answer = bench.ask(request)
    cause = answer.cause or (bench.desk.plan.cause if bench.desk.plan else None)
    assert cause is not None
    assert bench.image() == before
    assert bench.writes == writes
    return cause


def test_every_row_has_a_value_and_a_range(bench: Bench) -> None:
    """CL-47: number, allowed range, the value now in the device."""
    page = bench.ask(ReadRegisters("left")).registers
    assert page is not None
    ov = page.row(OV[bench.family])
    assert ov is not None
    assert ov.value == (3650 if bench.family == "jbd" else 3800)
    assert ov.low is not None
    assert ov.low > (ov.register.low or 0)
    assert ov.bound_by
    assert [row.key for row in page.rows if row.absent] == []


def test_values_out_of_range_are_told_with_the_range(bench: Bench) -> None:
    cause = refusal(bench, Change(OV[bench.family], 9000))
    assert cause.key == "reg-range"
    assert {"low", "high", "value", "unit"} <= cause.values().keys()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (Change("cell_overvoltage", "much"), "reg-not-number"),
        (Change("cell_overvoltage", "nan"), "reg-not-number"),
        (Change("cell_overvoltage", 3400), "reg-not-above"),
        (Change("cell_overvoltage_release", 3700), "reg-not-below"),
        (Change("no_such_thing", 1), "reg-unknown"),
        (Change("chip_type", 1), "reg-read-only"),
        (Change("function_tenths", 1), "reg-read-only"),
        (Change("charge_calibration", 1), "reg-is-command"),
        (Change("barcode", "Größe"), "reg-not-ascii"),
        (Change("barcode", "x" * 32), "reg-too-long"),
        (Change("production_date", "2025-02-30"), "reg-not-date"),
        (Change("production_date", "1999-02-03"), "reg-not-date"),
        (Change("short_circuit_delay", 75), "reg-no-choice"),
        (Change("function_balance", "perhaps"), "reg-no-choice"),
        (Change("ntc1", 0), ""),
    ],
)
def test_a_wrong_wish_says_why_and_writes_nothing(board: Bench, change: Change, key: str) -> None:
    if key:
        assert refusal(board, change).key == key
    else:
        assert "reg-no-sensor" not in problems(board, change)
        assert "reg-no-sensor" in problems(board, change, Change("ntc2", "off"))


def test_two_changes_that_only_fit_together_are_taken_together(bench: Bench) -> None:
    """The range follows from other fields, and they may move too."""
    both = {
        "jbd": (Change("cell_overvoltage", 3450), Change("cell_overvoltage_release", 3350)),
        "tinybms": (Change("over_voltage_cutoff", 3600), Change("fully_charged_voltage", 3500)),
    }[bench.family]
    assert "reg-not-above" in problems(bench, both[0])
    review = bench.ask(CheckChanges("left", both)).review
    assert review is not None
    assert review.ok
    assert review.steps == 2


def test_nothing_to_change_is_said(bench: Bench) -> None:
    assert refusal(bench, Change(OV[bench.family], bench_value(bench))).key == "reg-nothing"


def bench_value(bench: Bench) -> int | float | str:
    page = bench.ask(ReadRegisters("left")).registers
    assert page is not None
    row = page.row(OV[bench.family])
    assert row is not None
    assert row.value is not None
    return row.value


def test_a_device_that_changed_meanwhile_is_not_written(bench: Bench) -> None:
    assert bench.ask(ReadRegisters("left")).ok
    if isinstance(bench.device, JbdDevice):
        bench.device.memory.working[0x24] = (3640).to_bytes(2, "big")
    else:
        bench.device.memory.settings[315] = 3790
    cause = refusal(bench, Change(OV[bench.family], 3700))
    assert cause.key == "reg-moved"
    assert bench.plan.state is PlanState.REFUSED
    assert not bench.plan.backup


def test_a_review_of_another_image_is_not_written(bench: Bench) -> None:
    assert refusal(bench, Change(OV[bench.family], 3700), digest="0" * 16).key == "reg-moved"


def test_without_a_link_nothing_is_asked(bench: Bench) -> None:
    bench.link(Phase.LOST)
    answer = bench.ask(ReadRegisters("left"))
    assert answer.cause == Cause("reg-no-link", (("track", "left"),))
    assert refusal(bench, Change(OV[bench.family], 3700)).key == "reg-no-link"


def test_a_silent_device_is_told(bench: Bench) -> None:
    bench.device.faults.mute = True
    answer = bench.ask(ReadRegisters("left"))
    assert answer.cause == Cause("reg-no-answer")


def test_without_a_folder_nothing_is_written(bench: Bench, tmp_path: Path) -> None:
    """There would be no backup."""
    folder = bench.folder
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    assert refusal(bench, Change(OV[bench.family], 3700)).key == "backup-failed"


def test_one_screen_edits_at_a_time_and_a_lease_ends(bench: Bench) -> None:
    assert bench.ask(TakeLease("left", "tablet", "ben")).ok
    cause = refusal(bench, Change(OV[bench.family], 3700))
    assert cause.key == "reg-lease-held"
    assert cause.values()["who"] == "ben"
    bench.clock.advance(40)
    assert bench.ask(TakeLease("left", "tablet", "ben")).ok
    bench.clock.advance(40)
    assert not bench.ask(TakeLease("left", SCREEN, WHO)).ok
    bench.clock.advance(21)
    assert bench.ask(TakeLease("left", SCREEN, WHO)).ok
    assert bench.ask(DropLease("left", "tablet")).ok
    assert bench.desk.lease is not None
    assert bench.ask(DropLease("left", SCREEN)).ok
    assert bench.desk.lease is None


def test_an_open_plan_must_be_ended_first(bench: Bench) -> None:
    assert bench.ask(ResumePlan("left", WHO, SCREEN)).cause == Cause("reg-no-plan")
    bench.before = lambda count: bench.unplug()
    bench.ask(ReadRegisters("left"))
    bench.ask(WriteRegisters("left", (Change(OV[bench.family], 3700),), who=WHO, screen=SCREEN))
    assert bench.plan.state is PlanState.INTERRUPTED
    assert bench.ask(UndoPlan("left", WHO, SCREEN)).cause == Cause("reg-no-link", (("track", "left"),))
    assert bench.plan.state is PlanState.INTERRUPTED
    bench.before = lambda count: None
    bench.plug_in()
    assert refusal(bench, Change(OV[bench.family], 3710)).key == "reg-plan-open"
    assert bench.ask(ForgetPlan("left", WHO, SCREEN)).ok
    assert bench.desk.plan is None
    bench.restart_engine()
    assert bench.desk.plan is None


def test_an_unknown_track_or_a_bus_has_no_registers(bench: Bench) -> None:
    assert bench.ask(ReadRegisters("nobody")).cause == Cause("track-unknown", (("track", "nobody"),))


# files, presets, backups


@pytest.mark.parametrize("form", ["json", "fig"])
def test_an_exported_file_can_be_read_again(bench: Bench, form: str) -> None:
    """S1-55, S1-56: what was exported differs in nothing; after a change it tells exactly that."""
    document = bench.ask(ExportRegisters("left", form)).document
    if bench.family == "tinybms" and form == "fig":
        assert document is None
        return
    assert document is not None
    file = Source(SourceKind.FILE, document.name, document.text)
    assert problems(bench, source=file) == ["reg-nothing"]
    bench.ask(WriteRegisters("left", (Change(OV[bench.family], 3700),), who=WHO, screen=SCREEN))
    assert bench.plan.state is PlanState.DONE
    review = bench.ask(CompareRegisters("left", file)).review
    assert review is not None
    assert [(row.register.key, row.here) for row in review.rows] == [(OV[bench.family], 3700)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (('"family": "', '"family": "x'), "reg-other-family"),
        (('"model": "', '"model": "x'), "reg-other-model"),
        (('"raw": "', '"raw": "zz'), "reg-file-raw"),
        (('"register": "', '"register": "9'), "reg-unknown"),
        (('"version": 1', '"version": 7'), "reg-file-version"),
        (('"format": "packdeck', '"format": "other'), "reg-file-strange"),
        (("{", "{{"), "reg-file-unreadable"),
    ],
)
def test_a_strange_file_is_refused_whole(bench: Bench, change: tuple[str, str], key: str) -> None:
    document = bench.ask(ExportRegisters("left")).document
    assert document is not None
    text = document.text.replace(*change, 1)
    if key == "reg-other-model" and '"model": ""' in document.text:
        return
    file = Source(SourceKind.FILE, "x", text)
    assert refusal(bench, Change(OV[bench.family], 3700), source=file).key == key


def test_a_preset_and_an_unknown_one(bench: Bench) -> None:
    """S0-4, S0-5, S0-6: the boards are presets."""
    presets = bench.ask(Presets("left")).presets
    assert presets is not None
    names = {preset.name for preset in presets}
    assert {"LFP", "NMC", "LTO"} <= names
    if bench.family == "jbd":
        assert {(p.name, p.cells, p.current_a) for p in presets} >= {
            ("SP04S020", 4, 120.0),
            ("SP10S009", 8, 100.0),
            ("SP25S003", 16, 100.0),
        }
    for name in names:
        review = bench.ask(CheckChanges("left", (), Source(SourceKind.PRESET, name))).review
        assert review is not None
        assert [p.cause for p in review.problems if p.is_error and p.cause.key != "reg-nothing"] == [], name
    unknown = bench.ask(CheckChanges("left", (), Source(SourceKind.PRESET, "SP99")))
    assert unknown.cause == Cause("preset-unknown", (("name", "SP99"),))


def test_a_backup_that_was_asked_for_is_listed(bench: Bench) -> None:
    taken = bench.ask(TakeBackup("left", "before winter")).backups
    assert taken is not None
    again = bench.ask(TakeBackup("left")).backups
    assert again is not None
    listed = bench.ask(Backups("left")).backups
    assert listed is not None
    assert {b.id for b in listed} == {taken[0].id, again[0].id}
    assert bench.ask(Backups("left", "nothing")).cause == Cause("backup-unknown", (("id", "nothing"),))


# factory mode


def test_factory_mode_is_always_left(board: Bench) -> None:
    assert board.ask(ReadRegisters("left")).ok
    assert not jbd(board).in_factory_mode
    refused = jbd(board).faults.writes.refuse
    refused[0x24] = 0x82
    board.ask(WriteRegisters("left", (Change("cell_overvoltage", 3600),), who=WHO, screen=SCREEN))
    assert board.plan.state is PlanState.UNDONE
    assert board.plan.cause == Cause("reg-refused-82", (("register", "24"), ("status", "82")))
    assert not jbd(board).in_factory_mode


@pytest.mark.parametrize(("status", "key"), [(0x80, "80"), (0x81, "81"), (0x82, "82"), (0x83, "83")])
def test_a_refusal_is_named(board: Bench, status: int, key: str) -> None:
    jbd(board).faults.writes.refuse[0x24] = status
    board.ask(WriteRegisters("left", (Change("cell_overvoltage", 3600),), who=WHO, screen=SCREEN))
    assert board.plan.cause is not None
    assert board.plan.cause.key == f"reg-refused-{key}"


def test_a_password_is_given_only_when_it_is_asked_for(board: Bench) -> None:
    assert board.ask(ReadRegisters("left")).ok
    jbd(board).faults.password = bytes((1, 2, 3, 4, 5, 6))
    change = (Change("cell_overvoltage", 3600),)
    assert refusal(board, *change).key == "reg-password-needed"
    assert refusal(board, *change, password="999999").key == "reg-password-wrong"
    answer = board.ask(WriteRegisters("left", change, who=WHO, screen=SCREEN, password="123456"))
    assert answer.ok
    assert board.plan.state is PlanState.DONE


def test_a_locked_board_is_backed_up_with_its_password(tmp_path: Path) -> None:
    """Also one that was never read; the password is in no file, and in no recording."""
    bench = Bench("jbd", tmp_path / "registers")
    jbd(bench).faults.password = bytes((1, 2, 3, 4, 5, 6))
    shut = bench.ask(TakeBackup("left"))
    assert shut.cause is not None and shut.cause.key == "reg-password-needed"
    asked = TakeBackup("left", "", "123456")
    assert bench.ask(asked).backups
    assert "123456" not in repr(asked) and without_secrets(asked) == TakeBackup("left")
    assert without_secrets(ReadRegisters("left", password="123456")) == ReadRegisters("left")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept and not [path for path in kept if "123456" in path.read_text()]


def test_flags_are_logged_as_words(board: Bench) -> None:
    """So that the log can be said in every language."""
    change = (Change("function_balance", 0),)
    assert board.ask(WriteRegisters("left", change, who=WHO, screen=SCREEN)).ok
    entries = board.ask(ChangeLog("left")).log
    assert entries is not None and (entries[0].old, entries[0].new) == ("on", "off")


def test_old_firmware_has_no_registers_42_to_47(tmp_path: Path) -> None:
    bench = Bench("jbd", tmp_path / "registers")
    jbd(bench).memory.old_firmware = True
    page = bench.ask(ReadRegisters("left")).registers
    assert page is not None
    assert {row.register.number for row in page.rows if row.absent} == set(range(0x42, 0x48))
    assert refusal(bench, Change("soc90_voltage", 3380)).key == "reg-absent"


# commands


def run(bench: Bench, name: str, value: str = "") -> tuple[bool, str, tuple[str, ...]]:
    answer = bench.ask(RunCommand("left", name, value, who=WHO, screen=SCREEN))
    result = answer.command
    assert result is not None, answer.cause
    assert bench.desk.command == result
    return result.ok, result.actual, result.reasons


def test_switches_are_commanded_apart_and_read_back(board: Bench) -> None:
    battery = jbd(board).battery
    assert run(board, "charge_switch", "off") == (True, "off", ())
    assert run(board, "discharge_switch", "off") == (True, "off", ())
    assert run(board, "charge_switch", "on") == (True, "on", ())
    assert (battery.charge_locked, battery.discharge_locked) == (False, True)


def test_a_switch_that_a_protection_holds_says_so_and_is_not_locked(board: Bench) -> None:
    """The state of the FETs is never copied into the command: it would lock what a protection opened."""
    battery = jbd(board).battery
    battery.is_driven = True  # nothing in it moves
    battery.protections.add(Protection.CHARGE_OVERTEMPERATURE)
    ok, actual, reasons = run(board, "charge_switch", "on")
    assert (ok, actual) == (False, "off")
    assert reasons == ("charge_overtemperature",)
    assert run(board, "discharge_switch", "off")[0]
    assert (battery.charge_locked, battery.discharge_locked) == (False, True)
    log = board.ask(ChangeLog("left")).log
    assert log is not None
    assert [entry.result for entry in log] == ["obeyed", "refused"]


def test_what_another_program_switched_off_stays_off(board: Bench) -> None:
    """Without a memory of its own the state is derived: locked, open, and no protection explains it."""
    battery = jbd(board).battery
    battery.discharge_locked = True
    assert run(board, "charge_switch", "off")[0]
    assert (battery.charge_locked, battery.discharge_locked) == (True, True)


def test_a_balance_test_holds_factory_mode_until_it_is_off(board: Bench) -> None:
    assert run(board, "balance_test", "odd") == (True, "odd", ())
    assert jbd(board).in_factory_mode
    assert run(board, "balance_test", "off")[0]
    assert not jbd(board).in_factory_mode


def test_the_state_of_charge_is_set_and_seen(bench: Bench) -> None:
    """S1-59: reset_soc."""
    ok, actual, _ = run(bench, "reset_soc", "42")
    assert ok
    assert float(actual) == pytest.approx(42, abs=1)


def test_error_counters_and_events_are_cleared(bench: Bench) -> None:
    if isinstance(bench.device, JbdDevice):
        bench.device.battery.counters["cell_overvoltage"] = 3
        assert run(bench, "clear_errors") == (True, "0", ())
        assert not bench.device.battery.counters
    else:
        assert run(bench, "clear_events") == (True, "0", ())
        assert run(bench, "clear_statistics")[0]


def test_a_restart_is_waited_for(bench: Bench) -> None:
    """S4-27: the BMS restarts, and answers again."""
    assert run(bench, "restart")[0]
    assert bench.ask(ReadRegisters("left", fresh=True)).ok


def test_sleep_only_where_the_firmware_has_it(board: Bench) -> None:
    assert run(board, "sleep")[0]
    assert jbd(board).is_asleep
    jbd(board).faults.has_pages = False
    answer = board.ask(RunCommand("left", "sleep", screen=SCREEN))
    assert answer.cause == Cause("command-absent", (("command", "sleep"),))


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("set_time", "", "command-absent"),
        ("reset_soc", "101", "command-range"),
        ("reset_soc", "full", "command-range"),
    ],
)
def test_a_wrong_command_says_why(bench: Bench, name: str, value: str, key: str) -> None:
    answer = bench.ask(RunCommand("left", name, value, screen=SCREEN))
    assert answer.cause is not None
    assert answer.cause.key == key


def test_a_unit_is_told_its_state_of_health(tmp_path: Path) -> None:
    bench = Bench("tinybms", tmp_path / "registers")
    assert isinstance(bench.device, TinyBmsDevice)
    assert run(bench, "set_soh", "91.5") == (True, "91.5", ())
