"""All raw traffic: kept, counted and explained. CL-45: the last 300, windows, totals, errors, heat, load."""

import threading

from tests.fakes import FakeClock
from tui.engine.frame_book import FrameBook
from tui.model.can import ERROR, EXTENDED
from tui.model.frame import Direction, Frame, FrameView, Trust
from tui.model.requests import ExplainFrame, LookAtFrames
from tui.protocols import jbd_explain
from tui.protocols.jbd_frames import answer_frame, read_request
from tui.protocols.protocol import Explained

START_S = 1_700_000_000.0
RX, TX = Direction.RX, Direction.TX


class Bus:
    """A book with one CAN bus, and a clock."""

    def __init__(self) -> None:
        self.clock = FakeClock(START_S)
        self.book = FrameBook(self.clock)
        self.book.wire("bus", True, 500_000)

    def send(self, can_id: int, data: bytes = bytes(8)) -> int:
        return self.book.add("bus", int(self.clock() * 1e6), RX, data, can_id)

    def look(
        self, only: str = "", rows: int = 40, window_s: int = 60, before: int | None = None
    ) -> FrameView:
        view = self.book.look(LookAtFrames("bus", only, rows, window_s, before)).frames
        assert view is not None
        return view


def test_each_identifier_is_counted_with_its_rhythm() -> None:
    bus = Bus()
    for _ in range(20):
        bus.send(0x351)
        bus.send(0x351 | EXTENDED)
        bus.clock.advance(0.1)
    view = bus.look()
    assert [(k.key, k.count, k.period_ms, k.jitter_ms) for k in view.kinds] == [
        ("351", 20, 100.0, 0.0),
        ("00000351", 20, 100.0, 0.0),
    ]
    assert view.is_bus


def test_bytes_that_changed_carry_the_time_of_their_change() -> None:
    bus = Bus()
    bus.send(0x355, b"\1\2\3")
    bus.clock.advance(1.0)
    bus.send(0x355, b"\1\x09\3")
    kind = bus.look().kinds[0]
    assert kind.changed_us == (0, int((START_S + 1) * 1e6), 0)


def test_totals_rates_load_and_heat() -> None:
    """S1-58, S4-51: figures of a bus."""
    bus = Bus()
    for _ in range(10):
        for _ in range(100):
            bus.send(0x351)
        bus.clock.advance(1.0)
    figures = bus.look().figures
    assert (figures.rx_frames, figures.rx_bytes, figures.tx_frames) == (1000, 8000, 0)
    assert figures.rx_per_s == 100.0
    assert figures.load_pct == round(100 * 100 * 111 / 500_000, 2)
    assert figures.peak_load_pct == figures.load_pct
    assert sum(figures.per_slot) == 1000
    assert figures.heat[0][0] == "351"
    assert sum(figures.heat[0][1]) == 1000


def test_frames_that_nobody_can_explain_are_counted() -> None:
    bus = Bus()
    trust = {0x351: Trust.GOOD, 0x600: Trust.UNKNOWN}
    bus.book.explained_by("bus", lambda frame, _: Explained("", trust=trust[frame.can_id or 0]))
    for _ in range(3):
        bus.send(0x351)
        bus.send(0x600)
    assert bus.look().figures.unknown == 3


def test_windows_of_five_and_fifteen_minutes_reach_further_back() -> None:
    bus = Bus()
    bus.send(0x351)
    bus.clock.advance(200)
    assert sum(bus.look(window_s=60).figures.per_slot) == 0
    assert sum(bus.look(window_s=300).figures.per_slot) == 1
    bus.clock.advance(600)
    assert sum(bus.look(window_s=300).figures.per_slot) == 0
    assert sum(bus.look(window_s=900).figures.per_slot) == 1
    bus.clock.advance(200)
    assert sum(bus.look(window_s=900).figures.per_slot) == 0
    assert bus.look().figures.rx_frames == 1


def test_at_least_the_last_three_hundred_are_kept_and_can_be_paged() -> None:
    bus = Bus()
    numbers = [bus.send(0x351) for _ in range(400)]
    assert [r.number for r in bus.look(rows=300).rows] == numbers[-300:]
    assert [r.number for r in bus.look(rows=5, before=numbers[200]).rows] == numbers[195:200]


def test_a_filter_holds_for_the_list_and_for_the_kinds() -> None:
    bus = Bus()
    bus.send(0x351)
    bus.send(0x355)
    view = bus.look("!351")
    assert [k.key for k in view.kinds] == ["355"]
    assert [r.key for r in view.rows] == ["355"]
    assert view.figures.rx_frames == 2


def test_errors_have_a_count_and_a_time() -> None:
    bus = Bus()
    bus.send(0x04 | ERROR)
    bus.clock.advance(5)
    bus.book.error("bus", "implausible", 3)
    errors = {e.key: (e.count, e.last_us) for e in bus.look().figures.errors}
    assert errors == {
        "bus": (1, int(START_S * 1e6)),
        "implausible": (3, int((START_S + 5) * 1e6)),
    }
    assert bus.look().figures.rx_frames == 0


def test_a_bus_of_noise_does_not_fill_the_memory() -> None:
    bus = Bus()
    for number in range(0x7FF):
        bus.send(number)
    view = bus.look()
    assert len(view.kinds) == 512
    assert any(e.key == "too-many-kinds" for e in view.figures.errors)
    assert view.figures.rx_frames == 0x7FF


def test_an_explanation_that_fails_leaves_the_frame_unknown() -> None:
    bus = Bus()

    def explain(frame: Frame, request: bytes | None) -> Explained:
        raise ValueError("a mistake")

    bus.book.explained_by("bus", explain)
    bus.send(0x351)
    assert bus.look().rows[0].trust is Trust.UNKNOWN


def test_chunks_of_an_answer_are_one_row_with_the_question_before_it() -> None:
    """S1-57, S1-64: a serial line."""
    clock = FakeClock(START_S)
    book = FrameBook(clock)
    book.wire("left")
    book.explained_by("left", lambda frame, request: jbd_explain.explain(frame.data, request))
    answer = answer_frame(0x04, 0, bytes.fromhex("0CE40CE5"))
    book.add("left", int(clock() * 1e6), TX, read_request(0x04))
    book.add("left", int(clock() * 1e6), RX, answer[:5])
    clock.advance(0.02)
    book.add("left", int(clock() * 1e6), RX, answer[5:])
    clock.advance(1.0)
    view = book.look(LookAtFrames("left")).frames
    assert view is not None
    assert [(r.direction, r.key, r.name, r.data) for r in view.rows] == [
        (TX, "04", "cells", read_request(0x04)),
        (RX, "04", "cells", answer),
    ]
    assert "3.3 3.301" in view.rows[1].text
    detail = book.explain(ExplainFrame(view.rows[1].number)).frame
    assert detail is not None
    assert ("cell_count", "2") in detail.fields


def test_a_frame_that_is_gone_and_a_wire_that_never_was() -> None:
    bus = Bus()
    gone = bus.book.explain(ExplainFrame(77)).cause
    assert gone is not None and gone.key == "frame-gone"
    never = bus.book.look(LookAtFrames("nowhere")).cause
    assert never is not None and never.key == "track-unknown"


def test_every_frame_is_handed_to_the_recorder_once_and_in_order() -> None:
    bus = Bus()
    kept: list[int] = []
    bus.book.keep = lambda frame: kept.append(frame.number)
    threads = [threading.Thread(target=lambda: [bus.send(0x351) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == list(range(1, 801))
    assert len(bus.book.after(0)) == 800
