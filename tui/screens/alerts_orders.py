"""What the Alerts place asks of the engine: the view on show, acknowledging, silence, limits, tests."""

import getpass
from collections.abc import Callable
from functools import partial

from tui.locale import say
from tui.model.alert import Alert, Notified, Threshold, Way
from tui.model.link import Cause
from tui.model.requests import (
    AcknowledgeAlert,
    Answer,
    ClearAlerts,
    Request,
    SetThreshold,
    SilenceAlerts,
    TestNotify,
)
from tui.screens.alerts_asking import Wish, questions
from tui.screens.alerts_pictures import AlertsPictures
from tui.screens.asking import ask, ask_one, tell_refusal
from tui.widgets.alert_sheet import AlertSheet
from tui.widgets.confirm import Confirm, Question
from tui.widgets.notify_list import BAND, WAYS
from tui.widgets.status_band import track_words
from tui.widgets.threshold_sheet import ThresholdSheet
from tui.widgets.threshold_table import limit_name, shown

TICK_S = 0.25
SILENCE_S = 3600.0


class AlertsOrders(AlertsPictures):
    """Asks in short threads, one round at a time, and tells how it went."""

    # --- the view on show ---

    def on_mount(self) -> None:
        """Look whether there is something to ask, while on show."""
        self.set_interval(TICK_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

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
        ask(self, app.feed, due, partial(self._answered, due))

    def _answered(self, asked: tuple[Request, ...], answers: list[Answer]) -> None:
        self._in_flight = False
        now_s = self.packdeck.clock_s()
        for question, answer in zip(asked, answers, strict=True):
            self.answers.take(question, answer, now_s)
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
        ask_one(self, self.packdeck.feed, request, partial(self._done, done, after))
        self._news()

    def _done(
        self, done: Callable[[Answer], str], after: Callable[[Answer], None] | None, answer: Answer
    ) -> None:
        if after is not None:
            after(answer)
        if not answer.ok:
            tell_refusal(self, answer)
        elif words := done(answer):
            self.app.notify(words, markup=False)
        self.answers.forget()
        self._news()
        self.ask()

    # --- alerts ---

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

    def _wish(self, wish: Wish) -> None:
        self.wish = wish
        self._selected["history"], self._at["history"], self._tops["history"] = None, 0, 0

    # --- limits ---

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
        ask_one(self, self.packdeck.feed, request, partial(self._told, after))
        self.look_again()

    def _told(self, after: Callable[[Answer], None], answer: Answer) -> None:
        after(answer)
        self._news()


def me() -> str:
    """Who sits here: the name of this user; empty where it is not known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
