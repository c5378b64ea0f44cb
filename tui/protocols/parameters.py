"""Parameters of any battery: data to values and back, ranges that follow other fields, what forbids a wish.

Pure; the tables of the families are data for these functions.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from tui.model.link import Cause
from tui.model.register import Access, Coding, CommandForm, Image, Kind, Register, RegisterValue, Value
from tui.model.register_review import Problem

SHUNT_FINE = 0x8000
YEAR_FIRST, YEAR_LAST = 2000, 2127


class BadValueError(ValueError):
    """A value cannot be written. Carries the cause in words for every language."""

    def __init__(self, key: str, *args: tuple[str, str]) -> None:
        super().__init__(f"{key} {dict(args)}")
        self.cause = Cause(key, args)


@dataclass(frozen=True, slots=True)
class Below:
    """A rule between two parameters: `low` + `gap` must not be more than `high`. `gap` is in their unit."""

    low: str
    high: str
    gap: float = 0


@dataclass(frozen=True, slots=True)
class Table:
    """All parameters of a family, and what holds between them.

    `effective` is a parameter as it is on a device with that image (other scale, other choices, read-only).
    `checks` are rules that need more than two numbers. `limits` of an image tell what the device itself
    allows, by key. `last` are registers to be written after all others.
    """

    family: str
    registers: tuple[Register, ...]
    rules: tuple[Below, ...]
    effective: Callable[[Register, Image], Register]
    checks: Callable[[Mapping[str, Value]], list[Problem]]
    commands: tuple[CommandForm, ...] = ()
    last: frozenset[int] = frozenset()

    def find(self, key: str) -> Register | None:
        """The parameter of that key, or of that number when it is the only one there."""
        by_key = next((r for r in self.registers if r.key == key), None)
        if by_key is not None:
            return by_key
        here = [r for r in self.registers if key.upper() in (r.address, f"0X{r.number:X}", str(r.number))]
        return here[0] if len(here) == 1 else None

    def at(self, number: int) -> tuple[Register, ...]:
        """The parameters that share a register."""
        return tuple(r for r in self.registers if r.number == number)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Registers of the device, in the order of the table."""
        return tuple(dict.fromkeys(r.number for r in self.registers if r.access is not Access.COMMAND))

    @property
    def writable(self) -> frozenset[int]:
        """Registers that a plan may write."""
        return frozenset(r.number for r in self.registers if r.access is Access.WRITE)


# data and values


def raw_of(data: bytes) -> int:
    """The whole number in the data: big-endian; of four bytes the low word comes first."""
    if len(data) == 4:
        return int.from_bytes(data[2:], "big") << 16 | int.from_bytes(data[:2], "big")
    return int.from_bytes(data, "big")


def data_of(raw: int, size: int) -> bytes:
    """The data of a whole number."""
    if size == 4:
        return (raw & 0xFFFF).to_bytes(2, "big") + (raw >> 16 & 0xFFFF).to_bytes(2, "big")
    return raw.to_bytes(size, "big")


def value_of(register: Register, data: bytes) -> Value | None:
    """The value of a parameter in the data of its register; None when the data cannot be it."""
    if register.coding is Coding.TEXT:
        return text_of(data)
    if len(data) != register.size:
        return None
    raw = _part(register, raw_of(data))
    if register.coding is Coding.DATE:
        return _date_of(raw)
    if register.coding is Coding.SHUNT:
        return (raw & ~SHUNT_FINE) / 100 if raw & SHUNT_FINE else raw / 10
    if register.kind in (Kind.CHOICE, Kind.FLAG):
        return raw
    value = (raw + register.offset) / register.scale
    return int(value) if register.decimals == 0 else round(value, register.decimals)


def text_of(data: bytes) -> str:
    """A counted text; leftovers of an older, longer one behind it are not looked at."""
    return data[1 : 1 + data[0]].decode("ascii", "replace").strip("\0 ") if data else ""


def canonical(register: Register, data: bytes) -> bytes:
    """The data without leftovers, so that two equal texts are equal."""
    if register.coding is not Coding.TEXT or not data:
        return data
    return data[: 1 + min(data[0], len(data) - 1)]


def _part(register: Register, raw: int) -> int:
    bits = register.bits or 8 * register.size
    part = raw >> register.shift & (1 << bits) - 1
    if register.coding is Coding.SIGNED and part >> bits - 1:
        part -= 1 << bits
    return part


def _date_of(raw: int) -> str:
    try:
        return date(YEAR_FIRST + (raw >> 9), raw >> 5 & 15, raw & 31).isoformat()
    except ValueError:
        return ""


