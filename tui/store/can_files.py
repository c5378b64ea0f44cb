"""CAN traffic in the files of other programs: candump `.log`, Vector `.asc` and `.blf`."""

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.model import can as records
from tui.model.frame import Direction, Frame
from tui.model.link import Cause

if TYPE_CHECKING:
    import can

KINDS = (".log", ".asc", ".blf")


class CanFileError(Exception):
    """A file of CAN traffic cannot be read or written. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


def read_can_log(path: Path, track: str = "") -> list[Frame]:
    """All classic CAN frames of a file, numbered from 1; frames of CAN FD are left out.

    `track` is the name they get; without one it is the channel's. Times are Unix time in µs, or whatever the
    file counts from. CanFileError with `can-file-kind`, `can-file-missing` or `can-file-unreadable`.
    """
    kind = _kind(path)
    try:
        with _reader(path, kind) as messages:
            kept = (m for m in messages if not m.is_fd and len(m.data) <= records.DATA_MAX)
            return [_frame(message, number, track) for number, message in enumerate(kept, 1)]
    except FileNotFoundError as error:
        raise CanFileError(Cause("can-file-missing", (("path", str(path)),))) from error
    except Exception as error:  # the readers raise whatever a strange byte leads to
        raise CanFileError(_reason("can-file-unreadable", path, error)) from error


def write_can_log(path: Path, frames: Sequence[Frame], channel: str = "can0") -> int:
    """Write the CAN frames among `frames` in the order of their times; gives how many.

    The file is there whole or not at all. CanFileError with `can-file-kind` or `can-file-unwritable`.
    """
    kind = _kind(path)
    ordered = sorted((f for f in frames if f.can_id is not None), key=lambda frame: frame.time_us)
    fresh: Path | None = None
    try:
        fd, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=kind, dir=path.resolve().parent)
        os.close(fd)
        fresh = Path(name)
        _write(fresh, kind, ordered, channel)
        fresh.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        fresh.replace(path.resolve())
    except Exception as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        raise CanFileError(_reason("can-file-unwritable", path, error)) from error
    return len(ordered)


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in KINDS:
        args = (("path", str(path)), ("kinds", ", ".join(KINDS)))
        raise CanFileError(Cause("can-file-kind", args))
    return kind


def _reader(path: Path, kind: str) -> Any:
    from can.io import ASCReader, BLFReader, CanutilsLogReader

    if kind == ".asc":
        with path.open("rb") as file:  # its reader takes anything, and finds nothing in it
            if not re.search(rb"^(date|base)\s", file.read(4096), re.MULTILINE | re.IGNORECASE):
                raise ValueError("no date and no base in the first lines")
        return ASCReader(path, relative_timestamp=False)
    return BLFReader(path) if kind == ".blf" else CanutilsLogReader(path)


def _write(path: Path, kind: str, frames: Sequence[Frame], channel: str) -> None:
    from can.io import ASCWriter, BLFWriter, CanutilsLogWriter

    # Both formats of Vector tell their beginning in milliseconds, and lose what is below, or worse: the
    # writer of .asc does not pad them. A beginning on a whole second is kept by all of them.
    begin_s = float(frames[0].time_us // 1_000_000) if frames else 0.0
    writer: Any
    if kind == ".asc":
        writer = ASCWriter(path)
        writer.log_event("Start of measurement", begin_s)
    elif kind == ".blf":
        writer = BLFWriter(path)
        writer.start_timestamp = begin_s
    else:
        writer = CanutilsLogWriter(path, channel=channel)
    try:
        for message in _messages(frames, None if kind == ".log" else _digits(channel)):
            writer.on_message_received(message)
    finally:
        writer.stop()
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _digits(channel: str) -> int:
    """`can1` is the second channel: 1."""
    digits = "".join(c for c in channel if c.isdigit())
    return int(digits) if digits else 0


def _messages(frames: Iterable[Frame], channel: int | None) -> "Iterable[can.Message]":
    import can

    for frame in frames:
        can_id = frame.can_id or 0
        yield can.Message(
            timestamp=frame.time_us / 1e6,
            arbitration_id=can_id & records.NUMBER,
            is_extended_id=bool(can_id & records.EXTENDED),
            is_remote_frame=bool(can_id & records.REMOTE),
            is_error_frame=bool(can_id & records.ERROR),
            data=None if can_id & records.REMOTE else frame.data,
            is_rx=frame.direction is Direction.RX,
            channel=channel,
        )


def _frame(message: "can.Message", number: int, track: str) -> Frame:
    can_id = message.arbitration_id
    can_id |= records.EXTENDED * message.is_extended_id
    can_id |= records.REMOTE * message.is_remote_frame
    if message.is_error_frame:
        can_id = records.ERROR
    return Frame(
        number=number,
        track=track or _channel(message.channel),
        time_us=round(message.timestamp * 1e6),
        direction=Direction.RX if message.is_rx else Direction.TX,
        data=bytes(message.data or b""),
        can_id=can_id,
    )


def _channel(channel: "str | int | Sequence[int] | None") -> str:
    return f"can{channel}" if isinstance(channel, int) else str(channel or "can0")


def _reason(key: str, path: Path, error: Exception) -> Cause:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return Cause(key, (("path", str(path)), ("reason", reason)))
