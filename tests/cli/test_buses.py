"""Batteries on other wires, by real processes: S1-6, S1-10, S1-11, S3-9, S3-53."""

import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House
from tests.fakes import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

GROUP = "udp_multicast:239.74.163.77"


@pytest.fixture
def bus(home: House) -> str:
    """A CAN bus between processes: a multicast group that stays on this machine.

    On a port of its own. Every program that listens at one port of this machine hears all groups there, so
    those of another run of these tests as well.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        home.environment["CAN_CONFIG"] = json.dumps({"port": free.getsockname()[1]})
    done = home.run("probe", "can", GROUP, "--seconds", "0.2")
    if "239.74.163.77" in done.stderr:
        pytest.skip(done.stderr.strip())
    return GROUP


def is_whole(track: dict[str, Any]) -> bool:
    """Its state, its name and its cells come in three answers."""
    return track.get("state") == "live" and track.get("source") == "simulator" and bool(track["cells_mv"])


def test_a_tinybms_is_recognised_by_itself(home: House) -> None:
    port = home.folder / "tiny"
    simulate = ("simulate", "tinybms", "--pty", str(port), "--cells", "14")
    with home.running(*simulate, until_open=False):
        wait_until(port.is_symlink, PATIENCE_S)
        with home.running("serve", "--port", str(port)):
            wait_until(lambda: is_whole(home.track()), LOOKS_S)
            track = home.track()
    assert track["link"]["protocol"] == "tinybms"
    assert (track["state"], track["source"], track["cell_count"]) == ("live", "simulator", 14)
    assert len(track["cells_mv"]) == 14


@pytest.mark.parametrize("style", ["victron", "pylontech"])
def test_a_battery_on_can_is_a_pack(home: House, bus: str, style: str) -> None:
    interface, channel = bus.split(":")
    simulate = ("simulate", "can", "--interface", interface, "--channel", channel, "--style", style)
    with (
        home.running(*simulate, until_open=False) as sender,
        home.running("serve", "--can", f"bus={bus}"),
    ):
        wait_until(lambda: home.track("bus").get("soc_pct") is not None, LOOKS_S)
        wait_until(lambda: home.track("bus").get("voltage_v") is not None, LOOKS_S)
        track = home.track("bus")
        assert track["state"] == "live"
        assert track["soc_pct"] is not None
        assert 40 < track["voltage_v"] < 60
        probed = home.run("probe", "can", bus, "--seconds", "1.5")
        assert probed.returncode == 0
        assert " limits " in probed.stdout and " 351 " in probed.stdout
        sender.send_signal(signal.SIGKILL)
        sender.wait(PATIENCE_S)
        wait_until(lambda: home.track("bus").get("state") not in (None, "live"), LOOKS_S)


def test_a_silent_bus_is_said_to_be_silent(home: House, bus: str) -> None:
    done = home.run("probe", "can", "virtual:nobody", "--seconds", "0.3")
    assert done.returncode == 4
    assert "120 ohm" in done.stdout


@pytest.mark.skipif(Path("/sys/class/net/can0").exists(), reason="this machine has a can0")
def test_a_bus_that_is_not_there_says_which_command_makes_it(home: House) -> None:
    """S3-45."""
    done = home.run("probe", "can", "can0")
    assert done.returncode == 4
    assert ("can0" in done.stderr and "sudo" in done.stderr) or "ip -br link" in done.stderr


def test_three_kinds_of_wire_in_one_engine(home: House, board: str, bus: str) -> None:
    port, (interface, channel) = home.folder / "tiny", bus.split(":")
    with (
        home.running("simulate", "tinybms", "--pty", str(port), until_open=False),
        home.running("simulate", "can", "--interface", interface, "--channel", channel, until_open=False),
    ):
        wait_until(port.is_symlink, PATIENCE_S)
        wires = ("--port", f"left={board}", "--port", f"right={port}", "--can", f"bus={bus}")
        with home.running("serve", *wires):

            def all_live() -> bool:
                found = home.status().get("tracks", {})
                return len(found) == 3 and all(track["state"] == "live" for track in found.values())

            wait_until(all_live, LOOKS_S)
            tracks = home.status()["tracks"]
    assert {name: track["link"]["protocol"] for name, track in tracks.items()} == {
        "left": "jbd",
        "right": "tinybms",
        "bus": "can",
    }
