"""Every rule as a table: which readings, and which alerts begin and end on them."""

from dataclasses import dataclass, replace

import pytest

from tui.engine.alert_rules import FACTS, PROTECTIONS, RULES, STATES, WARNINGS, unit_event_fact
from tui.engine.alerts import Alerts
from tui.locale import LANGUAGES, messages
from tui.model.alert import ACTIVE_MAX, Alert, Severity
from tui.model.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertLogged,
    AlertRaised,
    Event,
    FleetStarted,
    LinkChanged,
    SampleRead,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Link, Phase
from tui.model.sample import Cells, Pack, Protection, Reading, UnitEvent, UnitLog
from tui.model.settings import AlertSettings
from tui.model.track import Setup

POLL_S = 2.0
Told = tuple[str, str, int | None, float | None, float | None, int]


class Engine:
    """Folds and judges as the engine's thread does, at a poll every two seconds."""

    def __init__(
        self, *, chemistry: str = "", tracks: int = 1, own: dict[str, int] | None = None, **said: int
    ) -> None:
        names = ["left", "right", *(f"t{n}" for n in range(2, tracks))][:tracks]
        setups = tuple(Setup(name, chemistry=chemistry) for name in names)
        tracks_own = (("left", tuple((own or {}).items())),)
        self.numbers = 0
        self.drift_pct: float | None = None
        self.alerts = Alerts(
            setups,
            AlertSettings(tuple(said.items()), tracks_own),
            numbered=self._numbered,
            drift=lambda track: self.drift_pct if track == "left" else None,
        )
        self.fleet = fold(Fleet(), FleetStarted(setups, 1))
        self.now_s = 1000.0
        self.told: list[Event] = []

    def _numbered(self, alert: Alert) -> Alert:
        self.numbers += 1
        return replace(alert, number=self.numbers)

    @property
    def time_ms(self) -> int:
        return int(self.now_s * 1000)

    def happened(self, event: Event) -> list[Event]:
        self.fleet = fold(self.fleet, event)
        news = self.alerts.heard(event, self.fleet, self.now_s, self.time_ms)
        for one in news:
            self.fleet = fold(self.fleet, one)
        self.told += news
        return news

    def read(self, *readings: Reading, track: str = "left", every_s: float = POLL_S) -> list[Event]:
        told: list[Event] = []
        for reading in readings:
            self.now_s += every_s
            told += self.happened(SampleRead(track, self.now_s, self.time_ms, reading, frame=7))
        return told

    def phase(self, phase: Phase) -> list[Event]:
        self.now_s += POLL_S
        return self.happened(LinkChanged("left", self.now_s, self.time_ms, Link(phase)))

    def tick(self, seconds: float) -> list[Event]:
        self.now_s += seconds
        news = self.alerts.tick(self.fleet, self.now_s, self.time_ms)
        for one in news:
            self.fleet = fold(self.fleet, one)
        return news

    def active(self) -> list[Told]:
        return [(a.key, a.name, a.where, a.value, a.limit, int(a.severity)) for a in self.fleet.alerts]


def raised(events: list[Event]) -> list[Alert]:
    return [event.alert for event in events if isinstance(event, AlertRaised)]


def cleared(events: list[Event]) -> list[str]:
    return [event.alert.key for event in events if isinstance(event, AlertCleared)]


@dataclass(frozen=True)
class Case:
    """Two readings of `reading`: what is active then. `rows` of the requirements."""

    rows: str
    reading: Reading
    expected: tuple[Told, ...] = ()
    said: tuple[tuple[str, int], ...] = ()


W, C = 1, 2
LOW, LOWEST = "CELL_LOW_VOLTAGE", "CELL_UNDER_VOLTAGE"


def cell(mv: int) -> Cells:
    """Four cells close together, the second with that voltage: no imbalance."""
    near = mv - 20 if mv > 3300 else mv + 20
    return Cells((near, mv, near, near))


def on(key: str) -> tuple[tuple[str, int], ...]:
    return ((key, 1),)


