"""Everything about one alert: its sentence, what it means and what to do, values, times, people, files."""

from dataclasses import dataclass

from textual.geometry import Size

from tui.locale import language, messages, say
from tui.model.alert import DECIMALS, Alert
from tui.style.glyphs import GlyphSet
from tui.style.numbers import fixed, long_span
from tui.widgets.alert_list import ROLES, AlertView, is_low, sentence_of, severity_span, when_words
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, Span, beside, row, title_rule, width, wrap
from tui.widgets.status_band import track_words

LABEL = 11
TWO_COLUMNS = 76  # from so many cells on facts stand in two columns
INFORMATION = ("state", "unit")
MEANS = {  # what is said of many kinds alike
    "pack-high": "cell-high", "cell-overvoltage": "cell-high", "pack-overvoltage": "cell-high",
    "pack-low": "cell-low", "cell-undervoltage": "cell-low", "pack-undervoltage": "cell-low",
    "fully-discharged": "cell-low", "soc-low": "cell-low",
    "charge-overcurrent": "charge-high", "regeneration-overcurrent": "charge-high",
    "discharge-overcurrent": "discharge-high",
    "overtemperature": "hot", "charge-overtemperature": "hot", "discharge-overtemperature": "hot",
    "temperature-high": "hot",
    "undertemperature": "cold", "charge-undertemperature": "cold", "discharge-undertemperature": "cold",
    "temperature-low": "cold",
    "cell-imbalance": "imbalance",
    "charger-voltage-high": "charger", "charger-voltage-low": "charger",
    "frontend-ic-error": "broken", "charge-mosfet-breakdown": "broken",
    "discharge-mosfet-breakdown": "broken",
    "charger-switch-error": "broken", "load-switch-error": "broken", "single-port-switch-error": "broken",
    "contactor": "broken", "internal": "broken", "general": "broken",
    "current-sensor-disconnected": "sensor", "current-sensor-connected": "sensor",
    "data-stale": "link-lost", "storage": "disk", "recorder-paused": "disk",
    "trip-high": "trip", "trip-low": "trip", "trip-pack": "trip",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertDetailValue:
    """One alert, or none, and what stands below it."""

    view: AlertView | None = None
    below: tuple[Row, ...] = ()
    in_sheet: bool = False


class AlertDetail(Drawing[AlertDetailValue]):
    """The panel beside or below the list; in the sheet it is as high as it needs."""

    DEFAULT_CSS = "AlertDetail.-whole { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it, in the sheet."""
        return len(detail_rows(self.value, width, self.glyphs)) if self.value is not None else 1

    def draw(self, value: AlertDetailValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, sentence, what to do, facts; then what is below, where it fits whole."""
        rows = detail_rows(value, cells, glyphs)
        if value.in_sheet or not value.below:
            return rows
        gap = [BLANK] if rows else []
        return [*rows, *gap, *value.below] if not rows or len(rows) + 3 <= height else rows


def detail_rows(value: AlertDetailValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Everything, from the title down."""
    view = value.view
    if view is None:
        return []
    number = view.alert.number
    known: list[Span] = [severity_span(view, glyphs)]
    if number:
        known.append((say("alerts-number", number=number), "label"))
    title = title_rule(say("alerts-detail"), known, cells, glyphs)
    sentence = [row((f" {line}", "title")) for line in wrap(sentence_of(view), cells - 2)]
    advice = [row((f" {line}", "text")) for line in wrap(advice_of(view.alert), cells - 2)]
    return [*([] if value.in_sheet else [title]), *sentence, *advice, *_facts(view, cells)]


def meaning_of(alert: Alert) -> str:
    """The name of the group whose meaning and advice this kind shares."""
    key = alert.key.removeprefix("protection-").removeprefix("near-")
    if key.split("-")[0] in INFORMATION:
        return "information"
    return MEANS.get(key, key)


def advice_of(alert: Alert) -> str:
    """What it means, and one thing to do."""
    key = f"alert-do-{meaning_of(alert)}"
    words = say(key) if key in messages(language()) else say("alert-do-other")
    if alert.key.startswith("protection-"):
        return f"{say('alert-do-protection')} {words}"
    return words


def _facts(view: AlertView, cells: int) -> list[Row]:
    facts = facts_of(view)
    if cells < TWO_COLUMNS:
        return [line for name, spans in facts for line in _fact(name, spans, cells)]
    half = cells // 2
    long = [one for one in facts if LABEL + 1 + width(one[1]) >= half]
    facts = [one for one in facts if one not in long]
    middle = (len(facts) + 1) // 2
    columns = [
        ([line for name, spans in part for line in _fact(name, spans, half - 1)], wide)
        for part, wide in ((facts[:middle], half), (facts[middle:], cells - half))
    ]
    return [*beside(columns), *(line for name, spans in long for line in _fact(name, spans, cells))]


def _fact(name: str, content: tuple[Span, ...], cells: int) -> list[Row]:
    """A name and its value, in as many rows as it takes."""
    line = row((f" {say(f'alerts-fact-{name}'):<{LABEL}}", "label"), *content)
    if width(line) <= cells or len(content) > 1:
        return [line]
    text, role = content[0]
    parts = wrap(text, max(8, cells - LABEL - 2))
    return [
        row((f" {say(f'alerts-fact-{name}') if i == 0 else '':<{LABEL}}", "label"), (part, role))
        for i, part in enumerate(parts)
    ]


def facts_of(view: AlertView) -> list[tuple[str, tuple[Span, ...]]]:
    """Name and value of each fact that is known."""
    alert, role = view.alert, "stale" if view.lost else "text"
    facts: list[tuple[str, tuple[Span, ...]]] = [("state", (_state(view),))]
    if alert.value is not None and view.is_active:
        facts.append(("value", ((_one(alert.value, alert.unit), "stale" if view.lost else "number"),)))
    if alert.worst is not None and (alert.worst != alert.value or not view.is_active):
        facts.append(("worst", ((_one(alert.worst, alert.unit), role),)))
    if alert.limit is not None:
        source = "alerts-limit-battery" if alert.is_device_limit else "alerts-limit-own"
        sign = "<" if is_low(alert) else ">"
        facts.append(("limit", ((f"{sign} {_one(alert.limit, alert.unit)}, {say(source)}", role),)))
    facts.append(("since", ((_since(view), role),)))
    facts.append(("seen", (_seen(view, role),)))
    where = track_words(alert.track) or say("alerts-whole-system")
    facts.append(("where", ((where, role),)))
    type_words = f", {say('alerts-type', type=alert.type)}" if alert.type else ""
    facts.append(("kind", ((f"{alert.name or alert.key}{type_words}", role),)))
    if alert.frame:
        facts.append(("frame", ((say("alerts-frame", number=alert.frame), role),)))
    facts.append(("clip", (_clip(view, role),)))
    return facts


def _one(value: float, unit: str) -> str:
    return f"{fixed(value, DECIMALS.get(unit, 1))} {unit}"


def _state(view: AlertView) -> Span:
    alert = view.alert
    if view.lost:
        return say("alerts-state-unknown"), "stale"
    if not view.is_active:
        return say("alerts-state-cleared"), "ok"
    if alert.ended_ms is not None:
        return say("alerts-state-over"), "text"
    return say("alerts-state-active"), ROLES[alert.severity]


def _since(view: AlertView) -> str:
    alert, record = view.alert, view.record
    begin = when_words(alert.since_ms, view.wall_s)
    lasted = long_span(view.age_s)
    if record.cleared_ms is None:
        return say("alerts-since", moment=begin, span=lasted)
    return say("alerts-from-until", moment=begin, end=when_words(record.cleared_ms, view.wall_s), span=lasted)


def _seen(view: AlertView, role: str) -> Span:
    alert = view.alert
    if alert.acknowledged_ms is None:
        return say("alerts-nobody"), role
    who = alert.acknowledged_by or say("alerts-somebody")
    return say("alerts-seen-at", who=who, moment=when_words(alert.acknowledged_ms, view.wall_s)), role


def _clip(view: AlertView, role: str) -> Span:
    if view.record.clip:
        return f"packdeck replay {view.record.clip}", role
    return say("alerts-clip-soon" if view.is_active or view.age_s < 180 else "alerts-clip-none"), "label"
