"""A connected battery of another make, in the radio's loop.

The library connects by itself; here that happens under the same rules as every other connect: after an
advertisement of ours, one after another, without a scan, and with an end.
"""

import asyncio
import logging
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, cast

from tui.transports import other_makes
from tui.transports.ble_air import Air
from tui.transports.ble_causes import Place, cause_of
from tui.transports.ble_connect import Connector, Wish, path_of
from tui.transports.ble_link import GattLink, drop
from tui.transports.other_makes import Make
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice

    from tui.transports.ble_station import Station

log = logging.getLogger(__name__)

OnSaid = Callable[[bytes | WireError], None]


class _Client:
    """What a link needs of bleak's client. The library keeps its client to itself."""

    services = ()

    def __init__(self, make: Make, address: str) -> None:
        self.address = address
        self._make = make

    @property
    def is_connected(self) -> bool:
        return self._make.is_connected

    async def disconnect(self) -> None:
        await self._make.disconnect()


class OtherLink(GattLink):
    """A battery that the library reads. Its notifications go to the library, so there are none here."""

    def __init__(
        self, make: Make, place: Place, name: str, path: str, on_end: Callable[["OtherLink"], None]
    ) -> None:
        client = cast("BleakClient", _Client(make, place.address))
        super().__init__(client, place, name, path, lambda data: None)
        self._make, self._on_end = make, on_end

    def ask(self, key: str, timeout_s: float, on_said: OnSaid) -> None:
        """Begin to ask for "values" or "identity". `on_said` gets the record, or why the link is of no more
        use, in the radio's thread. Raises WireError when the radio was stopped."""
        work = self._answer(key, timeout_s, on_said)
        try:
            asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise self._place.error("ble-stopped") from None

    async def leave(self, timeout_s: float) -> None:
        """End the link and give the device back to the air."""
        await super().leave(timeout_s)
        self._on_end(self)

    async def _answer(self, key: str, timeout_s: float, on_said: OnSaid) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                on_said(await self._record(key))
        except asyncio.CancelledError:
            on_said(self._place.error("ble-stopped"))
            raise
        except Exception as error:
            log.info("%s: %r", self.address, error)
            on_said(self._broken(error))

    async def _record(self, key: str) -> bytes:
        make = self._make
        if not self.is_connected:  # the library would connect again, past the rules of the radio
            raise self._place.error("ble-lost")
        try:
            if key == "identity":
                return other_makes.record(make, key, {**make.INFO, **await make.device_info()})
            return other_makes.record(make, key, await make.async_update(raw=True))
        except Exception as error:
            if not self.is_connected or (key != "identity" and _is_of_the_wire(error)):
                raise
            text = f"{type(error).__name__}: {error}".removesuffix(": ")
            return other_makes.record(make, "error", text)

    def _broken(self, error: Exception) -> WireError:
        if not self.is_connected:
            return self._place.error("ble-lost")
        if isinstance(error, TimeoutError):
            return self._place.error("ble-silent")
        return _wire_error(error, self._place)


class OtherConnector(Connector):
    """Connects as its model does, and lets the library make the link."""

    def __init__(self, model: Connector, secret: str) -> None:
        super().__init__(model._times, model._bluez, model.links)
        self._secret = secret

    async def _link(self, device: "BLEDevice", wish: Wish, place: Place, air: Air) -> OtherLink:
        heard = air.heard.get(place.address)
        make = other_makes.make_of(device, heard.seen if heard else None, self._secret)
        if make is None:
            raise place.error("ble-make-unknown", name=device.name or place.address)
        path = path_of(device)
        if wish.passkey is not None and self._bluez is not None and path:
            await self._pair(path, wish.passkey, place)
        try:
            await self._enter(make, place)
        except BaseException:
            await drop(cast("Any", _Client(make, place.address)), self._times.disconnect_s)
            raise
        link = OtherLink(make, place, device.name or "", path, lambda link: self._forget_link(link, air))
        self.links[place.address] = link
        air.link_made(place.address)
        log.info("%s is a battery of the make %s", place.address, other_makes.name_of(make))
        return link

    async def _enter(self, make: Make, place: Place) -> None:
        """Connect and let the make begin its conversation. The library's own limit is a minute and a half."""
        limit = asyncio.timeout(place.timeout_s + self._times.slack_s)
        try:
            async with limit:
                await make.__aenter__()
        except PermissionError as error:  # the library's word for a wrong secret
            raise place.error("ble-wrong-secret") from error
        except TimeoutError as error:
            if limit.expired():
                raise
            raise place.error("ble-silent") from error  # connected, and then it said nothing
        except Exception as error:
            raise _wire_error(error, place) from error

    def _forget_link(self, link: OtherLink, air: Air) -> None:
        if self.links.get(link.address) is link:
            del self.links[link.address]
            air.link_ended(link.address)


async def connect(station: "Station", wish: Wish, secret: str) -> OtherLink:
    """Find and connect, as `Station.connect` does with boards of ours. Raises WireError."""
    other = copy(station)  # the same adapters, airs, links and tasks; only the links are made differently
    other._connector = OtherConnector(station._connector, secret)
    link = await other.connect(wish)
    assert isinstance(link, OtherLink)
    return link


def _is_of_the_wire(error: Exception) -> bool:
    """True for what Bluetooth raises; everything else is about what the battery said."""
    from bleak.exc import BleakError

    if isinstance(error, TimeoutError):
        return False
    return isinstance(error, BleakError | EOFError | OSError)


def _wire_error(error: Exception, place: Place) -> WireError:
    """The library repeats failed connects and wraps the last failure: what is behind it counts."""
    name, behind = type(error).__name__, error.__cause__
    if name == "BleakCharacteristicNotFoundError" or type(error) is ConnectionError:
        return place.error("ble-services-missing")
    return WireError(cause_of(behind if isinstance(behind, Exception) else error, place))
