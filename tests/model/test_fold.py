"""fold(fleet, event): what a user sees after something happened."""

from dataclasses import replace

import pytest

from tui.model.alert import Alert, Severity
from tui.model.events import (
    AlertCleared,
    AlertRaised,
    EngineFound,
    EngineLost,
    FleetStarted,
    LinkChanged,
    PollingSwitched,
    SampleRead,
    StorageChanged,
    TrafficCounted,
)
from tui.model.fleet import NOTES_KEPT, Fleet, Lamp
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase, State, Traffic
from tui.model.sample import Cells, Counters, Identity, Pack, Protection
from tui.model.track import Battery, Setup, Track

UP = Link(Phase.UP)


def started(*names: str) -> Fleet:
    """A fleet with tracks of these names."""
    return fold(Fleet(), FleetStarted(tuple(Setup(n) for n in names), pid=7))


def read(fleet: Fleet, track: str, at_s: float, reading: Pack | Cells | Identity | Counters) -> Fleet:
    """The fleet after a reading; wall time is made up from the steady clock."""
    return fold(fleet, SampleRead(track, at_s, int(at_s * 1000), reading))


def only(fleet: Fleet) -> Track:
    """The one track."""
    (track,) = fleet.tracks
    return track


def test_two_tracks_are_kept_apart() -> None:
    """S0-2: a reading of the left track leaves the right one alone."""
    fleet = read(started("left", "right"), "left", 1.0, Pack(pack_v=53.1))
    left, right = fleet.tracks
    assert left.pack.pack_v == 53.1
    assert right == started("left", "right").tracks[1]


def test_every_event_is_a_new_version() -> None:
    """Screens look at the version to know whether to draw."""
    fleet = started("left")
    for event in (
        SampleRead("left", 1, 1, Pack()),
        LinkChanged("left", 1, 1, UP),
        SampleRead("nobody", 1, 1, Pack()),
    ):
        newer = fold(fleet, event)
        assert newer.version == fleet.version + 1
        fleet = newer


def test_nothing_is_known_before_the_first_reading() -> None:
    """CL-6: no value is made up for a track that never answered."""
    track = only(started("left"))
    assert track.pack == Pack() and track.cells == Cells()
    assert track.pack_age_s(99) is None and track.cells_age_s(99) is None
    assert track.state(99) is State.CONNECTING


def test_totals_and_cells_age_apart() -> None:
    """When the cell answers stop, the cells get old although the totals are new."""
    fleet = read(started("left"), "left", 1.0, Cells((3300, 3310)))
    fleet = read(fleet, "left", 60.0, Pack(pack_v=13.2))
    track = only(fleet)
    assert (track.pack_age_s(61.0), track.cells_age_s(61.0)) == (1.0, 60.0)
    assert not track.is_stale(track.pack_age_s(61.0))
    assert track.is_stale(track.cells_age_s(61.0))


def test_live_turns_stale_after_three_missed_polls_without_any_event() -> None:
    """Stale is computed when looking: a dead link needs no message."""
    fleet = fold(started("left"), LinkChanged("left", 0.0, 0, UP))
    track = only(read(fleet, "left", 10.0, Pack(pack_v=13.2)))
    assert track.state(10.0 + 3 * track.setup.poll_s) is State.LIVE
    assert track.state(10.0 + 3 * track.setup.poll_s + 1.1) is State.STALE


def test_link_phases_are_said_in_words() -> None:
    """Asleep, lost and connecting win over the age of the values."""
    for phase, state in ((Phase.ASLEEP, State.ASLEEP), (Phase.LOST, State.LOST), (Phase.TAP, State.LOST)):
        fleet = read(started("left"), "left", 1.0, Pack(pack_v=13.2))
        fleet = fold(fleet, LinkChanged("left", 1.0, 1000, Link(phase, cause=Cause("port-unplugged"))))
        assert only(fleet).state(1.1) is state


def test_identity_comes_in_pieces() -> None:
    """A later answer adds to what is known and takes nothing away."""
    fleet = read(started("left"), "left", 1.0, Identity(hardware="JBD-SP04S020"))
    fleet = read(fleet, "left", 2.0, Identity(firmware="8.0"))
    assert only(fleet).identity == Identity(hardware="JBD-SP04S020", firmware="8.0")


def test_a_simulated_device_is_known_by_its_name() -> None:
    """Never invent data: a simulated pack says so even when it is set up like a real one."""
    assert only(read(started("left"), "left", 1.0, Identity(hardware="PACKDECK-SIM 4S"))).simulated
    assert not only(read(started("left"), "left", 1.0, Identity(hardware="JBD-SP04S020"))).simulated


def test_what_the_battery_does() -> None:
    """X-10, X-11: positive charges, negative discharges, and the words for the rest."""
    for pack, battery in (
        (Pack(), Battery.UNKNOWN),
        (Pack(current_a=12.4), Battery.CHARGING),
        (Pack(current_a=-8.1), Battery.DISCHARGING),
        (Pack(current_a=0.0), Battery.IDLE),
        (Pack(current_a=0.0, balancing=(3,)), Battery.BALANCING),
        (Pack(current_a=0.01, soc_pct=100), Battery.FULL),
        (Pack(current_a=0.0, protections=(Protection.CELL_OVERVOLTAGE,)), Battery.FAULT),
        (Pack(current_a=0.0, protections=(Protection.MOSFET_SOFTWARE_LOCK,)), Battery.IDLE),
    ):
        assert only(read(started("left"), "left", 1.0, pack)).battery is battery


