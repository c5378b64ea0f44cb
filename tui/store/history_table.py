"""The samples of a history, a page or a stretch at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tui.model.history import ROWS_MAX, SamplePage, SampleRow, SampleTable
from tui.store.database import Value
from tui.store.history_buckets import NEVER
from tui.store.history_codec import BlockError, read_block
from tui.store.history_loading import Readable
from tui.store.history_rows import Samples
from tui.store.history_schema import HOURS, LEVEL_MS, SAMPLES
from tui.store.history_writer import BLOCK_SPAN_MS, Newest


@dataclass(frozen=True, slots=True)
class Piece:
    """Some samples in a row: a block of the file (`number`), or what is not in one yet (`samples`)."""

    start_ms: int
    end_ms: int  # of its newest sample
    count: int
    number: int = 0
    samples: Samples | None = None


class HistoryTable:
    """Any thread may ask. Every question sees the file and `newest` as they are at that moment.

    Its methods raise DatabaseError when the file cannot be read. A damaged block is left out and counted.
    """

    def __init__(self, database: Readable, newest: Callable[[], Newest]) -> None:
        self._database, self._newest = database, newest
        self.damaged = 0  # blocks

    def tracks(self) -> tuple[str, ...]:
        """All that have, or had, a history."""
        rows = self._database.read("SELECT track FROM history_tracks")
        return tuple(sorted({*(str(row[0]) for row in rows), *self._newest().samples}))

    def page(self, question: SampleTable, *, interval_ms: int = 60_000, capacity: int = 512) -> SamplePage:
        """A page of samples."""
        track = question.track or next(iter(self.tracks()), "")
        from_ms, until_ms = question.from_ms or 0, question.until_ms or NEVER
        pieces = [self._cut(piece, from_ms, until_ms) for piece in self.pieces(track, from_ms, until_ms)]
        total = sum(piece.count for piece in pieces)
        rows = min(max(question.rows, 0), ROWS_MAX)
        offset = max(question.offset, 0)
        begin, end = offset, min(offset + rows, total)
        if question.newest_first:
            begin, end = max(0, total - offset - rows), max(0, total - offset)
        found: list[SampleRow] = []
        at = 0
        for piece in pieces:
            if at < end and at + piece.count > begin:
                some = self.rows(piece, question.quantities, from_ms, until_ms)
                found += list(some)[max(0, begin - at) : end - at]
            at += piece.count
        if question.newest_first:
            found.reverse()
        return SamplePage(track, question.quantities, tuple(found), total, offset, interval_ms, capacity)

    def pieces(self, track: str, from_ms: int, until_ms: int) -> list[Piece]:
        """All that touches the range, oldest first. Small: the samples themselves stay in the file."""
        newest = self._newest()
        sql = (
            "SELECT id, start_ms, end_ms, count FROM history_samples WHERE track = ? AND start_ms < ?"
            " AND start_ms >= ? AND end_ms >= ? AND id < ? ORDER BY start_ms, id"
        )
        args = (track, until_ms, from_ms - BLOCK_SPAN_MS[SAMPLES], from_ms, newest.samples_below)
        pieces = [
            Piece(int(str(start)), int(str(end)), int(str(count)), int(str(number)))
            for number, start, end, count in self._database.read(sql, args)
        ]
        for rows in newest.samples.get(track, ()):
            if rows.times and rows.times[0] < until_ms and rows.times[-1] >= from_ms:
                span = rows.times[0], rows.times[-1]
                pieces.append(Piece(*span, len(rows.times), samples=Samples.of_open(rows)))
        return sorted(pieces, key=lambda piece: piece.start_ms)

    def rows(
        self, piece: Piece, quantities: Sequence[str], from_ms: int, until_ms: int
    ) -> Iterator[SampleRow]:
        """The samples of a piece that are in the range, oldest first."""
        samples = self._samples(piece)
        if samples is None:
            return
        columns = [samples.column(key) for key in quantities]
        values = zip(*columns, strict=True) if columns else ((),) * len(samples.times)
        for time_ms, row in zip(samples.times, values, strict=True):
            if from_ms <= time_ms < until_ms:
                yield SampleRow(time_ms, tuple(row))

    def count(self) -> tuple[int, int | None, int | None]:
        """How many samples, and the time of the first and the last."""
        newest = self._newest()
        sql = "SELECT coalesce(sum(count), 0), min(start_ms), max(end_ms) FROM history_samples WHERE id < ?"
        total, first, last = self._database.read(sql, (newest.samples_below,))[0]
        times = [
            (r.times[0], r.times[-1], len(r.times)) for o in newest.samples.values() for r in o if r.times
        ]
        firsts = [int(str(first))] if first is not None else []
        lasts = [int(str(last))] if last is not None else []
        return (
            int(str(total)) + sum(count for _, _, count in times),
            min([*firsts, *(begin for begin, _, _ in times)], default=None),
            max([*lasts, *(end for _, end, _ in times)], default=None),
        )

    def extent(self, tracks: Sequence[str]) -> tuple[int | None, int | None]:
        """The times of the first and the last sample of these tracks."""
        newest = self._newest()
        firsts, lasts = [], []
        for track in tracks:
            first_ms = self._first_ms(newest, SAMPLES, track)
            rolled_ms = self._first_ms(newest, HOURS, track)
            if rolled_ms < first_ms - LEVEL_MS[HOURS]:  # the samples of that time are gone
                first_ms = rolled_ms
            firsts += [first_ms] if first_ms < NEVER else []
            sql = "SELECT end_ms FROM history_samples WHERE track = ? ORDER BY start_ms DESC LIMIT 1"
            lasts += [int(str(row[0])) for row in self._database.read(sql, (track,))]
            for rows in newest.samples.get(track, ()):
                lasts += rows.times[-1:]
        return min(firsts, default=None), max(lasts, default=None)

    def _cut(self, piece: Piece, from_ms: int, until_ms: int) -> Piece:
        """The piece with as many samples as are in the range."""
        if from_ms <= piece.start_ms and piece.end_ms < until_ms:
            return piece
        samples = self._samples(piece)
        times = samples.times if samples else ()
        return replace(piece, count=sum(from_ms <= time_ms < until_ms for time_ms in times))

    def _samples(self, piece: Piece) -> Samples | None:
        if piece.samples is not None:
            return piece.samples
        rows = self._database.read("SELECT body FROM history_samples WHERE id = ?", (piece.number,))
        return next(self._decoded(row[0] for row in rows), None)

    def _decoded(self, bodies: Iterable[Value]) -> Iterator[Samples]:
        for body in bodies:
            try:
                yield Samples.of_block(read_block(body if isinstance(body, bytes) else b""))
            except BlockError:
                self.damaged += 1

    def _first_ms(self, newest: Newest, level: int, track: str) -> int:
        """Where the rows of a level begin."""
        if level == SAMPLES:
            sql = "SELECT min(start_ms) FROM history_samples WHERE track = ?"
            stored = self._database.read(sql, (track,))
            fresh = [rows.times[0] for rows in newest.samples.get(track, ()) if rows.times]
        else:
            sql = (
                "SELECT start_ms FROM history_rollups WHERE level = ? AND track = ? AND quantity ="
                " (SELECT quantity FROM history_rollups WHERE level = ? AND track = ? LIMIT 1)"
                " ORDER BY start_ms LIMIT 1"
            )
            stored = self._database.read(sql, (level, track, level, track))
            fresh = [rows.times[0] for rows in newest.rolled.get((level, track), ()) if rows.times]
        return min([*(int(str(row[0])) for row in stored if row[0] is not None), *fresh], default=NEVER)
