"""S1-26: mode test gives the same frames for the same input: in another process and another Python.

The fingerprint below was taken once. Every version of Python that runs this test must find the same one.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.model.simulation import FaultKind, Mode
from tui.protocols.jbd_frames import read_request
from tui.protocols.tinybms_frames import read_registers
from tui.simulator.as_can import CanBattery
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_telemetry import TelemetryTeller
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.as_uart import UartTeller
from tui.simulator.line import BusLine, Line, is_tinybms_write
from tui.simulator.script import parse
from tui.simulator.simulation import Plan, Simulation
from tui.simulator.streams import StreamLine

ROOT = Path(__file__).parents[2]
EVERY_S, LAST_S = 4.0, 80.0
WALL_S = 1_700_000_000.0
WRITE = bytes.fromhex("DD5A0002 5678 FF30 77")  # opens the factory registers of a JBD board


def script() -> str:
    """Every fault, one every four seconds and gone after three; then other modes and another profile."""
    entries = [
        f'[[sim.script]]\nat_s = {n * EVERY_S}\nfault = "{kind}"\nwhere = 2\nfor_s = 3.0\n'
        + ("amount = 40.0\n" if kind in (FaultKind.CORRUPT, FaultKind.LOST_REPLIES) else "")
        for n, kind in enumerate(FaultKind, 1)
    ]
    entries.append('[[sim.script]]\nat_s = 66.0\nmode = "realistic"\nstage = "charge"\n')
    entries.append('[[sim.script]]\nat_s = 70.0\nspeed = 20.0\nfault = "corrupt"\namount = 30.0\n')
    entries.append('[[sim.script]]\nat_s = 74.0\nmode = "test"\nprofile = "lto"\nclear = "all"\n')
    return "\n".join(entries)


def fingerprint() -> str:
    """Of everything that every face says in that time."""
    made = Simulation(Plan(mode=Mode.TEST, script=parse(script()), seed=9))
    battery = made.add("pack-1")
    lines = (
        (Line(JbdDevice(battery), made, "pack-1"), (read_request(3), read_request(4), WRITE)),
        (Line(TinyBmsDevice(battery), made, "pack-1", is_tinybms_write), (read_registers(0, 56),)),
    )
    bus = BusLine(CanBattery(battery), made, "pack-1")
    streams = (
        StreamLine(TelemetryTeller(battery, wall=lambda: WALL_S), made, "pack-1"),
        StreamLine(UartTeller(battery, made, "pack-1", wall=lambda: WALL_S), made, "pack-1"),
    )
    seen = hashlib.sha256()
    for n in range(round(LAST_S * 4)):
        now_s = n / 4
        for line, requests in lines:
            for request in requests:
                seen.update(line.receive(request, now_s) + b"|")
        for frame in bus.frames(now_s):
            seen.update(frame.can_id.to_bytes(4, "big") + frame.data)
        for stream in streams:
            seen.update(stream.speak(now_s))
    seen.update("".join(f"{e.at_s:.3f}{e.pack}{e.key}{e.args}" for e in made.events).encode())
    return seen.hexdigest()


def test_the_script_has_every_fault() -> None:
    """And all of it is played."""
    made = Simulation(Plan(mode=Mode.TEST, script=parse(script())))
    made.add("pack-1")
    began = set()
    for n in range(round(LAST_S)):
        made.live(float(n))
        began |= {dict(event.args)["fault"] for event in made.events if event.key == "fault-began"}
    assert began == {kind.value for kind in FaultKind}
    assert made.state().script_left == 0 and not made.state().faults and made.mode is Mode.TEST


def test_frame_for_frame() -> None:
    """S1-26: twice in one process, and as it was written down."""
    assert fingerprint() == fingerprint() == WRITTEN_DOWN


@pytest.mark.parametrize("seed", ["0", "12345"])
def test_in_another_process(seed: str) -> None:
    """S1-26: the order of sets and dictionaries of text, which Python shuffles, is nowhere in it."""
    words = [
        sys.executable,
        "-c",
        "from tests.simulator.test_frame_for_frame import fingerprint as f; print(f())",
    ]
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == WRITTEN_DOWN


WRITTEN_DOWN = "c042771e69064947000ef83c93ff5738cfb71de4888be7e24b8330e43b0b2a8c"
