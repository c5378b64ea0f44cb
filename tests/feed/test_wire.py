"""Everything survives the wire, whatever it says."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors import over_the_wire
from tui.feed import wire, wire_requests
from tui.model import events, sample
from tui.model.events import Event, FleetStarted
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.model.requests import Answer, Reconnect, Request, SwitchPolling
from tui.model.track import Setup

finite = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, finite)
st.register_type_strategy(int, st.integers(-(2**53), 2**53))
names = st.sampled_from(["left", "right", "nobody", 'Größe ✓ \u0000"\\'])
SETUPS = (Setup("left"), Setup("right", title="É"))

readings = st.one_of(*(st.builds(kind) for kind in get_args(sample.Reading)))
KINDS = {kind: st.from_type(kind) for kind in get_args(events.Event)}
KINDS[events.SampleRead] = st.builds(events.SampleRead, track=names, reading=readings)
any_event = st.one_of(*KINDS.values())


def through_the_wire(event: Event, n: int) -> Event:
    message = wire.read_from_engine(wire.encode(wire.happened(event, n)))
    assert isinstance(message, wire.Happened)
    assert message.n == n
    return wire.event_of(message)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_event_arrives_as_it_was(kind: type) -> None:
    @settings(max_examples=30)
    @given(KINDS[kind])
    def arrives(event: Event) -> None:
        assert through_the_wire(event, 7) == event

    arrives()


@settings(max_examples=50)
@given(st.lists(any_event, max_size=30), st.integers(0, 30))
def test_snapshot_and_events_fold_to_the_same_fleet(happened: list[Event], snapshot_at: int) -> None:
    """A screen that came in the middle, or lost its queue, ends with the engine's own fleet."""
    engine = fold(Fleet(), FleetStarted(SETUPS, 1))
    screen = Fleet()
    for i, event in enumerate(happened):
        if i == min(snapshot_at, len(happened) - 1):
            text = wire.encode(wire.WholeFleet(engine.version, engine))
            whole = wire.read_from_engine(text)
            assert isinstance(whole, wire.WholeFleet)
            screen = whole.fleet
            assert screen == engine
        engine = fold(engine, event)
        screen = fold(screen, through_the_wire(event, engine.version))
    if happened:
        assert screen == engine


@settings(max_examples=50)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nonsense_is_refused_and_never_more(text: bytes | str) -> None:
    for read in (wire.read_from_engine, wire.read_from_screen):
        with pytest.raises(wire.WireBroken):
            read(text)


def test_an_event_of_an_unknown_kind_is_refused() -> None:
    text = '{"type":"event","n":1,"kind":"__import__","event":{}}'
    message = wire.read_from_engine(text)
    assert isinstance(message, wire.Happened)
    with pytest.raises(wire.WireBroken):
        wire.event_of(message)
    ask = wire.read_from_screen('{"type":"ask","id":1,"kind":"Reconnect","request":{"track":5}}')
    assert isinstance(ask, wire.Ask)
    with pytest.raises(wire.WireBroken):
        wire_requests.request_of(ask)


@pytest.mark.parametrize("request_", [Reconnect("left"), SwitchPolling(False)], ids=str)
def test_requests_arrive_as_they_were(request_: Request) -> None:
    message = wire.read_from_screen(wire.encode(wire_requests.asked(request_, 3)))
    assert isinstance(message, wire.Ask)
    assert (message.id, wire_requests.request_of(message)) == (3, request_)


@pytest.mark.parametrize("kind", get_args(Request), ids=lambda kind: kind.__name__)
def test_every_kind_of_request_arrives_as_it_was(kind: type) -> None:
    @settings(max_examples=20)
    @given(st.from_type(kind))
    def arrives(request_: Request) -> None:
        message = wire.read_from_screen(wire.encode(wire_requests.asked(request_, 3)))
        assert isinstance(message, wire.Ask)
        assert wire_requests.request_of(message) == request_

    arrives()


@settings(max_examples=30)
@given(st.builds(Answer, frames=st.none(), frame=st.none(), probe=st.none()))
def test_answers_about_alerts_arrive_as_they_were(answer: Answer) -> None:
    """S4-39, S4-40: history, statistics and thresholds reach a screen whole."""
    assert over_the_wire(answer) == answer


def test_answers_and_frames_arrive_as_they_were() -> None:
    refused = Answer(False, Cause("engine-silent", (("a", "b"),)))
    assert over_the_wire(refused) == refused
    for message in (
        wire.FrameBatch((Frame(1, "left", 2, Direction.TX, bytes(range(256))),)),
        wire.Ping(1.5),
        wire.Pong(1.5),
    ):
        assert wire.read_from_engine(wire.encode(message)) == message


def test_a_hello_of_any_version_can_be_read() -> None:
    text = '{"type":"hello","wire":99,"version":"3.0","role":"viewer","pid":1,"clock_s":1,"time_ms":2}'
    text = text.replace("}", ',"news":[1]}')
    hello = wire.read_from_engine(text)
    assert isinstance(hello, wire.Hello)
    with pytest.raises(wire.WireMismatch) as refusal:
        wire.check(hello)
    assert (refusal.value.theirs, refusal.value.version) == (99, "3.0")
