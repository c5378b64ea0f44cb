"""TinyBMS registers: the settings 300 to 343 in full, and the names of live, statistic and version registers.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 3; ranges are the absolute
ones of that document, a unit may narrow some of them.
"""

from dataclasses import dataclass
from enum import StrEnum

LIVE_FIRST, LIVE_COUNT = 0, 56
STATISTICS_FIRST, STATISTICS_COUNT = 100, 18
EVENTS_FIRST, EVENTS_MOST = 200, 49
SETTINGS_FIRST, SETTINGS_COUNT, SETTINGS_LAST = 300, 44, 399
VERSION_FIRST, VERSION_COUNT = 500, 4
SERIAL_FIRST, SERIAL_COUNT = 504, 6
LAST = 599
POSITIONS = 16  # cell voltages are in registers 0 to 15
NO_SENSOR = -32768


class Shape(StrEnum):
    """How a value lies in its register or registers. Two registers: low word first."""

    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    FLOAT = "float"
    LOW = "low"  # unsigned low byte
    HIGH = "high"  # unsigned high byte
    I8_LOW = "i8_low"
    I8_HIGH = "i8_high"

    @property
    def registers(self) -> int:
        """How many registers it takes."""
        return 2 if self in (Shape.U32, Shape.FLOAT) else 1


Choices = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """One value of the map. `scale` is raw steps in one unit: 1000 for a voltage in mV that is told in V."""

    number: int
    key: str
    unit: str | None = None
    scale: int = 1
    shape: Shape = Shape.U16
    choices: Choices = ()


@dataclass(frozen=True, slots=True)
class Setting(Register):
    """One setting. `low` and `high` are raw; None where the document gives none.

    `absent` is the raw value that means "not told". `new_in_d`: reserved on firmware before about 2.3.251.
    """

    low: int | None = None
    high: int | None = None
    category: str = ""  # "battery", "charger", "safety", "vehicle", "hardware", "system", "soc"
    new_in_d: bool = False
    absent: int | None = None

    def raw_of(self, words: tuple[int, ...]) -> int:
        """The raw value in its own registers."""
        return raw_value(self.shape, words)


def raw_value(shape: Shape, words: tuple[int, ...]) -> int:
    """The whole number in one or two registers. For `FLOAT` its 32 bits."""
    if shape.registers == 2:
        return words[0] | words[1] << 16
    word = words[0]
    if shape is Shape.I16:
        return word - 0x10000 if word & 0x8000 else word
    if shape in (Shape.LOW, Shape.I8_LOW):
        word &= 0xFF
    elif shape in (Shape.HIGH, Shape.I8_HIGH):
        word >>= 8
    is_negative = shape in (Shape.I8_LOW, Shape.I8_HIGH) and word & 0x80
    return word - 0x100 if is_negative else word


STATUS_NAMES = {
    0x91: "charging", 0x92: "fully_charged", 0x93: "discharging", 0x96: "regeneration", 0x97: "idle",
    0x9B: "fault",
}  # fmt: skip
RESET_CAUSES: Choices = tuple(
    enumerate(
        (
            "unknown", "low power", "window watchdog", "independent watchdog", "software", "power on", "pin",
            "option byte loading",
        )
    )
)  # fmt: skip
WAKEUP_CAUSES: Choices = tuple(
    enumerate(("charger connected", "ignition", "discharging detected", "UART communication"))
)

