"""S1-82, capability "you can trust the number": resistance of each cell from natural load steps."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.truth import Reading, Truth, household, steady, time_ms
from tui.engine.counting import Counter
from tui.engine.resistance import Resistances
from tui.model.estimate import Method, Reason
from tui.model.sample import Cells, Pack


def fed(readings: "list[Reading] | object", known: Resistances | None = None) -> Resistances:
    found, counter = known or Resistances(), Counter()
    for at_s, reading in readings:  # type: ignore[attr-defined]
        if isinstance(reading, Cells):
            found.cells(at_s, reading)
        elif counter.add(at_s, reading):
            found.pack(at_s, counter.current_a, reading, counter.nominal_ah, time_ms(at_s))
    return found


def of_seed(seed: int, **truth: object) -> tuple[Truth, list[Reading]]:
    draw = random.Random(seed)
    mohm = tuple(draw.uniform(0.2, 3.0) for _ in range(4))
    battery = Truth(seed, mohm=mohm, gain=1 + draw.gauss(0, 0.007), offset_a=draw.gauss(0, 0.02), **truth)  # type: ignore[arg-type]
    return battery, list(battery.run(1800, household(draw)))


def test_the_truth_lies_in_the_band_in_nine_of_ten_runs() -> None:
    inside = total = 0
    widths = []
    for seed in range(40):
        battery, readings = of_seed(seed)
        found = fed(readings)
        for cell in range(4):
            estimate, _ = found.look(cell + 1)
            assert estimate.value is not None and estimate.error is not None
            assert estimate.method is Method.LOAD_STEPS
            inside += abs(estimate.value - battery.mohm[cell]) <= estimate.error
            total += 1
            widths.append(estimate.error / battery.mohm[cell])
    assert inside / total >= 0.9
    assert sorted(widths)[len(widths) // 2] < 0.15  # and the band is worth something


def test_with_changing_temperature_it_is_the_resistance_at_the_temperature_it_names() -> None:
    inside = total = 0
    for seed in range(20):
        battery, readings = of_seed(seed, warm=lambda at_s: 15 + (at_s - 1000) / 180, per_k=-0.01)
        found = fed(readings)
        for cell in range(4):
            estimate, warm_c = found.look(cell + 1)
            assert estimate.value is not None and estimate.error is not None and warm_c is not None
            assert 15 < warm_c < 25
            truth = battery.mohm[cell] * (1 - 0.01 * (warm_c - 25))
            inside += abs(estimate.value - truth) <= estimate.error
            total += 1
    assert inside / total >= 0.9


@settings(max_examples=40)
@given(
    st.integers(0, 850),
    st.sampled_from([0, 1, 2900, 3600, 4999, 65535]),
    st.sampled_from([0.0, -327.68, 327.67, 25.0]),
    st.booleans(),
)
def test_one_garbage_reading_does_not_bend_it(at: int, mv: int, amps: float, is_pack: bool) -> None:
    readings = READINGS.copy()
    kind = Pack if is_pack else Cells
    where = next(i for i in range(2 * at, len(readings)) if isinstance(readings[i][1], kind))
    at_s, reading = readings[where]
    if isinstance(reading, Pack):
        readings[where] = (at_s, replace(reading, current_a=amps))
    else:
        readings[where] = (at_s, Cells((reading.mv[0], mv, *reading.mv[2:])))
    found = fed(readings)
    for number in range(1, 5):
        now, before = found.look(number)[0], CLEAN.look(number)[0]
        assert now.value is not None and before.value is not None and before.error is not None
        assert abs(now.value - before.value) <= before.error / 2


READINGS = of_seed(7)[1]
CLEAN = fed(READINGS)


def test_without_steps_there_is_nothing() -> None:
    found = fed(Truth().run(1800, steady(-10.0)))
    estimate, warm_c = found.look(1)
    assert (estimate.value, estimate.reason, warm_c) == (None, Reason.NO_STEPS, None)


def test_totals_and_cells_of_different_moments_are_not_mixed() -> None:
    """A load that changes within every poll leaves no reading with a known current."""
    draw = random.Random(3)
    found = fed(Truth().run(1800, iter(lambda: (draw.uniform(0.3, 1.5), draw.uniform(-40, 0)), None)))
    estimates = [found.look(n)[0] for n in range(1, 5)]
    for estimate, truth in zip(estimates, Truth().mohm, strict=True):
        assert estimate.value is None or abs(estimate.value - truth) <= 2 * (estimate.error or 0.0)


def test_a_real_change_is_found_again() -> None:
    """A terminal works loose: the first steps look like garbage, and are not for long."""
    draw = random.Random(5)
    battery = Truth(5)
    found = fed(battery.run(1800, household(draw)))
    battery.mohm = (*battery.mohm[:3], 6.0)
    found = fed(battery.run(3600, household(draw)), found)
    estimate, _ = found.look(4)
    assert estimate.value is not None and abs(estimate.value - 6.0) <= 2 * (estimate.error or 0.0)


def test_a_cell_whose_bleeding_was_switched_is_left_out() -> None:
    readings: list[Reading] = []
    for n in range(40):
        amps, bled = (-20.0, (2,)) if n % 4 < 2 else (-5.0, ())
        readings.append((n * 2.0, Pack(current_a=amps, nominal_ah=100.0, balancing=bled)))
        readings.append((n * 2.0 + 0.1, Cells((3300 + int(amps), 3300 + int(amps)))))
    found = fed(readings)
    assert found.look(1)[0].value is not None
    assert found.look(2)[0].reason is Reason.NO_STEPS


def test_the_trend_of_many_days_is_found() -> None:
    """2 % more every 30 days."""
    found, draw = Resistances(), random.Random(9)
    battery = Truth(9, mohm=(0.5, 0.6, 0.7, 2.0))
    for day in range(40):
        battery.at_s = 86_400.0 * (day + 1)
        battery.ah = 0.0
        battery.mohm = tuple(r * (1 + 0.02 / 30 * day) for r in (0.5, 0.6, 0.7, 2.0))
        found = fed(battery.run(900, household(draw)), found)
    trend = found.trend(4)
    assert trend.value is not None and trend.error is not None
    assert abs(trend.value - 2.0) <= max(trend.error, 0.3)
    assert trend.method is Method.LINE
    assert found.trend(9).reason is Reason.FEW_DAYS


def test_it_survives_a_restart() -> None:
    kept, again = CLEAN.to_json(), Resistances()
    again.from_json(kept, 500.0)
    for number in range(1, 5):
        (old, old_c), (new, new_c) = CLEAN.look(number), again.look(number)
        assert (old.value, old.error, old.n, old_c) == (new.value, new.error, new.n, new_c)
        assert old.at_s is not None and new.at_s == old.at_s + 500.0
