"""Faces that talk by themselves, on a real terminal and a real output: S1-9, S1-10, S1-61, S1-64, X-7."""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import PATIENCE_S, House, house
from tests.fakes import FakeClock, wait_until
from tui.model.simulation import ClearFault, FaultKind, InjectFault, Mode
from tui.protocols.modbus import has_good_crc
from tui.simulator.as_telemetry import TelemetryTeller
from tui.simulator.as_uart import ASKED, UartTeller
from tui.simulator.pty import PtyDevice
from tui.simulator.simulation import Plan, Simulation
from tui.simulator.streams import StreamLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

WALL_S = 1_700_000_000.0

Start = Callable[[StreamLine, Callable[[], float]], PtyDevice]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[PtyDevice] = []

    def begin(line: StreamLine, clock: Callable[[], float] = time.monotonic) -> PtyDevice:
        running.append(PtyDevice(line, tmp_path / f"port-{len(running)}", clock=clock))
        running[-1].start()
        return running[-1]

    yield begin
    for device in running:
        device.stop()


class Listener:
    """A program that opens the terminal and only listens."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_NOCTTY)
        self._data = b""

    def close(self) -> None:
        os.close(self.fd)

    def next(self) -> dict[str, Any]:
        """The next whole line."""
        until_s = time.monotonic() + PATIENCE_S
        while b"\n" not in self._data and time.monotonic() < until_s:
            if select.select([self.fd], [], [], 0.1)[0]:
                self._data += os.read(self.fd, 4096)
        line, _, self._data = self._data.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told


def simulation(**plan: Any) -> Simulation:
    made = Simulation(Plan(**({"corrupt_pct": 0.0} | plan)))
    made.add("pack-1")
    return made


def telemetry_of(made: Simulation) -> StreamLine:
    return StreamLine(TelemetryTeller(made.packs["pack-1"], "pack-1", wall=lambda: WALL_S), made, "pack-1")


def uart_of(made: Simulation) -> StreamLine:
    return StreamLine(UartTeller(made.packs["pack-1"], made, "pack-1", wall=lambda: WALL_S), made, "pack-1")


@pytest.mark.parametrize(("face", "hz"), [(telemetry_of, 1.0), (uart_of, 2.0)])
def test_the_rhythm_is_even(face: Callable[[Simulation], StreamLine], hz: float) -> None:
    """S1-9, S1-10, X-7: so many a second, however often somebody looks; a pause is not made up for."""
    line = face(simulation())
    told_s = [n / 100 for n in range(1000) if line.speak(n / 100)]
    assert len(told_s) == 10 * hz and all(b - a == pytest.approx(1 / hz) for a, b in pairwise(told_s))
    assert line.due_in_s(9.999) == pytest.approx(0.001)
    assert line.speak(500.3) and not line.speak(500.3)
    assert line.due_in_s(500.3) == pytest.approx(1 / hz - 0.3), "the rhythm of before goes on"


def test_telemetry_on_a_terminal(start: Start) -> None:
    """S1-9, S1-61, S1-62, CL-20: a program that opens the port gets one object a line, unasked."""
    made, clock = simulation(), FakeClock(0.0)
    program = Listener(start(telemetry_of(made), clock).path)
    try:
        first = program.next()
        clock.advance(1.0)
        second = program.next()
    finally:
        program.close()
    assert (first["type"], first["pack"]) == ("telemetry", "pack-1")
    assert first["data"]["timestamp_ms"] == WALL_S * 1000
    assert len(second["data"]["cell_voltage_mv"]) == second["data"]["cell_count"] == 16
    assert second["data"]["state_of_charge_pct"] < first["data"]["state_of_charge_pct"]


def test_the_serial_line_on_a_terminal(start: Start) -> None:
    """S1-10, S1-64, S4-59: true frames of the unit with the names of both documents, commands and Modbus."""
    made, clock = simulation(mode=Mode.TEST), FakeClock(0.0)
    program = Listener(start(uart_of(made), clock).path)
    told = []
    try:
        for _ in ASKED:
            told.append(program.next())
            clock.advance(0.5)
    finally:
        program.close()
    for frame in told:
        decoded, raw = frame["data"]["decoded"], bytes.fromhex(frame["raw"])
        assert frame["type"] == "uart_frame" and has_good_crc(raw) and decoded["crc_valid"]
        assert frame["data"]["raw"] == frame["raw"] and raw[0] == decoded["address"] == 0xAA
        assert raw[1] == decoded["command"] == frame["parsed"]["command"]
        assert decoded["payload_length"] == len(raw) - 4 and frame["parsed"]["length"] == len(raw)
    assert [frame["data"]["decoded"]["sequence"] for frame in told] == list(range(1, len(ASKED) + 1))
    assert {3, 0x14, 0x15, 0x1A} <= {frame["parsed"]["command"] for frame in told}
    soc = next(frame for frame in told if frame["parsed"]["command"] == 0x1A)
    assert int.from_bytes(bytes.fromhex(soc["raw"])[2:6], "little") == pytest.approx(64e6, abs=1)


def test_two_percent_have_a_wrong_checksum() -> None:
    """CL-30: told as such and counted; in mode test none."""
    line = uart_of(simulation(corrupt_pct=2.0))
    told = [json.loads(line.speak(n / 2)) for n in range(2000)]
    bad = [frame for frame in told if not frame["data"]["decoded"]["crc_valid"]]
    assert 20 <= len(bad) <= 60 and told[-1]["crc_errors"] == len(bad)
    assert all(has_good_crc(bytes.fromhex(f["raw"])) is f["data"]["decoded"]["crc_valid"] for f in told)
    quiet = uart_of(simulation(mode=Mode.TEST, corrupt_pct=2.0))
    assert all(json.loads(quiet.speak(n / 2))["crc_errors"] == 0 for n in range(500))


def test_faults_of_the_wire_act_on_the_streams(start: Start) -> None:
    """S1-78: a lost link takes the port away, sleep and lost replies are silence; it goes on."""
    made = simulation()
    faces = telemetry_of(made), uart_of(made)
    for at_s, kind, silent in ((10.0, FaultKind.SLEEP, 2), (20.0, FaultKind.LOST_REPLIES, 1)):
        made.ask(InjectFault(kind, amount=100.0))
        assert sum(not face.speak(at_s) for face in faces) == silent, kind
        made.ask(ClearFault())
        assert all(face.speak(at_s + 5) for face in faces)
    clock = FakeClock(1000.0)
    device = start(telemetry_of(made), clock)
    made.ask(InjectFault(FaultKind.LINK_LOSS))
    wait_until(lambda: not Path(device.path).is_symlink())
    made.ask(ClearFault())
    clock.advance(5.0)
    wait_until(lambda: Path(device.path).is_symlink())
    program = Listener(device.path)
    try:
        clock.advance(5.0)
        assert program.next()["type"] == "telemetry"
    finally:
        program.close()


def test_whole_lines_only_where_nobody_reads(start: Start) -> None:
    """Lines without a reader are lost whole: who comes late gets whole lines, then the newest."""
    made, clock = simulation(), FakeClock(0.0)
    spoken: list[bytes] = []
    turns: list[float] = []
    line = telemetry_of(made)
    speak = line.speak

    def counted(now_s: float) -> bytes:
        turns.append(now_s)
        said = speak(now_s)
        spoken.extend([said] if said else [])
        return said

    line.speak = counted  # type: ignore[method-assign]
    device = start(line, clock)
    for n in range(1, 31):
        wait_until(lambda n=n: len(spoken) >= n)
        clock.advance(1.0)
    wait_until(lambda: len(spoken) == 31)
    behind = len(turns)
    wait_until(lambda: len(turns) > behind)  # the turn after it: the last line is written, or lost
    program = Listener(device.path)
    try:
        old = [program.next()]
        while select.select([program.fd], [], [], 0)[0] or program._data:
            old.append(program.next())
        assert len(old) < 5
        clock.advance(1.0)
        newest = program.next()
        assert newest == json.loads(spoken[-1]) and len(spoken) == 32
    finally:
        program.close()


@pytest.fixture
def home() -> Iterator[House]:
    with house() as made:
        yield made


def test_every_face_of_every_pack_at_once(home: House) -> None:
    """S1-6, S1-9, S1-10, S1-77: four ports a pack, and both streams of both packs on the output."""
    folder = home.folder / "p"
    words = ("--packs", "2", "--folder", str(folder), "--wires", "jbd,tinybms,telemetry,uart")
    with home.running("simulate", *words, "--telemetry", "--uart", until_open=False) as process:
        assert process.stdout is not None
        told: list[dict[str, Any]] = []
        while len({(one["type"], one["pack"]) for one in told}) < 4 or len(told) < 18:
            line = process.stdout.readline()
            assert line, "it ended"
            if line.startswith("{"):
                told.append(json.loads(line))
        kinds = ("jbd", "tinybms", "telemetry", "uart")
        assert {path.name for path in folder.iterdir()} == {
            f"pack-{n}-{kind}" for n in (1, 2) for kind in kinds
        }
        program = Listener(str(folder / "pack-2-uart"))
        try:
            frames = [program.next() for _ in range(4)]
        finally:
            program.close()
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    assert all((f["type"], f["pack"]) == ("uart_frame", "pack-2") for f in frames)
    count = {kind: sum(one["type"] == kind for one in told) for kind in ("telemetry", "uart_frame")}
    assert abs(count["uart_frame"] - 2 * count["telemetry"]) <= 4, "2 Hz and 1 Hz"
    assert not folder.exists()
