"""One question and its answer on a wire that the worker has lent, and how a device can fail to answer."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from tui.model.link import Cause
from tui.model.register import Image
from tui.protocols.framing import Assembler, Found
from tui.protocols.parameters import Table

PIECE_S = 0.05  # longest single wait, so that a stopped engine is noticed

F = TypeVar("F")
Progress = Callable[[int, int], None]


class DeviceRefusedError(Exception):
    """The device answered: no. Carries the cause in words for every language."""

    def __init__(self, cause: Cause, status: int = 0) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause
        self.status = status


class DeviceSilentError(Exception):
    """No answer came in time."""

    cause = Cause("reg-no-answer")


class Line(Protocol):
    """A wire that belongs to one conversation for a while."""

    def send(self, data: bytes, *, secret: bool = False) -> None:
        """Send a request; a secret one is not kept among the frames. Raises WireError."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come. Raises WireError."""
        ...

    def now_s(self) -> float:
        """The steady clock."""
        ...

    def breathe(self) -> None:
        """Let the link ask what is due: a long conversation must not make its readings old."""
        ...


def wait(line: Line, seconds: float) -> None:
    """Let time pass; what comes meanwhile answers nothing and is dropped."""
    until_s = line.now_s() + seconds
    while (left_s := until_s - line.now_s()) > 0:
        line.read(min(left_s, PIECE_S))


def exchange(
    line: Line,
    assembler: Assembler,
    request: bytes,
    use: Callable[[bytes], F | None],
    *,
    answer_s: float,
    tries: int = 1,
    secret: bool = False,
) -> F:
    """Send, and give what `use` makes of the first frame it accepts. Raises DeviceSilentError.

    More than one try is only for requests that change nothing.
    """
    for _ in range(tries):
        assembler.clear()
        line.read(0.0)  # nothing old may be taken for the answer
        line.send(request, secret=secret)
        until_s = line.now_s() + answer_s
        while (left_s := until_s - line.now_s()) > 0:
            for result in assembler.feed(line.read(min(left_s, PIECE_S))):
                if isinstance(result, Found) and (used := use(result.data)) is not None:
                    return used
    raise DeviceSilentError


class Talk(Protocol):
    """What a plan needs of a device, whatever its language. Every method may raise DeviceSilentError,
    DeviceRefusedError, and WireError when the wire is gone."""

    table: Table

    def begin(self) -> None:
        """Make the parameters readable and writable."""
        ...

    def end(self, *, save: bool) -> None:
        """Leave that state; `save` makes what was written last over a restart."""
        ...

    def read_all(self, tell: Progress) -> tuple[Image, dict[int, Cause], dict[str, tuple[float, float]]]:
        """Every register; why some were not read; and what the device itself allows, by key."""
        ...

    def read(self, number: int) -> bytes:
        """One register, asked again when no answer comes."""
        ...

    def write(self, number: int, data: bytes) -> None:
        """One register, sent once and never again."""
        ...

    def read_back(self, number: int, wanted: bytes) -> bytes:
        """One register after its write; a device that stores slowly is given time to show `wanted`."""
        ...

    def counters(self) -> tuple[tuple[str, int], ...]:
        """What saving would set to zero."""
        ...

    @property
    def keeps_by_saving(self) -> bool:
        """True when written values are lost by a restart unless `end` saves them."""
        ...
