"""Plans at the desk: from a reviewed wish to the wire, kept on disk all the way, and into the log."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from tui.engine import registers
from tui.engine.register_line import Line
from tui.engine.register_posts import NoError, Post, Posts
from tui.engine.register_work import PlanRun, Snapshot
from tui.model.link import Cause
from tui.model.register import Image, Kind, Register, Value
from tui.model.register_archive import Backup, ChangeLogEntry
from tui.model.register_requests import ForgetPlan, ResumePlan, UndoPlan, WriteRegisters
from tui.model.register_review import Review
from tui.model.requests import Answer
from tui.model.write_plan import PlanState, StepState, WritePlan
from tui.protocols.parameters import Table, shown, value_of
from tui.store.backups import BackupStore
from tui.store.change_log import ChangeLogFile

log = logging.getLogger(__name__)

STAMP = "%Y-%m-%dT%H-%M-%SZ"
RESULTS = {
    StepState.WAITING: "waiting",
    StepState.SENT: "unknown",
    StepState.WRITTEN: "written",
    StepState.REFUSED: "refused",
    StepState.DIFFERS: "differs",
    StepState.UNDONE: "undone",
}
Judge = Callable[[WriteRegisters], tuple[Review, Image]]


class Plans:
    """One plan for each track at most. Without a store nothing may be written: there would be no backup."""

    def __init__(
        self, posts: Posts, judge: Judge, store: BackupStore | None, change_log: ChangeLogFile | None
    ) -> None:
        self._posts, self._judge, self._store, self._log = posts, judge, store, change_log

    def start(self) -> None:
        """Tell of plans that were not over when the program ended."""
        for track in self._posts.tracks:
            if self._store is not None and (plan := self._store.plan(track)) is not None:
                self._posts.change(self._posts.post(track), plan=plan)

    def link_is_up(self, track: str) -> None:
        """What an interrupted plan left is looked at."""
        post = self._posts.post(track)
        plan = post.desk.plan
        if plan is not None and plan.state.is_open and not plan.examined and not post.is_busy:
            self._examine(post, plan)

    def keep(self, track: str, snapshot: Snapshot, reason: str, note: str = "") -> Backup:
        """Keep what was read. Raises NoError and KeepError."""
        if self._store is None:
            raise NoError("reg-no-folder")
        table = self._posts.table(track)
        backup = Backup(
            self._store.new_id(track, self._posts.stamp(STAMP)),
            track,
            self._posts.time_ms(),
            self._posts.device(track),
            registers.words_of(registers.settings_of(table, snapshot.image)),
            reason,
            note,
            snapshot.counters,
        )
        self._store.keep(backup)
        return backup

    def write(self, request: WriteRegisters) -> Answer:
        """Begin a plan; what comes of it is seen in the fleet. Raises NoError."""
        table, post = self._posts.table(request.track), self._posts.post(request.track)
        if self._store is None:
            raise NoError("reg-no-folder")
        if post.desk.plan is not None and (post.desk.plan.state.is_open or post.desk.plan.state.is_running):
            raise NoError("reg-plan-open")
        self._posts.take_lease(request.track, request.screen, request.who)
        told, target = self._judge(request)
        if request.digest and request.digest != told.digest:
            raise NoError("reg-moved", ("registers", "…"))
        if not told.ok:
            cause = next(p.cause for p in told.problems if p.is_error)
            return Answer(False, cause, review=told)
        snapshot = self._posts.read(request.track)
        steps = registers.steps_of(table, snapshot.image, target, request.changes)
        if not steps:
            raise NoError("reg-nothing")
        plan = WritePlan(
            f"{request.track}-{self._posts.time_ms()}",
            request.track,
            self._posts.device(request.track),
            steps,
            who=request.who,
            screen=request.screen,
            begun_ms=self._posts.time_ms(),
        )
        self._run(post, plan, PlanRun.write, request.password)
        return Answer(True, review=told)

    def go_on(self, request: ResumePlan | UndoPlan) -> Answer:
        """Finish or undo an interrupted plan. Raises NoError."""
        self._posts.table(request.track)
        post = self._posts.post(request.track)
        plan = post.desk.plan
        if plan is None or not plan.state.is_open:
            raise NoError("reg-no-plan")
        serial = self._posts.device(request.track).serial
        if serial and plan.device.serial and serial != plan.device.serial:
            raise NoError("reg-other-device", ("theirs", serial), ("mine", plan.device.serial))
        self._posts.take_lease(request.track, request.screen, request.who)
        way = PlanRun.finish if isinstance(request, ResumePlan) else PlanRun.undo
        self._run(post, replace(plan, who=request.who, screen=request.screen), way, request.password)
        return Answer(True)

    def forget(self, request: ForgetPlan) -> Answer:
        """Leave the device as it is. Raises NoError."""
        self._posts.track(request.track)
        self._posts.take_lease(request.track, request.screen, request.who)
        post = self._posts.post(request.track)
        if post.is_busy:
            raise NoError("reg-busy")
        if post.desk.plan is None or not post.desk.plan.state.is_open:
            raise NoError("reg-no-plan")
        if self._store is not None:
            self._store.forget_plan(request.track)
        self._posts.change(post, plan=None)
        return Answer(True)

    def _examine(self, post: Post, plan: WritePlan) -> None:
        try:
            self._run(post, plan, PlanRun.examine, "", is_looking=True)
        except NoError as error:
            log.info("%s: the interrupted plan was not looked at: %s", plan.track, error)

    def _run(
        self,
        post: Post,
        plan: WritePlan,
        way: Callable[[PlanRun], WritePlan],
        password: str,
        *,
        is_looking: bool = False,
    ) -> None:
        table = self._posts.table(plan.track)
        newest = [plan]

        def tell(newer: WritePlan) -> None:
            is_over = not newer.state.is_running
            newer = replace(newer, ended_ms=self._posts.time_ms() if is_over else None)
            if self._store is not None:
                self._store.keep_plan(newer)
            newest[0] = newer
            if not is_over:
                self._posts.change(post, plan=newer)

        def keep(snapshot: Snapshot) -> str:
            return self.keep(plan.track, snapshot, "before-write").id

        def job(line: Line) -> None:
            run = PlanRun(
                self._posts.talk(plan.track, line, password), plan, tell, keep, self._posts.progress(post)
            )
            try:
                way(run)
            finally:
                if run.snapshot is not None and run.plan.state is not PlanState.INTERRUPTED:
                    known = registers.known_image(run.plan, run.snapshot.image)
                    post.snapshot = replace(run.snapshot, image=known)
                    self._posts.change(post, read_ms=self._posts.time_ms())
                elif run.plan.state is PlanState.INTERRUPTED:
                    post.snapshot = None
                if not is_looking:
                    self._note(table, run.plan, run.image)

        def lost(cause: Cause) -> None:
            now = newest[0]
            if now.state.is_running:
                is_clean = all(s.state is StepState.WAITING for s in now.steps)
                state = PlanState.REFUSED if is_clean else PlanState.INTERRUPTED
                tell(replace(now, state=state, cause=cause, examined=False))

        def finished() -> None:  # only now: who sees that it is over may begin the next one
            self._posts.change(post, plan=newest[0])

        if not is_looking:
            newest[0] = plan if plan.state.is_running else replace(plan, state=PlanState.READING)
            self._posts.change(post, plan=newest[0])
        try:
            self._posts.carry(post, job, lost, threading.Event(), finished)
        except NoError:
            if not is_looking:
                self._posts.change(post, plan=None if plan.state.is_running else plan)
            raise

    def _note(self, table: Table, plan: WritePlan, image: Image) -> None:
        """Every parameter of every register that was touched goes into the log."""
        if self._log is None:
            return
        entries = []
        for step in plan.steps:
            for key in step.keys:
                register = table.find(key)
                assert register is not None
                effective = table.effective(register, image)
                old, new = (
                    logged(effective, value_of(effective, bytes.fromhex(text)))
                    for text in (step.old, step.new)
                )
                result = RESULTS[step.state]
                cause = step.cause or (plan.cause if plan.state is not PlanState.DONE else None)
                entries.append(
                    ChangeLogEntry(
                        self._posts.time_ms(),
                        plan.track,
                        plan.who,
                        plan.screen,
                        key,
                        step.number,
                        old,
                        new,
                        result,
                        plan.id,
                        cause,
                    )
                )
        self._log.add(entries)


def logged(register: Register, value: Value | None) -> str:
    """A value as the log keeps it: words that every language can be found by."""
    if register.kind is Kind.FLAG and value is not None:
        return "on" if value else "off"
    return shown(register, value)
