"""The engine: wires in, fleet out."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes import FakeProtocol, FakeTransport, wait_until, wire_error
from tui.engine.engine import Engine, Listener
from tui.model.events import Event, LinkChanged, SampleRead
from tui.model.fleet import Fleet, Lamp
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase, State
from tui.model.requests import Answer, Reconnect, SwitchPolling
from tui.model.track import Setup

LEFT = Setup("left", address="/dev/left", poll_s=0.05)
RIGHT = Setup("right", address="/dev/right", poll_s=0.05)


@contextmanager
def running(
    wires: dict[str, FakeTransport], *setups: Setup, listener: Listener | None = None
) -> Iterator[Engine]:
    """An engine on these wires. A listener hears from the beginning."""
    engine = Engine(
        setups,
        open_wire=lambda setup: wires[setup.name],
        open_protocol=lambda setup: FakeProtocol(setup.poll_s),
    )
    if listener is not None:
        engine.subscribe(listener)
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


def answering(volts: str = "13.2") -> FakeTransport:
    return FakeTransport(lambda request: f"p{volts};c3300,3310,3290,3305;".encode())


def pack_v(engine: Engine, track: str) -> float | None:
    found = engine.fleet().track(track)
    return found.pack.pack_v if found else None


def phase(engine: Engine, track: str) -> Phase | None:
    found = engine.fleet().track(track)
    return found.link.phase if found else None


class LinksLost:
    """A listener that keeps what was told of lost links, in its order: later attempts change the fleet."""

    def __init__(self) -> None:
        self.events: list[LinkChanged] = []

    def __call__(self, event: Event | None, fleet: Fleet) -> None:
        if isinstance(event, LinkChanged) and event.link.phase is Phase.LOST:
            self.events.append(event)

    @property
    def links(self) -> list[Link]:
        return [event.link for event in self.events]


def test_both_tracks_show_what_their_own_wire_said() -> None:
    """S0-2: two batteries at once, left and right."""
    with running({"left": answering("53.1"), "right": answering("13.3")}, LEFT, RIGHT) as engine:
        wait_until(lambda: pack_v(engine, "left") == 53.1 and pack_v(engine, "right") == 13.3)
        assert [t.name for t in engine.fleet().tracks] == ["left", "right"]
        assert phase(engine, "left") is phase(engine, "right") is Phase.UP


def test_one_broken_wire_leaves_the_other_track_alone() -> None:
    """S0-30: one track is connected although the other is not."""
    broken, lost = answering(), LinksLost()
    broken.cannot_open = wire_error("port-missing")
    wires = {"left": answering("53.1"), "right": broken}
    with running(wires, LEFT, RIGHT, listener=lost) as engine:
        wait_until(lambda: phase(engine, "right") is Phase.LOST and pack_v(engine, "left") == 53.1)
        fleet = engine.fleet()
        left, right = fleet.tracks
        assert right.link.cause == Cause("port-missing")
        assert right.link.retry_at_s is not None
        assert lost.links[0].attempt == 1 and {event.track for event in lost.events} == {"right"}
        assert left.pack_at_s is not None
        assert fleet.lamp("uart", left.pack_at_s) is Lamp.WARNING


def test_two_tracks_on_one_port_leave_the_first_running() -> None:
    twin = Setup("right", address="/dev/left", poll_s=0.05)
    with running({"left": answering("53.1")}, LEFT, twin) as engine:
        wait_until(lambda: pack_v(engine, "left") == 53.1 and phase(engine, "right") is Phase.LOST)
        right = engine.fleet().track("right")
        assert right is not None
        assert right.link.cause == Cause("ports-equal", (("port", "/dev/left"), ("other", "left")))
        assert right.link.retry_at_s is None
        assert engine.ask(Reconnect("right")) == Answer(False, right.link.cause)


def test_a_listener_gets_the_fleet_first_and_then_every_event() -> None:
    """What a listener folds for itself is what the engine shows: no hole between first fleet and events."""
    seen: list[tuple[Event | None, Fleet]] = []
    threads: set[str] = set()

    def listener(event: Event | None, fleet: Fleet) -> None:
        threads.add(threading.current_thread().name)
        seen.append((event, fleet))

    with running({"left": answering()}, LEFT) as engine:
        wait_until(lambda: pack_v(engine, "left"))
        engine.subscribe(listener)
        wait_until(lambda: len(seen) > 10)
    mine = seen[0][1]
    assert seen[0][0] is None
    for event, fleet in seen[1:]:
        assert event is not None
        mine = fold(mine, event)
        assert mine == fleet
    assert threads == {"engine"}


def test_a_failing_listener_does_not_stop_the_others() -> None:
    good: list[Event] = []

    def bad(event: Event | None, fleet: Fleet) -> None:
        raise ValueError("a screen's fault")

    with running({"left": answering()}, LEFT) as engine:
        engine.subscribe(bad)
        engine.subscribe(lambda event, fleet: good.append(event) if event else None)
        wait_until(lambda: sum(isinstance(e, SampleRead) for e in good) > 5)


def test_an_ended_subscription_hears_no_more() -> None:
    seen: list[object] = []
    with running({"left": answering()}, LEFT) as engine:
        end = engine.subscribe(lambda event, fleet: seen.append(event))
        wait_until(lambda: len(seen) > 3)
        end()
        before = engine.fleet().version
        wait_until(lambda: engine.fleet().version > before + 1)
        heard = len(seen)
        later = engine.fleet().version
        wait_until(lambda: engine.fleet().version > later + 3)
        assert len(seen) == heard


def test_pausing_stops_the_requests_and_resuming_brings_them_back() -> None:
    wire = answering()
    with running({"left": wire}, LEFT) as engine:
        wait_until(lambda: pack_v(engine, "left"))
        assert engine.ask(SwitchPolling(False)) == Answer(True)
        wait_until(lambda: not engine.fleet().polling)
        wire.answer = lambda request: b"p99.9;"
        wait_until(lambda: phase(engine, "left") is Phase.UP)
        engine.ask(SwitchPolling(True))
        wait_until(lambda: pack_v(engine, "left") == 99.9)
        assert engine.fleet().polling


def test_asking_for_an_unknown_track_says_so() -> None:
    with running({"left": answering()}, LEFT) as engine:
        assert engine.ask(Reconnect("rigth")) == Answer(False, Cause("track-unknown", (("track", "rigth"),)))


def test_reconnect_opens_a_lost_wire_at_once() -> None:
    wire = answering()
    wire.cannot_open = wire_error("port-busy")
    with running({"left": wire}, LEFT) as engine:
        wait_until(lambda: phase(engine, "left") is Phase.LOST)
        wire.cannot_open = None
        assert engine.ask(Reconnect("left")).ok
        wait_until(lambda: engine.fleet().state(engine.fleet().tracks[0], time.monotonic()) is State.LIVE)


def test_closing_frees_the_wires_and_ends_every_thread() -> None:
    wires = {"left": answering(), "right": answering()}
    with running(wires, LEFT, RIGHT) as engine:
        wait_until(lambda: pack_v(engine, "left") and pack_v(engine, "right"))
        names = {t.name for t in threading.enumerate()}
        assert {"engine", "link left", "link right"} <= names
    assert not wires["left"].is_open
    assert not wires["right"].is_open
    left_over = {t.name for t in threading.enumerate()} & {"engine", "link left", "link right"}
    assert not left_over
    assert engine.ask(SwitchPolling(True)) == Answer(False, Cause("engine-closed"))
    engine.close()


def test_screens_are_counted() -> None:
    with running({"left": answering()}, LEFT) as engine:
        engine.count_screens(3)
        wait_until(lambda: engine.fleet().screens == 3)


def test_raw_traffic_of_both_directions_is_kept() -> None:
    with running({"left": answering()}, LEFT) as engine:
        wait_until(lambda: len(engine.frames(0)) >= 4)
        first, second, *_ = engine.frames(0)
        assert (first.direction.value, first.data, first.track) == ("TX", b"?", "left")
        assert (second.direction.value, second.data[:5]) == ("RX", b"p13.2")
        assert all(f.number > second.number for f in engine.frames(second.number))


def test_an_error_inside_the_program_is_told_and_retried() -> None:
    def open_wire(setup: Setup) -> FakeTransport:
        raise RuntimeError("a mistake")

    engine = Engine([LEFT], open_wire=open_wire, open_protocol=lambda s: FakeProtocol())
    told: list[LinkChanged] = []
    engine.subscribe(lambda event, fleet: told.append(event) if isinstance(event, LinkChanged) else None)
    engine.start()
    wait_until(lambda: any(event.link.phase is Phase.LOST for event in told))
    engine.close()
    cause = told[-1].link.cause
    assert cause == Cause("internal-error", (("error", "RuntimeError: a mistake"),))
    assert told[-1].link.retry_at_s is not None


def test_dropped_samples_are_visible_in_the_fleet() -> None:
    """S4-52: a listener that holds the engine up costs samples, and every screen can see how many."""
    go_on = threading.Event()

    def slow(event: Event | None, fleet: Fleet) -> None:
        go_on.wait(600.0)

    with running({"left": answering()}, Setup("left", poll_s=0.001)) as engine:
        engine.subscribe(slow)
        wait_until(lambda: engine.figures().dropped_events > 10)
        assert engine.figures().queue_length >= engine.figures().queue_max
        go_on.set()
        wait_until(lambda: engine.fleet().dropped_events > 10)
