"""What the System place draws: each view from what was answered and what was chosen."""

from collections.abc import Iterable
from dataclasses import replace

from textual.containers import Container, Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from tui.locale import say
from tui.model.link import Cause
from tui.model.system import LogEntry, LogPage, SystemFigures
from tui.screens.screen import Look
from tui.screens.stands_alone import StandsAlone
from tui.screens.system_asking import Answers, Known, LogWish
from tui.style.numbers import age_old
from tui.widgets.adapter_bar import cause_words
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.diagnostics import Diagnostics
from tui.widgets.filter_label import FilterLabel
from tui.widgets.log_bar import LogBar, LogBarValue, log_bar_rows
from tui.widgets.log_list import LogList, first_of
from tui.widgets.note_list import NoteList, NotesValue
from tui.widgets.system_bar import SystemBar, SystemBarValue, placed
from tui.widgets.system_value import VIEWS, LogValue, SystemValue

BUTTONS = {
    "diagnostics": ("system-button-view", "system-button-up", "system-button-down", "system-button-test"),
    "events": ("system-button-view", "system-button-up", "system-button-down"),
    "log": (
        "system-button-view",
        "system-button-up",
        "system-button-down",
        "system-button-open",
        "system-button-follow",
        "system-button-debug",
    ),
}
HINTS = {
    "diagnostics": ("test", "debug", "scroll", "view"),
    "events": ("scroll", "pause", "view"),
    "log": ("open", "filter", "kind", "switch", "debug", "follow", "pause", "view"),
}


class SystemPictures(StandsAlone):
    """Knows what a person chose and what was answered, and makes values for the widgets of it."""

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.answers = Answers()
        self.wish = LogWish()
        self._testing = False

    def body(self, look: Look) -> Iterable[Widget]:
        """Every view; the classes of the place show one."""
        self.set_class(True, f"-{self.view}")
        bar, log_bar = SystemBar(self._bar(look)), LogBar(self._log_bar())
        bar.styles.height, log_bar.styles.height = self._bar_rows(bar, look), self._log_bar_rows()
        yield bar
        with Container(id="system-area"):
            with VerticalScroll(id="system-diagnostics", can_focus=False):
                yield Diagnostics(self._system(look))
            with VerticalScroll(id="system-events", can_focus=False):
                yield NoteList(self._notes(look))
            yield log_bar
            yield LogList(self._log(look))
        with Horizontal(id="system-filter"):
            yield FilterLabel("frames-filter")
            yield Input(placeholder=say("system-filter-example"))
        yield Buttons(self._buttons())

    def cards_fit(self, look: Look) -> bool:
        """All of it is about the engine: no tabs."""
        return True

    def draw(self, look: Look) -> None:
        """The view on show."""
        bar = self.query_one(SystemBar)
        bar.styles.height = self._bar_rows(bar, look)
        bar.show(self._bar(look))
        self.query_one("#body > Buttons", Buttons).show(self._buttons())
        if self.view == "diagnostics":
            self.query_one(Diagnostics).show(self._system(look))
        elif self.view == "events":
            self.query_one(NoteList).show(self._notes(look))
        else:
            self._draw_log(look)

    def _draw_log(self, look: Look) -> None:
        bar, log = self.query_one(LogBar), self.query_one(LogList)
        bar.styles.height = self._log_bar_rows()
        bar.show(self._log_bar())
        value = self._log(look)
        if log.size.height:
            self.wish.top = first_of(value, log.room)
        log.show(replace(value, top=self.wish.top))

    def _bar_rows(self, bar: SystemBar, look: Look) -> int:
        return len(placed(self._bar(look), self.app.size.width, bar.glyphs))

    def _log_bar_rows(self) -> int:
        return len(log_bar_rows(self._log_bar(), self.app.size.width))

    # --- values ---

    def _bar(self, look: Look) -> SystemBarValue:
        return SystemBarValue(self.view, self.is_debug, self._testing, self._old(look))

    def _old(self, look: Look) -> str:
        """How old the picture is, once nobody tells of anything newer."""
        known = self._known
        if known is None or known.value is None:
            lost_s = look.fleet.engine.lost_at_s
            if look.fleet.engine.attached or lost_s is None:
                return ""
            return age_old(max(0.0, look.local_s - lost_s))
        return age_old(max(0.0, look.local_s - known.got_s)) if self._is_old(look, known) else ""

    @property
    def _known(self) -> Known[SystemFigures] | Known[LogPage] | None:
        """What the view on show is drawn from, beside the fleet."""
        if self.view == "diagnostics":
            return self.answers.system
        return self.answers.log if self.view == "log" else None

    def _is_old(self, look: Look, known: Known[SystemFigures] | Known[LogPage]) -> bool:
        return known.cause is not None or not look.fleet.engine.attached

    def _system(self, look: Look) -> SystemValue:
        known = self.answers.system
        why, is_old = self._why(look, known.cause), self._is_old(look, known)
        return SystemValue(known.value, why, is_old, self._testing, look.fleet.screens, look.wall_s)

    def _why(self, look: Look, cause: Cause | None) -> tuple[str, ...]:
        """Why there is no newer answer; where the engine itself is lost, that is the reason."""
        engine = look.fleet.engine
        if not engine.attached:
            cause = engine.cause or cause or Cause("engine-silent")
        return cause_words(cause) if cause is not None else ()

    def _notes(self, look: Look) -> NotesValue:
        engine, old_s = look.fleet.engine, None
        if not engine.attached:
            old_s = int(max(0.0, look.local_s - engine.lost_at_s)) if engine.lost_at_s is not None else 0
        return NotesValue(look.fleet.notes, int(look.wall_s // 60), old_s)

    def _log_bar(self) -> LogBarValue:
        wish, page = self.wish, self.answers.log.value
        kinds = page.kinds if page is not None else wish.kinds
        path = page.path if page is not None else ""
        return LogBarValue(kinds, wish.kinds, wish.mark, wish.only, self.is_debug, path)

    def _log(self, look: Look) -> LogValue:
        known, wish = self.answers.log, self.wish
        entries, at = self.entries, wish.at
        if at is not None:
            at = max(0, min(at, len(entries) - 1)) if entries else None
        old = ""
        if known.value is not None and self._is_old(look, known):
            old = age_old(max(0.0, look.local_s - known.got_s))
        why = self._why(look, known.cause)
        return LogValue(entries, at, wish.top, wish.kinds, wish.only, old, why, known.value is not None)

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """Of the page on show, oldest first; none while it answers another question."""
        page = self.answers.log.value
        return page.entries[::-1] if page is not None else ()

    @property
    def is_debug(self) -> bool | None:
        """Whether everything is logged; `None`: nobody said so."""
        figures = self.answers.system.value
        return figures.engine.is_debug if figures is not None else None

    def _buttons(self) -> ButtonsValue:
        return ButtonsValue(BUTTONS[self.view], at=-1)

    def hint(self, look: Look) -> str:
        """The keys of the view on show."""
        words = list(HINTS[self.view])
        if self.wish.at is None and "follow" in words:
            words.remove("follow")
        return " · ".join(say(f"system-hint-{word}") for word in words)
