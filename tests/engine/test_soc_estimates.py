"""Capability "you can trust the number": state of charge three ways, with bands, and why they differ."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.truth import SLOW, Reading, Truth, household, on, steady, time_ms
from tui.engine.rest_voltage import OCV_V, soc_at_rest
from tui.engine.track_estimator import TrackEstimator
from tui.model.estimate import Anchor, Reason, SocEstimates, Why
from tui.model.sample import Cells, Pack

FULL_A = 3.0


def feed(track: TrackEstimator, readings: Iterable[Reading]) -> TrackEstimator:
    for at_s, reading in readings:
        if isinstance(reading, Cells):
            track.cells(at_s, reading)
        else:
            track.pack(at_s, time_ms(at_s), reading)
    return track


def full_then_used(seed: int, hours: float = 3.0) -> tuple[Truth, TrackEstimator]:
    """Charged to the end, then an unquiet load. The sensor is off by what makers promise."""
    draw = random.Random(seed)
    battery = Truth(
        seed,
        soc_pct=99.0,
        capacities_ah=(100.0 + draw.gauss(0, 3),) * 4,
        gain=1 + draw.uniform(-0.01, 0.01),
        offset_a=draw.uniform(-0.05, 0.05),
    )
    track = feed(TrackEstimator("t"), battery.run(300, steady(FULL_A)))
    return battery, feed(track, battery.run(hours * 3600, household(draw)))


def test_the_counted_truth_lies_in_the_band_in_nine_of_ten_runs() -> None:
    inside = 0
    for seed in range(30):
        battery, track = full_then_used(seed)
        soc = track.soc_estimates()
        assert soc.anchor is Anchor.FULL
        assert soc.counted.value is not None and soc.counted.error is not None
        assert soc.counted.error < 6.0
        inside += abs(soc.counted.value - battery.pack_soc_pct) <= soc.counted.error
    assert inside >= 27


def test_counting_is_exact_when_the_sensor_is() -> None:
    """Closed form: 10 A for an hour are 10 Ah."""
    track = feed(TrackEstimator("t"), Truth().run(3600, steady(-10.0)))
    soc = track.soc_estimates()
    assert soc.counted.value == pytest.approx(60.0, abs=0.7)  # 70 % told in whole percent
    assert track.counter.mark().net_ah == pytest.approx(-10.0, abs=0.02)


def test_counted_from_what_the_unit_said_there_is_a_value_and_no_band() -> None:
    soc = feed(TrackEstimator("t"), Truth().run(600, steady(-10.0))).soc_estimates()
    assert soc.anchor is Anchor.REPORTED
    assert (soc.counted.error, soc.counted.reason) == (None, Reason.ANCHOR_REPORTED)
    assert (soc.reported.error, soc.reported.reason) == (None, Reason.NO_BAND)
    assert soc.why is Why.AGREE
    assert soc.drift_sure_pct == 0.0


@pytest.mark.parametrize(("volts", "percent"), OCV_V)
def test_the_table_is_the_documented_one(volts: float, percent: float) -> None:
    """CL-26."""
    assert soc_at_rest(volts)[0] == pytest.approx(percent)


def test_the_rest_voltage_holds_for_other_curves_too() -> None:
    """A real cell has neither the curve of the table nor an exact voltage: its truth lies in the band."""
    draw, inside = random.Random(4), 0
    for _ in range(500):
        soc = draw.uniform(1, 99)
        volts = on(SLOW, soc) / 1000 + draw.gauss(0, 0.006)
        value, error = soc_at_rest(volts)
        inside += abs(value - soc) <= error
    assert inside >= 475


@given(st.floats(2.0, 4.0), st.floats(1800, 1e6))
def test_the_rest_voltage_is_always_a_percentage_with_a_band(volts: float, rested_s: float) -> None:
    value, error = soc_at_rest(volts, rested_s)
    assert 0.0 <= value <= 100.0
    assert 1.0 <= error <= 100.0


def test_the_rest_voltage_needs_half_an_hour_without_load() -> None:
    battery = Truth(soc_pct=8.0)
    track = feed(TrackEstimator("t"), battery.run(1700, steady(0.0)))
    assert track.soc_estimates().rest.reason is Reason.NOT_AT_REST
    soc = feed(track, battery.run(300, steady(0.0))).soc_estimates()
    assert soc.rest.value is not None and soc.rest.error is not None
    assert abs(soc.rest.value - 8.0) <= soc.rest.error < 10.0
    assert soc.anchor is Anchor.REST  # better than what the unit said
    soc = feed(track, battery.run(1200, steady(30.0))).soc_estimates()
    assert soc.rest.reason is Reason.NOT_AT_REST
    assert soc.counted.value is not None and soc.counted.error is not None
    assert abs(soc.counted.value - battery.pack_soc_pct) <= soc.counted.error


def test_in_the_flat_part_the_voltage_says_nothing() -> None:
    soc = feed(TrackEstimator("t"), Truth(soc_pct=35.0).run(2400, steady(0.0))).soc_estimates()
    assert (soc.rest.value, soc.rest.reason) == (None, Reason.FLAT_CURVE)
    assert soc.anchor is Anchor.REPORTED


def test_another_chemistry_has_no_table() -> None:
    soc = feed(TrackEstimator("t", "NMC"), Truth(soc_pct=8.0).run(2400, steady(0.0))).soc_estimates()
    assert soc.rest.reason is Reason.OTHER_CHEMISTRY


def drifting(battery: Truth, tells: "object", hours: float, amps: float = -10.0) -> SocEstimates:
    track = feed(TrackEstimator("t"), battery.run(300, steady(FULL_A)))
    battery.soc_of_unit = tells  # type: ignore[assignment]
    return feed(track, battery.run(hours * 3600, steady(amps))).soc_estimates()


def test_a_unit_that_stands_still_drifts_beyond_the_band() -> None:
    soc = drifting(Truth(soc_pct=99.0), lambda battery: 100, 4.0)
    assert soc.drift_pct.value == pytest.approx(40.0, abs=3.0)
    assert soc.drift_sure_pct is not None and soc.drift_sure_pct > 30
    assert soc.best is soc.counted


def test_a_unit_that_is_right_does_not() -> None:
    soc = drifting(Truth(soc_pct=99.0), lambda battery: round(battery.pack_soc_pct), 4.0)
    assert soc.drift_sure_pct == 0.0
    assert soc.why is Why.AGREE


def test_a_jump_is_named() -> None:
    start_s = 1000.0 + 300 + 3600
    tells = lambda b: round(b.pack_soc_pct) - (20 if b.at_s > start_s else 0)  # noqa: E731
    soc = drifting(Truth(soc_pct=99.0), tells, 2.0)
    assert soc.why is Why.JUMPED
    assert soc.drift_sure_pct is not None and soc.drift_sure_pct < -10


def test_currents_too_small_for_the_unit_are_named() -> None:
    """0.4 A for two days are 19 %, and the unit counts nothing below half an ampere."""
    track = feed(TrackEstimator("t"), Truth(soc_pct=99.0).run(300, steady(FULL_A)))
    for n in range(0, 48 * 3600, 30):
        at_s = 1302.0 + n
        pack = Pack(current_a=-0.4, soc_pct=100.0, nominal_ah=100.0, remaining_ah=99.0)
        track.pack(at_s, time_ms(at_s), pack)
    assert track.soc_estimates().why is Why.SMALL_CURRENTS


@settings(max_examples=30)
@given(
    st.integers(5, 500),
    st.sampled_from([-655.0, 327.67, -40.0, float("nan"), float("inf"), 0.0]),
    st.sampled_from([0.0, 3.0, 255.0, 100.0]),
    st.sampled_from([0.0, 655.35, 1e9]),
)
def test_one_garbage_reading_does_not_bend_anything(at: int, amps: float, told: float, ah: float) -> None:
    readings = list(Truth(soc_pct=60.0).run(1200, steady(-10.0)))
    where = next(i for i in range(2 * at, len(readings)) if isinstance(readings[i][1], Pack))
    before = feed(TrackEstimator("t"), readings)
    clean = before.soc_estimates()
    at_s, reading = readings[where]
    assert isinstance(reading, Pack)
    garbage = replace(reading, current_a=amps, soc_pct=told, nominal_ah=ah, remaining_ah=ah)
    readings[where] = (at_s, garbage)
    after = feed(TrackEstimator("t"), readings)
    bent = after.soc_estimates()
    assert bent.reported.value == clean.reported.value
    assert bent.counted.value == pytest.approx(clean.counted.value, abs=0.1)
    assert bent.anchor is clean.anchor
    assert bent.why is Why.AGREE
    left_s, bent_s = before.look(0.0).forecast.empty.mean_s, after.look(0.0).forecast.empty.mean_s
    assert left_s is not None
    assert bent_s == pytest.approx(left_s, rel=0.06)


def test_a_gap_is_bridged_by_the_units_own_count_and_widens_the_band() -> None:
    battery, track = full_then_used(2, hours=1.0)
    before = track.soc_estimates().counted.error
    battery.amps = -10.0
    battery.pass_time(battery.at_s + 2 * 3600)  # nobody listens
    soc = feed(track, battery.run(60, steady(-10.0))).soc_estimates()
    assert soc.counted.value is not None and soc.counted.error is not None and before is not None
    assert abs(soc.counted.value - battery.pack_soc_pct) <= soc.counted.error
    assert soc.counted.error > before


def test_a_gap_that_nothing_bridges_ends_the_count() -> None:
    track = TrackEstimator("t")
    for at_s in (0.0, 2.0, 4.0, 1000.0, 1002.0, 1004.0):
        track.pack(at_s, time_ms(at_s), Pack(current_a=-5.0, nominal_ah=100.0))
        if at_s == 4.0:
            track.soc.set_anchor(Anchor.FULL, 100.0, 2.0, track.counter)
            assert track.soc_estimates().counted.value == 100.0
    soc = track.soc_estimates()
    assert (soc.counted.value, soc.counted.reason) == (None, Reason.GAP)


def test_without_readings_there_is_nothing_but_reasons() -> None:
    soc = TrackEstimator("t").soc_estimates()
    assert (soc.reported.reason, soc.counted.reason, soc.rest.reason) == (
        Reason.NO_DATA,
        Reason.NO_CURRENT,
        Reason.NOT_AT_REST,
    )
    assert soc.drift_sure_pct is None
