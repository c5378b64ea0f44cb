"""Writes samples as fast as the disk takes them, and says which batches are in the file. For a kill."""

import sys
from pathlib import Path

from tests.store.history_house import START_MS, HistoryHouse

BATCH = 20


def main() -> None:
    """Goes on where the file ends. After each commit the number of its newest sample is printed."""
    house = HistoryHouse(Path(sys.argv[1]))
    _, _, last_ms = house.reader.count()
    n = 0 if last_ms is None else (last_ms - START_MS) // 1000 + 1
    while True:
        for number in range(n, n + BATCH):
            values = {"pack_v": 50 + number % 1000 / 100, "current_a": float(number % 77)}
            house.add(START_MS + number * 1000, cell_mv__1=3300.0 + number % 9, **values)
        n += BATCH
        house.commit()
        print(n - 1, flush=True)


if __name__ == "__main__":
    main()
