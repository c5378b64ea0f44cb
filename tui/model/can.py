"""A CAN frame with its time as one record of bytes: how CAN frames go through the faces made for bytes.

The identifier carries the flags of `linux/can.h` in its upper bits, so that one number keys every table and a
29-bit identifier is never taken for the same 11-bit number.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

EXTENDED = 1 << 31  # CAN_EFF_FLAG
REMOTE = 1 << 30  # CAN_RTR_FLAG
ERROR = 1 << 29  # CAN_ERR_FLAG: not a frame but news of the controller
NUMBER = (1 << 29) - 1  # the identifier itself
DATA_MAX = 8
SENT = 1  # flag of a record: sent by this program, or by another one on this machine

_RECORD = struct.Struct("<QIBB2x8s")
RECORD_BYTES = _RECORD.size  # 24


@dataclass(frozen=True, slots=True)
class CanFrame:
    """One frame of up to eight bytes. `can_id` with flags; `time_us` is Unix time."""

    time_us: int
    can_id: int
    data: bytes
    sent: bool = False


def pack(frame: CanFrame) -> bytes:
    """One record. ValueError for more than eight bytes: CAN FD is not spoken here."""
    if len(frame.data) > DATA_MAX:
        raise ValueError(f"{len(frame.data)} bytes in a classic CAN frame")
    return _RECORD.pack(frame.time_us, frame.can_id, len(frame.data), frame.sent * SENT, frame.data)


def unpack(records: bytes) -> Iterator[CanFrame]:
    """The frames of whole records, in their order. ValueError for a part of a record."""
    if len(records) % RECORD_BYTES:
        raise ValueError("half a record")
    for time_us, can_id, size, flags, data in _RECORD.iter_unpack(records):
        yield CanFrame(time_us, can_id, data[: min(size, DATA_MAX)], bool(flags & SENT))


def id_words(can_id: int) -> str:
    """`351` or `18F128F4`: three digits for 11 bits, eight for 29, as candump writes them."""
    return f"{can_id & NUMBER:08X}" if can_id & EXTENDED else f"{can_id & NUMBER:03X}"


def bits_of(can_id: int, size: int) -> int:
    """Bits on the bus without stuffing, interframe space included (ISO 11898: 47 + 8 n, 67 + 8 n)."""
    return (67 if can_id & EXTENDED else 47) + 8 * size
