"""What a person types becomes a value, or a reason why not: at every key, before the engine is asked."""

import math
from dataclasses import dataclass
from datetime import date

from tui.model.link import Cause
from tui.model.register import Coding, Kind, Register, RegisterValue, Value
from tui.widgets.register_words import decimals_of, value_words

YEARS = range(2000, 2128)
FINE_STEPS = 100  # of a shunt: 0.01 mΩ


@dataclass(frozen=True, slots=True)
class Entry:
    """One try. `stops`: it cannot even be staged; else another field may still make it right."""

    value: Value | None = None
    cause: Cause | None = None
    stops: bool = True

    @property
    def ok(self) -> bool:
        """It can be staged."""
        return self.value is not None and not (self.cause is not None and self.stops)


def entered(one: RegisterValue, text: str) -> Entry:
    """The text as a value of this parameter."""
    match one.register.kind:
        case Kind.TEXT:
            return _text(one.register, text)
        case Kind.DATE:
            return _date(text.strip())
        case Kind.CHOICE | Kind.FLAG:
            return Entry(int(text))
    return _number(one, text.strip())


def _text(register: Register, text: str) -> Entry:
    if not text.isascii() or not text.isprintable():
        return Entry(cause=Cause("reg-not-ascii", (("value", text),)))
    if len(text) > register.size - 1:
        args = (("length", str(len(text))), ("most", str(register.size - 1)))
        return Entry(cause=Cause("reg-too-long", args))
    return Entry(text)


def _date(text: str) -> Entry:
    try:
        if text and date.fromisoformat(text).year not in YEARS:
            raise ValueError
    except ValueError:
        return Entry(cause=Cause("reg-not-date", (("value", text),)))
    return Entry(text)


def _number(one: RegisterValue, text: str) -> Entry:
    if not text:
        return Entry(cause=_nothing_yet(one))
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not set(text) <= set("0123456789.,-+"):
        return Entry(cause=Cause("reg-not-number", (("value", text),)))
    value = stepped(one.register, number)
    if _outside(value, one.register.low, one.register.high) and _outside(value, one.low, one.high):
        wide = one.register.low, one.register.high
        return Entry(value, _range(one.register, value, *wide))
    if one.bound_by and _outside(value, one.low, one.high):
        by = (("by", ", ".join(one.bound_by)),)
        cause = _range(one.register, value, one.low, one.high)
        return Entry(value, Cause("reg-range-by", (*cause.args, *by)), stops=False)
    if _outside(value, one.low, one.high):
        return Entry(value, _range(one.register, value, one.low, one.high))
    return Entry(value)


def _nothing_yet(one: RegisterValue) -> Cause:
    """What to enter, beside the other fields."""
    if one.low is None or one.high is None:
        return Cause("reg-empty")
    unit = f" {one.register.unit}" if one.register.unit else ""
    low, high = (value_words(one.register, bound) for bound in (one.low, one.high))
    return Cause("reg-empty-range", (("low", low), ("high", high + unit)))


def stepped(register: Register, number: float) -> int | float:
    """The nearest value that its steps allow."""
    if register.coding is Coding.SHUNT:
        return round(number, 2)
    value = round(round(number * register.scale) / register.scale, decimals_of(register))
    return int(value) if decimals_of(register) == 0 else value


def _outside(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def _range(register: Register, value: Value, low: float | None, high: float | None) -> Cause:
    args = (
        ("value", value_words(register, value)),
        ("low", value_words(register, low)),
        ("high", value_words(register, high)),
        ("unit", register.unit),
    )
    return Cause("reg-range", args)
