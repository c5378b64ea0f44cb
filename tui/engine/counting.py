"""Charge over time from polled current: the one count that the other estimates take differences from."""

from collections import deque
from dataclasses import dataclass
from math import hypot, isfinite
from typing import Any

from tui.engine.bands import GAIN, OFFSET_A, Z_95, is_known, middle
from tui.model.sample import Pack

GAP_S = 120.0  # longer than this without a reading: the unit's own count has to bridge it, or nothing does
SLOW_S = 10.0  # polls further apart than this may hide steps between them
BRIDGE_SHARE = 0.10  # of a bridged charge: how wrong the unit's own count may be
NEAR_END = 0.005  # there a unit sets its count anew, so that its difference tells nothing
EFFICIENCY_LOSS = 0.005  # of the charge put in: LiFePO4 gives back more than 99.5 %
SMALL_A = 0.5
SURE_A = 20.0  # currents up to this are believed at once
SURE_C = 0.5  # and up to this multiple of the capacity
GROWTH = 2.0  # and up to this multiple of the largest one seen twice in a row
LEAST_AH, MOST_AH = 0.1, 1e5  # a capacity outside of this is none
REMAINING_STEP = 0.02  # of the capacity: two readings after a gap that agree so well are believed


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the count."""

    epoch: int
    at_s: float
    net_ah: float
    in_ah: float
    out_ah: float
    small_ah: float
    variance: float
    bridged_ah: float

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Mark":
        """A mark as it was kept."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class Moved:
    """Charge since a mark, in Ah; above zero it went into the battery. `error_ah`: 95 %."""

    ah: float
    error_ah: float
    in_ah: float
    out_ah: float
    small_ah: float  # the part that flowed below half an ampere


