"""One TinyBMS frame in words, for the Frames place."""

from typing import Any

from tui.model.frame import Trust
from tui.protocols.protocol import Explained
from tui.protocols.tinybms_decode import asked_by, decode_exchange, decode_request
from tui.protocols.tinybms_events import name_of
from tui.protocols.tinybms_frames import START
from tui.protocols.tinybms_registers import (
    EVENTS_FIRST,
    SERIAL_FIRST,
    SETTINGS_FIRST,
    STATISTICS_FIRST,
    VERSION_FIRST,
)
from tui.protocols.tinybms_requests import Asked, is_request

NAMES = {
    0x00: "refused", 0x01: "obeyed", 0x02: "reset", 0x03: "registers", 0x07: "registers", 0x09: "registers",
    0x0B: "write", 0x0D: "write", 0x10: "write", 0x11: "new-events", 0x12: "events", 0x14: "voltage",
    0x15: "current", 0x16: "highest-cell", 0x17: "lowest-cell", 0x18: "status", 0x19: "lifetime",
    0x1A: "soc", 0x1B: "temperatures", 0x1C: "cells", 0x1D: "settings", 0x1E: "version", 0x1F: "version",
    0x20: "journey",
}  # fmt: skip
READS = (0x03, 0x07, 0x09)
AREAS = (  # newest boundary first: where a run of registers begins says what it is about
    (SERIAL_FIRST, "serial"),
    (VERSION_FIRST, "version"),
    (SETTINGS_FIRST, "settings"),
    (EVENTS_FIRST, "events"),
    (STATISTICS_FIRST, "statistics"),
    (0, "live"),
)
_LEFT_OUT = ("command", "populated_cells", "absolute_timestamps", "action", "device_answer", "where")


def explain(data: bytes, request: bytes | None) -> Explained:
    """A request (`request` is None) or what answered one."""
    asked = asked_by(request or data)
    if request is None and is_request(data):
        return Explained(_key(data), _name(data[1], asked), _request_fields(data), Trust.GOOD)
    about = request if request and len(request) > 1 else data
    command = about[1] if len(about) > 1 and about[0] == START else None
    name = _name(command, asked if request else None)
    decoded = decode_exchange(request, data)
    trust = Trust.BAD if "error" in decoded else Trust.GOOD
    if request is None and decoded.get("error") == "no_frame":
        trust = Trust.UNKNOWN
    if command is None and trust is Trust.GOOD:
        name = "broadcast"
    return Explained(_key(about), name, _fields(decoded), trust)


def _key(data: bytes) -> str:
    """The command as two digits; empty for what has none."""
    return f"{data[1]:02X}" if len(data) > 1 and data[0] == START else ""


def _name(command: int | None, asked: Asked | None) -> str:
    if command in READS and asked is not None and asked.registers:
        first = asked.registers[0]
        return next(name for lowest, name in AREAS if first >= lowest)
    return "" if command is None else NAMES.get(command, "")


def _request_fields(data: bytes) -> tuple[tuple[str, str], ...]:
    content = decode_request(data)["request"]
    return tuple((name, _words(value)) for name, value in content.items() if name != "command") or (
        ("request", "read"),
    )


def _fields(decoded: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    fields: list[tuple[str, str]] = []
    for name, value in decoded.items():
        if name == "events":
            times = decoded["absolute_timestamps"]["value"]
            fields += [(name_of(e["event_id"]), f"{at} s") for e, at in zip(value, times, strict=True)]
        elif name not in _LEFT_OUT and not (name == "registers" and _has_names(decoded)):
            fields.append((name, _words(value)))
    return tuple(fields)


def _has_names(decoded: dict[str, Any]) -> bool:
    """Raw registers are shown only where nothing better is known."""
    return any(
        name.startswith("serial") or (isinstance(value, dict) and "unit" in value)
        for name, value in decoded.items()
    )


def _words(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        unit = value["unit"]
        return _words(value["value"]) + (f" {unit}" if unit else "")
    if isinstance(value, dict):
        return " ".join(f"{k}={_words(v)}" for k, v in value.items() if v is not None) or "-"
    if isinstance(value, list | tuple):
        return " ".join(_words(part) for part in value) or "-"
    return "--" if value is None else str(value)
