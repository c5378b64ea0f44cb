"""The simulated TinyBMS: frames as the document has them, and as our own decoder reads them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.sample import Protection
from tui.protocols.tinybms_decode import decode_exchange
from tui.protocols.tinybms_frames import (
    ack,
    nack,
    read_block,
    read_registers,
    read_settings,
    read_some,
    request,
    write_registers,
    write_some,
)
from tui.simulator.as_tinybms import Faults, TinyBmsDevice
from tui.simulator.battery import Battery, Phase
from tui.simulator.tinybms_memory import CLOCK_START_S

ASK_LIVE = read_registers(0, 56)
EVENTS, NEW_EVENTS = request(0x12), request(0x11)


def at_rest(cells: int = 4, **more: Any) -> Battery:
    return Battery(cells, phase=Phase.REST, rest_s=1e9, **more)


def unit(cells: int = 4, **more: Any) -> TinyBmsDevice:
    return TinyBmsDevice(at_rest(cells), **more)


def told(device: TinyBmsDevice, asked: bytes, now_s: float = 0.0) -> dict[str, Any]:
    decoded = decode_exchange(asked, device.receive(asked, now_s))
    assert "error" not in decoded, decoded
    return decoded


def value(device: TinyBmsDevice, asked: bytes, key: str) -> Any:
    return told(device, asked)[key]["value"]


def test_live_block_word_by_word() -> None:
    """S1-6: without our own decoder: length, positions of the cells, low word first."""
    device = unit()
    answer, battery = device.receive(ASK_LIVE, 0.0), device.battery
    assert len(answer) == 117 and answer[:3] == b"\xaa\x03\x70"
    words = [int.from_bytes(answer[at : at + 2], "big") for at in range(3, 115, 2)]
    assert words[:12] == [0] * 12 and words[12:16] == [round(c.mv * 10) for c in battery.cells]
    assert words[16:32] == [0] * 16
    assert words[32] | words[33] << 16 == CLOCK_START_S
    assert words[46] | words[47] << 16 == round(battery.mean_soc_pct * 1e6)
    assert words[40] == round(min(c.mv for c in battery.cells)) and words[43] == 0x8000
    assert words[50] == 0x97 and words[53] == 4


@pytest.mark.parametrize("cells", [1, 4, 8, 14, 16])
def test_single_values_agree_with_the_block(cells: int) -> None:
    """Commands 14 to 1C say what the registers say."""
    device = unit(cells)
    block = told(device, ASK_LIVE)
    keys = {
        0x14: "pack_voltage", 0x15: "pack_current", 0x16: "max_cell_voltage", 0x17: "min_cell_voltage",
        0x18: "online_status", 0x19: "lifetime_counter", 0x1A: "state_of_charge",
        0x1B: "internal_temperature",
    }  # fmt: skip
    for command, key in keys.items():
        assert value(device, request(command), key) == block[key]["value"]
    assert value(device, request(0x1C), "cells") == block["cells_by_register"]["value"][16 - cells :]
    assert value(device, request(0x20), "time_left") == block["estimated_time_left"]["value"]
    assert value(device, request(0x1E), "hardware_version") == 2
    assert value(device, request(0x1F), "register_map_version") == 4
    with pytest.raises(ValueError, match="16"):
        unit(17)


def test_any_way_of_reading_gives_the_same() -> None:
    """Commands 03, 07 and 09; 125 registers at once, reserved ones 0."""
    device = unit()
    block = told(device, read_registers(0, 125))["registers"]["raw"]
    assert len(block) == 125 and block[16:32] == [0] * 16 and block[56:100] == [0] * 44
    assert told(device, read_block(0, 31))["registers"]["raw"] == block[:31]
    assert told(device, read_block(0, 45))["registers"]["raw"] == block[:45]
    some = told(device, read_some((53, 12, 110)))["registers_by_address"]
    assert some == {"53": 4, "12": block[12], "110": 0}


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (b"\xaa\x14\x7e\xaf", nack(0x14, 1)),
        (bytes.fromhex("AA090228006045"), nack(0x09, 1)),
        (ASK_LIVE[:-1] + b"\0", nack(0x03, 1)),
        (request(0x21), nack(0x21, 0)),
        (request(0x02, b"\x09"), nack(0x02, 0)),
        (read_registers(590, 20), nack(0x03, 0)),
        (read_registers(0, 0), nack(0x03, 0)),
        (read_registers(0, 128), nack(0x03, 0)),
        (read_some((600,)), nack(0x09, 0)),
        (read_settings(5, 4), nack(0x1D, 0)),
        (read_settings(1, 101), nack(0x1D, 0)),
        (bytes.fromhex("AA1032010001024001CF75"), nack(0x10, 0)),
        (write_some({36: 1}), nack(0x0D, 0)),
        (write_some({300: 4501}), nack(0x0D, 0)),
        (write_some({300: 4000, 301: 999}), nack(0x0D, 0)),
        (write_some({337: 1}), nack(0x0D, 0)),
        (write_registers(399, (0, 0)), nack(0x10, 0)),
    ],
)
def test_refusals(asked: bytes, refusal: bytes) -> None:
    """Wrong checksum, unknown command, address or value: six bytes, and nothing is changed."""
    device = unit()
    before = dict(device.memory.settings)
    assert device.receive(asked, 0.0) == refusal
    assert device.memory.settings == before


def test_requests_in_pieces_and_behind_noise() -> None:
    """Any cut; half a request is forgotten after a pause."""
    device = unit()
    assert device.receive(ASK_LIVE[:3], 0.0) == b"" and device.receive(ASK_LIVE[3:], 0.1)[:2] == b"\xaa\x03"
    assert device.receive(b"\x00\xff" + request(0x14), 0.2)[:2] == b"\xaa\x14"
    assert device.receive(ASK_LIVE[:3], 1.0) == b""
    assert device.receive(request(0x14), 2.0)[:2] == b"\xaa\x14"


@given(st.binary(max_size=300))
def test_random_bytes_never_raise(noise: bytes) -> None:
    """Whatever is sent to it, it goes on answering."""
    device = unit()
    device.receive(noise, 0.0)
    device.receive(noise, 5.0)
    assert device.receive(request(0x14), 10.0)[:2] == b"\xaa\x14"


def test_settings_are_kept() -> None:
    """Written by 0D, 10 and 0B; read back by every way."""
    device = unit()
    assert device.receive(write_some({300: 4150, 315: 4200}), 0.0) == ack(0x0D)
    assert device.receive(write_registers(316, (2900, 60)), 0.0)[:6] == bytes.fromhex("AA10013C0002")
    assert device.receive(request(0x0B, bytes.fromhex("0432012823")), 0.0) == ack(0x0B)
    assert device.receive(write_some({320: 0xFFF6, 399: 7}), 0.0) == ack(0x0D)
    settings = told(device, read_registers(300, 44))
    assert settings["fully_charged_voltage"]["value"] == 4.15
    assert settings["over_voltage_cutoff"]["value"] == 4.2
    assert settings["discharge_over_current_cutoff"]["value"] == 60
    assert settings["battery_capacity"]["value"] == 90.0
    assert settings["low_temperature_charger_cutoff"]["value"] == -10
    current = told(device, read_settings(4, 44))
    assert current["option"] == "current" and current["registers"] == settings["registers"]


def test_limits_and_defaults() -> None:
    """Command 1D; old firmware gives 0 and 0 for what it does not have."""
    device = unit()
    low, high = told(device, read_settings(1, 44)), told(device, read_settings(2, 44))
    assert low["fully_charged_voltage"]["value"] == 1.2 and high["fully_charged_voltage"]["value"] == 4.5
    assert high["pulses_per_unit"]["value"] == 100_000 and high["precharge_pin"]["value"] == 16
    assert high["registers"]["raw"][30] == 0x1E02 and low["registers"]["raw"][20] == 0xFFD8
    assert told(device, read_settings(3, 9))["registers"]["raw"][0] == 3650
    old = unit(faults=Faults(old_firmware=True))
    assert value(old, read_settings(2, 44), "max_cycles") == 0
    assert value(old, ASK_LIVE, "state_of_health") is None
    assert value(device, ASK_LIVE, "state_of_health") == 98.0


def test_setting_the_state_of_charge() -> None:
    """Register 328 is the battery's charge at once, and reads as not told."""
    device = unit()
    assert device.receive(write_some({328: 40_000}), 0.0) == ack(0x0D)
    assert value(device, ASK_LIVE, "state_of_charge") == pytest.approx(80.0)
    assert value(device, read_registers(328, 1), "state_of_charge_setting") is None


