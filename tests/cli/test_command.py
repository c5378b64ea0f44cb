"""`packdeck command`, as a person runs it, against simulated devices behind real pseudo-terminals."""

import sys
from collections.abc import Iterator

import pytest

from tests.cli.register_runs import board_here, document, serving, simulated
from tests.cli.runs import LOOKS_S, PATIENCE_S, House, house
from tests.cli.terminals import window
from tests.fakes import wait_until
from tui.simulator.battery import Battery

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


@pytest.fixture(scope="module")
def unit() -> Iterator[House]:
    """A TinyBMS and an engine in processes of their own."""
    with house() as home, simulated(home, "tinybms") as path, serving(home, path, "tinybms"):
        yield home


def test_reset_soc_as_the_document_says_it(unit: House) -> None:
    """S1-59: the example of the document at the command line; the true state is told and is in the log."""
    done = unit.run("command", "reset_soc", "--value", "100", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = document(done)
    assert told["command"] == "reset_soc" and told["ok"] and told["requested"] == "100"
    assert float(told["actual"]) == pytest.approx(100, abs=1)
    wait_until(lambda: (unit.track().get("soc_pct") or 0) >= 99, LOOKS_S)
    log = document(unit.run("registers", "log", "--json"))["changes"]
    assert log[0]["key"] == "reset_soc" and log[0]["result"] == "obeyed" and log[0]["who"]


def test_restart_is_a_command_of_the_unit(unit: House) -> None:
    """S4-27: the battery's electronics start anew, and the link comes back by itself."""
    done = unit.run("command", "restart", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Restart: done" in done.stdout
    wait_until(lambda: unit.track().get("state") == "live", LOOKS_S)


def test_the_list_names_what_this_device_knows(unit: House) -> None:
    """S1-59: without a name; as text and as JSON."""
    text = unit.run("command")
    assert text.returncode == 0 and "reset_soc" in text.stdout and "0 – 100 %" in text.stdout
    names = [form["name"] for form in document(unit.run("command", "--json"))["commands"]]
    assert {"reset_soc", "restart", "clear_events"} <= set(names)
    assert "charge_switch" not in names, "that is a JBD board's"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("reset_soc", "--value", "140", "--yes"), 1, "out of the range of reset_soc: 0 to 100 %"),
        (("reset_soc", "--value", "full", "--yes"), 1, "full is out of the range"),
        (("reset_soc", "--yes"), 2, "reset_soc needs a value: --value 0 – 100 %"),
        (("clear_events", "--value", "1", "--yes"), 2, "takes no value"),
        (("explode", "--yes"), 1, "no command explode"),
        (("reset_soc", "--value", "50"), 1, "--yes"),
        (("reset_soc", "--value", "50", "--track", "middle", "--yes"), 1, "left"),
    ],
)
def test_what_is_no_command_is_refused_with_a_sentence(
    unit: House, words: tuple[str, ...], code: int, sentence: str
) -> None:
    """Name, value, range, track, and nobody there to confirm."""
    done = unit.run("command", *words)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_a_dry_run_says_it_and_does_nothing(unit: House) -> None:
    before = document(unit.run("registers", "log", "--json"))["changes"]
    done = unit.run("command", "reset_soc", "--value", "10", "--dry-run")
    assert done.returncode == 0 and "Set the state of charge 10 %" in done.stdout
    assert document(unit.run("registers", "log", "--json"))["changes"] == before


def test_a_dangerous_command_wants_a_typed_word(home: House) -> None:
    """The discharge switch can cut the supply of this computer."""
    with board_here(home) as (board, path), serving(home, path, "jbd"):
        battery: Battery = board.battery
        with window(home, "command", "discharge_switch", "--value", "off") as shell:
            shell.wait_for("cut the supply", 'Type "change"')
            shell.press("y\n")
            assert shell.wait_end() == 1
        assert not battery.discharge_locked
        with window(home, "command", "discharge_switch", "--value", "off") as shell:
            shell.wait_for('Type "change"')
            shell.press("change\n")
            assert shell.wait_end() == 0
            assert "now off (asked: off)" in shell.text()
        assert battery.discharge_locked


def test_a_switch_that_a_protection_holds_is_not_called_on(home: House) -> None:
    """S1-59: asked and true state are told apart, with the protection that holds it; exit status 1."""
    with board_here(home) as (board, path):
        battery: Battery = board.battery
        port = ("--port", str(path), "--protocol", "jbd")
        battery.thermal.forced_c[0] = 90.0
        wait_until(lambda: battery.is_blocked_for_charge, PATIENCE_S)
        done = home.run("command", "charge_switch", "--value", "on", *port, "--yes", "--json")
        assert done.returncode == 1, done.stderr
        told = document(done)
        assert (told["requested"], told["actual"]) == ("on", "off")
        assert "charge_overtemperature" in told["reasons"]
        assert "a protection of the battery holds it" in done.stderr and "too hot to charge" in done.stderr
