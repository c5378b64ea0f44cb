"""Limits and switches of the alerts: value, default, range, and where each comes from."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import language, messages, say
from tui.model.alert import Threshold
from tui.style.glyphs import GlyphSet
from tui.style.numbers import decimal_mark
from tui.widgets.alert_list import ROLES, severity_words
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.rows import BLANK, Row, Span, row, title_rule, wrap
from tui.widgets.status_band import track_words

HEAD_ROWS = 2
LONGEST = 12  # digits; no limit has more


@dataclass(frozen=True, slots=True)
class ThresholdsValue:
    """All of them as they hold for `track`, or for every track."""

    thresholds: tuple[Threshold, ...] = ()
    track: str = ""
    at: int = 0
    top: int = 0
    busy: str = ""  # key of what is being changed
    tall: bool = False
    why: str = ""


class ThresholdChosen(Message):
    """A row was tapped."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class ThresholdTable(Drawing[ThresholdsValue]):
    """Title rule, headings, rows."""

    def draw(self, value: ThresholdsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """As many rows as fit around the chosen one."""
        whose = say("limits-of", track=track_words(value.track)) if value.track else say("limits-of-all")
        if not value.thresholds:
            words = value.why or say("alerts-reading")
            lines = [row((f" {line}", "label")) for line in wrap(words, cells - 2)]
            return [title_rule(say("alerts-view-limits"), ((whose, "text"),), cells, glyphs), BLANK, *lines]
        changed = sum(one.value != one.default for one in value.thresholds)
        known: list[Span] = [(whose, "text"), (say("limits-changed", count=changed), "label")]
        each = 2 if value.tall else 1
        room = max(1, (height - HEAD_ROWS) // each)
        if len(value.thresholds) > room:
            known.append((say("frames-part", shown=room, all=len(value.thresholds)), "label"))
        columns, first = limit_columns(cells), self.first_shown(value, room)
        heads = {c.name: plain_cell(say(f"limits-col-{c.name}"), "label") for c, _ in columns}
        lines = [title_rule(say("alerts-view-limits"), known, cells, glyphs), laid_out(columns, heads)]
        for i, one in enumerate(value.thresholds[first : first + room], first):
            mark = ">" if i == value.at else " "
            lines.append(laid_out(columns, limit_cells(one, value, glyphs), mark))
            lines += [BLANK] * (each - 1)
        return lines

    def first_shown(self, value: ThresholdsValue, room: int) -> int:
        """Which row is the first, so that the chosen one is in sight."""
        return kept_in_sight(len(value.thresholds), value.top, value.at, max(1, room))

    @property
    def room(self) -> int:
        """Rows that fit now."""
        each = 2 if self.value is not None and self.value.tall else 1
        return max(1, (self.size.height - HEAD_ROWS) // each)

    def on_click(self, event: events.Click) -> None:
        """A tap on a row chooses it."""
        value, at = self.value, event.y - HEAD_ROWS
        if value is not None and at >= 0:
            at = at // (2 if value.tall else 1) + self.first_shown(value, self.room)
            if at < len(value.thresholds):
                self.post_message(ThresholdChosen(at))


class ThresholdHelp(Drawing[ThresholdsValue]):
    """What the chosen one means, its key, and why it is as it is."""

    def draw(self, value: ThresholdsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, sentence, key, source."""
        if not 0 <= value.at < len(value.thresholds):
            return []
        one = value.thresholds[value.at]
        level = () if one.severity is None else ((severity_of(one), ROLES[one.severity]),)
        lines = [title_rule(limit_name(one), level, cells, glyphs)]
        lines += [row((f" {line}", "text")) for line in wrap(say(one.help), cells - 2)]
        if one.device_value is not None:
            said = say("limits-device", value=shown(one.device_value, one))
            lines += [row((f" {line}", "info")) for line in wrap(said, cells - 2)]
        if not one.is_switch:
            lines.append(row((f" {say('limits-range')} ", "label"), f"{range_words(one)} {one.unit}"))
        place = f"tracks.{one.track}.alerts.{one.key}" if one.track and is_own(one) else f"alerts.{one.key}"
        return [*lines, row((f" {say('limits-key')} ", "label"), (place, "text"))]


def limit_columns(cells: int) -> list[tuple[Column, int]]:
    """What fits, in the order of reading."""
    wanted = (
        Column("name", 20, 0, stretches=True),
        Column("level", 9 if cells < 100 else 13, 5),
        Column("value", 9, 1, right=True),
        Column("default", 8, 3, right=True),
        Column("range", 15, 4, right=True),
        Column("source", 12 if cells < 100 else 16, 2),
        Column("key", 36, 6),
    )
    return plan(wanted, cells - 2)


def limit_cells(one: Threshold, value: ThresholdsValue, glyphs: GlyphSet) -> dict[str, Cell]:
    """Every cell of one row."""
    level = "label" if one.severity is None else ROLES[one.severity]
    is_off = one.is_switch and one.default and not one.value
    strong = "warn" if is_off else "number" if one.value != one.default else "text"
    word, role = source_words(one)
    if value.busy == one.key:
        word, role = say("limits-busy"), "info"
    used = one.value if one.device_value is None else one.device_value
    return {
        "name": plain_cell(limit_name(one), "text"),
        "level": plain_cell(severity_of(one), level),
        "value": plain_cell(shown(used, one), strong),
        "default": plain_cell(shown(one.default, one), "label"),
        "range": plain_cell("" if one.is_switch else range_words(one), "label"),
        "source": plain_cell(word, role),
        "key": plain_cell(one.key, "label"),
    }


def limit_name(one: Threshold) -> str:
    """`cell high, critical`."""
    words = one.key.replace("_", "-")
    return say(f"limit-{words}") if f"limit-{words}" in messages(language()) else one.key


def severity_of(one: Threshold) -> str:
    """The word of the alerts beyond it; a switch has none."""
    if one.severity is None:
        return say("limits-switch") if one.is_switch else ""
    return severity_words(one.severity)


def shown(value: float, one: Threshold) -> str:
    """`3650 mV`, or on and off."""
    if one.is_switch:
        return say("choice-on") if value else say("choice-off")
    return f"{value:g} {one.unit}".rstrip().replace(".", decimal_mark())


def range_words(one: Threshold) -> str:
    """`500 .. 5000`."""
    return f"{one.low} .. {one.high}"


def is_own(one: Threshold) -> bool:
    """Set for one track alone."""
    return bool(one.track) and one.device_value is None


def source_words(one: Threshold) -> tuple[str, str]:
    """Where the value in use comes from, and its role."""
    if one.device_value is not None:
        return say("limits-from-battery"), "info"
    if one.track:
        return say("limits-from-track"), "number"
    return (
        (say("limits-from-default"), "label")
        if one.value == one.default
        else (say("limits-from-set"), "number")
    )


def problem(text: str, one: Threshold) -> str:
    """Why a text is no value for it; empty when it is one. Checked at every key."""
    words = {"low": one.low, "high": one.high, "unit": one.unit, "old": shown(one.value, one)}
    plain = text.strip().replace("\u2212", "-")
    if not plain:
        return say("limits-empty", **words)
    if not plain.removeprefix("-").isascii() or not plain.removeprefix("-").isdecimal():
        return say("limits-not-whole", text=text.strip()[:12], **words)
    in_range = len(plain) <= LONGEST and one.low <= int(plain) <= one.high
    return "" if in_range else say("limits-out-of-range", found=plain[:12], **words)