CASES = (
    Case("CL-1", cell(3100)),
    Case("CL-1", Cells((3110, 3099, 3110)), (("cell-low", LOW, 2, 3.099, 3.10, W),)),
    Case(
        "CL-21",
        Cells((3100, 2899), ()),
        (("cell-low", LOW, 2, 2.899, 2.90, W), ("imbalance", "CELL_IMBALANCE", None, 201, 100, W)),
    ),
    Case("S4-45", Cells((2799,)), (("cell-low", LOW, 1, 2.799, 2.80, C),)),
    Case("CL-21", Cells((2499,)), (("cell-low", LOWEST, 1, 2.499, 2.50, C),)),
    Case("CL-21", cell(3549)),
    Case("CL-1, CL-21", cell(3550), (("cell-high", "CELL_HIGH_VOLTAGE", 2, 3.55, 3.55, W),)),
    Case("S4-44, CL-21", Cells((3650,)), (("cell-high", "CELL_OVER_VOLTAGE", 1, 3.65, 3.65, C),)),
    Case("CL-21", Cells((3300, 3350))),
    Case("CL-21", Cells((3300, 3351)), (("imbalance", "CELL_IMBALANCE", None, 51, 50, W),)),
    Case("CL-42", Cells((3250, 3351)), (("imbalance", "CELL_IMBALANCE", None, 101, 100, W),)),
    Case("S4-42", Pack(temperatures_c=(20.0, 45.0))),
    Case(
        "S4-42, CL-21",
        Pack(temperatures_c=(20.0, 48.0)),
        (("temperature-high", "TEMP_HIGH", 2, 48.0, 45, W),),
    ),
    Case("CL-21", Pack(temperatures_c=(55.5,)), (("temperature-high", "TEMP_CRITICAL", 1, 55.5, 55, C),)),
    Case("S4-43: off", Pack(temperatures_c=(-5.0,))),
    Case(
        "S4-43",
        Pack(temperatures_c=(-0.5,)),
        (("temperature-low", "TEMP_LOW", 1, -0.5, 0, W),),
        on("temp_low_enabled"),
    ),
    Case("a broken sensor", Pack(temperatures_c=(-273.0, 700.0)), (), on("temp_low_enabled")),
    Case("CL-42: off", Pack(pack_v=60.0)),
    Case(
        "CL-42",
        Pack(pack_v=58.5),
        (("pack-high", "PACK_OVER_VOLTAGE", None, 58.5, 58.4, C),),
        on("pack_high_enabled"),
    ),
    Case("CL-42: off", Pack(pack_v=30.0)),
    Case(
        "CL-42",
        Pack(pack_v=39.9),
        (("pack-low", "PACK_UNDER_VOLTAGE", None, 39.9, 40.0, C),),
        on("pack_low_enabled"),
    ),
    Case("CL-21", Pack(current_a=-40.0)),
    Case("CL-21", Pack(current_a=-41.0), (("discharge-high", "PACK_HIGH_CURRENT", None, 41.0, 40, W),)),
    Case("CL-42", Pack(current_a=-101.0), (("discharge-high", "PACK_OVER_CURRENT", None, 101.0, 100, C),)),
    Case("CL-21", Pack(current_a=41.0), (("charge-high", "PACK_HIGH_CURRENT", None, 41.0, 40, W),)),
    Case("CL-21, CL-42", Pack(current_a=51.0), (("charge-high", "PACK_OVER_CURRENT", None, 51.0, 50, C),)),
    Case("CL-21", Pack(soc_pct=20.0)),
    Case("CL-21", Pack(soc_pct=19.0), (("soc-low", "SOC_LOW", None, 19.0, 20, W),)),
    Case("CL-21, CL-42", Pack(soc_pct=9.0), (("soc-low", "SOC_CRITICAL", None, 9.0, 10, C),)),
    Case("CL-42: off", Pack(soc_pct=99.0)),
    Case("CL-42", Pack(soc_pct=96.0), (("soc-high", "SOC_HIGH", None, 96.0, 95, W),), on("soc_high_enabled")),
    Case("S4-41: all off", Cells((2000,)), (), (("enabled", 0),)),
    Case("an open wire", Cells((3300, 0)), (("cell-wire", "CELL_SENSE_WIRE", 2, 0.0, None, W),)),
    Case("an open wire", Cells((3300, 5001)), (("cell-wire", "CELL_SENSE_WIRE", 2, 5.001, None, W),)),
    *(
        Case("X-6", Pack(protections=(p,)), ((f.key, f.name, None, None, None, C),))
        for p, f in PROTECTIONS.items()
    ),
    *(Case("X-6", Pack(warnings=(p,)), ((f.key, f.name, None, None, None, W),)) for p, f in WARNINGS.items()),
    Case("a person's switch", Pack(protections=(Protection.MOSFET_SOFTWARE_LOCK,))),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rows}: {case.reading}"[:90])
