"""A battery whose every figure is known, read as a JBD board is read: the other side of each estimate.

Current is constant between switching moments, so charge is a closed sum. Totals and cells are polled at
different moments, in steps of 10 mA and 1 mV, by a sensor with a gain and an offset of its own.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tui.model.sample import Cells, Pack

POLL_S = 2.0
CELLS_AFTER_S = 0.15
START_MS = 1_790_000_000_000
SLOW = (
    (0, 2600), (5, 3050), (10, 3190), (20, 3250), (30, 3278), (40, 3290), (50, 3296), (60, 3305), (70, 3325),
    (80, 3332), (90, 3340), (95, 3362), (98, 3420), (100, 3560),
)  # fmt: skip

Reading = tuple[float, Pack | Cells]


def on(points: Sequence[tuple[float, float]], x: float) -> float:
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


@dataclass
class Truth:
    """State of charge in percent of each cell's own capacity."""

    seed: int = 1
    capacities_ah: tuple[float, ...] = (100.0,) * 4
    mohm: tuple[float, ...] = (0.5, 0.6, 0.7, 0.9)
    soc_pct: float = 70.0
    nominal_ah: float = 100.0
    gain: float = 1.0
    offset_a: float = 0.0
    noise_mv: float = 0.4
    ahead_ah: tuple[float, ...] = (0.0,) * 4  # charge by which a cell is ahead of the last
    curve: Sequence[tuple[float, float]] = SLOW
    warm: Callable[[float], float] = lambda at_s: 25.0
    per_k: float = 0.0  # share of the resistance per kelvin
    soc_of_unit: Callable[["Truth"], float | None] | None = None
    at_s: float = 1000.0
    amps: float = 0.0
    ah: float = 0.0  # into the battery, since the start
    balancing: tuple[int, ...] = ()
    bleed_a: float = 0.0
    bled_ah: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.bled_ah = [0.0] * len(self.mohm)

    @property
    def pack_soc_pct(self) -> float:
        """Of the smallest cell: it ends the discharge."""
        least = min(self.capacities_ah)
        return self.soc_pct + self.ah / least * 100

    def resistance(self, cell: int) -> float:
        return self.mohm[cell] * (1 + self.per_k * (self.warm(self.at_s) - 25.0))

    def pass_time(self, until_s: float) -> None:
        hours = (until_s - self.at_s) / 3600
        self.ah += self.amps * hours
        for number in self.balancing:
            self.bled_ah[number - 1] += self.bleed_a * hours
        self.at_s = until_s

    def mv(self, cell: int) -> float:
        full = self.capacities_ah[cell]
        ah = self.soc_pct / 100 * min(self.capacities_ah) + self.ah + self.ahead_ah[cell] - self.bled_ah[cell]
        if full > min(self.capacities_ah):  # all were full together
            ah += full - min(self.capacities_ah)
        return on(self.curve, min(100.0, max(0.0, ah / full * 100))) + self.amps * self.resistance(cell)

    def pack(self) -> Pack:
        amps = round((self.amps * self.gain + self.offset_a + self.random.gauss(0, 0.005)) * 100) / 100
        soc = self.soc_of_unit(self) if self.soc_of_unit else round(self.pack_soc_pct)
        return Pack(
            pack_v=round(sum(self.mv(i) for i in range(len(self.mohm))) / 10) / 100,
            current_a=amps,
            soc_pct=soc,
            remaining_ah=round(self.pack_soc_pct / 100 * self.nominal_ah, 2),
            nominal_ah=self.nominal_ah,
            cell_count=len(self.mohm),
            temperatures_c=(round(self.warm(self.at_s), 1),),
            balancing=self.balancing,
        )

    def cells(self) -> Cells:
        return Cells(
            tuple(round(self.mv(i) + self.random.gauss(0, self.noise_mv)) for i in range(len(self.mohm)))
        )

    def run(self, seconds: float, load: Iterator[tuple[float, float]]) -> Iterator[Reading]:
        """Poll for so long. `load` gives (seconds, amps) one after the other."""
        end_s = self.at_s + seconds
        poll_s = self.at_s + self.random.uniform(0, POLL_S)
        switch_s, next_poll = self.at_s, (poll_s, "pack")
        while self.at_s < end_s:
            if switch_s <= next_poll[0]:
                self.pass_time(switch_s)
                lasts_s, self.amps = next(load)
                switch_s = self.at_s + lasts_s
                continue
            self.pass_time(next_poll[0])
            if next_poll[1] == "pack":
                yield self.at_s, self.pack()
                next_poll = (self.at_s + CELLS_AFTER_S, "cells")
            else:
                yield self.at_s, self.cells()
                next_poll = (self.at_s - CELLS_AFTER_S + POLL_S + self.random.uniform(-0.05, 0.05), "pack")


def steady(amps: float) -> Iterator[tuple[float, float]]:
    """One current for ever."""
    while True:
        yield 3600.0, amps


def household(
    random_: random.Random, base_a: float = -4.0, extra_a: float = -12.0
) -> Iterator[tuple[float, float]]:
    """A base load, and something switched on and off at any moment."""
    while True:
        yield random_.expovariate(1 / 40.0), base_a + random_.uniform(-0.3, 0.3)
        yield random_.expovariate(1 / 25.0), base_a + extra_a * random_.uniform(0.3, 1.0)


def time_ms(at_s: float) -> int:
    return START_MS + int(at_s * 1000)
