"""S1-6: one simulated battery with all its faces, read by programs that others wrote, for ten whole cycles.

A JBD board and two TinyBMS on pseudo-terminals, Victron and Pylontech frames on a virtual bus: pymodbus,
minimalmodbus, python-can and cantools as they are. No JBD client has a licence to depend on, so that
face and the TinyBMS commands are read by the two tiny readers below, written from the vendors' documents and
sharing no line with the product. The clock of the simulation is moved by hand: ten minutes at 10× in seconds.
"""

import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import serial

from tests.fakes import FakeClock
from tui.model.simulation import Stage
from tui.simulator.as_can import CanBattery
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.line import BusLine, Line, is_tinybms_write
from tui.simulator.pty import PtyDevice
from tui.simulator.simulation import Plan, Simulation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

DBC = Path(__file__).parents[1] / "recordings" / "can-battery.dbc"
MINUTES, SPEED, EVERY_S = 10, 10.0, 3.7
UNIT, CELLS = 0xAA, 16
PATIENCE_S = 60.0  # only a test that fails waits so long
VICTRON_BUS, PYLON_BUS = "cycle-victron", "cycle-pylon"


@dataclass(frozen=True)
class Reading:
    """What one program saw; `None` where its face does not say it. Its resolutions stand beside it."""

    volts: float
    amps: float
    soc_pct: float
    low_mv: float | None = None
    high_mv: float | None = None
    cells_mv: tuple[float, ...] = ()
    warmest_c: float | None = None


# Half of the last digit of each face: volts, amperes, percent, millivolts.
FINE = {
    "jbd": (0.005, 0.005, 0.5, 0.5),
    "tinybms": (0.0005, 0.0005, 0.0005, 0.5),
    "pymodbus": (0.0005, 0.0005, 0.0005, 0.05),
    "minimalmodbus": (0.0005, 0.0005, 0.0005, 0.05),
    "victron": (0.005, 0.05, 0.005, 0.5),
    "pylontech": (0.005, 0.05, 0.5, None),
}


class JbdReader:
    """Requests 03 and 04 as the document has them: `DD A5 RR 00 CC CC 77`; all but the ends add up to 0."""

    def __init__(self, port: str) -> None:
        self.port = serial.Serial(port, 9600, timeout=PATIENCE_S)

    def ask(self, register: int) -> bytes:
        check = 0x10000 - register
        self.port.write(bytes((0xDD, 0xA5, register, 0, check >> 8, check & 0xFF, 0x77)))
        head = self.port.read(4)
        assert head[:3] == bytes((0xDD, register, 0)), head.hex()
        rest = self.port.read(head[3] + 3)
        assert len(rest) == head[3] + 3 and rest[-1] == 0x77
        body, check = rest[:-3], int.from_bytes(rest[-3:-1], "big")
        assert (sum(head[2:] + body) + check) & 0xFFFF == 0
        return body

    def read(self) -> Reading:
        basic, cells = self.ask(3), struct.unpack(f">{CELLS}H", self.ask(4))
        volts, amps = struct.unpack(">Hh", basic[:4])
        sensors = struct.unpack(f">{basic[22]}H", basic[23 : 23 + 2 * basic[22]])
        assert basic[21] == CELLS
        warmest = (max(sensors) - 2731) / 10
        return Reading(
            volts / 100, amps / 100, basic[19], min(cells), max(cells), tuple(map(float, cells)), warmest
        )


class TinyReader:
    """Single values: `AA CMD`, CRC-16 of Modbus with the low byte first, answers in little endian."""

    def __init__(self, port: str) -> None:
        self.port = serial.Serial(port, 115200, timeout=PATIENCE_S)

    @staticmethod
    def crc(data: bytes) -> bytes:
        value = 0xFFFF
        for byte in data:
            value ^= byte
            for _ in range(8):
                value = value >> 1 ^ (0xA001 if value & 1 else 0)
        return value.to_bytes(2, "little")

    def ask(self, command: int, layout: str) -> Any:
        asked, size = bytes((0xAA, command)), 4 + struct.calcsize(layout)
        self.port.write(asked + self.crc(asked))
        answer = self.port.read(size)
        assert len(answer) == size and answer[:2] == asked and self.crc(answer[:-2]) == answer[-2:], (
            answer.hex()
        )
        return struct.unpack(layout, answer[2:-2])[0]

    def read(self) -> Reading:
        high, low = self.ask(0x16, "<H"), self.ask(0x17, "<H")
        soc = self.ask(0x1A, "<I") / 1e6
        return Reading(self.ask(0x14, "<f"), self.ask(0x15, "<f"), soc, min(low, high), max(low, high))


