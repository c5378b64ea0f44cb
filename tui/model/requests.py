"""What a screen may ask of an engine. Commands change something; questions do not."""

from dataclasses import dataclass, field

from tui.model.device import ProbeReport
from tui.model.frame import FrameDetail, FrameView
from tui.model.link import Cause


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Try this track's link now, whatever the plan says; clears `tap`."""

    track: str


@dataclass(frozen=True, slots=True)
class SwitchPolling:
    """Pause or resume asking the batteries, for every screen."""

    on: bool


@dataclass(frozen=True, slots=True)
class LookAtFrames:
    """The traffic of one wire: figures, one entry per key, and the newest `rows` frames.

    `only` is a filter as a person types it: `351`, `0x35A`, `370-382`, `name~limit`, `!305`, `rx`, `tx`,
    `err`, or any text; words are joined by "and". `before` asks for older rows than that number.
    """

    track: str
    only: str = ""
    rows: int = 40
    window_s: int = 60
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ExplainFrame:
    """One frame in full."""

    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """Write every frame and every decoded value to this file from now on; an empty path stops."""

    path: str


@dataclass(frozen=True, slots=True)
class Play:
    """Only a recording being replayed obeys this. What is `None` stays as it is."""

    paused: bool | None = None
    speed: float | None = None
    at_s: float | None = None  # seconds from the beginning of the recording
    step: int = 0  # so many events further, or back


@dataclass(frozen=True, slots=True)
class Scan:
    """Look for devices for so many seconds; 0 stops."""

    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Make a device ours, and perhaps the battery of a track. `secret` opens locked ones; never shown."""

    address: str
    track: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Unpair:
    """Forget a device; its track keeps its configuration."""

    address: str


@dataclass(frozen=True, slots=True)
class ReconnectDevice:
    """Try this device now; the only thing, with `Pair`, that clears `requires_tap` (row X-9)."""

    address: str


@dataclass(frozen=True, slots=True)
class Lend:
    """Let go of a device for so many seconds, so that a phone can have it; 0 takes it back."""

    address: str
    seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Probe:
    """Connect once, list the services, read once, and tell how long everything took."""

    address: str


@dataclass(frozen=True, slots=True)
class ResetAdapter:
    """Switch the adapter off and on. Every link on it drops."""


Request = (
    Reconnect
    | SwitchPolling
    | LookAtFrames
    | ExplainFrame
    | Record
    | Play
    | Scan
    | Pair
    | Unpair
    | ReconnectDevice
    | Lend
    | Probe
    | ResetAdapter
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went. `cause` says why not; a question has its answer in the field of its kind."""

    ok: bool
    cause: Cause | None = None
    frames: FrameView | None = None
    frame: FrameDetail | None = None
    probe: ProbeReport | None = None
