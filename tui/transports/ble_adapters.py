"""The adapters of this machine: which there are, which are on, and why not. Runs in the radio's loop."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Mapping

from tui.model.device import RadioState
from tui.model.link import Cause
from tui.transports.ble_air import Air
from tui.transports.ble_bluez import Adapter, Bluez
from tui.transports.ble_causes import Place, cause_of, radio_state_of
from tui.transports.ble_connect import prepare_library
from tui.transports.ble_times import BleTimes, within

log = logging.getLogger(__name__)

CHECK_ROUNDS = 10  # changes of adapters are told by signals; this is for those that are not

Told = tuple[RadioState, Cause | None, str, str]  # state, cause, name, address


class Adapters:
    """Watches the adapters. `told` may be read by any thread; `wished` is the adapter to use, empty: any.

    `airs` are the adapters in use, looked at but not kept here. `changed` is called after each look, and
    `died` when the Bluetooth service ended.
    """

    def __init__(
        self,
        wished: str,
        times: BleTimes,
        airs: Mapping[str, Air],
        changed: Callable[[], None],
        died: Callable[[], None],
    ) -> None:
        self.told: Told = (RadioState.STARTING, None, wished, "")
        self.known = asyncio.Event()  # they were looked at once
        self.bluez: Bluez | None = None  # Linux only
        self._wished, self._times, self._airs = wished, times, airs
        self._changed, self._died = changed, died
        self._look = asyncio.Event()
        self._found: list[Adapter] = []
        if sys.platform == "linux":
            self.bluez = Bluez(times, self._look.set, self._went_off, self._service_ended)

    async def watch(self) -> None:
        """Look at them until cancelled."""
        await prepare_library(self._times.call_s)
        rounds = 0
        while True:
            asks = self._look.is_set() or rounds % CHECK_ROUNDS == 0 or self.told[0] is not RadioState.ON
            rounds += 1
            self._look.clear()
            try:
                await self._look_at_them(asks)
            except Exception:  # whatever it was: without this task nobody would notice an adapter again
                log.exception("looking at the adapters failed")
            with contextlib.suppress(TimeoutError):
                await within(self._times.watch_s, self._look.wait())

    def is_on(self, name: str) -> bool:
        """True when it can be used. On other systems than Linux there is one, and nobody tells."""
        return self.bluez is None or any(one.name == name and one.powered for one in self._found)

    def cause_against(self, name: str) -> Cause | None:
        """Why the adapter of that name (empty: the one in use) cannot be used."""
        state, cause, in_use, _ = self.told
        if name in ("", in_use) or self.bluez is None or not self._found:
            return None if state is RadioState.ON else cause
        chosen = self._choose(name)
        if chosen is None:
            return Place(adapter=name).cause("ble-adapter-missing")
        return None if chosen.powered else Place(adapter=name).cause("ble-off")

    async def reset(self, timeout_s: float) -> Cause | None:
        """Power the adapter in use off and on; `None`: done."""
        place = Place(adapter=self.told[2] or self._wished, timeout_s=timeout_s)
        if self.bluez is None:
            return place.cause("ble-no-reset")
        if not place.adapter:
            return place.cause("ble-missing")
        try:
            async with asyncio.timeout(timeout_s):
                await self.bluez.power(place.adapter, False)
                await asyncio.sleep(self._times.power_gap_s)
                await self.bluez.power(place.adapter, True)
        except TimeoutError:
            return place.cause("ble-reset-failed")
        except Exception as error:
            return cause_of(error, place)
        finally:
            self._look.set()
        return None

    async def _look_at_them(self, asks: bool) -> None:
        try:
            import bleak  # noqa: F401  # the first import takes a while: here, where nobody waits

            if self.bluez is not None and asks:
                self._found = await self.bluez.adapters()
            told = self._judge()
        except Exception as error:
            self._found = []
            told = self._why_not(error)
        if told != self.told:
            log.info("Bluetooth: %s %s", told[0], told[1].key if told[1] else "")
        self.told = told
        self.known.set()
        self._changed()

    def _why_not(self, error: Exception) -> Told:
        place = Place(adapter=self._wished)
        cause = cause_of(error, place)
        log.debug("adapters: %s %r", cause.key, error)
        if cause.key in ("ble-timeout", "ble-failed"):
            cause = place.cause("ble-no-service")
        return radio_state_of(cause) or RadioState.MISSING, cause, self._wished, ""

    def _judge(self) -> Told:
        if self.bluez is None:
            return self._with_air("", "")
        place = Place(adapter=self._wished)
        if not self._found:
            return RadioState.MISSING, place.cause("ble-missing"), self._wished, ""
        chosen = self._choose(self._wished)
        if chosen is None:
            return RadioState.MISSING, place.cause("ble-adapter-missing"), self._wished, ""
        if not chosen.powered:
            cause = Place(adapter=chosen.name).cause("ble-off")
            return RadioState.OFF, cause, chosen.name, chosen.address
        return self._with_air(chosen.name, chosen.address)

    def _with_air(self, name: str, address: str) -> Told:
        """An adapter that is on can still fail at scanning."""
        air = self._airs.get(name)
        cause = air.cause if air else None
        if air is not None and air.is_deaf:
            cause = Place(adapter=name).cause("ble-deaf")
        state = (radio_state_of(cause) if cause else None) or RadioState.ON
        return state, cause, name, address

    def _choose(self, name: str) -> Adapter | None:
        if name:
            return next((one for one in self._found if one.name == name), None)
        return next((one for one in self._found if one.powered), self._found[0])

    def _went_off(self, name: str) -> None:
        if air := self._airs.get(name):
            air.went_off()

    def _service_ended(self) -> None:
        log.warning("the Bluetooth service ended")
        self._died()
        self._look.set()
