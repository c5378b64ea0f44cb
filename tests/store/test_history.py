"""Samples come back as they were: from memory, from the ring, from blocks, and as minutes and hours."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.history_house import PATIENCE_S, START_MS, HistoryHouse, battery
from tui.model.history import CellHeat, Energy, EnergyTable, HistoryPage, Mark, SampleTable, with_derived
from tui.store.database import DatabaseError
from tui.store.history_reader import HistoryReader, OnlyRead
from tui.store.history_retention import AT_ONCE, size_of, too_much, too_old
from tui.store.history_schema import RING
from tui.store.history_writer import BLOCK_ROWS, HistoryWriter

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HistoryHouse]:
    made = HistoryHouse(tmp_path)
    yield made
    made.database.close()


def fill(house: HistoryHouse, rows: int, *, step_ms: int = 1000, every: int = 10) -> list[dict[str, float]]:
    """So many samples of one battery through the writer, committed as the engine does."""
    source = battery(1, step_ms=step_ms)
    found = []
    for n in range(rows):
        values = next(source)
        found.append(values)
        time_ms = int(values["t"])
        said = {key: value for key, value in values.items() if key != "t"}
        house.writer.add("left", time_ms, with_derived(said), store=True)
        if n % every == every - 1:
            house.writer.commit()
    return found


def everything(house: HistoryHouse, *quantities: str) -> list[tuple[float | None, ...]]:
    page = house.reader.page(SampleTable("left", quantities, rows=10_000, newest_first=False))
    assert page.total == len(page.rows)
    return [(row.time_ms, *row.values) for row in page.rows]


def test_a_sample_comes_back_from_memory_ring_and_block(house: HistoryHouse) -> None:
    """S1-7."""
    rows = fill(house, BLOCK_ROWS[0] + 25)  # a block, two commits in the ring, five in memory
    keys = ("pack_v", "current_a", "cell_mv.3", "temperature_c.4", "soc_pct", "cycles")
    wanted = [(int(row["t"]), *(row[key] for key in keys)) for row in rows]
    assert everything(house, *keys) == wanted
    house.again()
    assert everything(house, *keys) == wanted
    assert house.reader.count() == (len(rows), wanted[0][0], wanted[-1][0])


def test_what_follows_from_a_sample_is_not_stored_and_still_there(house: HistoryHouse) -> None:
    house.add(START_MS, pack_v=53.0, current_a=-10.0, cell_mv__1=3300, cell_mv__2=3310)
    house.again()
    keys = ("power_w", "spread_mv", "lowest_mv", "highest_mv", "mean_mv", "soc_pct", "temperature_c")
    assert everything(house, *keys) == [(START_MS, -530.0, 10.0, 3300.0, 3310.0, 3305.0, None, None)]
    stored = sqlite3.connect(house.path).execute("SELECT keys FROM history_tracks").fetchone()
    assert stored == ("pack_v current_a cell_mv.1 cell_mv.2",)


def test_extremes_of_a_unit_without_cells_are_stored(house: HistoryHouse) -> None:
    house.add(START_MS, lowest_mv=3300, highest_mv=3350)
    house.again()
    assert everything(house, "lowest_mv", "highest_mv", "spread_mv") == [(START_MS, 3300.0, 3350.0, 50.0)]


def test_missing_values_stay_missing(house: HistoryHouse) -> None:
    house.add(START_MS, pack_v=53.0)
    house.add(START_MS + 1000, pack_v=53.1, soc_pct=50.0)
    house.add(START_MS + 2000, soc_pct=51.0)
    house.again()
    assert [row[1:] for row in everything(house, "pack_v", "soc_pct")] == [
        (53.0, None),
        (53.1, 50.0),
        (None, 51.0),
    ]


def test_minutes_and_hours_are_what_their_samples_are(house: HistoryHouse) -> None:
    """Rollups kept on write equal those computed from the samples, before and after a restart."""
    rows = fill(house, 9000)
    for _ in range(2):
        for bucket_ms in (MINUTE_MS, HOUR_MS):
            points = 3 * HOUR_MS // bucket_ms
            page = HistoryPage(
                ("left",), ("pack_v", "cell_mv.2", "power_w"), START_MS, START_MS + 3 * HOUR_MS, points
            )
            chart = house.reader.chart(page, START_MS)
            assert chart.bucket_s == bucket_ms / 1000
            for series, scale in zip(chart.series, (1000, 1, 10), strict=True):
                assert sum(bucket.count for bucket in series.buckets) == len(rows)
                for bucket in series.buckets:
                    inside = [r for r in rows if 0 <= r["t"] - bucket.start_ms < bucket_ms]
                    values = [
                        with_derived({k: v for k, v in r.items() if k != "t"})[series.quantity]
                        for r in inside
                    ]
                    assert bucket.count == len(values)
                    assert bucket.low == pytest.approx(min(values), abs=0.6 / scale)
                    assert bucket.high == pytest.approx(max(values), abs=0.6 / scale)
                    assert bucket.mean == pytest.approx(sum(values) / len(values), abs=1.1 / scale)
        house.again()


def test_a_gap_is_a_gap(house: HistoryHouse) -> None:
    """A time without data has no bucket, and neighbours across it are farther apart than `gap_s`."""
    for second in (*range(600), *range(1800, 2400)):
        house.add(START_MS + second * 1000, pack_v=53.0)
    house.commit()
    chart = house.reader.chart(
        HistoryPage(("left",), ("pack_v",), START_MS, START_MS + HOUR_MS, 360), START_MS
    )
    starts = [bucket.start_ms - START_MS for bucket in chart.series[0].buckets]
    assert chart.bucket_s == 10
    assert starts == [*range(0, 600_000, 10_000), *range(1_800_000, 2_400_000, 10_000)]
    assert chart.series[0].gap_s * 1000 < 1_800_000 - 590_000


def test_rare_samples_are_still_one_line(house: HistoryHouse) -> None:
    """S1-13: one sample a minute in a chart with shorter buckets is not all gaps."""
    for minute in range(30):
        house.writer.add("left", START_MS + minute * MINUTE_MS, {"pack_v": 53.0}, store=True)
    house.commit()
    chart = house.reader.chart(
        HistoryPage(("left",), ("pack_v",), START_MS, START_MS + 30 * MINUTE_MS, 360), START_MS
    )
    assert (chart.bucket_s, len(chart.series[0].buckets)) == (5.0, 30)
    assert chart.series[0].gap_s >= 60


def test_lowest_and_highest_come_from_all_readings_not_only_the_stored_ones(house: HistoryHouse) -> None:
    for second in range(180):
        spike = 200.0 if second == 90 else 5.0
        house.writer.add("left", START_MS + second * 1000, {"current_a": spike}, store=second % 60 == 0)
    house.again()
    chart = house.reader.chart(
        HistoryPage(("left",), ("current_a",), START_MS, START_MS + HOUR_MS, 60), START_MS
    )
    assert max(bucket.high for bucket in chart.series[0].buckets) == 200.0
    assert [row[1] for row in everything(house, "current_a")] == [5.0, 5.0, 5.0]


def test_the_last_minutes_are_drawn_from_all_readings(house: HistoryHouse) -> None:
    for second in range(300):
        house.writer.add(
            "left", START_MS + second * 1000, {"current_a": float(second)}, store=second % 60 == 0
        )
    chart = house.reader.chart(
        HistoryPage(("left",), ("current_a",), START_MS, START_MS + 300_000, 300), START_MS
    )
    assert len(chart.series[0].buckets) == 300


def test_tracks_share_one_time_axis(house: HistoryHouse) -> None:
    for second in range(120):
        house.add(START_MS + second * 1000, "left", pack_v=53.0, soc_pct=70.0)
        house.add(START_MS + second * 1000 + 300, "right", pack_v=13.2)
    chart = house.reader.chart(HistoryPage(quantities=("pack_v", "soc_pct"), until_ms=START_MS + 120_000), 0)
    assert [(series.track, series.quantity) for series in chart.series] == [
        ("left", "pack_v"), ("left", "soc_pct"), ("right", "pack_v"), ("right", "soc_pct"),
    ]  # fmt: skip
    left, _, right, nothing = chart.series
    assert [b.start_ms for b in left.buckets] == [b.start_ms for b in right.buckets]
    assert nothing.buckets == ()
    assert (chart.first_ms, chart.last_ms) == (START_MS, START_MS + 119_300)


def test_a_range_without_data_is_empty_and_no_mistake(house: HistoryHouse) -> None:
    asked = HistoryPage(("left", "nobody"), ("pack_v",), START_MS, START_MS + DAY_MS)
    assert all(series.buckets == () for series in house.reader.chart(asked, 0).series)
    house.add(START_MS, pack_v=53.0)
    house.commit()
    before = HistoryPage(("left", "nobody"), ("pack_v",), START_MS - 2 * DAY_MS, START_MS - DAY_MS)
    assert all(series.buckets == () for series in house.reader.chart(before, 0).series)
    assert house.reader.page(SampleTable("left", from_ms=1, until_ms=2)).total == 0
    assert house.reader.page(SampleTable("nobody")).rows == ()
    assert house.reader.heat(CellHeat("nobody"), START_MS).columns == ()


@pytest.mark.parametrize("rows", [10, 20, 50])
def test_pages_of_samples(house: HistoryHouse, rows: int) -> None:
    """S1-49, S4-11, S4-13, CL-46."""
    fill(house, 1300)
    whole = everything(house, "current_a")
    newest = [
        r
        for n in range(0, 1300, rows)
        for r in house.reader.page(SampleTable("left", ("current_a",), offset=n, rows=rows)).rows
    ]
    assert [(row.time_ms, *row.values) for row in reversed(newest)] == whole
    page = house.reader.page(SampleTable("left", ("current_a",), offset=595, rows=rows, newest_first=False))
    assert [(row.time_ms, *row.values) for row in page.rows] == whole[595 : 595 + rows]
    assert (page.total, page.offset) == (1300, 595)
    span = house.reader.page(SampleTable("left", (), from_ms=int(whole[100][0]), until_ms=int(whole[700][0])))
    assert span.total == 600
    assert house.reader.page(SampleTable("left", offset=5000)).rows == ()


def test_heat_is_the_distance_from_the_mean(house: HistoryHouse) -> None:
    for second in range(120):
        house.add(START_MS + second * 1000, cell_mv__1=3300, cell_mv__2=3306, cell_mv__10=3303)
    heat = house.reader.heat(CellHeat("left", START_MS, START_MS + 120_000, 2), 0)
    assert heat.bucket_s == 60
    assert [column.deviation_mv for column in heat.columns] == [(-3.0, 3.0, 0.0)] * 2


def test_energy_per_day_and_month(house: HistoryHouse) -> None:
    for day in ("2025-10-31", "2025-11-01", "2025-11-01"):
        house.writer.add_energy(Energy("left", day, 100.0, 50.0, 2.0, 1.0, None, 3600.0), 10.0)
    house.add(START_MS, pack_v=53.0)
    for _ in range(2):
        days = house.reader.energy(EnergyTable(("left",)), START_MS)
        assert [(one.label, one.charged_wh, one.cycles) for one in days] == [
            ("2025-10-31", 100.0, 0.1), ("2025-11-01", 200.0, 0.2),
        ]  # fmt: skip
        months = house.reader.energy(EnergyTable(("left",), by="month"), START_MS)
        assert [(one.label, one.discharged_ah, one.measured_s) for one in months] == [
            ("2025-10", 1.0, 3600.0), ("2025-11", 2.0, 7200.0),
        ]  # fmt: skip
        house.again()


def test_time_going_backwards_is_kept_and_marked(house: HistoryHouse) -> None:
    for second in range(30):
        house.add(START_MS + HOUR_MS + second * 1000, pack_v=53.0)
    house.writer.cut()
    house.writer.mark(Mark(START_MS, "clock-back", seconds=-3630.0))
    for second in range(30):
        house.add(START_MS + second * 1000, pack_v=54.0)
    for _ in range(2):
        chart = house.reader.chart(
            HistoryPage(("left",), ("pack_v",), START_MS, START_MS + 2 * HOUR_MS, 120), 0
        )
        assert [(b.start_ms - START_MS, b.mean, b.count) for b in chart.series[0].buckets] == [
            (0, 54.0, 30), (HOUR_MS, 53.0, 30),
        ]  # fmt: skip
        assert [(mark.kind, mark.seconds) for mark in chart.marks] == [("clock-back", -3630.0)]
        assert len(everything(house, "pack_v")) == 60
        house.again()


def test_a_ring_that_goes_round_loses_nothing(house: HistoryHouse) -> None:
    """Sixteen tracks with a commit each: the slots run out long before a block is long."""
    for n in range(200):
        for track in range(16):
            house.add(START_MS + n * MINUTE_MS, f"t{track}", pack_v=53.0 + n / 1000)
            house.writer.commit()
    house.again()
    assert RING < 200 * 16
    for track in range(16):
        page = house.reader.page(SampleTable(f"t{track}", ("pack_v",), rows=1000, newest_first=False))
        assert [row.values[0] for row in page.rows] == [pytest.approx(53.0 + n / 1000) for n in range(200)]


@pytest.mark.parametrize("minutes", [10, 359, 360, 361, 420, 480])
def test_a_restart_where_a_block_a_minute_or_an_hour_ends(house: HistoryHouse, minutes: int) -> None:
    """Nothing is in two minutes or two hours, and nothing in none, however often the engine starts."""
    total = minutes * 60
    for second in range(total):
        house.add(START_MS + second * 1000, pack_v=53.0)
        if second % 20 == 19:
            house.writer.commit()
        if second % 600 == 599:
            assert house.database.settle(PATIENCE_S)
    for more in range(4):
        house.again()
        house.add(START_MS + (total + more) * 1000, pack_v=53.0)
    for _ in range(2):
        for points in (4000, minutes // 20, 1):
            asked = HistoryPage(
                ("left",), ("pack_v",), START_MS, START_MS + (minutes + 1) * MINUTE_MS, points
            )
            buckets = house.reader.chart(asked, 0).series[0].buckets
            assert sum(bucket.count for bucket in buckets) == total + 4
        house.again()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.integers(-90_000, 400_000), min_size=1, max_size=60), restart=st.integers(0, 60))
def test_any_times_and_a_restart_anywhere_keep_every_sample(
    tmp_path: Path, steps: list[int], restart: int
) -> None:
    folder = tmp_path / "one"
    shutil.rmtree(folder, ignore_errors=True)
    house = HistoryHouse(folder)
    time_ms, wanted = START_MS, []
    for n, step in enumerate(steps):
        time_ms += step
        wanted.append((time_ms, float(n)))
        house.add(time_ms, pack_v=float(n))
        if n == restart:
            house.again()
    house.again()
    found = house.reader.page(SampleTable("left", ("pack_v",), rows=1000)).rows
    assert sorted((row.time_ms, row.values[0]) for row in found) == sorted(wanted)
    span = (min(ms for ms, _ in wanted) - HOUR_MS, max(ms for ms, _ in wanted) + HOUR_MS)
    for points in (4000, 100, 1):
        chart = house.reader.chart(HistoryPage(("left",), ("pack_v",), *span, points), 0)
        assert sum(bucket.count for bucket in chart.series[0].buckets) == len(wanted)
    house.end()


def test_samples_before_the_file_could_be_read_are_not_lost(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    fill(house, 40)
    house.end()
    house.begin()
    late = HistoryWriter(house.database)  # its `load` comes later: the disk was away
    for n in range(700):
        late.add("left", START_MS + HOUR_MS + n * 1000, {"pack_v": 50.0}, store=True)
        assert not late.commit()
    late.load()
    late.commit(is_last=True)
    assert house.database.settle(PATIENCE_S)
    house.database.close()
    house.begin()
    assert house.reader.count()[0] == 740
    house.database.close()


def test_old_samples_leave_and_their_hours_stay(house: HistoryHouse) -> None:
    for n in range(3 * 1440):
        house.add(START_MS + n * MINUTE_MS, pack_v=53.0)
        if n % 60 == 0:
            house.commit()
    house.commit()
    newest_ms = house.reader.count()[2]
    assert newest_ms is not None
    house.database.execute_all(too_old(1, newest_ms))
    assert house.database.settle(PATIENCE_S)
    samples, first_ms, _ = house.reader.count()
    assert 1440 <= samples < 1440 + BLOCK_ROWS[0]
    assert first_ms is not None and first_ms > START_MS + DAY_MS
    chart = house.reader.chart(HistoryPage(("left",), ("pack_v",), START_MS, START_MS + 3 * DAY_MS, 24), 0)
    assert sum(bucket.count for bucket in chart.series[0].buckets) == 3 * 1440
    # Where single samples are gone, a chart with short buckets has the minutes.
    early = house.reader.chart(HistoryPage(("left",), ("pack_v",), START_MS, START_MS + HOUR_MS, 360), 0)
    assert len(early.series[0].buckets) == 60


def test_too_much_leaves_oldest_first(house: HistoryHouse) -> None:
    fill(house, 1300)
    house.commit()
    assert too_much(house.database, 1 << 30) == []
    statements = too_much(house.database, size_of(house.database))
    assert [args[-1] for _, args in statements] == [AT_ONCE]


def read_only(path: Path) -> HistoryReader:
    """The history in a file, as the command line reads it without an engine."""
    database = OnlyRead(path)
    writer = HistoryWriter(database)
    writer.load()
    return HistoryReader(database, writer.newest)


def test_nobody_writes_and_the_file_is_read(house: HistoryHouse) -> None:
    """The command line reads without an engine: also what waits in the ring."""
    fill(house, 650)
    house.end()
    assert read_only(house.path).count()[0] == 650
    with pytest.raises(DatabaseError) as caught:
        read_only(house.path.with_name("no.db"))
    assert caught.value.cause.key == "database-missing"


def test_a_damaged_block_costs_its_own_samples_only(house: HistoryHouse) -> None:
    fill(house, 1900)
    house.end()
    with sqlite3.connect(house.path) as raw:
        raw.execute("UPDATE history_samples SET body = x'00' WHERE id = 2")
        raw.execute("UPDATE history_ring SET body = x'00' WHERE seq = (SELECT max(seq) FROM history_ring)")
    raw.close()
    house.begin()
    rows = house.reader.page(SampleTable("left", ("pack_v",), rows=5000)).rows
    assert len(rows) == 1290
    assert house.reader.damaged


def test_clearing_leaves_nothing_behind(house: HistoryHouse) -> None:
    """S1-52."""
    fill(house, 1300)
    house.writer.add_energy(Energy("left", "2025-11-21", 1.0))
    house.database.execute_all(house.writer.clear())
    house.again()
    assert house.reader.count() == (0, None, None)
    assert house.reader.energy(EnergyTable(("left",)), START_MS) == ()
    fill(house, 20)
    house.again()
    assert house.reader.count()[0] == 20