LIVE = (
    Register(32, "lifetime_counter", "s", shape=Shape.U32),
    Register(34, "estimated_time_left", "s", shape=Shape.U32),
    Register(36, "pack_voltage", "V", shape=Shape.FLOAT),
    Register(38, "pack_current", "A", shape=Shape.FLOAT),
    Register(40, "min_cell_voltage", "V", 1000),
    Register(41, "max_cell_voltage", "V", 1000),
    Register(42, "external_temperature_1", "°C", 10, Shape.I16),
    Register(43, "external_temperature_2", "°C", 10, Shape.I16),
    Register(44, "distance_left", "km"),
    Register(45, "state_of_health", "%", 500),
    Register(46, "state_of_charge", "%", 1_000_000, Shape.U32),
    Register(48, "internal_temperature", "°C", 10, Shape.I16),
    Register(50, "online_status"),
    Register(51, "cells_needing_balancing"),
    Register(52, "cells_being_balanced"),
    Register(53, "detected_cells"),
    Register(54, "speed", "km/h", shape=Shape.FLOAT),
)
STATISTICS = (
    Register(100, "total_distance", "km", 100, Shape.U32),
    Register(102, "max_discharge_current", "A", 10),
    Register(103, "max_charge_current", "A", 10),
    Register(104, "max_cell_difference", "V", 10_000),
    Register(105, "under_voltage_protections"),
    Register(106, "over_voltage_protections"),
    Register(107, "discharge_over_current_protections"),
    Register(108, "charge_over_current_protections"),
    Register(109, "over_heat_protections"),
    Register(111, "chargings_started"),
    Register(112, "full_charges"),
    Register(113, "min_pack_temperature", "°C", shape=Shape.I8_LOW),
    Register(113, "max_pack_temperature", "°C", shape=Shape.I8_HIGH),
    Register(114, "last_reset", shape=Shape.LOW, choices=RESET_CAUSES),
    Register(114, "last_wakeup", shape=Shape.HIGH, choices=WAKEUP_CAUSES),
    Register(116, "statistics_cleared_at", "s", shape=Shape.U32),
)
VERSIONS = (
    Register(500, "hardware_version", shape=Shape.LOW),
    Register(500, "hardware_changes_version", shape=Shape.HIGH),
    Register(501, "public_firmware", shape=Shape.LOW),
    Register(502, "internal_firmware"),
    Register(503, "bootloader_version", shape=Shape.LOW),
    Register(503, "register_map_version", shape=Shape.HIGH),
)
POWER_TYPES: Choices = ((0, "low power"), (1, "high power"))
CURRENT_SENSORS: Choices = ((0, "internal resistor"), (1, "internal HALL"), (2, "external"))

PINS = ("AIHO1 active low", "AIHO1 active high", "AIHO2 active low", "AIHO2 active high")
DIGITAL = ("AIDO1", "AIDO2", "DIDO1", "DIDO2")
DISTANCES: Choices = ((1, "m"), (2, "km"), (3, "ft"), (4, "mi"), (5, "yd"))
CHARGERS: Choices = ((0, "variable"), (1, "CC/CV"), (2, "CAN"))
LOAD_SWITCHES: Choices = tuple(enumerate(("internal FET", *DIGITAL, *PINS)))
CHARGER_SWITCHES: Choices = tuple(enumerate(("charge FET", *DIGITAL, *PINS), 1))
IGNITIONS: Choices = tuple(enumerate(("disabled", *DIGITAL, "AIHO1", "AIHO2")))
DETECTIONS: Choices = tuple(enumerate(("internal", *DIGITAL, "AIHO1", "AIHO2"), 1))
SPEED_INPUTS: Choices = ((0, "disabled"), (1, "DIDO1"), (2, "DIDO2"))
PRECHARGE_PINS: Choices = (
    (0, "disabled"),
    *enumerate(("discharge FET", *DIGITAL, *PINS[:3]), 2),
    (0x10, PINS[3]),  # printed so in both revisions, though ten would fit the row
)
PRECHARGE_TIMES: Choices = tuple(enumerate(("0.1 s", "0.2 s", "0.5 s", "1 s", "2 s", "3 s", "4 s", "5 s")))
SENSORS: Choices = ((0, "two 10 kΩ NTC"), (1, "multipoint active sensor"))
MODES: Choices = ((0, "dual port"), (1, "single port"))
BROADCAST_TIMES: Choices = tuple(enumerate(("off", "0.1 s", "0.2 s", "0.5 s", "1 s", "2 s", "5 s", "10 s")))
BROADCASTS: Choices = ((0, "CA V3"), (1, "ASCII"), (2, "SOC BAR"))

_U16, _I16, _U32, _LOW, _HIGH = Shape.U16, Shape.I16, Shape.U32, Shape.LOW, Shape.HIGH

