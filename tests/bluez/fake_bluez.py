"""The service `org.bluez` as bleak sees it, on a private bus, in a thread of its own.

A raw message handler and not dbus-fast's service classes: it needs the sender of each call, the order of
signals, late replies and none at all. The texts and orders are those of BlueZ 5.66 and 5.82.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.bluez.pack import FakePack
from tests.fakes import PATIENCE_S
from tui.transports.ble_kinds import uuid_of

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
AGENTS, AGENT = "org.bluez.AgentManager1", "org.bluez.Agent1"
PROPERTIES, OBJECTS = "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager"
ERROR = "org.bluez.Error."

Props = dict[str, Variant]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that somebody made. `ended_s` comes when the reply is sent."""

    at_s: float
    sender: str
    path: str
    member: str
    body: tuple[Any, ...]


@dataclass(slots=True)
class Rule:
    """The next `times` calls of `member` go wrong: an error, no reply at all, or one behind a gate."""

    member: str
    error: str = ""  # "InProgress"
    text: str = ""
    hang: bool = False
    gate: threading.Event | None = None  # obeyed when that is set
    times: int = 1
    address: str = ""
    flash: bool = False  # a short link before the error, as with interference


@dataclass(slots=True)
class Pace:
    """How long things take, in seconds. Fast here; the real values are 0.1, 2 and 40."""

    advertise_s: float = 0.01
    connect_s: float = 0.005
    resolve_s: float = 0.005
    disconnect_s: float = 0.005
    abort_s: float = 0.2


@dataclass(eq=False)
class Peer:
    """A peripheral and what BlueZ knows of it."""

    pack: FakePack
    adapter: str
    connected: bool = False
    pending: asyncio.Task[None] | None = None
    subscribers: list[str] = field(default_factory=list)
    sent: int = 0

    @property
    def path(self) -> str:
        return f"{self.adapter}/dev_{self.pack.address.replace(':', '_')}"


