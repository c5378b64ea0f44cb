"""The parameters of a JBD board as a table: number, names, unit, coding.

Source: register map of the OverkillSolarBMS collection (corrected edition), JBD protocol document (V11), and
for the packed registers 38 and 39 the data sheet of the BQ769x0 front end. Registers 10 to A2 are readable
in factory mode only, except A0 to A2 on most boards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tui.protocols.jbd_decode import counted_text, production_date, s16, temperature_c, u16

SHORT_MV = (22, 33, 44, 56, 67, 78, 89, 100)
SHORT_DELAY_US = (70, 100, 200, 400)
OVERCURRENT_MV = (8, 11, 14, 17, 19, 22, 25, 28, 31, 33, 36, 39, 42, 44, 47, 50)
OVERCURRENT_DELAY_MS = (8, 20, 40, 80, 160, 320, 640, 1280)
UNDERVOLTAGE_DELAY_S = (1, 4, 8, 16)
OVERVOLTAGE_DELAY_S = (1, 2, 4, 8)
FUNCTIONS = ("switch", "scrl", "balance_en", "chg_balance_en", "led_en", "led_num")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JbdRegister:
    """One parameter: its number, and how its data become named values."""

    number: int
    decode: Callable[[bytes], Fields]
    is_text: bool = False


def _scaled(name: str, factor: int) -> Callable[[bytes], Fields]:
    return lambda data: {name: u16(data, 0) * factor}


def _signed(name: str, factor: int) -> Callable[[bytes], Fields]:
    return lambda data: {name: s16(data, 0) * factor}


def _celsius(name: str) -> Callable[[bytes], Fields]:
    return lambda data: {name: temperature_c(u16(data, 0))}


def _pair(high: str, low: str) -> Callable[[bytes], Fields]:
    return lambda data: {high: data[0], low: data[1]}


def _text(name: str) -> Callable[[bytes], Fields]:
    return lambda data: {name: counted_text(data)}


def _date(data: bytes) -> Fields:
    return {"production_date": production_date(u16(data, 0))}


def _functions(data: bytes) -> Fields:
    raw = u16(data, 0)
    return {"set": [name for bit, name in enumerate(FUNCTIONS) if raw >> bit & 1]}


def _short_circuit(data: bytes) -> Fields:
    """Register 38, TI front end: thresholds as coded, before the doubling that `double_range` announces."""
    return {
        "double_range": bool(data[0] & 0x80),
        "sc_threshold_mv": SHORT_MV[data[0] & 7],
        "sc_delay_us": SHORT_DELAY_US[data[0] >> 3 & 3],
        "dsgoc2_threshold_mv": OVERCURRENT_MV[data[1] & 15],
        "dsgoc2_delay_ms": OVERCURRENT_DELAY_MS[data[1] >> 4 & 7],
    }


def _second_level(data: bytes) -> Fields:
    """Register 39, TI front end. The under-voltage delay is in the two highest bits."""
    return {
        "cell_undervoltage_2nd_delay_s": UNDERVOLTAGE_DELAY_S[data[0] >> 6],
        "cell_overvoltage_2nd_delay_s": OVERVOLTAGE_DELAY_S[data[0] >> 4 & 3],
        "sc_release_s": data[1],
    }


def _shunt(data: bytes) -> Fields:
    """Register 2C: 0.1 mΩ steps; with the highest bit set 0.01 mΩ steps."""
    raw = u16(data, 0)
    return {"shunt_mohm": (raw & 0x7FFF) / 100 if raw & 0x8000 else raw / 10}


def _sensors(data: bytes) -> Fields:
    return {"ntc_enabled": [bit + 1 for bit in range(8) if data[1] >> bit & 1]}


_TABLE = (
    JbdRegister(0x10, _scaled("design_capacity_mah", 10)),
    JbdRegister(0x11, _scaled("cycle_capacity_mah", 10)),
    JbdRegister(0x12, _scaled("cell_full_voltage_mv", 1)),
    JbdRegister(0x13, _scaled("cell_empty_voltage_mv", 1)),
    JbdRegister(0x14, lambda data: {"self_discharge_pct": u16(data, 0) / 10}),
    JbdRegister(0x15, _date),
    JbdRegister(0x16, _scaled("serial_number", 1)),
    JbdRegister(0x17, _scaled("cycle_count", 1)),
    JbdRegister(0x18, _celsius("charge_overtemp_c")),
    JbdRegister(0x19, _celsius("charge_overtemp_release_c")),
    JbdRegister(0x1A, _celsius("charge_undertemp_c")),
    JbdRegister(0x1B, _celsius("charge_undertemp_release_c")),
    JbdRegister(0x1C, _celsius("discharge_overtemp_c")),
    JbdRegister(0x1D, _celsius("discharge_overtemp_release_c")),
    JbdRegister(0x1E, _celsius("discharge_undertemp_c")),
    JbdRegister(0x1F, _celsius("discharge_undertemp_release_c")),
    JbdRegister(0x20, _scaled("pack_overvoltage_mv", 10)),
    JbdRegister(0x21, _scaled("pack_overvoltage_release_mv", 10)),
    JbdRegister(0x22, _scaled("pack_undervoltage_mv", 10)),
    JbdRegister(0x23, _scaled("pack_undervoltage_release_mv", 10)),
    JbdRegister(0x24, _scaled("cell_overvoltage_mv", 1)),
    JbdRegister(0x25, _scaled("cell_overvoltage_release_mv", 1)),
    JbdRegister(0x26, _scaled("cell_undervoltage_mv", 1)),
    JbdRegister(0x27, _scaled("cell_undervoltage_release_mv", 1)),
    JbdRegister(0x28, _signed("charge_overcurrent_ma", 10)),
    JbdRegister(0x29, _signed("discharge_overcurrent_ma", 10)),
    JbdRegister(0x2A, _scaled("balance_start_mv", 1)),
    JbdRegister(0x2B, _scaled("balance_window_mv", 1)),
    JbdRegister(0x2C, _shunt),
    JbdRegister(0x2D, _functions),
    JbdRegister(0x2E, _sensors),
    JbdRegister(0x2F, _scaled("cell_count", 1)),
    JbdRegister(0x30, _scaled("fet_control_time_s", 1)),
    JbdRegister(0x31, _scaled("led_time_s", 1)),
    JbdRegister(0x32, _scaled("soc80_voltage_mv", 1)),
    JbdRegister(0x33, _scaled("soc60_voltage_mv", 1)),
    JbdRegister(0x34, _scaled("soc40_voltage_mv", 1)),
    JbdRegister(0x35, _scaled("soc20_voltage_mv", 1)),
    JbdRegister(0x36, _scaled("cell_overvoltage_2nd_mv", 1)),
    JbdRegister(0x37, _scaled("cell_undervoltage_2nd_mv", 1)),
    JbdRegister(0x38, _short_circuit),
    JbdRegister(0x39, _second_level),
    JbdRegister(0x3A, _pair("charge_undertemp_delay_s", "charge_overtemp_delay_s")),
    JbdRegister(0x3B, _pair("discharge_undertemp_delay_s", "discharge_overtemp_delay_s")),
    JbdRegister(0x3C, _pair("pack_undervoltage_delay_s", "pack_overvoltage_delay_s")),
    JbdRegister(0x3D, _pair("cell_undervoltage_delay_s", "cell_overvoltage_delay_s")),
    JbdRegister(0x3E, _pair("charge_overcurrent_delay_s", "charge_overcurrent_release_s")),
    JbdRegister(0x3F, _pair("discharge_overcurrent_delay_s", "discharge_overcurrent_release_s")),
    JbdRegister(0x40, _scaled("gps_off_voltage_mv", 1)),
    JbdRegister(0x41, _scaled("gps_off_delay_s", 1)),
    JbdRegister(0x42, _scaled("soc90_voltage_mv", 1)),
    JbdRegister(0x43, _scaled("soc70_voltage_mv", 1)),
    JbdRegister(0x44, _scaled("soc50_voltage_mv", 1)),
    JbdRegister(0x45, _scaled("soc30_voltage_mv", 1)),
    JbdRegister(0x46, _scaled("soc10_voltage_mv", 1)),
    JbdRegister(0x47, _scaled("soc100_voltage_mv", 1)),
    JbdRegister(0xA0, _text("manufacturer"), is_text=True),
    JbdRegister(0xA1, _text("device_model"), is_text=True),
    JbdRegister(0xA2, _text("barcode"), is_text=True),
)
REGISTERS: dict[int, JbdRegister] = {register.number: register for register in _TABLE}

# Register FA: index of the first word of each parameter page, and the classic register with the same content.
PAGE_REGISTERS: dict[int, int] = {
    **{index: 0x10 + index for index in range(24)},
    24: 0x28,
    25: 0x29,
    26: 0x2A,
    27: 0x2B,
    28: 0x2C,
    29: 0x2D,
    30: 0x2E,
    31: 0x2F,
    32: 0x30,
    33: 0x31,
    34: 0x32,
    35: 0x33,
    36: 0x34,
    37: 0x35,
    38: 0x36,
    39: 0x37,
    104: 0x40,
    105: 0x41,
    106: 0x42,
    107: 0x43,
    108: 0x44,
    109: 0x45,
    110: 0x46,
    111: 0x47,
}


def register_fields(number: int, data: bytes) -> Fields:
    """The named values of a parameter; an unknown one only has its raw content."""
    register = REGISTERS.get(number)
    if register is not None and register.is_text:
        return register.decode(data)
    if len(data) != 2:
        return {"raw_hex": data.hex()}
    known = register.decode(data) if register is not None else {}
    return {**known, "raw": u16(data, 0)}


def page_fields(data: bytes) -> Fields:
    """Register FA: index, count, words, and the parameters among them that have names. Two words a name."""
    if len(data) < 3:
        return {"raw_hex": data.hex()}
    index, count = u16(data, 0), data[2]
    words = [u16(data, at) for at in range(3, len(data) - 1, 2)]
    params: Fields = {}
    for offset, word in enumerate(words):
        number = PAGE_REGISTERS.get(index + offset)
        if number is not None:
            params |= REGISTERS[number].decode(word.to_bytes(2, "big"))
    return {"param_index": index, "param_count": count, "params_raw": words, "params": params}
