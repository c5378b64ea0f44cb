"""State of charge from the voltage of resting LiFePO4 cells (row CL-26), with an honest band.

From 25 to 90 % such a cell has nearly the same voltage, and tables differ more there than the cell itself
changes: in the flat part the band is wide, or nothing is said.
"""

from collections import deque

from tui.engine.bands import CELL_LEAST_MV, CELL_MOST_MV, middle, on_curve
from tui.engine.counting import Counter, Mark
from tui.model.estimate import Estimate, Method, Reason, missing
from tui.model.sample import Cells

# Row CL-26: volts and percent. The value comes from here.
OCV_V = (
    (2.8, 0.0),
    (3.0, 5.0),
    (3.1, 10.0),
    (3.2, 20.0),
    (3.25, 50.0),
    (3.3, 80.0),
    (3.4, 95.0),
    (3.65, 100.0),
)
# The band comes from how far this table and two others lie apart: the chart of resting voltages that is
# printed for 4-cell batteries everywhere, and a slow discharge of a fresh cell.
_CHART_V = (
    (2.5, 0.0), (3.0, 9.0), (3.125, 14.0), (3.2, 17.0), (3.225, 20.0), (3.25, 30.0), (3.275, 40.0),
    (3.3, 70.0), (3.325, 90.0), (3.35, 99.0), (3.4, 100.0),
)  # fmt: skip
_SLOW_V = (
    (2.6, 0.0), (3.05, 5.0), (3.19, 10.0), (3.25, 20.0), (3.278, 30.0), (3.29, 40.0), (3.296, 50.0),
    (3.305, 60.0), (3.325, 70.0), (3.332, 80.0), (3.34, 90.0), (3.362, 95.0), (3.42, 98.0), (3.56, 100.0),
)  # fmt: skip
VOLTAGE_ERROR_V = 0.015  # 5 mV of the instrument, 10 mV of hysteresis: charged or discharged before
RELAXING_V, RELAXING_S = (
    0.010,
    3600.0,
)  # what is still to come half an hour after the load, and how fast it goes
REST_S = 1800.0
REST_A, REST_C = 0.15, 0.002  # a battery rests below the larger of these
REST_USELESS_PCT = 40.0
REST_GONE_PCT = 5.0  # moved since: then it no longer says anything about now


def soc_at_rest(cell_v: float, rested_s: float = 3600.0) -> tuple[float, float]:
    """Percent and its band from the voltage of a resting LiFePO4 cell."""
    doubt_v = VOLTAGE_ERROR_V + RELAXING_V * 2.0 ** (-max(0.0, rested_s - REST_S) / RELAXING_S)
    value = on_curve(OCV_V, cell_v)
    lowest = min(on_curve(table, cell_v - doubt_v) for table in (OCV_V, _CHART_V, _SLOW_V))
    highest = max(on_curve(table, cell_v + doubt_v) for table in (OCV_V, _CHART_V, _SLOW_V))
    return value, max(value - lowest, highest - value, 1.0)


class Rest:
    """The newest voltage after a rest. One load of more than a moment begins the wait anew."""

    def __init__(self) -> None:
        self.since_s: float | None = None
        self.mark: Mark | None = None
        self.rested_s = 0.0
        self.cells_mv: tuple[int, ...] = ()
        self.n = 0
        self._last: deque[tuple[int, ...]] = deque(maxlen=3)

    def pack(self, at_s: float, counter: Counter) -> None:
        """A current that was believed."""
        limit_a = max(REST_A, REST_C * (counter.nominal_ah or 0.0))
        if abs(counter.current_a) > limit_a:
            self.since_s = None
        elif self.since_s is None:
            self.since_s = at_s
            self._last.clear()

    def cells(self, at_s: float, cells: Cells, counter: Counter) -> None:
        """Voltages; kept as the middle one of three readings when the rest was long enough."""
        if self.since_s is None or at_s - self.since_s < REST_S or counter.at_s is None:
            return
        if not cells.mv or min(cells.mv) < CELL_LEAST_MV or max(cells.mv) > CELL_MOST_MV:
            return
        if self._last and len(self._last[0]) != len(cells.mv):
            self._last.clear()
        self._last.append(cells.mv)
        if len(self._last) == 3:
            a, b, c = self._last
            self.cells_mv = tuple(map(_middle_of_three, a, b, c))
            self.n = self.n + 1 if self.mark and self.rested_s else 1
            self.mark, self.rested_s = counter.mark(), at_s - self.since_s

    @property
    def is_now(self) -> bool:
        """Whether it rests now, long enough."""
        return self.since_s is not None and self.mark is not None and self.mark.at_s > self.since_s

    def look(self, counter: Counter, capacity_ah: float | None, is_lfp: bool) -> Estimate:
        """State of charge at the newest rest; its band grows with what has moved since."""
        if not is_lfp:
            return missing(Reason.OTHER_CHEMISTRY, Method.REST_VOLTAGE)
        moved = counter.since(self.mark) if self.mark else None
        if self.mark is None or moved is None:
            return missing(Reason.NOT_AT_REST, Method.REST_VOLTAGE)
        moved_pct = 0.0 if self.is_now else abs(moved.ah) / capacity_ah * 100 if capacity_ah else 100.0
        if moved_pct > REST_GONE_PCT:
            return missing(Reason.NOT_AT_REST, Method.REST_VOLTAGE, at_s=self.mark.at_s)
        found = [soc_at_rest(mv / 1000, self.rested_s) for mv in self.cells_mv]
        value = sum(soc for soc, _ in found) / len(found)
        error = (
            sum(error for _, error in found) / len(found) + moved_pct
        )  # one table: errors do not average out
        if error > REST_USELESS_PCT:
            return missing(Reason.FLAT_CURVE, Method.REST_VOLTAGE, self.n, self.mark.at_s)
        return Estimate(value, error, Method.REST_VOLTAGE, self.n, self.mark.at_s)


def _middle_of_three(a: int, b: int, c: int) -> int:
    return int(middle((a, b, c)))
