"""Raw traffic, as it went over a wire."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Seen from this machine."""

    RX = "RX"
    TX = "TX"


@dataclass(frozen=True, slots=True)
class Frame:
    """One chunk on one wire. `number` grows by one per frame in an engine's life."""

    number: int
    track: str
    time_ms: int
    direction: Direction
    data: bytes