def test_events_newest_and_all() -> None:
    """11 gives each entry once, 12 always all; clearing empties the list and leaves the fault."""
    device = unit()
    assert [e["event_id"] for e in told(device, NEW_EVENTS)["events"]] == [0x61, 0x66]
    assert told(device, NEW_EVENTS)["events"] == []
    device.battery.protections.add(Protection.CHARGE_OVERCURRENT)
    assert [e["event_id"] for e in told(device, NEW_EVENTS)["events"]] == [0x06]
    assert len(told(device, EVENTS)["events"]) == 3
    assert told(device, read_registers(200, 98))["registers"]["raw"][5] >> 8 == 0x06
    assert value(device, request(0x18), "online_status") == 0x9B
    assert value(device, read_registers(100, 18), "charge_over_current_protections") == 1
    assert device.receive(request(0x02, b"\1"), 0.0) == ack(0x02)
    assert told(device, EVENTS)["events"] == []
    assert value(device, request(0x18), "online_status") == 0x9B
    assert device.receive(request(0x02, b"\2"), 0.0) == ack(0x02)
    assert value(device, read_registers(100, 18), "charge_over_current_protections") == 0


def test_49_events_fit() -> None:
    """The list is a ring: the oldest are overwritten; 205 bytes in one answer."""
    device = unit()
    for _ in range(60):
        device.memory.log(0x64)
    answer = device.receive(EVENTS, 0.0)
    assert len(answer) == 4 * 49 + 9
    assert {e["event_id"] for e in decode_exchange(EVENTS, answer)["events"]} == {0x64}


