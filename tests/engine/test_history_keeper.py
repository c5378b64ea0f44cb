"""What an engine keeps of its readings, and what it says about it."""

import csv
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import FakeClock, wait_until
from tui.engine import history_keeper
from tui.engine.history_keeper import HistoryKeeper
from tui.model.events import SampleRead
from tui.model.fleet import Fleet
from tui.model.history import (
    CellHeat,
    Chart,
    ClearHistory,
    EnergyTable,
    ExportHistory,
    HistoryFiles,
    HistoryPage,
    HistoryRequest,
    LookAtStorage,
    SampleTable,
    StorageFigures,
)
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.sample import Cells, Pack
from tui.model.settings import HistorySettings
from tui.model.track import Setup, Track
from tui.store import database as module
from tui.store.database import RETRY_S

START_S = 1_763_683_200.0  # 2025-11-21, midnight in UTC
CELLS = (3310, 3315, 3320, 3325)
SECONDS = HistorySettings(interval_s=1)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(history_keeper, "FIRST_HOUSEKEEPING_S", float("inf"))  # the tests keep house
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Bench:
    """A keeper whose thread does nothing by itself, and batteries that speak when told."""

    def __init__(self, folder: Path, settings: HistorySettings = SECONDS) -> None:
        self.clock, self.wall = FakeClock(), FakeClock(START_S)
        self.told: list[Cause | None] = []
        self.path, self.archives = folder / "history.db", folder / "archives"
        self.settings = replace(settings, commit_s=100_000)
        self.begin()

    def begin(self) -> None:
        self.keeper = HistoryKeeper(
            self.path, settings=self.settings, archives=self.archives, on_trouble=self.told.append,
            clock=self.clock, wall=self.wall,
        )  # fmt: skip
        self.keeper.start()

    def read(self, track: str = "left", cells: tuple[int, ...] = CELLS, **pack: object) -> None:
        """A second passes and a battery says something."""
        self.clock.advance(1)
        self.wall.advance(1)
        self.say(track, cells, **pack)

    def say(self, track: str = "left", cells: tuple[int, ...] = CELLS, **pack: object) -> None:
        said = Pack(**{"pack_v": 13.27, "current_a": -10.0, "nominal_ah": 100.0, **pack})  # type: ignore[arg-type]
        now_s, now_ms = self.clock(), int(self.wall() * 1000)
        known = Track(Setup(track), pack=said, pack_at_s=now_s, cells=Cells(cells), cells_at_s=now_s)
        self.keeper.listener(SampleRead(track, now_s, now_ms, said), Fleet(tracks=(known,)))

    def ask(self, request: HistoryRequest) -> Answer:
        answer = self.keeper.ask(request)
        assert answer.ok, answer.cause
        return answer

    def chart(self, *quantities: str, span_s: int = 3600, points: int = 3600) -> Chart:
        until_ms = int(self.wall() * 1000) + 1
        asked = HistoryPage((), quantities, until_ms - span_s * 1000, until_ms, points)
        chart = self.ask(asked).chart
        assert chart is not None
        return chart

    def values(self, quantity: str, track: str = "left") -> list[float | None]:
        samples = self.ask(SampleTable(track, (quantity,), rows=10_000, newest_first=False)).samples
        assert samples is not None
        return [row.values[0] for row in samples.rows]

    def figures(self) -> StorageFigures:
        figures = self.ask(LookAtStorage()).storage
        assert figures is not None
        return figures

    def again(self) -> None:
        self.keeper.close()
        self.begin()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.keeper.close()


def test_a_reading_is_asked_for_at_once_and_still_there_after_a_restart(bench: Bench) -> None:
    """S1-7."""
    bench.read(pack_v=13.27)
    assert bench.values("pack_v") == [13.27]
    bench.again()
    assert bench.values("pack_v") == [13.27]
    assert bench.values("spread_mv") == [15.0]


