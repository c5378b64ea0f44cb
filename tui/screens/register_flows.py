"""What can be done at the registers, step by step: write, compare and copy, restore, files, commands."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tui.locale import say
from tui.model.link import Cause
from tui.model.register import CommandForm, Danger
from tui.model.register_archive import Backup, Document
from tui.model.register_requests import (
    Backups,
    ChangeLog,
    CompareRegisters,
    ExportRegisters,
    ForgetPlan,
    Presets,
    ResumePlan,
    RunCommand,
    TakeBackup,
    UndoPlan,
    WriteRegisters,
)
from tui.model.register_review import ReviewRow, Source, SourceKind
from tui.model.requests import Answer
from tui.model.write_plan import StepState, WritePlan
from tui.screens.register_asking import PASSWORD_CAUSES, RegisterAsking
from tui.screens.register_draft import View
from tui.style.numbers import time_of_day
from tui.widgets.confirm import Confirm, Question
from tui.widgets.register_keypad import KEYBOARD, NUMBER_KEYS
from tui.widgets.register_log import day_words
from tui.widgets.register_sheets import (
    Choosable,
    ChooseSheet,
    LineForm,
    LineSheet,
    ResultSheet,
    ResultValue,
    word_of,
)
from tui.widgets.register_words import cause_words, help_words, name_words
from tui.widgets.status_band import track_words

OTHER_CAUSES = ("reg-other-model", "reg-other-firmware")
FORMS = ("json", "fig")


class RegisterFlows(RegisterAsking):
    """From a wish to the wire, and every other way to change or keep an image."""

    # review and write

    def review(self, why: tuple[str, ...] = ()) -> None:
        """Ask for the judgement of everything that is staged, and show it."""
        draft = self.draft
        if draft.is_empty:
            self.app.notify(say("regs-nothing-staged"), markup=False)
            return
        draft.review, draft.why, draft.view = None, why, View.REVIEW

        def take(answer: Answer) -> None:
            draft.review = answer.review
            if answer.review is None:
                draft.why = source_why(draft.source, answer)
            else:
                draft.problems = answer.review.problems

        self.ask(self.request_of(draft), take, "review")

    def confirm_write(self) -> None:
        """What is dangerous needs the name of the track typed; anything else a yes."""
        draft = self.draft
        review = draft.review
        if review is None or "review" in self._asking:
            return
        if not review.ok:
            if all(p.cause.key in OTHER_CAUSES for p in review.problems if p.is_error):
                self._accept_other()
            else:
                self.app.notify(say("regs-not-ok"), severity="warning", markup=False)
            return
        count, name = len(review.rows), track_words(self.track)
        title = say("regs-write-title", count=count, track=name)
        if any(one.register.danger is not Danger.NONE for one in review.rows) or draft.accept_other:
            text = say("regs-write-danger", word=name)
            form = LineForm(title, text, "regs-type", "regs-do-now", must=name)
            self.app.push_screen(LineSheet(form), lambda word: self._write() if word else None)
        else:
            text = say("regs-write-text")
            self.app.push_screen(Confirm(Question(title, text)), lambda yes: self._write() if yes else None)

    def _accept_other(self) -> None:
        draft = self.draft

        def accept(yes: bool | None) -> None:
            if yes:
                draft.accept_other = True
                self.review()

        question = Question(say("regs-accept-other"), say("regs-accept-other-text"))
        self.app.push_screen(Confirm(question), accept)

    def _write(self) -> None:
        draft = self.draft
        if draft.review is None:
            return
        request = WriteRegisters(
            self.track,
            draft.wishes,
            draft.source,
            draft.accept_other,
            draft.review.digest,
            self.who,
            self.screen_name,
        )
        self.send(request)

    def send(self, request: WriteRegisters) -> None:
        """Begin the plan; from here on it is seen in the fleet."""
        draft = self.draft
        draft.is_mine, draft.written, draft.shown_plan = True, replace(request, password=""), ""
        draft.seen = None
        draft.plan_before = self.desk.plan.id if self.desk.plan is not None else ""

        def take(answer: Answer) -> None:
            if answer.ok:
                draft.has_lease, draft.view = True, View.PLAN
                return
            draft.is_mine = False
            cause = answer.cause or Cause("engine-silent")
            if cause.key == "reg-moved":
                draft.review = None
                self.read_page(fresh=True, then=lambda read: self.review(cause_words(cause)))
            elif draft.view is View.REVIEW:
                draft.why = (" ".join(cause_words(cause)),)
            self.tell(answer)

        self.ask(request, take, "write")

    def plan_is_over(self) -> None:
        """A plan of this screen ended: what it wrote is no wish any more."""
        draft, plan = self.draft, self.desk.plan
        if plan is None or not draft.is_mine or plan.id == draft.plan_before:
            return
        if plan.state.is_running or plan.state.is_open:
            return
        draft.is_mine = False
        if plan.state == "done":
            draft.drop()
            self.let_go()
        elif plan.cause is not None and plan.cause.key in PASSWORD_CAUSES and draft.written is not None:
            self.ask_password(draft.written, self.tell)

    def plan_is_gone(self) -> None:
        """A plan of this screen was seen, and the engine that is there now knows of none: the log may.

        A plan is kept on disk from before its first write until it is over, and then written into the log.
        """
        draft, plan = self.draft, self.draft.seen
        if not draft.is_mine or plan is None:
            return
        draft.is_mine, draft.seen = False, None

        def take(answer: Answer) -> None:
            results = [entry.result for entry in answer.log or () if entry.plan == plan.id]
            if results and all(result == "written" for result in results):
                draft.drop()
                self.let_go()
            self.app.notify(say(end_words(plan, results)), severity="warning", markup=False)

        self.ask(ChangeLog(self.track), take, "gone")

    def finish_plan(self) -> None:
        """Go on where it stopped."""
        self._after_plan(ResumePlan(self.track, self.who, self.screen_name), "finish")

    def undo_plan(self) -> None:
        """Take it back."""
        self._after_plan(UndoPlan(self.track, self.who, self.screen_name), "undo")

    def forget_plan(self) -> None:
        """Leave the device as it is."""
        self._after_plan(ForgetPlan(self.track, self.who, self.screen_name), "forget")

    def _after_plan(self, request: ResumePlan | UndoPlan | ForgetPlan, word: str) -> None:
        draft, plan = self.draft, self.desk.plan
        if plan is None or not plan.state.is_open:
            return

        def take(answer: Answer) -> None:
            self.tell(answer)
            if answer.ok and isinstance(request, ForgetPlan):
                draft.view = View.TABLE
            elif not isinstance(request, ForgetPlan):
                draft.is_mine, draft.plan_before = answer.ok, ""
                cause = answer.cause
                if cause is not None and cause.key in PASSWORD_CAUSES:
                    self.ask_password(request, take)

        def answered(yes: bool | None) -> None:
            if yes:
                if isinstance(request, ForgetPlan):  # that it goes is no news then
                    draft.is_mine, draft.seen = False, None
                self.ask(request, take, "write")

        question = Question(say(f"regs-ask-{word}"), say(f"regs-ask-{word}-text"))
        self.app.push_screen(Confirm(question), answered)

    # compare, copy, restore

    def choose_source(self) -> None:
        """Ask which presets and backups there are, then let a person choose."""
        track = self.track

        def with_presets(presets: Answer) -> None:
            self.ask(Backups(track), lambda backups: self._show_sources(presets, backups), "backups")

        self.ask(Presets(track), with_presets, "presets")

    def _show_sources(self, presets: Answer, backups: Answer) -> None:
        fleet = self.packdeck.feed.fleet()
        here = fleet.track(self.track)
        tracks = [t for t in fleet.tracks if here is not None and t.name != here.name]
        sources = [
            (Source(SourceKind.TRACK, t.name), say("regs-source-track", track=track_words(t.name)))
            for t in tracks
            if here is not None and t.protocol == here.protocol
        ]
        for one in presets.presets or ():
            sources.append((Source(SourceKind.PRESET, one.name), say("regs-source-preset", name=one.name)))
        for backup in backups.backups or ():
            sources.append((Source(SourceKind.BACKUP, backup.id), backup_words(backup)))
        rows = [Choosable("file", say("regs-source-file"))]
        rows += [Choosable(str(i), words) for i, (_, words) in enumerate(sources)]

        def chosen(name: str | None) -> None:
            if name == "file":
                self.choose_file()
            elif name is not None:
                self.compare(*sources[int(name)])

        self.app.push_screen(ChooseSheet(say("regs-compare-title"), rows, say("regs-compare-text")), chosen)

    def compare(self, source: Source, words: str) -> None:
        """Ask how the device differs from another image."""
        draft = self.draft
        draft.compared, draft.compared_with, draft.source_words = None, source, words
        draft.at, draft.why, draft.view = 0, (), View.COMPARE

        def take(answer: Answer) -> None:
            draft.compared = answer.review
            draft.why = () if answer.review is not None else source_why(source, answer)

        self.ask(CompareRegisters(self.track, source), take, "compare")

    def take_difference(self) -> None:
        """Copy the chosen difference into the staged changes, or take it out again."""
        draft = self.draft
        rows = draft.compared.rows if draft.compared is not None else ()
        if draft.at >= len(rows):
            return
        one: ReviewRow = rows[draft.at]
        held = draft.page.row(one.register.key) if draft.page is not None else None
        if held is None or one.there is None or one.here == one.there:
            self.app.notify(say("regs-take-all-only"), markup=False)
            return
        wish = one.there

        def copy() -> None:
            if held.key in draft.changes:
                draft.changes.pop(held.key)
            else:
                draft.stage(held, wish)
            self.judge()
            self.let_go()
            self.look_again()

        self.with_lease(copy)

    def take_all(self) -> None:
        """Take the whole other image: restore a backup, load a file, copy a track."""
        draft = self.draft
        if draft.compared is None or not draft.compared.rows or draft.compared_with is None:
            return
        source, words = draft.compared_with, draft.source_words

        def take() -> None:
            draft.drop()
            draft.source, draft.source_words = source, words
            self.review()

        self.with_lease(take)

    def take_backup(self) -> None:
        """Read everything and keep it."""
        request = TakeBackup(self.track)

        def take(answer: Answer) -> None:
            if answer.cause is not None and answer.cause.key in PASSWORD_CAUSES:
                self.ask_password(request, take)
                return
            self.tell(answer)
            if answer.ok and answer.backups:
                self.app.notify(say("regs-backup-done", id=answer.backups[0].id), markup=False)

        self.ask(request, take, "backup")

    # files

    def choose_file(self) -> None:
        """A file of this machine: compared, and only then taken."""
        text = say("regs-import-text")
        form = LineForm(say("regs-import"), text, "regs-path", "regs-import-do", keys=KEYBOARD)

        def load(path: str | None) -> None:
            if path:
                self._in_thread(lambda: self._load(Path(path).expanduser()))

        self.app.push_screen(LineSheet(form), load)

    def _load(self, path: Path) -> Callable[[], None]:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                text = file.read(1 << 21)
        except (OSError, UnicodeDecodeError) as error:
            return self._file_failed(path, error)
        source = Source(SourceKind.FILE, path.name, text)
        return lambda: self.compare(source, say("regs-source-named", name=path.name))

    def export(self) -> None:
        """The image as a file on this machine, or as a download in a browser."""
        track = self.packdeck.feed.fleet().track(self.track)
        forms = FORMS if track is not None and track.protocol == "jbd" else FORMS[:1]
        rows = [Choosable(form, say(f"regs-export-{form}")) for form in forms]

        def chosen(form: str | None) -> None:
            if form is not None:
                self.ask(ExportRegisters(self.track, form), self._exported, "export")

        self.app.push_screen(ChooseSheet(say("regs-export"), rows), chosen)

    def _exported(self, answer: Answer) -> None:
        document = answer.document
        if document is None:
            self.tell(answer)
            return
        if self.app.is_web:
            self.app.deliver_text(io.StringIO(document.text), save_filename=document.name)
            return
        text = say("regs-export-text")
        name, title = document.name, say("regs-export")
        form = LineForm(title, text, "regs-path", "regs-export-do", name, keys=KEYBOARD)

        def save(path: str | None) -> None:
            if path:
                self._in_thread(lambda: self._save(Path(path).expanduser(), document))

        self.app.push_screen(LineSheet(form), save)

    def _save(self, path: Path, document: Document) -> Callable[[], None]:
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(document.text)
        except OSError as error:
            return self._file_failed(path, error)
        return lambda: self.app.notify(say("regs-export-done", path=str(path.absolute())), markup=False)

    def _file_failed(self, path: Path, error: OSError | UnicodeDecodeError) -> Callable[[], None]:
        reason = error.strerror if isinstance(error, OSError) else None
        cause = Cause("reg-file-open", (("path", str(path)), ("reason", reason or type(error).__name__)))
        return lambda: self.tell(Answer(False, cause))

    def _in_thread(self, work: Callable[[], Callable[[], None]]) -> None:
        """Disks may be slow; what follows is done by the screen."""
        self.run_worker(lambda: self.call_later(work()), thread=True, exit_on_error=False)

    # commands

    def choose_command(self) -> None:
        """The commands of this device."""
        page = self.draft.page
        forms = page.commands if page is not None else ()
        if not forms:
            self.app.notify(say("regs-no-commands"), markup=False)
            return
        shown = [form for form in forms if self._choice.experts or form.danger is not Danger.EXPERT]
        rows = [Choosable(form.name, name_words(form.name)) for form in shown]

        def chosen(name: str | None) -> None:
            form = next((one for one in forms if one.name == name), None)
            if form is not None:
                self._choose_value(form)

        self.app.push_screen(ChooseSheet(say("regs-commands"), rows), chosen)

    def _choose_value(self, form: CommandForm) -> None:
        """What it is given: a choice, a number, or nothing."""
        name, text = name_words(form.name), help_words(f"regcommand-{form.name.replace('_', '-')}")

        def take(value: str | None) -> None:
            if value is not None:
                self._confirm_command(form, value)

        if form.choices:
            rows = [Choosable(str(one.value), word_of(form, one.text)) for one in form.choices]
            self.app.push_screen(ChooseSheet(name, rows, text), take)
        elif form.low is not None and form.high is not None:
            within = say("regs-within", low=f"{form.low:g}", high=f"{form.high:g}", unit=form.unit)
            line = LineForm(name, f"{text} {within}", "regs-value", "regs-go-on", keys=NUMBER_KEYS)
            self.app.push_screen(LineSheet(line), take)
        else:
            take("")

    def _confirm_command(self, form: CommandForm, value: str) -> None:
        """Each is confirmed; what can harm needs the name of the track typed."""
        name = f"{name_words(form.name)} {word_of(form, value) if value else ''}".strip()
        title = say("regs-command-title", command=name, track=track_words(self.track))
        text = help_words(f"regcommand-{form.name.replace('_', '-')}")
        request = RunCommand(self.track, form.name, value, self.who, self.screen_name)

        def run(yes: bool | str | None) -> None:
            if yes:
                self._run_command(form, request)

        if form.danger is Danger.NONE:
            self.app.push_screen(Confirm(Question(title, text)), run)
            return
        word = track_words(self.track)
        text = f"{text} {say('regs-type-to', word=word)}"
        self.app.push_screen(LineSheet(LineForm(title, text, "regs-type", "regs-do-now", must=word)), run)

    def _run_command(self, form: CommandForm, request: RunCommand) -> None:
        def take(answer: Answer) -> None:
            cause = answer.cause
            if cause is not None and cause.key in PASSWORD_CAUSES:
                self.ask_password(request, take)
            elif answer.command is not None:
                self.app.push_screen(ResultSheet(ResultValue(answer.command, form)))
            elif answer.ok:
                self.app.notify(say("regs-command-goes-on"), markup=False)
            else:
                self.tell(answer)
            self.let_go()

        self.draft.has_lease = True  # running a command takes it
        self.ask(request, take, "command")


def source_why(source: Source | None, answer: Answer) -> tuple[str, ...]:
    """Why there is no review; what is wrong in a file is told with its name."""
    cause = answer.cause or Cause("engine-silent")
    happened, advice = cause_words(cause)
    if source is not None and source.kind is SourceKind.FILE and cause.key.startswith("reg-file-"):
        happened = f"{source.name}: {happened}"
    return happened, advice


def end_words(plan: WritePlan, results: Sequence[str]) -> str:
    """The message that tells what is known of a plan that no engine knows any more."""
    if results:
        return "regs-plan-gone-done" if set(results) == {"written"} else "regs-plan-gone-log"
    is_clean = all(step.state is StepState.WAITING for step in plan.steps)
    return "regs-plan-gone" if is_clean else "regs-plan-gone-unknown"


def backup_words(backup: Backup) -> str:
    """`backup of 2025-10-18 12:07, before writing`."""
    when = f"{day_words(backup.at_ms)} {time_of_day(backup.at_ms)}"
    reason = say(f"regs-backup-{'before' if backup.reason == 'before-write' else 'asked'}")
    return say("regs-source-backup", when=when, reason=f"{reason} {backup.note}".strip())
