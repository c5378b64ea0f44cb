"""Events of a TinyBMS: what the codes mean, when they happened, and which faults are active now.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 4, and the user manual. The
unit has no field for active faults: they follow from its list of events and from its status.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tui.model.sample import Protection, UnitEvent, UnitLog

CLOCK_WRAP = 1 << 24  # event times are the low 24 bits of the lifetime clock: 194 days
STARTED, CHARGING_STARTED, CHARGER_DISCONNECTED = 0x61, 0x62, 0x65
FAULT_STATUS = 0x9B
CALM_MARGIN_S = 2  # the status may follow its event by a turn of the clock
FAULT, WARNING, INFO = "fault", "warning", "info"


@dataclass(frozen=True, slots=True)
class Kind:
    """One code. `meaning` is what it says is wrong; `ends` are the codes that it puts an end to."""

    key: str
    meaning: Protection | None = None
    ends: tuple[int, ...] = ()


KINDS = {
    0x02: Kind("under_voltage_cutoff", Protection.CELL_UNDERVOLTAGE),
    0x03: Kind("over_voltage_cutoff", Protection.CELL_OVERVOLTAGE),
    0x04: Kind("over_temperature_cutoff", Protection.OVERTEMPERATURE),
    0x05: Kind("discharge_over_current", Protection.DISCHARGE_OVERCURRENT),
    0x06: Kind("charge_over_current", Protection.CHARGE_OVERCURRENT),
    0x07: Kind("regeneration_over_current", Protection.REGENERATION_OVERCURRENT),
    0x0A: Kind("low_temperature_cutoff", Protection.UNDERTEMPERATURE),
    0x0B: Kind("charger_switch_error", Protection.CHARGER_SWITCH_ERROR),
    0x0C: Kind("load_switch_error", Protection.LOAD_SWITCH_ERROR),
    0x0D: Kind("single_port_switch_error", Protection.SINGLE_PORT_SWITCH_ERROR),
    0x0E: Kind("current_sensor_disconnected", Protection.CURRENT_SENSOR_DISCONNECTED),
    0x0F: Kind("current_sensor_connected", Protection.CURRENT_SENSOR_CONNECTED),
    0x31: Kind("fully_discharged_cutoff", Protection.FULLY_DISCHARGED),
    0x37: Kind("low_temperature_charging_cutoff", Protection.CHARGE_UNDERTEMPERATURE),
    0x38: Kind("charging_done_voltage_too_high", Protection.CHARGER_VOLTAGE_HIGH),
    0x39: Kind("charging_done_voltage_too_low", Protection.CHARGER_VOLTAGE_LOW),
    0x61: Kind("system_started"),
    # No code ends what a finished charge said about its charger: the next charge does, or no charger.
    0x62: Kind("charging_started", ends=(0x38, 0x39)),
    0x63: Kind("charging_done", ends=(0x38, 0x39)),
    0x64: Kind("charger_connected"),
    0x65: Kind("charger_disconnected", ends=(0x38, 0x39)),
    0x66: Kind("dual_port_mode"),
    0x67: Kind("single_port_mode"),
    0x73: Kind("recovered_over_temperature", ends=(0x04,)),
    0x74: Kind("recovered_low_temperature_charging", ends=(0x37,)),
    0x75: Kind("recovered_low_temperature", ends=(0x0A,)),
    0x76: Kind("recovered_charge_over_current", ends=(0x06,)),
    0x77: Kind("recovered_discharge_over_current", ends=(0x05,)),
    0x78: Kind("recovered_regeneration_over_current", ends=(0x07,)),
    0x79: Kind("recovered_over_voltage", ends=(0x03,)),
    0x7A: Kind("recovered_fully_discharged", ends=(0x31,)),
    0x7B: Kind("recovered_under_voltage", ends=(0x02,)),
    0x7C: Kind("external_current_sensor_connected", ends=(0x0E,)),
    0x7D: Kind("external_current_sensor_disconnected"),
}


def level_of(code: int) -> str:
    """ "fault", "warning" or "info", by the range of the code; known to the document or not."""
    if code <= 0x30:
        return FAULT
    return WARNING if code <= 0x60 else INFO


def name_of(code: int) -> str:
    """A word for a code: "under_voltage_cutoff", or "fault_0x2A" where the document has none."""
    return KINDS[code].key if code in KINDS else f"{level_of(code)}_0x{code:02X}"


def resolve_time(clock_s: int, low_s: int) -> int:
    """Seconds of the 32-bit clock for an event whose low 24 bits are known; never after the clock.

    Events older than 194 days come out too young by multiples of that. Negative when the clock is younger
    than the event claims.
    """
    at_s = clock_s - clock_s % CLOCK_WRAP + low_s
    return at_s - CLOCK_WRAP if at_s > clock_s else at_s


def read_log(clock_s: int, entries: Iterable[tuple[int, int]], status: int | None = None) -> UnitLog:
    """The log, newest first, from pairs of 24-bit time and code in any order; code 0 is an empty place.

    With a status other than fault, faults that no entry ended are old ones and not open.
    """
    in_order = sorted(
        ((resolve_time(clock_s, low_s), code) for low_s, code in entries if code), key=lambda entry: entry[0]
    )
    events: list[UnitEvent] = []
    for at_s, code in in_order:
        events = [_ended(event, code) for event in events]
        events.append(UnitEvent(at_s, code, level_of(code), _opens(code)))
    return judge_log(UnitLog(clock_s, tuple(reversed(events))), status)


def judge_log(log: UnitLog, status: int | None, calm_at_s: int | None = None) -> UnitLog:
    """The same log seen with a newer status: no fault is open unless the unit says fault.

    `calm_at_s` is the unit's clock when it last said something else: older faults have ended since, even
    when it says fault again. `status` None: not known.
    """
    return replace(log, events=tuple(_judged(event, status, calm_at_s) for event in log.events))


def _judged(event: UnitEvent, status: int | None, calm_at_s: int | None) -> UnitEvent:
    is_calm = status not in (None, FAULT_STATUS)
    is_old = calm_at_s is not None and event.at_s < calm_at_s - CALM_MARGIN_S
    if event.is_open and event.level == FAULT and (is_calm or is_old):
        return replace(event, is_open=False)
    return event


def _opens(code: int) -> bool:
    """Warnings the document does not know are not open: nothing would ever end them."""
    return (code in KINDS and KINDS[code].meaning is not None) or level_of(code) == FAULT


def _ended(event: UnitEvent, by: int) -> UnitEvent:
    kind = KINDS.get(by)
    if not event.is_open or not (by == STARTED or (kind is not None and event.code in kind.ends)):
        return event
    return replace(event, is_open=False)


def open_protections(log: UnitLog, level: str) -> tuple[Protection, ...]:
    """What the open entries of a level mean, oldest first, each once; GENERAL for codes without a name."""
    found: dict[Protection, None] = {}
    for event in reversed(log.events):
        if event.is_open and event.level == level:
            kind = KINDS.get(event.code)
            found[(kind and kind.meaning) or Protection.GENERAL] = None
    return tuple(found)
