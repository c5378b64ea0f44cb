"""Alerts, one row each: how bad, what, where, value against limit, since when, and who has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.alert import DECIMALS, MOVING, Alert, AlertRecord, Severity, Status
from tui.model.fleet import Fleet
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, decimal_mark, fixed, long_span, time_of_day
from tui.widgets.chart_axis import moment_words
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.rows import BLANK, Row, Span, ends, fit, row, title_rule, wrap
from tui.widgets.status_band import alert_words, track_words

HEAD_ROWS = 2  # title rule and headings
TWO_ROWS_UNDER = 64  # narrower lists take two rows an alert
HOUR_S, DAY_MS = 3600.0, 86_400_000
ROLES = {Severity.CRITICAL: "alarm", Severity.WARNING: "warn", Severity.INFO: "info"}

AlertKey = tuple[int, str, str, int | None]


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert as seen at `now_s` on the engine's steady clock, `wall_s` of Unix time."""

    record: AlertRecord
    now_s: float
    wall_s: float
    lost: bool = False  # the engine is gone: everything is as it was
    busy: bool = False  # somebody here has just said that it was seen

    @property
    def alert(self) -> Alert:
        """The alert itself."""
        return self.record.alert

    @property
    def key(self) -> AlertKey:
        """What names a row."""
        return self.alert.number, *self.alert.id

    @property
    def is_active(self) -> bool:
        """Not a record of something that is over."""
        return self.record.status is not Status.CLEARED

    @property
    def age_s(self) -> float:
        """How long it has held, or did."""
        lasted_ms = self.record.lasted_ms
        if lasted_ms is not None:
            return lasted_ms / 1000
        if self.alert.since_s:
            return max(0.0, self.now_s - self.alert.since_s)
        return max(0.0, self.wall_s - self.alert.since_ms / 1000)


@dataclass(frozen=True, slots=True)
class AlertsValue:
    """The rows. `total` of them exist, those shown begin at `first`; `nothing` is said when there is none."""

    views: tuple[AlertView, ...] = ()
    selected: AlertKey | None = None
    top: int = 0
    title: str = ""
    facts: tuple[Span, ...] = ()
    nothing: tuple[Row, ...] = ()
    is_history: bool = False
    tall: bool = False  # two rows each: for fingers
    why: str = ""  # the newest answer was none


