"""The window of thirty minutes, lending, beacons: tables of (minutes since the start, event, expected)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tui.engine.pairing import (
    DEVICES_MAX,
    SAVE_SEEN_MS,
    Happened,
    Pairing,
    Pairings,
    PairingStore,
    PresenceRules,
)
from tui.model.device import Device, DeviceKind
from tui.model.link import Cause
from tui.store.database import Database

MAC, OTHER, BEACON = "A4:C1:38:7C:2D:F0", "E0:9F:2A:E4:94:1D", "C0:00:00:00:00:01"
UNIX_MS = 1_760_000_000_000
FF00 = "0000ff00-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True)
class Sight:
    """What the radio saw."""

    address: str = MAC
    name: str = "JBD-SP04S020"
    rssi: int | None = -60
    services: tuple[str, ...] = (FF00,)
    at_s: float = 0.0


def ms(now_s: float) -> int:
    return UNIX_MS + round(now_s * 1000)


class World:
    """Pairings, a clock in seconds, and everything that has happened."""

    def __init__(self, pairings: Pairings | None = None) -> None:
        self.pairings = pairings or Pairings()
        self.happened: list[str] = []

    def do(self, now_s: float, event: str) -> None:
        """One event by its name."""
        word, _, rest = event.partition(" ")
        getattr(self, f"on_{word}")(now_s, rest)

    def on_seen(self, now_s: float, rssi: str) -> None:
        sight = Sight(rssi=int(rssi or -60), at_s=now_s)
        self.happened += [n.what.value for n in self.pairings.seen(sight, ms(now_s))]

    def on_check(self, now_s: float, _: str) -> None:
        self.happened += [n.what.value for n in self.pairings.time_passed(now_s, ms(now_s))]

    def on_pair(self, now_s: float, track: str) -> None:
        self.pairings.pair(MAC, now_s, ms(now_s), track=track)

    def on_unpair(self, now_s: float, _: str) -> None:
        assert self.pairings.unpair(MAC) is None

    def on_reconnect(self, now_s: float, _: str) -> None:
        assert self.pairings.reconnect(MAC, now_s) is None

    def on_connected(self, now_s: float, _: str) -> None:
        self.pairings.connected(MAC, now_s, ms(now_s))

    def on_disconnected(self, now_s: float, _: str) -> None:
        self.pairings.disconnected(MAC, now_s, ms(now_s))

    def on_lend(self, now_s: float, minutes: str) -> None:
        self.pairings.lend(MAC, 60 * float(minutes), now_s, ms(now_s))

    def on_restart(self, now_s: float, _: str) -> None:
        """Only what is stored survives; the steady clock begins elsewhere."""
        stored = self.pairings.paired()
        self.pairings = Pairings()
        self.pairings.load(stored, now_s, ms(now_s))

    def on_wait(self, now_s: float, _: str) -> None:
        """Nothing happens: only the link asks."""

    def state(self, now_s: float) -> str:
        """What a link is told."""
        cause = self.pairings.may_connect(MAC, now_s)
        return "go" if cause is None else cause.key


Row = tuple[float, str, str]


def walk(rows: list[Row]) -> World:
    """After each event a link must be told so."""
    world = World()
    for minutes, event, expected in rows:
        world.do(60 * minutes, event)
        assert world.state(60 * minutes) == expected, (minutes, event)
    return world


@pytest.mark.parametrize(
    ("rows", "happened"),
    [
        pytest.param(
            [(0, "seen", "go"), (1, "pair", "go"), (25, "seen", "go"), (54, "seen", "go"),
             (83, "seen", "go")],
            ["returned"] * 3,
            id="S2-22: back within thirty minutes of the last sight is connected by itself",
        ),
        pytest.param(
            [(0, "seen", "go"), (0, "pair", "go"), (30, "wait", "go"), (30.1, "wait", "ble-tap")],
            [],
            id="S2-23: after thirty minutes a tap is needed",
        ),
        pytest.param(
            [(0, "seen", "go"), (0, "pair", "go"), (30, "seen", "go"), (60, "seen", "go")],
            ["returned", "returned"],
            id="S2-22: exactly thirty minutes are within",
        ),
        pytest.param(
            [(0, "seen", "go"), (0, "pair", "go"), (31, "seen", "ble-tap"), (32, "seen", "ble-tap")],
            ["tap"],
            id="X-9: seen again after thirty minutes does not clear it: the old sight counts",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "seen", "ble-tap"), (90, "seen", "ble-tap"), (91, "check", "ble-tap")],
            ["tap"],
            id="X-9: being seen never clears it, however often",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "seen", "ble-tap"), (32, "reconnect", "go"), (61, "seen", "go")],
            ["tap", "returned"],
            id="X-9: the button clears it, and the window begins anew",
        ),
        pytest.param(
            [(0, "pair", "go"), (99, "check", "ble-tap"), (99, "reconnect", "go"), (130, "wait", "ble-tap")],
            ["tap"],
            id="X-9: the button on a device out of range gives it thirty minutes",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "seen", "ble-tap"), (32, "pair", "go")],
            ["tap"],
            id="X-9: pairing again clears it",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "check", "ble-tap"), (32, "connected", "ble-tap"),
             (33, "disconnected", "ble-tap")],
            ["tap"],
            id="X-9: a link that somebody else has opened does not clear it either",
        ),
        pytest.param(
            [(0, "pair", "go"), (30, "wait", "go"), (30.3, "connected", "go"), (31, "check", "go")],
            [],
            id="S2-22: an attempt within the window may succeed after it",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "connected", "go"), (300, "wait", "go"), (301, "disconnected", "go"),
             (331, "seen", "go"), (362, "seen", "ble-tap")],
            ["returned", "tap"],
            id="S2-22: the window begins when the link is closed",
        ),
        pytest.param(
            [(0, "seen", "go"), (99, "seen", "go"), (200, "check", "go")],
            [],
            id="S2-23: a device that is not ours never needs a tap",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "check", "ble-tap"), (31, "unpair", "go"), (32, "seen", "go")],
            ["tap"],
            id="S2-12: unpaired is a stranger again",
        ),
        pytest.param(
            [(0, "pair", "go"), (29, "check", "go"), (29.9, "check", "go"), (30.5, "check", "ble-tap")],
            ["tap"],
            id="S2-24: the check of each minute marks it",
        ),
        pytest.param(
            [(0, "pair", "go"), (10, "restart", "go"), (29, "seen", "go"), (40, "restart", "go")],
            ["returned"],
            id="S2-19: a restart neither opens nor closes the window",
        ),
        pytest.param(
            [(0, "pair", "go"), (10, "restart", "go"), (31, "seen", "ble-tap")],
            ["tap"],
            id="X-9: the old sight counts over a restart",
        ),
        pytest.param(
            [(0, "pair", "go"), (5, "seen", "go"), (50, "restart", "ble-tap"), (51, "seen", "ble-tap")],
            ["returned"],
            id="X-9: the window ran out while nobody looked",
        ),
        pytest.param(
            [(0, "pair", "go"), (31, "seen", "ble-tap"), (32, "restart", "ble-tap"), (33, "seen", "ble-tap"),
             (34, "reconnect", "go"), (35, "restart", "go")],
            ["tap"],
            id="X-9: a restart does not clear it",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 10", "ble-lent"), (5, "seen", "ble-lent"),
             (10.9, "check", "ble-lent"), (11, "check", "go")],
            ["lend-over"],
            id="lent: nobody connects until the time is over",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 10", "ble-lent"), (3, "lend 0", "go"), (12, "check", "go")],
            [],
            id="lent: taken back",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 10", "ble-lent"), (3, "reconnect", "go"), (12, "check", "go")],
            [],
            id="lent: the button takes it back as well",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 60", "ble-lent"), (50, "check", "ble-lent"), (61, "check", "go"),
             (90, "wait", "go"), (92, "wait", "ble-tap")],
            ["lend-over"],
            id="lent: a phone hides it, so its window begins when the loan ends",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 10", "ble-lent"), (2, "restart", "ble-lent"),
             (9, "seen", "ble-lent"), (12, "check", "go")],
            ["lend-over"],
            id="lent: a restart does not take it from the phone",
        ),
        pytest.param(
            [(0, "pair", "go"), (1, "lend 10", "ble-lent"), (45, "restart", "ble-tap")],
            [],
            id="lent: loan and window ran out while nobody looked",
        ),
        pytest.param(
            [(0, "seen", "go"), (0, "lend 10", "ble-lent"), (1, "lend 0", "go")],
            [],
            id="lent: a device of a track that is not paired",
        ),
    ],
)  # fmt: skip
def test_the_window(rows: list[Row], happened: list[str]) -> None:
    """S2-19, S2-22…S2-24, X-9."""
    assert walk(rows).happened == happened


def test_the_causes_name_the_device_and_the_time() -> None:
    pairings = Pairings()
    pairings.seen(Sight(), UNIX_MS)
    pairings.pair(MAC, 0.0, UNIX_MS)
    pairings.lend(MAC, 600, 0.0, UNIX_MS)
    who = ("address", MAC), ("name", "JBD-SP04S020")
    assert pairings.may_connect(MAC, 59.5) == Cause("ble-lent", (*who, ("seconds", "541")))
    assert pairings.may_connect(MAC, 9999.0) == Cause("ble-tap", (*who, ("minutes", "30")))


def test_the_window_is_a_setting() -> None:
    """CL-35."""
    world = World(Pairings(window_s=120.0))
    world.do(0, "pair")
    assert world.state(120) == "go"
    assert world.state(121) == "ble-tap"


def test_the_stale_check_comes_each_minute_and_not_more_often() -> None:
    """S2-24. A link that asks is told to the second all the same."""
    world = World(Pairings(window_s=90.0))
    world.do(0, "pair")
    for now_s in (0, 30, 60, 91, 119):
        world.do(now_s, "check")
        assert world.happened == []
    world.do(120, "check")
    assert world.happened == ["tap"]


def test_paired_in_sight_is_connected_at_once() -> None:
    """S2-20."""
    pairings = Pairings()
    assert not pairings.pair(OTHER, 0.0, UNIX_MS)
    pairings.seen(Sight(at_s=0.0), UNIX_MS)
    assert pairings.pair(MAC, 30.0, UNIX_MS)
    assert not pairings.pair(MAC, 100.0, UNIX_MS)


def test_the_last_sight_is_known_for_every_device() -> None:
    """S2-21. A connected one is seen now; a late sight does not turn the clock back."""
    pairings = Pairings()
    pairings.seen(Sight(at_s=5.0), ms(5))
    pairings.seen(Sight(at_s=4.0, rssi=None), ms(5))
    pairings.connected(OTHER, 7.0, ms(7))
    by_address = {d.address: d for d in pairings.radio_devices(9.0)}
    assert by_address[MAC] == Device(MAC, "JBD-SP04S020", DeviceKind.JBD, -60, 5.0, ms(5))
    assert (by_address[OTHER].seen_at_s, by_address[OTHER].connected) == (9.0, True)
    pairings.time_passed(600.0, ms(600))
    assert {d.address: d.seen_ms for d in pairings.radio_devices(600.0)} == {MAC: ms(5), OTHER: ms(600)}


def test_devices_are_sorted_paired_first_then_the_nearest() -> None:
    pairings = Pairings()
    for n, rssi in enumerate((-80, -50, None, -60)):
        pairings.seen(Sight(f"00:00:00:00:00:0{n}", rssi=rssi), UNIX_MS)
    pairings.pair("00:00:00:00:00:02", 0.0, UNIX_MS)
    pairings.pair("00:00:00:00:00:00", 0.0, UNIX_MS)
    assert [d.address[-1] for d in pairings.radio_devices(0.0)] == ["0", "2", "1", "3"]


def test_any_spelling_is_the_same_device() -> None:
    """S0-9. An identifier of macOS keeps its hyphens."""
    pairings = Pairings()
    pairings.seen(Sight(MAC.lower()), UNIX_MS)
    pairings.pair(MAC.replace(":", "-"), 0.0, UNIX_MS)
    pairings.pair("6c1f2a9e-0000-4c1d-8f00-123456789abc", 0.0, UNIX_MS)
    found = [d.address for d in pairings.radio_devices(0.0)]
    assert found == [MAC, "6C1F2A9E-0000-4C1D-8F00-123456789ABC"]


def test_the_time_left_is_what_the_model_says() -> None:
    """S2-22: the list shows the time left in the window."""
    pairings = Pairings()
    pairings.seen(Sight(at_s=0.0), UNIX_MS)
    pairings.pair(MAC, 0.0, UNIX_MS)
    (device,) = pairings.radio_devices(600.0)
    assert device.window_left_s(600.0) == 1200.0
    pairings.may_connect(MAC, 1801.0)
    (device,) = pairings.radio_devices(1801.0)
    assert device.requires_tap
    assert device.window_left_s(1801.0) is None


def test_the_time_left_follows_the_setting_and_a_loan() -> None:
    """S2-22: counted by the setting, from a loan's end, and not at all while connected or somebody else's."""
    pairings = Pairings(window_s=600.0)
    pairings.seen(Sight(at_s=0.0), UNIX_MS)
    (device,) = pairings.radio_devices(0.0)
    assert device.window_left_s(0.0) is None, "not ours"
    pairings.pair(MAC, 0.0, UNIX_MS)
    pairings.lend(MAC, 300.0, 100.0, UNIX_MS)
    (device,) = pairings.radio_devices(200.0)
    assert device.window_left_s(200.0) == 800.0, "lent for 200 s more, then 600 s"
    (device,) = pairings.radio_devices(450.0)
    assert device.window_left_s(450.0) == 550.0
    pairings.connected(MAC, 460.0, UNIX_MS)
    (device,) = pairings.radio_devices(460.0)
    assert device.window_left_s(460.0) is None


def test_an_attempt_that_began_in_time_needs_no_tap() -> None:
    """The window ends while a connect is under way, and the connect succeeds."""
    pairings = Pairings()
    pairings.seen(Sight(at_s=0.0), UNIX_MS)
    pairings.pair(MAC, 0.0, UNIX_MS)
    assert pairings.may_connect(MAC, 1799.0) is None
    pairings.time_passed(1810.0, UNIX_MS)
    assert pairings.radio_devices(1810.0)[0].requires_tap
    pairings.connected(MAC, 1811.0, UNIX_MS)
    assert not pairings.radio_devices(1811.0)[0].requires_tap


def test_a_track_has_one_device() -> None:
    pairings = Pairings()
    assert pairings.assign(MAC, "left") is not None
    pairings.pair(MAC, 0.0, UNIX_MS, track="left")
    pairings.pair(OTHER, 0.0, UNIX_MS, track="left")
    assert [(d.address, d.track) for d in pairings.radio_devices(0.0)] == [(MAC, ""), (OTHER, "left")]
    assert pairings.assign(MAC, "right") is None
    assert (pairings.address_of("left"), pairings.address_of("right")) == (OTHER, MAC)
    assert pairings.address_of("") == pairings.address_of("middle") == ""
    pairings.unpair(MAC)
    assert pairings.address_of("right") == ""


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda p: p.unpair(MAC), id="unpair"),
        pytest.param(lambda p: p.reconnect(MAC, 0.0), id="reconnect"),
        pytest.param(lambda p: p.assign(MAC, "left"), id="assign"),
    ],
)
def test_what_is_not_paired_is_refused(ask: Callable[[Pairings], Cause | None]) -> None:
    """CL-33: "Device not paired", also for one that is only seen."""
    pairings = Pairings()
    assert ask(pairings) == Cause("ble-not-paired", (("address", MAC),))
    pairings.seen(Sight(), UNIX_MS)
    assert ask(pairings) == Cause("ble-not-paired", (("address", MAC),))


def test_the_secret_is_for_the_link_alone() -> None:
    pairings = Pairings()
    pairings.pair(MAC, 0.0, UNIX_MS, secret="123456")
    pairings.pair(MAC, 1.0, UNIX_MS)  # pairing again without one keeps it
    assert pairings.secret(MAC) == "123456"
    assert pairings.secret(OTHER) == ""
    (device,) = pairings.radio_devices(1.0)
    assert device.has_secret
    shown = f"{device!r} {pairings.paired()!r} {vars(pairings)!r} {pairings.may_connect(MAC, 1e6)!r}"
    assert "123456" not in shown
    pairings.unpair(MAC)
    assert pairings.secret(MAC) == ""
    assert pairings.paired() == ()


def test_the_counts() -> None:
    """S2-15, CL-32: active are paired devices seen in the last five minutes."""
    pairings = Pairings()
    for n in range(4):
        pairings.seen(Sight(f"00:00:00:00:00:0{n}", at_s=100.0 * n), ms(100 * n))
    for n in (0, 2, 3):
        pairings.pair(f"00:00:00:00:00:0{n}", 300.0, ms(300))
    pairings.connected("00:00:00:00:00:03", 300.0, ms(300))
    counts = pairings.counts(500.0)
    assert (counts.discovered, counts.connected, counts.paired) == (4, 1, 3)
    assert (counts.requires_tap, counts.active_recent) == (0, 2)
    pairings.time_passed(2200.0, ms(2200))
    assert pairings.counts(2200.0).requires_tap == 2


def test_strangers_make_room_for_each_other_and_ours_stay() -> None:
    """S2-18: kept in memory, but phones change their address all day."""
    pairings = Pairings()
    pairings.pair(MAC, 0.0, UNIX_MS)
    pairings.lend(OTHER, 3600, 0.0, UNIX_MS)
    for n in range(DEVICES_MAX + 50):
        pairings.seen(Sight(f"00:00:00:00:{n // 256:02X}:{n % 256:02X}", at_s=float(n)), ms(n))
    found = [d.address for d in pairings.radio_devices(600.0)]
    assert len(found) == DEVICES_MAX
    assert {MAC, OTHER} <= set(found)
    assert "00:00:00:00:00:00" not in found


def test_a_name_from_the_air_cannot_touch_the_terminal() -> None:
    pairings = Pairings()
    pairings.seen(Sight(name="\x1b[2JJBD-" + "x" * 300), UNIX_MS)
    pairings.seen(Sight(name="", services=()), UNIX_MS)
    (device,) = pairings.radio_devices(0.0)
    assert device.name.isprintable()
    assert len(device.name) <= 40
    assert device.kind is DeviceKind.JBD


def test_a_note_of_the_radio() -> None:
    pairings = Pairings()
    pairings.note(MAC, "busy")
    assert pairings.radio_devices(0.0)[0].note == "busy"
    pairings.note(MAC, "")
    assert pairings.radio_devices(0.0)[0].note == ""


# --- beacons ---


def beacon(rssi: int | None, at_s: float, name: str = "SoundGuys Beacon", address: str = BEACON) -> Sight:
    return Sight(address, name, rssi, (), at_s)


def test_presence_has_hysteresis() -> None:
    """S2-34: near at once, away only after half a minute without a strong sight."""
    pairings = Pairings(rules=PresenceRules(near_dbm=-70, hysteresis_db=8, away_s=30.0))
    rows: list[tuple[float, int | None, list[str]]] = [
        (0, -71, []), (2, None, []), (4, -70, ["presence-began"]), (6, -78, []), (8, -60, []), (30, -79, []),
        (36, -78, []), (60, -79, []), (66, -79, []), (67, -79, ["presence-ended"]), (70, -75, []),
        (72, -69, ["presence-began"]),
    ]  # fmt: skip
    for at_s, rssi, expected in rows:
        news = pairings.seen(beacon(rssi, at_s), ms(at_s))
        assert [n.what.value for n in news] == expected, at_s
    assert pairings.presence.is_near
    assert pairings.time_passed(102.0, ms(102)) == ()
    (ended,) = pairings.time_passed(103.0, ms(103))
    assert (ended.what, ended.address) == (Happened.PRESENCE_ENDED, BEACON)
    assert not pairings.presence.is_near


def test_only_the_beacon_counts() -> None:
    pairings = Pairings()
    assert pairings.seen(beacon(-40, 0.0, "Other Beacon"), UNIX_MS) == ()
    assert pairings.seen(beacon(-40, 0.0, "soundguys beacon "), UNIX_MS)[0].what is Happened.PRESENCE_BEGAN
    off = Pairings(rules=PresenceRules(name=""))
    assert off.seen(beacon(-40, 0.0, ""), UNIX_MS) == ()


def test_a_paired_beacon_is_the_only_one_and_needs_no_tap() -> None:
    pairings = Pairings()
    pairings.seen(beacon(-90, 0.0), UNIX_MS)
    pairings.pair(BEACON, 0.0, UNIX_MS)
    assert pairings.seen(beacon(-40, 1.0, address=OTHER), UNIX_MS) == ()
    assert pairings.time_passed(9999.0, ms(9999)) == ()
    (began,) = pairings.seen(beacon(-40, 10_000.0), ms(10_000))
    assert (began.what, began.address) == (Happened.PRESENCE_BEGAN, BEACON)
    (device, _) = pairings.radio_devices(10_000.0)
    assert (device.kind, device.requires_tap) == (DeviceKind.BEACON, False)


# --- over restarts ---


def test_clocks_that_were_set_do_no_harm() -> None:
    """A board without a clock of its own begins in the past: nothing was seen in the future."""
    stored = Pairing(MAC, paired_ms=UNIX_MS, seen_ms=UNIX_MS, lent_until_ms=UNIX_MS + 600_000)
    pairings = Pairings()
    pairings.load([stored], 50.0, UNIX_MS - 86_400_000 * 300)
    assert pairings.may_connect(MAC, 50.0) is None
    (device,) = pairings.radio_devices(50.0)
    assert device.seen_at_s == 50.0


def test_a_loan_is_a_day_at_most() -> None:
    pairings = Pairings()
    for seconds in (float("inf"), 1e12):
        pairings.lend(MAC, seconds, 0.0, UNIX_MS)
        assert pairings.may_connect(MAC, 86_399.0) is not None
        assert pairings.may_connect(MAC, 86_400.0) is None
    for seconds in (0.0, -5.0, float("nan")):
        pairings.lend(MAC, seconds, 0.0, UNIX_MS)
        assert pairings.may_connect(MAC, 0.0) is None


def test_the_store_keeps_everything(tmp_path: Path) -> None:
    """S2-19: pairings survive a restart."""
    pairings = Pairings()
    pairings.seen(Sight(at_s=1.0), ms(1))
    pairings.pair(MAC, 2.0, ms(2), track="left", secret="123456", adapter="hci1")
    pairings.pair(OTHER, 3.0, ms(3))
    pairings.lend(OTHER, 600, 4.0, ms(4))
    database = Database(tmp_path / "a.db")
    PairingStore(database).save(pairings.paired())
    database.close()
    database = Database(tmp_path / "a.db")
    found = PairingStore(database).load()
    database.close()
    assert found == pairings.paired()
    assert found[0] == Pairing(
        MAC, "JBD-SP04S020", DeviceKind.JBD, "left", "hci1", ms(2), ms(1), False, None, "123456"
    )
    again = Pairings()
    again.load(found, 10.0, ms(10))
    assert again.paired() == found
    assert again.secret(MAC) == "123456"


def test_the_store_writes_what_has_changed(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    written: list[str] = []
    execute = database.execute
    database.execute = lambda sql, args=(): (written.append(sql.split()[0]), execute(sql, args))[1]  # type: ignore[method-assign, assignment]
    store = PairingStore(database)
    one, two = Pairing(MAC, paired_ms=1, seen_ms=1000), Pairing(OTHER, paired_ms=2)
    for pairings, expected in (
        ([one, two], ["INSERT"] * 2),
        ([one, two], []),
        ([replace(one, seen_ms=1000 + SAVE_SEEN_MS), two], []),
        ([replace(one, seen_ms=1001 + SAVE_SEEN_MS), two], ["INSERT"]),
        ([one, replace(two, requires_tap=True)], ["INSERT"] * 2),
        ([one], ["DELETE"]),
    ):
        written.clear()
        store.save(pairings)
        assert written == expected
    written.clear()
    store.save([replace(one, seen_ms=1005)], is_last=True)
    assert written == ["INSERT"]
    assert database.settle()
    assert PairingStore(database).load() == (replace(one, seen_ms=1005),)
    database.close()


def test_a_file_begun_anew_gets_everything_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    store = PairingStore(database)
    store.save([Pairing(MAC, paired_ms=1)])
    assert database.settle()
    database.execute("DELETE FROM pairings")  # what a damaged file amounts to
    database.begun += 1
    store.save([Pairing(MAC, paired_ms=1)])
    assert database.settle()
    assert [p.address for p in store.load()] == [MAC]
    database.close()


def test_a_passkey_outlives_a_start_without_reading(tmp_path: Path) -> None:
    """A configured battery is paired anew at every start, with no passkey."""
    database = Database(tmp_path / "a.db")
    PairingStore(database).save([Pairing(MAC, paired_ms=1, secret="123456")])
    store = PairingStore(database)  # its file could not be read: it knows nothing
    store.save([Pairing(MAC, paired_ms=2), Pairing(OTHER, paired_ms=2)])
    assert database.settle()
    assert [(p.paired_ms, p.secret) for p in store.load()] == [(2, "123456"), (2, "")]
    store.save([Pairing(MAC, paired_ms=3), Pairing(OTHER, paired_ms=3, secret="654321")])
    assert database.settle()
    assert [p.secret for p in store.load()] == ["", "654321"]
    database.close()


def test_what_was_spoilt_by_hand_is_left_out(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    put = "INSERT INTO pairings (address, kind, paired_ms, seen_ms, lent_until_ms) VALUES (?, ?, ?, ?, ?)"
    database.execute(put, (MAC.lower(), "rocket", 1, "yesterday", "soon"))
    database.execute(put, (OTHER, "jbd", "never", None, None))
    assert database.settle()
    assert PairingStore(database).load() == (Pairing(MAC, paired_ms=1),)
    database.close()
