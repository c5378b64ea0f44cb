"""One connected device: what a link's own thread may do with it while Bluetooth lives in another."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tui.transports.ble_causes import Place, cause_of
from tui.transports.ble_kinds import short_of, uuid_of
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

log = logging.getLogger(__name__)

UNSUBSCRIBE_S = 0.7
EVERYBODYS = {"1800", "1801"}  # Generic Access and Generic Attribute: they say nothing about a device

T = TypeVar("T")
OnData = Callable[[bytes], None]
OnLost = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One characteristic. `handle` identifies it, because a device may have a number twice."""

    service: str  # short or long form, as in `GattLink.services`
    uuid: str
    handle: int
    properties: tuple[str, ...]


class GattLink:
    """A connected device. Methods block and may be called from any thread except the radio's.

    `on_data` gets every notification and `on_lost` the end of the link that nobody asked for; both are called
    in the radio's thread and must return at once. After the end a link is never used again.
    """

    def __init__(self, client: "BleakClient", place: Place, name: str, path: str, on_data: OnData) -> None:
        self.was_asked_to_end = False
        self._on_data, self._loop = on_data, asyncio.get_running_loop()
        self.address, self.adapter, self.name = place.address, place.adapter, name
        self.path = path  # of the device in BlueZ; empty elsewhere
        self.characteristics = tuple(_characteristics(client))
        self.services = tuple(short_of(service.uuid) for service in client.services)
        self._client, self._place = client, place
        self._notified: list[int] = []

    @property
    def is_connected(self) -> bool:
        """What the library believes. A dead daemon says nothing: only missing data shows that."""
        return self._client.is_connected

    def find(self, service: str, number: str) -> Characteristic | None:
        """The characteristic of that number in that service (short forms)."""
        wanted = uuid_of(number)
        return next((c for c in self.characteristics if c.service == service and c.uuid == wanted), None)

    def notify(self, characteristic: Characteristic, timeout_s: float) -> None:
        """Subscribe: from now on `on_data` gets what it sends. Raises WireError."""

        async def act() -> None:
            await self._client.start_notify(characteristic.handle, lambda _, data: self._on_data(bytes(data)))
            self._notified.append(characteristic.handle)

        self._do(act(), timeout_s)

    def write(self, characteristic: Characteristic, data: bytes, response: bool, timeout_s: float) -> None:
        """Write one piece, at most as long as the link carries. Raises WireError."""

        async def act() -> None:
            await self._client.write_gatt_char(characteristic.handle, data, response=response)

        self._do(act(), timeout_s)

    def disconnect(self, timeout_s: float) -> None:
        """Unsubscribe and end the link. Never raises; waits about that long at most."""
        self.begin_disconnect(timeout_s)()

    def begin_disconnect(self, timeout_s: float) -> Callable[[], None]:
        """The same without waiting; the function that is returned waits."""
        leaving = self.leave(timeout_s)
        try:
            future = asyncio.run_coroutine_threadsafe(leaving, self._loop)
        except RuntimeError:  # the radio was stopped, and with it this link ended
            leaving.close()
            return lambda: None

        def wait() -> None:
            with contextlib.suppress(CancelledError, asyncio.CancelledError, TimeoutError):
                future.result(timeout_s + UNSUBSCRIBE_S + 1.0)

        return wait

    async def leave(self, timeout_s: float) -> None:
        """The same, for the radio's own loop."""
        self.was_asked_to_end = True
        await _unsubscribe(self._client, self._notified)
        await drop(self._client, timeout_s)

    def _do(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Run it in the radio's loop. Without the limit bleak would repeat a refused write for ever."""

        async def bounded() -> T:
            try:
                async with asyncio.timeout(timeout_s):
                    return await work
            except TimeoutError as error:
                raise self._place.error("ble-no-answer") from error
            except Exception as error:
                if not self._client.is_connected:  # bleak's words after a loss mean something else
                    raise self._place.error("ble-lost") from error
                raise WireError(cause_of(error, self._place)) from error

        work_here = bounded()
        try:
            return asyncio.run_coroutine_threadsafe(work_here, self._loop).result()
        except (CancelledError, asyncio.CancelledError, RuntimeError):  # the radio was stopped meanwhile
            work_here.close()
            work.close()
            raise self._place.error("ble-stopped") from None


async def drop(client: "BleakClient", timeout_s: float) -> None:
    """End a link and give back everything it holds; never raises. Also needed after a lost link: the
    connection to the message bus stays open until then."""
    try:
        async with asyncio.timeout(timeout_s):
            await client.disconnect()
    except Exception as error:
        log.info("disconnect of %s: %r", client.address, error)


async def _unsubscribe(client: "BleakClient", handles: list[int]) -> None:
    while handles and client.is_connected:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(UNSUBSCRIBE_S):
                await client.stop_notify(handles.pop())


def _characteristics(client: "BleakClient") -> list[Characteristic]:
    def of(characteristic: "BleakGATTCharacteristic", service: str) -> Characteristic:
        return Characteristic(
            service, characteristic.uuid, characteristic.handle, tuple(characteristic.properties)
        )

    return [of(c, short_of(service.uuid)) for service in client.services for c in service.characteristics]


def services_said(services: Iterable[str]) -> str:
    """Services with the names the Bluetooth SIG gave them: "180d Heart Rate". "--" when there are none."""
    from bleak.uuids import uuidstr_to_str

    said = []
    for service in sorted(set(services) - EVERYBODYS):
        name = uuidstr_to_str(service)
        said.append(service if name == "Unknown" else f"{service} {name}")
    return ", ".join(said) or "--"
