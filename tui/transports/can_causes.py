"""Why a CAN bus cannot be used, with the exact command where there is one."""

import errno
import socket
import sys
from pathlib import Path

from tui.model.link import Cause
from tui.transports import ports

DEFAULT_KIND = "socketcan"
NET = Path("/sys/class/net")


def split_channel(address: str) -> tuple[str, str]:
    """Interface in python-can's words, and channel: `can0` is SocketCAN, `slcan:/dev/ttyACM0` says itself."""
    kind, colon, channel = address.partition(":")
    if not colon or "/" in kind:
        return DEFAULT_KIND, address
    return kind, channel


def missing_cause(kind: str, channel: str) -> Cause | None:
    """What can be said without opening; `None` when nothing speaks against it."""
    if kind in ("slcan", "serial"):
        return ports.cause_before_opening(channel.partition("@")[0])
    if kind != DEFAULT_KIND:
        return None
    args = (("channel", channel),)
    if not hasattr(socket, "AF_CAN") or not sys.platform.startswith("linux"):
        return Cause("can-no-kernel", args)
    try:
        socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW).close()
    except OSError:
        return Cause("can-no-kernel", args)
    if not (NET / channel).exists():
        return Cause("can-missing", args)
    return None


def cannot_open_cause(kind: str, channel: str, bitrate: int, error: Exception) -> Cause:
    """Why the bus would not open."""
    args = (("channel", channel),)
    number = _number(error)
    if kind == DEFAULT_KIND and number in (errno.ENODEV, errno.ENXIO):
        return Cause("can-missing", args)
    if kind == DEFAULT_KIND and number in (errno.ENETDOWN, errno.ENETUNREACH):
        return Cause("can-down", args)
    if number in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT):
        return Cause("can-no-kernel", args)
    if number == errno.ENODEV and kind == "udp_multicast":
        return Cause("can-no-route", args)
    if "bitrate" in str(error).casefold():
        return Cause("can-bitrate", (*args, ("bitrate", str(bitrate))))
    if (
        isinstance(error, NameError | ImportError)
        or type(error).__name__ == "CanInterfaceNotImplementedError"
    ):
        return Cause("can-kind", (*args, ("kind", kind), ("reason", _words(error))))
    return Cause("can-failed", (*args, ("reason", _words(error))))


def bus_error_cause(kind: str, channel: str, error: Exception) -> Cause:
    """Why a bus that was open no longer works."""
    args = (("channel", channel),)
    number = _number(error)
    if number in (errno.ENETDOWN, errno.ENETUNREACH):
        return Cause("can-down", args)
    if number in (errno.ENODEV, errno.ENXIO):
        return Cause("can-missing" if kind == DEFAULT_KIND else "port-unplugged", (*args, ("port", channel)))
    if kind in ("slcan", "serial") and ports.presence(channel.partition("@")[0]) is None:
        return Cause("port-unplugged", (("port", channel),))
    if number == errno.ENOBUFS or "buffer" in str(error).casefold():
        return Cause("can-nobody-listens", args)
    return Cause("can-failed", (*args, ("reason", _words(error))))


def _number(error: BaseException | None) -> int | None:
    """The system's error number, wherever in the chain it is."""
    while error is not None:
        for number in (getattr(error, "errno", None), getattr(error, "error_code", None)):
            if isinstance(number, int):
                return number
        error = error.__cause__ or error.__context__
    return None


def _words(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
