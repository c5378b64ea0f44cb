"""One record of a battery of another make: JSON to readings, and in words.

Units are those that aiobmsble 0.31 declares for its values (`BatterySample`, `BMSSample`): V, A (positive
when charging, as here), %, °C, s; `cycle_charge` and `design_capacity` in Ah. `cycle_capacity` is Wh and has
no place in a reading. Values that the library would only compute from others are not asked for.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from tui.model.frame import Trust
from tui.model.sample import Cells, Doubt, Identity, Pack, Protection
from tui.protocols.protocol import Explained

COLD_C, HOT_C = -45.0, 125.0  # beyond these a sensor is open or shorted
SUM_DIFFERS_SHARE = 0.02  # pack voltage and sum of cells are measured apart
HIGHEST_CELL_MV = 5000
OF_BATTERY = ("generic", "cell", "cell_max", "cell_min")  # sensors; others sit on switches, boards, heaters
UNITS = {
    "voltage": "V",
    "current": "A",
    "battery_level": "%",
    "battery_health": "%",
    "cycle_charge": "Ah",
    "cycle_capacity": "Wh",
    "design_capacity": "Ah",
    "total_charge": "Ah",
    "cell_voltages": "V",
    "delta_voltage": "V",
    "temp_values": "°C",
    "temperature": "°C",
    "power": "W",
    "runtime": "s",
    "balance_current": "A",
    "heater_current": "A",
}
Number = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]  # in any unit here more is nonsense
Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class Temperature(msgspec.Struct, frozen=True):
    """Degrees Celsius, and what the sensor measures."""

    c: Number
    of: str = "generic"


class Part(msgspec.Struct, frozen=True):
    """What one of several packs says, or all of them together. Names are the library's."""

    voltage: Number | None = None
    current: Number | None = None
    battery_level: Number | None = None
    battery_health: Number | None = None
    cycle_charge: Number | None = None
    design_capacity: Number | None = None
    cycles: Number | None = None
    cell_count: Count | None = None
    cell_voltages: list[Number] = []
    temp_values: list[Temperature] = []


class Values(Part, frozen=True):
    """One update."""

    temperature: Number | None = None
    problem: bool = False
    problem_code: int = 0
    runtime: Number | None = None
    balancer: bool | int | None = None
    balance_current: Number | None = None
    chrg_mosfet: bool | None = None
    dischrg_mosfet: bool | None = None
    heater: bool | None = None
    packs: list[Part] = []


class Record(msgspec.Struct, frozen=True):
    """One answer of the library."""

    make: str
    values: Values | None = None
    identity: dict[str, str] | None = None
    error: str | None = None


