"""Simulated batteries on a CAN bus: their rhythm, their bytes, and the whole chain to a reading."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import cantools
import pytest
from cantools.database.can import Database

from tui.model.can import CanFrame, bits_of, pack, unpack
from tui.model.sample import Identity, Pack, Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols.battery_can import BatteryCanProtocol
from tui.protocols.battery_can_decode import decode_frame
from tui.protocols.can_explain import explain_can
from tui.protocols.protocol import Outcome
from tui.protocols.tinybms_can import TinyBmsCanProtocol, decode_exchange
from tui.simulator.as_can import STYLES, CanBattery, TinyBmsNode
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery, Phase, left_pack

DBC = Path(__file__).parents[1] / "recordings" / "can-battery.dbc"
PYLON_SIZES = {0x351: 8, 0x355: 4, 0x356: 6, 0x359: 7, 0x35C: 2, 0x35E: 8}


def sent(style: str, seconds: float = 1.0, battery: Battery | None = None) -> list[CanFrame]:
    """What a battery sends when it is asked every 10 ms."""
    sender = CanBattery(battery or left_pack(), style)
    return [frame for n in range(round(seconds * 100)) for frame in sender.frames(50 + n / 100)]


def newest(frames: list[CanFrame]) -> dict[int, bytes]:
    return {frame.can_id: frame.data for frame in frames}


@pytest.mark.parametrize("style", STYLES)
def test_rhythm(style: str) -> None:
    """S1-11: limits, charge and measurements ten times a second, the rest once. SMA allows five."""
    frames = sent(style, 10.0)
    counts = {can_id: sum(f.can_id == can_id for f in frames) for can_id in newest(frames)}
    core = 50 if style == "sma" else 100
    assert counts[0x351] == counts[0x355] == counts[0x356] == core
    assert counts[0x359 if style == "pylontech" else 0x35A] == core
    assert counts[0x35E] == counts[0x380] == 10
    assert [f.time_us for f in frames] == sorted(f.time_us for f in frames)
    gaps = [b.time_us - a.time_us for a, b in pairwise(frames)]
    assert max(gaps) <= 50_000
    assert sum(bits_of(f.can_id, len(f.data)) for f in frames) / 10 < 0.02 * 500_000


def test_late_callers_get_what_they_missed_and_no_more() -> None:
    """After a short pause every round, after a long one the newest only; time never runs twice."""
    sender = CanBattery(left_pack())
    assert sender.next_due_s() == 0.0
    sender.frames(10.0)
    assert 10.0 < sender.next_due_s() <= 10.05
    assert sum(f.can_id == 0x356 for f in sender.frames(11.0)) == 10
    assert sum(f.can_id == 0x356 for f in sender.frames(100.0)) == 1
    assert sender.frames(100.0) == []
    assert sender.battery.elapsed_s == pytest.approx(90.0)


def test_styles() -> None:
    """Four dialects and no other."""
    with pytest.raises(ValueError, match="style"):
        CanBattery(left_pack(), "growatt")


def test_pylontech_as_captured() -> None:
    """CL-30: the identifiers, lengths and letters of a real pack, and the numbers of the battery."""
    battery = Battery(15, 74.0, 88.0, phase=Phase.DISCHARGE, discharge_a=27.0)
    frames = newest(sent("pylontech", battery=battery))
    assert {i: len(data) for i, data in frames.items() if i < 0x380} == PYLON_SIZES
    assert frames[0x35E] == b"PYLON   " and frames[0x359][5:] == b"PN" and frames[0x35C] == b"\xc0\0"
    limits = decode_frame(0x351, frames[0x351])
    assert limits["cvl_V"] == pytest.approx(15 * 3.55, abs=0.1) and limits["dvl_V"] == 42.0
    measured = decode_frame(0x356, frames[0x356])
    assert measured["voltage_V"] == pytest.approx(battery.pack_mv / 1000, abs=0.05)
    assert measured["current_A"] < -15 and 15 < measured["temperature_C"] < 30
    assert decode_frame(0x355, frames[0x355]) == {"soc_pct": 88, "soh_pct": 100, "soc_hires_pct": None}


def test_victron_as_captured() -> None:
    """CL-30: the minimum that Venus wants, whole eight-byte frames, and healthy pairs in every byte."""
    battery = left_pack()
    frames = newest(sent("victron", battery=battery))
    assert {0x351, 0x355, 0x356, 0x35A, 0x35E, 0x35F, *range(0x370, 0x37A), 0x382} <= set(frames)
    assert all(len(data) == 8 for data in frames.values())
    assert frames[0x35A] == bytes.fromhex("AAAAAA02AAAAAA02")
    assert decode_frame(0x355, frames[0x355])["soc_hires_pct"] == pytest.approx(
        battery.mean_soc_pct, abs=0.02
    )
    cells = decode_frame(0x373, frames[0x373])
    assert cells["min_cell_V"] < cells["max_cell_V"] and 285 < cells["min_cell_temp_K"] < 305
    assert frames[0x379][:2] == (280).to_bytes(2, "little")
    assert frames[0x382].startswith(b"PDSIM") and frames[0x370].startswith(b"PDSIM")


@pytest.mark.parametrize("style", STYLES)
def test_cantools_reads_everything(style: str) -> None:
    """CL-30, S4-19: the given DBC, with strict loading, names every frame and agrees with the decoder."""
    database = cantools.database.load_file(DBC)
    assert isinstance(database, Database)
    for frame in sent(style, 2.0):
        signals = database.decode_message(frame.can_id, frame.data, allow_truncated=True)
        assert isinstance(signals, dict) and signals
        if frame.can_id == 0x356:
            voltage = decode_frame(frame.can_id, frame.data)["voltage_V"]
            assert voltage == round(float(str(signals["PackVoltage"])), 2)


def heard(style: str, battery: Battery, seconds: float = 4.0) -> tuple[BatteryCanProtocol, list[Outcome]]:
    """The whole chain: battery, frames, records, protocol."""
    sender, protocol, outcomes = CanBattery(battery, style), BatteryCanProtocol(), list[Outcome]()
    for n in range(round(seconds * 20)):
        now_s = 50 + n / 20
        protocol.requests_due(now_s)
        outcomes += protocol.feed(b"".join(pack(frame) for frame in sender.frames(now_s)))
    return protocol, outcomes


@pytest.mark.parametrize("style", STYLES)
def test_the_whole_chain(style: str) -> None:
    """S1-11, CL-30: what a track shows is what the battery is, in every dialect, and that it is simulated."""
    battery = left_pack()
    protocol, outcomes = heard(style, battery)
    told = [o for o in outcomes if isinstance(o, Pack)]
    said: dict[str, Any] = {}
    for outcome in outcomes:
        assert isinstance(outcome, Pack | Identity)
        if isinstance(outcome, Identity):
            said |= {n: v for n in Identity.__slots__ if (v := getattr(outcome, n)) is not None}
    assert protocol.profile == style and len(told) == (20 if style == "sma" else 40)
    last = told[-1]
    assert last.pack_v == pytest.approx(battery.pack_mv / 1000, abs=0.05)
    assert last.current_a == pytest.approx(battery.current_a, abs=0.2)
    assert last.soc_pct == pytest.approx(battery.mean_soc_pct, abs=0.51)
    assert not last.protections and not last.warnings and not last.doubts
    assert said["hardware"].startswith(SIMULATED_NAME) and said["serial"] == "PDSIM-0001-16S"
    assert last.nominal_ah == (None if style == "pylontech" else 280.0)
    if style in ("victron", "byd"):
        lowest_mv = min(cell.mv for cell in battery.cells)
        assert battery.cells[int(last.lowest_cell) - 1].mv == pytest.approx(lowest_mv, abs=4)
        assert last.lowest_cell_mv == pytest.approx(lowest_mv, abs=4)
        assert last.remaining_ah == pytest.approx(battery.remaining_ah, abs=1)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("protection", "blocks"),
    [(Protection.CELL_OVERVOLTAGE, "charge"), (Protection.SHORT_CIRCUIT, "discharge")],
)
def test_protections_travel(style: str, protection: Protection, blocks: str) -> None:
    """What acts in the battery acts on the screen; its limit goes to zero, its switch opens."""
    battery = Battery(16, 100.0, 50.0, phase=Phase.REST, rest_s=1e9)
    battery.protections.add(protection)
    if blocks == "charge":
        for cell in battery.cells:
            cell.offset_mv = 300.0  # between release and trip: it stays
    _, outcomes = heard(style, battery)
    told = [o for o in outcomes if isinstance(o, Pack)][-1]
    limit = told.charge_current_limit_a if blocks == "charge" else told.discharge_current_limit_a
    assert told.protections and limit == 0.0
    if style == "pylontech":
        assert (told.charge_on, told.discharge_on) == (blocks != "charge", blocks != "discharge")


@pytest.mark.parametrize("cells", [1, 16, 32])
@pytest.mark.parametrize("style", STYLES)
def test_extreme_packs_can_be_told(cells: int, style: str) -> None:
    """No size and no load makes a frame impossible."""
    for phase in Phase:
        battery = Battery(cells, 60_000.0, 3.0, charge_a=5000.0, discharge_a=5000.0, phase=phase)
        for frame in sent(style, 0.5, battery):
            assert len(frame.data) <= 8 and explain_can(frame, profile=style).name


def test_an_empty_pack_asks_for_charge() -> None:
    """Pylontech's flags and the Victron request, as words of the status."""
    for style in ("pylontech", "victron"):
        battery = Battery(16, 100.0, 5.0, phase=Phase.REST, rest_s=1e9)
        _, outcomes = heard(style, battery)
        assert [o for o in outcomes if isinstance(o, Pack)][-1].status == "force_charge"


