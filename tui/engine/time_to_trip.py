"""How long until the next limit, if a value goes on as in the last minutes. Pure."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import mul

from tui.engine.alert_limits import Limit, TrackLimits
from tui.engine.alert_rules import CELL_HIGH, CELL_LOW, HIGH, LOW, PACK_HIGH, PACK_LOW
from tui.model.alert import Trip
from tui.model.sample import Pack, is_possible_mv
from tui.model.track import IDLE_A

HORIZON_S = 3600.0  # farther away is not shown
EVERY_S = 10.0  # a point of the line; more would say nothing new
POINTS = 13  # two minutes
LEAST_POINTS = 4
LEAST_CELL_V = 0.003  # a smaller change over all points is noise: cells come in whole millivolts
LEAST_PACK_V = 0.03
GAP_S = 60.0  # after a longer silence the line begins anew


@dataclass(slots=True)
class _Line:
    """The newest points of some values that are read together."""

    at_s: deque[float] = field(default_factory=lambda: deque(maxlen=POINTS))
    values: deque[tuple[float, ...]] = field(default_factory=lambda: deque(maxlen=POINTS))

    def is_early(self, at_s: float) -> bool:
        """True while the newest point is too young for another."""
        return bool(self.at_s) and 0 <= at_s - self.at_s[-1] < EVERY_S

    def add(self, at_s: float, values: tuple[float, ...]) -> None:
        """Take a point."""
        is_cut = self.at_s and (at_s < self.at_s[-1] or at_s - self.at_s[-1] > GAP_S)
        if is_cut or (self.values and len(values) != len(self.values[-1])):
            self.at_s.clear()
            self.values.clear()
        self.at_s.append(at_s)
        self.values.append(values)

    def slopes(self, least: float) -> list[float]:
        """Change a second of each value, by least squares; 0 where nothing moved but noise."""
        if len(self.at_s) < LEAST_POINTS:
            return []
        mean_s = sum(self.at_s) / len(self.at_s)
        offsets = [at_s - mean_s for at_s in self.at_s]
        square = sum(offset * offset for offset in offsets)
        span_s = self.at_s[-1] - self.at_s[0]
        slopes = []
        for series in zip(*self.values, strict=True):
            slope = sum(map(mul, offsets, series)) / square if max(series) - min(series) >= least else 0.0
            goes_on = abs(slope) * span_s >= least and not _has_turned(series, slope, least)
            slopes.append(slope if goes_on else 0.0)
        return slopes


def _has_turned(series: tuple[float, ...], slope: float, least: float) -> bool:
    """True when the newest points go the other way by more than noise: load or charger have changed."""
    newest = series[-1] - series[-LEAST_POINTS]
    return newest * slope < 0 and abs(newest) >= least


@dataclass(slots=True)
class TimeToTrip:
    """Follows one track. `cells` and `pack` take readings; `trips` is what they mean, soonest first."""

    limits: TrackLimits
    _cells: _Line = field(default_factory=_Line)
    _pack: _Line = field(default_factory=_Line)
    _odd: tuple[bool, ...] = ()
    _of_cells: list[Trip] = field(default_factory=list)
    _of_pack: list[Trip] = field(default_factory=list)

    @property
    def trips(self) -> tuple[Trip, ...]:
        """All within the hour."""
        return tuple(sorted((*self._of_cells, *self._of_pack), key=lambda trip: trip.at_s))

    def forget(self) -> None:
        """The battery is silent: nothing is known of the future."""
        self._cells, self._pack, self._of_cells, self._of_pack = _Line(), _Line(), [], []

    def cells(self, at_s: float, mv: tuple[int, ...]) -> bool:
        """Take cell voltages; True when `trips` was worked out anew, every ten seconds."""
        if self._cells.is_early(at_s):
            return False
        is_odd = tuple(not is_possible_mv(one) for one in mv)
        if is_odd != self._odd:  # a wire opened or closed: that step is no movement of the cell
            self._cells, self._odd = _Line(), is_odd
        self._cells.add(at_s, tuple(one / 1000 for one in mv))
        found: list[Trip] = []
        low, high = self.limits.of[CELL_LOW.key], self.limits.of[CELL_HIGH.key]
        for number, (cell_mv, slope) in enumerate(zip(mv, self._cells.slopes(LEAST_CELL_V), strict=False), 1):
            if is_possible_mv(cell_mv) and slope:
                rule, limits = (CELL_LOW, low) if slope < 0 else (CELL_HIGH, high)
                found += _trip(rule.key, rule.side, number, cell_mv / 1000, slope, limits, at_s)
        self._of_cells = found
        return True

    def pack(self, at_s: float, pack: Pack) -> bool:
        """Take totals; True when `trips` was worked out anew."""
        if pack.pack_v is None or self._pack.is_early(at_s):
            return False
        self._pack.add(at_s, (pack.pack_v,))
        found: list[Trip] = []
        for slope in self._pack.slopes(LEAST_PACK_V):
            rule = PACK_LOW if slope < 0 else PACK_HIGH
            found += _trip(rule.key, rule.side, None, pack.pack_v, slope, self.limits.of[rule.key], at_s)
        found += self._charge(pack, at_s)
        self._of_pack = found
        return True

    def _charge(self, pack: Pack, at_s: float) -> Iterable[Trip]:
        """Until the state of charge is low, from the current: percent come in steps too coarse for a line."""
        current_a, soc_pct, full_ah = pack.current_a, pack.soc_pct, pack.nominal_ah
        if current_a is None or soc_pct is None or not full_ah or abs(current_a) <= IDLE_A:
            return ()
        slope = current_a / full_ah * 100 / 3600
        side, key = (LOW, "soc-low") if slope < 0 else (HIGH, "soc-high")
        return _trip(key, side, None, soc_pct, slope, self.limits.of[key], at_s, "%")


def _trip(
    key: str,
    side: int,
    where: int | None,
    value: float,
    slope: float,
    limits: tuple[Limit, ...],
    at_s: float,
    unit: str = "V",
) -> list[Trip]:
    """The nearest limit ahead, when it is within the hour."""
    ahead = [limit.value for limit in limits if (limit.value - value) * side > 0]
    if not ahead or slope * side <= 0:
        return []
    limit = min(ahead, key=lambda one: abs(one - value))
    left_s = (limit - value) / slope
    return [Trip(key, where, value, limit, unit, at_s + left_s)] if left_s < HORIZON_S else []
