"""What `packdeck decode jbd` explains beyond the recordings: damage, odd answers, echoes."""

import pytest

from tests.protocols.talk import basic
from tui.protocols.jbd_exchange import decode_exchange, decode_stream, is_whole
from tui.protocols.jbd_frames import answer_frame, read_request

ASK_BASIC, ASK_CELLS = read_request(0x03), read_request(0x04)
CELLS = answer_frame(0x04, 0, bytes.fromhex("0ce40ce5"))
CELL_VALUES = {"register": 4, "status": 0, "cell_count": 2, "cells_v": [3.3, 3.301]}


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (b"", "truncated"),
        (CELLS[:-1], "truncated"),
        (CELLS[:-1] + b"\x78", "bad_end"),
        (b"\xdd\x04\x00" + CELLS[4:], "truncated"),
        (CELLS[:-2] + b"\x00\x77", "bad_checksum"),
        (b"\x00\x01\x02", "no_start"),
        (bytes.fromhex("ffaa15010017"), "bad_checksum"),
    ],
)
def test_no_frame_at_all(response: bytes, reason: str) -> None:
    """No values are made up; the reason is given."""
    result = decode_exchange(ASK_CELLS, response)
    assert result["frames"] == [] and result["reason"] == reason
    assert "matches_request" not in result


def test_stream_always_lists_frames() -> None:
    """One clean frame is a list of one, too; `decode_exchange` gives its values alone."""
    assert decode_stream(ASK_CELLS, CELLS) == {"frames": [{"hex": CELLS.hex(), "decoded": CELL_VALUES}]}
    assert decode_exchange(ASK_CELLS, CELLS) == CELL_VALUES
    assert decode_exchange(None, CELLS) == CELL_VALUES


def test_whole() -> None:
    """Frames and nothing else; a callback id behind the first is no damage."""
    assert is_whole(CELLS) and is_whole(CELLS + CELLS) and is_whole(CELLS + bytes(4))
    assert not any(map(is_whole, [b"", CELLS[:-1], bytes(1) + CELLS, CELLS + CELLS[:3], CELLS + bytes(5)]))


def test_bytes_between_frames() -> None:
    """Noise between frames is told, whole frames around it are shown."""
    result = decode_exchange(None, CELLS + bytes(5) + CELLS)
    assert len(result["frames"]) == 2 and result["reason"] == "bytes_skipped"


def test_answer_to_another_question() -> None:
    """Said only when no frame answers; requests that are none say nothing."""
    assert decode_exchange(ASK_BASIC, CELLS) == {**CELL_VALUES, "matches_request": False}
    ack = answer_frame(0xE1, 0, b"")
    assert "matches_request" not in decode_exchange(ASK_CELLS, ack + CELLS)
    assert decode_exchange(ASK_BASIC, ack + CELLS)["matches_request"] is False
    assert decode_exchange(bytes.fromhex("ffaa1700"), CELLS)["matches_request"] is False
    assert decode_exchange(b"", CELLS) == CELL_VALUES


def test_echo_before_the_answer() -> None:
    """A recording from an adapter that gives back what was sent."""
    assert decode_exchange(ASK_CELLS, ASK_CELLS + CELLS) == CELL_VALUES


def test_impossible_content() -> None:
    """A good checksum around what cannot be: an error with the reason, no values."""
    assert decode_exchange(None, answer_frame(0x04, 0, b"\x0c\xe4\x0c")) == {
        "register": 4,
        "status": 0,
        "error": "implausible",
        "reason": "cell voltages of 3 bytes",
    }


def test_odd_answers() -> None:
    """Unknown status, register or length: what is there is shown raw."""
    assert decode_exchange(None, answer_frame(0x24, 0x99, b""))["error"] == "unknown_status"
    assert decode_exchange(None, answer_frame(0x77, 0, b"\1\2\3"))["raw_hex"] == "010203"
    assert decode_exchange(None, answer_frame(0x77, 0, b"\1\2"))["raw"] == 0x0102
    assert decode_exchange(None, answer_frame(0xFA, 0, b"\1\2"))["raw_hex"] == "0102"


def test_a_remainder_that_is_no_trailer() -> None:
    """Clones append something of their own: shown raw, not interpreted."""
    clone = basic(trailer=bytes.fromhex("0b8b0b8a63000000"))
    decoded = decode_exchange(None, answer_frame(0x03, 0, clone))
    assert decoded["trailer_unparsed_hex"] == "0b8b0b8a63000000" and "trailer" not in decoded
    assert decoded["temperatures_c"] == [22.0, 23.0]


