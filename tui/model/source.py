"""Where each main value of a battery stands on its wire: frame, field, bytes, and what is done to them.

Sources: JBD protocol document (V11, 2023), register 03 and 04; Energus "Communication Protocols, Tiny BMS",
Revision D (2025), registers 0 to 55; Pylontech low voltage CAN 1.2 and Victron's identifiers. Offsets count
from the first byte of a whole answer, start byte and length included; on a CAN bus from byte 0 of the frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The bytes behind one value. `field` is its name in the explanation of the frame.

    `at` and `size` in bytes, `at` `None` where the place is not known; with `each` the value is a list and
    `size` that of one item. `how`: steps from raw number to value; words name `source-how-<word>`.
    """

    key: str  # register, command or identifier
    field: str
    at: int | None = None
    size: int = 2
    how: tuple[str, ...] = ()
    each: bool = False
    head: bytes = b""  # the frame begins so, else the offsets mean nothing


_BASIC, _CELLS_HEAD = b"\xdd\x03\x00", b"\xdd\x04\x00"


def _basic(field: str, at: int, size: int, *how: str, each: bool = False) -> Origin:
    return Origin("03", field, at, size, how, each, _BASIC)


JBD: Mapping[str, Origin] = {
    "pack-v": _basic("voltage_v", 4, 2, "÷ 100"),
    "current": _basic("current_a", 6, 2, "signed", "÷ 100"),
    "soc": _basic("soc_pct", 23, 1, "plain"),
    "remaining": _basic("remaining_ah", 8, 2, "÷ 100"),
    "nominal": _basic("nominal_ah", 10, 2, "÷ 100"),
    "cycles": _basic("cycles", 12, 2, "plain"),
    "cells": Origin("04", "cells_v", 4, 2, ("÷ 1000",), True, _CELLS_HEAD),
    "temperatures": _basic("temperatures_c", 27, 2, "- 2731", "÷ 10", each=True),
    "charge": _basic("charge_fet", 24, 1, "bit-0"),
    "discharge": _basic("discharge_fet", 24, 1, "bit-1"),
    "balancing": _basic("balancing_cells", 16, 4, "mask"),
    "protections": _basic("protection", 20, 2, "mask"),
}
LIVE_HEAD = bytes((0xAA, 0x03, 112))  # the answer with registers 0 to 55


def _live(field: str, register: int, size: int, *how: str, each: bool = False) -> Origin:
    return Origin("03", field, 3 + 2 * register, size, how, each, LIVE_HEAD)


TINYBMS: Mapping[str, Origin] = {
    "pack-v": _live("pack_voltage", 36, 4, "float"),
    "current": _live("pack_current", 38, 4, "float"),
    "soc": _live("state_of_charge", 46, 4, "÷ 1000000"),
    "soh": _live("state_of_health", 45, 2, "÷ 500"),
    "remaining": Origin("03", "", how=("product",)),
    "nominal": Origin("03", "battery_capacity", how=("÷ 100",)),
    "cells": _live("cells_by_register", 0, 2, "÷ 10000", each=True),
    "temperatures": _live("internal_temperature", 48, 2, "signed", "÷ 10"),
    "balancing": _live("cells_being_balanced", 52, 2, "mask"),
    "protections": Origin("12", "", how=("events",)),
    "time-left": _live("estimated_time_left", 34, 4, "plain"),
}
CAN: Mapping[str, Origin] = {
    "pack-v": Origin("356", "voltage", 0, 2, ("signed", "÷ 100")),
    "current": Origin("356", "current", 2, 2, ("signed", "÷ 10")),
    "soc": Origin("355", "soc", 0, 2, ("plain",)),
    "soh": Origin("355", "soh", 2, 2, ("plain",)),
    "nominal": Origin("379", "installed", 0, 2, ("plain",)),
    "temperatures": Origin("356", "temperature", 4, 2, ("signed", "÷ 10")),
    "charge": Origin("35C", "charge_enable", 0, 1, ("bit-7",)),
    "discharge": Origin("35C", "discharge_enable", 0, 1, ("bit-6",)),
    "protections": Origin("35A", "alarms", 0, 4, ("pairs",)),
    "cvl": Origin("351", "cvl", 0, 2, ("÷ 10",)),
    "ccl": Origin("351", "ccl", 2, 2, ("signed", "÷ 10")),
    "dcl": Origin("351", "dcl", 4, 2, ("signed", "÷ 10")),
    "dvl": Origin("351", "dvl", 6, 2, ("÷ 10",)),
}
TABLES: Mapping[str, Mapping[str, Origin]] = {"jbd": JBD, "tinybms": TINYBMS, "can": CAN}
NAMES: Mapping[str, tuple[str, ...]] = {  # of fields in languages without a table here
    "pack-v": ("voltage", "voltage_v", "pack_voltage", "pack_v"),
    "current": ("current", "current_a", "pack_current"),
    "soc": ("battery_level", "soc", "soc_pct", "state_of_charge"),
    "soh": ("battery_health", "soh", "state_of_health"),
    "remaining": ("cycle_charge", "remaining_ah"),
    "nominal": ("design_capacity", "nominal_ah", "installed"),
    "cycles": ("cycles",),
    "cells": ("cell_voltages", "cells", "cells_v"),
    "temperatures": ("temp_values", "temperatures_c", "temperature"),
    "charge": ("chrg_mosfet", "charge_enable"),
    "discharge": ("dischrg_mosfet", "discharge_enable"),
    "balancing": ("balancer", "balancing_cells"),
    "protections": ("problem_code", "protections", "alarms"),
}


def origin(protocol: str, value: str) -> Origin | None:
    """Where a value stands in that language; `None` when this is not known."""
    return TABLES.get(protocol, {}).get(value)
