"""A worker with everything around it faked."""

from tests.fakes import FakeClock, FakeProtocol, FakeTransport, FakeWake
from tui.engine.frame_book import FrameBook
from tui.engine.worker import Worker
from tui.model.events import Event, FleetStarted
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Link, State
from tui.model.track import Setup, Track

ANSWER = b"p13.2;c3300,3310,3290,3305;"


class Bench:
    """A worker with everything around it faked, and the fleet its events make."""

    def __init__(self, answer: bytes = ANSWER, **setup: object) -> None:
        self.setup = Setup("left", address="/dev/left", **setup)  # type: ignore[arg-type]
        self.clock = FakeClock()
        self.start_s = self.clock.now_s
        self.wire = FakeTransport(lambda request: answer, self.clock)
        self.spoken: list[str] = []  # the languages that were tried
        self.frames = FrameBook()
        self.events: list[Event] = []
        self.fleet = fold(Fleet(), FleetStarted((self.setup,), 1))
        self.worker = Worker(
            self.setup,
            open_wire=lambda setup: self.wire,
            open_protocol=self._open_protocol,
            publish=self._publish,
            frames=self.frames,
            clock=self.clock,
            wall=self.clock,
            wake=FakeWake(self.clock),
        )

    def _open_protocol(self, setup: Setup) -> FakeProtocol:
        self.spoken.append(setup.protocol)
        self.protocol = FakeProtocol(setup.poll_s)
        return self.protocol

    def _publish(self, event: Event) -> None:
        self.events.append(event)
        self.fleet = fold(self.fleet, event)

    def run(self, seconds: float) -> None:
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            self.turn()

    def turn(self) -> None:
        before = self.clock.now_s
        self.worker.turn()
        if self.clock.now_s == before:
            self.clock.advance(0.001)  # computing takes time too

    def answers(self, answer: bytes) -> None:
        self.wire.answer = lambda request: answer

    @property
    def track(self) -> Track:
        return self.fleet.tracks[0]

    @property
    def link(self) -> Link:
        return self.track.link

    @property
    def state(self) -> State:
        return self.track.state(self.clock.now_s)

    def run_until(self, state: State, seconds: float) -> float:
        """Seconds until the track is in that state."""
        start_s = self.clock.now_s
        while self.state is not state:
            assert self.clock.now_s - start_s < seconds, f"still {self.state} after {seconds} s"
            self.turn()
        return self.clock.now_s - start_s