def test_stored_and_live_interval_are_two_things(tmp_path: Path) -> None:
    """S1-13: one sample a minute, while lowest, highest and energy see every reading."""
    bench = Bench(tmp_path, HistorySettings())
    for second in range(180):
        bench.read(current_a=-90.0 if second == 100 else -10.0)
    assert len(bench.values("current_a")) == 4  # it began within a minute
    lows = [bucket.low for bucket in bench.chart("current_a", points=60).series[0].buckets]
    assert min(lows) == -90.0
    page = bench.ask(SampleTable()).samples
    assert page is not None
    assert (page.interval_ms, page.capacity) == (60_000, 512)  # S4-14, CL-23
    bench.keeper.close()


def test_more_readings_than_the_live_interval_are_left_alone(bench: Bench) -> None:
    for _ in range(50):
        bench.clock.advance(0.1)
        bench.wall.advance(0.1)
        bench.say()
    assert 4 <= len(bench.values("pack_v")) <= 6


def test_old_cells_are_not_stored_as_new(bench: Bench) -> None:
    bench.read()
    said = Pack(pack_v=13.3)
    bench.clock.advance(60)
    bench.wall.advance(60)
    old = Track(Setup("left"), pack=said, pack_at_s=bench.clock(), cells=Cells(CELLS), cells_at_s=1001.0)
    event = SampleRead("left", bench.clock(), int(bench.wall() * 1000), said)
    bench.keeper.listener(event, Fleet(tracks=(old,)))
    assert bench.values("cell_mv.1") == [3310.0, None]


def test_a_garbage_reading_bends_no_chart_and_is_counted(bench: Bench) -> None:
    for n in range(20):
        garbage = {"pack_v": 655.35, "soc_pct": 255.0, "cells": (3310, 65535, 0, 3325)} if n == 10 else {}
        bench.read(**{"soc_pct": 70.0, **garbage})  # type: ignore[arg-type]
    chart = bench.chart("pack_v", "soc_pct", "spread_mv", "cell_mv.2")
    for series, (low, high) in zip(
        chart.series, ((13.27, 13.27), (70, 70), (15, 15), (3315, 3315)), strict=True
    ):
        assert {(bucket.low, bucket.high) for bucket in series.buckets} == {(low, high)}
    figures = bench.figures()
    assert figures.implausible == 4
    assert ("left", "pack_v", 1) in figures.implausible_values


def test_energy_in_and_out(bench: Bench) -> None:
    """One hour out at 10 A and 13.27 V, one in at 20 A."""
    for n in range(7200):
        bench.read(current_a=-10.0 if n < 3600 else 20.0)
    for _ in range(2):
        (day,) = bench.ask(EnergyTable()).energy or ()
        assert day.label == "2025-11-21"
        assert day.discharged_ah == pytest.approx(10.0, abs=0.02)
        assert day.charged_ah == pytest.approx(20.0, abs=0.02)
        assert day.discharged_wh == pytest.approx(132.7, abs=0.2)
        assert day.cycles == pytest.approx(0.1, abs=0.001)
        assert day.measured_s == 7199.0
        bench.again()


def test_a_pause_is_not_counted_as_energy(bench: Bench) -> None:
    bench.read(current_a=100.0)
    bench.clock.advance(3600)
    bench.wall.advance(3600)
    bench.read(current_a=100.0)
    assert bench.ask(EnergyTable()).energy == ()


@pytest.mark.parametrize(("seconds", "kind"), [(7200.0, "clock-forward"), (-7200.0, "clock-back")])
def test_a_clock_that_is_set_is_marked_and_loses_nothing(bench: Bench, seconds: float, kind: str) -> None:
    for _ in range(30):
        bench.read(current_a=-36.0)
    bench.wall.advance(seconds)
    for _ in range(30):
        bench.read(current_a=-36.0)
    bench.again()
    assert len(bench.values("pack_v")) == 60
    if seconds < 0:
        bench.wall.advance(7300)
    chart = bench.chart("pack_v", span_s=15_000, points=15)
    assert [mark.seconds for mark in chart.marks if mark.kind == kind] == [seconds]
    assert sum(bucket.count for bucket in chart.series[0].buckets) == 60
    (day,) = {energy.label: energy for energy in bench.ask(EnergyTable(by="month")).energy or ()}.values()
    assert day.discharged_ah == pytest.approx(0.59)  # 59 s by the steady clock, whatever the other says


