"""One link, turn by turn, on a clock that only moves when the worker waits."""

import pytest

from tests.engine.bench import ANSWER, Bench
from tests.fakes import wire_error
from tui.model.events import LinkChanged, SampleRead, TrafficCounted
from tui.model.link import Cause, Phase, State
from tui.transports.transport import HeldError


def test_a_battery_that_answers_is_live() -> None:
    bench = Bench()
    bench.run(5.0)
    assert bench.state is State.LIVE
    assert bench.track.pack.pack_v == 13.2
    assert bench.track.cells.mv == (3300, 3310, 3290, 3305)
    assert bench.link.cause is None


def test_it_is_asked_every_two_seconds() -> None:
    """S0-10: the poll interval is 2000 ms."""
    bench = Bench()
    bench.run(20.5)
    assert len(bench.wire.written) == 11


def test_a_wire_that_cannot_be_closed_does_not_end_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.run(5.0)

    def close() -> None:
        raise RuntimeError("stuck")

    monkeypatch.setattr(bench.wire, "close", close)
    bench.wire.breaks = wire_error("port-unplugged")
    bench.run(1.0)
    assert bench.link.cause == Cause("port-unplugged")
    bench.wire.breaks = None
    bench.run_until(State.LIVE, 5.0)


def test_every_byte_that_was_no_answer_is_counted() -> None:
    bench = Bench(b"zz;k;i;l;r;a;" + ANSWER)
    bench.run(1.0)
    bench.run(1.5)
    traffic = bench.link.traffic
    assert (traffic.garbage_bytes, traffic.bad_checksum, traffic.implausible) == (3 * 2, 2, 2)
    assert (traffic.late, traffic.refused) == (2, 2)
    assert (traffic.requests, traffic.answers, traffic.unanswered) == (2, 1, 0)


def test_link_quality_is_the_share_of_the_last_hundred_requests() -> None:
    bench = Bench()
    bench.run(400.0)
    assert bench.link.traffic.quality_pct == 100
    bench.answers(b"")
    bench.run(60.0)
    low = bench.link.traffic.quality_pct
    assert low is not None
    assert 40 <= low <= 70
    bench.answers(ANSWER)
    bench.run(500.0)
    assert bench.link.traffic.quality_pct == 100


def test_an_unplugged_wire_is_lost_at_once_with_cause_and_next_attempt() -> None:
    """S0-14: attempt n of 5."""
    bench = Bench()
    bench.run(5.0)
    bench.wire.breaks = wire_error("port-unplugged")
    bench.wire.cannot_open = wire_error("port-missing")
    assert bench.run_until(State.LOST, 5.0) <= 0.3
    assert bench.link.cause == Cause("port-unplugged")
    assert (bench.link.attempt, bench.link.attempts_max) == (1, 5)
    assert bench.link.retry_at_s == pytest.approx(bench.clock.now_s + 2.0, abs=0.3)
    assert not bench.wire.is_open
    bench.run(3.0)
    assert bench.link.cause == Cause("port-missing")
    assert bench.link.attempt == 2


def test_the_ladder_of_a_wire() -> None:
    """X-8: attempts after 2, 4, 8, 16 and 30 s. CL-5: the first 2 s after a failed connection."""
    bench = Bench()
    bench.wire.present = None
    bench.wire.cannot_open = wire_error("port-missing")
    bench.run(120.0)
    tried_s = [e.at_s - bench.start_s for e in bench.events if isinstance(e, LinkChanged)]
    assert tried_s == pytest.approx([0, 0, 2, 6, 14, 30, 60], abs=0.1)
    assert bench.link.retry_at_s is None
    assert bench.state is State.LOST


def test_a_port_that_comes_back_is_opened_within_two_seconds() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.wire.breaks = bench.wire.cannot_open = wire_error("port-unplugged")
    bench.wire.present = None
    bench.run(100.0)
    bench.wire.breaks = bench.wire.cannot_open = None
    bench.wire.present = "again"
    assert bench.run_until(State.LIVE, 10.0) <= 2.3
    assert bench.link.attempt == 0


def test_a_port_that_is_there_but_fails_is_tried_every_half_minute_for_ever() -> None:
    """Busy with another program, for hours: it comes by itself when that program ends."""
    bench = Bench()
    bench.wire.cannot_open = wire_error("port-busy")
    bench.run(2 * 3600.0)
    assert bench.link.phase is Phase.LOST
    attempts = len([e for e in bench.events if isinstance(e, LinkChanged) and e.link.cause])
    assert 200 <= attempts <= 2 * 250 + 10
    bench.wire.cannot_open = None
    bench.run_until(State.LIVE, 33.0)


def test_a_port_that_is_gone_needs_a_tap_after_half_an_hour() -> None:
    """X-8, X-9: coming back does not help any more, a person does."""
    bench = Bench()
    bench.run(5.0)
    bench.wire.breaks = bench.wire.cannot_open = wire_error("port-missing")
    bench.wire.present = None
    bench.run(29 * 60.0)
    assert bench.link.phase is Phase.LOST
    bench.run(3 * 60.0)
    assert bench.link.phase is Phase.TAP
    assert bench.link.cause == Cause("port-missing")
    bench.wire.breaks = bench.wire.cannot_open = None
    bench.wire.present = "again"
    bench.run(60.0)
    assert bench.link.phase is Phase.TAP
    bench.worker.reconnect()
    bench.run_until(State.LIVE, 3.0)


