"""All estimates of one track, fed with what its battery says."""

from dataclasses import replace
from typing import Any

from tui.engine.balance_time import BalanceTimes
from tui.engine.bands import NOMINAL_ERROR
from tui.engine.capacity import EMPTY_ERROR_PCT, EMPTY_PCT, FULL_ERROR_PCT, FULL_PCT, Capacities, Ends
from tui.engine.counting import Counter, Mark
from tui.engine.forecast import MeanCurrent, forecast
from tui.engine.ranking import UnderLoad, ranked
from tui.engine.resistance import Resistances
from tui.engine.soc_estimates import SocEstimator
from tui.model.estimate import (
    Anchor,
    CellFigures,
    Estimate,
    Forecast,
    Laboratory,
    Method,
    Reason,
    SocEstimates,
    Span,
    Why,
    missing,
)
from tui.model.sample import Cells, Pack

SETTLE_S = 60.0
LFP = ("", "lfp", "lifepo4")
FAST_SHARE, FAST_LEAST = (
    0.5,
    0.01,
)  # counted less than half of at least 1 % that the unit says went: time runs


class TrackEstimator:
    """Counts, fits and remembers. Not for two threads at once."""

    def __init__(self, name: str, chemistry: str = "") -> None:
        self.name = name
        is_lfp = chemistry.casefold() in LFP
        self.counter = Counter()
        self.soc = SocEstimator(is_lfp)
        self.ends = Ends(is_lfp)
        self.capacities = Capacities()
        self.resistances = Resistances()
        self.balance = BalanceTimes()
        self.under_load = UnderLoad()
        self.current = MeanCurrent()
        self.is_simulated = False
        self._cells = 0
        self._remaining_ah: float | None = None
        self._settled_s = float("-inf")
        self._fast: tuple[Mark, float] | None = None  # the count, and the unit's own, when watching began
        self._is_fast = self._knows_clock = False

    def pack(self, at_s: float, time_ms: int, pack: Pack) -> None:
        """Totals."""
        counter = self.counter
        if not counter.add(at_s, pack):
            return
        self.soc.pack(at_s, pack, counter)
        self._ends(at_s, time_ms, pack)
        self.resistances.pack(at_s, counter.current_a, pack, counter.nominal_ah, time_ms)
        self.balance.pack(at_s, pack)
        self.current.add(at_s, counter.current_a)
        self._remaining_ah = counter.remaining_ah
        if at_s - self._settled_s >= SETTLE_S:
            self._settled_s = at_s
            self._settle(time_ms)

    def cells(self, at_s: float, cells: Cells) -> None:
        """Voltages."""
        counter = self.counter
        self._cells = len(cells.mv) or self._cells
        self.ends.cells(at_s, cells)
        self.resistances.cells(at_s, cells)
        self.soc.cells(at_s, cells, counter)
        self.balance.cells(at_s, cells, counter)
        self.under_load.cells(at_s, cells, counter.current_a, counter.nominal_ah)

    def soc_estimates(self) -> SocEstimates:
        """State of charge three ways."""
        found = self.soc.look(self.counter, self.capacity())
        if self.is_simulated and not self._knows_clock:
            return replace(found, drift_pct=missing(Reason.TOO_EARLY, Method.DIFFERENCE), why=Why.UNKNOWN)
        if not self._is_fast:
            return found
        return replace(
            found,
            counted=missing(Reason.FAST_CLOCK, Method.COUNTED),
            drift_pct=missing(Reason.FAST_CLOCK, Method.DIFFERENCE),
        )

    def capacity(self) -> Estimate:
        """What to reckon with: the measured capacity, else the one that the unit tells, with a wide band."""
        measured, told_ah = self.capacities.look(), self.counter.nominal_ah
        if measured.value is not None:
            return measured
        if not told_ah:
            return missing(Reason.NO_CAPACITY, Method.REPORTED)
        return Estimate(told_ah, NOMINAL_ERROR * told_ah, Method.REPORTED, 1, self.counter.at_s)

    def look(self, now_s: float) -> Laboratory:
        """Everything, at this moment."""
        soc = self.soc_estimates()
        cells, weakest = ranked([self._cell(number) for number in range(1, self._cells + 1)])
        capacities = self.capacities
        return Laboratory(
            track=self.name,
            at_s=now_s,
            soc=soc,
            cells=cells,
            weakest=weakest,
            forecast=self._forecast(soc, cells),
            capacity_ah=capacities.look(),
            nominal_ah=self.counter.nominal_ah,
            full_charges=capacities.full_charges,
            cycle_out_ah=capacities.cycle_out_ah,
            cycle_in_ah=capacities.cycle_in_ah,
            days=tuple(self.resistances.days),
            capacities=tuple(capacities.points),
        )

    def _cell(self, number: int) -> CellFigures:
        mohm, warm_c = self.resistances.look(number)
        excess, seconds = self.balance.look(number)
        return CellFigures(
            number=number,
            resistance_mohm=mohm,
            temperature_c=warm_c,
            resistance_pct_month=self.resistances.trend(number),
            capacity_ah=self.capacities.look_cell(number),
            under_load_mv=self.under_load.look(number),
            excess_ah=excess,
            balance_s=seconds,
        )

    def _forecast(self, soc: SocEstimates, cells: tuple[CellFigures, ...]) -> Forecast:
        if self._is_fast:
            none = Span(method=Method.MEAN_CURRENT, reason=Reason.FAST_CLOCK)
            return Forecast(none, none, self.current.look())
        found = forecast(self.current, soc, self.capacity(), self._remaining_ah)
        cell, by = _first_empty(cells)
        return replace(found, weakest_cell=cell, weakest_by=by)

    def _ends(self, at_s: float, time_ms: int, pack: Pack) -> None:
        match self.ends.pack(at_s, pack, self.counter):
            case Anchor.FULL:
                self.soc.set_anchor(Anchor.FULL, FULL_PCT, FULL_ERROR_PCT, self.counter)
                self.capacities.full(self.counter)
            case Anchor.EMPTY:
                self.soc.set_anchor(Anchor.EMPTY, EMPTY_PCT, EMPTY_ERROR_PCT, self.counter)
                self.capacities.empty(self.counter, time_ms)
            case None if self.counter.current_a < 0:
                self.capacities.not_full()

    def _settle(self, time_ms: int) -> None:
        """Once a minute: what takes no news from single readings."""
        self._watch_clock()
        if self.soc.rest.is_now:
            if self.soc.is_lfp:
                self.capacities.rest(self.soc.rest, self.counter, time_ms)
            self.soc.settle(self.counter, self.capacity())

    def _watch_clock(self) -> None:
        """A simulation may move its charge faster than our clock; then counting means nothing."""
        told_ah, full_ah = self._remaining_ah, self.counter.nominal_ah
        if not self.is_simulated or told_ah is None or not full_ah:
            self._is_fast = False
            return
        moved = self.counter.since(self._fast[0]) if self._fast else None
        if self._fast is None or moved is None:
            self._fast = (self.counter.mark(), told_ah)
            return
        unit_ah = told_ah - self._fast[1]
        if abs(unit_ah) >= FAST_LEAST * full_ah:
            self._is_fast = abs(moved.ah) < FAST_SHARE * abs(unit_ah)
            self._knows_clock = True
            self._fast = (self.counter.mark(), told_ah)

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        return {
            "counter": self.counter.to_json(),
            "soc": self.soc.to_json(),
            "capacities": self.capacities.to_json(),
            "resistances": self.resistances.to_json(),
            "balance": self.balance.to_json(),
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times. KeyError, TypeError, ValueError: not ours."""
        self.counter.from_json(kept["counter"], shift_s)
        self.soc.from_json(kept["soc"], shift_s)
        self.capacities.from_json(kept["capacities"], shift_s)
        self.resistances.from_json(kept["resistances"], shift_s)
        self.balance.from_json(kept["balance"], shift_s)


def _first_empty(cells: tuple[CellFigures, ...]) -> tuple[int | None, Method | None]:
    """The cell that will end the discharge, when one stands out: least capacity, else lowest under load."""
    for by, figures in (
        (Method.FULL_TO_LOW, [c.capacity_ah for c in cells]),
        (Method.UNDER_LOAD, [c.under_load_mv for c in cells]),
    ):
        known = sorted((e.value, e.error or 0.0, n) for n, e in enumerate(figures, 1) if e.value is not None)
        if len(known) == len(cells) > 1 and known[1][0] - known[0][0] > known[0][1]:
            return known[0][2], by
    return None, None
