"""Fold: microseconds per sample against a deep-copied dictionary, in the same run.

python -m tests.benchmarks.bench_fold
"""

import copy
import time
from collections.abc import Callable
from typing import Any

from tui.engine.alerts import Alerts
from tui.model.events import FleetStarted, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.sample import Cells, Pack
from tui.model.track import Setup

TRACKS, CELLS, SAMPLES = 8, 24, 20_000
NAIVE_SAMPLES = 400  # it is that slow
ROUNDS = 3


def samples(count: int) -> list[SampleRead]:
    """Packs and cells of all tracks in turn, two seconds apart."""
    made = []
    for n in range(count):
        reading: Pack | Cells = Cells(tuple(3300 + (n + cell) % 40 for cell in range(CELLS)))
        if n % 2:
            reading = Pack(pack_v=52.8 + n % 10 / 100, current_a=-12.5, soc_pct=71.0, cell_count=CELLS)
        at_s = n // (2 * TRACKS) * 2.0
        made.append(SampleRead(f"track{n // 2 % TRACKS}", at_s, int(at_s * 1000), reading))
    return made


def folded(events: list[SampleRead]) -> Fleet:
    """What the engine's thread does, without its rules."""
    fleet = fold(Fleet(), FleetStarted(tuple(Setup(f"track{n}") for n in range(TRACKS)), 1))
    for event in events:
        fleet = fold(fleet, event)
    return fleet


def folded_and_judged(events: list[SampleRead]) -> Fleet:
    """With the alert rules, as the engine's thread does it."""
    setups = tuple(Setup(f"track{n}") for n in range(TRACKS))
    fleet, alerts = fold(Fleet(), FleetStarted(setups, 1)), Alerts(setups)
    for event in events:
        fleet = fold(fleet, event)
        for news in alerts.heard(event, fleet, event.at_s, event.time_ms):
            fleet = fold(fleet, news)
    return fleet


def copied(events: list[SampleRead]) -> dict[str, Any]:
    """The naive way to give each reader a state of its own: change a dictionary, hand out a deep copy."""
    state: dict[str, Any] = {
        f"track{n}": {"pack": {}, "cells": [0] * CELLS, "trends": {"a": [0.0] * 60, "v": [0.0] * 60}}
        for n in range(TRACKS)
    }
    shown: dict[str, Any] = {}
    for event in events:
        track = state[event.track]
        if isinstance(event.reading, Cells):
            track["cells"] = list(event.reading.mv)
        elif isinstance(event.reading, Pack):
            track["pack"] = {"v": event.reading.pack_v, "a": event.reading.current_a, "at_s": event.at_s}
            track["trends"]["a"] = [*track["trends"]["a"][1:], event.reading.current_a]
            track["trends"]["v"] = [*track["trends"]["v"][1:], event.reading.pack_v]
        shown = copy.deepcopy(state)
    return shown


def us_per_sample(way: Callable[[list[SampleRead]], object], count: int) -> float:
    """The best of some rounds: the others were disturbed."""
    events = samples(count)
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        way(events)
        best = min(best, time.perf_counter() - began)
    return best / count * 1e6


def main() -> None:
    """Print the table."""
    naive = us_per_sample(copied, NAIVE_SAMPLES)
    rows = [
        ("deep-copied dictionary", naive),
        ("fold", us_per_sample(folded, SAMPLES)),
        ("fold and alert rules", us_per_sample(folded_and_judged, SAMPLES)),
    ]
    print(f"{TRACKS} tracks x {CELLS} cells")
    print(f"{'way':<26}{'us/sample':>10}{'ratio':>10}")
    for name, us in rows:
        print(f"{name:<26}{us:>10.1f}{us / naive:>10.4f}")


if __name__ == "__main__":
    main()