def test_time_left_needs_a_current_and_a_capacity() -> None:
    """CL-44: hours to full or empty at this current, nothing at rest."""
    half = Pack(current_a=-10.0, remaining_ah=50.0, nominal_ah=100.0)
    assert Track(Setup("left"), pack=half).hours_left == 5.0
    assert Track(Setup("left"), pack=replace(half, current_a=25.0)).hours_left == 2.0
    assert Track(Setup("left"), pack=replace(half, current_a=0.0)).hours_left is None
    assert Track(Setup("left"), pack=replace(half, remaining_ah=None)).hours_left is None


def test_a_unit_without_soc_gets_an_estimate_that_says_so() -> None:
    """CL-2: from the cell voltages, labelled, and only when the unit reports none."""
    cells = Cells((3200, 3425))
    track = Track(Setup("left"), pack=Pack(pack_v=6.6), cells=cells)
    assert track.soc_pct == pytest.approx(62.5) and track.soc_is_estimated
    reported = Track(Setup("left"), pack=Pack(soc_pct=71), cells=cells)
    assert reported.soc_pct == 71 and not reported.soc_is_estimated
    assert Track(Setup("left")).soc_pct is None


def test_four_cells_are_assumed_until_the_unit_says() -> None:
    """S0-11: four cells by default, then what the unit reports."""
    fleet = started("left")
    assert only(fleet).cell_count == 4
    assert only(read(fleet, "left", 1.0, Pack(cell_count=8))).cell_count == 8
    assert only(read(fleet, "left", 1.0, Cells((3300,) * 16))).cell_count == 16


def test_one_of_two_live_is_amber() -> None:
    """S0-30: connected with one track, but the lamp is amber, not green."""
    fleet = started("left", "right")
    for name in ("left", "right"):
        fleet = fold(fleet, LinkChanged(name, 0.0, 0, UP))
    fleet = read(fleet, "left", 1.0, Pack(pack_v=13.2))
    assert (fleet.live_count(1.5), fleet.lamp("uart", 1.5)) == (1, Lamp.WARNING)
    both = read(fleet, "right", 1.0, Pack(pack_v=13.2))
    assert both.lamp("uart", 1.5) is Lamp.OK
    assert both.lamp("uart", 60.0) is Lamp.ERROR
    assert both.lamp("can", 1.5) is Lamp.UNKNOWN


def test_the_lamp_of_the_disk_says_whether_everything_is_written() -> None:
    """S0-30: on while it writes, amber when it cannot, off where nothing is kept or nobody knows."""
    fleet = started("left")
    assert fleet.lamp("disk", 1.5) is Lamp.UNKNOWN
    fleet = fold(fleet, StorageChanged(True))
    assert fleet.lamp("disk", 1.5) is Lamp.OK
    assert fold(fleet, StorageChanged(False)).lamp("disk", 1.5) is Lamp.WARNING
    assert fold(fleet, StorageChanged(None)).lamp("disk", 1.5) is Lamp.UNKNOWN
    assert fold(fleet, EngineLost(1.0, 6.0)).lamp("disk", 1.5) is Lamp.UNKNOWN
    assert (fleet.lamp("mqtt", 1.5), fleet.lamp("api", 1.5)) == (Lamp.UNKNOWN, Lamp.UNKNOWN)


def test_without_its_engine_nothing_is_live() -> None:
    """A screen that lost its engine keeps the values and calls none of them live."""
    fleet = fold(started("left"), LinkChanged("left", 0.0, 0, UP))
    fleet = read(fleet, "left", 1.0, Pack(pack_v=13.2))
    lost = fold(fold(fleet, EngineLost(5.0, 10.0)), EngineLost(10.0, 15.0))
    assert lost.state(only(lost), 1.1) is State.LOST
    assert only(lost).pack.pack_v == 13.2
    assert (lost.engine.lost_at_s, lost.engine.retry_at_s) == (5.0, 15.0)
    found = fold(lost, EngineFound(pid=8, offset_s=2.5))
    assert found.state(only(found), 1.1) is State.LIVE
    assert found.engine.offset_s == 2.5


def test_alerts_stay_until_they_are_cleared_worst_first() -> None:
    """An alert is there once, however often it is raised, and leaves a note when it ends."""
    warning = Alert("left", "cell-high", Severity.WARNING, where=3, since_s=1.0)
    critical = Alert("left", "cell-low", Severity.CRITICAL, where=2, since_s=2.0)
    fleet = started("left")
    for alert in (warning, critical, warning):
        fleet = fold(fleet, AlertRaised(alert))
    assert fleet.alerts == (critical, warning)
    fleet = fold(fleet, AlertCleared(critical, 3000))
    assert fleet.alerts == (warning,)
    assert [n.key for n in fleet.notes] == ["alert-cleared", "alert-raised", "alert-raised"]


def test_what_happened_is_noted_newest_first_and_bounded() -> None:
    """CL-27: the list of events, such as charge, rest, link changes, holds 200; never endless."""
    fleet = started("left")
    for i in range(240):
        fleet = read(fleet, "left", float(i), Pack(current_a=10.0 if i % 2 else -10.0))
    assert len(fleet.notes) == NOTES_KEPT == 200
    assert fleet.notes[0].key == "battery-charging"
    assert fleet.notes[0].time_ms > fleet.notes[-1].time_ms


def test_traffic_and_polling_reach_the_screen() -> None:
    """Counters and the standby word come the same way as everything else."""
    fleet = fold(started("left"), TrafficCounted("left", Traffic(requests=3, bad_checksum=1)))
    fleet = fold(fleet, PollingSwitched(False, 1000))
    assert only(fleet).link.traffic.bad_checksum == 1
    assert not fleet.polling
