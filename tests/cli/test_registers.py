"""`packdeck registers`, as a person runs it, against simulated devices behind real pseudo-terminals."""

import sys

import pytest

from tests.cli.register_runs import document, serving, simulated, value
from tests.cli.runs import House
from tests.cli.terminals import window

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


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
