"""Alerts of several tracks side by side; the rules themselves are in test_alert_rules."""

from tests.engine.test_alert_rules import Engine, cleared, raised
from tui.model.alert import Alert, Severity
from tui.model.events import LinkChanged, SampleRead
from tui.model.link import Link, Phase
from tui.model.sample import Cells, Pack


def test_every_cell_has_its_own_alert() -> None:
    engine = Engine(imbalance_enabled=0)
    engine.read(*[Cells((2790, 3300, 3700))] * 2)
    assert sorted((a.key, a.where, a.severity) for a in engine.fleet.alerts) == [
        ("cell-high", 3, Severity.CRITICAL),
        ("cell-low", 1, Severity.CRITICAL),
    ]


def test_alerts_of_the_other_track_stay() -> None:
    engine = Engine(tracks=2)
    engine.read(*[Cells((3050,))] * 2, track="right")
    engine.read(*[Cells((3300,))] * 60, track="left")
    assert [(a.track, a.key) for a in engine.fleet.alerts] == [("right", "cell-low")]


def test_a_track_that_nobody_knows_is_left_alone() -> None:
    engine = Engine()
    assert engine.happened(SampleRead("nobody", 1.0, 1000, Cells((2000,)))) == []
    assert engine.happened(LinkChanged("nobody", 1.0, 1000, Link(Phase.LOST))) == []
    assert engine.fleet.alerts == ()


def test_a_value_that_moves_is_told_again_by_steps_only() -> None:
    """Ten millivolts, one degree, five amperes: the screens need not hear every sample."""
    engine = Engine(trip_enabled=0)
    engine.read(*[Cells((3090,))] * 2)
    assert raised(engine.read(Cells((3085,)), Cells((3081,)))) == []
    assert [alert.value for alert in raised(engine.read(Cells((3080,))))] == [3.08]
    engine = Engine()
    engine.read(*[Pack(current_a=-45.0)] * 2)
    assert raised(engine.read(Pack(current_a=-48.0))) == []
    assert [alert.value for alert in raised(engine.read(Pack(current_a=-52.0)))] == [52.0]


def test_a_value_that_comes_back_within_its_minute_says_so_and_keeps_its_number() -> None:
    engine = Engine()
    engine.read(*[Cells((3050,))] * 2)
    engine.read(*[Cells((3300,))] * 3)
    (alert,) = engine.fleet.alerts
    assert alert.ended_ms is not None
    engine.read(Cells((3050,)))
    (alert,) = engine.fleet.alerts
    assert (alert.ended_ms, alert.number) == (None, 1)


def test_switching_the_alerts_off_clears_what_is_active() -> None:
    engine = Engine()
    engine.read(*[Cells((3050,))] * 2)
    engine.alerts.limits.set("enabled", 0)
    assert cleared(engine.read(Cells((3050,)))) == ["cell-low"]


def test_the_words_of_an_alert_fit_its_unit() -> None:
    """S4-38: value and limit as a person writes them."""
    hot = Alert("left", "temperature-high", Severity.WARNING, 2, 48.04, 45.0, unit="°C")
    assert hot.args(",") == {"cell": "2", "where": "2", "value": "48,0", "limit": "45,0", "worst": "--"}
    assert Alert("", "imbalance", Severity.WARNING, None, 52.0, 50.0, unit="mV").args()["value"] == "52"