class Counter:
    """Counts charge. A current that nothing before made likely is believed when the next reading confirms it.

    `epoch` changes when a gap could not be bridged: differences across that are not known.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.at_s: float | None = None
        self.current_a = 0.0
        self.nominal_ah: float | None = None  # as two readings in a row told it
        self.soc_pct: float | None = None  # middle one of the last three
        self.remaining_ah: float | None = None  # middle one of the last three
        self.n = 0
        self._net_ah = self._in_ah = self._out_ah = self._small_ah = 0.0
        self._variance = self._bridged_ah = 0.0
        self._step2 = 0.0  # mean square of the change from reading to reading
        self._largest_a = 0.0
        self._held: tuple[float, float | None] | None = None  # current, remaining: waits to be confirmed
        self._told_ah: float | None = None
        self._socs: deque[float] = deque(maxlen=3)
        self._remainings: deque[float] = deque(maxlen=3)

    def add(self, at_s: float, pack: Pack) -> bool:
        """Take a reading of totals. False: it was not believed, or has no current."""
        amps = pack.current_a
        if amps is None or not isfinite(amps) or (self.at_s is not None and at_s <= self.at_s):
            return False
        remaining_ah = pack.remaining_ah if is_known(pack.remaining_ah) else None
        if self._is_doubtful(amps, at_s, remaining_ah):
            return False
        self._tell(pack)
        if self.at_s is None:
            self._begin(at_s, amps, remaining_ah)
            return True
        dt_s = at_s - self.at_s
        if dt_s > GAP_S:
            self._bridge(remaining_ah)
        else:
            self._count(dt_s, amps)
        self._begin(at_s, amps, remaining_ah)
        return True

    def mark(self) -> Mark:
        """This moment."""
        at_s = self.at_s or 0.0
        counts = (self._net_ah, self._in_ah, self._out_ah, self._small_ah)
        return Mark(self.epoch, at_s, *counts, self._variance, self._bridged_ah)

    def since(self, mark: Mark) -> Moved | None:
        """What moved since then; `None` when a gap lies between."""
        if mark.epoch != self.epoch:
            return None
        ah, into_ah = self._net_ah - mark.net_ah, self._in_ah - mark.in_ah
        hours = ((self.at_s or 0.0) - mark.at_s) / 3600
        sampling = Z_95 * max(0.0, self._variance - mark.variance) ** 0.5
        bridge = BRIDGE_SHARE * (self._bridged_ah - mark.bridged_ah)
        error = hypot(GAIN * ah, OFFSET_A * hours, EFFICIENCY_LOSS * into_ah, sampling, bridge)
        return Moved(ah, error, into_ah, self._out_ah - mark.out_ah, self._small_ah - mark.small_ah)

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        return {
            "mark": {name: getattr(self.mark(), name) for name in Mark.__slots__},
            "has_begun": self.at_s is not None,
            "current_a": self.current_a,
            "nominal_ah": self.nominal_ah,
            "remaining_ah": self.remaining_ah,
            "largest_a": self._largest_a,
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times."""
        mark = Mark.of(kept["mark"])
        self.epoch, self.at_s = mark.epoch, mark.at_s + shift_s if kept["has_begun"] else None
        self._net_ah, self._in_ah, self._out_ah = mark.net_ah, mark.in_ah, mark.out_ah
        self._small_ah, self._variance, self._bridged_ah = mark.small_ah, mark.variance, mark.bridged_ah
        self.current_a, self.nominal_ah = kept["current_a"], kept["nominal_ah"]
        self.remaining_ah, self._largest_a = kept["remaining_ah"], kept["largest_a"]

    def _is_doubtful(self, amps: float, at_s: float, remaining_ah: float | None) -> bool:
        """Hold back a wild current, and the first reading after a gap, until a second one agrees."""
        held, self._held = self._held, None
        limit_a = max(SURE_A, SURE_C * (self.nominal_ah or 0.0), GROWTH * self._largest_a)
        if abs(amps) > limit_a:
            if held and held[0] * amps > 0 and 0.5 < abs(held[0] / amps) < 2.0:
                self._largest_a = min(abs(held[0]), abs(amps))
                return False
            self._held = (amps, remaining_ah)
            return True
        if self.at_s is not None and at_s - self.at_s > GAP_S and remaining_ah is not None:
            step_ah = REMAINING_STEP * (self.nominal_ah or 100.0)
            if held and held[1] is not None and abs(held[1] - remaining_ah) <= step_ah:
                return False
            self._held = (amps, remaining_ah)
            return True
        if self.n and abs(self.current_a) > self._largest_a:
            self._largest_a = max(self._largest_a, min(abs(self.current_a), abs(amps)))
        return False

    def _tell(self, pack: Pack) -> None:
        """What the unit says about itself, believed when it says it twice, or by the middle of three."""
        if pack.nominal_ah and LEAST_AH <= pack.nominal_ah <= MOST_AH and pack.nominal_ah == self._told_ah:
            self.nominal_ah = pack.nominal_ah
        self._told_ah = pack.nominal_ah
        if pack.soc_pct is not None and 0.0 <= pack.soc_pct <= 100.0:
            self._socs.append(pack.soc_pct)
            self.soc_pct = middle(self._socs) if len(self._socs) > 1 else None

    def _begin(self, at_s: float, amps: float, remaining_ah: float | None) -> None:
        self.at_s, self.current_a = at_s, amps
        if remaining_ah is not None:
            self._remainings.append(remaining_ah)
            self.remaining_ah = middle(self._remainings)
        self.n += 1

    def _count(self, dt_s: float, amps: float) -> None:
        """Trapezoid. A step may lie anywhere between two readings: an even error within ±½ ΔI dt."""
        step2 = (amps - self.current_a) ** 2
        self._step2 += (step2 - self._step2) * 0.02
        hours, mean_a = dt_s / 3600, (amps + self.current_a) / 2
        ah = mean_a * hours
        self._net_ah += ah
        if ah > 0:
            self._in_ah += ah
        else:
            self._out_ah -= ah
        if abs(mean_a) < SMALL_A:
            self._small_ah += ah
        hidden2 = self._step2 if dt_s > SLOW_S else 0.0
        self._variance += max(step2, hidden2) * hours * hours / 12

    def _bridge(self, remaining_ah: float | None) -> None:
        """A long gap: the difference of the unit's own count, when it can be believed."""
        before, full_ah = self.remaining_ah, self.nominal_ah
        self._remainings.clear()
        is_told = before is not None and remaining_ah is not None and full_ah
        if not is_told or not NEAR_END < (remaining_ah or 0.0) / (full_ah or 1.0) < 1 - NEAR_END:
            self.epoch += 1
            return
        ah = (remaining_ah or 0.0) - (before or 0.0)
        self._net_ah += ah
        self._in_ah += max(ah, 0.0)
        self._out_ah += max(-ah, 0.0)
        self._bridged_ah += abs(ah)