def test_what_is_lent_is_not_tried_and_comes_back_by_itself() -> None:
    """A loan is no failure: no attempt is counted, and the wire is opened when the loan is over."""
    bench = Bench()
    bench.run(5.0)
    until_s = bench.clock.now_s + 600.0
    bench.wire.cannot_open = HeldError(Cause("ble-lent"), until_s)
    bench.worker.reconnect()
    bench.run(300.0)
    assert (bench.link.phase, bench.link.cause) == (Phase.LENT, Cause("ble-lent"))
    assert (bench.link.retry_at_s, bench.link.attempt) == (until_s, 0)
    bench.wire.cannot_open = None
    bench.run(290.0)
    assert bench.link.phase is Phase.LENT
    assert bench.run_until(State.LIVE, 20.0) >= 5.0


def test_a_device_that_waits_for_a_tap_is_not_tried_again() -> None:
    """X-9: without climbing the ladder first."""
    bench = Bench()
    bench.wire.cannot_open = HeldError(Cause("ble-tap"))
    bench.run(1.0)
    assert (bench.link.phase, bench.link.cause) == (Phase.TAP, Cause("ble-tap"))
    bench.wire.cannot_open = None
    bench.run(120.0)
    assert bench.link.phase is Phase.TAP
    bench.worker.reconnect()
    bench.run_until(State.LIVE, 3.0)


def test_an_attempt_by_radio_is_seen_under_way() -> None:
    """X-8: an attempt takes up to fifteen seconds, and its number stays in sight."""
    bench = Bench(transport="ble")
    bench.wire.cannot_open = wire_error("ble-timeout")
    bench.run(5.0)
    phases = [e.link for e in bench.events if isinstance(e, LinkChanged)]
    trying = [link for link in phases if link.phase is Phase.CONNECTING and link.attempt]
    assert [link.attempt for link in trying] == [1]
    assert trying[0].cause == Cause("ble-timeout") and trying[0].retry_at_s is None


def test_reconnect_on_a_good_wire_opens_it_anew() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.worker.reconnect()
    bench.run(1.0)
    assert bench.wire.opens == 2
    assert bench.state is State.LIVE


def test_a_pause_asks_nothing_and_is_not_taken_for_sleep() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.worker.switch_polling(False)
    asked = len(bench.wire.written)
    bench.run(300.0)
    assert len(bench.wire.written) == asked
    assert bench.state is State.STALE
    assert bench.wire.opens == 1
    bench.worker.switch_polling(True)
    bench.run(1.0)
    assert bench.state is State.LIVE


def test_a_mistake_inside_the_program_is_a_cause_and_is_retried(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.run(5.0)
    bench.wire.breaks = ZeroDivisionError("a mistake")
    bench.run(0.5)
    assert bench.link.phase is Phase.LOST
    assert bench.link.cause == Cause("internal-error", (("error", "ZeroDivisionError: a mistake"),))
    assert "a mistake" in caplog.text
    bench.wire.breaks = None
    bench.run_until(State.LIVE, 3.0)


def test_old_bytes_before_a_request_are_counted_and_not_mixed_with_its_answer() -> None:
    bench = Bench()
    bench.run(1.0)
    bench.wire.answer = lambda request: b"p50;"
    bench.wire.arrive(b"l;l;xx;")
    bench.run(2.0)
    assert bench.track.pack.pack_v == 50.0
    assert (bench.link.traffic.late, bench.link.traffic.garbage_bytes) == (2, 3)


def test_half_a_frame_is_resolved_when_the_line_goes_quiet() -> None:
    bench = Bench(b"p13.2")
    bench.run(1.0)
    bench.run(2.5)
    assert bench.link.traffic.garbage_bytes >= 5
    assert bench.track.pack.pack_v is None


def test_counters_are_told_at_most_once_a_second() -> None:
    bench = Bench(poll_s=0.1)
    bench.run(10.0)
    told = [event for event in bench.events if isinstance(event, TrafficCounted)]
    assert 8 <= len(told) <= 11
    assert len([e for e in bench.events if isinstance(e, SampleRead)]) > 100


def test_a_stream_of_noise_is_told_once_a_second() -> None:
    bench = Bench(b"")
    for _ in range(400):
        bench.wire.arrive(b"noise " * 20 + b";")
        bench.run(0.05)
    told = [event for event in bench.events if isinstance(event, LinkChanged)]
    seconds = bench.clock.now_s - bench.start_s
    assert 10 <= len(told) <= seconds + 3
    assert len(bench.frames.after(0)) > 3 * len(told)
    assert bench.link.traffic.garbage_bytes > 40_000


def test_frames_are_kept_in_both_directions() -> None:
    bench = Bench()
    bench.run(1.0)
    assert [(f.direction.value, f.data) for f in bench.frames.after(0)] == [("TX", b"?"), ("RX", ANSWER)]
