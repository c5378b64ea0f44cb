"""A history in a folder, and a battery that writes it: for tests and benchmarks."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

from tui.model.history import with_derived
from tui.store.database import Database
from tui.store.history_reader import HistoryReader
from tui.store.history_writer import HistoryWriter

PATIENCE_S = 60.0  # for a disk that others use as well
START_MS = 1_763_683_200_000  # 2025-11-21, midnight in UTC: the beginning of an hour


class HistoryHouse:
    """Writer and reader over one file; `begin` again to see what another run would find."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "history.db"
        self.begin()

    def begin(self) -> None:
        self.database = Database(self.path)
        self.writer = HistoryWriter(self.database)
        self.writer.load()
        self.reader = HistoryReader(self.database, self.writer.newest)

    def add(self, time_ms: int, track: str = "left", **values: float) -> None:
        said = {key.replace("__", "."): value for key, value in values.items()}
        self.writer.add(track, time_ms, with_derived(said), store=True)

    def commit(self) -> None:
        assert self.database.settle(PATIENCE_S)
        self.writer.commit(is_last=True)
        assert self.database.settle(PATIENCE_S)

    def end(self) -> None:
        self.commit()
        self.database.close()

    def again(self) -> None:
        """What the next run finds when this one ended well."""
        self.end()
        self.begin()


def battery(
    seed: int, cells: int = 16, step_ms: int = 1000, jitter_ms: int = 8
) -> Iterator[dict[str, float]]:
    """A pack of 280 Ah that is used: loads that come and go, noise of the steps its electronics has.

    Cells differ by some millivolts and stray by half a one, four sensors by a twentieth of a degree. The
    time is in `t`.
    """
    chance = random.Random(seed)
    offsets = [chance.gauss(0, 4) for _ in range(cells)]
    time_ms, soc, current_a, target_a, n = START_MS, 0.7, 0.0, 0.0, 0
    while True:
        if n % max(1, 300_000 // step_ms) == 0:
            target_a = chance.choice((-12.0, -30.0, 8.0, 20.0, 0.0)) * (1 if 0.1 < soc < 0.9 else -1)
        current_a += (target_a - current_a) * min(1.0, 0.05 * step_ms / 1000)
        measured_a = round(current_a + chance.gauss(0, 0.03), 2)
        soc = min(1.0, max(0.0, soc + measured_a * step_ms / 3_600_000 / 280))
        base = 3290 + 120 * (soc - 0.5) + measured_a * 0.4
        mv = [round(base + offset + chance.gauss(0, 0.6)) for offset in offsets]
        warm_c = 22 + 3 * math.sin(n * step_ms / 9_000_000)
        values = {
            "t": float(time_ms + chance.randint(0, 2 * jitter_ms)),
            "pack_v": round(sum(mv) / 1000, 2),
            "current_a": measured_a,
            "soc_pct": float(round(soc * 100)),
            "soh_pct": 99.0,
            "remaining_ah": round(280 * soc, 2),
            "cycles": 123.0,
        }
        values.update((f"cell_mv.{number}", float(one)) for number, one in enumerate(mv, 1))
        for number in range(1, 5):
            values[f"temperature_c.{number}"] = round(warm_c + number + chance.gauss(0, 0.05), 1)
        yield values
        time_ms, n = time_ms + step_ms, n + 1
