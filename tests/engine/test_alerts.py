"""Which alerts begin and end on which readings."""

import pytest

from tui.engine.alerts import judge
from tui.model.alert import Alert, Severity
from tui.model.events import AlertCleared, AlertRaised
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase
from tui.model.sample import Cells, Pack, Protection
from tui.model.track import Setup, Track


class Judge:
    """Keeps the alerts of one track over several readings, as the engine does."""

    def __init__(self, chemistry: str = "") -> None:
        self.setup = Setup("left", chemistry=chemistry)
        self.fleet = Fleet()
        self.now_s = 100.0

    def see(self, track: Track) -> list[AlertRaised | AlertCleared]:
        self.now_s += 2.0
        events = judge(track, self.fleet.alerts, self.now_s, int(self.now_s * 1000))
        for event in events:
            self.fleet = fold(self.fleet, event)
        return events

    def cells(self, *mv: int) -> list[AlertRaised | AlertCleared]:
        return self.see(Track(self.setup, cells=Cells(mv)))

    def active(self) -> list[tuple[str, int | None, Severity]]:
        return [(a.key, a.where, a.severity) for a in self.fleet.alerts]


@pytest.mark.parametrize(
    ("mv", "key", "severity", "limit"),
    [
        (2999, "cell-low", Severity.CRITICAL, 3.00),
        (3000, "cell-low", Severity.WARNING, 3.10),
        (3099, "cell-low", Severity.WARNING, 3.10),
        (3100, None, None, None),
        (3549, None, None, None),
        (3550, "cell-high", Severity.WARNING, 3.55),
        (3649, "cell-high", Severity.WARNING, 3.55),
        (3650, "cell-high", Severity.CRITICAL, 3.65),
    ],
)
def test_limits_of_a_cell(mv: int, key: str | None, severity: Severity | None, limit: float | None) -> None:
    """CL-1: status by voltage, and the upper side."""
    judge_ = Judge()
    events = judge_.cells(3300, mv, 3300)
    if key is None or severity is None:
        assert events == []
        return
    alert = Alert("left", key, severity, 2, mv / 1000, limit, since_s=102.0, since_ms=102000)
    assert events == [AlertRaised(alert)]


def test_an_alert_is_raised_once_and_cleared_once() -> None:
    judge_ = Judge()
    assert len(judge_.cells(3090)) == 1
    assert judge_.cells(3091) == []
    (end,) = judge_.cells(3300)
    assert isinstance(end, AlertCleared)
    assert end.alert.id == ("left", "cell-low", 1)
    assert judge_.cells(3300) == []


def test_a_voltage_that_dances_around_its_limit_does_not_flap() -> None:
    """Ten millivolts of hysteresis, on both sides and between warning and critical."""
    judge_ = Judge()
    assert sum(len(judge_.cells(mv)) for mv in (3099, 3101, 3098, 3105, 3109)) == 1
    assert [type(e) for e in judge_.cells(3110)] == [AlertCleared]
    judge_ = Judge()
    assert sum(len(judge_.cells(mv)) for mv in (3550, 3549, 3545, 3541)) == 1
    assert [type(e) for e in judge_.cells(3539)] == [AlertCleared]
    judge_ = Judge()
    judge_.cells(2999)
    assert judge_.cells(3005) == []
    assert judge_.active() == [("cell-low", 1, Severity.CRITICAL)]
    judge_.cells(3011)
    assert judge_.active() == [("cell-low", 1, Severity.WARNING)]


def test_growing_worse_keeps_the_beginning() -> None:
    judge_ = Judge()
    judge_.cells(3050)
    judge_.cells(2900)
    (alert,) = judge_.fleet.alerts
    assert (alert.severity, alert.value, alert.since_s) == (Severity.CRITICAL, 2.9, 102.0)


def test_a_value_that_moves_on_is_told_again() -> None:
    judge_ = Judge()
    judge_.cells(3090)
    judge_.cells(3060)
    assert judge_.fleet.alerts[0].value == 3.06


def test_every_cell_has_its_own_alert() -> None:
    judge_ = Judge()
    judge_.cells(2900, 3300, 3700)
    assert sorted(judge_.active()) == [
        ("cell-high", 3, Severity.CRITICAL),
        ("cell-low", 1, Severity.CRITICAL),
    ]


@pytest.mark.parametrize(("chemistry", "count"), [("LFP", 1), ("LiFePO4", 1), ("", 1), ("NMC", 0)])
def test_the_limits_are_those_of_lifepo4(chemistry: str, count: int) -> None:
    assert len(Judge(chemistry).cells(3900)) == count


@pytest.mark.parametrize("mv", [0, 5001])
def test_an_open_sense_wire_is_not_called_an_empty_cell(mv: int) -> None:
    judge_ = Judge()
    judge_.cells(3300, mv)
    assert judge_.active() == [("cell-wire", 2, Severity.WARNING)]


def test_protections_are_alerts_as_long_as_they_act() -> None:
    judge_ = Judge()
    acting = Track(
        judge_.setup, pack=Pack(protections=(Protection.SHORT_CIRCUIT, Protection.CELL_UNDERVOLTAGE))
    )
    judge_.see(acting)
    assert sorted(judge_.active()) == [
        ("protection-cell-undervoltage", None, Severity.CRITICAL),
        ("protection-short-circuit", None, Severity.CRITICAL),
    ]
    assert judge_.see(acting) == []
    judge_.see(Track(judge_.setup, pack=Pack()))
    assert judge_.active() == []


def test_switches_turned_off_by_a_person_are_no_alert() -> None:
    judge_ = Judge()
    off = Track(judge_.setup, pack=Pack(protections=(Protection.MOSFET_SOFTWARE_LOCK,)))
    assert judge_.see(off) == []


@pytest.mark.parametrize("phase", list(Phase))
def test_a_link_that_is_down_is_an_alert(phase: Phase) -> None:
    judge_ = Judge()
    judge_.see(Track(judge_.setup, Link(phase, cause=Cause("port-unplugged"))))
    down = phase in (Phase.LOST, Phase.TAP, Phase.ASLEEP)
    assert judge_.active() == ([("link-lost", None, Severity.WARNING)] if down else [])
    judge_.see(Track(judge_.setup, Link(Phase.UP)))
    assert judge_.active() == []


def test_alerts_of_the_other_track_stay() -> None:
    judge_ = Judge()
    right = Alert("right", "link-lost", Severity.WARNING)
    judge_.fleet = fold(judge_.fleet, AlertRaised(right))
    judge_.cells(3300)
    assert judge_.fleet.alerts == (right,)
