"""The face every battery language has. No I/O: bytes in, readings out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tui.model.frame import Trust
from tui.model.sample import Reading


@dataclass(frozen=True, slots=True)
class Refused:
    """The battery answered a request with an error status."""

    register: int
    status: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A valid answer arrived that carries no reading of its own (a write that was acknowledged)."""

    register: int


class Bad(StrEnum):
    """Why bytes were not used. Each is counted; nothing is dropped silently."""

    CHECKSUM = "checksum"
    GARBAGE = "garbage"  # bytes that belong to no frame; `count` is the number of bytes
    LATE = "late"  # valid answer to another question
    IMPLAUSIBLE = "implausible"  # valid frame, impossible content


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes or frames that did not become a reading."""

    why: Bad
    count: int = 1


Outcome = Reading | Refused | Answered | Rejected


@dataclass(frozen=True, slots=True)
class Explained:
    """What a frame means, for a person: `fields` are names and values with their units, as in the vectors."""

    key: str  # "351"; on a stream the register or command: "03", "1C"
    name: str = ""  # "basic", "cells", "limits": a word, in the protocol's own language
    fields: tuple[tuple[str, str], ...] = ()
    trust: Trust = Trust.UNKNOWN

    @property
    def text(self) -> str:
        """One line."""
        return "  ".join(f"{name} {value}" for name, value in self.fields)


class BatteryProtocol(Protocol):
    """One battery's language on one wire. Used by one thread. Times are seconds on a steady clock.

    A request that got no answer is repeated by the protocol itself (`requests_due` gives it again) until its
    tries are used up; then `silent_cycles` grows by one. A cycle that brings a reading sets it back to zero.
    """

    @property
    def silent_cycles(self) -> int:
        """Poll cycles in a row without any valid answer."""
        ...

    @property
    def requests_sent(self) -> int:
        """Requests handed out since the start."""
        ...

    @property
    def requests_unanswered(self) -> int:
        """Requests whose time ran out, retries included."""
        ...

    def requests_due(self, now_s: float) -> list[bytes]:
        """What must be sent now; usually empty or one request. Calling it counts as sending."""
        ...

    def next_due_s(self) -> float:
        """When `requests_due` should be asked again, on the same clock."""
        ...

    def feed(self, data: bytes) -> list[Outcome]:
        """Take received bytes in any cut; give what they complete. Never raises."""
        ...

    def line_went_quiet(self) -> list[Outcome]:
        """Nothing came for the idle time: resolve what an incomplete frame was holding up."""
        ...

    def reset(self) -> None:
        """The wire was opened anew: forget half frames and the open question, ask identity again."""
        ...
