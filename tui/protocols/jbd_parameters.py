"""The parameters of a JBD board as an editor sees them: one row each, packed registers opened up.

Source: register map of the OverkillSolarBMS collection (corrected edition), JBD protocol document (V11), data
sheet of the BQ769x0 front end for registers 38 and 39, parameter files of the desktop tools. Ranges are
limits of good sense for an editor; the board enforces none. They hold for LTO, LFP and NMC cells.
"""

from collections.abc import Mapping, Sequence
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
from tui.protocols.jbd_registers import (
    OVERCURRENT_DELAY_MS,
    OVERCURRENT_MV,
    OVERVOLTAGE_DELAY_S,
    SHORT_DELAY_US,
    SHORT_MV,
    UNDERVOLTAGE_DELAY_S,
)
from tui.protocols.parameters import Below, Table, raw_of

CHIP, FUNCTIONS, SHUNT, CELL_COUNT = 0x00, 0x2D, 0x2C, 0x2F
SHORT_CIRCUIT, SECOND_LEVEL = 0x38, 0x39
NEW_POINTS = range(0x42, 0x48)
NEW_POINTS_FROM = 0x20  # firmware: older boards acknowledge these registers and forget them
UNIT_BIT = 12
TI = 0
TEXT_BYTES = 32
PACK_DIFFERS_SHARE = 0.10

DOUBLED_SHORT_MV = (44, 67, 89, 111, 133, 155, 178, 200)
DOUBLED_OVERCURRENT_MV = (17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100)

_BATTERY, _PROTECTION, _SYSTEM = Category.BATTERY, Category.PROTECTION, Category.SYSTEM
_SAFETY, _PERIPHERALS, _MAINTENANCE = Tab.SAFETY, Tab.PERIPHERALS, Tab.MAINTENANCE
_HARMFUL, _EXPERT = Danger.HARMFUL, Danger.EXPERT


def _choices(values: Sequence[object]) -> tuple[Choice, ...]:
    return tuple(Choice(code, str(value)) for code, value in enumerate(values))


def _capacity(number: int, key: str, tool: str) -> Register:
    return Register(
        key,
        number,
        category=_BATTERY,
        unit="Ah",
        scale=100,
        low=1,
        high=655.35,
        is_current=True,
        tool_key=tool,
    )


def _mv(number: int, key: str, low: int, high: int, tool: str, default: int | None = None) -> Register:
    return Register(
        key, number, category=_BATTERY, unit="mV", low=low, high=high, tool_key=tool, default=default
    )


def _trip(number: int, key: str, low: int, high: int, tool: str) -> Register:
    """A voltage of one cell that opens a switch, or closes it again."""
    return Register(
        key,
        number,
        category=_PROTECTION,
        tab=_SAFETY,
        unit="mV",
        low=low,
        high=high,
        danger=_HARMFUL,
        tool_key=tool,
    )


def _pack(number: int, key: str, low: float, high: float, tool: str) -> Register:
    """A voltage of the pack. The bounds are of one cell: those of the pack follow from the count of cells."""
    return replace(_trip(number, key, 0, 0, tool), unit="V", scale=100, low=low, high=high)


def _temperature(number: int, key: str, low: int, high: int, tool: str) -> Register:
    return replace(_trip(number, key, low, high, tool), unit="°C", scale=10, offset=-2731)


def _delay(number: int, key: str, is_high: bool, tool: str) -> Register:
    return Register(
        key,
        number,
        category=_PROTECTION,
        tab=_SAFETY,
        unit="s",
        low=0,
        high=255,
        shift=8 if is_high else 0,
        bits=8,
        tool_key=tool,
    )


def _packed(
    number: int,
    key: str,
    shift: int,
    bits: int,
    values: Sequence[object],
    unit: str,
    default: int | None = None,
) -> Register:
    return Register(
        key,
        number,
        Kind.CHOICE,
        _PROTECTION,
        _SAFETY,
        unit,
        choices=_choices(values),
        danger=_EXPERT,
        shift=shift,
        bits=bits,
        default=default,
    )


def _bit(number: int, key: str, bit: int, danger: Danger = Danger.NONE) -> Register:
    return Register(key, number, Kind.FLAG, _SYSTEM, _PERIPHERALS, shift=bit, bits=1, danger=danger)


