"""Everything about one Bluetooth device: facts, what to do, what a probe found; its sheet with actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.locale import language, messages, say
from tui.model.device import ProbeReport
from tui.model.link import Phase, Traffic
from tui.model.requests import Pair
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, age_words, time_of_day
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.device_table import (
    DeviceView,
    bars,
    error_count,
    kind_words,
    quality_row,
    range_words,
    signal_role,
    standing_of,
)
from tui.widgets.drawing import Drawing
from tui.widgets.form_field import FormField
from tui.widgets.frame_table import title_rule
from tui.widgets.link_badge import cause_rows
from tui.widgets.rows import BLANK, Row, beside, ends, row, width, wrap
from tui.widgets.status_band import track_words

LABEL = 11  # cells of the names of facts
TWO_COLUMNS = 76  # from so many cells on facts stand in two columns
LOOK_S = 0.5
LEAST_FOR_ALL = 29  # rows of a screen on which all tall actions fit
SHEET_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-broad")]
ERRORS = ("unanswered", "checksum", "late", "implausible", "refused", "garbage")
ACTIONS = (
    ("a", "assign"),
    ("r", "reconnect"),
    ("l", "lend"),
    ("p", "probe"),
    ("u", "unpair"),
    ("A", "reset"),
)


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
    link = view.track.link if view.track is not None else None
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
    if device.note:
        known = f"device-note-{device.note}-do" in messages(language())
        return "warn", say(f"device-note-{device.note}-do") if known else ""
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


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the list of actions."""

    name: str
    key: str
    words: str
    enabled: bool


def actions_of(view: DeviceView) -> tuple[Action, ...]:
    """All actions, always in the same rows; those that make no sense now are grey."""
    device, busy = view.device, bool(view.busy)
    enabled = {
        "assign": not busy,
        "reconnect": device.paired and not device.connected and not busy,
        "lend": device.paired and not busy,
        "probe": not busy,
        "unpair": device.paired and not busy,
        "reset": True,
    }
    return tuple(Action(name, key, action_words(view, name), enabled[name]) for key, name in ACTIONS)


def action_words(view: DeviceView, name: str) -> str:
    """What the action would do now (words of row CL-35)."""
    if name == "assign":
        if view.busy == "pair":
            return say("device-busy-pair")
        return say("device-do-assign" if view.device.paired else "device-do-pair")
    if name == "lend" and view.lent_s is not None:
        return say("device-do-take-back")
    return say(f"device-busy-{name}" if view.busy == name and name != "lend" else f"device-do-{name}")


def first_choice(actions: Sequence[Action]) -> int:
    """Where the cursor begins: never on the reset of the adapter, while everything else is grey."""
    return next((i for i, one in enumerate(actions) if one.enabled and one.name != "reset"), 0)


def option(key: str, words: str, name: str, enabled: bool, tall: bool) -> Option:
    """A row of a list; three rows where fingers press it. Names of devices are not markup."""
    line = f" {key:<2} {words}" if key else f" {words}"
    return Option(Content(f"\n{line}\n" if tall else line), id=name, disabled=not enabled)


