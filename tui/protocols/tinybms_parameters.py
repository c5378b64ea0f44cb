"""The parameters of a TinyBMS as an editor sees them, made from the table of its registers.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), and its user manual. A unit tells its
own ranges by command 1D; they narrow the absolute ones of the table.
"""

from collections.abc import Mapping
from dataclasses import replace

from tui.model.link import Cause
from tui.model.register import (
    Access,
    Category,
    Choice,
    Coding,
    CommandForm,
    Danger,
    Image,
    Kind,
    Register,
    Tab,
    Value,
)
from tui.model.register_review import Problem
from tui.protocols.parameters import Below, Table, raw_of
from tui.protocols.tinybms_registers import (
    CURRENT_SENSORS,
    POWER_TYPES,
    SETTINGS,
    SETTINGS_FIRST,
    STATISTICS,
    VERSIONS,
    Shape,
)
from tui.protocols.tinybms_registers import Register as MapRow
from tui.protocols.tinybms_registers import Setting as MapSetting

OPERATION_MODE = 340
SET_BY_COMMAND = (323, 328)  # read 0xFFFF once they are accepted
FLAGS = ("invert_external_sensor", "no_switch_diagnostics", "charge_restart_enabled")  # bits of 329
NARROWED_GAP_MV = 10  # the manual: between the four cell voltages
SOC_BAR, SOC_BAR_TOO_FAST = 2, (1, 2, 3)  # 0.1 to 0.5 s
SINGLE_PORT = 1

# Tabs as the vendor's gateway has them: row CL-47.
_TABS = {
    Tab.SETTINGS: (300, 301, 303, 304, 306, 307, 308, 312, 314, 322, 323, 328),
    Tab.SAFETY: (305, 315, 316, 317, 318, 319, 320, 329, 332),
    Tab.PERIPHERALS: (310, 311, 321, *range(330, 332), *range(333, 344)),
}
_CATEGORIES = {
    "battery": Category.BATTERY,
    "soc": Category.BATTERY,
    "charger": Category.SYSTEM,
    "vehicle": Category.SYSTEM,
    "hardware": Category.SYSTEM,
    "safety": Category.PROTECTION,
    "system": Category.SYSTEM,
}
_HARMFUL = frozenset((300, 301, 305, 306, 307, *range(315, 321), 329, *range(330, 336), 337, 340, 341))
_SIGNED = (Shape.I16, Shape.I8_LOW, Shape.I8_HIGH)
_HIGH = (Shape.HIGH, Shape.I8_HIGH)
_BYTES = (Shape.LOW, Shape.HIGH, Shape.I8_LOW, Shape.I8_HIGH)


def _of(row: MapRow, category: Category, tab: Tab, access: Access) -> Register:
    """A row of the map as a parameter. Cell voltages are told in mV, as a person reads them."""
    in_mv = row.unit == "V" and row.scale in (1000, 10_000)
    scale = row.scale // 1000 if in_mv else row.scale
    return Register(
        row.key,
        row.number,
        Kind.CHOICE if row.choices else Kind.NUMBER,
        category,
        tab,
        "mV" if in_mv else row.unit or "",
        scale,
        choices=tuple(Choice(code, text) for code, text in row.choices),
        access=access,
        danger=Danger.HARMFUL if row.number in _HARMFUL else Danger.NONE,
        shift=8 if row.shape in _HIGH else 0,
        bits=8 if row.shape in _BYTES else 0,
        size=2 * row.shape.registers,
        coding=Coding.SIGNED if row.shape in _SIGNED else Coding.PLAIN,
        restarts=row.number == OPERATION_MODE,
        is_hex=False,
    )


def _setting(row: MapSetting) -> Register:
    tab = next((tab for tab, numbers in _TABS.items() if row.number in numbers), Tab.MAINTENANCE)
    tab = Tab.SAFETY if row.key == "discharge_over_current_timeout" else tab
    access = Access.COMMAND if row.number in SET_BY_COMMAND else Access.WRITE
    category = Category.COMMUNICATION if row.number in (342, 343) else _CATEGORIES[row.category]
    register = _of(row, category, tab, access)
    step = row.scale // register.scale if register.unit == "mV" else 1
    per_unit = row.scale / step
    low = None if row.low is None or row.choices else row.low / per_unit
    high = None if row.high is None or row.choices else row.high / per_unit
    return replace(register, low=low, high=high)


def _flags() -> tuple[Register, ...]:
    category, tab = Category.PROTECTION, Tab.SAFETY
    return tuple(
        Register(key, 329, Kind.FLAG, category, tab, danger=Danger.HARMFUL, shift=bit, bits=1, is_hex=False)
        for bit, key in enumerate(FLAGS)
    )


def _read_only() -> tuple[Register, ...]:
    rows = [_of(row, Category.SYSTEM, Tab.MAINTENANCE, Access.READ) for row in (*STATISTICS, *VERSIONS)]
    bits = (("power_type", 8, 1, POWER_TYPES), ("current_sensor", 9, 2, CURRENT_SENSORS))
    for key, shift, width, choices in bits:
        named = tuple(Choice(code, text) for code, text in choices)
        rows.append(
            Register(
                key,
                501,
                Kind.CHOICE,
                Category.SYSTEM,
                Tab.MAINTENANCE,
                choices=named,
                access=Access.READ,
                shift=shift,
                bits=width,
                is_hex=False,
            )
        )
    return tuple(rows)


