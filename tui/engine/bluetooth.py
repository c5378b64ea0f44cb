"""The radio, who is ours on it, and what screens may do with that."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.engine.pairing import Happened, News, Pairings, PairingStore, PresenceRules
from tui.model.device import Device, DeviceKind, Radio, RadioState, is_address, spelled
from tui.model.events import Event, Noticed, RadioLooked
from tui.model.link import Cause
from tui.model.requests import (
    Answer,
    Lend,
    Pair,
    Probe,
    ReconnectDevice,
    Request,
    ResetAdapter,
    Scan,
    Unpair,
)
from tui.model.settings import RadioSettings
from tui.model.track import Setup
from tui.transports.transport import HeldError, Transport, WireError

if TYPE_CHECKING:
    from tui.store.database import Database
    from tui.transports.ble_air import Seen
    from tui.transports.radio import RadioLoop

log = logging.getLogger(__name__)

TURN_S = 0.5
TELL_S = 1.0  # a busy street has a hundred advertisements a second
RESET_S = 10.0
NOTES = {
    Happened.RETURNED: "device-returned",
    Happened.TAP: "device-tap",
    Happened.LEND_OVER: "device-lend-over",
    Happened.PRESENCE_BEGAN: "presence-began",
    Happened.PRESENCE_ENDED: "presence-ended",
}
REQUESTS = (Scan, Pair, Unpair, ReconnectDevice, Lend, Probe, ResetAdapter)


@dataclass(frozen=True, slots=True)
class _Sight:
    """One advertisement as the pairings want it."""

    address: str
    name: str
    rssi: int | None
    services: tuple[str, ...]
    at_s: float


class Bluetooth:
    """Everything about the radio in one engine. Nothing of it is loaded before a track or a person asks.

    `reconnect` tries the link of a track now. Methods may be called from any thread.
    """

    def __init__(
        self,
        publish: Callable[[Event], None],
        reconnect: Callable[[str], object],
        *,
        settings: RadioSettings | None = None,
        database: Path | None = None,
        open_radio: "Callable[[], RadioLoop] | None" = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._publish, self._reconnect = publish, reconnect
        self._database_path, self._open_radio = database, open_radio
        self._clock, self._wall = clock, wall
        self._lock = threading.RLock()  # pairings belong to one thread at a time
        self._settings = settings or RadioSettings()
        rules = PresenceRules(self._settings.presence_name, self._settings.presence_near_dbm)
        self._pairings = Pairings(self._settings.window_s, rules)
        self._stored: dict[str, bool] = {}  # who was ours before: did they require a tap?
        self._database: Database | None = None
        self._store: PairingStore | None = None
        self._radio: RadioLoop | None = None
        self._told = Radio()
        self._told_at_s = float("-inf")
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="radio", daemon=True)

    def start(self, setups: Sequence[Setup]) -> None:
        """Use the radio when a track needs it. A configured battery is ours without being paired first."""
        ours = [setup for setup in setups if setup.transport == "ble"]
        if not ours:
            return
        self._begin()
        now_s, now_ms = self._clock(), self._time_ms()
        with self._lock:
            for setup in ours:
                if setup.address.upper() not in self._stored:
                    self._pairings.pair(setup.address, now_s, now_ms, track=setup.name)
                elif not self._stored[setup.address.upper()]:
                    # A machine that was off overnight must not ask for a tap: the window begins now.
                    self._pairings.reconnect(setup.address, now_s)

    def close(self) -> None:
        """Disconnect everything, keep what is to be kept. Within 4 s."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)
        if self._radio is not None:
            self._radio.stop()
        with self._lock:
            if self._store is not None:
                self._store.save(self._pairings.paired(), is_last=True)
        if self._database is not None:
            self._database.close()

    def wire(self, setup: Setup) -> Transport:
        """The wire of a track, not yet opened."""
        self._begin()
        return _OurWire(self, setup)

    def ask(self, request: Request) -> Answer:
        """Obey what is about devices."""
        self._begin()
        with self._lock:
            answer = self._obey(request)
        if answer is None:
            answer = self._obey_slowly(request)
        self._save()
        self.tell()
        return answer

    # for the wires

    def address_of(self, setup: Setup) -> str:
        """The battery of a track: the one that was assigned here, else that of the configuration."""
        with self._lock:
            return self._pairings.address_of(setup.name) or setup.address

    def open_wire(self, setup: Setup, address: str) -> Transport:
        """A fresh wire to that device. Raises HeldError when it may not be connected now."""
        from tui.transports.ble import BleTransport

        with self._lock:
            if cause := self._pairings.may_connect(address, self._clock()):
                raise HeldError(cause, self._pairings.lent_until_s(address))
            secret = self._pairings.secret(address)
        if setup.protocol == "aiobmsble":
            from tui.transports.other_bms import OtherBmsTransport

            return OtherBmsTransport(
                self._on(),
                address,
                adapter=setup.adapter,
                timeout_s=setup.connect_timeout_s,
                secret=secret,
            )
        return BleTransport(
            self._on(),
            address,
            adapter=setup.adapter,
            timeout_s=setup.connect_timeout_s,
            secret=secret,
        )

    def connected(self, address: str, is_connected: bool, cause: Cause | None = None) -> None:
        """A link to that device was opened, or ended for that reason."""
        with self._lock:
            change = self._pairings.connected if is_connected else self._pairings.disconnected
            change(address, self._clock(), self._time_ms())
            self._pairings.note(address, "" if cause is None else cause.key.removeprefix("ble-"))
        self.tell()

    def presence(self, address: str) -> str | None:
        """What the radio says about it; nothing when it may not be connected anyway."""
        with self._lock:
            if self._pairings.may_connect(address, self._clock()) is not None:
                return None
        return self._on().presence(address)

    # what may be asked

    def _obey(self, request: Request) -> Answer | None:
        """What only changes who is ours."""
        now_s, now_ms = self._clock(), self._time_ms()
        match request:
            case Pair(address) if not is_address(address):
                return Answer(False, Cause("ble-address-wrong", (("address", address),)))
            case Pair(address, track, secret):
                self._pairings.pair(address, now_s, now_ms, track=track, secret=secret)
                self._try_now(address)
                return Answer(True)
            case Unpair(address):
                track = self._track_of(address)
                cause = self._pairings.unpair(address)
                if cause is None and track:
                    self._reconnect(track)
                return Answer(cause is None, cause)
            case ReconnectDevice(address):
                cause = self._pairings.reconnect(address, now_s)
                self._try_now(address)
                return Answer(cause is None, cause)
            case Lend(address, seconds):
                self._pairings.lend(address, seconds, now_s, now_ms)
                self._try_now(address)
                return Answer(True)
        return None

    def _obey_slowly(self, request: Request) -> Answer:
        """What waits for the radio: without the lock, so that links go on."""
        radio = self._on()
        match request:
            case Scan(seconds):
                radio.want_scan(seconds)
                return Answer(True)
            case Probe(address):
                if (device := self._device(address)) is not None and device.connected:
                    return Answer(False, Cause("ble-connected-here", (("address", address),)))
                report = radio.probe(address)
                return Answer(report.cause is None, report.cause, probe=report)
            case ResetAdapter():
                cause = radio.reset_adapter(RESET_S)
                return Answer(cause is None, cause)
        return Answer(False, Cause("request-unknown", (("request", type(request).__name__),)))

    def _try_now(self, address: str) -> None:
        if track := self._track_of(address):
            self._reconnect(track)

    def _track_of(self, address: str) -> str:
        device = self._device(address)
        return device.track if device is not None else ""

    def _device(self, address: str) -> Device | None:
        wanted = spelled(address)
        with self._lock:
            devices = self._pairings.radio_devices(self._clock())
        return next((d for d in devices if d.address == wanted), None)

    # the thread "radio"

    def _begin(self) -> None:
        with self._lock:
            if self._radio is not None or self._ending.is_set():
                return
            self._load()
            radio = self._open_radio() if self._open_radio is not None else _radio(self._settings.adapter)
            radio.listen(self._seen)
            radio.start()
            self._radio = radio
        self._thread.start()

    def _on(self) -> "RadioLoop":
        if self._radio is None:
            raise WireError(Cause("ble-stopped", (("address", ""),)))
        return self._radio

    def _load(self) -> None:
        """Who was ours before. Without a database the pairings last as long as the engine."""
        if self._database_path is None:
            return
        from tui.store.database import Database, DatabaseError

        self._database = Database.shared(self._database_path)
        self._store = PairingStore(self._database)
        try:
            stored = self._store.load()
            self._stored = {pairing.address: pairing.requires_tap for pairing in stored}
            self._pairings.load(stored, self._clock(), self._time_ms())
        except DatabaseError as error:
            log.warning("the pairings could not be read: %s", error)

    def _seen(self, sight: "Seen") -> None:
        """In the radio's thread."""
        plain = _Sight(sight.address, sight.name, sight.rssi_dbm, sight.services, sight.at_s)
        with self._lock:
            news = self._pairings.seen(plain, self._time_ms())
        self._act(news)

    def _run(self) -> None:
        while not self._ending.wait(TURN_S):
            try:
                self.turn()
            except Exception:
                log.exception("the list of devices failed")

    def turn(self) -> None:
        """Let time pass: windows, loans, and what is told."""
        with self._lock:
            news = self._pairings.time_passed(self._clock(), self._time_ms())
        self._act(news)
        self._save()
        self.tell()

    def _act(self, news: tuple[News, ...]) -> None:
        for one in news:
            device = self._device(one.address)
            name = (device.name if device is not None else "") or one.address
            track = device.track if device is not None else ""
            self._publish(Noticed(self._time_ms(), track, NOTES[one.what], (("name", name),)))
            if one.what in (Happened.RETURNED, Happened.LEND_OVER):
                self._try_now(one.address)

    def _save(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.save(self._pairings.paired())

    def tell(self) -> None:
        """Publish what has changed, at most once a second."""
        now_s = self._clock()
        if self._radio is None or now_s - self._told_at_s < TELL_S:
            return
        newest = self.look()
        if newest != self._told:
            self._told, self._told_at_s = newest, now_s
            self._publish(RadioLooked(newest))

    def look(self) -> Radio:
        """The radio and its devices now."""
        if self._radio is None:
            return Radio()
        state, cause, adapter, address = self._radio.state()
        with self._lock:
            devices = self._pairings.radio_devices(self._clock())
            near = self._pairings.presence.is_near
        shown = tuple(d for d in devices if d.paired or d.kind is not DeviceKind.UNKNOWN or d.name)
        anonymous = tuple(d for d in devices if d not in shown)
        return Radio(
            state if state is not RadioState.UNUSED else RadioState.STARTING,
            adapter,
            address,
            cause,
            self._radio.scan_until_s,
            near,
            (*shown, *anonymous),
        )

    def _time_ms(self) -> int:
        return int(self._wall() * 1000)


class _OurWire:
    """The wire of one track: to whatever device is its battery at the moment of opening."""

    def __init__(self, bluetooth: Bluetooth, setup: Setup) -> None:
        self._bluetooth, self._setup = bluetooth, setup
        self._address = ""
        self._wire: Transport | None = None

    def open(self) -> None:
        """Connect. Raises WireError; also when the device is lent, or a person must press reconnect."""
        self.close()
        self._address = self._bluetooth.address_of(self._setup)
        wire = self._bluetooth.open_wire(self._setup, self._address)
        self._wire = wire
        try:
            wire.open()
        except WireError as error:
            self._bluetooth.connected(self._address, False, error.cause)
            raise
        self._bluetooth.connected(self._address, True)

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come."""
        wire = self._wire
        if wire is None:
            return b""
        try:
            return wire.read(timeout_s)
        except WireError as error:
            self._bluetooth.connected(self._address, False, error.cause)
            raise

    def write(self, data: bytes) -> None:
        """Send all of it."""
        if self._wire is None:
            raise WireError(Cause("ble-stopped", (("address", self._address),)))
        self._wire.write(data)

    def close(self) -> None:
        """Disconnect. Safe to call twice."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
            self._bluetooth.connected(self._address, False)

    def presence(self) -> str | None:
        """Changes each time the device comes into sight."""
        return self._bluetooth.presence(self._address or self._bluetooth.address_of(self._setup))


def _radio(adapter: str) -> "RadioLoop":
    from tui.transports.radio import RadioLoop

    return RadioLoop(adapter)
