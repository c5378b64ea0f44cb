"""`packdeck alerts`: what is wrong now, what was, the limits, and who is told."""

import getpass
import json
import sys
from typing import Any

import click

from tui.cli.alerts_feed import ask_nobody
from tui.cli.alerts_json import (
    SCHEMA,
    message,
    record_json,
    record_line,
    statistics_json,
    statistics_lines,
    threshold_json,
    threshold_line,
    threshold_value,
)
from tui.cli.check import BY_SEVERITY, CRITICAL, OK, UNKNOWN, WARNING, line, off_codes, off_words
from tui.cli.click_words import Group
from tui.cli.engine_feed import asked, obeyed, running
from tui.cli.history import typed
from tui.cli.history_feed import operator
from tui.cli.refusal import FAILURE, NO_ENGINE, USAGE, Refusal, refuse, words
from tui.cli.when import Said, iso, now_ms, range_of, range_options, seconds_of
from tui.locale import say
from tui.model.alert import AlertRecord, Notified, Severity, Threshold, Way
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

ALL, OFF, DEFAULT = "all", "off", "default"
SWITCHES = {"on": 1, "true": 1, "yes": 1, "1": 1, "off": 0, "false": 0, "no": 0, "0": 0}
SEVERITIES = tuple(severity.name.lower() for severity in Severity)
LIMIT = 50  # row S4-39
SILENCE_MAX_S = 24 * 3600
_json = click.option("--json", "as_json", is_flag=True, help=say("help-alerts-json"))
_track = click.option("--track", default="", metavar="NAME", help=say("help-alerts-track"))
_simulated = click.option("--simulated", "is_simulated", is_flag=True, help=say("help-history-simulated"))
_who = click.option("--who", default="", metavar="NAME", help=say("help-alerts-who"))


@click.group(cls=Group, help=say("help-alerts"))
def alerts() -> None:
    """Group of what can be done with alerts."""


@alerts.command("list", help=say("help-alerts-list"))
@_track
@click.option("--check", "wants_check", is_flag=True, help=say("help-alerts-check"))
@_json
def list_them(track: str, wants_check: bool, as_json: bool) -> None:
    """What is wrong now, worst first."""
    try:
        fleet = _fleet()
    except Refusal as refusal:
        if wants_check:
            click.echo(line(UNKNOWN, " ".join(refusal.message.split())))
            sys.exit(UNKNOWN)
        raise
    _known(fleet, track)
    found = [AlertRecord(alert) for alert in fleet.alerts if track in ("", alert.track)]
    if as_json:
        head = {"schema": SCHEMA, "timestamp_ms": now_ms()}
        silent = {"silent_until_timestamp_ms": _silent_until_ms(fleet)}
        entries = [record_json(record) for record in found]
        unjudged = {"off": [name for name in fleet.alerts_off if track in ("", name)]}
        _print_json(head | silent | unjudged | {"count": len(found), "alerts": entries})
    elif wants_check:
        each = [f"{r.alert.track}: {message(r)}" if r.alert.track else message(r) for r in found]
        said = "; ".join((*each, *(words.rstrip(".") for words in off_words(fleet, track))))
        click.echo(line(_code(found, fleet, track), said or say("status-no-alerts")))
    else:
        for record in found:
            click.echo(record_line(record))
        for text in (off := off_words(fleet, track)):
            click.echo(text)
        if not found and not off:
            click.echo(say("status-no-alerts"))
        if until_ms := _silent_until_ms(fleet):
            click.echo(say("cli-alerts-silent-until", time=iso(until_ms)))
    if wants_check:
        sys.exit(_code(found, fleet, track))


def _fleet() -> Fleet:
    with running() as feed:
        if feed is None:
            raise Refusal(say("cli-no-engine"), NO_ENGINE)
        return feed.fleet()


def _known(fleet: Fleet, track: str) -> None:
    if track and fleet.track(track) is None:
        raise Refusal(say("cli-no-track", name=track, names=" ".join(t.name for t in fleet.tracks)))


def _silent_until_ms(fleet: Fleet) -> int | None:
    return fleet.silent_until_ms if fleet.silent_until_ms > now_ms() else None


def _code(records: list[AlertRecord], fleet: Fleet, track: str) -> int:
    """As `status --check`: 0 nothing or information, 1 warning or not judged, 2 critical."""
    codes = [BY_SEVERITY[record.alert.severity] for record in records] + off_codes(fleet, track)
    return next((code for code in (CRITICAL, WARNING) if code in codes), OK)


