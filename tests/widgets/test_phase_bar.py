"""The bar of the ten-minute cycle, the packs, the lists and the numbers of the Simulator place."""

import pytest

from tui.locale import use
from tui.model.simulation import (
    AMOUNTS,
    ActiveFault,
    Connection,
    FaultKind,
    Mode,
    SimulatedCell,
    SimulatedPack,
    SimulationEvent,
    SimulationState,
    Stage,
)
from tui.simulator.cycle import CYCLE
from tui.simulator.simulation import DEMO_TIMES, SPEED_HIGH
from tui.style.glyphs import GLYPHS
from tui.widgets import phase_bar
from tui.widgets.fault_table import fault_rows
from tui.widgets.numbers_sheet import NumberField, read_number
from tui.widgets.phase_bar import PHASES, PhaseValue, pace_of, phase_rows
from tui.widgets.rows import plain, width
from tui.widgets.sim_bar import SPEEDS, SimBarValue, bar_rows, next_speed
from tui.widgets.simulated_pack import PacksValue, PackView, packs_rows, shown_of
from tui.widgets.simulation_words import (
    UNITS,
    active_words,
    amount_words,
    event_words,
    place_words,
    scale_words,
)

GLYPH = GLYPHS["full"]
CHARGE = PhaseValue(Stage.CHARGE, "cc", 75.0, 2.0, 45.2, ((Stage.DISCHARGE, 141.0), (Stage.CHARGE, 44.0)))


def test_the_stages_are_those_of_the_simulator() -> None:
    """S1-15 to S1-20: a screen may not ask the simulator, so its table is compared here."""
    assert PHASES == CYCLE and phase_bar.CYCLE_S == 600.0
    assert (phase_bar.DEMO_TIMES, phase_bar.SPEED_HIGH) == (DEMO_TIMES, SPEED_HIGH)


def test_time_left_place_in_the_cycle_and_the_scale_of_each_stage() -> None:
    """S1-15, S1-19, X-1: 75 s on the wall at twice the speed are half of the five minutes."""
    words, bar, names, scales = plain(phase_rows(CHARGE, 80, GLYPH)).split("\n")
    assert words == " Charge CC · 1:15 left · time ×45 · 6:30 of 10:00"
    assert bar.split()[2].count("█") == 19 and len(bar.split()[2]) == 39
    assert names.split() == ["Discharge", "Idle", "Charge", "Bal"]
    assert scales.split() == ["×141", "--", "×45", "--"], "the stages that were never seen are not known"
    assert scales.index("×45") == names.index("Charge")


@pytest.mark.parametrize("cells", [30, 38, 49, 79, 120, 200])
@pytest.mark.parametrize("tier", list(GLYPHS))
def test_it_fits(cells: int, tier: str) -> None:
    """S0-7: four rows in any width; the parts are as long as their minutes."""
    for stage, length_s in PHASES:
        for left_s in (0.0, 0.3, length_s / 2, length_s):
            lines = phase_rows(PhaseValue(stage, "", left_s), cells, GLYPHS[tier])
            assert len(lines) == 4 and all(width(line) <= cells for line in lines)
    wides = phase_bar.widths(79)
    assert wides[2] > wides[0] > wides[1] == wides[3] and sum(wides) == 75


def test_fast_simulations_say_tenths_of_seconds() -> None:
    """At 1000× a stage is over in a blink; minutes would say 0:01 all the time."""
    assert "0.2 s left" in plain(phase_rows(PhaseValue(Stage.DISCHARGE, "", 0.18, 1000.0), 80, GLYPH))


@pytest.mark.parametrize(
    ("stage", "words"), [(Stage.FIXED, "fixed values"), (Stage.STEADY, "without a plan")]
)
def test_without_a_cycle_it_says_so(stage: Stage, words: str) -> None:
    """S1-26: a bar of nothing would be a lie."""
    text = plain(phase_rows(PhaseValue(stage), 60, GLYPH))
    assert words in text and "█" not in text


def test_the_pace_has_what_the_mode_adds() -> None:
    """S1-27, CL-31."""
    assert pace_of(SimulationState(speed=2.0)) == 2.0
    assert pace_of(SimulationState(mode=Mode.DEMO, speed=2.0)) == 8.0
    assert pace_of(SimulationState(mode=Mode.DEMO, speed=900.0)) == 1000.0


def test_large_scales_are_short() -> None:
    assert [scale_words(x) for x in (None, 0.0, 1.0, 141.4, 999.4, 12_400.0)] == [
        "--", "--", "×1", "×141", "×999", "×12k",
    ]  # fmt: skip


# --- packs ---


def pack(name: str, **more: object) -> SimulatedPack:
    cells = tuple(SimulatedCell(n, 3300.0, 50.0, 100.0, 2.0, 0.0, 25.0, False) for n in range(1, 5))
    return SimulatedPack(name, stage=Stage.IDLE, left_s=30.0, chemistry="LFP", cells=cells, **more)  # type: ignore[arg-type]


def test_as_many_packs_side_by_side_as_fit_and_the_chosen_one_among_them() -> None:
    """S1-77: seven packs."""
    views = tuple(PackView(pack(f"pack-{n}")) for n in range(1, 8))
    for at in range(7):
        for cells, count in ((40, 1), (80, 1), (100, 2), (160, 3), (400, 7)):
            shown = shown_of(PacksValue(views, at), cells)
            assert len(shown) == count and views[at] in shown
            assert all(width(line) <= cells for line in packs_rows(PacksValue(views, at), cells, GLYPH))


