"""A private bus, the fake service, and a radio on it: what every test of Bluetooth begins with."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bluez.bus import DAEMON, private_bus
from tests.bluez.fake_bluez import FakeBluez, Pace
from tests.bluez.pack import FakePack
from tests.fakes import wait_until
from tui.transports.ble import BleTransport
from tui.transports.ble_times import BleTimes
from tui.transports.radio import RadioLoop

needs_bus = pytest.mark.skipif(DAEMON is None, reason="dbus-daemon is not installed")

FAST = BleTimes(
    fresh_s=5.0,
    find_s=2.0,
    away_s=0.3,
    call_s=1.0,
    scan_call_s=1.0,
    disconnect_s=2.0,
    slack_s=0.3,
    young_s=0.01,
    retry_scan_s=0.05,
    watch_s=0.1,
    glance_s=0.3,
    rest_s=0.3,
    deaf_s=60.0,
    power_gap_s=0.02,
    stop_s=3.0,
    busy_pause_s=0.02,
)
SHORT_S = 0.5  # of a connect that is to fail
BASIC = bytes.fromhex("dda50300fffd77")
CELLS = bytes.fromhex("dda50400fffc77")


class Stage:
    """The fake service and one radio."""

    def __init__(self, bluez: FakeBluez, times: BleTimes) -> None:
        self.bluez, self.times = bluez, times
        self.radio = RadioLoop(times=times)

    def wire(
        self, pack: FakePack, *, timeout_s: float = 3.0, secret: str = "", adapter: str = ""
    ) -> BleTransport:
        """A wire to that pack, without the pause that real modules need."""
        return BleTransport(
            self.radio, pack.address, timeout_s=timeout_s, secret=secret, adapter=adapter, settle_s=0.0
        )


@contextmanager
def stage(
    *, times: BleTimes = FAST, pace: Pace | None = None, adapters: tuple[str, ...] = ("hci0",)
) -> Iterator[Stage]:
    """Everything up; at the end the radio is stopped and no rule of the radio was broken."""
    with private_bus(), FakeBluez(adapters=adapters, pace=pace) as bluez:
        here = Stage(bluez, times)
        try:
            yield here
        finally:
            here.radio.stop()
        assert bluez.overlaps == []


def ask(wire: BleTransport, request: bytes = BASIC, seconds: float = 3.0) -> bytes:
    """One whole answer."""
    wire.write(request)
    answer = bytearray()

    def whole() -> bool:
        answer.extend(wire.read(0.05))
        return len(answer) > 3 and len(answer) >= answer[3] + 7

    wait_until(whole, seconds)
    return bytes(answer)


def open_files() -> int:
    """How many file descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> list[str]:
    """The names of all threads."""
    return sorted(thread.name for thread in threading.enumerate())


def process() -> int:
    """This process."""
    return os.getpid()
