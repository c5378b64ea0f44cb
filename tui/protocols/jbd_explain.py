"""One JBD frame in words, for the Frames place."""

from typing import Any

from tui.model.frame import Trust
from tui.protocols.jbd_exchange import decode_exchange
from tui.protocols.jbd_frames import READ, START, WRITE
from tui.protocols.protocol import Explained

REGISTERS = {
    0x00: "factory-mode",
    0x01: "factory-exit",
    0x03: "basic",
    0x04: "cells",
    0x05: "hardware",
    0xA0: "manufacturer",
    0xA1: "model",
    0xA2: "barcode",
    0xAA: "counters",
    0xE1: "mosfets",
    0xFA: "parameters",
}
_OTHER_ENDINGS = ("hex", "matches_request")


def explain(data: bytes, request: bytes | None) -> Explained:
    """A request (`request` is None) or what answered one."""
    if request is None and data[:1] == bytes((START,)) and len(data) > 2 and data[1] in (READ, WRITE):
        what = "read" if data[1] == READ else "write"
        return Explained(f"{data[2]:02X}", REGISTERS.get(data[2], ""), (("request", what),), Trust.GOOD)
    key = f"{request[2]:02X}" if request and len(request) > 2 else data[1:2].hex().upper()
    name = REGISTERS.get(int(key, 16), "") if key else ""
    decoded = decode_exchange(request, data)
    if "frames" not in decoded:
        trust = Trust.BAD if "error" in decoded else Trust.GOOD
        return Explained(key, name, _fields(decoded), trust)
    fields: list[tuple[str, str]] = []
    for frame in decoded["frames"]:
        fields += _fields(frame["decoded"])
    fields += [(k, str(v)) for k, v in decoded.items() if k != "frames"]
    return Explained(key, name, tuple(fields), Trust.BAD if decoded.get("reason") else Trust.GOOD)


def _fields(decoded: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _words(value)) for name, value in decoded.items() if name not in ("register", *_OTHER_ENDINGS)
    )


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(_words(part) for part in value) or "-"
    if isinstance(value, dict):
        return " ".join(f"{k}={_words(v)}" for k, v in value.items() if v) or "-"
    return "--" if value is None else str(value)
