"""The TinyBMS register map, checked against the document and against real units."""

import pytest

from tui.protocols.tinybms_registers import (
    LIVE,
    REGISTERS,
    SETTINGS,
    STATISTICS,
    VERSIONS,
    Setting,
    Shape,
    raw_value,
)
from tui.protocols.tinybms_values import event_entries, named

RESERVED = {302, 309, 313, 324, 325, 326, 327}  # 313 is the high word of 312
BY_KEY = {row.key: row for row in SETTINGS}


def test_no_setting_is_missing() -> None:
    """300 to 343, each once; 330 holds two."""
    numbers = [row.number for row in SETTINGS]
    assert set(numbers) == set(range(300, 344)) - RESERVED
    assert numbers == sorted(numbers) and len(numbers) == len(set(numbers)) + 1
    keys = [row.key for row in REGISTERS]
    assert len(keys) == len(set(keys))


def test_ranges() -> None:
    """Low is not above high, and choices lie within; only one setting has no range."""
    for row in SETTINGS:
        assert row.category in ("battery", "charger", "safety", "vehicle", "hardware", "system", "soc")
        if row.low is None or row.high is None:
            assert row.number == 305
            continue
        assert row.low < row.high
        assert all(row.low <= value <= row.high for value, _ in row.choices)
    assert {row.number for row in SETTINGS if row.new_in_d} == {305, 310, 311, 321, 322, 323, 329, 330}


@pytest.mark.parametrize(
    ("key", "words", "shown"),
    [
        ("battery_capacity", (31_400,), (314.0, "Ah")),
        ("low_temperature_charger_cutoff", (0xFFF6,), (-10, "°C")),
        ("pulses_per_unit", (0x86A0, 1), (100_000, "pulses")),
        ("precharge_pin", (0x10,), (16, "AIHO2 active high")),
        ("precharge_pin", (9,), (9, "AIHO2 active low")),
        ("precharge_pin", (1,), (1, "unknown")),
        ("charger_type", (0x1E01,), (1, "CC/CV")),
        ("discharge_over_current_timeout", (0x1E01,), (30, "s")),
        ("charger_switch_type", (0xFF01,), (1, "charge FET")),
        ("load_switch_type", (8,), (8, "AIHO2 active high")),
        ("broadcast_interval", (7,), (7, "10 s")),
        ("state_of_charge_setting", (0xFFFF,), (None, "%")),
        ("charge_finished_current", (1000,), (1.0, "A")),
    ],
)
def test_values(key: str, words: tuple[int, ...], shown: tuple[object, str | None]) -> None:
    """In the unit a person knows, choices with their word."""
    row = BY_KEY[key]
    decoded = named(dict(enumerate(words, row.number)))
    assert (decoded[key]["value"], decoded[key]["unit"]) == shown
    assert isinstance(row, Setting) and row.raw_of(words) >= -40


def test_shapes() -> None:
    """Signs and halves."""
    assert raw_value(Shape.I16, (0x8000,)) == -32768 and raw_value(Shape.U16, (0x8000,)) == 32768
    assert raw_value(Shape.I8_LOW, (0x19F9,)) == -7 and raw_value(Shape.I8_HIGH, (0x19F9,)) == 25
    assert raw_value(Shape.LOW, (0x19F9,)) == 0xF9 and raw_value(Shape.HIGH, (0xF919,)) == 0xF9
    assert raw_value(Shape.U32, (1, 2)) == 0x20001


def test_other_areas() -> None:
    """Live 32 to 55, statistics 100 to 117, versions 500 to 503, within their blocks."""
    for rows, low, high in ((LIVE, 32, 55), (STATISTICS, 100, 117), (VERSIONS, 500, 503)):
        assert all(low <= r.number and r.number + r.shape.registers - 1 <= high for r in rows)


def test_half_a_value_is_none() -> None:
    """A 32-bit value of which one register was read is left out; the version names follow their bits."""
    assert "pack_voltage" not in named({36: 1})
    assert named({501: 0x0401})["current_sensor"] == {"value": 2, "unit": "external"}
    assert named({501: 0x0001})["power_type"]["unit"] == "low power"
    assert named({36: 0, 37: 0x7FC0})["pack_voltage"]["value"] is None
    assert named({45: 0})["state_of_health"]["value"] is None
    assert named({114: 0x0907})["last_wakeup"] == {"value": 9, "unit": "unknown"}


def test_event_registers() -> None:
    """Words of a real unit; empty places are left out."""
    assert event_entries({200: 0x1226, 201: 0x6500, 202: 0, 203: 0, 204: 0x4E2B, 205: 0x64B9, 206: 1}) == [
        (4646, 0x65),
        (12_144_171, 0x64),
    ]
