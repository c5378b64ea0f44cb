"""Batteries of other makes, as the library aiobmsble tells of them: one line of JSON for each answer.

The language between this program and the library, not that of a battery: what goes over the radio is known
to the library alone. Only reading exists.
"""

from tui.model.sample import Identity
from tui.protocols import other_bms_record as records
from tui.protocols.asking import Asking
from tui.protocols.protocol import Answered, Bad, Outcome, Rejected

VALUES = b'{"ask":"values"}\n'
IDENTITY = b'{"ask":"identity"}\n'
ANSWER_S = 30.0  # the wire itself gives an update up after 25 s
LONGEST = 65_536  # bytes of one record; sixteen packs with all their cells take 8 kB
NO_ANSWER = "TimeoutError"  # how the library says that the battery kept silent


class OtherBmsProtocol(Asking):
    """One battery. Asks for its values every `poll_s`, and once who it is, after the first values."""

    def __init__(self, poll_s: float = 2.0) -> None:
        self._poll_s = poll_s
        super().__init__()
        self._half = b""
        self._pending: list[Outcome] = []
        self.reset()

    def reset(self) -> None:
        """The wire was opened anew: forget half records and the open question, ask identity again."""
        self._pending += self.line_went_quiet()
        self._open: bytes | None = None
        self._sent_at_s = self._due_at_s = float("-inf")
        self._knows_who = self._has_spoken = False

    def requests_due(self, now_s: float) -> list[bytes]:
        """The next request, when it is time for one. Calling it counts as sending."""
        if now_s < self.next_due_s():
            return []
        if self._open is not None:
            self._gave_none()
        if self._has_spoken and not self._knows_who:
            self._knows_who = True  # asked once; a make that cannot say is not asked again
            self._open = IDENTITY
        else:
            self._due_at_s = now_s + self._poll_s
            self._open = VALUES
        self._sent += 1
        self._sent_at_s = now_s
        return [self._open]

    def next_due_s(self) -> float:
        """When `requests_due` should be asked again."""
        if self._open is not None:
            return self._sent_at_s + ANSWER_S
        if self._has_spoken and not self._knows_who:
            return self._sent_at_s
        return self._due_at_s

    def feed(self, data: bytes) -> list[Outcome]:
        """Take received bytes in any cut; give what they complete. Never raises."""
        outcomes, self._pending = self._pending, []
        *lines, self._half = (self._half + data).split(b"\n")
        for line in lines:
            outcomes += self._heard(line)
        if len(self._half) > LONGEST:
            outcomes += self.line_went_quiet()
        return outcomes

    def line_went_quiet(self) -> list[Outcome]:
        """Records come whole: what is left of one is garbage."""
        half, self._half = self._half, b""
        return [Rejected(Bad.GARBAGE, len(half))] if half else []

    def _heard(self, line: bytes) -> list[Outcome]:
        record = records.parse(line)
        if record is None:
            is_ours = line.startswith(b'{"make":')
            self._open = None if is_ours else self._open
            return [Rejected(Bad.IMPLAUSIBLE) if is_ours else Rejected(Bad.GARBAGE, len(line) + 1)]
        if self._open is None:
            return [Rejected(Bad.LATE)]
        if record.error is not None:
            return self._failed(record.error)
        if record.values is not None and self._open == VALUES:
            return self._values(record.values)
        if record.identity is not None and self._open == IDENTITY:
            self._open = None
            who = records.identity(record.identity)
            return [Answered(0)] if who == Identity() else [who]
        return [Rejected(Bad.LATE)]

    def _values(self, values: records.Values) -> list[Outcome]:
        self._open = None
        found = records.readings(values)
        if not found:
            return [Answered(0)]
        self._silent, self._has_spoken = 0, True
        return [*found]

    def _failed(self, error: str) -> list[Outcome]:
        """The library gave no values: nothing came, or it could not be true."""
        if error.partition(":")[0] == NO_ANSWER:
            self._gave_none()
            return []
        self._open = None
        return [Rejected(Bad.IMPLAUSIBLE)]

    def _gave_none(self) -> None:
        self._unanswered += 1
        self._silent += self._open == VALUES
        self._open = None
