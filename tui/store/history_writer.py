"""What is not in blocks yet, and the statements that bring it there. One thread writes, others look."""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from tui.model.history import DAY_MS, Energy, Mark
from tui.store.database import Statement
from tui.store.history_loading import Hour, Level, Readable, load
from tui.store.history_rollup import joined, rolled_up
from tui.store.history_rows import (
    Ended,
    OpenRows,
    Rolled,
    rolled_block,
    rolled_ring,
    sample_block,
    sample_ring,
    scaled,
    stored,
)
from tui.store.history_schema import HOURS, LEVEL_MS, MINUTES, RING, SAMPLES

log = logging.getLogger(__name__)

T = TypeVar("T")

BLOCK_ROWS = (600, 360, 168)  # ten minutes of seconds, six hours of minutes, a week of hours
# No block is longer than that, so that a range finds all blocks that touch it.
BLOCK_SPAN_MS = (DAY_MS, DAY_MS, 14 * DAY_MS)
RING_FULL = RING * 3 // 4
ROWS_MAX = 20_000  # of one track, while nothing can be stored
QUEUE_ROOM = 2000  # statements that may wait in the database
LIVE_ROWS = 900  # newest readings of a track, in memory only: fifteen minutes of seconds

_RING = "INSERT OR REPLACE INTO history_ring VALUES (?, ?, ?, ?)"
_SEALED = "INSERT OR REPLACE INTO history_sealed VALUES (?, ?, ?)"
_SAMPLES = "INSERT INTO history_samples VALUES (?, ?, ?, ?, ?, ?)"
_ROLLUPS = "INSERT INTO history_rollups VALUES (?, ?, ?, ?, ?, ?, ?)"
_TRACK = "INSERT OR REPLACE INTO history_tracks VALUES (?, ?)"
_MARK = "INSERT INTO history_marks VALUES (?, ?, ?, ?)"
_ENERGY = (
    "INSERT INTO history_energy VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " charged_wh = charged_wh + excluded.charged_wh, discharged_wh = discharged_wh + excluded.discharged_wh,"
    " charged_ah = charged_ah + excluded.charged_ah, discharged_ah = discharged_ah + excluded.discharged_ah,"
    " measured_s = measured_s + excluded.measured_s, nominal_ah = coalesce(excluded.nominal_ah, nominal_ah)"
)


