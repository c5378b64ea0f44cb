"""JBD frames: building requests and answers, and telling a frame from noise.

Source: JBD protocol document (V11, 2023) and captures of real boards. A frame is `DD … 77`; frames of the
radio module are `FF AA …`. All numbers are big-endian.
"""

from dataclasses import dataclass

from tui.protocols.framing import Assembler
from tui.protocols.protocol import Bad

START, END, READ, WRITE = 0xDD, 0x77, 0xA5, 0x5A
MODULE_START = 0xFF
MODULE_SECOND = 0xAA
OVERHEAD = 7  # bytes of a frame besides its data
LONGEST = 512  # more than any frame (262 bytes), so that a false start byte cannot hold up a true frame

STATUS_NAMES = {
    0x80: "unknown_command_or_denied",
    0x81: "invalid_operation",
    0x82: "checksum_error",
    0x83: "password_error",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer of the board."""

    register: int
    status: int
    data: bytes
    checksum_ok: bool = True  # False: a status-only frame whose checksum field is 0000


@dataclass(frozen=True, slots=True)
class ModuleAnswer:
    """A checked frame of the radio module."""

    command: int
    data: bytes


def checksum(data: bytes) -> int:
    """Two's complement of the byte sum, in 16 bits."""
    return -sum(data) & 0xFFFF


def read_request(register: int, data: bytes = b"") -> bytes:
    """`DD A5 register n data checksum 77`."""
    return _request(READ, register, data)


def write_request(register: int, data: bytes) -> bytes:
    """`DD 5A register n data checksum 77`."""
    return _request(WRITE, register, data)


def _request(kind: int, register: int, data: bytes) -> bytes:
    body = bytes((register, len(data))) + data
    return bytes((START, kind)) + body + checksum(body).to_bytes(2, "big") + bytes((END,))


def answer_frame(register: int, status: int, data: bytes) -> bytes:
    """`DD register status n data checksum 77`. The register is not part of the checksum."""
    body = bytes((status, len(data))) + data
    return bytes((START, register)) + body + checksum(body).to_bytes(2, "big") + bytes((END,))


def assembler() -> Assembler:
    """An assembler for answers of the board and of the radio module."""
    return Assembler(bytes((START, MODULE_START)), _size_of, _fault_of, LONGEST)


def _size_of(head: bytes) -> int | None:
    if head[0] == MODULE_START:
        if len(head) > 1 and head[1] != MODULE_SECOND:
            return 1
        return head[3] + 5 if len(head) > 3 else None
    return head[3] + OVERHEAD if len(head) > 3 else None


def _fault_of(frame: bytes) -> Bad | None:
    if frame[0] == MODULE_START:
        return None if sum(frame[2:-1]) & 0xFF == frame[-1] else Bad.CHECKSUM
    if frame[-1] != END:
        return Bad.GARBAGE  # a false start byte, or a damaged end
    if int.from_bytes(frame[-3:-1], "big") == checksum(frame[2:-3]):
        return None
    return None if _is_bare_status(frame) else Bad.CHECKSUM


def _is_bare_status(frame: bytes) -> bool:
    """Some boards answer with a status alone and leave the checksum at 0000."""
    return frame[3] == 0 and frame[-3:-1] == b"\0\0"


def parse(frame: bytes) -> Answer | ModuleAnswer:
    """The parts of a frame that the assembler has checked."""
    if frame[0] == MODULE_START:
        return ModuleAnswer(frame[2], frame[4:-1])
    is_ok = int.from_bytes(frame[-3:-1], "big") == checksum(frame[2:-3])
    return Answer(frame[1], frame[2], frame[4:-3], is_ok)


def is_echo(frame: bytes) -> bool:
    """True for the echo of a read request: it looks like an answer of register A5, status = register."""
    return frame[:2] == bytes((START, READ)) and len(frame) == OVERHEAD and frame[2] not in (0, *STATUS_NAMES)
