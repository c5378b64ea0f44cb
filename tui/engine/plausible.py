"""Values that a battery cannot have had: left out of the history, and counted. Pure.

A reading may be garbage although its checksum is right. What lies outside of the bounds of its quantity is
never kept. What leaps farther than a battery can go between two readings is kept only when the next reading
says the same; so a true leap costs one value, and a false one does not bend a chart.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tui.model.history import CELL, SENSOR, quantity

FORGOTTEN_S = 60.0  # after so long a pause any value within the bounds is believed
OPEN_WIRE_MV = 500.0  # below it a sense wire is open or shorted; it is shown live, as an alert

# The farthest a value goes between two readings: in its unit, or as a part of the value before.
LEAPS = {
    "soc_pct": 15.0,
    "soh_pct": 10.0,
    "cycles": 10.0,
    "current_a": 600.0,
    "humidity_pct": 40.0,
    CELL: 400.0,
    SENSOR: 15.0,
    "lowest_mv": 400.0,
    "highest_mv": 400.0,
}
LEAPS_PARTS = {"pack_v": 0.15, "remaining_ah": 0.15}
LEAPS_LEAST = {"pack_v": 2.0, "remaining_ah": 5.0}


@dataclass(slots=True)
class _Memory:
    """What was believed last, and what waits for a second one like it."""

    value: float
    at_s: float
    suspect: float | None = None


class Plausible:
    """One for all tracks of an engine; used by one thread."""

    def __init__(self) -> None:
        self._memory: dict[tuple[str, str], _Memory] = {}
        self.left_out: Counter[tuple[str, str]] = Counter()  # (track, quantity): how often

    def sift(self, track: str, at_s: float, values: Mapping[str, float]) -> dict[str, float]:
        """The values that may be believed. `at_s` is a steady clock."""
        kept = {}
        for key, value in values.items():
            if self._is_believed((track, key), at_s, value):
                kept[key] = value
            else:
                self.left_out[track, key] += 1
        return kept

    def _is_believed(self, place: tuple[str, str], at_s: float, value: float) -> bool:
        key = place[1]
        if not _is_possible(key, value):
            return False
        before = self._memory.get(place)
        if before is None or at_s - before.at_s > FORGOTTEN_S or at_s < before.at_s:
            self._memory[place] = _Memory(value, at_s)
            return True
        leap = _leap(key, before.value)
        is_leap = leap is not None and abs(value - before.value) > leap
        if is_leap and (before.suspect is None or abs(value - before.suspect) > (leap or 0.0)):
            before.suspect = value
            return False
        before.value, before.at_s, before.suspect = value, at_s, None
        return True


def _is_possible(key: str, value: float) -> bool:
    described = quantity(key)
    if described is None or value != value:  # a number that is none
        return False
    low, high = described.low, described.high
    if key.startswith(f"{CELL}."):
        low = OPEN_WIRE_MV
    return (low is None or value >= low) and (high is None or value < high or key.endswith("_pct"))


def _leap(key: str, before: float) -> float | None:
    family = key.partition(".")[0]
    if family in LEAPS_PARTS:
        return max(abs(before) * LEAPS_PARTS[family], LEAPS_LEAST[family])
    return LEAPS.get(family)
