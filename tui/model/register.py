"""Parameters of a battery's electronics: what they are, how they are changed, and what became of a change.

A `Register` is one parameter as a person edits it; several of them may share one register of the device, of
which each then owns some bits. What a device holds is an image: register number to bytes, written as
hexadecimal text. A comparison, a backup and a plan work on images, so that nothing is lost in translation.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from tui.model.link import Cause

LEASE_S = 60.0  # one screen edits at a time; a lease that nobody renews ends after so long

Value = int | float | str
Image = dict[int, bytes]  # what a device holds
Words = tuple[tuple[int, str], ...]  # the same, frozen: number and hexadecimal bytes


class Category(StrEnum):
    """What a parameter is about (row CL-28)."""

    SYSTEM = "system"
    BATTERY = "battery"
    PROTECTION = "protection"
    COMMUNICATION = "communication"
    CALIBRATION = "calibration"


class Tab(StrEnum):
    """Where an editor shows it (row CL-47)."""

    SETTINGS = "settings"
    SAFETY = "safety"
    PERIPHERALS = "peripherals"
    MAINTENANCE = "maintenance"


class Kind(StrEnum):
    """What its value is."""

    NUMBER = "number"
    CHOICE = "choice"  # one of `choices`; the value is the number of the choice
    FLAG = "flag"  # 0 or 1
    TEXT = "text"
    DATE = "date"  # "2022-03-28", or "" for a device that has none


class Access(StrEnum):
    """What can be done with it."""

    READ = "read"
    WRITE = "write"  # and read
    COMMAND = "command"  # never part of a plan: it cannot be read back, a command sets it


class Danger(StrEnum):
    """What a wrong value does. Each names the sentence `danger-<danger>`."""

    NONE = "none"
    HARMFUL = "harmful"  # can damage the pack or switch a protection off
    EXPERT = "expert"  # hidden until asked for


class Coding(StrEnum):
    """How the number lies in the device, beyond `shift`, `bits`, `scale` and `offset`."""

    PLAIN = "plain"
    SIGNED = "signed"
    SHUNT = "shunt"  # JBD 2C: 0.1 mΩ; with the highest bit set 0.01 mΩ
    TEXT = "text"  # a length byte and ASCII
    DATE = "date"  # JBD: seven bits of years since 2000, four of months, five of days


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice. With a `key` it is said by the sentence `choice-<key>`, else by its text."""

    value: int
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One parameter. Its name is the sentence `reg-<key>`, its help `reg-<key>-help` where there is one.

    value = (raw + `offset`) / `scale`; a negative scale tells a device that stores the negative of it. `low`
    and `high` are in the unit. `bits` of 0 means all of its data. `needs_firmware` is compared with the
    firmware byte of a JBD board.
    """

    key: str
    number: int
    kind: Kind = Kind.NUMBER
    category: Category = Category.SYSTEM
    tab: Tab = Tab.SETTINGS
    unit: str = ""
    scale: int = 1
    offset: int = 0
    low: float | None = None
    high: float | None = None
    choices: tuple[Choice, ...] = ()
    access: Access = Access.WRITE
    danger: Danger = Danger.NONE
    shift: int = 0
    bits: int = 0
    size: int = 2  # bytes in the device; of a text the longest, its length byte included
    coding: Coding = Coding.PLAIN
    default: Value | None = None
    is_current: bool = False  # in tenths instead of hundredths when the unit flag of a JBD board is set
    tool_key: str = ""  # its name in the files of the JBD desktop tools
    restarts: bool = False  # a change restarts the device
    is_hex: bool = True  # its number is written so in the documents of its family

    @property
    def sentence(self) -> str:
        """The key of its name."""
        return "reg-" + self.key.replace("_", "-")

    @property
    def decimals(self) -> int:
        """Digits behind the point that its steps need."""
        return max(0, len(str(abs(self.scale))) - 1)

    @property
    def address(self) -> str:
        """Its number as the documents write it: hexadecimal for JBD, decimal for TinyBMS."""
        return f"{self.number:02X}" if self.is_hex else str(self.number)


@dataclass(frozen=True, slots=True)
class RegisterValue:
    """A parameter as it is now. `low` and `high` follow the other fields; `bound_by` names those by key.

    `raw` is the data of its whole register, hexadecimal. `absent`: this device does not have it.
    """

    register: Register
    value: Value | None = None
    raw: str = ""
    low: float | None = None
    high: float | None = None
    bound_by: tuple[str, ...] = ()
    absent: bool = False
    cause: Cause | None = None  # why there is no value

    @property
    def key(self) -> str:
        """Of its register."""
        return self.register.key


@dataclass(frozen=True, slots=True)
class Device:
    """Whose image it is. What is not known is empty."""

    family: str = ""  # "jbd" or "tinybms"
    model: str = ""
    firmware: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class CommandForm:
    """A command this device knows. Its name is the sentence `regcommand-<name>`, what it does `…-help`.

    `choices` or the bounds say what its value may be; without either it has none.
    """

    name: str
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    danger: Danger = Danger.NONE


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """All parameters of one track, in the order of the table. `digest` names exactly this image."""

    track: str
    device: Device = Device()
    read_ms: int | None = None
    rows: tuple[RegisterValue, ...] = ()
    commands: tuple[CommandForm, ...] = ()
    digest: str = ""

    def row(self, key: str) -> RegisterValue | None:
        """The parameter of that key."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A person wants this value."""

    key: str
    value: Value


