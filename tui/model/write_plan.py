"""A plan of writing as it goes, and what goes on at the registers of a track."""

from dataclasses import dataclass
from enum import StrEnum

from tui.model.link import Cause
from tui.model.register import Device, Register, Value

LEASE_S = 60.0  # one screen edits at a time; a lease that nobody renews ends after so long


class StepState(StrEnum):
    """What is known of one register of a plan."""

    WAITING = "waiting"  # holds the old value
    SENT = "sent"  # written, and nobody has looked yet
    WRITTEN = "written"  # read back: holds the new value
    REFUSED = "refused"  # the device said no; holds the old value
    DIFFERS = "differs"  # read back: holds neither what it was nor what was written
    UNDONE = "undone"  # read back: holds the old value again


class PlanState(StrEnum):
    """How far a plan is."""

    READING = "reading"  # the backup before the first write
    WRITING = "writing"
    SAVING = "saving"  # all are written; the device keeps them for good and is asked once more
    DONE = "done"
    REFUSED = "refused"  # nothing was written
    UNDOING = "undoing"
    UNDONE = "undone"  # every register holds its old value, read back
    INTERRUPTED = "interrupted"  # link, power or program was lost in the middle: finish or undo
    MIXED = "mixed"  # some registers are new and some old, and neither way went; each step says which

    @property
    def is_open(self) -> bool:
        """True while a person may still finish or undo it."""
        return self in (PlanState.INTERRUPTED, PlanState.MIXED)

    @property
    def is_running(self) -> bool:
        """True while registers are being read or written."""
        return self in (PlanState.READING, PlanState.WRITING, PlanState.SAVING, PlanState.UNDOING)


@dataclass(frozen=True, slots=True)
class StepValue:
    """One parameter of a step: the plan tells it in its unit to screens that know no table."""

    register: Register
    old: Value | None
    new: Value | None
    found: Value | None = None  # what it held when it was last read


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One register of the device, with everything that changes in it. Data are hexadecimal."""

    number: int
    keys: tuple[str, ...]
    old: str
    new: str
    state: StepState = StepState.WAITING
    found: str = ""  # what it held when it was last read; empty: not read since the plan began
    cause: Cause | None = None
    values: tuple[StepValue, ...] = ()  # the same in units, one for each key


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Registers to be written, in an order that keeps the device valid at every moment."""

    id: str
    track: str
    device: Device
    steps: tuple[PlanStep, ...]
    state: PlanState = PlanState.READING
    cause: Cause | None = None  # why it stopped or was undone
    backup: str = ""  # id of the backup taken before the first write
    who: str = ""
    screen: str = ""
    begun_ms: int = 0
    ended_ms: int | None = None
    examined: bool = False  # an interrupted plan: the device was read since

    @property
    def written(self) -> int:
        """Steps that are known to hold the new value."""
        return sum(step.state is StepState.WRITTEN for step in self.steps)


@dataclass(frozen=True, slots=True)
class Lease:
    """One screen may edit. Times: the engine's steady clock."""

    screen: str
    who: str
    until_s: float


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command came to. `requested` and `actual` are values of the form's choices, or plain numbers.

    `reasons` are the protections that hold a switch open (or other words of the device), by name.
    """

    track: str
    name: str
    ok: bool
    requested: str = ""
    actual: str = ""
    reasons: tuple[str, ...] = ()
    cause: Cause | None = None
    at_ms: int = 0
    who: str = ""
    screen: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What goes on at one track's registers: every screen sees it."""

    track: str
    plan: WritePlan | None = None
    lease: Lease | None = None
    command: CommandResult | None = None
    reading: tuple[int, int] | None = None  # registers read and to be read, while they are being read
    read_ms: int | None = None  # when the whole image was read


@dataclass(frozen=True, slots=True)
class DeskChanged:
    """Something happened at a track's registers: progress of a plan, a lease, a command. Never dropped."""

    desk: Desk
