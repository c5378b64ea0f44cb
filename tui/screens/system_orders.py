"""What the System place asks of the engine: the view on show, self-tests, the debug switch."""

from functools import partial

from tui.locale import say
from tui.model.requests import Answer
from tui.model.system import LookAtLog, LookAtSystem, SwitchDebug
from tui.screens.asking import ask_one, tell_refusal
from tui.screens.system_asking import AGAIN_S, LOG_AGAIN_S
from tui.screens.system_pictures import SystemPictures
from tui.widgets.check_words import sum_words

TICK_S = 0.5


class SystemOrders(SystemPictures):
    """Asks in short threads, one round of each question at a time, while on show and not paused."""

    def on_mount(self) -> None:
        """Look now and then whether there is something to ask."""
        self.set_interval(TICK_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show: what was seen before is old."""
        super().on_screen_resume()
        self.answers.system.again = self.answers.log.again = True
        self.ask()

    def ask(self) -> None:
        """Ask what is missing or old."""
        if not self.is_mounted or self.packdeck.place is not self:
            return
        self._ask_system()
        if self.view == "log":
            self._ask_log()

    # --- figures ---

    def _ask_system(self) -> None:
        """Figures stand still while paused; a test, or the first figures, are worth a question."""
        known, now_s = self.answers.system, self.packdeck.clock_s()
        if self._is_still:
            return
        if known.is_due(now_s, AGAIN_S):
            known.asks(now_s)
            question = LookAtSystem(self._testing)
            ask_one(self, self.packdeck.feed, question, partial(self._answered, question))

    @property
    def _is_still(self) -> bool:
        """Nothing moves: paused, and nobody has asked for anything since."""
        known = self.answers.system
        has_wish = self._testing or known.again
        return known.value is not None and not has_wish and self.packdeck.take_look().paused

    def _answered(self, question: LookAtSystem, answer: Answer) -> None:
        known = self.answers.system
        if self._is_still:
            known.in_flight = False  # the picture was stopped meanwhile
            return
        if question.test:
            self._testing = False
            self._tell_tests(answer)
        if question.test and not answer.ok:
            known.in_flight, known.again = False, True  # the figures are another question
        else:
            known.take(answer.system, answer, self.packdeck.clock_s())
        self.look_again()
        if known.again:
            self.ask()

    def _tell_tests(self, answer: Answer) -> None:
        if not answer.ok:
            tell_refusal(self, answer)
        elif answer.system is not None and answer.system.tests is not None:
            self.app.notify(sum_words(answer.system.tests), markup=False)

    def action_test(self) -> None:
        """Make the self-tests anew (row S1-8)."""
        if self._testing:
            return
        self._testing = self.answers.system.again = True
        self.look_again()
        self.ask()

    # --- the log ---

    def _ask_log(self) -> None:
        """The list stands still while paused or while an entry is chosen; another filter is another list."""
        known, now_s, question = self.answers.log, self.packdeck.clock_s(), self.wish.question()
        is_another = question != self.answers.shown
        if not is_another and self._stands_still:
            return
        if known.is_due(now_s, 0.0 if is_another and known.cause is None else LOG_AGAIN_S):
            known.asks(now_s)
            ask_one(self, self.packdeck.feed, question, partial(self._logged, question))

    @property
    def _stands_still(self) -> bool:
        return self.wish.at is not None or self.packdeck.take_look().paused

    def _logged(self, question: LookAtLog, answer: Answer) -> None:
        """Take it, unless a person has chosen something meanwhile: the next one will fit."""
        known = self.answers.log
        if question != self.wish.question():
            known.in_flight, known.again = False, True
        elif question == self.answers.shown and self._stands_still:
            known.in_flight = False
        else:
            known.take(answer.log_page, answer, self.packdeck.clock_s())
            if answer.ok:
                self.answers.shown = question
        self.look_again()
        if known.again:
            self.ask()

    # --- the debug switch ---

    def action_debug(self) -> None:
        """Log everything, or only what the configuration says (row S1-33)."""
        now = self.is_debug
        if now is None:
            self.app.notify(say("system-debug-not-known"), markup=False)
            return
        ask_one(self, self.packdeck.feed, SwitchDebug(not now), partial(self._switched, not now))

    def _switched(self, on: bool, answer: Answer) -> None:
        if not answer.ok:
            tell_refusal(self, answer)
            return
        self.app.notify(say("system-debug-switched-on" if on else "system-debug-switched-off"), markup=False)
        self.answers.system.again = True
        self.ask()
