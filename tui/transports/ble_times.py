"""How long Bluetooth may take. Every wait has an end: the bus, the daemon and the radio can hang."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BleTimes:
    """Seconds. The defaults are for real radios; tests use shorter ones."""

    fresh_s: float = 20.0  # BlueZ forgets a device 30 s after its last advertisement: do not come close
    find_s: float = 30.0  # row S0-13: how long an advertisement is waited for
    away_s: float = 10.0  # unheard for so long and heard again is a new sight
    call_s: float = 5.0  # one call on the bus that only reads or sets something
    scan_call_s: float = 8.0  # starting or stopping a scan
    disconnect_s: float = 12.0  # BlueZ needs about 2, bleak waits up to 10
    slack_s: float = 3.0  # beyond bleak's own limit, for its clean-up
    young_s: float = 1.5  # after a connect, before scanning goes on
    retry_scan_s: float = 3.0
    watch_s: float = 3.0  # how often the adapter is looked at; changes are also told by signals
    glance_s: float = 6.0  # a scan that only looks for batteries out of sight …
    rest_s: float = 6.0  # … and its pause while another battery is connected
    deaf_s: float = 180.0  # no advertisement of anybody for so long while scanning: suspicious
    power_gap_s: float = 1.0  # between off and on
    stop_s: float = 3.0  # everything, at the end of the program
    busy_pause_s: float = 0.5


DEFAULT = BleTimes()


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Wait for it, at most so long; raises TimeoutError.

    Not `asyncio.wait_for`: until Python 3.12 that swallows a cancellation which comes in the same round as
    the result, and a task of the radio would outlive its end.
    """
    async with asyncio.timeout(seconds):
        return await work
