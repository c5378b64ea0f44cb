"""The Bluetooth loop with the real bleak on its BlueZ backend, against a fake `org.bluez` on a bus here."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.bluez.bus import private_bus
from tests.bluez.fake_bluez import Pace, Rule
from tests.bluez.pack import HEART_LAYOUT, FakePack
from tests.bluez.stage import BASIC, FAST, SHORT_S, Stage, ask, needs_bus, open_files, stage
from tests.fakes import PATIENCE_S, FakeClock, wait_until
from tui.model.device import DeviceKind, RadioState
from tui.transports import ble_station
from tui.transports.ble_causes import Place, cause_of
from tui.transports.ble_link import GattLink
from tui.transports.radio import RadioLoop, Seen
from tui.transports.transport import WireError

pytestmark = needs_bus

LEFT, RIGHT = "A4:C1:37:00:00:01", "A4:C1:37:00:00:02"
LONG_S = 600.0  # what goes on until the test is over
BLEAK_S = 10.0  # how long bleak itself waits for a disconnect


@pytest.fixture
def here() -> Iterator[Stage]:
    with stage() as made:
        yield made


def connect(here: Stage, address: str = LEFT, timeout_s: float = PATIENCE_S) -> GattLink:
    return here.radio.connect(address, timeout_s=timeout_s, on_data=lambda data: None, on_lost=lambda: None)


def cause_key(here: Stage, address: str = LEFT, timeout_s: float = PATIENCE_S) -> str:
    with pytest.raises(WireError) as raised:
        connect(here, address, timeout_s)
    return raised.value.cause.key


def is_state(here: Stage, state: RadioState, key: str | None) -> bool:
    found, cause, _, _ = here.radio.state()
    return found is state and (cause.key if cause else None) == key


# the list


def test_a_scan_lists_what_is_near_with_name_strength_and_services(here: Stage) -> None:
    """S0-35: scan for devices; the user's units appear in the list."""
    here.bluez.add(FakePack(LEFT, "left", rssi=-48, makers={0x1234: b"\1\2"}))
    here.bluez.add(FakePack(RIGHT, "", announced=()))
    seen: dict[str, Seen] = {}
    unlisten = here.radio.listen(lambda one: seen.__setitem__(one.address, one))
    here.radio.start()
    here.radio.want_scan(LONG_S)
    wait_until(lambda: len(seen) == 2)
    left = seen[LEFT]
    assert (left.name, left.rssi_dbm, left.manufacturers) == ("left", -48, (0x1234,))
    assert left.services == ("0000ff00-0000-1000-8000-00805f9b34fb",)
    assert seen[RIGHT].name == ""
    unlisten()
    later: list[Seen] = []
    here.radio.listen(later.append)
    wait_until(lambda: later)  # whatever the radio was just telling is told
    seen.clear()
    count = here.bluez.count("SetDiscoveryFilter")
    here.radio.want_scan(0)
    wait_until(lambda: here.bluez.count("SetDiscoveryFilter") > count)  # the scan has ended
    assert not seen


def test_a_scan_ends_at_its_time() -> None:
    """S0-13: the scan time-out; the end can be shown while it runs."""
    clock, scan_s = FakeClock(), 20.0
    with stage(clock=clock) as here:
        here.radio.start()
        assert here.radio.scan_until_s is None
        here.radio.want_scan(scan_s)
        assert here.radio.scan_until_s == clock() + scan_s
        wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
        clock.advance(scan_s - 0.1)
        assert here.radio.scan_until_s is not None and not here.bluez.count("StopDiscovery")
        clock.advance(0.2)
        wait_until(lambda: here.bluez.count("StopDiscovery"))
        assert here.radio.scan_until_s is None


