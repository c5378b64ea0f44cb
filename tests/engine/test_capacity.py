"""Capability "you can trust the number": capacity between full charges, and the time that balancing takes."""

import random

import pytest

from tests.engine.test_soc_estimates import feed
from tests.engine.truth import Truth, steady
from tui.engine.track_estimator import TrackEstimator
from tui.model.estimate import Anchor, Method, Reason
from tui.model.sample import Cells, Pack, Protection


def cycle(seed: int, end_pct: float, *, rest: bool) -> tuple[Truth, TrackEstimator]:
    """Full, then discharged to so many percent, then perhaps a rest."""
    draw = random.Random(seed)
    full_ah = draw.uniform(80, 105)
    battery = Truth(
        seed,
        capacities_ah=(full_ah, full_ah * 1.01, full_ah * 1.02, full_ah * 1.03),
        soc_pct=99.0,
        gain=1 + draw.uniform(-0.01, 0.01),
        offset_a=draw.uniform(-0.05, 0.05),
    )
    track = feed(TrackEstimator("t"), battery.run(300, steady(4.0)))
    hours = (battery.pack_soc_pct - end_pct) / 100 * full_ah / 30.0
    feed(track, battery.run(hours * 3600, steady(-30.0)))
    if rest:
        feed(track, battery.run(2400, steady(0.0)))
    return battery, track


def test_from_full_to_empty_the_truth_lies_in_the_band_in_nine_of_ten_runs() -> None:
    inside = 0
    for seed in range(20):
        battery, track = cycle(seed, 0.0, rest=False)
        found = track.capacities.look()
        assert found.value is not None and found.error is not None and found.method is Method.FULL_TO_LOW
        assert found.error < 8.0
        inside += abs(found.value - min(battery.capacities_ah)) <= found.error
    assert inside >= 18


def test_a_rest_at_a_low_voltage_is_a_known_point_as_well() -> None:
    inside = total = 0
    for seed in range(10):
        battery, track = cycle(seed, 4.0, rest=True)
        found = track.capacities.look()
        assert found.value is not None and found.error is not None
        inside += abs(found.value - min(battery.capacities_ah)) <= found.error
        total += 1
        for number, truth in enumerate(battery.capacities_ah, 1):
            cell = track.capacities.look_cell(number)
            assert cell.value is not None and cell.error is not None
            inside += abs(cell.value - truth) <= cell.error
            total += 1
    assert inside / total >= 0.9


def test_without_a_full_charge_or_a_low_point_there_is_none() -> None:
    track = feed(TrackEstimator("t"), Truth().run(600, steady(-10.0)))
    assert track.capacities.look().reason is Reason.NO_FULL_CHARGE
    _, track = cycle(1, 60.0, rest=False)
    assert track.capacities.look().reason is Reason.NO_LOW_POINT
    assert track.capacities.full_charges == 1
    assert track.capacity().value == 100.0  # as the unit tells it, and its band is wide
    assert track.capacity().error == 10.0


def test_one_garbage_reading_is_neither_full_nor_empty() -> None:
    track = TrackEstimator("t")
    for n in range(200):
        at_s = n * 2.0
        mv = (3600,) * 4 if n == 50 else (2000,) * 4 if n == 90 else (3300,) * 4
        protections = (Protection.CELL_UNDERVOLTAGE,) if n == 120 else ()
        track.cells(at_s - 0.1, Cells(mv))
        pack = Pack(
            current_a=-1.0 if n > 60 else 1.0, soc_pct=60.0, nominal_ah=100.0, protections=protections
        )
        track.pack(at_s, 0, pack)
    assert track.capacities.full_charges == 0
    assert track.capacities.look().value is None


