"""Rows of the Registers place at every width: nothing is cut that somebody needs."""

from dataclasses import replace

import pytest

from tui.locale import say, use
from tui.model.link import Cause
from tui.model.register import Device, Register, RegisterValue
from tui.model.register_archive import ChangeLogEntry
from tui.model.register_review import Problem, Review, ReviewRow
from tui.model.write_plan import PlanState, PlanStep, StepState, StepValue, WritePlan
from tui.protocols.jbd_parameters import REGISTERS as JBD
from tui.protocols.parameters import Table, rows_of
from tui.protocols.tinybms_parameters import REGISTERS as TINYBMS
from tui.protocols.tinybms_parameters import TABLE as TINYBMS_TABLE
from tui.style.glyphs import GLYPHS
from tui.widgets.register_keypad import DELETE, keyboard, keys_for, typed
from tui.widgets.register_log import LogValue, RegisterLog
from tui.widgets.register_path import GroupsValue, PathValue, group_pieces, path_pieces
from tui.widgets.register_plan import PlanValue, RegisterPlan
from tui.widgets.register_review import CompareValue, RegisterCompare, RegisterReview, ReviewValue
from tui.widgets.register_table import Line, RegistersValue, RegisterTable, register_columns
from tui.widgets.register_words import Shown, name_words
from tui.widgets.rows import plain, width

FULL, ASCII = GLYPHS["full"], GLYPHS["ascii"]
WIDTHS = [38, 40, 60, 80, 100, 113, 160]


def table_lines(table: Table) -> tuple[Line, ...]:
    """Every parameter, without a device."""
    return tuple(Line(one) for one in rows_of(table, {}))


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("registers", [JBD, TINYBMS], ids=["jbd", "tinybms"])
def test_names_are_never_cut(cells: int, registers: tuple[object, ...]) -> None:
    """In one row, or in two where it is narrow."""
    table = TINYBMS_TABLE if registers is TINYBMS else replace(TINYBMS_TABLE, registers=JBD, rules=())
    value = RegistersValue(table_lines(table), title="All")
    text = plain(RegisterTable().draw(value, cells, 400, FULL))
    for line in value.lines:
        assert name_words(line.key) in text, line.key


@pytest.mark.parametrize("cells", WIDTHS)
def test_rows_fill_no_more_than_their_width(cells: int) -> None:
    """Also with long wishes and marks."""
    lines = tuple(replace(line, wish="X" * 31, base=1) for line in table_lines(TINYBMS_TABLE))
    value = RegistersValue(lines, lines[3].key, title="All", is_tall=True)
    for row in RegisterTable().draw(value, cells, 400, ASCII):
        assert width(row) <= cells


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("shown", [Shown.HEX, Shown.DECIMAL])
def test_data_of_a_register_have_no_unit(cells: int, shown: Shown) -> None:
    """10000 in a register of 0.01 Ah is not 10000 Ah."""
    register = Register("design_capacity", 0x10, unit="Ah", scale=100, low=80, high=655)
    one = RegisterValue(register, 100.0, "2710")
    value = RegistersValue((Line(one),), title="All", shown=shown)
    text = plain(RegisterTable().draw(value, cells, 20, FULL))
    assert ("2710" if shown is Shown.HEX else "10000") in text and "Ah" not in text


def test_what_is_not_compared_is_not_called_the_same() -> None:
    """A file of another kind of battery."""
    cause = Cause("reg-other-family", (("theirs", "jbd"), ("mine", "tinybms")))
    review = Review("right", (), (Problem(cause),))
    page = RegisterCompare()
    text = plain(page.lines(CompareValue(review, "out.json"), 100, FULL))
    assert "another kind of battery" in text and say("regs-same") not in text
    assert page.known(CompareValue(review, "out.json")) == []
    assert say("regs-same") in plain(page.lines(CompareValue(Review("right", ()), "out.json"), 100, FULL))


def test_columns_keep_their_place_when_values_change() -> None:
    """Nothing jumps."""
    lines = table_lines(TINYBMS_TABLE)
    staged = tuple(replace(line, wish=1, base=0) for line in lines)
    for cells in WIDTHS:
        assert register_columns(lines, cells, FULL) == register_columns(staged, cells, FULL)


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("cells", WIDTHS)
def test_the_way_always_fits_and_says_where_one_is(at: int, cells: int) -> None:
    """`[2 review]`: brackets as well as a colour."""
    pieces = path_pieces(PathValue(at, 12), cells)
    text = "".join(piece for piece, _, _ in pieces)
    word = ("stage", "review", "write", "done")[at]
    assert len(text) <= cells and f"[{at + 1} {word}" in text
    assert [step for _, _, step in pieces if step >= 0] == [0, 1, 2, 3]


