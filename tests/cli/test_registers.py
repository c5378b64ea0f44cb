"""`packdeck registers`, as a person runs it, against simulated devices behind real pseudo-terminals."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.register_runs import board_here, document, run_given, serving, simulated, value
from tests.cli.runs import PATIENCE_S, House, house
from tests.cli.terminals import window
from tests.fakes import wait_until
from tui.feed.remote import RemoteFeed
from tui.model.register_requests import TakeLease

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


@pytest.fixture(scope="module")
def shared_unit() -> Iterator[House]:
    """A TinyBMS and an engine for all tests that leave the device as it was."""
    with house() as home, simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        yield home


def test_without_an_engine_the_word_opens_one_of_its_own(home: House) -> None:
    """S1-53, S1-54: read, dry run, written and read back, in the log, and back again from the backup."""
    with simulated(home, "jbd") as path:
        port = ("--port", str(path))
        dry = home.run("registers", "set", "cell-overvoltage=3600", *port, "--dry-run")
        assert dry.returncode == 0, dry.stderr
        assert "3650 -> 3600 mV" in dry.stdout and "nothing was written" in dry.stderr
        done = home.run("registers", "set", "cell_overvoltage=3600", "fet_time=60", *port, "--yes", "--json")
        assert done.returncode == 0, done.stderr
        plan = document(done)
        assert plan["result"] == "done" and plan["backup"], "the dry run had written nothing"
        assert [(s["keys"], s["raw_old"], s["raw_new"]) for s in plan["steps"]] == [
            (["cell_overvoltage"], "0E42", "0E10"),
            (["fet_time"], "001E", "003C"),
        ]
        assert value(home, "24", *port) == 3600
        restored = home.run("registers", "restore", "latest", *port, "--yes")
        assert restored.returncode == 0, restored.stderr
        assert value(home, "cell_overvoltage", *port) == 3650
    log = document(home.run("registers", "log", "--json"))["changes"]  # no device, no engine
    assert [(e["key"], e["old"], e["new"], e["result"]) for e in log[-2:]] == [
        ("fet_time", "30", "60", "written"),
        ("cell_overvoltage", "3650", "3600", "written"),
    ]
    assert log[0]["who"] and log[0]["screen"].startswith("cli-")


def test_everything_beside_a_running_engine(home: House) -> None:
    """S1-53, S1-55, S1-56, CL-28: categories, files both ways, backups, comparison, the log."""
    with simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        page = document(home.run("registers", "list", "--json", "--category", "protection"))
        assert {row["category"] for row in page["registers"]} == {"protection"}
        assert page["device"]["family"] == "tinybms" and page["read_timestamp_ms"] and page["digest"]
        text = home.run("registers", "list")
        assert text.returncode == 0, text.stderr
        assert "over_voltage_cutoff" in text.stdout and "PROTECTION" in text.stdout

        file = home.folder / "mine.json"
        assert home.run("registers", "export", str(file)).returncode == 0
        exists = home.run("registers", "export", str(file))
        assert exists.returncode == 1 and "There is a file" in exists.stderr
        told = document(home.run("registers", "backup", "--note", "before the trip", "--json"))["backups"]
        set_ = home.run("registers", "set", "over_voltage_cutoff=3900", "pulses_per_unit=70000", "--yes")
        assert set_.returncode == 0, set_.stderr
        assert set_.stdout.count("written and read back") == 3, "two steps and the end"
        again = home.run("registers", "set", "over_voltage_cutoff=3900", "--yes")
        assert again.returncode == 0 and "holds these values already" in again.stderr

        for source in (str(file), f"backup:{told[0]['id']}"):
            diff = document(home.run("registers", "diff", source, "--json"))
            assert {row["key"] for row in diff["changes"]} == {"over_voltage_cutoff", "pulses_per_unit"}
        assert value(home, "over_voltage_cutoff") == 3900, "a comparison writes nothing"
        back = home.run("registers", "import", str(file), "--yes")
        assert back.returncode == 0, back.stderr
        same = home.run("registers", "diff", str(file))
        assert same.returncode == 0 and "No difference" in same.stdout
        assert value(home, "pulses_per_unit") != 70000
        other = home.folder / "other.json"
        other.write_text(file.read_text(encoding="utf-8").replace('"tinybms"', '"jbd"'), encoding="utf-8")
        for asked in ((), ("--json",)):
            kind = home.run("registers", "diff", str(other), *asked)
            assert kind.returncode == 1 and kind.stdout == "" and "another kind of battery" in kind.stderr

        kept = document(home.run("registers", "backup", "--list", "--json"))["backups"]
        assert [one["reason"] for one in kept] == ["before-write", "before-write", "asked"]
        assert kept[-1]["note"] == "before the trip"
        log = home.run("registers", "log", "--track", "left")
        assert log.stdout.count("  written  ") == 4, log.stdout
        assert " -> 3900 mV " in log.stdout, "with the unit, as on the screen"


def test_presets_and_the_file_of_the_desktop_tools(home: House) -> None:
    """S0-4, S0-5, S0-6: boards by name, taken as a whole; and a .fig goes out and comes in again."""
    with simulated(home, "jbd") as path, serving(home, path, "jbd"):
        names = {
            one["name"]: (one["cells"], one["current_a"])
            for one in document(home.run("registers", "presets", "--json"))["presets"]
        }
        assert names["SP04S020"] == (4, 120.0)
        assert names["SP10S009"] == (8, 100.0)
        assert names["SP25S003"] == (16, 100.0)
        file = home.folder / "board.fig"
        assert home.run("registers", "export", str(file)).returncode == 0
        assert b"CellOverVoltage        3650\r\r\n" in file.read_bytes()
        review = document(home.run("registers", "import", "preset:nmc", "--dry-run", "--json"))
        assert review["ok"] and review["result"] == "reviewed"
        assert {"key": "cell_overvoltage", "old": 3650, "new": 4200}.items() <= next(
            row for row in review["changes"] if row["key"] == "cell_overvoltage"
        ).items()
        assert home.run("registers", "set", "cell_overvoltage=3600", "--yes").returncode == 0
        back = home.run("registers", "import", str(file), "--yes")
        assert back.returncode == 0, back.stderr
        assert value(home, "cell_overvoltage") == 3650


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("over_voltage_cutoff=9000", "over_voltage_cutoff: 9000 mV is out of the range"),
        ("over_voltage_cutoff=high", "over_voltage_cutoff: high is no number"),
        ("over_voltage_cutof=3900", "There is no parameter over_voltage_cutof here"),
        ("operation_mode=perhaps", "perhaps is none of the choices"),
        ("serial_number=5", "There is no parameter serial_number here"),
        ("hardware_version=5", "can only be read"),
        ("fully_discharged_voltage=3640", "fully_discharged_voltage: "),
    ],
)
def test_what_may_not_be_written_is_refused_with_its_reason(
    shared_unit: House, change: str, sentence: str
) -> None:
    """S1-54, CL-28: range, type, name, choice, read-only, a rule between two: a sentence each."""
    done = shared_unit.run("registers", "set", change, "--yes")
    assert done.returncode == 1
    assert sentence in done.stderr and "Nothing was written" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_asked_wrongly_is_refused(shared_unit: House) -> None:
    """A name that does not exist, no change at all, a track that does not exist, two uses of one input."""
    near = shared_unit.run("registers", "get", "over_voltage_cutof")
    assert near.returncode == 1 and "nearest one is over_voltage_cutoff" in near.stderr
    shape = shared_unit.run("registers", "set", "over_voltage_cutoff", "3900")
    assert shape.returncode == 2 and "cell_overvoltage=3600" in shape.stderr
    track = shared_unit.run("registers", "list", "--track", "middle")
    assert track.returncode == 1 and "left" in track.stderr
    twice = shared_unit.run("registers", "import", "-", "--password")
    assert twice.returncode == 2 and "Standard input" in twice.stderr
    none = shared_unit.run("registers", "undo", "--yes")
    assert none.returncode == 1 and "no interrupted plan" in none.stderr
    backup = shared_unit.run("registers", "restore", "2020-01-01", "--yes")
    assert backup.returncode == 1 and "There is no backup 2020-01-01" in backup.stderr


def test_nobody_at_the_terminal_confirms_nothing(shared_unit: House) -> None:
    """Without --yes and without a terminal: a sentence, and nothing is written."""
    before = value(shared_unit, "over_voltage_cutoff")
    done = shared_unit.run("registers", "set", "over_voltage_cutoff=3850")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert value(shared_unit, "over_voltage_cutoff") == before


def test_bad_files_are_refused_before_anything_is_written(shared_unit: House, tmp_path: Path) -> None:
    """S1-56: unknown register, other family, model or firmware, damaged, missing, no file of ours."""
    file = tmp_path / "good.json"
    assert shared_unit.run("registers", "export", str(file)).returncode == 0
    good = json.loads(file.read_text())
    assert good["firmware"], "known, or no comparison would be possible"

    def imported(text: str, *more: str) -> subprocess.CompletedProcess[str]:
        bad = tmp_path / "bad.json"
        bad.write_text(text)
        done = shared_unit.run("registers", "import", str(bad), "--yes", *more)
        assert "Traceback" not in done.stderr
        return done

    rows = [dict(row) for row in good["registers"]]
    next(row for row in rows if row["register"] == "315")["raw"] = f"{3880:04X}"
    changed = good | {"registers": rows}
    refusals = (
        (json.dumps(good | {"registers": [*rows, {"register": "999", "raw": "0001"}]}), "no parameter 999"),
        (json.dumps(good | {"family": "jbd"}), "another kind of battery"),
        (json.dumps(changed | {"firmware": "0.1"}), "another firmware"),
        (json.dumps(changed | {"model": "s999"}), "another model"),
        (json.dumps(good | {"version": 99}), "has version 99"),
        (json.dumps({"registers": []}), "no file of parameters"),
        ("{", "bad.json: The file cannot be read from line"),
        ("\x00\xff\x13", "cannot be read from line"),
        (json.dumps(good | {"registers": [{"register": "315", "raw": "xyz"}]}), "are damaged"),
        (" " * ((1 << 20) + 1), "no file of parameters"),
    )
    before = value(shared_unit, "over_voltage_cutoff")
    for text, sentence in refusals:
        done = imported(text)
        assert done.returncode == 1, text[:80]
        assert sentence in done.stderr, done.stderr
    missing = shared_unit.run("registers", "import", str(tmp_path / "none.json"), "--yes")
    assert missing.returncode == 1 and "none.json cannot be read" in missing.stderr
    assert value(shared_unit, "over_voltage_cutoff") == before
    accepted = imported(json.dumps(changed | {"model": "s999"}), "--accept-other", "--dry-run")
    assert accepted.returncode == 0, accepted.stderr
    assert "-> 3880 mV" in accepted.stdout


def test_who_edits_is_named_to_whoever_comes_second(shared_unit: House) -> None:
    """A lease of another screen: its owner is named; a dry run only looks and is not held up."""
    feed = RemoteFeed(shared_unit.door)
    try:
        assert feed.wait(PATIENCE_S)
        assert feed.ask(TakeLease("left", "kitchen", "anna")).ok
        done = shared_unit.run("registers", "set", "over_voltage_cutoff=3860", "--yes")
        assert done.returncode == 1
        assert "anna is editing here" in done.stderr
        assert shared_unit.run("registers", "set", "over_voltage_cutoff=3860", "--dry-run").returncode == 0
    finally:
        feed.close()


def test_the_lease_is_given_back_after_each_word(home: House) -> None:
    """Two words one after the other, each a screen of its own."""
    with simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        for mv in (3840, 3845):
            done = home.run("registers", "set", f"over_voltage_cutoff={mv}", "--yes")
            assert done.returncode == 0, done.stderr
        assert value(home, "over_voltage_cutoff") == 3845


def test_a_dangerous_change_wants_a_typed_word(home: House) -> None:
    """At a terminal: another word does nothing, the word does it; a harmless change wants a letter."""
    with simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        before = value(home, "over_voltage_cutoff")
        with window(home, "registers", "set", "over_voltage_cutoff=3870") as shell:
            shell.wait_for('Type "change"')
            shell.press("yes\n")
            assert shell.wait_end() == 1
            assert "not confirmed" in shell.text()
        assert value(home, "over_voltage_cutoff") == before
        with window(home, "registers", "set", "over_voltage_cutoff=3870") as shell:
            shell.wait_for('Type "change"')
            shell.press("change\n")
            assert shell.wait_end() == 0
            assert "written and read back" in shell.text()
        assert value(home, "over_voltage_cutoff") == 3870
        with window(home, "--language", "fr", "registers", "set", "pulses_per_unit=70001") as shell:
            shell.wait_for("o/N")
            shell.press("o\n")
            assert shell.wait_end() == 0
        assert value(home, "pulses_per_unit") == 70001


def test_a_device_that_refuses_is_taken_back_and_told(home: House) -> None:
    """S1-54: a refused write, a value that is not taken, one that changed meanwhile: exit status 1."""
    with board_here(home) as (board, path), serving(home, path, "jbd"):
        before = dict(board.memory.kept)
        board.memory.faults.refuse[0x30] = 0x80
        changes = ("cell_overvoltage=3600", "fet_time=60")
        done = home.run("registers", "set", *changes, "--yes")
        assert done.returncode == 1, done.stderr
        assert "taken back" in done.stdout and "refused, holds the old value" in done.stdout, done.stdout
        assert "Everything was taken back" in done.stderr
        assert board.memory.working == before == board.memory.kept

        board.memory.faults.refuse.clear()
        board.memory.faults.clamp[0x30] = b"\x00\x2d"
        told = home.run("registers", "set", *changes, "--yes", "--json")
        assert told.returncode == 1
        assert document(told)["result"] == "undone"
        assert "although 60 s was written" in told.stderr
        assert board.memory.working == before

        board.memory.working[0x24] = b"\x0e\x24"  # by another program
        moved = home.run("registers", "set", *changes, "--yes")
        assert moved.returncode == 1
        assert "24 changed in the device meanwhile" in moved.stderr
        assert board.memory.working[0x30] == before[0x30]
        assert value(home, "24") == 3620, "read again, as the sentence says"
        again = home.run("registers", "set", *changes, "--yes")
        assert again.returncode == 0, again.stderr
        assert board.memory.kept[0x24] == b"\x0e\x10"


def test_the_password_comes_from_standard_input(home: House) -> None:
    """A board that wants one: without it, and with a wrong one, a sentence. It is kept nowhere."""
    with board_here(home) as (board, path):
        board.faults.password = bytes((1, 2, 3, 9, 8, 7))
        words = ("registers", "set", "fet_time=60", "--port", str(path), "--protocol", "jbd", "--yes")
        without = home.run(*words)
        assert without.returncode == 1 and "password" in without.stderr, without.stderr
        wrong = run_given(home, "111111\n", *words, "--password")
        assert wrong.returncode == 1 and "did not accept the password" in wrong.stderr, wrong.stderr
        right = run_given(home, "123987\n", *words, "--password")
        assert right.returncode == 0, right.stderr
        assert board.memory.kept[0x30] == b"\x00\x3c"
        backup = run_given(home, "123987\n", "registers", "backup", *words[3:-1], "--password")
        assert backup.returncode == 0 and "asked for" in backup.stdout, backup.stderr
    kept = [file for file in home.folder.rglob("*") if file.is_file()]
    assert kept and not [file for file in kept if b"123987" in file.read_bytes()]


def test_a_device_that_cannot_be_reached_is_exit_status_4(home: House) -> None:
    """No port, a port with nothing behind it, and no engine at all."""
    gone = home.run("registers", "list", "--port", str(home.folder / "nothing"), "--protocol", "jbd")
    assert gone.returncode == 4 and "no link to left" in gone.stderr, gone.stderr
    with board_here(home) as (board, path):
        board.faults.mute = True
        mute = home.run("registers", "list", "--port", str(path), "--protocol", "jbd", "--wait", "2")
        assert mute.returncode == 4 and "Traceback" not in mute.stderr, mute.stderr
    nothing = home.run("registers", "list")
    assert nothing.returncode == 3 and "No engine runs here" in nothing.stderr


def test_a_plan_that_was_cut_off_is_undone_by_the_next(home: House) -> None:
    """S1-54: the program is killed in the middle of a plan; the next one sees it and takes it back."""
    with board_here(home) as (board, path):
        before = dict(board.memory.working)
        seen: list[bytes] = []

        def stop_at_the_second(request: bytes) -> None:
            if request[1] == 0x5A and request[2] not in (0, 1):
                board.faults.mute = bool(seen)
                seen.append(request)

        board.on_request = stop_at_the_second
        port = ("--port", str(path), "--protocol", "jbd")
        words = ("registers", "set", "cell_overvoltage=3600", "fet_time=60", *port, "--yes")
        with home.running(*words, until_open=False) as process:
            wait_until(lambda: len(seen) > 1, PATIENCE_S)
            process.kill()
            process.wait(PATIENCE_S)
        lived_s = board.battery.elapsed_s
        wait_until(lambda: board.battery.elapsed_s > lived_s)  # its thread is behind that request
        board.on_request, board.faults.mute = None, False
        assert board.memory.working[0x24] == b"\x0e\x10" != before[0x24]
        refused = home.run("registers", "set", "fet_time=61", *port, "--yes")
        assert refused.returncode == 1 and "earlier plan" in refused.stderr, refused.stderr
        mixed = home.run("registers", "get", "cell_overvoltage", "--json", *port)
        assert mixed.returncode == 0 and "Interrupted in the middle" in mixed.stderr, mixed.stderr
        looked = home.run("registers", "undo", *port, "--dry-run")
        assert looked.returncode == 0 and "cell_overvoltage" in looked.stdout, looked.stderr
        undone = home.run("registers", "undo", *port, "--yes")
        assert undone.returncode == 0, undone.stderr
        assert "old value" in undone.stdout
        whole = home.run("registers", "get", "cell_overvoltage", *port)
        assert whole.stderr == ""
        assert board.memory.working == before == board.memory.kept
