"""A wire lent for one conversation: everything on it is still kept among the frames."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.engine.register_line import Line
from tui.model.link import Cause
from tui.transports.transport import Transport, WireError

Job = Callable[[Line], None]


@dataclass(frozen=True, slots=True)
class LentLine:
    """What a job gets of the worker's wire. Used in the link's thread."""

    wire: Transport
    note_sent: Callable[[bytes], None]
    note_heard: Callable[[bytes], None]
    clock: Callable[[], float]
    is_stopping: Callable[[], bool]
    poll: Callable[[], None] = lambda: None

    def send(self, data: bytes, *, secret: bool = False) -> None:
        """Send a request; a secret one is not kept among the frames. Raises WireError."""
        self._go_on()
        if not secret:
            self.note_sent(data)
        self.wire.write(data)

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come. Raises WireError, also when the engine is being stopped."""
        self._go_on()
        data = self.wire.read(timeout_s)
        if data:
            self.note_heard(data)
        return data

    def now_s(self) -> float:
        """The steady clock."""
        return self.clock()

    def breathe(self) -> None:
        """Let the link ask what is due. Raises WireError."""
        self._go_on()
        self.poll()

    def _go_on(self) -> None:
        if self.is_stopping():
            raise WireError(Cause("engine-closed"))
