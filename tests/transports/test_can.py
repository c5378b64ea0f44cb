"""A CAN bus as a wire: S3-9, S4-18, S4-19. Virtual buses, and an adapter on a pseudo-terminal."""

import os
import select
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import can
import pytest

from tests.fakes import PATIENCE_S, wait_until
from tui.model.can import EXTENDED, CanFrame, pack, unpack
from tui.transports import can as can_transport
from tui.transports.can import CanTransport
from tui.transports.can_causes import bus_error_cause, cannot_open_cause, missing_cause, split_channel
from tui.transports.transport import WireError


@pytest.fixture
def channel() -> str:
    return f"test-{uuid.uuid4().hex}"


@contextmanager
def both(channel: str, **options: object) -> Iterator[tuple[CanTransport, can.BusABC]]:
    """Our end and another one on a virtual bus."""
    wire = CanTransport(f"virtual:{channel}", **options)  # type: ignore[arg-type]
    wire.open()
    other = can.Bus(interface="virtual", channel=channel)
    try:
        yield wire, other
    finally:
        wire.close()
        other.shutdown()


def received(wire: CanTransport, count: int) -> list[CanFrame]:
    """So many frames, as they come."""
    frames: list[CanFrame] = []

    def enough() -> bool:
        frames.extend(unpack(wire.read(0.05)))
        return len(frames) >= count

    wait_until(enough)
    return frames


def test_frames_keep_identifier_length_and_order(channel: str) -> None:
    with both(channel) as (wire, other):
        other.send(can.Message(arbitration_id=0x351, is_extended_id=False, data=[1, 2]))
        other.send(can.Message(arbitration_id=0x351, is_extended_id=True, data=bytes(8)))
        other.send(can.Message(arbitration_id=0x355, is_extended_id=False, data=[]))
        frames = received(wire, 3)
    assert [(f.can_id, f.data) for f in frames] == [
        (0x351, b"\1\2"),
        (0x351 | EXTENDED, bytes(8)),
        (0x355, b""),
    ]
    assert all(f.time_us > 1_600_000_000_000_000 for f in frames)


def test_nothing_is_sent_on_a_bus_that_is_not_ours(channel: str) -> None:
    with both(channel) as (wire, other):
        with pytest.raises(WireError) as refusal:
            wire.write(pack(CanFrame(0, 0x351, b"\1")))
        assert refusal.value.cause.key == "can-listen-only"
        assert other.recv(0.05) is None


def test_what_is_sent_arrives(channel: str) -> None:
    with both(channel, may_send=True) as (wire, other):
        wire.write(pack(CanFrame(0, 0x201, b"\x14")) + pack(CanFrame(0, 0x123 | EXTENDED, b"")))
        first, second = other.recv(PATIENCE_S), other.recv(PATIENCE_S)
    assert first is not None and second is not None
    assert (first.arbitration_id, first.is_extended_id, bytes(first.data)) == (0x201, False, b"\x14")
    assert (second.arbitration_id, second.is_extended_id) == (0x123, True)


def test_a_filter_lets_only_its_identifiers_through(channel: str) -> None:
    with both(channel, filters="240:7C0") as (wire, other):
        for number in (0x351, 0x241, 0x27F, 0x280):
            other.send(can.Message(arbitration_id=number, is_extended_id=False))
        other.send(can.Message(arbitration_id=0x242, is_extended_id=False))
        assert [f.can_id for f in received(wire, 3)] == [0x241, 0x27F, 0x242]


def test_a_waiting_read_ends_when_the_bus_is_closed(channel: str) -> None:
    with both(channel) as (wire, _other):
        ended = threading.Event()
        reader = threading.Thread(target=lambda: (wire.read(600), ended.set()), daemon=True)
        reader.start()
        wire.close()
        assert ended.wait(PATIENCE_S)
        assert wire.read(600) == b""


