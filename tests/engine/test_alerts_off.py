"""Alerts that are switched off say so: silence is no all-clear. And data that became old on any link."""

from dataclasses import replace

import pytest

from tests.engine.test_alert_rules import Engine, cleared, raised
from tui.model.events import AlertsSwitched, TripsForeseen
from tui.model.link import Phase
from tui.model.sample import Cells, Pack


def switched(engine: Engine) -> list[tuple[str, ...]]:
    """What a look at the clock tells about switches."""
    return [event.off for event in engine.tick(1.0) if isinstance(event, AlertsSwitched)]


def test_the_fleet_knows_which_tracks_nobody_judges() -> None:
    """S4-41."""
    engine = Engine(tracks=2, own={"enabled": 0})
    assert switched(engine) == [("left",)]
    assert (engine.fleet.alerts_off, engine.fleet.are_alerts_off) == (("left",), False)
    assert switched(engine) == [], "told once"
    engine.alerts.limits.set("enabled", 0)
    assert switched(engine) == [("left", "right")]
    assert engine.fleet.are_alerts_off
    engine.alerts.limits.set("enabled", 1)
    engine.alerts.limits.set("enabled", 1, "left")
    assert switched(engine) == [()]
    assert not engine.fleet.are_alerts_off


def test_switching_off_ends_everything_without_waiting_for_a_reading() -> None:
    """S4-41: an alert that nobody judges any more would stay for ever on a silent line."""
    engine = Engine()
    engine.phase(Phase.UP)
    engine.read(*[Cells((3050,))] * 2)
    engine.phase(Phase.LOST)
    assert sorted(a.key for a in engine.fleet.alerts) == ["cell-low", "link-lost"]
    engine.alerts.limits.set("enabled", 0)
    told = engine.tick(1.0)
    assert sorted(cleared(told)) == ["cell-low", "link-lost"]
    assert engine.fleet.alerts == ()


def test_what_was_foreseen_is_forgotten_with_the_alerts() -> None:
    engine = Engine()
    engine.phase(Phase.UP)
    for mv in range(3300, 3100, -10):
        engine.read(Cells((mv,)))
    assert engine.fleet.tracks[0].trips
    engine.alerts.limits.set("enabled", 0)
    assert TripsForeseen("left", ()) in engine.tick(1.0)
    assert engine.fleet.tracks[0].trips == ()


def test_a_link_that_is_down_is_told_when_the_alerts_are_switched_on_again() -> None:
    """CL-40: link lost."""
    engine = Engine(enabled=0)
    engine.phase(Phase.LOST)
    engine.tick(1.0)
    assert engine.fleet.alerts == ()
    engine.alerts.limits.set("enabled", 1)
    assert [alert.key for alert in raised(engine.tick(1.0))] == ["link-lost"]


# --- data stale ---


@pytest.fixture
def read() -> Engine:
    """Readings came, all is well."""
    engine = Engine()
    engine.phase(Phase.UP)
    engine.read(Pack(current_a=-4.0), Pack(current_a=-4.0))
    return engine


def test_readings_that_stop_while_connecting_are_told(read: Engine) -> None:
    """CL-40: every frame is damaged, so the link connects for ever; the values are old all the same."""
    read.phase(Phase.CONNECTING)
    assert [alert.key for alert in raised(read.tick(10.0))] == ["data-stale"]
    assert raised(read.tick(600.0)) == []
    assert cleared(read.read(Pack(current_a=-4.0))) == ["data-stale"]


def test_a_lost_link_is_told_once_and_not_as_old_data_too(read: Engine) -> None:
    """No second alert for the same thing, at no new attempt."""
    for phase in (Phase.LOST, Phase.CONNECTING, Phase.LOST, Phase.CONNECTING):
        read.phase(phase)
        read.tick(60.0)
        assert [alert.key for alert in read.fleet.alerts] == ["link-lost"]


def test_a_battery_that_never_spoke_is_not_stale() -> None:
    engine = Engine()
    engine.phase(Phase.CONNECTING)
    assert raised(engine.tick(600.0)) == []


def test_what_was_let_go_of_on_purpose_is_not_stale_nor_just_after(read: Engine) -> None:
    """Lent to a phone, or paused: what was not read in that time is not late."""
    read.phase(Phase.LENT)
    assert raised(read.tick(600.0)) == []
    read.phase(Phase.CONNECTING)
    assert raised(read.tick(2.0)) == []
    assert [alert.key for alert in raised(read.tick(10.0))] == ["data-stale"]


def test_after_a_pause_readings_have_their_time_to_come(read: Engine) -> None:
    read.fleet = replace(read.fleet, polling=False)
    assert raised(read.tick(600.0)) == []
    read.fleet = replace(read.fleet, polling=True)
    assert raised(read.tick(2.0)) == []
    assert [alert.key for alert in raised(read.tick(10.0))] == ["data-stale"]
