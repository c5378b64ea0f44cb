"""Where the numbers stand beside a chart, and the times below it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.locale import say
from tui.style.numbers import decimal_mark
from tui.widgets.rows import Span

STEPS = (1.0, 2.0, 5.0, 10.0)
DIVISIONS = 4  # steps in the span of the values, about
LABEL_GAP = 4  # cells between two labels of the time axis, at least
MINUTE, HOUR, DAY = 60, 3600, 86_400
TIME_STEPS_S = (
    *(1, 5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY),
)
MONTH_STEPS = (1, 2, 3, 6, 12)
MONTH_S = 30 * DAY


@dataclass(frozen=True, slots=True)
class Scale:
    """A span of values that ends on round numbers, and the numbers to write beside it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def row(self, value: float, height: int) -> int:
        """In which row from the top a value is."""
        return round((self.high - value) / (self.high - self.low) * (height - 1))

    def label(self, value: float) -> str:
        """A tick as it is written."""
        text = f"{value:.{self.decimals}f}"
        text = text.lstrip("-") if not text.strip("-0.") else text
        return text.replace(".", decimal_mark())


def scale_of(low: float, high: float, least: float, height: int) -> Scale:
    """The round span around the values, at least `least` wide: it changes only when a value leaves it."""
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    step = _round_up((high - low) / DIVISIONS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    most = max(2, (height + 1) // 2)
    stride = next((n for n in (1, 2, 5, 10) if (last - first) // n + 1 <= most), 20)
    shown = [n for n in range(first, last + 1) if n % stride == 0] or [first]
    if len(shown) < 2:
        shown = [first, last]
    ticks = tuple(round(n * step, 10) for n in shown)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Scale(round(first * step, 10), round(last * step, 10), ticks, decimals)


def _round_up(wanted: float) -> float:
    """The next of 1, 2, 5, 10, 20 …"""
    size = 10.0 ** math.floor(math.log10(wanted)) if wanted > 0 else 1.0
    return next(size * s for s in STEPS if size * s >= wanted * 0.999)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment with a label; `strong` ones begin a day, a month or a year."""

    time_ms: int
    label: str
    strong: bool = False


def time_ticks(from_ms: int, until_ms: int, cells: int) -> tuple[Tick, ...]:
    """Round local times, so many that their labels have room."""
    span_s = (until_ms - from_ms) / 1000
    for step_s in TIME_STEPS_S:
        wide = 8 if step_s < MINUTE else 6
        if span_s / step_s * (wide + LABEL_GAP) <= cells:
            return tuple(_clock_ticks(from_ms, until_ms, step_s))
    months = next(
        (n for n in MONTH_STEPS if span_s / (n * MONTH_S) * (6 + LABEL_GAP) <= cells), MONTH_STEPS[-1]
    )
    return tuple(_month_ticks(from_ms, until_ms, months))


def _clock_ticks(from_ms: int, until_ms: int, step_s: int) -> list[Tick]:
    """Counted from midnight (weeks from a fixed Monday) on the local clock, over any change of its offset."""
    start = datetime.fromtimestamp(from_ms / 1000)
    if step_s <= DAY:
        at = start.replace(hour=0, minute=0, second=0, microsecond=0)
        at += timedelta(seconds=((start - at).total_seconds() // step_s) * step_s)
    else:
        monday = datetime(1970, 1, 5)
        at = monday + timedelta(seconds=((start - monday).total_seconds() // step_s) * step_s)
    ticks = []
    while (time_ms := int(at.timestamp() * 1000)) < until_ms:
        if time_ms >= from_ms:
            ticks.append(_clock_tick(at, time_ms, step_s))
        at += timedelta(seconds=step_s)
    return ticks


def _clock_tick(at: datetime, time_ms: int, step_s: int) -> Tick:
    midnight = at.hour == at.minute == at.second == 0
    if step_s >= DAY or midnight:
        return Tick(time_ms, date_words(at), strong=step_s < DAY or at.day == 1)
    return Tick(time_ms, at.strftime("%H:%M:%S" if step_s < MINUTE else "%H:%M"))


def _month_ticks(from_ms: int, until_ms: int, months: int) -> list[Tick]:
    start = datetime.fromtimestamp(from_ms / 1000)
    year, month = start.year, (start.month - 1) // months * months + 1
    ticks = []
    while (time_ms := int(datetime(year, month, 1).timestamp() * 1000)) < until_ms:
        if time_ms >= from_ms:
            label = str(year) if month == 1 else say(f"month-{month}")
            ticks.append(Tick(time_ms, label, strong=month == 1))
        month += months
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return ticks


def date_words(at: datetime) -> str:
    """`21 Nov`."""
    return say("history-date", day=str(at.day), month=say(f"month-{at.month}"))


def moment_words(time_ms: int, span_s: float) -> str:
    """A moment as exact as the span deserves: `Sat 21 Nov 12:07:31`, `21 Nov 12:07`, `21 Nov 2026`."""
    at = datetime.fromtimestamp(time_ms / 1000)
    if span_s > 60 * DAY:
        return f"{date_words(at)} {at.year}"
    return f"{date_words(at)} {at.strftime('%H:%M:%S' if span_s <= 2 * HOUR else '%H:%M')}"


def write(words: list[Span], at: int, text: str, role: str, *, over: bool = False) -> None:
    """A label centred at a column, inside the row; not over another one unless it must be seen."""
    text = text[: len(words)]
    start = min(max(0, at - len(text) // 2), len(words) - len(text))
    around = range(max(0, start - 1), min(len(words), start + len(text) + 1))
    if over or all(words[x][0] == " " for x in around):
        words[start : start + len(text)] = [(char, role) for char in text]
