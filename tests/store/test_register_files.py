"""Files of parameters, backups, the plan on disk, the change log."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.link import Cause
from tui.model.register import Device
from tui.model.register_archive import Backup, ChangeLogEntry
from tui.model.write_plan import PlanState, PlanStep, StepState, WritePlan
from tui.protocols.jbd_parameters import TABLE as JBD
from tui.protocols.presets import find, image_of
from tui.protocols.tinybms_parameters import TABLE as TINYBMS
from tui.store.backups import BackupStore, KeepError
from tui.store.change_log import ChangeLogFile
from tui.store.register_files import RegisterFileError, read, write_fig, write_json

# As the desktop tools write it: blanks, decimal raw values, CR CR LF.
FIG = "\r\r\n".join(
    (
        "  FileCode               3838",
        "  DesignCapacity        10000",
        "  CellOverVoltage        3650",
        "  OverDisCurrent        52536",
        "  BatteryConfig        14",
        "  HardChgOverCurrent        153",
        "  HardDsgOverCurrent        98",
        "  HardTime        176",
        "  SCReleaseTime        32",
        "  CellUVDelay        2",
        "  CellOVDelay        3",
        "  DeviceName             JBD-SP04S020-L4S-120A-B-U",
        "  BarCode                ",
        "",
    )
)


def board() -> dict[int, bytes]:
    preset = find("SP04S020", "jbd")
    assert preset is not None
    texts = {0xA0: b"\x05DGJBD", 0xA1: b"\x03ABC", 0xA2: b"\0"}
    return image_of(preset, JBD, {}) | texts


def test_a_file_of_the_desktop_tools_is_read() -> None:
    file = read(FIG, JBD, {})
    assert file.device == Device("jbd")
    assert file.unknown == ()
    assert file.image == {
        0x10: b"\x27\x10",
        0x24: b"\x0e\x42",
        0x29: b"\xcd\x38",
        0x2D: b"\0\x0e",
        0x38: bytes((153, 98)),
        0x39: bytes((176, 32)),
        0x3D: bytes((2, 3)),
        0xA1: b"\x19JBD-SP04S020-L4S-120A-B-U",
        0xA2: b"\0",
    }


def test_a_file_for_the_desktop_tools_is_read_as_it_was_written() -> None:
    image = board()
    text = write_fig(image, JBD)
    assert text.startswith("  FileCode               3838\r\r\n  DesignCapacity        10000\r\r\n")
    assert read(text, JBD, {}).image == image


def test_our_own_file_is_read_as_it_was_written() -> None:
    image, device = board(), Device("jbd", "ABC", "2.1", "")
    file = read(write_json(device, image, JBD, 0, "left"), JBD, {})
    assert (file.image, file.device, file.changes, file.unknown) == (image, device, (), ())


def test_a_value_without_raw_data_is_a_wish() -> None:
    text = (
        '{"format": "packdeck-registers", "version": 1, "family": "tinybms", "registers":'
        ' [{"register": "315", "values": {"over_voltage_cutoff": 3700, "odd": 1}}]}'
    )
    file = read(text, TINYBMS, {})
    assert [(c.key, c.value) for c in file.changes] == [("over_voltage_cutoff", 3700)]
    assert file.unknown == ("odd",)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "reg-file-unreadable"),
        ("[]", "reg-file-strange"),
        ('{"format": "packdeck-registers", "version": 1}', "reg-file-strange"),
        ("FileCode 3838\nCellOverVoltage much", "reg-file-value"),
        ("FileCode 3838\nCellOverVoltage 70000", "reg-file-value"),
        ("FileCode 3838\nCellUVDelay 256", "reg-file-value"),
        ("x" * (1 << 21), "reg-file-large"),
    ],
)
def test_what_is_no_file_says_why(text: str, key: str) -> None:
    with pytest.raises(RegisterFileError) as caught:
        read(text, JBD, {})
    assert caught.value.cause.key == key


def test_unknown_names_are_listed() -> None:
    assert read("FileCode 3838\nFooBar 1\nCellOverVoltage 3650", JBD, {}).unknown == ("FooBar",)


@given(st.text(max_size=300) | st.text(max_size=200).map(lambda t: "FileCode 3838\n" + t))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        read(text, JBD, {})
    except RegisterFileError as error:
        assert error.cause.key.startswith("reg-file-")


# on disk

BACKUP = Backup("2026-01-02T03-04-05Z", "left", 5, Device("jbd"), ((0x24, "0E42"),), "asked", "note")
STEP = PlanStep(0x24, ("cell_overvoltage",), "0E42", "0E10", StepState.SENT)
PLAN = WritePlan("p", "left", Device("jbd"), (STEP,), PlanState.WRITING, backup=BACKUP.id)


def test_backups_are_listed_newest_first_and_never_replaced(tmp_path: Path) -> None:
    store = BackupStore(tmp_path)
    second = replace(BACKUP, id=store.new_id("left", BACKUP.id) + "x", at_ms=9)
    store.keep(BACKUP)
    store.keep(second)
    assert store.all("left") == (second, BACKUP)
    assert store.find("left", BACKUP.id) == BACKUP
    assert store.new_id("left", BACKUP.id) != BACKUP.id
    with pytest.raises(KeepError):
        store.keep(BACKUP)
    assert store.all("right") == ()


def test_a_damaged_backup_does_not_hide_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = BackupStore(tmp_path)
    store.keep(BACKUP)
    (tmp_path / "backups" / "left" / "bad.json").write_text("{")
    assert store.all("left") == (BACKUP,)
    assert "bad.json" in caplog.text


def test_a_track_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    store = BackupStore(tmp_path / "in")
    store.keep(replace(BACKUP, track="../../out"))
    assert not (tmp_path / "out").exists()
    assert len(store.all("../../out")) == 1


def test_a_plan_that_ran_is_interrupted_when_it_is_found(tmp_path: Path) -> None:
    store = BackupStore(tmp_path)
    store.keep_plan(PLAN)
    found = BackupStore(tmp_path).plan("left")
    assert found == replace(PLAN, state=PlanState.INTERRUPTED, cause=Cause("reg-interrupted"))
    store.keep_plan(replace(PLAN, state=PlanState.MIXED))
    assert store.plan("left") == replace(PLAN, state=PlanState.MIXED)
    store.keep_plan(replace(PLAN, state=PlanState.DONE))
    assert store.plan("left") is None


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeepError) as caught:
        BackupStore(tmp_path / "file").keep(BACKUP)
    assert caught.value.cause.key == "backup-failed"


def entry(number: int, track: str = "left") -> ChangeLogEntry:
    return ChangeLogEntry(number, track, "anna", "kiosk", "cell_overvoltage", 0x24, "3650", "3600", "written")


def test_the_change_log_is_read_newest_first(tmp_path: Path) -> None:
    log = ChangeLogFile(tmp_path / "new" / "changes.jsonl")
    assert log.newest() == ()
    assert log.add((entry(1), entry(2, "right")))
    assert log.add((entry(3),))
    assert [e.at_ms for e in log.newest()] == [3, 2, 1]
    assert [e.at_ms for e in log.newest("left")] == [3, 1]
    assert [e.at_ms for e in log.newest(limit=1)] == [3]


def test_half_a_line_of_a_killed_program_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    log = ChangeLogFile(path)
    log.add((entry(1),))
    with path.open("ab") as file:
        file.write(b'{"at_ms": 2, "tra')
    log.add((entry(3),))
    assert [e.at_ms for e in log.newest()] == [3, 1]


def test_a_log_that_cannot_be_written_is_no_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    assert not ChangeLogFile(tmp_path / "file" / "changes.jsonl").add((entry(1),))
    assert "changes.jsonl" in caplog.text
