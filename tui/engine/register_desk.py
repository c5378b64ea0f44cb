"""The desk of all registers: answers questions, gives leases, and sends plans to the links."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from tui.engine import register_commands, registers
from tui.engine.register_jbd import JbdTalk
from tui.engine.register_line import DeviceRefusedError, DeviceSilentError, Line, Talk
from tui.engine.register_sources import other_of, presets_for
from tui.engine.register_tinybms import TinyBmsTalk
from tui.engine.register_work import PlanRun, Snapshot, read_everything
from tui.engine.registers import Other
from tui.model.events import Event, LinkChanged
from tui.model.fleet import Fleet
from tui.model.link import Cause, Phase
from tui.model.register import (
    LEASE_S,
    Backup,
    Backups,
    ChangeLog,
    ChangeLogEntry,
    CheckChanges,
    CommandForm,
    CommandResult,
    CompareRegisters,
    Desk,
    DeskChanged,
    Device,
    Document,
    DropLease,
    ExportRegisters,
    ForgetPlan,
    Image,
    Lease,
    PlanState,
    Presets,
    ReadRegisters,
    RegisterPage,
    RegisterRequest,
    ResumePlan,
    Review,
    RunCommand,
    Source,
    StepState,
    TakeBackup,
    TakeLease,
    UndoPlan,
    WritePlan,
    WriteRegisters,
)
from tui.model.requests import Answer
from tui.model.track import Track
from tui.protocols.jbd_parameters import TABLE as JBD
from tui.protocols.parameters import Table, rows_of, shown, text_of, value_of
from tui.protocols.tinybms_parameters import TABLE as TINYBMS
from tui.store.backups import BackupStore, KeepError
from tui.store.change_log import ChangeLogFile
from tui.store.register_files import RegisterFileError, write_fig, write_json
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

WAIT_S = 8.0  # longest a question waits for the device: a screen gives up after 10 s
TABLES: Mapping[str, Table] = {"jbd": JBD, "tinybms": TINYBMS}
TALKS: Mapping[str, Callable[[Line, str], Talk]] = {"jbd": JbdTalk, "tinybms": TinyBmsTalk}
MODEL = 0xA1  # of a JBD board: its name in clear
STAMP = "%Y-%m-%dT%H-%M-%S"
RESULTS = {
    StepState.WAITING: "waiting",
    StepState.SENT: "unknown",
    StepState.WRITTEN: "written",
    StepState.REFUSED: "refused",
    StepState.DIFFERS: "differs",
    StepState.UNDONE: "undone",
}


class Carrier(Protocol):
    """What the desk needs of a worker."""

    def work(self, job: Callable[[Line], None], lost: Callable[[Cause], None]) -> None:
        """Do this on the wire as soon as it is free, or say why that is not to be."""
        ...


class NoError(Exception):
    """A question has no answer. Carries the cause in words for every language."""

    def __init__(self, key: str, *args: tuple[str, str]) -> None:
        super().__init__(key)
        self.cause = Cause(key, args)


@dataclass(slots=True)
class Post:
    """One track at the desk."""

    desk: Desk
    snapshot: Snapshot | None = None
    is_busy: bool = False
    memory: register_commands.Memory = field(default_factory=register_commands.Memory)
    is_known: bool = False  # the plan on disk was looked for


class RegisterDesk:
    """Used from any thread. What takes time is done in the thread of the link; progress goes out as events.

    Without a `folder` everything can be read and nothing written: there would be no backup.
    """

    def __init__(
        self,
        fleet: Callable[[], Fleet],
        carriers: Mapping[str, Carrier],
        publish: Callable[[Event], None],
        folder: Path | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._fleet, self._carriers, self._publish = fleet, carriers, publish
        self._clock, self._wall = clock, wall
        self._store = BackupStore(folder) if folder is not None else None
        self._log = ChangeLogFile(folder / "changes.jsonl") if folder is not None else None
        self._posts: dict[str, Post] = {}
        self._lock = threading.RLock()

    def start(self) -> None:
        """Tell of plans that were not over when the program ended."""
        for track in self._carriers:
            post = self._post(track)
            if post.desk.plan is not None:
                self._publish(DeskChanged(post.desk))

    def happened(self, event: Event) -> None:
        """A link came up: what an interrupted plan left is looked at. One was lost: nothing is known."""
        if not isinstance(event, LinkChanged) or event.track not in self._carriers:
            return
        post = self._post(event.track)
        if event.link.phase in (Phase.LOST, Phase.TAP):
            with self._lock:
                post.snapshot, post.memory = None, register_commands.Memory()
        elif event.link.phase is Phase.UP:
            plan = post.desk.plan
            if plan is not None and plan.state.is_open and not plan.examined and not post.is_busy:
                self._examine(post, plan)

    def ask(self, request: RegisterRequest) -> Answer:
        """Answer a question or take up a command."""
        try:
            return self._answer(request)
        except (NoError, KeepError, RegisterFileError) as error:
            return Answer(False, error.cause)

    def _answer(self, request: RegisterRequest) -> Answer:
        match request:
            case ReadRegisters():
                return self._page(request)
            case CheckChanges():
                told, _ = self._review(request)
                return Answer(True, review=told)
            case WriteRegisters():
                return self._write(request)
            case ResumePlan() | UndoPlan():
                return self._go_on(request)
            case ForgetPlan():
                return self._forget(request)
            case Backups():
                return self._backups(request)
            case TakeBackup():
                return self._take_backup(request)
            case CompareRegisters():
                return self._compare(request)
            case ExportRegisters():
                return self._export(request)
            case Presets():
                return Answer(True, presets=presets_for(self._table(request.track).family))
            case ChangeLog():
                entries = self._log.newest(request.track, request.limit) if self._log is not None else ()
                return Answer(True, log=entries)
            case TakeLease():
                self._take_lease(request.track, request.screen, request.who)
                return Answer(True)
            case DropLease():
                return self._drop_lease(request)
            case RunCommand():
                return self._run_command(request)

    # who and what

    def _post(self, track: str) -> Post:
        with self._lock:
            post = self._posts.setdefault(track, Post(Desk(track)))
            if not post.is_known:
                post.is_known = True
                if self._store is not None and (plan := self._store.plan(track)) is not None:
                    post.desk = replace(post.desk, plan=plan)
            return post

    def _track(self, name: str) -> Track:
        track = self._fleet().track(name)
        if track is None or name not in self._carriers:
            raise NoError("track-unknown", ("track", name))
        return track

    def _table(self, name: str) -> Table:
        track = self._track(name)
        table = TABLES.get(track.protocol)
        if table is None:
            raise NoError("reg-no-registers", ("track", name), ("protocol", track.protocol))
        return table

    def device(self, name: str) -> Device:
        """Whose registers a track has, as far as the battery has said it."""
        track = self._track(name)
        said, snapshot = track.identity, self._post(name).snapshot
        named = snapshot.image.get(MODEL, b"") if snapshot is not None and track.protocol == "jbd" else b""
        model = text_of(named) or said.model or said.hardware or ""
        return Device(track.protocol, model, said.firmware or "", said.serial or "")

    def _read(self, name: str, *, fresh: bool = False) -> Snapshot:
        """What the device holds; waits for it when it was never read. Raises NoError."""
        table, post = self._table(name), self._post(name)
        snapshot = post.snapshot
        if snapshot is not None and not fresh:
            return snapshot
        done = threading.Event()
        causes: list[Cause] = []

        def job(line: Line) -> None:
            post.snapshot = read_everything(TALKS[table.family](line, ""), self._progress(post))
            self._change(post, read_ms=self._time_ms(), reading=None)

        self._carry(post, job, causes.append, done)
        if not done.wait(WAIT_S):
            if snapshot is not None:
                return snapshot
            raise NoError("reg-reading")
        if causes:
            raise NoError(causes[0].key, *causes[0].args)
        assert post.snapshot is not None
        return post.snapshot

    def _progress(self, post: Post) -> Callable[[int, int], None]:
        def tell(at: int, of: int) -> None:
            self._change(post, reading=(at, of) if at < of else None)

        return tell

    def _carry(
        self,
        post: Post,
        job: Callable[[Line], None],
        lost: Callable[[Cause], None],
        done: threading.Event,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Give a job to the link. A bad end of it is told to `lost`; `finished` and `done` come after any."""
        with self._lock:
            if post.is_busy:
                raise NoError("reg-busy")
            phase = self._track(post.desk.track).link.phase
            if phase not in (Phase.UP, Phase.ASLEEP):
                raise NoError("reg-no-link", ("track", post.desk.track))
            post.is_busy = True

        def over(cause: Cause | None) -> None:
            post.is_busy = False
            if cause is not None:
                lost(cause)
            finished()
            if post.desk.reading is not None:
                self._change(post, reading=None)
            done.set()

        def guarded(line: Line) -> None:
            try:
                job(line)
            except (DeviceRefusedError, DeviceSilentError, NoError, KeepError) as error:
                over(error.cause)
            except WireError as error:
                over(error.cause)
                raise
            except Exception as error:
                over(Cause("internal-error", (("error", f"{type(error).__name__}: {error}"),)))
                raise
            else:
                over(None)

        self._carriers[post.desk.track].work(guarded, over)

    def _change(self, post: Post, **what: object) -> None:
        with self._lock:
            post.desk = replace(post.desk, **what)  # type: ignore[arg-type]
            self._publish(DeskChanged(post.desk))

    def _time_ms(self) -> int:
        return int(self._wall() * 1000)

    # questions

    def _page(self, request: ReadRegisters) -> Answer:
        table = self._table(request.track)
        snapshot = self._read(request.track, fresh=request.fresh)
        page = RegisterPage(
            request.track,
            self.device(request.track),
            self._post(request.track).desk.read_ms,
            rows_of(table, snapshot.image, snapshot.limits, snapshot.missing),
            table.commands,
            registers.digest_of(registers.settings_of(table, snapshot.image)),
        )
        return Answer(True, registers=page)

    def _review(self, request: CheckChanges | WriteRegisters) -> tuple[Review, Image]:
        table, snapshot = self._table(request.track), self._read(request.track)
        other = self._other(request.track, request.source, snapshot) if request.source is not None else None
        return registers.review(
            table,
            request.track,
            snapshot.image,
            request.changes,
            other,
            self.device(request.track),
            snapshot.limits,
            accept_other=request.accept_other,
        )

    def _other(self, name: str, source: Source, snapshot: Snapshot) -> Other:
        table = self._table(name)

        def track_image(other: str) -> tuple[Device, Image]:
            return self.device(other), self._read(other).image

        return other_of(source, table, snapshot.image, name, self._store, track_image)

    def _compare(self, request: CompareRegisters) -> Answer:
        table, snapshot = self._table(request.track), self._read(request.track)
        other = self._other(request.track, request.source, snapshot)
        device = self.device(request.track)
        strange = registers.stranger(device, other.device, accept_other=True)
        target = snapshot.image | {n: d for n, d in other.image.items() if n in table.writable}
        told = Review(
            request.track,
            registers.differences(table, snapshot.image, target),
            (*other.problems, *strange),
            len(registers.changed_numbers(table, snapshot.image, target)),
            registers.digest_of(registers.settings_of(table, snapshot.image)),
            device,
            other.device,
        )
        return Answer(True, review=told)

    def _export(self, request: ExportRegisters) -> Answer:
        table, snapshot = self._table(request.track), self._read(request.track)
        stamp = time.strftime(STAMP, time.localtime(self._wall()))
        if request.form == "fig":
            if table.family != "jbd":
                raise NoError("reg-fig-jbd")
            text = write_fig(snapshot.image, table)
        elif request.form == "json":
            read_ms = self._post(request.track).desk.read_ms
            text = write_json(self.device(request.track), snapshot.image, table, read_ms, request.track)
        else:
            raise NoError("reg-form", ("form", request.form))
        name = f"{request.track}-{table.family}-{stamp}.{request.form}"
        return Answer(True, document=Document(name, text))

    def _backups(self, request: Backups) -> Answer:
        self._track(request.track)
        if self._store is None:
            return Answer(True, backups=())
        if request.id:
            backup = self._store.find(request.track, request.id)
            if backup is None:
                raise NoError("backup-unknown", ("id", request.id))
            return Answer(True, backups=(backup,))
        return Answer(True, backups=tuple(replace(b, words=()) for b in self._store.all(request.track)))

    def _take_backup(self, request: TakeBackup) -> Answer:
        snapshot = self._read(request.track, fresh=True)
        backup = self._keep(request.track, snapshot, "asked", request.note)
        return Answer(True, backups=(backup,))

    def _keep(self, track: str, snapshot: Snapshot, reason: str, note: str = "") -> Backup:
        if self._store is None:
            raise NoError("reg-no-folder")
        table = self._table(track)
        stamp = time.strftime(STAMP, time.gmtime(self._wall()))
        backup = Backup(
            self._store.new_id(track, stamp),
            track,
            self._time_ms(),
            self.device(track),
            registers.words_of(registers.settings_of(table, snapshot.image)),
            reason,
            note,
            snapshot.counters,
        )
        self._store.keep(backup)
        return backup

    # leases

    def _take_lease(self, track: str, screen: str, who: str) -> None:
        self._track(track)
        with self._lock:
            post = self._post(track)
            held, now_s = post.desk.lease, self._clock()
            if held is not None and held.screen != screen and held.until_s > now_s:
                left = str(max(1, round(held.until_s - now_s)))
                raise NoError("reg-lease-held", ("who", held.who or held.screen), ("seconds", left))
            self._change(post, lease=Lease(screen, who, now_s + LEASE_S))

    def _drop_lease(self, request: DropLease) -> Answer:
        self._track(request.track)
        with self._lock:
            post = self._post(request.track)
            if post.desk.lease is not None and post.desk.lease.screen == request.screen:
                self._change(post, lease=None)
        return Answer(True)

    # plans

    def _write(self, request: WriteRegisters) -> Answer:
        table, post = self._table(request.track), self._post(request.track)
        if self._store is None:
            raise NoError("reg-no-folder")
        if post.desk.plan is not None and (post.desk.plan.state.is_open or post.desk.plan.state.is_running):
            raise NoError("reg-plan-open")
        self._take_lease(request.track, request.screen, request.who)
        told, target = self._review(request)
        if request.digest and request.digest != told.digest:
            raise NoError("reg-moved", ("registers", "…"))
        if not told.ok:
            cause = next(p.cause for p in told.problems if p.is_error)
            return Answer(False, cause, review=told)
        snapshot = self._read(request.track)
        steps = registers.steps_of(table, snapshot.image, target)
        if not steps:
            raise NoError("reg-nothing")
        plan = WritePlan(
            f"{request.track}-{self._time_ms()}",
            request.track,
            self.device(request.track),
            steps,
            who=request.who,
            screen=request.screen,
            begun_ms=self._time_ms(),
        )
        self._run(post, plan, PlanRun.write, request.password)
        return Answer(True, review=told)

    def _go_on(self, request: ResumePlan | UndoPlan) -> Answer:
        self._table(request.track)
        post = self._post(request.track)
        plan = post.desk.plan
        if plan is None or not plan.state.is_open:
            raise NoError("reg-no-plan")
        serial = self.device(request.track).serial
        if serial and plan.device.serial and serial != plan.device.serial:
            raise NoError("reg-other-device", ("theirs", serial), ("mine", plan.device.serial))
        self._take_lease(request.track, request.screen, request.who)
        way = PlanRun.finish if isinstance(request, ResumePlan) else PlanRun.undo
        self._run(post, replace(plan, who=request.who, screen=request.screen), way, request.password)
        return Answer(True)

    def _examine(self, post: Post, plan: WritePlan) -> None:
        try:
            self._run(post, plan, PlanRun.examine, "", is_looking=True)
        except NoError as error:
            log.info("%s: the interrupted plan was not looked at: %s", plan.track, error)

    def _forget(self, request: ForgetPlan) -> Answer:
        self._track(request.track)
        self._take_lease(request.track, request.screen, request.who)
        post = self._post(request.track)
        if post.is_busy:
            raise NoError("reg-busy")
        if post.desk.plan is None or not post.desk.plan.state.is_open:
            raise NoError("reg-no-plan")
        if self._store is not None:
            self._store.forget_plan(request.track)
        self._change(post, plan=None)
        return Answer(True)

    def _run(
        self,
        post: Post,
        plan: WritePlan,
        way: Callable[[PlanRun], WritePlan],
        password: str,
        *,
        is_looking: bool = False,
    ) -> None:
        table = self._table(plan.track)
        newest = [plan]

        def tell(newer: WritePlan) -> None:
            is_over = not newer.state.is_running
            newer = replace(newer, ended_ms=self._time_ms() if is_over else None)
            if self._store is not None:
                self._store.keep_plan(newer)
            newest[0] = newer
            if not is_over:
                self._change(post, plan=newer)

        def keep(snapshot: Snapshot) -> str:
            return self._keep(plan.track, snapshot, "before-write").id

        def job(line: Line) -> None:
            run = PlanRun(TALKS[table.family](line, password), plan, tell, keep, self._progress(post))
            try:
                way(run)
            finally:
                if run.snapshot is not None and run.plan.state is not PlanState.INTERRUPTED:
                    known = registers.known_image(run.plan, run.snapshot.image)
                    post.snapshot = replace(run.snapshot, image=known)
                    self._change(post, read_ms=self._time_ms())
                elif not is_looking:
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
            self._change(post, plan=newest[0])

        if not is_looking:
            newest[0] = plan if plan.state.is_running else replace(plan, state=PlanState.READING)
            self._change(post, plan=newest[0])
        try:
            self._carry(post, job, lost, threading.Event(), finished)
        except NoError:
            if not is_looking:
                self._change(post, plan=None if plan.state.is_running else plan)
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
                    shown(effective, value_of(effective, bytes.fromhex(text)))
                    for text in (step.old, step.new)
                )
                result = RESULTS[step.state]
                cause = step.cause or (plan.cause if plan.state is not PlanState.DONE else None)
                entries.append(
                    ChangeLogEntry(
                        self._time_ms(),
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

    # commands

    def _run_command(self, request: RunCommand) -> Answer:
        table, post = self._table(request.track), self._post(request.track)
        form = next((form for form in table.commands if form.name == request.name), None)
        if form is None:
            raise NoError("command-absent", ("command", request.name))
        value = checked_value(form, request.value)
        if post.desk.plan is not None and post.desk.plan.state.is_open:
            raise NoError("reg-plan-open")
        self._take_lease(request.track, request.screen, request.who)
        done = threading.Event()
        told: list[CommandResult] = []

        def end(outcome: register_commands.Outcome) -> None:
            result = CommandResult(
                request.track,
                request.name,
                outcome.ok,
                outcome.requested,
                outcome.actual,
                outcome.reasons,
                outcome.cause,
                self._time_ms(),
                request.who,
                request.screen,
            )
            told.append(result)
            self._change(post, command=result)
            self._note_command(result, value)

        def job(line: Line) -> None:
            talk = TALKS[table.family](line, request.password)
            end(register_commands.run(talk, line, request.name, value, post.memory))

        def lost(cause: Cause) -> None:
            end(register_commands.Outcome(False, value, cause=cause))

        self._carry(post, job, lost, done)
        if not done.wait(WAIT_S):
            return Answer(True)  # it goes on; what it came to is seen in the fleet
        return Answer(told[0].ok, told[0].cause, command=told[0])

    def _note_command(self, result: CommandResult, value: str) -> None:
        if self._log is None:
            return
        word = "obeyed" if result.ok else "refused"
        entry = ChangeLogEntry(
            result.at_ms,
            result.track,
            result.who,
            result.screen,
            result.name,
            None,
            "",
            result.requested or value,
            word,
            "",
            result.cause,
        )
        self._log.add((entry,))


def checked_value(form: CommandForm, value: str) -> str:
    """What a command is given, as its form wants it. Raises NoError."""
    said = value.strip()
    if form.choices:
        known = {c.text.casefold(): c.value for c in form.choices} | {
            str(c.value): c.value for c in form.choices
        }
        if said.casefold() not in known:
            allowed = ", ".join(c.text for c in form.choices)
            raise NoError("command-choice", ("command", form.name), ("value", said), ("allowed", allowed))
        return str(known[said.casefold()])
    if form.low is None or form.high is None:
        return ""
    try:
        number = float(said.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not form.low <= number <= form.high:
        args = (("low", f"{form.low:g}"), ("high", f"{form.high:g}"), ("unit", form.unit))
        raise NoError("command-range", ("command", form.name), ("value", said), *args)
    return f"{number:g}"
