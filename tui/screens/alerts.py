"""Alerts (5): what is wrong now, what was, how often, the limits, and who is told."""

import getpass
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.locale import say
from tui.model.alert import Alert, AlertRecord, Notified, Threshold, Way
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import (
    AcknowledgeAlert,
    AlertHistory,
    Answer,
    ClearAlerts,
    Request,
    SetThreshold,
    SilenceAlerts,
    TestNotify,
)
from tui.screens.alerts_asking import NEWEST, PAGE, RANGES_S, SEVERITIES, Answers, Wish, questions
from tui.screens.alerts_rows import active_facts, all_clear, none_past, past_facts
from tui.screens.screen import Look, Place
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_old
from tui.widgets.adapter_bar import cause_words
from tui.widgets.alert_bar import VIEWS, AlertBar, AlertBarValue, placed
from tui.widgets.alert_detail import AlertDetail, AlertDetailValue
from tui.widgets.alert_figures import AlertFigures, FiguresValue
from tui.widgets.alert_list import (
    AlertChosen,
    AlertKey,
    AlertList,
    AlertsValue,
    AlertView,
    head_rows,
    none_rows,
    rows_each,
)
from tui.widgets.alert_sheet import AlertSheet
from tui.widgets.confirm import Buttons, ButtonsValue, Confirm, Question
from tui.widgets.divider import Divider
from tui.widgets.frame_table import title_rule
from tui.widgets.notify_list import BAND, WAYS, NotifyList, NotifyValue, WayChosen
from tui.widgets.rows import Row, Span
from tui.widgets.status_band import track_words
from tui.widgets.threshold_sheet import ThresholdSheet
from tui.widgets.threshold_table import (
    ThresholdChosen,
    ThresholdHelp,
    ThresholdsValue,
    ThresholdTable,
    limit_name,
    shown,
)
from tui.widgets.trip_line import ahead_rows

TICK_S = 0.25
SILENCE_S = 3600.0
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
QUANTITIES = {  # what History shows for a kind; `{n}` is the cell or sensor
    "cell-low": "cell_mv.{n}", "cell-high": "cell_mv.{n}", "cell-wire": "cell_mv.{n}",
    "trip-low": "cell_mv.{n}", "trip-high": "cell_mv.{n}", "imbalance": "spread_mv",
    "temperature-high": "temperature_c.{n}", "temperature-low": "temperature_c.{n}",
    "discharge-high": "current_a", "charge-high": "current_a", "soc-low": "soc_pct", "soc-high": "soc_pct",
}  # fmt: skip


