"""A feed over a socket: same face, same fold, comes back by itself."""

import contextlib
import itertools
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui import __version__
from tui.feed.door import PATH, Door
from tui.model.events import EngineFound, EngineLost
from tui.model.fleet import EngineLink, Fleet
from tui.model.fold import fold
from tui.model.frame import Frame
from tui.model.link import Cause

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from tui.feed import wire
    from tui.model.requests import Answer, Request

log = logging.getLogger(__name__)

RETRY_S = 2.0
SOON_S = 0.25  # between the first tries: an engine that has just been started is opening its door
SOON_TRIES = 20
SILENCE_S = 8.0  # the engine pings every 2 s
OPEN_S = 5.0
ANSWER_S = 10.0
CLOSE_S = 1.0
FRAMES_KEPT = 2000
FRAMES_FORGOTTEN_S = 3.0  # nobody has asked for frames for so long: they are no longer sent
BETTER_OFFSET_S = 0.05
MAX_MESSAGE = 1 << 24


class RemoteFeed:
    """The fleet of an engine in another process.

    Its one thread, "feed", connects, folds what comes and publishes by one reference swap. When the engine is
    gone the last fleet stays, marked as lost, and the thread tries again for ever. The websocket library is
    loaded in that thread, so that a screen's first picture does not wait for it. What only reads for a moment
    says that it is no screen, and is not counted as one.
    """

    def __init__(
        self, door: Door, clock: Callable[[], float] = time.monotonic, *, is_screen: bool = True
    ) -> None:
        self._door, self._clock, self._is_screen = door, clock, is_screen
        self._fleet = Fleet(engine=EngineLink(attached=False, cause=Cause("engine-missing")))
        self._arrived = threading.Event()  # the first whole fleet, or a reason why there will be none
        self._soon = SOON_TRIES
        self._closing = threading.Event()
        self._connection: ClientConnection | None = None
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)
        self._answers: dict[int, deque[Answer]] = {}
        self._answered = threading.Condition()
        self._frames: deque[Frame] = deque(maxlen=FRAMES_KEPT)
        self._frames_asked_s: float | None = None
        self._frames_on = False
        self._n = 0
        self._retry_s = SOON_S
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the first whole fleet; True when it is there and its engine attached.

        Waits for an engine that is not there yet, but not for one that will not have us.
        """
        self._arrived.wait(timeout_s)
        return self._fleet.engine.attached

    def fleet(self) -> Fleet:
        """The newest state. Never waits."""
        return self._fleet

    def frames(self, after: int) -> Sequence[Frame]:
        """Raw traffic with a number above `after`. The first question makes the engine send it."""
        self._frames_asked_s = self._clock()
        if not self._frames_on:
            self._watch_frames(True)
        return [frame for frame in tuple(self._frames) if frame.number > after]

    def ask(self, request: "Request") -> "Answer":
        """Ask the engine and wait for its answer."""
        return self.ask_within(request, ANSWER_S)

    def ask_within(self, request: "Request", timeout_s: float) -> "Answer":
        """Ask the engine and wait so long for its answer. No answer is an answer: not ok, and why."""
        from tui.feed import wire_requests
        from tui.model.requests import Answer

        number = next(self._numbers)
        box: deque[Answer] = deque(maxlen=1)
        self._answers[number] = box
        try:
            if not self._send(wire_requests.asked(request, number)):
                return Answer(False, self._fleet.engine.cause or Cause("engine-missing"))
            with self._answered:
                self._answered.wait_for(lambda: box or not self._fleet.engine.attached, timeout_s)
        finally:
            self._answers.pop(number, None)
        return box[0] if box else Answer(False, Cause("engine-silent"))

    def close(self) -> None:
        """Let go. Safe to call twice."""
        self._closing.set()
        if connection := self._connection:
            with contextlib.suppress(OSError):  # gone already
                connection.socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_S)

    # --- the thread "feed" ---

    def _run(self) -> None:
        from tui.feed import wire

        while not self._closing.is_set():
            try:
                self._attend()
                cause = Cause("engine-missing")
            except wire.WireMismatch as error:
                args = (("theirs", error.version), ("their_wire", str(error.theirs)))
                cause = Cause("wire-differs", (*args, ("mine", __version__), ("my_wire", str(wire.WIRE))))
            except PermissionError:
                cause = Cause("engine-forbidden", (("path", str(self._door.path)),))
            except TimeoutError:
                cause = Cause("engine-silent")
            except (OSError, wire.WireBroken) as error:
                log.info("no engine: %s", error)
                cause = Cause("engine-missing")
            except Exception as error:
                log.exception("the feed failed")
                cause = Cause("engine-failed", (("error", f"{type(error).__name__}: {error}"),))
            if not self._closing.is_set():
                self._retry_s = SOON_S if self._soon else RETRY_S
                self._soon = max(0, self._soon - 1)
                self._lost(cause)
                self._closing.wait(self._retry_s)

    def _attend(self) -> None:
        """One connection, from its hello to its end."""
        from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
        from websockets.sync.client import connect

        from tui.feed import wire

        uri = f"ws://localhost{PATH}?wire={wire.WIRE}{'' if self._is_screen else '&reader=1'}"
        opening = connect(
            uri,
            sock=self._door.connect(),
            additional_headers=self._door.headers(),
            compression=None,
            proxy=None,
            open_timeout=OPEN_S,
            ping_interval=None,
            close_timeout=CLOSE_S,
            max_size=MAX_MESSAGE,
        )
        try:
            with opening as connection:
                self._connection = connection
                self._listen(connection)
        except ConnectionClosed as error:
            log.info("the engine has closed the connection: %s", error)
        except InvalidStatus as error:
            if error.response.status_code in (401, 403):
                raise PermissionError(str(error)) from error
            raise ConnectionError(str(error)) from error
        except WebSocketException as error:
            raise ConnectionError(str(error)) from error
        finally:
            self._connection = None
            self._frames_on = False

    def _listen(self, connection: "ClientConnection") -> None:
        from tui.feed import wire

        hello = wire.read_from_engine(connection.recv(SILENCE_S))
        if not isinstance(hello, wire.Hello):
            raise wire.WireBroken("no hello")
        wire.check(hello)
        found = EngineFound(hello.pid, hello.clock_s - self._clock())
        while not self._closing.is_set():
            message = wire.read_from_engine(connection.recv(SILENCE_S))
            if isinstance(message, wire.Ping):
                found = self._pinged(connection, message, found)
            else:
                self._take(message, found)
            self._forget_frames()

    def _take(self, message: "wire.FromEngine", found: EngineFound) -> None:
        from tui.feed import wire

        match message:
            case wire.Happened():
                if message.n != self._n + 1:
                    raise wire.WireBroken(f"event {message.n} after {self._n}")
                self._n = message.n
                self._fleet = fold(self._fleet, wire.event_of(message))
            case wire.WholeFleet():
                if self._fleet.engine.pid != found.pid:
                    self._frames.clear()  # another engine counts its frames anew
                self._n = message.n
                newer = max(message.fleet.version, self._fleet.version)
                self._fleet = fold(replace(message.fleet, version=newer), found)
                self._soon = 0
                self._arrived.set()
            case wire.Answered():
                from tui.feed import wire_requests

                if (box := self._answers.get(message.id)) is not None:
                    answer = wire_requests.answer_of(message)
                    with self._answered:
                        box.append(answer)
                        self._answered.notify_all()
            case wire.FrameBatch():
                self._frames.extend(message.frames)

    def _pinged(self, connection: "ClientConnection", ping: "wire.Ping", found: EngineFound) -> EngineFound:
        """Answer; and a message that was quicker on its way than the hello tells the time better."""
        from tui.feed import wire

        connection.send(wire.encode(wire.Pong(self._clock())))
        offset_s = ping.clock_s - self._clock()
        if offset_s > found.offset_s + BETTER_OFFSET_S:
            found = EngineFound(found.pid, offset_s)
            if self._fleet.engine.attached:
                self._fleet = fold(self._fleet, found)
        return found

    def _lost(self, cause: Cause) -> None:
        now_s = self._clock()
        self._fleet = fold(self._fleet, EngineLost(now_s, now_s + self._retry_s, cause))
        if cause.key != "engine-missing":
            self._arrived.set()
        with self._answered:
            self._answered.notify_all()

    # --- sending ---

    def _send(self, message: "wire.FromScreen") -> bool:
        from tui.feed import wire

        connection = self._connection
        if connection is None or not self._fleet.engine.attached:
            return False
        try:
            with self._sending:
                connection.send(wire.encode(message))
        except Exception as error:
            log.info("could not send: %s", error)
            return False
        return True

    def _watch_frames(self, on: bool) -> None:
        from tui.feed import wire

        after = self._frames[-1].number if self._frames else 0
        self._frames_on = self._send(wire.WatchFrames(on, after)) and on

    def _forget_frames(self) -> None:
        asked_s = self._frames_asked_s
        if self._frames_on and asked_s is not None and self._clock() - asked_s > FRAMES_FORGOTTEN_S:
            self._watch_frames(False)
