"""The far end of a serial line."""

import fcntl
import os
import pty
import sys
import termios
import tty


class Device:
    """The far end of a pseudo-terminal; its near end is a port like any other."""

    def __init__(self) -> None:
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def say(self, data: bytes) -> None:
        os.write(self.master, data)

    def hear(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.master, size - len(data))
        return data

    def waiting(self) -> int:
        """How many bytes have arrived at the near end and were not read."""
        return int.from_bytes(fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)), sys.byteorder)

    def unplug(self) -> None:
        for fd in (self._slave, self.master):
            if fd >= 0:
                os.close(fd)
        self.master = self._slave = -1
