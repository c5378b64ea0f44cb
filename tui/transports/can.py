"""A CAN bus as a wire: frames travel as the records of model/can.py.

Everything python-can can open is opened through it. A thread of our own receives, because python-can's
Notifier ends for good at the first bus error; here an error becomes the state of the link.
"""

import contextlib
import logging
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from tui.model.can import ERROR, EXTENDED, REMOTE, CanFrame, pack, unpack
from tui.model.link import Cause
from tui.transports import ports
from tui.transports.can_causes import bus_error_cause, cannot_open_cause, missing_cause, split_channel
from tui.transports.transport import WireError

if TYPE_CHECKING:
    import can

log = logging.getLogger(__name__)

QUEUE_FRAMES = 40_000  # ten seconds of a full bus at 500 kbit/s
RECEIVE_S = 0.2
SOCKET_BYTES = 4 << 20  # the kernel's buffer, for moments in which this program has no processor
ERRORS_IN_A_ROW = 20
SLCAN_SETTLE_S = 2.0  # adapters with an Arduino start anew when their port is opened
CLOSE_S = 2.0
BUS_OFF = 0x40  # of the identifier of an error frame (linux/can/error.h)
SERIAL_KINDS = ("slcan", "serial", "canalystii")


class CanTransport:
    """One bus. Listens only, unless `may_send`.

    `address` is the channel of a SocketCAN interface ("can0") or "INTERFACE:CHANNEL" in python-can's words
    ("slcan:/dev/ttyACM0", "udp_multicast:239.74.163.2", "virtual:test"). `filters` are masks in hexadecimal
    digits as `ID:MASK`, separated by spaces; empty: everything.
    """

    def __init__(
        self, address: str, bitrate: int = 500_000, *, may_send: bool = False, filters: str = ""
    ) -> None:
        self.kind, self.channel = split_channel(address)
        self.bitrate, self.may_send = bitrate, may_send
        self.dropped = 0  # frames that this program had no room for
        self.garbled = 0  # messages of an adapter that were none
        self._filters = filters
        self._bus: can.BusABC | None = None
        self._queue: deque[bytes] = deque()
        self._arrived = threading.Condition()
        self._failed: Cause | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Open the bus and begin to receive. Raises WireError with the reason."""
        self.close()
        if cause := missing_cause(self.kind, self.channel):
            raise WireError(cause)
        if self.kind in SERIAL_KINDS and not ports.is_pty(self.channel) and ports.holder(self.channel):
            raise WireError(ports.busy_cause(self.channel))
        self._closing, self._failed = False, None
        self._queue.clear()
        try:
            bus = self._open_bus()
        except Exception as error:  # each interface of python-can has errors of its own, even NameError
            log.info("%s: %r", self.channel, error)
            raise WireError(cannot_open_cause(self.kind, self.channel, self.bitrate, error)) from error
        _widen(bus)
        self._bus = bus
        self._thread = threading.Thread(
            target=self._receive, args=(bus,), name=f"can {self.channel}", daemon=True
        )
        self._thread.start()

    def read(self, timeout_s: float) -> bytes:
        """Records as they came; empty when none came in time or the bus was closed meanwhile."""
        with self._arrived:
            if not self._queue and not self._failed and not self._closing:
                self._arrived.wait(timeout_s)
            if self._queue:
                records = b"".join(self._queue)
                self._queue.clear()
                return records
            if self._failed and not self._closing:
                raise WireError(self._failed)
            return b""

    def write(self, data: bytes) -> None:
        """Send records. On a bus that is not ours nothing is sent."""
        import can

        bus = self._bus
        if bus is None or self._closing:
            raise WireError(Cause("can-closed", (("channel", self.channel),)))
        if not self.may_send:
            raise WireError(Cause("can-listen-only", (("channel", self.channel),)))
        for frame in unpack(data):
            message = can.Message(
                arbitration_id=frame.can_id & ~(EXTENDED | REMOTE | ERROR),
                is_extended_id=bool(frame.can_id & EXTENDED),
                data=frame.data,
            )
            try:
                bus.send(message, timeout=1.0)
            except Exception as error:
                raise WireError(bus_error_cause(self.kind, self.channel, error)) from error

    def close(self) -> None:
        """Let go of the bus and unblock a waiting read. Safe to call twice, from any thread."""
        with self._arrived:
            self._closing = True
            self._arrived.notify_all()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_S)
        bus, self._bus = self._bus, None
        if bus is not None:
            with contextlib.suppress(Exception):  # a bus that is gone cannot be closed
                bus.shutdown()

    def presence(self) -> str | None:
        """Changes when the interface comes or the adapter is plugged in; `None`: not there."""
        if self.kind in SERIAL_KINDS:
            return ports.presence(self.channel)
        if self.kind == "socketcan":
            return ports.network_presence(self.channel)
        return self.channel

    # the thread that receives

    def _open_bus(self) -> "can.BusABC":
        import can

        quiet_library()
        options: dict[str, Any] = {"bitrate": self.bitrate}
        if self.kind == "slcan":
            pty = ports.is_pty(self.channel)
            options |= {
                "listen_only": not self.may_send,
                "sleep_after_open": 0.0 if pty else SLCAN_SETTLE_S,
                "timeout": 0.05,
            }
        elif self.kind in ("socketcan", "udp_multicast", "virtual"):
            del options["bitrate"]  # set on the interface itself, or without meaning
        elif self.kind == "socketcand":  # HOST:PORT:CHANNEL
            host, port, channel = [*self.channel.split(":"), "", ""][:3]
            options |= {"host": host, "port": int(port or 29536)}
            return can.Bus(interface=self.kind, channel=channel or "can0", **options)
        if masks := _masks(self._filters):
            options["can_filters"] = masks
        return can.Bus(interface=self.kind, channel=self.channel, **options)

    def _receive(self, bus: "can.BusABC") -> None:
        errors = 0
        while not self._closing:
            try:
                message = bus.recv(RECEIVE_S)
            except Exception as error:
                errors += 1
                if not self._go_on(bus, error, errors):
                    return
                continue
            if message is not None:
                errors = 0
                if not self._take(message):
                    return

    def _take(self, message: "can.Message") -> bool:
        if message.is_error_frame and message.arbitration_id & BUS_OFF:
            self._fail(Cause("can-bus-off", (("channel", self.channel),)))
            return False
        if message.is_fd or message.dlc > 8:
            self.garbled += 1
            return True
        flags = message.is_extended_id * EXTENDED | message.is_remote_frame * REMOTE
        flags |= message.is_error_frame * ERROR
        time_us = int((message.timestamp or time.time()) * 1_000_000)
        record = pack(CanFrame(time_us, message.arbitration_id | flags, bytes(message.data)))
        with self._arrived:
            if len(self._queue) >= QUEUE_FRAMES:
                self.dropped += 1
                self._queue.popleft()
            self._queue.append(record)
            if len(self._queue) == 1:
                self._arrived.notify()
        return True

    def _go_on(self, bus: "can.BusABC", error: Exception, errors: int) -> bool:
        """After an error: a garbled message is counted and forgotten, a bus that is gone ends the thread."""
        log.info("%s: %r", self.channel, error)
        if self._closing:
            return False
        gone = self.presence() is None or errors >= ERRORS_IN_A_ROW
        if gone or isinstance(error, OSError) or self.kind == "socketcan":
            self._fail(bus_error_cause(self.kind, self.channel, error))
            return False
        self.garbled += 1
        if flush := getattr(bus, "flush", None):  # one bad byte would poison python-can's slcan for ever
            with contextlib.suppress(Exception):
                flush()
        return True

    def _fail(self, cause: Cause) -> None:
        with self._arrived:
            self._failed = cause
            self._arrived.notify_all()


def quiet_library() -> None:
    """python-can warns on standard error when nobody listens to its log; that is where the screen is."""
    logger = logging.getLogger("can")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _widen(bus: "can.BusABC") -> None:
    """A larger kernel buffer where the bus is a socket, so that a busy moment loses nothing."""
    try:
        number = bus.fileno()
        if number < 0:
            return
        # A copy of the descriptor: closing it leaves the bus its own.
        with socket.socket(fileno=socket.dup(number)) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
    except (OSError, NotImplementedError, AttributeError) as error:
        log.debug("no larger buffer: %r", error)


def _masks(text: str) -> list[dict[str, Any]]:
    masks = []
    for word in text.split():
        number, _, mask = word.partition(":")
        extended = len(number) > 3
        masks.append(
            {
                "can_id": int(number, 16),
                "can_mask": int(mask, 16) if mask else (0x1FFFFFFF if extended else 0x7FF),
                "extended": extended,
            }
        )
    return masks
