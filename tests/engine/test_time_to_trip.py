"""How long until the next limit: straight lines through real numbers, and silence where nothing is known."""

import pytest

from tests.engine.test_alert_rules import Engine, cleared, raised
from tui.engine.alert_limits import Limits
from tui.engine.time_to_trip import TimeToTrip
from tui.model.alert import Trip
from tui.model.events import TripsForeseen
from tui.model.link import Phase
from tui.model.sample import Cells, Pack
from tui.model.settings import AlertSettings
from tui.model.track import Setup


def follower(**said: int) -> TimeToTrip:
    return TimeToTrip(Limits(AlertSettings(tuple(said.items()))).of(Setup("left"), {}))


def falling(trip: TimeToTrip, begin_mv: float, mv_per_s: float, seconds: int = 120) -> tuple[Trip, ...]:
    """Two cells, the first steady, a reading every 2 s."""
    for s in range(0, seconds + 1, 2):
        trip.cells(1000.0 + s, (3300, round(begin_mv + mv_per_s * s)))
    return trip.trips


@pytest.mark.parametrize(
    ("begin_mv", "mv_per_s", "key", "limit", "left_s"),
    [
        (3236, -0.3, "cell-low", 3.1, (3236 - 36 - 3100) / 0.3),  # to the first limit, not the worst
        (3036, -0.3, "cell-low", 2.9, (3036 - 36 - 2900) / 0.3),  # beyond one: to the next
        (3440, 0.5, "cell-high", 3.55, (3550 - 3500) / 0.5),
    ],
)
def test_each_cell_to_its_next_limit(
    begin_mv: float, mv_per_s: float, key: str, limit: float, left_s: float
) -> None:
    (trip,) = falling(follower(), begin_mv, mv_per_s)
    assert (trip.key, trip.where, trip.limit) == (key, 2, limit)
    assert trip.left_s(1120.0) == pytest.approx(left_s, rel=0.05)


@pytest.mark.parametrize(("begin_mv", "mv_per_s"), [(3300, 0.0), (3300, -0.01), (3300, -0.05), (2400, -0.3)])
def test_steady_slow_or_beyond_the_last_limit_is_nothing(begin_mv: float, mv_per_s: float) -> None:
    """Noise, more than an hour away, or no limit ahead."""
    assert falling(follower(), begin_mv, mv_per_s) == ()


def test_too_few_readings_say_nothing_and_a_gap_begins_anew() -> None:
    trip = follower()
    assert falling(trip, 3236, -0.3, seconds=28) == ()
    trip.cells(1200.0, (3300, 3150))
    assert trip.trips == ()


def test_the_pack_by_its_charge_and_by_its_voltage() -> None:
    """Charge: 25 % to 20 % of 100 Ah at 20 A are a quarter of an hour."""
    trip = follower(pack_low_enabled=1)
    for s in range(0, 121, 2):
        trip.pack(1000.0 + s, Pack(pack_v=41.2 - s * 0.005, current_a=-20.0, soc_pct=25.0, nominal_ah=100.0))
    by_key = {t.key: t for t in trip.trips}
    assert by_key["soc-low"].left_s(1120.0) == pytest.approx(900.0)
    assert by_key["pack-low"].left_s(1120.0) == pytest.approx(120.0, rel=0.05)
    assert all(t.where is None for t in trip.trips)
    assert [t.key for t in trip.trips] == ["pack-low", "soc-low"]


def test_at_rest_or_with_parts_unknown_the_charge_says_nothing() -> None:
    for pack in (
        Pack(pack_v=52.0, current_a=0.0, soc_pct=25.0, nominal_ah=100.0),
        Pack(pack_v=52.0, current_a=-20.0, soc_pct=25.0),
        Pack(pack_v=52.0, current_a=-20.0, nominal_ah=100.0),
    ):
        trip = follower()
        trip.pack(1000.0, pack)
        assert trip.trips == ()


def test_a_cell_that_will_soon_be_cut_off_warns_before() -> None:
    """An audible warning before the BMS would cut off: five minutes before a critical limit."""
    engine = Engine(imbalance_enabled=0)
    mv = 2999.0
    told = []
    while mv > 2830:
        mv -= 1.0  # half a millivolt a second
        told += engine.read(Cells((2998, round(mv))))
    warnings = [alert for alert in raised(told) if alert.key == "trip-low"]
    assert warnings
    first = warnings[0]
    assert (first.where, first.limit, first.unit, first.type) == (2, 5, "min", 406)
    assert first.value is not None and first.value < 5
    assert len({alert.number for alert in warnings}) == 1
    steady = engine.read(*[Cells((2998, 2830))] * 160)
    assert "trip-low" in cleared(steady)


def test_a_lost_link_foresees_nothing() -> None:
    engine = Engine()
    for n in range(80):
        engine.read(Cells((3300, 3200 - n)))
    track = engine.fleet.track("left")
    assert track is not None
    assert [t.where for t in track.trips] == [2]
    assert TripsForeseen("left", ()) in engine.phase(Phase.LOST)


def test_a_wire_that_opens_or_closes_is_no_movement_of_the_cell() -> None:
    """From 0 V back to 3.3 V in one step is not the way to 3.65 V."""
    trip = follower()
    for s in range(0, 121, 2):
        trip.cells(1000.0 + s, (3300, 0 if s < 60 else 3300))
    assert trip.trips == ()
    for s in range(122, 241, 2):
        trip.cells(1000.0 + s, (3300, 0))
    assert trip.trips == ()


def test_what_turned_round_is_no_longer_foreseen() -> None:
    """The charger has gone: the line through two minutes still rises, the cell does not."""
    trip = follower()
    (found,) = falling(trip, 3440, 0.5)
    assert found.key == "cell-high"
    for s in range(122, 153, 2):
        trip.cells(1000.0 + s, (3300, 3480 - (s - 122) // 4))
    assert trip.trips == ()
