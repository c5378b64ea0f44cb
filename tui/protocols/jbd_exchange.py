"""A recorded request and answer, explained: what `packdeck decode jbd` prints."""

from tui.protocols import jbd_decode, jbd_registers
from tui.protocols.framing import Found
from tui.protocols.jbd_decode import Decoded, ImplausibleError
from tui.protocols.jbd_frames import (
    OVERHEAD,
    START,
    STATUS_NAMES,
    WRITE,
    Answer,
    ModuleAnswer,
    assembler,
    parse,
)
from tui.protocols.protocol import Bad, Rejected

BASIC, CELLS, HARDWARE, PAGED, COUNTERS = 0x03, 0x04, 0x05, 0xFA, 0xAA
APP_KEY, CHANGE_PASSWORD, RANDOM, USER_PASSWORD, VENDOR_STEP = 0x15, 0x16, 0x17, 0x18, 0x1D
APP_KEY_MEANINGS = {
    0: "app key accepted, password step required",
    1: "app key refused",
    2: "no password set, access granted",
}
CALLBACK_BYTES = 4  # V11 boards may repeat so many bytes behind a frame


def decode_frame(frame: bytes) -> Decoded:
    """One checked frame as named values. Raises ImplausibleError."""
    parsed = parse(frame)
    return _module(parsed) if isinstance(parsed, ModuleAnswer) else decode_answer(parsed)


def decode_answer(answer: Answer) -> Decoded:
    """An answer of the board as named values. Raises ImplausibleError."""
    head: Decoded = {"register": answer.register, "status": answer.status}
    if answer.status:
        head["error"] = STATUS_NAMES.get(answer.status, "unknown_status")
        if not answer.checksum_ok:
            head |= {"checksum_ok": False, "accept_as_error": True}
        return head
    if answer.register == CELLS:
        return head | jbd_decode.cells(answer.data)
    if not answer.data:
        return head | {"ack": True}
    if answer.register == BASIC:
        return head | jbd_decode.basic(answer.data)
    if answer.register == HARDWARE:
        return head | {"hardware_name": jbd_decode.text(answer.data)}
    if answer.register == COUNTERS:
        return head | jbd_decode.counters(answer.data)
    if answer.register == PAGED:
        return head | jbd_registers.page_fields(answer.data)
    return head | jbd_registers.register_fields(answer.register, answer.data)


def _module(answer: ModuleAnswer) -> Decoded:
    """A frame of the radio module (`FF AA`)."""
    decoded: Decoded = {"module_frame": True, "command": answer.command}
    if answer.command == RANDOM and answer.data:
        return decoded | {"random": answer.data[0]}
    if not answer.data:
        return decoded
    result = answer.data[0]
    decoded["result"] = result
    if answer.command == APP_KEY:
        decoded["meaning"] = APP_KEY_MEANINGS.get(result, "unknown")
    elif answer.command in (USER_PASSWORD, VENDOR_STEP):
        decoded["accepted"] = result == 0
    return decoded


def decode_exchange(request: bytes | None, response: bytes) -> Decoded:
    """What a response holds: the values of its one frame, or `frames` when it is a stream or damaged.

    With several frames, or bytes that belong to none: `frames` lists each with its bytes and values,
    `leftover_hex` is what waits for more, `reason` says what was wrong. `matches_request` is false when a
    valid frame answers something else.
    """
    frames, reasons, leftover, skipped = _taken_apart(response)
    if len(frames) == 1 and not reasons and not leftover and not skipped:
        return _with_match(request, frames[0], _decoded(frames[0]))
    result: Decoded = {"frames": [{"hex": f.hex(), "decoded": _decoded(f)} for f in frames]}
    if leftover:
        result["leftover_hex"] = leftover.hex()
    if reasons:
        result["reason"] = reasons[0]
    elif skipped:
        result["reason"] = "bytes skipped"
    for frame in frames:
        result = _with_match(request, frame, result)
    return result


def _taken_apart(response: bytes) -> tuple[list[bytes], list[str], bytes, int]:
    """Frames, faults in words, what waits for more, and how many bytes were skipped."""
    line = assembler()
    results = line.feed(response)
    leftover = line.waiting
    frames = [r.data for r in results if isinstance(r, Found)]
    skipped = sum(r.count for r in results if isinstance(r, Rejected) and r.why is Bad.GARBAGE)
    if frames and skipped <= CALLBACK_BYTES and response.startswith(frames[0]):
        skipped = 0  # a callback id behind the frame
    reasons = [_reason(response)] if not frames and skipped else []
    return frames, reasons, leftover, skipped


def _reason(response: bytes) -> str:
    """Why the first frame that begins in the response is none."""
    at = response.find(START)
    if at < 0:
        return "no_start"
    body = response[at:]
    size = body[3] + OVERHEAD if len(body) > 3 else len(body)
    return "bad_checksum" if len(body) >= size and body[size - 1] == 0x77 else "bad_end"


def _decoded(frame: bytes) -> Decoded:
    try:
        return decode_frame(frame)
    except ImplausibleError as error:
        return {"register": frame[1], "status": frame[2], "error": "implausible", "reason": str(error)}


def _with_match(request: bytes | None, frame: bytes, decoded: Decoded) -> Decoded:
    if request is None or frame[0] != START or len(request) < 3 or request[0] != START:
        return decoded
    asked = request[2]
    return decoded if frame[1] == asked else decoded | {"matches_request": False}


def is_write(request: bytes) -> bool:
    """True for a request that changes something."""
    return len(request) > 1 and request[1] == WRITE
