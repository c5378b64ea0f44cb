"""What a battery says about itself, in the parts it says it in. `None` means: not known."""

from dataclasses import dataclass
from enum import StrEnum

IMPOSSIBLE_MV = 5000  # no cell has more (row CL-1, JBD notes): its sense wire is open


class Protection(StrEnum):
    """Why a battery's own electronics opened a switch, or warn.

    Names follow the JBD protocol document (V11), then the TinyBMS event list (Rev D) and the alarm pairs of
    Victron and SMA (frame 0x35A).
    """

    CELL_OVERVOLTAGE = "cell_overvoltage"
    CELL_UNDERVOLTAGE = "cell_undervoltage"
    PACK_OVERVOLTAGE = "pack_overvoltage"
    PACK_UNDERVOLTAGE = "pack_undervoltage"
    CHARGE_OVERTEMPERATURE = "charge_overtemperature"
    CHARGE_UNDERTEMPERATURE = "charge_undertemperature"
    DISCHARGE_OVERTEMPERATURE = "discharge_overtemperature"
    DISCHARGE_UNDERTEMPERATURE = "discharge_undertemperature"
    CHARGE_OVERCURRENT = "charge_overcurrent"
    DISCHARGE_OVERCURRENT = "discharge_overcurrent"
    SHORT_CIRCUIT = "short_circuit"
    FRONTEND_IC_ERROR = "frontend_ic_error"
    MOSFET_SOFTWARE_LOCK = "mosfet_software_lock"
    CHARGE_MOSFET_BREAKDOWN = "charge_mosfet_breakdown"
    DISCHARGE_MOSFET_BREAKDOWN = "discharge_mosfet_breakdown"
    OVERTEMPERATURE = "overtemperature"  # no word whether charging or discharging
    UNDERTEMPERATURE = "undertemperature"
    REGENERATION_OVERCURRENT = "regeneration_overcurrent"
    FULLY_DISCHARGED = "fully_discharged"
    CHARGER_VOLTAGE_HIGH = "charger_voltage_high"
    CHARGER_VOLTAGE_LOW = "charger_voltage_low"
    CHARGER_SWITCH_ERROR = "charger_switch_error"  # current flows although it is off
    LOAD_SWITCH_ERROR = "load_switch_error"
    SINGLE_PORT_SWITCH_ERROR = "single_port_switch_error"
    CURRENT_SENSOR_DISCONNECTED = "current_sensor_disconnected"
    CURRENT_SENSOR_CONNECTED = "current_sensor_connected"
    CONTACTOR = "contactor"
    CELL_IMBALANCE = "cell_imbalance"
    INTERNAL = "internal"
    GENERAL = "general"


class Doubt(StrEnum):
    """A value that was received and is shown, but should not be trusted without a look."""

    SOC_RANGE = "soc_range"  # above 100 %
    CELL_RANGE = "cell_range"  # a cell at 0 mV (open sense wire) or above 5000 mV
    SUM_DIFFERS = "sum_differs"  # pack voltage is far from the sum of the cells
    COUNT_DIFFERS = "count_differs"  # the cell counts of two answers disagree
    TEMPERATURE = "temperature"  # open or shorted sensor


