"""Rows of one track in time, in memory and in blocks; and what follows from their values."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from tui.model.history import CELL, SENSOR, quantity
from tui.store.history_codec import TIME, Block, BlockError, Column, pack_block

T = TypeVar("T")
Rolled = tuple[int, int, int, int]  # lowest, mean, highest, how many; in steps of the quantity
# What is not stored with a sample because the rest says it.
_ALWAYS_DERIVED = ("power_w", "spread_mv", "mean_mv")
_FROM_CELLS = ("lowest_mv", "highest_mv")


@lru_cache(maxsize=512)
def scale_of(key: str) -> int:
    """Steps per unit of a quantity; 1 for one that this program does not know."""
    found = quantity(key)
    return found.scale if found else 1


def scaled(values: Mapping[str, float]) -> dict[str, int]:
    """Values as whole steps."""
    return {key: round(value * scale_of(key)) for key, value in values.items()}


def stored(values: Mapping[str, int]) -> dict[str, int]:
    """What of a sample is stored: all that cannot be found again from the rest."""
    left_out = set(_ALWAYS_DERIVED)
    if f"{CELL}.1" in values:
        left_out.update(_FROM_CELLS)
    elif "lowest_mv" in values:
        left_out.discard("mean_mv")
    if f"{SENSOR}.1" in values:
        left_out.add(SENSOR)
    return {key: value for key, value in values.items() if key not in left_out}


@dataclass(slots=True)
class OpenRows(Generic[T]):
    """Rows that are in no block yet, each with the values of `keys`; the first `queued` are in the ring.

    Keys are only ever added: an older row is shorter than a newer one.
    """

    keys: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    rows: list[tuple[T | None, ...]] = field(default_factory=list)
    queued: int = 0
    first_seq: int = 0
    last_seq: int = 0
    _known: set[str] = field(default_factory=set)

    def add(self, time_ms: int, values: Mapping[str, T]) -> bool:
        """One more row. True when a key is new."""
        new = self.know(values)
        self.times.append(time_ms)
        self.rows.append(tuple(map(values.get, self.keys)))
        return new

    def add_newest(self, time_ms: int, values: Mapping[str, T], limit: int) -> None:
        """One more row, and the oldest ones leave when there are many more than `limit`."""
        self.add(time_ms, values)
        if len(self.rows) > limit + limit // 4:
            del self.times[:-limit], self.rows[:-limit]

    def know(self, keys: Iterable[str]) -> bool:
        """Have a column for each of these. True when one is new."""
        new = [key for key in keys if key not in self._known]
        self.keys += new
        self._known.update(new)
        return bool(new)

    def columns(self) -> list[tuple[T | None, ...]]:
        """The values of each key over all rows, in the order of `keys`."""
        width = len(self.keys)
        whole = [row if len(row) == width else (*row, *(None,) * (width - len(row))) for row in self.rows]
        return list(zip(*whole, strict=True)) if whole else [()] * width

    def copy(self) -> "OpenRows[T]":
        """The same rows; changes of the one are not seen in the other."""
        return OpenRows(
            list(self.keys), list(self.times), list(self.rows), self.queued, self.first_seq, self.last_seq
        )

    def parts(self, size: int) -> "list[OpenRows[T]]":
        """The same rows in parts of at most `size`."""
        begins = range(0, len(self.rows), size)
        return [OpenRows(list(self.keys), self.times[n : n + size], self.rows[n : n + size]) for n in begins]

    def clear(self) -> None:
        """No rows; the keys stay."""
        self.times, self.rows, self.queued = [], [], 0


def sample_block(rows: OpenRows[int]) -> bytes:
    """All rows of samples as a block. A column without any value is left out."""
    columns: list[tuple[str, Column]] = [(TIME, rows.times)]
    for key, column in zip(rows.keys, rows.columns(), strict=True):
        if any(value is not None for value in column):
            columns.append((key, column))
    return pack_block(columns, len(rows.times))


def sample_ring(rows: OpenRows[int]) -> bytes:
    """The rows that are not in the ring yet, for the ring: few rows, so plain text is faster than a block."""
    return _text([rows.keys, rows.times[rows.queued :], rows.rows[rows.queued :]])


def read_sample_ring(body: bytes) -> list[tuple[int, dict[str, int]]]:
    """What `sample_ring` wrote: times and values. BlockError."""
    try:
        keys, times, rows = json.loads(zlib.decompress(body))
        return [
            (int(ms), {str(key): int(v) for key, v in zip(keys, row, strict=False) if v is not None})
            for ms, row in zip(times, rows, strict=True)
        ]
    except (zlib.error, ValueError, TypeError) as error:
        raise BlockError(str(error)) from error


def rolled_block(starts: Sequence[int], column: Sequence[Rolled], step_ms: int) -> bytes:
    """The rollups of one quantity as a block."""
    lows, means, highs, counts = zip(*column, strict=True)
    return pack_block(
        (
            (TIME, [start // step_ms for start in starts]),
            ("n", counts),
            ("mean", means),
            ("below", [mean - low for low, mean in zip(lows, means, strict=True)]),
            ("above", [high - mean for high, mean in zip(highs, means, strict=True)]),
        ),
        len(starts),
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """One minute or hour of all quantities. It holds what the level below had in the ring until `seq`."""

    start_ms: int
    seq: int
    values: dict[str, Rolled]


def rolled_ring(ended: Ended) -> bytes:
    """A minute or hour for the ring."""
    return _text([ended.start_ms, ended.seq, ended.values])


def read_rolled_ring(body: bytes) -> Ended:
    """What `rolled_ring` wrote. BlockError."""
    try:
        start_ms, seq, values = json.loads(zlib.decompress(body))
        numbers = {
            str(key): (int(low), int(mean), int(high), int(count))
            for key, (low, mean, high, count) in values.items()
        }
        return Ended(int(start_ms), int(seq), numbers)
    except (zlib.error, ValueError, TypeError, AttributeError) as error:
        raise BlockError(str(error)) from error


def _text(value: object) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)


class Samples:
    """Samples in their order, as columns of floats; what is not stored is found from what is."""

    def __init__(self, times: Sequence[int], keys: Sequence[str], column: Callable[[str], Column]) -> None:
        self.times = times
        self._keys = frozenset(keys)
        self._numbers = column
        self._cells = [key for key in keys if key.startswith(f"{CELL}.")]
        self._sensors = [key for key in keys if key.startswith(f"{SENSOR}.")]

    @classmethod
    def of_block(cls, block: Block) -> "Samples":
        """The samples of a block. BlockError."""
        return cls(block.numbers(TIME), block.keys, block.column)

    @classmethod
    def of_open(cls, rows: OpenRows[int]) -> "Samples":
        """Samples that are in no block yet."""
        places = {key: n for n, key in enumerate(rows.keys)}

        def column(key: str) -> Column:
            at = places[key]
            return [row[at] if at < len(row) else None for row in rows.rows]

        return cls(rows.times, rows.keys, column)

    def column(self, key: str) -> list[float | None]:
        """One quantity, as long as `times`."""
        if key in self._keys:
            scale = scale_of(key)
            return [None if number is None else number / scale for number in self._numbers(key)]
        if key == "power_w":
            pairs = zip(self.column("pack_v"), self.column("current_a"), strict=True)
            return [None if v is None or a is None else v * a for v, a in pairs]
        if key == SENSOR and self._sensors:
            return self._over(self._sensors, _mean)
        if key in _DERIVED and self._cells:
            return self._over(self._cells, _DERIVED[key])
        if key == "spread_mv" and "lowest_mv" in self._keys and "highest_mv" in self._keys:
            pairs = zip(self.column("highest_mv"), self.column("lowest_mv"), strict=True)
            return [None if high is None or low is None else high - low for high, low in pairs]
        return [None] * len(self.times)

    def _over(self, keys: list[str], what: Callable[[list[float]], float]) -> list[float | None]:
        rows = zip(*(self.column(key) for key in keys), strict=True)
        known = ([value for value in row if value is not None] for row in rows)
        return [what(row) if row else None for row in known]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _spread(values: list[float]) -> float:
    return max(values) - min(values)


_DERIVED: dict[str, Callable[[list[float]], float]] = {
    "lowest_mv": min,
    "highest_mv": max,
    "mean_mv": _mean,
    "spread_mv": _spread,
}
