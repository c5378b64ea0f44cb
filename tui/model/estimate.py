"""What can be worked out about a battery: values with a band, a method, and a reason when there is none.

Every band is two-sided and meant to hold in 95 of 100 cases. Times `at_s` are on the engine's steady clock
and may lie before its start; an age is worked out when somebody looks.
"""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a value came about."""

    REPORTED = "reported"  # the unit says so
    COUNTED = "counted"  # current over time since an anchor
    REST_VOLTAGE = "rest-voltage"  # table of row CL-26 after a rest
    DIFFERENCE = "difference"  # of two of these
    LOAD_STEPS = "load-steps"  # change of voltage by change of current
    FULL_TO_LOW = "full-to-low"  # charge taken out between a full charge and a known low point
    KNEE_CROSSING = "knee-crossing"  # charge between the cells' passing one voltage near the end of a charge
    BLEEDING = "bleeding"  # excess charge by balance current
    UNDER_LOAD = "under-load"  # voltage against the mean of the pack while discharging
    LINE = "line"  # straight line through the points of many days
    MEAN_CURRENT = "mean-current"  # charge left by the mean of the last minutes
    TAPER = "taper"  # constant current, then falling towards the end of the charge


class Reason(StrEnum):
    """Why there is no value, or no band."""

    NO_DATA = "no-data"  # never read
    NO_CURRENT = "no-current"  # the unit tells no current
    NO_CAPACITY = "no-capacity"  # neither told nor measured
    NO_ANCHOR = "no-anchor"  # no known point to count from
    ANCHOR_REPORTED = "anchor-reported"  # counted from what the unit said: no band can be told
    GAP = "gap"  # too long without readings
    NOT_AT_REST = "not-at-rest"
    FLAT_CURVE = "flat-curve"  # here the voltage tells too little
    OTHER_CHEMISTRY = "other-chemistry"  # the table is one of LiFePO4
    NO_STEPS = "no-steps"  # too few load steps yet
    NO_FULL_CHARGE = "no-full-charge"
    NO_LOW_POINT = "no-low-point"  # not discharged far enough since the full charge
    NO_KNEE = "no-knee"  # not every cell came near the end of a charge
    NO_BALANCE_CURRENT = "no-balance-current"
    AT_REST = "at-rest"
    OTHER_WAY = "other-way"  # the current flows in the other direction
    FEW_DAYS = "few-days"
    TOO_EARLY = "too-early"  # too few readings yet
    FAST_CLOCK = "fast-clock"  # a simulation in which time runs faster than here
    NO_BAND = "no-band"  # the source tells none


class Anchor(StrEnum):
    """The point that charge is counted from."""

    FULL = "full"
    EMPTY = "empty"
    REST = "rest"
    REPORTED = "reported"


class Why(StrEnum):
    """Why the estimates of the state of charge differ."""

    UNKNOWN = "unknown"
    AGREE = "agree"  # within their bands
    JUMPED = "jumped"  # the unit changed its mind without a current
    CAPACITY = "capacity"  # the unit's capacity is not the measured one
    SMALL_CURRENTS = "small-currents"  # what flowed below half an ampere explains it
    NO_FULL_CHARGE = "no-full-charge"  # nothing has set the counters right for long


@dataclass(frozen=True, slots=True)
class Estimate:
    """One value with its 95 % band. `reason` says why `value` is `None`, or else why `error` is."""

    value: float | None = None
    error: float | None = None  # half the width of the band, in the unit of the value
    method: Method | None = None
    n: int = 0  # observations behind it
    at_s: float | None = None  # newest observation, engine's steady clock
    reason: Reason | None = None

    @property
    def low(self) -> float | None:
        """Lower end of the band."""
        return None if self.value is None or self.error is None else self.value - self.error

    @property
    def high(self) -> float | None:
        """Upper end of the band."""
        return None if self.value is None or self.error is None else self.value + self.error

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the newest observation; `None` if there was none."""
        return None if self.at_s is None else max(0.0, now_s - self.at_s)