def _seconds(number: int, key: str, tool: str) -> Register:
    return Register(
        key, number, category=_SYSTEM, tab=_PERIPHERALS, unit="s", low=0, high=65535, tool_key=tool
    )


def _text(number: int, key: str, tool: str) -> Register:
    return Register(
        key, number, Kind.TEXT, _SYSTEM, Tab.SETTINGS, size=TEXT_BYTES, coding=Coding.TEXT, tool_key=tool
    )


def _calibration(number: int, key: str, low: float | None, high: float | None) -> Register:
    return Register(
        key,
        number,
        category=Category.CALIBRATION,
        tab=_MAINTENANCE,
        unit="A",
        scale=100,
        low=low,
        high=high,
        access=Access.COMMAND,
        danger=_EXPERT,
    )


_CHIPS = ("TI BQ769x0", "O2 / 7717", "Panasonic", "SH309", "SH303", "DC10XX", "OZ3714")

REGISTERS: tuple[Register, ...] = (
    Register(
        "chip_type", CHIP, Kind.CHOICE, _SYSTEM, _MAINTENANCE, choices=_choices(_CHIPS), access=Access.READ
    ),
    _capacity(0x10, "design_capacity", "DesignCapacity"),
    _capacity(0x11, "cycle_capacity", "CycleCapacity"),
    _mv(0x12, "cell_full_voltage", 2000, 4500, "FullChargeVol"),
    _mv(0x13, "cell_empty_voltage", 1500, 3600, "ChargeEndVol"),
    _mv(0x47, "soc100_voltage", 1500, 4500, "VoltageCap100"),
    _mv(0x42, "soc90_voltage", 1500, 4500, "VoltageCap90"),
    _mv(0x32, "soc80_voltage", 1500, 4500, "VoltageCap80"),
    _mv(0x43, "soc70_voltage", 1500, 4500, "VoltageCap70"),
    _mv(0x33, "soc60_voltage", 1500, 4500, "VoltageCap60"),
    _mv(0x44, "soc50_voltage", 1500, 4500, "VoltageCap50"),
    _mv(0x34, "soc40_voltage", 1500, 4500, "VoltageCap40"),
    _mv(0x45, "soc30_voltage", 1500, 4500, "VoltageCap30"),
    _mv(0x35, "soc20_voltage", 1500, 4500, "VoltageCap20"),
    _mv(0x46, "soc10_voltage", 1500, 4500, "VoltageCap10"),
    Register(
        "self_discharge",
        0x14,
        category=_BATTERY,
        unit="%",
        scale=10,
        low=0,
        high=10,
        tool_key="DischargingRate",
        default=0.2,
    ),
    _mv(0x2A, "balance_start_voltage", 2000, 4500, "BalanceStartVoltage", 3400),
    _mv(0x2B, "balance_window", 1, 1000, "BalanceWindow", 15),
    Register("production_date", 0x15, Kind.DATE, _SYSTEM, coding=Coding.DATE, tool_key="ManufactureDate"),
    Register("serial_number", 0x16, category=_SYSTEM, low=0, high=65535, tool_key="SerialNumber"),
    Register("cycle_count", 0x17, category=_BATTERY, low=0, high=65535, tool_key="CycleCount"),
    _text(0xA0, "manufacturer", "ManufacturerName"),
    _text(0xA1, "device_model", "DeviceName"),
    _text(0xA2, "barcode", "BarCode"),
    # protections: voltages
    _trip(0x24, "cell_overvoltage", 2000, 4500, "CellOverVoltage"),
    _trip(0x25, "cell_overvoltage_release", 2000, 4500, "CellOVRelease"),
    _trip(0x26, "cell_undervoltage", 1000, 3600, "CellUnderVoltage"),
    _trip(0x27, "cell_undervoltage_release", 1000, 3600, "CellUVRelease"),
    _pack(0x20, "pack_overvoltage", 1.5, 4.5, "PackOverVoltage"),
    _pack(0x21, "pack_overvoltage_release", 1.5, 4.5, "PackOVRelease"),
    _pack(0x22, "pack_undervoltage", 1.0, 3.6, "PackUnderVoltage"),
    _pack(0x23, "pack_undervoltage_release", 1.0, 3.6, "PackUVRelease"),
    _delay(0x3D, "cell_undervoltage_delay", True, "CellUVDelay"),
    _delay(0x3D, "cell_overvoltage_delay", False, "CellOVDelay"),
    _delay(0x3C, "pack_undervoltage_delay", True, "PackUVDelay"),
    _delay(0x3C, "pack_overvoltage_delay", False, "PackOVDelay"),
    replace(_trip(0x36, "second_overvoltage", 3110, 4635, "HardCellOverVoltage"), danger=_EXPERT),
    replace(_trip(0x37, "second_undervoltage", 1575, 3101, "HardCellUnderVoltage"), danger=_EXPERT),
    _packed(0x39, "second_undervoltage_delay", 14, 2, UNDERVOLTAGE_DELAY_S, "s"),
    _packed(0x39, "second_overvoltage_delay", 12, 2, OVERVOLTAGE_DELAY_S, "s"),
    # protections: currents
    Register(
        "charge_overcurrent",
        0x28,
        category=_PROTECTION,
        tab=_SAFETY,
        unit="A",
        scale=100,
        low=1,
        high=327.67,
        danger=_HARMFUL,
        coding=Coding.SIGNED,
        is_current=True,
        tool_key="OverChargeCurrent",
    ),
    Register(
        "discharge_overcurrent",
        0x29,
        category=_PROTECTION,
        tab=_SAFETY,
        unit="A",
        scale=-100,
        low=1,
        high=327.68,
        danger=_HARMFUL,
        coding=Coding.SIGNED,
        is_current=True,
        tool_key="OverDisCurrent",
    ),
    _delay(0x3E, "charge_overcurrent_delay", True, "ChgOCDelay"),
    _delay(0x3E, "charge_overcurrent_release", False, "ChgOCRDelay"),
    _delay(0x3F, "discharge_overcurrent_delay", True, "DsgOCDelay"),
    _delay(0x3F, "discharge_overcurrent_release", False, "DsgOCRDelay"),
    Register(
        "second_double_range",
        SHORT_CIRCUIT,
        Kind.FLAG,
        _PROTECTION,
        _SAFETY,
        shift=15,
        bits=1,
        danger=_EXPERT,
    ),
    _packed(SHORT_CIRCUIT, "short_circuit_threshold", 8, 3, SHORT_MV, "mV"),
    _packed(SHORT_CIRCUIT, "short_circuit_delay", 11, 2, SHORT_DELAY_US, "µs"),
    _packed(SHORT_CIRCUIT, "second_overcurrent_threshold", 0, 4, OVERCURRENT_MV, "mV"),
    _packed(SHORT_CIRCUIT, "second_overcurrent_delay", 4, 3, OVERCURRENT_DELAY_MS, "ms"),
    replace(_delay(SECOND_LEVEL, "short_circuit_release", False, "SCReleaseTime"), danger=_EXPERT),
    # protections: temperatures
    _temperature(0x18, "charge_overtemperature", 20, 85, "ChgOverTemp"),
    _temperature(0x19, "charge_overtemperature_release", 20, 85, "ChgOTRelease"),
    _temperature(0x1A, "charge_undertemperature", -40, 20, "ChgLowTemp"),
    _temperature(0x1B, "charge_undertemperature_release", -40, 20, "ChgUTRelease"),
    _temperature(0x1C, "discharge_overtemperature", 20, 100, "DisOverTemp"),
    _temperature(0x1D, "discharge_overtemperature_release", 20, 100, "DsgOTRelease"),
    _temperature(0x1E, "discharge_undertemperature", -40, 20, "DisLowTemp"),
    _temperature(0x1F, "discharge_undertemperature_release", -40, 20, "DsgUTRelease"),
    _delay(0x3A, "charge_undertemperature_delay", True, "ChgUTDelay"),
    _delay(0x3A, "charge_overtemperature_delay", False, "ChgOTDelay"),
    _delay(0x3B, "discharge_undertemperature_delay", True, "DsgUTDelay"),
    _delay(0x3B, "discharge_overtemperature_delay", False, "DsgOTDelay"),
    # functions and peripherals
    _bit(FUNCTIONS, "function_switch", 0),
    _bit(FUNCTIONS, "function_load_detection", 1),
    _bit(FUNCTIONS, "function_balance", 2),
    _bit(FUNCTIONS, "function_balance_charging", 3),
    _bit(FUNCTIONS, "function_leds", 4),
    _bit(FUNCTIONS, "function_led_count", 5),
    replace(_bit(FUNCTIONS, "function_tenths", UNIT_BIT, _HARMFUL), access=Access.READ),
    *(_bit(0x2E, f"ntc{n}", n - 1, _HARMFUL) for n in range(1, 9)),
    _seconds(0x30, "fet_time", "fet_ctrl_time_set"),
    _seconds(0x31, "led_time", "led_disp_time_set"),
    replace(
        _mv(0x40, "gps_off_voltage", 0, 5000, "GPS_VOL"), category=Category.COMMUNICATION, tab=_PERIPHERALS
    ),
    replace(_seconds(0x41, "gps_off_delay", "GPS_TIME"), category=Category.COMMUNICATION),
    # maintenance
    Register(
        "cell_count",
        CELL_COUNT,
        category=_SYSTEM,
        tab=_MAINTENANCE,
        low=3,
        high=32,
        danger=_EXPERT,
        tool_key="PackNum",
    ),
    Register(
        "shunt",
        SHUNT,
        category=Category.CALIBRATION,
        tab=_MAINTENANCE,
        unit="mΩ",
        low=0.01,
        high=100,
        danger=_HARMFUL,
        coding=Coding.SHUNT,
        tool_key="SenseResistor",
    ),
    _calibration(0xAD, "idle_calibration", None, None),
    _calibration(0xAE, "charge_calibration", 0.1, 327.67),
    _calibration(0xAF, "discharge_calibration", 0.1, 327.67),
)

