"""What was recorded is seen again: the same states, at the same distances, forward and back."""

import time
from pathlib import Path

import pytest

from tests.engine.test_engine import LEFT, RIGHT, answering, running
from tests.engine.test_recording import recorded_while
from tests.fakes import FakeClock, wait_until
from tests.feed.test_recording import FRAMES, at, small, written
from tui.engine.replay import ReplayFeed
from tui.feed.feed import Feed
from tui.feed.recording import Recording, event_line, fleet_line, frame_line, head_line, read_recording
from tui.model.events import Event, FleetStarted, PollingSwitched, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames, Play, Reconnect, Record, SwitchPolling
from tui.model.sample import Cells, Pack
from tui.model.track import Setup

HOUR_S = 3600
TRACKS = 4


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(50_000.0)


@pytest.fixture
def short(tmp_path: Path) -> Recording:
    return read_recording(written(tmp_path / "short", small()[0]))


def hour_of_events() -> list[tuple[float, Event]]:
    events: list[tuple[float, Event]] = []
    for n in range(HOUR_S // 2):
        for track in range(TRACKS):
            at_s = 100 + 2.0 * n + track * 0.1
            pack = Pack(pack_v=52 + n % 100 / 100, current_a=(n + track) % 40 - 20.0, soc_pct=70.0)
            events.append((at_s, SampleRead(f"t{track}", at_s, int(at_s * 1000), pack, n)))
            cells = Cells(tuple(3300 + (n + c) % 30 for c in range(16)))
            events.append((at_s + 0.05, SampleRead(f"t{track}", at_s + 0.05, int(at_s * 1000), cells, n)))
    return events


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Four tracks, an hour, 14,400 events; with and without whole fleets in between it must be the same."""
    fleet = fold(Fleet(), FleetStarted(tuple(Setup(f"t{n}") for n in range(TRACKS)), 1))
    lines = [head_line(1, *at(100.0)), fleet_line(fleet, *at(100.0))]
    for n, (at_s, event) in enumerate(hour_of_events(), 1):
        fleet = fold(fleet, event)
        lines.append(event_line(event, fleet.version, *at(at_s)))
        if n % 1000 == 0 and n < 9000:
            lines.append(fleet_line(fleet, *at(at_s)))
    return read_recording(written(tmp_path_factory.mktemp("hour") / "hour", lines))


def test_the_end_of_a_replay_is_the_end_of_the_engine(tmp_path: Path, clock: FakeClock) -> None:
    """A real engine, recorded while it runs, and played to the end."""
    wires = {"left": answering("53.1"), "right": answering("13.2")}
    with running(wires, LEFT, RIGHT) as engine:
        wait_until(lambda: engine.fleet().version > 10)
        newest = recorded_while(
            engine,
            tmp_path / "a",
            lambda recording: wait_until(lambda: recording.figures().file.written > 60),
        )
    feed: Feed = ReplayFeed(read_recording(tmp_path / "a"), clock=clock)
    assert feed.fleet() != newest
    clock.advance(60)
    assert feed.fleet() == newest


def test_it_plays_in_recorded_time(short: Recording, clock: FakeClock) -> None:
    fleets = small()[1]
    feed = ReplayFeed(short, clock=clock)
    for i in range(5):
        assert feed.fleet() == fleets[i]
        assert feed.position_s == pytest.approx(i / 2)
        clock.advance(0.5)
    assert feed.fleet() == fleets[-1]
    assert feed.paused
    assert feed.position_s == feed.length_s == 2.0


def test_speed_and_pause_are_obeyed(short: Recording, clock: FakeClock) -> None:
    feed = ReplayFeed(short, speed=2.0, from_s=0.5, clock=clock)
    clock.advance(0.25)
    assert feed.position_s == pytest.approx(1.0)
    assert feed.ask(Play(paused=True)) == Answer(True)
    clock.advance(100)
    assert feed.position_s == pytest.approx(1.0)
    assert feed.paused
    assert feed.ask(Play(paused=False, speed=0.5)) == Answer(True)
    clock.advance(0.5)
    assert feed.position_s == pytest.approx(1.25)
    assert feed.speed == 0.5
    for wrong in (0.0, -1.0, float("nan"), 1e9):
        refused = feed.ask(Play(speed=wrong))
        assert refused.cause is not None
        assert refused.cause.key == "replay-speed"
    feed.ask(Play(at_s=-5))
    assert feed.position_s == 0.0
    feed.ask(Play(at_s=1e9))
    assert feed.paused


def test_the_screen_is_told_the_recorded_time(short: Recording, clock: FakeClock) -> None:
    feed = ReplayFeed(short, clock=clock)
    clock.advance(0.75)
    fleet = feed.fleet()
    assert feed.clock() + fleet.engine.offset_s == pytest.approx(100.75)
    assert feed.wall() == pytest.approx(1_760_000_000.75)
    left = fleet.track("left")
    assert left is not None
    assert left.pack_age_s(feed.clock() + fleet.engine.offset_s) == pytest.approx(0.25)
    clock.advance(100)
    assert feed.clock() == pytest.approx(102.0)


def test_steps_go_from_event_to_event_and_back(short: Recording, clock: FakeClock) -> None:
    fleets = small()[1]
    feed = ReplayFeed(short, clock=clock)
    for i in (1, 2, 3, 4, 4):
        feed.ask(Play(step=1))
        assert feed.fleet() == fleets[i]
        assert feed.paused
    feed.ask(Play(step=-3))
    assert feed.fleet() == fleets[1]
    assert feed.clock() == pytest.approx(100.5)
    feed.ask(Play(step=-9))
    assert feed.fleet() == fleets[0]
    feed.ask(Play(step=2, paused=False))
    clock.advance(0.5)
    assert feed.fleet() == fleets[3]


def test_events_of_one_moment_can_be_stepped_one_by_one(tmp_path: Path, clock: FakeClock) -> None:
    lines, fleets = small()
    fleet = fleets[-1]
    for on in (False, True, False):
        fleet = fold(fleet, PollingSwitched(on, 5))
        fleets.append(fleet)
        lines.append(event_line(PollingSwitched(on, 5), fleet.version, *at(103.0)))
        lines.append(fleet_line(fleet, *at(103.0)))
    feed = ReplayFeed(read_recording(written(tmp_path / "x", lines)), clock=clock, from_s=2.9)
    seen = []
    for step in (1, 1, 1, -1, -1):
        feed.ask(Play(step=step))
        seen.append(fleets.index(feed.fleet()))
    assert seen == [5, 6, 7, 6, 5]


def test_jumps_give_what_playing_gives(hour: Recording, clock: FakeClock) -> None:
    player, jumper = ReplayFeed(hour, clock=clock), ReplayFeed(hour, clock=FakeClock())
    places = [17.0, 0.0, 3590.0, 1800.05, 1799.95, 3000.0, 42.42, 3601.0, 2500.0, 2400.0]
    for place in sorted(places):
        clock.advance(place - player.position_s)
        expected = player.fleet()
        for way in (3599.0, 0.0):
            jumper.ask(Play(at_s=way))
            jumper.ask(Play(at_s=place))
            assert jumper.fleet() == expected, place
    plain = Fleet()
    for moment in hour.moments:
        plain = moment.fleet or fold(plain, moment.event) if moment.event else moment.fleet or plain
    jumper.ask(Play(at_s=hour.length_s))
    assert jumper.fleet() == plain


def test_a_jump_in_an_hour_takes_milliseconds(hour: Recording) -> None:
    feed = ReplayFeed(hour, clock=FakeClock())
    slowest = []
    for _ in range(3):
        took = []
        for place in (3500.0, 10.0, 1800.0, 3599.0, 900.0, 2700.0, 2699.0):
            began = time.thread_time()  # of the processor: others may use it too
            feed.ask(Play(at_s=place))
            feed.fleet()
            took.append(time.thread_time() - began)
        slowest.append(max(took))
    assert min(slowest) < 0.2


def test_traffic_comes_with_its_moment(short: Recording, clock: FakeClock) -> None:
    feed = ReplayFeed(short, clock=clock)
    assert list(feed.frames(0)) == []
    clock.advance(0.6)
    assert list(feed.frames(0)) == FRAMES[:2]
    assert list(feed.frames(1)) == FRAMES[1:2]
    assert list(feed.frames(2)) == []
    clock.advance(10)
    assert list(feed.frames(2)) == FRAMES[2:]
    feed.ask(Play(at_s=0.2))
    assert list(feed.frames(0)) == FRAMES[:1]


def test_questions_about_traffic_get_the_frames_up_to_now(short: Recording, clock: FakeClock) -> None:
    asked: list[tuple[object, list[int]]] = []

    def answer(request: object, frames: object) -> Answer:
        asked.append((request, [f.number for f in frames]))  # type: ignore[attr-defined]
        return Answer(True)

    feed = ReplayFeed(short, clock=clock, answer_frames=answer, from_s=1.1)
    for request, numbers in {
        LookAtFrames("left"): [1, 2],
        LookAtFrames("right"): [3],
        LookAtFrames("left", before=2): [1],
        ExplainFrame(2): [1, 2],
        ExplainFrame(4): [1, 2, 3],
    }.items():
        assert feed.ask(request) == Answer(True)
        assert asked[-1] == (request, numbers)


def test_a_long_list_of_traffic_moves_on_with_the_time(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.engine.replay.FRAMES_ANSWERED", 50)
    lines = small()[0][:2]
    lines += [
        frame_line(type(FRAMES[0])(n, "left", at(100 + n / 50)[0], FRAMES[0].direction, b""))
        for n in range(1, 501)
    ]
    got: list[list[int]] = []

    def answer(request: object, frames: object) -> Answer:
        got.append([f.number for f in frames])  # type: ignore[attr-defined]
        return Answer(True)

    feed = ReplayFeed(read_recording(written(tmp_path / "x", lines)), clock=clock, answer_frames=answer)
    for seconds, back in ((2.0, False), (2.5, False), (9.0, False), (1.0, True), (9.5, False)):
        feed.ask(Play(at_s=seconds + 0.001))
        feed.ask(LookAtFrames("left"))
        newest = round(seconds * 50)
        assert got[-1] == list(range(newest - 49, newest + 1)), back


def test_other_wishes_have_nobody_to_obey_them(short: Recording) -> None:
    feed = ReplayFeed(short)
    for request in (Reconnect("left"), SwitchPolling(True), Record("x"), LookAtFrames("left")):
        assert feed.ask(request) == Answer(False, Cause("replay-only"))
    feed.close()
    feed.close()
    assert feed.ask(Play(step=1)).cause == Cause("engine-closed")
