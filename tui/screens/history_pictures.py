"""What the History place draws: every view from what was answered and what was chosen."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.history import (
    TABLE,
    Chart,
    HistoryFile,
    Quantity,
    quantities_of,
    quantity,
)
from tui.model.requests import Answer
from tui.screens.history_asking import POINT_CHOICES, ROW_CHOICES, Got, Wish
from tui.screens.screen import Look, Place
from tui.style.numbers import age_old
from tui.widgets.chart_axis import moment_words
from tui.widgets.chart_values import ChartValues
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.divider import Divider
from tui.widgets.energy_table import LABEL_CELLS, TRACK_CELLS, EnergyRows, EnergyValue
from tui.widgets.heat_chart import HeatRows, HeatValue
from tui.widgets.history_bar import VIEWS, BarValue, HistoryBar, rows_needed
from tui.widgets.history_chart import ChartValue, HistoryChart
from tui.widgets.history_files import FileRows, FilesValue, StorageFacts, newest_first
from tui.widgets.history_window import Window
from tui.widgets.sample_table import SampleRows, TableValue

FIRST_QUANTITIES = ("current_a", "pack_v", "soc_pct")
BUTTONS = {
    "chart": (
        "history-button-view",
        "history-button-shorter",
        "history-button-longer",
        "history-button-back",
        "history-button-on",
        "history-button-now",
        "history-button-values",
        "history-button-export",
    ),
    "table": (
        "history-button-view",
        "history-button-up",
        "history-button-down",
        "history-button-source",
        "history-button-export",
    ),
    "energy": (
        "history-button-view",
        "history-button-up",
        "history-button-down",
        "history-button-by",
        "history-button-export",
    ),
    "heat": (
        "history-button-view",
        "history-button-shorter",
        "history-button-longer",
        "history-button-back",
        "history-button-on",
        "history-button-now",
        "history-button-export",
    ),
    "files": (
        "history-button-view",
        "history-button-up",
        "history-button-down",
        "history-button-open",
        "history-button-export",
    ),
}


class HistoryPictures(Place):
    """Knows what a person chose and what was answered, and makes values for the widgets of it."""

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.window = self._first_window = Window()
        self.quantities: tuple[str, ...] = FIRST_QUANTITIES
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
        """The tracks are in the bar of this place, where only one of them is on show."""
        return True

    def _one_track(self, fleet: Fleet) -> bool:
        """A table, a heat map, and energy on a phone show one track at a time."""
        narrow = self.app.size.width < LABEL_CELLS + 1 + TRACK_CELLS * len(fleet.tracks)
        one = self.view in ("table", "heat") or (self.view == "energy" and narrow)
        return one and len(fleet.tracks) > 1 and not (self._archive and self.view == "table")

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
        answer = self._answer()
        page = answer.samples if answer else None
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
        answer = self._answer()
        heat = answer.heat if answer else None
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
        from_ms, until_ms = self._range(
            look, chart.from_ms if chart else None, chart.until_ms if chart else None
        )
        why = self._why(look) or self._nothing(chart, from_ms, until_ms)
        tracks = self._tracks(look.fleet)
        return ChartValue(
            chart, from_ms, until_ms, tracks, self.quantities, self.cursor_ms, self._focus, self._alone, why
        )

    def _range(self, look: Look, from_ms: int | None, until_ms: int | None) -> tuple[int, int]:
        """What is on show: that of the answer while it is the wanted one, so nothing moves in between."""
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
        known = {
            "from": moment_words(chart.first_ms, 90 * 86_400),
            "until": moment_words(chart.last_ms, 90 * 86_400),
        }
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
            self._tracks(look.fleet) if self._one_track(look.fleet) else (),
            look.selected,
        )

    def _buttons(self) -> ButtonsValue:
        return ButtonsValue(BUTTONS[self.view], at=-1)

    def hint(self, look: Look) -> str:
        """The keys of the view on show."""
        words = {
            "chart": (
                "range",
                "pan",
                "zoom",
                "cursor",
                "choose",
                "now",
                "panels",
                "alone",
                "view",
                "export",
                "amount",
            ),
            "table": ("rows", "open-moment", "source", "amount", "view", "export"),
            "energy": ("by", "scroll", "view", "export"),
            "heat": ("range", "pan", "zoom", "cursor", "now", "view", "export"),
            "files": ("open-file", "rows", "view", "export", "clear"),
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
