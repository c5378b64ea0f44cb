"""History (4): what was measured before, as chart, table, energy, heat map and files."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.locale import say
from tui.model.history import (
    quantity,
)
from tui.screens.history_asking import POINT_CHOICES, ROW_CHOICES
from tui.screens.history_orders import HistoryOrders
from tui.screens.history_pictures import BUTTONS
from tui.widgets.chart_values import ValuesSheet
from tui.widgets.confirm import Buttons
from tui.widgets.history_bar import VIEWS, HistoryBar
from tui.widgets.history_chart import ChartValue, HistoryChart, frame_of
from tui.widgets.history_window import Window
from tui.widgets.value_picker import ValuePicker

STEP, LEAP = 0.125, 0.9  # shares of a window that the arrows move it by
LEAP_COLUMNS = 10


class History(HistoryOrders):
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
    History.-files.-w-m StorageFacts, History.-files.-w-l StorageFacts { width: 40; height: 1fr; }
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

    # --- keys ---

    def action_track(self, name: str) -> None:
        """Another track, where only one is on show."""
        self.packdeck.select_track(name)
        self.ask()

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
        elif (
            self.view == "table" and (answer := self._answer()) and answer.samples and self._at < self._count
        ):
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
            await self.run_action(actions[names[message.index].removeprefix("history-button-")])

    # --- for other places ---

    def show_moment(self, track: str, time_ms: int, key: str = "") -> None:
        """Show the chart around a moment, with the cursor on it, and a quantity among those on show."""
        if key and quantity(key) is not None and key not in self.quantities:
            order = [one.key for one in self.known_quantities()]
            wanted = [*self.quantities, key]
            self.quantities = tuple(
                sorted(wanted, key=lambda k: order.index(k) if k in order else len(order))
            )
        if track:
            self.packdeck.select_track(track)
        self.window = self.window.around(time_ms, self._now_ms)
        self.cursor_ms = time_ms
        self.action_view("chart")
        self._changed()
