"""The desk of all registers: answers questions, gives leases, and sends plans to the links."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tui.engine import registers
from tui.engine.register_orders import Orders
from tui.engine.register_plans import STAMP, Plans
from tui.engine.register_posts import Carrier, NoError, Posts
from tui.engine.register_sources import other_of, presets_for
from tui.engine.register_work import Snapshot
from tui.engine.registers import Other
from tui.model.events import Event, LinkChanged
from tui.model.fleet import Fleet
from tui.model.link import Phase
from tui.model.register import Device, Image, RegisterPage
from tui.model.register_archive import Document
from tui.model.register_requests import (
    Backups,
    ChangeLog,
    CheckChanges,
    CompareRegisters,
    DropLease,
    ExportRegisters,
    ForgetPlan,
    Presets,
    ReadRegisters,
    RegisterRequest,
    ResumePlan,
    RunCommand,
    TakeBackup,
    TakeLease,
    UndoPlan,
    WriteRegisters,
)
from tui.model.register_review import Review, Source
from tui.model.requests import Answer
from tui.protocols.parameters import rows_of
from tui.store.backups import BackupStore, KeepError
from tui.store.change_log import ChangeLogFile
from tui.store.register_files import RegisterFileError, write_fig, write_json


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
        self._posts = Posts(fleet, carriers, publish, clock, wall)
        self._store = BackupStore(folder) if folder is not None else None
        self._log = ChangeLogFile(folder / "changes.jsonl") if folder is not None else None
        self._plans = Plans(self._posts, self._review, self._store, self._log)
        self._orders = Orders(self._posts, self._log)

    def start(self) -> None:
        """Tell of plans that were not over when the program ended."""
        self._plans.start()

    def happened(self, event: Event) -> None:
        """A link came up: what an interrupted plan left is looked at. One was lost: nothing is known."""
        if not isinstance(event, LinkChanged) or event.track not in self._posts.tracks:
            return
        if event.link.phase in (Phase.LOST, Phase.TAP):
            self._posts.post(event.track).forget()
        elif event.link.phase is Phase.UP:
            self._plans.link_is_up(event.track)

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
                return self._plans.write(request)
            case ResumePlan() | UndoPlan():
                return self._plans.go_on(request)
            case ForgetPlan():
                return self._plans.forget(request)
            case Backups():
                return self._backups(request)
            case TakeBackup():
                return self._take_backup(request)
            case CompareRegisters():
                return self._compare(request)
            case ExportRegisters():
                return self._export(request)
            case Presets():
                return Answer(True, presets=presets_for(self._posts.table(request.track).family))
            case ChangeLog():
                entries = self._log.newest(request.track, request.limit) if self._log is not None else ()
                return Answer(True, log=entries)
            case TakeLease():
                self._posts.take_lease(request.track, request.screen, request.who)
                return Answer(True)
            case DropLease():
                self._posts.drop_lease(request.track, request.screen)
                return Answer(True)
            case RunCommand():
                return self._orders.run(request)

    # questions

    def _page(self, request: ReadRegisters) -> Answer:
        table = self._posts.table(request.track)
        snapshot = self._posts.read(request.track, fresh=request.fresh, password=request.password)
        page = RegisterPage(
            request.track,
            self._posts.device(request.track),
            self._posts.post(request.track).desk.read_ms,
            rows_of(table, snapshot.image, snapshot.limits, snapshot.missing),
            table.commands,
            registers.digest_of(registers.settings_of(table, snapshot.image)),
        )
        return Answer(True, registers=page)

    def _review(self, request: CheckChanges | WriteRegisters) -> tuple[Review, Image]:
        table, snapshot = self._posts.table(request.track), self._posts.read(request.track)
        other = self._other(request.track, request.source, snapshot) if request.source is not None else None
        return registers.review(
            table,
            request.track,
            snapshot.image,
            request.changes,
            other,
            self._posts.device(request.track),
            snapshot.limits,
            accept_other=request.accept_other,
        )

    def _other(self, name: str, source: Source, snapshot: Snapshot) -> Other:
        table = self._posts.table(name)

        def track_image(other: str) -> tuple[Device, Image]:
            return self._posts.device(other), self._posts.read(other).image

        return other_of(source, table, snapshot.image, name, self._store, track_image)

    def _compare(self, request: CompareRegisters) -> Answer:
        table, snapshot = self._posts.table(request.track), self._posts.read(request.track)
        other = self._other(request.track, request.source, snapshot)
        device = self._posts.device(request.track)
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
        table, snapshot = self._posts.table(request.track), self._posts.read(request.track)
        stamp = self._posts.stamp(STAMP)
        if request.form == "fig":
            if table.family != "jbd":
                raise NoError("reg-fig-jbd")
            text = write_fig(snapshot.image, table)
        elif request.form == "json":
            read_ms = self._posts.post(request.track).desk.read_ms
            text = write_json(
                self._posts.device(request.track), snapshot.image, table, read_ms, request.track
            )
        else:
            raise NoError("reg-form", ("form", request.form))
        name = f"{request.track}-{table.family}-{stamp}.{request.form}"
        return Answer(True, document=Document(name, text))

    def _backups(self, request: Backups) -> Answer:
        self._posts.track(request.track)
        if self._store is None:
            return Answer(True, backups=())
        if request.id:
            backup = self._store.find(request.track, request.id)
            if backup is None:
                raise NoError("backup-unknown", ("id", request.id))
            return Answer(True, backups=(backup,))
        return Answer(True, backups=tuple(replace(b, words=()) for b in self._store.all(request.track)))

    def _take_backup(self, request: TakeBackup) -> Answer:
        snapshot = self._posts.read(request.track, fresh=True, password=request.password)
        backup = self._plans.keep(request.track, snapshot, "asked", request.note)
        return Answer(True, backups=(backup,))
