"""A history that is always the same: two packs, a gap, waves, any resolution."""

import math
from dataclasses import replace

from tests import fleets
from tests.fakes import FakeFeed
from tui.model.fleet import Fleet
from tui.model.history import (
    DAY_MS,
    Bucket,
    CellHeat,
    Chart,
    ClearHistory,
    Energy,
    EnergyTable,
    ExportDone,
    ExportHistory,
    HeatChart,
    HeatColumn,
    HistoryFile,
    HistoryFiles,
    HistoryPage,
    LookAtStorage,
    Mark,
    SamplePage,
    SampleRow,
    SampleTable,
    Series,
    StorageFigures,
)
from tui.model.link import Cause
from tui.model.requests import Answer, Request

NOW_MS = int(fleets.WALL_S * 1000)
FIRST_MS = NOW_MS - 40 * DAY_MS
HOUR_MS = 3_600_000
GAP_MS = (NOW_MS - 11 * HOUR_MS, NOW_MS - 8 * HOUR_MS)  # nothing was measured
BUCKETS_S = (1, 5, 15, 60, 300, 600, 1800, 3600, 21_600, 86_400, 604_800)
BANDS = {"current_a": 0.3, "pack_v": 0.002}  # share of a value by which it moved inside a bucket
SPANS = {"left": (16, 53.2, 14.0), "right": (4, 13.3, -9.0)}  # cells, volts, amps


def wave(time_ms: float, hours: float, phase: float = 0.0) -> float:
    """-1 … 1, once in so many hours."""
    return math.sin(2 * math.pi * (time_ms / HOUR_MS / hours + phase))


