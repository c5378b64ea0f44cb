"""Two lanes, one order, everything counted (S4-52)."""

import threading

from tests.fakes import PATIENCE_S
from tui.engine.bus import QUEUE_MAX, Bus
from tui.model.events import Event, LinkChanged, PollingSwitched, SampleRead, TrafficCounted
from tui.model.link import Link, Traffic
from tui.model.sample import Cells, Counters, Identity, Pack, Reading


def sample(number: int, reading: Reading | None = None) -> SampleRead:
    return SampleRead("left", float(number), number, reading or Pack(pack_v=float(number)))


def drain(bus: Bus) -> list[Event]:
    events = []
    while (event := bus.get(0.0)) is not None:
        events.append(event)
    return events


def test_order_is_kept_across_the_lanes() -> None:
    bus = Bus()
    events: list[Event] = [
        sample(1),
        PollingSwitched(False, 2),
        sample(3),
        PollingSwitched(True, 4),
        sample(5),
    ]
    for event in events:
        bus.publish(event)
    assert drain(bus) == events


def test_of_samples_the_newest_fifty_wait_and_the_rest_is_counted() -> None:
    """S4-52: queue_max 50, dropped_events."""
    bus = Bus()
    for number in range(70):
        bus.publish(sample(number))
    figures = bus.figures()
    assert QUEUE_MAX == figures.queue_max == 50
    assert (figures.total_publishes, figures.queue_length, figures.dropped_events) == (70, 50, 20)
    assert drain(bus) == [sample(number) for number in range(20, 70)]
    assert bus.figures().queue_length == 0


def test_what_must_not_be_lost_is_never_dropped() -> None:
    """Link changes, commands, and what a battery says only once."""
    bus = Bus(queue_max=3)
    must: list[Event] = []
    for number in range(100):
        must += [
            LinkChanged("left", float(number), number, Link(attempt=number)),
            sample(number, Identity(hardware=f"v{number}")),
            sample(number, Counters((("short_circuit", number),))),
        ]
    for event in must:
        bus.publish(event)
        bus.publish(sample(1, Cells((3300,))))
        bus.publish(TrafficCounted("left", Traffic()))
    got = drain(bus)
    assert [event for event in got if event in must] == must
    assert len(got) == len(must) + 3
    assert bus.figures().dropped_events == 2 * len(must) - 3


def waiting_for(bus: Bus) -> tuple[threading.Thread, list[Event | None]]:
    """Somebody who waits for an event, far longer than the test does; and what he got."""
    got: list[Event | None] = []
    waiter = threading.Thread(target=lambda: got.append(bus.get(600.0)), daemon=True)
    waiter.start()
    return waiter, got


def test_a_waiting_get_wakes_for_an_event() -> None:
    bus = Bus()
    waiter, got = waiting_for(bus)
    bus.publish(sample(1))
    waiter.join(PATIENCE_S)
    assert got == [sample(1)]


def test_a_nudge_wakes_without_an_event() -> None:
    bus = Bus()
    waiter, got = waiting_for(bus)
    bus.nudge()
    waiter.join(PATIENCE_S)
    assert got == [None]


def test_a_nudge_before_the_wait_is_not_lost() -> None:
    bus = Bus()
    bus.nudge()
    waiter, got = waiting_for(bus)
    waiter.join(PATIENCE_S)
    assert got == [None]


def test_many_publishers_lose_nothing() -> None:
    bus = Bus()

    def publish(track: int) -> None:
        for number in range(200):
            bus.publish(PollingSwitched(True, track * 1000 + number))

    threads = [threading.Thread(target=publish, args=(track,)) for track in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [event.time_ms for event in drain(bus) if isinstance(event, PollingSwitched)]
    assert len(times) == 800
    for track in range(4):
        own = [t for t in times if t // 1000 == track]
        assert own == sorted(own)