def read_pymodbus(client: Any) -> Reading:
    """One block of registers, as a stock Modbus client reads it."""
    block = client.read_holding_registers(0, count=57, device_id=UNIT).registers

    def as_float(at: int) -> float:
        words = block[at : at + 2]
        value: float = client.convert_from_registers(words, client.DATATYPE.FLOAT32, word_order="little")
        return value

    cells = tuple(word / 10 for word in block[:CELLS])
    soc = (block[46] | block[47] << 16) / 1e6
    return Reading(as_float(36), as_float(38), soc, min(cells), max(cells), cells)


def read_minimalmodbus(instrument: Any, order: int) -> Reading:
    """Register by register, as its users do."""
    cells = tuple(word / 10 for word in instrument.read_registers(0, CELLS, 3))
    soc = instrument.read_long(46, 3, byteorder=order) / 1e6
    volts, amps = instrument.read_float(36, 3, 2, order), instrument.read_float(38, 3, 2, order)
    return Reading(volts, amps, soc, min(cells), max(cells), cells)


def read_bus(bus: Any, dbc: Any) -> Reading:
    """The newest frame of every identifier, decoded by its name in the DBC."""
    newest: dict[str, dict[str, Any]] = {}
    while (frame := bus.recv(0)) is not None:
        message = dbc.get_message_by_frame_id(frame.arbitration_id)
        newest[message.name] = dbc.decode_message(
            frame.arbitration_id, frame.data, decode_choices=False, allow_truncated=True
        )
    measured, state = newest["BMS_Measurements"], newest["BMS_State"]
    soc = state.get("SocHiRes", state["Soc"])
    extremes = newest.get("BMS_CellExtremes")
    low, high = (extremes[f"{end}CellVoltage"] * 1000 if extremes else None for end in ("Min", "Max"))
    return Reading(measured["PackVoltage"], measured["PackCurrent"], soc, low, high)


