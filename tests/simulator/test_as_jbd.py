"""The simulated JBD board: frames as the protocol document has them, and as our own decoder reads them."""

from dataclasses import replace
from typing import Any

import pytest

from tui.model.presets import PRESETS
from tui.model.sample import Protection
from tui.protocols.jbd_exchange import decode_exchange
from tui.protocols.jbd_frames import read_request
from tui.simulator.as_jbd import Faults, JbdDevice
from tui.simulator.battery import Battery, Phase, left_pack

ASK_BASIC = bytes.fromhex("DDA50300FFFD77")
ASK_CELLS = bytes.fromhex("DDA50400FFFC77")
ASK_NAME = bytes.fromhex("DDA50500FFFB77")
ASK_COUNTERS = bytes.fromhex("DDA5AA00FF5677")
ENTER = bytes.fromhex("DD5A00025678FF3077")
LEAVE = bytes.fromhex("DD5A01020000FFFD77")
SAVE = bytes.fromhex("DD5A01022828FFAD77")
OK_ENTER, OK_LEAVE = bytes.fromhex("DD000000000077"), bytes.fromhex("DD010000000077")
OK_SWITCHES = bytes.fromhex("DDE10000000077")


def at_rest(cells: int = 4, **more: Any) -> Battery:
    return Battery(cells, phase=Phase.REST, rest_s=1e9, **more)


def board(**more: Any) -> JbdDevice:
    return JbdDevice(at_rest(), **more)


def word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def payload(frame: bytes, register: int) -> bytes:
    """The rules of the document, without our own decoder: start, register, status 0, length, sum, end."""
    assert frame[0] == 0xDD and frame[1] == register and frame[2] == 0 and frame[-1] == 0x77
    assert frame[3] == len(frame) - 7
    assert (sum(frame[2:-3]) + word(frame, len(frame) - 3)) & 0xFFFF == 0
    return frame[4:-3]


def test_basic_information_byte_by_byte() -> None:
    """S0-4: every field at its offset, in its unit."""
    device = board()
    answer = device.receive(ASK_BASIC, 0.0)
    data, battery = payload(answer, 0x03), device.battery
    assert len(data) == 23 + 2 * 2 + 9
    assert word(data, 0) == round(battery.pack_mv / 10) and 1300 < word(data, 0) < 1350
    assert word(data, 2) == 0
    assert word(data, 4) == round(battery.remaining_ah * 100) and word(data, 6) == 10000
    assert word(data, 8) == 12
    assert word(data, 10) == 0x2C7C  # 2022-03-28
    assert data[12:18] == bytes(6)  # nothing balanced, no protection
    assert data[18] == 0x21 and data[19] == round(battery.mean_soc_pct)
    assert data[20:23] == bytes((0b11, 4, 2))
    assert [word(data, 23), word(data, 25)] == [round(c * 10) + 2731 for c in battery.temperatures_c]
    assert data[27:30] == bytes(3) and word(data, 30) == 10000 and word(data, 32) == word(data, 4)
    decoded = decode_exchange(ASK_BASIC, answer)
    assert decoded["cell_count"] == 4 and decoded["trailer"]["full_charge_ah"] == 100.0
    assert decoded["charge_fet"] and decoded["discharge_fet"] and not decoded["unit_100ma"]


def test_cells_name_and_counters() -> None:
    """Registers 04, 05 and AA; the name begins with what tells people that nothing of it is real."""
    device = board()
    device.battery.counters = {"short_circuit": 1, "cell_overvoltage": 122, "pack_undervoltage": 3}
    mv = payload(device.receive(ASK_CELLS, 0.0), 0x04)
    assert [word(mv, at) for at in range(0, 8, 2)] == [round(c.mv) for c in device.battery.cells]
    assert payload(device.receive(ASK_NAME, 0.0), 0x05) == b"PACKDECK-SIM 4S"
    assert (
        payload(device.receive(ASK_COUNTERS, 0.0), 0xAA).hex()
        == "00010000" + "0000007a" + "0000" * 6 + "00030000"
    )


