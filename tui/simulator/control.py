"""The door to a simulation in another process: a Unix socket in the run-time directory, one question a line.

The lines are those of the wire between engine and screen (`feed/wire.py`): nothing is described twice.
"""

import contextlib
import logging
import os
import socket
import threading
from pathlib import Path

from tui.feed.wire import (
    Answered,
    Ask,
    WireBroken,
    encode,
    read_from_engine,
    read_from_screen,
)
from tui.feed.wire_requests import answer_of, answered, asked, request_of
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.simulation import SIMULATION_REQUESTS, SimulationRequest
from tui.simulator.pty import lives
from tui.simulator.simulation import Simulation
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

PATTERN = "sim-*.sock"
ANSWER_S = 5.0
LINE_MOST = 4_000_000
OWN_ONLY = 0o600


class Control:
    """Answers for one simulation until it is closed."""

    def __init__(self, simulation: Simulation, folder: Path) -> None:
        self.path = folder / f"sim-{os.getpid()}.sock"
        self._simulation = simulation
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Begin to answer. Where no such socket can be made, the simulation runs without."""
        if not hasattr(socket, "AF_UNIX"):
            return
        listener = socket.socket(socket.AF_UNIX)
        try:
            self.path.unlink(missing_ok=True)  # of a process with our number that is gone
            forget_dead(self.path.parent)
            listener.bind(str(self.path))
            self.path.chmod(OWN_ONLY)
            listener.listen(8)
        except OSError as error:
            log.warning("no door to the simulation at %s: %s", self.path, error)
            listener.close()
            return
        self._socket = listener
        threading.Thread(target=self._serve, args=(listener,), name="simulation door", daemon=True).start()

    def close(self) -> None:
        """Answer no more. Safe to call twice."""
        listener, self._socket = self._socket, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread; closing alone does not
            listener.close()
            self.path.unlink(missing_ok=True)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                talk, _ = listener.accept()
            except OSError:  # closed
                return
            talk.settimeout(ANSWER_S)
            try:
                with talk, talk.makefile("rwb") as lines:
                    while line := lines.readline(LINE_MOST):
                        lines.write(self._answer(line).encode() + b"\n")
                        lines.flush()
            except OSError as error:
                log.info("a visitor of the simulation left: %s", error)

    def _answer(self, line: bytes) -> str:
        try:
            message = read_from_screen(line)
            if not isinstance(message, Ask):
                raise WireBroken("no question")
            request = request_of(message)
        except WireBroken as error:
            cause = Cause("request-unknown", (("request", str(error)),))
            return encode(answered(Answer(False, cause), 0))
        if not isinstance(request, SIMULATION_REQUESTS):
            cause = Cause("request-unknown", (("request", type(request).__name__),))
            return encode(answered(Answer(False, cause), message.id))
        return encode(answered(self._simulation.ask(request), message.id))


def forget_dead(folder: Path) -> None:
    """Take away the doors of processes that were killed."""
    for path in folder.glob(PATTERN):
        number = path.stem.removeprefix("sim-")
        if number.isdecimal() and not lives(int(number)):
            path.unlink(missing_ok=True)


def running(folder: Path) -> dict[int, Path]:
    """The doors of simulations that live, by their process."""
    found: dict[int, Path] = {}
    for path in sorted(folder.glob(PATTERN)):
        number = path.stem.removeprefix("sim-")
        if number.isdecimal():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(ANSWER_S)
                probe.connect(str(path))
                found[int(number)] = path
    return found


def ask(path: Path, request: SimulationRequest) -> Answer:
    """One question to a simulation. WireError when it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(ANSWER_S)
            talk.connect(str(path))
            with talk.makefile("rwb") as lines:
                lines.write(encode(asked(request, 1)).encode() + b"\n")
                lines.flush()
                message = read_from_engine(lines.readline(LINE_MOST))
        if not isinstance(message, Answered):
            raise WireBroken("no answer")
        return answer_of(message)
    except (OSError, WireBroken) as error:
        why = (("pid", path.stem.removeprefix("sim-")), ("error", str(error) or type(error).__name__))
        raise WireError(Cause("sim-gone", why)) from None
