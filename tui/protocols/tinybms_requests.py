"""What a TinyBMS request asks: for the explanation of traffic and for the simulated unit.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 1.
"""

from dataclasses import dataclass, field

from tui.protocols import modbus
from tui.protocols.modbus import CRC_BYTES, has_good_crc
from tui.protocols.tinybms_frames import (
    BARE,
    READ_BIG,
    READ_BLOCK,
    READ_SOME,
    RESET,
    SETTINGS,
    START,
    WRITE_BIG,
    WRITE_BLOCK,
    WRITE_SOME,
    little_words,
)

SMALLEST = 4  # start, command, CRC
OPTION_NAMES = {1: "min", 2: "max", 3: "default", 4: "current"}  # of command 1D


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is well formed. Only the parts that its command has are filled."""

    command: int
    first: int | None = None
    count: int | None = None
    addresses: tuple[int, ...] = ()
    values: dict[int, int] = field(default_factory=dict)  # written: address to value
    option: int | None = None

    @property
    def registers(self) -> tuple[int, ...]:
        """Every register it reads or writes, in the order of the answer."""
        if self.first is not None and self.count is not None:
            return tuple(range(self.first, self.first + self.count))
        return self.addresses or tuple(self.values)


def request_size(head: bytes) -> int | None:
    """Size of the request that begins so; None when more bytes are needed to know.

    Commands that do not exist are taken as bare ones, so that they can be refused.
    """
    if len(head) < 2:
        return None
    command = head[1]
    fixed = {RESET: 5, READ_BIG: 8, READ_BLOCK: 7, SETTINGS: 7}
    if command in fixed:
        return fixed[command]
    if command in (READ_SOME, WRITE_BLOCK, WRITE_SOME):
        return head[2] + 5 if len(head) > 2 else None
    if command == WRITE_BIG:
        return head[6] + 9 if len(head) > 6 else None
    return SMALLEST


def is_request(frame: bytes) -> bool:
    """True when these bytes are one whole, undamaged request, whether it makes sense or not."""
    return (
        len(frame) >= SMALLEST
        and frame[0] == START
        and request_size(frame) == len(frame)
        and has_good_crc(frame)
    )


def parse_request(frame: bytes) -> Asked | None:
    """What an undamaged request asks; None when it contradicts itself or its command does not exist."""
    command, content = frame[1], frame[2:-CRC_BYTES]
    if command in BARE and not content:
        return Asked(command)
    if command == RESET:
        return Asked(command, option=content[0])
    if command == SETTINGS:
        return Asked(command, 300, content[2], option=content[0])
    if command == READ_BLOCK:
        return Asked(command, int.from_bytes(content[1:3], "little"), content[0])
    if command in (READ_BIG, WRITE_BIG):
        return _modbus(frame)
    if command in (READ_SOME, WRITE_BLOCK, WRITE_SOME) and content:
        return _with_length(command, content[1:])
    return None


def _modbus(frame: bytes) -> Asked | None:
    read, written = modbus.parse_read_request(frame), modbus.parse_write_request(frame)
    if read is not None:
        return Asked(READ_BIG, read.first, read.count)
    if written is None:
        return None
    numbers = range(written.first, written.first + written.count)
    return Asked(
        WRITE_BIG, written.first, written.count, values=dict(zip(numbers, written.words, strict=True))
    )


def _with_length(command: int, content: bytes) -> Asked | None:
    words = little_words(content)
    if not words or len(content) % 2:
        return None
    if command == READ_SOME:
        return Asked(command, addresses=words)
    if command == WRITE_SOME:
        return (
            Asked(command, values=dict(zip(words[::2], words[1::2], strict=False)))
            if len(words) % 2 == 0
            else None
        )
    first, values = words[0], words[1:]  # the length is taken to count the address, which Rev D leaves open
    numbers = range(first, first + len(values))
    return Asked(command, first, len(values), values=dict(zip(numbers, values, strict=True)))
