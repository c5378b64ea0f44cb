"""Carrying out a plan over a wire: back up, write, read back, save; else take everything back.

Runs in the thread of the link. Whatever happens is told before and after each write, so that whoever keeps
the plan on disk always knows which register may hold which value.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tui.engine import registers
from tui.engine.register_line import DeviceRefusedError, DeviceSilentError, Progress, Talk
from tui.model.link import Cause
from tui.model.register import Image
from tui.model.write_plan import PlanState, PlanStep, StepState, WritePlan
from tui.protocols.parameters import shown, value_of
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

Failure = DeviceRefusedError | DeviceSilentError | WireError


class SetbackError(Exception):
    """A step did not do what it should: everything is taken back."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.key)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a device holds, and what it said about it."""

    image: Image
    missing: dict[int, Cause]
    limits: dict[str, tuple[float, float]]
    counters: tuple[tuple[str, int], ...] = ()


def read_everything(talk: Talk, tell: Progress) -> Snapshot:
    """All registers of a device, left in the state it was in. Raises what a talk raises."""
    with entered(talk):
        image, missing, limits = talk.read_all(tell)
        return Snapshot(image, missing, limits, talk.counters())


@contextlib.contextmanager
def entered(talk: Talk) -> Iterator[None]:
    """Between `begin` and `end`: left without saving, also after a failure."""
    try:
        talk.begin()
        yield
    finally:
        leave(talk)


def leave(talk: Talk) -> None:
    """Leave without saving. Whoever is silent now is left the next time."""
    try:
        talk.end(save=False)
    except (DeviceRefusedError, DeviceSilentError) as error:
        log.warning("parameters were not left: %s", error)


