"""What the Alerts place draws: every view from what was answered and what was chosen."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from textual.containers import Container
from textual.widget import Widget

from tui.locale import say
from tui.model.alert import Alert, AlertRecord, Notified, Threshold
from tui.model.fleet import Fleet
from tui.model.requests import AlertHistory
from tui.screens.alerts_asking import NEWEST, PAGE, Answers, Wish
from tui.screens.alerts_rows import active_facts, all_clear, none_past, past_facts
from tui.screens.screen import Look, Place
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_old
from tui.widgets.adapter_bar import cause_words
from tui.widgets.alert_bar import VIEWS, AlertBar, AlertBarValue, placed
from tui.widgets.alert_detail import AlertDetail, AlertDetailValue
from tui.widgets.alert_figures import AlertFigures, FiguresValue
from tui.widgets.alert_list import (
    AlertKey,
    AlertList,
    AlertsValue,
    AlertView,
    head_rows,
    none_rows,
    off_rows,
    rows_each,
)
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.divider import Divider
from tui.widgets.notify_list import NotifyList, NotifyValue
from tui.widgets.rows import Row, Span, title_rule
from tui.widgets.status_band import track_words
from tui.widgets.threshold_table import ThresholdHelp, ThresholdsValue, ThresholdTable
from tui.widgets.trip_line import ahead_rows

LEAST_DETAIL, TALL_DETAIL, TALL = 8, 10, 29  # rows kept for the panel below a long list; of tall screens
BUTTONS = {
    "active": (
        "alerts-button-view",
        "alerts-button-up",
        "alerts-button-down",
        "alerts-button-open",
        "alerts-button-ack",
        "alerts-button-silence",
    ),
    "history": (
        "alerts-button-view",
        "alerts-button-up",
        "alerts-button-down",
        "alerts-button-open",
        "alerts-button-severity",
    ),
    "statistics": ("alerts-button-view",),
    "limits": (
        "alerts-button-view",
        "alerts-button-up",
        "alerts-button-down",
        "alerts-button-open",
        "alerts-button-track",
    ),
    "notify": (
        "alerts-button-view",
        "alerts-button-up",
        "alerts-button-down",
        "alerts-button-test",
        "alerts-button-test-all",
    ),
}


class AlertsPictures(Place):
    """Knows what a person chose and what was answered, and makes values for the widgets of it."""

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.wish = Wish()
        self.answers = Answers()
        self._track = ""  # whose limits
        self._selected: dict[str, AlertKey | None] = {"active": None, "history": None}
        self._at: dict[str, int] = dict.fromkeys(VIEWS, 0)  # chosen row, should the selected one be gone
        self._tops: dict[str, int] = dict.fromkeys(VIEWS, 0)
        self._busy: set[int] = set()  # numbers that are being acknowledged
        self._setting = ""  # key of the limit that is being changed
        self._tested: dict[str, Notified] = {}
        self._testing: set[str] = set()
        self._in_flight = False
        self._alerts: tuple[Alert, ...] = ()

    def body(self, look: Look) -> Iterable[Widget]:
        """Every view; the classes of the place show one."""
        self.set_class(True, f"-{self.view}")
        self.set_class(self._is_phone, "-phone")
        bar = AlertBar(self._bar(look))
        bar.styles.height = self._bar_rows(bar, look)
        yield bar
        with Container(id="alerts-area"):
            value = self._list(look)
            alerts = AlertList(value)
            alerts.styles.height = self._list_height(value, self.app.size.height - 6)
            yield alerts
            yield Divider(True, id="alerts-edge")
            yield AlertDetail(self._detail(look))
            yield AlertFigures(FiguresValue())
            yield ThresholdTable(ThresholdsValue())
            yield ThresholdHelp(ThresholdsValue())
            yield NotifyList(self._notify(look))
        yield Buttons(self._buttons(look))

    @property
    def _is_phone(self) -> bool:
        """Too small for a panel below the list: Enter opens it."""
        return self.app.size.width < 60

    def _bar_rows(self, bar: AlertBar, look: Look) -> int:
        return len(placed(self._bar(look), self.app.size.width, bar.glyphs))

    def cards_fit(self, look: Look) -> bool:
        """Tabs choose a track for the history and for the limits."""
        return self.view not in ("history", "limits") or len(look.fleet.tracks) < 2

    def tab_names(self, fleet: Fleet) -> tuple[str, ...]:
        """All tracks together, then each."""
        return (say("alerts-all-tracks"), *super().tab_names(fleet))

    @property
    def shown(self) -> str:
        """The track on show, or all of them."""
        track = self.wish.track if self.view == "history" else self._track
        return track or say("alerts-all-tracks")

    def draw(self, look: Look) -> None:
        """The view on show."""
        if look.fleet.alerts != self._alerts:
            self._alerts = look.fleet.alerts
            self.answers.forget()
        self.set_class(self._is_phone, "-phone")
        bar = self.query_one(AlertBar)
        bar.styles.height = self._bar_rows(bar, look)
        bar.show(self._bar(look))
        self.query_one("#body > Buttons", Buttons).show(self._buttons(look))
        drawing: dict[str, Callable[[Look], None]] = {
            "active": self._draw_list,
            "history": self._draw_list,
            "statistics": self._draw_figures,
            "limits": self._draw_limits,
            "notify": lambda look: self.query_one(NotifyList).show(self._notify(look)),
        }
        drawing[self.view](look)

    def _draw_list(self, look: Look) -> None:
        table, value = self.query_one(AlertList), self._list(look)
        table.styles.height = self._list_height(value, self.query_one("#alerts-area").size.height)
        self._tops[self.view] = table.first_shown(value, table.room)
        table.show(replace(value, top=self._tops[self.view]))
        self.query_one(AlertDetail).show(self._detail(look))

    def _list_height(self, value: AlertsValue, area: int) -> int | str:
        """As many rows as there are alerts, as long as the panel below keeps some."""
        if self._is_phone or self.app.size.width >= 150:
            return "1fr"
        cells = self.app.size.width
        wanted = (
            head_rows(value, cells) + rows_each(value, cells) * len(value.views) + (1 if value.why else 0)
        )
        if not value.views:
            wanted = 1 + len(value.nothing)
        detail = TALL_DETAIL if self.app.size.height >= TALL else LEAST_DETAIL
        return max(3, min(wanted + 1, area - detail))

    def _draw_figures(self, look: Look) -> None:
        page = self.answers.page(AlertHistory(NEWEST))
        records = page.records if page is not None else ()
        value = FiguresValue(self.answers.statistics(), records, look.wall_s, self._why(look))
        self.query_one(AlertFigures).show(value)

    def _draw_limits(self, look: Look) -> None:
        value = self._limits(look)
        table = self.query_one(ThresholdTable)
        self._tops["limits"] = table.first_shown(value, table.room)
        value = replace(value, top=self._tops["limits"])
        table.show(value)
        self.query_one(ThresholdHelp).show(value)

    def _limits(self, look: Look) -> ThresholdsValue:
        found = self.answers.thresholds(self._track)
        at = max(0, min(self._at["limits"], len(found) - 1))
        tall, top = self.app.has_class("-kiosk"), self._tops["limits"]
        return ThresholdsValue(found, self._track, at, top, self._setting, tall, self._why(look))

    def _notify(self, look: Look) -> NotifyValue:
        settings = self.packdeck.settings
        silent = self._silent_s(look) > 0
        results, waiting = tuple(self._tested.items()), tuple(sorted(self._testing))
        return NotifyValue(results, waiting, self._at["notify"], settings.bell, settings.flash, silent)

    def _bar(self, look: Look) -> AlertBarValue:
        old = ""
        if not look.fleet.engine.attached:
            lost_s = look.fleet.engine.lost_at_s
            old = age_old(0.0 if lost_s is None else max(0.0, look.local_s - lost_s))
        return AlertBarValue(
            self.view, len(look.fleet.alerts), self._silent_s(look), self.packdeck.settings.bell, old
        )

    def _silent_s(self, look: Look) -> float:
        return max(0.0, look.fleet.silent_until_ms / 1000 - look.wall_s)

    def _buttons(self, look: Look) -> ButtonsValue:
        return ButtonsValue(BUTTONS[self.view], at=-1)

    def hint(self, look: Look) -> str:
        """The keys of the view on show."""
        silence = "silence-end" if self._silent_s(look) else "silence"
        words = {
            "active": ("open", "ack", "ack-all", "moment", "frames", silence, "view"),
            "history": ("open", "moment", "frames", "severity", "range", "only", "clear", "view"),
            "statistics": ("view", silence),
            "limits": ("change", "default", "track", "view"),
            "notify": ("test", "test-all", silence, "view"),
        }[self.view]
        if self.view in ("limits", "history") and len(look.fleet.tracks) < 2:
            words = tuple(one for one in words if one != "track")
        return " · ".join(say(f"alerts-hint-{one}") for one in words)

    # --- rows ---

    def _list(self, look: Look) -> AlertsValue:
        views = self.views(look)
        keys = [view.key for view in views]
        selected = self._selected.get(self.view)
        if selected not in keys:
            at = max(0, min(self._at[self.view], len(keys) - 1))
            selected = keys[at] if keys else None
        else:
            self._at[self.view] = keys.index(selected)
        self._selected[self.view] = selected
        is_history = self.view == "history"
        title = say(f"alerts-view-{self.view}")
        tall = self.app.has_class("-kiosk")
        why = self._why(look) if is_history and views else ""
        return AlertsValue(
            views,
            selected,
            self._tops[self.view],
            title,
            self._facts(look),
            self._nothing(look),
            is_history,
            tall,
            why,
        )

    def views(self, look: Look) -> tuple[AlertView, ...]:
        """The rows of the view on show: active ones worst first, past ones newest first."""
        lost = not look.fleet.engine.attached
        return tuple(
            AlertView(record, look.now_s, look.wall_s, lost, record.alert.number in self._busy)
            for record in self._records(look)
        )

    def _records(self, look: Look) -> tuple[AlertRecord, ...]:
        if self.view == "history":
            page = self.answers.page(self.wish.request(look.wall_s))
            return page.records if page is not None else ()
        page = self.answers.page(AlertHistory(PAGE))
        clips = {r.alert.number: r.clip for r in page.records} if page is not None else {}
        return tuple(AlertRecord(a, None, clips.get(a.number, "")) for a in look.fleet.alerts)

    def _facts(self, look: Look) -> tuple[Span, ...]:
        if self.view == "active":
            return active_facts(look.fleet.alerts)
        return past_facts(self.answers.page(self.wish.request(look.wall_s)), self.wish)

    def _nothing(self, look: Look) -> tuple[Row, ...]:
        """What is said instead of rows."""
        glyphs, cells = self._glyphs, self.app.size.width - (60 if self.app.size.width >= 150 else 0)
        if self.view == "history":
            page = self.answers.page(self.wish.request(look.wall_s))
            return none_past(page, self.wish, self._why(look), cells)
        if not look.fleet.engine.attached:
            return none_rows(say("alerts-unknown"), (), cells, (f" {glyphs.stale} ", "stale"))
        if look.fleet.alerts_off:
            return off_rows(look.fleet, cells, glyphs)
        return all_clear(self.answers.page(AlertHistory(PAGE)), look.now_s, look.wall_s, cells, glyphs)

    def _why(self, look: Look) -> str:
        """Why there is no newer answer."""
        engine = look.fleet.engine
        cause = self.answers.cause or (None if engine.attached else engine.cause)
        return " ".join(cause_words(cause)) if cause is not None else ""

    def _detail(self, look: Look, in_sheet: bool = False, key: AlertKey | None = None) -> AlertDetailValue:
        key = key or self._selected.get(self.view)
        view = next((one for one in self.views(look) if one.key == key), None)
        below: tuple[Row, ...] = ()
        if self.view == "active" and not in_sheet and look.fleet.engine.attached:
            cells = 58 if self.app.size.width >= 150 else self.app.size.width
            names = {t.name: track_words(t.name) for t in look.fleet.tracks}
            title = title_rule(
                say("alerts-ahead"), ((say("alerts-ahead-hint"), "label"),), cells, self._glyphs
            )
            below = (title, *ahead_rows(look.fleet, look.now_s, cells, self._glyphs, names))
        return AlertDetailValue(view, below, in_sheet)

    @property
    def _glyphs(self) -> GlyphSet:
        return self.packdeck.glyph_set

    @property
    def chosen(self) -> AlertView | None:
        """The alert under the cursor."""
        if self.view not in self._selected:
            return None
        return self._detail(self.packdeck.take_look()).view

    @property
    def limit(self) -> Threshold | None:
        """The limit under the cursor."""
        found = self.answers.thresholds(self._track)
        return found[min(self._at["limits"], len(found) - 1)] if found else None