def test_a_listener_that_fails_ends_nothing(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    seen: list[Seen] = []

    def fail(one: Seen) -> None:
        raise ValueError("a mistake in a listener")

    here.radio.listen(fail)
    here.radio.listen(seen.append)
    here.radio.start()
    here.radio.want_scan(LONG_S)
    wait_until(lambda: len(seen) > 3)


def test_presence_changes_when_a_device_comes_back_into_sight() -> None:
    clock, last_rssi = FakeClock(), -33
    with stage(clock=clock) as here:
        pack = here.bluez.add(FakePack(LEFT, in_range=False))
        heard: list[int | None] = []
        here.radio.listen(lambda one: heard.append(one.rssi_dbm))
        here.radio.start()
        assert here.radio.presence(LEFT) is None
        wait_until(lambda: here.bluez.count("StartDiscovery"))  # asking makes it look
        pack.in_range = True
        wait_until(lambda: here.radio.presence(LEFT))
        first = here.radio.presence(LEFT.lower())
        here.bluez.fade(LEFT, last_rssi)
        wait_until(lambda: last_rssi in heard)
        clock.advance(FAST.away_s * 1.5)
        assert here.radio.presence(LEFT) == first
        pack.in_range = True
        wait_until(lambda: here.radio.presence(LEFT) not in (None, first))


# the adapter


def test_state_of_the_adapter_off_and_on(here: Stage) -> None:
    assert here.radio.state()[0] is RadioState.UNUSED
    here.radio.start()
    wait_until(lambda: is_state(here, RadioState.ON, None))
    assert here.radio.state()[2:] == ("hci0", "00:11:22:33:44:00")
    here.bluez.power(False)
    wait_until(lambda: is_state(here, RadioState.OFF, "ble-off"))
    assert cause_key(here) == "ble-off"
    here.bluez.power(True)
    wait_until(lambda: is_state(here, RadioState.ON, None))


def test_the_scan_goes_on_after_the_adapter_was_off(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.radio.start()
    here.radio.want_scan(LONG_S)
    wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
    here.bluez.power(False)
    wait_until(lambda: is_state(here, RadioState.OFF, "ble-off"))
    here.bluez.power(True)
    wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])


def test_an_adapter_that_is_pulled_out_and_put_back(here: Stage) -> None:
    here.radio.start()
    wait_until(lambda: is_state(here, RadioState.ON, None))
    here.bluez.unplug()
    wait_until(lambda: is_state(here, RadioState.MISSING, "ble-missing"))
    here.bluez.plug()
    wait_until(lambda: is_state(here, RadioState.ON, None))


def test_without_the_right_to_use_bluetooth(here: Stage) -> None:
    here.bluez.rules.append(
        Rule("GetManagedObjects", "org.freedesktop.DBus.Error.AccessDenied", "rejected", times=1_000_000)
    )
    here.radio.start()
    wait_until(lambda: is_state(here, RadioState.FORBIDDEN, "ble-forbidden"))
    assert cause_key(here) == "ble-forbidden"


def test_without_the_service() -> None:
    with private_bus():
        radio = RadioLoop(times=FAST)
        radio.start()
        wait_until(lambda: radio.state()[0] is RadioState.MISSING)
        cause = radio.state()[1]
        assert cause is not None and cause.key == "ble-no-service"
        radio.stop()


def test_without_a_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    radio = RadioLoop(times=FAST)
    radio.start()
    wait_until(lambda: radio.state()[0] is RadioState.MISSING)
    cause = radio.state()[1]
    assert cause is not None and cause.key == "ble-no-service"
    radio.stop()


def test_an_adapter_by_name_and_one_that_is_not_there() -> None:
    with stage(adapters=("hci0", "hci1")) as here:
        here.bluez.add(FakePack(RIGHT), "hci1")
        link = here.radio.connect(RIGHT, adapter="hci1", on_data=lambda data: None, on_lost=lambda: None)
        assert "/hci1/" in link.path
        link.disconnect(PATIENCE_S)
        with pytest.raises(WireError) as raised:
            here.radio.connect(RIGHT, adapter="hci7", on_data=lambda data: None, on_lost=lambda: None)
        assert raised.value.cause.key == "ble-adapter-missing"


def test_reset_switches_the_adapter_off_and_on(here: Stage) -> None:
    """S0-36: reset the adapter."""
    here.radio.start()
    wait_until(lambda: is_state(here, RadioState.ON, None))
    assert here.radio.reset_adapter(PATIENCE_S) is None
    assert here.bluez.count("Set") == 2
    wait_until(lambda: is_state(here, RadioState.ON, None))
    here.bluez.rules.append(Rule("Set", "Failed", "Input/output error"))
    cause = here.radio.reset_adapter(PATIENCE_S)
    assert cause is not None and cause.key == "ble-adapter-gone"


def test_an_adapter_that_hears_nobody_is_reset_once_and_then_reported() -> None:
    clock = FakeClock()

    def later(true: Callable[[], bool]) -> bool:
        clock.advance(FAST.deaf_s / 10)
        return true()

    with stage(clock=clock) as here:
        here.bluez.radio_silent = True
        here.radio.start()
        here.radio.want_scan(float("inf"))
        wait_until(lambda: later(lambda: here.bluez.count("Set") == 2))
        wait_until(lambda: later(lambda: is_state(here, RadioState.ON, "ble-deaf")))
        here.bluez.add(FakePack(LEFT))
        wait_until(lambda: is_state(here, RadioState.ON, None))
        assert here.bluez.count("Set") == 2


