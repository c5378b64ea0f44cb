"""A private bus, the fake service, and a radio on it: what every test of Bluetooth begins with."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bluez.bus import DAEMON, private_bus
from tests.bluez.fake_bluez import FakeBluez, Pace
from tests.bluez.pack import FakePack
from tests.fakes import PATIENCE_S, wait_until
from tui.transports import ble, ble_link, ble_probe, ble_station, other_bms
from tui.transports.ble import BleTransport
from tui.transports.ble_times import BleTimes
from tui.transports.radio import RadioLoop

needs_bus = pytest.mark.skipif(DAEMON is None, reason="dbus-daemon is not installed")

# Pauses are short; limits of what is to succeed are not: a test that wants one to pass makes it short itself.
FAST = BleTimes(
    fresh_s=PATIENCE_S,
    find_s=PATIENCE_S,
    away_s=0.3,
    call_s=PATIENCE_S,
    scan_call_s=PATIENCE_S,
    disconnect_s=PATIENCE_S,
    slack_s=PATIENCE_S,
    young_s=0.01,
    retry_scan_s=0.05,
    watch_s=0.1,
    glance_s=0.3,
    rest_s=0.3,
    deaf_s=60.0,
    power_gap_s=0.02,
    stop_s=PATIENCE_S,
    busy_pause_s=0.02,
)
SHORT_S = 0.5  # of a connect that is to fail
BASIC = bytes.fromhex("dda50300fffd77")
CELLS = bytes.fromhex("dda50400fffc77")


class Stage:
    """The fake service and one radio."""

    def __init__(self, bluez: FakeBluez, times: BleTimes, clock: Callable[[], float]) -> None:
        self.bluez, self.times = bluez, times
        self.radio = RadioLoop(times=times, clock=clock)

    def wire(
        self, pack: FakePack, *, timeout_s: float = PATIENCE_S, secret: str = "", adapter: str = ""
    ) -> BleTransport:
        """A wire to that pack, without the pause that real modules need."""
        return BleTransport(
            self.radio, pack.address, timeout_s=timeout_s, secret=secret, adapter=adapter, settle_s=0.0
        )


@contextmanager
def patient_limits() -> Iterator[None]:
    """The product's own limits of what is to succeed, as far as `BleTimes` has them not."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (ble, "GATT_S"),
            (ble, "LEAVE_S"),
            (ble_link, "UNSUBSCRIBE_S"),
            (ble_probe, "GATT_S"),
            (ble_probe, "ANSWER_S"),
            (ble_station, "LEAVE_S"),
            (other_bms, "LEAVE_S"),
        ):
            patch.setattr(module, name, PATIENCE_S)
        yield


@contextmanager
def stage(
    *,
    times: BleTimes = FAST,
    pace: Pace | None = None,
    adapters: tuple[str, ...] = ("hci0",),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Stage]:
    """Everything up; at the end the radio is stopped and no rule of the radio was broken."""
    with patient_limits(), private_bus(), FakeBluez(adapters=adapters, pace=pace) as bluez:
        here = Stage(bluez, times, clock)
        try:
            yield here
        finally:
            here.radio.stop()
        assert bluez.overlaps == []


def ask(wire: BleTransport, request: bytes = BASIC, seconds: float = PATIENCE_S) -> bytes:
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
