"""The engine on this machine: find it, or be it."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence

from tui.cli.refusal import FAILURE, Refusal, refuse
from tui.engine.lock import EngineLock, EngineRuns
from tui.feed.door import Door
from tui.host import paths
from tui.locale import say
from tui.model.link import Cause
from tui.model.settings import Config
from tui.model.track import Setup

log = logging.getLogger(__name__)

LEAVE_S = 4.5  # after this the process ends, whatever still hangs
BARE = Config(black_box_mb=0, history=None)  # of an engine for one question: it keeps nothing


def door_here() -> Door:
    """Of the engine to attach to: this user's own, else the one that runs as a service of the system.

    Raises Refusal when neither can be reached because this user may not.
    """
    own = door()
    if own.loopback or own.answers():
        return own
    try:
        service = paths.service_socket()
    except paths.PathError as error:
        raise refuse(error.cause) from error
    return own if service is None else Door(service, loopback=False)


def door() -> Door:
    """Where an engine of this user is reached. Raises Refusal when there can be none."""
    if not hasattr(socket, "AF_UNIX") or os.environ.get("PACKDECK_DOOR") == "loopback":
        return Door(paths.door_file(), loopback=True)
    try:
        return Door(paths.socket_path(), loopback=False)
    except paths.PathError as error:
        raise refuse(error.cause) from error


class OwnEngine:
    """The engine inside this process, with its lock and its door."""

    def __init__(
        self,
        setups: Sequence[Setup],
        *,
        config: Config = BARE,
        screens_here: int = 0,
    ) -> None:
        from tui.api.server import Server
        from tui.engine.alert_keeper import save_to
        from tui.engine.engine import Engine

        self._lock = EngineLock(paths.lock_path())
        simulated = bool(setups) and all(setup.simulated for setup in setups)
        self.engine = Engine(
            setups,
            black_box=paths.black_box_dir(simulated),
            black_box_bytes=config.black_box_mb << 20,
            database=paths.database_file(simulated),
            radio=config.radio,
            history=config.history,
            archives=paths.archives_dir(simulated),
            alerts=config.alerts,
            save_alert_setting=save_to(paths.config_file()),
            log_file=paths.log_file(),
        )
        self.server = Server(self.engine, door(), screens_here=screens_here)
        self._started = False

    def take(self) -> None:
        """Become the one engine of this machine. EngineRuns when another is; Refusal when it cannot be."""
        try:
            paths.make_runtime_dir()
            self._lock.take()
        except paths.PathError as error:
            raise refuse(error.cause) from error
        except OSError as error:
            args = (("path", str(paths.lock_path())), ("reason", error.strerror or str(error)))
            raise refuse(Cause("folder-unusable", args)) from error

    def start(self) -> None:
        """Start the links and open the door, without waiting for either."""
        self._started = True
        log.info("engine %d starts", os.getpid())
        self.engine.start()
        self.server.start()

    def stop(self) -> None:
        """Doors, links, lock, in this order. Safe to call twice."""
        if self._started:
            self.server.stop()
            self.engine.close()
            log.info("engine %d has ended", os.getpid())
        self._lock.release()


def runs_already(error: EngineRuns) -> Refusal:
    """The sentence for a second engine."""
    return Refusal(say("cli-engine-runs", pid=error.pid), FAILURE)


def end_within(exit_code: Callable[[], int], seconds: float = LEAVE_S) -> None:
    """From now on the process ends within so many seconds, even when a thread hangs."""

    def end() -> None:
        log.error("the end took too long: leaving at once")
        logging.shutdown()
        os._exit(exit_code())

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
