"""Every alert there was, kept over restarts; without a database the newest hundred of this run."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui.model.alert import Alert, AlertPage, AlertRecord, AlertStatistics, Severity
from tui.model.requests import AlertHistory

if TYPE_CHECKING:  # SQLite is loaded by whoever opens the database
    from tui.store.database import Database, Value

LIVE_MAX = 100  # row CL-42: records in memory
SETTLE_S = 1.0
PAGE_MAX = 1000
COLUMNS = (
    *("number", "track", "key", "place", "type", "name", "severity", "value", "worst", "threshold", "unit"),
    *("since_ms", "ended_ms", "cleared_ms", "acknowledged_ms", "acknowledged_by", "frame", "from_device"),
    "clip",
)
ALERTS_1 = (  # one version of the schema
    "CREATE TABLE alerts (number INTEGER PRIMARY KEY, track TEXT NOT NULL, key TEXT NOT NULL,"
    " place INTEGER, type INTEGER NOT NULL, name TEXT NOT NULL, severity INTEGER NOT NULL, value REAL,"
    " worst REAL, threshold REAL, unit TEXT NOT NULL, since_ms INTEGER NOT NULL, ended_ms INTEGER,"
    " cleared_ms INTEGER, acknowledged_ms INTEGER, acknowledged_by TEXT NOT NULL DEFAULT '',"
    " frame INTEGER NOT NULL DEFAULT 0, from_device INTEGER NOT NULL DEFAULT 0,"
    " clip TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX alerts_since ON alerts (since_ms)",
)
_KEEP_CLIP = "coalesce(nullif(?, ''), (SELECT clip FROM alerts WHERE number = ?), '')"
_PUT = (
    f"INSERT OR REPLACE INTO alerts ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join('?' * (len(COLUMNS) - 1))}, {_KEEP_CLIP})"
)
_GET = f"SELECT {', '.join(COLUMNS)} FROM alerts"
_COUNT = (
    "SELECT count(*), coalesce(sum(cleared_ms IS NULL), 0), coalesce(sum(severity = 2), 0),"
    " coalesce(sum(severity = 1), 0), coalesce(sum(severity = 0), 0), count(acknowledged_ms),"
    " avg(acknowledged_ms - since_ms) FROM alerts"
)


class AlertLog:
    """Any thread may call it. Writing never waits; a question may, for what was written a moment ago.

    A question raises `DatabaseError` when the file cannot be read.
    """

    def __init__(self, database: "Database | None" = None) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._live: OrderedDict[int, AlertRecord] = OrderedDict()
        self._next = 1

    def begin(self) -> list[AlertRecord]:
        """What an earlier run left open, newest first. Call it once, before the first number."""
        if self._database is None:
            return []
        (newest,) = self._database.read("SELECT coalesce(max(number), 0) FROM alerts")[0]
        with self._lock:
            self._next = max(self._next, int(newest or 0) + 1)
        return self._read("WHERE cleared_ms IS NULL ORDER BY number DESC", ())

    def number(self) -> int:
        """A number that no other alert has or had."""
        with self._lock:
            self._next += 1
            return self._next - 1

    def put(self, record: AlertRecord) -> None:
        """Keep it as it is now, instead of what was kept under its number. A clip once known stays."""
        with self._lock:
            before = self._live.pop(record.alert.number, None)
            if before is not None and not record.clip:
                record = replace(record, clip=before.clip)
            self._live[record.alert.number] = record
            while len(self._live) > LIVE_MAX:
                self._live.popitem(last=False)
        if self._database is not None:
            self._database.execute(_PUT, (*_row(record), record.alert.number))

    def set_clip(self, numbers: Sequence[int], clip: str) -> None:
        """The recording around these alerts is in this file."""
        with self._lock:
            for number in numbers:
                if number in self._live:
                    self._live[number] = replace(self._live[number], clip=clip)
        if self._database is not None:
            for number in numbers:
                self._database.execute("UPDATE alerts SET clip = ? WHERE number = ?", (clip, number))

    def page(self, asked: AlertHistory) -> AlertPage:
        """Newest first."""
        limit, offset = min(max(0, asked.limit), PAGE_MAX), max(0, asked.offset)
        if self._database is None:
            found = [record for record in self._newest() if _is_wanted(record, asked)]
            return AlertPage(tuple(found[offset : offset + limit]), len(found))
        self._database.settle(SETTLE_S)
        where, args = _where(asked)
        (total,) = self._database.read(f"SELECT count(*) FROM alerts {where}", args)[0]
        order = "ORDER BY since_ms DESC, number DESC LIMIT ? OFFSET ?"
        return AlertPage(tuple(self._read(f"{where} {order}", (*args, limit, offset))), int(total or 0))

    def statistics(self) -> AlertStatistics:
        """Counts over everything that is kept (row S4-40)."""
        if self._database is None:
            return _counted(self._newest())
        self._database.settle(SETTLE_S)
        row = self._database.read(_COUNT)[0]
        *counts, mean = row
        total, active, critical, warning, info, seen = (int(count or 0) for count in counts)
        mean_ms = None if mean is None else round(float(mean))
        return AlertStatistics(total, active, critical, warning, info, seen, mean_ms)

    def clear(self) -> int:
        """Forget everything but what is active; gives how many records that were."""
        with self._lock:
            gone = [n for n, record in self._live.items() if record.cleared_ms is not None]
            for number in gone:
                del self._live[number]
        if self._database is None:
            return len(gone)
        self._database.settle(SETTLE_S)
        (count,) = self._database.read("SELECT count(*) FROM alerts WHERE cleared_ms IS NOT NULL")[0]
        self._database.execute("DELETE FROM alerts WHERE cleared_ms IS NOT NULL")
        return int(count or 0)

    def _newest(self) -> list[AlertRecord]:
        with self._lock:
            return sorted(self._live.values(), key=lambda r: (-r.alert.since_ms, -r.alert.number))

    def _read(self, rest: str, args: Sequence["Value"]) -> list[AlertRecord]:
        assert self._database is not None
        return [_record(row) for row in self._database.read(f"{_GET} {rest}", args)]


def _row(record: AlertRecord) -> tuple["Value", ...]:
    a = record.alert
    what = (a.number, a.track, a.key, a.where, a.type, a.name, int(a.severity))
    values = (a.value, a.worst, a.limit, a.unit, a.since_ms, a.ended_ms, record.cleared_ms)
    seen = (a.acknowledged_ms, a.acknowledged_by, a.frame, int(a.is_device_limit), record.clip)
    return (*what, *values, *seen)


def _record(row: Sequence[Any]) -> AlertRecord:
    said = dict(zip(COLUMNS, row, strict=True))
    alert = Alert(
        said["track"], said["key"], Severity(min(2, max(0, said["severity"]))), said["place"], said["value"],
        said["threshold"], since_ms=said["since_ms"], unit=said["unit"], type=said["type"], name=said["name"],
        number=said["number"], worst=said["worst"], frame=said["frame"],
        is_device_limit=bool(said["from_device"]), ended_ms=said["ended_ms"],
        acknowledged_by=said["acknowledged_by"], acknowledged_ms=said["acknowledged_ms"],
    )  # fmt: skip
    return AlertRecord(alert, said["cleared_ms"], said["clip"])


def _where(asked: AlertHistory) -> tuple[str, tuple["Value", ...]]:
    severity = None if asked.severity is None else int(asked.severity)
    parts: list[tuple[str, Value]] = [
        ("track = ?", asked.track or None),
        ("key = ?", asked.key or None),
        ("severity = ?", severity),
        ("since_ms >= ?", asked.since_ms),
        ("since_ms < ?", asked.until_ms),
    ]
    used = [(sql, value) for sql, value in parts if value is not None]
    where = "WHERE " + " AND ".join(sql for sql, _ in used) if used else ""
    return where, tuple(value for _, value in used)


def _is_wanted(record: AlertRecord, asked: AlertHistory) -> bool:
    alert = record.alert
    return (
        asked.track in ("", alert.track)
        and asked.key in ("", alert.key)
        and asked.severity in (None, alert.severity)
        and (asked.since_ms is None or alert.since_ms >= asked.since_ms)
        and (asked.until_ms is None or alert.since_ms < asked.until_ms)
    )


def _counted(records: Sequence[AlertRecord]) -> AlertStatistics:
    alerts = [record.alert for record in records]
    waits = [a.acknowledged_ms - a.since_ms for a in alerts if a.acknowledged_ms is not None]
    by = {severity: sum(a.severity is severity for a in alerts) for severity in Severity}
    return AlertStatistics(
        len(alerts),
        sum(record.cleared_ms is None for record in records),
        by[Severity.CRITICAL],
        by[Severity.WARNING],
        by[Severity.INFO],
        len(waits),
        round(sum(waits) / len(waits)) if waits else None,
    )
