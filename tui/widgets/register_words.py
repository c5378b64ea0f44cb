"""How parameters are said: names, values with their unit, ranges, causes."""

from enum import StrEnum

from tui.locale import language, messages, say
from tui.model.link import Cause
from tui.model.register import Access, Coding, Danger, Kind, Register, RegisterValue, Value
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, decimal_mark, fixed
from tui.widgets.rows import Row, row, wrap

SHUNT_DECIMALS = 2
NAMED_ARGS = ("by", "other", "command")  # of a cause: keys of parameters, which a person knows by name


class Shown(StrEnum):
    """How values are shown: as a person reads them, or as they lie in the register."""

    VALUES = "values"
    HEX = "hex"
    DECIMAL = "decimal"


def name_words(key: str) -> str:
    """The name of a parameter or a command; of an unknown one its key."""
    for sentence in (f"reg-{key.replace('_', '-')}", f"regcommand-{key.replace('_', '-')}"):
        if sentence in messages(language()):
            return say(sentence)
    return key


def help_words(sentence: str) -> str:
    """The help behind a name; empty where there is none."""
    return say(f"{sentence}-help") if f"{sentence}-help" in messages(language()) else ""


def decimals_of(register: Register) -> int:
    """Digits behind the point."""
    return SHUNT_DECIMALS if register.coding is Coding.SHUNT else register.decimals


def value_words(register: Register, value: Value | None) -> str:
    """A value without its unit; a choice and a flag by their words."""
    if value is None:
        return UNKNOWN
    if register.kind is Kind.FLAG:
        return say("choice-on" if value else "choice-off")
    if register.kind is Kind.CHOICE:
        return choice_words(register, value)
    if register.kind is Kind.NUMBER and isinstance(value, int | float):
        return fixed(value, decimals_of(register))
    return str(value) or say("regs-empty")


def choice_words(register: Register, value: Value) -> str:
    """The words of a choice; an unknown number as it is."""
    found = next((choice for choice in register.choices if choice.value == value), None)
    if found is None:
        return str(value)
    return say(f"choice-{found.key}") if found.key else found.text


def unit_words(register: Register, glyphs: GlyphSet) -> str:
    """The unit, with letters that the terminal has."""
    if glyphs.name == "full" or glyphs.name == "bmsfont":
        return register.unit
    return register.unit.replace("Ω", "ohm")


def with_unit(register: Register, value: Value | None, glyphs: GlyphSet) -> str:
    """`3650 mV`."""
    unit = unit_words(register, glyphs)
    return (
        f"{value_words(register, value)} {unit}"
        if unit and value is not None
        else value_words(register, value)
    )


def range_words(one: RegisterValue) -> str:
    """`2000 to 3649`, without the unit; what is no number says what it takes."""
    register = one.register
    if one.absent:
        return say("regs-absent")
    if register.access is not Access.WRITE:
        return say("regs-command" if register.access is Access.COMMAND else "regs-read-only")
    match register.kind:
        case Kind.FLAG:
            return say("regs-range-flag")
        case Kind.CHOICE:
            return say("regs-range-choice", count=len(register.choices))
        case Kind.TEXT:
            return say("regs-range-text", count=register.size - 1)
        case Kind.DATE:
            return say("regs-range-date")
    if one.low is None and one.high is None:
        return ""
    return say("regs-range", low=short_number(one.low), high=short_number(one.high))


def short_number(value: float | None) -> str:
    """No more digits than it needs."""
    return UNKNOWN if value is None else f"{value:.10g}".replace(".", decimal_mark())


def difference_words(register: Register, old: Value | None, new: Value | None) -> str:
    """`-150`: how far a number moves; nothing for anything else."""
    if (
        old == new
        or register.kind is not Kind.NUMBER
        or not (isinstance(old, int | float) and isinstance(new, int | float))
    ):
        return ""
    return fixed(new - old, decimals_of(register), signed=True)


def raw_words(raw: str, shown: Shown) -> str:
    """The data of a register: hexadecimal pairs, or one number."""
    if not raw:
        return UNKNOWN
    return str(int(raw, 16)) if shown is Shown.DECIMAL and len(raw) <= 8 else raw


def danger_mark(register: Register, glyphs: GlyphSet) -> tuple[str, str]:
    """Mark and role of what a wrong value does."""
    if register.danger is Danger.NONE:
        return " ", "text"
    return (glyphs.warn, "warn") if register.danger is Danger.HARMFUL else (glyphs.alarm, "alarm")


def cause_words(cause: Cause) -> tuple[str, str]:
    """What happened and what to do, with names instead of keys."""
    said = {key: _named(value) if key in NAMED_ARGS else value for key, value in cause.args}
    return say(f"cause-{cause.key}", **said), say(f"cause-{cause.key}-do", **said)


def _named(keys: str) -> str:
    return ", ".join(name_words(key) for key in keys.split(", "))


def lines(words: str, role: str, cells: int, indent: int = 1) -> list[Row]:
    """Whole words in rows behind some spaces."""
    return [row((" " * indent + line, role)) for line in wrap(words, max(8, cells - indent - 1))]


def marked(mark: str, words: str, role: str, cells: int, indent: int = 1) -> list[Row]:
    """A sentence behind its mark."""
    room = max(8, cells - indent - 3)
    return [
        row((f"{' ' * indent}{mark if i == 0 else ' '} {line}", role))
        for i, line in enumerate(wrap(words, room))
    ]
