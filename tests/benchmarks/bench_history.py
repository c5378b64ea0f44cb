"""The history: bytes per sample, charts of a day to a year, blocks written, and 200 kills.

Run: python -m tests.benchmarks.bench_history [folder] [days] [kills]. Two packs of 16 cells at 1 Hz. The year
is filled in minutes so: one day of samples goes through the real writer second by second; its blocks are then
put into every day of the year with their times shifted; and the rollups of the year are made by the real
writer from one reading in twenty seconds. Charts are asked in a new process each, with the file thrown out of
the memory of the system, beside a scan of all samples in the same process. The folder must be on a disk.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

from tests.store.history_house import START_MS, HistoryHouse, battery
from tests.store.test_history_kill import killed_rounds
from tui.model.history import DAY_MS, HistoryPage, with_derived
from tui.store.history_codec import TIME, pack_block, read_block
from tui.store.history_rows import Samples

TRACKS = ("left", "right")
SECONDS_OF_DAY = 86_400
FEED_MS = 20_000
BATCH_S = 10
CHARTS = ((1, 240), (30, 240), (365, 240))
PUT = "INSERT INTO history_samples (track, start_ms, end_ms, count, body) VALUES (?, ?, ?, ?, ?)"


def readings(seed: int, step_ms: int = 1000) -> Iterator[tuple[int, dict[str, float]]]:
    """Time and everything that is known at that time."""
    for values in battery(seed, step_ms=step_ms):
        time_ms = int(values.pop("t"))
        yield time_ms, with_derived(values)


def fill_seconds(house: HistoryHouse, seconds: int, batch_s: int = BATCH_S) -> float:
    """So many seconds of both packs through the real writer; gives the µs of CPU per sample of the writer."""
    sources = [readings(seed) for seed in range(len(TRACKS))]
    spent_s = 0.0
    for second in range(seconds):
        news = [next(source) for source in sources]
        begun_s = time.process_time()
        for track, (time_ms, values) in zip(TRACKS, news, strict=True):
            house.writer.add(track, time_ms, values, store=True)
            if batch_s == 0:
                house.commit()
        if batch_s and second % batch_s == batch_s - 1:
            house.commit()
        spent_s += time.process_time() - begun_s
    house.commit()
    return 1e6 * spent_s / (seconds * len(TRACKS))


def fill_rollups(house: HistoryHouse, days: int) -> None:
    """Minutes and hours of so many days, by the real writer."""
    sources = [readings(seed, FEED_MS) for seed in range(len(TRACKS))]
    for n in range(days * DAY_MS // FEED_MS):
        for track, source in zip(TRACKS, sources, strict=True):
            time_ms, values = next(source)
            house.writer.add(track, time_ms, values, store=n % 4320 == 0)
        if n % 180 == 179:
            house.writer.commit(is_last=True)
        if n % 18_000 == 17_999:
            house.commit()
    house.commit()


def copy_day(day: Path, year: Path, days: int) -> int:
    """The blocks of one day in every day of the year; gives how many samples these are."""
    with closing(sqlite3.connect(day)) as source, closing(sqlite3.connect(year)) as target:
        rows = source.execute("SELECT track, start_ms, end_ms, count, body FROM history_samples").fetchall()
        blocks = [(track, start, end, count, read_block(body)) for track, start, end, count, body in rows]
        plain = [
            (
                track,
                start,
                end,
                count,
                block.numbers(TIME),
                [(k, block.column(k)) for k in block.keys if k != TIME],
            )
            for track, start, end, count, block in blocks
        ]
        target.execute("DELETE FROM history_samples")
        for number in range(days):
            shift = number * DAY_MS
            for track, start, end, count, times, columns in plain:
                moved = [(TIME, [ms + shift for ms in times]), *columns]
                target.execute(PUT, (track, start + shift, end + shift, count, pack_block(moved, count)))
            target.commit()
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return days * sum(row[3] for row in rows)


def forget(path: Path) -> None:
    """Let the system throw the file out of its memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def chart_once(folder: str, days: str, points: str, quantity: str, is_scan: str) -> None:
    """In a process of its own: one chart, or all samples of the same range, cold. Prints ms as JSON."""
    house = HistoryHouse(Path(folder))
    _, _, last_ms = house.reader.count()
    until_ms = (last_ms or START_MS) + 1
    from_ms = max(START_MS, until_ms - int(days) * DAY_MS)
    forget(house.path)
    begun_s = time.perf_counter()
    if is_scan == "1":
        found = scan(house, TRACKS[0], quantity, from_ms, until_ms, (until_ms - from_ms) // int(points))
    else:
        asked = HistoryPage((TRACKS[0],), (quantity,), from_ms, until_ms, int(points))
        found = len(house.reader.chart(asked, until_ms).series[0].buckets)
    print(json.dumps([1000 * (time.perf_counter() - begun_s), found]))
    house.database.close()


def scan(house: HistoryHouse, track: str, quantity: str, from_ms: int, until_ms: int, bucket_ms: int) -> int:
    """What a chart costs without rollups: every sample of the range."""
    buckets: dict[int, list[float]] = {}
    for piece in house.reader.pieces(track, from_ms, until_ms):
        if piece.samples is not None:
            continue
        ((body,),) = house.database.read("SELECT body FROM history_samples WHERE id = ?", (piece.number,))
        samples = Samples.of_block(read_block(bytes(body or b"")))  # type: ignore[arg-type]
        for time_ms, value in zip(samples.times, samples.column(quantity), strict=True):
            if value is not None:
                buckets.setdefault(time_ms // bucket_ms, []).append(value)
    return len([(min(b), sum(b) / len(b), max(b)) for b in buckets.values()])


def asked(
    folder: Path, days: int, points: int, quantity: str, *, is_scan: bool, times: int
) -> tuple[float, int]:
    """The middle of so many cold questions, in ms, and how many buckets."""
    found = []
    for _ in range(times):
        words = ["chart", str(folder), str(days), str(points), quantity, "01"[is_scan]]
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.bench_history", *words], capture_output=True, check=True
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
    ms = sorted(one[0] for one in found)
    return ms[len(ms) // 2], found[0][1]


def written(folder: Path, batch_s: int, seconds: int) -> tuple[float, float]:
    """Bytes to the disk per sample, all of it, for so many seconds; and the µs of CPU."""
    words = ["write", str(folder), str(batch_s), str(seconds)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_history", *words], capture_output=True, check=True
    )
    number_bytes, cpu_us = json.loads(done.stdout.splitlines()[-1])
    return number_bytes / (seconds * len(TRACKS)), cpu_us


def write_once(folder: str, batch_s: str, seconds: str) -> None:
    """In a process of its own: what the system counts as written for it."""
    place = Path(folder) / f"write-{batch_s}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    house = HistoryHouse(place)
    fill_seconds(house, 700)  # a first block: the file has its size
    before = _disk_bytes()
    cpu_us = fill_seconds(house, int(seconds), int(batch_s))
    house.end()
    print(json.dumps([_disk_bytes() - before, cpu_us]))


def _disk_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def main(folder: Path, days: int, kills: int) -> None:
    """Everything, with ratios."""
    day, year = folder / "day", folder / "year"
    if not (year / "done").exists():
        for place in (day, year):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        house = HistoryHouse(day)
        cpu_us = fill_seconds(house, SECONDS_OF_DAY)
        house.end()
        print(f"one day through the writer: {cpu_us:.1f} µs of CPU per sample")
        house = HistoryHouse(year)
        fill_rollups(house, days)
        house.end()
        samples = copy_day(day / "history.db", year / "history.db", days)
        (year / "done").write_text(str(samples))
    samples = int((year / "done").read_text())
    size = (year / "history.db").stat().st_size
    print(f"{samples} samples in {size / 1e6:.0f} MB: {size / samples:.2f} bytes each with rollups (aim 12)")
    print("range   quantity    chart ms  buckets   scan ms   ratio   (aim 50 ms)")
    for span, points in CHARTS:
        for quantity in ("current_a", "cell_mv.7", "spread_mv"):
            chart_ms, buckets = asked(year, span, points, quantity, is_scan=False, times=5)
            scan_ms, _ = asked(year, span, points, quantity, is_scan=True, times=1)
            ratio = scan_ms / chart_ms
            print(f"{span:4d} d  {quantity:<10} {chart_ms:9.1f} {buckets:8d} {scan_ms:9.0f} {ratio:7.0f}")
    each, each_us = written(folder, 0, 1800)
    ten, ten_us = written(folder, BATCH_S, 1800)
    minute, minute_us = written(folder, 60, 1800)
    print("half an hour, bytes written to the disk per sample (and MB per stored hour):")
    for name, one, us in (
        ("every sample", each, each_us),
        ("10 s", ten, ten_us),
        ("60 s", minute, minute_us),
    ):
        hour_mb, part = one * 7200 / 1e6, each / one
        print(f"  a commit {name:<13} {one:8.0f} {hour_mb:8.1f} MB  1/{part:.1f}  CPU {us:.0f} µs")
    if kills:
        place = folder / "kill"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        found, lost = killed_rounds(place, kills, random.randrange(1 << 30))
        print(
            f"{kills} kills -9: {found} samples there, {lost} committed ones lost, the file whole each time"
        )


CHILDREN: dict[str, Callable[..., None]] = {"chart": chart_once, "write": write_once}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in CHILDREN:
        CHILDREN[sys.argv[1]](*sys.argv[2:])
    else:
        words = [*sys.argv[1:], *["", "", ""]][:3]
        main(Path(words[0] or mkdtemp()), int(words[1] or 365), int(words[2] or 0))
