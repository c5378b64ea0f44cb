"""A TinyBMS made of registers, and a conversation with it on a clock that jumps. For the tests here."""

import struct
from collections.abc import Callable

from tests.protocols.conversation import Conversation
from tui.protocols import modbus
from tui.protocols.modbus import with_crc
from tui.protocols.tinybms import TinyBmsProtocol
from tui.protocols.tinybms_frames import EVENTS, LONG_VERSION, READ_BIG, UNIT, nack
from tui.protocols.tinybms_plan import LIVE, LOG, SERIAL, SETTINGS, STATISTICS, VERSION
from tui.protocols.tinybms_requests import parse_request

NAMES = {
    LIVE.request: "live",
    LOG.request: "log",
    SERIAL.request: "serial",
    SETTINGS.request: "settings",
    STATISTICS.request: "statistics",
    VERSION.request: "version",
}
FIRST_CYCLE = ["live", "settings", "serial", "version", "log", "statistics"]
MISSING = 0x8000  # no sensor
CLOCK_S = 1_000_000


def pair(number: int, value: int) -> dict[int, int]:
    return {number: value & 0xFFFF, number + 1: value >> 16 & 0xFFFF}


def single(number: int, value: float) -> dict[int, int]:
    return pair(number, struct.unpack("<I", struct.pack("<f", value))[0])


def live_words(**changes: int) -> dict[int, int]:
    """Four cells at rest. A change is `r48=230`."""
    words = dict.fromkeys(range(56), 0) | {12: 33001, 13: 33014, 14: 32996, 15: 33000}
    words |= pair(32, CLOCK_S) | pair(34, 7200) | single(36, 13.201) | single(38, -2.5)
    words |= {40: 3300, 41: 3301, 42: 225, 43: MISSING, 45: 49_000, 48: 310, 50: 0x93, 53: 4}
    words |= pair(46, 64_500_000) | {51: 1 << 13 | 1 << 15, 52: 1 << 13}
    return words | {int(name[1:]): value for name, value in changes.items()}


class Unit:
    """Answers by the document. `words` are all registers; `log` pairs of time and code."""

    def __init__(self) -> None:
        self.words = live_words() | {306: 10_000, 307: 4}
        self.words |= dict(zip(range(504, 510), (13874, 4935, 13364, 14131, 31, 77), strict=True))
        self.words |= {102: 510, 104: 156, 105: 3, 113: 0x19F9} | pair(100, 12_345)
        self.log: list[tuple[int, int]] = [(10, 0x61)]
        self.version = bytes((2, 1, 1, 242, 0, 24, 4))

    def __call__(self, request: bytes) -> bytes:
        asked = parse_request(request)
        assert asked is not None
        if asked.command == READ_BIG:
            return modbus.read_answer(UNIT, [self.words.get(n, 0) for n in asked.registers])
        if asked.command == EVENTS:
            data = b"".join((at | code << 24).to_bytes(4, "little") for at, code in self.log)
            return with_length(EVENTS, self.clock.to_bytes(4, "little") + data)
        assert asked.command == LONG_VERSION
        return with_length(LONG_VERSION, self.version)

    @property
    def clock(self) -> int:
        return self.words[32] | self.words[33] << 16


def with_length(command: int, data: bytes) -> bytes:
    return with_crc(bytes((0xAA, command, len(data))) + data)


def silent(request: bytes) -> bytes:
    return b""


def refusing(request: bytes) -> bytes:
    return nack(request[1], 0)


class Talk(Conversation[str]):
    """A TinyBMS protocol and a unit; what is asked has one of the `NAMES`."""

    def __init__(
        self,
        unit: Callable[[bytes], bytes] | None = None,
        poll_s: float = 1.0,
        answers_after_s: float = 0.01,
        piece: int = 0,
    ) -> None:
        super().__init__(answers_after_s, piece)
        self.protocol: TinyBmsProtocol = TinyBmsProtocol(poll_s)
        self.unit = Unit() if unit is None else unit

    def meant(self, request: bytes) -> str:
        return NAMES[request]

    def answer(self, request: bytes) -> bytes:
        return self.unit(request)
