"""Modbus RTU: the checksum and the two functions that TinyBMS and others use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.protocols.modbus import (
    Registers,
    crc16,
    has_good_crc,
    parse_read_answer,
    parse_read_request,
    parse_write_request,
    read_answer,
    read_request,
    with_crc,
    write_answer,
    write_request,
)

WORDS = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=100)


@pytest.mark.parametrize(
    ("body", "wire"),
    [("aa14", "7f1f"), ("aa1b", "3f1b"), ("aa010d", "91b5"), ("aa001000", "2c3c"), ("aa0205", "9083")],
)
def test_check_values(body: str, wire: str) -> None:
    """S1-6: sent low byte first, over the start byte too."""
    assert with_crc(bytes.fromhex(body)).hex() == body + wire


def test_catalogue_value() -> None:
    """The check value of CRC-16/MODBUS."""
    assert crc16(b"123456789") == 0x4B37
    assert crc16(b"") == 0xFFFF and not has_good_crc(b"") and not has_good_crc(b"\xff\xff")


def test_vendor_examples() -> None:
    """S1-6: the frames printed by the vendor, both functions."""
    assert read_request(0xAA, 5, 5).hex() == "aa03000500058c13"
    answer = read_answer(0xAA, (38720, 38720, 38700, 38700, 38700))
    assert answer.hex() == "aa030a97409740972c972c972c3ec7"
    assert write_request(0xAA, 315, (4200, 2500)).hex() == "aa10013b000204106809c41961"
    assert write_answer(0xAA, 315, 2).hex() == "aa10013b00022822"


@given(st.integers(0, 0xFFFF), WORDS)
def test_there_and_back(first: int, words: list[int]) -> None:
    """What was built is read again."""
    written = parse_write_request(write_request(1, first, words))
    assert written == Registers(first, len(words), tuple(words))
    assert parse_read_request(read_request(1, first, len(words))) == Registers(first, len(words))
    assert parse_read_answer(read_answer(1, words)) == tuple(words)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 1000))
def test_one_flipped_bit_is_noticed(body: bytes, bit: int) -> None:
    frame = bytearray(with_crc(body))
    frame[bit // 8 % len(frame)] ^= 1 << bit % 8
    assert has_good_crc(with_crc(body)) and not has_good_crc(bytes(frame))


def test_contradictions() -> None:
    """Counts that do not fit together are no request and no answer."""
    assert parse_write_request(with_crc(bytes.fromhex("aa10013b0002021068"))) is None
    assert parse_write_request(with_crc(bytes.fromhex("aa10013b0001031068ff"))) is None
    assert parse_write_request(read_request(1, 2, 3)) is None
    assert parse_read_request(write_answer(1, 2, 3)) is None
    assert parse_read_answer(with_crc(bytes.fromhex("aa03021068ff"))) is None
    assert parse_read_answer(b"\xaa\x03\x02") is None
