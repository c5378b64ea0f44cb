"""The newest samples and rollups of a file, read back from its ring."""

import logging
from dataclasses import dataclass, field
from typing import Protocol

from tui.model.history import with_derived
from tui.store.database import Value
from tui.store.history_codec import BlockError
from tui.store.history_rows import (
    Ended,
    OpenRows,
    Rolled,
    read_rolled_ring,
    read_sample_ring,
    scale_of,
    scaled,
)
from tui.store.history_schema import HOURS, LEVEL_MS, MINUTES, RING, SAMPLES

log = logging.getLogger(__name__)

Hour = tuple[int, list[dict[str, Rolled]]]  # its start, and the minutes in it


class Readable(Protocol):
    """A database that answers."""

    def read(self, sql: str, args: "tuple[Value, ...]" = ()) -> list[tuple[Value, ...]]: ...


@dataclass(slots=True)
class Level:
    """The open rows of every track at one level, and its place in the ring."""

    seq: int = 0
    next_id: int = 1
    samples: dict[str, OpenRows[int]] = field(default_factory=dict)  # of level SAMPLES only
    rolled: dict[str, OpenRows[Rolled]] = field(default_factory=dict)


@dataclass(slots=True)
class Loaded:
    """What waits in the ring: open rows of each level, the hour that goes on, samples of the minute.

    `unfinished` are these samples: track, the newest slot before each one's, time, values.
    """

    levels: tuple[Level, Level, Level] = field(default_factory=lambda: (Level(), Level(), Level()))
    hours: dict[str, Hour] = field(default_factory=dict)
    unfinished: list[tuple[str, int, int, dict[str, int]]] = field(default_factory=list)


def load(database: Readable) -> Loaded:
    """Everything that is in no block yet. DatabaseError; a damaged slot is left out."""
    return _Loading(database).run()


class _Loading:
    """Reads the ring."""

    def __init__(self, database: Readable) -> None:
        self._read = database.read
        self._found = Loaded()

    def run(self) -> Loaded:
        """DatabaseError when the file does not answer; a damaged slot is left out."""
        levels = self._found.levels
        levels[SAMPLES].next_id = self._next_id("history_samples")
        levels[MINUTES].next_id = self._next_id("history_rollups")
        sealed = {
            (int(str(level)), str(track)): int(str(seq))
            for level, track, seq in self._read("SELECT level, track, seq FROM history_sealed")
        }
        for track, keys in self._read("SELECT track, keys FROM history_tracks"):
            rows: OpenRows[int] = OpenRows()
            rows.know(str(keys).split())
            levels[SAMPLES].samples[str(track)] = rows
        slots = self._read("SELECT slot, seq, track, body FROM history_ring ORDER BY slot / ?, seq", (RING,))
        newest: dict[str, list[tuple[int, int, dict[str, int]]]] = {}  # seq, time, values
        ended: dict[tuple[int, str], list[tuple[int, Ended]]] = {}
        for slot, seq, track, body in slots:
            if not (isinstance(slot, int) and isinstance(seq, int) and isinstance(body, bytes)):
                continue
            level, name = slot // RING, str(track)
            levels[level].seq = max(levels[level].seq, seq)
            is_open = seq > sealed.get((level, name), 0)
            try:
                if level == SAMPLES:
                    found = self._samples(name, seq, body, is_open)
                    newest.setdefault(name, []).extend((seq, *sample) for sample in found)
                else:
                    one = read_rolled_ring(body)
                    ended.setdefault((level, name), []).append((seq, one))
                    if is_open:
                        self._rolled(level, name, seq, one)
            except BlockError as error:
                log.warning("slot %d of the history is damaged and left out: %s", slot, error)
        for (level, name), seq in sealed.items():
            levels[level].seq = max(levels[level].seq, seq)
            place = levels[level]
            if level == SAMPLES:
                samples = place.samples.setdefault(name, OpenRows())
                samples.last_seq = max(samples.last_seq, seq)
            else:
                rolled = place.rolled.setdefault(name, OpenRows())
                rolled.last_seq = max(rolled.last_seq, seq)
        self._unfinished(newest, ended)
        return self._found

    def _next_id(self, table: str) -> int:
        return int(str(self._read(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0]))

    def _samples(self, track: str, seq: int, body: bytes, is_open: bool) -> list[tuple[int, dict[str, int]]]:
        """The samples of one slot; those in no block yet are open rows again."""
        found = read_sample_ring(body)
        rows = self._found.levels[SAMPLES].samples.setdefault(track, OpenRows())
        if is_open and not rows.rows:
            rows.first_seq = seq
        if is_open:
            for time_ms, known in found:
                rows.add(time_ms, known)
            rows.last_seq, rows.queued = seq, len(rows.rows)
        return found

    def _rolled(self, level: int, track: str, seq: int, one: Ended) -> None:
        rows = self._found.levels[level].rolled.setdefault(track, OpenRows())
        if not rows.rows:
            rows.first_seq = seq
        rows.add(one.start_ms, one.values)
        rows.last_seq, rows.queued = seq, len(rows.rows)

    def _unfinished(
        self,
        newest: dict[str, list[tuple[int, int, dict[str, int]]]],
        ended: dict[tuple[int, str], list[tuple[int, Ended]]],
    ) -> None:
        """The minute and the hour that went on when the engine ended."""
        for (level, track), minutes in ended.items():
            if level != MINUTES:
                continue
            last = max((hour.seq for _, hour in ended.get((HOURS, track), ())), default=0)
            parts = [minute for seq, minute in minutes if seq > last]
            if parts:
                hour_ms = parts[-1].start_ms - parts[-1].start_ms % LEVEL_MS[HOURS]
                self._found.hours[track] = (hour_ms, [part.values for part in parts])
        for track, samples in newest.items():
            last = max((minute.seq for _, minute in ended.get((MINUTES, track), ())), default=0)
            before = last
            for seq, time_ms, known in samples:
                if seq > last:
                    self._found.unfinished.append((track, before, time_ms, _whole(known)))
                    before = seq


def _whole(known: dict[str, int]) -> dict[str, int]:
    """A stored sample with all that follows from it, in steps."""
    return scaled(with_derived({key: value / scale_of(key) for key, value in known.items()}))