class AlertChosen(Message):
    """A row was tapped."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class AlertList(Drawing[AlertsValue]):
    """Title rule, headings, rows; without rows a sentence."""

    def draw(self, value: AlertsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """As many rows as fit around the selected one."""
        why = [row((f" {glyphs.warn} {line}", "warn")) for line in wrap(value.why, cells - 4)]
        if not value.views:
            return [title_rule(value.title, value.facts, cells, glyphs), *why, *value.nothing]
        each, head = rows_each(value, cells), head_rows(value, cells) + len(why)
        room = max(1, (height - head) // each)
        first = self.first_shown(value, room)
        known = list(value.facts)
        if len(value.views) > room:
            known.append((say("frames-part", shown=room, all=len(value.views)), "label"))
        lines = [title_rule(value.title, known, cells, glyphs), *why]
        columns = alert_columns(value, cells)
        if each == 1:
            heads = {c.name: plain_cell(say(f"alerts-col-{c.name}"), "label") for c, _ in columns}
            lines.append(laid_out(columns, heads))
        for view in value.views[first : first + room]:
            mark = ">" if view.key == value.selected else " "
            if each == 1:
                lines.append(laid_out(columns, alert_cells(view, glyphs), mark))
            else:
                lines += two_rows(view, mark, cells, glyphs)
        return lines

    def first_shown(self, value: AlertsValue, room: int) -> int:
        """Which row is the first, so that the selected one is in sight."""
        keys = [view.key for view in value.views]
        at = keys.index(value.selected) if value.selected in keys else None
        return kept_in_sight(len(keys), value.top, at, max(1, room))

    @property
    def room(self) -> int:
        """Alerts that fit now."""
        value, cells = self.value or AlertsValue(), self.size.width
        return max(1, (self.size.height - head_rows(value, cells)) // rows_each(value, cells))

    def on_click(self, event: events.Click) -> None:
        """A tap on a row chooses it."""
        value, cells = self.value, self.size.width
        if value is None or not value.views:
            return
        at = event.y - head_rows(value, cells)
        if at >= 0:
            at //= rows_each(value, cells)
            self.post_message(AlertChosen(at + self.first_shown(value, self.room)))


def rows_each(value: AlertsValue, cells: int) -> int:
    """Two where columns have no room, or fingers need it."""
    return 2 if value.tall or cells < TWO_ROWS_UNDER else 1


def head_rows(value: AlertsValue, cells: int) -> int:
    """Title, and headings above columns."""
    return HEAD_ROWS if rows_each(value, cells) == 1 else 1


def alert_columns(value: AlertsValue, cells: int) -> list[tuple[Column, int]]:
    """What fits, in the order of reading; widths depend on the size alone, so nothing jumps."""
    severity = 2 + max(len(say(f"alerts-severity-{one.name.lower()}")) for one in Severity)
    wide = cells >= 120
    seen = Column("seen", 16 if wide else 12, 6, stretches=wide)
    worst = Column("worst", 8, 5 if value.is_history else 8, right=True)
    active = (
        Column("severity", severity, 0),
        Column("track", 6, 1),
        Column("what", 18 if cells < 98 else 26, 2, stretches=True),
        Column("value", 8, 3, right=True),
        Column("limit", 8, 4),
        worst,
        Column("since", 7, 5, right=True),
        Column("clock", 8 if wide else 6, 7),
        seen,
    )
    past = (
        Column("when", 12, 0),
        Column("severity", severity, 1),
        Column("track", 6, 2),
        Column("what", 17 if cells < 98 else 22, 3, stretches=True),
        worst,
        Column("limit", 8, 7),
        Column("lasted", 7, 4, right=True),
        seen,
    )
    return plan(past if value.is_history else active, cells - 2)


def alert_cells(view: AlertView, glyphs: GlyphSet) -> dict[str, Cell]:
    """Every cell of one row."""
    alert, quiet = view.alert, view.lost or not view.is_active
    role = "stale" if view.lost else "text"
    strong = "stale" if view.lost else "text" if quiet or view.record.status else "number"
    return {
        "severity": lambda wide: row(severity_span(view, glyphs)),
        "track": plain_cell(track_words(alert.track), role),
        "what": plain_cell(what_words(alert), strong),
        "value": plain_cell(amount(alert.value, alert.unit, bare=True), strong),
        "limit": plain_cell(limit_words(alert), role),
        "worst": plain_cell(amount(_worst(alert), alert.unit, bare=True), role),
        "since": plain_cell(long_span(view.age_s), role),
        "lasted": plain_cell(lasted_words(view), role if not view.is_active else "warn"),
        "clock": lambda wide: row((clock_of(alert.since_ms, wide), role)),
        "when": plain_cell(when_words(alert.since_ms, view.wall_s), role),
        "seen": partial(_seen_cell, view),
    }


def _seen_cell(view: AlertView, cells: int) -> Row:
    words, role = seen_words(view)
    return row((words[:cells], "stale" if view.lost else role))


def two_rows(view: AlertView, mark: str, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`■ critical  left cell 7 high    12 s` and below it `3.662 V > 3.650 V     not seen`."""
    alert = view.alert
    role = "stale" if view.lost else "text" if not view.is_active else "number"
    what = f"{track_words(alert.track)} {what_words(alert)}".strip()
    word, severity_role = severity_span(view, glyphs)
    age = row((f"{lasted_words(view) if not view.is_active else long_span(view.age_s)} ", "label"))
    first = ends(row(mark, (word[:1], severity_role), (f" {what}", role)), age, cells)
    seen, seen_role = seen_words(view)
    room = cells - len(seen) - 5
    said = next((words for words in _below(view) if len(words) <= room), "")
    below = row(("   ", "text"), (said, "stale" if view.lost else "label"))
    second = ends(below, row((f"{seen} ", seen_role)), cells)
    lines = [fit(first, cells), fit(second, cells)]
    if mark == ">":
        lines = [tuple((text, "selection") for text, _ in line) for line in lines]
    return lines


def _below(view: AlertView) -> list[str]:
    """What stands in the second row, from long to short: values go before the severity does."""
    alert = view.alert
    word, worst = severity_words(alert.severity), _worst(alert)
    begin = word if view.is_active else f"{when_words(alert.since_ms, view.wall_s)} {word}"
    value = alert.value if view.is_active else worst
    if value is None:
        return [begin, word]
    limit = f" {limit_words(alert)}" if alert.limit is not None else ""
    return [
        f"{begin} {amount(value, alert.unit)}{limit}",
        f"{begin} {amount(value, alert.unit)}",
        begin,
        word,
    ]


# --- words ---


def severity_words(severity: Severity) -> str:
    """`critical`."""
    return say(f"alerts-severity-{severity.name.lower()}")