def test_a_batch_is_one_commit(bench: Bench) -> None:
    """Ten seconds of two batteries are one transaction, and one more only with the next turn."""
    bench.keeper.settle()
    before = _changes(bench.path)
    for _ in range(10):
        bench.read("left")
        bench.say("right")
    assert _changes(bench.path) == before
    bench.keeper.turn()
    assert bench.keeper._database is not None
    assert bench.keeper._database.settle()
    assert _changes(bench.path) == before + 1


def _changes(path: Path) -> int:
    """How many transactions the log of the file holds: frames that end one say the size of the database."""
    log = Path(f"{path}-wal").read_bytes()
    salts = log[16:24]
    size = 24 + int.from_bytes(log[8:12], "big")
    frames = [log[at : at + 24] for at in range(32, len(log) - 23, size)]
    return sum(frame[8:16] == salts and frame[4:8] != bytes(4) for frame in frames)


def test_a_full_disk_pauses_and_everything_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = module.connect
    limit: list[int] = []

    def tight(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        if limit:
            connection.execute(f"PRAGMA max_page_count = {limit[0]}")
        return connection

    bench = Bench(tmp_path)
    bench.read()
    assert bench.keeper.settle()
    monkeypatch.setattr(module, "connect", tight)
    database = bench.keeper._database
    assert database is not None
    (pages,) = database.read("PRAGMA page_count")[0]
    limit.append(int(pages or 0))
    database._shut()
    clock = FakeClock()
    database._clock = clock
    for _ in range(1300):
        bench.read()
    assert not bench.keeper.settle()
    assert [cause.key for cause in bench.told if cause] == ["database-full"]
    assert bench.figures().cause is not None
    assert len(bench.values("pack_v")) == 1301  # the live view and its charts go on
    limit.clear()
    clock.advance(RETRY_S)
    database._wake.set()
    assert database.settle(10)
    assert bench.told[-1] is None
    bench.again()
    assert len(bench.values("pack_v")) == 1301
    kinds = [mark.kind for mark in bench.chart("pack_v").marks]
    assert {"paused", "resumed"} <= set(kinds)
    bench.keeper.close()


def test_a_database_that_another_one_locks_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_S", 0.05)
    bench = Bench(tmp_path)
    bench.read()
    assert bench.keeper.settle()
    bench.keeper.close()
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    bench.begin()
    bench.read()
    assert not bench.keeper.settle()
    assert [cause.key for cause in bench.told if cause] == ["database-locked"]
    other.execute("ROLLBACK")
    other.close()
    database = bench.keeper._database
    assert database is not None
    database._retry_at_s = 0.0
    assert bench.keeper.settle()
    assert bench.told[-1] is None
    bench.again()
    assert len(bench.values("pack_v")) == 2
    bench.keeper.close()


@pytest.mark.parametrize("place", [0, 4096 * 3], ids=["head", "middle"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, place: int) -> None:
    bench = Bench(tmp_path)
    for _ in range(700):
        bench.read()
    bench.keeper.close()
    damaged = bytearray(bench.path.read_bytes())
    damaged[place : place + 4096] = os.urandom(4096)
    bench.path.write_bytes(damaged)
    for end in module.BESIDE:
        Path(f"{bench.path}{end}").unlink(missing_ok=True)
    bench.begin()
    assert [cause.key for cause in bench.told if cause] == ["database-damaged"]
    kept = [path for path in tmp_path.iterdir() if ".damaged-" in path.name]
    assert len(kept) == 1
    assert kept[0].read_bytes() == damaged
    bench.read()
    bench.again()
    assert len(bench.values("pack_v")) == 1
    bench.keeper.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_without_rights_costs_the_history_only(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o500)
    bench = Bench(folder)
    bench.read()
    assert [cause.key for cause in bench.told if cause] == ["database-failed"]
    bench.keeper.close()


def test_house_is_kept_beside_the_commits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_keeper, "FIRST_HOUSEKEEPING_S", 60.0)
    bench.again()
    bench.wall.advance(86_400 - 30)
    for _ in range(61):
        bench.read()
    bench.keeper.turn()
    wait_until(lambda: bench.ask(HistoryFiles()).files)


def test_days_that_are_over_become_archives(bench: Bench) -> None:
    """CL-23, S1-50, S4-15."""
    bench.wall.advance(86_400 - 30)
    for _ in range(60):
        bench.read("left", soc_pct=70.0, temperatures_c=(20.0, 23.0))
        bench.say("right")
    bench.keeper.keep_house()
    files = bench.ask(HistoryFiles()).files or ()
    assert [file.name for file in files] == [
        "right/history_2025-11-21.csv.gz",
        "left/history_2025-11-21.csv.gz",
    ]
    text = gzip.decompress((bench.archives / files[1].name).read_bytes()).decode()
    lines = text.splitlines()
    assert lines[0] == (
        "Timestamp,Pack Voltage (V),Pack Current (A),SOC (%),SOH (%),Temperature (°C),Power (W)"
    )
    assert lines[1] == "2025-11-21T23:59:31.000+00:00,13.270,-10.000,70.0,,21.5,-132.7"
    assert len(lines) == 30
    page = bench.ask(SampleTable(archive=files[1].name, rows=10)).samples
    assert page is not None
    assert (page.total, len(page.rows), page.rows[0].values[0]) == (29, 10, 13.27)
    assert page.rows[0].time_ms > page.rows[-1].time_ms
    before = {file.name: file.modified_ms for file in files}
    bench.keeper.keep_house()
    assert {file.name: file.modified_ms for file in bench.ask(HistoryFiles()).files or ()} == before


def test_an_archive_cut_short_is_read_as_far_as_it_goes(bench: Bench) -> None:
    bench.wall.advance(80_000)
    for n in range(6500):
        bench.read(current_a=n % 977 / 7)
    bench.keeper.keep_house()
    (file,) = bench.ask(HistoryFiles()).files or ()
    path = bench.archives / file.name
    path.write_bytes(path.read_bytes()[: file.size_bytes // 2])
    answer = bench.ask(SampleTable(archive=file.name, rows=10))
    assert answer.samples is not None
    assert 100 < answer.samples.total < 6399
    assert len(answer.samples.rows) == 10
    assert answer.cause == Cause("archive-cut", (("file", file.name),))
    path.write_bytes(b"no gzip at all")
    answer = bench.ask(SampleTable(archive=file.name))
    assert (answer.samples and answer.samples.rows, answer.cause and answer.cause.key) == ((), "archive-cut")


@pytest.mark.parametrize(
    "name", ["../history.db", "left/../../history.db", "/etc/passwd", "left/no.csv.gz", "left"]
)
def test_only_archives_are_read(bench: Bench, name: str) -> None:
    bench.read()
    answer = bench.keeper.ask(SampleTable(archive=name))
    assert (answer.ok, answer.cause and answer.cause.key) == (False, "archive-missing")


def test_archives_leave_by_age_and_by_size(bench: Bench) -> None:
    from tui.store.history_archives import Archives

    place = bench.archives / "left"
    place.mkdir(parents=True)
    for day in range(1, 10):
        (place / f"history_2025-11-{day:02}.csv.gz").write_bytes(bytes(1000))
    (place / "mine.txt").write_text("not ours")
    archives = Archives(bench.archives)
    now_ms = int(START_S * 1000)
    assert archives.prune(16, 1 << 20, now_ms) == 4
    assert archives.prune(30, 2500, now_ms) == 3
    assert [file.day for file in archives.files()] == ["2025-11-09", "2025-11-08"]
    assert (place / "mine.txt").exists()


def test_export_as_csv_and_json(bench: Bench, tmp_path: Path) -> None:
    """S1-7, S1-51: all tracks in one order of time, or one track with the header of CL-23."""
    for n in range(700):
        bench.read("left", current_a=float(n))
        bench.say("right", current_a=-1.5)
    done = bench.ask(ExportHistory(str(tmp_path / "all.csv"), quantities=("current_a", "cell_mv.2"))).export
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert done is not None
    assert (done.rows, len(rows)) == (1400, 1400)
    assert [row["Track"] for row in rows[:2]] == ["left", "right"]
    assert rows[2]["Pack Current (A)"] == "1.000"
    assert rows[2]["Cell 2 (mV)"] == "3315"
    bench.ask(ExportHistory(str(tmp_path / "one.json"), "json", "left", ("current_a",)))
    found = json.loads((tmp_path / "one.json").read_text())
    assert [one["current_a"] for one in found] == [float(n) for n in range(700)]
    assert found[0]["timestamp_iso"] == "2025-11-21T00:00:01.000+00:00"
    bench.ask(
        ExportHistory(str(tmp_path / "m.csv"), track="left", quantities=("current_a",), level="minutes")
    )
    assert len((tmp_path / "m.csv").read_text().splitlines()) == 13
    again = bench.keeper.ask(ExportHistory(str(tmp_path / "m.csv")))
    assert again.cause == Cause("export-exists", (("path", str(tmp_path / "m.csv")),))
    nowhere = bench.keeper.ask(ExportHistory(str(tmp_path / "no" / "m.csv")))
    assert nowhere.cause is not None
    assert nowhere.cause.key == "export-failed"
    empty = bench.ask(ExportHistory(str(tmp_path / "e.json"), "json", "left", from_ms=1, until_ms=2))
    assert json.loads((tmp_path / "e.json").read_text()) == []
    assert empty.export is not None
    assert empty.export.rows == 0


def test_export_of_energy_per_day_and_month(bench: Bench, tmp_path: Path) -> None:
    """CL-46: the table of the screen as a file; what is not known is empty, never zero."""
    for _ in range(120):
        bench.read("left", current_a=10.0)
        bench.say("right", current_a=-5.0)
    table = bench.ask(EnergyTable()).energy
    assert table is not None and {one.track for one in table} == {"left", "right"}
    for level, label in (("days", "Day"), ("months", "Month")):
        done = bench.ask(ExportHistory(str(tmp_path / f"{level}.csv"), level=level)).export
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"{level}.csv").read_text())))
        assert done is not None and done.rows == len(rows) == 2
        assert [row["Track"] for row in rows] == ["left", "right"]
        assert rows[0][label] == {"Day": "2025-11-21", "Month": "2025-11"}[label]
        left = next(one for one in table if one.track == "left")
        assert rows[0]["Charged (Wh)"] == f"{left.charged_wh:.1f}" != "0.0"
        assert rows[0]["Discharged (Wh)"] == "0.0"
    bench.ask(ExportHistory(str(tmp_path / "right.json"), "json", "right", level="days"))
    (one,) = json.loads((tmp_path / "right.json").read_text())
    assert (one["track"], one["day"], one["charged_wh"]) == ("right", "2025-11-21", 0.0)
    assert one["discharged_wh"] > 0
    empty = bench.ask(ExportHistory(str(tmp_path / "none.json"), "json", level="days", from_ms=1, until_ms=2))
    assert empty.export is not None and empty.export.rows == 0
    assert json.loads((tmp_path / "none.json").read_text()) == []


