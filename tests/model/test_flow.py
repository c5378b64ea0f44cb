"""Whether a battery charges, discharges or rests, and that noise does not flip it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.events import FleetStarted, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.sample import Pack
from tui.model.track import Battery, Setup, Track

NOISE_A = 0.1  # row S1-18


def states(*currents_a: float | None) -> list[Battery]:
    """What the battery did at each reading."""
    fleet = fold(Fleet(), FleetStarted((Setup("left"),), 1))
    seen = []
    for n, current_a in enumerate(currents_a):
        fleet = fold(
            fleet, SampleRead("left", n, n, Pack(current_a=current_a, remaining_ah=50.0, nominal_ah=100.0))
        )
        seen.append(fleet.tracks[0].battery)
    return seen


def test_noise_at_rest_is_rest() -> None:
    """S1-18, X-11: idle is about 0 A, give or take 0.1 A."""
    assert set(states(0.0, *[0.1, -0.1] * 20)) == {Battery.IDLE}
    assert set(states(*[-0.1, 0.1] * 20)) == {Battery.IDLE}, "also as the first reading"


@given(st.floats(-40.0, 40.0), st.lists(st.floats(-NOISE_A, NOISE_A), min_size=1, max_size=60))
def test_no_steady_current_flips_with_noise(mean_a: float, noise_a: list[float]) -> None:
    """X-11: at most one change, from whatever was before to what it is."""
    for before_a in (0.0, 10.0, -10.0):
        seen = states(before_a, *(mean_a + one for one in noise_a))
        changes = sum(a is not b for a, b in pairwise(seen))
        assert changes <= 2, (seen, "at most through rest to the other way")


@pytest.mark.parametrize("mean_a", [n / 100 for n in range(-50, 51)])
def test_no_current_near_a_limit_flips_again_and_again(mean_a: float) -> None:
    noisy = [mean_a + (NOISE_A if n % 2 else -NOISE_A) for n in range(40)]
    for before_a in (0.0, 5.0, -5.0):
        assert len(set(states(before_a, *noisy)[3:])) == 1, (mean_a, before_a)


def test_a_real_current_is_seen_at_once_in_either_direction() -> None:
    assert states(0.0, 0.3, -0.3, 0.0) == [
        Battery.IDLE,
        Battery.CHARGING,
        Battery.DISCHARGING,
        Battery.IDLE,
    ]
    assert states(0.3, None, 0.3) == [Battery.CHARGING, Battery.UNKNOWN, Battery.CHARGING]


def test_a_small_load_goes_on_until_it_ends() -> None:
    """What flows already is not called rest for being small."""
    assert states(-5.0, -0.2, -0.08, -0.2, -0.05) == [*[Battery.DISCHARGING] * 4, Battery.IDLE]


def test_there_is_no_time_left_while_it_rests() -> None:
    """No 500 hours that come and go with the noise."""
    fleet = fold(Fleet(), FleetStarted((Setup("left"),), 1))
    for n, current_a in enumerate((0.0, -0.2, 0.2)):
        pack = Pack(current_a=current_a, remaining_ah=50.0, nominal_ah=100.0)
        fleet = fold(fleet, SampleRead("left", n, n, pack))
        assert fleet.tracks[0].hours_left is None
    assert Track(Setup("left"), pack=Pack(current_a=0.0, remaining_ah=5.0)).hours_left is None
    assert Track(Setup("left"), pack=Pack(current_a=-1.0, remaining_ah=5.0)).hours_left == 5.0
