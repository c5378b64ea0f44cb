"""TinyBMS frames: building requests, telling answers from text and noise, and taking them apart.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025). A frame is `AA command … CRC`; there
is no uniform length byte, so the command decides how long a frame is. Addresses and values are little-endian
except in the two commands that are Modbus functions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui.protocols import modbus
from tui.protocols.framing import Assembler, Found
from tui.protocols.modbus import CRC_BYTES, with_crc
from tui.protocols.protocol import Bad

START = UNIT = 0xAA  # start byte, and the Modbus unit 170
NACK, ACK = 0x00, 0x01
RESET, READ_BIG, READ_BLOCK, READ_SOME = 0x02, 0x03, 0x07, 0x09
WRITE_BLOCK, WRITE_SOME, WRITE_BIG = 0x0B, 0x0D, 0x10
NEW_EVENTS, EVENTS = 0x11, 0x12
VOLTAGE, CURRENT, HIGHEST_CELL, LOWEST_CELL, STATUS = 0x14, 0x15, 0x16, 0x17, 0x18
LIFETIME, SOC, TEMPERATURES, CELLS, SETTINGS = 0x19, 0x1A, 0x1B, 0x1C, 0x1D
VERSION, LONG_VERSION, JOURNEY = 0x1E, 0x1F, 0x20

COMMAND_ERROR, CRC_ERROR = 0x00, 0x01
CLEAR_EVENTS, CLEAR_STATISTICS, RESTART = 0x01, 0x02, 0x05
MINIMUM, MAXIMUM, DEFAULT, CURRENT_VALUE = 0x01, 0x02, 0x03, 0x04

FIXED_SIZES = {
    NACK: 6, ACK: 5, WRITE_BIG: 8,
    VOLTAGE: 8, CURRENT: 8, HIGHEST_CELL: 6, LOWEST_CELL: 6, STATUS: 6, LIFETIME: 8, SOC: 8, JOURNEY: 16,
}  # fmt: skip
WITH_LENGTH = frozenset(
    (
        READ_BIG,
        READ_BLOCK,
        READ_SOME,
        NEW_EVENTS,
        EVENTS,
        TEMPERATURES,
        CELLS,
        SETTINGS,
        VERSION,
        LONG_VERSION,
    )
)
BIT_LENGTH = frozenset((READ_BLOCK, READ_SOME, WRITE_BLOCK, WRITE_SOME))  # length byte made of bits
BARE = frozenset((NEW_EVENTS, EVENTS, *range(VOLTAGE, SETTINGS), VERSION, LONG_VERSION, JOURNEY))
MORE_FOLLOWS, PACKET_BITS = 0x80, 0x3F
PACKET_MOST = 63  # payload bytes of one packet of a command with a bit length
OVERHEAD = 5  # start, command, length, CRC
LONGEST = 512  # more than any frame (260 bytes), so that a false start byte cannot hold up a true frame


@dataclass(frozen=True, slots=True)
class Ack:
    """A request was obeyed."""

    command: int


@dataclass(frozen=True, slots=True)
class Nack:
    """A request was refused: COMMAND_ERROR or CRC_ERROR."""

    command: int
    code: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with content. `packet` is the number of a part that has successors, else None."""

    command: int
    data: bytes
    packet: int | None = None


Parsed = Ack | Nack | Answer


def request(command: int, content: bytes = b"") -> bytes:
    """Any request: `AA command content CRC`."""
    return with_crc(bytes((START, command)) + content)


def read_registers(first: int, count: int) -> bytes:
    """A block of up to 127 registers in one answer (command 03)."""
    return modbus.read_request(UNIT, first, count)


def read_block(first: int, count: int) -> bytes:
    """A block by command 07; more than 31 registers come in several packets."""
    return request(READ_BLOCK, bytes((count,)) + little_bytes((first,)))


def read_some(addresses: Iterable[int]) -> bytes:
    """Registers from anywhere (command 09); more than 15 come in several packets."""
    content = little_bytes(addresses)
    return request(READ_SOME, bytes((len(content),)) + content)


def write_some(values: Mapping[int, int]) -> bytes:
    """Registers anywhere (command 0D), at most 15: address to value."""
    content = b"".join(little_bytes(pair) for pair in values.items())
    return request(WRITE_SOME, bytes((len(content),)) + content)


def write_registers(first: int, words: Iterable[int]) -> bytes:
    """A block of registers (command 10)."""
    return modbus.write_request(UNIT, first, words)


def read_settings(option: int, count: int) -> bytes:
    """MINIMUM, MAXIMUM, DEFAULT or CURRENT_VALUE of registers 300 and up (command 1D)."""
    return request(SETTINGS, bytes((option, 0, count)))


def nack(command: int, code: int) -> bytes:
    """A refusal."""
    return with_crc(bytes((START, NACK, command, code)))


def ack(command: int) -> bytes:
    """An acknowledgement."""
    return with_crc(bytes((START, ACK, command)))


def little_words(data: bytes) -> tuple[int, ...]:
    """16-bit values, low byte first. A last odd byte is not looked at."""
    return tuple(int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data) - 1, 2))


def little_bytes(words: Iterable[int]) -> bytes:
    """16-bit values as bytes, low byte first."""
    return b"".join((word & 0xFFFF).to_bytes(2, "little") for word in words)


def assembler() -> Assembler:
    """An assembler for answers. Text of the broadcast between them is counted as garbage."""
    return Assembler(bytes((START,)), answer_size, fault_of, LONGEST)


def answer_size(head: bytes) -> int | None:
    """Size of the answer that begins so; 1 when none does, None when more bytes are needed to know."""
    if len(head) < 2:
        return None
    if head[1] in FIXED_SIZES:
        return FIXED_SIZES[head[1]]
    if head[1] not in WITH_LENGTH:
        return 1
    return payload_size(head[1], head[2]) + OVERHEAD if len(head) > 2 else None


def payload_size(command: int, length: int) -> int:
    """Payload bytes that a length byte tells; a packet with successors is always full."""
    if command not in BIT_LENGTH:
        return length
    return PACKET_MOST if length & MORE_FOLLOWS else length & PACKET_BITS


def fault_of(frame: bytes) -> Bad | None:
    """What is wrong with bytes of the right size."""
    return None if modbus.has_good_crc(frame) else Bad.CHECKSUM


def parse(frame: bytes) -> Parsed:
    """The parts of a frame that the assembler has checked."""
    command = frame[1]
    if command == ACK:
        return Ack(frame[2])
    if command == NACK:
        return Nack(frame[2], frame[3])
    if command not in WITH_LENGTH:
        return Answer(command, frame[2:-CRC_BYTES])
    follows = command in BIT_LENGTH and frame[2] & MORE_FOLLOWS
    return Answer(command, frame[3:-CRC_BYTES], frame[2] & PACKET_BITS if follows else None)


def parse_all(results: Iterable[Found | object]) -> list[Parsed]:
    """The frames among results, parsed, with the packets of long answers joined."""
    joined: list[Parsed] = []
    held: Answer | None = None
    for result in results:
        if not isinstance(result, Found):
            continue
        frame = parse(result.data)
        if held is not None and isinstance(frame, Answer) and frame.command == held.command:
            frame = Answer(frame.command, held.data + frame.data, frame.packet)
        held = frame if isinstance(frame, Answer) and frame.packet is not None else None
        if held is None:
            joined.append(frame)
    return joined
