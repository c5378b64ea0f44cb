"""A serial port, on real pseudo-terminals."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from tests.fakes import PATIENCE_S, wait_until
from tests.transports.device import Device
from tui.model.link import Cause
from tui.transports import ports
from tui.transports.transport import Visible, WireError
from tui.transports.uart import UartTransport

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


@pytest.fixture
def uart(device: Device) -> Iterator[UartTransport]:
    made = UartTransport(device.port)
    made.open()
    yield made
    made.close()


def read_all(uart: UartTransport, size: int) -> bytes:
    data = b""
    for _ in range(size):
        data += uart.read(PATIENCE_S)  # a silence in between would end the wait for the rest of an echo
        if len(data) >= size:
            break
    return data


def cause_of_opening(port: str, baudrate: int = 9600) -> Cause:
    uart = UartTransport(port, baudrate)
    with pytest.raises(WireError) as caught:
        uart.open()
    uart.close()
    return caught.value.cause


def test_bytes_pass_unchanged_in_both_directions(device: Device, uart: UartTransport) -> None:
    every = bytes(range(256))
    uart.write(every)
    assert device.hear(256) == every
    uart.read(0.0)
    device.say(every[::-1])
    assert read_all(uart, 256) == every[::-1]


def test_a_read_without_data_is_empty(uart: UartTransport) -> None:
    assert uart.read(0.0) == b""
    assert uart.read(0.01) == b""


def test_what_waited_before_opening_is_thrown_away(device: Device) -> None:
    uart = UartTransport(device.port)
    uart.open()
    device.say(b"old")
    uart.close()
    device.say(b"older")
    wait_until(lambda: device.waiting() >= len(b"older"))  # the kernel delivers it in its own time
    uart.open()
    device.say(b"new")
    assert read_all(uart, 3) == b"new"
    uart.close()


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    port = str(tmp_path / "ttyUSB7")
    assert cause_of_opening(port) == Cause("port-missing", (("port", port),))
    assert cause_of_opening("") == Cause("port-missing", (("port", ""),))


def test_things_that_are_no_serial_port(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no port")
    for port in (str(tmp_path), str(file), "/dev/null"):
        assert cause_of_opening(port) == Cause("port-not-serial", (("port", port),)), port


@pytest.mark.parametrize("baudrate", [0, -9600, 1 << 40])
def test_an_impossible_speed(device: Device, baudrate: int) -> None:
    cause = cause_of_opening(device.port, baudrate)
    assert cause == Cause("baudrate-unsupported", (("port", device.port), ("baudrate", str(baudrate))))


def test_a_port_held_by_another_program_names_it(device: Device) -> None:
    """Through a link as well: the lock is on the device, not on its name."""
    code = (
        "import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY);"
        "fcntl.flock(fd, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, device.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        cause = cause_of_opening(device.port)
    finally:
        holder.communicate()
    assert cause.key == "port-busy"
    assert cause.values()["pid"] == str(holder.pid)
    assert cause.values()["program"].startswith("python")
    free = UartTransport(device.port)
    free.open()  # the holder is gone, so is the lock
    free.close()


def test_a_real_port_that_somebody_has_open_without_a_lock_is_left_alone(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two readers would each get half of the bytes. (A pseudo-terminal's device has it open by nature.)"""
    monkeypatch.setattr(ports, "is_pty", lambda port: False)
    code = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, device.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        cause = cause_of_opening(device.port)
    finally:
        other.communicate()
    assert (cause.key, cause.values()["pid"]) == ("port-busy", str(other.pid))
    free = UartTransport(device.port)
    free.open()
    device.say(b"ours")
    assert read_all(free, 4) == b"ours"
    free.close()


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("could not open port 'COM9': FileNotFoundError(2, 'not found', None, 2)", "port-missing"),
        (
            "could not open port 'COM9': PermissionError(13, 'Access denied', None, 5)",
            "port-busy-unknown",
        ),
        ("could not open port 'COM9': OSError(22, 'semaphore timeout', None, 121)", "port-failed"),
    ],
)
def test_errors_that_only_have_words(
    device: Device, monkeypatch: pytest.MonkeyPatch, words: str, key: str
) -> None:
    """As on Windows, where the number of the error is lost on the way."""

    def fails(*args: object, **options: object) -> None:
        raise serial.SerialException(words)

    monkeypatch.setattr(serial, "Serial", fails)
    assert cause_of_opening(device.port).key == key