class FakeBluez:
    """Use as a context manager on a private bus. Everything public may be called from any thread."""

    def __init__(self, *, adapters: Iterable[str] = ("hci0",), pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.calls: list[Call] = []
        self.overlaps: list[str] = []  # rules of the radio that were broken
        self.rules: list[Rule] = []
        self.objects: dict[str, dict[str, Props]] = {}
        self.peers: dict[str, Peer] = {}
        self.scanners: dict[str, set[str]] = {}  # adapter path to senders
        self.radio_silent = False  # the adapter hears nobody
        self.max_links = 100
        self._adapters = tuple(adapters)
        self._agents: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake bluez", daemon=True)
        self._bus: MessageBus | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> "FakeBluez":
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)

    # from the tests

    def add(self, pack: FakePack, adapter: str = "hci0") -> FakePack:
        """A peripheral comes near that adapter."""
        self.do(lambda: self.peers.__setitem__(pack.address, Peer(pack, f"/org/bluez/{adapter}")))
        return pack

    def fade(self, address: str, rssi: int) -> None:
        """It advertises a last time, with that strength, and goes out of range: who has heard that hears no
        older one any more, for signals keep their order."""

        def act() -> None:
            peer = self.peers[address]
            peer.pack.rssi, peer.pack.in_range = rssi, False
            self._changed(peer.path, DEVICE, {"RSSI": Variant("n", rssi)})

        self.do(act)

    def cut(self, address: str) -> None:
        """The link is lost."""
        self.do(lambda: self._link_lost(self.peers[address]))

    def power(self, on: bool, adapter: str = "hci0") -> None:
        """Somebody switches the adapter."""
        self.do(lambda: self._power(f"/org/bluez/{adapter}", on))

    def unplug(self, adapter: str = "hci0") -> None:
        """The adapter is pulled out."""
        self.do(lambda: self._unplug(f"/org/bluez/{adapter}"))

    def plug(self, adapter: str = "hci0") -> None:
        """It is put in again."""
        self.do(lambda: self._add_adapter(f"/org/bluez/{adapter}"))

    def notify(self, address: str, data: bytes) -> None:
        """The battery speaks without being asked."""
        self.do(lambda: self._notify(self.peers[address], [data]))

    def connect_behind(self, address: str) -> None:
        """A link that another process left behind."""

        async def act() -> None:
            peer = self.peers[address]
            self._show(peer)
            await self._linked(peer)
            await self._resolve(peer)

        self.run(act())

    def is_connected(self, address: str) -> bool:
        """True when BlueZ has a link to it."""
        return self.peers[address].connected

    def linked(self) -> list[str]:
        """The addresses of all links."""
        return [address for address, peer in self.peers.items() if peer.connected]

    def count(self, member: str, address: str = "") -> int:
        """How often that was called."""
        part = address.replace(":", "_")
        return sum(1 for call in list(self.calls) if call.member == member and part in call.path)

    def crash(self) -> None:
        """bluetoothd dies without a word: the name goes, no signal comes."""

        async def act() -> None:
            assert self._bus is not None
            await self._bus.release_name("org.bluez")

        self.run(act())

    def restart(self) -> None:
        """bluetoothd comes back and knows only its adapters."""

        async def act() -> None:
            assert self._bus is not None
            for path in [path for path in self.objects if "/dev_" in path]:
                del self.objects[path]
            for peer in self.peers.values():
                peer.connected, peer.subscribers = False, []
            self.scanners = {path: set() for path in self.scanners}
            await self._bus.request_name("org.bluez")

        self.run(act())

    def do(self, act: Callable[[], object]) -> None:
        """Run that in the thread of the service and wait for it."""

        async def call() -> None:
            act()

        self.run(call())

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """The same for something that takes time."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    # the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        if self._bus is not None:
            self._bus.disconnect()
            self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _open(self) -> None:
        import os

        from tests.bluez.bus import VARIABLE  # read late: a test may move the bus

        self.objects["/org/bluez"] = {AGENTS: {}}
        for name in self._adapters:
            self._add_adapter(f"/org/bluez/{name}")
        self._bus = await MessageBus(bus_address=os.environ[VARIABLE]).connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"],
            )
        )
        await self._bus.request_name("org.bluez")
        self._later(self._advertise())

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # what is sent

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if self._bus is not None:
            self._later(self._send(Message.new_signal(path, interface, member, signature, body)))

    async def _send(self, message: Message) -> None:
        assert self._bus is not None
        await self._bus.send(message)

    def _reply(self, message: Message, signature: str = "", body: list[Any] | None = None) -> None:
        self._later(self._send(Message.new_method_return(message, signature, body or [])))

    def _refuse(self, message: Message, name: str, text: str) -> None:
        full = name if "." in name else ERROR + name
        self._later(self._send(Message.new_error(message, full, text)))

    def _changed(self, path: str, interface: str, changed: Props, gone: Iterable[str] = ()) -> None:
        if path not in self.objects:
            return
        self.objects[path][interface].update(changed)
        for name in gone:
            self.objects[path][interface].pop(name, None)
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, changed, list(gone)])

    def _appear(self, path: str, interface: str, props: Props) -> None:
        self.objects[path] = {interface: props}
        self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, {interface: props}])

    def _vanish(self, path: str) -> None:
        for child in sorted((p for p in self.objects if p.startswith(path)), reverse=True):
            self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [child, list(self.objects.pop(child))])

    # adapters and scanning

    def _add_adapter(self, path: str) -> None:
        number = int(path[-1])
        self.scanners[path] = set()
        self._appear(
            path,
            ADAPTER,
            {
                "Address": Variant("s", f"00:11:22:33:44:{number:02X}"),
                "AddressType": Variant("s", "public"),
                "Name": Variant("s", "fake"),
                "Alias": Variant("s", "fake"),
                "Powered": Variant("b", True),
                "Discovering": Variant("b", False),
                "Roles": Variant("as", ["central", "peripheral"]),
            },
        )

    def _power(self, path: str, on: bool) -> None:
        if on:
            self.radio_silent = False
        else:
            self.scanners[path].clear()
            for peer in self._peers_of(path):
                if peer.connected:
                    self._link_lost(peer)
                elif peer.path in self.objects:
                    self._vanish(peer.path)
        changed = {"Powered": Variant("b", on)} | ({} if on else {"Discovering": Variant("b", False)})
        self._changed(path, ADAPTER, changed)

    def _unplug(self, path: str) -> None:
        self._power(path, False)
        self._vanish(path)

    def _peers_of(self, path: str) -> list[Peer]:
        return [peer for peer in self.peers.values() if peer.adapter == path]

    async def _advertise(self) -> None:
        while True:
            await asyncio.sleep(self.pace.advertise_s)
            for peer in list(self.peers.values()):
                pack = peer.pack
                heard = self.scanners.get(peer.adapter) and not self.radio_silent
                if heard and pack.in_range and pack.advertises and not peer.connected:
                    if peer.path in self.objects:
                        self._changed(peer.path, DEVICE, {"RSSI": Variant("n", pack.rssi)})
                    else:
                        self._show(peer)

    def _show(self, peer: Peer) -> None:
        pack = peer.pack
        if peer.path in self.objects:
            return
        props: Props = {
            "Address": Variant("s", pack.address),
            "AddressType": Variant("s", "public"),
            "Alias": Variant("s", pack.name or pack.address.replace(":", "-")),
            "Adapter": Variant("o", peer.adapter),
            "Connected": Variant("b", False),
            "Paired": Variant("b", pack.paired),
            "Bonded": Variant("b", pack.paired),
            "Trusted": Variant("b", False),
            "Blocked": Variant("b", False),
            "ServicesResolved": Variant("b", False),
            "UUIDs": Variant("as", [uuid_of(short) for short in pack.announced]),
            "RSSI": Variant("n", pack.rssi),
        }
        if pack.name:
            props["Name"] = Variant("s", pack.name)
        if pack.makers:
            props["ManufacturerData"] = Variant(
                "a{qv}", {number: Variant("ay", data) for number, data in pack.makers.items()}
            )
        self._appear(peer.path, DEVICE, props)

    def _scan_ends(self, path: str, sender: str) -> None:
        self.scanners[path].discard(sender)
        if self.scanners[path] or path not in self.objects:
            return
        for peer in self._peers_of(path):
            if peer.path in self.objects:
                self._changed(peer.path, DEVICE, {}, ["RSSI"])
        self._changed(path, ADAPTER, {"Discovering": Variant("b", False)})

    # links

    async def _linked(self, peer: Peer) -> None:
        pack = peer.pack
        peer.connected, peer.sent = True, 0
        pack.begin()
        self._changed(peer.path, DEVICE, {"Connected": Variant("b", True)})
        if not pack.unresolved:
            self._later(self._resolve(peer))

    async def _resolve(self, peer: Peer) -> None:
        await asyncio.sleep(self.pace.resolve_s)
        if not peer.connected or peer.path not in self.objects:
            return
        resolved: Props = {
            "UUIDs": Variant("as", [uuid_of(short) for short, _ in peer.pack.layout]),
            "ServicesResolved": Variant("b", True),
        }
        if peer.pack.late_objects:
            peer.pack.late_objects = False
            self._changed(peer.path, DEVICE, resolved)
            return
        self._show_services(peer)
        self._changed(peer.path, DEVICE, resolved)

    def _show_services(self, peer: Peer) -> None:
        handle = 0x0A
        for short, characteristics in peer.pack.layout:
            service = f"{peer.path}/service{handle:04x}"
            if service in self.objects:
                return  # after the first link the objects stay
            self._appear(
                service,
                SERVICE,
                {
                    "UUID": Variant("s", uuid_of(short)),
                    "Device": Variant("o", peer.path),
                    "Primary": Variant("b", True),
                    "Includes": Variant("ao", []),
                },
            )
            for number, flags in characteristics:
                handle += 1
                self._appear(
                    f"{service}/char{handle:04x}",
                    CHARACTERISTIC,
                    {
                        "UUID": Variant("s", uuid_of(number)),
                        "Service": Variant("o", service),
                        "Flags": Variant("as", list(flags)),
                        "Value": Variant("ay", b""),
                        "Notifying": Variant("b", False),
                        "MTU": Variant("q", 23),
                    },
                )
            handle += 3

    def _link_lost(self, peer: Peer) -> None:
        if not peer.connected:
            return
        peer.connected, peer.subscribers = False, []
        self._changed(
            peer.path, DEVICE, {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)}
        )

    def _notify(self, peer: Peer, pieces: list[bytes]) -> None:
        path = self._characteristic(peer, peer.pack.source)
        for piece in pieces:
            for _ in peer.subscribers:  # BlueZ sends one signal per subscriber, and everybody hears all
                self._changed(path, CHARACTERISTIC, {"Value": Variant("ay", piece)})
            peer.sent += 1
            if peer.pack.cut_after is not None and peer.sent >= peer.pack.cut_after:
                self._link_lost(peer)
                return

    def _characteristic(self, peer: Peer, short: str) -> str:
        wanted = uuid_of(short)
        for path, interfaces in self.objects.items():
            props = interfaces.get(CHARACTERISTIC)
            if path.startswith(peer.path + "/") and props and props["UUID"].value == wanted:
                return path
        return ""

    # what is asked

    def _handle(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._left(name)
            return False
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        call = Call(
            time.monotonic(),
            message.sender or "",
            message.path or "",
            message.member or "",
            tuple(message.body),
        )
        self.calls.append(call)
        self._later(self._obey(message))
        return True

    def _left(self, sender: str) -> None:
        """A client is gone: its sessions end, its links stay."""
        for path, senders in self.scanners.items():
            if sender in senders:
                self._scan_ends(path, sender)
        for peer in self.peers.values():
            if sender in peer.subscribers:
                peer.subscribers.remove(sender)
        self._agents.pop(sender, None)

    async def _obey(self, message: Message) -> None:
        rule = self._rule_for(message)
        if rule is not None:
            if rule.hang:
                return
            while rule.gate is not None and not rule.gate.is_set():
                await asyncio.sleep(0.005)
            if rule.flash and (peer := self._peer_at(message.path or "")):
                await self._linked(peer)
                self._link_lost(peer)
            if rule.error:
                self._refuse(message, rule.error, rule.text)
                return
        act = getattr(self, f"_do_{message.member}", None)
        if message.path != "/" and message.path not in self.objects:
            name = "org.freedesktop.DBus.Error.UnknownObject"
            self._refuse(message, name, f"Method {message.member!r} on an object that is not there")
        elif act is None:
            self._refuse(message, "org.freedesktop.DBus.Error.UnknownMethod", str(message.member))
        else:
            await act(message)

    def _rule_for(self, message: Message) -> Rule | None:
        for rule in self.rules:
            here = rule.address.replace(":", "_") in (message.path or "")
            if rule.member == message.member and rule.times > 0 and here:
                rule.times -= 1
                return rule
        return None

    def _peer_at(self, path: str) -> Peer | None:
        return next((p for p in self.peers.values() if path == p.path or path.startswith(p.path + "/")), None)

    async def _do_GetManagedObjects(self, message: Message) -> None:  # noqa: N802
        self._reply(message, "a{oa{sa{sv}}}", [self.objects])

    async def _do_Get(self, message: Message) -> None:  # noqa: N802
        self._reply(message, "v", [self.objects[message.path or ""][message.body[0]][message.body[1]]])

    async def _do_GetAll(self, message: Message) -> None:  # noqa: N802
        self._reply(message, "a{sv}", [self.objects[message.path or ""][message.body[0]]])

    async def _do_Set(self, message: Message) -> None:  # noqa: N802
        path, (interface, name, value) = message.path or "", message.body
        if name == "Powered":
            self._power(path, value.value)
        else:
            self._changed(path, interface, {name: value})
        self._reply(message)

    async def _do_SetDiscoveryFilter(self, message: Message) -> None:  # noqa: N802
        self._reply(message)

    async def _do_StartDiscovery(self, message: Message) -> None:  # noqa: N802
        path, sender = message.path or "", message.sender or ""
        if not self.objects[path][ADAPTER]["Powered"].value:
            self._refuse(message, "NotReady", "Resource Not Ready")
        elif sender in self.scanners[path]:
            self._refuse(message, "InProgress", "Operation already in progress")
        else:
            if any(peer.pending for peer in self._peers_of(path)):
                self.overlaps.append("scan began while a connect was pending")
            self.scanners[path].add(sender)
            self._changed(path, ADAPTER, {"Discovering": Variant("b", True)})
            self._reply(message)

    async def _do_StopDiscovery(self, message: Message) -> None:  # noqa: N802
        path, sender = message.path or "", message.sender or ""
        if not self.objects[path][ADAPTER]["Powered"].value:
            self._refuse(message, "NotReady", "Resource Not Ready")
        elif sender not in self.scanners[path]:
            self._refuse(message, "Failed", "No discovery started")
        else:
            self._scan_ends(path, sender)
            self._reply(message)

    async def _do_RemoveDevice(self, message: Message) -> None:  # noqa: N802
        peer = self._peer_at(message.body[0])
        if peer is None or peer.path not in self.objects:
            self._refuse(message, "DoesNotExist", "Does Not Exist")
            return
        self._link_lost(peer)
        self._vanish(peer.path)
        self._reply(message)

    async def _do_Connect(self, message: Message) -> None:  # noqa: N802
        peer = self._peer_at(message.path or "")
        assert peer is not None
        if peer.connected:
            self._reply(message)
        elif peer.pending is not None:
            self._refuse(message, "InProgress", "In Progress")
        elif len(self.linked()) >= self.max_links:
            self._vanish(peer.path)
            self._refuse(message, "Failed", "le-connection-abort-by-local")
        else:
            if any(other.pending for other in self._peers_of(peer.adapter)):
                self.overlaps.append("two connects at once")
            if self.scanners[peer.adapter]:
                self.overlaps.append("connect while scanning")
            peer.pending = asyncio.current_task()
            try:
                await self._connect(peer, message)
            except asyncio.CancelledError:
                self._refuse(message, "Failed", "br-connection-canceled")
            finally:
                peer.pending = None

    async def _connect(self, peer: Peer, message: Message) -> None:
        if not self.objects[peer.adapter][ADAPTER]["Powered"].value:
            self._refuse(message, "Failed", "Input/output error")
            return
        await asyncio.sleep(self.pace.connect_s)
        if not peer.pack.in_range:
            await asyncio.sleep(self.pace.abort_s)
            self._refuse(message, "Failed", "le-connection-abort-by-local")
            return
        await self._linked(peer)
        self._reply(message)

    async def _do_Disconnect(self, message: Message) -> None:  # noqa: N802
        peer = self._peer_at(message.path or "")
        assert peer is not None
        if peer.pending is not None:
            peer.pending.cancel()
            await asyncio.sleep(0)
        if not peer.connected:
            self._reply(message)
            return
        await asyncio.sleep(self.pace.disconnect_s)
        self._changed(peer.path, DEVICE, {"ServicesResolved": Variant("b", False)})
        peer.connected, peer.subscribers = False, []
        self._reply(message)
        self._changed(peer.path, DEVICE, {"Connected": Variant("b", False)})

    # characteristics

    async def _do_StartNotify(self, message: Message) -> None:  # noqa: N802
        path, peer = message.path or "", self._peer_at(message.path or "")
        assert peer is not None
        if not peer.connected:
            self._refuse(message, "Failed", "Not connected")
        elif "notify" not in self.objects[path][CHARACTERISTIC]["Flags"].value:
            self._refuse(message, "NotSupported", "Operation is not supported")
        elif peer.pack.wants_pairing and not peer.pack.paired:
            self._refuse(message, "Failed", "Operation failed with ATT error: 0x05")
        else:
            if message.sender not in peer.subscribers:
                peer.subscribers.append(message.sender or "")
            self._changed(path, CHARACTERISTIC, {"Notifying": Variant("b", True)})
            self._reply(message)

    async def _do_StopNotify(self, message: Message) -> None:  # noqa: N802
        peer = self._peer_at(message.path or "")
        assert peer is not None
        if message.sender not in peer.subscribers:
            self._refuse(message, "Failed", "No notify session started")
            return
        peer.subscribers.remove(message.sender or "")
        if not peer.subscribers:
            self._changed(message.path or "", CHARACTERISTIC, {"Notifying": Variant("b", False)})
        self._reply(message)

    async def _do_WriteValue(self, message: Message) -> None:  # noqa: N802
        peer = self._peer_at(message.path or "")
        assert peer is not None
        if not peer.connected:
            self._refuse(message, "Failed", "Not connected")
            return
        self._reply(message)
        self._notify(peer, peer.pack.write(bytes(message.body[0]), time.monotonic()))

    # pairing

    async def _do_RegisterAgent(self, message: Message) -> None:  # noqa: N802
        self._agents[message.sender or ""] = message.body[0]
        self._reply(message)

    async def _do_UnregisterAgent(self, message: Message) -> None:  # noqa: N802
        self._agents.pop(message.sender or "", None)
        self._reply(message)

    async def _do_Pair(self, message: Message) -> None:  # noqa: N802
        peer, sender = self._peer_at(message.path or ""), message.sender or ""
        assert peer is not None and self._bus is not None
        if peer.pack.paired:
            self._refuse(message, "AlreadyExists", "Already Exists")
            return
        if not peer.connected:
            await self._linked(peer)
        key = None
        if sender in self._agents:
            answer = await self._bus.call(
                Message(
                    destination=sender,
                    path=self._agents[sender],
                    interface=AGENT,
                    member="RequestPasskey",
                    signature="o",
                    body=[peer.path],
                )
            )
            if answer is not None and answer.message_type is MessageType.METHOD_RETURN:
                key = answer.body[0]
        if key is None or key != peer.pack.passkey:
            self._link_lost(peer)
            self._refuse(message, "AuthenticationFailed", "Authentication Failed")
            return
        peer.pack.paired = True
        self._changed(peer.path, DEVICE, {"Paired": Variant("b", True), "Bonded": Variant("b", True)})
        self._reply(message)
