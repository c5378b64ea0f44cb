"""One adapter: what is heard on it, and who may use it. Runs in the radio's loop.

A radio does one thing at a time. Scanning during a connect kills young links, and two connects at once are
refused: `alone` gives the adapter to one connect at a time, with the scan stopped.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.model.link import Cause
from tui.transports.ble_causes import Place, cause_of, is_busy
from tui.transports.ble_times import BleTimes, within

if TYPE_CHECKING:
    from bleak import BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

log = logging.getLogger(__name__)

NO_RSSI = -127  # bleak's word for "not told"
NEVER = float("-inf")
MOST = 400  # devices kept
STUCK = 3  # refused starts of a scan in a row


@dataclass(frozen=True, slots=True)
class Seen:
    """One advertisement. `at_s` is on the steady clock of the radio."""

    address: str
    name: str
    rssi_dbm: int | None
    services: tuple[str, ...]
    manufacturers: tuple[int, ...]
    at_s: float
    adapter: str = ""


@dataclass(slots=True)
class Heard:
    """What is kept of one device: the newest advertisement and how often it came into sight."""

    seen: Seen
    device: "BLEDevice"
    sights: int = 1
    is_void: bool = False  # heard, but nothing to connect to any more


class Air:
    """The scan of one adapter, shared by everybody, and the lock around it."""

    def __init__(
        self,
        adapter: str,
        times: BleTimes,
        tell: Callable[[Seen], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.adapter = adapter
        self.heard: dict[str, Heard] = {}
        self.linked: set[str] = set()
        self.usable = True  # the adapter is there and on
        self.cause: Cause | None = None  # why scanning fails
        self._wanted_until_s = NEVER  # a person looks at the list
        self._glance_until_s = NEVER  # somebody looks for a battery out of sight
        self._times, self._tell, self._clock = times, tell, clock
        self._lock = asyncio.Lock()
        self._nudge = asyncio.Event()
        self._news = asyncio.Event()  # replaced at each advertisement
        self._scanner: BleakScanner | None = None
        self._interrupted = False  # the adapter was off since the scan began: BlueZ has ended it
        self._searches = 0  # connects that wait for their device
        self._refused = 0
        self._retry_at_s = NEVER
        self._silence_s = 0.0  # of scanning without hearing anybody, in the scans before this one
        self._silent_from_s = NEVER  # and in this one
        self._glance_ends_s = self._rest_ends_s = NEVER

    @property
    def is_scanning(self) -> bool:
        """True while the adapter scans for us."""
        return self._scanner is not None

    @property
    def is_deaf(self) -> bool:
        """True when nobody at all was heard for minutes of scanning."""
        return (
            self.is_scanning and self._silence_s + self._clock() - self._silent_from_s >= self._times.deaf_s
        )

    @property
    def was_heard_lately(self) -> bool:
        """True when somebody advertised while the adapter scanned."""
        return any(not heard.is_void for heard in self.heard.values())

    def nudge(self) -> None:
        """Something changed: look at once whether to scan."""
        self._nudge.set()

    def want(self, until_s: float, glance_until_s: float) -> None:
        """Scan until the first time, and now and then until the second, leaving the air to living links."""
        if (until_s, glance_until_s) != (self._wanted_until_s, self._glance_until_s):
            self._wanted_until_s, self._glance_until_s = until_s, glance_until_s
            self.nudge()

    def switch(self, on: bool) -> None:
        """The adapter can be used, or cannot."""
        if on != self.usable:
            self.usable = on
            if on:
                self.begins_anew()
            self.nudge()

    def last(self, address: str) -> Heard | None:
        """What was heard of it, unless that is too old to connect to."""
        heard = self.heard.get(address)
        if heard is None or heard.is_void or self._clock() - heard.seen.at_s > self._times.fresh_s:
            return None
        return heard

    def lose(self, address: str) -> None:
        """BlueZ may have dropped the device: the next connect needs a new advertisement."""
        if heard := self.heard.get(address):
            heard.is_void = True

    async def find(self, address: str, timeout_s: float) -> "BLEDevice | None":
        """Wait for a fresh advertisement; `None` when none came in time."""
        if heard := self.last(address):
            return heard.device
        self._searches += 1
        self.nudge()
        try:
            return await self._search(address, self._clock() + timeout_s)
        finally:
            self._searches -= 1

    async def _search(self, address: str, ends_s: float) -> "BLEDevice | None":
        while (left_s := ends_s - self._clock()) > 0 and self.usable:
            with contextlib.suppress(TimeoutError):
                await within(min(left_s, self._times.watch_s), self._news.wait())
            if heard := self.last(address):
                return heard.device
        return None

    def link_made(self, address: str) -> None:
        """A link is young: the scan waits, because on some boards it would kill it."""
        self.linked.add(address)
        self._retry_at_s = self._clock() + self._times.young_s

    def link_ended(self, address: str) -> None:
        """The link is gone; the device advertises again if it can."""
        self.linked.discard(address)
        self.lose(address)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """The adapter for one connect: nobody else connects, nobody scans."""
        async with self._lock:
            await self._stop()
            try:
                yield
            finally:
                self.nudge()

    async def run(self) -> None:
        """Keep the scan as it is wanted, until cancelled."""
        try:
            while True:
                self._nudge.clear()
                async with self._lock:
                    await self._turn()
                with contextlib.suppress(TimeoutError):
                    await within(self._pause_s(), self._nudge.wait())
        finally:
            await self._stop()

    # the scan

    def _wanted(self) -> bool:
        now_s = self._clock()
        if not self.usable or now_s < self._retry_at_s:
            return False
        if self._searches or now_s < self._wanted_until_s:
            return True
        return now_s < self._glance_until_s and self._is_glancing(now_s)

    def _is_glancing(self, now_s: float) -> bool:
        """Windows with pauses while a battery is connected: a scan takes air from its link."""
        if not self.linked:
            return True
        if now_s >= self._rest_ends_s:
            self._glance_ends_s = now_s + self._times.glance_s
            self._rest_ends_s = self._glance_ends_s + self._times.rest_s
        return now_s < self._glance_ends_s

    def _pause_s(self) -> float:
        now_s = self._clock()
        ends = (
            self._wanted_until_s,
            self._glance_until_s,
            self._glance_ends_s,
            self._rest_ends_s,
            self._retry_at_s,
        )
        ahead = [end - now_s for end in ends if end > now_s]
        return min([*ahead, self._times.watch_s]) + 0.001

    async def _turn(self) -> None:
        wanted = self._wanted()
        if self._interrupted:
            self._interrupted = False
            await self._stop()
        if wanted and self._scanner is None:
            await self._start()
        elif not wanted and self._scanner is not None:
            await self._stop()

    async def _start(self) -> None:
        from bleak import BleakScanner

        where: Any = {"adapter": self.adapter} if self.adapter else {}
        scanner = BleakScanner(self._advertised, bluez=where)
        try:
            await within(self._times.scan_call_s, scanner.start())
        except Exception as error:
            self._cannot_scan(error)
            return
        self._scanner, self.cause, self._refused = scanner, None, 0
        self._silent_from_s = self._clock()

    def _cannot_scan(self, error: Exception) -> None:
        cause = cause_of(error, Place(adapter=self.adapter, timeout_s=self._times.scan_call_s))
        log.warning("scan on %s: %s (%r)", self.adapter or "the adapter", cause.key, error)
        self._refused += 1
        if is_busy(cause) or cause.key == "ble-timeout":
            cause = Place(adapter=self.adapter).cause("ble-scan-stuck")
        self.cause = cause if cause.key != "ble-scan-stuck" or self._refused >= STUCK else None
        self._retry_at_s = self._clock() + self._times.retry_scan_s

    async def _stop(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        self._silence_s += self._clock() - self._silent_from_s
        try:
            await within(self._times.scan_call_s, scanner.stop())
        except Exception as error:  # off, pulled out, or stuck: it does not scan for us any more
            log.info("end of scan on %s: %r", self.adapter or "the adapter", error)

    def went_off(self) -> None:
        """The adapter was switched off, perhaps only for a moment."""
        self._interrupted = True
        for heard in self.heard.values():
            heard.is_void = True
        self.nudge()

    def scan_died(self) -> None:
        """The service that scanned for us is gone, and everything it knew."""
        self._scanner = None
        self.heard.clear()
        self.nudge()

    def begins_anew(self) -> None:
        """The adapter starts anew: silence counts from now."""
        self._silence_s, self._silent_from_s, self._retry_at_s = 0.0, self._clock(), NEVER
        self.nudge()

    def _advertised(self, device: "BLEDevice", data: "AdvertisementData") -> None:
        address = device.address.upper()
        if address in self.linked or (self._is_linked_elsewhere(data)):
            return  # BlueZ reports every change of a device through here; who is connected does not advertise
        now_s = self._clock()
        self._silence_s, self._silent_from_s = 0.0, now_s
        seen = Seen(
            address,
            device.name or data.local_name or "",
            None if data.rssi == NO_RSSI else data.rssi,
            tuple(data.service_uuids),
            tuple(data.manufacturer_data),
            now_s,
            self.adapter,
        )
        old = self.heard.get(address)
        is_new = old is None or now_s - old.seen.at_s >= self._times.away_s
        self.heard[address] = Heard(seen, device, (old.sights if old else 0) + is_new)
        if len(self.heard) > MOST:
            self._drop_oldest()
        self._news.set()
        self._news = asyncio.Event()
        self._tell(seen)

    def _drop_oldest(self) -> None:
        """Phones change their address every few minutes: nobody needs the old ones."""
        by_age = sorted(self.heard, key=lambda address: self.heard[address].seen.at_s)
        for address in by_age[: MOST // 2]:
            del self.heard[address]

    @staticmethod
    def _is_linked_elsewhere(data: "AdvertisementData") -> bool:
        platform = data.platform_data
        props = platform[1] if len(platform) > 1 and isinstance(platform[1], dict) else {}
        return bool(props.get("Connected"))
