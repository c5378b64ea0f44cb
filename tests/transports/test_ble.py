"""A battery on the radio as a wire: the real bleak, a fake BlueZ, and a simulated board behind it."""

import gc
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.bluez.fake_bluez import Rule
from tests.bluez.pack import HEART_LAYOUT, FakePack, new_board
from tests.bluez.stage import BASIC, CELLS, FAST, Stage, ask, needs_bus, open_files, stage
from tests.fakes import PATIENCE_S, FakeClock, wait_until
from tui.model.device import RadioState
from tui.transports import ble
from tui.transports.ble import BleTransport
from tui.transports.ble_doubled import Doubled
from tui.transports.ble_unlock import frame, parse, password_frame
from tui.transports.transport import Visible, WireError

pytestmark = needs_bus

LEFT, RIGHT = "A4:C1:37:00:00:01", "A4:C1:37:00:00:02"
SECRET = "123412"
LONG_S = 600.0  # what goes on until the test is over


@pytest.fixture
def here() -> Iterator[Stage]:
    with stage() as made:
        yield made


def cause_of_open(wire: BleTransport) -> str:
    with pytest.raises(WireError) as raised:
        wire.open()
    return raised.value.cause.key


def cause_of_reading(wire: BleTransport, seconds: float = PATIENCE_S) -> str:
    keys: list[str] = []

    def broken() -> bool:
        try:
            wire.read(0.05)
        except WireError as error:
            keys.append(error.cause.key)
        return bool(keys)

    wait_until(broken, seconds)
    return keys[0]


# a good link


def test_answers_come_in_pieces_of_20_bytes(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = here.wire(pack)
    assert isinstance(wire, Visible)
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    assert len(ask(wire, CELLS)) == 8 + 7
    assert pack.heard == [BASIC, CELLS]
    wire.close()
    assert not here.bluez.is_connected(LEFT)


@pytest.mark.parametrize("chunk", [1, 7, 20, 100])
def test_any_cut_gives_the_same_bytes(here: Stage, chunk: int) -> None:
    pack = here.bluez.add(FakePack(LEFT, chunk=chunk, board=new_board(cells=16)))
    wire = here.wire(pack)
    wire.open()
    answer = ask(wire, CELLS)
    assert len(answer) == 16 * 2 + 7 and answer[-1] == 0x77
    wire.close()


def test_long_requests_go_out_in_pieces_of_20_bytes(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = here.wire(pack)
    wire.open()
    request = bytes(range(45))
    wire.write(request)
    wait_until(lambda: len(pack.heard) == 3)
    assert [len(piece) for piece in pack.heard] == [20, 20, 5] and b"".join(pack.heard) == request
    wire.close()


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (("write-without-response", "write"), "command"),
        (("write-without-response",), "command"),
        (("write",), "request"),
    ],
)
def test_the_kind_of_write_comes_from_the_characteristic(
    here: Stage, flags: tuple[str, ...], kind: str
) -> None:
    layout = (("ff00", (("ff01", ("notify",)), ("ff02", flags))),)
    wire = here.wire(here.bluez.add(FakePack(LEFT, layout=layout)))
    wire.open()
    ask(wire)
    (call,) = [call for call in here.bluez.calls if call.member == "WriteValue"]
    assert call.body[1]["type"].value == kind
    wire.close()


def test_the_other_family_of_services_works_as_well(here: Stage) -> None:
    layout = (("fff0", (("fff1", ("notify",)), ("fff2", ("write-without-response",)))),)
    pack = here.bluez.add(FakePack(LEFT, layout=layout, announced=("fff0",), source="fff1"))
    wire = here.wire(pack)
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_two_packs_at_once(here: Stage) -> None:
    wires = [
        here.wire(here.bluez.add(FakePack(address, board=new_board(cells))))
        for address, cells in ((LEFT, 4), (RIGHT, 8))
    ]
    for wire in wires:
        wire.open()
    for _ in range(5):
        assert [len(ask(wire, CELLS)) for wire in wires] == [15, 23]
    wires[0].close()
    assert len(ask(wires[1], CELLS)) == 23
    wires[1].close()


