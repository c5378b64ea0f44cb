"""Resistance of each cell from the steps of its natural load.

Method: direct-current resistance from two loads, as the standards for lithium cells measure it (IEC 61960-3):
the change of voltage divided by the change of current. Here the steps are those that a fridge or a charger
makes; many are put together by least squares through zero, older ones fading. A load of some seconds is seen,
so the number holds the ohmic part and the fast part of the polarisation, not the slow one.

Totals and cells are read at different moments. A reading of cells counts only when the totals before and
after it tell nearly the same current; the current at its own moment is then interpolated.
"""

from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from tui.engine.bands import CELL_LEAST_MV, CELL_MOST_MV, GAIN, middle, student, together
from tui.model.estimate import Estimate, Method, Reason, ResistanceDay, missing
from tui.model.sample import Cells, Pack

BRACKET_S = 12.0  # totals before and after a reading of cells: at most so far apart
PAIR_S = 20.0  # two readings of cells: further apart the voltage drifts by itself
STEP_A, STEP_C = 1.0, 0.01  # smallest step: the larger of these
UNSURE = 0.1  # share of the step that the two currents may be unsure of
WARM = 5  # steps that are judged together, by their median, before any is believed
FADE = 0.995  # weight of a step after each further one: about the last two hundred count
QUANTUM_MV2 = 2 / 12  # variance of a difference of two readings in whole millivolts
GATE_MV, GATE_SIGMAS, GATE_SHARE = 3.0, 4.0, 0.3
AGAIN = 8  # so many refused in a row: it really has changed, so begin anew
STEP_MOST_MV = 1000.0
LEAST = 6
DAYS_KEPT = 180
TREND_DAYS, TREND_SPAN, TREND_K = 7, 14, 5.0


@dataclass(slots=True)
class Steady:
    """A reading of cells with its current."""

    at_s: float
    amps: float
    unsure_a: float
    mv: tuple[int, ...]
    balancing: tuple[int, ...]
    temperature_c: float | None


@dataclass(slots=True)
class Fit:
    """Fading sums of one cell. x: change of current in A, y: of voltage in mV, t: temperature."""

    n: int = 0
    w: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0
    wwxx: float = 0.0
    xxt: float = 0.0
    refused: int = 0
    at_s: float = 0.0
    day_xx: float = 0.0
    day_xy: float = 0.0
    day_n: int = 0
    warm: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, at_s: float, x: float, y: float, t: float) -> None:
        """One step, unless it is far from all before."""
        if abs(y) > STEP_MOST_MV:
            return
        if self.n == 0:
            self.warm.append((x, y, t))
            if len(self.warm) >= WARM:
                self._begin(at_s)
            return
        if abs(y - self.mohm * x) > self._gate(x):
            self.refused += 1
            if self.refused >= AGAIN:
                self.__init__(warm=[(x, y, t)])  # type: ignore[misc]
            return
        self.refused = 0
        self._take(at_s, x, y, t)

    @property
    def mohm(self) -> float:
        """mV per A."""
        return self.xy / self.xx

    @property
    def sigma_mv(self) -> float:
        """Scatter of the steps around the line; not below what whole millivolts make."""
        free = max(1.0, self.w - 1.0)
        return sqrt(max(QUANTUM_MV2, (self.yy - self.xy * self.xy / self.xx) / free))

    @property
    def error_mohm(self) -> float:
        """Half the 95 % band: scatter, and the gain of the current sensor, which moves all cells alike."""
        freedom = round(min(self.n, 1 / (1 - FADE)) - 1)
        scatter = student(freedom) * self.sigma_mv * self.wwxx**0.5 / self.xx
        return together(scatter, 2 * GAIN * self.mohm)

    def _gate(self, x: float) -> float:
        return max(GATE_MV, GATE_SIGMAS * self.sigma_mv, GATE_SHARE * abs(self.mohm * x))

    def _begin(self, at_s: float) -> None:
        """Of the first steps, take those that the median agrees with."""
        guess = middle([y / x for x, y, _ in self.warm])
        near = [(x, y, t) for x, y, t in self.warm if abs(y - guess * x) <= max(GATE_MV, abs(guess * x) / 2)]
        self.warm = self.warm[-WARM + 1 :] if len(near) < WARM - 1 else []
        if not self.warm:
            for x, y, t in near:
                self._take(at_s, x, y, t)

    def _take(self, at_s: float, x: float, y: float, t: float) -> None:
        xx, xy = x * x, x * y
        self.n += 1
        self.at_s = at_s
        self.w = self.w * FADE + 1.0
        self.xx = self.xx * FADE + xx
        self.xy = self.xy * FADE + xy
        self.yy = self.yy * FADE + y * y
        self.wwxx = self.wwxx * FADE * FADE + xx
        self.xxt = self.xxt * FADE + xx * t
        self.day_xx += xx
        self.day_xy += xy
        self.day_n += 1


KEPT = ("n", "w", "xx", "xy", "yy", "wwxx", "xxt", "at_s", "day_xx", "day_xy", "day_n")


