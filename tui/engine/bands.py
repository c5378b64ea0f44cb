"""Small sums behind the error bands. What is not measured here is said as a number with its reason."""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, isfinite

Z_95 = 1.96

# What a battery's own current sensor is trusted with: a share of the reading, and a constant error in ampere.
# Makers of such boards promise 1 to 2 %; readings below some tens of milliampere are often shown as 0.
GAIN = 0.01
OFFSET_A = 0.05
NOMINAL_ERROR = 0.10  # share by which a capacity that was only told may be wrong
CELL_LEAST_MV, CELL_MOST_MV = 1000, 5000  # outside of this no working cell is


def student(freedom: int) -> float:
    """Two-sided 95 % quantile of Student's t (Cornish-Fisher expansion; 8 % too small at 2, 1 % at 4)."""
    if freedom < 1:
        return 12.7
    z, df = Z_95, float(freedom)
    return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df * df)


def together(*errors: float) -> float:
    """Independent errors added."""
    return hypot(*errors)


def middle(values: Sequence[float]) -> float:
    """The median; of an even number, the lower one of the two in the middle."""
    return sorted(values)[(len(values) - 1) // 2]


def is_known(value: float | None) -> bool:
    """Whether it is a number that can be reckoned with."""
    return value is not None and isfinite(value)


def on_curve(points: Sequence[tuple[float, float]], x: float) -> float:
    """Straight lines between points in rising order; the end values outside."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]
