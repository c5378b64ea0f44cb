"""The rules, as data: number, name, severity, limit, and which values they look at.

Numbers: row CL-40, and from 400 our own. Names: row CL-21, and our own in the same manner. The message of a
rule is the sentence `alert-<key>` of the locale.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui.model.alert import Severity
from tui.model.sample import Pack, Protection, is_possible_mv
from tui.model.track import Battery, Track
from tui.protocols.tinybms_events import KINDS

TEMPERATURES_C = (-60.0, 150.0)  # outside, the sensor is broken and not the battery
DEVICE_MARGIN_A = 2.0  # a charger follows a changing limit with some delay
LFP = ("", "lfp", "lifepo4")
LOW, HIGH = -1, 1

Found = Iterable[tuple[int | None, float]]  # where, value


@dataclass(frozen=True, slots=True)
class Level:
    """How bad it is beyond the limit that the setting `alerts.<key>` holds."""

    key: str
    severity: Severity
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of condition. `levels`: worst first; `side`: beyond is below (LOW) or above (HIGH).

    `slack`: a level ends this far inside its limit, so that it does not flap; `step`: a smaller change of the
    value is not told again; both in `unit`. `scale` turns a setting into `unit`. `at_limit`: the limit itself
    is beyond. `device`: gives the limit that the battery itself names. `is_chemistry`: the defaults are those
    of LiFePO4.
    """

    key: str
    type: int
    side: int
    unit: str
    switch: str
    levels: tuple[Level, ...]
    values: Callable[[Track], Found]
    slack: float
    step: float
    scale: float = 1.0
    at_limit: bool = False
    device: Callable[[Pack], float | None] = lambda pack: None
    is_chemistry: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition without a value: it holds or not. `latches`: it stays until somebody has seen it."""

    key: str
    type: int
    name: str
    severity: Severity
    latches: bool = False


def _cells(track: Track) -> Found:
    return ((n, mv / 1000) for n, mv in enumerate(track.cells.mv, 1) if is_possible_mv(mv))


def _spread(track: Track) -> Found:
    spread_mv = track.cells.spread_mv
    return () if spread_mv is None else ((None, float(spread_mv)),)


def _temperatures(track: Track) -> Found:
    low, high = TEMPERATURES_C
    return ((n, c) for n, c in enumerate(track.pack.temperatures_c, 1) if low < c < high)


def _one(value: float | None) -> Found:
    return () if value is None else ((None, value),)


def _discharge(track: Track) -> Found:
    current_a = track.pack.current_a
    return _one(None if current_a is None else max(0.0, -current_a))


def _charge(track: Track) -> Found:
    current_a = track.pack.current_a
    return _one(None if current_a is None else max(0.0, current_a))


_W, _C = Severity.WARNING, Severity.CRITICAL

CELL_LOW = Rule(
    "cell-low", 4, LOW, "V", "cell_volt_low_enabled",
    (
        Level("cell_voltage_low_critical_mv", _C, "CELL_UNDER_VOLTAGE"),
        Level("cell_voltage_min_mv", _C, "CELL_LOW_VOLTAGE"),
        Level("cell_voltage_low_warning_mv", _W, "CELL_LOW_VOLTAGE"),
        Level("cell_voltage_low_early_mv", _W, "CELL_LOW_VOLTAGE"),
    ),
    _cells, slack=0.010, step=0.010, scale=0.001, is_chemistry=True,
)  # fmt: skip
CELL_HIGH = Rule(
    "cell-high", 3, HIGH, "V", "cell_volt_high_enabled",
    (
        Level("cell_voltage_max_mv", _C, "CELL_OVER_VOLTAGE"),
        Level("cell_voltage_high_warning_mv", _W, "CELL_HIGH_VOLTAGE"),
    ),
    _cells, slack=0.010, step=0.010, scale=0.001, at_limit=True, is_chemistry=True,
)  # fmt: skip
IMBALANCE = Rule(
    "imbalance", 11, HIGH, "mV", "imbalance_enabled",
    (
        Level("imbalance_max_mv", _W, "CELL_IMBALANCE"),
        Level("imbalance_warning_mv", _W, "CELL_IMBALANCE"),
    ),
    _spread, slack=10.0, step=10.0,
)  # fmt: skip
PACK_LOW = Rule(
    "pack-low", 6, LOW, "V", "pack_low_enabled",
    (Level("pack_voltage_min_mv", _C, "PACK_UNDER_VOLTAGE"),),
    lambda track: _one(track.pack.pack_v), slack=0.1, step=0.1, scale=0.001,
    device=lambda pack: pack.discharge_voltage_limit_v,
)  # fmt: skip
PACK_HIGH = Rule(
    "pack-high", 5, HIGH, "V", "pack_high_enabled",
    (Level("pack_voltage_max_mv", _C, "PACK_OVER_VOLTAGE"),),
    lambda track: _one(track.pack.pack_v), slack=0.1, step=0.1, scale=0.001,
)  # fmt: skip

CELL_RULES = (CELL_LOW, CELL_HIGH, IMBALANCE)
PACK_RULES = (
    Rule(
        "temperature-high", 1, HIGH, "°C", "temp_high_enabled",
        (
            Level("temperature_critical_c", _C, "TEMP_CRITICAL"),
            Level("temperature_max_c", _W, "TEMP_HIGH"),
        ),
        _temperatures, slack=2.0, step=1.0,
    ),
    Rule(
        "temperature-low", 2, LOW, "°C", "temp_low_enabled",
        (Level("temperature_min_c", _W, "TEMP_LOW"),),
        _temperatures, slack=2.0, step=1.0,
    ),
    PACK_HIGH,
    PACK_LOW,
    Rule(
        "discharge-high", 7, HIGH, "A", "discharge_enabled",
        (
            Level("discharge_max_a", _C, "PACK_OVER_CURRENT"),
            Level("discharge_warning_a", _W, "PACK_HIGH_CURRENT"),
        ),
        _discharge, slack=2.0, step=5.0, device=lambda pack: _with_margin(pack.discharge_current_limit_a),
    ),
    Rule(
        "charge-high", 8, HIGH, "A", "charge_enabled",
        (
            Level("charge_max_a", _C, "PACK_OVER_CURRENT"),
            Level("charge_warning_a", _W, "PACK_HIGH_CURRENT"),
        ),
        _charge, slack=2.0, step=5.0, device=lambda pack: _with_margin(pack.charge_current_limit_a),
    ),
    Rule(
        "soc-low", 9, LOW, "%", "soc_low_enabled",
        (Level("soc_min_pct", _C, "SOC_CRITICAL"), Level("soc_warning_pct", _W, "SOC_LOW")),
        lambda track: _one(track.pack.soc_pct), slack=1.0, step=1.0,
    ),
    Rule(
        "soc-high", 10, HIGH, "%", "soc_high_enabled",
        (Level("soc_max_pct", _W, "SOC_HIGH"),),
        lambda track: _one(track.pack.soc_pct), slack=1.0, step=1.0,
    ),
)  # fmt: skip
TRIP_RULES = tuple(
    Rule(key, 406, LOW, "min", "trip_enabled",
         (Level("trip_warning_min", _W, "TRIP_SOON"),), lambda track: (), slack=1.0, step=1.0)
    for key in ("trip-low", "trip-high", "trip-pack")
)  # fmt: skip
SOC_DRIFT = Rule(  # its value, points beyond the band of the estimate, comes from the estimates
    "soc-drift", 407, HIGH, "%", "soc_drift_enabled",
    (Level("soc_drift_pct", _W, "SOC_DRIFT"),), lambda track: (), slack=2.0, step=1.0,
)  # fmt: skip
RULES = (*CELL_RULES, *PACK_RULES, *TRIP_RULES, SOC_DRIFT)


def _with_margin(limit_a: float | None) -> float | None:
    return None if limit_a is None else limit_a + DEVICE_MARGIN_A


# --- conditions without a value ---

CELL_WIRE = Fact("cell-wire", 405, "CELL_SENSE_WIRE", _W)
LINK_LOST = Fact("link-lost", 400, "LINK_LOST", _W)
LINK_RESTORED = Fact("link-restored", 401, "LINK_RESTORED", Severity.INFO)
DATA_STALE = Fact("data-stale", 402, "DATA_STALE", _W)
REGISTER_MISMATCH = Fact("register-mismatch", 403, "REGISTER_MISMATCH", _W)
RECORDER_PAUSED = Fact("recorder-paused", 404, "STORAGE_PROBLEM", _W)
STORAGE = Fact("storage", 404, "STORAGE_PROBLEM", _W)
STORAGE_LOCKED = Fact("storage-locked", 404, "STORAGE_PROBLEM", _W)  # by another program: no disk is full

_TYPES = {  # of protections: the unit's own codes where TinyBMS has one, ours where it has none
    Protection.CELL_OVERVOLTAGE: 103,
    Protection.CELL_UNDERVOLTAGE: 102,
    Protection.OVERTEMPERATURE: 104,
    Protection.DISCHARGE_OVERCURRENT: 105,
    Protection.CHARGE_OVERCURRENT: 106,
    Protection.REGENERATION_OVERCURRENT: 107,
    Protection.UNDERTEMPERATURE: 110,
    Protection.CHARGER_SWITCH_ERROR: 111,
    Protection.LOAD_SWITCH_ERROR: 112,
    Protection.SINGLE_PORT_SWITCH_ERROR: 113,
    Protection.CURRENT_SENSOR_DISCONNECTED: 114,
    Protection.CURRENT_SENSOR_CONNECTED: 115,
    Protection.FULLY_DISCHARGED: 231,
    Protection.CHARGE_UNDERTEMPERATURE: 237,
    Protection.CHARGER_VOLTAGE_HIGH: 238,
    Protection.CHARGER_VOLTAGE_LOW: 239,
    Protection.PACK_OVERVOLTAGE: 420,
    Protection.PACK_UNDERVOLTAGE: 421,
    Protection.CHARGE_OVERTEMPERATURE: 422,
    Protection.DISCHARGE_OVERTEMPERATURE: 423,
    Protection.DISCHARGE_UNDERTEMPERATURE: 424,
    Protection.SHORT_CIRCUIT: 425,
    Protection.FRONTEND_IC_ERROR: 426,
    Protection.CHARGE_MOSFET_BREAKDOWN: 427,
    Protection.DISCHARGE_MOSFET_BREAKDOWN: 428,
    Protection.CONTACTOR: 429,
    Protection.CELL_IMBALANCE: 430,
    Protection.INTERNAL: 431,
    Protection.GENERAL: 432,
}
_LATCHING = (
    Protection.SHORT_CIRCUIT,
    Protection.CHARGE_MOSFET_BREAKDOWN,
    Protection.DISCHARGE_MOSFET_BREAKDOWN,
)
# Somebody switched off: a state, not a fault.
PROTECTIONS = {
    p: Fact(
        f"protection-{p.value.replace('_', '-')}", number, f"PROTECTION_{p.name}", _C, p in _LATCHING
    )
    for p, number in _TYPES.items()
}  # fmt: skip
WARNINGS = {
    p: Fact(f"near-{p.value.replace('_', '-')}", number, f"WARNING_{p.name}", _W)
    for p, number in _TYPES.items()
}
FACTS = {
    fact.key: fact
    for fact in (
        *(CELL_WIRE, LINK_LOST, LINK_RESTORED, DATA_STALE, REGISTER_MISMATCH),
        *(RECORDER_PAUSED, STORAGE, STORAGE_LOCKED),
        *PROTECTIONS.values(),
        *WARNINGS.values(),
    )
}

# --- what the battery does, and what it wrote into its own log: information (row S4-46) ---

REGENERATION = "regeneration"  # the unit's own word; to us it charges
STATES = {
    state: Fact(f"state-{state}", number, f"STATE_{state.upper()}", Severity.INFO)
    for state, number in (
        (Battery.CHARGING.value, 20),
        (Battery.FULL.value, 21),
        (Battery.DISCHARGING.value, 22),
        (REGENERATION, 23),
        (Battery.IDLE.value, 24),
        (Battery.BALANCING.value, 24),
        (Battery.FAULT.value, 25),
    )
}
WARNING_CODES, INFO_CODES = 0x31, 0x61  # the first of each; faults are below


def unit_event_fact(code: int) -> Fact:
    """The information that the unit logged this code; its number follows from the code (row CL-40)."""
    number = 100 + code
    if code >= INFO_CODES:
        number = 361 + code - INFO_CODES
    elif code >= WARNING_CODES:
        number = 231 + code - WARNING_CODES
    key = f"unit-{code:02x}" if code in KINDS else "unit-other"
    return Fact(key, number, f"UNIT_EVENT_{code:02X}", Severity.INFO)
