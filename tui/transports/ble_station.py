"""Everything of the radio that runs in its loop: adapters, links, and who gets the air."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable
from typing import Any

from tui.model.device import RadioState
from tui.model.link import Cause
from tui.transports.ble_air import NEVER, Air, Seen
from tui.transports.ble_bluez import Adapter, Bluez
from tui.transports.ble_causes import Place, cause_of, radio_state_of
from tui.transports.ble_connect import Connector, Wish, close_library
from tui.transports.ble_link import GattLink
from tui.transports.ble_times import BleTimes, within
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

LEAVE_S = 2.3  # for the links, of the seconds that the end of the program has
CHECK_ROUNDS = 10  # changes of adapters are told by signals; this is for those that are not
GLANCE_FOR_S = 15.0  # after somebody asked whether a battery is in sight

Told = tuple[RadioState, Cause | None, str, str]


class Station:
    """The radio in its own loop. Only `leave`, `told` and `presence` are touched by other threads."""

    def __init__(
        self, adapter: str, times: BleTimes, tell: Callable[[Seen], None], clock: Callable[[], float]
    ) -> None:
        self.told: Told = (RadioState.STARTING, None, adapter, "")
        self._wished, self._times, self._tell, self._clock = adapter, times, tell, clock
        self._airs: dict[str, Air] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._links: dict[str, GattLink] = {}
        self._look = asyncio.Event()
        self._known = asyncio.Event()  # the adapters were looked at once
        self._leaving = asyncio.Event()
        self._bluez: Bluez | None = None
        if sys.platform == "linux":
            self._bluez = Bluez(times, self._look.set, self._went_off, self._bluez_died)
        self._connector = Connector(times, self._bluez, self._links)
        self._adapters: list[Adapter] = []
        self._has_reset = False
        self._resetting = False

    # life

    async def live(self) -> None:
        """Run until `leave`, then let go of everything."""
        watching = asyncio.ensure_future(self._watch())
        await self._leaving.wait()
        limit_s = self._times.stop_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._let_go(watching)
        await _end_all_tasks()
        if self._bluez is not None:
            with contextlib.suppress(Exception):
                await within(0.3, self._bluez.close())
        close_library(asyncio.get_running_loop(), forget=True)
        await asyncio.sleep(0)  # the sockets close in the loop's next round

    def leave(self) -> None:
        """Begin the end."""
        self._leaving.set()

    async def _let_go(self, watching: "asyncio.Future[None]") -> None:
        watching.cancel()
        for task in self._tasks:
            task.cancel()
        waiting = [watching, *self._tasks, *(link.leave(LEAVE_S) for link in list(self._links.values()))]
        await asyncio.gather(*waiting, return_exceptions=True)

    # the adapter

    async def _watch(self) -> None:
        rounds = 0
        while True:
            asked = self._look.is_set() or rounds % CHECK_ROUNDS == 0 or self.told[0] is not RadioState.ON
            rounds += 1
            self._look.clear()
            try:
                await self._look_at_adapters(asked)
            except Exception:  # whatever it was: without this task nobody would notice an adapter again
                log.exception("looking at the adapters failed")
            with contextlib.suppress(TimeoutError):
                await within(self._times.watch_s, self._look.wait())

    async def _look_at_adapters(self, asked: bool) -> None:
        try:
            import bleak  # noqa: F401  # the first import takes a while: here, where nobody waits

            if self._bluez is not None and asked:
                self._adapters = await self._bluez.adapters()
            told = self._judge()
        except Exception as error:
            cause = cause_of(error, Place(adapter=self._wished))
            log.debug("adapter: %s %r", cause.key, error)
            self._adapters = []
            state = radio_state_of(cause) or RadioState.MISSING
            if cause.key in ("ble-timeout", "ble-failed"):
                cause = Place(adapter=self._wished).cause("ble-no-service")
            told = (state, cause, self._wished, "")
        self._use(told)
        self._known.set()
        await self._wake_the_deaf()

    def _judge(self) -> Told:
        if self._bluez is None:
            air = self._airs.get("")
            cause = air.cause if air else None
            return ((radio_state_of(cause) if cause else None) or RadioState.ON, cause, "", "")
        name = self._wished
        if not self._adapters:
            return RadioState.MISSING, Place(adapter=name).cause("ble-missing"), name, ""
        chosen = self._choose(name)
        if chosen is None:
            return RadioState.MISSING, Place(adapter=name).cause("ble-adapter-missing"), name, ""
        if not chosen.powered:
            cause = Place(adapter=chosen.name).cause("ble-off")
            return RadioState.OFF, cause, chosen.name, chosen.address
        air = self._airs.get(chosen.name)
        cause = air.cause if air else None
        if air is not None and air.is_deaf:
            cause = Place(adapter=chosen.name).cause("ble-deaf")
        state = (radio_state_of(cause) if cause else None) or RadioState.ON
        return state, cause, chosen.name, chosen.address

    def _choose(self, name: str) -> Adapter | None:
        if name:
            return next((one for one in self._adapters if one.name == name), None)
        return next((one for one in self._adapters if one.powered), self._adapters[0])

    def _use(self, told: Told) -> None:
        if told != self.told:
            log.info("Bluetooth: %s %s", told[0], told[1].key if told[1] else "")
        self.told = told
        if self._bluez is not None:
            for name, air in self._airs.items():
                usable = any(one.name == name and one.powered for one in self._adapters)
                if usable and not air.usable:
                    air.heard_again()
                air.usable = usable
                air.nudge()

    async def _wake_the_deaf(self) -> None:
        """Nobody heard for minutes although the adapter scans: power it off and on, once, unless a link of
        ours lives. A place without any device looks the same, so it is not repeated."""
        air = self._airs.get(self.told[2])
        if air is None or not air.is_deaf:
            self._has_reset = self._has_reset and air is not None and not air.heard
            return
        if self._has_reset or self._links or self._resetting:
            return
        self._has_reset = True
        log.warning("no advertisement of anybody on %s: it is switched off and on", air.adapter)
        await self.reset(self._times.call_s * 2)

    async def reset(self, timeout_s: float) -> Cause | None:
        """Power the adapter off and on; `None`: done."""
        place = Place(adapter=self.told[2] or self._wished, timeout_s=timeout_s)
        if self._bluez is None:
            return place.cause("ble-no-reset")
        if not place.adapter:
            return place.cause("ble-missing")
        self._resetting = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._bluez.power(place.adapter, False)
                await asyncio.sleep(self._times.power_gap_s)
                await self._bluez.power(place.adapter, True)
        except Exception as error:
            return cause_of(error, place)
        finally:
            self._resetting = False
            self._look.set()
        if air := self._airs.get(place.adapter):
            air.heard_again()
        return None

    # the list

    def air(self, adapter: str) -> Air:
        """The air of that adapter; empty: the one in use."""
        name = adapter or self.told[2]
        if name not in self._airs:
            self._airs[name] = Air(name, self._times, self._tell, self._clock)
            self._keep(self._airs[name].run())
        return self._airs[name]

    def want(self, until_s: float) -> None:
        """Scan on every adapter in use."""
        self._later(lambda air: air.want(until_s))

    def unwant(self) -> None:
        """End the wish; a connect that looks for its device goes on looking."""
        for air in self._airs.values():
            air.wanted_until_s = NEVER
            air.nudge()

    def look_for(self) -> None:
        """Somebody asks whether a battery is in sight: look for a while."""
        until_s = self._clock() + GLANCE_FOR_S
        self._later(lambda air: air.glance(until_s))

    def _later(self, act: Callable[[Air], None]) -> None:
        if self._known.is_set():
            self.air("")
            for air in self._airs.values():
                act(air)
            return

        async def wait() -> None:
            await self._known.wait()
            self._later(act)

        self._keep(wait())

    def presence(self, address: str) -> str | None:
        """How often it came into sight, on which adapter; `None`: not lately."""
        for air in list(self._airs.values()):
            if address in air.linked:
                return f"{air.adapter} linked"
            if heard := air.last(address):
                return f"{air.adapter} {heard.sights}"
        return None

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # links

    async def connect(self, wish: Wish) -> GattLink:
        """Find and connect. Raises WireError only."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with asyncio.timeout(self._times.call_s * 2):
                await self._known.wait()
            if cause := self._cause_against(wish.place.adapter):
                raise WireError(cause)
            return await self._connector.connect(wish, self.air(wish.place.adapter))
        except WireError:
            raise
        except Exception as error:
            raise WireError(cause_of(error, wish.place)) from error
        finally:
            self._tasks.discard(task)

    def _cause_against(self, adapter: str) -> Cause | None:
        """Why this adapter cannot be used."""
        state, cause, name, _ = self.told
        if adapter in ("", name) or self._bluez is None or not self._adapters:
            return None if state is RadioState.ON else cause
        place = Place(adapter=adapter)
        chosen = self._choose(adapter)
        if chosen is None:
            return place.cause("ble-adapter-missing")
        return None if chosen.powered else place.cause("ble-off")

    def _went_off(self, adapter: str) -> None:
        if air := self._airs.get(adapter):
            air.went_off()

    def _bluez_died(self) -> None:
        """bluetoothd ended: bleak is not told and would believe in its links and objects for ever."""
        log.warning("the Bluetooth service ended")
        for air in self._airs.values():
            air.scan_died()
        close_library(asyncio.get_running_loop())
        self._look.set()


async def _end_all_tasks() -> None:
    """What is still running: bleak's own watchers, and calls that did not end in time."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=0.5)
