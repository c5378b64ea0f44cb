"""A recording as a feed: the screens show what was, as if it were now."""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from tui.feed.recording import Moment, Recording, first_after
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Frame
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames, Play, Request

SNAPSHOT_EVERY = 1000  # events; a jump folds at most so many
FRAMES_KEPT = 2000  # as many as a living engine keeps
FRAMES_ANSWERED = 20_000  # given to the one who answers questions about traffic
SPEED_MAX = 1000.0

AnswerFrames = Callable[[LookAtFrames | ExplainFrame, Sequence[Frame]], Answer]


class ReplayFeed:
    """Folds a recording in recorded time. No thread: it moves when somebody looks, and never far at once.

    Give `clock` and `wall` to the screen: they tell the recorded time, so that every age is as it was.
    `answer_frames` gets a question about traffic and the frames up to now: the newest 20,000 at most, of the
    one track where the question names one.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        speed: float = 1.0,
        from_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        answer_frames: AnswerFrames | None = None,
    ) -> None:
        self.recording = recording
        self._clock, self._answer_frames = clock, answer_frames
        self._lock = threading.Lock()  # screens look, short workers ask; held for milliseconds
        self._moments = recording.moments
        self._snapshots: dict[int, Fleet] = {}  # state after so many moments
        self._count = 0  # moments that are folded
        self._fleet = Fleet()
        self._moment = self._moments[0]
        self._speed, self._paused = speed, False
        self._position_s = self._seen_s = 0.0
        self._held: tuple[int, int, list[Frame]] = (0, 0, [])
        self._closed = False
        self._seek(from_s)

    # --- the face of a feed ---

    def fleet(self) -> Fleet:
        """The state at the replayed moment. Never waits."""
        with self._lock:
            self._advance()
            return self._fleet

    def frames(self, after: int) -> Sequence[Frame]:
        """Recorded traffic up to the replayed moment with a number above `after`, oldest first."""
        with self._lock:
            self._advance()
            end = self._frames_end()
        frames = self.recording.frames
        if not end or frames[end - 1].number <= after:
            return ()
        newest = frames[max(0, end - FRAMES_KEPT) : end]
        return newest[first_after(newest, after) :]

    def ask(self, request: Request) -> Answer:
        """Obey `Play`, answer questions about traffic; there is nobody for other commands."""
        if self._closed:
            return Answer(False, Cause("engine-closed"))
        if isinstance(request, Play):
            return self._play(request)
        if isinstance(request, LookAtFrames | ExplainFrame) and self._answer_frames is not None:
            return self._answer_frames(request, self._frames_for(request))
        return Answer(False, Cause("replay-only"))

    def close(self) -> None:
        """Let go. Safe to call twice."""
        self._closed = True

    # --- the clocks of the screen ---

    def clock(self) -> float:
        """The recorded engine's steady clock at the replayed moment, in seconds."""
        with self._lock:
            self._advance()
            return self._moment.clock_s + self._since_moment()

    def wall(self) -> float:
        """Unix time at the replayed moment, in seconds."""
        with self._lock:
            self._advance()
            return self._moment.time_us / 1e6 + self._since_moment()

    @property
    def position_s(self) -> float:
        """Seconds from the beginning of the recording."""
        with self._lock:
            self._advance()
            return self._position_s

    @property
    def length_s(self) -> float:
        """Seconds of the whole recording."""
        return self.recording.length_s

    @property
    def speed(self) -> float:
        """Recorded seconds per second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """True while the time stands still: asked for, after a step, or at the end."""
        with self._lock:
            self._advance()
            return self._paused

    # --- moving ---

    def _play(self, play: Play) -> Answer:
        if play.speed is not None and not 0 < play.speed <= SPEED_MAX:
            return Answer(False, Cause("replay-speed", (("most", f"{SPEED_MAX:g}"),)))
        with self._lock:
            self._advance()
            if play.speed is not None:
                self._speed = play.speed
            if play.at_s is not None:
                self._seek(play.at_s)
            if play.step:
                self._step(play.step)
            if play.paused is not None:
                self._paused = play.paused
        return Answer(True)

    def _advance(self) -> None:
        now_s = self._clock()
        passed_s, self._seen_s = now_s - self._seen_s, now_s
        if not self._paused:
            self._move(self._position_s + passed_s * self._speed)

    def _seek(self, position_s: float) -> None:
        self._seen_s = self._clock()
        self._move(position_s)

    def _move(self, position_s: float) -> None:
        self._position_s = min(max(0.0, position_s), self.length_s)
        self._paused = self._paused or position_s >= self.length_s
        self._fold_to(bisect_right(self._moments.positions, self._position_s))

    def _step(self, step: int) -> None:
        """So many events on or back; whole fleets in between are no step."""
        self._paused = True
        way, index = (1, self._count) if step > 0 else (-1, self._count - 1)
        left = abs(step)
        while left and 0 <= index < len(self._moments):
            left -= self._anchor_before(index) != index
            index += way
        self._fold_to(index if way > 0 else index + 1)
        self._position_s = self._moments.positions[self._count - 1]

    def _anchor_before(self, index: int) -> int:
        """The newest whole fleet in the recording not after that moment; the first moment is always one."""
        anchors = self.recording.anchors
        return anchors[bisect_right(anchors, index) - 1]

    def _fold_to(self, count: int) -> None:
        """The state after the first `count` moments, at least one."""
        count = max(1, count)
        if count == self._count:
            return
        start, fleet = self._nearest(count)
        for done in range(start, count):
            fleet = _after(fleet, self._moments[done])
            if (done + 1) % SNAPSHOT_EVERY == 0 and done - self._anchor_before(done) > SNAPSHOT_EVERY // 2:
                self._snapshots[done + 1] = fleet
        self._count, self._fleet = count, fleet
        self._moment = self._moments[count - 1]

    def _nearest(self, count: int) -> tuple[int, Fleet]:
        """A known state not after `count` moments: ours, a snapshot, or a fleet in the recording."""
        snapshot = count - count % SNAPSHOT_EVERY
        anchor = self._anchor_before(count - 1)
        ours = self._count if self._count <= count else 0
        if ours >= max(snapshot if snapshot in self._snapshots else 0, anchor):
            return ours, self._fleet
        if snapshot > anchor and snapshot in self._snapshots:
            return snapshot, self._snapshots[snapshot]
        return anchor, Fleet()

    def _since_moment(self) -> float:
        return max(0.0, self._position_s - self._moments.positions[self._count - 1])

    # --- traffic ---

    def _frames_end(self) -> int:
        return bisect_right(self.recording.frames.positions, self._position_s)

    def _frames_for(self, request: LookAtFrames | ExplainFrame) -> Sequence[Frame]:
        frames = self.recording.frames
        with self._lock:
            self._advance()
            end = self._frames_end()
        if isinstance(request, ExplainFrame):
            end = min(end, first_after(frames, request.number))
            return frames[max(0, end - FRAMES_KEPT) : end]
        if request.before is not None:
            end = min(end, first_after(frames, request.before - 1))
        return [frame for frame in self._newest(end) if frame.track == request.track]

    def _newest(self, end: int) -> list[Frame]:
        """The frames before index `end`; what the last question already unpacked is taken from there."""
        start = max(0, end - FRAMES_ANSWERED)
        held_start, held_end, held = self._held
        if not held_start <= start <= held_end <= end:
            held_start, held_end, held = start, start, []
        held = held[start - held_start :] + self.recording.frames[held_end:end]
        self._held = start, end, held
        return held


def _after(fleet: Fleet, moment: Moment) -> Fleet:
    if moment.fleet is not None:
        return moment.fleet
    if moment.event is not None:
        fleet = fold(fleet, moment.event)
    # After a hole the count of the engine goes on from where it was.
    return fleet if fleet.version == moment.n else replace(fleet, version=moment.n)
