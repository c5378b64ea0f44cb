"""Alerts (5): what is wrong now, what was, how often, the limits, and who is told."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.locale import say
from tui.model.alert import Alert
from tui.screens.alerts_asking import PAGE, RANGES_S, SEVERITIES, Wish
from tui.screens.alerts_orders import AlertsOrders
from tui.screens.alerts_pictures import BUTTONS
from tui.screens.screen import Look
from tui.widgets.alert_bar import VIEWS, AlertBar
from tui.widgets.alert_list import AlertChosen, AlertKey, AlertList, AlertView
from tui.widgets.alert_sheet import AlertSheet
from tui.widgets.confirm import Buttons
from tui.widgets.notify_list import WAYS, WayChosen
from tui.widgets.threshold_table import ThresholdChosen, ThresholdTable

QUANTITIES = {  # what History shows for a kind; `{n}` is the cell or sensor
    "cell-low": "cell_mv.{n}", "cell-high": "cell_mv.{n}", "cell-wire": "cell_mv.{n}",
    "trip-low": "cell_mv.{n}", "trip-high": "cell_mv.{n}", "imbalance": "spread_mv",
    "temperature-high": "temperature_c.{n}", "temperature-low": "temperature_c.{n}",
    "discharge-high": "current_a", "charge-high": "current_a", "soc-low": "soc_pct", "soc-high": "soc_pct",
}  # fmt: skip


class Alerts(AlertsOrders):
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

    # --- moving ---

    def choose_tab(self, name: str) -> None:
        """Limits or history of that track."""
        track = name if self.packdeck.feed.fleet().track(name) is not None else ""
        if self.view == "history":
            self._wish(replace(self.wish, track=track, page=0))
        elif self.view == "limits":
            self._track = track
        self._changed()

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
