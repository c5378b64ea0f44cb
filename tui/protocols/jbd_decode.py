"""JBD payloads: bytes to named values. One decoder for the protocol, the command line and the tests.

Source: JBD protocol document (V11, 2023); the trailer and the clones from captures. Names carry their units.
"""

from datetime import date
from typing import Any

from tui.model.sample import Protection

Decoded = dict[str, Any]  # what `packdeck decode` prints; field names are those of the recordings

BASIC_LEAST = 23  # bytes of basic information without any sensor
MOST_CELLS, MOST_SENSORS = 32, 8
TRAILER_BYTES = 9
ZERO_C = 2731  # 0.1 K
UNIT_FLAG = 0x80  # currents and capacities in 100 mA and 100 mAh

PROTECTIONS = (
    Protection.CELL_OVERVOLTAGE,
    Protection.CELL_UNDERVOLTAGE,
    Protection.PACK_OVERVOLTAGE,
    Protection.PACK_UNDERVOLTAGE,
    Protection.CHARGE_OVERTEMPERATURE,
    Protection.CHARGE_UNDERTEMPERATURE,
    Protection.DISCHARGE_OVERTEMPERATURE,
    Protection.DISCHARGE_UNDERTEMPERATURE,
    Protection.CHARGE_OVERCURRENT,
    Protection.DISCHARGE_OVERCURRENT,
    Protection.SHORT_CIRCUIT,
    Protection.FRONTEND_IC_ERROR,
    Protection.MOSFET_SOFTWARE_LOCK,
    Protection.CHARGE_MOSFET_BREAKDOWN,
    Protection.DISCHARGE_MOSFET_BREAKDOWN,
)
COUNTERS = (
    "short_circuit",
    "charge_overcurrent",
    "discharge_overcurrent",
    "cell_overvoltage",
    "cell_undervoltage",
    "charge_overtemperature",
    "charge_undertemperature",
    "discharge_overtemperature",
    "discharge_undertemperature",
    "pack_overvoltage",
    "pack_undervoltage",
    "system_restarts",
)


class ImplausibleError(ValueError):
    """A frame with a correct checksum whose content cannot be true."""


def u16(data: bytes, at: int) -> int:
    """Two bytes, big-endian."""
    return data[at] << 8 | data[at + 1]


def s16(data: bytes, at: int) -> int:
    """Two bytes, big-endian, signed."""
    raw = u16(data, at)
    return raw - 0x10000 if raw & 0x8000 else raw


def temperature_c(raw: int) -> float:
    """Tenths of a kelvin to degrees Celsius."""
    return (raw - ZERO_C) / 10


def production_date(raw: int) -> str | None:
    """Year, month and day in 7, 4 and 5 bits, as ISO 8601; None when that is no date."""
    try:
        return date(2000 + (raw >> 9), raw >> 5 & 0xF, raw & 0x1F).isoformat()
    except ValueError:
        return None


def bits(mask: int, count: int) -> list[int]:
    """Numbers of the set bits, from 0."""
    return [n for n in range(count) if mask >> n & 1]


def protections(mask: int) -> list[Protection]:
    """Protection bits by name; bit 15 is reserved."""
    return [PROTECTIONS[n] for n in bits(mask, len(PROTECTIONS))]


def basic(data: bytes) -> Decoded:
    """Register 03: totals, switches, temperatures. Raises ImplausibleError."""
    if len(data) < BASIC_LEAST:
        raise ImplausibleError(f"basic information of {len(data)} bytes")
    if data[21] > MOST_CELLS or data[22] > MOST_SENSORS:
        raise ImplausibleError(f"{data[21]} cells, {data[22]} sensors")
    sensors = min(data[22], (len(data) - BASIC_LEAST) // 2)
    rest = data[BASIC_LEAST + 2 * data[22] :]
    has_trailer = len(rest) == TRAILER_BYTES
    in_tenths = bool(data[20] & UNIT_FLAG or (has_trailer and rest[0] & UNIT_FLAG))
    scale = 10 if in_tenths else 100  # raw steps per A and Ah
    balance, mask = u16(data, 14) << 16 | u16(data, 12), u16(data, 16)
    decoded: Decoded = {
        "voltage_v": u16(data, 0) / 100,
        "current_a": s16(data, 2) / scale,
        "remaining_ah": u16(data, 4) / scale,
        "nominal_ah": u16(data, 6) / scale,
        "cycles": u16(data, 8),
        "production_date": production_date(u16(data, 10)),
        "balance_mask": balance,
        "balancing_cells": [n + 1 for n in bits(balance, MOST_CELLS)],
        "protection_mask": mask,
        "protection": [p.value for p in protections(mask)],
        "version_raw": data[18],
        "version": f"{data[18] >> 4}.{data[18] & 0xF:x}",
        "soc_pct": data[19],
        "fet_mask": data[20],
        "charge_fet": bool(data[20] & 1),
        "discharge_fet": bool(data[20] & 2),
        "cell_count": data[21],
        "ntc_count": data[22],
        "temperatures_c": [temperature_c(u16(data, BASIC_LEAST + 2 * n)) for n in range(sensors)],
        "unit_100ma": in_tenths,
    }
    if has_trailer:
        decoded["trailer"] = {
            "humidity_raw": rest[0],
            "alarm_mask": u16(rest, 1),
            "full_charge_ah": u16(rest, 3) / scale,
            "remaining_ah": u16(rest, 5) / scale,
            "balance_current_ma": u16(rest, 7),
        }
    elif rest:
        decoded["trailer_unparsed_hex"] = rest.hex()
    return decoded


def cells(data: bytes) -> Decoded:
    """Register 04: cell voltages. Raises ImplausibleError."""
    if len(data) % 2 or len(data) > 2 * MOST_CELLS:
        raise ImplausibleError(f"cell voltages of {len(data)} bytes")
    mv = [u16(data, at) for at in range(0, len(data), 2)]
    return {"cell_count": len(mv), "cells_v": [v / 1000 for v in mv]}


def counters(data: bytes) -> Decoded:
    """Register AA: how often each protection acted; older boards have no count of restarts."""
    if len(data) < 2 * (len(COUNTERS) - 1):
        raise ImplausibleError(f"error counters of {len(data)} bytes")
    return {
        "error_counts": {name: u16(data, 2 * n) for n, name in enumerate(COUNTERS) if 2 * n + 1 < len(data)}
    }


def text(data: bytes) -> str:
    """ASCII without the padding that boards leave in it."""
    return data.split(b"\0")[0].decode("ascii", "replace").strip()


def counted_text(data: bytes) -> str:
    """A text behind a length byte (registers A0 to A2); leftovers behind it are ignored."""
    return text(data[1 : 1 + data[0]]) if data else ""
