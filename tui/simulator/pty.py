"""A device behind a pseudo-terminal, so that any program can open it like a serial port."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from tui.model.link import Cause
from tui.simulator.link_book import LinkBook
from tui.transports.transport import WireError

TURN_S = 0.2  # how often an idle device lets time pass
ROOM_BYTES = 3500  # a terminal keeps 4095 bytes that nobody has read


class Device(Protocol):
    """What can sit behind a pseudo-terminal.

    It may also have `delay_s`, how late its answers go out, and `is_unplugged`: while that is true the
    terminal is gone, and afterwards it is there again under the same link. One that talks unasked has
    `due_in_s(now_s)`, the seconds until it does, and `speak(now_s)`, what it says then.
    """

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes from the line; what to answer."""
        ...

    def pass_time(self, now_s: float) -> None:
        """Nothing came."""
        ...


@runtime_checkable
class Speaker(Protocol):
    """A device that talks unasked."""

    def due_in_s(self, now_s: float) -> float:
        """Seconds until it says something."""
        ...

    def speak(self, now_s: float) -> bytes:
        """What is due; empty when nothing is."""
        ...


class PtyDevice:
    """Serves one device on a pseudo-terminal in a thread of its own.

    `path` is what a program opens: `link`, when one is given, else the name of the terminal itself. Raises
    WireError when the link cannot be made; an existing file is never replaced.
    """

    def __init__(
        self,
        device: Device,
        link: Path | None = None,
        *,
        piece: int = 0,
        book: LinkBook | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device = device
        self.path = ""
        self._link, self._terminal = link, Path()
        self._piece = piece  # answers are written in pieces of so many bytes; 0: whole
        self._book = book  # where the link is noted
        self._clock = clock
        self._master = self._slave = -1
        self._wake_r = self._wake_w = -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Make the terminal and serve it."""
        self._plug()
        self._wake_r, self._wake_w = os.pipe()
        self._thread = threading.Thread(
            target=self._serve, name=f"device {Path(self.path).name}", daemon=True
        )
        self._thread.start()

    def _plug(self) -> None:
        if self._link is not None:
            forget_left_behind(self._link)  # before there is a terminal of ours: it may get the same number
        self._master, self._slave = _raw_pair()
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._terminal = Path(self.path)
        if self._link is not None:
            if self._book is not None:
                self._book.note(self._link, self.path)
            try:
                self._link.symlink_to(self.path)
            except FileExistsError:
                self._close()
                raise WireError(Cause("pty-exists", (("path", str(self._link)),))) from None
            except OSError as error:
                self._close()
                why = (("path", str(self._link)), ("error", error.strerror or str(error)))
                raise WireError(Cause("pty-failed", why)) from None
            self.path = str(self._link)

    def stop(self) -> None:
        """Take the terminal away, as if the adapter were unplugged. Safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        os.write(self._wake_w, b"x")
        thread.join(5)
        self._unplug()
        os.close(self._wake_r)
        os.close(self._wake_w)

    def _unplug(self) -> None:
        self._close()
        if self._link is not None:
            with contextlib.suppress(OSError):
                if self._link.readlink() == self._terminal:  # not what somebody else put there
                    self._link.unlink()

    def _close(self) -> None:
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1

    def _serve(self) -> None:
        while True:
            ends = [self._master, self._wake_r] if self._master >= 0 else [self._wake_r]
            ready, _, _ = select.select(ends, [], [], self._patience_s())
            if self._wake_r in ready:
                return
            if self._master not in ready:
                self.device.pass_time(self._clock())
                said = self._unasked()
            else:
                said = self.device.receive(os.read(self._master, 4096), self._clock()) + self._unasked()
            delay_s = getattr(self.device, "delay_s", 0.0)
            if said and delay_s and select.select([self._wake_r], [], [], delay_s)[0]:
                return
            self._follow_plug()
            if said and self._master >= 0:
                self._write(said)

    def _patience_s(self) -> float:
        """How long to wait for a request."""
        if not isinstance(self.device, Speaker):
            return TURN_S
        return min(TURN_S, self.device.due_in_s(self._clock()))

    def _unasked(self) -> bytes:
        """What a device that talks by itself says now: whole lines that somebody reads, or nothing."""
        if not isinstance(self.device, Speaker):
            return b""
        said = self.device.speak(self._clock())
        return said if self._master >= 0 and _unread(self._slave) + len(said) <= ROOM_BYTES else b""

    def _write(self, said: bytes) -> None:
        size = self._piece or len(said)
        with contextlib.suppress(BlockingIOError):  # nobody reads: lost, as on a real line
            for at in range(0, len(said), size):
                os.write(self._master, said[at : at + size])

    def _follow_plug(self) -> None:
        """Unplug and plug in as the device says; a link that somebody else took meanwhile is tried again."""
        wants_out = getattr(self.device, "is_unplugged", False)
        if wants_out and self._master >= 0:
            self._unplug()
        elif not wants_out and self._master < 0:
            with contextlib.suppress(WireError):
                self._plug()


def forget_left_behind(link: Path) -> None:
    """Take away the link of a device that was killed: it leads to a terminal that is gone.

    Whatever else stands there is a user's and stays. Where several devices begin, this is asked for all their
    links first: the terminal of one may get the number that the link of another still has.
    """
    with contextlib.suppress(OSError):  # what cannot be taken away is told when the link is made
        if link.is_symlink() and link.readlink().is_relative_to("/dev") and not link.exists():
            link.unlink()


def forget_dead(folder: Path, prefix: str) -> None:
    """The same for all links `<prefix>…-<pid>` of processes that live no more, wherever they lead now."""
    for link in folder.glob(f"{prefix}*-*"):
        number = link.name.rpartition("-")[2]
        if not number.isdecimal() or not link.is_symlink() or lives(int(number)):
            continue
        with contextlib.suppress(OSError):
            if link.readlink().is_relative_to("/dev"):
                link.unlink()


def lives(process: int) -> bool:
    """False when there is no process of that number. Not for Windows, where asking so would end it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it is somebody else's
        return True
    return True


def _unread(terminal: int) -> int:
    """Bytes that wait for a reader."""
    import fcntl
    import struct
    import termios

    return int(struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)))[0])


def _raw_pair() -> tuple[int, int]:
    """Both ends of a pseudo-terminal that changes no byte. The device keeps its end open between programs."""
    try:
        import tty
    except ImportError:  # Windows has none
        raise WireError(Cause("pty-unsupported")) from None
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, slave
