"""What a battery says about itself, in the parts it says it in. `None` means: not known."""

from dataclasses import dataclass
from enum import StrEnum


class Protection(StrEnum):
    """Why a battery's own electronics opened a switch. Names follow the JBD protocol document (V11)."""

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

    @property
    def power_w(self) -> float | None:
        """Watts, positive when charging."""
        if self.pack_v is None or self.current_a is None:
            return None
        return self.pack_v * self.current_a


@dataclass(frozen=True, slots=True)
class Cells:
    """Cell voltages in millivolts, cell 1 first. 0 mV is an open sense wire and is kept."""

    mv: tuple[int, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def mean_mv(self) -> float | None:
        """Mean of all cells, in mV."""
        return sum(self.mv) / len(self.mv) if self.mv else None

    @property
    def spread_mv(self) -> int | None:
        """Highest minus lowest cell, in mV."""
        return max(self.mv) - min(self.mv) if self.mv else None

    @property
    def lowest(self) -> int | None:
        """Number of the lowest cell, from 1."""
        return self.mv.index(min(self.mv)) + 1 if self.mv else None

    @property
    def highest(self) -> int | None:
        """Number of the highest cell, from 1."""
        return self.mv.index(max(self.mv)) + 1 if self.mv else None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a battery says once. Each part may come in an answer of its own: `None` changes nothing."""

    hardware: str | None = None
    firmware: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    barcode: str | None = None
    production_date: str | None = None  # ISO 8601


@dataclass(frozen=True, slots=True)
class Counters:
    """How often the battery's own protections acted, in the order of the protocol."""

    counts: tuple[tuple[str, int], ...] = ()


Reading = Pack | Cells | Identity | Counters
