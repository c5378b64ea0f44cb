"""A recording is a wire: the same bytes to the same questions, in the same rhythm."""

import threading

import pytest

from tests.fakes import PATIENCE_S, FakeClock, FakeWake
from tui.model import can
from tui.model.frame import Direction, Frame
from tui.transports.replay import ReplayTransport
from tui.transports.transport import Transport, Visible, WireError

US0 = 1_700_000_000_000_000
WALL = 1_800_000_000.0
TX, RX = Direction.TX, Direction.RX


def stream(*chunks: tuple[int, Direction, bytes]) -> list[Frame]:
    return [Frame(n, "left", US0 + ms * 1000, way, data) for n, (ms, way, data) in enumerate(chunks, 1)]


TALK = stream(
    (0, TX, b"a"),
    (100, RX, b"A1"),
    (300, RX, b"A2"),
    (1000, TX, b"b"),
    (1050, RX, b"B1"),
    (2000, TX, b"a"),
    (2100, RX, b"A3"),
)
BUS = [
    Frame(1, "bus", US0, RX, b"\x01", 0x351),
    Frame(2, "bus", US0 + 1000, TX, b"", 0x305),
    Frame(3, "bus", US0 + 1000, RX, bytes(64), 0x400),
    Frame(4, "bus", US0 + 500_000, RX, bytes(8), 0x1F00 | can.EXTENDED),
]


def opened(
    frames: list[Frame], *, is_bus: bool = False, speed: float = 1.0
) -> tuple[ReplayTransport, FakeClock]:
    clock = FakeClock()
    wire = ReplayTransport(
        frames, is_bus=is_bus, speed=speed, clock=clock, wall=lambda: WALL, wake=FakeWake(clock)
    )
    wire.open()
    return wire, clock


def ended(wire: ReplayTransport) -> bool:
    with pytest.raises(WireError) as caught:
        wire.read(1.0)
    return caught.value.cause.key == "replay-ended"


def test_it_has_the_face_of_a_wire() -> None:
    wire: Transport = opened(TALK)[0]
    assert isinstance(wire, Visible)
    assert wire.presence() is not None


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_a_request_brings_what_followed_it_after_the_recorded_delays(speed: float) -> None:
    wire, clock = opened(TALK, speed=speed)
    began_s = clock()
    assert wire.read(0.01) == b""  # nobody asked
    wire.write(b"a")
    began_s = clock()
    assert wire.read(1.0) == b"A1"
    assert clock() - began_s == pytest.approx(0.1 / speed)
    assert wire.read(0.01 / speed) == b""
    assert wire.read(1.0) == b"A2"
    assert clock() - began_s == pytest.approx(0.3 / speed)
    assert wire.read(1.0) == b""
    wire.write(b"a")  # passes over b
    assert wire.read(1.0) == b"A3"
    assert ended(wire)


def test_opened_again_it_starts_anew() -> None:
    wire, _ = opened(TALK)
    for _ in range(2):
        wire.write(b"b")
        assert wire.read(1.0) == b"B1"
        wire.close()
        assert wire.read(1.0) == b""
        wire.open()


def test_an_unknown_request_is_not_answered_and_changes_nothing() -> None:
    wire, _ = opened(TALK)
    for _ in range(9):
        wire.write(b"x")
        assert wire.read(0.5) == b""
    wire.write(b"a")
    assert wire.read(1.0) == b"A1"


def test_requests_that_do_not_come_again_end_it() -> None:
    wire, _ = opened([*TALK, *stream((3000, TX, b"c"), (3100, RX, b"C"))])
    wire.write(b"a")
    wire.write(b"a")
    assert wire.read(1.0) == b"A3"
    wire.write(b"b")
    wire.write(b"b")
    assert wire.read(1.0) == b""
    wire.write(b"b")
    assert ended(wire)


def test_a_stream_without_requests_plays_alone() -> None:
    wire, clock = opened(stream((0, RX, b"1"), (400, RX, b"2")))
    began_s = clock()
    assert wire.read(1.0) == b"1"
    assert wire.read(0.2) == b""
    assert wire.read(1.0) == b"2"
    assert clock() - began_s == pytest.approx(0.4)
    assert ended(wire)


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_a_bus_plays_records_in_its_rhythm_moved_to_now(speed: float) -> None:
    """What is too long for a classic frame is left out."""
    wire, clock = opened(BUS, is_bus=True, speed=speed)
    began_s = clock()
    wire.write(can.pack(can.CanFrame(0, 0x305, b"")))
    found = list(can.unpack(wire.read(1.0) + wire.read(1.0) + wire.read(1.0)))
    assert clock() - began_s == pytest.approx(0.5 / speed)
    now_us = int(WALL * 1e6)
    assert found == [
        can.CanFrame(now_us, 0x351, b"\x01"),
        can.CanFrame(now_us + int(1000 / speed), 0x305, b"", sent=True),
        can.CanFrame(now_us + int(500_000 / speed), 0x1F00 | can.EXTENDED, bytes(8)),
    ]
    assert ended(wire)


def test_frames_that_are_late_come_together_but_not_without_end() -> None:
    wire, clock = opened([Frame(n, "bus", US0 + n, RX, b"", 1) for n in range(2000)], is_bus=True)
    clock.advance(1.0)
    sizes = [len(wire.read(0.0)) // can.RECORD_BYTES for _ in range(4)]
    assert sizes == [512, 512, 512, 464]


def test_nothing_recorded_cannot_be_opened() -> None:
    with pytest.raises(WireError):
        opened([])
    with pytest.raises(WireError):
        opened(TALK, is_bus=True)


def test_closing_from_another_thread_ends_a_waiting_read() -> None:
    wire = ReplayTransport(TALK, is_bus=False)
    wire.open()
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(wire.read(600.0)))
    reader.start()
    wire.close()
    reader.join(PATIENCE_S)
    assert got == [b""]
