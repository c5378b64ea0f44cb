"""Estimates: microseconds per sample beside fold, in the same run.

python -m tests.benchmarks.bench_estimates
"""

import random
import time
from collections.abc import Callable

from tests.benchmarks.bench_fold import CELLS, SAMPLES, TRACKS, folded, us_per_sample
from tests.engine.truth import Reading, Truth, household, steady, time_ms
from tui.engine.estimator import Estimator
from tui.engine.track_estimator import TrackEstimator
from tui.model.events import SampleRead
from tui.model.fleet import Fleet
from tui.model.sample import Cells, Pack
from tui.model.track import Setup

ROUNDS = 3
READINGS = 10_000


def readings(soc_pct: float, amps: float | None) -> list[Reading]:
    """Of one battery with 24 cells; without a current: a household."""
    battery = Truth(1, (100.0,) * CELLS, (0.5,) * CELLS, soc_pct, ahead_ah=(0.0,) * CELLS)
    load = household(random.Random(1)) if amps is None else steady(amps)
    return list(battery.run(READINGS, load))


def us(feed: Callable[[list[Reading]], object], said: list[Reading]) -> float:
    """The best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        feed(said)
        best = min(best, time.perf_counter() - began)
    return best / len(said) * 1e6


def worked_out(said: list[Reading]) -> TrackEstimator:
    """What the thread "estimates" does."""
    track = TrackEstimator("track")
    for at_s, reading in said:
        if isinstance(reading, Cells):
            track.cells(at_s, reading)
        elif isinstance(reading, Pack):
            track.pack(at_s, time_ms(at_s), reading)
    return track


def queued(said: list[Reading]) -> None:
    """What the engine's thread does."""
    estimator = Estimator([Setup("track")], Fleet)
    for event in [SampleRead("track", at_s, 0, reading) for at_s, reading in said]:
        estimator.listener(event)


def main() -> None:
    """Print the table."""
    under_load = readings(90.0, None)
    rows = [
        (f"fold ({TRACKS} tracks)", us_per_sample(folded, SAMPLES)),
        ("estimates, under load", us(worked_out, under_load)),
        ("estimates, at rest", us(worked_out, readings(50.0, 0.0))),
        ("estimates, end of a charge", us(worked_out, readings(97.0, 1.0))),
        ("put into the queue (engine)", us(queued, under_load)),
    ]
    print(f"{CELLS} cells")
    print(f"{'way':<30}{'us/sample':>10}")
    for name, figure in rows:
        print(f"{name:<30}{figure:>10.1f}")
    track = worked_out(under_load)
    began = time.perf_counter()
    for _ in range(100):
        track.look(0.0)
    print(f"{'an answer, us':<30}{(time.perf_counter() - began) * 1e4:>10.1f}")


if __name__ == "__main__":
    main()
