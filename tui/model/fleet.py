"""Everything a screen may show, as one frozen value."""

from dataclasses import dataclass
from enum import StrEnum

from tui.model.alert import Alert
from tui.model.device import Radio
from tui.model.link import Cause, Phase, State
from tui.model.track import Track
from tui.model.write_plan import Desk

NOTES_KEPT = 200  # row CL-27
DISK = "disk"


class Lamp(StrEnum):
    """State of one module in the header."""

    UNKNOWN = "unknown"  # not used here
    OK = "ok"
    CONNECTING = "connecting"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, newest first in the fleet. `key` names the sentence `note-<key>`."""

    time_ms: int
    track: str
    key: str
    args: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EngineLink:
    """How this copy of the fleet hangs on its engine. The engine's own copy says `attached`.

    `offset_s` is the engine's steady clock minus this process's, so that ages are right on any machine.
    """

    attached: bool = True
    lost_at_s: float | None = None  # this process's steady clock
    retry_at_s: float | None = None  # this process's steady clock
    pid: int = 0
    offset_s: float = 0.0
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """All tracks in the order of the configuration, and what is going on around them."""

    version: int = 0
    tracks: tuple[Track, ...] = ()
    wires: tuple[str, ...] = ()  # with frames and without a battery
    alerts: tuple[Alert, ...] = ()  # active ones, worst first
    silent_until_ms: int = 0  # Unix time; no bell and no notification until then
    alerts_off: tuple[str, ...] = ()  # tracks of which nothing is judged: no alert says nothing about them
    is_written: bool | None = None  # what is measured goes to the disk; `None`: nothing is kept, or not known
    notes: tuple[Note, ...] = ()  # newest first
    polling: bool = True
    screens: int = 0  # screens attached to the engine
    dropped_events: int = 0
    recording: str = ""  # the file in which everything is recorded now
    radio: Radio = Radio()
    desks: tuple[Desk, ...] = ()  # what goes on at the registers of each track
    engine: EngineLink = EngineLink()

    def track(self, name: str) -> Track | None:
        """The track of that name."""
        return next((t for t in self.tracks if t.name == name), None)

    def desk(self, track: str) -> Desk:
        """What goes on at the registers of that track."""
        return next((d for d in self.desks if d.track == track), Desk(track))

    def state(self, track: Track, now_s: float) -> State:
        """The word for a track: without its engine nothing is live, however new it looks."""
        state = track.state(now_s)
        if not self.engine.attached:
            return State.LOST
        return state

    @property
    def are_alerts_off(self) -> bool:
        """True when no track at all is judged."""
        return bool(self.alerts_off) and all(track.name in self.alerts_off for track in self.tracks)

    def lamp(self, transport: str, now_s: float) -> Lamp:
        """The lamp of one kind of wire: amber when only some of its tracks are live (row S0-30).

        `disk` is the lamp of the storage: on while it writes, amber when it cannot.
        """
        if transport == DISK:
            return self._disk_lamp()
        tracks = [t for t in self.tracks if t.setup.transport == transport]
        if not tracks:
            return Lamp.UNKNOWN
        states = [self.state(t, now_s) for t in tracks]
        if all(s is State.LIVE for s in states):
            return Lamp.OK
        if any(s is State.LIVE for s in states):
            return Lamp.WARNING
        if any(t.link.phase is Phase.CONNECTING for t in tracks) and self.engine.attached:
            return Lamp.CONNECTING
        return Lamp.ERROR

    def _disk_lamp(self) -> Lamp:
        if self.is_written is None or not self.engine.attached:
            return Lamp.UNKNOWN  # nothing is kept, or nobody is there to say so
        return Lamp.OK if self.is_written else Lamp.WARNING

    def live_count(self, now_s: float) -> int:
        """Tracks that are live now."""
        return sum(self.state(t, now_s) is State.LIVE for t in self.tracks)
