"""Alerts in every state a picture needs, and a feed that answers as an engine would. Nothing is random."""

import threading
from dataclasses import replace

from tests import fleets
from tests.fakes import FakeFeed
from tests.fleets import NOW_S, WALL_S, time_ms
from tui.model.alert import (
    Alert,
    AlertPage,
    AlertRecord,
    AlertStatistics,
    Notified,
    Severity,
    Threshold,
    Trip,
    Way,
)
from tui.model.events import AlertRaised, TripsForeseen
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import (
    AcknowledgeAlert,
    AlertHistory,
    Answer,
    ClearAlerts,
    CountAlerts,
    Request,
    SetThreshold,
    TestNotify,
    Thresholds,
)
from tui.model.settings import ALERT_SETTINGS, Kind

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
DAY_S = 86_400.0


def at(ago_s: float) -> dict[str, object]:
    """The beginning on both clocks."""
    return {"since_s": NOW_S - ago_s, "since_ms": time_ms(NOW_S - ago_s)}


HIGH = Alert(
    "left", "cell-high", CRITICAL, 7, 3.662, 3.65, **at(12.0), type=3, name="CELL_OVER_VOLTAGE",
    number=132, worst=3.671, frame=8120,
)  # type: ignore[arg-type]  # fmt: skip
PROTECTION = Alert(
    "left", "protection-cell-overvoltage", CRITICAL, **at(11.0), type=103, name="PROTECTION_CELL_OVERVOLTAGE",
    number=133, frame=8121,
)  # type: ignore[arg-type]  # fmt: skip
TRIP = Alert(
    "right", "trip-low", WARNING, 2, 4.0, 5.0, **at(61.0), unit="min", type=406, name="TRIP_SOON", number=131,
    worst=4.0,
)  # type: ignore[arg-type]  # fmt: skip
SPREAD = Alert(
    "left", "imbalance", WARNING, None, 64.0, 50.0, **at(3720.0), unit="mV", type=11, name="CELL_IMBALANCE",
    number=120, worst=81.0, frame=7001, acknowledged_by="anna", acknowledged_ms=time_ms(NOW_S - 3600),
)  # type: ignore[arg-type]  # fmt: skip
CURRENT = Alert(
    "right", "charge-high", WARNING, None, 38.2, 40.0, **at(300.0), unit="A", type=8,
    name="PACK_HIGH_CURRENT", number=129, worst=46.9, frame=7777, is_device_limit=True,
    ended_ms=time_ms(NOW_S - 30),
)  # type: ignore[arg-type]  # fmt: skip
DISK = Alert("", "storage", WARNING, **at(7.0), type=404, name="STORAGE_PROBLEM", number=134)  # type: ignore[arg-type]

TRIPS = (
    Trip("cell-low", 2, 2.955, 2.9, "V", NOW_S + 240.0),
    Trip("soc-low", None, 24.0, 20.0, "%", NOW_S + 2520.0),
)
FAR_TRIP = (Trip("cell-high", 14, 3.329, 3.55, "V", NOW_S + 2880.0),)


def raised(*alerts: Alert, fleet: Fleet | None = None) -> Fleet:
    """A live fleet with these alerts."""
    return fleets.folded([AlertRaised(one) for one in alerts], fleet or fleets.live())


def ahead(fleet: Fleet | None = None) -> Fleet:
    """The same with limits within the hour."""
    events = [TripsForeseen("right", TRIPS), TripsForeseen("left", FAR_TRIP)]
    return fleets.folded(list(events), fleet or fleets.live())


def many() -> Fleet:
    """Something of everything, and limits ahead."""
    return ahead(raised(HIGH, PROTECTION, TRIP, SPREAD, CURRENT, DISK))


def seen() -> Fleet:
    """All of it was seen by somebody."""
    when = {"acknowledged_by": "bea", "acknowledged_ms": time_ms(NOW_S - 2)}
    alerts = tuple(replace(one, **when) if one.acknowledged_ms is None else one for one in many().alerts)
    return replace(many(), alerts=alerts)


