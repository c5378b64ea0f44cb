"""What somebody wishes of registers, and what stands against it."""

from dataclasses import dataclass, field
from enum import StrEnum

from tui.model.link import Cause
from tui.model.register import Device, Register, Value


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
