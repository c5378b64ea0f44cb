"""Frames in a stream of bytes: find them, check them, and count what belongs to none."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.protocols.protocol import Bad, Rejected

# Given the buffer, which starts with a start byte: the size of the frame there, or None when more bytes are
# needed to know it.
SizeOf = Callable[[bytes], int | None]
# Given that many bytes: what is wrong with them, or None when they are a frame.
FaultOf = Callable[[bytes], Bad | None]


@dataclass(frozen=True, slots=True)
class Found:
    """A whole, checked frame."""

    data: bytes


class Assembler:
    """Cuts a stream into frames, whatever the cuts of the delivery were.

    A frame starts with one of `starts`; `size_of` and `fault_of` know the rest. A start byte may be a false
    one and the true frame begin inside, so after every fault only one byte is dropped. Never holds more than
    `limit` bytes.
    """

    def __init__(self, starts: bytes, size_of: SizeOf, fault_of: FaultOf, limit: int) -> None:
        self._starts = starts
        self._size_of, self._fault_of = size_of, fault_of
        self._limit = limit
        self._buffer = bytearray()

    @property
    def waiting(self) -> bytes:
        """What may still become a frame."""
        return bytes(self._buffer)

    def feed(self, data: bytes) -> list[Found | Rejected]:
        """Take bytes in any cut; give what they complete, in the order of the stream."""
        results: list[Found | Rejected] = []
        for at in range(0, len(data), self._limit):
            self._buffer += data[at : at + self._limit]
            self._scan(results)
        return _summed(results)

    def line_went_quiet(self) -> list[Found | Rejected]:
        """Nothing more comes: drop a byte and look again, until nothing waits."""
        results: list[Found | Rejected] = []
        while self._buffer:
            del self._buffer[0]
            results.append(Rejected(Bad.GARBAGE))
            self._scan(results)
        return _summed(results)

    def clear(self) -> list[Rejected]:
        """Throw away what waits; say how much it was."""
        waiting = len(self._buffer)
        self._buffer.clear()
        return [Rejected(Bad.GARBAGE, waiting)] if waiting else []

    def _scan(self, results: list[Found | Rejected]) -> None:
        while self._buffer:
            if self._buffer[0] not in self._starts:
                del self._buffer[0]
                results.append(Rejected(Bad.GARBAGE))
                continue
            size = self._size_of(bytes(self._buffer[:8]))
            if size is None or len(self._buffer) < size:
                if len(self._buffer) < self._limit:
                    return
                size = 1  # cannot happen for true frames, all of which fit into the limit
            frame = bytes(self._buffer[:size])
            fault = self._fault_of(frame) if size > 1 else Bad.GARBAGE
            if fault is None:
                del self._buffer[:size]
                results.append(Found(frame))
                continue
            if fault is not Bad.GARBAGE:
                results.append(Rejected(fault))
            del self._buffer[0]
            results.append(Rejected(Bad.GARBAGE))


def _summed(results: list[Found | Rejected]) -> list[Found | Rejected]:
    """Neighbouring bytes of garbage as one result."""
    out: list[Found | Rejected] = []
    for result in results:
        last = out[-1] if out else None
        if (
            isinstance(result, Rejected)
            and isinstance(last, Rejected)
            and result.why is last.why is Bad.GARBAGE
        ):
            out[-1] = Rejected(Bad.GARBAGE, last.count + result.count)
        else:
            out.append(result)
    return out