def severity_span(view: AlertView, glyphs: GlyphSet) -> Span:
    """A mark and the word; what is over or lost is no longer coloured."""
    severity = view.alert.severity
    mark = {Severity.CRITICAL: glyphs.alarm, Severity.WARNING: glyphs.warn, Severity.INFO: glyphs.dot}[
        severity
    ]
    if view.lost:
        return f"{glyphs.stale} {severity_words(severity)}", "stale"
    return f"{mark} {severity_words(severity)}", ROLES[severity] if view.is_active else "label"


def what_words(alert: Alert) -> str:
    """`cell 7 high`: short, without values; those have columns."""
    short = say(f"alert-{alert.key}-short", cell="" if alert.where is None else alert.where)
    if alert.key in MOVING and alert.where is not None:
        return f"{say('alerts-cell', cell=alert.where)}: {short}"
    return short


def sentence_of(view: AlertView) -> str:
    """What, where, value, limit; of one that is over its worst value: the last one is inside."""
    alert = view.alert
    return alert_words(alert if view.is_active else replace(alert, value=_worst(alert)))


def amount(value: float | None, unit: str, bare: bool = False) -> str:
    """`3.662 V`; `bare` and unknown: nothing, for conditions that have no value."""
    if value is None:
        return "" if bare else UNKNOWN
    return f"{fixed(value, DECIMALS.get(unit, 1))} {unit}"


def is_low(alert: Alert) -> bool:
    """True when less is worse."""
    return alert.key.endswith("-low") or alert.key.startswith("trip-")


def limit_words(alert: Alert) -> str:
    """`> 3.650`."""
    if alert.limit is None:
        return ""
    text = f"{alert.limit:.{DECIMALS.get(alert.unit, 1)}f}".replace(".", decimal_mark())
    return f"{'<' if is_low(alert) else '>'} {text}"


def _worst(alert: Alert) -> float | None:
    return alert.value if alert.worst is None else alert.worst


def lasted_words(view: AlertView) -> str:
    """How long it held; one that still does says so, and what only happened has no length."""
    if not view.is_active and view.alert.severity is Severity.INFO and view.age_s < 1:
        return ""
    return say("alerts-still") if view.is_active else long_span(view.age_s)


def seen_words(view: AlertView) -> tuple[str, str]:
    """Who has seen it, as far as anybody has; its role."""
    alert = view.alert
    if view.busy:
        return say("alerts-seen-busy"), "label"
    if alert.acknowledged_ms is not None:
        who = alert.acknowledged_by or say("alerts-somebody")
        return say("alerts-seen-by", who=who), "ok" if view.is_active else "text"
    if alert.severity is Severity.INFO:
        return "", "label"
    if view.is_active and alert.ended_ms is not None:
        return say("alerts-over"), "label"
    return say("alerts-not-seen"), ROLES[alert.severity] if view.is_active else "label"


def when_words(time_ms: int, wall_s: float) -> str:
    """`12:07:19` today, else `17 Oct 12:07`."""
    is_today = int(wall_s * 1000) - time_ms < DAY_MS // 2
    return clock_of(time_ms, 8) if is_today else moment_words(time_ms, 3 * HOUR_S)


def clock_of(time_ms: int, cells: int) -> str:
    """Local `12:07:19`, or `12:07` where that is too long."""
    if not time_ms:
        return UNKNOWN
    return time_of_day(time_ms) if cells < 8 else moment_words(time_ms, HOUR_S).rsplit(" ", 1)[-1]


def off_rows(fleet: Fleet, cells: int, glyphs: GlyphSet) -> tuple[Row, ...]:
    """Instead of an all-clear: what is not judged, and how to judge it again."""
    if fleet.are_alerts_off:
        sentence = say("alerts-are-off")
    else:
        tracks = ", ".join(track_words(name) for name in fleet.alerts_off)
        sentence = say("alerts-are-off-some", tracks=tracks)
    return none_rows(sentence, (say("alerts-are-off-do"),), cells, (f" {glyphs.warn} ", "warn"))


def none_rows(sentence: str, more: Sequence[str], cells: int, mark: Span) -> tuple[Row, ...]:
    """What an empty list says."""
    lines = [row(mark if i == 0 else (" " * len(mark[0]), "text"), (line, mark[1])) for i, line in
             enumerate(wrap(sentence, cells - len(mark[0]) - 1))]  # fmt: skip
    rest = [row((f"   {line}", "label")) for words in more for line in wrap(words, cells - 4)]
    return (BLANK, *lines, *rest)