def test_texts_have_a_length_byte() -> None:
    """Registers A0 to A2, unlike 05."""
    device = board()
    assert payload(device.receive(read_request(0xA0), 0.0), 0xA0) == b"\x08packdeck"
    assert payload(device.receive(read_request(0xA1), 0.0), 0xA1) == b"\x0fPACKDECK-SIM 4S"
    assert payload(device.receive(read_request(0xA2), 0.0), 0xA2) == b"\x08SIM-0001"
    assert payload(device.receive(read_request(0x00), 0.0), 0x00) == b"\0\0"


@pytest.mark.parametrize(("phase", "sign"), [(Phase.CHARGE, 1), (Phase.DISCHARGE, -1)])
def test_sign_of_current(phase: Phase, sign: int) -> None:
    """X-10: two's complement, plus charges."""
    device = JbdDevice(Battery(phase=phase, charge_a=6.04, discharge_a=6.04))
    answer = device.receive(ASK_BASIC, 0.0)
    assert payload(answer, 0x03)[2] >> 7 == (sign < 0)
    assert decode_exchange(None, answer)["current_a"] * sign == pytest.approx(6.04, rel=0.2)


@pytest.mark.parametrize(
    ("name", "cells", "current_a", "nominal_v"),
    [("SP04S020", 4, 120.0, 12.0), ("SP10S009", 8, 100.0, 24.0), ("SP25S003", 16, 100.0, 48.0)],
)
def test_supported_models(name: str, cells: int, current_a: float, nominal_v: float) -> None:
    """S0-4, S0-5, S0-6: the presets, and a board of each at its rated current in both directions."""
    preset = PRESETS[name]
    assert (preset.cells, preset.current_a, preset.nominal_v) == (cells, current_a, nominal_v)
    for phase in (Phase.CHARGE, Phase.DISCHARGE):
        battery = Battery(preset.cells, charge_a=preset.current_a, discharge_a=preset.current_a, phase=phase)
        device = JbdDevice(battery)
        basic = decode_exchange(ASK_BASIC, device.receive(ASK_BASIC, 0.0))
        cell_values = decode_exchange(ASK_CELLS, device.receive(ASK_CELLS, 0.0))
        assert basic["cell_count"] == cell_values["cell_count"] == preset.cells
        assert abs(basic["current_a"]) == pytest.approx(preset.current_a, rel=0.2)
        assert 1.0 < basic["voltage_v"] / preset.nominal_v < 1.2
        assert basic["voltage_v"] == pytest.approx(sum(cell_values["cells_v"]), abs=0.02)


def test_large_packs_use_the_unit_flag() -> None:
    """Beyond what 16 bits hold in hundredths: tenths, and the flag that says so."""
    device = JbdDevice(Battery(16, 6000.0, 50.0, discharge_a=350.0))
    answer = device.receive(ASK_BASIC, 0.0)
    assert payload(answer, 0x03)[20] == 0x83 and word(payload(answer, 0x03), 6) == 60000
    decoded = decode_exchange(ASK_BASIC, answer)
    assert decoded["nominal_ah"] == 6000.0 and decoded["current_a"] == pytest.approx(-350, rel=0.4)


@pytest.mark.parametrize("cells", [1, 16, 17, 32])
@pytest.mark.parametrize("phase", list(Phase))
def test_extreme_packs_can_be_told(cells: int, phase: Phase) -> None:
    """No size and no load makes a frame impossible."""
    device = JbdDevice(Battery(cells, 1.0, 50.0, charge_a=300.0, discharge_a=300.0, phase=phase))
    for second in range(0, 100, 10):
        assert decode_exchange(None, device.receive(ASK_BASIC, second))["cell_count"] == cells
        assert decode_exchange(None, device.receive(ASK_CELLS, second))["cell_count"] == cells