# a TinyBMS


def node(number: int = 1) -> TinyBmsNode:
    return TinyBmsNode(TinyBmsDevice(Battery(4, 100.0, phase=Phase.REST, rest_s=1e9)), number)


def exchange(asked: TinyBmsNode, text: str, now_s: float = 1.0) -> str:
    can_id, _, data = text.partition("#")
    answers = asked.receive(CanFrame(5, int(can_id, 16), bytes.fromhex(data)), now_s)
    return " ".join(f"{a.can_id:03X}#{a.data.hex().upper()}" for a in answers)


@pytest.mark.parametrize("command", [*range(0x14, 0x1D), 0x1E, 0x11, 0x12, 0x20])
def test_every_reading_command(command: int) -> None:
    """S4-19: each is answered, in frames of three to eight bytes that decode."""
    request = f"201#{command:02X}"
    response = exchange(node(), request)
    assert response and "error" not in decode_exchange(request, response)
    assert all(3 <= len(part) // 2 - 2 <= 8 for part in response.split())


def test_registers_high_byte_first() -> None:
    """The same number by register and by short command, in their two byte orders."""
    by_register = exchange(node(), "201#0300340002")
    assert by_register.split()[1] == "241#010304000401"  # register 53: four cells
    lowest = decode_exchange("201#17", exchange(node(), "201#17"))["min_cell_voltage"]
    assert decode_exchange("201#0300280001", exchange(node(), "201#0300280001"))["min_cell_voltage"] == lowest


def test_refusals_and_silence() -> None:
    """An error answer for what cannot be; nothing for other nodes, formats, and asleep."""
    unit = node()
    assert exchange(unit, "201#03FFFF0001") == "241#000300"
    assert exchange(unit, "201#99") == "241#009900"
    assert exchange(unit, "202#14") == exchange(unit, "351#14") == exchange(unit, "201#") == ""
    unit.device.is_asleep = True
    assert exchange(unit, "201#14") == "" == exchange(unit, "201#14")


def test_node_numbers() -> None:
    """Asked on node zero, changed on the old one, answered from the new one."""
    unit = node(5)
    assert exchange(unit, "200#28") == "245#012805"
    assert exchange(unit, "205#2907") == "247#012907"
    assert exchange(unit, "205#14") == "" and exchange(unit, "207#14").startswith("247#0114")
    assert exchange(unit, "207#2900") == "247#002900"


def test_writing_frame_by_frame() -> None:
    """The document's example: over-voltage and under-voltage in two frames, one answer."""
    unit = node()
    assert exchange(unit, "201#10013B0002106800") == ""
    assert exchange(unit, "201#10013B00020B5401") == "241#0110013B0002"
    assert decode_exchange("201#03013B0002", exchange(unit, "201#03013B0002"))["registers"]["raw"] == [
        4200,
        2900,
    ]
    assert exchange(unit, "201#0201") == "241#0102"


def test_two_nodes_on_one_bus() -> None:
    """Each protocol hears its own unit only."""
    units = {n: TinyBmsNode(TinyBmsDevice(Battery(cells, 100.0)), n) for n, cells in ((1, 4), (2, 8))}
    protocols = {n: TinyBmsCanProtocol(n) for n in units}
    packs: dict[int, Pack] = {}
    for tick in range(200):
        now_s = tick / 100
        for protocol in protocols.values():
            for request in (f for record in protocol.requests_due(now_s) for f in unpack(record)):
                bus = b"".join(pack(a) for unit in units.values() for a in unit.receive(request, now_s))
                for n, listener in protocols.items():
                    for outcome in listener.feed(bus):
                        if isinstance(outcome, Pack):
                            packs[n] = outcome
    assert {n: told.cell_count for n, told in packs.items()} == {1: 4, 2: 8}
