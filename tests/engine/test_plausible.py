"""One garbage reading with a right checksum does not bend a chart; a true leap costs one value."""

import pytest

from tui.engine.plausible import FORGOTTEN_S, Plausible

QUIET = {"pack_v": 53.0, "current_a": -5.0, "soc_pct": 70.0, "cell_mv.1": 3312.0, "temperature_c.1": 22.0}


@pytest.mark.parametrize(
    ("key", "garbage"),
    [
        ("pack_v", 655.35), ("pack_v", 12.0), ("pack_v", 5000.0), ("soc_pct", 255.0), ("soc_pct", 3.0),
        ("cell_mv.1", 0.0), ("cell_mv.1", 65535.0), ("cell_mv.1", 2500.0), ("temperature_c.1", -273.1),
        ("temperature_c.1", 120.0), ("current_a", 32767.0), ("current_a", float("nan")),
    ],
)  # fmt: skip
def test_one_garbage_value_is_left_out_and_counted(key: str, garbage: float) -> None:
    plausible = Plausible()
    assert plausible.sift("left", 10.0, QUIET) == QUIET
    assert plausible.sift("left", 11.0, {**QUIET, key: garbage}) == {
        k: v for k, v in QUIET.items() if k != key
    }
    assert plausible.sift("left", 12.0, QUIET) == QUIET
    assert plausible.left_out == {("left", key): 1}


def test_a_true_leap_is_believed_when_it_is_said_twice() -> None:
    plausible = Plausible()
    for at_s, volts, kept in ((1, 53.0, True), (2, 26.0, False), (3, 26.1, True), (4, 26.0, True)):
        assert bool(plausible.sift("left", float(at_s), {"pack_v": volts})) is kept


def test_two_different_garbage_values_confirm_nothing() -> None:
    plausible = Plausible()
    for at_s, volts, kept in ((1, 53.0, True), (2, 26.0, False), (3, 90.0, False), (4, 53.1, True)):
        assert bool(plausible.sift("left", float(at_s), {"pack_v": volts})) is kept


def test_a_load_that_comes_at_once_is_no_garbage() -> None:
    plausible = Plausible()
    plausible.sift("left", 1.0, {"current_a": 0.0, "pack_v": 53.2, "cell_mv.1": 3325.0})
    loaded = {"current_a": -250.0, "pack_v": 50.8, "cell_mv.1": 3175.0}
    assert plausible.sift("left", 2.0, loaded) == loaded


def test_after_a_long_pause_any_possible_value_is_believed() -> None:
    plausible = Plausible()
    plausible.sift("left", 1.0, {"soc_pct": 90.0})
    assert plausible.sift("left", 2.0 + FORGOTTEN_S, {"soc_pct": 10.0}) == {"soc_pct": 10.0}


def test_tracks_do_not_know_each_other() -> None:
    plausible = Plausible()
    plausible.sift("left", 1.0, {"pack_v": 53.0})
    assert plausible.sift("right", 2.0, {"pack_v": 13.2}) == {"pack_v": 13.2}
