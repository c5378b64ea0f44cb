"""What happened. Past tense; the only thing that changes a fleet."""

from dataclasses import dataclass

from tui.model.alert import Alert, Trip
from tui.model.device import Radio
from tui.model.link import Cause, Link, Traffic
from tui.model.sample import Reading
from tui.model.track import Setup
from tui.model.write_plan import DeskChanged


@dataclass(frozen=True, slots=True)
class FleetStarted:
    """The engine knows which tracks there are."""

    setups: tuple[Setup, ...]
    pid: int
    wires: tuple[str, ...] = ()  # wires without a battery: of plug-ins that make frames


@dataclass(frozen=True, slots=True)
class SampleRead:
    """A battery said something. May be dropped on the way when newer ones wait."""

    track: str
    at_s: float
    time_ms: int
    reading: Reading
    frame: int = 0  # number of the frame that completed it


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A link went from one phase to another, or its cause or next attempt changed. Never dropped."""

    track: str
    at_s: float
    time_ms: int
    link: Link


@dataclass(frozen=True, slots=True)
class TrafficCounted:
    """The counters of a wire moved. May be dropped."""

    track: str
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """A condition began."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertCleared:
    """A condition ended."""

    alert: Alert
    time_ms: int


@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """Somebody has seen an alert. It stays as long as its condition."""

    alert: Alert  # with who and when


@dataclass(frozen=True, slots=True)
class AlertLogged:
    """Something without a duration: it goes into the history and is never active."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertsSilenced:
    """No bell and no notification until then; 0: from now on again."""

    until_ms: int
    who: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class AlertsSwitched:
    """Of these tracks, by name, nothing is judged from now on: somebody switched their alerts off."""

    off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StorageChanged:
    """What was measured is written (True), waits or is lost (False), or nothing is kept at all (`None`)."""

    is_written: bool | None


@dataclass(frozen=True, slots=True)
class TripsForeseen:
    """Which limits a track will reach within the hour at this rate, soonest first. May be dropped."""

    track: str
    trips: tuple[Trip, ...]


@dataclass(frozen=True, slots=True)
class PollingSwitched:
    """Somebody paused or resumed asking the batteries."""

    on: bool
    time_ms: int


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """Somebody records into this file from now on; an empty path: nobody."""

    path: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class RadioLooked:
    """The radio as it is now, with everything it has seen. May be dropped: the next one has it all."""

    radio: Radio


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something worth a line among the events. `key` names the sentence `note-<key>`."""

    time_ms: int
    track: str
    key: str
    args: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ScreensCounted:
    """A screen came or went, or events were dropped on the bus."""

    screens: int
    dropped_events: int


@dataclass(frozen=True, slots=True)
class EngineLost:
    """A screen lost its engine. Folded only on the screen's side. Times: the screen's steady clock."""

    at_s: float
    retry_at_s: float
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class EngineFound:
    """A screen has its engine (again). Folded only on the screen's side."""

    pid: int
    offset_s: float


Event = (
    FleetStarted
    | SampleRead
    | LinkChanged
    | TrafficCounted
    | AlertRaised
    | AlertCleared
    | AlertAcknowledged
    | AlertLogged
    | AlertsSilenced
    | AlertsSwitched
    | StorageChanged
    | TripsForeseen
    | PollingSwitched
    | RecordingChanged
    | RadioLooked
    | DeskChanged
    | Noticed
    | ScreensCounted
    | EngineLost
    | EngineFound
)