def test_groups_fit_or_have_arrows() -> None:
    """A finger reaches every group."""
    words = ("All", "Settings", "Safety", "Peripherals", "Maintenance")
    wide = group_pieces(GroupsValue(words, 1), 80)
    assert [at for _, _, at in wide if at >= 0] == [0, 1, 2, 3, 4]
    narrow = group_pieces(GroupsValue(words, 4), 40)
    assert [at for _, _, at in narrow if at >= 0] == [3, 4, 0]
    assert "".join(text for text, _, _ in narrow).endswith("5/5")


def test_a_review_without_differences_still_says_why() -> None:
    """Problems of the whole stand alone."""
    review = Review("left", problems=(Problem(Cause("reg-nothing")),), device=Device("jbd"))
    text = plain(RegisterReview().draw(ReviewValue(review), 80, 20, FULL))
    assert "Nothing would change" in text and "cannot be written" in text
    assert say("regs-do") not in text
    assert "Asking" in plain(RegisterReview().draw(ReviewValue(), 80, 20, FULL))


def plan(state: PlanState, *steps: StepState) -> WritePlan:
    """A plan of one register a step."""
    made = tuple(
        PlanStep(
            0x24 + i, ("cell_overvoltage",), "0E42", "0E10", one, "0900" if one is StepState.DIFFERS else ""
        )
        for i, one in enumerate(steps)
    )
    return WritePlan("left-1", "left", Device("jbd"), made, state)


@pytest.mark.parametrize("state", list(PlanState))
def test_every_state_of_a_plan_is_a_sentence(state: PlanState) -> None:
    """And no message is missing."""
    for step in StepState:
        for reading in (None, (3, 74)):
            for can_act in (True, False):
                value = PlanValue(plan(state, step), reading=reading, can_act=can_act)
                text = plain(RegisterPlan().draw(value, 80, 30, FULL))
                assert "regs-" not in text and "{" not in text
    text = plain(RegisterPlan().draw(PlanValue(plan(state, StepState.DIFFERS)), 80, 30, FULL))
    assert "holds neither" in text and "It holds 0900 now" in text


def drawn(value: PlanValue, cells: int = 80) -> str:
    """A plan as text, without line ends."""
    return " ".join(plain(RegisterPlan().draw(value, cells, 60, FULL)).split())


def test_values_of_a_plan_are_told_in_their_unit() -> None:
    """S1-54: on every screen, also on one that has not read anything; of bits without a name the data."""
    register = next(one for one in JBD if one.key == "cell_overvoltage")
    one = plan(PlanState.MIXED, StepState.DIFFERS)
    told = replace(one.steps[0], values=(StepValue(register, 3650, 3600, 2304),))
    text = drawn(PlanValue(replace(one, steps=(told,))))
    assert "24 3650 -> 3600 mV" in text and "It holds 2304 mV now" in text and "0E10" not in text
    assert "0E42 -> 0E10" in drawn(PlanValue(one))
    nameless = replace(one.steps[0], values=(StepValue(register, 3650, 3650),))
    assert "0E42 -> 0E10" in drawn(PlanValue(replace(one, steps=(nameless,))))


@pytest.mark.parametrize("state", [one for one in PlanState if one.is_running])
def test_a_plan_without_its_engine_promises_nothing(state: PlanState) -> None:
    """S1-54: only what was read back is known; what to do stands below."""
    steps = (StepState.WRITTEN, StepState.SENT, StepState.WAITING)
    value = PlanValue(plan(state, *steps), (3, 74), False, lost=Cause("engine-missing"))
    text = drawn(value)
    assert "what came of it is not known" in text and "1 of 3 known to be written" in text
    assert "packdeck serve" in text and "finish or undo" in text
    assert text.count("not known") == 3 and "old value" not in text and "sent" not in text


@pytest.mark.parametrize("state", [PlanState.UNDONE, PlanState.REFUSED])
def test_what_is_staged_is_only_told_where_something_is(state: PlanState) -> None:
    """Another screen has staged nothing."""
    assert "you staged" not in drawn(PlanValue(plan(state, StepState.WAITING)))
    assert "you staged" in drawn(PlanValue(plan(state, StepState.WAITING), has_staged=True))


def test_advice_is_not_kept_once_the_device_was_looked_at() -> None:
    """The plug is in again: the reason stays, the advice goes."""
    cause = Cause("port-unplugged", (("port", "x"),))
    one = replace(plan(PlanState.INTERRUPTED, StepState.SENT), cause=cause)
    assert "Check the plug" in drawn(PlanValue(one, can_act=False))
    text = drawn(PlanValue(replace(one, examined=True)))
    assert "was unplugged" in text and "Check the plug" not in text and "Finish it" in text


