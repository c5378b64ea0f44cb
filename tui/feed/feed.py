"""All that a screen knows of the engine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:  # a screen that asks nothing yet loads no questions
    from tui.model.fleet import Fleet
    from tui.model.frame import Frame
    from tui.model.requests import Answer, Request


class Feed(Protocol):
    """The window between an engine and a screen. An engine is one; a socket to an engine is another."""

    def fleet(self) -> "Fleet":
        """The newest state. Never waits."""
        ...

    def frames(self, after: int) -> "Sequence[Frame]":
        """Raw traffic with a number above `after`, oldest first, as far as it is still kept. Never waits."""
        ...

    def ask(self, request: "Request") -> "Answer":
        """Ask for something and wait for the answer: call it from a short worker, never from the screen."""
        ...

    def close(self) -> None:
        """Let go. Safe to call twice."""
        ...


@runtime_checkable
class Player(Feed, Protocol):
    """A feed that plays a recording: it has a place in time, and obeys `Play`."""

    @property
    def position_s(self) -> float:
        """Seconds from the beginning."""
        ...

    @property
    def length_s(self) -> float:
        """Seconds of the whole recording."""
        ...

    @property
    def speed(self) -> float:
        """Recorded seconds per second."""
        ...

    @property
    def paused(self) -> bool:
        """True while the time stands still."""
        ...

    def clock(self) -> float:
        """The recorded steady clock, in seconds."""
        ...

    def wall(self) -> float:
        """Recorded Unix time, in seconds."""
        ...