class Writable(Readable, Protocol):
    """A database that keeps."""

    @property
    def waiting(self) -> int: ...

    def execute_all(self, statements: list[Statement]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Newest:
    """What a reader adds to the blocks in the file whose ids are below these."""

    samples_below: int
    rollups_below: int
    samples: dict[str, tuple[OpenRows[int], ...]]
    rolled: dict[tuple[int, str], tuple[OpenRows[Rolled], ...]]
    live: dict[str, OpenRows[int]] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    energy: tuple[tuple[Energy, float | None], ...] = ()  # with the nominal capacity


class HistoryWriter:
    """Takes samples and gives statements. Nothing is written before `load` has succeeded."""

    def __init__(self, database: Writable) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._levels = (Level(), Level(), Level())
        self._minutes: dict[str, tuple[int, OpenRows[int]]] = {}  # start, readings in it
        self._hours: dict[str, Hour] = {}
        self._live: dict[str, OpenRows[int]] = {}
        self._moving: list[tuple[int, int, str, OpenRows[int] | OpenRows[Rolled]]] = []  # level, id, track
        self._moving_marks: list[Mark] = []
        self._statements: list[Statement] = []
        self._marks: list[Mark] = []
        self._energy: dict[tuple[str, str], tuple[Energy, float | None]] = {}
        self.loaded = False
        self.lost = 0  # samples

    def load(self) -> None:
        """Go on where the file ends. DatabaseError."""
        if self.loaded:
            return
        with self._lock:
            found = load(self._database)
            early, self._levels = self._levels, found.levels
            minutes, self._minutes = self._minutes, {}
            self._hours, self._statements = found.hours, []
            for track, seq, time_ms, steps in found.unfinished:
                self._roll(track, time_ms, steps, seq)
            self._minutes.update(minutes)
            self.loaded = True
            self._repeat(early)

    def _repeat(self, early: tuple[Level, ...]) -> None:
        """Once more what came before the file could be read."""
        for track, samples in early[SAMPLES].samples.items():
            for time_ms, row in zip(samples.times, samples.rows, strict=True):
                self._store(track, time_ms, _known(samples.keys, row))
        self._queue_ring()
        for level in (MINUTES, HOURS):
            for track, rolled in early[level].rolled.items():
                below = self._levels[SAMPLES].samples.get(track)
                seq = below.last_seq if below and level == MINUTES else self._levels[level - 1].seq
                for start_ms, values in zip(rolled.times, rolled.rows, strict=True):
                    self._keep(level, track, start_ms, _known(rolled.keys, values), seq)

    def add(self, track: str, time_ms: int, values: Mapping[str, float], *, store: bool) -> None:
        """One reading of a track: into its minute, and into the samples when `store` says so."""
        steps = scaled(values)
        with self._lock:
            self._roll(track, time_ms, steps)
            kept = stored(steps)
            self._live.setdefault(track, OpenRows()).add_newest(time_ms, kept, LIVE_ROWS)
            if store:
                self._store(track, time_ms, kept)

    def add_energy(self, energy: Energy, nominal_ah: float | None = None) -> None:
        """Add to the day `energy.label` of a track."""
        with self._lock:
            key = energy.track, energy.label
            before, nominal = self._energy.get(key, (Energy(*key), None))
            self._energy[key] = _sum(before, energy), nominal_ah or nominal

    def mark(self, mark: Mark) -> None:
        """Remember something about a place of the time axis; written with the next commit."""
        with self._lock:
            self._marks.append(mark)

    def cut(self) -> None:
        """End all blocks of samples: the next times may be before the last ones."""
        with self._lock:
            for track in tuple(self._minutes):
                self._end_minute(track)
            if not self.loaded:
                return
            self._live.clear()
            self._queue_ring()
            for track in self._levels[SAMPLES].samples:
                self._seal(SAMPLES, track)

    @property
    def waiting(self) -> int:
        """Samples that no statement has yet."""
        with self._lock:
            return sum(len(rows.rows) - rows.queued for rows in self._levels[SAMPLES].samples.values())

    def commit(self, *, is_last: bool = False) -> bool:
        """Give the database what is new, as one transaction. False when nothing was to do or it is full.

        Rollups and energy wait for the next sample, so that a commit is worth its blocks.
        """
        with self._lock:
            self._settle_moving()
            if not self.loaded or self._database.waiting > QUEUE_ROOM:
                return False
            if not (self.waiting or self._marks or (is_last and (self._statements or self._energy))):
                return False
            self._queue_ring()
            self._seal_what_is_long()
            self._queue_rest()
            statements, self._statements = self._statements, []
            return self._database.execute_all(statements)

    def newest(self) -> Newest:
        """Everything that is not, or perhaps not, in blocks of the file."""
        with self._lock:
            self._settle_moving()
            samples: dict[str, tuple[OpenRows[int], ...]] = {}
            rolled: dict[tuple[int, str], tuple[OpenRows[Rolled], ...]] = {}
            below = [self._levels[SAMPLES].next_id, self._levels[MINUTES].next_id]
            for level, number, track, rows in self._moving:
                kind = min(level, MINUTES)
                below[kind] = min(below[kind], number)
                _append(samples if level == SAMPLES else rolled, track, level, rows)
            for track, one in self._levels[SAMPLES].samples.items():
                _append(samples, track, SAMPLES, one.copy())
            for level in (MINUTES, HOURS):
                for track, some in self._levels[level].rolled.items():
                    _append(rolled, track, level, some.copy())
            for track, (start_ms, readings) in self._minutes.items():
                values = rolled_up(readings)
                _append(rolled, track, MINUTES, _one_row(start_ms, values))
                hour, parts = self._hours.get(track, (0, []))
                if parts:
                    _append(rolled, track, HOURS, _one_row(hour, joined([*parts, values])))
                else:
                    _append(rolled, track, HOURS, _one_row(start_ms - start_ms % LEVEL_MS[HOURS], values))
            return Newest(
                below[0],
                below[1],
                samples,
                rolled,
                {track: rows.copy() for track, rows in self._live.items()},
                (*self._moving_marks, *self._marks),
                tuple(self._energy.values()),
            )

    def _settle_moving(self) -> None:
        """Blocks that are in the file are found there by readers, once nothing is on its way to it."""
        is_moving = self._moving or self._moving_marks
        if is_moving and not self._statements and not self._database.waiting:
            self._moving.clear()
            self._moving_marks.clear()

    def clear(self) -> list[Statement]:
        """Forget everything in memory; gives the statements that empty the file."""
        with self._lock:
            for level in self._levels:
                for samples in level.samples.values():
                    samples.clear()
                for rolled in level.rolled.values():
                    rolled.clear()
            self._minutes.clear()
            self._hours.clear()
            self._live.clear()
            self._moving.clear()
            self._moving_marks.clear()
            self._statements.clear()
            self._marks.clear()
            self._energy.clear()
        tables = ("ring", "sealed", "samples", "rollups", "energy", "marks")
        return [(f"DELETE FROM history_{table}", ()) for table in tables]

    def _store(self, track: str, time_ms: int, steps: dict[str, int]) -> None:
        level = self._levels[SAMPLES]
        rows = level.samples.setdefault(track, OpenRows())
        if len(rows.rows) >= ROWS_MAX:
            self.lost += 1
            return
        if self.loaded and _is_far(SAMPLES, rows.times, time_ms):
            self._queue_ring()
            self._seal(SAMPLES, track)
        if rows.add(time_ms, steps):
            self._statements.append((_TRACK, (track, " ".join(rows.keys))))

    def _roll(self, track: str, time_ms: int, steps: dict[str, int], seq: int | None = None) -> None:
        """Into its minute. `seq`: of samples from the ring, the slot that the minute before ended with."""
        start_ms = time_ms - time_ms % LEVEL_MS[MINUTES]
        now = self._minutes.get(track)
        if now is None or now[0] != start_ms:
            self._end_minute(track, seq)
            now = self._minutes[track] = (start_ms, OpenRows())
        now[1].add(time_ms, steps)

    def _end_minute(self, track: str, seq: int | None = None) -> None:
        start_ms, readings = self._minutes.pop(track, (0, None))
        if readings is None:
            return
        values = rolled_up(readings)
        hour_ms = start_ms - start_ms % LEVEL_MS[HOURS]
        before_ms, parts = self._hours.get(track, (hour_ms, []))
        if before_ms != hour_ms:
            minutes = self._levels[MINUTES].rolled.get(track)
            self._keep(HOURS, track, before_ms, joined(parts), minutes.last_seq if minutes else 0)
            parts = []
        self._hours[track] = (hour_ms, [*parts, values])
        samples = self._levels[SAMPLES].samples.get(track)
        if samples is not None and samples.queued < len(samples.rows):
            self._to_ring(SAMPLES, track, samples, sample_ring(samples))  # a slot never holds two minutes
        last_seq = samples.last_seq if samples else 0
        self._keep(MINUTES, track, start_ms, values, last_seq if seq is None else seq)

    def _keep(self, level: int, track: str, start_ms: int, values: dict[str, Rolled], seq: int) -> None:
        """One minute or hour is over. `seq`: the newest slot of the level below that is in it."""
        rows = self._levels[level].rolled.setdefault(track, OpenRows())
        if len(rows.rows) >= ROWS_MAX:
            return
        if self.loaded and _is_far(level, rows.times, start_ms):
            self._seal(level, track)
        rows.add(start_ms, values)
        self._to_ring(level, track, rows, rolled_ring(Ended(start_ms, seq, values)))

    def _queue_ring(self) -> None:
        for track, rows in self._levels[SAMPLES].samples.items():
            if rows.queued < len(rows.rows):
                self._to_ring(SAMPLES, track, rows, sample_ring(rows))

    def _to_ring(self, level: int, track: str, rows: OpenRows[int] | OpenRows[Rolled], body: bytes) -> None:
        place = self._levels[level]
        place.seq += 1
        if not rows.queued:
            rows.first_seq = place.seq
        rows.last_seq, rows.queued = place.seq, len(rows.rows)
        self._statements.append((_RING, (level * RING + place.seq % RING, place.seq, track, body)))

    def _seal_what_is_long(self) -> None:
        for level, place in enumerate(self._levels):
            every: dict[str, OpenRows[int]] | dict[str, OpenRows[Rolled]]
            every = place.samples if level == SAMPLES else place.rolled
            for track, rows in every.items():
                is_old = rows.queued and place.seq - rows.first_seq >= RING_FULL
                if is_old or len(rows.rows) >= BLOCK_ROWS[level]:
                    self._seal(level, track)

    def _seal(self, level: int, track: str) -> None:
        """Make blocks of the rows that are open, and remember that their slots are free."""
        place = self._levels[level]
        if level == SAMPLES:
            rows = place.samples[track]
            if not rows.rows:
                return
            for part in rows.parts(2 * BLOCK_ROWS[level]):  # many only after a pause
                span = (part.times[0], part.times[-1], len(part.rows))
                self._moving.append((level, place.next_id, track, part))
                self._statements.append((_SAMPLES, (place.next_id, track, *span, sample_block(part))))
                place.next_id += 1
            rows.clear()
        else:
            rolled = place.rolled[track]
            if not rolled.rows:
                return
            self._moving.append((level, self._levels[MINUTES].next_id, track, rolled.copy()))
            for key, column in zip(rolled.keys, rolled.columns(), strict=True):
                self._seal_quantity(level, track, key, rolled.times, column)
            rolled.clear()
        last_seq = (place.samples if level == SAMPLES else place.rolled)[track].last_seq
        self._statements.append((_SEALED, (level, track, last_seq)))

    def _seal_quantity(
        self, level: int, track: str, key: str, times: list[int], column: Iterable[Rolled | None]
    ) -> None:
        known = [(start, one) for start, one in zip(times, column, strict=True) if one is not None]
        if not known:
            return
        starts, values = [start for start, _ in known], [one for _, one in known]
        numbers = self._levels[MINUTES]  # both levels of rollups share one table
        body = rolled_block(starts, values, LEVEL_MS[level])
        span = (min(starts), max(starts) + LEVEL_MS[level])
        self._statements.append((_ROLLUPS, (numbers.next_id, level, track, key, *span, body)))
        numbers.next_id += 1

    def _queue_rest(self) -> None:
        for mark in self._marks:
            self._statements.append((_MARK, (mark.time_ms, mark.kind, mark.track, mark.seconds)))
        for one, nominal_ah in self._energy.values():
            parts = (one.charged_wh, one.discharged_wh, one.charged_ah, one.discharged_ah, one.measured_s)
            self._statements.append((_ENERGY, (one.track, one.label, *parts, nominal_ah)))
        self._moving_marks += self._marks
        self._marks, self._energy = [], {}


def _is_far(level: int, times: list[int], time_ms: int) -> bool:
    """True when a row of this time belongs into a block of its own: in blocks times rise, and not far."""
    return bool(times) and (time_ms < times[-1] or time_ms - times[0] > BLOCK_SPAN_MS[level])


def _known(keys: list[str], row: tuple[T | None, ...]) -> dict[str, T]:
    return {key: value for key, value in zip(keys, row, strict=False) if value is not None}


def _one_row(start_ms: int, values: dict[str, Rolled]) -> OpenRows[Rolled]:
    rows: OpenRows[Rolled] = OpenRows()
    rows.add(start_ms, values)
    return rows


def _append(where: dict, track: str, level: int, rows: object) -> None:  # type: ignore[type-arg]
    key = track if level == SAMPLES else (level, track)
    where[key] = (*where.get(key, ()), rows)


def _sum(a: Energy, b: Energy) -> Energy:
    return Energy(
        a.track,
        a.label,
        a.charged_wh + b.charged_wh,
        a.discharged_wh + b.discharged_wh,
        a.charged_ah + b.charged_ah,
        a.discharged_ah + b.discharged_ah,
        None,
        a.measured_s + b.measured_s,
    )
