"""Something a person should look at."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """Row CL-41."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition on one track. `key` names the sentence `alert-<key>`, `where` a cell or sensor."""

    track: str
    key: str
    severity: Severity
    where: int | None = None
    value: float | None = None
    limit: float | None = None
    since_s: float = 0.0
    since_ms: int = 0

    @property
    def id(self) -> tuple[str, str, int | None]:
        """What makes two alerts the same condition."""
        return self.track, self.key, self.where
