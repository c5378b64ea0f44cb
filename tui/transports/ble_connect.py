"""Connecting, in the radio's loop: find, be alone in the air, connect, tidy up after what went wrong."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.transports.ble_air import Air
from tui.transports.ble_bluez import Bluez
from tui.transports.ble_causes import Place, cause_of, is_busy
from tui.transports.ble_kinds import JBD_SERVICES, uuid_of
from tui.transports.ble_link import GattLink, OnData, OnLost, drop
from tui.transports.ble_times import BleTimes, within
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice

log = logging.getLogger(__name__)

TRIES = 3  # of one connect, while something else holds the device
ADOPTED = (*JBD_SERVICES, "1801")  # what a link that somebody left behind may offer


@dataclass(frozen=True, slots=True)
class Wish:
    """What a connect is to bring. The passkey is not shown."""

    place: Place
    on_data: OnData
    on_lost: OnLost
    forget: bool = False
    passkey: int | None = field(default=None, repr=False)


class _StaleError(Exception):
    """BlueZ does not know the device any more: it must be heard again; the same object is of no use."""


class Connector:
    """Makes links and notes them in `links` (address to link) for as long as they live."""

    def __init__(self, times: BleTimes, bluez: Bluez | None, links: dict[str, GattLink]) -> None:
        self._times, self._bluez, self.links = times, bluez, links
        self._ending: set[asyncio.Task[None]] = set()

    async def connect(self, wish: Wish, air: Air) -> GattLink:
        """Raises WireError, or what bleak and the bus raise."""
        place = Place(wish.place.address, air.adapter, wish.place.timeout_s)
        if place.address in self.links:
            raise place.error("ble-in-use")
        if wish.forget:
            await self._forget(place, air)
        for tried in range(1, TRIES + 1):
            try:
                return await self._try(wish, place, air)
            except Exception as error:
                cause = cause_of(error, place)
                log.info("connect to %s: %s (%r)", place.address, cause.key, error)
                air.lose(place.address)  # newer BlueZ drops a device whose first connect failed
                if tried == TRIES or not (is_busy(cause) or isinstance(error, _StaleError)):
                    raise WireError(cause) from error
                if is_busy(cause):
                    await self._clear(place, air, thoroughly=tried > 1)
        raise AssertionError("the last try returns or raises")

    async def _try(self, wish: Wish, place: Place, air: Air) -> GattLink:
        adopted = await self._adopt(place, air)
        device = adopted or await self._find(place, air)
        async with air.alone():
            if adopted is None and air.last(place.address) is None:
                raise _StaleError  # others took so long that BlueZ may have forgotten it
            try:
                return await self._link(device, wish, place, air)
            except Exception as error:
                if cause_of(error, place).key == "ble-not-found":
                    raise _StaleError from error
                raise

    async def _find(self, place: Place, air: Air) -> "BLEDevice":
        device = await air.find(place.address, self._times.find_s)
        if device is not None:
            return device
        if not air.usable:
            raise place.error("ble-adapter-gone")
        raise WireError(air.cause) if air.cause else place.error("ble-not-found")

    async def _adopt(self, place: Place, air: Air) -> "BLEDevice | None":
        """A link that an earlier process of ours left behind: such a device does not advertise."""
        if self._bluez is None:
            return None
        from bleak import BleakAdapter

        services = [uuid_of(short) for short in ADOPTED]
        where: Any = {"adapter": air.adapter} if air.adapter else {}
        with contextlib.suppress(Exception):  # no adapter, no service: the search that follows says so
            async with asyncio.timeout(self._times.call_s):
                adapter = await BleakAdapter.get(bluez=where)
                for device in await adapter.get_connected_devices(services):
                    if device.address.upper() == place.address:
                        log.info("%s is connected already: taken over", place.address)
                        return device
        return None

    async def _link(self, device: "BLEDevice", wish: Wish, place: Place, air: Air) -> GattLink:
        from bleak import BleakClient

        path = path_of(device)
        if wish.passkey is not None and self._bluez is not None and path:
            await self._pair(path, wish.passkey, place)
        made: list[GattLink] = []
        where: Any = {"adapter": air.adapter} if air.adapter else {}
        client = BleakClient(
            device, lambda client: self._ended(client, made, wish, air), timeout=place.timeout_s, bluez=where
        )
        try:
            # bleak's limit does not cover its preparations and its clean-up.
            async with asyncio.timeout(place.timeout_s + self._times.slack_s):
                await client.connect()
            link = GattLink(client, place, device.name or "", path, wish.on_data)
        except BaseException:
            await drop(client, self._times.disconnect_s)
            raise
        made.append(link)
        self.links[place.address] = link
        air.link_made(place.address)
        return link

    async def _pair(self, path: str, passkey: int, place: Place) -> None:
        assert self._bluez is not None
        try:
            await self._bluez.pair(path, passkey)
        except Exception as error:
            if getattr(error, "dbus_error", "") == "org.bluez.Error.AlreadyExists":
                return
            raise WireError(cause_of(error, place)) from error

    def _ended(self, client: "BleakClient", made: list[GattLink], wish: Wish, air: Air) -> None:
        """The link is gone, by our wish or not."""
        for link in made:
            if self.links.get(link.address) is link:
                del self.links[link.address]
                air.link_ended(link.address)
            if not link.was_asked_to_end:
                # Not used again, but its connection to the message bus is still open.
                task = asyncio.ensure_future(drop(client, self._times.disconnect_s))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
                wish.on_lost()
        made.clear()

    async def _clear(self, place: Place, air: Air, *, thoroughly: bool) -> None:
        """Something holds the device. First it gets a moment; then its attempt is ended: a client that was
        killed while connecting leaves one behind that blocks everybody for minutes."""
        if thoroughly and self._bluez is not None and (heard := air.heard.get(place.address)):
            await self._bluez.disconnect(path_of(heard.device))
            await self._forget(place, air)
        await asyncio.sleep(self._times.busy_pause_s)

    async def _forget(self, place: Place, air: Air) -> None:
        heard = air.heard.get(place.address)
        if self._bluez is not None and heard is not None:
            await self._bluez.forget(path_of(heard.device))
        air.lose(place.address)


def path_of(device: "BLEDevice") -> str:
    """The device's object in BlueZ; empty on other systems."""
    details = device.details
    return str(details.get("path", "")) if isinstance(details, dict) else ""


async def prepare_library(timeout_s: float) -> None:
    """Let bleak ask for the version of BlueZ now, and once: inside a connect that is given up it would leave
    every later connect waiting for the answer."""
    with contextlib.suppress(Exception):  # another system, or no bleak
        from bleak.backends.bluezdbus.version import BlueZFeatures

        if BlueZFeatures.checked_bluez_version:
            return
        BlueZFeatures._check_bluez_event = None
        with contextlib.suppress(TimeoutError):
            await within(timeout_s, BlueZFeatures.check_bluez_version())
        BlueZFeatures.checked_bluez_version = True


def close_library(loop: asyncio.AbstractEventLoop, *, forget: bool = False) -> None:
    """Close bleak's connection to the bus: it has no function for that.

    Left open it keeps a socket for each radio that was ever started, and what it knew of a daemon that is
    gone. With `forget` the loop ends too.
    """
    with contextlib.suppress(Exception):  # another bleak, another system
        from bleak.backends.bluezdbus import manager

        instances = manager._global_instances
        known = instances.pop(loop, None) if forget else instances.get(loop)
        bus = known._bus if known is not None else None
        if bus is not None:
            bus.disconnect()
