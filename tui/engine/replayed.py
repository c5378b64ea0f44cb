"""A recording, or a log of a CAN bus, as a track of a living engine; and its traffic as a book."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tui.engine.frame_book import FrameBook
from tui.feed.recording import Recording, RecordingError, read_recording
from tui.model.fleet import Fleet
from tui.model.frame import Frame
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames
from tui.model.track import Setup, Track
from tui.store.can_files import CanFileError, read_can_log
from tui.transports.replay import ReplayTransport
from tui.transports.transport import WireError

CAN_LOGS = (".log", ".asc", ".blf")
BUS_POLL_S = 1.0


def is_can_log(path: str) -> bool:
    """True for a file that other programs wrote: candump, Vector."""
    return Path(path).suffix.casefold() in CAN_LOGS


def recorded_setup(track: str, address: str) -> Setup:
    """The setup of a track that plays `FILE`, or that track of it: `FILE#NAME`. WireError when it cannot."""
    path, name = _parts(address)
    if is_can_log(path):
        return Setup(track, "replay", path, "can", poll_s=BUS_POLL_S)
    recorded = _track_of(_read(path), path, name)
    return replace(
        recorded.setup,
        name=track,
        transport="replay",
        address=address,
        protocol=recorded.protocol,
        simulated=recorded.simulated,
    )


def open_replay(setup: Setup) -> ReplayTransport:
    """The wire of such a track, not yet opened. WireError when the file cannot be read."""
    path, name = _parts(setup.address)
    if is_can_log(path):
        try:
            frames = read_can_log(Path(path), setup.name)
        except CanFileError as error:
            raise WireError(error.cause) from error
        return ReplayTransport(frames, is_bus=True)
    recording = _read(path)
    recorded = _track_of(recording, path, name)
    return ReplayTransport(recording.frames_of(recorded.name), is_bus=recorded.setup.is_bus)


def fleet_of(recording: Recording) -> Fleet:
    """The fleet at the beginning of a recording."""
    first = recording.moments[0].fleet
    return first if first is not None else Fleet()


def _parts(address: str) -> tuple[str, str]:
    path, hash_mark, name = address.rpartition("#")
    return (path, name) if hash_mark and not Path(address).exists() else (address, "")


def _read(path: str) -> Recording:
    try:
        return read_recording(Path(path).expanduser())
    except RecordingError as error:
        raise WireError(error.cause) from error


def _track_of(recording: Recording, path: str, name: str) -> Track:
    tracks = fleet_of(recording).tracks
    found = next((t for t in tracks if t.name == name), None) if name else next(iter(tracks), None)
    if found is None:
        args = (("path", path), ("track", name or "?"), ("tracks", " ".join(t.name for t in tracks)))
        raise WireError(Cause("recording-no-track", args))
    return found


class ReplayedFrames:
    """Answers questions about recorded traffic. Keeps what it has counted while the time runs forward."""

    def __init__(self, recording: Recording) -> None:
        self._setups = {t.name: replace(t.setup, protocol=t.protocol) for t in fleet_of(recording).tracks}
        self._book = FrameBook()
        self._newest: dict[str, int] = {}
        self._now_us = 0
        self._begin()

    def answer(self, request: LookAtFrames | ExplainFrame, frames: Sequence[Frame]) -> Answer:
        """`frames`: what was on the wire up to the replayed moment, oldest first."""
        if isinstance(request, LookAtFrames) and request.before is None:
            newest = frames[-1].number if frames else -1
            if newest < self._newest.get(request.track, -1):
                self._begin()  # somebody went back in time
        for frame in frames:
            if frame.number > self._newest.get(frame.track, -1):
                self._now_us = max(self._now_us, frame.time_us)
                self._newest[frame.track] = frame.number
                self._book.take(frame)
        if isinstance(request, LookAtFrames):
            return self._book.look(request)
        return self._book.explain(request)

    def _begin(self) -> None:
        from tui.engine.wires import explain_of

        self._newest.clear()
        self._now_us = 0
        self._book = FrameBook(lambda: self._now_us / 1e6)
        for setup in self._setups.values():
            self._book.wire(setup.name, setup.is_bus, setup.bitrate if setup.is_bus else None)
            self._book.explained_by(setup.name, explain_of(replace(setup, dbc="")))
