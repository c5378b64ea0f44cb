"""Everything of the radio that runs in its loop: adapters, links, and who gets the air."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from tui.model.link import Cause
from tui.transports.ble_adapters import Adapters, Told
from tui.transports.ble_air import NEVER, Air, Seen
from tui.transports.ble_causes import cause_of
from tui.transports.ble_connect import Connector, Wish, close_library
from tui.transports.ble_link import GattLink
from tui.transports.ble_times import BleTimes, within
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

LEAVE_S = 2.3  # for the links, of the seconds that the end of the program has
GLANCE_FOR_S = 15.0  # after somebody asked whether a battery is in sight


class Station:
    """The radio in its own loop. Only `leave`, `told` and `presence` are touched by other threads."""

    def __init__(
        self, adapter: str, times: BleTimes, tell: Callable[[Seen], None], clock: Callable[[], float]
    ) -> None:
        self._times, self._tell, self._clock = times, tell, clock
        self._airs: dict[str, Air] = {}
        self._links: dict[str, GattLink] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._leaving = asyncio.Event()
        self._adapters = Adapters(adapter, times, self._airs, self._looked, self._service_ended)
        self._connector = Connector(times, self._adapters.bluez, self._links)
        self._wanted_until_s = self._glance_until_s = NEVER
        self._has_reset = False

    @property
    def told(self) -> Told:
        """The adapter in use."""
        return self._adapters.told

    # life

    async def live(self) -> None:
        """Run until `leave`, then let go of everything."""
        self._keep(self._adapters.watch())
        await self._leaving.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.stop_s):
                await self._let_go()
        await _end_all_tasks()
        if self._adapters.bluez is not None:
            with contextlib.suppress(Exception):
                await within(0.3, self._adapters.bluez.close())
        close_library(asyncio.get_running_loop(), forget=True)
        await asyncio.sleep(0)  # the sockets close in the loop's next round

    def leave(self) -> None:
        """Begin the end."""
        self._leaving.set()

    async def _let_go(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        links = [link.leave(LEAVE_S) for link in list(self._links.values())]
        await asyncio.gather(*tasks, *links, return_exceptions=True)

    def _keep(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # the adapter

    async def reset(self, timeout_s: float) -> Cause | None:
        """Power the adapter off and on; `None`: done."""
        cause = await self._adapters.reset(timeout_s)
        if cause is None and (air := self._airs.get(self.told[2])):
            air.begins_anew()
        return cause

    def _looked(self) -> None:
        """The adapters were looked at."""
        for name, air in self._airs.items():
            air.switch(self._adapters.is_on(name))
        self._spread()
        self._wake_the_deaf()

    def _wake_the_deaf(self) -> None:
        """Nobody heard for minutes although the adapter scans: power it off and on, once, unless a link
        lives.

        A place without any device looks the same, so it is not repeated until somebody is heard.
        """
        air = self._airs.get(self.told[2])
        if air is None or not air.is_deaf:
            self._has_reset = self._has_reset and not (air is not None and air.was_heard_lately)
        elif not self._has_reset and not self._links:
            self._has_reset = True
            log.warning("no advertisement of anybody on %s: it is switched off and on", air.adapter)
            self._keep(self.reset(self._times.call_s * 2))

    def _service_ended(self) -> None:
        """bleak is not told, and would believe in its links and objects for ever."""
        for air in self._airs.values():
            air.scan_died()
        close_library(asyncio.get_running_loop())

    # the list

    def want(self, until_s: float) -> None:
        """Scan on every adapter in use; the earliest time there is ends the wish."""
        self._wanted_until_s = until_s if until_s == NEVER else max(self._wanted_until_s, until_s)
        self._spread()

    def look_for(self) -> None:
        """Somebody asks whether a battery is in sight: look for a while."""
        self._glance_until_s = self._clock() + GLANCE_FOR_S
        self._spread()

    def _spread(self) -> None:
        now_s = self._clock()
        if self._adapters.known.is_set() and now_s < max(self._wanted_until_s, self._glance_until_s):
            self._air("")
        for air in self._airs.values():
            air.want(self._wanted_until_s, self._glance_until_s)

    def _air(self, adapter: str) -> Air:
        """The air of that adapter; empty: the one in use."""
        name = adapter or self.told[2]
        if name not in self._airs:
            air = Air(name, self._times, self._tell, self._clock)
            air.switch(self._adapters.is_on(name))
            self._airs[name] = air
            self._keep(air.run())
        return self._airs[name]

    def presence(self, address: str) -> str | None:
        """How often it came into sight, on which adapter; `None`: not lately."""
        for air in list(self._airs.values()):
            if address in air.linked:
                return f"{air.adapter} linked"
            if heard := air.last(address):
                return f"{air.adapter} {heard.sights}"
        return None

    # links

    async def connect(self, wish: Wish) -> GattLink:
        """Find and connect. Raises WireError only."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not await self._is_known():
                raise wish.place.error("ble-no-service")
            if cause := self._adapters.cause_against(wish.place.adapter):
                raise WireError(cause)
            return await self._connector.connect(wish, self._air(wish.place.adapter))
        except WireError:
            raise
        except Exception as error:
            raise WireError(cause_of(error, wish.place)) from error
        finally:
            self._tasks.discard(task)

    async def _is_known(self) -> bool:
        """Wait for the first look at the adapters, which the start of the radio begins."""
        try:
            await within(self._times.call_s * 3, self._adapters.known.wait())
        except TimeoutError:
            return False
        return True


async def _end_all_tasks() -> None:
    """What is still running: bleak's own watchers, and calls that did not end in time."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=0.5)
