"""The one Bluetooth loop of the process: a thread "ble" in which everything of Bluetooth happens.

All libraries for it want one event loop, and a radio does one thing at a time; so links, lists and commands
of all other threads come here. bleak is imported by the thread, not by this module.

bleak-retry-connector is not used: it retries inside one call, with limits of its own that add up to more than
a minute, while row S0-12 promises an end after `timeout_s`; who retries and when is the engine's ladder. It
has no lock per adapter and no view of the scan, which are the larger half of the work.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from tui.model.device import ProbeReport, RadioState
from tui.model.link import Cause
from tui.transports.ble_air import NEVER, Seen
from tui.transports.ble_causes import Place
from tui.transports.ble_connect import Wish
from tui.transports.ble_link import GattLink, OnData, OnLost
from tui.transports.ble_probe import probe
from tui.transports.ble_station import Station
from tui.transports.ble_times import DEFAULT, BleTimes
from tui.transports.transport import WireError

__all__ = ["RadioLoop", "Seen"]

log = logging.getLogger(__name__)

T = TypeVar("T")


class RadioLoop:
    """Bluetooth for all other threads. Every method may be called from any thread but the radio's own.

    `adapter` is the one to use when nobody names one ("hci1"); empty: the first that is on.
    """

    def __init__(
        self, adapter: str = "", *, times: BleTimes = DEFAULT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._adapter, self._times, self._clock = adapter, times, clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._station: Station | None = None
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()  # start and stop
        self._listeners: list[Callable[[Seen], None]] = []
        self._connecting: dict[str, Future[GattLink]] = {}
        self._scan_until_s: float | None = None
        self._ended = False

    # life

    def start(self) -> None:
        """Start the thread; returns at once. Harmless when it runs, and after `stop` it starts anew."""
        with self._changing:
            if self._thread is not None:
                return
            self._ended = False
            loop = asyncio.new_event_loop()
            station = Station(self._adapter, self._times, self._tell, self._clock)
            thread = threading.Thread(target=_run, args=(loop, station), name="ble", daemon=True)
            self._loop, self._station, self._thread = loop, station, thread
            thread.start()

    def stop(self) -> None:
        """Disconnect everything and end the thread, within about `times.stop_s`. Safe to call twice."""
        with self._changing:
            self._ended = True
            thread, loop, station = self._thread, self._loop, self._station
            self._thread = self._loop = self._station = None
            if thread is None or loop is None or station is None:
                return
            ends_s = self._clock() + self._times.stop_s
            with contextlib.suppress(RuntimeError):  # the loop ended by itself
                loop.call_soon_threadsafe(station.leave)
            thread.join(max(0.1, ends_s - self._clock()) + 0.5)
            if thread.is_alive():
                log.error("Bluetooth did not end in time")

    # the list

    def listen(self, callback: Callable[[Seen], None]) -> Callable[[], None]:
        """Hear every advertisement, in the radio's thread: return at once. Gives what ends it."""
        self._listeners = [*self._listeners, callback]

        def unlisten() -> None:
            self._listeners = [one for one in self._listeners if one is not callback]

        return unlisten

    def want_scan(self, seconds: float) -> None:
        """Scan for at least so long from now (row S0-13); 0 or less ends the wish."""
        if seconds <= 0:
            self._scan_until_s = None
            self._post(lambda station: station.want(NEVER))
            return
        if not self._ended:
            self.start()
        until_s = self._clock() + seconds
        self._scan_until_s = max(self._scan_until_s or NEVER, until_s)
        self._post(lambda station: station.want(until_s))

    @property
    def scan_until_s(self) -> float | None:
        """End of the wished scan on the steady clock; `None` when none is wished."""
        until_s = self._scan_until_s
        return until_s if until_s is not None and until_s > self._clock() else None

    def presence(self, address: str) -> str | None:
        """Changes each time the device comes into sight; `None`: not heard lately. Asking keeps a scan alive
        that looks for it now and then."""
        station = self._station
        if station is None:
            return None
        self._post(lambda station: station.look_for())
        return station.presence(address.upper())

    # the adapter

    def state(self) -> tuple[RadioState, Cause | None, str, str]:
        """State of the adapter, its cause, its name ("hci0") and its address."""
        station = self._station
        if station is None:
            return RadioState.UNUSED, None, self._adapter, ""
        return station.told

    def reset_adapter(self, timeout_s: float = 10.0) -> Cause | None:
        """Switch the adapter off and on (row S0-36). All its links end. `None`: done."""
        try:
            return self._wait(lambda station: station.reset(timeout_s), timeout_s + self._times.slack_s)
        except WireError as error:
            return error.cause

    # links

    def connect(
        self,
        address: str,
        *,
        adapter: str = "",
        timeout_s: float = 15.0,
        on_data: OnData,
        on_lost: OnLost,
        forget: bool = False,
        passkey: int | None = None,
    ) -> GattLink:
        """Find and connect; blocks. The connect itself takes at most `timeout_s` (row S0-12), finding the
        device at most `times.find_s` before that. Raises WireError.

        `on_data` gets every notification, `on_lost` the end nobody asked for; both in the radio's thread.
        `forget` removes what BlueZ remembers first; `passkey` pairs before the link is given out.
        """
        address = address.upper()
        wish = Wish(Place(address, adapter, timeout_s), on_data, on_lost, forget, passkey)
        return self._wait(lambda station: station.connect(wish), None, address)

    def connect_as(self, address: str, begin: Callable[[Station], Coroutine[Any, Any, T]]) -> T:
        """Let `begin` connect to that device in its own way, in the radio's loop; blocks until it has."""
        return self._wait(begin, None, address.upper())

    def abandon(self, address: str) -> None:
        """End a `connect` that another thread waits for: it raises WireError at once."""
        if future := self._connecting.get(address.upper()):
            future.cancel()

    def probe(self, address: str, timeout_s: float = 15.0) -> ProbeReport:
        """Connect, list the services, ask a battery once, and disconnect; never raises."""
        return probe(self, address.upper(), timeout_s)

    # between the threads

    def _tell(self, seen: Seen) -> None:
        for listener in self._listeners:
            try:
                listener(seen)
            except Exception:  # a listener's mistake must not end the scan
                log.exception("a listener of the radio failed")

    def _post(self, act: Callable[[Station], None]) -> None:
        loop, station = self._loop, self._station
        if loop is not None and station is not None:
            with contextlib.suppress(RuntimeError):  # it ended in this moment
                loop.call_soon_threadsafe(act, station)

    def _wait(
        self,
        begin: Callable[[Station], Coroutine[Any, Any, T]],
        timeout_s: float | None,
        address: str = "",
    ) -> T:
        """Do it in the loop and wait. All that waits in there is bounded; the limit is a last resort."""
        if not self._ended:
            self.start()
        loop, station = self._loop, self._station
        if loop is None or station is None:
            raise Place(address).error("ble-stopped")
        try:
            future = asyncio.run_coroutine_threadsafe(begin(station), loop)
        except RuntimeError:
            raise Place(address).error("ble-stopped") from None
        if address:
            self._connecting[address] = future  # type: ignore[assignment]  # connect alone gives an address
        try:
            return future.result(timeout_s)
        except (CancelledError, asyncio.CancelledError):
            raise Place(address).error("ble-stopped") from None
        except TimeoutError:
            future.cancel()
            raise Place(address, self._adapter).error("ble-reset-failed") from None
        finally:
            if address and self._connecting.get(address) is future:
                del self._connecting[address]


def _run(loop: asyncio.AbstractEventLoop, station: Station) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(station.live())
    except Exception:
        log.exception("Bluetooth ended for a reason inside this program")
    finally:
        with contextlib.suppress(Exception):
            loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()
