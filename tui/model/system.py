"""What the program knows of itself and of the machine that it runs on. `None` is "not known here"."""

from dataclasses import dataclass
from enum import StrEnum

LOG_SHOWN = 200  # entries, unless asked for others


class CheckState(StrEnum):
    """How a check went. Each names the word `doctor-state-<state>`."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"  # not there to be checked


@dataclass(frozen=True, slots=True)
class Check:
    """One result. `key` names the sentence `doctor-<key>`, and the cure `doctor-<key>-do`, if any."""

    area: str
    key: str
    state: CheckState
    args: tuple[tuple[str, str], ...] = ()

    def values(self) -> dict[str, str]:
        """The arguments as keywords for `say`."""
        return dict(self.args)


class Grade(StrEnum):
    """Health in a word (row CL-29)."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Health:
    """One battery. Overall by its state of health, balance by the spread of its cells."""

    track: str
    soh_pct: float | None = None
    overall: Grade | None = None
    spread_mv: int | None = None
    balance: Grade | None = None


@dataclass(frozen=True, slots=True)
class HostFigures:
    """The machine. Percents are 0…100 of all processors, of memory, of the disk that keeps the history."""

    name: str
    system: str  # as "Linux 6.12 aarch64"
    python: str
    cpu_pct: float | None = None
    memory_pct: float | None = None
    disk_pct: float | None = None
    temperature_c: float | None = None
    uptime_s: float | None = None


@dataclass(frozen=True, slots=True)
class ThreadFigures:
    """One thread of the engine; percent of one processor since the last look."""

    name: str
    cpu_pct: float | None = None


@dataclass(frozen=True, slots=True)
class BusFigures:
    """The engine's event bus: how much went over it, and how full its queue is."""

    published: int
    waiting: int
    most: int  # the queue's length
    dropped: int
    listeners: int


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """The engine's process; percent of one processor since the last look."""

    version: str
    pid: int
    uptime_s: float
    cpu_pct: float | None
    rss_mib: float | None
    threads: tuple[ThreadFigures, ...]  # the busiest first
    bus: BusFigures
    is_debug: bool = False  # everything is logged


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """All of it. Self-tests are the newest results, `None`: not made yet."""

    time_ms: int
    host: HostFigures
    engine: EngineFigures
    health: tuple[Health, ...] = ()
    tests: tuple[Check, ...] | None = None
    tested_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that was logged. `kind` is a class of row S2-31 (`ble`, `can`, …), or nothing."""

    when: str  # local time of the engine's machine, as written: 2026-11-21 12:07:31,004
    kind: str
    text: str
    source: str  # thread and module
    more: tuple[str, ...] = ()  # lines that belong to it, as those of a traceback


@dataclass(frozen=True, slots=True)
class LogPage:
    """The newest entries that fit, newest first, and the file that they are from."""

    entries: tuple[LogEntry, ...]
    path: str
    kinds: tuple[str, ...]  # those that can be chosen


@dataclass(frozen=True, slots=True)
class LookAtSystem:
    """How machine and engine are. `test`: make the self-tests first, which take a while. Answer: `system`."""

    test: bool = False


@dataclass(frozen=True, slots=True)
class LookAtLog:
    """The newest entries of these kinds (none: all) that hold that text. Answer: `log_page`."""

    kinds: tuple[str, ...] = ()
    text: str = ""
    count: int = LOG_SHOWN


@dataclass(frozen=True, slots=True)
class SwitchDebug:
    """Log everything, or only what the configuration says, from now on (row S1-33). A command."""

    on: bool