def test_ten_connects_in_a_row(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    for _ in range(10):
        wire.open()
        assert ask(wire)[:2] == b"\xdd\x03"
        wire.close()
        assert not here.bluez.is_connected(LEFT)
    assert here.bluez.count("Connect", LEFT) == 10
    assert here.bluez.count("StopNotify", LEFT) == 10


def test_the_first_request_may_be_lost(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, loses=1)))
    wire.open()
    wire.write(BASIC)
    assert wire.read(0.1) == b""
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


class Noting(threading.Condition):
    """A condition that notes for how long it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return super().wait(timeout)


def test_a_read_waits_no_longer_than_it_may(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, mute=True)))
    wire.open()
    wire._arrived = noting = Noting()
    assert wire.read(0.05) == b""
    assert noting.waits == [0.05]
    wire.close()


# links that end


def test_a_lost_link_is_told_at_once_and_comes_back(here: Stage) -> None:
    """S2-25: a device that was lost is connected again."""
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    ask(wire)
    here.bluez.cut(LEFT)
    assert cause_of_reading(wire) == "ble-lost"
    with pytest.raises(WireError) as raised:
        wire.write(BASIC)
    assert raised.value.cause.key == "ble-lost"
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_what_came_before_the_loss_is_not_lost(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, cut_after=1)))
    wire.open()
    wire.write(BASIC)
    wait_until(lambda: not here.bluez.is_connected(LEFT))
    assert len(wire.read(PATIENCE_S)) == 20
    assert cause_of_reading(wire) == "ble-lost"
    wire.close()


def test_a_link_killed_fifty_times_recovers_fifty_times_and_nothing_is_left(here: Stage) -> None:
    """S2-25: neither a thread, nor a task, nor a file descriptor stays behind."""
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    ask(wire)
    wait_until(lambda: tasks(here) is not None)
    files, names, running = open_files(), len(threading.enumerate()), tasks(here)
    for _ in range(50):
        here.bluez.cut(LEFT)
        assert cause_of_reading(wire) == "ble-lost"
        wire.open()
        assert ask(wire)[:2] == b"\xdd\x03"
    gc.collect()
    wait_until(lambda: open_files() <= files)
    wait_until(lambda: tasks(here) <= running)
    wait_until(lambda: len(threading.enumerate()) <= names)
    assert here.bluez.count("Connect", LEFT) == 51
    wire.close()


def tasks(here: Stage) -> int:
    """How many tasks the loop of the radio has."""
    import asyncio

    loop = here.radio._loop
    assert loop is not None

    async def count() -> int:
        return len(asyncio.all_tasks())

    return asyncio.run_coroutine_threadsafe(count(), loop).result(PATIENCE_S)


def test_the_adapter_goes_off_under_a_link(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    here.bluez.power(False)
    assert cause_of_reading(wire) == "ble-lost"
    assert cause_of_open(wire) in ("ble-off", "ble-adapter-gone")
    here.bluez.power(True)
    wait_until(lambda: here.radio.state()[1] is None)
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_close_unblocks_a_read_and_an_open(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = here.wire(pack)
    wire.open()
    results: list[object] = []
    reader = threading.Thread(target=lambda: results.append(wire.read(LONG_S)))
    reader.start()
    wire.close()
    reader.join(PATIENCE_S)
    assert results == [b""]
    here.bluez.rules.append(Rule("Connect", hang=True))
    connects = here.bluez.count("Connect")
    opener = threading.Thread(target=lambda: results.append(cause_of_open(here.wire(pack, timeout_s=LONG_S))))
    opener.start()
    wait_until(lambda: here.bluez.count("Connect") > connects and LEFT in here.radio._connecting)
    wire.close()  # the same address
    opener.join(PATIENCE_S)
    assert results == [b"", "ble-stopped"]


def test_a_closed_wire_says_so(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    wire.close()
    wire.close()
    assert wire.read(0.01) == b""
    with pytest.raises(WireError) as raised:
        wire.write(BASIC)
    assert raised.value.cause.key == "ble-closed"


def test_a_write_that_hangs_ends(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    monkeypatch.setattr(ble, "GATT_S", 0.2)
    here.bluez.rules.append(Rule("WriteValue", hang=True))
    with pytest.raises(WireError) as raised:
        wire.write(BASIC)
    assert raised.value.cause.key == "ble-no-answer"
    wire.close()


# devices that are something else


def test_a_device_that_is_no_battery_is_named(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, "Watch", layout=HEART_LAYOUT, announced=("180d",)))
    with pytest.raises(WireError) as raised:
        here.wire(pack).open()
    cause = raised.value.cause
    assert cause.key == "ble-not-a-battery"
    assert cause.values()["name"] == "Watch" and cause.values()["services"] == "180d Heart Rate"
    assert not here.bluez.is_connected(LEFT)


def test_services_that_come_too_late_are_read_again(here: Stage) -> None:
    """BlueZ says "resolved" before the objects are there; the second time everything it knew is removed."""
    pack = here.bluez.add(FakePack(LEFT, late_objects=True))
    wire = here.wire(pack)
    wire.open()
    assert here.bluez.count("RemoveDevice") == 1
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_a_board_without_its_characteristics(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, layout=(("ff00", (("ff03", ("read",)),)),)))
    assert cause_of_open(here.wire(pack)) == "ble-services-missing"


def test_another_program_reads_the_same_battery(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, repeats=2, board=new_board(cells=16))))
    wire.open()
    for _ in range(3):
        wire.write(BASIC)
        wait_until(lambda: len(wire._inbox) >= 90)
        with wire._arrived:
            if not wire._doubled.is_certain:
                wire._inbox.clear()
    assert cause_of_reading(wire) == "ble-duplicated"
    wire.close()


def test_equal_cells_are_not_taken_for_a_second_reader() -> None:
    doubled = Doubled()
    head, middle = b"\xdd\x04\x00\x40" + b"\x0d\x00" * 8, b"\x0d\x00" * 10
    for _ in range(20):
        doubled.asked()
        for chunk in (head, middle, middle, middle):
            doubled.came(chunk)
    assert not doubled.is_certain


# locks


@pytest.fixture
def patient(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """For modules that do answer."""
    monkeypatch.setattr(ble, "MODULE_S", PATIENCE_S)


@pytest.mark.usefixtures("patient")
def test_a_locked_module_opens_with_its_password(here: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        wire = here.wire(here.bluez.add(FakePack(LEFT, password=SECRET)), secret=SECRET)
        wire.open()
        assert ask(wire)[:2] == b"\xdd\x03"
        wire.close()
    own = [one.getMessage() for one in caplog.records if one.name.startswith("tui")]
    assert SECRET not in " ".join(own) and SECRET not in repr(wire)


@pytest.mark.usefixtures("patient")
def test_a_wrong_password_is_tried_once(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, password=SECRET))
    assert cause_of_open(here.wire(pack, secret="654321")) == "ble-wrong-secret"
    assert sum(1 for data in pack.heard if data[2] == 0x18) == 1
    assert cause_of_open(here.wire(pack, secret="too long")) == "ble-wrong-secret"


@pytest.mark.usefixtures("patient")
def test_a_silent_module_is_asked_whether_it_is_locked(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, password=SECRET)))
    wire.open()
    for _ in range(ble.ASK_AFTER_SILENT):
        wire.write(BASIC)
        assert wire.read(0.01) == b""
    with pytest.raises(WireError) as raised:
        wire.write(BASIC)
    assert raised.value.cause.key == "ble-locked"
    wire.close()


def test_a_module_without_a_lock_ignores_the_password(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ble, "MODULE_S", 0.05)
    wire = here.wire(here.bluez.add(FakePack(LEFT)), secret=SECRET)
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_a_module_that_repeats_requests_needs_pairing(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT, echoes=True)))
    wire.open()
    wire.write(BASIC)
    assert cause_of_reading(wire) == "ble-needs-pairing"
    wire.close()


@pytest.mark.parametrize("how", ["echoes", "wants_pairing"])
def test_pairing_with_a_passkey(here: Stage, how: str) -> None:
    pack = here.bluez.add(replace_pack(FakePack(LEFT, passkey=4711), how))
    wire = here.wire(pack, secret="004711")
    wire.open()
    assert pack.paired
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()
    assert here.bluez.count("RegisterAgent") == here.bluez.count("UnregisterAgent") == 1


def replace_pack(pack: FakePack, how: str) -> FakePack:
    return replace(pack, **{how: True})


def test_a_wrong_passkey_and_none(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, passkey=4711, wants_pairing=True))
    assert cause_of_open(here.wire(pack)) == "ble-needs-pairing"
    assert cause_of_open(here.wire(pack, secret="123456")) == "ble-wrong-secret"
    assert not pack.paired


def test_the_worked_example_of_the_protocol_document() -> None:
    assert password_frame("A4:C1:37:04:2D:BE", SECRET, 0x61).hex() == "ffaa1806f65465917dedc8"
    assert frame(0x15, b"000000").hex() == "ffaa15063030303030303b"
    assert parse(bytes.fromhex("00ffaa18010019"), 0x18) == b"\0"
    assert parse(bytes.fromhex("ffaa18010018"), 0x18) is None
    assert parse(b"\xff\xaa", 0x18) is None


def test_presence_of_a_wire(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    here.radio.start()
    wait_until(wire.presence)
    wire.open()
    assert wire.presence() is not None
    wire.close()


def test_a_dead_service_under_a_link(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    here.bluez.crash()
    assert cause_of_reading(wire) == "ble-lost"
    wait_until(lambda: here.radio.state()[0] is RadioState.MISSING)
    here.bluez.restart()
    wait_until(lambda: here.radio.state()[1] is None)
    wire.open()
    assert ask(wire)[:2] == b"\xdd\x03"
    wire.close()


def test_a_slow_find_does_not_delay_another_pack() -> None:
    """One missing pack never delays the others: while it is looked for, another connects and answers."""
    clock = FakeClock()
    with stage(clock=clock) as here:
        missing, near = FakePack(RIGHT, in_range=False), FakePack(LEFT)
        here.bluez.add(missing)
        here.bluez.add(near)
        causes: list[str] = []
        searching = threading.Thread(target=lambda: causes.append(cause_of_open(here.wire(missing))))
        searching.start()
        wait_until(lambda: here.bluez.scanners["/org/bluez/hci0"])
        wire = here.wire(near)
        wire.open()
        assert ask(wire)[:2] == b"\xdd\x03"
        wire.close()
        assert searching.is_alive() and causes == []
        clock.advance(FAST.find_s + 1.0)
        searching.join(PATIENCE_S)
        assert causes == ["ble-not-found"]


def test_a_close_by_another_thread_does_not_wait_for_the_radio() -> None:
    """The engine closes all wires in turn at its end; BlueZ takes two seconds for each."""
    with stage() as here:
        wire = here.wire(here.bluez.add(FakePack(LEFT)))
        opener = threading.Thread(target=wire.open)
        opener.start()
        opener.join(PATIENCE_S)
        bluez_is_ready = threading.Event()
        here.bluez.rules.append(Rule("Disconnect", gate=bluez_is_ready))
        closer = threading.Thread(target=wire.close)
        closer.start()
        closer.join(PATIENCE_S / 2)
        assert not closer.is_alive() and here.bluez.is_connected(LEFT)
        bluez_is_ready.set()
        wire.open()  # waits for the end of the link before
        assert ask(wire)[:2] == b"\xdd\x03"
        wire.close()
        assert here.bluez.count("Disconnect", LEFT) == 2


def test_the_stop_of_the_radio_ends_an_open_wire_with_a_cause(here: Stage) -> None:
    wire = here.wire(here.bluez.add(FakePack(LEFT)))
    wire.open()
    here.radio.stop()
    assert not here.bluez.is_connected(LEFT)
    with pytest.raises(WireError):
        wire.write(BASIC)
    wire.close()