def test_every_rule(case: Case) -> None:
    """S4-41…S4-45, CL-1, CL-21, CL-42: raised once, by the second reading that says so, with its limit."""
    engine = Engine(**dict(case.said))
    assert engine.read(case.reading) == []
    engine.read(case.reading)
    assert sorted(engine.active(), key=str) == sorted(case.expected, key=str)
    assert len(raised(engine.told)) == len(case.expected)
    assert raised(engine.read(case.reading, case.reading)) == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected], ids=lambda case: str(case.reading)[:70]
)
def test_a_single_garbage_reading_raises_nothing(case: Case) -> None:
    engine = Engine(**dict(case.said))
    good: Reading = Cells((3300, 3300)) if isinstance(case.reading, Cells) else Pack(
        pack_v=52.0, current_a=1.0, soc_pct=50.0, temperatures_c=(20.0, 20.0)
    )  # fmt: skip
    for _ in range(3):
        assert [e for e in engine.read(case.reading, good, good) if not isinstance(e, AlertLogged)] == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected], ids=lambda case: str(case.reading)[:70]
)
def test_every_alert_ends_after_its_debounce_time(case: Case) -> None:
    """S4-41: 60 s. Those that latch wait for a person."""
    engine = Engine(**dict(case.said))
    good: Reading = Cells((3300, 3300)) if isinstance(case.reading, Cells) else Pack(
        pack_v=52.0, current_a=1.0, soc_pct=50.0, temperatures_c=(20.0, 20.0)
    )  # fmt: skip
    engine.read(case.reading, case.reading)
    assert cleared(engine.read(*[good] * 30)) == []
    assert all(alert.ended_ms is not None for alert in engine.fleet.alerts)
    ended = cleared(engine.read(good))
    latched = {f.key for f in PROTECTIONS.values() if f.latches}
    assert sorted(ended) == sorted(key for key, *_ in case.expected if key not in latched)


def test_a_flapping_value_raises_one_alert() -> None:
    """CL-21: raised once; it does not flap."""
    engine = Engine()
    below, above = Cells((3090,)), Cells((3200,))
    told = engine.read(*[below, above] * 100)
    assert {alert.number for alert in raised(told)} == {1}
    assert cleared(told) == []
    assert cleared(engine.read(*[above] * 40)) == ["cell-low"]
    near = engine.read(*(Cells((mv,)) for mv in (3099, 3101, 3098, 3105, 3109) * 10))
    assert {alert.number for alert in raised(near)} == {2}


def test_between_warning_and_critical_it_does_not_flap_either() -> None:
    engine = Engine()
    engine.read(Cells((2790,)), Cells((2790,)))
    told = raised(engine.read(*[Cells((mv,)) for mv in (2799, 2803, 2799, 2803) * 5]))
    assert {alert.severity for alert in (*told, *engine.fleet.alerts)} == {Severity.CRITICAL}
    engine.read(Cells((2811,)), Cells((2811,)))
    assert engine.fleet.alerts[0].severity is Severity.WARNING


def test_growing_worse_keeps_number_and_beginning_and_remembers_the_worst() -> None:
    engine = Engine()
    engine.read(*(Cells((mv,)) for mv in (3050, 3050, 2700, 2700, 2750)))
    (alert,) = engine.fleet.alerts
    assert (alert.severity, alert.value, alert.worst, alert.limit) == (Severity.CRITICAL, 2.75, 2.7, 2.8)
    assert (alert.number, alert.since_s, alert.since_ms, alert.frame) == (1, 1002.0, 1002000, 7)


def test_garbage_while_it_holds_neither_worsens_nor_ends_it() -> None:
    engine = Engine()
    engine.read(
        Cells((3050,)), Cells((3050,)), Cells((1000,)), Cells((3050,)), Cells((3300,)), Cells((3050,))
    )
    (alert,) = engine.fleet.alerts
    assert (alert.severity, alert.worst, alert.ended_ms) == (Severity.WARNING, 3.05, None)


def test_readings_far_apart_confirm_nothing() -> None:
    engine = Engine()
    assert raised(engine.read(*[Cells((2900,))] * 4, every_s=61.0)) == []


def test_a_track_has_its_own_limits() -> None:
    """S4-41: the value for all, and the one of a track over it."""
    engine = Engine(tracks=2, own={"temperature_max_c": 30}, temperature_max_c=40)
    for track in ("left", "right"):
        engine.read(*[Pack(temperatures_c=(35.0,))] * 2, track=track)
    assert [(a.track, a.limit) for a in engine.fleet.alerts] == [("left", 30)]


