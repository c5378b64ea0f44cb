"""Capacity: the charge that came out between a full charge and a point whose state of charge is known.

That point is an empty battery, or the voltage after a rest where it tells enough (below about 3.15 V a cell).
What is full and what is empty is seen from cells and current, not taken from the unit's own percentage.
"""

from typing import Any

from tui.engine.bands import CELL_LEAST_MV, CELL_MOST_MV, middle, together
from tui.engine.counting import Counter, Mark
from tui.engine.rest_voltage import Rest, soc_at_rest
from tui.model.estimate import Anchor, CapacityPoint, Estimate, Method, Reason, missing
from tui.model.sample import Cells, Pack, Protection

FULL_MEAN_MV = 3450  # of a LiFePO4 pack, while the charge current has fallen
FULL_C = 0.05  # to this multiple of the capacity
FULL_PCT, FULL_ERROR_PCT = 99.0, 2.0  # what such a cell has then: nearly everything
EMPTY_MV = 2800  # of any cell, while discharging
EMPTY_C = 0.5  # at most: a larger load pulls any cell down
EMPTY_AFTER_MV = 3100  # a cell that comes back to more than this was pulled down, not empty
EMPTY_PCT, EMPTY_ERROR_PCT = 1.5, 3.0
HOLD_S = 30.0  # a condition counts when it has held so long
EMPTY_PROTECTIONS = frozenset(
    (Protection.CELL_UNDERVOLTAGE, Protection.PACK_UNDERVOLTAGE, Protection.FULLY_DISCHARGED)
)
LOW_ERROR_PCT = 8.0  # of a rest, to be such a point
SPAN_PCT = 50.0  # less than this taken out tells too little
POINTS_KEPT = 60
AGREE = 3  # the middle one of so many measurements


class Ends:
    """Notices a full and an empty battery. One reading alone is never believed."""

    def __init__(self, is_lfp: bool = True) -> None:
        self.is_lfp = is_lfp
        self._cells: tuple[float, tuple[int, ...]] = (float("-inf"), ())
        self._since: dict[Anchor, tuple[float, int]] = {}

    def cells(self, at_s: float, cells: Cells) -> None:
        """Voltages."""
        self._cells = (at_s, cells.mv)

    def pack(self, at_s: float, pack: Pack, counter: Counter) -> Anchor | None:
        """What the battery is with these totals: full, empty, or neither for sure."""
        for end, holds in (
            (Anchor.FULL, self._is_full(at_s, pack, counter)),
            (Anchor.EMPTY, self._is_empty(at_s, pack, counter)),
        ):
            if not holds:
                self._since.pop(end, None)
                continue
            since_s, n = self._since.get(end, (at_s, 0))
            self._since[end] = (since_s, n + 1)
            if at_s - since_s >= HOLD_S and n >= 2:
                return end
        return None

    def _is_full(self, at_s: float, pack: Pack, counter: Counter) -> bool:
        if pack.status == "fully_charged":
            return True
        mv = self._fresh(at_s)
        if not self.is_lfp or not mv or counter.current_a < 0 or not counter.nominal_ah:
            return False
        return sum(mv) >= FULL_MEAN_MV * len(mv) and counter.current_a <= FULL_C * counter.nominal_ah

    def _is_empty(self, at_s: float, pack: Pack, counter: Counter) -> bool:
        mv = self._fresh(at_s)
        if EMPTY_PROTECTIONS.intersection(pack.protections):
            return not (self.is_lfp and mv) or min(mv) <= EMPTY_AFTER_MV
        if not self.is_lfp or not mv or not counter.nominal_ah:
            return False
        return min(mv) <= EMPTY_MV and -EMPTY_C * counter.nominal_ah <= counter.current_a < 0

    def _fresh(self, at_s: float) -> tuple[int, ...]:
        read_s, mv = self._cells
        if not mv or at_s - read_s > HOLD_S or min(mv) < CELL_LEAST_MV or max(mv) > CELL_MOST_MV:
            return ()
        return mv