class Laboratory:
    """One battery, everything that tells of it, and everybody who listens."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        can, cantools = pytest.importorskip("can"), pytest.importorskip("cantools")
        modbus, minimal = pytest.importorskip("pymodbus.client"), pytest.importorskip("minimalmodbus")
        self.clock = FakeClock(0.0)
        self.simulation = Simulation(Plan(corrupt_pct=0.0, speed=SPEED))
        self.battery = self.simulation.add("pack-1")
        jbd = self.port(JbdDevice(self.battery), folder / "jbd", exits)
        tiny = self.port(TinyBmsDevice(self.battery), folder / "tinybms", exits)
        shared = self.port(TinyBmsDevice(self.battery), folder / "modbus", exits)
        client = modbus.ModbusSerialClient(tiny, baudrate=115200, timeout=PATIENCE_S, retries=0)
        assert client.connect()
        exits.callback(client.close)
        instrument = minimal.Instrument(shared, UNIT)
        instrument.serial.baudrate, instrument.serial.timeout = 115200, PATIENCE_S
        exits.callback(instrument.serial.close)
        dbc = cantools.database.load_file(DBC, strict=False)
        self.senders = []
        self.readers: dict[str, Callable[[], Reading]] = {
            "jbd": JbdReader(jbd).read,
            "tinybms": TinyReader(self.port(TinyBmsDevice(self.battery), folder / "commands", exits)).read,
            "pymodbus": lambda: read_pymodbus(client),
            "minimalmodbus": lambda: read_minimalmodbus(instrument, minimal.BYTEORDER_LITTLE_SWAP),
        }
        for style, channel in (("victron", VICTRON_BUS), ("pylontech", PYLON_BUS)):
            ends = [can.Bus(interface="virtual", channel=channel) for _ in range(2)]
            for end in ends:
                exits.callback(end.shutdown)
            line = BusLine(CanBattery(self.battery, style), self.simulation, "pack-1")
            line.frames(self.clock())  # its rhythm begins here
            self.senders.append((line, ends[0], can.Message))
            self.readers[style] = lambda end=ends[1]: read_bus(end, dbc)  # type: ignore[misc]

    def port(self, unit: Any, path: Path, exits: ExitStack) -> str:
        is_write = {"is_write": is_tinybms_write} if isinstance(unit, TinyBmsDevice) else {}
        device = PtyDevice(Line(unit, self.simulation, "pack-1", **is_write), path, clock=self.clock)
        device.start()
        exits.callback(device.stop)
        return str(path)

    def read(self) -> dict[str, Reading]:
        """Every face at one moment of the simulation."""
        for line, bus, message in self.senders:
            for frame in line.frames(self.clock()):
                bus.send(message(arbitration_id=frame.can_id, data=frame.data, is_extended_id=False))
        return {name: read() for name, read in self.readers.items()}


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Stage, dict[str, Reading]]]]:
    """Ten minutes at 10×, a look at everything every 37 seconds of the cycle, with its stage."""
    with ExitStack() as exits:
        laboratory = Laboratory(tmp_path_factory.mktemp("faces"), exits)
        seen = []
        for _ in range(round(MINUTES * 60 / EVERY_S)):
            laboratory.clock.advance(EVERY_S)
            laboratory.simulation.live(laboratory.clock())
            stage = laboratory.simulation.state().packs[0].stage
            seen.append((stage, laboratory.read()))
        assert laboratory.battery.clock_s == pytest.approx(MINUTES * 60 * SPEED, rel=0.01)
        yield seen


Cycle = list[tuple[Stage, dict[str, Reading]]]


@pytest.mark.parametrize("face", FINE)
def test_every_program_reads_plausible_values_all_the_time(cycle: Cycle, face: str) -> None:
    """S1-16 to S1-19, X-10: sixteen cells of LiFePO4, the documented currents, charging is plus."""
    assert len(cycle) == round(MINUTES * 60 / EVERY_S)
    for _, faces in cycle:
        one = faces[face]
        assert CELLS * 2.5 <= one.volts <= CELLS * 3.65
        assert -30.1 <= one.amps <= 25.3
        assert 18.5 <= one.soc_pct <= 96.0
        if one.low_mv is not None and one.high_mv is not None:
            assert 2500 <= one.low_mv <= one.high_mv <= 3650
        if one.warmest_c is not None:
            assert 15 < one.warmest_c < 40


@pytest.mark.parametrize("face", FINE)
def test_every_program_sees_the_whole_cycle(cycle: Cycle, face: str) -> None:
    """S1-15 to S1-20: each stage, its current, and its end points."""
    by_stage = {stage: [faces[face] for at, faces in cycle if at is stage] for stage, _ in cycle}
    assert set(by_stage) == {Stage.DISCHARGE, Stage.IDLE, Stage.CHARGE, Stage.BALANCE}
    assert all(one.amps <= -4.9 for one in by_stage[Stage.DISCHARGE][1:])
    assert all(abs(one.amps) <= 0.2 for one in by_stage[Stage.IDLE][1:])
    assert max(one.amps for one in by_stage[Stage.CHARGE]) == pytest.approx(25.0, abs=0.2)
    levels = [faces[face].soc_pct for _, faces in cycle]
    assert min(levels) < 22 and max(levels) > 93


def test_all_faces_of_one_battery_agree(cycle: Cycle) -> None:
    """S1-6: voltage, current, charge and cells are the same everywhere, within each face's last digit."""
    for number, (_, faces) in enumerate(cycle):
        for a, one in faces.items():
            for b, other in faces.items():
                where = f"look {number}: {a} and {b}"
                volts, amps, soc, mv = (
                    None if x is None or y is None else 1.02 * (x + y)
                    for x, y in zip(FINE[a], FINE[b], strict=True)
                )
                assert abs(one.volts - other.volts) <= volts, where  # type: ignore[operator]
                assert abs(one.amps - other.amps) <= amps, where  # type: ignore[operator]
                assert abs(one.soc_pct - other.soc_pct) <= soc, where  # type: ignore[operator]
                if one.low_mv is not None and other.low_mv is not None:
                    assert abs(one.low_mv - other.low_mv) <= mv, where  # type: ignore[operator]
                    assert abs((one.high_mv or 0) - (other.high_mv or 0)) <= mv, where  # type: ignore[operator]
                for x, y in zip(one.cells_mv, other.cells_mv, strict=False):
                    assert abs(x - y) <= mv, where  # type: ignore[operator]


@pytest.mark.parametrize("face", ["jbd", "pymodbus", "minimalmodbus"])
def test_the_cells_add_up_to_the_pack(cycle: Cycle, face: str) -> None:
    """A face that tells every cell tells their sum as well."""
    for _, faces in cycle:
        one = faces[face]
        assert len(one.cells_mv) == CELLS
        assert sum(one.cells_mv) / 1000 == pytest.approx(one.volts, abs=CELLS * 0.0006 + 0.006)


def test_nothing_stands_still(cycle: Cycle) -> None:
    """The clock really moved for everybody: not many looks are the same."""
    for face in FINE:
        looks = [faces[face] for _, faces in cycle]
        assert len({(one.volts, one.amps) for one in looks}) > 0.6 * len(looks)