def test_frames_that_find_no_room_are_counted(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(can_transport, "QUEUE_FRAMES", 3)
    with both(channel) as (wire, other):
        for number in range(5):
            other.send(can.Message(arbitration_id=number, is_extended_id=False))
        wait_until(lambda: wire.dropped == 2)
        assert [f.can_id for f in received(wire, 3)] == [2, 3, 4]


def test_a_bus_that_fails_while_open_says_why(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with both(channel) as (wire, _other):
        bus = wire._bus
        assert bus is not None

        def recv(timeout: float) -> None:
            raise OSError(100, "Network is down")

        monkeypatch.setattr(bus, "recv", recv)
        with pytest.raises(WireError) as broken:
            while True:
                wire.read(5)
        assert broken.value.cause.key == "can-down"


def test_a_controller_that_left_the_bus_says_bus_off(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with both(channel) as (wire, _other):
        assert wire._bus is not None
        news = can.Message(arbitration_id=0x40, is_error_frame=True, data=bytes(8))
        monkeypatch.setattr(wire._bus, "recv", lambda timeout: news)
        with pytest.raises(WireError) as broken:
            while True:
                wire.read(5)
        assert broken.value.cause.key == "can-bus-off"


def test_an_error_frame_is_news_of_the_bus_and_no_frame(
    channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with both(channel) as (wire, _other):
        assert wire._bus is not None
        news = [can.Message(arbitration_id=0x04, is_error_frame=True, data=bytes(8))]
        nothing = threading.Event()

        def recv(timeout: float) -> can.Message | None:
            return news.pop() if news else nothing.wait(timeout) or None  # type: ignore[return-value]

        monkeypatch.setattr(wire._bus, "recv", recv)
        frame = received(wire, 1)[0]
    assert frame.can_id & can_transport.ERROR


@contextmanager
def adapter() -> Iterator[tuple[int, str]]:
    """The other end of a serial CAN adapter, and its port."""
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)


def test_an_adapter_with_serial_commands_is_opened_to_listen_only() -> None:
    with adapter() as (master, port):
        wire = CanTransport(f"slcan:{port}", 250_000)
        wire.open()
        try:
            said = b""
            while b"L\r" not in said:  # one command a write: they may come one by one
                assert select.select([master], [], [], PATIENCE_S)[0], said
                said += os.read(master, 100)
            assert b"S5\r" in said and b"L\r" in said and b"O\r" not in said.replace(b"\rO\r", b"\r")
            os.write(master, b"t35121122\rT18F128F41AA\r")
            assert [(f.can_id, f.data) for f in received(wire, 2)] == [
                (0x351, b"\x11\x22"),
                (0x18F128F4 | EXTENDED, b"\xaa"),
            ]
        finally:
            wire.close()


def test_garbage_from_an_adapter_is_counted_and_the_next_frame_is_read() -> None:
    """One byte that is no ASCII would make python-can's slcan fail for ever."""
    with adapter() as (master, port):
        wire = CanTransport(f"slcan:{port}")
        wire.open()
        try:
            os.write(master, b"t35\xff1\r")
            wait_until(lambda: wire.garbled >= 1)

            def comes() -> bool:
                os.write(master, b"t3551AA\r")
                return any(f.can_id == 0x355 for f in unpack(wire.read(0.1)))

            wait_until(comes)
        finally:
            wire.close()


def test_an_adapter_that_is_unplugged_says_so() -> None:
    with adapter() as (master, port):
        wire = CanTransport(f"slcan:{port}")
        wire.open()
    with pytest.raises(WireError) as broken:
        while True:
            wire.read(5)
    assert broken.value.cause.key in ("port-unplugged", "can-failed")
    wire.close()
    assert master >= 0


@pytest.mark.parametrize(
    ("address", "kind", "channel_of"),
    [
        ("can0", "socketcan", "can0"),
        ("slcan:/dev/ttyACM0", "slcan", "/dev/ttyACM0"),
        ("udp_multicast:239.74.163.2", "udp_multicast", "239.74.163.2"),
    ],
)
def test_the_address_says_interface_and_channel(address: str, kind: str, channel_of: str) -> None:
    assert split_channel(address) == (kind, channel_of)


@pytest.mark.parametrize("address", ["nonsense:1", "pcan:PCAN_USBBUS9", "kvaser:77", "slcan:/dev/not-there"])
def test_what_cannot_be_opened_is_one_cause(address: str) -> None:
    """Each interface of python-can fails with an error of its own kind, even with NameError."""
    wire = CanTransport(address)
    with pytest.raises(WireError) as refusal:
        wire.open()
    assert refusal.value.cause.key in ("can-kind", "can-failed", "port-missing")


@pytest.mark.parametrize(
    ("number", "key"), [(19, "can-missing"), (100, "can-down"), (97, "can-no-kernel"), (1, "can-failed")]
)
def test_the_systems_number_says_why(number: int, key: str) -> None:
    """S3-45: missing, down and unsupported are three things to do."""
    assert cannot_open_cause("socketcan", "can0", 500_000, OSError(number, "x")).key == key


def test_a_full_buffer_means_that_nobody_listens() -> None:
    assert bus_error_cause("socketcan", "can0", OSError(105, "No buffer space")).key == "can-nobody-listens"


def test_a_bus_that_is_not_there_is_known_before_opening() -> None:
    cause = missing_cause("socketcan", "can-not-there")
    assert cause is not None and cause.key in ("can-missing", "can-no-kernel")