def test_balanced_cells_above_sixteen() -> None:
    """The second word of balancing bits is for cells 17 and up."""
    device = JbdDevice(at_rest(32))
    for n in (0, 15, 16, 31):
        device.battery.cells[n].is_bled = True
    data = payload(device.receive(ASK_BASIC, 0.0), 0x03)
    assert data[12:16].hex() == "8001" + "8001"
    assert word(data, len(data) - 2) == 120


def test_refusals() -> None:
    """80 for what does not exist; 81 for parameters outside factory mode, reading and writing."""
    device = board()
    assert device.receive(read_request(0x77), 0.0) == bytes.fromhex("DD778000FF8077")
    assert device.receive(read_request(0x24), 0.0) == bytes.fromhex("DD248100FF7F77")
    write = bytes.fromhex("DD5A24020E42FF8A77")
    assert device.receive(write, 0.0) == bytes.fromhex("DD248100FF7F77")
    assert device.receive(ENTER, 0.0) == OK_ENTER
    assert device.receive(read_request(0x24), 0.0) == bytes.fromhex("DD2400020E42FFAE77")
    assert device.receive(LEAVE, 0.0) == OK_LEAVE
    assert device.receive(write, 0.0) == bytes.fromhex("DD248100FF7F77")
    assert device.receive(bytes.fromhex("DD5A00021234FFB877"), 0.0) == bytes.fromhex("DD008100FF7F77")
    assert not device.in_factory_mode
    assert device.receive(bytes.fromhex("DD5AE10100FF1E77"), 0.0) == bytes.fromhex("DDE18000FF8077")


def test_saving_clears_the_counters() -> None:
    """Leaving factory mode with `28 28` does, with `00 00` does not."""
    device = board()
    device.battery.counters = {"short_circuit": 1}
    device.receive(ENTER + LEAVE, 0.0)
    assert device.battery.counters == {"short_circuit": 1}
    assert device.receive(ENTER + SAVE, 0.0) == OK_ENTER + OK_LEAVE
    assert device.battery.counters == {}


@pytest.mark.parametrize(
    ("command", "switches", "has_lock"),
    [
        ("DD5AE1020000FF1D77", 0b11, False),
        ("DD5AE1020001FF1C77", 0b10, True),
        ("DD5AE1020002FF1B77", 0b01, True),
        ("DD5AE1020003FF1A77", 0b00, True),
    ],
)
def test_switching_by_command(command: str, switches: int, has_lock: bool) -> None:
    """The captured commands: bit 0 charge off, bit 1 discharge off, protection bit 12 tells of it."""
    device = board()
    assert device.receive(bytes.fromhex(command), 0.0) == OK_SWITCHES
    data = payload(device.receive(ASK_BASIC, 0.0), 0x03)
    assert data[20] == switches and word(data, 16) == (0x1000 if has_lock else 0)


@pytest.mark.parametrize(
    "noise", ["DDA50300FFFC77", "DDA50300FFFD78", "DD5B0300FFFD77", "0011223344", "DDA503"]
)
def test_silence_on_damage(noise: str) -> None:
    """A wrong checksum, end or kind gets no answer; the next request does, once half ones are old."""
    device = board()
    assert device.receive(bytes.fromhex(noise), 0.0) == b""
    assert payload(device.receive(ASK_BASIC, 1.0), 0x03)


def test_requests_in_any_cut() -> None:
    """Byte by byte, and two at once."""
    device = board()
    answers = [device.receive(bytes((byte,)), 0.001 * n) for n, byte in enumerate(ASK_CELLS)]
    assert answers[:-1] == [b""] * 6 and payload(answers[-1], 0x04)
    name, switch = device.receive(ASK_NAME, 0.1), bytes.fromhex("DD5AE1020000FF1D77")
    assert device.receive(ASK_NAME + switch, 0.1) == name + OK_SWITCHES


def test_asleep_from_the_beginning() -> None:
    """The first request only wakes it."""
    device = board(is_asleep=True)
    assert device.receive(ASK_BASIC, 0.0) == b""
    assert payload(device.receive(ASK_BASIC, 1.0), 0x03)