def value(track: str, key: str, time_ms: float) -> float:
    """What was measured then."""
    _, pack_v, amps = SPANS[track]
    sun = wave(time_ms, 24.0, 0.42)
    current = amps * (0.25 + sun + 0.12 * wave(time_ms, 1.7)) * (1.0 if int(time_ms // HOUR_MS) % 5 else 0.55)
    name, _, number = key.partition(".")
    at = int(number or 0)
    found = {
        "current_a": current,
        "pack_v": pack_v * (1 + 0.012 * wave(time_ms, 24.0, 0.3)),
        "power_w": current * pack_v,
        "soc_pct": 68 + 24 * wave(time_ms, 24.0, 0.2) + (6 if track == "right" else 0),
        "soh_pct": 99.0,
        "temperature_c": 21 + 3 * wave(time_ms, 24.0, 0.1) + at,
        "spread_mv": 14 + 7 * wave(time_ms, 6.0),
        "remaining_ah": 190 + 60 * wave(time_ms, 24.0, 0.2),
        "cell_mv": 3320 + 22 * wave(time_ms, 24.0, 0.3) + (at * 7) % 19 - 9,
    }
    return found.get(name, float(at))


def series(track: str, key: str, from_ms: int, until_ms: int, bucket_ms: int) -> Series:
    """Buckets with a band, without those of the gap."""
    buckets = []
    start = from_ms - from_ms % bucket_ms
    for time_ms in range(start, min(until_ms, NOW_MS), bucket_ms):
        if GAP_MS[0] <= time_ms < GAP_MS[1] or time_ms < FIRST_MS:
            continue
        mean = value(track, key, time_ms)
        room = abs(mean) * BANDS.get(key, 0.0) * (0.4 + 0.6 * abs(wave(time_ms, 3.1)))
        buckets.append(Bucket(time_ms, mean - room, mean, mean + room, max(1, bucket_ms // 60_000)))
    return Series(track, key, tuple(buckets), 2.5 * bucket_ms / 1000)


def chart(page: HistoryPage, known: tuple[str, ...] = ("left", "right")) -> Chart:
    """The answer to a page."""
    until_ms = page.until_ms or NOW_MS
    from_ms = page.from_ms if page.from_ms is not None else until_ms - DAY_MS
    bucket_ms = bucket_for(from_ms, until_ms, page.points)
    tracks = [name for name in page.tracks or known if name in known]
    made = tuple(series(t, k, from_ms, until_ms, bucket_ms) for k in page.quantities for t in tracks)
    started = Mark(GAP_MS[1] + 60_000, "started")
    marks = (started,) if from_ms <= started.time_ms < until_ms else ()
    return Chart(from_ms, until_ms, bucket_ms / 1000, made, marks, FIRST_MS, NOW_MS - 30_000)


def bucket_for(from_ms: int, until_ms: int, points: int) -> int:
    """The shortest bucket of which so many cover the span, in ms."""
    wanted_s = (until_ms - from_ms) / 1000 / points
    return 1000 * next((one for one in BUCKETS_S if one >= wanted_s), BUCKETS_S[-1])


def samples(table: SampleTable) -> SamplePage:
    """A page of one sample a minute, newest first."""
    total, last_ms = (1440, NOW_MS - DAY_MS) if table.archive else (57_600, NOW_MS - 30_000)
    rows = []
    for number in range(table.offset, min(table.offset + table.rows, total)):
        time_ms = last_ms - number * 60_000
        rows.append(
            SampleRow(time_ms, tuple(value(table.track or "left", k, time_ms) for k in table.quantities))
        )
    return SamplePage(table.track, table.quantities, tuple(rows), total, table.offset)


def energy(table: EnergyTable) -> tuple[Energy, ...]:
    """Thirty days, or four months, of both packs; the cycles of the right one are not known."""
    count = 4 if table.by == "month" else 30
    rows = []
    for back in reversed(range(count)):
        label = (
            f"2025-{10 - back:02d}"
            if table.by == "month"
            else f"2025-{9 if back > 17 else 10:02d}-{_day(back):02d}"
        )
        for track in table.tracks or ("left", "right"):
            wh = (
                (4200.0 if track == "left" else 610.0)
                * (1 + 0.4 * math.sin(back * 1.3))
                * (30 if count == 4 else 1)
            )
            cycles = wh * 0.9 / 14_336 if track == "left" else None
            rows.append(Energy(track, label, wh, wh * 0.9, wh / 52, wh * 0.9 / 52, cycles, 86_000.0))
    return tuple(rows)


def _day(back: int) -> int:
    return 18 - back if back <= 17 else 48 - back


def heat(question: CellHeat) -> HeatChart:
    """Cell 7 of the left pack falls behind in the evening, cell 14 runs ahead."""
    until_ms = question.until_ms or NOW_MS
    from_ms = question.from_ms if question.from_ms is not None else until_ms - DAY_MS
    bucket_ms = bucket_for(from_ms, until_ms, question.points)
    cells = SPANS[question.track][0]
    columns = []
    for time_ms in range(from_ms - from_ms % bucket_ms, min(until_ms, NOW_MS), bucket_ms):
        if GAP_MS[0] <= time_ms < GAP_MS[1]:
            continue
        deviations = [4 * wave(time_ms, 9.0, n / 7) for n in range(cells)]
        if cells > 13:
            deviations[6] -= 9 + 9 * wave(time_ms, 24.0, 0.9)
            deviations[13] += 7 + 6 * wave(time_ms, 24.0, 0.2)
        columns.append(HeatColumn(time_ms, tuple(deviations)))
    return HeatChart(
        question.track, from_ms, until_ms, bucket_ms / 1000, tuple(columns), 2.5 * bucket_ms / 1000
    )


FILES = tuple(
    HistoryFile(
        f"history_2025-10-{17 - back // 2:02d}{'' if back % 2 else '_right'}.csv.gz",
        18_400 + back * 137,
        NOW_MS - (1 + back // 2) * DAY_MS,
        f"2025-10-{17 - back // 2:02d}",
        "left" if back % 2 else "right",
    )
    for back in range(24)
)
STORAGE = StorageFigures(
    "/var/lib/packdeck/history.db", 4_812_800, 21_400_000_000, 115_200, FIRST_MS, NOW_MS - 30_000, 6.4,
    NOW_MS - 4_000, 4, 0, 3, (("left", "current_a", 3),), 1, 24, 471_000,
)  # fmt: skip


class HistoryFeed(FakeFeed):
    """A feed with that history. `refusal` is what it says to everything; `last_ms` ends what it knows."""

    def __init__(self, fleet: Fleet | None = None, now: float = fleets.NOW_S) -> None:
        super().__init__(fleet or fleets.live(), now)
        self.refusal: Cause | None = None
        self.empty = False

    def ask(self, request: Request) -> Answer:
        """An answer of the right kind."""
        self.asked.append(request)
        if self.refusal is not None:
            return Answer(False, self.refusal)
        if isinstance(request, HistoryPage):
            made = chart(request)
            return Answer(
                True, chart=replace(made, series=(), first_ms=None, last_ms=None) if self.empty else made
            )
        return _other(request, self.answer)


def _other(request: Request, otherwise: Answer) -> Answer:
    match request:
        case SampleTable():
            return Answer(True, samples=samples(request))
        case EnergyTable():
            return Answer(True, energy=energy(request))
        case CellHeat():
            return Answer(True, heat=heat(request))
        case HistoryFiles():
            return Answer(True, files=FILES)
        case LookAtStorage():
            return Answer(True, storage=STORAGE)
        case ExportHistory():
            return Answer(True, export=ExportDone(request.path, 1440, 65_536))
        case ClearHistory():
            return Answer(True, storage=replace(STORAGE, samples=0))
    return otherwise
