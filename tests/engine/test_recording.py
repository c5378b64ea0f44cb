"""What a living engine does can be recorded, and the recording holds it."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.engine.test_engine import LEFT, RIGHT, answering, pack_v, running
from tests.fakes import PATIENCE_S, FakeClock, FakeTransport, wait_until
from tui.engine import recording as module
from tui.engine.engine import Engine
from tui.engine.recording import EngineRecording
from tui.feed.recording import read_recording
from tui.model.events import Event, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.model.requests import Answer, Pair, Reconnect, SwitchPolling
from tui.model.sample import Pack
from tui.store.recorder import Recorder
from tui.transports.replay import ReplayTransport

FRAME = Frame(1, "left", 1_700_000_000_000_000, Direction.RX, bytes(8), 0x351)
BOX_BYTES = 1 << 20


class Hand:
    """An engine by hand: folds events and tells one listener."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.fleet = Fleet()
        self.clock = clock or FakeClock()
        self.recording = EngineRecording(lambda: self.fleet, clock=self.clock, wall=lambda: 1.7e9)

    def tell(self, event: Event) -> None:
        self.fleet = fold(self.fleet, event)
        self.recording.listener(event, self.fleet)


def pack(volts: float) -> SampleRead:
    return SampleRead("left", 1.0, 1, Pack(pack_v=volts))


def recorded_while(engine: Engine, path: Path, happens: Callable[[EngineRecording], None]) -> Fleet:
    """Record a living engine; gives the fleet after the newest recorded event."""
    newest = [Fleet()]
    recording = EngineRecording(engine.fleet)

    def keep(event: Event | None, fleet: Fleet) -> None:
        recording.listener(event, fleet)
        newest[0] = fleet

    unsubscribe = engine.subscribe(keep)
    wait_until(lambda: newest[0].version)
    assert recording.start(path) is None
    happens(recording)
    unsubscribe()
    gone = threading.Event()
    engine.subscribe(lambda event, fleet: gone.set())  # the engine's thread is past the last call
    assert gone.wait(PATIENCE_S)
    recording.close()
    return newest[0]


def test_a_recorded_engine_has_the_same_state_in_the_file(tmp_path: Path) -> None:
    wires = {"left": answering("53.1"), "right": FakeTransport()}
    with running(wires, LEFT, RIGHT) as engine:
        newest = recorded_while(
            engine,
            tmp_path / "a",
            lambda recording: wait_until(lambda: recording.figures().file.written > 40),
        )
    found = read_recording(tmp_path / "a")
    fleet = Fleet()
    for moment in found.moments:
        fleet = moment.fleet or fold(fleet, moment.event) if moment.event else moment.fleet or fleet
    assert fleet == newest
    assert (found.holes, found.damage) == (0, ())


def test_frames_and_commands_are_kept_with_their_time(tmp_path: Path) -> None:
    hand = Hand()
    assert hand.recording.start(tmp_path / "a") is None
    hand.tell(pack(53.0))
    hand.recording.frame(FRAME)
    hand.clock.advance(2.0)
    hand.recording.command(SwitchPolling(False), Answer(True))
    hand.recording.command(Reconnect("x"), Answer(False))
    hand.recording.close()
    found = read_recording(tmp_path / "a")
    assert list(found.frames) == [FRAME]
    assert [(c.request, c.is_ok) for c in found.commands] == [
        (SwitchPolling(False), True),
        (Reconnect("x"), False),
    ]
    assert found.commands[0].position_s == 2.0


def test_a_whole_fleet_comes_every_thousand_events(tmp_path: Path) -> None:
    hand = Hand()
    assert hand.recording.start(tmp_path / "a") is None
    for n in range(2 * module.FLEET_EVERY):
        hand.tell(pack(n / 100))
    hand.recording.stop()
    assert len(read_recording(tmp_path / "a").anchors) >= 2


def test_a_file_that_exists_or_cannot_be_is_refused_and_the_old_recording_goes_on(tmp_path: Path) -> None:
    hand = Hand()
    assert hand.recording.start(tmp_path / "a") is None
    cause = hand.recording.start(tmp_path / "a")
    assert cause is not None
    assert cause.key == "recording-exists"
    cause = hand.recording.start(str(tmp_path / "no" / "b"))
    assert cause is not None
    assert cause.key == "recording-failed"
    hand.tell(pack(53.0))
    assert hand.recording.figures().path == str(tmp_path / "a")
    assert hand.recording.start(tmp_path / "c") is None
    hand.tell(pack(54.0))
    hand.recording.stop()
    assert hand.recording.figures().path == ""
    for name, version in (("a", 1), ("c", 2)):
        found = read_recording(tmp_path / name)
        assert found.moments[len(found.moments) - 1].n == version