def test_where_a_pack_can_be_read() -> None:
    """The bus carries the first pack only; a pack without a wire says that it has none."""
    first = pack("pack-1", wires=("jbd /a/very/long/folder/of/somebody/with/packs/pack-1", "can vcan0"))
    text = plain(packs_rows(PacksValue((PackView(first), PackView(pack("pack-2")))), 120, GLYPH))
    assert "can vcan0" in text and "packs/pack-1" in text and "no wire of its own" in text
    assert text.count("vcan0") == 1


def test_what_has_tripped_is_said_in_words() -> None:
    text = plain(packs_rows(PacksValue((PackView(pack("p", protections=("cell_overvoltage",))),)), 60, GLYPH))
    assert "cell over-voltage" in text


# --- faults ---


def test_every_kind_has_a_row_and_acting_ones_have_theirs() -> None:
    """S1-78: on the chosen pack only; two cells with the same fault are two rows."""
    faults = (
        ActiveFault(FaultKind.OPEN_WIRE, "left", 12),
        ActiveFault(FaultKind.OPEN_WIRE, "left", 7, left_s=5.0),
        ActiveFault(FaultKind.SLEEP, "right"),
    )
    rows = fault_rows(faults, "left")
    assert len(rows) == len(FaultKind) + 1 and [row.where for row in rows if row.acts] == [7, 12]
    assert len({row.key for row in rows}) == len(rows)
    assert all(row.amount == AMOUNTS[row.kind][0] for row in rows if row.kind in AMOUNTS)


def test_amounts_have_their_units() -> None:
    """A weak cell is told in percent, whatever the simulation counts in."""
    assert set(UNITS) == set(AMOUNTS)
    assert amount_words(FaultKind.WEAK_CELL, 0.5) == "50 %" and amount_words(FaultKind.SLEEP, 0.0) == ""
    assert amount_words(FaultKind.HIGH_RESISTANCE, 30.0) == "×30"
    assert active_words(ActiveFault(FaultKind.CELL_SHORT, "left", 3, 2.0)) == "cell short, cell 3, 2 mΩ"
    assert [place_words(kind, 2) for kind in (FaultKind.SENSOR, FaultKind.SLEEP, FaultKind.WRONG_SCALE)] == [
        "sensor 2", "wire", "pack",
    ]  # fmt: skip


def test_events_in_words() -> None:
    """S1-22: a fault by its name; what this screen does not know as it is."""
    event = SimulationEvent(1.0, "left", "fault-began", (("fault", "open-wire"), ("where", "7")))
    assert event_words(event) == "Fault begins: open sense wire 7"
    assert event_words(SimulationEvent(1.0, "", "tripped", (("protection", "cell_overvoltage"),))).endswith(
        "cell over-voltage"
    )
    assert event_words(SimulationEvent(1.0, "", "from-the-future")) == "from-the-future"


# --- the bar above ---


def test_speeds_step_through_the_whole_range() -> None:
    """CL-31: 0.1× to 1000×; a speed between the steps goes to the next one."""
    speed, seen = 0.1, [0.1]
    while next_speed(speed, 1) != speed:
        speed = next_speed(speed, 1)
        seen.append(speed)
    assert tuple(seen) == SPEEDS and seen[-1] == 1000.0
    assert next_speed(0.1, -1) == 0.1 and next_speed(7.0, 1) == 10.0 and next_speed(7.0, -1) == 5.0


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("cells", [38, 40, 60, 80, 100, 160])
def test_the_bar_fits_and_all_of_it_can_be_tapped(language: str, cells: int) -> None:
    """S1-79: speed, mode, profile, packs, connection."""
    use(language)
    state = SimulationState(
        speed=1000.0, profile="my-own-profile", connection=Connection.PARALLEL, script_left=3
    )
    lines = bar_rows(SimBarValue(state, "12 min old"), cells)
    assert all(sum(len(text) for text, _, _ in line) <= cells for line in lines)
    actions = {action for line in lines for _, _, action in line if action}
    assert actions == {
        "faster(-1)", "faster(1)", "count(-1)", "count(1)", "connect", "choose_profile",
        *(f"set_mode('{mode}')" for mode in Mode),
    }  # fmt: skip


# --- numbers ---

CELL = NumberField("where", "sim-field-cell", 3, 1, 16, is_whole=True)
AMOUNT = NumberField("amount", "sim-field-amount", 2.0, 0.1, 100.0, "s")
FOR = NumberField("for_s", "sim-field-for", None, 0.1, 60.0, "s", is_optional=True)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [("3", CELL, 3.0), (" 2,5 ", AMOUNT, 2.5), ("1e1", AMOUNT, 10.0), ("", FOR, None), ("0.1", FOR, 0.1)],
)
def test_numbers_that_are_taken(text: str, field: NumberField, value: float | None) -> None:
    assert read_number(text, field) == (value, "")


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", CELL, "missing"),
        ("3.5", CELL, "no number"),
        ("three", CELL, "no number"),
        ("nan", AMOUNT, "no number"),
        ("inf", AMOUNT, "no number"),
        ("17", CELL, "outside 1 to 16"),
        ("-1", AMOUNT, "outside 0.1 to 100"),
        ("0", FOR, "outside"),
    ],
)
def test_numbers_that_are_not(text: str, field: NumberField, words: str) -> None:
    """A sentence with the range; nothing is begun."""
    value, why = read_number(text, field)
    assert value is None and words in why
