"""What a link to a battery is doing, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The engine's view of one link."""

    CONNECTING = "connecting"  # opening the wire, or open and no answer yet
    UP = "up"  # answers come
    ASLEEP = "asleep"  # the wire is open and the battery is silent after every retry
    LOST = "lost"  # the wire failed; the next attempt is planned
    TAP = "tap"  # given up after the window; a person must press reconnect
    LENT = "lent"  # let go of on purpose, until `retry_at_s`


class State(StrEnum):
    """What a person is told about a track. `stale` depends on the clock, so it is never stored."""

    LIVE = "live"
    STALE = "stale"
    ASLEEP = "asleep"
    CONNECTING = "connecting"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is not as it should be.

    `key` names the sentence `cause-<key>` (what happened and why) and `cause-<key>-do` (one thing to do) in
    the locale, so that every screen says it in its own language. `args` fill the sentence.
    """

    key: str
    args: tuple[tuple[str, str], ...] = ()

    def values(self) -> dict[str, str]:
        """The arguments as keywords for `say`."""
        return dict(self.args)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over one wire since the engine started. Nothing is dropped without being counted here."""

    requests: int = 0
    answers: int = 0
    unanswered: int = 0
    bad_checksum: int = 0
    refused: int = 0  # answers with an error status
    late: int = 0  # valid answers to another question
    implausible: int = 0  # valid frames with impossible content
    garbage_bytes: int = 0
    opens: int = 0
    quality_pct: int | None = None  # answered requests of the last hundred


@dataclass(frozen=True, slots=True)
class Link:
    """One wire to one battery. Times are on the engine's steady clock, in seconds."""

    phase: Phase = Phase.CONNECTING
    since_s: float = 0.0
    cause: Cause | None = None
    attempt: int = 0
    attempts_max: int = 5
    retry_at_s: float | None = None
    traffic: Traffic = Traffic()
    protocol: str = ""  # the language that was found, once the battery has answered
