"""The rows of the System place: at no width anything is cut off."""

from dataclasses import replace

import pytest

from tests import system_views
from tests.fleets import WALL_S
from tui.locale import use
from tui.model.fleet import Note
from tui.model.system import Check, CheckState, ThreadFigures
from tui.style.glyphs import GLYPHS
from tui.widgets.check_words import area_words, cure, sentence
from tui.widgets.diagnostics import diagnostics_rows
from tui.widgets.log_bar import LogBarValue, log_bar_rows
from tui.widgets.log_list import EntryText, entry_cells, log_columns
from tui.widgets.note_list import NotesValue, note_rows
from tui.widgets.rows import plain, width
from tui.widgets.system_bar import SystemBarValue, cells_of, placed
from tui.widgets.system_value import VIEWS, LogValue, SystemValue

WIDTHS = (*range(38, 122), 147, 148, 160, 200)
LANGUAGES = ("en", "fr")
FULL = GLYPHS["full"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cells", WIDTHS)
def test_no_row_of_any_view_is_wider_than_the_screen(language: str, cells: int) -> None:
    """CL-49: in both languages."""
    use(language)
    value = SystemValue(system_views.busy(), ("why", "what to do"), True, True, 2, WALL_S)
    rows = diagnostics_rows(value, cells, FULL)
    value = SystemValue(system_views.figures(), wall_s=WALL_S)
    rows += diagnostics_rows(value, cells, FULL)
    rows += note_rows(NotesValue(system_views.eventful().notes, int(WALL_S // 60)), cells, FULL)
    rows += [row for one in system_views.log() for row in EntryText().rows(one, cells, FULL)]
    assert max(width(row) for row in rows) <= cells
    for view in VIEWS:
        for bar in (
            SystemBarValue(view, True),
            SystemBarValue(view, None, True),
            SystemBarValue(view, old="9 h old"),
        ):
            assert max(cells_of(line) for line in placed(bar, cells, FULL)) <= cells
    log_bar = LogBarValue(system_views.KINDS, ("ble",), 2, "timeout", False, f"/home/{'x' * 60}/packdeck.log")
    assert max(cells_of(line) for line in log_bar_rows(log_bar, cells)) <= cells


@pytest.mark.parametrize("cells", WIDTHS)
def test_every_word_of_a_self_test_is_there_at_every_width(cells: int) -> None:
    """S1-8: sentences and cures."""
    value = SystemValue(system_views.figures(), wall_s=WALL_S)
    only_tests = replace(value, figures=replace(system_views.figures(), health=()))
    words = plain(diagnostics_rows(only_tests, cells, FULL)).split()
    for check in system_views.CHECKS:
        said = f"{sentence(check)} {cure(check) if check.state is not CheckState.OK else ''}"
        assert set(said.split()) <= set(words), check.key


def test_a_cure_of_several_lines_keeps_them_and_a_state_that_is_well_has_none() -> None:
    """A command is copied as it stands."""
    tests = (
        Check(
            "can", "bus-no-overlay", CheckState.FAIL, (("bus", "can0"), ("file", "config.txt"), ("line", "x"))
        ),
        Check("clock", "python", CheckState.OK, (("version", "3.13"), ("oldest", "3.11"))),
    )
    value = SystemValue(system_views.figures(tests=tests), wall_s=WALL_S)
    text = plain(diagnostics_rows(value, 90, FULL))
    assert all(line.strip() in " ".join(text.split()) for line in cure(tests[0]).splitlines())
    assert text.count("> ") == len(cure(tests[0]).splitlines())


def test_an_area_without_a_word_is_called_what_it_calls_itself() -> None:
    """A newer engine may test more than this screen knows."""
    assert area_words("flux") == "flux" and area_words("can") == "CAN"


def test_a_thread_with_a_long_name_keeps_it() -> None:
    """S3-48: a name in a row of its own, if need be."""
    name = "link the battery below the port bunk"
    engine = replace(system_views.ENGINE, threads=(ThreadFigures(name, 12.5),))
    text = " ".join(
        plain(diagnostics_rows(SystemValue(system_views.figures(engine=engine)), 38, FULL)).split()
    )
    assert name in text.replace(" 12.5 %", "") and "12.5 %" in text


@pytest.mark.parametrize("wide", range(24, 60))
def test_an_entry_that_is_not_whole_says_so(wide: int) -> None:
    """S0-24: `+` at the end, and never half a word."""
    for one in system_views.log():
        line = plain([entry_cells(one, LogValue())["text"](wide)])
        assert len(line) <= wide
        assert line.endswith(" +") is (len(one.text) > wide or bool(one.more))
        assert set(line.removesuffix(" +").split()) <= set(one.text.split())


def test_old_entries_are_grey_and_bad_ones_red() -> None:
    """S2-31: and the kind is there as a word."""
    bad = system_views.log()[2]
    assert entry_cells(bad, LogValue())["text"](40)[0][1] == "alarm"
    assert entry_cells(bad, LogValue(old="3 s old"))["text"](40)[0][1] == "stale"
    assert [column.name for column in log_columns(60)] == ["when", "kind", "text"]


def test_a_note_of_nobody_has_no_name_before_it() -> None:
    """On a phone the battery stands before what happened."""
    notes = Note(0, "", "polling-on"), Note(0, "left", "link-up")
    lines = plain(note_rows(NotesValue(notes), 40, FULL)).splitlines()
    assert lines[1] == " -- polling resumed" and lines[2] == " -- left link up"