def parse(line: bytes) -> Record | None:
    """The record in one line; `None` when it is none, or holds what no battery can say."""
    try:
        return msgspec.json.decode(line, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def readings(values: Values) -> list[Pack | Cells]:
    """Totals and cells; empty when the update held nothing."""
    whole = _whole(values)
    voltages = values.cell_voltages or [v for part in values.packs for v in part.cell_voltages]
    mv = tuple(round(v * 1000) for v in voltages)
    pack = _pack(values, whole, mv)
    found: list[Pack | Cells] = [] if pack == Pack() else [pack]
    if mv:
        strange = any(not 0 < one <= HIGHEST_CELL_MV for one in mv)
        found.append(Cells(mv, (Doubt.CELL_RANGE,) if strange else ()))
    return found


def identity(said: dict[str, str]) -> Identity:
    """Who it is. What a device does not say of maker and model is what its make is called."""
    return Identity(
        hardware=said.get("hw_version") or None,
        firmware=said.get("sw_version") or said.get("fw_version") or None,
        manufacturer=said.get("manufacturer") or None,
        model=said.get("model") or None,
        serial=said.get("serial_number") or None,
    )


def _pack(values: Values, whole: Part, mv: tuple[int, ...]) -> Pack:
    temperatures = _temperatures(values)
    count = whole.cell_count
    return Pack(
        pack_v=whole.voltage,
        current_a=whole.current,
        soc_pct=whole.battery_level,
        soh_pct=whole.battery_health,
        remaining_ah=whole.cycle_charge,
        nominal_ah=whole.design_capacity,
        cycles=None if whole.cycles is None else int(whole.cycles),
        cell_count=count,
        temperatures_c=temperatures,
        balancing=_balancing(values.balancer, count or len(mv)),
        # Each make has codes of its own: that there is a problem is all that is certain.
        protections=(Protection.GENERAL,) if values.problem or values.problem_code else (),
        charge_on=values.chrg_mosfet,
        discharge_on=values.dischrg_mosfet,
        heater_on=values.heater,
        balance_current_ma=None if values.balance_current is None else round(values.balance_current * 1000),
        time_left_s=None if values.runtime is None else int(values.runtime),
        doubts=tuple(_doubts(whole, mv, temperatures, is_one=len(values.packs) <= 1)),
    )


def _whole(values: Values) -> Part:
    """The totals. Where only the packs speak: the one of one; of several what adds up in parallel."""
    parts = values.packs
    if values.voltage is not None or not parts:
        return values
    if len(parts) == 1:
        return parts[0]
    volts = _all([part.voltage for part in parts])
    return Part(
        voltage=sum(volts) / len(volts) if volts else None,
        current=_sum([part.current for part in parts]) if values.current is None else values.current,
        battery_level=values.battery_level,
        battery_health=values.battery_health,
        cycle_charge=_sum([part.cycle_charge for part in parts]),
        design_capacity=_sum([part.design_capacity for part in parts]),
        cycles=values.cycles,
    )


def _all(said: Sequence[float | None]) -> list[float]:
    """Every value; empty when one is missing: half a sum is none."""
    known = [one for one in said if one is not None]
    return known if len(known) == len(said) else []


def _sum(said: Sequence[float | None]) -> float | None:
    known = _all(said)
    return sum(known) if known else None


def _temperatures(values: Values) -> tuple[float, ...]:
    sensors = values.temp_values or [one for part in values.packs for one in part.temp_values]
    if not sensors and values.temperature is not None:
        return (values.temperature,)
    return tuple(round(one.c, 1) for one in sensors if one.of in OF_BATTERY)


def _balancing(said: bool | int | None, cells: int) -> tuple[int, ...]:
    """A number is a mask with cell 1 in its lowest bit; a plain yes names no cell, nor does a mask beyond
    the cells that there are."""
    if said is None or isinstance(said, bool) or said < 0 or said >> cells:
        return ()
    return tuple(n + 1 for n in range(cells) if said >> n & 1)


def _doubts(whole: Part, mv: tuple[int, ...], temperatures: tuple[float, ...], is_one: bool) -> list[Doubt]:
    doubts = [Doubt.SOC_RANGE] if (whole.battery_level or 0) > 100 else []
    if any(not COLD_C < t < HOT_C for t in temperatures):
        doubts.append(Doubt.TEMPERATURE)
    sum_v = sum(mv) / 1000
    if is_one and whole.voltage is not None and abs(whole.voltage - sum_v) > SUM_DIFFERS_SHARE * sum_v > 0:
        doubts.append(Doubt.SUM_DIFFERS)
    if is_one and mv and whole.cell_count is not None and len(mv) != whole.cell_count:
        doubts.append(Doubt.COUNT_DIFFERS)  # the library leaves out cells at 0 mV: the numbers may be shifted
    return doubts


# in words, for the Frames place


def explain(data: bytes, request: bytes | None) -> Explained:
    """A request (`request` is None) or a record."""
    try:
        said = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Explained("?")
    if not isinstance(said, dict):
        return Explained("?")
    if request is None and isinstance(said.get("ask"), str):
        return Explained(said["ask"], "", (("request", "read"),), Trust.GOOD)
    key = next((key for key in ("values", "identity", "error") if key in said), "?")
    content = said.get(key)
    fields = content.items() if isinstance(content, dict) else [(key, content)]
    trust = Trust.GOOD if key in ("values", "identity") and parse(data) else Trust.BAD
    return Explained(key, str(said.get("make", "")), tuple((k, _words(k, v)) for k, v in fields), trust)


def _words(key: str, value: object) -> str:
    unit = f" {UNITS[key]}" if key in UNITS else ""
    if isinstance(value, list):
        return (" ".join(_word(part) for part in value) or "-") + (unit if value else "")
    return _word(value) + unit


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if value.keys() == {"c", "of"}:
            return f"{value['of']}={value['c']:g}"
        return " ".join(f"{k}={_words(k, v)}" for k, v in value.items())
    if isinstance(value, float):
        return f"{value:.6g}"
    return "--" if value is None else str(value)
