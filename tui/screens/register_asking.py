"""Asking the engine about parameters: in short threads, and what becomes of the answers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.register import Value
from tui.model.register_requests import (
    ChangeLog,
    CheckChanges,
    DropLease,
    ReadRegisters,
    ResumePlan,
    RunCommand,
    TakeBackup,
    TakeLease,
    UndoPlan,
    WriteRegisters,
)
from tui.model.register_review import Problem
from tui.model.requests import Answer, Request
from tui.model.write_plan import Desk
from tui.screens.asking import ask_one
from tui.screens.register_draft import Choice, Draft, Staged, View, this_person, this_screen
from tui.screens.screen import Place
from tui.widgets.register_sheets import LineForm, LineSheet
from tui.widgets.register_words import cause_words

RENEW_S = 20.0  # a lease lasts three times as long
PASSWORD_CAUSES = ("reg-password-needed", "reg-password-wrong", "reg-refused-83")
DIGITS = "1234567890"
Then = Callable[[Answer], None]
WithPassword = ReadRegisters | WriteRegisters | ResumePlan | UndoPlan | TakeBackup | RunCommand


class RegisterAsking(Place):
    """The part of the place that talks with the engine."""

    def __init__(self) -> None:
        super().__init__()
        self._drafts: dict[str, Draft] = {}
        self._choice = Choice()
        self._asking: set[str] = set()  # what is being asked now
        self._next_check: tuple[CheckChanges, Callable[[Answer], None]] | None = None
        self.who, self.screen_name = this_person(), ""

    def on_mount(self) -> None:
        """Renew the lease while somebody edits here."""
        self.screen_name = this_screen(self.app.has_class("-kiosk"))
        self.set_interval(RENEW_S, self.renew)

    @property
    def draft(self) -> Draft:
        """Of the selected track."""
        return self._drafts.setdefault(self.packdeck.selected, Draft())

    @property
    def track(self) -> str:
        """The selected track."""
        return self.packdeck.selected

    @property
    def desk(self) -> Desk:
        """What goes on at its registers."""
        return self.packdeck.feed.fleet().desk(self.track)

    def ask(self, request: Request, then: Then, busy: str = "") -> None:
        """Ask in a thread; with a name of `busy` only one at a time."""
        if busy and busy in self._asking:
            return
        self._asking.add(busy)
        ask_one(self, self.packdeck.feed, request, lambda answer: self._answered(then, busy, answer))

    def _answered(self, then: Then, busy: str, answer: Answer) -> None:
        self._asking.discard(busy)
        if self.is_attached:
            then(answer)
            self.look_again()

    def tell(self, answer: Answer) -> None:
        """Why not, and what to do."""
        if not answer.ok:
            words = " ".join(cause_words(answer.cause or Cause("engine-silent")))
            self.app.notify(words, severity="warning", markup=False)

    # the page

    def want_page(self, fleet: Fleet) -> None:
        """Ask for the page when there is none, or when somebody has read or written since."""
        draft, desk, track = self.draft, fleet.desk(self.track), fleet.track(self.track)
        if track is None or not fleet.engine.attached or f"page {track.name}" in self._asking:
            return
        page = draft.page
        is_new = page is not None and desk.read_ms in (None, page.read_ms) and not draft.is_stale
        state = (track.link.phase, track.protocol, desk.reading is None, desk.read_ms, draft.plan_read)
        if is_new or draft.asked == state:
            return
        draft.asked = state
        self.read_page()

    def read_page(self, *, fresh: bool = False, then: Then = lambda answer: None) -> None:
        """Ask for all parameters of the selected track."""
        draft, request = self.draft, ReadRegisters(self.track, fresh)

        def take(answer: Answer) -> None:
            draft.cause = None if answer.ok else answer.cause or Cause("engine-silent")
            if answer.registers is not None:
                draft.page, draft.is_stale = answer.registers, False
            if draft.cause is not None and draft.cause.key in PASSWORD_CAUSES:
                self.ask_password(request, take)
            elif fresh:
                self.tell(answer)
            then(answer)

        self.ask(request, take, f"page {self.track}")

    def ask_password(self, request: WithPassword, then: Then) -> None:
        """The board wants six digits: ask for them and say it again. Nothing keeps them."""
        text = say("regs-password-text")
        form = LineForm(say("regs-password"), text, "regs-password-line", "regs-password-do", keys=DIGITS)

        def again(password: str | None) -> None:
            if password:
                self.ask(replace(request, password=password), then)

        self.app.push_screen(LineSheet(replace(form, is_secret=True)), again)

    # the lease

    def with_lease(self, then: Callable[[], None]) -> None:
        """Begin to edit here, unless another screen does."""
        draft, track = self.draft, self.track

        def take(answer: Answer) -> None:
            draft.has_lease = answer.ok
            self.tell(answer)
            if answer.ok and self.track == track:
                then()

        self.ask(TakeLease(track, self.screen_name, self.who), take, "lease")

    def renew(self) -> None:
        """Go on editing; a place that is not on show lets its lease run out."""
        if self.packdeck.place is not self:
            return
        for track, draft in self._drafts.items():
            if draft.has_lease and track == self.track:
                self.ask(TakeLease(track, self.screen_name, self.who), self._renewed(draft))

    def _renewed(self, draft: Draft) -> Then:
        def take(answer: Answer) -> None:
            draft.has_lease = answer.ok
            self.tell(answer)

        return take

    def let_go(self) -> None:
        """Nothing is staged: somebody else may edit."""
        draft = self.draft
        if draft.has_lease and draft.is_empty:
            draft.has_lease = False
            self.ask(DropLease(self.track, self.screen_name), lambda answer: None)

    # judging

    def request_of(self, draft: Draft, changes: dict[str, Staged] | None = None) -> CheckChanges:
        """The question about everything that is staged."""
        wishes = draft.wishes if changes is None else Draft(changes=changes).wishes
        return CheckChanges(self.track, wishes, draft.source, draft.accept_other)

    def check_value(self, key: str, value: Value, tell: Callable[[Sequence[Problem]], None]) -> None:
        """What the engine thinks of one more value beside all staged ones."""
        draft = self.draft
        base = draft.page.row(key) if draft.page is not None else None
        changes = draft.changes | {key: Staged(value, base.value if base is not None else None)}

        def take(answer: Answer) -> None:
            if answer.review is not None:
                tell(answer.review.problems)

        self._check(self.request_of(draft, changes), take)

    def judge(self) -> None:
        """What the engine has against the staged changes: marks in the table."""
        draft = self.draft
        if draft.is_empty:
            draft.problems = ()
            return

        def take(answer: Answer) -> None:
            draft.problems = answer.review.problems if answer.review is not None else ()

        self._check(self.request_of(draft), take)

    def _check(self, request: CheckChanges, then: Then) -> None:
        """One check at a time; of those that wait only the newest."""
        if "check" in self._asking:
            self._next_check = request, then
            return

        def take(answer: Answer) -> None:
            then(answer)
            waiting, self._next_check = self._next_check, None
            if waiting is not None:
                self._check(*waiting)

        self.ask(request, take, "check")

    # the log

    def read_log(self) -> None:
        """Ask for the newest entries of this track."""
        draft = self.draft

        def take(answer: Answer) -> None:
            draft.log = answer.log if answer.log is not None else draft.log
            draft.why = () if answer.ok else cause_words(answer.cause or Cause("engine-silent"))

        self.ask(ChangeLog(self.track), take, "log")

    def go(self, view: View) -> None:
        """Show another page of this track."""
        self.draft.view = view
        self.look_again()
