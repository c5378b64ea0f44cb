"""A JBD board made of payloads, and a conversation with it on a clock that jumps. For the tests here."""

from collections.abc import Callable

from tests.protocols.conversation import Conversation
from tui.model.sample import Pack
from tui.protocols.jbd import JbdProtocol
from tui.protocols.jbd_frames import answer_frame, read_request
from tui.protocols.protocol import Outcome

BASIC, CELLS, HARDWARE, COUNTERS = 0x03, 0x04, 0x05, 0xAA
MANUFACTURER, MODEL, BARCODE = 0xA0, 0xA1, 0xA2
IDENTITY = [HARDWARE, MANUFACTURER, MODEL, BARCODE]
FIRST_CYCLE = [BASIC, CELLS, *IDENTITY, COUNTERS]

Board = Callable[[int], bytes]  # register to answer


def u16(*values: int) -> bytes:
    return b"".join((v & 0xFFFF).to_bytes(2, "big") for v in values)


def basic(
    centivolts: int = 1320,
    current: int = 0,
    soc: int = 64,
    switches: int = 3,
    cells: int = 4,
    kelvin_tenths: tuple[int, ...] = (2951, 2961),
    protection: int = 0,
    trailer: bytes = b"",
) -> bytes:
    """Payload of basic information; 9 sensors or 33 cells may be claimed to make it implausible."""
    head = u16(centivolts, current, 6400, 10000, 12, 0x2C7C, 0b0101, 0, protection)
    tail = bytes((0x21, soc, switches, cells, len(kelvin_tenths)))
    return head + tail + u16(*kelvin_tenths) + trailer


PAYLOADS = {
    BASIC: basic(),
    CELLS: u16(3300, 3301, 3299, 3300),
    HARDWARE: b"JBD-SP04S020",
    MANUFACTURER: b"\x05DGJBD",
    MODEL: b"\x03L4S",
    BARCODE: b"\x0212rest",
    COUNTERS: u16(*range(12)),
}


def good(register: int) -> bytes:
    return answer_frame(register, 0, PAYLOADS[register])


def plain(register: int) -> bytes:
    """A clone: basic information and cells only, everything else is refused."""
    return good(register) if register in (BASIC, CELLS) else answer_frame(register, 0x80, b"")


def silent(register: int) -> bytes:
    return b""


class Talk(Conversation[int]):
    """A JBD protocol and a board; what is asked is a register."""

    def __init__(self, board: Board = good, poll_s: float = 2.0, answers_after_s: float = 0.08) -> None:
        super().__init__(answers_after_s)
        self.protocol: JbdProtocol = JbdProtocol(poll_s)
        self.board = board

    def meant(self, request: bytes) -> int:
        assert request == read_request(request[2])
        return request[2]

    def answer(self, request: bytes) -> bytes:
        return self.board(request[2])


def ask(protocol: JbdProtocol, register: int, now_s: float = 0.0) -> float:
    """Bring a fresh protocol to the question for that register; everything before is refused."""
    for _ in range(60):
        for request in protocol.requests_due(now_s):
            if request[2] == register:
                return now_s
            protocol.feed(answer_frame(request[2], 0x80, b""))
        now_s = max(now_s + 0.001, protocol.next_due_s())
    raise AssertionError("never asked")


def told(register: int, payload: bytes, protocol: JbdProtocol | None = None) -> list[Outcome]:
    """What one answer becomes."""
    protocol = protocol or JbdProtocol()
    ask(protocol, register)
    return protocol.feed(answer_frame(register, 0, payload))


def pack(payload: bytes, protocol: JbdProtocol | None = None) -> Pack:
    reading = told(BASIC, payload, protocol)[0]
    assert isinstance(reading, Pack)
    return reading
