"""A kill -9 at any moment: no committed sample is lost, and the database is whole."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.store.history_child import BATCH
from tests.store.history_house import START_MS, HistoryHouse
from tui.model.history import HistoryPage, SampleTable

ROUNDS = 12


def killed_rounds(folder: Path, rounds: int, seed: int) -> tuple[int, int]:
    """Start the writer, kill it somewhere, look; gives how many samples there are and what was lost.

    The moment is a number of commits and then so many bytes of a pipe, or no waiting at all.
    """
    chance, lost, told = random.Random(seed), 0, -1
    for _ in range(rounds):
        told = max(told, _one_life(folder, chance))
        with closing(sqlite3.connect(folder / "history.db")) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        lost += check(folder, told)
    house = HistoryHouse(folder)
    count = house.reader.count()[0]
    house.database.close()
    return count, lost


def _one_life(folder: Path, chance: random.Random) -> int:
    """Run the writer until it has told some commits, kill it a little later; gives the newest it told."""
    command = [sys.executable, "-m", "tests.store.history_child", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = -1
        for _ in range(chance.randint(0, 45)):
            told = int(child.stdout.readline())
        for _ in range(chance.randint(0, 20_000)):
            pass  # somewhere inside of the next commit
        child.kill()
        for line in child.stdout.read().split(b"\n"):
            told = int(line) if line.strip() else told
    return told


def check(folder: Path, told: int) -> int:
    """How many samples up to `told` are missing; nothing is there twice, nothing is wrong."""
    house = HistoryHouse(folder)
    rows = house.reader.page(SampleTable("left", ("pack_v", "current_a", "cell_mv.1"), rows=10_000)).rows
    numbers = [(row.time_ms - START_MS) // 1000 for row in rows]
    assert numbers == sorted(set(numbers), reverse=True)
    for number, row in zip(numbers, rows, strict=True):
        assert row.values == (round(50 + number % 1000 / 100, 3), float(number % 77), 3300.0 + number % 9)
    total, first_ms, last_ms = house.reader.count()
    assert total % BATCH == 0, "half a batch"
    if first_ms is not None and last_ms is not None:
        asked = HistoryPage(("left",), ("pack_v",), first_ms, last_ms + 1, 50)
        buckets = house.reader.chart(asked, last_ms).series[0].buckets
        assert sum(bucket.count for bucket in buckets) == total
    house.database.close()
    return max(0, told + 1 - total)


def test_no_committed_sample_is_lost_by_a_kill(tmp_path: Path) -> None:
    count, lost = killed_rounds(tmp_path, ROUNDS, 1)
    assert count > 0
    assert lost == 0
