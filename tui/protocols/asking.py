"""What every protocol has in common that asks and waits for answers."""

from typing import Generic, TypeVar

from tui.protocols.framing import Assembler, Found
from tui.protocols.protocol import Outcome, Rejected

Question = TypeVar("Question")


class Asking:
    """The counters of the face `BatteryProtocol`; the protocol itself moves them."""

    def __init__(self) -> None:
        self._sent = self._unanswered = self._silent = 0

    @property
    def silent_cycles(self) -> int:
        """Poll cycles in a row without any valid answer."""
        return self._silent

    @property
    def requests_sent(self) -> int:
        """Requests handed out since the start."""
        return self._sent

    @property
    def requests_unanswered(self) -> int:
        """Requests whose time ran out, retries included."""
        return self._unanswered


class AskingOnLine(Asking, Generic[Question]):
    """On a stream of bytes, where one question is open at a time and `line` finds the frames."""

    def __init__(self, line: Assembler, poll_s: float) -> None:
        super().__init__()
        self._line, self._poll_s = line, poll_s
        self._now_s = 0.0
        self._open: Question | None = None
        self._pending: list[Outcome] = []  # told with the next bytes
        self.reset()

    @property
    def is_waiting(self) -> bool:
        """True while an answer may still come: nobody else should use the wire then."""
        return self._open is not None

    def reset(self) -> None:
        """The wire was opened anew: forget half frames and the open question."""
        self._pending += self._line.clear()
        self._open = None
        self._has_spoken, self._heard_in_cycle = False, True

    def feed(self, data: bytes) -> list[Outcome]:
        """Take received bytes in any cut; give what they complete. Never raises."""
        return self._used(self._line.feed(data))

    def line_went_quiet(self) -> list[Outcome]:
        """Nothing came for the idle time: resolve what an incomplete frame was holding up."""
        return self._used(self._line.line_went_quiet())

    def _used(self, results: list[Found | Rejected]) -> list[Outcome]:
        outcomes, self._pending = self._pending, []
        for result in results:
            outcomes += [result] if isinstance(result, Rejected) else self._heard(result.data)
        return outcomes

    def _heard(self, frame: bytes) -> list[Outcome]:
        """What a whole frame says."""
        raise NotImplementedError

    def _ask(self, question: Question, request: bytes) -> list[bytes]:
        """Send it: from now on this question is open, and nothing old may be taken for its answer."""
        self._pending += self._line.clear()
        self._open = question
        self._sent += 1
        return [request]

    def _begin_cycle(self) -> None:
        """Count the one before when nothing was heard in it."""
        if not self._heard_in_cycle:
            self._silent += 1
        self._heard_in_cycle = False
