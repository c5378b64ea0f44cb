"""Stand-ins with the faces of the real parts. No waiting: their clock moves when somebody waits."""

import threading
from collections.abc import Callable, Sequence

from tui.model.fleet import Fleet
from tui.model.frame import Frame
from tui.model.link import Cause
from tui.model.requests import Answer, Request
from tui.model.sample import Cells, Pack
from tui.protocols.protocol import Answered, Bad, Outcome, Refused, Rejected
from tui.transports.transport import WireError

PATIENCE_S = 30.0  # for what is to happen: far longer than a busy machine takes


class FakeClock:
    """A clock that stands still until told otherwise."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


class FakeWake:
    """An event whose waiting moves a fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._set = False

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set and timeout:
            self._clock.advance(timeout)
        return self._set


class FakeTransport:
    """A wire whose other end is the function `answer`: it gets what was written and gives what comes back.

    With a `clock`, a read without data moves the clock by its timeout; without one it really waits.
    `cannot_open` and `breaks` are raised by the next open or read for as long as they are set. `present` is
    what `presence` tells.
    """

    def __init__(
        self, answer: Callable[[bytes], bytes] = lambda request: b"", clock: FakeClock | None = None
    ) -> None:
        self.answer = answer
        self.cannot_open: Exception | None = None
        self.breaks: Exception | None = None
        self.present: str | None = "there"
        self.written: list[bytes] = []
        self.opens = 0
        self.is_open = False
        self._clock = clock
        self._inbox = bytearray()
        self._changed = threading.Condition()

    def open(self) -> None:
        if self.cannot_open:
            raise self.cannot_open
        self.opens += 1
        self.is_open = True
        self._inbox.clear()

    def read(self, timeout_s: float) -> bytes:
        with self._changed:
            if self.breaks:
                raise self.breaks
            if not self._inbox and self.is_open:
                self._pass(timeout_s)
            data = bytes(self._inbox)
            self._inbox.clear()
            return data

    def _pass(self, timeout_s: float) -> None:
        if self._clock:
            self._clock.advance(timeout_s)
        else:
            self._changed.wait(timeout_s)

    def write(self, data: bytes) -> None:
        if self.breaks:
            raise self.breaks
        self.written.append(data)
        self.arrive(self.answer(data))

    def arrive(self, data: bytes) -> None:
        """Bytes come from the other end."""
        with self._changed:
            self._inbox += data
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self.is_open = False
            self._changed.notify()

    def presence(self) -> str | None:
        return self.present


def wire_error(key: str) -> WireError:
    """The error of a wire with that cause."""
    return WireError(Cause(key))


class FakeProtocol:
    """A tiny language: `?` asks; `p13.2;` is a pack, `c3300,3310;` cells, `r;` refuses, `i;` is implausible,
    `l;` is late, `a;` acknowledges, anything else is garbage. One second per try, two tries per poll."""

    TRIES = 2
    TRY_S = 1.0

    def __init__(self, poll_s: float = 2.0) -> None:
        self.poll_s = poll_s
        self.silent_cycles = 0
        self.requests_sent = 0
        self.requests_unanswered = 0
        self.resets = 0
        self._buffer = b""
        self._next_s = float("-inf")
        self._asked_s: float | None = None
        self._tries = 0

    def requests_due(self, now_s: float) -> list[bytes]:
        if now_s < self._next_s:
            return []
        if self._asked_s is not None:
            self.requests_unanswered += 1
            if self._tries >= self.TRIES:
                self.silent_cycles += 1
                self._tries = 0
        self._asked_s = now_s
        self._tries += 1
        self.requests_sent += 1
        self._next_s = now_s + (self.TRY_S if self._tries < self.TRIES else self.poll_s)
        return [b"?"]

    def next_due_s(self) -> float:
        return self._next_s

    def feed(self, data: bytes) -> list[Outcome]:
        *whole, self._buffer = (self._buffer + data).split(b";")
        return [self._read(word.decode("latin-1")) for word in whole]

    def _read(self, word: str) -> Outcome:
        outcome = _WORDS[word[:1]](word[1:]) if word[:1] in _WORDS else Rejected(Bad.GARBAGE, len(word) + 1)
        if not isinstance(outcome, Rejected):
            if self._asked_s is not None:
                self._next_s = self._asked_s + self.poll_s
            self._asked_s, self._tries, self.silent_cycles = None, 0, 0
        return outcome

    def line_went_quiet(self) -> list[Outcome]:
        held, self._buffer = self._buffer, b""
        return [Rejected(Bad.GARBAGE, len(held))] if held else []

    def reset(self) -> None:
        self.resets += 1
        self._buffer, self._asked_s, self._tries = b"", None, 0
        self._next_s = float("-inf")


_WORDS: dict[str, Callable[[str], Outcome]] = {
    "p": lambda rest: Pack(pack_v=float(rest or "13.2"), current_a=1.0, soc_pct=80.0, cell_count=4),
    "c": lambda rest: Cells(tuple(int(mv) for mv in rest.split(","))),
    "r": lambda rest: Refused(3, 0x80),
    "a": lambda rest: Answered(3),
    "i": lambda rest: Rejected(Bad.IMPLAUSIBLE),
    "l": lambda rest: Rejected(Bad.LATE),
    "k": lambda rest: Rejected(Bad.CHECKSUM),
}


class FakeFeed:
    """A feed for screens: shows `value`, notes what it is asked, answers with `answer`."""

    def __init__(self, fleet: Fleet | None = None, now: float = 1000.0) -> None:
        self.value = fleet or Fleet()
        self.now = now
        self.asked: list[Request] = []
        self.answer = Answer(True)
        self.traffic: list[Frame] = []
        self.closed = False

    def clock(self) -> float:
        """The steady clock to give to a screen beside this feed."""
        return self.now

    def fleet(self) -> Fleet:
        return self.value

    def frames(self, after: int) -> Sequence[Frame]:
        return [frame for frame in self.traffic if frame.number > after]

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer

    def close(self) -> None:
        self.closed = True


def wait_until(true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait for something that happens in another thread; fail when it does not.

    Looks are counted, not time: who gets no processor for a while has not waited.
    """
    moment = threading.Event()
    for _ in range(int(seconds * 100)):
        if true():
            return
        moment.wait(0.01)
    raise AssertionError(f"did not happen within {seconds} s")