REGISTERS: tuple[Register, ...] = (
    *(_setting(row) for row in SETTINGS if row.number != 329),
    *_flags(),
    *_read_only(),
)
RULES: tuple[Below, ...] = (
    Below("fully_charged_voltage", "over_voltage_cutoff", NARROWED_GAP_MV),
    Below("fully_discharged_voltage", "fully_charged_voltage", NARROWED_GAP_MV),
    Below("under_voltage_cutoff", "fully_discharged_voltage", NARROWED_GAP_MV),
    Below("discharge_over_current_cutoff", "discharge_peak_current_cutoff", 1),
)
NEW_IN_D = frozenset(row.key for row in SETTINGS if row.new_in_d) | frozenset(FLAGS)


def effective(register: Register, image: Image) -> Register:
    """Every unit has the same map: the ranges that differ come from the unit itself."""
    return register


def limits_of(lows: bytes, highs: bytes) -> dict[str, tuple[float, float]]:
    """What the unit itself allows, from its answers to command 1D: words from register 300 on, big-endian.

    A parameter whose bounds are both 0 does not exist on this firmware and is not in the result.
    """
    found: dict[str, tuple[float, float]] = {}
    for register in REGISTERS:
        at = 2 * (register.number - SETTINGS_FIRST)
        if register.number < SETTINGS_FIRST or at + register.size > min(len(lows), len(highs)):
            continue
        low = _bound(register, lows[at : at + register.size])
        high = _bound(register, highs[at : at + register.size])
        if low == high == 0:
            continue
        found[register.key] = (low, high)
    return found


def absent(limits: Mapping[str, tuple[float, float]]) -> frozenset[str]:
    """Settings that came with Revision D and that this unit gives no bounds for: it does not have them."""
    return frozenset(key for key in NEW_IN_D - set(FLAGS) if key not in limits) if limits else frozenset()


def _bound(register: Register, data: bytes) -> float:
    raw = raw_of(data)
    bits = register.bits or 8 * register.size
    part = raw >> register.shift & (1 << bits) - 1
    if register.coding is Coding.SIGNED and part >> bits - 1:
        part -= 1 << bits
    return part / register.scale


_PIN_OF = {
    "load_switch_type": 0,
    "charger_switch_type": 1,
    "single_port_switch_type": 0,
    "ignition": 0,
    "charger_detection": 1,
    "speed_sensor_input": 0,
    "precharge_pin": 0,
}


def _pin(key: str, values: Mapping[str, Value]) -> str:
    """The pin that a function uses; empty when it uses none."""
    value = values.get(key)
    register = next(r for r in REGISTERS if r.key == key)
    text = next((c.text for c in register.choices if c.value == value), "")
    word = text.split(" ")[0]
    return word if word.startswith(("AIDO", "DIDO", "AIHO")) else ""


def checks(values: Mapping[str, Value]) -> list[Problem]:
    """What the manual says of pins, precharge and broadcast."""
    single = values.get("operation_mode") == SINGLE_PORT
    unused = ("load_switch_type", "charger_switch_type") if single else ("single_port_switch_type",)
    found: list[Problem] = []
    owners: dict[str, str] = {}
    for key in _PIN_OF:
        pin = "" if key in unused else _pin(key, values)
        if pin and pin in owners:
            args = (("pin", pin), ("other", owners[pin]))
            found += [
                Problem(Cause("reg-pin-taken", args), key),
                Problem(Cause("reg-pin-taken", args), owners[pin]),
            ]
        elif pin:
            owners[pin] = key
    return found + _precharge(values, single) + _broadcast(values)


def _precharge(values: Mapping[str, Value], single: bool) -> list[Problem]:
    if values.get("precharge_pin", 0) == 0:
        return []
    inside = {
        "load_switch_type": not single and values.get("load_switch_type") == 0,
        "charger_switch_type": not single and values.get("charger_switch_type") == 1,
        "single_port_switch_type": single and values.get("single_port_switch_type") == 0,
    }
    keys = [key for key, is_inside in inside.items() if is_inside]
    if values.get("precharge_pin") == 2 and single:
        keys.append("operation_mode")
    if not keys:
        return []
    args = (("other", keys[0]),)
    return [Problem(Cause("reg-precharge", args), key) for key in ("precharge_pin", *keys)]


def _broadcast(values: Mapping[str, Value]) -> list[Problem]:
    if (
        values.get("broadcast_protocol") != SOC_BAR
        or values.get("broadcast_interval") not in SOC_BAR_TOO_FAST
    ):
        return []
    return [Problem(Cause("reg-soc-bar"), key) for key in ("broadcast_interval", "broadcast_protocol")]


COMMANDS: tuple[CommandForm, ...] = (
    CommandForm("reset_soc", unit="%", low=0, high=100),
    CommandForm("set_soh", unit="%", low=0, high=100),
    CommandForm("clear_events"),
    CommandForm("clear_statistics"),
    CommandForm("restart", danger=Danger.HARMFUL),
)
TABLE = Table("tinybms", REGISTERS, RULES, effective, checks, COMMANDS, last=frozenset((OPERATION_MODE,)))
