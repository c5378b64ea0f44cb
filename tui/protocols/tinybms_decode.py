"""A recorded request and answer of a TinyBMS, explained: what `packdeck decode tinybms` prints.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025).
"""

from tui.protocols.framing import Found
from tui.protocols.modbus import CRC_BYTES, big_words, crc16
from tui.protocols.protocol import Bad, Rejected
from tui.protocols.tinybms_events import level_of, resolve_time
from tui.protocols.tinybms_frames import (
    CELLS,
    CRC_ERROR,
    CURRENT,
    EVENTS,
    HIGHEST_CELL,
    JOURNEY,
    LIFETIME,
    LONG_VERSION,
    LOWEST_CELL,
    NEW_EVENTS,
    READ_BIG,
    READ_BLOCK,
    READ_SOME,
    SETTINGS,
    SOC,
    STATUS,
    TEMPERATURES,
    VERSION,
    VOLTAGE,
    WRITE_BIG,
    WRITE_SOME,
    Ack,
    Answer,
    Nack,
    Parsed,
    assembler,
    little_words,
    parse_all,
)
from tui.protocols.tinybms_registers import SETTINGS_FIRST
from tui.protocols.tinybms_requests import OPTION_NAMES, Asked, is_request, parse_request
from tui.protocols.tinybms_text import decode_text
from tui.protocols.tinybms_values import Decoded, float_of, named, quantity, rounded, volts

REGISTERS_OF = {
    VOLTAGE: (36, 37), CURRENT: (38, 39), HIGHEST_CELL: (41,), LOWEST_CELL: (40,), STATUS: (50,),
    LIFETIME: (32, 33), SOC: (46, 47), TEMPERATURES: (48, 42, 43),
}  # fmt: skip
VERSION_KEYS = ("hardware_version", "hardware_changes_version", "firmware_public_version")
LONG_VERSION_KEYS = ("bootloader_version", "register_map_version")
CELLS_MOST = 16
RESEND = "resend the same request once; the first one only wakes the device"
BAD_REQUEST_FATE = "NACK code 0x01 (CRC error) or silence"


def decode_exchange(request: bytes | None, response: bytes | None) -> Decoded:
    """What a request asks (no response recorded), or what the response to it says.

    Values are pairs of value and unit. `error` is nack, crc_mismatch, truncated, timeout, length_mismatch,
    unexpected_command or no_frame.
    """
    if response is None:
        return decode_request(request or b"")
    if not response:
        return {"error": "timeout", "action": RESEND}
    if request and response.startswith(request) and len(response) > len(request):
        response = response[len(request) :]  # an adapter that gives back what was sent
    return _stream(request or b"", response)


def decode_request(request: bytes) -> Decoded:
    """What a request asks."""
    if not request:
        return {"error": "no_frame"}
    if not is_request(request):
        wire = crc16(request[:-CRC_BYTES]).to_bytes(CRC_BYTES, "little").hex().upper()
        fate: Decoded = {"correct_crc_wire_order": wire, "device_answer": BAD_REQUEST_FATE}
        return {"error": "crc_mismatch", "where": "request"} | fate
    asked = parse_request(request)
    content: Decoded = {"command": _hex(request[1])}
    if asked is None:
        return {"request": content, "request_crc_ok": True, "error": "malformed_request"}
    if asked.first is not None:
        content |= {"first": asked.first, "count": asked.count}
    if asked.addresses:
        content["addresses"] = list(asked.addresses)
    if asked.values:
        content["values"] = {str(n): word for n, word in asked.values.items()}
    if asked.option is not None:
        content["option"] = asked.option
    return {"request": content, "request_crc_ok": True}


def decode_parsed(frame: Parsed, asked: Asked | None) -> Decoded:
    """One frame as named values. Registers get their names only with the request."""
    if isinstance(frame, Nack):
        return {
            "error": "nack",
            "nack_command": _hex(frame.command),
            "nack_code": frame.code,
            "nack_meaning": "CRC error" if frame.code == CRC_ERROR else "CMD error",
        }
    if isinstance(frame, Ack):
        return {"ack": _hex(frame.command)} | _written(asked)
    return {"command": _hex(frame.command)} | _content(frame, asked)


def asked_by(request: bytes) -> Asked | None:
    """What a request asks; None when it is none."""
    return parse_request(request) if is_request(request) else None


def _stream(request: bytes, response: bytes) -> Decoded:
    """The first frame that answers; without one, what is wrong with the response."""
    line = assembler()
    results = line.feed(response)
    is_waiting = bool(line.waiting)
    results += line.line_went_quiet()
    frames = parse_all(results)
    answers = [f for f in frames if len(request) < 2 or f.command == request[1]]
    if answers:
        left = _left_over(results)
        return decode_parsed(answers[0], asked_by(request)) | ({"leftover_bytes": left} if left else {})
    if frames:
        return {"error": "unexpected_command", "got": _hex(frames[0].command)}
    if any(isinstance(r, Rejected) and r.why is Bad.CHECKSUM for r in results):
        return {"error": "crc_mismatch"}
    if is_waiting or any(isinstance(r, Found) for r in results):
        return {"error": "truncated"}
    return decode_text(response) or {"error": "no_frame"}


