"""Samples as lines of CSV or JSON, one at a time, whatever the length."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any, Generic, TypeVar

from tui.model.history import (
    CELL,
    SENSOR,
    EnergyTable,
    ExportDone,
    ExportHistory,
    SampleRow,
    quantity,
)
from tui.model.link import Cause
from tui.store.history_buckets import NEVER
from tui.store.history_energy import BY, energy_csv, energy_json
from tui.store.history_reader import HistoryReader
from tui.store.history_rows import scale_of

LEVELS_MS = {"samples": 0, "minutes": 60_000, "hours": 3_600_000}
KINDS = ("csv", "json")
# Row CL-23, and the rest in its manner. These are words of a file format, the same in every language.
HEADERS = {
    "pack_v": "Pack Voltage (V)",
    "current_a": "Pack Current (A)",
    "soc_pct": "SOC (%)",
    "soh_pct": "SOH (%)",
    "temperature_c": "Temperature (°C)",
    "power_w": "Power (W)",
}
TIMESTAMP, TRACK = "Timestamp", "Track"

TrackRow = tuple[str, SampleRow]
Item = TypeVar("Item")


class ExportError(Exception):
    """Nothing was written. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


def export_rows(reader: HistoryReader, asked: ExportHistory) -> Iterator[TrackRow]:
    """Every row that is asked for, oldest first, of all tracks in one order of time. DatabaseError.

    A block is in memory for each track, never more.
    """
    tracks = (asked.track,) if asked.track else reader.tracks()
    streams = [_rows_of(reader, asked, track) for track in tracks]
    return merge(*streams, key=lambda one: one[1].time_ms)


def _rows_of(reader: HistoryReader, asked: ExportHistory, track: str) -> Iterator[TrackRow]:
    from_ms, until_ms = asked.from_ms or 0, asked.until_ms or NEVER
    if step_ms := LEVELS_MS.get(asked.level, 0):
        first_ms, last_ms = reader.extent((track,))
        if first_ms is None or last_ms is None:
            return
        span = max(from_ms, first_ms), min(until_ms, last_ms + 1)
        for row in reader.rolled(track, asked.quantities, *span, step_ms):
            yield track, row
        return
    for piece in reader.pieces(track, from_ms, until_ms):
        for row in reader.rows(piece, asked.quantities, from_ms, until_ms):
            yield track, row


def csv_lines(rows: Iterable[TrackRow], quantities: Sequence[str], *, with_track: bool) -> Iterator[str]:
    """The header of row CL-23 and a line for each sample; times in ISO 8601 with their zone."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    titles = [header(key) for key in quantities]
    digits = [len(str(scale_of(key))) - 1 for key in quantities]
    writer.writerow([TIMESTAMP, *([TRACK] if with_track else []), *titles])
    for track, row in rows:
        cells = ("" if v is None else f"{v:.{n}f}" for v, n in zip(row.values, digits, strict=True))
        writer.writerow([iso(row.time_ms), *([track] if with_track else []), *cells])
        if line.tell() > 1 << 16:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def json_lines(rows: Iterable[TrackRow], quantities: Sequence[str], *, with_track: bool) -> Iterator[str]:
    """One JSON array with an object for each sample."""
    before = "[\n"
    digits = [len(str(scale_of(key))) - 1 for key in quantities]
    for track, row in rows:
        values = (None if v is None else round(v, n) for v, n in zip(row.values, digits, strict=True))
        one: dict[str, object] = {"timestamp": row.time_ms, "timestamp_iso": iso(row.time_ms)}
        one.update({"track": track} if with_track else {})
        one.update(zip(quantities, values, strict=True))
        yield before + json.dumps(one, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def export(
    reader: HistoryReader,
    asked: ExportHistory,
    now_ms: int,
    archived: Iterator[TrackRow] | None = None,
) -> ExportDone:
    """Write the file, whole or not at all. `archived`: the rows of `asked.archive`.

    ExportError; DatabaseError; what reading the archive raises.
    """
    path = Path(asked.path).expanduser().absolute()
    named = ("path", str(path))
    if asked.kind not in KINDS or asked.level not in (*LEVELS_MS, *BY) or not asked.path:
        raise ExportError(Cause("export-kind", (named, ("kinds", ", ".join(KINDS)))))
    if unknown := next((key for key in asked.quantities if quantity(key) is None), ""):
        raise ExportError(Cause("quantity-unknown", (("quantity", unknown),)))
    if path.exists():
        raise ExportError(Cause("export-exists", (named,)))
    is_csv, by = asked.kind == "csv", BY.get(asked.level, "")
    if by and archived is None:
        tracks = (asked.track,) if asked.track else ()
        table = EnergyTable(tracks, by, asked.from_ms, asked.until_ms)
        sums = _Counted(reader.energy(table, now_ms))
        return _write(path, (energy_csv if is_csv else energy_json)(sums, by), sums)
    counted = _Counted(export_rows(reader, asked) if archived is None else archived)
    lines = csv_lines if is_csv else json_lines
    with_track = not asked.track and archived is None
    return _write(path, lines(counted, asked.quantities, with_track=with_track), counted)


def _write(path: Path, lines: Iterable[str], counted: "_Counted[Any]") -> ExportDone:
    try:
        write_lines(path, lines)
        return ExportDone(str(path), counted.rows, path.stat().st_size)
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        raise ExportError(Cause("export-failed", args)) from error


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """A new file, whole or not at all. OSError."""
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="\n") as file:
            for text in lines:
                file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def header(key: str) -> str:
    """The title of a column: `Cell 3 (mV)`, `Remaining (Ah)`."""
    if key in HEADERS:
        return HEADERS[key]
    found = quantity(key)
    family, _, number = key.partition(".")
    names = {CELL: "Cell", SENSOR: "Temperature"}
    words = names.get(family) or family.rpartition("_")[0] or family
    unit = f" ({found.unit})" if found and found.unit else ""
    return f"{words.replace('_', ' ').capitalize()}{' ' + number if number else ''}{unit}"


def iso(time_ms: int) -> str:
    """ISO 8601 in the time zone of this machine."""
    return datetime.fromtimestamp(time_ms / 1000).astimezone().isoformat(timespec="milliseconds")


class _Counted(Generic[Item]):
    """Counts what goes through."""

    def __init__(self, rows: Iterable[Item]) -> None:
        self._source = rows
        self.rows = 0

    def __iter__(self) -> Iterator[Item]:
        for row in self._source:
            self.rows += 1
            yield row
