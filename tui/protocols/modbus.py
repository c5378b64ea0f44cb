"""CRC-16/MODBUS, and the two Modbus RTU functions that move registers: read (03) and write several (10).

Source: "MODBUS over serial line" V1.02 and "MODBUS application protocol" V1.1b3. A frame is unit, function,
content and CRC; the content is big-endian, the CRC is sent low byte first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

READ, WRITE = 0x03, 0x10
READ_MOST, WRITE_MOST = 127, 123  # registers that the byte count of an answer or a request can tell
POLYNOMIAL = 0xA001  # 0x8005 seen from the other end
CRC_BYTES = 2


def _table_entry(byte: int) -> int:
    crc = byte
    for _ in range(8):
        crc = (crc >> 1) ^ (POLYNOMIAL if crc & 1 else 0)
    return crc


_TABLE = tuple(_table_entry(byte) for byte in range(256))


def crc16(data: bytes) -> int:
    """The checksum of these bytes; 0 when they end in their own checksum."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def with_crc(body: bytes) -> bytes:
    """A frame: the bytes and their checksum."""
    return body + crc16(body).to_bytes(CRC_BYTES, "little")


def has_good_crc(frame: bytes) -> bool:
    """True for a frame that ends in its own checksum."""
    return len(frame) > CRC_BYTES and crc16(frame) == 0


def big_words(data: bytes) -> tuple[int, ...]:
    """Registers from their bytes, high byte first. A last odd byte is not looked at."""
    return tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2))


def big_bytes(words: Iterable[int]) -> bytes:
    """Registers as bytes, high byte first."""
    return b"".join((word & 0xFFFF).to_bytes(2, "big") for word in words)


@dataclass(frozen=True, slots=True)
class Registers:
    """A run of registers: what a request asks for, or with `words` what it writes."""

    first: int
    count: int
    words: tuple[int, ...] = ()


def read_request(unit: int, first: int, count: int) -> bytes:
    """Ask for `count` registers from `first` on."""
    return with_crc(bytes((unit, READ)) + big_bytes((first, count)))


def read_answer(unit: int, words: Iterable[int]) -> bytes:
    """The registers asked for; at most READ_MOST."""
    data = big_bytes(words)
    return with_crc(bytes((unit, READ, len(data))) + data)


def write_request(unit: int, first: int, words: Iterable[int]) -> bytes:
    """Write registers from `first` on; at most WRITE_MOST."""
    data = big_bytes(words)
    head = bytes((unit, WRITE)) + big_bytes((first, len(data) // 2)) + bytes((len(data),))
    return with_crc(head + data)


def write_answer(unit: int, first: int, count: int) -> bytes:
    """What was written, without the values."""
    return with_crc(bytes((unit, WRITE)) + big_bytes((first, count)))


def parse_read_request(frame: bytes) -> Registers | None:
    """What a checked frame of function 03 asks for; None when it is no such request."""
    if len(frame) != 8 or frame[1] != READ:
        return None
    first, count = big_words(frame[2:6])
    return Registers(first, count)


def parse_write_request(frame: bytes) -> Registers | None:
    """What a checked frame of function 10 writes; None when its counts contradict each other."""
    if len(frame) < 9 or frame[1] != WRITE:
        return None
    first, count = big_words(frame[2:6])
    words = big_words(frame[7:-CRC_BYTES])
    if not count == len(words) == frame[6] / 2:
        return None
    return Registers(first, count, words)


def parse_read_answer(frame: bytes) -> tuple[int, ...] | None:
    """The registers of a checked answer to function 03; None when its length byte is wrong."""
    if len(frame) < 5 or frame[1] != READ or frame[2] != len(frame) - 5 or frame[2] % 2:
        return None
    return big_words(frame[3:-CRC_BYTES])
