"""An engine made by hand, for the doors: what a test says happens, happens."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tui.api.server import Server
from tui.feed import wire, wire_requests
from tui.feed.door import Door
from tui.feed.remote import RemoteFeed
from tui.model.events import Event, FleetStarted, ScreensCounted
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Frame
from tui.model.requests import Answer, Request
from tui.model.track import Setup

Listener = Callable[[Event | None, Fleet], None]
PATIENCE_S = 60.0  # only a test that fails waits so long
SETUPS = (Setup("left", address="/dev/left"), Setup("right", address="/dev/right"))


def over_the_wire(answer: Answer) -> Answer:
    """An answer as it reaches a screen."""
    message = wire.read_from_engine(wire.encode(wire_requests.answered(answer, 3)))
    assert isinstance(message, wire.Answered) and message.id == 3
    return wire_requests.answer_of(message)


class HandEngine:
    """The engine's face towards the doors. Events are folded in the thread that tells them."""

    def __init__(self, setups: Sequence[Setup] = SETUPS, pid: int = 4711) -> None:
        self._lock = threading.RLock()
        self._fleet = fold(Fleet(), FleetStarted(tuple(setups), pid))
        self._listeners: list[Listener] = []
        self.asked: list[Request] = []
        self.answer = Answer(True)
        self.traffic: list[Frame] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def fleet(self) -> Fleet:
        return self._fleet

    def frames(self, after: int) -> Sequence[Frame]:
        return [frame for frame in self.traffic if frame.number > after]

    def ask(self, request: Request) -> Answer:
        assert self.may_answer.wait(PATIENCE_S)
        self.asked.append(request)
        return self.answer

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            listener(None, self._fleet)
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def count_screens(self, screens: int) -> None:
        self.tell(ScreensCounted(screens, 0))

    def tell(self, *events: Event) -> None:
        """These events happen now."""
        with self._lock:
            for event in events:
                self._fleet = fold(self._fleet, event)
                for listener in tuple(self._listeners):
                    listener(event, self._fleet)


@contextmanager
def open_door(engine: HandEngine, door: Door, **options: int) -> Iterator[Server]:
    """A server in front of an engine."""
    server = Server(engine, door, **options)  # type: ignore[arg-type]
    server.start()
    server.wait_open(PATIENCE_S)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def attached(door: Door, **options: object) -> Iterator[RemoteFeed]:
    """A screen's feed at that door."""
    feed = RemoteFeed(door, **options)  # type: ignore[arg-type]
    try:
        yield feed
    finally:
        feed.close()


def doors(folder: Path) -> list[Door]:
    """Both kinds of doors."""
    return [Door(folder / "e.sock", loopback=False), Door(folder / "e.door", loopback=True)]


def without_engine_link(fleet: Fleet) -> tuple[object, ...]:
    """What must be the same on both sides: everything but the version and the link itself."""
    return fleet.tracks, fleet.alerts, fleet.notes, fleet.polling, fleet.screens, fleet.dropped_events
