"""Everything about one Bluetooth device: facts, what to do, what a probe found."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Size

from tui.locale import language, messages, say
from tui.model.device import ProbeReport
from tui.model.link import Phase, Traffic
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, age_words, time_of_day
from tui.widgets.device_table import (
    DeviceView,
    bars,
    error_count,
    kind_words,
    note_words,
    quality_row,
    range_words,
    signal_role,
    standing_of,
)
from tui.widgets.drawing import Drawing
from tui.widgets.link_badge import cause_rows
from tui.widgets.rows import BLANK, Row, beside, row, title_rule, width, wrap
from tui.widgets.status_band import track_words

LABEL = 11  # cells of the names of facts
TWO_COLUMNS = 76  # from so many cells on facts stand in two columns
ERRORS = ("unanswered", "checksum", "late", "implausible", "refused", "garbage")


@dataclass(frozen=True, slots=True)
class DetailValue:
    """One device and its newest probe; without a device: what to do when nothing is found."""

    view: DeviceView | None = None
    probe: ProbeReport | None = None
    reason: str = ""  # why nothing can be found now
    in_sheet: bool = False


class DeviceDetail(Drawing[DetailValue]):
    """The panel beside or below the table; in the sheet it is as high as it needs."""

    DEFAULT_CSS = "DeviceDetail.-whole { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it, in the sheet."""
        return len(detail_rows(self.value, width, self.glyphs)) if self.value is not None else 1

    def draw(self, value: DetailValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, facts, advice, probe."""
        rows = detail_rows(value, cells, glyphs)
        more = [BLANK, title_rule(say("device-help"), (), cells, glyphs), *help_rows(cells)]
        fits = len(rows) + len(more) <= height
        return [*rows, *more] if fits and not value.in_sheet and value.view is not None else rows


def detail_rows(value: DetailValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Everything, from the title down."""
    view = value.view
    if view is None:
        title = title_rule(say("device-help"), (), cells, glyphs)
        reason = [row((f" {line}", "title")) for line in wrap(value.reason, cells - 2)]
        return [title, *reason, *([BLANK] if reason else []), *help_rows(cells)]
    heading = [] if value.in_sheet else [title_rule(view.name, (), cells, glyphs)]
    report = probe_rows(value.probe, cells, glyphs) if value.probe is not None else []
    note = [BLANK, *_lines(say("device-security"), "label", cells)] if value.in_sheet else []
    facts = [*advice_rows(view, cells), *fact_rows(view, cells, glyphs), *note]
    return [*report, *facts] if value.in_sheet else [*heading, *facts, *report]


def help_rows(cells: int) -> list[Row]:
    """Row S2-28: what to try, in this order."""
    lines = []
    for i, step in enumerate(("power", "range", "phone", "reset", "restart"), 1):
        for j, line in enumerate(wrap(say(f"device-help-{step}"), cells - 5)):
            lines.append(row((f" {i}. " if j == 0 else "    ", "key"), (line, "text")))
    return lines


def fact_rows(view: DeviceView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Names and values, in two columns where they fit."""
    facts = facts_of(view, glyphs)
    if cells < TWO_COLUMNS:
        return [_fact(name, content, cells) for name, content in facts]
    half, middle = cells // 2, (len(facts) + 1) // 2
    columns = [
        [_fact(name, content, half - 1) for name, content in part]
        for part in (facts[:middle], facts[middle:])
    ]
    return beside([(columns[0], half), (columns[1], cells - half)])


def _fact(name: str, content: Sequence[Row], cells: int) -> Row:
    """One fact: the longest of its values that fits."""
    label = row((f" {say(f'device-col-{name}'):<{LABEL}} ", "label"))
    fitting = next((one for one in content if width(label) + width(one) <= cells), content[-1])
    return (*label, *fitting)


def facts_of(view: DeviceView, glyphs: GlyphSet) -> list[tuple[str, Sequence[Row]]]:
    """All there is to know, each value from long to short."""
    device, traffic = view.device, view.traffic
    standing, role = standing_of(view, glyphs), "stale" if view.lost else "number"
    states = [row((f"{standing.mark} {words}", standing.role)) for words in standing.words]
    rssi = view.rssi_dbm
    signal = row(
        (f"{bars(rssi, glyphs)} ", "stale" if view.lost else signal_role(rssi)),
        ("" if rssi is None else f"{rssi} dBm  ", role),
        (range_words(view), role),
    )
    return [
        ("state", states),
        ("signal", [signal]),
        ("seen", seen_rows(view, role)),
        ("track", [row((track_words(device.track) if device.track else say("device-no-track"), role))]),
        ("link", link_rows(view)),
        ("address", [row((device.address, role))]),
        ("kind", [row((kind_words(view), role))]),
        ("security", [row((say("device-basic"), role)), row((say("device-basic-short"), role))]),
        ("secret", [row((say("device-stored" if device.has_secret else "device-none"), role))]),
        ("errors", errors_rows(traffic, role)),
    ]


def seen_rows(view: DeviceView, role: str) -> list[Row]:
    """How long ago, and at what time."""
    words = age_words(view.age_s, live=False) if view.age_s is not None else say("device-never")
    if view.device.seen_ms is None:
        return [row((words, role))]
    return [row((f"{words}, {time_of_day(view.device.seen_ms)}", role)), row((words, role))]


def link_rows(view: DeviceView) -> list[Row]:
    """`99 % good of the last 100`, or the plan for the next attempt."""
    if view.traffic is not None:
        quality = quality_row(view.traffic, view.lost)
        return [(*quality, (f" {say('device-of-hundred')}", "label")), quality]
    link = view.track.link if view.track is not None and view.lent_s is None and not view.needs_tap else None
    if link is None or link.phase is not Phase.LOST or link.retry_at_s is None:
        return [row((UNKNOWN, "label"))]
    wait_s = max(0, round(link.retry_at_s - view.now_s))
    if link.attempt <= link.attempts_max:
        return [
            row((say("link-attempt", attempt=link.attempt, max=link.attempts_max, seconds=wait_s), "text"))
        ]
    return [row((say("link-next", seconds=wait_s), "text"))]


def errors_rows(traffic: Traffic | None, role: str) -> list[Row]:
    """`unanswered 2, wrong checksum 1`, as many as fit; then their sum."""
    if traffic is None:
        return [row((UNKNOWN, "label"))]
    amounts = (
        traffic.unanswered,
        traffic.bad_checksum,
        traffic.late,
        traffic.implausible,
        traffic.refused,
        traffic.garbage_bytes,
    )
    named = [f"{say(f'frame-error-{key}')} {n}" for key, n in zip(ERRORS, amounts, strict=True) if n]
    if not named:
        return [row((say("frames-no-errors"), "ok"))]
    return [row((", ".join(named), role)), row((str(error_count(traffic)), role))]


def advice_rows(view: DeviceView, cells: int) -> list[Row]:
    """What a person must know or do, and why there is no link."""
    role, words = advice(view)
    cause = view.track.link.cause if view.track is not None and not view.device.connected else None
    if view.lent_s is not None or view.needs_tap:
        cause = None  # it says the same, with the seconds of the last attempt
    why = [((" ", "text"), *line) for line in cause_rows(cause, cells - 2)]
    return [*_lines(words, role, cells), *why]


def _lines(words: str, role: str, cells: int) -> list[Row]:
    return [row((f" {line}", role)) for line in wrap(words, cells - 2)]


def advice(view: DeviceView) -> tuple[str, str]:
    """Role and sentence for what stands in the row, in the same order as there."""
    device = view.device
    if view.busy or view.lost or device.connected:
        return "text", ""
    if view.lent_s is not None:
        return "text", say("device-lent-do")
    if view.needs_tap:
        return "warn", say("device-tap-do")
    if note_words(device.note):
        return "warn", say(f"device-note-{device.note}-do")
    if view.age_s is None and device.paired:
        return "warn", say("device-unseen-do")
    return ("text", "") if device.paired else ("text", say("device-not-ours-do"))


def probe_rows(report: ProbeReport, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Every step with its time; then what was found."""
    lines: list[Row] = [title_rule(say("device-probe"), (), cells, glyphs)]
    for step in report.steps:
        mark, role = (glyphs.ok, "ok") if step.ok else (glyphs.alarm, "alarm")
        start = row((f" {mark} ", role), (f"{step_words(step.key):<14}", "text"))
        head = (*start, *row((f"{step.took_ms:>6} ms", "number")))
        if width(head) + 2 + len(step.text) <= cells:
            lines.append((*head, (f"  {step.text}", "label")))
        else:
            lines += [head, *(row((f"   {line}", "label")) for line in wrap(step.text, cells - 4))]
    lines += [((" ", "text"), *line) for line in cause_rows(report.cause, cells - 2)]
    if report.cause is None:
        names = ", ".join(short_service(one) for one in report.services) or UNKNOWN
        kind = say(f"device-kind-{report.kind}")
        found = say("device-probe-found", kind=kind, count=len(report.services), names=names)
        lines += _lines(found, "text", cells)
    return lines


def short_service(uuid: str) -> str:
    """`ff00` of a service of the Bluetooth base; others whole."""
    low = uuid.lower()
    return low[4:8] if low.startswith("0000") and low.endswith("-0000-1000-8000-00805f9b34fb") else low


def step_words(key: str) -> str:
    """The name of a step; one that has no words yet stands as it is."""
    return say(f"probe-step-{key}") if f"probe-step-{key}" in messages(language()) else key
