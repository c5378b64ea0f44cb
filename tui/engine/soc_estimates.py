"""State of charge three ways: reported, counted from current, from the voltage at rest (rows CL-26, S1-82).

None of them is right by itself. What the unit reports has no band. Counting is sharp after a full charge and
gets worse with time. Voltage needs no history, but a LiFePO4 cell has nearly the same one from 25 to 90 %.
"""

from typing import Any

from tui.engine.bands import NOMINAL_ERROR, together
from tui.engine.counting import Counter, Mark
from tui.engine.rest_voltage import Rest
from tui.model.estimate import Anchor, Estimate, Method, Reason, SocEstimates, Why, missing
from tui.model.sample import Cells, Pack

REST_ANCHOR_PCT = 10.0  # at most, to count from it
COUNT_USELESS_PCT = 30.0
REPORTED_STEP_PCT = 1.0  # units round to whole percent
JUMP_PCT = 3.0
LONG_S = 30 * 86400.0
Capacity = Estimate  # in Ah; its error as well


class SocEstimator:
    """The three for one track. Feed it after the counter."""

    def __init__(self, is_lfp: bool = True) -> None:
        self.is_lfp = is_lfp
        self.rest = Rest()
        self.anchor: Anchor | None = None
        self._anchor_mark: Mark | None = None
        self._anchor_pct = self._anchor_error = 0.0
        self._anchor_n = 0
        self._lost = Reason.NO_ANCHOR  # why there is none
        self._was_pct: float | None = None  # reported before, and the count then
        self._was_mark: Mark | None = None
        self._jumped = False

    def pack(self, at_s: float, pack: Pack, counter: Counter) -> None:
        """Totals that the counter believed."""
        self.rest.pack(at_s, counter)
        if self._anchor_mark is not None and self._anchor_mark.epoch != counter.epoch:
            self.anchor = self._anchor_mark = None
            self._lost = Reason.GAP
        if self.anchor is None and counter.soc_pct is not None:
            self.set_anchor(Anchor.REPORTED, counter.soc_pct, REPORTED_STEP_PCT / 2, counter)
        if counter.soc_pct != self._was_pct:
            self._step(counter)

    def cells(self, at_s: float, cells: Cells, counter: Counter) -> None:
        """Voltages."""
        self.rest.cells(at_s, cells, counter)

    def set_anchor(self, anchor: Anchor, soc_pct: float, error_pct: float, counter: Counter) -> None:
        """Count from here."""
        self.anchor, self._anchor_pct, self._anchor_error = anchor, soc_pct, error_pct
        self._anchor_mark, self._anchor_n, self._jumped = counter.mark(), counter.n, False

    def settle(self, counter: Counter, capacity: Capacity) -> None:
        """Count from the voltage of this rest, if that is known better than the count."""
        if not self.rest.is_now:
            return
        rest = self.rest.look(counter, capacity.value, self.is_lfp)
        if self._is_better(rest, self._counted(counter, capacity)):
            self.set_anchor(Anchor.REST, rest.value or 0.0, rest.error or 0.0, counter)

    def look(self, counter: Counter, capacity: Capacity) -> SocEstimates:
        """All three, and how they differ. `capacity` in Ah, measured or told."""
        reported = self._reported(counter)
        counted = self._counted(counter, capacity)
        rest = self.rest.look(counter, capacity.value, self.is_lfp)
        drift = self._drift(reported, counted, rest, counter, capacity)
        at_s = self._anchor_mark.at_s if self._anchor_mark else None
        why = self._why(drift, counter, capacity)
        return SocEstimates(reported, counted, rest, self.anchor, at_s, drift, why)

    def _is_better(self, rest: Estimate, counted: Estimate) -> bool:
        if rest.value is None or rest.error is None or rest.error > REST_ANCHOR_PCT:
            return False
        return counted.error is None or rest.error < counted.error

    def _reported(self, counter: Counter) -> Estimate:
        if counter.soc_pct is None:
            return missing(Reason.NO_DATA, Method.REPORTED)
        return Estimate(counter.soc_pct, None, Method.REPORTED, 1, counter.at_s, Reason.NO_BAND)

    def _counted(self, counter: Counter, capacity: Capacity) -> Estimate:
        if counter.at_s is None:
            return missing(Reason.NO_CURRENT, Method.COUNTED)
        if not capacity.value:
            return missing(Reason.NO_CAPACITY, Method.COUNTED)
        if self._anchor_mark is None:
            return missing(self._lost, Method.COUNTED)
        moved = counter.since(self._anchor_mark)
        if moved is None:
            return missing(Reason.GAP, Method.COUNTED)
        moved_pct = moved.ah / capacity.value * 100
        value = min(100.0, max(0.0, self._anchor_pct + moved_pct))
        error = together(self._anchor_error, self._count_error(moved_pct, moved.error_ah, capacity))
        n = counter.n - self._anchor_n
        if error > COUNT_USELESS_PCT:
            return missing(Reason.NO_ANCHOR, Method.COUNTED, n, counter.at_s)
        if self.anchor is Anchor.REPORTED:
            return Estimate(value, None, Method.COUNTED, n, counter.at_s, Reason.ANCHOR_REPORTED)
        return Estimate(value, error, Method.COUNTED, n, counter.at_s)

    def _count_error(self, moved_pct: float, error_ah: float, capacity: Capacity) -> float:
        full_ah = capacity.value or 1.0
        share = (capacity.error or NOMINAL_ERROR * full_ah) / full_ah
        return together(error_ah / full_ah * 100, moved_pct * share)

    def _drift(
        self, reported: Estimate, counted: Estimate, rest: Estimate, counter: Counter, capacity: Capacity
    ) -> Estimate:
        """Reported minus the better other one. Counted from a reported value, it is what came since then."""
        if reported.value is None:
            return missing(Reason.NO_DATA, Method.DIFFERENCE)
        moved = counter.since(self._anchor_mark) if self._anchor_mark else None
        candidates = [rest] if rest.error is not None and self.rest.is_now else []
        if counted.value is not None and moved is not None:
            moved_pct = moved.ah / (capacity.value or 1.0) * 100
            error = together(self._anchor_error, self._count_error(moved_pct, moved.error_ah, capacity))
            candidates.append(Estimate(counted.value, error, counted.method, counted.n, counted.at_s))
        if not candidates:
            return missing(counted.reason or Reason.NO_ANCHOR, Method.DIFFERENCE)
        other = min(candidates, key=lambda e: e.error or 0.0)
        error = together(other.error or 0.0, REPORTED_STEP_PCT / 2)
        value = reported.value - (other.value or 0.0)
        return Estimate(value, error, Method.DIFFERENCE, other.n, other.at_s)

    def _step(self, counter: Counter) -> None:
        """The unit tells another state of charge: did any charge go with it?"""
        moved = counter.since(self._was_mark) if self._was_mark else None
        if moved is not None and self._was_pct is not None and counter.nominal_ah:
            step = (counter.soc_pct or 0.0) - self._was_pct
            if abs(step - moved.ah / counter.nominal_ah * 100) > JUMP_PCT:
                self._jumped = True
        self._was_pct, self._was_mark = counter.soc_pct, counter.mark()

    def _why(self, drift: Estimate, counter: Counter, capacity: Capacity) -> Why:
        if drift.value is None or drift.error is None or self._anchor_mark is None:
            return Why.UNKNOWN
        if abs(drift.value) <= drift.error:
            return Why.AGREE
        moved = counter.since(self._anchor_mark)
        if self._jumped:
            return Why.JUMPED
        told_ah = counter.nominal_ah
        is_measured = capacity.method is Method.FULL_TO_LOW and capacity.value and capacity.error
        if is_measured and told_ah and abs(told_ah - (capacity.value or 0.0)) > (capacity.error or 0.0):
            return Why.CAPACITY
        small_pct = moved.small_ah / (capacity.value or 1.0) * 100 if moved else 0.0
        if abs(drift.value + small_pct) < abs(drift.value) / 2:
            return Why.SMALL_CURRENTS
        is_long = (counter.at_s or 0.0) - self._anchor_mark.at_s > LONG_S
        return Why.NO_FULL_CHARGE if is_long or self.anchor is Anchor.REPORTED else Why.UNKNOWN

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        mark = self._anchor_mark
        if self.anchor is None or mark is None:
            return {}
        return {
            "anchor": self.anchor.value,
            "pct": self._anchor_pct,
            "error": self._anchor_error,
            "jumped": self._jumped,
            "mark": {name: getattr(mark, name) for name in Mark.__slots__},
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times."""
        if not kept:
            return
        mark = Mark.of({**kept["mark"], "at_s": kept["mark"]["at_s"] + shift_s})
        self.anchor, self._anchor_mark = Anchor(kept["anchor"]), mark
        self._anchor_pct, self._anchor_error = float(kept["pct"]), float(kept["error"])
        self._jumped = bool(kept["jumped"])