def test_falls_asleep_again() -> None:
    """After its time without a request it sleeps, and loses one more. Requests keep it awake."""
    device = board(sleep_after_s=60.0)
    for second in (0.0, 50.0, 100.0):
        assert device.receive(ASK_BASIC, second)
    device.pass_time(159.0)
    assert not device.is_asleep
    device.pass_time(160.0)
    assert device.is_asleep
    assert device.receive(ASK_BASIC, 161.0) == b"" and device.receive(ASK_BASIC, 162.0)


def test_the_battery_lives_between_requests() -> None:
    """Time that passes on the line passes in the battery."""
    device = JbdDevice(left_pack(speed=10.0))
    before = decode_exchange(None, device.receive(ASK_BASIC, 100.0))
    device.pass_time(160.0)
    after = decode_exchange(None, device.receive(ASK_BASIC, 220.0))
    assert device.battery.elapsed_s == pytest.approx(120.0)
    assert after["remaining_ah"] - before["remaining_ah"] == pytest.approx(12.4 * 1200 / 3600, rel=0.02)


def test_faults() -> None:
    """What can be wrong with a board or a line, each by itself."""
    assert board(faults=Faults(mute=True)).receive(ASK_BASIC, 0.0) == b""
    garbled = board(faults=Faults(garble=True)).receive(ASK_BASIC, 0.0)
    assert garbled and decode_exchange(ASK_BASIC, garbled)["frames"] == []
    echoed = board(faults=Faults(echo=True)).receive(ASK_BASIC, 0.0)
    assert echoed[:7] == ASK_BASIC and payload(echoed[7:], 0x03)
    clone = board(faults=Faults(has_hardware_name=False, has_trailer=False))
    assert clone.receive(ASK_NAME, 0.0) == bytes.fromhex("DD058000FF8077")
    assert len(payload(clone.receive(ASK_BASIC, 0.0), 0x03)) == 27


def test_listening_to_requests() -> None:
    """Every whole request is told as it came, even one that is slept through."""
    heard: list[bytes] = []
    device = board(is_asleep=True, on_request=heard.append)
    device.receive(b"\0" + ASK_BASIC, 0.0)
    device.receive(ASK_CELLS, 0.0)
    assert heard == [ASK_BASIC, ASK_CELLS]


def setting(register: int, value: int) -> bytes:
    body = bytes((register, 2)) + value.to_bytes(2, "big")
    return b"\xdd\x5a" + body + (-sum(body) & 0xFFFF).to_bytes(2, "big") + b"\x77"


@pytest.mark.parametrize(
    ("register", "value", "protection"),
    [
        (0x24, 3200, Protection.CELL_OVERVOLTAGE),
        (0x26, 3450, Protection.CELL_UNDERVOLTAGE),
        (0x18, 2731 + 200, Protection.CHARGE_OVERTEMPERATURE),
        (0x1E, 2731 + 300, Protection.DISCHARGE_UNDERTEMPERATURE),
    ],
)
def test_a_written_limit_is_the_one_that_trips(register: int, value: int, protection: Protection) -> None:
    """S1-54: what was written works at once; what was not kept is forgotten in a restart."""
    device = board()
    device.receive(ASK_BASIC, 0.0)
    device.receive(ASK_BASIC, 5.0)
    assert not device.battery.protections
    device.receive(ENTER, 5.0)
    device.receive(setting(register, value), 5.0)
    device.receive(ASK_BASIC, 10.0)
    assert device.battery.protections == {protection}
    before = replace(device.battery.limits)
    device.restart(10.0)
    assert device.battery.limits != before


def test_a_written_current_limit_is_told_in_amperes() -> None:
    """A discharge current is written as a negative number."""
    device = board()
    device.receive(ENTER, 0.0)
    device.receive(setting(0x28, 4000), 0.0)
    device.receive(setting(0x29, 0x10000 - 6000), 0.0)
    assert (device.battery.limits.charge_a, device.battery.limits.discharge_a) == (40.0, 60.0)
