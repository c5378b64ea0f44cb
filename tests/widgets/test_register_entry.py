"""What is typed into a parameter: a value, or a reason at the very key."""

import pytest

from tui.model.register import Coding, Kind, Register, RegisterValue
from tui.protocols.jbd_parameters import TABLE
from tui.widgets.register_entry import entered
from tui.widgets.register_words import Shown, difference_words, range_words, raw_words, value_words

VOLTAGE = Register("cell_overvoltage_release", 0x25, unit="mV", low=2000, high=4500)
BOUND = RegisterValue(VOLTAGE, 3500, "0DAC", 3001, 3649, ("cell_overvoltage",))


@pytest.mark.parametrize(
    ("text", "value", "key", "stops"),
    [
        ("3600", 3600, None, None),
        (" 3600 ", 3600, None, None),
        ("3600.4", 3600, None, None),
        ("3700", 3700, "reg-range-by", False),
        ("4501", 4501, "reg-range", True),
        ("-1", -1, "reg-range", True),
        ("", None, "reg-empty-range", True),
        ("nan", None, "reg-not-number", True),
        ("1e3", None, "reg-not-number", True),
        ("--", None, "reg-not-number", True),
        ("inf", None, "reg-not-number", True),
    ],
)
def test_numbers(text: str, value: int | None, key: str | None, stops: bool | None) -> None:
    """CL-47: the range may depend on another field; that does not stop the staging."""
    entry = entered(BOUND, text)
    assert entry.value == value and (entry.cause.key if entry.cause else None) == key
    assert entry.ok is (value is not None and not stops)


def test_steps_and_decimal_marks() -> None:
    """A comma is a point; values snap to the steps of the device."""
    pack = RegisterValue(Register("pack_overvoltage", 0x20, unit="V", scale=100, low=6, high=18))
    assert entered(pack, "14,6").value == 14.6
    assert entered(pack, "14.606").value == 14.61
    shunt = RegisterValue(Register("shunt", 0x2C, unit="mΩ", low=0.01, high=100, coding=Coding.SHUNT))
    assert entered(shunt, "0.254").value == 0.25


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        (Kind.TEXT, "A" * 31, None),
        (Kind.TEXT, "A" * 32, "reg-too-long"),
        (Kind.TEXT, "é", "reg-not-ascii"),
        (Kind.TEXT, "", None),
        (Kind.DATE, "2025-05-17", None),
        (Kind.DATE, "", None),
        (Kind.DATE, "2025-02-30", "reg-not-date"),
        (Kind.DATE, "1999-01-01", "reg-not-date"),
    ],
)
def test_texts_and_dates(kind: Kind, text: str, key: str | None) -> None:
    """The same causes as the engine has."""
    entry = entered(RegisterValue(Register("x", 1, kind, size=32)), text)
    assert (entry.cause.key if entry.cause else None) == key and entry.ok is (key is None)


@pytest.mark.parametrize("register", TABLE.registers, ids=lambda r: r.key)
def test_every_parameter_has_words(register: Register) -> None:
    """Range, unknown value and raw data of each can be shown."""
    one = RegisterValue(register, low=register.low, high=register.high)
    assert range_words(one) or register.kind is Kind.NUMBER
    assert value_words(register, None) == "--"


def test_differences_and_raw_data() -> None:
    """A sign is always there; texts have no difference."""
    assert difference_words(VOLTAGE, 3500, 3549) == "+49"
    assert difference_words(VOLTAGE, 3500, 3500) == "" and difference_words(VOLTAGE, None, 1) == ""
    assert difference_words(Register("x", 1, Kind.TEXT), "a", "b") == ""
    assert raw_words("0DAC", Shown.HEX) == "0DAC" and raw_words("0DAC", Shown.DECIMAL) == "3500"
    assert raw_words("", Shown.HEX) == "--"
