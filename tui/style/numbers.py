"""How numbers look. Unknown is `--`, never zero; rounding never shows a minus before nothing."""

import time
from math import ceil

from tui.locale import language, say

UNKNOWN = "--"
LONGEST_H = 48.0  # row CL-44
LIVE_UNDER_S = 5.0  # row CL-12


def fixed(value: float | None, digits: int, signed: bool = False) -> str:
    """A number with so many decimals, in the decimal mark of the language; `--` when unknown."""
    if value is None or value != value:
        return UNKNOWN if digits == 0 else f"{UNKNOWN}.{UNKNOWN[:1] * digits}".replace(".", decimal_mark())
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if not text.strip("+-0."):
        text = text.lstrip("+-")
    return text.replace(".", decimal_mark())


def decimal_mark() -> str:
    """`.` or, in French, `,`."""
    return "," if language() == "fr" else "."


def volts(value_v: float | None, digits: int) -> str:
    """`53.12`, without the unit."""
    return fixed(value_v, digits)


def amps(value_a: float | None, signed: bool = False) -> str:
    """`12.4 A`; signed: plus charges."""
    return f"{fixed(value_a, 1, signed)} A"


def watts(value_w: float | None) -> str:
    """`659 W`: how much, in whichever direction."""
    return f"{fixed(None if value_w is None else abs(value_w), 0)} W"


def watts_signed(value_w: float | None) -> str:
    """`+551 W`: plus charges."""
    return UNKNOWN if value_w is None else f"{fixed(value_w, 0, signed=True)} W"


def percent(value: float | None) -> str:
    """`72 %`."""
    return UNKNOWN if value is None else f"{fixed(value, 0)} %"


def celsius(value_c: float | None) -> str:
    """`21.5`, without the unit."""
    return fixed(value_c, 1)


def kilowatt_hours(value_wh: float) -> str:
    """Watt-hours as `11.2`, without the unit."""
    return fixed(value_wh / 1000, 1)


def duration(hours: float | None) -> str:
    """`45 min`, `6 h 20`, and no more than 48 hours."""
    if hours is None:
        return UNKNOWN
    if hours > LONGEST_H:
        return f"> {LONGEST_H:.0f} h"
    minutes = round(hours * 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def span(seconds: float) -> str:
    """`00:12` or `3:04:05`: how long something has lasted."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def long_span(seconds: float) -> str:
    """`30 s`, `12 min`, `5 h 12`, `3 d 4 h`: as long as it is, no longer than needed."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole // 60 % 60:02d}"
    return say("span-days", days=str(whole // 86_400), hours=str(whole // 3600 % 24))


def age_words(age_s: float | None, live: bool) -> str:
    """Row CL-12: `12s ago`, `3m ago`, `2h ago`, `No data received`; a live value says its seconds."""
    if age_s is None:
        return say("age-never")
    whole = int(age_s)
    if live:
        return f"{whole} s"
    if whole < 60:
        return say("age-seconds", seconds=whole)
    return say("age-minutes", minutes=whole // 60) if whole < 3600 else say("age-hours", hours=whole // 3600)


def freshness(age_s: float | None) -> str:
    """Row CL-12 as it stands: `Live` under five seconds, then the age."""
    return say("age-live") if age_s is not None and age_s < LIVE_UNDER_S else age_words(age_s, live=False)


def age_old(age_s: float | None) -> str:
    """`12 s old`, for values that must not pass as new."""
    if age_s is None:
        return say("age-never")
    whole = int(age_s)
    return say(
        "age-old",
        age=f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h",
    )


def time_of_day(time_ms: int) -> str:
    """Local `12:07` of a moment in Unix time."""
    return time.strftime("%H:%M", time.localtime(time_ms / 1000))


def clock_words(wall_s: float) -> str:
    """Local `Sat 12:07:31`, with the day in the language of the screen."""
    local = time.localtime(wall_s)
    return f"{say(f'day-{local.tm_wday}')} {time.strftime('%H:%M:%S', local)}"


def minutes_words(seconds: float) -> str:
    """`9:40`."""
    whole = ceil(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
