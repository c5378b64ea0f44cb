"""Mathematics that gives the same bits on every machine: only + - * / and the steps of IEEE 754.

The library functions of C may differ in the last bit between systems; a simulation that runs for hours would
drift apart. Three functions are needed, and a few digits of them.
"""

import random
from itertools import pairwise

_HALVINGS = 10


def decay(x: float) -> float:
    """e to the power of minus x, for x >= 0, to about ten digits."""
    if x > 700.0:
        return 0.0
    small = x / (1 << _HALVINGS)
    # The Padé approximant of order three; its error at such small x is below 1e-17.
    top = 120 - 60 * small + 12 * small * small - small * small * small
    bottom = 120 + 60 * small + 12 * small * small + small * small * small
    value = top / bottom
    for _ in range(_HALVINGS):
        value *= value
    return value


def sine(turns: float) -> float:
    """The sine of so many whole turns, to five digits (Taylor's row on a quarter)."""
    part = turns - turns // 1.0  # 0 to 1
    sign = 1.0
    if part >= 0.5:
        part, sign = part - 0.5, -1.0
    if part > 0.25:
        part = 0.5 - part
    x = part * 6.283185307179586
    square = x * x
    row = 1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72)))
    return sign * x * row


def bell(source: random.Random) -> float:
    """About normal with variance 1: the sum of four even numbers. Never beyond ±3.5."""
    give = source.random
    return (give() + give() + give() + give() - 2.0) * 1.7320508075688772


def between(source: random.Random, low: float, high: float) -> float:
    """Even between two ends."""
    return low + (high - low) * source.random()


def along(points: tuple[tuple[float, float], ...], x: float) -> float:
    """The value at x on straight lines between points; flat beyond the ends."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]
