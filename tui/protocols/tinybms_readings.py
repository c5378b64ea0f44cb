"""What a TinyBMS says, as readings. Raises ImplausibleError for content that cannot be true.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 3.
"""

import math
from dataclasses import replace

from tui.model.sample import Cells, Counters, Doubt, Identity, Pack, Protection, UnitLog
from tui.model.track import SIMULATED_NAME
from tui.protocols.tinybms_events import FAULT, FAULT_STATUS, WARNING, open_protections, read_log
from tui.protocols.tinybms_registers import (
    NO_SENSOR,
    POSITIONS,
    STATISTICS,
    STATUS_NAMES,
    Shape,
    raw_value,
)
from tui.protocols.tinybms_values import Words, cell_registers, float_of, serial_bytes

PRODUCT = "TinyBMS s516"
RELEASE = "2.3"  # of every published firmware; the unit tells only the third number
COUNT_NAMES = {  # key of the register: name of the count, and what one raw step is of its unit
    "total_distance": ("total_distance_m", 10.0),
    "max_discharge_current": ("largest_discharge_ma", 100.0),
    "max_charge_current": ("largest_charge_ma", 100.0),
    "max_cell_difference": ("largest_cell_difference_mv", 0.1),
    "under_voltage_protections": ("undervoltage_protections", 1.0),
    "over_voltage_protections": ("overvoltage_protections", 1.0),
    "discharge_over_current_protections": ("discharge_overcurrent_protections", 1.0),
    "charge_over_current_protections": ("charge_overcurrent_protections", 1.0),
    "over_heat_protections": ("overheat_protections", 1.0),
    "chargings_started": ("chargings_started", 1.0),
    "full_charges": ("full_charges", 1.0),
    "min_pack_temperature": ("lowest_temperature_c", 1.0),
    "max_pack_temperature": ("highest_temperature_c", 1.0),
    "statistics_cleared_at": ("statistics_cleared_at_s", 1.0),
}
HIGHEST_PACK_V, HIGHEST_A = (
    120.0,
    2000.0,
)  # 16 cells of 4.5 V, an external sensor of 750 A: beyond is no value
HIGHEST_CELL_MV = 5000
COLD_C, HOT_C = -45.0, 125.0  # beyond these a sensor is open or shorted
SUM_DIFFERS_SHARE = 0.02
LONGEST_LEFT_S = 100 * 3600  # an idle unit divides by next to nothing
IDLE, SOH_FULL, SOC_STEPS = 0x97, 50_000, 1_000_000


class ImplausibleError(ValueError):
    """A valid frame with impossible content."""


def live(words: Words, nominal_ah: float | None, configured: int | None) -> tuple[Pack, Cells]:
    """Registers 0 to 55. The capacity and the count of cells come from settings, when they are known."""
    voltage_v, current_a = float_of(_u32(words, 36)), float_of(_u32(words, 38))
    if not (0 <= voltage_v <= HIGHEST_PACK_V and abs(current_a) <= HIGHEST_A):  # NaN is not either
        raise ImplausibleError(f"{voltage_v} V, {current_a} A")
    if words[53] > POSITIONS:
        raise ImplausibleError(f"{words[53]} cells")
    numbers = cell_registers(words, configured)
    cells = _cells(words, numbers)
    soc_pct = _u32(words, 46) / SOC_STEPS
    pack = Pack(
        pack_v=round(voltage_v, 3),
        current_a=round(current_a, 3),
        soc_pct=soc_pct,
        soh_pct=words[45] / 500 if 0 < words[45] <= SOH_FULL else None,
        remaining_ah=None if nominal_ah is None else round(nominal_ah * soc_pct / 100, 3),
        nominal_ah=nominal_ah,
        cell_count=words[53] or configured or len(numbers) or None,
        temperatures_c=_temperatures(words),
        balancing=_bits(words[52], numbers),
        needs_balancing=_bits(words[51], numbers),
        status=STATUS_NAMES.get(words[50], f"unknown_0x{words[50]:02X}"),
        lowest_cell_mv=words[40] or None,
        highest_cell_mv=words[41] or None,
        time_left_s=_time_left(words),
    )
    return replace(pack, doubts=_doubts(pack, cells, configured)), cells