def test_flags_and_choices_of_the_log_are_words() -> None:
    """Also those of older logs, which kept a flag as a digit."""
    registers = {one.key: one for one in JBD}
    entries = tuple(
        ChangeLogEntry(0, "left", "a", "b", key, 1, old, new, "written")
        for key, old, new in (
            ("function_balance", "on", "off"),
            ("function_switch", "1", "0"),
            ("cell_overvoltage", "3650", "3600"),
        )
    )
    text = plain(RegisterLog().draw(LogValue(entries, registers=registers), 100, 60, FULL))
    assert text.count("on -> off") == 2 and "3650 -> 3600 mV" in text


def test_the_review_numbers_what_it_writes_and_says_what_had_to_wait() -> None:
    """S1-54: the limits are valid at every step; what restarts the electronics comes last."""
    release, limit = (
        next(r for r in JBD if r.key == key) for key in ("cell_overvoltage_release", "cell_overvoltage")
    )
    last = replace(next(r for r in JBD if r.key == "function_balance"), number=0x2D, restarts=True)
    rows = (ReviewRow(limit, 3650, 3800), ReviewRow(release, 3500, 3700), ReviewRow(last, 0, 1))
    review = Review("left", rows, device=Device("jbd"), steps=3)

    def text_of(*staged: str) -> str:
        value = ReviewValue(review, staged=staged)
        return " ".join(plain(RegisterReview().draw(value, 100, 60, FULL)).split())

    keys = [row.register.key for row in rows]
    text = text_of(*keys)
    assert "The numbers are the order of writing. 1 Cell over-voltage" in text and "Written" not in text
    text = text_of(keys[1], keys[0], keys[2])
    assert "It is not that of staging" in text and "Written after Cell over-voltage: so the limits" in text
    text = text_of(keys[2], keys[0], keys[1])
    assert "Written last: it restarts the electronics." in text and "so the limits" not in text


def test_parameters_of_one_register_have_one_number() -> None:
    """They are written at once."""
    flags = [one for one in JBD if one.number == 0x2D][:2]
    limit = next(r for r in JBD if r.key == "cell_overvoltage")
    rows = (*(ReviewRow(flag, 0, 1) for flag in flags), ReviewRow(limit, 3650, 3600))
    review = Review("left", rows, device=Device("jbd"), steps=2)
    lines = plain(RegisterReview().draw(ReviewValue(review), 100, 60, FULL)).splitlines()
    heads = [line.split()[0] for line in lines if "->" in line]
    assert heads == ["1", "1", "2"]


def test_the_keyboard_has_letters_capitals_and_signs() -> None:
    """Thirty keys with the one that deletes; letters lie as on the keyboards of the language."""
    for keys in (keyboard(), keyboard(capitals=True), keyboard(signs=True)):
        assert len(keys) == 29 and len(set(keys)) == 29
    assert keyboard().startswith("qwertyuiop") and keyboard(capitals=True).startswith("QWERTYUIOP")
    assert set("1234567890-_/.") <= set(keyboard(signs=True))
    use("fr")
    try:
        assert keyboard().startswith("azertyuiop") and len(keyboard()) == 29
    finally:
        use("en")


@pytest.mark.parametrize("cells", WIDTHS)
def test_the_log_says_who_when_from_where_old_new_and_result(cells: int) -> None:
    """Also what a command was given, and why something was refused."""
    entries = (
        ChangeLogEntry(
            1_760_789_251_000, "left", "anna", "kiosk-1", "cell_overvoltage", 36, "3650", "3600", "refused",
            cause=Cause("reg-no-answer"),
        ),
        ChangeLogEntry(1_760_700_000_000, "left", "bert", "ssh-2", "reset_soc", None, "", "80", "obeyed"),
        ChangeLogEntry(1_760_700_000_000, "left", "", "", "new_thing", 1, "1", "2", "strange"),
    )  # fmt: skip
    text = " ".join(plain(RegisterLog().draw(LogValue(entries), cells, 60, FULL)).split())
    for words in ("12:07:31", "anna", "kiosk-1", "3650 -> 3600", "refused", "did not answer", "2025-10-18",
                  "Set the state of charge", "80", "obeyed", "new_thing", "strange"):  # fmt: skip
        assert words in text, words


def test_the_keypad_has_every_letter_of_the_word_and_more() -> None:
    """It must be typed, not tapped through."""
    keys = keys_for("Left 2")
    assert set("left 2") <= set(keys) and len(keys) > len(set("left 2"))
    assert typed("lef", "t") == "left" and typed("left", DELETE) == "lef" and typed("", DELETE) == ""
