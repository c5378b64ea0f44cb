"""Alerts and the world: numbers and history, log lines, notifications, the recording around each, answers."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.engine.alert_clip import Clips
from tui.engine.alert_limits import place_of, typed
from tui.engine.alert_rules import FACTS
from tui.engine.alerts import Alerts
from tui.engine.notify import Message, Notifier
from tui.locale import language, say
from tui.model.alert import Alert, AlertRecord, Severity, Way
from tui.model.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertLogged,
    AlertRaised,
    AlertsSilenced,
    AlertsSwitched,
    Event,
    Noticed,
)
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
    SilenceAlerts,
    TestNotify,
    Thresholds,
)
from tui.model.settings import AlertSettings
from tui.model.track import Setup
from tui.store.alert_log import AlertLog
from tui.store.silence import read_silence, write_silence

if TYPE_CHECKING:
    from tui.store.database import Database

log = logging.getLogger(__name__)

REQUESTS = (
    *(AlertHistory, CountAlerts, Thresholds, AcknowledgeAlert, ClearAlerts),
    *(SetThreshold, SilenceAlerts, TestNotify),
)
RAISED_AGAIN_S = 60.0  # a condition that comes back within this is the same alert
RESTART_S = 300.0  # the same after a restart of the program: everything takes a moment to be seen again
TEXT_CHARS = 128  # row CL-42
SILENCE_MAX_S = 24 * 3600.0
WHO_CHARS = 40

SaveSetting = Callable[[str, str, int | None], Cause | None]  # key, track, value


class AlertKeeper:
    """`heard`, `tick` and `kept` are called by the engine's thread, `ask` by any.

    `fleet` gives the newest state; `publish` puts an event on the engine's bus. `save` keeps a changed limit
    in the configuration. `drift` tells how many points the state of charge of a track is surely off. Without
    `database` the history lasts as long as the engine; without `box` nothing is cut out of it.
    """

    def __init__(
        self,
        setups: Sequence[Setup],
        settings: AlertSettings,
        *,
        fleet: Callable[[], Fleet],
        publish: Callable[[Event], None],
        database: Path | None = None,
        box: Path | None = None,
        clips: Path | None = None,
        save: SaveSetting | None = None,
        drift: Callable[[str], float | None] = lambda track: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.alerts = Alerts(setups, settings, numbered=self._numbered, drift=drift)
        self.notifier = Notifier(settings.notify, on_trouble=self._notify_trouble)
        self._fleet, self._publish, self._save = fleet, publish, save
        self._clock, self._wall, self._path = clock, wall, database
        self._silence_file = database.with_name("silence.json") if database else None
        self._database: Database | None = None
        self._log = AlertLog()
        self._recent: dict[tuple[str, str, int | None], tuple[Alert, float]] = {}
        self._facts: dict[tuple[str, str, int | None], Alert] = {}  # what others found out
        self._told: dict[int, Severity] = {}  # of the active ones: how bad somebody was told it is
        self._setting = threading.Lock()
        self._ticked_at_s = float("-inf")
        self._clips: Clips | None = None
        if box is not None and clips is not None:
            self._clips = Clips(box, clips, self._clipped, clock=clock)

    def start(self) -> None:
        """Open the history, and end what an earlier run left open."""
        if self._path is None:
            return
        from tui.store.database import Database, DatabaseError

        self._keep_silent()
        self._database = Database.shared(self._path, self.storage_trouble)
        self._log = AlertLog(self._database)
        try:
            left = self._log.begin()
        except DatabaseError as error:
            log.warning("no alerts of earlier runs: %s", error)
            return
        for record in left:
            self._recent[record.alert.id] = (record.alert, self._clock() + RESTART_S)
            self._log.put(replace(record, cleared_ms=max(record.alert.since_ms, self._time_ms())))

    def _keep_silent(self) -> None:
        """Somebody who wanted no bell for an hour does not want one because the engine began anew."""
        if self._silence_file is None:
            return
        until_ms, who = read_silence(self._silence_file)
        now_ms = self._time_ms()
        if now_ms < until_ms:  # a clock that was set back makes no silence longer than anybody may ask for
            until_ms = min(until_ms, now_ms + int(SILENCE_MAX_S * 1000))
            self._publish(AlertsSilenced(until_ms, _who(who), now_ms))

    def close(self) -> None:
        """Cut, write and end, within 4 s."""
        self.notifier.close()
        if self._clips is not None:
            self._clips.close()
        if self._database is not None:
            self._database.close()

    # --- the engine's thread ---

    def heard(self, event: Event, fleet: Fleet) -> list[Event]:
        """What to tell after an event."""
        return self.alerts.heard(event, fleet, self._clock(), self._time_ms())

    def tick(self, fleet: Fleet) -> list[Event]:
        """What to tell because time has passed. At most once a second there is something to do."""
        now_s = self._clock()
        if now_s - self._ticked_at_s < 1.0:
            return []
        self._ticked_at_s = now_s
        return self.alerts.tick(fleet, now_s, self._time_ms())

    def kept(self, event: Event) -> None:
        """Keep, log and tell what became of an alert; any other event is none of its business."""
        match event:
            case AlertRaised(alert):
                self._raised(alert)
            case AlertCleared(alert, time_ms):
                self._told.pop(alert.number, None)
                self._recent[alert.id] = (alert, self._clock() + RAISED_AGAIN_S)
                self._log.put(AlertRecord(alert, time_ms))
                log.info("[Alarm] Cleared: %s", detail(alert))
            case AlertAcknowledged(alert):
                self._log.put(AlertRecord(self._active(alert) or alert))
                log.info("[Alarm] Acknowledged: %s by %s", detail(alert), alert.acknowledged_by)
            case AlertLogged(alert):
                self._log.put(AlertRecord(alert, alert.since_ms))
                log.info("[Alarm] Information: %s", detail(alert))
                self._tell(alert)

    def _raised(self, alert: Alert) -> None:
        """A new alert, or one that is back, or another value of a known one."""
        told = self._told.get(alert.number)
        before, _ = self._recent.pop(alert.id, (None, 0.0)) if told is None else (None, 0.0)
        if before is not None and before.number == alert.number:
            told = before.severity
        if told is None:
            log.warning("[Alarm] New alarm: %s", detail(alert))
            if self._clips is not None:
                self._clips.plan(alert.number, alert.since_s, alert.since_ms)
        if told is None or alert.severity > told:
            self._tell(alert)
        self._told[alert.number] = max(alert.severity, told or Severity.INFO)
        self._log.put(AlertRecord(alert))

    def _numbered(self, alert: Alert) -> Alert:
        """A new number, or that of the same condition when it is only back."""
        before, until_s = self._recent.get(alert.id, (None, 0.0))
        if before is None or self._clock() > until_s:
            self._recent.pop(alert.id, None)
            return replace(alert, number=self._log.number())
        return replace(
            alert,
            number=before.number,
            since_s=alert.since_s - (alert.since_ms - before.since_ms) / 1000,
            since_ms=before.since_ms,
            acknowledged_by=before.acknowledged_by,
            acknowledged_ms=before.acknowledged_ms,
        )

    # --- anybody ---

    def ask(self, request: Request) -> Answer:
        """The answer to one of `REQUESTS`."""
        from tui.store.database import DatabaseError

        try:
            return self._obey(request)
        except DatabaseError as error:
            return Answer(False, error.cause)

    def _obey(self, request: Request) -> Answer:
        match request:
            case AlertHistory():
                return Answer(True, alerts=self._log.page(request))
            case CountAlerts():
                counted = replace(self._log.statistics(), crowded_out=self.alerts.crowded_out)
                return Answer(True, alert_statistics=counted)
            case Thresholds(track):
                if cause := self._unknown(track):
                    return Answer(False, cause)
                found = self.alerts.limits.thresholds(track, self.alerts.device_limits(track))
                return Answer(True, thresholds=found)
            case AcknowledgeAlert(number, who):
                return self._acknowledge(number, who)
            case ClearAlerts(who):
                count = self._log.clear()
                log.info("[Alarm] History cleared by %s: %d", who or "somebody", count)
                args = (("count", str(count)), ("who", _who(who)))
                self._publish(Noticed(self._time_ms(), "", "alerts-cleared", args))
                return Answer(True, count=count)
            case SetThreshold():
                return self._set(request)
            case SilenceAlerts(seconds, who):
                return self._silence(seconds, _who(who))
            case TestNotify(way):
                return self._test(way)
        return Answer(False, Cause("request-unknown", (("request", type(request).__name__),)))

    def _silence(self, seconds: float, who: str) -> Answer:
        now_ms = self._time_ms()
        until_ms = now_ms + int(min(seconds, SILENCE_MAX_S) * 1000) if seconds > 0 else 0
        if self._silence_file is not None:
            write_silence(self._silence_file, until_ms, who)
        self._publish(AlertsSilenced(until_ms, who, now_ms))
        return Answer(True)

    def tell(self, key: str, is_so: bool, track: str = "", where: int | None = None) -> None:
        """Somebody else found a condition out, or its end: `recorder-paused`, `register-mismatch`, …"""
        fact, now_ms = FACTS[key], self._time_ms()
        with self._setting:
            before = self._facts.pop((track, key, where), None)
            if is_so:
                alert = before or Alert(
                    track, key, fact.severity, where, since_s=self._clock(), since_ms=now_ms,
                    type=fact.type, name=fact.name, number=self._log.number(),
                )  # fmt: skip
                self._facts[track, key, where] = alert
        if is_so and before is None:
            self._publish(AlertRaised(alert))
        elif not is_so and before is not None:
            self._publish(AlertCleared(replace(before, ended_ms=now_ms), now_ms))

    def _acknowledge(self, number: int | None, who: str) -> Answer:
        active = [a for a in self._fleet().alerts if number in (None, a.number)]
        if number is not None and not active:
            return Answer(False, Cause("alert-unknown", (("number", str(number)),)))
        now_ms = self._time_ms()
        new = [a for a in active if a.acknowledged_ms is None]
        for alert in new:
            self._publish(
                AlertAcknowledged(replace(alert, acknowledged_by=_who(who), acknowledged_ms=now_ms))
            )
        return Answer(True, count=len(new))

    def _set(self, asked: SetThreshold) -> Answer:
        with self._setting:
            if cause := self._unknown(asked.track):
                return Answer(False, cause)
            before = self.alerts.limits.said(asked.key, asked.track)
            if cause := self.alerts.limits.set(asked.key, asked.value, asked.track):
                return Answer(False, cause)
            if self._save is not None and (cause := self._save(asked.key, asked.track, asked.value)):
                self.alerts.limits.restore(asked.key, before, asked.track)
                return Answer(False, cause)
            if (off := self.alerts.off()) != self._fleet().alerts_off:
                self._publish(AlertsSwitched(off))
        value = "default" if asked.value is None else str(asked.value)
        log.info("[Alarm] Threshold %s %s: %s by %s", asked.key, asked.track, value, asked.who or "somebody")
        args = (("key", asked.key), ("value", value), ("who", _who(asked.who)))
        self._publish(Noticed(self._time_ms(), asked.track, "alert-threshold-set", args))
        found = self.alerts.limits.thresholds(asked.track, self.alerts.device_limits(asked.track))
        return Answer(True, thresholds=found)

    def _test(self, way: Way | None) -> Answer:
        if way is None and not self.notifier.ways:
            return Answer(False, Cause("notify-none"))
        message = Message("packdeck", say("notify-test"), Severity.INFO, (("key", "test"),))
        results = self.notifier.test(message, way)
        cause = next((one.cause for one in results if one.cause is not None), None)
        return Answer(cause is None, cause, notified=results)

    def _unknown(self, track: str) -> Cause | None:
        if not track or self._fleet().track(track) is not None:
            return None
        return Cause("track-unknown", (("track", track),))

    # --- what becomes of an alert ---

    def _active(self, alert: Alert) -> Alert | None:
        return next((a for a in self._fleet().alerts if a.number == alert.number), None)

    def _tell(self, alert: Alert) -> None:
        if self._time_ms() < self._fleet().silent_until_ms:
            return
        facts = {
            "key": alert.key, "name": alert.name, "type": str(alert.type), "number": str(alert.number),
            "track": alert.track, "severity": alert.severity.name.lower(), "unit": alert.unit,
            **alert.args(),
        }  # fmt: skip
        self.notifier.tell(Message(title(alert), text(alert), alert.severity, tuple(facts.items())))

    def _notify_trouble(self, way: Way, cause: Cause | None) -> None:
        """Shown once among the events, not as an alert: that would only ask to be told in the same way."""
        key = "notify-works" if cause is None else "notify-fails"
        args = (
            ("way", say(f"notify-way-{way}")),
            ("reason", say(f"cause-{cause.key}", **cause.values()) if cause else ""),
        )
        self._publish(Noticed(self._time_ms(), "", key, args))

    @property
    def storage_cause(self) -> Cause | None:
        """Why nothing is written now."""
        return self._database.cause if self._database is not None else None

    def storage_trouble(self, cause: Cause | None) -> None:
        """Nothing can be written, and why; `None`: it can again."""
        is_locked = cause is not None and cause.key == "database-locked"
        self.tell("storage-locked", is_locked)
        self.tell("storage", cause is not None and not is_locked)
        if cause is not None and cause.key == "database-damaged":
            self.tell("storage", False)  # a new one was begun: there is no other end of it

    def _clipped(self, numbers: Sequence[int], path: str) -> None:
        self._log.set_clip(numbers, path)

    def _time_ms(self) -> int:
        return int(self._wall() * 1000)


def text(alert: Alert) -> str:
    """What, where, value and limit in the language of the moment, in at most 128 characters."""
    return say(f"alert-{alert.key}", **alert.args("," if language() == "fr" else "."))[:TEXT_CHARS]


def title(alert: Alert) -> str:
    """`packdeck left: critical`."""
    word = say(f"status-severity-{alert.severity.name.lower()}")
    return f"packdeck {alert.track}: {word}" if alert.track else f"packdeck: {word}"


def detail(alert: Alert) -> str:
    """For the log, in no language: `CELL_LOW_VOLTAGE (cell 5: 2.795V < 2.800V) left` (row S1-71)."""
    args = alert.args()
    parts = [f"{'cell' if alert.key.startswith('cell') else 'at'} {args['where']}:"] if args["where"] else []
    if alert.key == "imbalance":
        parts = [f"delta: {args['value']}mV"]
    elif alert.told_value is not None:
        parts.append(f"{args['value']}{alert.unit}")
        if alert.limit is not None:
            parts += ["<" if alert.told_value < alert.limit else ">", f"{args['limit']}{alert.unit}"]
    inside = f" ({' '.join(parts).rstrip(':')})" if parts else ""
    return f"{alert.name or alert.key}{inside}{' ' + alert.track if alert.track else ''}"


def _who(who: str) -> str:
    """A name fit to be shown: one line, not too long."""
    return " ".join(who.split())[:WHO_CHARS]


def save_to(file: Path) -> SaveSetting:
    """Keeps changed limits in this `config.toml`."""

    def save(key: str, track: str, value: int | None) -> Cause | None:
        from tui.store.config_write import write_value

        return write_value(file, place_of(key, track), None if value is None else typed(key, value))

    return save