def with_log(pack: Pack, log: UnitLog, status: int | None, is_newest: bool) -> Pack:
    """The pack with what is open in a judged log; a fault without a reason is a GENERAL one.

    Unless the log is the newest, its silence about a reason means nothing.
    """
    protections = open_protections(log, FAULT)
    if status == FAULT_STATUS and not protections and is_newest:
        protections = (Protection.GENERAL,)
    return replace(pack, protections=protections, warnings=open_protections(log, WARNING))


def clock_s(words: Words) -> int:
    """The lifetime clock in seconds, from registers 32 and 33."""
    return _u32(words, 32)


def log_of(parts: tuple[int, list[tuple[int, int]]] | None) -> UnitLog:
    """The log, not yet judged by the status: the clock and the entries of an answer to 11 or 12."""
    if parts is None:
        raise ImplausibleError("event list of a wrong length")
    return read_log(*parts)


def counters(words: Words) -> Counters:
    """Registers 100 to 117. Causes of reset and wake-up are no counts and not here."""
    counts = []
    for register in STATISTICS:
        if register.key not in COUNT_NAMES:
            continue
        name, step = COUNT_NAMES[register.key]
        here = tuple(words[n] for n in range(register.number, register.number + register.shape.registers))
        counts.append((name, round(raw_value(register.shape, here) * step)))
    return Counters(tuple(counts))


def settings(words: Words) -> tuple[float | None, int | None]:
    """Registers 306 and 307: capacity in Ah and count of cells. None for what cannot be."""
    cells = words[307]
    return words[306] / 100 or None, cells if 0 < cells <= POSITIONS else None


def serial(words: Words) -> Identity:
    """Registers 504 to 509: the unit's own number, or the mark of a simulated unit."""
    number = serial_bytes(words)
    simulated = is_simulated(words)
    return Identity(
        hardware=f"{SIMULATED_NAME} {PRODUCT}" if simulated else None, serial=number.hex().upper()
    )


def is_simulated(words: Words) -> bool:
    """True when the serial number spells the mark of everything simulated."""
    return serial_bytes(words) == SIMULATED_NAME.encode()


def version(data: bytes, simulated: bool) -> Identity:
    """The seven bytes of command 1F."""
    if len(data) != 7:
        raise ImplausibleError(f"version of {len(data)} bytes")
    name = f"{PRODUCT} v{data[0]}.{data[1]}"
    return Identity(
        hardware=f"{SIMULATED_NAME} {name}" if simulated else name,
        firmware=f"{RELEASE}.{int.from_bytes(data[3:5], 'little')}",
        bootloader=str(data[5]),
    )


def words_of(first: int, words: tuple[int, ...]) -> dict[int, int]:
    """Registers by their number."""
    return dict(enumerate(words, first))


def _u32(words: Words, number: int) -> int:
    return words[number] | words[number + 1] << 16


def _cells(words: Words, numbers: tuple[int, ...]) -> Cells:
    mv = tuple(round(words[n] / 10) for n in numbers)
    strange = any(v == 0 or v > HIGHEST_CELL_MV for v in mv)
    return Cells(mv, (Doubt.CELL_RANGE,) if strange else ())


def _temperatures(words: Words) -> tuple[float, ...]:
    """External 1, external 2, internal; those that are there."""
    raws = (raw_value(Shape.I16, (words[n],)) for n in (42, 43, 48))
    return tuple(raw / 10 for raw in raws if raw != NO_SENSOR)


def _bits(bits: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Cell numbers, from 1: bit n belongs to register n."""
    return tuple(cell for cell, n in enumerate(numbers, 1) if bits >> n & 1)


def _time_left(words: Words) -> int | None:
    left_s = _u32(words, 34)
    return None if words[50] == IDLE or left_s > LONGEST_LEFT_S else left_s


def _doubts(pack: Pack, cells: Cells, configured: int | None) -> tuple[Doubt, ...]:
    doubts = [Doubt.SOC_RANGE] if (pack.soc_pct or 0) > 100 else []
    if any(not COLD_C < t < HOT_C for t in pack.temperatures_c):
        doubts.append(Doubt.TEMPERATURE)
    sum_v = math.fsum(cells.mv) / 1000
    if sum_v and abs((pack.pack_v or 0) - sum_v) > SUM_DIFFERS_SHARE * sum_v:
        doubts.append(Doubt.SUM_DIFFERS)
    if configured is not None and pack.cell_count != configured:
        doubts.append(Doubt.COUNT_DIFFERS)
    return tuple(doubts)