SETTINGS = (
    Setting(300, "fully_charged_voltage", "V", 1000, _U16, (), 1200, 4500, "battery"),
    Setting(301, "fully_discharged_voltage", "V", 1000, _U16, (), 1000, 3500, "battery"),
    Setting(303, "early_balancing_threshold", "V", 1000, _U16, (), 1000, 4500, "battery"),
    Setting(304, "charge_finished_current", "A", 1000, _U16, (), 100, 5000, "charger"),
    Setting(305, "discharge_peak_current_cutoff", "A", 1, _U16, (), None, None, "safety", True),
    Setting(306, "battery_capacity", "Ah", 100, _U16, (), 10, 65500, "battery"),
    Setting(307, "series_cells", None, 1, _U16, (), 4, 16, "battery"),
    Setting(308, "allowed_disbalance", "V", 1000, _U16, (), 15, 100, "battery"),
    Setting(310, "charger_startup_delay", "s", 1, _U16, (), 5, 60, "charger", True),
    Setting(311, "charger_disable_delay", "s", 1, _U16, (), 0, 60, "charger", True),
    Setting(312, "pulses_per_unit", "pulses", 1, _U32, (), 1, 100_000, "vehicle"),
    Setting(314, "distance_unit", None, 1, _U16, DISTANCES, 1, 5, "vehicle"),
    Setting(315, "over_voltage_cutoff", "V", 1000, _U16, (), 1200, 4500, "safety"),
    Setting(316, "under_voltage_cutoff", "V", 1000, _U16, (), 800, 3500, "safety"),
    Setting(317, "discharge_over_current_cutoff", "A", 1, _U16, (), 1, 750, "safety"),
    Setting(318, "charge_over_current_cutoff", "A", 1, _U16, (), 1, 750, "safety"),
    Setting(319, "over_heat_cutoff", "°C", 1, _I16, (), 20, 90, "safety"),
    Setting(320, "low_temperature_charger_cutoff", "°C", 1, _I16, (), -40, 10, "safety"),
    Setting(321, "charge_restart_level", "%", 1, _U16, (), 60, 95, "charger", True),
    Setting(322, "max_cycles", None, 1, _U16, (), 10, 65_000, "battery", True),
    Setting(323, "state_of_health_setting", "%", 500, _U16, (), 0, 50_000, "soc", True, 0xFFFF),
    Setting(328, "state_of_charge_setting", "%", 500, _U16, (), 0, 50_000, "soc", False, 0xFFFF),
    Setting(329, "hardware_flags", None, 1, _U16, (), 0, 7, "hardware", True),
    Setting(330, "charger_type", None, 1, _LOW, CHARGERS, 0, 2, "charger"),
    Setting(330, "discharge_over_current_timeout", "s", 1, _HIGH, (), 0, 30, "safety", True),
    Setting(331, "load_switch_type", None, 1, _LOW, LOAD_SWITCHES, 0, 8, "hardware"),
    Setting(332, "automatic_recovery", "s", 1, _LOW, (), 0, 30, "safety"),  # the manual: 0 turns it off
    Setting(333, "charger_switch_type", None, 1, _LOW, CHARGER_SWITCHES, 1, 9, "hardware"),
    Setting(334, "ignition", None, 1, _LOW, IGNITIONS, 0, 6, "hardware"),
    Setting(335, "charger_detection", None, 1, _LOW, DETECTIONS, 1, 7, "charger"),
    Setting(336, "speed_sensor_input", None, 1, _LOW, SPEED_INPUTS, 0, 2, "vehicle"),
    Setting(337, "precharge_pin", None, 1, _LOW, PRECHARGE_PINS, 0, 0x10, "hardware"),
    Setting(338, "precharge_duration", None, 1, _LOW, PRECHARGE_TIMES, 0, 7, "hardware"),
    Setting(339, "temperature_sensor_type", None, 1, _LOW, SENSORS, 0, 1, "hardware"),
    Setting(340, "operation_mode", None, 1, _LOW, MODES, 0, 1, "system"),
    Setting(341, "single_port_switch_type", None, 1, _LOW, LOAD_SWITCHES, 0, 8, "hardware"),
    Setting(342, "broadcast_interval", None, 1, _LOW, BROADCAST_TIMES, 0, 7, "system"),
    Setting(343, "broadcast_protocol", None, 1, _LOW, BROADCASTS, 0, 2, "system"),
)
REGISTERS: tuple[Register, ...] = (*LIVE, *STATISTICS, *SETTINGS, *VERSIONS)