def test_a_scan_that_is_stuck_is_reported(here: Stage) -> None:
    here.bluez.rules.append(
        Rule("StartDiscovery", "InProgress", "Operation already in progress", times=1_000_000)
    )
    here.radio.start()
    here.radio.want_scan(LONG_S)
    wait_until(lambda: is_state(here, RadioState.ON, "ble-scan-stuck"))
    here.bluez.rules.clear()
    wait_until(lambda: is_state(here, RadioState.ON, None))


# connecting


def test_out_of_range_is_found_out_in_time() -> None:
    """S0-12: a connect ends after its time-out, whatever BlueZ does. Heard once, gone when connected to."""
    with stage(pace=Pace(abort_s=LONG_S)) as here:
        pack = here.bluez.add(FakePack(LEFT))
        here.radio.start()
        here.radio.want_scan(LONG_S)
        wait_until(lambda: here.radio.presence(LEFT))
        pack.in_range = False
        began_s = time.monotonic()
        assert cause_key(here, LEFT, SHORT_S) == "ble-timeout"
        assert time.monotonic() - began_s < LONG_S, "it was not BlueZ that gave up"
        assert here.bluez.count("Disconnect", LEFT)  # the attempt is not left pending
        pack.in_range = True
        connect(here).disconnect(PATIENCE_S)


def test_never_heard_is_said_differently() -> None:
    """S0-13: looking for a device ends. It may be out of range, or held by a phone."""
    with stage(times=replace(FAST, find_s=0.3)) as here:
        here.bluez.add(FakePack(LEFT, advertises=False))
        assert cause_key(here) == "ble-not-found"


def test_a_busy_device_is_tried_again_then_freed(here: Stage) -> None:
    """S2-25: what another program left pending is ended, first gently."""
    here.bluez.add(FakePack(LEFT))
    here.bluez.rules.append(Rule("Connect", "InProgress", "In Progress"))
    connect(here).disconnect(PATIENCE_S)
    assert here.bluez.count("RemoveDevice") == 0
    here.bluez.rules.append(Rule("Connect", "Failed", "Operation already in progress", times=2))
    connect(here).disconnect(PATIENCE_S)
    assert here.bluez.count("RemoveDevice") == 1
    here.bluez.rules.append(Rule("Connect", "InProgress", "In Progress", times=3))
    assert cause_key(here) == "ble-busy"


def test_an_abort_with_a_short_link_is_tried_again(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.bluez.rules.append(Rule("Connect", "Failed", "le-connection-abort-by-local", flash=True))
    connect(here).disconnect(PATIENCE_S)
    assert here.bluez.count("Connect", LEFT) == 2


def test_an_abort_without_any_link_ends_at_the_time_out(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.bluez.rules.append(Rule("Connect", "Failed", "le-connection-abort-by-local"))
    assert cause_key(here, LEFT, SHORT_S) == "ble-timeout"


def test_a_connect_that_never_answers_ends(here: Stage) -> None:
    """S0-12: also when the service hangs."""
    here.bluez.add(FakePack(LEFT))
    here.bluez.rules.append(Rule("Connect", hang=True))
    assert cause_key(here, LEFT, SHORT_S) == "ble-timeout"
    connect(here).disconnect(PATIENCE_S)


def test_services_that_are_never_found_end_at_the_time_out(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, unresolved=True))
    assert cause_key(here, LEFT, SHORT_S) == "ble-timeout"
    wait_until(lambda: not here.bluez.is_connected(LEFT))
    pack.unresolved = False
    connect(here).disconnect(PATIENCE_S)


def test_a_link_left_behind_by_another_process_is_taken_over(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT, advertises=False))
    here.bluez.connect_behind(LEFT)
    here.radio.start()
    link = connect(here)
    assert "ff00" in link.services
    assert here.bluez.count("Connect", LEFT) == 0
    link.disconnect(PATIENCE_S)
    assert not here.bluez.is_connected(LEFT)


def test_one_device_is_not_given_out_twice(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    link = connect(here)
    assert cause_key(here) == "ble-in-use"
    link.disconnect(PATIENCE_S)


def test_several_at_once_connect_one_after_another(here: Stage) -> None:
    """Never two connects at once, no scan meanwhile: the fake notes both, and the stage asserts it."""
    addresses = [f"A4:C1:37:00:00:{n:02X}" for n in range(5)]
    for address in addresses:
        here.bluez.add(FakePack(address))
    here.radio.want_scan(LONG_S)
    links: list[GattLink] = []
    workers = [threading.Thread(target=lambda one=one: links.append(connect(here, one))) for one in addresses]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)
    assert sorted(link.address for link in links) == addresses
    assert sorted(here.bluez.linked()) == addresses