def test_charging_leaves_traces() -> None:
    """Charger connected, charging, done, disconnected; counted and recorded."""
    battery = Battery(4, 10.0, 90.0, charge_a=5.0, phase=Phase.CHARGE, speed=60, rest_s=1e9)
    device = TinyBmsDevice(battery)
    for now_s in range(200):
        device.pass_time(float(now_s))
    codes = [e["event_id"] for e in told(device, EVENTS, 200.0)["events"]]
    assert codes == [0x61, 0x66, 0x64, 0x62, 0x63, 0x65]
    assert value(device, request(0x18), "online_status") == 0x92  # the clock never goes back
    statistics = told(device, read_registers(100, 18), 200.0)
    assert statistics["chargings_started"]["value"] == 1 and statistics["full_charges"]["value"] == 1
    assert statistics["max_charge_current"]["value"] == pytest.approx(5.0, abs=0.1)
    assert statistics["max_discharge_current"]["value"] == 0
    clock_s = value(device, request(0x19), "lifetime_counter")
    assert clock_s == CLOCK_START_S + 200


def test_sleep_and_wake() -> None:
    """S1-6: after the idle time the first request is lost and the second answered."""
    heard: list[bytes] = []
    device = unit(sleep_after_s=10, on_request=heard.append)
    assert device.receive(ASK_LIVE, 0.0) and device.receive(ASK_LIVE, 9.0)
    assert device.receive(ASK_LIVE, 19.0) == b"" and device.receive(ASK_LIVE, 19.2)
    assert heard == [ASK_LIVE] * 4
    device.pass_time(40.0)
    assert device.is_asleep


def test_restart() -> None:
    """Obeyed, then silent for two seconds; the log tells."""
    device = unit()
    assert device.receive(request(0x02, b"\5"), 0.0) == ack(0x02)
    assert device.receive(ASK_LIVE, 1.0) == b"" and device.receive(ASK_LIVE, 2.1)
    assert [e["event_id"] for e in told(device, EVENTS, 3.0)["events"]][-1] == 0x61


def test_faults_of_the_line() -> None:
    """Mute, garbled, echoed."""
    assert unit(faults=Faults(mute=True)).receive(ASK_LIVE, 0.0) == b""
    assert unit(faults=Faults(garble=True)).receive(ASK_LIVE, 0.0)[:1] == b"\xf0"
    assert unit(faults=Faults(echo=True)).receive(ASK_LIVE, 0.0)[:11] == ASK_LIVE + b"\xaa\x03\x70"


def test_text_broadcast() -> None:
    """Switched on by registers 342 and 343: a line before the next answer, once in its interval."""
    device = unit()
    device.receive(write_some({342: 4, 343: 1}), 0.0)
    answer = device.receive(ASK_LIVE, 2.0)
    assert answer.startswith(b"BPV:13.") and b"EXT2:----" in answer and answer[-117:-114] == b"\xaa\x03\x70"
    assert decode_exchange(None, answer[:-117])["online_status_name"] == "Idle"
    assert device.receive(ASK_LIVE, 2.5)[:1] == b"\xaa"
    assert device.receive(ASK_LIVE, 3.0)[:4] == b"BPV:"
