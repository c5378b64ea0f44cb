"""Ranges of time as a person types them. S4 5.3, CL-46."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.refusal import USAGE, Refusal
from tui.cli.when import Range, Said, moment_ms, range_of, seconds_of
from tui.locale import use

NOW_MS = 1_795_262_400_000  # 2026-11-21T12:00:00Z
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@pytest.fixture(autouse=True)
def zurich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone whose days have 23, 24 and 25 hours."""
    monkeypatch.setenv("TZ", "Europe/Zurich")
    time.tzset()
    use("en")
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("15m", 900), ("15min", 900), ("24h", 86_400), ("7d", 604_800), ("2w", 1_209_600),
        ("1y", 31_536_000), ("1.5h", 5400), ("1,5h", 5400), (" 24H ", 86_400), ("30 d", 2_592_000),
    ],
)  # fmt: skip
def test_spans(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "h", "24", "0h", "-1h", "1x", "1e5h", "999999999y", "١h", "nan", "1 day"]
)
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        seconds_of(text)
    assert refused.value.exit_code == USAGE
    assert "24h" in refused.value.message, "one thing to do"


@given(st.text(max_size=20))
def test_no_text_is_worse_than_a_refusal(text: str) -> None:
    for read in (seconds_of, moment_ms):
        try:
            read(text)
        except Refusal:
            continue


def test_a_date_is_a_whole_day_of_this_machine() -> None:
    said = range_of(Said(None, "2026-11-21", "2026-11-21"), NOW_MS)
    assert said == Range(NOW_MS - 13 * HOUR_MS, NOW_MS + 11 * HOUR_MS)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24)])
def test_a_day_is_as_long_as_the_clock_makes_it(day: str, hours: int) -> None:
    assert moment_ms(day, is_end=True) - moment_ms(day) == hours * HOUR_MS


def test_times_are_local_unless_they_say_their_zone() -> None:
    assert moment_ms("2026-11-21T13:00") == NOW_MS
    assert moment_ms("2026-11-21 13:00:00") == NOW_MS
    assert moment_ms("2026-11-21T12:00:00Z") == NOW_MS
    assert moment_ms("2026-11-21T07:00-05:00") == NOW_MS
    assert moment_ms("2026-11-21T13:00", is_end=True) == NOW_MS, "a time is no day"


def test_last_ends_now_or_where_it_is_told() -> None:
    assert range_of(Said("24h"), NOW_MS) == Range(NOW_MS - DAY_MS, None)
    assert range_of(Said("1h", None, "2026-11-21T13:00"), NOW_MS + 5) == Range(NOW_MS - HOUR_MS, NOW_MS)


def test_nothing_said_is_everything_or_what_the_word_has() -> None:
    assert range_of(Said(), NOW_MS) == Range()
    assert range_of(Said(), NOW_MS, "24h") == Range(NOW_MS - DAY_MS, None)
    assert range_of(Said(None, "2026-11-21"), NOW_MS, "24h").from_ms == NOW_MS - 13 * HOUR_MS


@pytest.mark.parametrize(
    "said",
    [
        Said("24h", "2026-11-21"),
        Said(None, "2026-11-22", "2026-11-21"),
        Said(None, "2026-11-21T13:00", "2026-11-21T13:00"),
        Said(None, "yesterday"),
        Said(None, "2026-13-01"),
        Said(None, "9999-12-31", "9999-12-31"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(said: Said) -> None:
    with pytest.raises(Refusal) as refused:
        range_of(said, NOW_MS)
    assert refused.value.exit_code == USAGE
