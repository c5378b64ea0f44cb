"""TinyBMS frames: requests, sizes, text in between, resynchronisation, long packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.protocols.framing import Found
from tui.protocols.modbus import with_crc
from tui.protocols.protocol import Bad, Rejected
from tui.protocols.tinybms_frames import (
    CURRENT_VALUE,
    LONGEST,
    READ_BLOCK,
    Ack,
    Answer,
    Nack,
    ack,
    answer_size,
    assembler,
    nack,
    parse,
    parse_all,
    read_block,
    read_registers,
    read_settings,
    read_some,
    request,
    write_registers,
    write_some,
)
from tui.protocols.tinybms_requests import Asked, is_request, parse_request, request_size

VOLTS = bytes.fromhex("AA14000050429423")
TEXT = b"BPV:49.05\tMINCV:3.766\tOS:151\r\n"


def test_requests_of_the_document() -> None:
    """S1-6: bytes as published."""
    assert request(0x14).hex() == "aa147f1f" and request(0x02, b"\x05").hex() == "aa02059083"
    assert read_registers(0, 57).hex() == "aa03000000399c03"
    assert read_block(0, 16).hex() == "aa071000003ca9"
    assert read_some((36, 37)).hex() == "aa090424002500f033"
    assert write_some({306: 43690}).hex() == "aa0d043201aaaa4070"
    assert write_registers(328, (40000,)).hex() == "aa1001480001029c405adf"
    assert read_settings(1, 9).hex() == "aa1d010009abb2"
    assert ack(0x0D).hex() == "aa010d91b5" and nack(0x10, 0).hex() == "aa0010002c3c"


@pytest.mark.parametrize(
    ("frame", "asked"),
    [
        (request(0x14), Asked(0x14)),
        (request(0x02, b"\x05"), Asked(0x02, option=5)),
        (read_registers(36, 4), Asked(0x03, 36, 4)),
        (read_block(40, 4), Asked(0x07, 40, 4)),
        (read_some((36, 50)), Asked(0x09, addresses=(36, 50))),
        (write_some({300: 4150, 302: 1}), Asked(0x0D, values={300: 4150, 302: 1})),
        (write_registers(315, (1, 2)), Asked(0x10, 315, 2, values={315: 1, 316: 2})),
        (request(0x0B, bytes.fromhex("063b016810540b")), Asked(0x0B, 315, 2, values={315: 4200, 316: 2900})),
        (read_settings(CURRENT_VALUE, 44), Asked(0x1D, 300, 44, option=4)),
    ],
)
def test_requests_are_understood(frame: bytes, asked: Asked) -> None:
    """And their size is known as soon as it can be."""
    assert is_request(frame) and parse_request(frame) == asked
    assert request_size(frame[:8]) == len(frame) and request_size(frame[:1]) is None
    assert not is_request(frame[:-1]) and not is_request(frame[:-1] + bytes((frame[-1] ^ 1,)))


@pytest.mark.parametrize(
    "content", ["0d0631010100 3201", "09033200ff", "0900", "0b00", "0b0101", "10013b0002021068", "21", "77"]
)
def test_requests_that_contradict_themselves(content: str) -> None:
    """Whole and undamaged, and still nothing to obey."""
    frame = with_crc(bytes.fromhex("aa" + content))
    assert is_request(frame) and parse_request(frame) is None


def test_sizes_need_the_command() -> None:
    """Fixed ones, ones with a length byte, and bytes that begin nothing."""
    assert answer_size(b"\xaa") is None and answer_size(b"\xaa\x03") is None
    assert answer_size(b"\xaa\x14") == 8 and answer_size(b"\xaa\x10") == 8 and answer_size(b"\xaa\x00") == 6
    assert answer_size(b"\xaa\x12\xc8") == 205 and answer_size(b"\xaa\x03\xfa") == 255
    assert answer_size(b"\xaa\xaa") == 1 and answer_size(b"\xaaB") == 1


def test_length_made_of_bits() -> None:
    """Commands 07 and 09: bit 7 announces another packet, 63 bytes are full, bit 6 means nothing."""
    assert answer_size(b"\xaa\x07\x80") == answer_size(b"\xaa\x07\x81") == 68
    assert answer_size(b"\xaa\x09\x48") == 13
    assert answer_size(b"\xaa\x03\x80") == 133


def packets(payload: bytes) -> bytes:
    parts = [payload[at : at + 63] for at in range(0, len(payload), 63)]
    lengths = [0x80 | number for number in range(len(parts) - 1)] + [len(parts[-1])]
    return b"".join(with_crc(bytes((0xAA, 7, n)) + p) for n, p in zip(lengths, parts, strict=True))


@given(st.binary(min_size=1, max_size=250), st.integers(1, 80))
def test_packets_are_joined(payload: bytes, cut: int) -> None:
    """A long answer in several packets, in any cut."""
    line, wire = assembler(), packets(payload)
    results = [r for at in range(0, len(wire), cut) for r in line.feed(wire[at : at + cut])]
    assert parse_all(results) == [Answer(READ_BLOCK, payload)]


def test_unfinished_packets_are_no_answer() -> None:
    """The last one is missing, or another answer came instead."""
    first = packets(bytes(90))[:68]
    assert parse(first) == Answer(READ_BLOCK, bytes(63), 0)
    assert parse_all(assembler().feed(first)) == []
    assert parse_all(assembler().feed(first + VOLTS)) == [parse(VOLTS)]


def test_parts() -> None:
    """Acknowledged, refused, and content with and without a length byte."""
    assert parse(ack(0x0D)) == Ack(0x0D) and parse(nack(0x12, 1)) == Nack(0x12, 1)
    assert parse(VOLTS) == Answer(0x14, bytes.fromhex("00005042"))
    assert parse(bytes.fromhex("AA1B061601140116010E4E")) == Answer(0x1B, bytes.fromhex("160114011601"))


@pytest.mark.parametrize("noise", [TEXT, b"\xaa\xaa", b"\xaa\x99", b"\x14\x00"])
def test_text_and_noise_are_counted(noise: bytes) -> None:
    """Everything that belongs to no frame, byte by byte."""
    assert assembler().feed(noise + VOLTS) == [Rejected(Bad.GARBAGE, len(noise)), Found(VOLTS)]


def test_resynchronisation_on_the_checksum() -> None:
    """A false beginning that claims to be long: the true frame inside it is found."""
    line = assembler()
    assert line.feed(b"\xaa\x03\x04" + VOLTS) == [
        Rejected(Bad.CHECKSUM), Rejected(Bad.GARBAGE, 3), Found(VOLTS),
    ]  # fmt: skip
    line = assembler()
    assert line.feed(b"\xaa\x03\xf0" + VOLTS) == []
    assert line.line_went_quiet() == [Rejected(Bad.GARBAGE, 3), Found(VOLTS)]


@given(st.binary(max_size=1500), st.integers(1, 200))
def test_any_bytes(noise: bytes, cut: int) -> None:
    """Nothing raises, nothing is lost without being counted, and the buffer stays small."""
    line, total = assembler(), 0
    for at in range(0, len(noise), cut):
        for result in line.feed(noise[at : at + cut]):
            total += _bytes_of(result)
        assert len(line.waiting) <= LONGEST
    total += sum(_bytes_of(r) for r in line.line_went_quiet())
    assert total == len(noise)


def _bytes_of(result: Found | Rejected) -> int:
    if isinstance(result, Found):
        parse(result.data)
        return len(result.data)
    return result.count if result.why is Bad.GARBAGE else 0