@alerts.command(help=say("help-alerts-ack"))
@click.argument("which", metavar="NUMBER|all")
@_who
@_json
def ack(which: str, who: str, as_json: bool) -> None:
    """Somebody has seen it."""
    number = None if which.lower() == ALL else _number(which)
    count = _ask(AcknowledgeAlert(number, who or _me())).count or 0
    if as_json:
        _print_json({"schema": SCHEMA, "acknowledged": count})
        return
    click.echo(say("cli-alerts-acked", count=count) if count else say("cli-alerts-acked-none"))


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 62:
        raise Refusal(say("cli-alerts-number", text=text), USAGE)
    return int(text)


def _me() -> str:
    """Who asks: the name of this user; empty where it is not known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


@alerts.command("limits", help=say("help-alerts-limits"))
@click.argument("key", default="")
@_track
@_json
def limits(key: str, track: str, as_json: bool) -> None:
    """Every limit and switch."""
    key = _plain(key)
    found = [one for one in _thresholds(track) if key in ("", one.key)]
    if not found:
        raise refuse(Cause("alert-threshold-unknown", (("key", key),)))
    if as_json:
        _print_json(
            {"schema": SCHEMA, "track": track or None, "limits": [threshold_json(one) for one in found]}
        )
        return
    wide = max(len(one.key) for one in found)
    for one in found:
        click.echo(threshold_line(one, wide))
    if key:
        click.echo(say(found[0].help))


@alerts.command("set", help=say("help-alerts-set"))
@click.argument("key")
@click.argument("value")
@_track
@_who
@_json
def set_limit(key: str, value: str, track: str, who: str, as_json: bool) -> None:
    """Change one limit or switch, for one track or for all."""
    key = _plain(key)
    before = _named(_thresholds(track), key)
    wanted = _wanted(before, value)
    after = _named(_ask(SetThreshold(key, wanted, track, who or _me())).thresholds or (), key)
    if as_json:
        _print_json({"schema": SCHEMA, "before": before.value, "limit": threshold_json(after)})
        return
    said = {"key": key, "value": threshold_value(after), "before": threshold_value(before)}
    click.echo(say("cli-alerts-set", **said))
    if after.device_value is not None:
        click.echo(say("cli-alerts-set-device", value=threshold_value(after, after.device_value)))


def _plain(key: str) -> str:
    """As it stands in the configuration or without its table, with either dash."""
    return key.strip().lower().removeprefix("alerts.").replace("-", "_")


def _thresholds(track: str) -> tuple[Threshold, ...]:
    return _ask(Thresholds(track)).thresholds or ()


def _named(found: tuple[Threshold, ...], key: str) -> Threshold:
    one = next((one for one in found if one.key == key), None)
    if one is None:
        raise refuse(Cause("alert-threshold-unknown", (("key", key),)))
    return one


def _wanted(one: Threshold, text: str) -> int | None:
    """The number that is meant; `None` for the default. Refusal for what is no number."""
    text = text.strip().lower()
    if text == DEFAULT:
        return None
    if one.is_switch:
        if text not in SWITCHES:
            raise Refusal(say("cli-alerts-set-switch", key=one.key, text=text), USAGE)
        return SWITCHES[text]
    try:
        return int(text.removesuffix(one.unit.lower()).strip())
    except ValueError:
        args = {"key": one.key, "text": text, "unit": one.unit, "value": threshold_value(one)}
        raise Refusal(say("cli-alerts-set-whole", **args), USAGE) from None


@alerts.command(help=say("help-alerts-history"))
@range_options
@_track
@click.option("--key", default="", metavar="KEY", help=say("help-alerts-key"))
@click.option(
    "--severity", type=click.Choice(SEVERITIES, case_sensitive=False), help=say("help-alerts-severity")
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=LIMIT, metavar="N", help=say("help-alerts-limit")
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help=say("help-alerts-offset"))
@_simulated
@_json
def history(
    said: Said,
    track: str,
    key: str,
    severity: str | None,
    limit: int,
    offset: int,
    is_simulated: bool,
    as_json: bool,
) -> None:
    """What was, newest first, also without a running engine."""
    span = range_of(said, now_ms())
    least = None if severity is None else Severity[severity.upper()]
    question = AlertHistory(limit, offset, track, key, least, span.from_ms, span.until_ms)
    page = _ask(question, is_simulated=is_simulated).alerts
    records, total = (page.records, page.total) if page else ((), 0)
    if as_json:
        entries = [record_json(record) for record in records]
        _print_json({"schema": SCHEMA, "total": total, "limit": limit, "offset": offset, "alerts": entries})
        return
    for record in records:
        click.echo(record_line(record))
    if not records:
        click.echo(say("cli-alerts-none-then"))
    elif total > len(records):
        click.echo(say("cli-alerts-more", shown=str(len(records)), total=str(total)))


@alerts.command(help=say("help-alerts-stats"))
@_simulated
@_json
def stats(is_simulated: bool, as_json: bool) -> None:
    """Counts over everything that is kept."""
    counted = _ask(CountAlerts(), is_simulated=is_simulated).alert_statistics
    assert counted is not None, "an engine that obeys answers"
    if as_json:
        _print_json(statistics_json(counted))
        return
    for text in statistics_lines(counted):
        click.echo(text)


@alerts.command(help=say("help-alerts-silence"))
@click.argument("how_long", metavar="1h|off", default="1h")
@_who
@_json
def silence(how_long: str, who: str, as_json: bool) -> None:
    """No bell and no notification for a while."""
    seconds = 0.0 if how_long.lower() == OFF else seconds_of(how_long)
    if seconds > SILENCE_MAX_S:
        raise Refusal(say("cli-alerts-silence-long"), USAGE)
    _ask(SilenceAlerts(seconds, who or _me()))
    until_ms = now_ms() + round(seconds * 1000) if seconds else None
    if as_json:
        _print_json({"schema": SCHEMA, "silent_until_timestamp_ms": until_ms})
        return
    click.echo(say("cli-alerts-silent-until", time=iso(until_ms)) if until_ms else say("cli-alerts-heard"))


@alerts.command(help=say("help-alerts-test"))
@click.argument(
    "way", type=click.Choice(tuple(way.value for way in Way), case_sensitive=False), required=False
)
@_json
def test(way: str | None, as_json: bool) -> None:
    """Send a test; exit 1 when one way fails."""
    if way == Way.BELL:
        click.echo("\a", err=True, nl=False)  # the bell rings where the screen is: here that is this one
        results: tuple[Notified, ...] = (Notified(Way.BELL),)
    else:
        answer = _answer(TestNotify(Way(way) if way else None))
        if not answer.notified:
            raise refuse(answer.cause) if answer.cause else Refusal(say("cli-no-engine"), NO_ENGINE)
        results = answer.notified
    if as_json:
        _print_json({"schema": SCHEMA, "results": [_notified_json(one) for one in results]})
    else:
        for one in results:
            took = say("cli-alerts-test-took", way=say(f"notify-way-{one.way}"), ms=str(one.took_ms))
            click.echo(took if one.cause is None else f"{say(f'notify-way-{one.way}')}: {words(one.cause)}")
    sys.exit(FAILURE if any(one.cause is not None for one in results) else 0)


def _notified_json(one: Notified) -> dict[str, Any]:
    return {
        "way": one.way.value,
        "ok": one.cause is None,
        "took_ms": one.took_ms,
        "cause": one.cause.key if one.cause else None,
        "sentence": words(one.cause) if one.cause else None,
    }


@alerts.command(help=say("help-alerts-clear"))
@click.option("--yes", "-y", "is_sure", is_flag=True, help=say("help-clear-yes"))
@_who
@_json
def clear(is_sure: bool, who: str, as_json: bool) -> None:
    """Forget what is over, after a word was typed."""
    if not is_sure:
        typed(say("cli-alerts-clear"))
    with operator() as feed:
        count = obeyed(feed, ClearAlerts(who or _me())).count or 0
    if as_json:
        _print_json({"schema": SCHEMA, "cleared": count})
        return
    click.echo(say("cli-alerts-cleared", count=count))


def _ask(request: Request, *, is_simulated: bool = False) -> Answer:
    """The engine that runs, else what can be known without one. Refusal with the cause when not done."""
    answer = _answer(request, is_simulated=is_simulated)
    if not answer.ok:
        raise refuse(answer.cause) if answer.cause else Refusal(say("cli-no-engine"), NO_ENGINE)
    return answer


def _answer(request: Request, *, is_simulated: bool = False) -> Answer:
    """`is_simulated`: from what simulated batteries left."""
    if is_simulated:
        return ask_nobody(request, is_simulated=True)
    with running() as feed:
        return ask_nobody(request) if feed is None else asked(feed, request)


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