class SheetHead(Drawing[str]):
    """Title and the way out; a tap on it closes the sheet."""

    DEFAULT_CSS = "SheetHead { height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        out = row((say("frames-close"), "label"))
        line = ends(row((value, "title")), out, cells)
        return [*[BLANK] * (height // 2), line]

    def on_click(self, event: events.Click) -> None:
        """Away."""
        event.stop()
        self.screen.dismiss()


class DeviceSheet(ModalScreen[None]):
    """Over the place: what can be done with a device, and everything about it."""

    SCOPED_CSS = False
    HORIZONTAL_BREAKPOINTS = SHEET_WIDTHS
    DEFAULT_CSS = """
    .-kiosk SheetHead { height: 3; }
    DeviceSheet .device-parts { height: auto; layout: vertical; }
    DeviceSheet OptionList { width: 1fr; }
    DeviceSheet .device-facts { height: auto; max-height: 76vh; scrollbar-size-vertical: 1; }
    DeviceSheet.-narrow .device-facts { max-height: 46vh; }
    DeviceSheet.-broad .device-parts { layout: horizontal; }
    DeviceSheet.-broad OptionList { width: 42; }
    DeviceSheet.-broad .device-facts { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,8", "dismiss", show=False, id="device.close"),
        *(Binding(key, f"act('{name}')", show=False, id=f"device.{name}") for key, name in ACTIONS),
        Binding("pageup", "scroll_facts(-1)", show=False, priority=True, id="device.facts-up"),
        Binding("pagedown", "scroll_facts(1)", show=False, priority=True, id="device.facts-down"),
    ]

    def __init__(self, look: Callable[[], DetailValue], act: Callable[[str], None]) -> None:
        super().__init__()
        self._look = look
        self._act = act
        self._shown: tuple[Action, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, actions, facts."""
        value = self._look()
        with Vertical(classes="sheet -wide"):
            yield SheetHead(value.view.name if value.view else "")
            with Container(classes="device-parts"):
                yield OptionList()
                with VerticalScroll(classes="device-facts", can_focus=False):
                    yield DeviceDetail(value, classes="-whole")

    def on_mount(self) -> None:
        """Keep looking: ages and states move on."""
        rows = self.query_one(OptionList)
        if self.app.has_class("-kiosk") and self.app.size.height < LEAST_FOR_ALL:
            rows.styles.max_height = 9  # the rest is reached by scrolling, so that facts have rows too
        self.look_again()
        rows.focus()
        self.set_interval(LOOK_S, self.look_again)

    def look_again(self) -> None:
        """The newest state of the device; it closes when the device is gone."""
        if not (self.is_attached and self.query(DeviceDetail)):
            return  # still being made, or gone already
        value, detail = self._look(), self.query_one(DeviceDetail)
        if value.view is None:
            self.dismiss()
            return
        before = len(detail_rows(detail.value, detail.size.width, detail.glyphs)) if detail.value else 0
        detail.show(value)
        if len(detail_rows(value, detail.size.width, detail.glyphs)) != before:
            detail.refresh(layout=True)
        self._fill(actions_of(value.view))

    def _fill(self, actions: tuple[Action, ...]) -> None:
        """Write the list anew only when it says something else; the cursor stays."""
        if actions == self._shown:
            return
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        at, self._shown = rows.highlighted, actions
        rows.clear_options()
        rows.add_options([option(a.key, a.words, a.name, a.enabled, tall) for a in actions])
        rows.highlighted = first_choice(actions) if at is None else at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap."""
        if event.option_id:
            self.action_act(event.option_id)

    def action_act(self, name: str) -> None:
        """Do it, if it makes sense now."""
        if any(a.name == name and a.enabled for a in self._shown):
            self._act(name)

    def action_scroll_facts(self, step: int) -> None:
        """A page of facts."""
        facts = self.query_one(".device-facts")
        facts.scroll_relative(y=step * max(1, facts.size.height - 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet closes it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss()


class PairSheet(ModalScreen[Pair | None]):
    """Which battery is it, and what opens it? Enter chooses, Enter again pairs."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    PairSheet FormField { margin: 1 0; }
    .-kiosk PairSheet Buttons { height: 3; }
    .-kiosk PairSheet FormField, .-kiosk PairSheet FormField Input { height: 3; }
    .-kiosk PairSheet FormField Input { padding: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False, id="pair.close")]

    def __init__(self, view: DeviceView, tracks: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._view = view
        self._choices = [*tracks, ("", "")]  # name of the track, name of the device it has now

    def compose(self) -> ComposeResult:
        """Title, tracks, the secret, two buttons."""
        with Vertical(classes="sheet"):
            yield SheetHead(say("pair-title", name=self._view.name))
            yield OptionList()
            yield FormField("pair-secret", secret=True, example=say("pair-secret-example"))
            yield Buttons(ButtonsValue(("pair-do", "pair-cancel")))

    def on_mount(self) -> None:
        """The track it has now is chosen."""
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        rows.add_options(
            option("", self._words(*choice), f"track-{i}", True, tall)
            for i, choice in enumerate(self._choices)
        )
        names = [name for name, _ in self._choices]
        free = next((i for i, (name, held) in enumerate(self._choices) if not held), 0)
        rows.highlighted = (
            names.index(self._view.device.track) if self._view.device.track in names[:-1] else free
        )
        rows.focus()

    def _words(self, track: str, held: str) -> str:
        if not track:
            return say("pair-no-track")
        return say("pair-held", track=track_words(track), name=held) if held else track_words(track)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Chosen: now the secret, if there is one."""
        event.stop()
        self.query_one("FormField Input").focus()

    def on_form_field_submitted(self) -> None:
        """Enter below everything."""
        self._pair()

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A tap on a button."""
        if message.index == 0:
            self._pair()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def _pair(self) -> None:
        track, _ = self._choices[self.query_one(OptionList).highlighted or 0]
        self.dismiss(Pair(self._view.device.address, track, self.query_one(FormField).take()))