def test_black_box_and_file_run_beside_each_other(tmp_path: Path) -> None:
    hand = Hand()
    hand.recording.start_box(tmp_path / "box", BOX_BYTES)
    hand.tell(pack(1.0))
    hand.recording.start(tmp_path / "a")
    hand.tell(pack(2.0))
    hand.recording.stop()
    hand.tell(pack(3.0))
    assert hand.recording.figures().is_box_on
    hand.recording.stop_box()
    hand.tell(pack(4.0))
    hand.recording.close()
    box = read_recording(tmp_path / "box")
    assert box.moments[len(box.moments) - 1].n == 3
    assert not hand.recording.figures().is_box_on


def test_lost_lines_leave_a_hole_and_the_right_end(tmp_path: Path) -> None:
    """Too many events at once, then a pause: what follows is whole again."""
    hand = Hand()
    recorder = Recorder.to_file(tmp_path / "a", hand.recording.head_lines, queue_lines=3)
    hand.recording._recorders = (recorder,)
    recorder.turn()
    for n in range(10):
        hand.tell(pack(n))
    recorder.turn()
    hand.tell(pack(77.0))
    recorder.turn()
    found = read_recording(tmp_path / "a")
    assert recorder.figures().dropped == 7
    assert [moment.n for moment in found.moments] == [0, 1, 2, 3, 10, 11]
    assert found.holes == 1


def test_a_recorded_battery_can_be_connected_to_again() -> None:
    """The traffic of a living engine, given to another one as a wire, says the same."""
    with running({"left": answering("53.1")}, LEFT) as engine:
        wait_until(lambda: len(engine.frames(0)) > 20)
        frames = engine.frames(0)
    replayed = ReplayTransport(frames, is_bus=False)
    with running({"left": replayed}, LEFT) as again:  # type: ignore[dict-item]
        wait_until(lambda: pack_v(again, "left") == 53.1)
        ended = Cause("replay-ended")
        wait_until(lambda: again.fleet().tracks[0].link.cause == ended)


def test_trouble_is_told_with_its_path(tmp_path: Path) -> None:
    told: list[tuple[str, Cause | None]] = []
    (tmp_path / "box").write_text("a file where a folder should be")
    recording = EngineRecording(Fleet, on_trouble=lambda path, cause: told.append((path, cause)))
    recording.start_box(tmp_path / "box")
    wait_until(lambda: told)
    recording.close()
    path, cause = told[0]
    assert path == str(tmp_path / "box")
    assert cause is not None
    assert cause.key == "recording-failed"


def test_every_frame_of_four_threads_is_kept(tmp_path: Path) -> None:
    hand = Hand()
    assert hand.recording.start(tmp_path / "a") is None
    numbers = iter(range(1, 8001))
    lock = threading.Lock()

    def work(track: str) -> None:
        for _ in range(2000):
            with lock:
                number = next(numbers)
            hand.recording.frame(Frame(number, track, FRAME.time_us + number, Direction.RX, b"x"))

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hand.recording.close()
    assert [frame.number for frame in read_recording(tmp_path / "a").frames] == list(range(1, 8001))


def test_a_frame_costs_microseconds_and_nothing_when_nobody_records(tmp_path: Path) -> None:
    hand = Hand()

    def us_per_frame() -> float:
        best = float("inf")
        for _ in range(10):
            began = time.thread_time()  # of the processor: others may use it too
            for _ in range(1000):
                hand.recording.frame(FRAME)
            best = min(best, (time.thread_time() - began) * 1000)
        return best

    assert us_per_frame() < 2
    hand.recording.start(tmp_path / "a")
    assert us_per_frame() < 20
    hand.recording.close()


def test_a_secret_is_never_recorded(tmp_path: Path) -> None:
    recording = EngineRecording(Fleet)
    path = tmp_path / "one.packdeck"
    assert recording.start(path) is None
    request = Pair("A4:C1:38:7C:2D:F0", "left", secret="123456")
    recording.command(request, Answer(True))
    recording.close()
    assert b"A4:C1" in path.read_bytes()
    assert b"123456" not in path.read_bytes()
    assert "123456" not in repr(request)