class SourceKind(StrEnum):
    """Where another image comes from."""

    FILE = "file"  # `text` is its content: our JSON, or the file of the JBD desktop tools
    TRACK = "track"  # `name` is the other track
    PRESET = "preset"
    BACKUP = "backup"  # `name` is its id


@dataclass(frozen=True, slots=True)
class Source:
    """Another image: to compare with, or to take values from."""

    kind: SourceKind
    name: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one wish. `key` is empty when it is about all of it; `is_error`: nothing is written."""

    cause: Cause
    key: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One difference. `here` is the device, `there` the wish; `None` where a side does not know it."""

    register: Register
    here: Value | None
    there: Value | None
    raw_here: str = ""
    raw_there: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What would be written, in the order of writing; or how two images differ, in that of the table.

    `steps` counts the registers of the device.
    """

    track: str
    rows: tuple[ReviewRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    steps: int = 0
    digest: str = ""  # of the device's image that this was judged by
    device: Device = Device()
    other: Device = Device()

    @property
    def ok(self) -> bool:
        """True when nothing stands against writing it."""
        return not any(problem.is_error for problem in self.problems)


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
class Backup:
    """An image that was kept. `reason`: `before-write`, `asked`. `counters` are lost when a board saves."""

    id: str
    track: str
    at_ms: int
    device: Device
    words: Words = ()
    reason: str = "asked"
    note: str = ""
    counters: tuple[tuple[str, int], ...] = ()

    @property
    def image(self) -> Image:
        """Register number to bytes."""
        return {number: bytes.fromhex(text) for number, text in self.words}


@dataclass(frozen=True, slots=True)
class PresetInfo:
    """A set of values by name. `cells` and `current_a` of a board; 0 where it does not say."""

    name: str
    family: str
    cells: int = 0
    current_a: float = 0.0
    registers: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be saved by whoever asked for it."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeLogEntry:
    """One register that was written, or one command. Old and new are values in the unit of the register."""

    at_ms: int
    track: str
    who: str
    screen: str
    key: str  # of the parameter; of a command its name
    number: int | None
    old: str
    new: str
    result: str  # "written", "refused", "undone", "differs", "unknown", "obeyed"
    plan: str = ""
    cause: Cause | None = None


# What a screen may ask. `screen` names it, `who` the person; the log keeps both.


@dataclass(frozen=True, slots=True)
class ReadRegisters:
    """All parameters of a track: as last read, or `fresh` from the device. Answer: `registers`.

    `password` of a JBD board, six digits, only when it asked for one; never kept, never shown.
    """

    track: str
    fresh: bool = False
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CheckChanges:
    """What would be written, without writing it. Answer: `review`. `source` first, then `changes` on top.

    `accept_other`: the source may be of another model or firmware.
    """

    track: str
    changes: tuple[Change, ...] = ()
    source: Source | None = None
    accept_other: bool = False


@dataclass(frozen=True, slots=True)
class WriteRegisters:
    """Write what was reviewed; `digest` is the review's. Answers at once: the plan is seen in the fleet.

    `password` as in `ReadRegisters`.
    """

    track: str
    changes: tuple[Change, ...] = ()
    source: Source | None = None
    accept_other: bool = False
    digest: str = ""
    who: str = ""
    screen: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """Finish an interrupted plan."""

    track: str
    who: str = ""
    screen: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """Take an interrupted plan back to what was before it."""

    track: str
    who: str = ""
    screen: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """Leave the device as it is and forget the interrupted plan. The log keeps which registers are which."""

    track: str
    who: str = ""
    screen: str = ""


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of a track, newest first; without `words` unless one `id` is asked. Answer: `backups`."""

    track: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class TakeBackup:
    """Read everything and keep it. Answer: `backups` with the new one. `password` as in `ReadRegisters`."""

    track: str
    note: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CompareRegisters:
    """How the device differs from another image. Answer: `review`; nothing is refused, only told."""

    track: str
    source: Source


