"""TinyBMS events: their clock, their order, and which faults are active now."""

import pytest

from tui.model.sample import Protection, UnitEvent, UnitLog
from tui.protocols.tinybms_events import (
    CLOCK_WRAP,
    FAULT,
    FAULT_STATUS,
    KINDS,
    WARNING,
    judge_log,
    level_of,
    name_of,
    open_protections,
    read_log,
    resolve_time,
)

IDLE = 0x97


@pytest.mark.parametrize(
    ("clock_s", "low_s", "expected"),
    [
        (500_000, 499_990, 499_990),
        (CLOCK_WRAP + 256, 240, CLOCK_WRAP + 240),
        (CLOCK_WRAP + 256, CLOCK_WRAP - 16, CLOCK_WRAP - 16),
        (CLOCK_WRAP, 0, CLOCK_WRAP),
        (16_683_981, 0xB94E2B, 12_144_171),  # from a real unit
        (100, 200, 200 - CLOCK_WRAP),
    ],
)
def test_clock(clock_s: int, low_s: int, expected: int) -> None:
    """S1-6: 24 bits against 32; an event is never after the clock."""
    assert resolve_time(clock_s, low_s) == expected <= clock_s


def test_levels_and_names() -> None:
    """By range, also for codes the document does not have."""
    assert [level_of(code) for code in (0x01, 0x30, 0x31, 0x60, 0x61, 0x90)] == [
        "fault", "fault", "warning", "warning", "info", "info",
    ]  # fmt: skip
    assert name_of(0x02) == "under_voltage_cutoff" and name_of(0x2A) == "fault_0x2A"
    assert name_of(0x40) == "warning_0x40" and name_of(0xFF) == "info_0xFF"


def test_every_code_of_the_document() -> None:
    """12 faults, 4 warnings, 18 others; each recovery ends something that exists."""
    levels = [level_of(code) for code in KINDS]
    assert (levels.count("fault"), levels.count("warning"), levels.count("info")) == (12, 4, 18)
    for code, kind in KINDS.items():
        assert (kind.meaning is not None) == (level_of(code) != "info")
        assert all(KINDS[ended].meaning for ended in kind.ends)


def test_newest_first_whatever_the_order() -> None:
    """The list of the unit is a ring: sorted by time, empty places left out."""
    log = read_log(500, [(30, 0x64), (0, 0), (10, 0x61), (20, 0x62)])
    assert log == UnitLog(
        500, tuple(UnitEvent(at, code, "info") for at, code in ((30, 0x64), (20, 0x62), (10, 0x61)))
    )
    assert read_log(99, []) == UnitLog(99)


PAIRS = [
    (0x02, 0x7B), (0x03, 0x79), (0x04, 0x73), (0x05, 0x77), (0x06, 0x76), (0x07, 0x78), (0x0A, 0x75),
    (0x0E, 0x7C), (0x31, 0x7A), (0x37, 0x74), (0x38, 0x62), (0x39, 0x65),
]  # fmt: skip


@pytest.mark.parametrize(("opens", "ends"), PAIRS)
def test_recovery(opens: int, ends: int) -> None:
    """Open until its own recovery, and again open when it happens again."""
    others = [(50, other) for _, other in PAIRS if opens not in KINDS[other].ends]
    meaning = KINDS[opens].meaning
    before, after = [(10, opens), *others], [(10, opens), *others, (60, ends)]
    level = level_of(opens)
    assert open_protections(read_log(99, before, FAULT_STATUS), level) == (meaning,)
    assert open_protections(read_log(99, after, FAULT_STATUS), level) == ()
    assert open_protections(read_log(99, [*after, (70, opens)], FAULT_STATUS), level) == (meaning,)


def test_same_second() -> None:
    """Then the order of the list counts."""
    assert open_protections(read_log(99, [(5, 0x03), (5, 0x79)]), FAULT) == ()
    assert open_protections(read_log(99, [(5, 0x79), (5, 0x03)]), FAULT) == (Protection.CELL_OVERVOLTAGE,)


def test_start_ends_everything() -> None:
    """Also what has no recovery of its own."""
    entries = [(1, 0x0C), (2, 0x0F), (3, 0x31), (4, 0x2A)]
    log = read_log(99, entries, FAULT_STATUS)
    assert open_protections(log, FAULT) == (
        Protection.LOAD_SWITCH_ERROR, Protection.CURRENT_SENSOR_CONNECTED, Protection.GENERAL,
    )  # fmt: skip
    assert open_protections(log, WARNING) == (Protection.FULLY_DISCHARGED,)
    started = read_log(99, [*entries, (9, 0x61)], FAULT_STATUS)
    assert not any(event.is_open for event in started.events)


def test_faults_are_stale_when_the_unit_is_not_in_fault() -> None:
    """Warnings stay."""
    log = read_log(99, [(1, 0x0C), (2, 0x37)], IDLE)
    assert open_protections(log, FAULT) == ()
    assert open_protections(log, WARNING) == (Protection.CHARGE_UNDERTEMPERATURE,)
    assert [event.is_open for event in log.events] == [True, False]


def test_faults_from_before_a_calm_moment() -> None:
    """They ended, though nothing in the log says so."""
    log = judge_log(read_log(99, [(10, 0x0C), (49, 0x03)]), FAULT_STATUS, 50)
    assert open_protections(log, FAULT) == (Protection.CELL_OVERVOLTAGE,)
    assert len(open_protections(judge_log(read_log(99, [(10, 0x0C)]), None), FAULT)) == 1


def test_unknown_warnings_never_stay_open() -> None:
    """Nothing would ever end them."""
    assert open_protections(read_log(99, [(1, 0x40)]), WARNING) == ()


def test_each_meaning_once() -> None:
    """The same fault twice in the list is one protection."""
    log = read_log(99, [(1, 0x03), (2, 0x03), (3, 0x02)], FAULT_STATUS)
    assert open_protections(log, FAULT) == (Protection.CELL_OVERVOLTAGE, Protection.CELL_UNDERVOLTAGE)
