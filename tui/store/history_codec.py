"""Columns of whole numbers as few bytes: differences, the narrowest width, then deflate.

One block: a version, how many rows, one entry per column (its key, how it is written, its first number),
then the columns one after the other. Each column is written by itself, so that one can be read without the
others. `None` is a value that was not measured.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

VERSION = 1
LEVEL = 6  # of deflate: 9 is slower and saves less than a percent here
TIME = "t"

_HEAD = struct.Struct("<BHH")  # version, rows, columns
_ENTRY = struct.Struct("<Bqi")  # mode, first number, bytes of the column
_WIDTH, _DELTA, _HOLES = 3, 4, 8  # bits of the mode: width, differences or not, some are missing
_CODES = ("b", "h", "i", "q")
_LIMITS = (1 << 7, 1 << 15, 1 << 31)

Column = Sequence[int | None]


class BlockError(Exception):
    """These bytes are no block, or a damaged one."""


def pack_block(columns: Iterable[tuple[str, Column]], rows: int) -> bytes:
    """The block of these columns, each with `rows` entries."""
    entries, bodies, count = bytearray(), bytearray(), 0
    for key, column in columns:
        mode, first, body = _written(column)
        name = key.encode()
        entries += bytes((len(name),)) + name + _ENTRY.pack(mode, first, len(body))
        bodies += body
        count += 1
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return deflate.compress(_HEAD.pack(VERSION, rows, count) + entries + bodies) + deflate.flush()


@dataclass(frozen=True, slots=True)
class Block:
    """A block, inflated. Columns are decoded when they are asked for."""

    rows: int
    _data: bytes
    _places: dict[str, tuple[int, int, int, int]]  # mode, first, offset, bytes

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in the order in which they were written."""
        return tuple(self._places)

    def column(self, key: str) -> list[int | None]:
        """One column; all `None` when the block has no such key. BlockError."""
        place = self._places.get(key)
        if place is None:
            return [None] * self.rows
        try:
            return _read(self._data, self.rows, *place)
        except (struct.error, ValueError, OverflowError) as error:
            raise BlockError(str(error)) from error

    def numbers(self, key: str) -> list[int]:
        """One column that has no holes; BlockError when it has."""
        column = self.column(key)
        found = [number for number in column if number is not None]
        if len(found) != self.rows:
            raise BlockError(f"{key}: {self.rows - len(found)} numbers are missing")
        return found


def read_block(body: bytes) -> Block:
    """What `pack_block` wrote. BlockError for anything else."""
    try:
        data = zlib.decompress(body, -15)
        version, rows, count = _HEAD.unpack_from(data)
        if version != VERSION:
            raise BlockError(f"version {version}")
        places, at = [], _HEAD.size
        for _ in range(count):
            size = data[at]
            key = data[at + 1 : at + 1 + size].decode()
            places.append((key, *_ENTRY.unpack_from(data, at + 1 + size)))
            at += 1 + size + _ENTRY.size
    except (zlib.error, struct.error, IndexError, UnicodeDecodeError) as error:
        raise BlockError(str(error)) from error
    found: dict[str, tuple[int, int, int, int]] = {}
    for key, mode, first, size in places:
        found[key] = (mode, first, at, size)
        at += size
    if at != len(data):
        raise BlockError(f"{len(data)} bytes, {at} expected")
    return Block(rows, data, found)


def _written(column: Column) -> tuple[int, int, bytes]:
    """Mode, first number and bytes of one column."""
    mode, holes = 0, b""
    if None in column:
        mode, holes = _HOLES, _bits(column)
        column = _filled(column)
    numbers: Sequence[int] = column  # type: ignore[assignment]
    if not numbers:
        return mode, 0, holes
    steps = [b - a for a, b in pairwise(numbers)]
    low = min(numbers)
    if len(set(steps)) <= len(set(numbers)):  # fewer kinds of numbers deflate better: slopes against noise
        first, kept, mode = numbers[0], steps, mode | _DELTA
    else:
        first, kept = low, [number - low for number in numbers]
    reach = max(map(abs, kept), default=0)
    width = next((n for n, limit in enumerate(_LIMITS) if reach < limit), 3)
    return mode | width, first, holes + _planes(array(_CODES[width], kept))


def _bits(column: Column) -> bytes:
    known = sum(1 << n for n, value in enumerate(column) if value is not None)
    return known.to_bytes((len(column) + 7) // 8, "little")


def _filled(column: Column) -> list[int]:
    """Without holes: each has the number before it, the first ones the first there is."""
    last = next((value for value in column if value is not None), 0)
    filled = []
    for value in column:
        last = last if value is None else value
        filled.append(last)
    return filled


def _planes(numbers: "array[int]") -> bytes:
    """All lowest bytes, then all next ones …: the upper ones are nearly all alike."""
    if sys.byteorder == "big":
        numbers.byteswap()
    data = numbers.tobytes()
    return b"".join(data[n :: numbers.itemsize] for n in range(numbers.itemsize))


def _read(data: bytes, rows: int, mode: int, first: int, at: int, size: int) -> list[int | None]:
    end = at + size
    known = -1
    if mode & _HOLES:
        bits = (rows + 7) // 8
        known = int.from_bytes(data[at : at + bits], "little")
        at += bits
    numbers = array(_CODES[mode & _WIDTH])
    width, count = numbers.itemsize, rows - bool(mode & _DELTA and rows)
    if end - at != width * count:
        raise ValueError(f"{end - at} bytes for {count} numbers")
    plain = bytearray(width * count)
    for n in range(width):
        plain[n::width] = data[at + n * count : at + (n + 1) * count]
    numbers.frombytes(bytes(plain))
    if sys.byteorder == "big":
        numbers.byteswap()
    found: list[int | None]
    if mode & _DELTA:
        found = list(accumulate(numbers, initial=first)) if rows else []
    else:
        found = [first + number for number in numbers]
    if known != -1:
        found = [value if known >> n & 1 else None for n, value in enumerate(found)]
    return found
