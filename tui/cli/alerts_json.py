"""Alerts and limits as JSON and as lines. Keys are only ever added; `null` is unknown.

list:     {"schema": 1, "timestamp_ms", "silent_until_timestamp_ms", "off": [tracks that nobody judges],
           "count", "alerts": [ALERT]}
history:  {"schema": 1, "total", "limit", "offset", "alerts": [ALERT]}
ALERT:    {"number", "track", "key", "type", "name", "severity": "info" | "warning" | "critical",
           "status": "active" | "acknowledged" | "cleared", "where", "value", "limit", "worst", "unit",
           "is_device_limit", "message", "since_timestamp_ms", "ended_timestamp_ms",
           "cleared_timestamp_ms", "lasted_s", "acknowledged_timestamp_ms", "acknowledged_by", "clip"}
stats:    {"schema": 1, "total", "active", "critical", "warning", "info", "acknowledged",
           "acknowledged_mean_s", "crowded_out"}
limits:   {"schema": 1, "track", "limits": [{"key", "value", "unit", "default", "low", "high",
           "is_switch", "track", "device_value", "help"}]}
"""

from typing import Any

from tui.cli.status_words import alert_words
from tui.cli.when import iso
from tui.locale import say
from tui.model.alert import AlertRecord, AlertStatistics, Status, Threshold
from tui.style.numbers import UNKNOWN, decimal_mark, long_span

SCHEMA = 1
Json = dict[str, Any]


def record_json(record: AlertRecord) -> Json:
    """One alert. `value`, `limit` and `worst` are in `unit`."""
    alert = record.alert
    return {
        "number": alert.number or None,
        "track": alert.track or None,
        "key": alert.key,
        "type": alert.type,
        "name": alert.name or None,
        "severity": alert.severity.name.lower(),
        "status": record.status.name.lower(),
        "where": alert.where,
        "value": alert.value,
        "limit": alert.limit,
        "worst": alert.worst,
        "unit": alert.unit,
        "is_device_limit": alert.is_device_limit,
        "message": message(record),
        "since_timestamp_ms": alert.since_ms,
        "ended_timestamp_ms": alert.ended_ms,
        "cleared_timestamp_ms": record.cleared_ms,
        "lasted_s": None if record.lasted_ms is None else record.lasted_ms / 1000,
        "acknowledged_timestamp_ms": alert.acknowledged_ms,
        "acknowledged_by": alert.acknowledged_by or None,
        "clip": record.clip or None,
    }


def message(record: AlertRecord) -> str:
    """What, where, value and limit in words (row S4-38)."""
    alert = record.alert
    return say(f"alert-{alert.key}".replace("_", "-"), **alert.args(decimal_mark()))


def record_line(record: AlertRecord) -> str:
    """Number, since when, how long, severity and sentence, and who has seen it."""
    alert = record.alert
    lasted = "" if record.lasted_ms is None else f" ({long_span(record.lasted_ms / 1000)})"
    seen = ""
    if alert.acknowledged_ms is not None:
        seen = f"  {say('cli-alerts-seen-by', who=alert.acknowledged_by or UNKNOWN)}"
    mark = {Status.ACTIVE: "!", Status.ACKNOWLEDGED: "+", Status.CLEARED: " "}[record.status]
    status = say(f"cli-alerts-status-{record.status.name.lower()}")
    if record.status is Status.ACTIVE and alert.ended_ms is not None:
        status = say("alerts-over")
    return f"{mark} {alert.number:>5}  {iso(alert.since_ms)}  {status}{lasted}  {alert_words(alert)}{seen}"


def statistics_json(counted: AlertStatistics) -> Json:
    """Row S4-40."""
    mean_ms = counted.acknowledged_mean_ms
    return {
        "schema": SCHEMA,
        "total": counted.total,
        "active": counted.active,
        "critical": counted.critical,
        "warning": counted.warning,
        "info": counted.info,
        "acknowledged": counted.acknowledged,
        "acknowledged_mean_s": None if mean_ms is None else mean_ms / 1000,
        "crowded_out": counted.crowded_out,
    }


def statistics_lines(counted: AlertStatistics) -> list[str]:
    """The same for a person."""
    mean_ms = counted.acknowledged_mean_ms
    rows = [
        (say("cli-alerts-total"), str(counted.total)),
        (say("cli-alerts-active"), str(counted.active)),
        (say("status-severity-critical"), str(counted.critical)),
        (say("status-severity-warning"), str(counted.warning)),
        (say("status-severity-info"), str(counted.info)),
        (say("cli-alerts-acknowledged"), str(counted.acknowledged)),
        (say("cli-alerts-acknowledged-after"), UNKNOWN if mean_ms is None else long_span(mean_ms / 1000)),
    ]
    if counted.crowded_out:
        rows.append((say("cli-alerts-crowded-out"), str(counted.crowded_out)))
    wide = max(len(label) for label, _ in rows)
    return [f"{label:<{wide}}  {value}" for label, value in rows]


def threshold_json(one: Threshold) -> Json:
    """A switch has the value true or false."""
    return {
        "key": one.key,
        "value": bool(one.value) if one.is_switch else one.value,
        "unit": one.unit or None,
        "default": bool(one.default) if one.is_switch else one.default,
        "low": None if one.is_switch else one.low,
        "high": None if one.is_switch else one.high,
        "is_switch": one.is_switch,
        "track": one.track or None,
        "device_value": one.device_value,
        "help": say(one.help),
    }


def threshold_value(one: Threshold, value: float | None = None) -> str:
    """`3650 mV`, `on`."""
    value = one.value if value is None else value
    if one.is_switch:
        return say("on" if value else "off")
    return f"{value:g} {one.unit}".rstrip()


def threshold_line(one: Threshold, wide: int) -> str:
    """Key, value, and where that comes from when it is not the default."""
    notes = []
    if one.value != one.default:
        notes.append(say("cli-alerts-limit-default", value=threshold_value(one, one.default)))
    if one.device_value is not None:
        notes.append(say("cli-alerts-limit-device", value=threshold_value(one, one.device_value)))
    elif one.track:
        notes.append(say("cli-alerts-limit-own", track=one.track))
    return f"{one.key:<{wide}}  {threshold_value(one):>10}  {'; '.join(notes)}".rstrip()