class Alerts(Place):
    """A bar with the views; the rows of one view, and beside or below them all about the chosen one."""

    NAME: ClassVar[str] = "alerts"
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    Alerts #alerts-area { height: 1fr; layout: vertical; }
    Alerts #alerts-area > * { display: none; }
    Alerts.-active #alerts-area > AlertList, Alerts.-active #alerts-area > AlertDetail,
    Alerts.-history #alerts-area > AlertList, Alerts.-history #alerts-area > AlertDetail,
    Alerts.-statistics #alerts-area > AlertFigures, Alerts.-notify #alerts-area > NotifyList,
    Alerts.-limits #alerts-area > ThresholdTable, Alerts.-limits #alerts-area > ThresholdHelp {
        display: block;
    }
    Alerts.-w-xl.-active #alerts-area, Alerts.-w-xl.-history #alerts-area { layout: horizontal; }
    Alerts.-w-xl.-active #alerts-edge, Alerts.-w-xl.-history #alerts-edge { display: block; }
    Alerts.-w-xl AlertDetail { width: 58; height: 1fr; }
    Alerts.-phone #alerts-area > AlertDetail { display: none; }
    Alerts ThresholdHelp { height: 7; }
    Alerts.-h-s ThresholdHelp { height: 5; }
    Alerts > #body > Buttons { display: none; height: 3; }
    .-kiosk Alerts.-h-m > #body > Buttons, .-kiosk Alerts.-h-l > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v,right,l", "next_view(1)", show=False, id="alerts.view"),
        Binding("V,left", "next_view(-1)", show=False, id="alerts.view-back"),
        Binding("down,j", "move(1)", show=False, id="alerts.down"),
        Binding("up,k", "move(-1)", show=False, id="alerts.up"),
        Binding("pagedown", "page(1)", show=False, id="alerts.page-down"),
        Binding("pageup", "page(-1)", show=False, id="alerts.page-up"),
        Binding("home", "end(-1)", show=False, id="alerts.first"),
        Binding("end", "end(1)", show=False, id="alerts.last"),
        Binding("enter", "open", show=False, id="alerts.open"),
        Binding("a", "act('ack')", show=False, id="alerts.acknowledge"),
        Binding("A", "act('ack-all')", show=False, id="alerts.acknowledge-all"),
        Binding("h", "act('moment')", show=False, id="alerts.moment"),
        Binding("f", "act('frames')", show=False, id="alerts.frames"),
        Binding("m", "act('silence')", show=False, id="alerts.silence"),
        Binding("c", "clear", show=False, id="alerts.clear"),
        Binding("s", "severity", show=False, id="alerts.severity"),
        Binding("w", "range", show=False, id="alerts.range"),
        Binding("o", "only", show=False, id="alerts.only"),
        Binding("d", "default", show=False, id="alerts.default"),
        Binding("x", "test_all", show=False, id="alerts.test-all"),
        Binding("escape", "back", show=False, id="alerts.back"),
    ]

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

    # --- the picture ---

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

    def choose_tab(self, name: str) -> None:
        """Limits or history of that track."""
        track = name if self.packdeck.feed.fleet().track(name) is not None else ""
        if self.view == "history":
            self._wish(replace(self.wish, track=track, page=0))
        elif self.view == "limits":
            self._track = track
        self._changed()

    def on_mount(self) -> None:
        """Look whether there is something to ask, while on show."""
        self.set_interval(TICK_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

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

    # --- asking ---

    def ask(self) -> None:
        """Ask in a thread what is missing or old; one round at a time, only while on show."""
        app = self.packdeck
        if self._in_flight or not self.is_mounted or app.place is not self:
            return
        look = app.take_look()
        wanted = questions(self.view, self.wish, self._track, look.wall_s)
        due = self.answers.due(wanted, app.clock_s())
        if not due:
            return
        self._in_flight = True

        def ask() -> None:
            answers: list[Answer] = []
            try:
                answers += [app.feed.ask(question) for question in due]
            finally:
                self.call_later(self._answered, due, answers)

        self.run_worker(ask, thread=True, exit_on_error=False)

    def _answered(self, asked: tuple[Request, ...], answers: list[Answer]) -> None:
        self._in_flight = False
        now_s = self.packdeck.clock_s()
        for i, question in enumerate(asked):
            self.answers.take(question, answers[i] if i < len(answers) else Answer(False), now_s)
        self._news()

    def _news(self) -> None:
        """Show it here and in the sheet."""
        self.look_again()
        for screen in self.app.screen_stack:
            if isinstance(screen, AlertSheet):
                screen.look_again()

    def _changed(self) -> None:
        """Another view or filter: draw, and ask what it needs."""
        self.look_again()
        self.ask()

    def _do(
        self, request: Request, done: Callable[[Answer], str], after: Callable[[Answer], None] | None = None
    ) -> None:
        """A command in a thread; how it went is told, good or bad."""
        app = self.packdeck

        def ask() -> None:
            answer = Answer(False, Cause("engine-silent"))
            try:
                answer = app.feed.ask(request)
            finally:
                self.call_later(self._done, answer, done, after)

        self.run_worker(ask, thread=True, exit_on_error=False)
        self._news()

    def _done(
        self, answer: Answer, done: Callable[[Answer], str], after: Callable[[Answer], None] | None
    ) -> None:
        if after is not None:
            after(answer)
        if answer.ok:
            if words := done(answer):
                self.app.notify(words, markup=False)
        else:
            cause = answer.cause or Cause("engine-silent")
            self.app.notify(" ".join(cause_words(cause)), severity="warning", markup=False)
        self.answers.forget()
        self._news()
        self.ask()

    # --- moving ---

    def action_next_view(self, step: int) -> None:
        """The next or previous view."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + step) % len(VIEWS)])

    def action_view(self, name: str) -> None:
        """Show that view."""
        self.remove_class(f"-{self.view}")
        self.view = name
        self.add_class(f"-{name}")
        self.answers.forget()
        self._look_soon()
        self._changed()

    def action_move(self, step: int) -> None:
        """Another row."""
        look = self.packdeck.take_look()
        count = self._count(look)
        if not count:
            return
        at = self._at[self.view] + step
        if self.view == "history" and not 0 <= at < count and self._turn(1 if at >= count else -1, look):
            return
        self._choose(max(0, min(at, count - 1)))

    def _count(self, look: Look) -> int:
        if self.view in self._selected:
            return len(self.views(look))
        return {"limits": len(self.answers.thresholds(self._track)), "notify": len(WAYS)}.get(self.view, 0)

    def _turn(self, step: int, look: Look) -> bool:
        """The next or previous page of the history."""
        page = self.answers.page(self.wish.request(look.wall_s))
        wanted = self.wish.page + step
        if page is None or wanted < 0 or wanted * PAGE >= page.total:
            return False
        self._wish(replace(self.wish, page=wanted))
        self._at["history"] = 0 if step > 0 else PAGE - 1
        self._changed()
        return True

    def _wish(self, wish: Wish) -> None:
        self.wish = wish
        self._selected["history"], self._at["history"], self._tops["history"] = None, 0, 0

    def action_page(self, step: int) -> None:
        """A screenful further."""
        room = 2
        if self.view == "limits":
            room = self.query_one(ThresholdTable).room
        elif self.view in self._selected:
            room = self.query_one(AlertList).room
        self.action_move(step * max(1, room - 1))

    def action_end(self, step: int) -> None:
        """The first or the last row."""
        self.action_move(step * PAGE * 20 if self.view != "history" else step * PAGE)

    def _choose(self, at: int) -> None:
        self._at[self.view] = at
        if self.view in self._selected:
            views = self.views(self.packdeck.take_look())
            self._selected[self.view] = views[at].key if at < len(views) else None
        self.look_again()

    def on_alert_chosen(self, message: AlertChosen) -> None:
        """A tap selects, a second one opens."""
        self._tapped(message.index, len(self.views(self.packdeck.take_look())))

    def on_threshold_chosen(self, message: ThresholdChosen) -> None:
        """The same for limits."""
        self._tapped(message.index, len(self.answers.thresholds(self._track)))

    def on_way_chosen(self, message: WayChosen) -> None:
        """The same for ways of telling."""
        self._tapped(message.index, len(WAYS))

    def _tapped(self, index: int, count: int) -> None:
        if index >= count:
            return
        if self._at[self.view] == index:
            self.action_open()
        else:
            self._choose(index)

    async def on_alert_bar_tapped(self, message: AlertBar.Tapped) -> None:
        """A view, or the end of the silence."""
        if message.action == "silence":
            self.action_act("silence")
        else:
            await self.run_action(message.action)

    async def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons of the kiosk."""
        actions = {
            "view": "next_view(1)",
            "up": "move(-1)",
            "down": "move(1)",
            "open": "open",
            "ack": "act('ack')",
            "silence": "act('silence')",
            "severity": "severity",
            "track": "app.next_track(1)",
            "test": "open",
            "test-all": "test_all",
        }
        names = BUTTONS[self.view]
        if message.index < len(names):
            await self.run_action(actions[names[message.index].removeprefix("alerts-button-")])

    # --- doing ---

    def action_open(self) -> None:
        """The sheet of an alert; a new value of a limit; a test."""
        if self.view == "limits":
            self._change_limit()
        elif self.view == "notify":
            self._test(WAYS[self._at["notify"]])
        elif self.view in self._selected and (view := self.chosen) is not None:
            key = view.key
            self.app.push_screen(AlertSheet(lambda: self._in_sheet(key), self.action_act))

    def _in_sheet(self, key: AlertKey) -> tuple[AlertView | None, bool]:
        look = self.packdeck.take_look()
        return self._detail(look, True, key).view, self._silent_s(look) > 0

    def action_act(self, name: str) -> None:
        """An action on the chosen alert, or on all."""
        view = self.chosen
        if name == "ack-all":
            self._acknowledge(None)
        elif name == "silence":
            self._silence()
        elif view is None:
            return
        elif name == "ack" and view.is_active and view.alert.acknowledged_ms is None:
            self._acknowledge(view.alert)
        elif name == "moment":
            self._show_moment(view.alert)
        elif name == "frames":
            self._show_frames(view.alert)

    def _acknowledge(self, alert: Alert | None) -> None:
        """Rows S1-60, S4-39: seen by somebody, at a time that the engine writes down."""
        alerts = self.packdeck.feed.fleet().alerts if alert is None else (alert,)
        numbers = {one.number for one in alerts if one.acknowledged_ms is None}
        if not numbers:
            self.app.notify(say("alerts-nothing-to-see"), markup=False)
            return
        self._busy |= numbers

        def after(answer: Answer) -> None:
            self._busy -= numbers

        request = AcknowledgeAlert(None if alert is None else alert.number, me())
        self._do(request, lambda answer: say("alerts-acked", count=answer.count or 0), after)

    def _silence(self) -> None:
        """An hour without bell and notification, or the end of it."""
        is_silent = self._silent_s(self.packdeck.take_look()) > 0
        words = say("alerts-heard-again") if is_silent else say("alerts-silenced")
        self._do(SilenceAlerts(0.0 if is_silent else SILENCE_S, me()), lambda answer: words)

    def _show_moment(self, alert: Alert) -> None:
        """Its value in History, with the cursor on the moment."""
        if "history" not in self.app.MODES:
            self.app.notify(say("alerts-no-history"), markup=False)
            return
        key = QUANTITIES.get(alert.key, "pack_v").format(n=alert.where or "")
        self.packdeck.action_place("history")
        place = self.packdeck.place
        if place is not None and hasattr(place, "show_moment"):
            place.show_moment(alert.track, alert.since_ms, "" if key.endswith(".") else key)

    def _show_frames(self, alert: Alert) -> None:
        """The wire around the frame that it was seen in."""
        if not alert.track:
            return
        if not alert.frame:
            self.app.notify(say("alerts-no-frame"), markup=False)
        app = self.packdeck
        app.action_place("frames")
        if (place := app.place) is not None and hasattr(place, "show_source") and alert.frame:
            place.show_source(alert.track, alert.frame)
        else:
            app.select_track(alert.track)

    def action_clear(self) -> None:
        """Forget the history, if a person says yes."""
        if self.view != "history":
            return
        question = Question(say("alerts-ask-clear"), say("alerts-ask-clear-text"))

        def clear(yes: bool | None) -> None:
            if yes:
                self._wish(Wish())
                self._do(ClearAlerts(me()), lambda answer: say("alerts-cleared", count=answer.count or 0))

        self.app.push_screen(Confirm(question), clear)

    # --- the filter of the history ---

    def action_severity(self) -> None:
        """All, critical, warning, information."""
        if self.view == "history":
            at = SEVERITIES.index(self.wish.severity)
            self._wish(replace(self.wish, severity=SEVERITIES[(at + 1) % len(SEVERITIES)], page=0))
            self._changed()

    def action_range(self) -> None:
        """Everything, a day, a week, a month."""
        if self.view == "history":
            at = RANGES_S.index(self.wish.range_s)
            self._wish(replace(self.wish, range_s=RANGES_S[(at + 1) % len(RANGES_S)], page=0))
            self._changed()

    def action_only(self) -> None:
        """Only the kind under the cursor, or every kind."""
        if self.view == "history" and (self.wish.key or self.chosen is not None):
            key = "" if self.wish.key else self.chosen.alert.key if self.chosen is not None else ""
            self._wish(replace(self.wish, key=key, page=0))
            self._changed()

    def action_back(self) -> None:
        """Everything again."""
        if self.view == "history" and self.wish.is_filtered:
            self._wish(Wish())
            self._changed()

    # --- limits ---

    @property
    def limit(self) -> Threshold | None:
        """The limit under the cursor."""
        found = self.answers.thresholds(self._track)
        return found[min(self._at["limits"], len(found) - 1)] if found else None

    def _change_limit(self) -> None:
        """A switch is switched, off only after a question; of a limit a sheet asks for the new value."""
        one = self.limit
        if one is None or self._setting:
            return
        if one.is_switch and one.value:
            question = Question(say("limits-ask-off", name=limit_name(one)), say("limits-ask-off-text"))
            self.app.push_screen(Confirm(question), lambda yes: self._set(one, 0) if yes else None)
        elif one.is_switch:
            self._set(one, 1)
        else:
            whose = track_words(self._track) if self._track else say("limits-of-all")
            sheet = ThresholdSheet(one, whose)
            self.app.push_screen(sheet, lambda said: self._set(one, said[0]) if said is not None else None)

    def action_default(self) -> None:
        """Take the change of the limit under the cursor back."""
        if self.view == "limits" and (one := self.limit) is not None:
            self._set(one, None)

    def _set(self, one: Threshold, value: int | None) -> None:
        self._setting = one.key

        def after(answer: Answer) -> None:
            self._setting = ""

        def words(answer: Answer) -> str:
            now = next((t for t in answer.thresholds or () if t.key == one.key), None)
            text = shown(now.value, now) if now is not None else ""
            return say("limits-set", name=limit_name(one), value=text)

        self._do(SetThreshold(one.key, value, self._track, me()), words, after)

    # --- telling ---

    def action_test_all(self) -> None:
        """Every way, one after the other where they are of this screen."""
        if self.view == "notify":
            for way in WAYS:
                self._test(way)

    def _test(self, way: str) -> None:
        """Bell and band are of this screen; the engine sends the others."""
        if way in self._testing:
            return
        settings = self.packdeck.settings
        if way in (Way.BELL, BAND):
            if way == Way.BELL and settings.bell:
                self.app.bell()
            elif way == BAND and settings.flash:
                self.packdeck.show_test_band()
            self._tested[way] = Notified(Way.BELL)
            self.look_again()
            return
        self._testing.add(way)

        def after(answer: Answer) -> None:
            self._testing.discard(way)
            found = next((one for one in answer.notified or () if one.way == way), None)
            cause = answer.cause or Cause("engine-silent")
            self._tested[way] = found or Notified(Way(way), 0, None if answer.ok else cause)

        self._quietly(TestNotify(Way(way)), after)

    def _quietly(self, request: Request, after: Callable[[Answer], None]) -> None:
        """A question of which the row tells how it went."""
        app = self.packdeck

        def ask() -> None:
            answer = Answer(False, Cause("engine-silent"))
            try:
                answer = app.feed.ask(request)
            finally:
                self.call_later(self._told, answer, after)

        self.run_worker(ask, thread=True, exit_on_error=False)
        self.look_again()

    def _told(self, answer: Answer, after: Callable[[Answer], None]) -> None:
        after(answer)
        self._news()


def me() -> str:
    """Who sits here: the name of this user; empty where it is not known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