@dataclass(frozen=True, slots=True)
class Pack:
    """Totals and switches of one battery. Current is positive when charging."""

    pack_v: float | None = None
    current_a: float | None = None
    soc_pct: float | None = None
    soh_pct: float | None = None
    remaining_ah: float | None = None
    nominal_ah: float | None = None
    cycles: int | None = None
    cell_count: int | None = None
    temperatures_c: tuple[float, ...] = ()
    balancing: tuple[int, ...] = ()  # cell numbers, from 1
    protections: tuple[Protection, ...] = ()
    charge_on: bool | None = None  # charge MOSFET conducts
    discharge_on: bool | None = None
    limiter_on: bool | None = None
    heater_on: bool | None = None
    balance_current_ma: int | None = None
    humidity_pct: int | None = None
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[Protection, ...] = ()  # near a protection; no switch was opened for them
    status: str = ""  # what the unit itself says it does: "charging", "fully_charged", …
    needs_balancing: tuple[int, ...] = ()  # cell numbers; decided, not yet done
    time_left_s: int | None = None  # to empty, as the unit estimates it
    charge_voltage_limit_v: float | None = None  # CVL: what the battery asks of chargers
    charge_current_limit_a: float | None = None  # CCL
    discharge_current_limit_a: float | None = None  # DCL, positive
    discharge_voltage_limit_v: float | None = None  # DVL
    lowest_cell_mv: int | None = None  # extremes, where a unit tells no single cells
    highest_cell_mv: int | None = None
    lowest_cell: str = ""  # its name in the unit: "3", "Pack-01#"
    highest_cell: str = ""
    modules_online: int | None = None
    charged_kwh: float | None = None  # in its life
    discharged_kwh: float | None = None

    @property
    def power_w(self) -> float | None:
        """Watts, positive when charging."""
        if self.pack_v is None or self.current_a is None:
            return None
        return self.pack_v * self.current_a


def is_possible_mv(mv: int) -> bool:
    """False for 0 mV and for more than 5000 mV: a sense wire is open. A cell at 1 mV may be a dead one."""
    return 0 < mv <= IMPOSSIBLE_MV


@dataclass(frozen=True, slots=True)
class Cells:
    """Cell voltages in millivolts, cell 1 first. 0 mV is an open sense wire and is kept.

    What no cell can have is shown as it was read, and is in no mean, spread, lowest or highest: one open wire
    would make all of them nonsense. `None` when no cell is left to count.
    """

    mv: tuple[int, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def sound_mv(self) -> tuple[int, ...]:
        """The voltages that count, without the numbers of their cells."""
        return tuple(mv for mv in self.mv if is_possible_mv(mv))

    @property
    def open_wires(self) -> tuple[int, ...]:
        """Numbers, from 1, of the cells that read what no cell can have: their sense wire is open."""
        return tuple(n for n, mv in enumerate(self.mv, 1) if not is_possible_mv(mv))

    @property
    def mean_mv(self) -> float | None:
        """Mean of all cells that count, in mV."""
        sound = self.sound_mv
        return sum(sound) / len(sound) if sound else None

    @property
    def spread_mv(self) -> int | None:
        """Highest minus lowest cell, in mV."""
        sound = self.sound_mv
        return max(sound) - min(sound) if sound else None

    @property
    def lowest_mv(self) -> int | None:
        """Voltage of the lowest cell."""
        return min(self.sound_mv, default=None)

    @property
    def highest_mv(self) -> int | None:
        """Voltage of the highest cell."""
        return max(self.sound_mv, default=None)

    @property
    def lowest(self) -> int | None:
        """Number of the lowest cell, from 1."""
        mv = self.lowest_mv
        return None if mv is None else self.mv.index(mv) + 1

    @property
    def highest(self) -> int | None:
        """Number of the highest cell, from 1."""
        mv = self.highest_mv
        return None if mv is None else self.mv.index(mv) + 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What a battery says once. Each part may come in an answer of its own: `None` changes nothing."""

    hardware: str | None = None
    firmware: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    barcode: str | None = None
    production_date: str | None = None  # ISO 8601
    serial: str | None = None
    bootloader: str | None = None
    chemistry: str | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """What the unit counts: how often its protections acted, and its records. In the order of the protocol.

    A name without a unit at its end counts; `largest_discharge_ma`, `total_distance_m` say theirs.
    """

    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """One entry of the unit's own log. `at_s` is seconds of the unit's clock; `code` as in its document."""

    at_s: int
    code: int
    level: str  # "fault", "warning", "info"
    is_open: bool = False  # a fault or warning that no later entry has ended


@dataclass(frozen=True, slots=True)
class UnitLog:
    """The unit's own log, newest first, and its clock in seconds at the moment of reading."""

    clock_s: int = 0
    events: tuple[UnitEvent, ...] = ()


Reading = Pack | Cells | Identity | Counters | UnitLog
