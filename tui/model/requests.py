"""What a screen may ask of an engine. Commands change something; questions do not."""

from dataclasses import dataclass, field
from typing import get_args

from tui.model.alert import AlertPage, AlertStatistics, Notified, Severity, Threshold, Way
from tui.model.device import ProbeReport
from tui.model.estimate import Laboratory
from tui.model.frame import FrameDetail, FrameView
from tui.model.history import (
    Chart,
    Energy,
    ExportDone,
    HeatChart,
    HistoryFile,
    HistoryQuestion,
    HistoryRequest,
    SamplePage,
    StorageFigures,
)
from tui.model.link import Cause
from tui.model.register import RegisterPage
from tui.model.register_archive import Backup, ChangeLogEntry, Document, PresetInfo
from tui.model.register_requests import REGISTER_QUESTIONS, RegisterRequest
from tui.model.register_review import Review
from tui.model.simulation import LookAtSimulation, SimulationRequest, SimulationState
from tui.model.system import LogPage, LookAtLog, LookAtSystem, SwitchDebug, SystemFigures
from tui.model.write_plan import CommandResult


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
class LookAtLaboratory:
    """What was worked out about one track: state of charge three ways, its cells, a forecast."""

    track: str


@dataclass(frozen=True, slots=True)
class ResetAdapter:
    """Switch the adapter off and on. Every link on it drops."""


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """Alerts that were, and those that are: newest first. Empty and `None` mean: all of them.

    `since_ms` and `until_ms` are Unix time of their beginning, the end not included.
    """

    limit: int = 50  # row S4-39
    offset: int = 0
    track: str = ""
    key: str = ""
    severity: Severity | None = None
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CountAlerts:
    """The statistics (row S4-40)."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit and switch; with `track`, as they hold for that track, its own ones included."""

    track: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    """Somebody has seen this alert, by its number; `None`: all active ones."""

    number: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class ClearAlerts:
    """Forget the history. What is active stays, and stays in it."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Change a limit or a switch, for one track or for all; a value of `None` takes the change back."""

    key: str
    value: int | None
    track: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class SilenceAlerts:
    """No bell and no notification for so many seconds; 0 ends the silence. Alerts stay visible."""

    seconds: float = 3600.0
    who: str = ""


@dataclass(frozen=True, slots=True)
class TestNotify:
    """Send a test by one way, or by each that is set up; waits for how it went, at most 15 s."""

    __test__ = False  # not a test case, whatever pytest thinks of its name

    way: Way | None = None


Request = (
    Reconnect
    | SwitchPolling
    | LookAtFrames
    | ExplainFrame
    | LookAtLaboratory
    | Record
    | Play
    | Scan
    | Pair
    | Unpair
    | ReconnectDevice
    | Lend
    | Probe
    | ResetAdapter
    | HistoryRequest
    | AlertHistory
    | CountAlerts
    | Thresholds
    | AcknowledgeAlert
    | ClearAlerts
    | SetThreshold
    | SilenceAlerts
    | TestNotify
    | RegisterRequest
    | SimulationRequest
    | LookAtSystem
    | LookAtLog
    | SwitchDebug
)

# They change nothing, and screens ask some of them several times a second: in no log and no recording.
QUESTIONS: tuple[type, ...] = (
    *(LookAtFrames, ExplainFrame, LookAtLaboratory, LookAtSimulation, AlertHistory, CountAlerts, Thresholds),
    *get_args(HistoryQuestion),
    *REGISTER_QUESTIONS,
    *(LookAtSystem, LookAtLog),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went. `cause` says why not; a question has its answer in the field of its kind."""

    ok: bool
    cause: Cause | None = None
    frames: FrameView | None = None
    frame: FrameDetail | None = None
    probe: ProbeReport | None = None
    registers: RegisterPage | None = None
    review: Review | None = None
    backups: tuple[Backup, ...] | None = None
    presets: tuple[PresetInfo, ...] | None = None
    document: Document | None = None
    log: tuple[ChangeLogEntry, ...] | None = None
    command: CommandResult | None = None
    chart: Chart | None = None
    samples: SamplePage | None = None
    energy: tuple[Energy, ...] | None = None
    heat: HeatChart | None = None
    files: tuple[HistoryFile, ...] | None = None
    export: ExportDone | None = None
    storage: StorageFigures | None = None
    laboratory: Laboratory | None = None
    alerts: AlertPage | None = None
    alert_statistics: AlertStatistics | None = None
    thresholds: tuple[Threshold, ...] | None = None
    notified: tuple[Notified, ...] | None = None
    count: int | None = None  # of how many it became true: acknowledged, deleted
    simulation: SimulationState | None = None
    system: SystemFigures | None = None
    log_page: LogPage | None = None
