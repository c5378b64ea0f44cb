"""What is known, without a screen: lines, JSON, one line for monitoring."""

import json
import re
import signal
from dataclasses import replace

import pytest

from tests.cli.runs import PATIENCE_S, House
from tests.doors import attached
from tests.fakes import wait_until
from tui import locale
from tui.cli import check
from tui.cli.status_json import as_json
from tui.cli.status_words import as_lines, one_line
from tui.model.alert import Alert, Severity
from tui.model.events import (
    AlertRaised,
    AlertsSwitched,
    EngineLost,
    Event,
    FleetStarted,
    LinkChanged,
    SampleRead,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase
from tui.model.sample import Cells, Identity, Pack, Protection
from tui.model.track import Setup

NOW_S = 100.0
PACK = Pack(pack_v=53.12, current_a=-12.4, soc_pct=72, temperatures_c=(21.5,), charge_on=True)
MS = 1_700_000_000_000


@pytest.fixture(autouse=True)
def english() -> None:
    locale.use("en")


def fleet_of(*happened: Event) -> Fleet:
    fleet = fold(Fleet(), FleetStarted((Setup("left", address="/dev/a"), Setup("right", title="Two")), 7))
    for event in happened:
        fleet = fold(fleet, event)
    return fleet


UP = LinkChanged("left", 0.0, MS, Link(Phase.UP))
READ = SampleRead("left", NOW_S - 1, MS, PACK)
CELLS = SampleRead("left", NOW_S - 1, MS, Cells((3300, 3320, 3310)))
LOST = LinkChanged(
    "right", 0.0, MS, Link(Phase.LOST, 0.0, Cause("port-missing", (("port", "/dev/b"),)), 2, 5, 104.0)
)


def test_json_says_what_is_known_and_null_for_the_rest() -> None:
    """X-10: + charges; X-17: Unix milliseconds; never an invented value."""
    document = json.loads(json.dumps(as_json(fleet_of(UP, READ, CELLS, LOST), NOW_S, MS)))
    left, right = document["tracks"]["left"], document["tracks"]["right"]
    assert document["timestamp_ms"] == MS
    assert (left["state"], left["age_s"], left["source"]) == ("live", 1.0, "jbd")
    assert (left["voltage_v"], left["current_a"], left["soc_pct"]) == (53.12, -12.4, 72)
    assert left["power_w"] == -658.7
    assert left["timestamp_ms"] == MS
    assert (left["cell_min_mv"], left["cell_max_number"], left["cell_spread_mv"]) == (3300, 2, 20)
    assert left["soh_pct"] is None
    assert left["discharge_on"] is None
    assert right["state"] == "lost"
    for unknown in (
        "age_s",
        "timestamp_ms",
        "voltage_v",
        "current_a",
        "cell_count",
        "cell_min_mv",
        "power_w",
    ):
        assert right[unknown] is None, unknown
    assert right["link"]["cause"] == "port-missing"
    assert right["link"]["retry_in_s"] == 4.0
    assert "/dev/b" in right["link"]["sentence"]


@pytest.mark.parametrize(
    ("pack", "word"),
    [
        (Pack(current_a=1.0), "charging"),
        (Pack(current_a=-1.0), "discharging"),
        (Pack(current_a=0.0, soc_pct=50), "idle"),
        (Pack(current_a=0.0, soc_pct=100), "full"),
        (Pack(current_a=0.0, balancing=(1,)), "balancing"),
        (Pack(current_a=0.0, protections=(Protection.SHORT_CIRCUIT,)), "fault"),
        (Pack(), "unknown"),
    ],
)
def test_json_names_what_the_battery_does(pack: Pack, word: str) -> None:
    """X-11: seven words for what a battery does."""
    fleet = fleet_of(UP, SampleRead("left", NOW_S, MS, pack))
    assert as_json(fleet, NOW_S, MS)["tracks"]["left"]["battery_state"] == word


def test_a_simulated_battery_is_labelled_everywhere() -> None:
    fleet = fleet_of(UP, READ, SampleRead("left", NOW_S, MS, Identity(hardware="PACKDECK-SIM-04S")))
    assert as_json(fleet, NOW_S, MS)["tracks"]["left"]["source"] == "simulator"
    assert "SIM" in as_lines(fleet, NOW_S)[0]
    assert "SIM" in one_line(fleet, fleet.tracks[0], NOW_S)
    assert "SIM" in check.check(fleet, NOW_S)[1]


def test_lines_say_freshness_in_words() -> None:
    """CL-12: Live, 12s ago, 3m ago, No data received."""
    fleet = fleet_of(UP, READ, CELLS, LOST)
    assert as_lines(fleet, NOW_S)[0] == "left: Live"
    assert as_lines(fleet, NOW_S + 11)[0] == "left: stale, 12s ago"
    assert as_lines(fleet, NOW_S + 180)[0] == "left: stale, 3m ago"
    text = "\n".join(as_lines(fleet, NOW_S))
    assert "right (Two): lost, No data received" in text
    assert "ls /dev/serial/by-id" in text, "one thing to do"
    assert "53.12 V" in text
    assert "-12.4 A" in text


def test_lines_speak_french() -> None:
    """CL-49: in both languages, with the decimal mark of each."""
    locale.use("fr")
    text = "\n".join(as_lines(fleet_of(UP, READ, CELLS, LOST), NOW_S))
    locale.use("en")
    assert "53,12 V" in text
    assert "tension" in text


def test_a_line_changes_only_when_something_happened() -> None:
    fleet = fleet_of(UP, READ, CELLS)
    assert one_line(fleet, fleet.tracks[0], NOW_S) == one_line(fleet, fleet.tracks[0], NOW_S + 2)
    assert one_line(fleet, fleet.tracks[0], NOW_S) != one_line(fleet, fleet.tracks[0], NOW_S + 60)


def test_without_its_engine_nothing_is_live() -> None:
    fleet = fold(fleet_of(UP, READ), EngineLost(NOW_S, NOW_S + 2, Cause("engine-missing")))
    assert as_json(fleet, NOW_S, MS)["tracks"]["left"]["state"] == "lost"
    assert as_json(fleet, NOW_S, MS)["engine"]["attached"] is False
    assert as_lines(fleet, NOW_S)[0].startswith("No engine answers")


RIGHT_UP = (LinkChanged("right", 0.0, MS, Link(Phase.UP)), SampleRead("right", NOW_S, MS, PACK))


@pytest.mark.parametrize(
    ("happened", "now_s", "code", "word"),
    [
        ((UP, READ, *RIGHT_UP), NOW_S, 0, "OK"),
        ((UP, READ, *RIGHT_UP), NOW_S + 60, 1, "WARNING"),
        ((UP, READ, LOST), NOW_S, 2, "CRITICAL"),
        ((UP, READ), NOW_S, 3, "UNKNOWN"),
        (
            (UP, READ, *RIGHT_UP, AlertRaised(Alert("left", "cell-low", Severity.WARNING, 3))),
            NOW_S,
            1,
            "WARNING",
        ),
        (
            (UP, READ, *RIGHT_UP, AlertRaised(Alert("left", "cell-low", Severity.CRITICAL, 3))),
            NOW_S,
            2,
            "CRITICAL",
        ),
    ],
)
def test_check_gives_the_code_of_the_worst(
    happened: tuple[Event, ...], now_s: float, code: int, word: str
) -> None:
    got, line = check.check(fleet_of(*happened), now_s)
    assert got == code
    assert line.startswith(f"PACKDECK {word} - ")
    assert "\n" not in line
    text, _, figures = line.partition(" | ")
    assert "|" not in text
    for figure in figures.split():
        assert re.fullmatch(r"'(left|right)_\w+'=-?[0-9.]+(%;;;0;100)?", figure)


OFF = AlertsSwitched(("left", "right"))
TRIPPED = replace(PACK, protections=(Protection.CELL_OVERVOLTAGE, Protection.MOSFET_SOFTWARE_LOCK))
LOCKED = replace(PACK, protections=(Protection.MOSFET_SOFTWARE_LOCK,))


@pytest.mark.parametrize(
    ("pack", "off", "code", "words"),
    [
        (PACK, OFF, 1, ("Alerts are switched off: nothing is judged",)),
        (PACK, AlertsSwitched(("right",)), 1, ("Alerts are switched off for right",)),
        (TRIPPED, OFF, 2, ("switched off", "left: protection cell over-voltage")),
        (TRIPPED, AlertsSwitched(("right",)), 1, ("switched off for right",)),
        (LOCKED, OFF, 1, ("switched off",)),
    ],
)
def test_check_never_says_ok_while_alerts_are_off(
    pack: Pack, off: AlertsSwitched, code: int, words: tuple[str, ...]
) -> None:
    """S4-41: what the battery itself reports is judged all the same."""
    fleet = fleet_of(UP, replace(READ, reading=pack), *RIGHT_UP, off)
    got, line = check.check(fleet, NOW_S)
    assert got == code
    assert all(part.lower() in line.lower() for part in words), line
    assert "\n" not in line and line.count(" | ") == 1


def test_lines_and_json_say_that_alerts_are_off() -> None:
    """S4-41: no line that could be taken for an all-clear."""
    fleet = fleet_of(UP, READ, *RIGHT_UP)
    assert "No active alerts." in as_lines(fleet, NOW_S)
    assert as_json(fleet, NOW_S, MS)["alerts_off"] == []
    fleet = fold(fleet, OFF)
    lines = as_lines(fleet, NOW_S)
    assert "No active alerts." not in lines
    assert "Alerts are switched off: nothing is judged." in lines
    assert as_json(fleet, NOW_S, MS)["alerts_off"] == ["left", "right"]


def test_check_gives_no_figures_of_a_track_that_is_not_live() -> None:
    assert "|" not in check.check(fleet_of(UP, READ, LOST), NOW_S + 60)[1]
    assert check.check(replace(fleet_of(), tracks=()), NOW_S)[0] == 3


def test_the_running_engine_is_asked(home: House, board: str) -> None:
    with home.running("serve", "--port", board), attached(home.door) as feed:
        wait_until(lambda: feed.wait(1) and feed.fleet().tracks[0].identity.hardware, PATIENCE_S)
        wait_until(lambda: feed.fleet().tracks[0].cells_at_s is not None, PATIENCE_S)
        left = home.track()
        assert left["state"] == "live"
        assert left["source"] == "simulator"
        assert left["age_s"] < 10
        assert len(left["cells_mv"]) == 4
        assert 10 < left["voltage_v"] < 15
        assert home.run("status").stdout.startswith("left SIM: ")
        checked = home.run("status", "--check")
        assert (checked.returncode, checked.stdout.startswith("PACKDECK OK - left SIM ")) == (0, True)


def test_without_an_engine_there_is_a_sentence_and_code_three(home: House) -> None:
    for words in (["status"], ["status", "--json"]):
        done = home.run(*words)
        assert done.returncode == 3
        assert done.stdout == ""
        assert "packdeck serve" in done.stderr
    checked = home.run("status", "--check")
    assert checked.returncode == 3
    assert checked.stdout.startswith("PACKDECK UNKNOWN - No engine runs here.")


def test_a_port_is_read_without_an_engine(home: House, board: str) -> None:
    done = home.run("status", "--json", "--port", board, "--wait", "60")
    assert done.returncode == 0
    assert json.loads(done.stdout)["tracks"]["left"]["state"] == "live"
    named = home.run("status", "--json", "--port", f"right={board}", "--wait", "60")
    assert json.loads(named.stdout)["tracks"]["right"]["state"] == "live"


def test_a_port_that_is_not_there_is_a_device_error(home: House) -> None:
    done = home.run("status", "--port", "/dev/packdeck-no-such-port")
    assert done.returncode == 4
    assert "left: lost, No data received" in done.stdout
    assert "/dev/packdeck-no-such-port is not there" in done.stdout


def test_watching_prints_a_line_for_each_change_until_interrupted(home: House, board: str) -> None:
    with home.running("status", "--watch=0.1", "--port", board, until_open=False) as process:
        assert process.stdout is not None
        said = line = process.stdout.readline()
        while "  left  SIM  live  " not in line:  # a busy board says its name late: that is a change
            assert re.match(r"\d\d:\d\d:\d\d  left  ", line), said
            said += (line := process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
        said += process.stdout.read()
        assert "Traceback" not in said
        assert "\x1b" not in said
