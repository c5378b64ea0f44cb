"""When the battery will be empty or full, if the last minutes go on (rows S1-82, CL-44).

Method: charge left, by the mean current of up to fifteen minutes. The band says how much that mean may
differ from the one of the time to come: minutes scatter, and neighbours are alike, so fewer count than there
are. Towards the end of a charge the current falls; that part is reckoned as an exponential tail.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import log

from tui.engine.bands import NOMINAL_ERROR, student, together
from tui.model.estimate import Estimate, Forecast, Method, Reason, SocEstimates, Span, missing
from tui.model.track import IDLE_A

BUCKET_S = 60.0
BUCKETS = 15
LEAST = 3
NEWS = 3  # so many newest minutes against the older ones: a load was switched
NEWS_SIGMAS, NEWS_SHARE = 4.0, 0.15
ALIKE_MOST = 0.8
TAIL_PCT = (0.0, 5.0, 10.0)  # share of the capacity that flows with falling current: at least, mean, at most
TAIL_END_C = 0.05  # current at which a charge ends, as a multiple of the capacity
OPEN = 0.9  # a band wider than this share has no upper end
SOURCE_PCT = 1.0  # rounding of a reported state of charge
LONGEST_S = 400 * 3600.0


@dataclass(slots=True)
class Minute:
    """Mean current of one minute."""

    number: int
    mean_a: float
    n: int
    at_s: float


class MeanCurrent:
    """The last minutes of the current that the counter believed."""

    def __init__(self) -> None:
        self.minutes: list[Minute] = []

    def add(self, at_s: float, amps: float) -> None:
        """One reading."""
        number = int(at_s // BUCKET_S)
        newest = self.minutes[-1] if self.minutes else None
        if newest is not None and newest.number == number:
            newest.n += 1
            newest.mean_a += (amps - newest.mean_a) / newest.n
            newest.at_s = at_s
            return
        if newest is not None and number - newest.number > LEAST:
            self.minutes.clear()  # a gap: what was before says little
        self.minutes.append(Minute(number, amps, 1, at_s))
        del self.minutes[:-BUCKETS]

    def known(self) -> list[float]:
        """Means of the minutes that belong together; the newest only when it is half full."""
        minutes = self.minutes
        if len(minutes) > 1 and minutes[-1].n * 2 < minutes[-2].n:
            minutes = minutes[:-1]
        means = [m.mean_a for m in minutes]
        new, old = means[-NEWS:], means[:-NEWS]
        if len(old) < LEAST or len(new) < NEWS:
            return means
        change = abs(_mean(new) - _mean(old))
        scatter = together(_sigma(new) / len(new) ** 0.5, _sigma(old) / len(old) ** 0.5)
        switched = change > NEWS_SIGMAS * scatter + NEWS_SHARE * abs(_mean(old))
        return new if switched else means

    def look(self, horizon_s: float | None = None) -> Estimate:
        """Mean in A. The band is that of the mean over the next `horizon_s`, as far as the past can tell."""
        means = self.known()
        at_s = self.minutes[-1].at_s if self.minutes else None
        if len(means) < LEAST:
            return missing(Reason.TOO_EARLY, Method.MEAN_CURRENT, len(means), at_s)
        mean, sigma = _mean(means), max(_sigma(means), 0.005)
        alike = min(ALIKE_MOST, max(0.0, _alike(means)))
        fewer = (1 - alike) / (1 + alike)
        past = max(1.0, len(means) * fewer)
        future = max(1.0, horizon_s / BUCKET_S * fewer) if horizon_s else float("inf")
        error = student(len(means) - 1) * sigma * (1 / past + 1 / future) ** 0.5
        return Estimate(mean, error, Method.MEAN_CURRENT, len(means), at_s)


def forecast(
    current: MeanCurrent, soc: SocEstimates, capacity: Estimate, remaining_ah: float | None
) -> Forecast:
    """Time to empty or to full. `capacity` in Ah; `remaining_ah` as the unit tells it."""
    mean = current.look()
    if mean.value is None:
        return Forecast(_none(mean.reason, mean), _none(mean.reason, mean), mean)
    if abs(mean.value) <= IDLE_A:
        return Forecast(_none(Reason.AT_REST, mean), _none(Reason.AT_REST, mean), mean)
    left = _left(soc, capacity, remaining_ah, is_charge=mean.value > 0)
    if left is None:
        return Forecast(_none(Reason.NO_CAPACITY, mean), _none(Reason.NO_CAPACITY, mean), mean)
    other = _none(Reason.OTHER_WAY, mean)
    if mean.value < 0:
        return Forecast(_span(current, mean, *left), other, mean)
    return Forecast(other, _full(current, mean, *left, capacity.value), mean)


def _left(
    soc: SocEstimates, capacity: Estimate, remaining_ah: float | None, is_charge: bool
) -> tuple[float, float] | None:
    """Ah until the end, and the error."""
    full_ah, best = capacity.value, soc.best
    if full_ah and best.value is not None and best.error is not None:
        share = (100.0 - best.value if is_charge else best.value) / 100
        full_error = capacity.error or NOMINAL_ERROR * full_ah
        return share * full_ah, together(best.error / 100 * full_ah, share * full_error)
    if remaining_ah is None and full_ah and best.value is not None:
        remaining_ah = best.value / 100 * full_ah
    if remaining_ah is None or (is_charge and not full_ah):
        return None
    left_ah = max(0.0, (full_ah or 0.0) - remaining_ah) if is_charge else remaining_ah
    return left_ah, together(NOMINAL_ERROR * left_ah, SOURCE_PCT / 100 * (full_ah or 0.0))


def _span(current: MeanCurrent, mean: Estimate, ah: float, ah_error: float) -> Span:
    amps = abs(mean.value or 0.0)
    seconds = ah / amps * 3600
    error = current.look(seconds).error or 0.0
    wide = together(ah_error / ah if ah > 0 else 1.0, error / amps)
    if seconds > LONGEST_S:
        return _none(Reason.AT_REST, mean)
    high_s = seconds / (1 - wide) if wide < OPEN else None
    return Span(seconds, seconds / (1 + wide), high_s, Method.MEAN_CURRENT, mean.n, mean.at_s)


def _full(current: MeanCurrent, mean: Estimate, ah: float, ah_error: float, full_ah: float | None) -> Span:
    """The last part flows with falling current: how much, only the charger knows, so the band widens."""
    plain = _span(current, mean, ah, ah_error)
    amps, end_a = mean.value or 0.0, TAIL_END_C * (full_ah or 0.0)
    if plain.mean_s is None or full_ah is None or amps <= end_a * 1.05:
        return plain
    slow = (amps / ((amps - end_a) / log(amps / end_a))) - 1  # how much longer each Ah of the tail takes
    extra = [min(ah, pct / 100 * full_ah) / amps * 3600 * slow for pct in TAIL_PCT]
    high_s = None if plain.high_s is None else plain.high_s + extra[2]
    low_s = None if plain.low_s is None else plain.low_s + extra[0]
    return Span(plain.mean_s + extra[1], low_s, high_s, Method.TAPER, plain.n, plain.at_s)


def _none(reason: Reason | None, mean: Estimate) -> Span:
    return Span(method=Method.MEAN_CURRENT, n=mean.n, at_s=mean.at_s, reason=reason)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _sigma(values: list[float]) -> float:
    mean = _mean(values)
    return (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5 if len(values) > 1 else 0.0


def _alike(values: list[float]) -> float:
    """Correlation of neighbours; few values make it too small by about 1/n, which is put back."""
    mean = _mean(values)
    square = sum((v - mean) ** 2 for v in values)
    if len(values) < 5 or square <= 0:
        return 0.0
    near = sum((a - mean) * (b - mean) for a, b in pairwise(values))
    return near / square + 1 / len(values)
