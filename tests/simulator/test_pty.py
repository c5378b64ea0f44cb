"""Simulated boards behind pseudo-terminals, opened by programs that know nothing of this project."""

import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from tests.fakes import wait_until
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery, Phase
from tui.simulator.pty import PtyDevice
from tui.transports.transport import WireError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

ASK_BASIC = bytes.fromhex("DDA50300FFFD77")
ASK_CELLS = bytes.fromhex("DDA50400FFFC77")
PATIENCE_S = 60.0  # only a test that fails waits so long

Start = Callable[..., PtyDevice]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[PtyDevice] = []

    def begin(link: Path | None = None, *, piece: int = 0, asleep: bool = False) -> PtyDevice:
        board = JbdDevice(Battery(phase=Phase.REST, rest_s=1e9), is_asleep=asleep)
        device = PtyDevice(board, link, piece=piece)
        device.start()
        running.append(device)
        return device

    yield begin
    for device in running:
        device.stop()


def raw_talk(path: str, request: bytes, size: int) -> bytes:
    """A program that uses nothing but the system's calls."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, request)
        return read_bytes(fd, size)
    finally:
        os.close(fd)


def read_bytes(fd: int, size: int) -> bytes:
    data, deadline_s = b"", time.monotonic() + PATIENCE_S
    while len(data) < size and time.monotonic() < deadline_s:
        if select.select([fd], [], [], 0.1)[0]:
            data += os.read(fd, size - len(data))
    return data


def is_basic(answer: bytes) -> bool:
    return answer[:3] == b"\xdd\x03\x00" and answer[-1:] == b"\x77" and len(answer) == answer[3] + 7


def test_plain_system_calls(start: Start) -> None:
    """Open, write, read: no line settings made, and no byte changed on the way."""
    device = start()
    assert device.path.startswith("/dev/")
    assert is_basic(raw_talk(device.path, ASK_BASIC, 43))


def test_pyserial(tmp_path: Path, start: Start) -> None:
    """S0-4: as a serial port of 9600 baud under a name of its own, like a real adapter."""
    link = tmp_path / "bms"
    device = start(link)
    assert device.path == str(link)
    with serial.Serial(device.path, 9600, timeout=PATIENCE_S) as port:
        port.write(ASK_BASIC)
        assert is_basic(port.read(43))
        port.write(ASK_CELLS)
        assert port.read(15)[:4] == b"\xdd\x04\x00\x08"


def test_several_programs_one_after_another(tmp_path: Path, start: Start) -> None:
    """Closing the port leaves the board where it was."""
    device = start(tmp_path / "bms")
    for _ in range(3):
        assert is_basic(raw_talk(device.path, ASK_BASIC, 43))
        with serial.Serial(device.path, 9600, timeout=PATIENCE_S) as port:
            port.write(ASK_BASIC)
            assert is_basic(port.read(43))


def test_answers_in_pieces(start: Start) -> None:
    """As a slow line delivers them; together they are the answer."""
    device = start(piece=5)
    assert is_basic(raw_talk(device.path, ASK_BASIC, 43))


def test_asleep(start: Start) -> None:
    """The first request is lost, the second answered: one answer comes, not two."""
    device = start(asleep=True)
    fd = os.open(device.path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, ASK_BASIC)
        wait_until(lambda: not device.device.is_asleep)  # type: ignore[attr-defined]
        assert select.select([fd], [], [], 0)[0] == []
        os.write(fd, ASK_CELLS)
        assert read_bytes(fd, 15)[:2] == b"\xdd\x04"
    finally:
        os.close(fd)


def test_time_passes_without_requests(start: Start) -> None:
    """The battery lives while nobody asks."""
    battery = start().device.battery  # type: ignore[attr-defined]
    wait_until(lambda: battery.elapsed_s > 0)


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_an_existing_path_is_refused_and_untouched(tmp_path: Path, what: str) -> None:
    """Nothing of the user's is ever replaced, whatever it is."""
    path = tmp_path / "bms"
    if what == "file":
        path.write_text("mine")
    elif what == "link":
        path.symlink_to("nowhere")
    else:
        path.mkdir()
    open_before = set(Path("/dev/fd").iterdir())
    device = PtyDevice(JbdDevice(Battery()), path)
    with pytest.raises(WireError) as refused:
        device.start()
    device.stop()
    assert refused.value.cause.key == "pty-exists"
    assert refused.value.cause.values()["path"] == str(path)
    assert set(Path("/dev/fd").iterdir()) <= open_before, "others of this process may have closed some"
    assert path.is_symlink() == (what == "link") and path.is_dir() == (what == "folder")
    assert what != "file" or path.read_text() == "mine"


def test_a_link_left_behind_is_replaced(tmp_path: Path, start: Start) -> None:
    """A simulator that was killed could not clean up: its link leads to a terminal that is gone."""
    link = tmp_path / "bms"
    link.symlink_to("/dev/pts/999999")
    assert is_basic(raw_talk(start(link).path, ASK_BASIC, 43))


def test_a_link_left_behind_that_leads_to_the_next_terminal(tmp_path: Path, start: Start) -> None:
    """The number of a terminal that is gone is given away again: to the very one that wants the link."""
    link = tmp_path / "bms"
    first = PtyDevice(JbdDevice(Battery()))
    first.start()
    link.symlink_to(first.path)
    first.stop()
    assert is_basic(raw_talk(start(link).path, ASK_BASIC, 43))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The system's reason is told."""
    with pytest.raises(WireError) as refused:
        PtyDevice(JbdDevice(Battery()), tmp_path / "missing" / "bms").start()
    assert refused.value.cause.key == "pty-failed"
    assert refused.value.cause.values()["error"] == "No such file or directory"


def test_stop_removes_the_link(tmp_path: Path, start: Start) -> None:
    """The name is gone, the thread too, and a program that has it open is told: as when unplugged."""
    link = tmp_path / "bms"
    device = start(link)
    fd = os.open(device.path, os.O_RDWR | os.O_NOCTTY)
    device.stop()
    device.stop()
    assert not link.is_symlink()
    assert not any(thread.name == f"device {link.name}" for thread in threading.enumerate())
    try:
        assert select.select([fd], [], [], PATIENCE_S)[0] and os.read(fd, 1) == b""
    except OSError as error:  # either is how a system says it
        assert error.errno == 5
    finally:
        os.close(fd)
    again = start(link)
    assert is_basic(raw_talk(again.path, ASK_BASIC, 43))


def test_stop_leaves_what_others_put_there(tmp_path: Path, start: Start) -> None:
    """A name that was taken over in the meantime belongs to somebody else."""
    link = tmp_path / "bms"
    device = start(link)
    link.unlink()
    link.write_text("mine")
    device.stop()
    assert link.read_text() == "mine"


def test_nobody_reads(start: Start) -> None:
    """A program that only asks and never reads: answers are lost, the board goes on and can be stopped."""
    device = start()
    heard: list[bytes] = []
    device.device.on_request = heard.append  # type: ignore[attr-defined]
    fd = os.open(device.path, os.O_RDWR | os.O_NOCTTY)
    try:
        for asked in range(1, 121):
            os.write(fd, ASK_BASIC)
            wait_until(lambda asked=asked: len(heard) == asked)
    finally:
        os.close(fd)
    device.stop()
    assert not any(thread.name.startswith("device") for thread in threading.enumerate())


def test_no_pseudo_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without them says so."""
    monkeypatch.setitem(sys.modules, "tty", None)
    with pytest.raises(WireError) as refused:
        PtyDevice(JbdDevice(Battery())).start()
    assert refused.value.cause.key == "pty-unsupported"