def missing(reason: Reason, method: Method | None = None, n: int = 0, at_s: float | None = None) -> Estimate:
    """No value, and why."""
    return Estimate(None, None, method, n, at_s, reason)


NOTHING = missing(Reason.NO_DATA)


@dataclass(frozen=True, slots=True)
class SocEstimates:
    """State of charge in percent, three ways, and what they say about each other.

    `drift_pct` is reported minus the better of the other two, with a band of its own: only what lies outside
    of the band (`drift_sure_pct`) is a drift.
    """

    reported: Estimate = NOTHING
    counted: Estimate = NOTHING
    rest: Estimate = NOTHING
    anchor: Anchor | None = None
    anchor_at_s: float | None = None  # engine's steady clock
    drift_pct: Estimate = NOTHING
    why: Why = Why.UNKNOWN

    @property
    def drift_sure_pct(self) -> float | None:
        """The part of the drift that its band cannot explain; 0 when it can. Sign: above zero, the unit tells
        too much."""
        value, error = self.drift_pct.value, self.drift_pct.error
        if value is None or error is None:
            return None
        return max(0.0, value - error) if value >= 0 else min(0.0, value + error)

    @property
    def best(self) -> Estimate:
        """The one with the narrowest band; what the unit says when none has a band."""
        banded = [e for e in (self.counted, self.rest) if e.value is not None and e.error is not None]
        return min(banded, key=lambda e: e.error or 0.0, default=self.reported)


@dataclass(frozen=True, slots=True)
class CellFigures:
    """What is known about one cell. `rank` 1 is the weakest; `None` when nothing is known of all."""

    number: int  # from 1
    resistance_mohm: Estimate = NOTHING  # as a load sees it after a few seconds
    temperature_c: float | None = None  # mean during the load steps
    resistance_pct_month: Estimate = NOTHING  # trend at like temperatures
    capacity_ah: Estimate = NOTHING
    under_load_mv: Estimate = NOTHING  # against the mean of the pack while discharging; below zero is weak
    excess_ah: Estimate = NOTHING  # charge above that of the cell with the least
    balance_s: Estimate = NOTHING  # of bleeding until it is level
    rank: int | None = None
    weak_by: Method | None = None  # the figure in which it stands out most


@dataclass(frozen=True, slots=True)
class Span:
    """A time in seconds with its band. `high` is `None` when there is no upper end to be told."""

    mean_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None
    method: Method | None = None
    n: int = 0
    at_s: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """When it will be empty or full if the last minutes go on, and the cell that ends the discharge."""

    empty: Span = Span(reason=Reason.NO_DATA)
    full: Span = Span(reason=Reason.NO_DATA)
    mean_current_a: Estimate = NOTHING
    weakest_cell: int | None = None
    weakest_by: Method | None = None


@dataclass(frozen=True, slots=True)
class ResistanceDay:
    """Resistances of one day, cell 1 first; `None` where there were too few steps."""

    day: int  # days since 1970-01-01, UTC
    temperature_c: float | None
    mohm: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CapacityPoint:
    """One measurement of the capacity."""

    time_ms: int
    ah: float
    error_ah: float


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Everything worked out about one track at one moment."""

    track: str
    at_s: float = 0.0  # when it was put together, engine's steady clock
    soc: SocEstimates = SocEstimates()
    cells: tuple[CellFigures, ...] = ()
    weakest: int | None = None  # number of the cell, when it stands out beyond the bands
    forecast: Forecast = Forecast()
    capacity_ah: Estimate = NOTHING
    nominal_ah: float | None = None  # as the unit tells it
    full_charges: int = 0
    cycle_out_ah: float | None = None  # between the last two full charges
    cycle_in_ah: float | None = None
    days: tuple[ResistanceDay, ...] = ()  # oldest first
    capacities: tuple[CapacityPoint, ...] = ()  # oldest first