def test_an_abandoned_connect_ends_at_once() -> None:
    with stage(pace=Pace(connect_s=LONG_S)) as here:
        here.bluez.add(FakePack(LEFT))
        causes: list[str] = []
        worker = threading.Thread(target=lambda: causes.append(cause_key(here, LEFT, LONG_S)))
        worker.start()
        wait_until(lambda: here.bluez.count("Connect") and LEFT in here.radio._connecting)
        here.radio.abandon(LEFT)
        worker.join(PATIENCE_S)
        assert causes == ["ble-stopped"]
        wait_until(lambda: here.bluez.count("Disconnect"))


# the end


def test_stop_disconnects_everything_and_leaves_nothing(
    here: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for address in (LEFT, RIGHT):
        here.bluez.add(FakePack(address))
    before = open_files()
    for address in (LEFT, RIGHT):
        connect(here, address)
    here.radio.want_scan(LONG_S)
    here.radio.stop()
    assert "did not end in time" not in caplog.text
    assert here.bluez.linked() == []
    assert here.bluez.count("Disconnect", LEFT) == here.bluez.count("Disconnect", RIGHT) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "ble"]
    wait_until(lambda: open_files() <= before)
    here.radio.stop()


def test_stop_is_quick_when_the_service_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part has an end of its own, long before that of the whole and before those of bleak."""
    with stage(times=replace(FAST, scan_call_s=1.0)) as here, monkeypatch.context() as patch:
        patch.setattr(ble_station, "LEAVE_S", 1.0)
        here.bluez.add(FakePack(LEFT))
        connect(here)
        here.bluez.rules += [
            Rule(name, hang=True, times=99) for name in ("Disconnect", "StopNotify", "StopDiscovery")
        ]
        here.radio.want_scan(LONG_S)
        wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
        began_s = time.monotonic()
        here.radio.stop()
        assert time.monotonic() - began_s < BLEAK_S
        assert not [thread for thread in threading.enumerate() if thread.name == "ble"]


def test_stop_ends_when_its_parts_do_not() -> None:
    """`times.stop_s` is the end of all, whatever hangs."""
    with stage(times=replace(FAST, stop_s=1.0)) as here:
        here.bluez.add(FakePack(LEFT))
        connect(here)
        here.bluez.rules += [Rule(name, hang=True, times=99) for name in ("Disconnect", "StopDiscovery")]
        here.radio.want_scan(LONG_S)
        wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
        here.radio.stop()
        wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "ble"], BLEAK_S)


def test_a_stopped_radio_can_start_anew(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    connect(here)
    here.radio.stop()
    assert here.radio.state()[0] is RadioState.UNUSED
    assert cause_key(here) == "ble-stopped"
    here.radio.start()
    connect(here).disconnect(PATIENCE_S)


def test_the_service_dies_and_comes_back(here: Stage) -> None:
    """bluetoothd sends no signal when it is killed: the bus does."""
    here.bluez.add(FakePack(LEFT))
    lost = threading.Event()
    here.radio.connect(LEFT, on_data=lambda data: None, on_lost=lost.set)
    here.bluez.crash()
    assert lost.wait(PATIENCE_S)
    wait_until(lambda: is_state(here, RadioState.MISSING, "ble-no-service"))
    here.bluez.restart()
    wait_until(lambda: is_state(here, RadioState.ON, None))
    connect(here).disconnect(PATIENCE_S)


# the probe


def test_probe_tells_each_step_of_a_battery(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    report = here.radio.probe(LEFT, PATIENCE_S)
    assert [step.key for step in report.steps] == ["connect", "services", "subscribe", "read", "disconnect"]
    assert all(step.ok for step in report.steps)
    assert report.kind is DeviceKind.JBD and report.cause is None and "ff00" in report.services
    assert not here.bluez.is_connected(LEFT)


def test_probe_of_something_else_and_of_nothing() -> None:
    with stage(times=replace(FAST, find_s=0.2)) as here:
        here.bluez.add(FakePack(LEFT, "Watch", layout=HEART_LAYOUT, announced=("180d",)))
        here.radio.want_scan(LONG_S)
        wait_until(lambda: here.radio.presence(LEFT))
        report = here.radio.probe(LEFT, PATIENCE_S)
        assert report.services == ("180d",) and report.kind is DeviceKind.UNKNOWN
        assert report.cause is not None and report.cause.key == "ble-not-a-battery"
        report = here.radio.probe(RIGHT, PATIENCE_S)
        assert report.cause is not None and report.cause.key == "ble-not-found"


def test_a_live_link_is_not_starved_by_a_scan(here: Stage) -> None:
    """S2-17, CL-34: the scan goes on without a pause, and no poll of fifty is late.

    Late is counted in advertisements that the radio took in between the question and its answer: a busy
    machine has fewer of both. Half a second has about 500 here.
    """
    pack = here.bluez.add(FakePack(LEFT))
    phones = 10
    for n in range(phones):
        here.bluez.add(FakePack(f"00:00:00:00:00:{n:02X}", f"phone {n}", announced=()))
    heard: list[Seen] = []
    here.radio.listen(heard.append)
    waited: list[int] = []
    asked_at: list[int] = []

    def answers(data: bytes) -> None:
        if len(waited) < len(asked_at):  # the first piece of an answer
            waited.append(len(heard) - asked_at[-1])
        take(data)

    wire = here.wire(pack)
    take, wire._on_data = wire._on_data, answers  # type: ignore[method-assign]  # in the radio's thread
    wire.open()
    pack.on_write = lambda data: asked_at.append(len(heard))
    here.radio.want_scan(LONG_S)
    wait_until(lambda: len(heard) > phones)
    stops = here.bluez.count("StopDiscovery")
    for _ in range(50):
        assert ask(wire, BASIC)[:2] == b"\xdd\x03"
    assert len(waited) == len(asked_at) == 50
    assert max(waited) < 0.5 / here.bluez.pace.advertise_s * phones
    assert here.bluez.scanners["/org/bluez/hci0"] and here.bluez.count("StopDiscovery") == stops
    wire.close()


def test_nothing_of_bluetooth_is_imported_at_the_start() -> None:
    code = (
        "import sys, tui.transports.radio, tui.transports.ble;"
        "print([name for name in sys.modules if name.split('.')[0] in ('bleak', 'dbus_fast')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (TimeoutError(), "ble-timeout"),
        (ImportError("bleak"), "ble-not-installed"),
        (ConnectionRefusedError(), "ble-no-service"),
        (EOFError(), "ble-no-service"),
        (PermissionError(), "ble-forbidden"),
        (ValueError("odd"), "ble-failed"),
    ],
)
def test_every_exception_has_a_cause(error: Exception, key: str) -> None:
    assert cause_of(error, Place(LEFT)).key == key


def test_a_probe_names_the_step_that_failed(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.bluez.rules.append(Rule("StartNotify", "Failed", "Operation failed with ATT error: 0x05"))
    report = here.radio.probe(LEFT, PATIENCE_S)
    assert [(step.key, step.ok) for step in report.steps][2] == ("subscribe", False)
    assert report.cause is not None and report.cause.key == "ble-needs-pairing"


def test_a_wish_from_before_the_adapter_came_is_kept() -> None:
    with stage(adapters=()) as here:
        here.radio.want_scan(LONG_S)
        wait_until(lambda: is_state(here, RadioState.MISSING, "ble-missing"))
        here.bluez.plug()
        wait_until(lambda: here.bluez.scanners.get("/org/bluez/hci0"))


def test_a_device_that_bluez_forgot_meanwhile_is_heard_again(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.radio.want_scan(LONG_S)
    wait_until(lambda: here.radio.presence(LEFT))
    unknown = "org.freedesktop.DBus.Error.UnknownObject"
    here.bluez.rules.append(Rule("Connect", unknown, "no such object"))
    connect(here).disconnect(PATIENCE_S)
    assert here.bluez.count("Connect", LEFT) == 2


def test_a_quick_switch_of_the_adapter_does_not_end_the_scan_for_good(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    here.radio.want_scan(LONG_S)
    wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
    after: list[set[str]] = []

    def switch() -> None:
        here.bluez._power("/org/bluez/hci0", False)
        here.bluez._power("/org/bluez/hci0", True)
        # Read here: the radio may look again before this thread does.
        after.append(set(here.bluez.scanners["/org/bluez/hci0"]))

    here.bluez.do(switch)
    assert after == [set()]
    wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
    connect(here).disconnect(PATIENCE_S)


def test_the_right_texts_are_there_for_every_cause() -> None:
    """Arguments of a sentence are those that its cause brings."""
    place = Place(LEFT, "hci0", 15.0)
    assert place.cause("ble-off").values() == {"address": LEFT, "adapter": "hci0"}
    assert cause_of(TimeoutError(), place).values()["seconds"] == "15"
