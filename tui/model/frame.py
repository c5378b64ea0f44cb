"""Raw traffic, as it went over a wire, and what a person looks at to understand it."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Seen from this machine."""

    RX = "RX"
    TX = "TX"


@dataclass(frozen=True, slots=True)
class Frame:
    """One chunk on one wire. `number` grows by one per frame in an engine's life.

    `can_id` (with the flags of model/can.py) only on a CAN bus; there `data` is one frame's bytes. On a
    stream `data` is what one read or write had, which may be a part of a frame.
    """

    number: int
    track: str
    time_us: int  # Unix time
    direction: Direction
    data: bytes
    can_id: int | None = None


class Trust(StrEnum):
    """What became of a frame."""

    GOOD = "good"
    BAD = "bad"  # checksum, length, refused, impossible content
    UNKNOWN = "unknown"  # nobody here speaks this language


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One frame in the list, newest last. On a stream a whole answer, however many chunks it came in."""

    number: int
    time_us: int
    direction: Direction
    key: str  # "351", "18F128F4"; on a stream the register or command: "03", "1C"
    data: bytes
    name: str = ""  # what the language calls it: "limits", "cells"
    text: str = ""  # decoded in one line; empty when nobody can
    trust: Trust = Trust.UNKNOWN


@dataclass(frozen=True, slots=True)
class FrameKind:
    """All frames of one key and direction: the newest one, and their rhythm."""

    key: str
    direction: Direction
    name: str
    count: int
    period_ms: float | None  # mean of the last sixteen
    last_period_ms: float | None
    jitter_ms: float | None  # largest distance from the mean among them
    last_us: int
    data: bytes
    changed_us: tuple[int, ...] = ()  # for each byte when it last changed; 0 never
    text: str = ""
    trust: Trust = Trust.UNKNOWN
    number: int = 0  # of the newest one


@dataclass(frozen=True, slots=True)
class FrameError:
    """One kind of error on a wire. `key` names the word `frame-error-<key>`."""

    key: str
    count: int
    last_us: int


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """What went over a wire since the engine started, and in the window asked for."""

    rx_frames: int = 0
    tx_frames: int = 0
    rx_bytes: int = 0
    tx_bytes: int = 0
    unknown: int = 0  # frames nobody could decode
    dropped: int = 0  # frames lost before this program saw them, as far as it is told
    rx_per_s: float = 0.0  # over the last seconds, by elapsed time
    tx_per_s: float = 0.0
    load_pct: float | None = None  # of the bus, in the window, without stuffing; None on a stream
    peak_load_pct: float | None = None
    bitrate: int | None = None
    errors: tuple[FrameError, ...] = ()
    window_s: int = 60
    per_slot: tuple[int, ...] = ()  # frames in each of the last slots of the window, oldest first
    heat: tuple[tuple[str, tuple[int, ...]], ...] = ()  # per key the same slots


@dataclass(frozen=True, slots=True)
class FrameView:
    """Everything the Frames place shows of one wire at one moment."""

    track: str
    at_us: int
    is_bus: bool  # a CAN bus, not a stream
    figures: FrameFigures = FrameFigures()
    kinds: tuple[FrameKind, ...] = ()
    rows: tuple[FrameRow, ...] = ()  # newest last, after the filter


@dataclass(frozen=True, slots=True)
class FrameDetail:
    """One frame, decoded in full. `fields` are name and value with unit, in the order of the bytes."""

    row: FrameRow
    fields: tuple[tuple[str, str], ...] = ()
