"""Bands on an axis, columns in any width, and words for every way an estimate can be or not be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import fleets
from tests.laboratories import NOW_S, known
from tui.locale import LANGUAGES, messages, say, use
from tui.model.estimate import Anchor, Estimate, Method, Reason, Span, Why, missing
from tui.model.link import State
from tui.style.glyphs import GLYPHS
from tui.widgets.band_scale import axis_rows, band, position
from tui.widgets.columns import Column, table
from tui.widgets.estimate_words import banded, fact, numbers_words, span_words
from tui.widgets.laboratory_table import LaboratoryView, laboratory_rows
from tui.widgets.rows import plain, row, width
from tui.widgets.soc_scale import why_rows
from tui.widgets.view import TrackView

FULL, ASCII = GLYPHS["full"], GLYPHS["ascii"]


def view() -> TrackView:
    return TrackView(fleets.live().tracks[0], State.LIVE, NOW_S)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((20.0, 50.0, 80.0), "  ├──●──┤  "),
        ((None, 50.0, None), "     ●     "),
        ((49.9, 50.0, 50.1), "     ●     "),
        ((-20.0, 0.0, 20.0), "●─┤        "),
        ((80.0, 120.0, 160.0), "        ├─●"),
    ],
)
def test_a_band(parts: tuple[float | None, float, float | None], expected: str) -> None:
    low, value, high = parts
    assert band(low, value, high, (0.0, 100.0), 11, FULL) == expected


def test_a_band_in_ascii() -> None:
    assert band(20.0, 50.0, 80.0, (0.0, 100.0), 11, ASCII) == "  |--*--|  "


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(1, 200))
def test_a_band_never_leaves_its_cells(value: float, error: float, cells: int) -> None:
    assert len(band(value - error, value, value + error, (0.0, 100.0), cells, FULL)) == cells
    assert 0 <= position(value, (5.0, 5.0), cells) < cells


def test_an_axis_has_its_ticks_below_its_numbers() -> None:
    marks, ticks = axis_rows(51, FULL)
    assert marks.split() == ["0", "20", "40", "60", "80", "100"]
    assert [n for n, c in enumerate(ticks) if c == "┼"] == [0, 10, 20, 30, 40, 50]


COLUMNS = [
    Column(title, tuple(row(f"{title}{n}") for n in range(3)))
    for title in ("aaaa", "bbbbbb", "cccccccc", "dd")
]


@pytest.mark.parametrize("cells", [80, 26, 25, 24, 18, 12])
def test_columns_leave_nothing_out_in_any_width(cells: int) -> None:
    lines = table(COLUMNS, cells)
    text = plain(lines)
    assert all(text.count(f"{c.title}{n}") == 1 for c in COLUMNS for n in range(3))
    assert all(width(line) <= cells for line in lines)


def test_columns_beside_each_other_have_two_cells_between_them_or_one() -> None:
    assert plain(table(COLUMNS, 40)).splitlines()[1] == " aaaa0  bbbbbb0  cccccccc0  dd0"
    assert plain(table(COLUMNS, 30)).splitlines()[1] == " aaaa0 bbbbbb0 cccccccc0 dd0"
    assert plain(table(COLUMNS, 24)).splitlines()[2:4] == [" aaaa0  bbbbbb0", "        cccccccc0  dd0"]
    assert table([], 40) == []


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.9234, 0.0512), "0.92 ±0.05"), (Estimate(281.44, 3.14), "281.4 ±3.1"),
        (Estimate(281.44, 31.4), "281 ±31"), (Estimate(72.0, None), "72.00"), (missing(Reason.NO_DATA), "--"),
        (Estimate(0.0, 0.05), "0.00 ±0.05"),
    ],
)  # fmt: skip
def test_no_more_decimals_than_the_band_bears(estimate: Estimate, text: str) -> None:
    assert banded(estimate, 2, FULL) == text


def test_a_span_without_an_upper_end_says_so() -> None:
    assert span_words(Span(7200.0, 3600.0, 10_800.0)) == "2 h 00  (1 h 00 - 3 h 00)"
    assert span_words(Span(7200.0, 3600.0, None)) == "2 h 00  (> 1 h 00)"
    assert span_words(Span(reason=Reason.AT_REST)) == "--"


def test_numbers_of_cells_are_written_short() -> None:
    assert numbers_words([1, 2, 3, 5, 7, 8]) == "01-03 05 07 08"
    assert numbers_words([]) == ""


@pytest.mark.parametrize("cells", [30, 40, 80, 120])
def test_a_fact_keeps_every_word(cells: int) -> None:
    lines = fact(
        "lab-soc", "12 of a long value that has to go on below", "and words about it that are long too", cells
    )
    assert (
        " ".join(plain(lines).split())
        == "SOC 12 of a long value that has to go on below and words about it that are long too"
    )
    assert all(width(line) <= cells for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_method_reason_anchor_and_cause_has_words_and_is_shown(language: str) -> None:
    """None of them may be without a word, in either language, on the screen that shows it."""
    use(language)
    lab, shown = known(), ""
    for reason in Reason:
        soc = replace(lab.soc, rest=missing(reason, Method.REST_VOLTAGE), drift_pct=missing(reason))
        value = LaboratoryView(view(), replace(lab, soc=soc, capacity_ah=missing(reason)))
        shown += plain(why_rows(value, 400, FULL)) + plain(laboratory_rows(value, 400, FULL))
    for method in Method:
        found = Estimate(50.0, 2.0, method, 3, NOW_S)
        shown += plain(
            why_rows(LaboratoryView(view(), replace(lab, soc=replace(lab.soc, rest=found))), 400, FULL)
        )
    for why in Why:
        for anchor in Anchor:
            soc = replace(lab.soc, why=why, anchor=anchor)
            shown += plain(why_rows(LaboratoryView(view(), replace(lab, soc=soc)), 400, FULL))
    words = {
        *(f"estimate-{kind}-{one}" for kind, of in (("method", Method), ("reason", Reason)) for one in of),
        *(f"estimate-{kind}-{one}" for kind, of in (("anchor", Anchor), ("why", Why)) for one in of),
    }
    assert words == {key for key in messages(language) if key.startswith("estimate-")}
    assert [key for key in words if say(key) not in shown] == []


@pytest.mark.parametrize("cells", [38, 40, 60, 70, 78, 80, 99, 100, 160, 200])
@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
def test_no_row_is_wider_than_its_place(cells: int, tier: str) -> None:
    value = LaboratoryView(view(), known())
    for lines in (laboratory_rows(value, cells, GLYPHS[tier]), why_rows(value, cells, GLYPHS[tier])):
        assert [plain([line]) for line in lines if width(line) > cells] == []


def test_an_old_answer_says_so_and_is_grey() -> None:
    lab = replace(known(), at_s=NOW_S - 60)
    lines = laboratory_rows(LaboratoryView(view(), lab), 100, FULL)
    assert "60 s old" in plain(lines)
    assert not [role for line in lines[2:] for _, role in line if role == "number"]
