"""What goes over the socket between an engine and its screens: JSON text, one message each.

Engine to screen: hello, then fleet, then event, event, …; a new fleet replaces everything before it. An event
carries `n`, the version of the engine's fleet after it, so that a hole is noticed. Screen to engine: ask,
frames on or off. Both: ping and pong.
"""

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from tui.model.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertLogged,
    AlertRaised,
    AlertsSilenced,
    AlertsSwitched,
    EngineFound,
    EngineLost,
    Event,
    FleetStarted,
    LinkChanged,
    Noticed,
    PollingSwitched,
    RadioLooked,
    RecordingChanged,
    SampleRead,
    ScreensCounted,
    StorageChanged,
    TrafficCounted,
    TripsForeseen,
)
from tui.model.fleet import Fleet
from tui.model.frame import Frame
from tui.model.sample import Cells, Counters, Identity, Pack, Reading, UnitLog
from tui.model.write_plan import DeskChanged

WIRE = 4  # raise it with every change that an older end would misread

OPERATOR = "operator"  # may give commands
R = TypeVar("R")


class WireMismatch(Exception):  # noqa: N818 - a fact, not a failure
    """The other end speaks another version of the wire."""

    def __init__(self, theirs: int, version: str) -> None:
        super().__init__(f"wire {theirs} of packdeck {version}, here wire {WIRE}")
        self.theirs = theirs
        self.version = version


class WireBroken(Exception):  # noqa: N818
    """A message could not be read, or one is missing."""


class Hello(Struct, frozen=True, tag="hello"):
    """The engine's first message. These fields stay for ever, so that any version can tell the difference."""

    wire: int
    version: str
    role: str
    pid: int
    clock_s: float  # the engine's steady clock at the moment of sending
    time_ms: int


class WholeFleet(Struct, frozen=True, tag="fleet"):
    """Everything, after the event number `n`."""

    n: int
    fleet: Fleet


class Happened(Struct, frozen=True, tag="event"):
    """One event; `kind` tells how to read `event`. `n` is the version of the fleet after it."""

    n: int
    kind: str
    event: msgspec.Raw


class Ask(Struct, frozen=True, tag="ask"):
    """A request of a screen; `kind` tells how to read `request` (`wire_requests.py`)."""

    id: int
    kind: str
    request: msgspec.Raw


class Answered(Struct, frozen=True, tag="answer"):
    """How the request `id` went."""

    id: int
    answer: msgspec.Raw


class WatchFrames(Struct, frozen=True, tag="frames"):
    """Send raw traffic with a number above `after`, or stop sending it."""

    on: bool
    after: int = 0


class FrameBatch(Struct, frozen=True, tag="batch"):
    """Raw traffic, oldest first."""

    frames: tuple[Frame, ...]


class Ping(Struct, frozen=True, tag="ping"):
    """Are you there? `clock_s` is the sender's steady clock."""

    clock_s: float


class Pong(Struct, frozen=True, tag="pong"):
    """Yes."""

    clock_s: float


FromEngine = Hello | WholeFleet | Happened | Answered | FrameBatch | Ping | Pong
FromScreen = Ask | WatchFrames | Ping | Pong


class _Sample(Struct, Generic[R]):
    """SampleRead with the kind of its reading said from outside."""

    track: str
    at_s: float
    time_ms: int
    reading: R
    frame: int = 0


_EVENTS: dict[str, msgspec.json.Decoder[Any]] = {
    kind.__name__: msgspec.json.Decoder(kind)
    for kind in (
        FleetStarted,
        LinkChanged,
        TrafficCounted,
        AlertRaised,
        AlertCleared,
        AlertAcknowledged,
        AlertLogged,
        AlertsSilenced,
        AlertsSwitched,
        StorageChanged,
        TripsForeseen,
        PollingSwitched,
        RecordingChanged,
        RadioLooked,
        DeskChanged,
        Noticed,
        ScreensCounted,
        EngineLost,
        EngineFound,
    )
}
_READINGS: dict[str, msgspec.json.Decoder[Any]] = {
    f"{SampleRead.__name__}.{kind.__name__}": msgspec.json.Decoder(_Sample[kind])  # type: ignore[valid-type]
    for kind in (Pack, Cells, Identity, Counters, UnitLog)
}
_ENCODER = msgspec.json.Encoder()
_FROM_ENGINE: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine)
_FROM_SCREEN: msgspec.json.Decoder[FromScreen] = msgspec.json.Decoder(FromScreen)


def encode(message: FromEngine | FromScreen) -> str:
    """The text of a message."""
    return _ENCODER.encode(message).decode()


def read_from_engine(text: str | bytes) -> FromEngine:
    """A message that a screen received. WireBroken when it is none."""
    try:
        return _FROM_ENGINE.decode(text)
    except msgspec.DecodeError as error:
        raise WireBroken(str(error)) from error


def read_from_screen(text: str | bytes) -> FromScreen:
    """A message that an engine received. WireBroken when it is none."""
    try:
        return _FROM_SCREEN.decode(text)
    except msgspec.DecodeError as error:
        raise WireBroken(str(error)) from error


def happened(event: Event, n: int) -> Happened:
    """The message of an event, after which the fleet has version `n`."""
    kind = type(event).__name__
    if isinstance(event, SampleRead):
        kind = f"{kind}.{type(event.reading).__name__}"
    return Happened(n, kind, msgspec.Raw(_ENCODER.encode(event)))


def event_of(message: Happened) -> Event:
    """The event in a message. WireBroken when it cannot be read."""
    try:
        if found := _READINGS.get(message.kind):
            sample: _Sample[Reading] = found.decode(message.event)
            return SampleRead(sample.track, sample.at_s, sample.time_ms, sample.reading, sample.frame)
        event: Event = _EVENTS[message.kind].decode(message.event)
    except (KeyError, msgspec.DecodeError) as error:
        raise WireBroken(f"event {message.kind}: {error}") from error
    return event


def check(hello: Hello) -> None:
    """Raise WireMismatch when the other end speaks another version."""
    if hello.wire != WIRE:
        raise WireMismatch(hello.wire, hello.version)
