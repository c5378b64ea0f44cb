"""Frames (7): the traffic of every wire, raw and decoded."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Input

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.frame import FrameKind, FrameRow, FrameView
from tui.model.link import Cause
from tui.model.requests import Answer, LookAtFrames
from tui.screens.asking import ask_one
from tui.screens.frame_sheet import FrameSheet
from tui.screens.screen import Look, Place
from tui.style.numbers import age_old
from tui.widgets.adapter_bar import cause_words
from tui.widgets.divider import Divider
from tui.widgets.filter_label import FilterLabel
from tui.widgets.frame_figures import FiguresPanel, FiguresValue, window_words
from tui.widgets.frame_log import FrameLog, first_of
from tui.widgets.frame_table import (
    Content,
    FramesValue,
    FrameTable,
    RowChosen,
    RowList,
    kind_key,
    kinds_in_order,
)
from tui.widgets.heat_map import HeatMap, HeatValue
from tui.widgets.rows import Row

WINDOWS_S = (60, 300, 900)  # row CL-45
ASK_EVERY_S = 0.25
OLD_AFTER_S = 3.0  # without an answer for so long the picture says how old it is
RATE_OVER_US = 5_000_000
SPARE_ROWS = 7  # left over by a short table from here on: the list gets them
AROUND = 3  # pages of frames asked for when the list stands still, so that the cursor has some way to go


@dataclass(slots=True)
class Wire:
    """What this place remembers of one wire, as long as the program runs."""

    view: FrameView | None = None  # rows on show; stands still while paused
    newest: FrameView | None = None  # counters on show
    question: LookAtFrames | None = None  # which `view` answers
    got_s: float = 0.0
    cause: Cause | None = None
    listing: bool | None = None  # `None`: what suits the wire
    key: str = ""  # selected row of the table
    number: int = 0  # selected row of the list
    before: int | None = None  # where the list stands still
    top: int = 0
    counts: list[tuple[int, int, int]] = field(default_factory=list)  # moment, bytes received, bytes sent

    @property
    def lists(self) -> bool:
        """A list, or a row per identifier: what a person chose, else what suits the wire."""
        if self.listing is not None:
            return self.listing
        return self.view is not None and not self.view.is_bus

    @property
    def following(self) -> bool:
        """No row is selected: the picture goes with the traffic."""
        return self.before is None if self.lists else not self.key

    def count(self, view: FrameView) -> None:
        """Keep the counters of the last seconds, to divide by elapsed time."""
        figures = view.figures
        now = (view.at_us, figures.rx_bytes, figures.tx_bytes)
        if self.counts and (now[1] < self.counts[-1][1] or now[0] < self.counts[-1][0]):
            self.counts.clear()  # another engine counts from zero
        recent = [c for c in self.counts if now[0] - c[0] <= RATE_OVER_US]
        self.counts = [*recent, now]

    def bytes_per_s(self) -> tuple[float | None, float | None]:
        """Received and sent, over the last seconds."""
        if not self.counts or (span_us := self.counts[-1][0] - self.counts[0][0]) <= 0:
            return None, None
        first, last = self.counts[0], self.counts[-1]
        return (last[1] - first[1]) * 1e6 / span_us, (last[2] - first[2]) * 1e6 / span_us

    def follow(self) -> None:
        """Let go of the selected row."""
        self.key, self.number, self.before, self.top = "", 0, None, 0


class Frames(Place):
    """A table per identifier or a list of frames; figures and a heat map beside or below."""

    NAME: ClassVar[str] = "frames"
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Frames #frames-area { height: 1fr; layout: vertical; }
    Frames #frames-edge { display: none; }
    Frames #frames-side { height: 7; layout: horizontal; }
    Frames.-h-m #frames-side { height: 9; }
    Frames.-h-l #frames-side { height: 12; }
    Frames FiguresPanel { width: 44; }
    Frames.-w-phone FiguresPanel { width: 1fr; }
    Frames.-w-phone HeatMap, Frames.-w-phone #frames-inner { display: none; }
    Frames.-w-l FiguresPanel { width: 80; }
    Frames.-w-xl #frames-area { layout: horizontal; }
    Frames.-w-xl #frames-edge { display: block; }
    Frames.-w-xl #frames-inner { display: none; }
    Frames.-w-xl #frames-side { width: 46; height: 1fr; layout: vertical; }
    Frames.-w-xl FiguresPanel { width: 1fr; height: 16; }
    Frames #frames-filter { display: none; height: 1; }
    Frames #frames-filter Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $surface; color: $foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False, id="frames.up"),
        Binding("down,j", "move(1)", show=False, id="frames.down"),
        Binding("pageup", "page(-1)", show=False, id="frames.page-up"),
        Binding("pagedown", "page(1)", show=False, id="frames.page-down"),
        Binding("f,end", "follow", show=False, id="frames.follow"),
        Binding("v", "switch_view", show=False, id="frames.view"),
        Binding("d", "switch_content", show=False, id="frames.content"),
        Binding("w", "next_window", show=False, id="frames.window"),
        Binding("slash", "filter", show=False, id="frames.filter"),
        Binding("escape", "close_filter", show=False, id="frames.filter-close"),
        Binding("enter", "open_frame", show=False, id="frames.open"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._wires: dict[str, Wire] = {}
        self._other = ""  # a wire without a battery, when one is on show
        self._content = Content.BOTH
        self._window_s = WINDOWS_S[0]
        self._only = ""
        self._whole = False  # the last question was about the whole wire, not about the rows
        self._in_flight = False
        self._asked_s = float("-inf")

    # --- the picture ---

    def body(self, look: Look) -> Iterable[Widget]:
        """Everything; the style sheet shows what fits the size."""
        with Container(id="frames-area"):
            with Container(id="frames-main"):
                yield FrameTable(FramesValue())
                log = FrameLog(FramesValue())
                log.display = False
                yield log
            yield Divider(True, id="frames-edge")
            with Container(id="frames-side"):
                yield FiguresPanel(FiguresValue())
                yield Divider(True, id="frames-inner")
                yield HeatMap(HeatValue(FrameView("", 0, False)))
        with Horizontal(id="frames-filter"):
            yield FilterLabel("frames-filter")
            yield Input(placeholder=say("frames-filter-example"))

    def cards_fit(self, look: Look) -> bool:
        """One wire at a time."""
        return False

    def on_mount(self) -> None:
        """Ask again and again, while on show."""
        self.set_interval(ASK_EVERY_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

    def draw(self, look: Look) -> None:
        """The selected wire."""
        wire, table, log = self._wire(self.shown), self.query_one(FrameTable), self.query_one(FrameLog)
        value = self._value(look, wire)
        spare = not wire.lists and self._has_spare(wire, table.reasons(value, self.size.width, table.glyphs))
        table.display, log.display = not wire.lists, wire.lists or spare
        if table.display:
            table.show(value)
        if log.display:
            log.show(replace(value, selected=0, following=True, why=()) if spare else value)
        rx, tx = wire.bytes_per_s()
        self.query_one(FiguresPanel).show(FiguresValue(wire.newest, rx, tx, bool(value.old)))
        newest = wire.newest or FrameView(self.shown, 0, False)
        self.query_one(HeatMap).show(HeatValue(newest, bool(value.old)))

    def _has_spare(self, wire: Wire, above: list[Row]) -> bool:
        """Room below a short table for the newest frames."""
        rows = len(wire.view.kinds) + len(above) + 2 if wire.view else 0
        spare = self.query_one("#frames-main").size.height - rows - 1 >= SPARE_ROWS if rows > 2 else False
        self.query_one(FrameTable).styles.height = rows + 1 if spare else "1fr"
        return spare

    def _value(self, look: Look, wire: Wire) -> FramesValue:
        view, engine = wire.view, look.fleet.engine
        age_s = max(0.0, look.local_s - wire.got_s)
        troubled = wire.cause is not None or not engine.attached or age_s > OLD_AFTER_S
        old = say("frames-old", age=age_old(age_s)) if view is not None and troubled else ""
        cause = wire.cause or (None if engine.attached else engine.cause)
        is_empty = view is None or not (view.rows or view.kinds)
        if cause is None and is_empty and look.fleet.tracks and not self._other:
            cause = look.fleet.tracks[look.selected_index].link.cause
        return FramesValue(
            view,
            self._content,
            self._only,
            wire.following,
            wire.number if wire.lists else wire.key,
            wire.top,
            old,
            cause_words(cause) if cause else (),
        )

    def hint(self, look: Look) -> str:
        """The keys of this place with what they switch to."""
        wire = self._wire(self.shown)
        is_bus = wire.view is None or wire.view.is_bus
        table = say("frames-to-table" if is_bus else "frames-to-commands")
        parts = [
            f"v {table if wire.lists else say('frames-to-list')}",
            f"d {say(f'frames-content-{self._shown_content}')}",
            f"/ {self._only or say('frames-filter')}",
            f"w {window_words(self._window_s)}",
            f"Enter {say('frames-decode')}",
            f"f {say('frames-follow')}",
        ]
        return " · ".join(parts)

    def _wire(self, track: str) -> Wire:
        return self._wires.setdefault(track, Wire())

    @property
    def shown(self) -> str:
        """The wire on show: that of the selected track, or one without a battery."""
        return self._other or self.packdeck.selected

    def tab_names(self, fleet: Fleet) -> tuple[str, ...]:
        """Tracks, then wires that only carry frames."""
        return (*super().tab_names(fleet), *fleet.wires)

    def choose_tab(self, name: str) -> None:
        """Show that wire."""
        self._other = name if name in self.packdeck.feed.fleet().wires else ""
        if not self._other:
            self.packdeck.select_track(name)
        self.look_again()

    @property
    def wire(self) -> Wire:
        """The wire on show."""
        return self._wire(self.shown)

    @property
    def _rows(self) -> RowList:
        return self.query_one(FrameLog) if self.wire.lists else self.query_one(FrameTable)

    # --- asking ---

    def question(self) -> LookAtFrames:
        """What to ask for now."""
        wire, log = self.wire, self.query_one(FrameLog)
        room = log.room if log.display else self._rows.room
        before = wire.before if wire.lists else None
        rows = room if before is None else AROUND * room
        return LookAtFrames(self.shown, self._only, rows, self._window_s, before)

    def _next_question(self) -> LookAtFrames:
        """With a filter every other question is about the whole wire: counters and ages know no filter."""
        question, shown = self.question(), self.wire.question
        rows_are_there = shown is not None and _rows_of(shown) == _rows_of(question)
        self._whole = bool(self._only) and rows_are_there and not self._whole
        return replace(question, only="", rows=1, before=None) if self._whole else question

    def ask(self) -> None:
        """Ask in a thread: one question at a time, only while on show, at most four times a second."""
        now_s, app = time.monotonic(), self.packdeck
        if self._in_flight or not self.is_mounted or app.place is not self or not self.shown:
            return
        if now_s - self._asked_s < ASK_EVERY_S * 0.9:
            return
        self._in_flight, self._asked_s = True, now_s
        question = self._next_question()
        ask_one(self, app.feed, question, partial(self._answered, question))

    def _answered(self, question: LookAtFrames, answer: Answer) -> None:
        """Take the answer, unless it is one to an older question: then the next tick brings a better one."""
        self._in_flight = False
        look, wire, view = self.packdeck.take_look(), self._wire(question.track), answer.frames
        if not answer.ok or view is None:
            wire.cause = answer.cause or Cause("engine-silent")
        else:
            wire.cause = None
            wire.got_s = self.packdeck.clock_s()  # the clock of every look; that of a paused one stands still
            if not question.only or wire.newest is None:
                wire.newest = view
                wire.count(view)
            rows = _rows_of(question)
            changed = wire.question is None or _rows_of(wire.question) != rows
            if (question.track != self.shown or rows == _rows_of(self.question())) and (
                changed or not look.paused
            ):
                wire.view, wire.question = view, question
        if question.track == self.shown:
            self.look_again()

    # --- keys ---

    def action_switch_view(self) -> None:
        """Per identifier, or a list."""
        self.wire.listing = not self.wire.lists
        self.wire.follow()
        self.look_again()

    def action_switch_content(self) -> None:
        """Raw, decoded, or both where it is wide enough."""
        now = self._shown_content
        if now is Content.RAW:
            self._content = Content.DECODED
        else:
            self._content = Content.BOTH if now is Content.DECODED and self._both_fit else Content.RAW
        self.look_again()

    @property
    def _both_fit(self) -> bool:
        if not self.query(FrameTable):
            return True  # still being made
        rows = self._rows
        value = replace(rows.value or FramesValue(), content=Content.BOTH)
        return {"bytes", "text"} <= {column.name for column, _ in rows.columns(value, rows.size.width)}

    @property
    def _shown_content(self) -> Content:
        """What is on show; what was chosen may need more room."""
        return Content.DECODED if self._content is Content.BOTH and not self._both_fit else self._content

    def action_next_window(self) -> None:
        """CL-45: 60 seconds, 5 minutes, 15 minutes."""
        self._window_s = WINDOWS_S[(WINDOWS_S.index(self._window_s) + 1) % len(WINDOWS_S)]
        self.look_again()

    def action_follow(self) -> None:
        """Go with the traffic again."""
        self.wire.follow()
        self.look_again()

    def action_page(self, step: int) -> None:
        """A screenful further."""
        self.action_move(step * max(1, self._rows.room - 1))

    def action_move(self, step: int) -> None:
        """Select another row; the list then stands still."""
        wire = self.wire
        if wire.view is None:
            return
        if wire.lists:
            self._move_in_list(wire, wire.view.rows, step)
        else:
            keys = [kind_key(kind) for kind in kinds_in_order(wire.view)]
            if keys:
                at = keys.index(wire.key) + step if wire.key in keys else (0 if step > 0 else len(keys) - 1)
                wire.key = keys[max(0, min(at, len(keys) - 1))]
                wire.top = self.query_one(FrameTable).first_shown(self._value_now(), self._rows.room)
        self.look_again()

    def _move_in_list(self, wire: Wire, rows: tuple[FrameRow, ...], step: int) -> None:
        numbers, room = [frame.number for frame in rows], self._rows.room
        if not numbers:
            return
        at = len(numbers) - 1
        if wire.before is None:
            wire.top = numbers[max(0, len(numbers) - room)]
        elif wire.number in numbers:
            at = numbers.index(wire.number) + step
        self._select(wire, numbers, max(0, min(at, len(numbers) - 1)))

    def _select(self, wire: Wire, numbers: list[int], at: int) -> None:
        """Select, and ask for frames around it before the cursor comes to the end of those at hand."""
        room, last = self._rows.room, len(numbers) - 1
        wire.number = numbers[at]
        if wire.before is None:
            wire.before = numbers[-1] + 1
        elif at < room:
            wire.before = numbers[min(last, at + 2 * room)] + 1
        elif at > last - room:
            wire.before = max(wire.before, numbers[-1] + 1 + room)
        wire.top = numbers[first_of(self._value_now(), room)]

    def _value_now(self) -> FramesValue:
        return self._value(self.packdeck.take_look(), self.wire)

    def on_row_chosen(self, message: RowChosen) -> None:
        """A tap selects a row, a second one opens it."""
        wire, view = self.wire, self.wire.view
        if message.listed:
            wire.listing = True
        kinds = kinds_in_order(view) if view else []
        before = wire.number, wire.key
        if wire.lists and view and message.index < len(view.rows):
            self._select(wire, [frame.number for frame in view.rows], message.index)
        elif not wire.lists and message.index < len(kinds):
            wire.key = kind_key(kinds[message.index])
        else:
            return
        if before == (wire.number, wire.key):
            self.action_open_frame()
        self.look_again()

    def action_open_frame(self) -> None:
        """The selected frame in full; without one the newest, or the first of the table."""
        if frame := self._chosen():
            self.app.push_screen(FrameSheet(frame, self.packdeck.feed))

    def _chosen(self) -> FrameRow | None:
        wire = self.wire
        if wire.view is None:
            return None
        if wire.lists:
            rows = wire.view.rows
            return next((f for f in rows if f.number == wire.number), rows[-1] if rows else None)
        kinds = kinds_in_order(wire.view)
        kind = next((k for k in kinds if kind_key(k) == wire.key), kinds[0] if kinds else None)
        return newest_of(kind) if kind else None

    # --- the filter ---

    def action_filter(self) -> None:
        """Open the line to type in."""
        self.query_one("#frames-filter").display = True
        line = self.query_one(Input)
        line.value = self._only
        line.focus()

    def action_close_filter(self) -> None:
        """Close it without a change."""
        self.set_focus(None)
        self.query_one("#frames-filter").display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: from now on only these; an empty line shows all."""
        event.stop()
        self._only = " ".join(event.value.split())
        self.action_close_filter()
        for wire in self._wires.values():
            wire.follow()
        self.look_again()

    # --- for other places ---

    def show_source(self, track: str, number: int) -> None:
        """Show the list of a wire around a frame, with that frame selected."""
        wire = self._wire(track)
        self._only, self._other = "", ""
        wire.listing, wire.number, wire.before, wire.top = True, number, number + 1, number
        self.packdeck.select_track(track)
        self.ask()


def newest_of(kind: FrameKind) -> FrameRow:
    """The newest frame of a kind as a row."""
    return FrameRow(
        kind.number, kind.last_us, kind.direction, kind.key, kind.data, kind.name, kind.text, kind.trust
    )


def _rows_of(question: LookAtFrames) -> tuple[object, ...]:
    """Which rows it is about: other figures or another size do not move rows that stand still."""
    return question.track, question.only, question.before
