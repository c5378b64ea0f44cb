"""Which cell is the weakest, by what is known of all of them.

Three figures speak: resistance, capacity, and the voltage against the mean of the pack while discharging.
Each counts by how far a cell lies on the bad side of the median; 10 % of resistance, 2 % of capacity and 5 mV
weigh the same. A cell is called the weakest only when it stands out beyond the bands.
"""

from collections.abc import Sequence
from dataclasses import replace

from tui.engine.bands import middle, together
from tui.model.estimate import CellFigures, Estimate, Method, Reason, missing
from tui.model.sample import Cells

RESISTANCE_SHARE, CAPACITY_SHARE, UNDER_LOAD_MV = 0.10, 0.02, 5.0
EVERY = 5  # readings of cells: neighbours tell nearly the same
SLOW = 0.02  # weight of a new reading
CLIP_MV = 5.0  # one reading moves the mean by no more than this, times its weight
ODD_MV = 500.0  # a cell so far off is a wire, not a cell
LOAD_C, LOAD_A = 0.03, 1.0
LEAST = 20


class UnderLoad:
    """Voltage of each cell against the mean of the pack while discharging: slow means, in mV."""

    def __init__(self) -> None:
        self._mean: list[float] = []
        self._square: list[float] = []
        self._n = 0
        self._turn = 0
        self._at_s: float | None = None

    def cells(self, at_s: float, cells: Cells, amps: float, nominal_ah: float | None) -> None:
        """Voltages, with the current of the totals before them."""
        self._turn = (self._turn + 1) % EVERY
        if self._turn or not cells.mv or amps > -max(LOAD_A, LOAD_C * (nominal_ah or 0.0)):
            return
        pack_mv = middle(cells.mv)
        mean_mv = sum(min(max(mv, pack_mv - ODD_MV), pack_mv + ODD_MV) for mv in cells.mv) / len(cells.mv)
        if len(self._mean) != len(cells.mv):
            self._mean = [mv - mean_mv for mv in cells.mv]
            self._square = [0.0] * len(cells.mv)
            self._n, self._at_s = 1, at_s
            return
        self._n, self._at_s = self._n + 1, at_s
        weight = max(SLOW, 1 / self._n)
        for i, mv in enumerate(cells.mv):
            off = mv - mean_mv - self._mean[i]
            off = min(max(off, -CLIP_MV), CLIP_MV) if self._n > EVERY else off
            self._mean[i] += weight * off
            self._square[i] += weight * (off * off - self._square[i])

    def look(self, number: int) -> Estimate:
        """Of the cell with this number; the band is the scatter from reading to reading."""
        if self._n < LEAST or number > len(self._mean):
            return missing(Reason.TOO_EARLY, Method.UNDER_LOAD, self._n)
        error = max(1.0, 2 * self._square[number - 1] ** 0.5)
        return Estimate(self._mean[number - 1], error, Method.UNDER_LOAD, self._n, self._at_s)


def ranked(cells: Sequence[CellFigures]) -> tuple[tuple[CellFigures, ...], int | None]:
    """The cells with their ranks, and the number of the weakest one when it stands out."""
    columns = {
        Method.LOAD_STEPS: _column([c.resistance_mohm for c in cells], RESISTANCE_SHARE, +1, is_share=True),
        Method.FULL_TO_LOW: _column([c.capacity_ah for c in cells], CAPACITY_SHARE, -1, is_share=True),
        Method.UNDER_LOAD: _column([c.under_load_mv for c in cells], UNDER_LOAD_MV, -1, is_share=False),
    }
    known = {method: column for method, column in columns.items() if column}
    if not known or len(cells) < 2:
        return tuple(cells), None
    badness = [sum(column[i][0] for column in known.values()) for i in range(len(cells))]
    order = sorted(range(len(cells)), key=lambda i: (-badness[i], i))
    rank = {i: place for place, i in enumerate(order, 1)}
    out = tuple(
        replace(cell, rank=rank[i], weak_by=max(known, key=lambda method: known[method][i][0]))
        for i, cell in enumerate(cells)
    )
    worst, second = order[0], order[1]
    error = together(*(column[i][1] for column in known.values() for i in (worst, second)))
    return out, worst + 1 if badness[worst] - badness[second] > error else None


def _column(
    estimates: Sequence[Estimate], scale: float, sign: int, *, is_share: bool
) -> list[tuple[float, float]]:
    """For each cell how bad it is against the median, and the band of that; empty unless all are known."""
    values = [e.value for e in estimates if e.value is not None]
    if len(values) != len(estimates) or not values:
        return []
    centre = middle(values)
    unit = scale * abs(centre) if is_share else scale
    if unit <= 0:
        return []
    return [
        (sign * (value - centre) / unit, (e.error or 0.0) / unit)
        for value, e in zip(values, estimates, strict=True)
    ]