def test_export_of_an_archive(bench: Bench, tmp_path: Path) -> None:
    """S1-51, CL-23: a day that is over, unpacked, or as JSON."""
    bench.wall.advance(86_400 - 30)
    for n in range(60):
        bench.read(current_a=float(n))
    bench.keeper.keep_house()
    (file,) = bench.ask(HistoryFiles()).files or ()
    done = bench.ask(ExportHistory(str(tmp_path / "day.csv"), archive=file.name)).export
    packed = gzip.decompress((bench.archives / file.name).read_bytes()).decode()
    assert (tmp_path / "day.csv").read_text() == packed
    assert done is not None and done.rows == len(packed.splitlines()) - 1 > 0
    bench.ask(ExportHistory(str(tmp_path / "day.json"), "json", quantities=("current_a",), archive=file.name))
    found = json.loads((tmp_path / "day.json").read_text())
    assert [one["current_a"] for one in found[:3]] == [0.0, 1.0, 2.0]
    missing = bench.keeper.ask(ExportHistory(str(tmp_path / "x.csv"), archive="../../etc/passwd"))
    assert missing.cause is not None and missing.cause.key == "archive-missing"
    whole = (bench.archives / file.name).read_bytes()
    (bench.archives / file.name).write_bytes(whole[: len(whole) // 2])
    cut = bench.keeper.ask(ExportHistory(str(tmp_path / "cut.csv"), archive=file.name))
    assert cut.cause is not None and cut.cause.key == "archive-cut"
    assert not (tmp_path / "cut.csv").exists() and not (tmp_path / "x.csv").exists()


def test_an_export_never_builds_in_memory(bench: Bench, tmp_path: Path) -> None:
    """Four times as many samples do not need more memory."""
    peaks = []
    for part in range(2):
        for _ in range(6000 if part == 0 else 18_000):
            bench.read(current_a=bench.clock() % 91)
        assert bench.keeper.settle()
        tracemalloc.start()
        bench.ask(ExportHistory(str(tmp_path / f"{part}.csv"), track="left"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (tmp_path / "1.csv").stat().st_size > 3.9 * (tmp_path / "0.csv").stat().st_size
    assert peaks[1] < 1.3 * peaks[0]


def test_clearing(bench: Bench) -> None:
    """S1-52."""
    bench.wall.advance(86_400 - 30)
    for _ in range(60):
        bench.read()
    bench.keeper.keep_house()
    assert bench.ask(HistoryFiles()).files
    bench.ask(ClearHistory("samples"))
    assert bench.values("pack_v") == []
    assert bench.ask(EnergyTable()).energy == ()
    assert bench.ask(HistoryFiles()).files
    bench.ask(ClearHistory("archives"))
    assert bench.ask(HistoryFiles()).files == ()
    bench.read()
    bench.again()
    assert len(bench.values("pack_v")) == 1


def test_questions_that_make_no_sense_are_refused(bench: Bench) -> None:
    for request, key in (
        (HistoryPage(quantities=("rocket",)), "quantity-unknown"),
        (SampleTable(quantities=("cell_mv.0",)), "quantity-unknown"),
        (HistoryPage(from_ms=5, until_ms=5), "range-empty"),
        (ExportHistory("x", kind="xml"), "export-kind"),
    ):
        answer = bench.keeper.ask(request)
        assert (answer.ok, answer.cause and answer.cause.key) == (False, key)


def test_figures(bench: Bench) -> None:
    """S1-68 and what the System screen shows."""
    for _ in range(25):
        bench.read()
    assert bench.keeper.settle()
    figures = bench.figures()
    assert (figures.samples, figures.lost, figures.waiting, figures.cause) == (25, 0, 0, None)
    assert figures.last_commit_ms == int(bench.wall() * 1000)
    assert figures.size_bytes > 0
    assert figures.bytes_per_sample == figures.size_bytes / 25
    assert figures.free_bytes
    assert bench.ask(CellHeat("left")).heat is not None


def test_a_keeper_that_has_ended_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.keeper.close()
    bench.keeper.close()
    assert bench.keeper.ask(LookAtStorage()).cause == Cause("engine-closed")


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of the kernel")
def test_a_file_that_the_kernel_lets_grow_no_more(tmp_path: Path) -> None:
    """A real refusal: nothing is lost, the charts go on, and storing goes on by itself."""
    command = [sys.executable, "-m", "tests.engine.history_full_child", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["database-failed", "over", "True", "True"], done.stderr
