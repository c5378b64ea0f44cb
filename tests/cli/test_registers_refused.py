"""`packdeck registers`: what is not written, and why."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.register_runs import serving, simulated, value
from tests.cli.runs import PATIENCE_S, House, house
from tui.feed.remote import RemoteFeed
from tui.model.register_requests import TakeLease

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


@pytest.fixture(scope="module")
def shared_unit() -> Iterator[House]:
    """A TinyBMS and an engine for all tests that leave the device as it was."""
    with house() as home, simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        yield home


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
