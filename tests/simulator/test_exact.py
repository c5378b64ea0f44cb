"""The mathematics of the simulator against the library's, and where it must be exact."""

import math
import random

import pytest

from tui.simulator.exact import along, bell, between, decay, sine


@pytest.mark.parametrize("x", [0.0, 1e-6, 0.01, 0.5, 1.0, 3.0, 20.0, 200.0])
def test_decay(x: float) -> None:
    assert decay(x) == pytest.approx(math.exp(-x), rel=1e-9)


def test_decay_ends() -> None:
    """Nothing is left of a pair after a very long step, and all of it after none."""
    assert decay(1e9) == 0.0 and decay(0.0) == 1.0


@pytest.mark.parametrize("n", range(-40, 41))
def test_sine(n: int) -> None:
    assert sine(n / 13) == pytest.approx(math.sin(math.tau * n / 13), abs=1e-5)


def test_bell_is_about_normal() -> None:
    source = random.Random(3)
    values = [bell(source) for _ in range(4000)]
    assert abs(sum(values) / 4000) < 0.05
    assert sum(v * v for v in values) / 4000 == pytest.approx(1.0, abs=0.06)
    assert max(map(abs, values)) <= 3.5


def test_between_and_along() -> None:
    assert all(2.0 <= between(random.Random(n), 2.0, 3.0) <= 3.0 for n in range(50))
    points = ((0.0, 1.0), (10.0, 3.0), (20.0, 3.0))
    assert [along(points, x) for x in (-5, 0, 5, 10, 15, 99)] == [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]


def test_the_same_bits_everywhere() -> None:
    """Written down once: a machine or a Python that differs in the last bit fails here."""
    values = [decay(0.3), decay(7.7), sine(0.123), sine(5.9), bell(random.Random(1))]
    assert [value.hex() for value in values] == GOLDEN


GOLDEN = [
    "0x1.7b4c869c37ed3p-1",
    "0x1.dad2df0f5016cp-12",
    "0x1.6575f02024804p-1",
    "-0x1.2cf23048a0bd8p-1",
    "0x1.2353fcf8d558dp-10",
]
