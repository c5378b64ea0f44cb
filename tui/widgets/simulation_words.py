"""What a simulation is called in words: stages, faults with their amounts, events."""

from collections.abc import Iterable

from tui.locale import language, messages, say
from tui.model.simulation import (
    OF_A_CELL,
    OF_A_SENSOR,
    OF_A_WIRE,
    ActiveFault,
    FaultKind,
    SimulationEvent,
    Stage,
)
from tui.style.numbers import UNKNOWN, decimal_mark
from tui.widgets.rows import Row, Span, row, width

PERCENT = 100.0
# The unit of an amount, and the factor from the amount to the number that is shown and typed.
UNITS: dict[FaultKind, tuple[str, float]] = {
    FaultKind.CELL_SHORT: ("mΩ", 1.0),
    FaultKind.HIGH_RESISTANCE: ("×", 1.0),
    FaultKind.OVERHEAT: ("°C", 1.0),
    FaultKind.WEAK_CELL: ("%", PERCENT),
    FaultKind.WRONG_SCALE: ("×", 1.0),
    FaultKind.CORRUPT: ("%", 1.0),
    FaultKind.DELAY: ("s", 1.0),
    FaultKind.LOST_REPLIES: ("%", 1.0),
}


def number(value: float) -> str:
    """As short as it is, in the decimal mark of the language: `2`, `0.05`."""
    return f"{value:g}".replace(".", decimal_mark())


def stage_words(stage: Stage, step: str = "") -> str:
    """`Charge CC`."""
    return f"{say(f'sim-stage-{stage}')} {step.upper()}".rstrip()


def fault_words(kind: FaultKind) -> str:
    """`cell short`."""
    return say(f"fault-{kind}")


def amount_words(kind: FaultKind, amount: float) -> str:
    """`2 mΩ`, `×30`; nothing for a fault that only is or is not."""
    if kind not in UNITS:
        return ""
    unit, factor = UNITS[kind]
    text = number(round(amount * factor, 6))
    return f"{unit}{text}" if unit == "×" else f"{text} {unit}"


def place_words(kind: FaultKind, where: int) -> str:
    """`cell 3`, `sensor 2`, `pack`, `wire`."""
    if kind in OF_A_CELL:
        return say("sim-of-cell", number=str(where or 1))
    if kind in OF_A_SENSOR:
        return say("sim-of-sensor", number=str(where or 1))
    return say("sim-of-wire") if kind in OF_A_WIRE else say("sim-of-pack")


def active_words(fault: ActiveFault) -> str:
    """`cell short, cell 3, 2 mΩ`."""
    has_place = fault.kind in (*OF_A_CELL, *OF_A_SENSOR)
    parts = [
        place_words(fault.kind, fault.where) if has_place else "",
        amount_words(fault.kind, fault.amount),
    ]
    return ", ".join([fault_words(fault.kind), *(part for part in parts if part)])


def event_words(event: SimulationEvent) -> str:
    """What happened; a key that an older screen does not know is said as it is."""
    if f"sim-event-{event.key}" not in messages(language()):
        return event.key
    args = dict(event.args)
    if "fault" in args:
        args["fault"] = say(f"fault-{args['fault']}")
    if "protection" in args:
        args["protection"] = protection_word(args["protection"])
    return say(f"sim-event-{event.key}", **args).rstrip()


def protection_word(name: str) -> str:
    """`cell under-voltage`."""
    return say(f"protection-{name.replace('_', '-')}")


def scale_words(scale: float | None) -> str:
    """`×141`, in at most five cells; `--` while the stage was never seen."""
    if scale is None or scale <= 0:
        return UNKNOWN
    return f"×{scale:.0f}" if scale < 999.5 else f"×{scale / 1000:.0f}k"


def parted(groups: Iterable[Row], cells: int) -> list[Row]:
    """Groups with a middle dot between them, in as many rows as they need; a group is never parted."""
    lines: list[list[Span]] = []
    for group in groups:
        if lines and width(tuple(lines[-1])) + 3 + width(group) <= cells:
            lines[-1] += [(" · ", "rule"), *group]
        else:
            lines.append([(" ", "text"), *group])
    return [row(*line) for line in lines]
