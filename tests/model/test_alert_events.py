"""What events about alerts make of the fleet."""

from dataclasses import replace

from tui.model.alert import Alert, AlertRecord, Severity, Status, Trip
from tui.model.events import (
    AlertAcknowledged,
    AlertLogged,
    AlertRaised,
    AlertsSilenced,
    FleetStarted,
    TripsForeseen,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.track import Setup

LOW = Alert("left", "cell-low", Severity.WARNING, 3, 3.05, 3.1, since_ms=1000, number=4)
START = fold(Fleet(), FleetStarted((Setup("left"),), 1))


def test_acknowledging_adds_who_and_when_and_nothing_else() -> None:
    """S4-37: status 1. An acknowledgement that is late does not bring an old value back."""
    moved = replace(LOW, value=2.9)
    fleet = fold(fold(START, AlertRaised(LOW)), AlertRaised(moved))
    seen = AlertAcknowledged(replace(LOW, acknowledged_by="anna", acknowledged_ms=5000))
    fleet = fold(fleet, seen)
    (alert,) = fleet.alerts
    assert alert == replace(moved, acknowledged_by="anna", acknowledged_ms=5000)
    assert alert.status is Status.ACKNOWLEDGED
    assert (fleet.notes[0].key, dict(fleet.notes[0].args)["who"]) == ("alert-acknowledged", "anna")


def test_an_acknowledgement_of_an_earlier_one_is_not_that_of_the_next() -> None:
    fleet = fold(START, AlertRaised(replace(LOW, number=5)))
    fleet = fold(fleet, AlertAcknowledged(replace(LOW, acknowledged_by="anna", acknowledged_ms=1)))
    assert fleet.alerts[0].status is Status.ACTIVE


def test_information_is_never_active() -> None:
    fleet = fold(START, AlertLogged(Alert("left", "unit-02", Severity.INFO, 2)))
    assert fleet.alerts == ()
    assert dict(fleet.notes[0].args)["alert"] == "unit-02"
    assert fold(START, AlertLogged(Alert("left", "state-idle", Severity.INFO))).notes == START.notes


def test_silence_has_an_end() -> None:
    fleet = fold(START, AlertsSilenced(9000, "anna", 5000))
    assert (fleet.silent_until_ms, fleet.notes[0].key) == (9000, "alerts-silenced")
    fleet = fold(fleet, AlertsSilenced(0, "anna", 6000))
    assert (fleet.silent_until_ms, fleet.notes[0].key) == (0, "alerts-heard")


def test_what_is_foreseen_belongs_to_its_track() -> None:
    trip = Trip("cell-low", 3, 3.15, 3.1, "V", 200.0)
    fleet = fold(START, TripsForeseen("left", (trip,)))
    track = fleet.track("left")
    assert track is not None and track.trips == (trip,)
    assert (trip.left_s(170.0), trip.left_s(300.0)) == (30.0, 0.0)
    assert fold(START, TripsForeseen("nobody", (trip,))).tracks == START.tracks


def test_a_record_knows_its_status_and_how_long_it_lasted() -> None:
    """CL-41."""
    seen = replace(LOW, acknowledged_ms=2000)
    assert [r.status for r in (AlertRecord(LOW), AlertRecord(seen), AlertRecord(seen, 4000))] == [0, 1, 2]
    assert (AlertRecord(LOW).lasted_ms, AlertRecord(LOW, 4000).lasted_ms) == (None, 3000)


def test_what_is_over_names_its_worst_value_and_comes_after_what_holds() -> None:
    """S4-38: "3.304 V < 2.500 V" would be no true sentence, and would hide what is wrong now."""
    over = replace(LOW, value=3.304, worst=2.4, limit=2.5, ended_ms=9000)
    assert (LOW.args()["value"], over.args()["value"]) == ("3.050", "2.400")
    assert replace(over, worst=None).args()["value"] == "3.304"
    holds = Alert("left", "charge-current-high", Severity.WARNING, since_s=50.0, number=5)
    fleet = fold(fold(START, AlertRaised(over)), AlertRaised(holds))
    assert [alert.number for alert in fleet.alerts] == [5, 4]
    worse = replace(over, severity=Severity.CRITICAL)
    assert fold(fleet, AlertRaised(worse)).alerts[0].number == 4, "how bad it is still comes first"
