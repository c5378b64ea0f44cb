"""How long each cell must be bled until the pack is level.

Near the end of a charge a LiFePO4 cell rises steeply. The same current flows through all cells, so the charge
that goes in between two cells' passing one voltage is the charge by which the first one is ahead. Divided by
the balance current that is a time; what has been bled since is taken off.
"""

from dataclasses import dataclass
from typing import Any

from tui.engine.bands import CELL_LEAST_MV, CELL_MOST_MV, middle, together
from tui.engine.counting import Counter
from tui.model.estimate import Estimate, Method, Reason, missing
from tui.model.sample import Cells, Pack

KNEE_MV = (3390, 3410)  # two voltages: between them the steepness of each cell is seen
AWAY_MV = 3350  # all cells below: this charge is over
VOLTAGE_ERROR_MV = 4.0  # instrument, and the cells' resistances at this current
BLED_LEAST_S = 3600.0  # of bleeding between two charges, to learn the balance current from
CURRENT_SHARE = 0.2  # how far a reported balance current may be off
POLL_MOST_S = 30.0
CURRENT_MOST_MA = 20_000


@dataclass(slots=True)
class Passing:
    """Count in Ah when a cell passed the two voltages."""

    low_ah: float | None = None
    high_ah: float | None = None


class BalanceTimes:
    """All cells of one track."""

    def __init__(self) -> None:
        self.excess: list[tuple[float, float]] = []  # Ah above the cell with the least, and the error
        self.at_s: float | None = None
        self.n = 0
        self._bled_s: list[float] = []
        self._learned: list[float] = []  # balance currents in A
        self._told_a: float | None = None
        self._told_ma: int | None = None
        self._passing: list[Passing] = []
        self._epoch = 0
        self._before: tuple[int, ...] = ()
        self._pack_s: float | None = None

    def pack(self, at_s: float, pack: Pack) -> None:
        """Totals: who is bled, and with what current."""
        told_ma = pack.balance_current_ma
        if told_ma and told_ma == self._told_ma and told_ma <= CURRENT_MOST_MA:
            self._told_a = told_ma / 1000
        self._told_ma = told_ma
        if pack.balancing and self._pack_s is not None and at_s - self._pack_s <= POLL_MOST_S:
            for number in pack.balancing:
                if number <= len(self._bled_s):
                    self._bled_s[number - 1] += at_s - self._pack_s
        self._pack_s = at_s

    def cells(self, at_s: float, cells: Cells, counter: Counter) -> None:
        """Voltages. The lower one of two readings in a row is used, so that one alone passes nothing."""
        mv, before = cells.mv, self._before
        self._before = mv
        if not mv or len(mv) != len(before):
            return
        if max(mv) < AWAY_MV:
            if self._passing:
                self._passing = []
            return
        if min(mv) < CELL_LEAST_MV or max(mv) > CELL_MOST_MV:
            return
        filtered = tuple(map(min, mv, before))
        if counter.current_a > 0:
            self._pass(at_s, filtered, counter)

    def _pass(self, at_s: float, mv: tuple[int, ...], counter: Counter) -> None:
        if len(self._passing) != len(mv) or self._epoch != counter.epoch:
            self._passing = [Passing() for _ in mv] if max(mv) < KNEE_MV[0] else []
            self._epoch = counter.epoch
        if not self._passing:
            return  # came too late to see the first cell pass
        low, high = KNEE_MV
        is_news = False
        net_ah = counter.mark().net_ah
        for passing, now in zip(self._passing, mv, strict=True):
            if passing.low_ah is None and now >= low:
                passing.low_ah = net_ah
            if passing.high_ah is None and now >= high:
                passing.high_ah, is_news = net_ah, True
        if is_news and all(p.high_ah is not None for p in self._passing):
            self._measured(at_s)

    def _measured(self, at_s: float) -> None:
        """Every cell has passed: the last one has the least charge."""
        middles = [((p.low_ah or 0.0) + (p.high_ah or 0.0)) / 2 for p in self._passing]
        steep = [((p.high_ah or 0.0) - (p.low_ah or 0.0)) / (KNEE_MV[1] - KNEE_MV[0]) for p in self._passing]
        last = max(middles)
        fresh = [(last - m, VOLTAGE_ERROR_MV * max(s, 1e-6)) for m, s in zip(middles, steep, strict=True)]
        self._learn(fresh)
        self.excess, self.at_s, self.n = fresh, at_s, self.n + 1
        self._bled_s = [0.0] * len(fresh)

    def _learn(self, fresh: list[tuple[float, float]]) -> None:
        """The balance current, from what a longer bleeding took away."""
        if len(fresh) != len(self.excess):
            return
        for (old, e0), (new, e1), bled_s in zip(self.excess, fresh, self._bled_s, strict=True):
            if bled_s >= BLED_LEAST_S and old - new > max(e0, e1):
                self._learned = [*self._learned, (old - new) / (bled_s / 3600)][-20:]

    def current(self) -> tuple[float, float] | None:
        """Balance current in A and its error; `None` when neither told nor learned."""
        if self._told_a:
            return self._told_a, self._told_a * CURRENT_SHARE
        if len(self._learned) >= 2:
            amps = middle(self._learned)
            return amps, max(CURRENT_SHARE * amps, (max(self._learned) - min(self._learned)) / 2)
        return None

    def look(self, number: int) -> tuple[Estimate, Estimate]:
        """Excess charge in Ah, and seconds of bleeding, of the cell with this number."""
        if number > len(self.excess):
            return missing(Reason.NO_KNEE, Method.KNEE_CROSSING), missing(Reason.NO_KNEE, Method.BLEEDING)
        ah, error = self.excess[number - 1]
        bleed, bled_s = self.current(), self._bled_s[number - 1]
        if bleed is None:
            if bled_s > 0:  # some of it is gone, and nobody knows how much
                error = max(error, ah)
            excess = Estimate(ah, error, Method.KNEE_CROSSING, self.n, self.at_s)
            return excess, missing(Reason.NO_BALANCE_CURRENT, Method.BLEEDING, self.n, self.at_s)
        amps, amps_error = bleed
        left = max(0.0, ah - amps * bled_s / 3600)
        error = together(error, amps_error * bled_s / 3600)
        seconds = left / amps * 3600
        seconds_error = together(error / amps * 3600, seconds * amps_error / amps)
        return (
            Estimate(left, error, Method.KNEE_CROSSING, self.n, self.at_s),
            Estimate(seconds, seconds_error, Method.BLEEDING, self.n, self.at_s),
        )

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        return {
            "excess": self.excess,
            "at_s": self.at_s,
            "n": self.n,
            "bled_s": self._bled_s,
            "learned": self._learned,
            "told_a": self._told_a,
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times."""
        self.excess = [(ah, error) for ah, error in kept["excess"]]
        self.at_s = None if kept["at_s"] is None else kept["at_s"] + shift_s
        self.n, self._bled_s = int(kept["n"]), list(kept["bled_s"])
        self._learned, self._told_a = list(kept["learned"]), kept["told_a"]