class PlanRun:
    """One plan on its way. `tell` gets every change of it, before a write and after; it must keep it."""

    def __init__(
        self,
        talk: Talk,
        plan: WritePlan,
        tell: Callable[[WritePlan], None],
        keep: Callable[[Snapshot], str] = lambda snapshot: "",
        progress: Progress = lambda at, of: None,
    ) -> None:
        self._talk, self._keep, self._progress = talk, keep, progress
        self._tell_plan = tell
        self._saves = False  # what is written now must outlive a restart, even when it is the old values
        self.plan = plan
        self.image: Image = {}
        self.snapshot: Snapshot | None = None

    def write(self) -> WritePlan:
        """From nothing to done, or back. Raises WireError after telling what is known."""
        self._guarded(self._prepare_and_write)
        return self.plan

    def finish(self) -> WritePlan:
        """Go on with an interrupted plan."""
        self._saves = True
        self._guarded(self._resume)
        return self.plan

    def undo(self) -> WritePlan:
        """Take an interrupted plan back."""
        self._saves = True
        self._guarded(self._take_back)
        return self.plan

    def examine(self) -> WritePlan:
        """Read what an interrupted plan left, and leave the device as it is."""
        with entered(self._talk):
            self.image = self._read_steps()
        self._tell(registers.examined(self._talk.table, self.plan, self.image))
        return self.plan

    # the three ways

    def _guarded(self, way: Callable[[], None]) -> None:
        """Whatever breaks in the middle leaves a plan that says so."""
        try:
            way()
        except DeviceRefusedError as error:
            self._stopped(error.cause)
        except DeviceSilentError as error:
            self._stopped(error.cause)
        except WireError as error:
            self._stopped(error.cause)
            raise
        except BaseException:
            self._stopped(Cause("reg-interrupted"))
            raise
        finally:
            if self.plan.state is not PlanState.INTERRUPTED:
                leave_quietly(self._talk)

    def _stopped(self, cause: Cause) -> None:
        """Nothing written yet is a refusal; anything else is for a person to decide."""
        is_clean = all(s.state is StepState.WAITING for s in self.plan.steps)
        state = PlanState.REFUSED if is_clean else PlanState.INTERRUPTED
        self._tell(replace(self.plan, state=state, cause=cause, examined=False))
        if state is PlanState.INTERRUPTED:
            with contextlib.suppress(DeviceRefusedError, DeviceSilentError, WireError):
                self._talk.end(save=False)

    def _prepare_and_write(self) -> None:
        self._talk.begin()
        image, missing, limits = self._talk.read_all(self._progress)
        self.image, self.snapshot = image, Snapshot(image, missing, limits, self._talk.counters())
        moved = registers.moved_meanwhile(self._talk.table, self.plan, self.image)
        if moved:
            args = (("registers", ", ".join(self._address(s.number) for s in moved)),)
            self._tell(replace(self.plan, state=PlanState.REFUSED, cause=Cause("reg-moved", args)))
            return
        backup = self._keep(self.snapshot)
        self._tell(replace(self.plan, state=PlanState.WRITING, backup=backup))
        self._forwards([step.number for step in self.plan.steps])

    def _resume(self) -> None:
        self._reexamine(PlanState.WRITING)
        self._forwards(registers.to_finish(self._talk.table, self.plan, self.image))

    def _take_back(self) -> None:
        self._reexamine(PlanState.UNDOING)
        self._retreat(self.plan.cause, enters=False)

    def _reexamine(self, state: PlanState) -> None:
        """The device may have lost what it held when the plan was interrupted."""
        self._talk.begin()
        image, missing, limits = self._talk.read_all(self._progress)
        self.image, self.snapshot = image, Snapshot(image, missing, limits)
        self._tell(replace(registers.examined(self._talk.table, self.plan, self.image), state=state))

    def _forwards(self, numbers: Iterable[int]) -> None:
        try:
            for number in numbers:
                self._write(number)
            self._save()
        except SetbackError as setback:
            self._retreat(setback.cause, enters=False)
        except (DeviceRefusedError, DeviceSilentError) as error:
            self._retreat(error.cause, enters=True)
        else:
            self._tell(replace(self.plan, state=PlanState.DONE, cause=None))

    def _retreat(self, cause: Cause | None, *, enters: bool) -> None:
        """Take everything back. A device that restarted forgot what it was doing and is entered again."""
        if not enters:
            self._tell(replace(self.plan, state=PlanState.UNDOING, cause=cause))
            try:
                self._backwards(cause)
                return
            except (DeviceRefusedError, DeviceSilentError) as error:
                log.warning("undoing begins again: %s", error)
        self._talk.begin()
        self.image = self.image | self._read_steps()
        plan = registers.examined(self._talk.table, self.plan, self.image)
        self._tell(replace(plan, state=PlanState.UNDOING, cause=cause))
        self._backwards(cause)

    def _backwards(self, cause: Cause | None) -> None:
        """Every register that may be new gets its old value; one that refuses does not stop the others."""
        for number in registers.to_undo(self._talk.table, self.plan, self.image):
            self._restore(number)
        if self._saves and self._talk.keeps_by_saving:
            self._talk.end(save=True)
            self._talk.begin()
            self._check_old()
        self._tell(replace(self.plan, state=registers.outcome(self.plan), cause=cause))

    # one register

    def _write(self, number: int) -> None:
        step = self._step(number)
        new = bytes.fromhex(step.new)
        self._tell(registers.stepped(self.plan, number, StepState.SENT))
        refusal = self._put(number, new)
        found = self._talk.read_back(number, new)
        self.image[number] = found
        if found == new:
            self._tell(registers.stepped(self.plan, number, StepState.WRITTEN, found))
            return
        is_old = found == bytes.fromhex(step.old)
        cause = refusal or self._why(step, found)
        state = StepState.REFUSED if is_old else StepState.DIFFERS
        self._tell(registers.stepped(self.plan, number, state, found, cause))
        raise SetbackError(cause)

    def _put(self, number: int, data: bytes) -> Cause | None:
        """Send it once. No answer is no reason to send it again: reading back tells."""
        try:
            self._talk.write(number, data)
        except DeviceRefusedError as error:
            return error.cause
        except DeviceSilentError:
            return Cause("reg-ack-lost", (("register", self._address(number)),))
        return None

    def _restore(self, number: int) -> None:
        step = self._step(number)
        old = bytes.fromhex(step.old)
        refusal = self._put(number, old)
        found = self._talk.read_back(number, old)
        self.image[number] = found
        if found == old:
            self._tell(registers.stepped(self.plan, number, StepState.UNDONE, found, step.cause))
            return
        is_new = found == bytes.fromhex(step.new)
        state = StepState.WRITTEN if is_new else StepState.DIFFERS
        self._tell(registers.stepped(self.plan, number, state, found, refusal or self._why(step, found)))

    def _save(self) -> None:
        """Keep it over a restart, and look once more: an acknowledgement is no proof."""
        if not self._talk.keeps_by_saving:
            return
        self._tell(replace(self.plan, state=PlanState.SAVING))
        self._saves = True
        self._talk.end(save=True)
        self._talk.begin()
        for step in self.plan.steps:
            self._check_new(step)

    def _check_new(self, step: PlanStep) -> None:
        try:
            found = self._talk.read(step.number)
        except DeviceRefusedError as error:  # old firmware acknowledges what it does not have
            cause = error.cause
            self._tell(registers.stepped(self.plan, step.number, StepState.REFUSED, None, cause))
            raise SetbackError(cause) from None
        self.image[step.number] = found
        if found != bytes.fromhex(step.new):
            is_old = found == bytes.fromhex(step.old)
            state, cause = StepState.UNDONE if is_old else StepState.DIFFERS, self._not_kept(step)
            self._tell(registers.stepped(self.plan, step.number, state, found, cause))
            raise SetbackError(cause)

    def _check_old(self) -> None:
        for step in self.plan.steps:
            if step.state is StepState.UNDONE:
                found = self._talk.read(step.number)
                if found != bytes.fromhex(step.old):
                    self._tell(
                        registers.stepped(
                            self.plan, step.number, StepState.DIFFERS, found, self._not_kept(step)
                        )
                    )

    def _read_steps(self) -> Image:
        return {step.number: self._talk.read(step.number) for step in self.plan.steps}

    # words

    def _step(self, number: int) -> PlanStep:
        return next(step for step in self.plan.steps if step.number == number)

    def _tell(self, plan: WritePlan) -> None:
        self.plan = plan
        self._tell_plan(plan)

    def _address(self, number: int) -> str:
        return self._talk.table.at(number)[0].address

    def _not_kept(self, step: PlanStep) -> Cause:
        return Cause("reg-not-kept", (("register", self._address(step.number)),))

    def _why(self, step: PlanStep, found: bytes) -> Cause:
        """The device holds another value than it was given."""
        table = self._talk.table
        register = table.find(step.keys[0])
        assert register is not None
        effective = table.effective(register, self.image)
        args = (
            ("register", register.address),
            ("wanted", shown(effective, value_of(effective, bytes.fromhex(step.new)))),
            ("found", shown(effective, value_of(effective, found))),
            ("unit", register.unit),
        )
        return Cause("reg-differs", args)


def leave_quietly(talk: Talk) -> None:
    """Leave without saving, whatever the wire does."""
    try:
        leave(talk)
    except WireError as error:
        log.warning("parameters were not left: %s", error)
