"""Recordings: what is in one, how its lines are written, and how a file or a black box is read.

A recording is text, one JSON value per line. The first line is a head; a line with the whole fleet follows;
then come events, commands and, as compact arrays, frames. An event carries `n`, the version of the fleet
after it. Head and fleet may come again in the middle: where a part of a black box begins, and after a hole.
"""

import threading
import zlib
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import msgspec
from msgspec import Struct

from tui import __version__
from tui.feed import wire, wire_requests
from tui.model.events import Event, SampleRead
from tui.model.fleet import Fleet
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.model.requests import Request

FORMAT = "packdeck-recording"
VERSION = 1  # raise it with every change that an older program would misread
SUFFIX = ".packdeck"
SESSION_GAP_S = 1.0  # in a black box, the time between two engines is cut down to this
BLOCK = 512  # lines that are packed together in memory
BLOCKS_OPEN = 48  # unpacked ones kept
OVERTAKING = 4096  # a frame is put into its order among so many
PIECE = 1 << 18
LINE_MAX = 1 << 24  # no line of ours is so long
CLOCK_EVERY_S = 5.0  # while frames come, some line tells both clocks so often
HEAD_START = b'{"type":"head","format":"packdeck-recording"'

T = TypeVar("T")


class RecordingError(Exception):
    """A recording cannot be read at all. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


# --- the lines ---


class Head(Struct, frozen=True, tag_field="type", tag="head"):
    """First line. `session` is the same in all parts that one engine wrote. The first three stay for ever."""

    format: str
    version: int
    program: str
    pid: int
    time_us: int  # Unix time
    clock_s: float  # the engine's steady clock at that moment
    session: int


class _AnyHead(Struct, frozen=True):
    type: str
    format: str
    version: int
    program: str = ""


class _Fleet(Struct, frozen=True, tag_field="type", tag="fleet"):
    n: int
    time_us: int
    clock_s: float
    fleet: msgspec.Raw


class _Event(Struct, frozen=True, tag_field="type", tag="event"):
    n: int
    time_us: int
    clock_s: float
    kind: str
    event: msgspec.Raw


class _Clock(Struct, frozen=True, tag_field="type", tag="clock"):
    time_us: int
    clock_s: float


class _Command(Struct, frozen=True, tag_field="type", tag="command"):
    time_us: int
    clock_s: float
    kind: str
    request: msgspec.Raw
    ok: bool


_encode = msgspec.json.Encoder().encode
_LINE: msgspec.json.Decoder[Head | _Fleet | _Event | _Command | _Clock] = msgspec.json.Decoder(
    Head | _Fleet | _Event | _Command | _Clock
)
_ANY_HEAD: msgspec.json.Decoder[_AnyHead] = msgspec.json.Decoder(_AnyHead)
_FLEET: msgspec.json.Decoder[Fleet] = msgspec.json.Decoder(Fleet)
_FRAME: msgspec.json.Decoder[tuple[int, int, str, Direction, int | None, str]] = msgspec.json.Decoder(
    tuple[int, int, str, Direction, int | None, str]
)


def head_line(pid: int, time_us: int, clock_s: float, session: int = 0) -> bytes:
    """The first line. `time_us` is Unix time, `clock_s` the engine's steady clock at the same moment."""
    return _encode(Head(FORMAT, VERSION, __version__, pid, time_us, clock_s, session))


def fleet_line(fleet: Fleet, time_us: int, clock_s: float) -> bytes:
    """The whole state at that moment."""
    return _encode(_Fleet(fleet.version, time_us, clock_s, msgspec.Raw(_encode(fleet))))


def frame_line(frame: Frame) -> bytes:
    """One chunk of traffic: `[time_us, number, track, "RX", can_id or null, hex]`. Cheap: called for each."""
    chunk = frame.time_us, frame.number, frame.track, frame.direction, frame.can_id, frame.data.hex()
    return _encode(chunk)


def event_line(event: Event, n: int, time_us: int, clock_s: float) -> bytes:
    """One event; `n` is the version of the fleet after it."""
    message = wire.happened(event, n)
    return _encode(_Event(n, time_us, clock_s, message.kind, message.event))


def clock_line(time_us: int, clock_s: float) -> bytes:
    """Both clocks at one moment: frames know only Unix time, which somebody may set meanwhile."""
    return _encode(_Clock(time_us, clock_s))


def command_line(request: Request, is_ok: bool, time_us: int, clock_s: float) -> bytes:
    """What somebody asked of the engine, and whether it was taken up."""
    message = wire_requests.asked(request, 0)
    return _encode(_Command(time_us, clock_s, message.kind, message.request, is_ok))


