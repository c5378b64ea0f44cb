"""TinyBMS exchanges explained beyond the recordings: damage, odd answers, text."""

import pytest

from tests.protocols.tinybms_unit import Unit, with_length
from tui.model.frame import Trust
from tui.protocols.modbus import read_answer, with_crc
from tui.protocols.tinybms_decode import decode_exchange, decode_request
from tui.protocols.tinybms_explain import explain
from tui.protocols.tinybms_frames import ack, nack, read_block, read_registers, read_some, request, write_some
from tui.protocols.tinybms_plan import LIVE, LOG

VOLTS = bytes.fromhex("AA14000050429423")
ASK_VOLTS = request(0x14)
ASCII = (
    "BPV:49.05\tMINCV:3.766\tMAXCV:3.776\tBPC:-3.03\tSOC:80\tBMST:23.60\tEXT1:24.35\tEXT2:----\tOS:151"
    "\tCB:0000000000000001\tLST:0\tLSS:1\tCST:0\tCSS:0"
)


def answer(command: int, data: str) -> bytes:
    return with_crc(bytes((0xAA, command)) + bytes.fromhex(data))


@pytest.mark.parametrize(
    ("asked", "response", "error"),
    [
        (ASK_VOLTS, b"\x01\x02", "no_frame"),
        (ASK_VOLTS, VOLTS[:-1] + b"\x24", "crc_mismatch"),
        (ASK_VOLTS, ack(0x0D), "unexpected_command"),
        (ASK_VOLTS, nack(0x15, 0), "unexpected_command"),
        (read_registers(0, 3), read_answer(0xAA, (1, 2)), "length_mismatch"),
        (read_block(0, 45), bytes.fromhex("AA0780") + bytes(10), "truncated"),
        (read_some((1,)), with_length(9, b"\1\0"), "length_mismatch"),
        (request(0x11), with_length(0x11, bytes(6)), "length_mismatch"),
        (request(0x1B), with_length(0x1B, bytes(4)), "length_mismatch"),
        (request(0x1C), with_length(0x1C, bytes(3)), "length_mismatch"),
        (request(0x1C), with_length(0x1C, bytes(34)), "length_mismatch"),
        (request(0x1E), with_length(0x1E, bytes(7)), "length_mismatch"),
        (None, b"nothing known", "no_frame"),
    ],
)
def test_errors(asked: bytes | None, response: bytes, error: str) -> None:
    """By name, and nothing made up."""
    assert decode_exchange(asked, response)["error"] == error


def test_without_the_request() -> None:
    """Values that say what they are; registers stay numbers, and their first one is not known."""
    assert decode_exchange(None, VOLTS)["pack_voltage"] == {"value": 52.0, "unit": "V"}
    assert decode_exchange(b"", read_answer(0xAA, (1, 2))) == {
        "command": "0x03",
        "registers": {"first": None, "count": 2, "raw": [1, 2]},
    }
    assert decode_exchange(None, with_length(0x1D, b"\1\0"))["option"] == "unknown"
    assert decode_exchange(None, ack(0x0D)) == {"ack": "0x0D"}
    assert decode_exchange(None, answer(0x10, "013B0002"))["echo"] == {"first": 315, "count": 2}
    assert decode_exchange(None, None) == {"error": "no_frame"}


def test_echo_before_the_answer() -> None:
    """A recording from an adapter that gives back what was sent."""
    assert decode_exchange(ASK_VOLTS, ASK_VOLTS + VOLTS) == decode_exchange(ASK_VOLTS, VOLTS)


def test_short_version_and_journey() -> None:
    """Command 1E lacks the last two; a speed that is none is not told."""
    version = decode_exchange(request(0x1E), with_length(0x1E, bytes.fromhex("020101f200")))
    assert version["firmware_internal_version"]["value"] == 242 and "bootloader_version" not in version
    journey = decode_exchange(request(0x20), answer(0x20, "0000C07F0100000002000000"))
    assert journey["speed"]["value"] is None and journey["time_left"]["value"] == 2


def test_requests() -> None:
    """Values that are written, and requests that make no sense."""
    assert decode_request(write_some({300: 4150}))["request"] == {"command": "0x0D", "values": {"300": 4150}}
    assert decode_request(request(0x21))["error"] == "malformed_request"


def test_text_broadcast() -> None:
    """Names with values; a missing sensor prints dashes. The last whole line counts."""
    decoded = decode_exchange(None, ASCII.encode() + b"\r\nBPV")
    assert decoded["pack_voltage"] == {"value": 49.05, "unit": "V"}
    assert decoded["external_temperature_2"] == {"value": None, "unit": "°C"}
    assert decoded["online_status"] == {"value": 151, "unit": None}
    assert decoded["online_status_name"] == "Idle"
    assert decoded["load_switch_on"]["value"] == 1
    assert decoded["cells_being_balanced_bits"] == "0000000000000001"
    for strange in (b"1 2 3", b"\xff\xfe", b"BPV", b"1 2 3 4 5 6 7 8 9 10 11 12 x", b""):
        assert "pack_voltage" not in decode_exchange(None, strange)


def test_explained_in_words() -> None:
    """Key is the command, the name what it is about, fields with their units."""
    unit = Unit()
    asked = explain(LIVE.request, None)
    assert (asked.key, asked.name, asked.trust) == ("03", "live", Trust.GOOD)
    assert asked.fields == (("first", "0"), ("count", "56"))
    told = explain(unit(LIVE.request), LIVE.request)
    assert (told.key, told.name, told.trust) == ("03", "live", Trust.GOOD)
    assert {("pack_voltage", "13.201 V"), ("external_temperature_2", "-- °C")} <= set(told.fields)
    assert "registers" not in dict(told.fields)
    events = explain(unit(LOG.request), LOG.request)
    assert (events.key, events.name) == ("12", "events") and ("system_started", "10 s") in events.fields


@pytest.mark.parametrize(
    ("first", "name"),
    [(0, "live"), (50, "live"), (100, "statistics"), (200, "events"), (300, "settings"), (500, "version"),
     (504, "serial")],
)  # fmt: skip
def test_areas(first: int, name: str) -> None:
    """What a block is about follows from where it begins."""
    for asked in (read_registers(first, 2), read_block(first, 2), read_some((first,))):
        assert explain(asked, None).name == name
    assert explain(read_answer(0xAA, (1, 2)), read_registers(first, 2)).name == name


def test_explained_when_bad() -> None:
    """Refused, damaged, silent or foreign."""
    refused = explain(nack(0x12, 1), request(0x12))
    assert refused.trust is Trust.BAD and ("nack_meaning", "CRC error") in refused.fields
    assert explain(VOLTS[:-1] + b"\0", ASK_VOLTS).trust is Trust.BAD
    assert explain(b"", ASK_VOLTS).fields == (("error", "timeout"),)
    assert explain(b"hello", None).trust is Trust.UNKNOWN and explain(b"hello", None).key == ""
    assert explain(ASCII.encode(), None).name == "broadcast"
    assert explain(VOLTS, b"\xaa").key == "14"
    obeyed = explain(ack(0x0D), write_some({300: 4150}))
    assert obeyed.trust is Trust.GOOD and ("registers_written", "300=4150") in obeyed.fields
    assert explain(request(0x21), None).trust is Trust.GOOD
    assert explain(request(0x14), None).fields == (("request", "read"),)
