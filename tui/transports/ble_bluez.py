"""BlueZ itself, over the system bus: what bleak does not offer. Linux only; runs in the radio's loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.transports.ble_causes import dbus_name
from tui.transports.ble_times import BleTimes, within

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

BLUEZ = "org.bluez"
ADAPTER, DEVICE, AGENT = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.Agent1"
AGENTS = "org.bluez.AgentManager1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
AGENT_PATH = "/packdeck/agent"
PAIR_S = 30.0
_RULES = (
    f"type='signal',interface='{PROPERTIES}',member='PropertiesChanged',arg0='{ADAPTER}'",
    f"type='signal',sender='{BLUEZ}',interface='{OBJECTS}'",
    f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{BLUEZ}'",
)


class BusError(Exception):
    """BlueZ or the bus refused. `dbus_error` is the name of the error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.dbus_error = name


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter as BlueZ tells it."""

    name: str  # "hci0"
    address: str
    powered: bool


class Bluez:
    """A connection of our own: bleak keeps its manager to itself, an agent belongs where Pair is called."""

    def __init__(
        self,
        times: BleTimes,
        changed: Callable[[], None],
        went_off: Callable[[str], None],
        died: Callable[[], None],
    ) -> None:
        self._times, self._changed, self._went_off, self._died = times, changed, went_off, died
        self._bus: MessageBus | None = None
        self._opening = asyncio.Lock()
        self._passkey: int | None = None

    async def adapters(self) -> list[Adapter]:
        """All adapters, in the order of their names. Raises what the bus raises."""
        reply = await self._call("/", OBJECTS, "GetManagedObjects")
        found = []
        for path, interfaces in reply.body[0].items():
            if props := interfaces.get(ADAPTER):
                powered = bool(props["Powered"].value)
                found.append(Adapter(path.rsplit("/", 1)[-1], props["Address"].value, powered))
        return sorted(found, key=lambda adapter: (len(adapter.name), adapter.name))

    async def power(self, adapter: str, on: bool) -> None:
        """Switch an adapter on or off."""
        from dbus_fast import Variant

        path = f"/org/bluez/{adapter}"
        await self._call(path, PROPERTIES, "Set", "ssv", [ADAPTER, "Powered", Variant("b", on)])

    async def disconnect(self, path: str) -> None:
        """End a link or a pending attempt, whoever began it. Quiet when there is none."""
        await self._quietly(path, DEVICE, "Disconnect")

    async def forget(self, path: str) -> None:
        """Remove the device with everything BlueZ remembers of it. Quiet when it is not there."""
        await self._quietly(path.rsplit("/", 1)[0], ADAPTER, "RemoveDevice", "o", [path])

    async def pair(self, path: str, passkey: int) -> None:
        """Pair with a passkey of six digits. Raises BusError; the passkey is not kept."""
        from dbus_fast import Variant

        self._passkey = passkey
        try:
            await self._call("/org/bluez", AGENTS, "RegisterAgent", "os", [AGENT_PATH, "KeyboardOnly"])
            await self._call(path, PROPERTIES, "Set", "ssv", [DEVICE, "Trusted", Variant("b", True)])
            await self._call(path, DEVICE, "Pair", timeout_s=PAIR_S)
        finally:
            self._passkey = None
            await self._quietly("/org/bluez", AGENTS, "UnregisterAgent", "o", [AGENT_PATH])

    async def close(self) -> None:
        """Leave the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            left: Coroutine[Any, Any, None] = bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
            with contextlib.suppress(Exception):  # it repeats what ended the connection
                await within(self._times.call_s, left)

    async def _open(self) -> "MessageBus":
        from dbus_fast import BusType
        from dbus_fast.aio import MessageBus

        async with self._opening:
            if self._bus is not None and self._bus.connected:
                return self._bus
            await self.close()
            bus = MessageBus(bus_type=BusType.SYSTEM)
            try:
                await within(self._times.call_s, bus.connect())
            except BaseException:
                bus.disconnect()  # its socket is open even when it never connected
                raise
            bus.add_message_handler(self._heard)
            self._bus = bus
            for rule in _RULES:
                await self._call_on(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", "AddMatch", "s", [rule])  # fmt: skip
            return bus

    async def _call(
        self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None,
        timeout_s: float = 0.0,
    ) -> "Message":  # fmt: skip
        bus = await self._open()
        return await self._call_on(bus, BLUEZ, path, interface, member, signature, body or [], timeout_s)

    async def _call_on(
        self, bus: "MessageBus", to: str, path: str, interface: str, member: str, signature: str,
        body: list[Any], timeout_s: float = 0.0,
    ) -> "Message":  # fmt: skip
        from dbus_fast import Message, MessageType

        message = Message(
            destination=to, path=path, interface=interface, member=member, signature=signature, body=body
        )
        reply = await within(timeout_s or self._times.call_s, bus.call(message))
        if reply is None or reply.message_type is MessageType.ERROR:
            name = (reply.error_name if reply else None) or "org.freedesktop.DBus.Error.NoReply"
            raise BusError(name, str(reply.body[0]) if reply and reply.body else "")
        return reply

    async def _quietly(self, path: str, interface: str, member: str, signature: str = "",
                       body: list[Any] | None = None) -> None:  # fmt: skip
        try:
            await self._call(path, interface, member, signature, body)
        except Exception as error:  # nothing to end, or nobody to tell: the next step will show
            log.info("%s %s: %s", member, path, dbus_name(error) or repr(error))

    def _heard(self, message: "Message") -> "Message | bool":
        """Signals of adapters, and the questions BlueZ asks while it pairs."""
        from dbus_fast import Message, MessageType

        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged" and not message.body[2]:
                self._died()
            elif _is_about_adapters(message):
                if _is_off(message):
                    self._went_off((message.path or "").rsplit("/", 1)[-1])
                self._changed()
            return False
        if message.message_type is not MessageType.METHOD_CALL or message.interface != AGENT:
            return False
        if message.member == "RequestPasskey" and self._passkey is not None:
            return Message.new_method_return(message, "u", [self._passkey])
        if message.member in ("Release", "Cancel", "RequestAuthorization", "AuthorizeService"):
            return Message.new_method_return(message)
        return Message.new_error(message, "org.bluez.Error.Rejected", "not asked for")


def _is_about_adapters(message: "Message") -> bool:
    if message.member == "InterfacesAdded":
        return ADAPTER in message.body[1]
    if message.member == "InterfacesRemoved":
        return ADAPTER in message.body[1]
    if message.member == "PropertiesChanged":
        return "Powered" in message.body[1]
    return message.member == "NameOwnerChanged"


def _is_off(message: "Message") -> bool:
    """Told by itself: an adapter that is off for a moment is on again when somebody looks."""
    return message.member == "PropertiesChanged" and message.body[1]["Powered"].value is False
