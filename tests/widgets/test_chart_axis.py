"""Round numbers beside a chart, round times below it."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.locale import use
from tui.widgets.chart_axis import moment_words, scale_of, time_ticks

NOON_MS = int(datetime(2026, 3, 29, 12, 0, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(2, 40))
def test_a_scale_holds_every_value(low: float, span: float, height: int) -> None:
    """And its labels stand in different rows, inside the plot."""
    scale = scale_of(low, low + span, 0.2, height)
    slack = (scale.high - scale.low) * 1e-6
    assert scale.low <= low + slack and scale.high >= low + span - slack
    rows = [scale.row(tick, height) for tick in scale.ticks]
    assert len(scale.ticks) >= 2 and all(0 <= y < height for y in rows)
    assert len(set(rows)) == len(rows)


def test_noise_does_not_look_like_a_storm() -> None:
    """A millivolt of 53 V is a flat line."""
    scale = scale_of(53.119, 53.121, 0.2, 8)
    assert scale.high - scale.low >= 0.2


def test_a_scale_stands_still_while_values_move_inside_it() -> None:
    """Nothing jumps."""
    assert scale_of(1.0, 9.1, 1.0, 8) == scale_of(1.3, 9.7, 1.0, 8)


def test_labels_have_as_many_decimals_as_they_need_in_the_mark_of_the_language() -> None:
    """53,5 in French; no minus before nothing."""
    scale = scale_of(52.4, 54.1, 0.2, 12)
    assert [scale.label(tick) for tick in scale.ticks] == ["52.0", "52.5", "53.0", "53.5", "54.0", "54.5"]
    assert scale_of(-4.0, 4.0, 1.0, 9).label(-0.0) == "0"
    use("fr")
    assert scale.label(53.5) == "53,5"


@pytest.mark.parametrize(
    ("span_ms", "first"),
    [
        (900_000, "11:46"),
        (3_600_000, "11:00"),
        (DAY_MS, "12:00"),
        (7 * DAY_MS, "23 Mar"),
        (365 * DAY_MS, "May"),
    ],
)
def test_times_are_round(span_ms: int, first: str) -> None:
    """From a quarter of an hour to a year."""
    ticks = time_ticks(NOON_MS - span_ms, NOON_MS, 100)
    assert ticks[0].label == first


@given(st.integers(60_000, 400 * DAY_MS), st.integers(20, 200))
def test_labels_have_room(span_ms: int, cells: int) -> None:
    """No two labels touch, whatever the range and the width; all of them are inside."""
    ticks = time_ticks(NOON_MS - span_ms, NOON_MS, cells)
    places = [(t.time_ms - NOON_MS + span_ms) / span_ms * cells for t in ticks]
    for (a, left), (b, right) in pairwise(zip(places, ticks, strict=True)):
        assert b - a >= (len(left.label) + len(right.label)) / 2 - 1
    assert all(NOON_MS - span_ms <= t.time_ms < NOON_MS for t in ticks)


def test_midnight_and_new_year_are_named() -> None:
    """Where a day or a year begins."""
    day = time_ticks(NOON_MS - DAY_MS, NOON_MS, 100)
    assert [t.label for t in day if t.strong] == ["29 Mar"]
    year = time_ticks(NOON_MS - 365 * DAY_MS, NOON_MS, 100)
    assert [t.label for t in year if t.strong] == ["2026"]


def test_a_moment_is_as_exact_as_its_range() -> None:
    """Seconds in an hour, the year in a year."""
    assert moment_words(NOON_MS, 900) == "29 Mar 12:00:00"
    assert moment_words(NOON_MS, DAY_MS / 1000) == "29 Mar 12:00"
    assert moment_words(NOON_MS, 365 * DAY_MS / 1000) == "29 Mar 2026"