def test_defaults_of_lifepo4_leave_other_chemistries_alone() -> None:
    engine = Engine(chemistry="NMC")
    assert engine.read(*[Cells((3900,))] * 3) == []
    engine = Engine(chemistry="NMC", own={"cell_voltage_max_mv": 4200})
    engine.read(*[Cells((4210,))] * 2)
    assert engine.active() == [("cell-high", "CELL_OVER_VOLTAGE", 1, 4.21, 4.2, C)]


def test_limits_that_the_battery_names_come_before_the_defaults() -> None:
    """Read from the device where it has them; with two amperes for a charger that follows late."""
    limited = Pack(current_a=-61.0, discharge_current_limit_a=60.0, charge_current_limit_a=30.0)
    engine = Engine()
    assert raised(engine.read(limited, limited)) == []
    over = replace(limited, current_a=-63.0)
    engine.read(over, over)
    (alert,) = engine.fleet.alerts
    assert (alert.key, alert.limit, alert.is_device_limit) == ("discharge-high", 62.0, True)
    (threshold,) = [
        t for t in engine.alerts.limits.thresholds("left", engine.alerts.device_limits("left"))
        if t.key == "discharge_max_a"
    ]  # fmt: skip
    assert (threshold.value, threshold.device_value) == (100, 62.0)


def test_a_changed_limit_counts_from_the_next_reading() -> None:
    engine = Engine()
    engine.read(*[Cells((3000,))] * 2)
    assert engine.alerts.limits.set("cell_voltage_low_early_mv", 2950) is None
    assert cleared(engine.read(*[Cells((3000,))] * 32)) == ["cell-low"]


@pytest.mark.parametrize(("value", "ok"), [(-61, False), (-60, True), (150, True), (151, False)])
def test_a_limit_outside_its_range_is_refused_by_name_and_the_old_one_stays(value: int, ok: bool) -> None:
    limits = Engine().alerts.limits
    cause = limits.set("temperature_min_c", value)
    (now,) = [t.value for t in limits.thresholds("", {}) if t.key == "temperature_min_c"]
    assert now == (value if ok else 0)
    assert ok or (cause is not None and dict(cause.args)["key"] == "temperature_min_c")
    assert limits.set("no_such", 1) is not None


def test_what_latches_stays_until_somebody_has_seen_it() -> None:
    engine = Engine(latch_critical=1)
    engine.read(*[Cells((2700,))] * 2)
    assert cleared(engine.read(*[Cells((3300,))] * 100)) == []
    (alert,) = engine.fleet.alerts
    assert alert.ended_ms is not None
    seen = replace(alert, acknowledged_by="anna", acknowledged_ms=engine.time_ms)
    assert cleared(engine.happened(AlertAcknowledged(seen))) == ["cell-low"]
    assert engine.fleet.alerts == ()


def test_what_is_acknowledged_stays_as_long_as_it_holds() -> None:
    engine = Engine()
    engine.read(*[Cells((3050,))] * 2)
    (alert,) = engine.fleet.alerts
    engine.happened(AlertAcknowledged(replace(alert, acknowledged_by="anna", acknowledged_ms=5)))
    engine.read(*[Cells((3020,))] * 2)
    (alert,) = engine.fleet.alerts
    assert (alert.acknowledged_by, alert.value) == ("anna", 3.02)


# --- links, silence, and what is only information ---


@pytest.mark.parametrize("phase", list(Phase))
def test_a_link_that_is_down_is_told_at_once_and_its_return_too(phase: Phase) -> None:
    """CL-40: from 400, link lost and link restored."""
    engine = Engine()
    engine.phase(Phase.UP)
    engine.phase(phase)
    down = phase in (Phase.LOST, Phase.TAP, Phase.ASLEEP)
    assert [(a.key, a.type) for a in engine.fleet.alerts] == ([("link-lost", 400)] if down else [])
    told = engine.phase(Phase.UP)
    assert engine.fleet.alerts == ()
    logged = [event.alert for event in told if isinstance(event, AlertLogged)]
    assert [(a.key, a.type, a.severity) for a in logged] == (
        [("link-restored", 401, Severity.INFO)] if down else []
    )


