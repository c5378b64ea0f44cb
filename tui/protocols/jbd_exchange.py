"""A recorded request and answer, explained: what `packdeck decode jbd` prints."""

from tui.protocols import jbd_decode, jbd_registers
from tui.protocols.framing import Found
from tui.protocols.jbd_decode import Decoded, ImplausibleError
from tui.protocols.jbd_frames import (
    END,
    MODULE_SECOND,
    MODULE_START,
    OVERHEAD,
    START,
    STATUS_NAMES,
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
    """What a response holds: the values of its one clean frame, or else everything `decode_stream` finds."""
    stream = decode_stream(request, response)
    if len(stream["frames"]) != 1 or "leftover_hex" in stream or "reason" in stream:
        return stream
    decoded: Decoded = stream["frames"][0]["decoded"]
    return decoded | {"matches_request": False} if "matches_request" in stream else decoded


def decode_stream(request: bytes | None, response: bytes) -> Decoded:
    """Any bytes, taken apart: `frames` lists each frame with its bytes and values.

    `leftover_hex` is what waits for more; `reason` says what was wrong: bad_checksum, bad_end, no_start,
    truncated or bytes_skipped. `matches_request` is there, and false, when no frame answers the request.
    """
    if request and response.startswith(request):
        response = response[len(request) :]  # an adapter that gives back what was sent
    frames, leftover, skipped = _taken_apart(response)
    result: Decoded = {"frames": [{"hex": f.hex(), "decoded": _decoded(f)} for f in frames]}
    if leftover:
        result["leftover_hex"] = leftover.hex()
    if skipped:
        result["reason"] = "bytes_skipped" if frames else _reason(response)
    elif not frames:
        result["reason"] = "truncated"
    if request and frames and not any(_answers(request, frame) for frame in frames):
        result["matches_request"] = False
    return result


def is_whole(data: bytes) -> bool:
    """True when that is one frame or several, and no byte more."""
    frames, leftover, skipped = _taken_apart(data)
    return bool(frames) and not leftover and not skipped


def _taken_apart(response: bytes) -> tuple[list[bytes], bytes, int]:
    """Frames, what waits for more, and how many bytes belong to neither."""
    line = assembler()
    results = line.feed(response)
    frames = [r.data for r in results if isinstance(r, Found)]
    skipped = sum(r.count for r in results if isinstance(r, Rejected) and r.why is Bad.GARBAGE)
    if frames and skipped <= CALLBACK_BYTES and response.startswith(frames[0]):
        skipped = 0  # a callback id behind the frame
    return frames, line.waiting, skipped


def _reason(response: bytes) -> str:
    """Why the first frame that begins in the response is none."""
    if response[:2] == bytes((MODULE_START, MODULE_SECOND)):
        return "bad_checksum"
    body = response[response.find(START) :] if START in response else b""
    if not body:
        return "no_start"
    size = body[3] + OVERHEAD if len(body) > 3 else len(body)
    return "bad_checksum" if len(body) >= size and body[size - 1] == END else "bad_end"


def _answers(request: bytes, frame: bytes) -> bool:
    """Same language and same register or command."""
    said = frame[1] if frame[0] == START else frame[2]
    return len(request) > 2 and request[0] == frame[0] and request[2] == said


def _decoded(frame: bytes) -> Decoded:
    try:
        return decode_frame(frame)
    except ImplausibleError as error:
        return {"register": frame[1], "status": frame[2], "error": "implausible", "reason": str(error)}
