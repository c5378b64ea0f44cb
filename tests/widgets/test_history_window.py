"""Moving through time: what stays where it is, and where the ends are."""

import pytest

from tui.widgets.history_window import DAY_S, LEAST_S, MOST_S, RANGES_S, Window

NOW_MS = 1_760_789_251_000
HOUR_MS = 3_600_000


def test_ranges_go_from_a_quarter_of_an_hour_to_a_year() -> None:
    """S1-7: `[` and `]` reach both ends and stay there."""
    window = Window()
    for _ in RANGES_S:
        window = window.next_range(1)
    assert window.span_s == 365 * DAY_S and window.words == "1 y"
    for _ in RANGES_S:
        window = window.next_range(-1)
    assert window.span_s == 900 and window.words == "15 min"


def test_a_window_that_follows_moves_by_whole_steps() -> None:
    """Two looks in the same step show the same stretch of time; now is always inside."""
    window = Window(3600.0)
    first = window.range_ms(NOW_MS, 240)
    assert first == window.range_ms(first[1] - 1, 240) and first[0] < NOW_MS < first[1]
    later = window.range_ms(first[1], 240)
    assert later[1] - first[1] == 15_000 and later[1] - later[0] == HOUR_MS


def test_zoom_keeps_the_cursor_in_its_place() -> None:
    """Around a moment; without one the end stays."""
    window = Window(3600.0, NOW_MS - 5 * HOUR_MS)
    from_ms, until_ms = window.range_ms(NOW_MS, 240)
    around = from_ms + HOUR_MS // 4
    closer = window.zoomed(1, around, NOW_MS)
    low, high = closer.range_ms(NOW_MS, 240)
    assert high - low == HOUR_MS // 2
    assert (around - low) / (high - low) == pytest.approx(0.25)
    assert window.zoomed(1, None, NOW_MS).until_ms == until_ms


def test_zoom_has_ends() -> None:
    """Never nothing, never more than a year."""
    assert Window(LEAST_S).zoomed(1, None, NOW_MS).span_s == LEAST_S
    assert Window(MOST_S).zoomed(-1, None, NOW_MS).span_s == MOST_S


def test_there_is_nothing_after_now() -> None:
    """Moving past now goes with the clock again."""
    back = Window(3600.0).panned(-0.5, NOW_MS)
    assert back.until_ms == NOW_MS - HOUR_MS // 2 and not back.following
    assert back.panned(0.6, NOW_MS).following


def test_going_to_a_moment_moves_only_when_it_is_not_on_show() -> None:
    """A moment on show stays where it is."""
    window = Window()
    assert window.around(NOW_MS - HOUR_MS, NOW_MS) is window
    low, high = window.around(NOW_MS - 100 * HOUR_MS, NOW_MS).range_ms(NOW_MS, 240)
    assert (low + high) // 2 == NOW_MS - 100 * HOUR_MS
