"""The sheets of the Simulator place, and the requests that come of what was typed into them."""

from tui.locale import say
from tui.model.simulation import (
    AMOUNTS,
    OF_A_CELL,
    OF_A_SENSOR,
    InjectFault,
    SetSimulatedCell,
    SimulatedCell,
    SimulatedPack,
)
from tui.widgets.fault_table import FaultRow
from tui.widgets.numbers_sheet import NumberField, Numbers, NumbersSheet
from tui.widgets.simulation_words import UNITS, fault_words
from tui.widgets.status_band import track_words

SENSORS = 4
FOR_MOST_S = 86_400.0
CELL_RANGES = {  # word, least, most, unit: as the simulation checks them
    "soc_pct": ("sim-field-soc-pct", 0.0, 100.0, "%"),
    "capacity_ah": ("sim-field-capacity-ah", 0.1, 60_000.0, "Ah"),
    "resistance_mohm": ("sim-field-resistance-mohm", 0.001, 10_000.0, "mΩ"),
    "leak_ma": ("sim-field-leak-ma", 0.0, 100_000.0, "mA"),
}
DIGITS = 3


def fault_sheet(fault: FaultRow, pack: SimulatedPack) -> NumbersSheet:
    """Where, how much and how long: what the kind of fault has of it."""
    fields: list[NumberField] = []
    if fault.kind in OF_A_CELL:
        fields.append(
            NumberField(
                "where", "sim-field-cell", fault.where or 1, 1, max(1, len(pack.cells)), is_whole=True
            )
        )
    elif fault.kind in OF_A_SENSOR:
        fields.append(NumberField("where", "sim-field-sensor", fault.where or 1, 1, SENSORS, is_whole=True))
    if fault.kind in AMOUNTS:
        unit, factor = UNITS[fault.kind]
        _, low, high = (value * factor for value in AMOUNTS[fault.kind])
        fields.append(
            NumberField("amount", "sim-field-amount", round(fault.amount * factor, 6), low, high, unit)
        )
    fields.append(NumberField("for_s", "sim-field-for", None, 0.1, FOR_MOST_S, "s", is_optional=True))
    title = say("sim-fault-title", fault=fault_words(fault.kind), pack=track_words(pack.name))
    do, done = ("sim-do-change", "sim-done-change") if fault.acts else ("sim-do-begin", "sim-done-begin")
    return NumbersSheet(title, say(f"sim-fault-help-{fault.kind}"), fields, do, say(done))


def injected(fault: FaultRow, pack: SimulatedPack, said: Numbers) -> InjectFault:
    """The request."""
    amount = said.get("amount")
    if amount is not None:
        amount = amount / UNITS[fault.kind][1]
    return InjectFault(fault.kind, pack.name, int(said.get("where") or 0), amount, said.get("for_s"))


def cell_sheet(cell: SimulatedCell, pack: SimulatedPack) -> NumbersSheet:
    """The four numbers of a cell that can be changed."""
    fields = [
        NumberField(name, label, _shown(cell, name), low, high, unit)
        for name, (label, low, high, unit) in CELL_RANGES.items()
    ]
    title = say("sim-cell-title", number=f"{cell.number:02d}", pack=track_words(pack.name))
    return NumbersSheet(title, say("sim-cell-text"), fields, "sim-do-change", say("sim-done-cell"))


def changed_cell(cell: SimulatedCell, pack: SimulatedPack, said: Numbers | None) -> SetSimulatedCell | None:
    """The request, with what is different from what the sheet showed; `None` without any."""
    if said is None:
        return None
    new = {name: value for name, value in said.items() if value is not None and value != _shown(cell, name)}
    return SetSimulatedCell(pack.name, cell.number, **new) if new else None


def _shown(cell: SimulatedCell, name: str) -> float:
    value: float = getattr(cell, name)
    return round(value, DIGITS)
