"""Something a person should look at: what holds now, what was, and the limits that decide."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from tui.model.link import Cause

ACTIVE_MAX = 32  # row CL-42
MOVING = ("trip-low", "trip-high")  # one condition, whichever cell it is that will be first
DECIMALS = {"V": 3, "mV": 0, "A": 1, "°C": 1, "%": 0, "s": 0, "min": 0}


class Severity(IntEnum):
    """Row CL-41."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2


class Status(IntEnum):
    """Row CL-41."""

    ACTIVE = 0
    ACKNOWLEDGED = 1
    CLEARED = 2


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition on one track. `key` names the sentence `alert-<key>`, `where` a cell or sensor.

    `value` and `limit` are in `unit`. Times ending in `_s` are the engine's steady clock, `_ms` Unix time.
    """

    track: str
    key: str
    severity: Severity
    where: int | None = None
    value: float | None = None
    limit: float | None = None
    since_s: float = 0.0
    since_ms: int = 0
    unit: str = "V"
    type: int = 0  # number of the rule (row CL-40); 0: not known
    name: str = ""  # its name, such as CELL_IMBALANCE (row X-6)
    number: int = 0  # of this occurrence, for ever; 0: not kept yet
    worst: float | None = None  # the value farthest beyond its limit so far
    frame: int = 0  # number of the frame that it was seen in; 0: not known
    is_device_limit: bool = False  # the limit was read from the battery
    ended_ms: int | None = None  # the condition is over since; it stays listed until it is quiet or seen
    acknowledged_by: str = ""
    acknowledged_ms: int | None = None

    @property
    def id(self) -> tuple[str, str, int | None]:
        """What makes two alerts the same condition."""
        return self.track, self.key, None if self.key in MOVING else self.where

    @property
    def status(self) -> Status:
        """Active or acknowledged: what is cleared is a record."""
        return Status.ACTIVE if self.acknowledged_ms is None else Status.ACKNOWLEDGED

    @property
    def told_value(self) -> float | None:
        """The value that a sentence names: once it is over the worst one, as the last is inside its limit."""
        return self.value if self.ended_ms is None or self.worst is None else self.worst

    def args(self, decimal_mark: str = ".") -> dict[str, str]:
        """What fills the sentence `alert-<key>`: cell, where, value, limit, worst; `--` when unknown."""

        def shown(value: float | None) -> str:
            if value is None:
                return "--"
            return f"{value:.{DECIMALS.get(self.unit, 1)}f}".replace(".", decimal_mark)

        where = "" if self.where is None else str(self.where)
        numbers = {"value": self.told_value, "limit": self.limit, "worst": self.worst}
        return {"cell": where, "where": where, **{k: shown(v) for k, v in numbers.items()}}


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert as it is kept. `clip` is the recording of the minutes around it; empty while there is none."""

    alert: Alert
    cleared_ms: int | None = None
    clip: str = ""

    @property
    def status(self) -> Status:
        """Row CL-41."""
        return self.alert.status if self.cleared_ms is None else Status.CLEARED

    @property
    def lasted_ms(self) -> int | None:
        """How long it held; `None` while it does."""
        return None if self.cleared_ms is None else max(0, self.cleared_ms - self.alert.since_ms)


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Some of the history, newest first, and how many there are of what was asked for."""

    records: tuple[AlertRecord, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class AlertStatistics:
    """Counts over everything kept (row S4-40). `acknowledged_mean_ms`: from raised to seen by a person."""

    total: int = 0
    active: int = 0
    critical: int = 0
    warning: int = 0
    info: int = 0
    acknowledged: int = 0
    acknowledged_mean_ms: int | None = None
    crowded_out: int = 0  # conditions that found the list of active alerts full


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit, or one switch of a rule. `key` is the key in `config.toml` behind `alerts.`.

    `help` names its sentence. A switch has `value` 0 or 1 and no unit. With `track` it holds for that track
    alone; otherwise for every track without its own. `device_value` is what the battery itself says, which
    is used instead where it is known (then `track` is set).
    """

    key: str
    unit: str
    low: int
    high: int
    default: int
    value: int
    is_switch: bool = False
    track: str = ""
    rule: str = ""  # key of the alerts that it decides about; empty: of all
    severity: Severity | None = None  # of the alerts beyond it
    device_value: float | None = None

    @property
    def help(self) -> str:
        """The key of the sentence that explains it."""
        return "setting-alerts-" + self.key.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Trip:
    """A limit that will be reached if the value goes on as it does. `where` is a cell; `None`: the pack."""

    key: str  # of the rule: cell-low, cell-high, pack-low, pack-high, soc-low
    where: int | None
    value: float
    limit: float
    unit: str
    at_s: float  # the engine's steady clock

    def left_s(self, now_s: float) -> float:
        """Seconds until then, never less than none."""
        return max(0.0, self.at_s - now_s)


class Way(StrEnum):
    """How somebody away from the screen is told. Each names the sentence `notify-way-<way>`."""

    BELL = "bell"
    COMMAND = "command"
    POST = "post"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Notified:
    """How one way of telling went. `cause` is `None` when it worked."""

    way: Way
    took_ms: int = 0
    cause: Cause | None = None
