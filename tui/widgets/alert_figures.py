"""Alerts in figures: how many of each severity, the most frequent ones, how they spread over the days."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tui.locale import say
from tui.model.alert import AlertRecord, AlertStatistics, Severity
from tui.style.glyphs import GlyphSet
from tui.style.numbers import long_span
from tui.widgets.alert_list import ROLES, severity_words, what_words
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, beside, fit, row, title_rule, wrap
from tui.widgets.status_band import track_words

LABEL, COUNT = 16, 6
TWO_COLUMNS = 76
DAYS, DAYS_PHONE = 14, 7
FREQUENT = 8
BAR_MAX = 40
DAY_ROWS, DAY_ROWS_MAX = 5, 14


@dataclass(frozen=True, slots=True)
class FiguresValue:
    """Counts over everything kept, and the newest records, which tell about kinds and days."""

    statistics: AlertStatistics | None = None
    records: tuple[AlertRecord, ...] = ()
    wall_s: float = 0.0
    why: str = ""


class AlertFigures(Drawing[FiguresValue]):
    """Totals, the most frequent kinds, tracks, and the last days."""

    def draw(self, value: FiguresValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Two columns where they fit; then the days over the whole width."""
        counted = value.statistics
        if counted is None:
            words = value.why or say("alerts-reading")
            lines = [row((f" {line}", "label")) for line in wrap(words, cells - 2)]
            return [title_rule(say("alerts-view-statistics"), (), cells, glyphs), BLANK, *lines]
        days = day_rows(value, cells, glyphs, DAY_ROWS)
        if cells < TWO_COLUMNS:
            totals, often = total_rows(counted, cells, glyphs), frequent_rows(value, cells, glyphs)
            return [*totals, BLANK, *days, BLANK, *often][:height]
        half = cells // 2
        left = total_rows(counted, half - 1, glyphs)
        right = [*frequent_rows(value, cells - half, glyphs)]
        tracks = [BLANK, *track_rows(value, half - 1, glyphs)]
        if len(left) + len(tracks) + len(days) + 1 <= height:
            left += tracks
        most = max(4, height - len(days) - 1)
        upper = beside([(left[:most], half), (right[:most], cells - half)])
        spare = height - len(upper) - len(days) - 1
        if spare < 0:
            return upper
        return [*upper, BLANK, *day_rows(value, cells, glyphs, min(DAY_ROWS + spare, DAY_ROWS_MAX))]


def total_rows(counted: AlertStatistics, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Row S4-40, every severity with a bar."""
    known = (
        (Severity.CRITICAL, counted.critical),
        (Severity.WARNING, counted.warning),
        (Severity.INFO, counted.info),
    )  # fmt: skip
    total = [(say("alerts-figure-total", count=counted.total), "label")]
    lines = [title_rule(say("alerts-figure-severity"), total, cells, glyphs)]
    most = max(1, *(count for _, count in known))
    lines += [_bar(severity_words(one), count, most, ROLES[one], cells, glyphs) for one, count in known]
    mean = counted.acknowledged_mean_ms
    seen = f"{counted.acknowledged}"
    facts = [
        ("active", str(counted.active), "alarm" if counted.active else "ok"),
        ("seen", seen, "text"),
        ("mean", "--" if mean is None else long_span(mean / 1000), "text"),
        ("crowded", str(counted.crowded_out), "warn" if counted.crowded_out else "text"),
    ]
    if not counted.crowded_out:
        facts.pop()
    return [*lines, *(row((f" {say(f'alerts-figure-{name}'):<{LABEL + 6}}", "label"), (text, role))
                      for name, text, role in facts)]  # fmt: skip


def _bar(
    word: str, count: int, most: int, role: str, cells: int, glyphs: GlyphSet, label: int = LABEL
) -> Row:
    """A word, a count and its bar: the number says it, the bar only repeats it."""
    room = max(4, min(BAR_MAX, cells - label - COUNT - 4))
    bar = glyphs.hbar(count / most, room) if count else glyphs.bar_empty * room
    return row((f" {word[: label - 1]:<{label}}", "text"), (f"{count:>{COUNT - 1}}  ", "number"), (bar, role))


def frequent_rows(value: FiguresValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Which kinds come most often, wherever they are."""
    kinds = Counter(_kind(record) for record in value.records)
    newest = [(say("alerts-figure-newest", count=len(value.records)), "label")]
    lines = [title_rule(say("alerts-figure-often"), newest, cells, glyphs)]
    if not kinds:
        return [*lines, row((f" {say('alerts-none-kept')}", "label"))]
    worst: dict[str, Severity] = {}
    for record in value.records:
        worst[_kind(record)] = max(record.alert.severity, worst.get(_kind(record), Severity.INFO))
    found = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))[:FREQUENT]
    label = min(30, max(LABEL, cells - COUNT - 12))
    return [*lines, *(_bar(k, n, found[0][1], ROLES[worst[k]], cells, glyphs, label) for k, n in found)]


def _kind(record: AlertRecord) -> str:
    """The kind in words, whichever cell it is."""
    return " ".join(what_words(replace(record.alert, where=None)).split())


def track_rows(value: FiguresValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """How many each battery has."""
    tracks = Counter(record.alert.track for record in value.records)
    lines = [title_rule(say("alerts-figure-tracks"), (), cells, glyphs)]
    most = max(tracks.values(), default=1)
    system = say("alerts-whole-system")
    named = ((track_words(name) or system, count) for name, count in sorted(tracks.items()))
    return [*lines, *(_bar(name, count, most, "series-a", cells, glyphs) for name, count in named)]


def day_rows(value: FiguresValue, cells: int, glyphs: GlyphSet, rows: int) -> list[Row]:
    """A column a day, as high as its alerts; its number stands above it."""
    count = DAYS if cells >= TWO_COLUMNS else DAYS_PHONE
    today = datetime.fromtimestamp(value.wall_s).date()
    days = [today - timedelta(days=count - 1 - i) for i in range(count)]
    found = Counter(datetime.fromtimestamp(r.alert.since_ms / 1000).date() for r in value.records)
    severe = {
        datetime.fromtimestamp(r.alert.since_ms / 1000).date()
        for r in value.records
        if r.alert.severity is Severity.CRITICAL
    }
    wide = max(4, min(10, (cells - 2) // count))
    most = max(1, *(found[day] for day in days))
    columns = []
    for day in days:
        count_of, role = found[day], "alarm" if day in severe else "series-a"
        bar = glyphs.vbar(count_of / most, rows) if count_of else ()
        bar = tuple(part for part in bar if part.strip())
        top = f"{count_of}{'!' if day in severe else ''}" if count_of else "-"
        short = say(f"day-{day.weekday()}")[:3]
        body = [
            *[BLANK] * (rows - len(bar)),
            row((_centred(top, wide), "number" if count_of else "label")),
            *(row((_centred(part * (wide - 2), wide), role)) for part in bar),
            row((_centred(short if wide < 7 else f"{short} {day.day}", wide), "label")),
        ]
        columns.append((body, wide))
    title = title_rule(say("alerts-figure-days", days=count), _hints(severe, days), cells, glyphs)
    return [title, *(fit((("  ", "text"), *line), cells) for line in beside(columns))]


def _hints(severe: Iterable[object], days: Iterable[object]) -> list[tuple[str, str]]:
    return [(say("alerts-figure-critical-days"), "alarm")] if set(severe) & set(days) else []


def _centred(text: str, cells: int) -> str:
    return text.center(cells)[:cells]