def test_data_that_stops_on_a_living_wire_is_told_and_everything_else_is_quiet() -> None:
    """CL-40: data stale. Alerts about values neither come nor go while nothing is known."""
    engine = Engine()
    engine.phase(Phase.UP)
    engine.read(Pack(current_a=-41.0), Pack(current_a=-41.0))
    assert engine.tick(5.0) == []
    assert [alert.key for alert in raised(engine.tick(10.0))] == ["data-stale"]
    assert engine.tick(600.0) == []
    assert sorted(a.key for a in engine.fleet.alerts) == ["data-stale", "discharge-high"]
    assert cleared(engine.read(Pack(current_a=-41.0))) == ["data-stale"]


def test_paused_polling_is_not_stale_data() -> None:
    engine = Engine()
    engine.phase(Phase.UP)
    engine.read(Pack())
    engine.fleet = replace(engine.fleet, polling=False)
    assert engine.tick(600.0) == []


@pytest.mark.parametrize(
    ("pack", "number"),
    [
        (Pack(current_a=5.0), 20), (Pack(current_a=0.0, soc_pct=100.0), 21), (Pack(current_a=-5.0), 22),
        (Pack(current_a=5.0, status="regeneration"), 23), (Pack(current_a=0.0), 24),
        (Pack(current_a=0.0, protections=(Protection.GENERAL,)), 25),
    ],
)  # fmt: skip
def test_a_change_of_state_is_information(pack: Pack, number: int) -> None:
    """S4-46, CL-40: 20 charging … 25 fault; never an active alert; one reading is none."""
    first = Pack(current_a=-5.0) if number != 22 else Pack(current_a=5.0)
    engine = Engine()
    engine.read(first, first)
    assert [e for e in engine.read(pack) if isinstance(e, AlertLogged)] == []
    (logged,) = [e.alert for e in engine.read(pack) if isinstance(e, AlertLogged)]
    assert (logged.type, logged.severity) == (number, Severity.INFO)
    assert all(a.severity is not Severity.INFO for a in engine.fleet.alerts)
    quiet = Engine(monitor_status_changes=0)
    assert [e for e in quiet.read(first, first, pack, pack) if isinstance(e, AlertLogged)] == []


def test_a_battery_that_cannot_decide_is_told_once_a_minute_at_most() -> None:
    engine = Engine()
    told = engine.read(*[Pack(current_a=a) for a in (1.0, 1.0, 0.0, 0.0) * 15])
    assert len([e for e in told if isinstance(e, AlertLogged)]) <= 4


@pytest.mark.parametrize(
    ("code", "number"),
    [
        *((0x02, 102), (0x0A, 110), (0x0F, 115), (0x2A, 142), (0x31, 231)),
        *((0x37, 237), (0x39, 239), (0x61, 361), (0x65, 365)),
    ],
)  # fmt: skip
def test_entries_of_the_units_own_log_are_information(code: int, number: int) -> None:
    """S4-46, CL-40: numbers follow from the codes; what was in the log before is not news."""
    engine = Engine()
    old, new = UnitEvent(5, 0x61, "info"), UnitEvent(9, code, "fault", is_open=True)
    assert engine.read(UnitLog(10, (old,))) == []
    told = engine.read(UnitLog(12, (new, old)))
    (logged,) = [e.alert for e in told if isinstance(e, AlertLogged)]
    assert (logged.type, logged.severity, logged.where) == (number, Severity.INFO, code)
    assert engine.read(UnitLog(14, (replace(new, is_open=False), old))) == []
    quiet = Engine(monitor_tinybms_events=0)
    assert quiet.read(UnitLog(10, (old,)), UnitLog(12, (new, old))) == []


def test_at_most_32_are_active_and_the_last_places_are_for_critical_ones() -> None:
    """CL-42."""
    engine = Engine(tracks=4)
    for track in ("left", "right", "t2", "t3"):
        engine.read(*[Cells((3050,) * 24)] * 2, track=track)
    assert len(engine.fleet.alerts) == ACTIVE_MAX - 8
    engine.read(*[Cells((2700,) * 24)] * 4, track="right")
    assert len(engine.fleet.alerts) == ACTIVE_MAX
    assert engine.alerts.crowded_out > 0
    engine.read(*[Cells((3300,) * 24)] * 40, track="left")
    engine.read(*[Cells((2700,) * 24)] * 2, track="right")
    assert sum(a.track == "right" for a in engine.fleet.alerts) == 24


# --- a state of charge that drifts away from what can be counted and measured ---


