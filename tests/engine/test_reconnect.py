"""The ladder as tables of (seconds since the start, event, expected)."""

import math

import pytest

from tui.engine.reconnect import DELAYS_S, Ladder
from tui.model.device import WINDOW_S

MIN_S = 60.0
USED_UP = [(0.0, "failed", 2.0), (2.0, "failed", 6.0), (6.0, "failed", 14.0), (14.0, "failed", 30.0)]
USED_UP += [(30.0, "failed", 60.0), (60.0, "failed", None)]

Row = tuple[float, str, float | str | None]


def walk(rows: list[Row], attempts_max: int = 5) -> Ladder:
    """After each event the next attempt must be at that second, at none, or `tap`."""
    ladder = Ladder(attempts_max)
    ladder.start(0.0)
    for now_s, event, expected in rows:
        if event == "ask":
            ladder.ask()
        elif event == "plugged in":
            ladder.seen(now_s, anew=True)
        else:
            getattr(ladder, event)(now_s)
        assert ("tap" if ladder.tap else ladder.retry_at_s) == expected, (now_s, event)
    return ladder


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(USED_UP, id="X-8: five attempts after 2, 4, 8, 16, 30 s, then none is planned"),
        pytest.param(
            [
                (0.0, "failed", 2.0),
                (2.0, "failed", 6.0),
                (6.0, "opened", None),
                (7.0, "data", None),
                (9.0, "failed", 11.0),
            ],
            id="X-8: a reading resets the count",
        ),
        pytest.param(
            [(0.0, "failed", 2.0), (2.0, "opened", None), (3.0, "failed", 7.0)],
            id="opening alone does not reset the count",
        ),
        pytest.param(
            [*USED_UP, (70.0, "seen", 70.0), (70.5, "failed", None), (100.0, "seen", 100.0)],
            id="X-8: then one attempt each time the device is seen",
        ),
        pytest.param(
            [(0.0, "failed", 2.0), (2.0, "failed", 6.0), (3.0, "seen", 6.0)],
            id="being seen does not hurry the ladder",
        ),
        pytest.param(
            [(0.0, "failed", 2.0), (2.0, "failed", 6.0), (3.0, "plugged in", 3.0), (3.0, "failed", 11.0)],
            id="being plugged in does, and the attempt counts",
        ),
        pytest.param(
            [*USED_UP, (30 * MIN_S, "time_passed", None), (30 * MIN_S + 1, "time_passed", "tap")],
            id="X-8: 30 minutes after last seen a tap is needed",
        ),
        pytest.param(
            [*USED_UP, (30 * MIN_S + 1, "seen", "tap")],
            id="X-9: seen after the window is too late: the old sight counts",
        ),
        pytest.param(
            [*USED_UP, (30 * MIN_S, "seen", 30 * MIN_S), (30 * MIN_S + 1, "failed", None)],
            id="X-9: seen within the window opens a new one",
        ),
        pytest.param(
            [*USED_UP, (3600.0, "seen", "tap"), (3601.0, "seen", "tap"), (3602.0, "plugged in", "tap")],
            id="X-9: being seen never clears tap",
        ),
        pytest.param(
            [*USED_UP, (3600.0, "seen", "tap"), (3601.0, "ask", -math.inf), (3601.0, "failed", 3603.0)],
            id="only a person clears tap, and the ladder starts anew",
        ),
        pytest.param(
            [(0.0, "failed", 2.0), (3600.0, "time_passed", 2.0), (3600.0, "failed", 3604.0)],
            id="no tap while an attempt is planned",
        ),
        pytest.param(
            [(0.0, "opened", None), (1.0, "data", None), (7200.0, "time_passed", None)],
            id="a working wire never ends in tap",
        ),
    ],
)
def test_ladder(rows: list[Row]) -> None:
    walk(rows)


def test_fewer_attempts() -> None:
    """S0-14: the number of attempts is a setting."""
    walk([(0.0, "failed", 2.0), (2.0, "failed", 6.0), (6.0, "failed", None)], attempts_max=2)
    walk([(0.0, "failed", None), (1.0, "seen", 1.0)], attempts_max=0)


def test_more_attempts_than_steps_repeat_the_last_step() -> None:
    ladder = Ladder(attempts_max=8)
    now_s, waits = 0.0, []
    for _ in range(8):
        ladder.failed(now_s)
        assert ladder.retry_at_s is not None
        waits.append(ladder.retry_at_s - now_s)
        now_s = ladder.retry_at_s
    assert waits == [*DELAYS_S, 30.0, 30.0, 30.0]


def test_the_defaults() -> None:
    """S0-14: five attempts. X-8: a window of thirty minutes."""
    assert Ladder().attempts_max == 5
    assert WINDOW_S == 1800.0


def test_an_attempt_is_due_at_its_second_and_not_before() -> None:
    ladder = walk([(0.0, "failed", 2.0)])
    assert not ladder.is_due(1.9)
    assert ladder.is_due(2.0)
    assert not walk([*USED_UP, (3600.0, "seen", "tap")]).is_due(9999.0)