def patched(register: Register, data: bytes, value: Value) -> bytes:
    """The data with this value in its place; every other bit stays. Raises BadValueError.

    The value must have been through `checked`.
    """
    if register.coding is Coding.TEXT:
        text = str(value).encode("ascii")
        return bytes((len(text),)) + text
    part = _raw_part(register, value)
    bits = register.bits or 8 * register.size
    mask = (1 << bits) - 1
    if not -(1 << bits - 1) <= part <= mask:
        raise BadValueError("reg-no-room", ("value", str(value)))
    before = raw_of(data) if len(data) == register.size else 0
    return data_of(before & ~(mask << register.shift) | (part & mask) << register.shift, register.size)


def _raw_part(register: Register, value: Value) -> int:
    if register.coding is Coding.DATE:
        if not value:
            return 0
        day = date.fromisoformat(str(value))
        return day.year - YEAR_FIRST << 9 | day.month << 5 | day.day
    number = float(value)
    if register.coding is Coding.SHUNT:
        tenths = round(number * 10, 6)
        if tenths == int(tenths):
            return int(tenths)
        return SHUNT_FINE | round(number * 100)
    return round(number * register.scale) - register.offset


# wishes


def checked(register: Register, wish: Value) -> Value:
    """The wish as a value of this parameter, without looking at its range. Raises BadValueError."""
    if register.access is not Access.WRITE:
        key = "reg-is-command" if register.access is Access.COMMAND else "reg-read-only"
        raise BadValueError(key, ("register", register.address))
    match register.kind:
        case Kind.TEXT:
            return _checked_text(register, wish)
        case Kind.DATE:
            return _checked_date(wish)
        case Kind.CHOICE | Kind.FLAG:
            return _checked_choice(register, wish)
    return _checked_number(register, wish)


def _checked_text(register: Register, wish: Value) -> str:
    text = str(wish)
    if not text.isascii() or not text.isprintable():
        raise BadValueError("reg-not-ascii", ("value", text))
    if len(text) > register.size - 1:
        raise BadValueError("reg-too-long", ("length", str(len(text))), ("most", str(register.size - 1)))
    return text


def _checked_date(wish: Value) -> str:
    text = str(wish).strip()
    try:
        if text and not YEAR_FIRST <= date.fromisoformat(text).year <= YEAR_LAST:
            raise ValueError
    except ValueError:
        raise BadValueError("reg-not-date", ("value", text)) from None
    return text


FLAG_WORDS = {"on": 1, "yes": 1, "true": 1, "off": 0, "no": 0, "false": 0}


def _checked_choice(register: Register, wish: Value) -> int:
    words = {c.text.casefold(): c.value for c in register.choices}
    words |= {c.key.casefold(): c.value for c in register.choices if c.key}
    if register.kind is Kind.FLAG:
        words |= FLAG_WORDS
    said = str(wish).strip().casefold()
    known = {0, 1} if register.kind is Kind.FLAG else {c.value for c in register.choices}
    if said in words:
        return words[said]
    try:
        number = float(said)
    except ValueError:
        number = math.nan
    if number not in known:
        allowed = ", ".join(c.text for c in register.choices) or "on, off"
        raise BadValueError("reg-no-choice", ("value", str(wish)), ("allowed", allowed))
    return int(number)


