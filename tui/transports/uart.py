"""A serial port as a wire."""

import errno
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

from tui.model.link import Cause
from tui.transports import ports
from tui.transports.echo import EchoFilter
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from serial import Serial

if sys.platform == "win32":
    PORT_ERRORS: tuple[type[Exception], ...] = (OSError, TypeError, ValueError, OverflowError)
else:
    import select
    import termios

    PORT_ERRORS = (
        OSError,
        TypeError,
        ValueError,
        OverflowError,
        termios.error,
    )  # SerialException is an OSError

log = logging.getLogger(__name__)

READ_BYTES = 4096
WRITE_S = 1.0  # a request has a few bytes: a port that takes none of them for so long is stuck


class UartTransport:
    """8N1 without flow control, used by one thread; `close` may come from any.

    The port is ours alone: a lock on the device itself (seen through every link that leads to it, freed by
    the kernel), for real ports also the kernel's exclusive mode, and a look at who has it open already.
    What was received before `open` is thrown away; later nothing is: old bytes before a request are read and
    counted by whoever asks.
    """

    def __init__(self, port: str, baudrate: int = 9600, *, removes_echo: bool = True) -> None:
        self.port = port
        self.baudrate = baudrate
        self._echo = EchoFilter()
        self._removes_echo = removes_echo
        self._serial: Serial | None = None
        self._using = threading.Lock()  # held by read and write, so that close never pulls the port away
        self._closing = False

    def open(self) -> None:
        """Open the port, exclusively. Raises WireError with the reason."""
        import serial

        self.close()
        self._closing = False
        if cause := ports.cause_before_opening(self.port):
            raise WireError(cause)
        if self.baudrate <= 0:
            raise WireError(self._bad_baudrate())
        pty = ports.is_pty(self.port)
        if not pty and ports.holder(self.port):
            raise WireError(ports.busy_cause(self.port))
        try:
            opened = serial.Serial(
                self.port,
                self.baudrate,
                timeout=0,
                write_timeout=WRITE_S,
                exclusive=None if sys.platform == "win32" else True,
            )
        except PORT_ERRORS as error:
            raise WireError(self._why_not(error)) from error
        if not pty:
            _claim(opened)
        self._echo.forget()
        self._serial = opened

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come; empty when none came in time or the port was closed meanwhile."""
        with self._using:
            port = self._serial
            if port is None or self._closing:
                return b""
            try:
                data = self._read(port, timeout_s)
            except PORT_ERRORS as error:
                raise WireError(self._gone(error)) from error
        if not self._removes_echo:
            return data
        return self._echo.heard(data) if data else self._echo.given_back()

    @staticmethod
    def _read(port: "Serial", timeout_s: float) -> bytes:
        if sys.platform == "win32":
            port.timeout = timeout_s
            return port.read(1) + port.read(port.in_waiting)
        # Not by the port's own timeout: setting it programs the whole line anew, a special speed included.
        cancelled = port.pipe_abort_read_r
        assert cancelled is not None  # an open port has it
        ready, _, _ = select.select([port.fileno(), cancelled], [], [], timeout_s)
        return port.read(READ_BYTES) if port.fileno() in ready else b""

    def write(self, data: bytes) -> None:
        """Send all of it."""
        import serial

        with self._using:
            port = self._serial
            if port is None or self._closing:
                raise WireError(Cause("port-closed", (("port", self.port),)))
            self._echo.sent(data)
            try:
                port.write(data)
            except serial.SerialTimeoutException as error:
                raise WireError(Cause("port-stuck", (("port", self.port),))) from error
            except PORT_ERRORS as error:
                raise WireError(self._gone(error)) from error

    def close(self) -> None:
        """Give the port back and unblock a waiting read. Safe to call twice."""
        self._closing = True
        if waiting := self._serial:
            _quietly(waiting.cancel_read)
        with self._using:
            port, self._serial = self._serial, None
            if port is not None:
                _quietly(port.close)

    def presence(self) -> str | None:
        """Changes when the device is plugged in again or its permissions change; `None`: not there."""
        return ports.presence(self.port)

    def _gone(self, error: Exception) -> Cause:
        log.info("%s: %s", self.port, error)
        return Cause("port-unplugged", (("port", self.port),))

    def _bad_baudrate(self) -> Cause:
        return Cause("baudrate-unsupported", (("port", self.port), ("baudrate", str(self.baudrate))))

    def _why_not(self, error: Exception) -> Cause:
        log.info("%s: %s", self.port, error)
        if isinstance(error, ValueError | OverflowError) or "baud" in str(error):
            return self._bad_baudrate()
        match _number(error):
            case errno.ENOENT | errno.ENODEV | errno.ENXIO:
                return Cause("port-missing", (("port", self.port),))
            case errno.EACCES | errno.EPERM:
                return ports.permission_cause(self.port)
            case errno.EBUSY | errno.EAGAIN:
                return ports.busy_cause(self.port)
            case errno.ENOTTY | errno.EISDIR | errno.EINVAL:
                return Cause("port-not-serial", (("port", self.port),))
        return Cause("port-failed", (("port", self.port), ("reason", str(error))))


def _number(error: Exception) -> int | None:
    """The system's error number; pyserial gives it in one of three places."""
    for source in (error, error.__cause__, error.__context__):
        if isinstance(number := getattr(source, "errno", None), int):
            return number
        if source is not None and source.args and isinstance(source.args[0], int):
            return source.args[0]
    text = str(error)  # Windows: the number is only in the words
    if "FileNotFoundError" in text:
        return errno.ENOENT
    return errno.EBUSY if "PermissionError" in text else None


def _claim(port: "Serial") -> None:
    """Let the kernel refuse other openers: the lock alone is only a courtesy."""
    if sys.platform == "win32":
        return  # a port is exclusive there by nature
    import fcntl

    try:
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
    except OSError as error:
        log.info("%s: no exclusive mode: %s", port.port, error)


def _quietly(act: Any) -> None:
    try:
        act()
    except PORT_ERRORS as error:
        log.debug("while closing: %s", error)
