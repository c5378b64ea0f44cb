"""A protocol and a unit that talk, on a clock that jumps to whatever is due next. For the tests here."""

from typing import Generic, Self, TypeVar

from tui.protocols.protocol import BatteryProtocol, Outcome

Asked = TypeVar("Asked")
T = TypeVar("T")


class Conversation(Generic[Asked]):
    """What is `sent`, when, and what comes of it. A kind of unit says what its requests are and answers."""

    protocol: BatteryProtocol

    def __init__(self, answers_after_s: float, piece: int = 0) -> None:
        self.answers_after_s, self.piece = answers_after_s, piece
        self.now_s = 500.0
        self.sent: list[tuple[float, Asked]] = []
        self.outcomes: list[Outcome] = []

    def meant(self, request: bytes) -> Asked:
        """What a request asks for."""
        raise NotImplementedError

    def answer(self, request: bytes) -> bytes:
        """What the unit says; empty when it is silent."""
        raise NotImplementedError

    @property
    def asked(self) -> list[Asked]:
        return [asked for _, asked in self.sent]

    def turn(self) -> None:
        """What a worker does: wait until something is due, send it, wait for the answer, give it."""
        self.now_s = max(self.now_s, self.protocol.next_due_s())
        requests = self.protocol.requests_due(self.now_s)
        assert len(requests) <= 1
        for request in requests:
            self.sent.append((self.now_s, self.meant(request)))
            answer = self.answer(request)
            if answer:
                self.now_s += self.answers_after_s
                size = self.piece or len(answer)
                for at in range(0, len(answer), size):
                    self.outcomes += self.protocol.feed(answer[at : at + size])

    def until(self, requests: int) -> Self:
        while len(self.sent) < requests:
            self.turn()
        return self

    def pass_s(self, seconds: float) -> Self:
        end_s = self.now_s + seconds
        while max(self.now_s, self.protocol.next_due_s()) <= end_s:
            self.turn()
        return self

    def said(self, kind: type[T]) -> list[T]:
        return [o for o in self.outcomes if isinstance(o, kind)]

    def times(self, what: Asked) -> list[float]:
        return [at_s for at_s, asked in self.sent if asked == what]
