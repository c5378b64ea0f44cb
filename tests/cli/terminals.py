"""The real program on a real pseudo-terminal, read by a terminal emulator."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyte
from pyte.screens import Char
from rich.segment import Segment
from rich.style import Style

from screenshots.svg import svg
from tests.cli.runs import PROGRAM, ROOT, House

ROWS, COLUMNS = 30, 100
QUIET_S = 0.5
COLOURS = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")  # as pyte names them
# Makes the window the one whose closing hangs the program up, then becomes the program.
OWN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Window:
    """One terminal window with the program in it."""

    def __init__(
        self, process: subprocess.Popen[bytes], master: int, slave: int, columns: int, rows: int
    ) -> None:
        self.process = process
        self.said = b""
        self._master, self._slave = master, slave
        self._before = termios.tcgetattr(slave)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(self._screen.display)

    def picture(self) -> str:
        """The screen as SVG, once the program has finished drawing."""
        while self.read(QUIET_S):
            pass
        rows = (self._screen.buffer[y] for y in range(self._screen.lines))
        return svg([[_segment(row[x]) for x in range(self._screen.columns)] for row in rows])

    def read(self, seconds: float = 0.05) -> bool:
        """Take what the program writes. False when it wrote nothing within that time."""
        if self._master < 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.said += data
        self._stream.feed(data)
        return True

    def wait_for(self, *words: str, seconds: float = 20.0) -> str:
        """Read until all these words stand on the screen."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read()
            if all(word in self.text() for word in words):
                return self.text()
        raise AssertionError(f"{words} not on the screen:\n{self.text()}\n{self.said[-400:]!r}")

    def wait_end(self, seconds: float = 20.0) -> int:
        """Read until the program has ended; its exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self.read(0.02)
        self.read(0.1)
        code = self.process.poll()
        assert code is not None, f"still running:\n{self.text()}"
        return code

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    @property
    def is_restored(self) -> bool:
        """The line settings are as before, the cursor is shown, and the other screen buffer is left."""
        same = termios.tcgetattr(self._slave)[:4] == self._before[:4]
        left = self.said.rfind(b"\x1b[?1049l") > self.said.rfind(b"\x1b[?1049h")
        shown = self.said.rfind(b"\x1b[?25h") > self.said.rfind(b"\x1b[?25l")
        return same and left and shown

    def close(self) -> None:
        """Kill what still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        if self._master >= 0:
            self.hang_up()


def _segment(char: Char) -> Segment:
    """One cell, in the colours that were asked for."""
    return Segment(
        char.data,
        Style(color=_colour(char.fg), bgcolor=_colour(char.bg), bold=char.bold, reverse=char.reverse),
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    plain = name.removeprefix("bright").removeprefix("bfight")  # one of pyte's names has a typing mistake
    if plain not in COLOURS:
        return f"#{name}"
    return f"color({COLOURS.index(plain) + (8 if plain != name else 0)})"


@contextmanager
def window(
    home: House,
    *words: str,
    program: Sequence[str] = PROGRAM,
    size: tuple[int, int] = (COLUMNS, ROWS),
    **more: str,
) -> Iterator[Window]:
    """The program in a window of its own, of so many columns and rows."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    environment = home.environment | {"TERM": "xterm-256color"} | more

    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, *program, *words],
        cwd=ROOT,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    opened = Window(process, master, slave, *size)
    try:
        yield opened
    finally:
        opened.close()
