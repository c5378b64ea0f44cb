"""Which time is meant: `--last 24h`, `--from` and `--until` as dates or times of ISO 8601."""

import functools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from tui.cli.refusal import USAGE, Refusal
from tui.locale import say

Command = TypeVar("Command", bound=Callable[..., Any])

UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 365 * 86_400}
LAST_MAX_S = 200 * UNITS_S["y"]
_LAST = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?) ?([a-z]{1,3})", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Range:
    """From, included, until, not included: Unix time in ms. `None`: as far as there is something."""

    from_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line said about time, not yet looked at."""

    last: str | None = None
    begin: str | None = None
    end: str | None = None


def range_options(command: Command) -> Command:
    """Add `--last`, `--from` and `--until`; the function gets them as its parameter `said`."""

    @functools.wraps(command)
    def with_range(*args: Any, **given: Any) -> Any:
        said = Said(given.pop("last"), given.pop("begin"), given.pop("end"))
        return command(*args, said=said, **given)

    for option in (
        click.option("--until", "end", metavar="TIME", help=say("help-until")),
        click.option("--from", "begin", metavar="TIME", help=say("help-from")),
        click.option("--last", metavar="24h", help=say("help-last")),
    ):
        option(with_range)
    return with_range  # type: ignore[return-value]


def range_of(said: Said, now_ms: int, otherwise: str | None = None) -> Range:
    """The range that is meant; `otherwise` is the `--last` of whoever said nothing. Refusal for nonsense.

    A date means all of that day, in the time zone of this machine; a time without a zone is local time.
    """
    if said.last is not None and said.begin is not None:
        raise Refusal(say("cli-when-both"), USAGE)
    until_ms = None if said.end is None else moment_ms(said.end, is_end=True)
    from_ms = None if said.begin is None else moment_ms(said.begin)
    last = said.last or (otherwise if said.begin is None else None)
    if last is not None:
        from_ms = (now_ms if until_ms is None else until_ms) - round(seconds_of(last) * 1000)
    if from_ms is not None and until_ms is not None and from_ms >= until_ms:
        raise Refusal(say("cli-when-empty", begin=iso(from_ms), end=iso(until_ms)), USAGE)
    return Range(from_ms, until_ms)


def seconds_of(text: str) -> float:
    """`90s`, `15m`, `24h`, `7d`, `2w`, `1y`. Refusal for anything else; never zero."""
    match = _LAST.fullmatch(text.strip())
    factor = UNITS_S.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise Refusal(say("cli-when-last", text=text), USAGE)
    seconds = float(match[1].replace(",", ".")) * factor
    if not 0 < seconds <= LAST_MAX_S:
        raise Refusal(say("cli-when-last", text=text), USAGE)
    return seconds


def moment_ms(text: str, *, is_end: bool = False) -> int:
    """Unix time of a date or time; of a date as an end: the end of that day. Refusal for anything else."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
        if _DATE.fullmatch(text) and is_end:
            moment += timedelta(days=1)
        if moment.tzinfo is None:
            moment = moment.astimezone()  # after the day was added: a day may have 23 or 25 hours
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise Refusal(say("cli-when-moment", text=text), USAGE) from None


def iso(time_ms: int) -> str:
    """`2026-11-21 12:07:31`, local time."""
    return datetime.fromtimestamp(time_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")


def iso_zone(time_ms: int) -> str:
    """ISO 8601 with milliseconds and the zone of this machine."""
    return datetime.fromtimestamp(time_ms / 1000).astimezone().isoformat(timespec="milliseconds")


def now_ms() -> int:
    """Unix time of this machine."""
    return time.time_ns() // 1_000_000
