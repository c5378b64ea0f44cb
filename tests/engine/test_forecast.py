"""S1-82, CL-44: time to empty and to full, with a band and the method named."""

import random
from collections.abc import Iterator

import pytest

from tests.engine.test_soc_estimates import feed, full_then_used
from tests.engine.truth import Truth, household, steady
from tui.engine.forecast import MeanCurrent, forecast
from tui.engine.ranking import ranked
from tui.engine.track_estimator import TrackEstimator
from tui.model.estimate import (
    CellFigures,
    Estimate,
    Forecast,
    Method,
    Reason,
    SocEstimates,
    missing,
)

HOUR_S = 3600.0


def of(track: TrackEstimator) -> Forecast:
    return track.look(0.0).forecast


def test_a_steady_load_gives_the_closed_form() -> None:
    """54 Ah at 10 A are 5.4 h."""
    current = MeanCurrent()
    for n in range(600):
        current.add(n * 2.0, -10.0)
    soc = SocEstimates(counted=Estimate(54.0, 1.0, Method.COUNTED))
    found = forecast(current, soc, Estimate(100.0, 1.0, Method.FULL_TO_LOW), None)
    assert found.empty.mean_s == pytest.approx(5.4 * HOUR_S, rel=0.001)
    assert found.empty.low_s is not None and found.empty.high_s is not None
    assert found.empty.low_s < 5.4 * HOUR_S < found.empty.high_s < 5.7 * HOUR_S
    assert found.empty.method is Method.MEAN_CURRENT
    assert found.full.reason is Reason.OTHER_WAY


def time_to_empty(battery: Truth, load: Iterator[tuple[float, float]]) -> float:
    """What really happens: the load goes on until nothing is left."""
    began_s, left_ah = battery.at_s, battery.pack_soc_pct / 100 * min(battery.capacities_ah)
    passed = 0.0
    for lasts_s, amps in load:
        ah = -amps * lasts_s / HOUR_S
        if ah >= left_ah:
            return battery.at_s + passed + left_ah / -amps * HOUR_S - began_s
        left_ah -= ah
        passed += lasts_s
    raise AssertionError


def test_the_truth_lies_in_the_band_in_nine_of_ten_runs() -> None:
    inside = wide = 0
    for seed in range(30):
        battery, track = full_then_used(seed, hours=0.5 + seed % 4)
        found = of(track).empty
        truth = time_to_empty(battery, household(random.Random(seed + 1000)))
        assert found.mean_s is not None and found.low_s is not None
        inside += found.low_s <= truth <= (found.high_s or float("inf"))
        wide += found.high_s is None or found.high_s > 4 * found.low_s
    assert inside >= 27
    assert wide <= 6  # and it says something


def test_a_charge_to_the_end_takes_longer_than_its_first_current_says() -> None:
    """25 A until 95 %, then falling to the end current as a charger makes it."""
    battery = Truth(4, soc_pct=60.0)
    found = of(feed(TrackEstimator("t"), battery.run(1200, steady(25.0))))
    left_ah = 95.0 - battery.pack_soc_pct
    tail_s = 5.0 * HOUR_S / ((25.0 - 5.0) / 1.609)  # 5 Ah from 25 to 5 A, exponentially
    truth = left_ah / 25.0 * HOUR_S + tail_s
    full = found.full
    assert full.method is Method.TAPER
    assert full.low_s is not None and full.high_s is not None and full.mean_s is not None
    assert full.low_s <= truth <= full.high_s
    assert full.mean_s == pytest.approx(truth, rel=0.05)
    assert found.empty.reason is Reason.OTHER_WAY


def test_a_switched_load_counts_at_once_and_no_single_reading_does() -> None:
    current = MeanCurrent()
    for n in range(600):
        current.add(n * 2.0, -2.0 - (n % 3) / 100)
    for n in range(600, 720):
        current.add(n * 2.0, -40.0 - (n % 3) / 100)
    assert current.look().value == pytest.approx(-40.0, abs=0.1)
    before = current.look().value
    current.add(1441.0, -10.0)
    assert current.look().value == pytest.approx(before, abs=0.1)


@pytest.mark.parametrize(("amps", "reason"), [(0.0, Reason.AT_REST), (0.02, Reason.AT_REST)])
def test_at_rest_there_is_no_time(amps: float, reason: Reason) -> None:
    found = of(feed(TrackEstimator("t"), Truth(soc_pct=50.0).run(600, steady(amps))))
    assert (found.empty.mean_s, found.empty.reason, found.full.reason) == (None, reason, reason)


def test_after_two_minutes_it_is_too_early() -> None:
    found = of(feed(TrackEstimator("t"), Truth().run(100, steady(-10.0))))
    assert (found.empty.mean_s, found.empty.reason) == (None, Reason.TOO_EARLY)


def test_without_a_capacity_or_a_charge_there_is_no_time() -> None:
    current = MeanCurrent()
    for n in range(200):
        current.add(n * 2.0, -10.0)
    found = forecast(current, SocEstimates(), missing(Reason.NO_CAPACITY), None)
    assert found.empty.reason is Reason.NO_CAPACITY
    assert found.mean_current_a.value == pytest.approx(-10.0)


def figures(*rows: tuple[float | None, float | None]) -> list[CellFigures]:
    """Resistance and voltage under load, each with a narrow band."""
    return [
        CellFigures(
            number,
            resistance_mohm=Estimate(mohm, 0.01) if mohm is not None else missing(Reason.NO_STEPS),
            under_load_mv=Estimate(mv, 1.0) if mv is not None else missing(Reason.TOO_EARLY),
        )
        for number, (mohm, mv) in enumerate(rows, 1)
    ]


def test_the_weakest_cell_is_the_one_that_stands_out() -> None:
    cells, weakest = ranked(figures((0.5, 1.0), (0.52, 0.0), (0.9, -12.0), (0.51, 2.0)))
    assert weakest == 3
    assert [c.rank for c in cells][2] == 1
    assert cells[2].weak_by is Method.LOAD_STEPS
    assert sorted(c.rank or 0 for c in cells) == [1, 2, 3, 4]


def test_cells_within_their_bands_have_ranks_and_no_weakest() -> None:
    cells, weakest = ranked(figures((0.50, 0.0), (0.501, 0.1), (0.502, 0.2), (0.5, 0.1)))
    assert weakest is None
    assert all(c.rank for c in cells)


def test_a_figure_that_is_not_known_of_all_does_not_rank() -> None:
    cells, weakest = ranked(figures((0.5, None), (None, None), (0.9, None)))
    assert weakest is None
    assert all(c.rank is None for c in cells)


def test_the_cell_that_ends_the_discharge_is_named() -> None:
    """S1-82: weakest-cell forecast."""
    battery = Truth(6, mohm=(0.5, 0.5, 4.0, 0.5))
    track = feed(TrackEstimator("t"), battery.run(1200, steady(-10.0)))
    found = of(track)
    assert (found.weakest_cell, found.weakest_by) == (3, Method.UNDER_LOAD)
    under = track.under_load.look(3)
    assert under.value is not None and under.error is not None
    assert abs(under.value - -10 * (4.0 - 5.5 / 4)) <= under.error + 1.0