def test_a_cell_pulled_down_by_a_large_load_is_not_empty() -> None:
    """100 A at 100 Ah; then the unit protects itself, and the cells come back."""
    track = TrackEstimator("t")
    for n in range(200):
        amps, mv, cut = (-100.0, 2750, ()) if n < 100 else (0.0, 3250, (Protection.CELL_UNDERVOLTAGE,))
        track.cells(n * 2.0 - 0.1, Cells((mv,) * 4))
        track.pack(n * 2.0, 0, Pack(current_a=amps, soc_pct=40.0, nominal_ah=100.0, protections=cut))
    assert track.soc_estimates().anchor is Anchor.REPORTED


def test_the_unit_says_itself_that_it_is_empty() -> None:
    track = TrackEstimator("t")
    for n in range(60):
        track.cells(n * 2.0 - 0.1, Cells((2900,) * 4))
        pack = Pack(current_a=0.0, soc_pct=9.0, nominal_ah=100.0, protections=(Protection.PACK_UNDERVOLTAGE,))
        track.pack(n * 2.0, 0, pack)
    assert track.soc_estimates().anchor is Anchor.EMPTY


def test_the_charge_between_two_full_charges_is_told() -> None:
    battery, track = cycle(3, 20.0, rest=False)
    out_ah = -battery.ah
    hours = (99.0 - battery.pack_soc_pct) / 100 * min(battery.capacities_ah) / 30.0
    feed(track, battery.run(hours * 3600, steady(30.0)))
    feed(track, battery.run(400, steady(4.0)))
    assert track.capacities.full_charges == 2
    assert track.capacities.cycle_out_ah == pytest.approx(out_ah, rel=0.03)
    assert track.capacities.cycle_in_ah == pytest.approx(out_ah, rel=0.03)


def charged(battery: Truth, track: TrackEstimator, amps: float = 20.0) -> TrackEstimator:
    hours = (99.5 - battery.pack_soc_pct) / 100 * 100 / amps
    return feed(track, battery.run(hours * 3600, steady(amps)))


AHEAD = (0.0, 0.4, 0.8, 0.2)


def test_balance_time_comes_from_the_knee_and_the_balance_current() -> None:
    inside = 0
    for seed in range(10):
        battery = Truth(seed, mohm=(0.5,) * 4, ahead_ah=AHEAD, soc_pct=80.0)
        track = charged(battery, TrackEstimator("t"))
        excess = [track.balance.look(n)[0] for n in range(1, 5)]
        for found, truth in zip(excess, AHEAD, strict=True):
            assert found.value is not None and found.error is not None
            inside += abs(found.value - truth) <= found.error
        assert track.balance.look(3)[1].reason is Reason.NO_BALANCE_CURRENT
    assert inside >= 36
    for at_s in (10_000.0, 10_002.0):
        track.pack(at_s, 0, Pack(current_a=1.0, nominal_ah=100.0, balance_current_ma=100))
    seconds = track.balance.look(3)[1]
    assert seconds.value is not None and seconds.error is not None
    assert abs(seconds.value - 0.8 / 0.1 * 3600) <= seconds.error


def test_the_balance_current_is_learned_from_what_bleeding_took_away() -> None:
    battery = Truth(2, mohm=(0.5,) * 4, ahead_ah=(0.0, 1.5, 2.0, 0.1), soc_pct=80.0, bleed_a=0.15)
    track = charged(battery, TrackEstimator("t"))
    battery.balancing = (2, 3)
    feed(track, battery.run(6 * 3600, steady(-8.0)))
    battery.balancing = ()
    track = charged(battery, track)
    learned = track.balance.current()
    assert learned is not None
    assert abs(learned[0] - 0.15) <= learned[1] + 0.02


def test_a_single_high_reading_passes_no_knee() -> None:
    track = TrackEstimator("t")
    for n in range(100):
        track.pack(n * 2.0, 0, Pack(current_a=20.0, nominal_ah=100.0))
        track.cells(n * 2.0 + 0.1, Cells((3360, 3600 if n == 50 else 3361, 3362)))
    assert track.balance.look(1)[0].reason is Reason.NO_KNEE
    assert all(p.high_ah is None for p in track.balance._passing)