RULES: tuple[Below, ...] = (
    Below("cell_overvoltage_release", "cell_overvoltage", 1),
    Below("cell_undervoltage", "cell_undervoltage_release", 1),
    Below("cell_undervoltage_release", "cell_overvoltage_release", 1),
    Below("cell_overvoltage", "second_overvoltage", 1),
    Below("second_undervoltage", "cell_undervoltage", 1),
    Below("pack_overvoltage_release", "pack_overvoltage", 0.01),
    Below("pack_undervoltage", "pack_undervoltage_release", 0.01),
    Below("pack_undervoltage_release", "pack_overvoltage_release", 0.01),
    Below("cell_undervoltage", "cell_empty_voltage"),
    Below("cell_full_voltage", "cell_overvoltage"),
    Below("cell_empty_voltage", "cell_full_voltage", 1),
    Below("cell_undervoltage", "balance_start_voltage"),
    Below("balance_start_voltage", "cell_overvoltage"),
    Below("cycle_capacity", "design_capacity"),
    Below("charge_overtemperature_release", "charge_overtemperature", 0.1),
    Below("charge_undertemperature", "charge_undertemperature_release", 0.1),
    Below("discharge_overtemperature_release", "discharge_overtemperature", 0.1),
    Below("discharge_undertemperature", "discharge_undertemperature_release", 0.1),
    Below("soc80_voltage", "cell_full_voltage"),
    Below("soc60_voltage", "soc80_voltage"),
    Below("soc40_voltage", "soc60_voltage"),
    Below("soc20_voltage", "soc40_voltage"),
    Below("cell_empty_voltage", "soc20_voltage"),
    Below("soc90_voltage", "soc100_voltage"),
    Below("soc80_voltage", "soc90_voltage"),
    Below("soc70_voltage", "soc80_voltage"),
    Below("soc60_voltage", "soc70_voltage"),
    Below("soc50_voltage", "soc60_voltage"),
    Below("soc40_voltage", "soc50_voltage"),
    Below("soc30_voltage", "soc40_voltage"),
    Below("soc20_voltage", "soc30_voltage"),
    Below("soc10_voltage", "soc20_voltage"),
    Below("cell_empty_voltage", "soc10_voltage"),
)


