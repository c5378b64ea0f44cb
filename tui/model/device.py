"""Devices on the radio: seen, paired, connected, lent. Times ending in `_at_s` are on the engine's clock."""

import re
from dataclasses import dataclass
from enum import StrEnum

from tui.model.link import Cause

WINDOW_S = 30 * 60.0  # row S2-22: within this after its last sight a paired device is reconnected by itself
LEND_S = 10 * 60.0
MAC_CHARS = 17
_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


class DeviceKind(StrEnum):
    """What a device seems to be, from its name and the services it announces."""

    JBD = "jbd"
    TINYBMS = "tinybms"
    OTHER_BMS = "other-bms"
    BEACON = "beacon"
    UNKNOWN = "unknown"


class RadioState(StrEnum):
    """The adapter of this machine."""

    UNUSED = "unused"  # no track and nobody asks for it
    STARTING = "starting"
    ON = "on"
    OFF = "off"
    MISSING = "missing"  # no adapter, or no Bluetooth service
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Device:
    """One device. `address` in capital letters; on macOS it is an identifier of that machine."""

    address: str
    name: str = ""
    kind: DeviceKind = DeviceKind.UNKNOWN
    rssi_dbm: int | None = None
    seen_at_s: float | None = None
    seen_ms: int | None = None  # Unix time; kept over restarts for paired devices
    paired: bool = False  # known to packdeck as a battery or beacon of ours; not the radio's own pairing
    track: str = ""  # the track it is assigned to
    connected: bool = False
    requires_tap: bool = False  # row S2-23: out of sight for too long, a person must press reconnect
    lent_until_s: float | None = None
    window_until_s: float | None = None  # until then it is reconnected by itself (row S2-22)
    has_secret: bool = False  # a passkey or password is stored; it is never shown
    note: str = ""  # a word of the radio: "locked", "busy", …; names `device-note-<note>`

    def window_left_s(self, now_s: float) -> float | None:
        """Seconds in which it is still reconnected by itself; `None` when nothing waits for it."""
        return None if self.window_until_s is None else max(0.0, self.window_until_s - now_s)


@dataclass(frozen=True, slots=True)
class Radio:
    """The adapter and everything it has seen."""

    state: RadioState = RadioState.UNUSED
    adapter: str = ""  # "hci0"
    address: str = ""
    cause: Cause | None = None
    scan_until_s: float | None = None
    beacon_near: bool = False  # row S2-34
    devices: tuple[Device, ...] = ()  # paired ones first, then the nearest

    def device(self, address: str) -> Device | None:
        """The device of that address, in any spelling."""
        wanted = spelled(address)
        return next((d for d in self.devices if d.address == wanted), None)


def spelled(address: str) -> str:
    """An address as it is kept: capital letters, colons. Identifiers of macOS are longer and have hyphens."""
    upper = address.strip().upper()
    return upper.replace("-", ":") if len(upper) == MAC_CHARS else upper


def is_address(address: str) -> bool:
    """Six pairs of hexadecimal digits, or an identifier of macOS."""
    return _ADDRESS.fullmatch(spelled(address)) is not None


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step of a probe: what, how long it took, what came of it. `key` names `probe-step-<key>`."""

    key: str
    took_ms: int
    ok: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe found: steps in order, and the services as UUIDs."""

    address: str
    steps: tuple[ProbeStep, ...] = ()
    services: tuple[str, ...] = ()
    kind: DeviceKind = DeviceKind.UNKNOWN
    cause: Cause | None = None