def silent() -> Fleet:
    """Somebody asked for an hour of silence a minute ago."""
    return replace(many(), silent_until_ms=int((WALL_S + 3552) * 1000))


def crowd() -> Fleet:
    """As many as there may be (row CL-42)."""
    alerts = [replace(HIGH, where=n, number=200 + n, value=3.65 + n / 1000) for n in range(1, 17)]
    others = [replace(HIGH, track="right", key="cell-low", where=n, number=300 + n, value=2.4, limit=2.5)
              for n in range(1, 17)]  # fmt: skip
    return raised(*alerts, *others)


def past(
    number: int, key: str, severity: Severity, ago_s: float, lasted_s: float, **more: object
) -> AlertRecord:
    """One that is over."""
    alert = replace(Alert("left", key, severity, **at(ago_s), number=number, type=4), **more)  # type: ignore[arg-type]
    cleared_ms = alert.since_ms + int(lasted_s * 1000)
    clip = f"/var/lib/packdeck/clips/alert-{number:06}-20251017.packdeck.gz" if severity is not INFO else ""
    return AlertRecord(replace(alert, ended_ms=cleared_ms), cleared_ms, clip)


def by(who: str, ago_s: float) -> dict[str, object]:
    """Seen by somebody."""
    return {"acknowledged_by": who, "acknowledged_ms": time_ms(NOW_S - ago_s)}


PAST = (
    past(119, "cell-low", CRITICAL, 7000, 250, where=5, value=2.812, limit=2.8, worst=2.761,
         name="CELL_LOW_VOLTAGE", frame=6100, **by("anna", 6900)),
    past(118, "discharge-high", WARNING, 9400, 35, value=37.0, limit=40.0, worst=52.3, unit="A",
         track="right", name="PACK_HIGH_CURRENT", frame=5400),
    past(117, "state-charging", INFO, 12_000, 0, name="STATE_CHARGING"),
    past(116, "link-lost", WARNING, 26_000, 95, name="LINK_LOST", track="right", **by("anna", 25_000)),
    past(115, "temperature-high", WARNING, 0.9 * DAY_S, 1260, where=2, value=44.1, limit=45.0, worst=48.6,
         unit="°C", name="TEMP_HIGH", is_device_limit=True, **by("bea", 0.89 * DAY_S)),
    past(114, "unit-37", INFO, 1.2 * DAY_S, 0, name="UNIT_EVENT_37"),
    past(113, "imbalance", WARNING, 1.3 * DAY_S, 5400, value=48.0, limit=50.0, worst=92.0, unit="mV",
         name="CELL_IMBALANCE", **by("anna", 1.29 * DAY_S)),
    past(112, "cell-high", CRITICAL, 2.1 * DAY_S, 88, where=14, value=3.641, limit=3.65, worst=3.668,
         name="CELL_OVER_VOLTAGE", **by("anna", 2.09 * DAY_S)),
    past(111, "soc-low", WARNING, 3.4 * DAY_S, 9000, value=21.0, limit=20.0, worst=14.0, unit="%",
         track="right", name="SOC_LOW"),
    past(110, "storage", WARNING, 5.0 * DAY_S, 600, track="", name="STORAGE_PROBLEM", **by("", 4.9 * DAY_S)),
    *(past(109 - i, "imbalance", WARNING, (5.2 + i * 0.55) * DAY_S, 900 + 60 * i, value=47.0, limit=50.0,
           worst=55.0 + i, unit="mV", name="CELL_IMBALANCE") for i in range(14)),
)  # type: ignore[arg-type]  # fmt: skip

_CRITICAL = (
    "cell_voltage_max_mv", "temperature_critical_c", "cell_voltage_min_mv", "cell_voltage_low_critical_mv",
    "pack_voltage_max_mv", "pack_voltage_min_mv", "discharge_max_a", "charge_max_a", "soc_min_pct",
)  # fmt: skip
_WARNING = (
    "cell_voltage_high_warning_mv", "temperature_max_c", "temperature_min_c", "cell_voltage_low_early_mv",
    "cell_voltage_low_warning_mv", "discharge_warning_a", "charge_warning_a", "soc_warning_pct",
    "soc_max_pct", "imbalance_warning_mv", "imbalance_max_mv", "trip_warning_min",
)  # fmt: skip
_SEVERITIES = {**dict.fromkeys(_CRITICAL, CRITICAL), **dict.fromkeys(_WARNING, WARNING)}


