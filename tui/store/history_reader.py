"""Answers about the history: from blocks in the file and from what is not there yet."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.model.history import (
    CELL,
    DAY_MS,
    Bucket,
    CellHeat,
    Chart,
    Energy,
    EnergyTable,
    HeatChart,
    HeatColumn,
    HistoryPage,
    Mark,
    SampleRow,
    Series,
)
from tui.store.database import DatabaseFile, Statement
from tui.store.history_buckets import (
    Pour,
    bucket_for,
    day_of,
    gap_s,
    open_stretch,
    rolled_stretch,
    span_of,
)
from tui.store.history_codec import BlockError
from tui.store.history_rows import Samples, scale_of
from tui.store.history_schema import HOURS, LEVEL_MS, MINUTES, SAMPLES
from tui.store.history_table import HistoryTable
from tui.store.history_writer import BLOCK_SPAN_MS, Newest

Names = tuple[str, str]  # track, quantity


class HistoryReader(HistoryTable):
    """Charts and sums. Any thread may ask; DatabaseError when the file cannot be read."""

    def chart(self, page: HistoryPage, now_ms: int) -> Chart:
        """All series of a page."""
        from_ms, until_ms = span_of(page.from_ms, page.until_ms, now_ms)
        bucket_ms = bucket_for(until_ms - from_ms, page.points)
        tracks = page.tracks or self.tracks()
        newest = self._newest()
        found = self._buckets(newest, tracks, page.quantities, from_ms, until_ms, bucket_ms)
        series = tuple(
            _series(track, key, found[track, key], bucket_ms) for track in tracks for key in page.quantities
        )
        first_ms, last_ms = self.extent(tracks)
        marks = self.marks(from_ms, until_ms, tracks)
        return Chart(from_ms, until_ms, bucket_ms / 1000, series, marks, first_ms, last_ms)

    def heat(self, question: CellHeat, now_ms: int) -> HeatChart:
        """Each cell's distance from the mean of its pack."""
        from_ms, until_ms = span_of(question.from_ms, question.until_ms, now_ms)
        bucket_ms = bucket_for(until_ms - from_ms, question.points)
        track, newest = question.track, self._newest()
        keys = self._cells(newest, track)
        found = self._buckets(newest, (track,), keys, from_ms, until_ms, bucket_ms)
        cells = [found[track, key] for key in keys]
        starts = sorted({start for cell in cells for start in cell})
        columns = tuple(HeatColumn(start, _deviations(cells, start)) for start in starts)
        gap = gap_s(starts, bucket_ms)
        return HeatChart(track, from_ms, until_ms, bucket_ms / 1000, columns, gap)

    def marks(self, from_ms: int, until_ms: int, tracks: Sequence[str]) -> tuple[Mark, ...]:
        """What is to know about this time, oldest first."""
        fresh = [mark for mark in self._newest().marks if from_ms <= mark.time_ms < until_ms]
        sql = (
            "SELECT time_ms, kind, track, seconds FROM history_marks"
            " WHERE time_ms >= ? AND time_ms < ? ORDER BY time_ms"
        )
        rows = self._database.read(sql, (from_ms, until_ms))
        stored = [
            Mark(int(str(ms)), str(kind), str(name), float(str(seconds))) for ms, kind, name, seconds in rows
        ]
        every = dict.fromkeys((*stored, *fresh))  # one on its way to the file may be in both
        return tuple(mark for mark in every if mark.track in ("", *tracks))

    def energy(self, question: EnergyTable, now_ms: int) -> tuple[Energy, ...]:
        """Rows per track, oldest first."""
        first = day_of(question.from_ms or 0) if question.from_ms else ""
        last = day_of((question.until_ms or now_ms + DAY_MS) - 1)
        tracks = question.tracks or self.tracks()
        days = self._energy_days(tracks, first, last)
        size = 7 if question.by == "month" else 10
        summed: dict[Names, Energy] = {}
        for day, nominal_ah in days:
            key = day.track, day.label[:size]
            before = summed.get(key, Energy(*key))
            summed[key] = _more(before, day, nominal_ah)
        order = {name: n for n, name in enumerate(tracks)}
        return tuple(sorted(summed.values(), key=lambda one: (order[one.track], one.label)))

    def rolled(
        self, track: str, quantities: Sequence[str], from_ms: int, until_ms: int, bucket_ms: int
    ) -> Iterator[SampleRow]:
        """Means per bucket of time, oldest first; a day at a time, so that a year needs no memory."""
        step = max(DAY_MS, bucket_ms)
        begin = from_ms - from_ms % bucket_ms
        while begin < until_ms:
            end = min(begin + step, until_ms)
            found = self._buckets(self._newest(), (track,), quantities, begin, end, bucket_ms)
            series = [found[track, key] for key in quantities]
            for start in sorted({start for one in series for start in one}):
                means = (one.get(start) for one in series)
                yield SampleRow(start, tuple(None if b is None else b.mean for b in means))
            begin += step

    def _cells(self, newest: Newest, track: str) -> tuple[str, ...]:
        """The keys of all cells that this track ever had."""
        rows = self._database.read("SELECT keys FROM history_tracks WHERE track = ?", (track,))
        keys = {key for row in rows for key in str(row[0]).split()}
        keys.update(key for open_rows in newest.samples.get(track, ()) for key in open_rows.keys)
        cells = [key for key in keys if key.startswith(f"{CELL}.")]
        return tuple(sorted(cells, key=lambda key: int(key.partition(".")[2])))

    def _energy_days(self, tracks: Sequence[str], first: str, last: str) -> list[tuple[Energy, float | None]]:
        marks = ", ".join("?" * len(tracks))
        sql = (
            "SELECT track, day, charged_wh, discharged_wh, charged_ah, discharged_ah, measured_s, nominal_ah"
            f" FROM history_energy WHERE track IN ({marks}) AND day >= ? AND day <= ? ORDER BY day"
        )
        found = []
        for track, day, *numbers, nominal_ah in self._database.read(sql, (*tracks, first, last)):
            wh_in, wh_out, ah_in, ah_out, measured_s = (float(str(number)) for number in numbers)
            nominal = None if nominal_ah is None else float(str(nominal_ah))
            one = Energy(str(track), str(day), wh_in, wh_out, ah_in, ah_out, None, measured_s)
            found.append((one, nominal))
        fresh = self._newest().energy
        return [*found, *(one for one in fresh if one[0].track in tracks and first <= one[0].label <= last)]

    def _buckets(
        self,
        newest: Newest,
        tracks: Sequence[str],
        keys: Sequence[str],
        from_ms: int,
        until_ms: int,
        bucket_ms: int,
    ) -> dict[Names, dict[int, Bucket]]:
        """The finest rows that are needed; coarser ones for times whose fine rows are gone."""
        level = next(n for n in (HOURS, MINUTES, SAMPLES) if bucket_ms % max(LEVEL_MS[n], 1) == 0)
        begin = from_ms - from_ms % bucket_ms
        pours: dict[Names, Pour] = defaultdict(lambda: Pour(bucket_ms))
        for track in tracks:
            end = until_ms
            if level == SAMPLES:
                end = self._pour_live(pours, newest, track, keys, begin, end)
            for tier in range(level, HOURS + 1):
                if begin >= end:
                    break
                first_ms = begin if tier == HOURS else self._first_ms(newest, tier, track)
                low = max(begin, min(first_ms, end))
                pour = self._pour_samples if tier == SAMPLES else self._pour_rolled
                pour(pours, newest, _Cut(tier, track, keys, low, end))
                end = low - low % LEVEL_MS[min(tier + 1, HOURS)]  # what is in both would count twice
        return {(t, k): pours[t, k].buckets(scale_of(k)) for t in tracks for k in keys}

    @staticmethod
    def _pour_live(
        pours: "dict[Names, Pour]", newest: Newest, track: str, keys: Sequence[str], begin: int, end: int
    ) -> int:
        """The readings in memory, of which only some are stored; gives where they begin."""
        rows = newest.live.get(track)
        if rows is None or not rows.times or rows.times[0] >= end or rows.times != sorted(rows.times):
            return end
        first_ms = max(begin, rows.times[0])
        _pour_columns(pours, _Cut(SAMPLES, track, keys, first_ms, end), Samples.of_open(rows))
        return first_ms

    def _pour_samples(self, pours: "dict[Names, Pour]", newest: Newest, cut: "_Cut") -> None:
        sql = (
            "SELECT body FROM history_samples WHERE track = ? AND start_ms < ? AND start_ms >= ?"
            " AND end_ms >= ? AND id < ?"
        )
        args = (cut.track, cut.until_ms, cut.blocks_from_ms, cut.from_ms, newest.samples_below)
        blocks = self._decoded(row[0] for row in self._database.read(sql, args))
        fresh = (Samples.of_open(rows) for rows in newest.samples.get(cut.track, ()))
        for samples in (*blocks, *fresh):
            _pour_columns(pours, cut, samples)

    def _pour_rolled(self, pours: "dict[Names, Pour]", newest: Newest, cut: "_Cut") -> None:
        marks = ", ".join("?" * len(cut.keys))
        sql = (
            "SELECT quantity, body FROM history_rollups WHERE level = ? AND track = ? AND quantity IN"
            f" ({marks}) AND start_ms < ? AND start_ms >= ? AND end_ms > ? AND id < ?"
        )
        span = (cut.until_ms, cut.blocks_from_ms, cut.from_ms, newest.rollups_below)
        for key, body in self._database.read(sql, (cut.level, cut.track, *cut.keys, *span)):
            try:
                stretch = rolled_stretch(body if isinstance(body, bytes) else b"", LEVEL_MS[cut.level])
                pours[cut.track, str(key)].add(stretch, cut.from_ms, cut.until_ms)
            except BlockError:
                self.damaged += 1
        for rows in newest.rolled.get((cut.level, cut.track), ()):
            for key in cut.keys:
                if key in rows.keys:
                    pours[cut.track, key].add(open_stretch(rows, key), cut.from_ms, cut.until_ms)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which rows of one level are wanted: of a track, from a moment to another one, not included."""

    level: int
    track: str
    keys: Sequence[str]
    from_ms: int
    until_ms: int

    @property
    def blocks_from_ms(self) -> int:
        """No block that begins earlier reaches into it."""
        return self.from_ms - BLOCK_SPAN_MS[self.level]


def _pour_columns(pours: "dict[Names, Pour]", cut: _Cut, samples: Samples) -> None:
    for key in cut.keys:
        column = zip(samples.times, samples.column(key), strict=True)
        known = [(ms, value * scale_of(key)) for ms, value in column if value is not None]
        if known:
            times, values = [ms for ms, _ in known], [value for _, value in known]
            stretch = times, values, values, values, (1,) * len(times)
            pours[cut.track, key].add(stretch, cut.from_ms, cut.until_ms)


def _series(track: str, key: str, found: dict[int, Bucket], bucket_ms: int) -> Series:
    return Series(track, key, tuple(found.values()), gap_s(list(found), bucket_ms))


def _deviations(cells: Sequence[dict[int, Bucket]], start: int) -> tuple[float | None, ...]:
    means = [cell[start].mean if start in cell else None for cell in cells]
    known = [mean for mean in means if mean is not None]
    middle = sum(known) / len(known)
    return tuple(None if mean is None else round(mean - middle, 2) for mean in means)


def _more(before: Energy, day: Energy, nominal_ah: float | None) -> Energy:
    discharged_ah = before.discharged_ah + day.discharged_ah
    cycles = before.cycles
    if nominal_ah:
        cycles = (cycles or 0.0) + day.discharged_ah / nominal_ah
    return Energy(
        before.track,
        before.label,
        before.charged_wh + day.charged_wh,
        before.discharged_wh + day.discharged_wh,
        before.charged_ah + day.charged_ah,
        discharged_ah,
        cycles,
        before.measured_s + day.measured_s,
    )


class OnlyRead:
    """A file that nobody writes now, for who would also write: what comes this way is thrown away."""

    waiting = 0

    def __init__(self, path: Path) -> None:
        self.read = DatabaseFile(path).read

    def execute_all(self, statements: list[Statement]) -> bool:
        """Nothing is kept."""
        del statements
        return False
