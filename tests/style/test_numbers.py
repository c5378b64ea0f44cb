"""How numbers and ages read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.locale import use
from tui.style import numbers

VALUES = st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(math.nan))
FORMATS = (
    numbers.amps,
    numbers.watts,
    numbers.watts_signed,
    numbers.percent,
    numbers.celsius,
    lambda value: numbers.volts(value, 2),
    lambda value: numbers.amps(value, signed=True),
    lambda value: numbers.fixed(value, 3, signed=True),
)


@pytest.mark.parametrize("language", ["en", "fr"])
@given(value=VALUES)
def test_no_number_is_a_minus_zero_or_nan(language: str, value: float | None) -> None:
    use(language)
    for shown in (form(value) for form in FORMATS):
        assert "nan" not in shown.lower()
        digits = [c for c in shown if c.isdigit()]
        if digits and not "".join(digits).strip("0"):
            assert not shown.startswith(("-", "+")), shown


@given(value=st.floats(-1e6, 1e6), digits=st.integers(0, 3))
def test_a_number_reads_back_as_what_it_was(value: float, digits: int) -> None:
    shown = numbers.fixed(value, digits)
    assert float(shown) == pytest.approx(value, abs=0.5 * 10**-digits + 1e-6)


@given(value=st.floats(-1e6, 1e6), digits=st.integers(0, 3), signed=st.booleans())
def test_in_french_the_mark_is_a_comma(value: float, digits: int, signed: bool) -> None:
    """CL-49: the same digits with the other decimal mark."""
    use("en")
    english = numbers.fixed(value, digits, signed)
    use("fr")
    assert numbers.fixed(value, digits, signed) == english.replace(".", ",")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(None, 0, "--"), (None, 1, "--.-"), (None, 2, "--.--"), (math.nan, 2, "--.--"), (0.0, 1, "0.0")],
)
def test_unknown_is_never_zero(value: float | None, digits: int, shown: str) -> None:
    assert numbers.fixed(value, digits) == shown


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.amps(-0.04), "0.0 A"),
        (numbers.amps(0.04, signed=True), "0.0 A"),
        (numbers.amps(12.44, signed=True), "+12.4 A"),
        (numbers.amps(-8.1, signed=True), "-8.1 A"),
        (numbers.watts(-107.6), "108 W"),
        (numbers.watts(None), "-- W"),
        (numbers.watts_signed(551.2), "+551 W"),
        (numbers.watts_signed(-0.4), "0 W"),
        (numbers.watts_signed(None), "--"),
        (numbers.percent(72.4), "72 %"),
        (numbers.percent(None), "--"),
        (numbers.kilowatt_hours(11_234.0), "11.2"),
    ],
)
def test_values_with_units(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("age_s", "english", "french"),
    [
        (None, "No data received", "Aucune donnée reçue"),
        (0.0, "Live", "En direct"),
        (4.9, "Live", "En direct"),
        (5.0, "5s ago", "il y a 5 s"),
        (12.9, "12s ago", "il y a 12 s"),
        (59.9, "59s ago", "il y a 59 s"),
        (60.0, "1m ago", "il y a 1 min"),
        (3599.0, "59m ago", "il y a 59 min"),
        (3600.0, "1h ago", "il y a 1 h"),
        (9000.0, "2h ago", "il y a 2 h"),
    ],
)
def test_freshness_in_words(age_s: float | None, english: str, french: str) -> None:
    """CL-12: under five seconds it is live, then its age is said."""
    assert numbers.freshness(age_s) == english
    use("fr")
    assert numbers.freshness(age_s) == french


def test_a_live_value_says_its_seconds_and_an_old_one_that_it_is_old() -> None:
    assert numbers.age_words(3.7, live=True) == "3 s"
    assert numbers.age_words(12.0, live=False) == "12s ago"
    assert [numbers.age_old(age) for age in (12.0, 300.0, 9000.0)] == ["12 s old", "5 min old", "2 h old"]
    assert numbers.age_old(None) == "No data received"


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (None, "--"),
        (0.0, "0 min"),
        (0.75, "45 min"),
        (0.999, "1 h 00"),
        (6.34, "6 h 20"),
        (48.0, "48 h 00"),
        (48.01, "> 48 h"),
        (1e9, "> 48 h"),
    ],
)
def test_time_left_is_said_up_to_two_days(hours: float | None, shown: str) -> None:
    """CL-44: shown up to 48 hours."""
    assert numbers.duration(hours) == shown


def test_how_long_something_has_lasted() -> None:
    assert [numbers.span(s) for s in (-1.0, 0.0, 12.9, 3599.0, 11045.0)] == [
        "00:00", "00:00", "00:12", "59:59", "3:04:05",
    ]  # fmt: skip


def test_the_clock_speaks_the_language() -> None:
    """CL-49: the day of the week."""
    wall_s = 1_760_789_251.0  # a Saturday
    assert numbers.clock_words(wall_s) == "Sat 12:07:31"
    assert numbers.time_of_day(int(wall_s * 1000)) == "12:07"
    use("fr")
    assert numbers.clock_words(wall_s) == "sam 12:07:31"
