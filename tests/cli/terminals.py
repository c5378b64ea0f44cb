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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import pyte
from pyte.screens import Char
from rich.segment import Segment
from rich.style import Style

from screenshots.svg import svg
from tests.cli.runs import PATIENCE_S, PROGRAM, ROOT, House

ROWS, COLUMNS = 30, 100
STILL = b"\x1b]2;still\x07"  # a title: what a program of ours says when it has finished drawing
END = b"<that was all>"
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
        """The screen as SVG, once the program has said that it has finished drawing."""
        self.read_until(lambda: STILL in self.said)
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
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self.said += data
        self._stream.feed(data)

    def read_until(self, true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Read until this is true."""
        until = time.monotonic() + seconds
        while not true():
            self.read()
            if time.monotonic() > until:
                raise AssertionError(f"did not come:\n{self.text()}\n{self.said[-400:]!r}")

    def wait_for(self, *words: str) -> str:
        """Read until all these words stand on the screen."""
        self.read_until(lambda: all(word in self.text() for word in words))
        return self.text()

    def wait_end(self) -> int:
        """Read until the program has ended, and all that it wrote; its exit code."""
        self.read_until(lambda: self.process.poll() is not None)
        self._read_rest()
        return self.process.wait(PATIENCE_S)

    def _read_rest(self) -> None:
        """One read gives 4 kB at most: a mark of ours behind its last byte shows where that is."""
        rest = b""
        with suppress(OSError):  # hung up
            os.write(self._slave, END)
            while END not in rest and select.select([self._master], [], [], PATIENCE_S)[0]:
                rest += os.read(self._master, 1 << 16)
        self._take(rest.replace(END, b""))

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
