"""What the System place knows: the newest answer to each of its two questions, and which is due."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.system import LogPage, LookAtLog, SystemFigures

AGAIN_S = 2.0
LOG_AGAIN_S = 1.0
NEVER = float("-inf")

Value = TypeVar("Value")


@dataclass(slots=True)
class Known(Generic[Value]):
    """One answer. Times on the steady clock of this process."""

    value: Value | None = None
    got_s: float = 0.0
    cause: Cause | None = None  # why there is no newer one
    asked_s: float = NEVER
    in_flight: bool = False
    again: bool = False  # ask anew as soon as this one is answered

    def is_due(self, now_s: float, again_s: float) -> bool:
        """True when it must be asked now. A clock that was set back is no reason to wait."""
        return not self.in_flight and (self.again or abs(now_s - self.asked_s) >= again_s)

    def asks(self, now_s: float) -> None:
        """The question goes out."""
        self.in_flight, self.again, self.asked_s = True, False, now_s

    def take(self, value: Value | None, answer: Answer, now_s: float) -> None:
        """Keep a good answer; of a bad one only the cause."""
        self.in_flight = False
        if answer.ok and value is not None:
            self.value, self.got_s, self.cause = value, now_s, None
        else:
            self.cause = answer.cause or Cause("engine-silent")


@dataclass(slots=True)
class LogWish:
    """Which entries are wanted, and which of them is chosen."""

    kinds: tuple[str, ...] = ()
    only: str = ""
    mark: int = -1  # the kind that a key switches; -1: all of them
    at: int | None = None  # chosen entry; the list stands still
    top: int = 0

    def question(self) -> LookAtLog:
        """As the engine is asked."""
        return LookAtLog(self.kinds, self.only)

    def switch(self, kind: str) -> None:
        """One kind on or off; nothing: all of them."""
        others = tuple(one for one in self.kinds if one != kind)
        self.kinds = () if not kind else others if len(others) < len(self.kinds) else (*self.kinds, kind)
        self.follow()

    def follow(self) -> None:
        """Let go of the chosen entry."""
        self.at, self.top = None, 0


@dataclass(slots=True)
class Answers:
    """Both questions."""

    system: Known[SystemFigures] = field(default_factory=Known)
    log: Known[LogPage] = field(default_factory=Known)
    shown: LookAtLog | None = None  # the question that the page on show answers