def _checked_number(register: Register, wish: Value) -> int | float:
    try:
        number = float(str(wish).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadValueError("reg-not-number", ("value", str(wish)))
    if register.coding is Coding.SHUNT:
        return round(number, 2)
    stepped = round(round(number * register.scale) / register.scale, register.decimals)
    return int(stepped) if register.decimals == 0 else stepped


def in_range(row: RegisterValue, value: Value) -> Problem | None:
    """Why a value is out of the range that the row tells now."""
    register = row.register
    if register.kind is not Kind.NUMBER or not isinstance(value, int | float):
        return None
    low, high = row.low, row.high
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    args = [("value", shown(register, value)), ("low", shown(register, low)), ("high", shown(register, high))]
    args.append(("unit", register.unit))
    by = [key for key in row.bound_by if key]
    if not by:
        return Problem(Cause("reg-range", tuple(args)), register.key)
    return Problem(Cause("reg-range-by", (*args, ("by", ", ".join(by)))), register.key)


def shown(register: Register, value: Value | None) -> str:
    """A value with the digits its steps need, without the unit; a choice by its text."""
    if value is None:
        return "--"
    if register.kind is Kind.CHOICE:
        return next((c.text for c in register.choices if c.value == value), str(value))
    if register.kind is Kind.NUMBER:
        return f"{value:.{2 if register.coding is Coding.SHUNT else register.decimals}f}"
    return str(value)


# a whole image


def values_of(table: Table, image: Image) -> dict[str, Value]:
    """Every value that an image tells, by key."""
    found: dict[str, Value] = {}
    for register in table.registers:
        data = image.get(register.number)
        if data is not None and register.access is not Access.COMMAND:
            value = value_of(table.effective(register, image), data)
            if value is not None:
                found[register.key] = value
    return found


def rows_of(
    table: Table,
    image: Image,
    limits: Mapping[str, tuple[float, float]] | None = None,
    missing: Mapping[int, Cause] | None = None,
) -> tuple[RegisterValue, ...]:
    """All rows of an editor: values, and ranges as they follow from the other fields.

    `limits` are what the device itself says; `missing` why a register was not read.
    """
    values = values_of(table, image)
    return tuple(
        _row(table, register, image, values, limits or {}, missing or {}) for register in table.registers
    )


def _row(
    table: Table,
    register: Register,
    image: Image,
    values: Mapping[str, Value],
    limits: Mapping[str, tuple[float, float]],
    missing: Mapping[int, Cause],
) -> RegisterValue:
    effective = table.effective(register, image)
    low, high, by = bounds(table, effective, values, limits.get(register.key))
    data = image.get(register.number)
    return RegisterValue(
        effective,
        values.get(register.key),
        "" if data is None else data.hex().upper(),
        low,
        high,
        by,
        absent=data is None and register.number in missing and register.access is not Access.COMMAND,
        cause=missing.get(register.number) if data is None else None,
    )


def bounds(
    table: Table,
    register: Register,
    values: Mapping[str, Value],
    limits: tuple[float, float] | None = None,
) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Lowest and highest value beside the other fields, and the keys of those that narrow it."""
    low, high = register.low, register.high
    if limits is not None and register.kind is Kind.NUMBER:
        low, high = limits
    by: dict[str, str] = {}
    for rule in table.rules:
        other = values.get(rule.low if rule.high == register.key else rule.high)
        if not isinstance(other, int | float):
            continue
        if rule.high == register.key and (low is None or other + rule.gap > low):
            low, by["low"] = other + rule.gap, rule.low
        elif rule.low == register.key and (high is None or other - rule.gap < high):
            high, by["high"] = other - rule.gap, rule.high
    return low, high, tuple(by.values())


def broken_rules(table: Table, values: Mapping[str, Value]) -> set[Below]:
    """The rules between two numbers that do not hold."""
    return {rule for rule in table.rules if not holds(rule, values)}


def holds(rule: Below, values: Mapping[str, Value]) -> bool:
    """True when both are known and in order, or one is not known."""
    low, high = values.get(rule.low), values.get(rule.high)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return True
    return low + rule.gap <= high + 1e-9


def judge(
    table: Table,
    image: Image,
    target: Image,
    limits: Mapping[str, tuple[float, float]] | None = None,
    *,
    whole: bool = False,
) -> list[Problem]:
    """What stands against the whole target, as far as it differs from the image: ranges, rules, checks.

    `whole`: the target is an image that a device once held, so that bits which are only read may differ.
    """
    before, after = values_of(table, image), values_of(table, target)
    changed = [key for key, value in after.items() if before.get(key, value) != value]
    found: list[Problem] = []
    for key in changed:
        register = table.find(key)
        assert register is not None
        effective = table.effective(register, target)
        if effective.access is not Access.WRITE:
            if whole and register.number in table.writable:
                continue
            found.append(Problem(Cause("reg-read-only", (("register", register.address),)), key))
            continue
        low, high = (limits or {}).get(key, (effective.low, effective.high))
        problem = in_range(RegisterValue(effective, low=low, high=high), after[key])
        found += [problem] if problem is not None else []
    for rule in table.rules:
        if not holds(rule, after) and (rule.low in changed or rule.high in changed):
            found.append(_broken(table, rule, after, changed))
    touched = [p for p in table.checks(after) if not p.key or p.key in changed or not p.is_error]
    known = {(p.key, p.cause) for p in table.checks(before)}
    return found + [p for p in touched if p.is_error or (p.key, p.cause) not in known]


def _broken(table: Table, rule: Below, values: Mapping[str, Value], changed: Iterable[str]) -> Problem:
    """Told at the field that a person has just changed."""
    key, other = (rule.low, rule.high) if rule.low in changed else (rule.high, rule.low)
    register, far = table.find(key), table.find(other)
    assert register is not None
    assert far is not None
    args = (
        ("value", shown(register, values[key])),
        ("unit", register.unit),
        ("other", other),
        ("bound", shown(far, values[other])),
        ("gap", shown(register, rule.gap)),
    )
    return Problem(Cause("reg-not-below" if key == rule.low else "reg-not-above", args), key)


def with_bounds(register: Register, low: float | None, high: float | None) -> Register:
    """The same parameter with another range."""
    return replace(register, low=low, high=high)