@dataclass(frozen=True, slots=True)
class ExportRegisters:
    """The image as a file: `json`, or `fig` of the JBD desktop tools. Answer: `document`."""

    track: str
    form: str = "json"


@dataclass(frozen=True, slots=True)
class Presets:
    """The presets that fit a track. Answer: `presets`."""

    track: str


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """What was changed, newest first; of all tracks when `track` is empty. Answer: `log`."""

    track: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class TakeLease:
    """Begin to edit, or go on: it ends 60 s after the last one. Refused while another screen has it."""

    track: str
    screen: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class DropLease:
    """Stop editing."""

    track: str
    screen: str


@dataclass(frozen=True, slots=True)
class RunCommand:
    """One command, and the true state after it. Answer: `command`. `value` as the form says."""

    track: str
    name: str
    value: str = ""
    who: str = ""
    screen: str = ""
    password: str = field(default="", repr=False)


RegisterRequest = (
    ReadRegisters
    | CheckChanges
    | WriteRegisters
    | ResumePlan
    | UndoPlan
    | ForgetPlan
    | Backups
    | TakeBackup
    | CompareRegisters
    | ExportRegisters
    | Presets
    | ChangeLog
    | TakeLease
    | DropLease
    | RunCommand
)
REGISTER_REQUESTS = (
    *(ReadRegisters, CheckChanges, WriteRegisters, ResumePlan, UndoPlan, ForgetPlan, Backups, TakeBackup),
    *(CompareRegisters, ExportRegisters, Presets, ChangeLog, TakeLease, DropLease, RunCommand),
)
# What a viewer must not do; a door that knows roles refuses these.
CHANGING_REQUESTS = (
    *(WriteRegisters, ResumePlan, UndoPlan, ForgetPlan, TakeBackup, TakeLease, DropLease, RunCommand),
)

REGISTER_QUESTIONS = tuple(kind for kind in REGISTER_REQUESTS if kind not in CHANGING_REQUESTS)

WITH_PASSWORD = (ReadRegisters, WriteRegisters, ResumePlan, UndoPlan, TakeBackup, RunCommand)

T = TypeVar("T")


def without_secrets(request: T) -> T:
    """The same request without its password, to be written down."""
    if isinstance(request, WITH_PASSWORD) and request.password:
        return replace(request, password="")
    return request


@dataclass(frozen=True, slots=True)
class DeskChanged:
    """Something happened at a track's registers: progress of a plan, a lease, a command. Never dropped."""

    desk: Desk
