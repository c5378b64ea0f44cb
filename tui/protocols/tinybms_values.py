"""TinyBMS registers as named values with units.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 3. A value is a pair of
`value` and `unit`; what the unit does not know has the value None.
"""

import math
import struct
from collections.abc import Mapping
from typing import Any

from tui.protocols.tinybms_registers import (
    CURRENT_SENSORS,
    EVENTS_FIRST,
    EVENTS_MOST,
    LIVE,
    NO_SENSOR,
    POSITIONS,
    POWER_TYPES,
    REGISTERS,
    SERIAL_COUNT,
    SERIAL_FIRST,
    STATUS_NAMES,
    Register,
    Setting,
    Shape,
    raw_value,
)

Decoded = dict[str, Any]
Words = Mapping[int, int]  # register number to its 16 bits

CELL_STEPS = 10_000  # in one volt
FLOAT_DIGITS = 3
STATUS, POWER, SOH = 50, 501, 45


def quantity(value: object, unit: str | None) -> Decoded:
    """A value as the recordings write it."""
    return {"value": value, "unit": unit}


def float_of(bits: int) -> float:
    """An IEEE 754 single from its 32 bits. May be NaN or infinite."""
    value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
    return value


def rounded(value: float) -> float | None:
    """A float register without the digits it does not have; None for NaN and infinity."""
    return round(value, FLOAT_DIGITS) if math.isfinite(value) else None


def named(words: Words) -> Decoded:
    """Every value of the map whose registers are all there, and the cells."""
    decoded: Decoded = _cells(words)
    for register in REGISTERS:
        numbers = range(register.number, register.number + register.shape.registers)
        if all(n in words for n in numbers):
            decoded[register.key] = _value(register, tuple(words[n] for n in numbers))
    if STATUS in words:
        decoded["online_status_name"] = status_name(words[STATUS])
    if POWER in words:
        high = words[POWER] >> 8
        decoded["power_type"] = _choice(high & 1, POWER_TYPES)
        decoded["current_sensor"] = _choice(high >> 1 & 3, CURRENT_SENSORS)
    if all(n in words for n in range(SERIAL_FIRST, SERIAL_FIRST + SERIAL_COUNT)):
        decoded["serial_number_bytes_lsb_first"] = serial_bytes(words).hex("-").upper()
    return decoded


def status_name(status: int) -> str:
    """The status in the words of the document: "Fully Charged", "unknown"."""
    return STATUS_NAMES[status].replace("_", " ").title() if status in STATUS_NAMES else "unknown"


def serial_bytes(words: Words) -> bytes:
    """The twelve bytes of the serial number, low byte of each register first."""
    numbers = range(SERIAL_FIRST, SERIAL_FIRST + SERIAL_COUNT)
    return b"".join(words[n].to_bytes(2, "little") for n in numbers)


def event_entries(words: Words) -> list[tuple[int, int]]:
    """24-bit time and code of each entry whose two registers are there; empty places left out."""
    entries = []
    for low in range(EVENTS_FIRST, EVENTS_FIRST + 2 * EVENTS_MOST, 2):
        if low in words and low + 1 in words and words[low + 1] >> 8:
            entries.append((words[low] | (words[low + 1] & 0xFF) << 16, words[low + 1] >> 8))
    return entries


def cell_registers(words: Words, configured: int | None = None) -> tuple[int, ...]:
    """Registers of cell 1, 2, … with fewer than 16 cells in the 16 positions.

    The cells are the last ones: with N detected (else configured) cells, registers 16-N to 15. A zero among
    those while something stands before them means another wiring: then all registers that are not zero.
    """
    count = words.get(53, 0) if 0 < words.get(53, 0) <= POSITIONS else configured or 0
    first = POSITIONS - count
    in_use = tuple(n for n in range(POSITIONS) if words[n])
    if not 0 < count <= POSITIONS:
        return in_use
    has_gap = any(not words[n] for n in range(first, POSITIONS))
    return in_use if has_gap and in_use and in_use[0] < first else tuple(range(first, POSITIONS))


def volts(raw: int) -> float:
    """A cell register in volts."""
    return raw / CELL_STEPS


def _value(register: Register, words: tuple[int, ...]) -> Decoded:
    raw = raw_value(register.shape, words)
    if register.shape is Shape.FLOAT:
        return quantity(rounded(float_of(raw)), register.unit)
    if register.choices:
        return _choice(raw, register.choices)
    if _is_unknown(register, raw):
        return quantity(None, register.unit)
    return quantity(raw if register.scale == 1 else raw / register.scale, register.unit)


def _is_unknown(register: Register, raw: int) -> bool:
    """No sensor; a state of health of 0, which older firmware does not know; a setting that is not told."""
    if isinstance(register, Setting):
        return register.absent == raw
    if register.number == SOH:
        return raw == 0
    return register in LIVE and register.shape is Shape.I16 and raw == NO_SENSOR


def _choice(raw: int, choices: tuple[tuple[int, str], ...]) -> Decoded:
    return quantity(raw, dict(choices).get(raw, "unknown"))


def _cells(words: Words) -> Decoded:
    positions = [n for n in range(POSITIONS) if n in words]
    if not positions:
        return {}
    values = quantity([volts(words[n]) for n in positions], "V")
    if len(positions) < POSITIONS:
        return {f"cells_reg{positions[0]}_to_reg{positions[-1]}": values}
    in_use = sum(1 for n in positions if words[n])
    return {"cells_by_register": values, "populated_cells": quantity(in_use, None)}