def drifting(engine: Engine, *parts: tuple[float | None, int]) -> list[Event]:
    """So many points for so many seconds, with a reading and a tick every five."""
    told: list[Event] = []
    for points, seconds in parts:
        engine.drift_pct = points
        for _ in range(seconds // 5):
            told += engine.read(Pack(current_a=0.0), every_s=0.0)
            told += engine.tick(5.0)
    return [event for event in told if not isinstance(event, AlertLogged)]


@pytest.mark.parametrize(
    ("said", "parts", "expected"),
    [
        ({}, ((10.0, 900),), []),
        ({}, ((12.5, 900),), [("soc-drift", "SOC_DRIFT", None, 12.5, 10, W)]),
        ({}, ((-12.5, 900),), [("soc-drift", "SOC_DRIFT", None, 12.5, 10, W)]),
        ({}, ((12.5, 290),), []),  # minutes, not seconds
        ({}, ((12.5, 290), (9.0, 5), (12.5, 290)), []),
        ({}, ((12.5, 290), (None, 5), (12.5, 290)), []),
        ({}, ((None, 900),), []),
        ({}, ((0.0, 900),), []),
        ({"soc_drift_pct": 5}, ((6.0, 900),), [("soc-drift", "SOC_DRIFT", None, 6.0, 5, W)]),
        ({"soc_drift_enabled": 0}, ((50.0, 900),), []),
        ({"enabled": 0}, ((50.0, 900),), []),
    ],
)
def test_a_drifting_state_of_charge(
    said: dict[str, int], parts: tuple[tuple[float | None, int], ...], expected: list[Told]
) -> None:
    """Beyond the limit for five minutes, too much or too little alike; what nobody knows is no drift."""
    engine = Engine(**said)
    told = drifting(engine, *parts)
    assert engine.active() == expected
    assert len({alert.number for alert in raised(told)}) == len(expected)


def test_a_drift_ends_inside_its_limit_and_not_on_it() -> None:
    """Hysteresis of two points, then the debounce time; one alert all along."""
    engine = Engine()
    told = drifting(engine, (11.0, 400), (9.0, 400), (10.5, 400))
    assert {alert.number for alert in raised(told)} == {1}
    assert cleared(told) == []
    assert cleared(drifting(engine, (7.9, 55))) == []
    assert cleared(drifting(engine, (7.9, 20))) == ["soc-drift"]
    assert engine.active() == []


def test_a_drift_that_nobody_can_see_any_more_is_not_claimed_for_ever() -> None:
    engine = Engine()
    drifting(engine, (15.0, 400))
    assert cleared(drifting(engine, (None, 590))) == []
    assert cleared(drifting(engine, (None, 20))) == ["soc-drift"]


def test_a_drift_waits_while_the_link_is_down() -> None:
    engine = Engine()
    engine.drift_pct = 30.0
    engine.phase(Phase.UP)
    engine.read(Pack(current_a=0.0))
    engine.phase(Phase.LOST)
    for _ in range(200):
        assert engine.tick(5.0) == []


@pytest.mark.parametrize(("value", "ok"), [(2, False), (3, True), (50, True), (51, False)])
def test_the_limit_of_a_drift_has_a_range(value: int, ok: bool) -> None:
    assert (Engine().alerts.limits.set("soc_drift_pct", value) is None) is ok


# --- the tables themselves ---


def test_every_rule_is_data_with_number_name_severity_and_message() -> None:
    """X-6, CL-40: a number and a name each, and a sentence in both languages."""
    rules = {rule.key: rule.type for rule in RULES}
    numbered = ("temperature-high", "temperature-low", "cell-high", "cell-low", "pack-high", "pack-low")
    numbered += ("discharge-high", "charge-high", "soc-low", "soc-high", "imbalance")
    assert [rules[key] for key in numbered] == list(range(1, 12))
    units = [unit_event_fact(code) for code in range(1, 0x91)]
    facts = [*FACTS.values(), *STATES.values(), *units]
    assert all(fact.type and fact.name for fact in facts)
    assert all(level.name for rule in RULES for level in rule.levels)
    keys = {*rules, *(fact.key for fact in facts)}
    for language in LANGUAGES:
        known = messages(language)
        assert [k for k in keys for end in ("", "-short") if f"alert-{k}{end}" not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_with_a_limit_names_value_and_limit(language: str) -> None:
    """S4-38: what, where, value, limit."""
    known = messages(language)
    for rule in RULES:
        if rule.key.startswith("trip"):
            continue
        assert "$value" in known[f"alert-{rule.key}"] and "$limit" in known[f"alert-{rule.key}"]
        if rule.key.startswith(("cell", "temp")):
            assert "$cell" in known[f"alert-{rule.key}"] or "$where" in known[f"alert-{rule.key}"]