# --- what was read ---


@dataclass(frozen=True, slots=True)
class Moment:
    """Something the state depends on: an event, or the whole fleet. `clock_s`: the engine's steady clock."""

    n: int
    time_us: int
    clock_s: float
    event: Event | None = None  # neither event nor fleet: a kind that this program does not know
    fleet: Fleet | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A request that somebody made while it was recorded."""

    position_s: float
    time_us: int
    request: Request
    is_ok: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a file stops making sense: the line, from 1, and its first byte after unpacking."""

    path: str
    line: int
    byte: int

    def cause(self) -> Cause:
        """For a person: the recording was read up to there."""
        return Cause("recording-cut", (("path", self.path), ("line", str(self.line))))


class Lines(Sequence[T], Generic[T]):
    """Lines packed in memory and decoded when somebody looks. `positions` are seconds from the beginning.

    A black box holds millions of frames; as objects they would not fit into a small machine.
    """

    def __init__(self, decode: Callable[[bytes], T]) -> None:
        self.positions = array("d")
        self._decode = decode
        self._packed: list[bytes] = []
        self._tail: list[bytes] = []
        self._open: OrderedDict[int, list[bytes]] = OrderedDict()
        self._opening = threading.Lock()

    def append(self, line: bytes, position_s: float) -> None:
        """Add a line at its position, or at the newest one when that is later."""
        last_s = self.positions[-1] if self.positions else 0.0
        self.positions.append(max(position_s, last_s))
        self._tail.append(line)
        if len(self._tail) == BLOCK:
            self._packed.append(zlib.compress(b"\n".join(self._tail), 1))
            self._tail = []

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        block, offset = divmod(index % len(self), BLOCK)
        return self._decode(self._block(block)[offset])

    def _block(self, number: int) -> list[bytes]:
        if number == len(self._packed):
            return self._tail
        with self._opening:
            lines = self._open.get(number)
            if lines is None:
                lines = zlib.decompress(self._packed[number]).split(b"\n")
                self._open[number] = lines
                if len(self._open) > BLOCKS_OPEN:
                    self._open.popitem(last=False)
            else:
                self._open.move_to_end(number)
            return lines


@dataclass(frozen=True, slots=True)
class Recording:
    """All of a recording. Times of frames and moments are as recorded; their positions run from 0.

    `anchors` are the indexes of the moments that are whole fleets. `holes` counts places where events are
    missing between two others. `damage` says where files were cut off; empty when they were not.
    """

    path: Path
    program: str  # version of packdeck that wrote it
    pid: int
    started_us: int  # Unix time
    length_s: float
    moments: Lines[Moment]
    frames: Lines[Frame]
    anchors: Sequence[int]
    commands: tuple[Command, ...]
    damage: tuple[Damage, ...]
    holes: int

    def frames_of(self, track: str) -> list[Frame]:
        """All traffic of one track, oldest first."""
        return [frame for frame in self.frames if frame.track == track]


def read_recording(path: Path) -> Recording:
    """Read a file, plain or compressed, or the folder of a black box.

    RecordingError with `recording-missing`, `-unreadable`, `-not`, `-newer`, `-empty` or `-damaged`.
    """
    files = _files(path)
    reader = _Reader(path)
    for file in files:
        try:
            reader.read(file, is_part=path.is_dir())
        except FileNotFoundError:
            if not path.is_dir():
                raise _error("recording-missing", path) from None  # in a ring the oldest may go any time
        except OSError as error:
            raise _error("recording-unreadable", file, reason=error.strerror or str(error)) from error
    return reader.done()


def _error(key: str, path: Path, **args: str) -> RecordingError:
    return RecordingError(Cause(key, (("path", str(path)), *args.items())))


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise _error("recording-missing", path)
    if not path.is_dir():
        return [path]
    try:
        names = sorted(p.name for p in path.iterdir())
    except OSError as error:
        raise _error("recording-unreadable", path, reason=error.strerror or str(error)) from error
    parts = {name.removesuffix(".gz"): name for name in names if name.endswith((SUFFIX, f"{SUFFIX}.gz"))}
    return [path / parts[stem] for stem in sorted(parts)]  # of two forms of one part the packed one


# --- reading ---


