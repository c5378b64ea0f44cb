"""What it means that a wire is open and no reading comes. Pure."""

from dataclasses import dataclass

from tui.model.link import Cause, Phase
from tui.model.track import Setup

CYCLES_ASLEEP = 3  # JBD protocol document: three unanswered cycles, then think of sleep
ASLEEP_AFTER_S = 20.0
ASLEEP_POLLS = 6  # for slow polling: clearly after the values became stale
SUSPECT_AFTER_S = 3.0  # a first answer takes less, wake-up repetition included
GARBAGE_BYTES = 8  # fewer may be the click of a waking line
NOISE_S = 15.0
REOPEN_FIRST_S = 30.0
REOPEN_LAST_S = 300.0


@dataclass(frozen=True, slots=True)
class Noise:
    """What came since the last reading instead of readings."""

    garbage_bytes: int = 0
    bad_checksums: int = 0
    implausible: int = 0
    refused: int = 0
    foreign: int = 0  # frames of a bus that say nothing about a battery

    def bus_cause(self, has_answered: bool) -> tuple[Phase, Cause]:
        """The likely reason on a bus: nobody sends, or others do."""
        if self.implausible:
            return Phase.CONNECTING, Cause("implausible", (("count", str(self.implausible)),))
        if self.foreign:
            return Phase.CONNECTING, Cause("can-no-battery", (("count", str(self.foreign)),))
        return Phase.ASLEEP, Cause("can-asleep" if has_answered else "can-silent")

    def cause(self, has_answered: bool, is_answering: bool) -> tuple[Phase, Cause]:
        """The likely reason, and whether the battery may simply sleep.

        `has_answered`: this battery gave readings earlier in the engine's life. `is_answering`: valid frames
        come even now: a refusal then is not just an optional request from before the silence.
        """
        if self.implausible:
            return Phase.CONNECTING, Cause("implausible", (("count", str(self.implausible)),))
        if self.refused and is_answering:
            return Phase.CONNECTING, Cause("refused", (("count", str(self.refused)),))
        if self.garbage_bytes >= GARBAGE_BYTES:
            return Phase.CONNECTING, Cause("garbage", (("count", str(self.garbage_bytes)),))
        if self.bad_checksums:
            return Phase.CONNECTING, Cause("checksum", (("count", str(self.bad_checksums)),))
        return Phase.ASLEEP, Cause("asleep" if has_answered else "no-answer")


def asleep_after_s(setup: Setup) -> float:
    """Seconds without a reading after which a battery on an open wire is called asleep."""
    return max(ASLEEP_AFTER_S, ASLEEP_POLLS * setup.poll_s)


def suspect_after_s(setup: Setup) -> float:
    """Seconds after opening without any reading after which a likely cause is told."""
    return max(SUSPECT_AFTER_S, 1.5 * setup.poll_s)


def noise_counts_s(setup: Setup) -> float:
    """Seconds after the last byte for which noise explains the silence better than sleep."""
    return max(NOISE_S, 3 * setup.poll_s)


def judge(
    setup: Setup, phase: Phase, silent_s: float, silent_cycles: int, noise: Noise, has_answered: bool
) -> tuple[Phase, Cause | None]:
    """Phase and cause of a link whose wire is open and that has had no reading for `silent_s` seconds.

    Silence alone is sleep after three cycles; something unreadable on the wire never is.
    """
    if setup.is_bus:
        likely, cause = noise.bus_cause(has_answered)
    else:
        likely, cause = noise.cause(has_answered, is_answering=silent_cycles == 0)
    if silent_s >= asleep_after_s(setup) and (silent_cycles >= CYCLES_ASLEEP or likely is not Phase.ASLEEP):
        return likely, cause
    if phase is Phase.ASLEEP:
        return phase, cause
    if phase is Phase.CONNECTING and silent_s >= suspect_after_s(setup):
        return phase, cause
    return phase, None


@dataclass(slots=True)
class Reopening:
    """When a silent wire is closed and opened again: a re-plugged adapter may need it. Grows to 5 minutes."""

    at_s: float = 0.0
    wait_s: float = REOPEN_FIRST_S

    def heard(self, now_s: float) -> None:
        """A reading came."""
        self.wait_s = REOPEN_FIRST_S
        self.at_s = now_s + self.wait_s

    def reopened(self, now_s: float) -> None:
        """The wire was opened again: the next time comes later."""
        self.wait_s = min(self.wait_s * 2, REOPEN_LAST_S)
        self.at_s = now_s + self.wait_s

    def is_due(self, now_s: float) -> bool:
        """True when the silent wire should be opened anew."""
        return now_s >= self.at_s