class Capacities:
    """Measurements of one track, and the cycle between its last two full charges."""

    def __init__(self) -> None:
        self.points: list[CapacityPoint] = []
        self.full_charges = 0
        self.cycle_out_ah: float | None = None
        self.cycle_in_ah: float | None = None
        self.cells: list[tuple[float, float]] = []  # Ah and its error, cell 1 first; of the newest low rest
        self.at_s: float | None = None
        self.cells_at_s: float | None = None
        self._full: Mark | None = None
        self._was_full = False
        self._is_low_counted = False

    def full(self, counter: Counter) -> None:
        """The battery is full now. Called again for as long as that holds."""
        if not self._was_full:
            moved = counter.since(self._full) if self._full else None
            if moved and moved.out_ah > SPAN_PCT / 100 * (counter.nominal_ah or 0.0):
                self.cycle_out_ah, self.cycle_in_ah = moved.out_ah, moved.in_ah
            self.full_charges += 1
        self._was_full, self._full, self._is_low_counted = True, counter.mark(), False

    def not_full(self) -> None:
        """The battery is not full, for sure."""
        self._was_full = False

    def empty(self, counter: Counter, time_ms: int) -> None:
        """The battery is empty now."""
        self._low(EMPTY_PCT, EMPTY_ERROR_PCT, counter, time_ms)

    def rest(self, rest: Rest, counter: Counter, time_ms: int) -> None:
        """It rests, and all cells are LiFePO4: each has a state of charge; the lowest is the pack's."""
        moved = counter.since(self._full) if self._full else None
        found = [soc_at_rest(mv / 1000, rest.rested_s) for mv in rest.cells_mv]
        if moved is None or any(soc > 100 - SPAN_PCT or error > LOW_ERROR_PCT for soc, error in found):
            return
        self.cells = [_capacity(-moved.ah, moved.error_ah, low, error) for low, error in found]
        self.cells_at_s = counter.at_s
        self._low(*min(found), counter, time_ms)

    def look(self) -> Estimate:
        """Capacity in Ah: the middle one of the last three measurements, with its own band."""
        newest = self.points[-AGREE:]
        if not newest:
            reason = Reason.NO_LOW_POINT if self._full else Reason.NO_FULL_CHARGE
            return missing(reason, Method.FULL_TO_LOW)
        ah = middle([p.ah for p in newest])
        point = next(p for p in newest if p.ah == ah)
        return Estimate(ah, point.error_ah, Method.FULL_TO_LOW, len(self.points), self.at_s)

    def look_cell(self, number: int) -> Estimate:
        """Capacity of one cell in Ah."""
        if number > len(self.cells):
            return missing(Reason.NO_LOW_POINT if self._full else Reason.NO_FULL_CHARGE, Method.FULL_TO_LOW)
        return Estimate(*self.cells[number - 1], Method.FULL_TO_LOW, 1, self.cells_at_s)

    def _low(self, soc_pct: float, error_pct: float, counter: Counter, time_ms: int) -> None:
        moved = counter.since(self._full) if self._full else None
        if moved is None or 100.0 - soc_pct < SPAN_PCT or moved.ah >= 0:
            return
        ah, error_ah = _capacity(-moved.ah, moved.error_ah, soc_pct, error_pct)
        if not _is_likely(ah, counter.nominal_ah):
            return
        point = CapacityPoint(time_ms, round(ah, 3), round(error_ah, 3))
        if self._is_low_counted and self.points:  # the same discharge: the sharper one stays
            if error_ah >= self.points[-1].error_ah:
                return
            self.points.pop()
        self.points = [*self.points, point][-POINTS_KEPT:]
        self._is_low_counted, self.at_s = True, counter.at_s

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        full = self._full
        return {
            "points": [[p.time_ms, p.ah, p.error_ah] for p in self.points],
            "full_charges": self.full_charges,
            "cycle": [self.cycle_out_ah, self.cycle_in_ah],
            "cells": self.cells,
            "at_s": [self.at_s, self.cells_at_s],
            "full": {name: getattr(full, name) for name in Mark.__slots__} if full else None,
            "flags": [self._was_full, self._is_low_counted],
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times."""
        self.points = [CapacityPoint(*p) for p in kept["points"]]
        self.full_charges = int(kept["full_charges"])
        self.cycle_out_ah, self.cycle_in_ah = kept["cycle"]
        self.cells = [(ah, error) for ah, error in kept["cells"]]
        self.at_s, self.cells_at_s = (None if t is None else t + shift_s for t in kept["at_s"])
        if full := kept["full"]:
            self._full = Mark.of({**full, "at_s": full["at_s"] + shift_s})
        self._was_full, self._is_low_counted = kept["flags"]


def _capacity(out_ah: float, error_ah: float, low_pct: float, low_error_pct: float) -> tuple[float, float]:
    """Ah and its error, from what came out between full and there."""
    span_pct = FULL_PCT - low_pct
    ah = out_ah / span_pct * 100
    ends = together(FULL_ERROR_PCT, low_error_pct) / span_pct
    return ah, ah * together(error_ah / out_ah if out_ah else 1.0, ends)


def _is_likely(ah: float, nominal_ah: float | None) -> bool:
    return nominal_ah is None or 0.3 * nominal_ah < ah < 1.5 * nominal_ah
