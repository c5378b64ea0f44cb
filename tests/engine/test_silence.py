"""A wire that is open and brings no readings: what is told, and when it is opened anew."""

from itertools import pairwise

import pytest

from tests.engine.bench import ANSWER, Bench
from tui.model.link import Cause, State


def test_silence_is_stale_after_three_polls_then_asleep_then_live_without_help() -> None:
    """CL-12: old data never looks live. The wire stays open and the battery is asked all the time."""
    bench = Bench()
    bench.run(5.0)
    bench.answers(b"")
    to_stale_s = bench.run_until(State.STALE, 30.0)
    assert 5.0 <= to_stale_s <= 7.2  # three polls of two seconds and one for the answer
    bench.run_until(State.ASLEEP, 30.0)
    assert bench.link.cause == Cause("asleep")
    assert bench.wire.opens == 1
    asked = len(bench.wire.written)
    bench.run(20.0)
    assert len(bench.wire.written) >= asked + 10
    bench.answers(ANSWER)
    assert bench.run_until(State.LIVE, 30.0) <= 2.2
    assert bench.link.cause is None


def test_a_battery_that_never_answered_is_not_called_asleep_only() -> None:
    bench = Bench(b"")
    bench.run(4.0)
    assert bench.state is State.CONNECTING
    assert bench.link.cause == Cause("no-answer")
    bench.run(30.0)
    assert bench.state is State.ASLEEP
    assert bench.link.cause == Cause("no-answer")
    assert bench.track.pack.pack_v is None


def test_a_silent_battery_never_needs_a_tap() -> None:
    bench = Bench(b"")
    bench.run(3 * 3600.0)
    assert bench.state is State.ASLEEP
    bench.answers(ANSWER)
    bench.run_until(State.LIVE, 3.0)


def test_a_silent_wire_is_opened_again_at_growing_intervals() -> None:
    """A re-plugged adapter may leave an open port that hears nothing."""
    bench = Bench(b"")
    opened_s = []
    for _ in range(1200):
        opens = bench.wire.opens
        bench.run(1.0)
        if bench.wire.opens > opens:
            opened_s.append(bench.clock.now_s - bench.start_s)
    gaps = [b - a for a, b in pairwise(opened_s)]
    assert gaps == pytest.approx([30, 60, 120, 240, 300, 300], abs=3.0)
    assert bench.protocol.resets == bench.wire.opens == bench.link.traffic.opens


@pytest.mark.parametrize(
    ("noise", "key"),
    [
        (b"\x00\xff\x13\x37;;;", "garbage"),
        (b"xxxxxxxxxxxxxxxxxxx", "garbage"),
        (b"k;", "checksum"),
        (b"i;", "implausible"),
        (b"r;", "refused"),
    ],
)
def test_something_unreadable_is_told_as_what_it_is(noise: bytes, key: str) -> None:
    bench = Bench(noise)
    bench.run(40.0)
    assert bench.state is State.CONNECTING
    assert bench.link.cause is not None
    assert bench.link.cause.key == key
    assert int(bench.link.cause.values()["count"]) > 1
    assert bench.track.pack.pack_v is None


def test_noise_after_good_data_takes_the_link_down_with_its_cause() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.answers(b"what is this noise;")
    bench.run(40.0)
    assert bench.state is State.CONNECTING
    assert bench.link.cause is not None
    assert bench.link.cause.key == "garbage"


def test_a_noisy_battery_that_falls_silent_is_asleep_in_the_end() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.answers(b"what is this noise;")
    bench.run(40.0)
    bench.answers(b"")
    bench.run(40.0)
    assert (bench.state, bench.link.cause) == (State.ASLEEP, Cause("asleep"))


def test_a_refused_extra_before_sleep_is_not_the_cause() -> None:
    """Optional requests are refused by many batteries every time."""
    bench = Bench(ANSWER + b"r;")
    bench.run(5.0)
    assert bench.state is State.LIVE
    bench.answers(b"")
    bench.run(40.0)
    assert (bench.state, bench.link.cause) == (State.ASLEEP, Cause("asleep"))
