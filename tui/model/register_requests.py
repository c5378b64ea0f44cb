"""What a screen may ask about registers. Some change something; the others are questions.

`screen` names the screen that asks, `who` the person; the log keeps both.
"""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from tui.model.register_review import Change, Source


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
