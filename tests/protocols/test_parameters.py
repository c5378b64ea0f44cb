"""The tables of parameters: against recordings, against themselves, and back and forth."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.locale import messages
from tui.model.register import Access, Category, Coding, Danger, Image, Kind, Register, Tab
from tui.protocols import jbd_parameters, tinybms_parameters
from tui.protocols.parameters import (
    BadValueError,
    Table,
    bounds,
    checked,
    judge,
    patched,
    raw_of,
    rows_of,
    shown,
    value_of,
    values_of,
)
from tui.protocols.presets import PRESETS, find, image_of
from tui.protocols.tinybms_registers import SETTINGS

RECORDINGS = Path(__file__).parents[1] / "recordings" / "jbd.json"
TABLES = (jbd_parameters.TABLE, tinybms_parameters.TABLE)
JBD, TINYBMS = TABLES
EVERY = [(table, register) for table in TABLES for register in table.registers]
WRITABLE = [(t, r) for t, r in EVERY if r.access is Access.WRITE]
ids = [f"{t.family}-{r.key}" for t, r in WRITABLE]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.family)
def test_keys_are_unique_and_no_bit_belongs_to_two(table: Table) -> None:
    assert not [k for k, n in Counter(r.key for r in table.registers).items() if n > 1]
    for number in table.numbers:
        taken = 0
        for register in table.at(number):
            mask = ((1 << (register.bits or 8 * register.size)) - 1) << register.shift
            assert not taken & mask, register.key
            taken |= mask


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.family)
def test_rules_name_parameters_that_exist(table: Table) -> None:
    keys = {register.key for register in table.registers}
    assert {key for rule in table.rules for key in (rule.low, rule.high)} <= keys


def test_all_of_a_tinybms_is_there() -> None:
    """Settings 300 to 343, each one that the map has."""
    numbers = {r.number for r in TINYBMS.registers}
    assert {row.number for row in SETTINGS} <= numbers
    assert {100, 116, 500, 503} <= numbers


def test_all_of_a_jbd_board_is_there() -> None:
    """Registers 10 to 47, A0 to A2 and AD to AF."""
    numbers = {r.number for r in JBD.registers}
    assert numbers == {0, *range(0x10, 0x48), 0xA0, 0xA1, 0xA2, 0xAD, 0xAE, 0xAF}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_parameter_and_command_has_its_words(language: str) -> None:
    """CL-47: help; CL-49: in both languages."""
    words = {r.sentence for _, r in EVERY}
    words |= {
        f"regcommand-{form.name.replace('_', '-')}{end}"
        for table in TABLES
        for form in table.commands
        for end in ("", "-help")
    }
    words |= {f"danger-{danger}" for danger in Danger if danger is not Danger.NONE}
    assert words - messages(language).keys() == set()


def test_categories_and_tabs_are_all_used() -> None:
    """CL-28 and CL-47."""
    assert {r.category for _, r in EVERY} == set(Category)
    assert {r.tab for _, r in EVERY} == set(Tab)


# what recordings say

NAMES = {
    "pack_overvoltage_mv": ("pack_overvoltage", 1000), "cell_overvoltage_mv": ("cell_overvoltage", 1),
    "cell_overvoltage_release_mv": ("cell_overvoltage_release", 1),
    "charge_overtemp_release_c": ("charge_overtemperature_release", 1),
    "charge_undertemp_release_c": ("charge_undertemperature_release", 1),
    "discharge_overcurrent_ma": ("discharge_overcurrent", -1000),
    "cycle_capacity_mah": ("cycle_capacity", 1000), "cell_full_voltage_mv": ("cell_full_voltage", 1),
    "balance_window_mv": ("balance_window", 1), "fet_control_time_s": ("fet_time", 1),
    "cell_undervoltage_delay_s": ("cell_undervoltage_delay", 1),
    "cell_overvoltage_delay_s": ("cell_overvoltage_delay", 1), "sc_release_s": ("short_circuit_release", 1),
    "manufacturer": ("manufacturer", 0), "soc80_voltage_mv": ("soc80_voltage", 1),
}  # fmt: skip


def recordings() -> list[tuple[str, int, bytes, dict[str, object]]]:
    found = []
    for vector in json.loads(RECORDINGS.read_text(encoding="utf-8")):
        response = bytes.fromhex(vector["hex_response"] or "")
        if vector["kind"] == "register" and len(response) > 8 and response[2] == 0:
            data = response[4 : 4 + response[3]]
            found.append((vector["id"], response[1], data, vector["expected"]))
    return found


def test_values_are_those_of_the_recordings() -> None:
    compared = 0
    for name, number, data, expected in recordings():
        values = values_of(JBD, {number: data})
        for key, told in expected.items():
            if key not in NAMES:
                continue
            mine, factor = NAMES[key]
            assert values[mine] == (pytest.approx(told / factor) if factor else told), name  # type: ignore[operator]
            compared += 1
    assert compared >= 15


def test_the_packed_registers_of_the_captured_board() -> None:
    """8D 5C and F0 64: double range, 155 mV after 100 µs, 83 mV after 320 ms; 16 s, 8 s, 100 s."""
    image: Image = {0x38: bytes.fromhex("8D5C"), 0x39: bytes.fromhex("F064")}
    rows = {row.key: row for row in rows_of(JBD, image)}

    def text(key: str) -> str:
        return shown(rows[key].register, rows[key].value)

    assert rows["second_double_range"].value == 1
    assert text("short_circuit_threshold") == "155"
    assert text("short_circuit_delay") == "100"
    assert text("second_overcurrent_threshold") == "83"
    assert text("second_overcurrent_delay") == "320"
    assert text("second_undervoltage_delay") == "16"
    assert text("second_overvoltage_delay") == "8"
    assert rows["short_circuit_release"].value == 100


def test_on_another_chip_the_packed_registers_are_only_read() -> None:
    image: Image = {0x00: b"\0\3", 0x38: bytes.fromhex("8D5C")}
    row = next(r for r in rows_of(JBD, image) if r.key == "short_circuit_threshold")
    assert row.register.access is Access.READ
    with pytest.raises(BadValueError):
        checked(row.register, 1)


def test_a_board_that_counts_in_tenths() -> None:
    """Bit 12 of register 2D: 100 mA and 100 mAh."""
    image: Image = {0x10: (6280).to_bytes(2, "big"), 0x28: (1500).to_bytes(2, "big"), 0x2D: b"\x10\x06"}
    values = values_of(JBD, image)
    assert values["design_capacity"] == pytest.approx(628.0)
    assert values["charge_overcurrent"] == pytest.approx(150.0)


@pytest.mark.parametrize(("raw", "mohm"), [(0x0001, 0.1), (0x0005, 0.5), (0x8019, 0.25)])
def test_both_steps_of_the_shunt(raw: int, mohm: float) -> None:
    register = next(r for r in JBD.registers if r.key == "shunt")
    data = raw.to_bytes(2, "big")
    assert value_of(register, data) == pytest.approx(mohm)
    assert patched(register, data, mohm) == data


def test_a_discharge_limit_is_shown_positive_and_stored_negative() -> None:
    """130 A is CD38."""
    register = next(r for r in JBD.registers if r.key == "discharge_overcurrent")
    assert patched(register, b"\0\0", 130.0) == bytes.fromhex("CD38")
    assert value_of(register, bytes.fromhex("CD38")) == pytest.approx(130.0)


# back and forth


@pytest.mark.parametrize(("table", "register"), WRITABLE, ids=ids)
@given(data=st.data())
def test_a_value_comes_back_and_its_neighbours_stay(
    table: Table, register: Register, data: st.DataObject
) -> None:
    """Read-modify-write: bits that belong to others, or to nobody, are as they were."""
    before = data.draw(st.binary(min_size=register.size, max_size=register.size))
    if register.coding is Coding.TEXT:
        text = data.draw(st.text("ABCxyz 0123-", max_size=31)).strip()
        assert value_of(register, patched(register, before, checked(register, text))) == text
        return
    wish = data.draw(wishes(register))
    value = checked(register, wish)
    after = patched(register, before, value)
    expected = value if isinstance(value, str) else pytest.approx(value)
    assert value_of(register, after) == expected
    mask = ((1 << (register.bits or 8 * register.size)) - 1) << register.shift
    assert raw_of(after) & ~mask == raw_of(before) & ~mask


def wishes(register: Register) -> st.SearchStrategy[int | float | str]:
    if register.kind is Kind.CHOICE:
        return st.sampled_from([c.value for c in register.choices])
    if register.kind is Kind.FLAG:
        return st.sampled_from([0, 1])
    if register.kind is Kind.DATE:
        return st.dates().filter(lambda d: 2000 <= d.year <= 2127).map(lambda d: d.isoformat())
    low = 1.0 if register.low is None else register.low
    high = 100.0 if register.high is None else register.high
    if register.key.startswith("pack_") and register.unit == "V":
        low, high = low * 4, high * 4
    return st.floats(low, min(high, 327.67) if register.coding is Coding.SIGNED else high)


# presets and rules


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: f"{p.family}-{p.name}")
def test_every_preset_keeps_the_rules(preset: object) -> None:
    table = JBD if preset.family == "jbd" else TINYBMS  # type: ignore[attr-defined]
    board = image_of(find("SP04S020", "jbd") or PRESETS[0], JBD, {})
    start = board if table is JBD else dict.fromkeys((300, 301, 303, 315, 316), b"\0\0")
    target = start | image_of(preset, table, start)  # type: ignore[arg-type]
    assert [p.cause for p in judge(table, start, target, whole=True) if p.is_error] == []


def test_a_range_follows_from_the_other_fields() -> None:
    image = image_of(find("SP04S020", "jbd") or PRESETS[0], JBD, {})
    register = next(r for r in JBD.registers if r.key == "cell_overvoltage")
    low, high, by = bounds(JBD, register, values_of(JBD, image))
    assert (low, high) == (3501, 3899)
    assert by == ("cell_overvoltage_release", "second_overvoltage")


def test_a_pin_serves_one_function() -> None:
    values = values_of(TINYBMS, {331: b"\0\1", 333: b"\0\2", 334: b"\0\0", 340: b"\0\0"})
    keys = {p.key for p in TINYBMS.checks(values) if p.cause.key == "reg-pin-taken"}
    assert keys == {"load_switch_type", "charger_switch_type"}


def test_precharge_and_an_internal_switch_exclude_each_other() -> None:
    values = values_of(TINYBMS, {331: b"\0\0", 333: b"\0\2", 337: b"\0\3", 340: b"\0\0"})
    keys = {p.key for p in TINYBMS.checks(values) if p.cause.key == "reg-precharge"}
    assert keys == {"precharge_pin", "load_switch_type"}
