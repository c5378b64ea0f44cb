"""`packdeck registers` where no engine runs: it opens one of its own."""

import sys

import pytest

from tests.cli.register_runs import document, serving, simulated, value
from tests.cli.runs import House

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


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
