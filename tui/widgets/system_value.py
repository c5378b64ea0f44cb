"""What the views of the System place draw from."""

from dataclasses import dataclass

from tui.model.system import LogEntry, SystemFigures

VIEWS = ("diagnostics", "events", "log")


@dataclass(frozen=True, slots=True)
class SystemValue:
    """The newest answer. `why`: sentences, when there is none, or when it is old."""

    figures: SystemFigures | None = None
    why: tuple[str, ...] = ()
    is_old: bool = False
    testing: bool = False
    screens: int = 0
    wall_s: float = 0.0

    def role(self, fresh: str) -> str:
        """What is not known any more is grey."""
        return "stale" if self.is_old else fresh


@dataclass(frozen=True, slots=True)
class LogValue:
    """A page of the log, oldest first. `at`: the chosen entry; `None`: it follows the newest."""

    entries: tuple[LogEntry, ...] = ()
    at: int | None = None
    top: int = 0
    kinds: tuple[str, ...] = ()  # that are shown; none: all
    only: str = ""
    old: str = ""  # "12 s old"
    why: tuple[str, ...] = ()
    known: bool = False  # there was an answer

    @property
    def following(self) -> bool:
        """The picture goes with what is written."""
        return self.at is None