def test_pages() -> None:
    """Words of a page by the names of their registers; words without a name are only counted."""
    page = decode_exchange(None, answer_frame(0xFA, 0, bytes.fromhex("00170305780007ffff")))
    assert page["param_index"] == 23 and page["params_raw"] == [1400, 7, 65535]
    assert page["params"] == {
        "cell_undervoltage_release_mv": 1400,
        "charge_overcurrent_ma": 70,
        "discharge_overcurrent_ma": -10,
    }
    nameless = decode_exchange(None, answer_frame(0xFA, 0, bytes((0, 112, 1)) + b"\0\1"))
    assert nameless["params"] == {} and nameless["params_raw"] == [1]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("ffaa07000 7", {"command": 7}),
        ("ffaa17016 179", {"command": 0x17, "random": 0x61}),
        ("ffaa15010117", {"command": 0x15, "result": 1, "meaning": "app key refused"}),
        ("ffaa1501091f", {"command": 0x15, "result": 9, "meaning": "unknown"}),
        ("ffaa1801011a", {"command": 0x18, "result": 1, "accepted": False}),
        ("ffaa1d01001e", {"command": 0x1D, "result": 0, "accepted": True}),
        ("ffaa16010017", {"command": 0x16, "result": 0}),
    ],
)
def test_module_frames(frame: str, expected: dict[str, object]) -> None:
    """Answers of the radio module to names, keys and passwords."""
    response = bytes.fromhex(frame.replace(" ", ""))
    assert decode_exchange(None, response) == {"module_frame": True, **expected}


@pytest.mark.parametrize(
    ("register", "data", "expected"),
    [
        (0x10, "2710", {"design_capacity_mah": 100000}),
        (0x14, "0002", {"self_discharge_pct": 0.2}),
        (0x15, "2c7c", {"production_date": "2022-03-28"}),
        (0x15, "0000", {"production_date": None}),
        (0x16, "0007", {"serial_number": 7}),
        (0x1E, "0a47", {"discharge_undertemp_c": -10.0}),
        (0x20, "05b4", {"pack_overvoltage_mv": 14600}),
        (0x28, "32c8", {"charge_overcurrent_ma": 130000}),
        (0x29, "cd38", {"discharge_overcurrent_ma": -130000}),
        (0x2C, "000a", {"shunt_mohm": 1.0}),
        (0x2C, "8019", {"shunt_mohm": 0.25}),
        (0x2D, "000f", {"set": ["switch", "scrl", "balance_en", "chg_balance_en"]}),
        (0x2E, "0019", {"ntc_enabled": [1, 4, 5]}),
        (
            0x38,
            "8d5c",
            {
                "double_range": True,
                "sc_threshold_mv": 78,
                "sc_delay_us": 100,
                "dsgoc2_threshold_mv": 42,
                "dsgoc2_delay_ms": 320,
            },
        ),
        (
            0x39,
            "f064",
            {
                "cell_undervoltage_2nd_delay_s": 16,
                "cell_overvoltage_2nd_delay_s": 8,
                "sc_release_s": 100,
            },
        ),
        (0x3E, "0a20", {"charge_overcurrent_delay_s": 10, "charge_overcurrent_release_s": 32}),
    ],
)
def test_parameters(register: int, data: str, expected: dict[str, object]) -> None:
    """S0-4, S0-5, S0-6: parameters with the factory values of these boards, worked out by hand."""
    payload = bytes.fromhex(data)
    assert decode_exchange(read_request(register), answer_frame(register, 0, payload)) == {
        "register": register,
        "status": 0,
        "raw": int(data, 16),
        **expected,
    }


@pytest.mark.parametrize(
    ("register", "data", "expected"),
    [
        (0xA0, b"\x05DGJBD", {"manufacturer": "DGJBD"}),
        (0xA1, b"\x03L4Sleftover", {"device_model": "L4S"}),
        (0xA2, b"\x00\x00", {"barcode": ""}),
        (0x05, b"name \0\0x", {"hardware_name": "name"}),
    ],
)
def test_texts(register: int, data: bytes, expected: dict[str, str]) -> None:
    """Without padding, and without what an older and longer text left behind."""
    assert decode_exchange(None, answer_frame(register, 0, data)) == {
        "register": register,
        "status": 0,
        **expected,
    }