def _left_over(results: list[Found | Rejected]) -> int:
    """Bytes behind the last frame."""
    last = results[-1]
    return last.count if isinstance(last, Rejected) else 0


def _written(asked: Asked | None) -> Decoded:
    """What an acknowledged request wrote."""
    if asked is None:
        return {}
    if asked.option is not None:
        return {"option": asked.option}
    if asked.command == WRITE_SOME:
        return {"registers_written": {str(n): word for n, word in asked.values.items()}}
    words = list(asked.values.values())
    return {"registers_written": {"first": asked.first, "count": asked.count, "raw": words}}


def _content(answer: Answer, asked: Asked | None) -> Decoded:
    command, data = answer.command, answer.data
    if command in (READ_BIG, READ_BLOCK):
        return _block(big_words(data) if command == READ_BIG else little_words(data), asked)
    if command == READ_SOME:
        return _some(data)
    if command == WRITE_BIG:
        number, count = big_words(data)
        return {"echo": {"first": number, "count": count}} | (named(asked.values) if asked else {})
    if command in (NEW_EVENTS, EVENTS):
        return _events(data)
    if command == SETTINGS:
        option = OPTION_NAMES.get(asked.option or 0, "unknown") if asked else "unknown"
        block = asked or Asked(SETTINGS, SETTINGS_FIRST, len(data) // 2)
        return {"option": option} | _block(little_words(data), block)
    if command in REGISTERS_OF:
        return _single(command, data)
    if command == CELLS:
        return _cells(data)
    return _journey(data) if command == JOURNEY else _version(command, data)


def _block(words: tuple[int, ...], asked: Asked | None) -> Decoded:
    first = asked.first if asked else None
    registers: Decoded = {"registers": {"first": first, "count": len(words), "raw": list(words)}}
    if asked is None or first is None:
        return registers
    if asked.count != len(words):
        return registers | {"error": "length_mismatch"}
    return registers | named(dict(enumerate(words, first)))


def _some(data: bytes) -> Decoded:
    words = little_words(data)
    if len(data) % 4:
        return {"error": "length_mismatch"}
    values = dict(zip(words[::2], words[1::2], strict=True))
    return {"registers_by_address": {str(n): word for n, word in values.items()}} | named(values)


def event_parts(data: bytes) -> tuple[int, list[tuple[int, int]]] | None:
    """Clock in seconds, and pairs of 24-bit time and code, of an answer to 11 or 12; None: wrong length."""
    if len(data) < 4 or len(data) % 4:
        return None
    parts = [data[at : at + 4] for at in range(4, len(data), 4)]
    entries = [(int.from_bytes(part[:3], "little"), part[3]) for part in parts if part[3]]
    return int.from_bytes(data[:4], "little"), entries


def _events(data: bytes) -> Decoded:
    parts = event_parts(data)
    if parts is None:
        return {"error": "length_mismatch"}
    clock_s, entries = parts
    events = [{"timestamp_s": at_s, "event_id": code, "severity": level_of(code)} for at_s, code in entries]
    absolute = [resolve_time(clock_s, at_s) for at_s, _ in entries]
    return {
        "bms_timestamp": quantity(clock_s, "s"),
        "events": events,
        "absolute_timestamps": quantity(absolute, "s"),
    }


def _single(command: int, data: bytes) -> Decoded:
    numbers, words = REGISTERS_OF[command], little_words(data)
    if len(data) != 2 * len(numbers):
        return {"error": "length_mismatch"}
    return named(dict(zip(numbers, words, strict=True)))


def _cells(data: bytes) -> Decoded:
    if len(data) % 2 or len(data) > 2 * CELLS_MOST:
        return {"error": "length_mismatch"}
    return {"cells": quantity([volts(word) for word in little_words(data)], "V")}


def _journey(data: bytes) -> Decoded:
    speed, distance, time = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8))
    return {
        "speed": quantity(rounded(float_of(speed)), "km/h"),
        "distance_left": quantity(distance, "km"),
        "time_left": quantity(time, "s"),
    }


def _version(command: int, data: bytes) -> Decoded:
    """Answers to 1E and 1F: the second has two bytes more."""
    if len(data) != (7 if command == LONG_VERSION else 5):
        return {"error": "length_mismatch"}
    decoded: Decoded = {key: quantity(byte, None) for key, byte in zip(VERSION_KEYS, data, strict=False)}
    decoded["firmware_internal_version"] = quantity(int.from_bytes(data[3:5], "little"), None)
    if command != VERSION:
        decoded |= {key: quantity(byte, None) for key, byte in zip(LONG_VERSION_KEYS, data[5:], strict=True)}
    return decoded


def _hex(command: int) -> str:
    return f"0x{command:02X}"
