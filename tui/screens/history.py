"""History (4): what was measured before, as chart, table, energy, heat map and files."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.history import (
    TABLE,
    Chart,
    ClearHistory,
    ExportHistory,
    HistoryFile,
    HistoryRequest,
    Quantity,
    quantities_of,
    quantity,
)
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.screens.history_asking import POINT_CHOICES, ROW_CHOICES, Got, Wish, questions
from tui.screens.screen import Look, Place
from tui.style.numbers import age_old
from tui.widgets.chart_axis import moment_words
from tui.widgets.chart_values import ChartValues, ValuesSheet
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.divider import Divider
from tui.widgets.energy_table import EnergyRows, EnergyValue
from tui.widgets.heat_chart import HeatRows, HeatValue
from tui.widgets.history_bar import VIEWS, BarValue, HistoryBar, rows_needed
from tui.widgets.history_chart import ChartValue, HistoryChart, frame_of
from tui.widgets.history_files import FileRows, FilesValue, StorageFacts, newest_first, size
from tui.widgets.history_sheets import ClearSheet, ExportSheet
from tui.widgets.history_window import Window
from tui.widgets.sample_table import SampleRows, TableValue
from tui.widgets.value_picker import ValuePicker

FIRST_QUANTITIES = ("current_a", "pack_v", "soc_pct")
TICK_S = 0.25
BUSY_AFTER_S = 1.0
STEP, LEAP = 0.125, 0.9  # shares of a window that the arrows move it by
LEAP_COLUMNS = 10
BUTTONS = {
    "chart": ("view", "shorter", "longer", "back", "on", "now", "values"),
    "table": ("view", "up", "down", "source", "export"),
    "energy": ("view", "up", "down", "by"),
    "heat": ("view", "shorter", "longer", "back", "on", "now"),
    "files": ("view", "up", "down", "open"),
}


class History(Place):
    """A bar with the views, the view below it; beside a wide chart all values at the cursor."""

    NAME: ClassVar[str] = "history"
    LOOKS_ALWAYS: ClassVar[bool] = False
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    History #history-area { height: 1fr; layout: horizontal; }
    History #history-area > * { display: none; }
    History.-chart #history-area > HistoryChart, History.-table #history-area > SampleRows,
    History.-energy #history-area > EnergyRows, History.-heat #history-area > HeatRows,
    History.-files #history-area > FileRows, History.-files #history-area > StorageFacts,
    History.-chart.-w-xl #history-area > ChartValues, History.-chart.-w-xl #history-area > Divider {
        display: block;
    }
    History ChartValues { width: 46; }
    History StorageFacts { height: 15; }
    History.-files #history-area { layout: vertical; }
    History.-files.-h-s StorageFacts { height: 9; }
    History.-files.-w-m #history-area, History.-files.-w-l #history-area { layout: horizontal; }
    History.-files.-w-xl #history-area { layout: horizontal; }
    History.-files.-w-m StorageFacts, History.-files.-w-l StorageFacts { width: 42; height: 1fr; }
    History.-files.-w-xl StorageFacts { width: 60; height: 1fr; }
    History > #body > Buttons { display: none; height: 3; }
    .-kiosk History.-h-m > #body > Buttons, .-kiosk History.-h-l > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view(1)", show=False, id="history.view"),
        Binding("V", "next_view(-1)", show=False, id="history.view-back"),
        Binding("left_square_bracket", "range(-1)", show=False, id="history.shorter"),
        Binding("right_square_bracket", "range(1)", show=False, id="history.longer"),
        Binding("plus,equals_sign", "zoom(1)", show=False, id="history.closer"),
        Binding("minus", "zoom(-1)", show=False, id="history.further"),
        Binding("left,h", "sideways(-1)", show=False, id="history.left"),
        Binding("right,l", "sideways(1)", show=False, id="history.right"),
        Binding("shift+left", "leap(-1)", show=False, id="history.left-far"),
        Binding("shift+right", "leap(1)", show=False, id="history.right-far"),
        Binding("pageup", "page(-1)", show=False, id="history.page-up"),
        Binding("pagedown", "page(1)", show=False, id="history.page-down"),
        Binding("up,k", "move(-1)", show=False, id="history.up"),
        Binding("down,j", "move(1)", show=False, id="history.down"),
        Binding("home", "begin", show=False, id="history.begin"),
        Binding("end,f", "now", show=False, id="history.now"),
        Binding("c", "cursor", show=False, id="history.cursor"),
        Binding("escape", "back", show=False, id="history.back"),
        Binding("enter", "open", show=False, id="history.open"),
        Binding("m", "alone", show=False, id="history.alone"),
        Binding("s", "values", show=False, id="history.values"),
        Binding("d", "by", show=False, id="history.by"),
        Binding("o", "source", show=False, id="history.source"),
        Binding("w", "amount", show=False, id="history.amount"),
        Binding("x", "export", show=False, id="history.export"),
        Binding("D", "clear", show=False, id="history.clear"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.window = Window()
        self.quantities = FIRST_QUANTITIES
        self.cursor_ms: int | None = None
        self._focus = 0
        self._alone = False
        self._points = POINT_CHOICES[0]
        self._rows = ROW_CHOICES[0]
        self._by = "day"
        self._archive = ""
        self._offset = 0
        self._at = 0  # row under the cursor of the table
        self._tops = dict.fromkeys(VIEWS, 0)
        self._file = 0
        self._got = {view: Got() for view in VIEWS}
        self._asked_s: float | None = None  # since when an answer is awaited
        self._busy_word = 0

    # --- the picture ---

    def body(self, look: Look) -> Iterable[Widget]:
        """Every view; the classes of the place show one."""
        self.set_class(True, f"-{self.view}")
        bar = HistoryBar(self._bar(look))
        bar.styles.height = rows_needed(self._bar(look), self.app.size.width, bar.glyphs)
        yield bar
        with Container(id="history-area"):
            yield HistoryChart(self._chart_value(look))
            yield Divider(True, id="history-edge")
            yield ChartValues(self._chart_value(look))
            yield SampleRows(TableValue())
            yield EnergyRows(EnergyValue())
            yield HeatRows(HeatValue())
            yield FileRows(FilesValue())
            yield StorageFacts()
        yield Buttons(self._buttons())

    def cards_fit(self, look: Look) -> bool:
        """A chart shows all tracks; a table, a heat map, and energy on a phone show one at a time."""
        one = self.view in ("table", "heat") or (self.view == "energy" and self.size.width < 60)
        return not one or len(look.fleet.tracks) < 2 or bool(self._archive and self.view == "table")

    def on_mount(self) -> None:
        """Look whether there is something to ask, while on show."""
        self.set_interval(TICK_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

    def draw(self, look: Look) -> None:
        """The view on show; the others keep their last picture."""
        bar, value = self.query_one(HistoryBar), self._bar(look)
        bar.styles.height = rows_needed(value, self.size.width, bar.glyphs)
        bar.show(value)
        self.query_one("#body > Buttons", Buttons).show(self._buttons())
        drawing: dict[str, Callable[[Look], None]] = {
            "chart": self._draw_chart,
            "table": self._draw_table,
            "energy": self._draw_energy,
            "heat": self._draw_heat,
            "files": self._draw_files,
        }
        drawing[self.view](look)

    def _draw_chart(self, look: Look) -> None:
        value = self._chart_value(look)
        self.query_one(HistoryChart).show(value)
        self.query_one(ChartValues).show(value)

    def _draw_table(self, look: Look) -> None:
        page = self._answer().samples if self._answer() else None
        table = self.query_one(SampleRows)
        value = TableValue(page, self._archive, self._at, self._tops["table"], self._why(look))
        self._tops["table"] = table.first_shown(value)
        table.show(replace(value, top=self._tops["table"]))

    def _draw_energy(self, look: Look) -> None:
        answer = self._answer()
        value = EnergyValue(
            answer.energy if answer else None,
            self._tracks(look.fleet),
            self._by,
            look.selected,
            self._tops["energy"],
            self._why(look),
        )
        self.query_one(EnergyRows).show(value)

    def _draw_heat(self, look: Look) -> None:
        heat = self._answer().heat if self._answer() else None
        from_ms, until_ms = self._range(look, heat.from_ms if heat else None, heat.until_ms if heat else None)
        value = HeatValue(heat, from_ms, until_ms, self.cursor_ms, self._tops["heat"], self._why(look))
        self.query_one(HeatRows).show(value)

    def _draw_files(self, look: Look) -> None:
        files, storage = self._files(), self._answer(1)
        rows = self.query_one(FileRows)
        value = FilesValue(files, self._file, self._tops["files"], self._why(look))
        self._tops["files"] = rows.first_shown(value)
        rows.show(replace(value, top=self._tops["files"]))
        if storage is not None and storage.storage is not None:
            self.query_one(StorageFacts).show(storage.storage)

    def _chart_value(self, look: Look) -> ChartValue:
        chart = self._chart
        from_ms, until_ms = self._range(look, chart.from_ms if chart else None, chart.until_ms if chart else None)
        why = self._why(look) or self._nothing(chart, from_ms, until_ms)
        tracks = self._tracks(look.fleet)
        return ChartValue(
            chart, from_ms, until_ms, tracks, self.quantities, self.cursor_ms, self._focus, self._alone, why
        )

    def _range(self, look: Look, from_ms: int | None, until_ms: int | None) -> tuple[int, int]:
        """What is on show: that of the answer while it is the wanted one, so that nothing moves between two."""
        got = self._got[self.view]
        if got.key == self._wish(look.fleet).key and from_ms is not None and until_ms is not None:
            return from_ms, until_ms
        return self.window.range_ms(int(look.wall_s * 1000), self._points)

    def _nothing(self, chart: Chart | None, from_ms: int, until_ms: int) -> tuple[str, ...]:
        """A sentence for a stretch of time without data."""
        if chart is None or any(one.buckets for one in chart.series):
            return ()
        if chart.first_ms is None or chart.last_ms is None:
            return say("history-empty"), say("history-empty-do")
        span_s = self.window.span_s
        words = {"from": moment_words(from_ms, span_s), "until": moment_words(until_ms, span_s)}
        known = {"from": moment_words(chart.first_ms, 90 * 86_400), "until": moment_words(chart.last_ms, 90 * 86_400)}
        return say("history-empty-range", **words), say("history-empty-range-do", **known)

    def _why(self, look: Look) -> tuple[str, ...]:
        """Sentences instead of a picture that does not exist."""
        got = self._got[self.view]
        if got.answers:
            return ()
        cause = got.cause or (None if look.fleet.engine.attached else look.fleet.engine.cause)
        if cause is not None:
            return say(f"cause-{cause.key}", **cause.values()), say(f"cause-{cause.key}-do", **cause.values())
        return (say("history-reading"),)

    def _bar(self, look: Look) -> BarValue:
        got = self._got[self.view]
        old = ""
        if got.answers and got.cause is not None:
            old = say("history-old", age=age_old(max(0.0, look.local_s - got.local_s)))
        timed = self.view in ("chart", "heat")
        now_ms = int(look.wall_s * 1000)
        from_ms, until_ms = self.window.range_ms(now_ms, self._points)
        end = say("history-now") if self.window.following else moment_words(until_ms, self.window.span_s)
        moment = f"{moment_words(from_ms, max(self.window.span_s, 7201))} - {end}"
        return BarValue(
            self.view,
            self.window.words if timed else "",
            moment if timed and self.app.size.width >= 60 else end if timed else "",
            self.window.following,
            self._busy_word,
            old,
        )

    def _buttons(self) -> ButtonsValue:
        return ButtonsValue(tuple(f"history-button-{name}" for name in BUTTONS[self.view]), at=-1)

    def hint(self, look: Look) -> str:
        """The keys of the view on show."""
        words = {
            "chart": ("range", "pan", "zoom", "cursor", "choose", "now", "panels", "alone", "view", "export", "amount"),
            "table": ("rows", "open-moment", "source", "amount", "view", "export"),
            "energy": ("by", "scroll", "view", "export"),
            "heat": ("range", "pan", "zoom", "cursor", "now", "view", "export"),
            "files": ("open-file", "rows", "view", "clear"),
        }[self.view]
        if self.cursor_ms is not None and self.view in ("chart", "heat"):
            words = ("cursor-move", "cursor-all", "cursor-off", *words)
        return " · ".join(say(f"history-hint-{word}") for word in words)

    # --- what is known ---

    @property
    def _chart(self) -> Chart | None:
        got = self._got["chart"]
        return got.answers[0].chart if got.answers else None

    def _answer(self, at: int = 0) -> Answer | None:
        answers = self._got[self.view].answers
        return answers[at] if at < len(answers) else None

    def _files(self) -> tuple[HistoryFile, ...] | None:
        answers = self._got["files"].answers
        return newest_first(answers[0].files) if answers and answers[0].files is not None else None

    def _tracks(self, fleet: Fleet) -> tuple[str, ...]:
        return tuple(track.name for track in fleet.tracks)

    def _wish(self, fleet: Fleet) -> Wish:
        return Wish(
            self.view,
            self._tracks(fleet),
            self.packdeck.selected,
            self.quantities,
            self.window,
            self._points,
            self._by,
            self._archive,
            self._offset,
            self._page_rows,
        )

    @property
    def _page_rows(self) -> int:
        if self._rows or not self.query(SampleRows):
            return self._rows or 20
        return max(5, self.query_one(SampleRows).room)

    # --- asking ---

    def ask(self) -> None:
        """Ask in a thread: one wish at a time, only while on show, at once when it is another one."""
        app = self.packdeck
        if not self.is_mounted or app.place is not self or not app.is_running:
            return
        if self._asked_s is not None:
            self._show_busy()
            return
        look = app.take_look()
        wish, got = self._wish(look.fleet), self._got[self.view]
        if not wish.tracks or not got.due(wish, app.clock_s(), look.paused):
            return
        self._asked_s = time.monotonic()
        asked = questions(wish, int(look.wall_s * 1000))

        def ask() -> None:
            answers = [Answer(False)]
            try:
                answers = [app.feed.ask(question) for question in asked]
            finally:
                self.call_later(self._answered, wish, answers)

        self.run_worker(ask, thread=True, exit_on_error=False)

    def _answered(self, wish: Wish, answers: list[Answer]) -> None:
        """Keep it and draw; a wish that changed meanwhile is asked for at once."""
        self._asked_s, self._busy_word = None, 0
        self._got[wish.view].take(wish, answers, self.packdeck.clock_s())
        self.look_again()
        self.ask()

    def _show_busy(self) -> None:
        """A sign of life once it takes longer than a second."""
        waited_s = time.monotonic() - self._asked_s if self._asked_s is not None else 0.0
        seconds = int(waited_s) if waited_s >= BUSY_AFTER_S else 0
        if seconds != self._busy_word:
            self._busy_word = seconds
            self.look_again()

    def _changed(self) -> None:
        """A person chose something: show at once what is known, ask for the rest."""
        self.look_again()
        self.ask()

    # --- keys ---

    def action_view(self, name: str) -> None:
        """Another view."""
        if name in VIEWS and name != self.view:
            self.set_class(False, f"-{self.view}")
            self.view = name
            self.set_class(True, f"-{name}")
            self._look_soon()  # it has a size only after the next layout
            self.call_after_refresh(self.ask)

    def action_next_view(self, step: int) -> None:
        """The next one, or the one before."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + step) % len(VIEWS)])

    def action_range(self, step: int) -> None:
        """The next longer or shorter range."""
        if self._timed:
            self._move_to(self.window.next_range(step))

    def action_zoom(self, step: int) -> None:
        """Closer or further, around the cursor if there is one."""
        if self._timed:
            self._move_to(self.window.zoomed(step, self.cursor_ms, self._now_ms))

    def action_sideways(self, step: int) -> None:
        """The cursor by a column; without one the window."""
        if not self._timed:
            self.action_page(step)
        elif self.cursor_ms is not None:
            self._move_cursor(step)
        else:
            self._move_to(self.window.panned(step * STEP, self._now_ms))

    def action_leap(self, step: int) -> None:
        """The same, faster."""
        if self._timed and self.cursor_ms is not None:
            self._move_cursor(step * LEAP_COLUMNS)
        else:
            self.action_page(step)

    def action_page(self, step: int) -> None:
        """A screenful of time or of rows."""
        if self._timed:
            self._move_to(self.window.panned(step * LEAP, self._now_ms))
        elif self.view == "table":
            self._turn(step)
        else:
            self.action_move(step * 10)

    def action_pan(self, step: int) -> None:
        """Half a window: what a finger wants."""
        if self._timed:
            self._move_to(self.window.panned(step * 0.5, self._now_ms))

    def action_move(self, step: int) -> None:
        """Another panel, or another row."""
        if self.view == "chart":
            self._focus = max(0, self._focus + step)
        elif self.view == "table":
            self._move_row(step)
        elif self.view == "files":
            self._file = max(0, min(self._file + step, len(self._files() or ()) - 1))
        else:
            self._tops[self.view] = max(0, self._tops[self.view] + step)
        self._changed()

    def _move_row(self, step: int) -> None:
        count = self._count
        if count and not 0 <= self._at + step < count:
            self._turn(1 if step > 0 else -1)
        else:
            self._at = max(0, min(self._at + step, count - 1))

    @property
    def _count(self) -> int:
        answer = self._answer()
        return len(answer.samples.rows) if answer and answer.samples else 0

    def _turn(self, step: int) -> None:
        """The next or previous page of samples."""
        answer = self._answer()
        if answer is None or answer.samples is None:
            return
        offset = max(0, self._offset + step * self._page_rows)
        if offset < max(1, answer.samples.total) and offset != self._offset:
            self._offset, self._at, self._tops["table"] = offset, 0, 0
        elif step > 0:
            self._at = max(0, self._count - 1)
        else:
            self._at = 0
        self._changed()

    def action_begin(self) -> None:
        """The beginning of everything stored, or the first row."""
        if self.view == "chart" and self._chart is not None and self._chart.first_ms is not None:
            self._move_to(self.window.around(self._chart.first_ms, self._now_ms))
        elif not self._timed:
            self._offset = self._at = self._file = 0
            self._tops[self.view] = 0
            self._changed()

    def action_now(self) -> None:
        """Go with the clock again; the newest row."""
        if self._timed:
            self._move_to(replace(self.window, until_ms=None))
        else:
            self.action_begin()

    def action_cursor(self) -> None:
        """Put a cursor into the middle, or take it away."""
        if self._timed:
            from_ms, until_ms = self._shown_range
            self.cursor_ms = (from_ms + until_ms) // 2 if self.cursor_ms is None else None
            self._changed()

    def action_back(self) -> None:
        """The cursor goes, then the panel on its own, then the archive."""
        if self.cursor_ms is not None and self._timed:
            self.cursor_ms = None
        elif self._alone and self.view == "chart":
            self._alone = False
        elif self._archive and self.view == "table":
            self._read_archive("")
        self._changed()

    def action_open(self) -> None:
        """All values at the cursor; the moment of a row; a file."""
        if self.view == "chart":
            self.app.push_screen(ValuesSheet(self._chart_value(self.packdeck.take_look())))
        elif self.view == "table" and (answer := self._answer()) and answer.samples and self._at < self._count:
            self.show_moment("", answer.samples.rows[self._at].time_ms)
        elif self.view == "files" and (files := self._files()) and self._file < len(files):
            self._read_archive(files[self._file].name)
            self.action_view("table")

    def _read_archive(self, name: str) -> None:
        self._archive, self._offset, self._at, self._tops["table"] = name, 0, 0, 0

    def action_alone(self) -> None:
        """One panel over the whole height, or all of them."""
        self._alone = not self._alone
        self._changed()

    def action_values(self) -> None:
        """Choose what the chart shows."""
        if self.view == "chart" and not isinstance(self.app.screen, ValuePicker):
            self.app.push_screen(ValuePicker(self.known_quantities(), self.quantities), self._chosen)

    def known_quantities(self) -> tuple[Quantity, ...]:
        """What any track measures, and what is chosen; the usual ones when no track has said anything yet."""
        found: dict[str, Quantity] = {}
        for track in self.packdeck.feed.fleet().tracks:
            found.update((one.key, one) for one in quantities_of(track))
        wanted = self.quantities if found else (*TABLE, *self.quantities)
        for key in wanted:
            known = quantity(key)
            if known is not None:
                found.setdefault(key, known)
        totals = [one for one in found.values() if not one.number]
        parts = sorted((one for one in found.values() if one.number), key=lambda one: (one.name, one.number))
        return (*totals, *parts)

    def _chosen(self, keys: tuple[str, ...] | None) -> None:
        if keys:
            self.quantities = keys
            self._focus, self._alone = 0, False
            self._changed()

    def action_by(self) -> None:
        """Energy by day or by month."""
        if self.view == "energy":
            self._by = "month" if self._by == "day" else "day"
            self._tops["energy"] = 0
            self._changed()

    def action_source(self) -> None:
        """Row CL-46: from the live samples to the archives, and back."""
        if self.view == "table" and self._archive:
            self._read_archive("")
            self._changed()
        else:
            self.action_view("files")

    def action_amount(self) -> None:
        """Row CL-46: 60, 120, 240 or all points; 10, 20, 50 rows a page or what there is room for."""
        if self.view == "chart":
            self._points = POINT_CHOICES[(POINT_CHOICES.index(self._points) + 1) % len(POINT_CHOICES)]
            count = say("history-all") if self._points == POINT_CHOICES[-1] else str(self._points)
            self.app.notify(say("history-points", count=count))
        elif self.view == "table":
            self._rows = ROW_CHOICES[(ROW_CHOICES.index(self._rows) + 1) % len(ROW_CHOICES)]
            self._offset = self._at = 0
        self._changed()

    # --- the cursor and the window ---

    @property
    def _timed(self) -> bool:
        return self.view in ("chart", "heat")

    @property
    def _now_ms(self) -> int:
        return int(self.packdeck.take_look().wall_s * 1000)

    @property
    def _shown_range(self) -> tuple[int, int]:
        value = self.query_one(HistoryChart).value if self.view == "chart" else self.query_one(HeatRows).value
        if value is None or value.until_ms <= 1:
            return self.window.range_ms(self._now_ms, self._points)
        return value.from_ms, value.until_ms

    def _move_to(self, window: Window) -> None:
        self.window = window
        self._changed()

    def _move_cursor(self, columns: int) -> None:
        """By so many columns; at the edge the window follows."""
        from_ms, until_ms = self._shown_range
        chart = self.query_one(HistoryChart)
        frame = frame_of(ChartValue(from_ms=from_ms, until_ms=until_ms), chart.size.width or self.size.width)
        moved = (self.cursor_ms or from_ms) + round(columns * frame.column_ms)
        self.cursor_ms = min(moved, self._now_ms)
        if not from_ms <= self.cursor_ms <= until_ms:
            self.window = self.window.panned(STEP * (1 if columns > 0 else -1), self._now_ms)
            self.window = self.window.around(self.cursor_ms, self._now_ms)
        self._changed()

    def on_history_chart_pointed(self, message: HistoryChart.Pointed) -> None:
        """A tap puts the cursor there."""
        self.cursor_ms, self._focus = message.time_ms, message.panel
        self._changed()

    def on_history_chart_wheeled(self, message: HistoryChart.Wheeled) -> None:
        """The wheel looks closer at what is under it."""
        self._move_to(self.window.zoomed(message.step, message.time_ms, self._now_ms))

    # --- taps ---

    async def on_history_bar_tapped(self, message: HistoryBar.Tapped) -> None:
        """What the part under the finger does."""
        await self.run_action(message.action)

    async def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons of the kiosk."""
        actions = {
            "view": "next_view(1)",
            "shorter": "range(-1)",
            "longer": "range(1)",
            "back": "pan(-1)",
            "on": "pan(1)",
            "now": "now",
            "values": "values",
            "up": "page(-1)",
            "down": "page(1)",
            "source": "source",
            "export": "export",
            "by": "by",
            "open": "open",
        }
        names = BUTTONS[self.view]
        if message.index < len(names):
            await self.run_action(actions[names[message.index]])

    # --- files ---

    def action_export(self) -> None:
        """Write what is on show into a file on the engine's machine (row S1-51)."""
        if isinstance(self.app.screen, ExportSheet):
            return
        look = self.packdeck.take_look()
        request = self._exported(look)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(look.wall_s))
        what = say("history-export-what", count=len(request.quantities), level=say(f"history-level-{request.level}"))

        def write(chosen: tuple[str, str] | None) -> None:
            if chosen is not None:
                self._do(replace(request, path=chosen[0], kind=chosen[1]), self._exported_words)

        self.app.push_screen(ExportSheet(what, f"~/packdeck-{stamp}"), write)

    def _exported(self, look: Look) -> ExportHistory:
        """The samples behind the picture; over long ranges their means."""
        if self.view == "table":
            return ExportHistory("", track=look.selected)
        from_ms, until_ms = self.window.range_ms(int(look.wall_s * 1000), self._points)
        level = "samples" if self.window.span_s <= 7 * 86_400 else "minutes"
        if self.window.span_s > 60 * 86_400:
            level = "hours"
        if self.view == "chart":
            return ExportHistory("", "csv", "", self.quantities, from_ms, until_ms, level)
        if self.view == "heat":
            keys = tuple(one.key for one in self.known_quantities() if one.key.startswith("cell_mv."))
            return ExportHistory("", "csv", look.selected, keys or TABLE, from_ms, until_ms, level)
        return ExportHistory("", level="hours")

    def action_clear(self) -> None:
        """Row S1-52: delete, after a word was typed."""
        if self.view == "files" and not isinstance(self.app.screen, ClearSheet):
            self.app.push_screen(ClearSheet(), self._clear)

    def _clear(self, request: ClearHistory | None) -> None:
        if request is not None:
            self._do(request, lambda answer: say("history-cleared"))

    def _exported_words(self, answer: Answer) -> str:
        done = answer.export
        if done is None:
            return say("history-export-done-plain")
        return say("history-export-done", rows=str(done.rows), size=size(done.size_bytes), path=done.path)

    def _do(self, request: HistoryRequest, words: Callable[[Answer], str]) -> None:
        """A command in a thread; its end is told, good or bad."""
        app = self.packdeck

        def ask() -> None:
            answer = Answer(False)
            try:
                answer = app.feed.ask(request)
            finally:
                self.call_later(self._done, answer, words)

        self.app.notify(say("history-working"), timeout=2)
        self.run_worker(ask, thread=True, exit_on_error=False)

    def _done(self, answer: Answer, words: Callable[[Answer], str]) -> None:
        if answer.ok:
            self.app.notify(words(answer), markup=False)
        else:
            cause = answer.cause or Cause("engine-silent")
            told = say(f"cause-{cause.key}", **cause.values()), say(f"cause-{cause.key}-do", **cause.values())
            self.app.notify(" ".join(told), severity="warning", markup=False)
        for got in self._got.values():
            got.local_s = float("-inf")

    # --- for other places ---

    def show_moment(self, track: str, time_ms: int, key: str = "") -> None:
        """Show the chart around a moment, with the cursor on it, and a quantity among those on show."""
        if key and quantity(key) is not None and key not in self.quantities:
            order = [one.key for one in self.known_quantities()]
            wanted = [*self.quantities, key]
            self.quantities = tuple(sorted(wanted, key=lambda k: order.index(k) if k in order else len(order)))
        if track:
            self.packdeck.select_track(track)
        self.window = self.window.around(time_ms, self._now_ms)
        self.cursor_ms = time_ms
        self.action_view("chart")
        self._changed()