def thresholds(track: str = "", changed: dict[str, int] | None = None) -> tuple[Threshold, ...]:
    """All limits; on the right track the battery names one itself, on the left one is its own."""
    changed = changed or {}
    found = []
    for setting in ALERT_SETTINGS:
        key = setting.key.removeprefix("alerts.")
        default = int(setting.default or 0)
        one = Threshold(
            key, setting.unit, setting.low or 0, 1 if setting.high is None else setting.high, default,
            changed.get(key, default), setting.kind is Kind.BOOL, severity=_SEVERITIES.get(key),
        )  # fmt: skip
        if track == "right" and key == "charge_max_a":
            one = replace(one, device_value=45.5, track=track)
        if track == "left" and key == "temperature_max_c":
            one = replace(one, value=changed.get(key, 42), track=track)
        found.append(one)
    return tuple(found)


STATISTICS = AlertStatistics(134, 6, 5, 34, 95, 27, 252_000)


class AlertFeed(FakeFeed):
    """Answers what the place asks. While `gate` is closed, answers wait for it."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet, now=NOW_S)
        self.gate = threading.Event()
        self.gate.set()
        self.past: tuple[AlertRecord, ...] = PAST
        self.changed: dict[str, int] = {"cell_voltage_low_warning_mv": 2950, "temp_low_enabled": 1}
        self.statistics = STATISTICS
        self.fails: Cause | None = None

    def ask(self, request: Request) -> Answer:
        """As an engine would."""
        self.asked.append(request)
        self.gate.wait(10)
        if self.fails is not None:
            return Answer(False, self.fails)
        match request:
            case AlertHistory():
                return Answer(True, alerts=self._page(request))
            case CountAlerts():
                return Answer(True, alert_statistics=self.statistics)
            case Thresholds(track):
                return Answer(True, thresholds=thresholds(track, self.changed))
            case AcknowledgeAlert(number):
                active = [
                    a for a in self.value.alerts if number in (None, a.number) and a.acknowledged_ms is None
                ]
                return Answer(True, count=len(active))
            case ClearAlerts():
                gone, self.past = len(self.past), ()
                return Answer(True, count=gone)
            case SetThreshold(key, value, track):
                self.changed = {k: v for k, v in self.changed.items() if k != key}
                if value is not None:
                    self.changed[key] = value
                return Answer(True, thresholds=thresholds(track, self.changed))
            case TestNotify(way):
                return self._notified(way)
        return self.answer

    def _page(self, asked: AlertHistory) -> AlertPage:
        records = [AlertRecord(a) for a in sorted(self.value.alerts, key=lambda a: -a.since_ms)] + [
            *self.past
        ]
        found = [
            r for r in records
            if asked.track in ("", r.alert.track)
            and asked.key in ("", r.alert.key)
            and asked.severity in (None, r.alert.severity)
            and (asked.since_ms is None or r.alert.since_ms >= asked.since_ms)
        ]  # fmt: skip
        return AlertPage(tuple(found[asked.offset : asked.offset + asked.limit]), len(found))

    def _notified(self, way: Way | None) -> Answer:
        causes = {
            Way.COMMAND: Cause("notify-command-failed", (("code", "3"),)),
            Way.DESKTOP: Cause("notify-not-set", (("way", "desktop"),)),
        }
        cause = causes.get(way) if way is not None else None
        return Answer(cause is None, cause, notified=(Notified(way or Way.POST, 184, cause),))


STATES = {
    "many": many,
    "quiet": fleets.live,
    "ahead": ahead,
    "seen": seen,
    "silent": silent,
    "crowd": crowd,
    "engine-gone": lambda: fleets.folded([], replace(many(), engine=fleets.engine_lost().engine)),
}
