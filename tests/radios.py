"""Radios in every state a picture needs, and fleets with them. Fixed numbers, fixed clock."""

from dataclasses import replace

from tests.fleets import LEFT, NOW_S, RIGHT, live, time_ms
from tui.model.device import WINDOW_S, Device, DeviceKind, ProbeReport, ProbeStep, Radio, RadioState
from tui.model.fleet import EngineLink, Fleet
from tui.model.link import Cause, Link, Phase, Traffic
from tui.model.track import Setup, Track

LEFT_MAC, RIGHT_MAC = "A5:C2:37:06:1B:C9", "A5:C2:37:06:22:0E"
SHED_MAC, LOCKED_MAC, LENT_MAC = "A5:C2:39:51:00:7D", "70:3E:97:08:11:4A", "C8:47:8C:E1:05:92"
STRANGER_MAC, PHONE_MAC = "F0:98:7D:0C:31:AA", "5C:17:83:44:90:0B"
LONG_ID = "8B3D2E71-52A0-4F6C-9C1B-0D6A4E5F7A21"  # how macOS names a device


def seen(seconds_ago: float) -> dict[str, object]:
    """Last sight on both clocks."""
    return {"seen_at_s": NOW_S - seconds_ago, "seen_ms": time_ms(NOW_S - seconds_ago)}


def device(address: str, name: str, ago_s: float | None = 2.0, **more: object) -> Device:
    """A device last seen so many seconds ago; `None`: never. Ours have their window, as the engine says."""
    made = replace(Device(address, name), **({} if ago_s is None else seen(ago_s)), **more)
    if ago_s is None or not made.paired or made.connected or made.requires_tap:
        return made
    since_s = max(NOW_S - ago_s, made.lent_until_s or 0.0)
    return replace(made, window_until_s=since_s + WINDOW_S)


CONNECTED = device(
    LEFT_MAC,
    "JBD-SP25S003",
    0.4,
    kind=DeviceKind.JBD,
    rssi_dbm=-58,
    paired=True,
    track="left",
    connected=True,
)
WAITING = device(
    RIGHT_MAC, "xiaoxiang BMS", 360.0, kind=DeviceKind.JBD, rssi_dbm=-71, paired=True, track="right"
)
TAP = device(SHED_MAC, "shed pack", 5400.0, kind=DeviceKind.JBD, paired=True, requires_tap=True)
LENT = device(
    LENT_MAC,
    "DL-48100",
    20.0,
    kind=DeviceKind.OTHER_BMS,
    rssi_dbm=-66,
    paired=True,
    lent_until_s=NOW_S + 580.0,
    has_secret=True,
)
LOCKED = device(LOCKED_MAC, "JBD-LOCKED", 4.0, kind=DeviceKind.JBD, rssi_dbm=-83, paired=True, note="locked")
STRANGER = device(STRANGER_MAC, "", 7.0, rssi_dbm=-91)
BEACON = device(PHONE_MAC, "Tag [7]", 31.0, kind=DeviceKind.BEACON, rssi_dbm=-76)

ON = Radio(RadioState.ON, "hci0", "B8:27:EB:4A:11:02")
MANY = replace(
    ON, scan_until_s=NOW_S + 12.0, devices=(CONNECTED, WAITING, TAP, LENT, LOCKED, BEACON, STRANGER)
)
REPORT = ProbeReport(
    LEFT_MAC,
    (
        ProbeStep("find", 1240, True, "-58 dBm"),
        ProbeStep("connect", 812, True),
        ProbeStep("services", 431, True, "3"),
        ProbeStep("subscribe", 96, True),
        ProbeStep("read", 58, True, "DD 03 00 1B 17 00 00 00 02 D0"),
        ProbeStep("disconnect", 2005, True),
    ),
    ("00001800-0000-1000-8000-00805f9b34fb", "0000ff00-0000-1000-8000-00805f9b34fb", LONG_ID.lower()),
    DeviceKind.JBD,
)
FAILED_REPORT = ProbeReport(
    RIGHT_MAC,
    (ProbeStep("find", 30000, True), ProbeStep("connect", 20011, False, "le-connection-abort-by-local")),
    cause=Cause("asleep", (("port", RIGHT_MAC),)),
)


def on_bluetooth(setup: Setup, mac: str) -> Setup:
    """The same battery behind a radio."""
    return replace(setup, transport="ble", address=mac, mac=mac)


def fleet(radio: Radio = MANY, traffic: Traffic | None = None) -> Fleet:
    """Two batteries on Bluetooth: the left one connected, the right one waiting for its third attempt."""
    seen_fleet = live()
    left, right = seen_fleet.tracks
    counted = traffic or Traffic(3600, 3598, unanswered=2, bad_checksum=1, opens=1, quality_pct=99)
    lost = Link(Phase.LOST, since_s=NOW_S - 360, attempt=3, retry_at_s=NOW_S + 4)
    tracks: tuple[Track, ...] = (
        replace(left, setup=on_bluetooth(LEFT, LEFT_MAC), link=replace(left.link, traffic=counted)),
        replace(right, setup=on_bluetooth(RIGHT, RIGHT_MAC), link=lost, pack_at_s=NOW_S - 360),
    )
    return replace(seen_fleet, tracks=tracks, radio=radio)


def without_sight() -> Fleet:
    """Both batteries are configured, and nothing was seen."""
    nothing = fleet(ON)
    fresh = tuple(replace(Track(t.setup), link=Link(Phase.CONNECTING)) for t in nothing.tracks)
    return replace(nothing, tracks=fresh)


def empty(state: RadioState = RadioState.ON) -> Fleet:
    """No track on Bluetooth, no device."""
    adapter = Radio(state) if state in (RadioState.MISSING, RadioState.UNUSED) else replace(ON, state=state)
    return replace(live(), radio=adapter)


def crowd(count: int = 40) -> Fleet:
    """More devices than rows."""
    others = tuple(
        device(f"10:22:33:44:55:{i:02X}", f"sensor {i:02d}", i / 2, rssi_dbm=-50 - i) for i in range(count)
    )
    return fleet(replace(MANY, devices=(*MANY.devices, *others)))


def engine_gone() -> Fleet:
    """Everything as it was when the engine died."""
    return replace(fleet(), engine=EngineLink(attached=False, lost_at_s=NOW_S - 12, retry_at_s=NOW_S + 3))


def only_radio() -> Fleet:
    """An engine without any track: the first device is about to be paired."""
    return Fleet(radio=replace(ON, devices=(STRANGER, BEACON)), engine=EngineLink(pid=4242))


STATES = {
    "many": fleet,
    "without-sight": without_sight,
    "empty": empty,
    "off": lambda: empty(RadioState.OFF),
    "missing": lambda: empty(RadioState.MISSING),
    "forbidden": lambda: empty(RadioState.FORBIDDEN),
    "unused": lambda: empty(RadioState.UNUSED),
    "starting": lambda: empty(RadioState.STARTING),
    "crowd": crowd,
    "engine-gone": engine_gone,
    "only-radio": only_radio,
}
