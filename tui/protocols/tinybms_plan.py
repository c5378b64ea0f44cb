"""The questions put to a TinyBMS, and which answers fit them.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025): one long block of Modbus registers
holds everything live; the log has a command of its own.
"""

from dataclasses import dataclass

from tui.protocols.tinybms_frames import (
    EVENTS,
    LONG_VERSION,
    READ_BIG,
    Answer,
    Nack,
    read_registers,
    request,
)
from tui.protocols.tinybms_registers import (
    LIVE_COUNT,
    LIVE_FIRST,
    SERIAL_COUNT,
    SERIAL_FIRST,
    STATISTICS_COUNT,
    STATISTICS_FIRST,
)


@dataclass(frozen=True, slots=True)
class Asks:
    """One question of the plan. `words` is the count of registers in its answer."""

    request: bytes
    first: int = 0
    words: int = 0

    @property
    def command(self) -> int:
        """Of the request and of its answer."""
        return self.request[1]


def _block(first: int, count: int) -> Asks:
    return Asks(read_registers(first, count), first, count)


LIVE = _block(LIVE_FIRST, LIVE_COUNT)
STATISTICS = _block(STATISTICS_FIRST, STATISTICS_COUNT)
SETTINGS = _block(306, 2)
SERIAL = _block(SERIAL_FIRST, SERIAL_COUNT)
VERSION, LOG = Asks(request(LONG_VERSION)), Asks(request(EVENTS))
ONCE = (SETTINGS, SERIAL, VERSION)  # the serial number first: it tells a simulated unit from a true one
EXTRAS = (LOG, STATISTICS)


def fits(answer: Answer | Nack, asks: Asks) -> bool:
    """Whether this may answer that: same command, and where registers were asked as many of them."""
    if answer.command != asks.command:
        return False
    if isinstance(answer, Nack) or asks.command != READ_BIG:
        return True
    return len(answer.data) == 2 * asks.words
