"""An hour in sixty points."""

from hypothesis import given
from hypothesis import strategies as st

from tui.model.trend import FIRST_BUCKET_S, LAST_BUCKET_S, POINTS, Trend


def filled(until_s: float, step_s: float = 2.0) -> Trend:
    """A trend of its own time: the value at t is t."""
    trend, at_s = Trend(), 0.0
    while at_s <= until_s:
        trend = trend.add(at_s, at_s)
        at_s += step_s
    return trend


def test_the_first_reading_is_shown_at_once() -> None:
    """A new screen is not empty for an hour."""
    assert Trend().add(100.0, 12.5).points == (12.5,)


def test_readings_in_one_bucket_are_averaged() -> None:
    """Two readings within one bucket give their mean."""
    assert Trend().add(0.0, 1.0).add(1.0, 3.0).points == (2.0,)


def test_after_an_hour_it_spans_an_hour_in_sixty_points() -> None:
    """CL-43: sparklines hold 60 samples; they reach back one hour."""
    trend = filled(2 * 3600)
    assert trend.bucket_s == LAST_BUCKET_S
    assert len(trend.points) == POINTS
    assert trend.span_s == 3600
    oldest, newest = trend.points[0], trend.points[-1]
    assert oldest is not None and newest is not None
    assert 3500 <= newest - oldest <= 3600


def test_it_grows_without_forgetting() -> None:
    """While it grows to an hour, the first reading stays in the picture."""
    for until_s in (60, 200, 300, 900, 1800, 3000):
        trend = filled(until_s)
        first = trend.points[0]
        assert first is not None and first < trend.bucket_s
        assert len(trend.points) <= POINTS


def test_silence_is_a_gap_not_a_line() -> None:
    """Never invent data: buckets without a reading are None."""
    trend = Trend().add(0.0, 1.0).add(FIRST_BUCKET_S * 4, 2.0)
    assert trend.points == (1.0, None, None, None, 2.0)


def test_a_dead_link_shows_as_a_growing_gap() -> None:
    """What is looked at later ends in gaps, without any message."""
    trend = Trend().add(0.0, 1.0)
    assert trend.at(FIRST_BUCKET_S * 3) == (1.0, None, None, None)
    assert trend.at(1e9) == (None,) * POINTS


def test_unknown_values_change_nothing() -> None:
    """A reading without the value is no reading."""
    trend = Trend().add(0.0, 1.0)
    assert trend.add(1.0, None) is trend


@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(-500, 500)), max_size=80))
def test_never_more_than_sixty_points_and_never_a_wild_value(steps: list[tuple[float, float]]) -> None:
    """Whatever comes in which gaps: bounded, and every point lies within what was read."""
    trend, at_s, seen = Trend(), 0.0, [0.0]
    for gap_s, value in steps:
        at_s += gap_s
        trend = trend.add(at_s, value)
        seen.append(value)
    known = [p for p in trend.points if p is not None]
    assert len(trend.points) <= POINTS
    assert all(min(seen) - 1e-6 <= p <= max(seen) + 1e-6 for p in known)
