"""What the History place asks of the engine: the view on show, a file to write, samples to delete."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from tui.locale import say
from tui.model.history import (
    TABLE,
    ClearHistory,
    ExportHistory,
    HistoryRequest,
)
from tui.model.requests import Answer
from tui.screens.asking import ask, ask_one, tell_refusal
from tui.screens.history_asking import Wish, questions
from tui.screens.history_pictures import HistoryPictures
from tui.screens.screen import Look
from tui.widgets.history_bar import VIEWS
from tui.widgets.history_files import size
from tui.widgets.history_sheets import ClearSheet, ExportChoice, ExportSheet
from tui.widgets.history_window import Window
from tui.widgets.status_band import track_words

LEVELS = ("samples", "minutes", "hours")
TALL_ROWS = 29  # of a screen where each choice may have three rows
TICK_S = 0.25
BUSY_AFTER_S = 1.0


def export_choices(request: ExportHistory, levels: Sequence[str], archive: str) -> tuple[ExportChoice, ...]:
    """What a person can write: the values at each level, energy by day and by month, one archive."""
    count = len(request.quantities)
    values = [
        ExportChoice(
            say("history-export-what", count=count, level=say(f"history-level-{level}")),
            replace(request, level=level),
        )
        for level in levels
    ]
    energy = [
        ExportChoice(say(f"history-energy-{by}"), replace(request, quantities=(), level=f"{by}s"))
        for by in ("day", "month")
    ]
    if not archive:
        return (*values, *energy, ExportChoice(say("history-export-archive-any")))
    words = say("history-export-archive", name=archive)
    return (*values, *energy, ExportChoice(words, ExportHistory("", archive=archive)))


def where_words(request: ExportHistory) -> str:
    """`all tracks · 2025-10-17 12:07 - 2025-10-18 12:07`; without a range, all of it."""
    track = track_words(request.track) if request.track else say("history-export-tracks")
    if request.from_ms is None or request.until_ms is None:
        return f"{track} · {say('history-export-everything')}"
    ends = (time.localtime(ms / 1000) for ms in (request.from_ms, request.until_ms))
    first, last = (time.strftime("%Y-%m-%d %H:%M", end) for end in ends)
    return f"{track} · {first} - {last}"


class HistoryOrders(HistoryPictures):
    """Asks in short threads, one wish at a time, and tells how it went."""

    # --- the view on show ---

    def on_mount(self) -> None:
        """Look whether there is something to ask, while on show."""
        self.set_interval(TICK_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

    def look_again(self) -> None:
        """Another tab, another size: other samples are wanted at once, not at the next tick."""
        super().look_again()
        self.ask()

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
        ask(self, app.feed, asked, partial(self._answered, wish))

    def _answered(self, wish: Wish, answers: list[Answer]) -> None:
        """Keep it and draw; a wish that changed meanwhile is asked for at once."""
        self._asked_s, self._busy_word = None, 0
        self._got[wish.view].take(wish, answers, self.packdeck.clock_s())
        self._fit()
        self.look_again()

    def _fit(self) -> None:
        """Until a person chooses a range, it is one that what is stored fills."""
        chart = self._chart
        if chart is not None and chart.first_ms is not None and self.window is self._first_window:
            window = Window.holding((self._now_ms - chart.first_ms) / 1000)
            if window != self.window:
                self.window = self._first_window = window

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

    def action_view(self, name: str) -> None:
        """Another view."""
        if name in VIEWS and name != self.view:
            self.set_class(False, f"-{self.view}")
            self.view = name
            self.set_class(True, f"-{name}")
            self._look_soon()  # it has a size only after the next layout
            self.call_after_refresh(self.ask)

    # --- files ---

    def action_export(self) -> None:
        """Write what is on show, energy or an archive into a file on the engine's machine (row S1-51)."""
        if isinstance(self.app.screen, ExportSheet):
            return
        look = self.packdeck.take_look()
        request, archive = self._exported(look), self._archive_named
        tall = self.app.has_class("-kiosk") and self.app.size.height >= TALL_ROWS
        choices = export_choices(request, (request.level,) if tall else LEVELS, archive)
        wanted = request.level
        if self.view == "energy":
            wanted = f"{self._by}s"
        at = next(i for i, one in enumerate(choices) if one.request and one.request.level == wanted)
        if archive and self.view in ("files", "table"):
            at = len(choices) - 1
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(look.wall_s))
        sheet = ExportSheet(choices, at, where_words(request), f"~/packdeck-{stamp}", tall=tall)
        self.app.push_screen(sheet, self._export)

    @property
    def _archive_named(self) -> str:
        """The archive that is open, or under the cursor; empty before anybody looked at them."""
        if self._archive:
            return self._archive
        files = self._files() or ()
        return files[self._file].name if self.view == "files" and self._file < len(files) else ""

    def _export(self, chosen: ExportChoice | None) -> None:
        """Write it; of archives one must be chosen first."""
        if chosen is None:
            return
        if chosen.request is not None:
            self._do(chosen.request, self._exported_words)
            return
        self.action_view("files")
        self.app.notify(say("history-export-archive-first"))

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
        return ExportHistory("", level="hours")  # of everything that is stored

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
        self.app.notify(say("history-working"), timeout=2)
        ask_one(self, self.packdeck.feed, request, partial(self._done, words))

    def _done(self, words: Callable[[Answer], str], answer: Answer) -> None:
        if answer.ok:
            self.app.notify(words(answer), markup=False)
        else:
            tell_refusal(self, answer)
        for got in self._got.values():
            got.local_s = float("-inf")