def test_a_second_transport_on_the_same_port_is_refused(
    device: Device, uart: UartTransport, tmp_path: Path
) -> None:
    link = tmp_path / "battery"
    link.symlink_to(device.port)
    assert cause_of_opening(str(link)).key.startswith("port-busy")
    device.say(b"still ours")
    assert read_all(uart, 10) == b"still ours"


def test_a_closed_port_can_be_opened_again(device: Device, uart: UartTransport) -> None:
    uart.close()
    uart.close()
    uart.open()
    device.say(b"back")
    assert read_all(uart, 4) == b"back"


def test_close_from_another_thread_unblocks_a_read(uart: UartTransport) -> None:
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(uart.read(600.0)), daemon=True)
    reader.start()
    wait_until(uart._using.locked)
    uart.close()
    reader.join(PATIENCE_S)
    assert got == [b""]
    assert uart.read(0.0) == b""
    with pytest.raises(WireError, match="port-closed"):
        uart.write(b"x")


def test_unplugging_while_reading_is_told(device: Device, uart: UartTransport) -> None:
    caught: list[Cause] = []

    def read() -> None:
        try:
            uart.read(600.0)
        except WireError as error:
            caught.append(error.cause)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    wait_until(uart._using.locked)
    device.unplug()
    reader.join(PATIENCE_S)
    assert caught == [Cause("port-unplugged", (("port", uart.port),))]


def test_unplugging_before_writing_is_told(device: Device, uart: UartTransport) -> None:
    device.unplug()
    with pytest.raises(WireError) as caught:
        uart.write(b"x")
    assert caught.value.cause.key == "port-unplugged"


def test_a_device_that_takes_no_bytes_does_not_block_for_ever(
    uart: UartTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped program behind a pseudo-terminal lets its buffer run full."""
    assert uart._serial is not None
    uart._serial.write_timeout = 0.05
    with pytest.raises(WireError) as caught:
        uart.write(bytes(1 << 20))
    assert caught.value.cause.key == "port-stuck"


def test_a_large_write_arrives_whole_through_a_small_buffer(device: Device, uart: UartTransport) -> None:
    assert uart._serial is not None
    uart._serial.write_timeout = PATIENCE_S
    data = bytes(range(256)) * 256
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(device.hear(len(data))), daemon=True)
    listener.start()
    uart.write(data)
    listener.join(PATIENCE_S)
    assert heard == [data]


def test_our_own_echo_is_removed(device: Device, uart: UartTransport) -> None:
    uart.write(b"\xdd\xa5\x03\x00\xff\xfd\x77")
    device.say(device.hear(7) + b"\xdd\x03answer")
    assert read_all(uart, 8) == b"\xdd\x03answer"


def test_an_answer_that_begins_like_the_request_is_kept(device: Device, uart: UartTransport) -> None:
    uart.write(b"\xdd\xa5\x03")
    device.say(b"\xdd")
    device.say(b"\x03\x00")
    assert read_all(uart, 3) == b"\xdd\x03\x00"


def test_presence_changes_with_the_device(device: Device, uart: UartTransport, tmp_path: Path) -> None:
    """What the ladder looks at between attempts (X-8)."""
    assert isinstance(uart, Visible)
    before = uart.presence()
    assert before is not None
    assert uart.presence() == before
    Path(device.port).chmod(0o640)
    assert uart.presence() != before
    assert UartTransport(str(tmp_path / "none")).presence() is None


def test_importing_the_transport_does_not_load_pyserial() -> None:
    code = "import sys, tui.transports.uart; sys.exit('serial' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