class Resistances:
    """All cells of one track."""

    def __init__(self) -> None:
        self.fits: list[Fit] = []
        self.days: list[ResistanceDay] = []
        self._day = 0
        self._has_temperature = True
        self._before: tuple[float, float, Pack] | None = None  # totals before the cells
        self._cells: tuple[float, tuple[int, ...]] | None = None  # waits for the totals behind it
        self._last: Steady | None = None

    def pack(self, at_s: float, amps: float, pack: Pack, nominal_ah: float | None, time_ms: int) -> None:
        """Totals that were believed."""
        if self._cells and self._before:
            self._pair(at_s, amps, nominal_ah)
        self._before, self._cells = (at_s, amps, pack), None
        day = time_ms // 86_400_000
        if day != self._day:
            self._next_day(day)

    def cells(self, at_s: float, cells: Cells) -> None:
        """Voltages. Of several between two totals the first one is used."""
        if self._before and self._cells is None and cells.mv:
            self._cells = (at_s, cells.mv)

    def look(self, number: int) -> tuple[Estimate, float | None]:
        """Resistance in mΩ of the cell with this number, and the mean temperature of its steps."""
        fit = self.fits[number - 1] if number <= len(self.fits) else None
        if fit is None or fit.n < LEAST:
            n = (fit.n or len(fit.warm)) if fit else 0
            return missing(Reason.NO_STEPS, Method.LOAD_STEPS, n), None
        found = Estimate(fit.mohm, fit.error_mohm, Method.LOAD_STEPS, fit.n, fit.at_s)
        return found, fit.xxt / fit.xx if self._has_temperature else None

    def trend(self, number: int) -> Estimate:
        """Percent per 30 days, from days as warm as now."""
        now_c = self.look(number)[1]
        points = [
            (float(day.day), day.mohm[number - 1])
            for day in self.days
            if number <= len(day.mohm) and _is_like(day.temperature_c, now_c)
        ]
        known = [(x, y) for x, y in points if y is not None]
        if len(known) < TREND_DAYS or known[-1][0] - known[0][0] < TREND_SPAN:
            return missing(Reason.FEW_DAYS, Method.LINE, len(known))
        return _line(known, self.fits[number - 1].at_s if number <= len(self.fits) else None)

    def _pair(self, at_s: float, amps: float, nominal_ah: float | None) -> None:
        before_s, before_a, pack = self._before  # type: ignore[misc]
        cells_s, mv = self._cells  # type: ignore[misc]
        if at_s - before_s > BRACKET_S or not before_s <= cells_s <= at_s:
            self._last = None
            return
        share = (cells_s - before_s) / (at_s - before_s)
        here = Steady(
            cells_s,
            before_a + (amps - before_a) * share,
            abs(amps - before_a) / 2,
            mv,
            pack.balancing,
            _mean(pack.temperatures_c),
        )
        last, least = self._last, max(STEP_A, STEP_C * (nominal_ah or 0.0))
        if here.unsure_a > max(0.05, UNSURE * abs(here.amps)) and here.unsure_a > UNSURE * least:
            return  # in the middle of a change: wait for the next, and pair that with the last steady one
        self._last = here
        if last is None or len(last.mv) != len(mv) or cells_s - last.at_s > PAIR_S:
            return
        step = here.amps - last.amps
        if abs(step) >= least and here.unsure_a + last.unsure_a <= UNSURE * abs(step):
            self._step(last, here, step)

    def _step(self, last: Steady, here: Steady, step: float) -> None:
        if len(self.fits) != len(here.mv):
            self.fits = [Fit() for _ in here.mv]
            self.days = []
        switched = set(last.balancing) ^ set(here.balancing)  # a bleeding cell has another current
        self._has_temperature = here.temperature_c is not None
        warm = here.temperature_c or 0.0
        for number, (fit, old, new) in enumerate(zip(self.fits, last.mv, here.mv, strict=True), 1):
            is_cell = CELL_LEAST_MV < old < CELL_MOST_MV and CELL_LEAST_MV < new < CELL_MOST_MV
            if is_cell and number not in switched:
                fit.add(here.at_s, step, new - old, warm)

    def _next_day(self, day: int) -> None:
        if self._day and any(fit.day_n >= LEAST for fit in self.fits):
            mohm = tuple(
                round(f.day_xy / f.day_xx, 4) if f.day_n >= LEAST and f.day_xx else None for f in self.fits
            )
            warm = [f.xxt / f.xx for f in self.fits if f.n] if self._has_temperature else []
            mean_c = round(sum(warm) / len(warm), 1) if warm else None
            self.days = [*self.days, ResistanceDay(self._day, mean_c, mohm)][-DAYS_KEPT:]
        for fit in self.fits:
            fit.day_xx = fit.day_xy = 0.0
            fit.day_n = 0
        self._day = day

    def to_json(self) -> dict[str, Any]:
        """What a restart must not forget."""
        return {
            "day": self._day,
            "has_temperature": self._has_temperature,
            "fits": [{name: getattr(fit, name) for name in KEPT} for fit in self.fits],
            "days": [[d.day, d.temperature_c, list(d.mohm)] for d in self.days],
        }

    def from_json(self, kept: dict[str, Any], shift_s: float) -> None:
        """Go on from there; `shift_s` is added to kept times."""
        self._day, self._has_temperature = int(kept["day"]), bool(kept["has_temperature"])
        self.fits = [Fit(**{**sums, "at_s": sums["at_s"] + shift_s}) for sums in kept["fits"]]
        self.days = [ResistanceDay(day, warm, tuple(mohm)) for day, warm, mohm in kept["days"]]


def _mean(values: tuple[float, ...]) -> float | None:
    known = [v for v in values if -50.0 < v < 120.0]
    return middle(known) if known else None


def _is_like(then_c: float | None, now_c: float | None) -> bool:
    return then_c is None or now_c is None or abs(then_c - now_c) <= TREND_K


def _line(points: list[tuple[float, float]], at_s: float | None) -> Estimate:
    """Slope of the straight line, in percent of the mean per 30 days."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    if mean_y <= 0:
        return missing(Reason.FEW_DAYS, Method.LINE, n)
    xx = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / xx
    rest2 = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points) / (n - 2)
    error = student(n - 2) * (rest2 / xx) ** 0.5
    scale = 30 / mean_y * 100
    return Estimate(slope * scale, error * abs(scale), Method.LINE, n, at_s)
