"""A screen's copy of the fleet: the same as the engine's, and back by itself."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.doors import PATIENCE_S, HandEngine, attached, doors, open_door, without_engine_link
from tests.fakes import FakeClock, wait_until
from tui.api import screens
from tui.api.server import Server
from tui.feed import remote, wire
from tui.feed.door import Door
from tui.model.alert import Alert, Severity
from tui.model.events import AlertRaised, LinkChanged, SampleRead
from tui.model.frame import Direction, Frame
from tui.model.link import Cause, Link, Phase, State
from tui.model.requests import Answer, Reconnect, SwitchPolling
from tui.model.sample import Cells, Pack

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["unix", "loopback"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Door:
    return doors(tmp_path)[request.param == "loopback"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "RETRY_S", 0.05)
    monkeypatch.setattr(remote, "SOON_S", 0.05)


def pack(volts: float, at_s: float = 5.0) -> SampleRead:
    return SampleRead("left", at_s, 1_700_000_000_000, Pack(pack_v=volts, current_a=-1.5, soc_pct=80.0))


def same(feed: remote.RemoteFeed, engine: HandEngine) -> bool:
    return without_engine_link(feed.fleet()) == without_engine_link(engine.fleet())


@contextmanager
def held_up(server: Server) -> Iterator[None]:
    """The thread of the door does nothing meanwhile."""
    stands, goes_on = threading.Event(), threading.Event()
    assert server._loop is not None
    server._loop.call_soon_threadsafe(lambda: (stands.set(), goes_on.wait(PATIENCE_S)))
    assert stands.wait(PATIENCE_S)
    try:
        yield
    finally:
        goes_on.set()


def test_a_screen_shows_what_the_engine_knows(door: Door) -> None:
    engine = HandEngine()
    engine.tell(pack(53.1))
    with open_door(engine, door), attached(door) as feed:
        assert feed.wait(PATIENCE_S)
        wait_until(lambda: same(feed, engine))
        engine.tell(
            pack(53.2),
            SampleRead("right", 6.0, 1, Cells((3300, 3310))),
            LinkChanged("right", 6.0, 1, Link(Phase.LOST, 6.0, Cause("port-missing", (("port", "x"),)))),
            AlertRaised(Alert("left", "cell-low", Severity.CRITICAL, 3, 2.9, 3.0)),
        )
        wait_until(lambda: same(feed, engine))
        assert feed.fleet().tracks[0].pack.pack_v == 53.2
        assert feed.fleet().engine.attached


def test_a_screen_that_cannot_keep_up_gets_the_whole_fleet_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of events at once overflow the queue of 50; afterwards both sides show the same."""
    mailboxes: list[screens.Mailbox] = []
    make = screens.Mailbox.__init__

    def made(self: screens.Mailbox, *args: object) -> None:
        mailboxes.append(self)
        make(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(screens.Mailbox, "__init__", made)
    engine = HandEngine()
    with open_door(engine, door) as server, attached(door) as feed:
        assert feed.wait(PATIENCE_S)
        for burst in range(5):
            with held_up(server):  # or it might take them out as fast as they come
                engine.tell(*(pack(50 + burst + i / 1000, at_s=burst * 100 + i / 10) for i in range(1000)))
        wait_until(lambda: same(feed, engine))
        assert mailboxes[0].overflows > 0
        engine.tell(pack(99.0))
        wait_until(lambda: same(feed, engine))


def test_an_engine_that_is_gone_is_said_and_one_that_is_back_is_shown(door: Door) -> None:
    engine = HandEngine(pid=1)
    with attached(door) as feed:
        assert not feed.wait(0.1)
        assert feed.fleet().engine.cause == Cause("engine-missing")
        with open_door(engine, door):
            engine.tell(pack(53.1))
            wait_until(lambda: feed.fleet().engine.attached and same(feed, engine))
        wait_until(lambda: not feed.fleet().engine.attached)
        lost = feed.fleet()
        assert lost.tracks[0].pack.pack_v == 53.1
        assert lost.state(lost.tracks[0], 5.0) is State.LOST
        assert lost.engine.lost_at_s is not None
        assert lost.engine.retry_at_s is not None
        assert lost.engine.retry_at_s >= lost.engine.lost_at_s
        second = HandEngine(pid=2)
        second.tell(pack(54.0))
        with open_door(second, door):
            wait_until(lambda: feed.fleet().engine.attached)
            assert feed.fleet().engine.pid != 1 or same(feed, second)
            assert feed.fleet().tracks[0].pack.pack_v == 54.0


def test_every_new_picture_has_another_version(door: Door) -> None:
    """A new engine counts from one again; a screen that looks at the version must still see the change."""
    with attached(door) as feed:
        seen = []
        for _ in range(2):
            with open_door(HandEngine(), door):
                wait_until(lambda: feed.fleet().engine.attached)
                seen.append(feed.fleet().version)
            wait_until(lambda: not feed.fleet().engine.attached)
            seen.append(feed.fleet().version)
        assert seen == sorted(set(seen))


def test_ages_are_right_although_the_clocks_differ(door: Door) -> None:
    clock = FakeClock(5.0)  # the screen's machine has just started, the engine's long ago
    with open_door(HandEngine(), door), attached(door, clock=clock) as feed:
        assert feed.wait(PATIENCE_S)
        assert clock() + feed.fleet().engine.offset_s == pytest.approx(time.monotonic(), abs=PATIENCE_S)


def test_an_engine_of_another_version_is_refused_with_both_versions(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_door(HandEngine(), door), monkeypatch.context() as patch:
        patch.setattr(
            screens.Screens,
            "_hello",
            lambda self, role: wire.encode(wire.Hello(99, "9.9.9", wire.OPERATOR, 1, 0.0, 0)),
        )
        with attached(door) as feed:
            assert not feed.wait(PATIENCE_S)
            cause = feed.fleet().engine.cause
            assert cause is not None
            assert cause.key == "wire-differs"
            assert cause.values()["theirs"] == "9.9.9"
            assert cause.values()["their_wire"] == "99"
            assert cause.values()["my_wire"] == str(wire.WIRE)


def test_a_command_reaches_the_engine_and_its_answer_comes_back(door: Door) -> None:
    engine = HandEngine()
    with open_door(engine, door), attached(door) as feed:
        assert feed.wait(PATIENCE_S)
        assert feed.ask(SwitchPolling(False)) == Answer(True)
        engine.answer = Answer(False, Cause("track-unknown", (("track", "x"),)))
        assert feed.ask(Reconnect("x")) == engine.answer
        assert engine.asked == [SwitchPolling(False), Reconnect("x")]


def test_a_command_without_engine_or_without_answer_says_so(door: Door) -> None:
    engine = HandEngine()
    engine.may_answer.clear()
    with attached(door) as feed:
        assert not feed.wait(0.1)
        assert feed.ask(Reconnect("left")) == Answer(False, Cause("engine-missing"))
        with open_door(engine, door):
            wait_until(lambda: feed.fleet().engine.attached)
            assert feed.ask_within(Reconnect("left"), 0.01) == Answer(False, Cause("engine-silent"))
            engine.may_answer.set()


def test_raw_traffic_comes_only_to_those_who_look(door: Door) -> None:
    engine = HandEngine()
    engine.traffic = [Frame(i, "left", i, Direction.RX, bytes([0xDD, i])) for i in range(1, 100)]
    with open_door(engine, door), attached(door) as looker, attached(door) as other:
        assert looker.wait(PATIENCE_S)
        assert other.wait(PATIENCE_S)
        wait_until(lambda: len(looker.frames(0)) == 99)
        assert looker.frames(98) == [engine.traffic[-1]]
        engine.traffic.append(Frame(100, "left", 1, Direction.TX, b"\xdd\xa5"))
        wait_until(lambda: looker.frames(99) == [engine.traffic[-1]])
        assert len(other._frames) == 0


def test_a_closed_feed_leaves_no_thread_and_no_screen(door: Door) -> None:
    with open_door(HandEngine(), door) as server:
        with attached(door) as feed:
            assert feed.wait(PATIENCE_S)
            wait_until(lambda: server.screens == 1)
        feed.close()
        feed._thread.join(PATIENCE_S)
        assert not feed._thread.is_alive()
        wait_until(lambda: server.screens == 0)
        assert server.wait_empty(PATIENCE_S)


def test_a_screen_process_loads_no_wire_and_no_door() -> None:
    """An attached screen stays small: no asyncio server, no serial port, no database."""
    heavy = ("aiohttp", "bleak", "serial", "can", "sqlite3", "tui.engine", "tui.api")
    code = (
        "import sys, tui.feed.remote, tui.feed.wire, websockets.sync.client;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
