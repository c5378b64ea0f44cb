"""What a screen may ask of an engine. Commands change something; questions do not."""

from dataclasses import dataclass

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


Request = Reconnect | SwitchPolling | LookAtFrames | ExplainFrame | Record | Play


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went. `cause` says why not; a question has its answer in the field of its kind."""

    ok: bool
    cause: Cause | None = None
    frames: FrameView | None = None
    frame: FrameDetail | None = None