def _pieces(path: Path) -> Iterator[bytes | None]:
    """The content in pieces, unpacked; `None` at the end when the packing breaks off."""
    with path.open("rb") as file:
        piece = file.read(PIECE)
        if piece[:2] != b"\x1f\x8b":
            while piece:
                yield piece
                piece = file.read(PIECE)
            return
        unpacker = zlib.decompressobj(31)
        while piece and not unpacker.eof:
            try:
                yield unpacker.decompress(piece)
            except zlib.error:
                yield None
                return
            piece = file.read(PIECE)
        if not unpacker.eof:
            yield None


def _lines(path: Path, broken: Callable[[], None]) -> Iterator[tuple[int, int, bytes]]:
    """Number, first byte and content of every line; calls `broken` after the last when the packing is cut."""
    held, number, byte = b"", 0, 0
    for piece in _pieces(path):
        if piece is None:
            broken()
            break
        *whole, held = (held + piece).split(b"\n")
        if len(held) > LINE_MAX:
            whole, held = [*whole, held], b""
        for line in whole:
            number += 1
            yield number, byte, line
            byte += len(line) + 1
    if held:
        yield number + 1, byte, held


class _Reader:
    """Puts the lines of one or more files into their order, without holes where the files allow it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head: Head | None = None  # the first one
        self._session: tuple[int, int] | None = None
        self._moments: Lines[Moment] = Lines(_moment)
        self._frames: Lines[Frame] = Lines(_frame)
        self._anchors = array("q")
        self._commands: list[Command] = []
        self._damage: list[Damage] = []
        self._holes = 0
        self._n: int | None = None
        self._waiting: tuple[_Fleet, bytes] | None = None
        self._base_s = self._clock0_s = self._shift_us = self._told_s = 0.0
        self._number0 = self._number = 0  # frames of later engines are counted on
        self._unsorted: list[tuple[int, float, bytes]] = []
        self._takes: dict[type, Callable[[Any, bytes], None]] = {
            Head: self._take_head,
            _Fleet: self._take_fleet,
            _Event: self._take_event,
            _Command: self._take_command,
            _Clock: lambda message, line: None,
        }

    def read(self, path: Path, *, is_part: bool) -> None:
        """Read one file. RecordingError when it is none, and is not a part among others."""
        place = 0, 0
        cut: list[bool] = []
        for number, byte, line in _lines(path, partial(cut.append, True)):
            place = number, byte
            if number == 1 and not self._is_head(path, line):
                if not is_part:
                    is_cut = line and HEAD_START.startswith(line[: len(HEAD_START)])
                    raise _error("recording-damaged" if is_cut else "recording-not", path)
                self._damage.append(Damage(str(path), *place))
                return
            try:
                self._take(line)
            except (msgspec.DecodeError, ValueError):
                self._damage.append(Damage(str(path), *place))
                return
        if cut:
            self._damage.append(Damage(str(path), place[0] + 1, place[1]))

    def _is_head(self, path: Path, line: bytes) -> bool:
        try:
            head = _ANY_HEAD.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if head.type != "head" or head.format != FORMAT:
            return False
        if head.version > VERSION:
            args = {"theirs": str(head.version), "mine": str(VERSION), "program": head.program}
            raise _error("recording-newer", path, **args)
        return True

    def done(self) -> Recording:
        """What was read. RecordingError when there is no state in it."""
        self._use_waiting()
        self._keep_frames(all_of_them=True)
        if self._head is None or not self._moments:
            is_damaged = self._damage or self._moments
            raise _error("recording-damaged" if is_damaged else "recording-empty", self._path)
        return Recording(
            path=self._path,
            program=self._head.program,
            pid=self._head.pid,
            started_us=self._head.time_us,
            length_s=self._end_s(),
            moments=self._moments,
            frames=self._frames,
            anchors=self._anchors,
            commands=tuple(self._commands),
            damage=tuple(self._damage),
            holes=self._holes,
        )

    def _take(self, line: bytes) -> None:
        if line.startswith(b"["):
            self._take_frame(line)
            return
        try:
            message = _LINE.decode(line)
        except msgspec.ValidationError:  # whole, but of a kind that a later program added
            self._holes += 1
            return
        self._takes[type(message)](message, line)
        self._shift_us = message.time_us - message.clock_s * 1e6
        self._told_s = self._position(message.clock_s)

    def _end_s(self) -> float:
        ends = [lines.positions[-1] for lines in (self._moments, self._frames) if lines]
        return max(ends, default=0.0)

    def _position(self, clock_s: float) -> float:
        return max(0.0, self._base_s + clock_s - self._clock0_s)

    def _take_head(self, head: Head, line: bytes) -> None:
        session = head.pid, head.session
        if session == self._session:
            return
        if self._head is None:
            self._head = head
        else:
            self._use_waiting()
            self._keep_frames(all_of_them=True)
            self._base_s = self._end_s() + SESSION_GAP_S
            self._number0 = self._number
        self._session, self._n, self._waiting = session, None, None
        self._clock0_s = head.clock_s

    # A fleet is written by another thread than the events, so it may be ahead of the events behind it. While
    # they follow each other without a hole they are the finer story, and the fleet comes where it belongs.

    def _take_fleet(self, message: _Fleet, line: bytes) -> None:
        if self._n is None or message.n == self._n:
            self._add_fleet(message, line)
        elif message.n > self._n:
            self._waiting = message, line

    def _take_event(self, message: _Event, line: bytes) -> None:
        if self._n is None:
            return
        if message.n > self._n + 1:
            self._use_waiting()
        if message.n <= self._n:
            return
        self._holes += message.n > self._n + 1
        self._n = message.n
        self._moments.append(self._renumbered(message, line), self._position(message.clock_s))
        if self._waiting and self._waiting[0].n <= self._n:
            (fleet, its_line), self._waiting = self._waiting, None
            if fleet.n == self._n:
                self._add_fleet(fleet, its_line)

    def _use_waiting(self) -> None:
        if self._waiting:
            (message, line), self._waiting = self._waiting, None
            self._holes += 1
            self._add_fleet(message, line)

    def _add_fleet(self, message: _Fleet, line: bytes) -> None:
        fleet = _FLEET.decode(message.fleet)
        if self._number0:
            tracks = tuple(
                replace(t, pack_frame=self._later(t.pack_frame), cells_frame=self._later(t.cells_frame))
                for t in fleet.tracks
            )
            line = fleet_line(replace(fleet, tracks=tracks), message.time_us, message.clock_s)
        self._anchors.append(len(self._moments))
        self._n = message.n
        self._moments.append(line, self._position(message.clock_s))

    def _renumbered(self, message: _Event, line: bytes) -> bytes:
        """The line with the number of its frame counted on over all engines."""
        if not self._number0:
            return line
        event = _event(message)
        if not isinstance(event, SampleRead) or not event.frame:
            return line
        event = replace(event, frame=self._later(event.frame))
        return event_line(event, message.n, message.time_us, message.clock_s)

    def _later(self, number: int) -> int:
        return number + self._number0 if number else 0

    def _take_command(self, message: _Command, line: bytes) -> None:
        try:
            request = wire_requests.request_of(wire.Ask(0, message.kind, message.request))
        except wire.WireBroken:
            return
        position_s = self._position(message.clock_s)
        self._commands.append(Command(position_s, message.time_us, request, message.ok))

    def _take_frame(self, line: bytes) -> None:
        time_us, number, track, direction, can_id, data = _FRAME.decode(line)
        if self._number0:
            number += self._number0
            line = frame_line(Frame(number, track, time_us, direction, bytes.fromhex(data), can_id))
        position_s = self._position((time_us - self._shift_us) / 1e6)
        if position_s > self._told_s + 2 * CLOCK_EVERY_S:  # Unix time was set forward
            position_s = self._told_s
        self._unsorted.append((number, position_s, line))
        self._number = max(self._number, number)
        if len(self._unsorted) >= 2 * OVERTAKING:
            self._keep_frames(all_of_them=False)

    def _keep_frames(self, *, all_of_them: bool) -> None:
        """Threads overtake each other between numbering and writing, so the order is made here."""
        self._unsorted.sort()
        count = len(self._unsorted) if all_of_them else OVERTAKING
        for _, position_s, line in self._unsorted[:count]:
            self._frames.append(line, position_s)
        del self._unsorted[:count]


def _frame(line: bytes) -> Frame:
    time_us, number, track, direction, can_id, data = _FRAME.decode(line)
    return Frame(number, track, time_us, direction, bytes.fromhex(data), can_id)


def _event(message: _Event) -> Event | None:
    try:
        return wire.event_of(wire.Happened(message.n, message.kind, message.event))
    except wire.WireBroken:
        return None


def _moment(line: bytes) -> Moment:
    message = _LINE.decode(line)
    if isinstance(message, _Fleet):
        fleet = _FLEET.decode(message.fleet)
        return Moment(message.n, message.time_us, message.clock_s, fleet=fleet)
    assert isinstance(message, _Event)
    return Moment(message.n, message.time_us, message.clock_s, _event(message))


def first_after(frames: Sequence[Frame], number: int) -> int:
    """Index of the first frame with a number above `number`."""
    return bisect_left(frames, number + 1, key=lambda frame: frame.number)