def effective(register: Register, image: Image) -> Register:
    """A parameter as it is on this board: other steps, other tables, or not to be changed."""
    number = register.number
    if number in (SHORT_CIRCUIT, SECOND_LEVEL):
        return _front_end(register, image)
    if register.key.startswith("pack_") and register.unit == "V":
        return _of_pack(register, image)
    if _in_tenths(image):
        if number == SHUNT:  # no source says what its steps are then
            return replace(register, access=Access.READ)
        if register.is_current:
            high = None if register.high is None else register.high * 10
            return replace(register, scale=register.scale // 10, high=high)
    return register


def _in_tenths(image: Image) -> bool:
    data = image.get(FUNCTIONS, b"")
    return len(data) == 2 and bool(raw_of(data) >> UNIT_BIT & 1)


def _of_pack(register: Register, image: Image) -> Register:
    """So many cells in series; without their count as wide as for any."""
    data = image.get(CELL_COUNT, b"")
    cells = raw_of(data) if len(data) == 2 else 0
    least, most = (cells, cells) if cells else (3, 32)
    assert register.low is not None
    assert register.high is not None
    return replace(register, low=round(register.low * least, 2), high=round(register.high * most, 2))


def _front_end(register: Register, image: Image) -> Register:
    """The tables of registers 38 and 39 are those of the TI chip; of others the codes mean something else."""
    chip = image.get(CHIP, b"")
    if len(chip) == 2 and raw_of(chip) != TI:
        return replace(register, access=Access.READ, kind=Kind.NUMBER, choices=(), unit="")
    data = image.get(SHORT_CIRCUIT, b"")
    if len(data) == 2 and data[0] & 0x80:
        if register.key == "short_circuit_threshold":
            return replace(register, choices=_choices(DOUBLED_SHORT_MV))
        if register.key == "second_overcurrent_threshold":
            return replace(register, choices=_choices(DOUBLED_OVERCURRENT_MV))
    return register


def checks(values: Mapping[str, Value]) -> list[Problem]:
    """What needs a second look: pack limits far from those of the cells, charging below freezing."""
    found: list[Problem] = []
    cells = values.get("cell_count")
    for side in ("overvoltage", "undervoltage"):
        pack, cell = values.get(f"pack_{side}"), values.get(f"cell_{side}")
        if not (isinstance(cells, int) and isinstance(pack, int | float) and isinstance(cell, int)):
            continue
        expected_v = cells * cell / 1000
        if abs(pack - expected_v) > PACK_DIFFERS_SHARE * expected_v:
            args = (("value", f"{pack:.2f}"), ("expected", f"{expected_v:.2f}"), ("cells", str(cells)))
            found.append(Problem(Cause("reg-pack-differs", args), f"pack_{side}", is_error=False))
    cold = values.get("charge_undertemperature")
    if isinstance(cold, int | float) and cold < 0:
        cause = Cause("reg-cold-charge", (("value", f"{cold:.1f}"),))
        found.append(Problem(cause, "charge_undertemperature", is_error=False))
    if not any(values.get(f"ntc{n}", 1) for n in range(1, 9)):
        found.append(Problem(Cause("reg-no-sensor"), "ntc1"))
    return found


ON_OFF = (Choice(1, "on", "on"), Choice(0, "off", "off"))
COMMANDS: tuple[CommandForm, ...] = (
    CommandForm("charge_switch", ON_OFF, danger=_HARMFUL),
    CommandForm("discharge_switch", ON_OFF, danger=_HARMFUL),
    CommandForm(
        "balance_test", (Choice(1, "odd", "odd"), Choice(2, "even", "even"), Choice(3, "off", "off"))
    ),
    CommandForm("reset_soc", unit="%", low=0, high=100),
    CommandForm("clear_errors"),
    CommandForm("restart", danger=_HARMFUL),
    CommandForm("sleep", danger=_HARMFUL),
    CommandForm("idle_calibration", danger=_EXPERT),
    CommandForm("charge_calibration", unit="A", low=0.1, high=327.67, danger=_EXPERT),
    CommandForm("discharge_calibration", unit="A", low=0.1, high=327.67, danger=_EXPERT),
)
TABLE = Table("jbd", REGISTERS, RULES, effective, checks, COMMANDS)
