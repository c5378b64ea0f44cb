"""A battery of another make: aiobmsble itself, the real bleak, a fake BlueZ, and a simulated board.

The library's own JBD plug-in is the other make here: what it reads must be what our decoder reads.
"""

import gc
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from importlib.util import find_spec
from typing import Any, cast

import msgspec
import pytest

from tests.bluez.fake_bluez import Pace, Rule
from tests.bluez.pack import HEART_LAYOUT, FakePack, new_board
from tests.bluez.stage import FAST, Stage, needs_bus, open_files, stage
from tests.fakes import PATIENCE_S, wait_until
from tests.protocols.talk import BASIC, CELLS, HARDWARE, basic, u16
from tui.engine.engine import Engine
from tui.engine.wires import open_protocol
from tui.locale import say, use
from tui.model.frame import Direction, Frame, Trust
from tui.model.link import Cause, Phase
from tui.model.requests import LookAtFrames
from tui.model.sample import Pack
from tui.model.track import Setup, Track
from tui.protocols import other_bms as language
from tui.protocols.jbd_frames import answer_frame
from tui.simulator.as_jbd import JbdDevice
from tui.store.config import parse_config
from tui.transports import other_makes
from tui.transports.other_bms import IDENTITY, VALUES, OtherBmsTransport
from tui.transports.radio import RadioLoop
from tui.transports.replay import ReplayTransport
from tui.transports.transport import Visible, WireError

needs_library = pytest.mark.skipif(find_spec("aiobmsble") is None, reason="aiobmsble is not installed")

LEFT, RIGHT = "A4:C1:37:00:00:01", "A4:C1:37:00:00:02"
FFE0 = "0000ffe0-0000-1000-8000-00805f9b34fb"
HUNG_S = 600.0


@pytest.fixture
def here() -> Iterator[Stage]:
    with stage() as made:
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library gives a silent battery up after 0.2 s instead of 10."""
    from aiobmsble.basebms import BaseBMS

    monkeypatch.setattr(BaseBMS, "_RETRY_TIMEOUT", 0.01)


def wire_to(here: Stage, pack: FakePack, **more: Any) -> OtherBmsTransport:
    return OtherBmsTransport(here.radio, pack.address, **{"timeout_s": PATIENCE_S, **more})


def said(wire: OtherBmsTransport, request: bytes = VALUES) -> dict[str, Any]:
    wire.write(request)
    return heard(wire)


def heard(wire: OtherBmsTransport) -> dict[str, Any]:
    records: list[bytes] = []

    def come() -> bool:
        records.append(wire.read(0.05))
        return bool(records[-1])

    wait_until(come)
    assert records[-1].endswith(b"\n") and records[-1].count(b"\n") == 1
    found: dict[str, Any] = msgspec.json.decode(records[-1])
    return found


def cause_of_open(wire: OtherBmsTransport) -> Cause:
    with pytest.raises(WireError) as raised:
        wire.open()
    return raised.value.cause


def cause_of_reading(wire: OtherBmsTransport) -> str:
    keys: list[str] = []

    def broken() -> bool:
        try:
            wire.read(0.05)
        except WireError as error:
            keys.append(error.cause.key)
        return bool(keys)

    wait_until(broken)
    return keys[0]


# without the library


@contextmanager
def without_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "aiobmsble", None)
        patch.setitem(sys.modules, "aiobmsble.utils", None)
        yield


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No radio is touched for it."""
    wire = OtherBmsTransport(RadioLoop(times=FAST), LEFT)
    with without_library(monkeypatch):
        cause = cause_of_open(wire)
    assert cause.key == "more-bms-missing"
    for language_code, words in (("en", "run: pip install"), ("fr", "lancez : pip install")):
        use(language_code)
        todo = say("cause-more-bms-missing-do", **cause.values())
        assert words in todo and "'packdeck[more-bms]'" in todo and "3.12" in todo
        assert "aiobmsble" in say("cause-more-bms-missing", **cause.values())


@needs_bus
def test_without_the_library_the_track_says_so_and_others_live(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.bluez.add(FakePack(LEFT))
    here.bluez.add(FakePack(RIGHT))
    with without_library(monkeypatch), engine_on(left="jbd", right="aiobmsble") as engine:
        wait_until(lambda: track(engine, "left").link.phase is Phase.UP)
        wait_until(lambda: track(engine, "right").link.phase is Phase.LOST)
        cause = track(engine, "right").link.cause
    assert cause is not None and cause.key == "more-bms-missing"
    assert here.bluez.count("Connect", RIGHT) == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the library can be installed here")
def test_on_an_old_python_the_library_is_missing() -> None:
    with pytest.raises(WireError) as raised:
        other_makes.require()
    assert raised.value.cause == Cause("more-bms-missing", (("python", "3.11"),))


@pytest.mark.parametrize("key", ["more-bms-missing", "ble-make-unknown", "protocol-needs-ble"])
def test_its_causes_are_said_in_every_language(key: str) -> None:
    args = {"python": "3.11", "name": "X", "address": LEFT, "protocol": "aiobmsble"}
    for language_code in ("en", "fr"):
        use(language_code)
        assert say(f"cause-{key}", **args) and say(f"cause-{key}-do", **args)


def test_it_is_a_word_for_bluetooth_only() -> None:
    assert open_protocol(Setup("left", "ble", LEFT, "aiobmsble")).next_due_s() <= 0
    with pytest.raises(WireError) as raised:
        open_protocol(Setup("left", "uart", "/dev/ttyUSB0", "aiobmsble"))
    assert raised.value.cause.key == "protocol-needs-ble"


def test_the_configuration_chooses_it() -> None:
    text = f'[tracks.left]\ntransport = "ble"\nmac = "{LEFT}"\nprotocol = "AioBmsBle"\n'
    (setup,) = parse_config(text.encode(), "config.toml").setups
    assert (setup.transport, setup.address, setup.protocol) == ("ble", LEFT, "aiobmsble")


def test_wire_and_language_mean_the_same_words() -> None:
    assert (VALUES, IDENTITY) == (language.VALUES, language.IDENTITY)


# the wire


@needs_bus
@needs_library
def test_a_record_is_what_the_library_gave(here: Stage) -> None:
    wire = wire_to(here, here.bluez.add(FakePack(LEFT, board=new_board(8))))
    wire.open()
    record = said(wire)
    assert record["make"] == "jbd"
    assert len(record["values"]["cell_voltages"]) == record["values"]["cell_count"] == 8
    assert [one["of"] for one in record["values"]["temp_values"]] == ["cell", "cell"]
    assert "power" not in record["values"]  # nothing that is only computed
    assert said(wire, IDENTITY)["identity"]["hw_version"].startswith("PACKDECK-SIM")
    assert isinstance(wire, Visible) and wire.presence() == "hci0 linked"
    wire.close()
    assert here.bluez.linked() == []
    assert LEFT in repr(wire)


@needs_bus
@needs_library
def test_a_device_of_no_known_make_is_named(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, name="Heart", layout=HEART_LAYOUT, announced=("180d",)))
    cause = cause_of_open(wire_to(here, pack))
    assert cause.key == "ble-make-unknown" and cause.values()["name"] == "Heart"
    assert here.bluez.count("Connect", LEFT) == 0


@needs_bus
@needs_library
def test_a_make_without_its_services_is_said(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT, layout=HEART_LAYOUT, announced=("ff00",)))
    assert cause_of_open(wire_to(here, pack)).key == "ble-services-missing"
    wait_until(lambda: here.bluez.linked() == [])


@needs_bus
@needs_library
def test_a_lost_link_is_said_and_can_be_opened_again(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = wire_to(here, pack)
    wire.open()
    said(wire)
    here.bluez.cut(LEFT)
    assert cause_of_reading(wire) == "ble-lost"
    connects = here.bluez.count("Connect", LEFT)
    wire.write(VALUES)  # the library would connect by itself here
    assert cause_of_reading(wire) == "ble-lost"
    assert here.bluez.count("Connect", LEFT) == connects
    wire.open()
    assert said(wire)["values"]["cell_count"] == 4


@needs_bus
@needs_library
def test_out_of_range_ends_in_time_and_leaves_nothing_behind() -> None:
    """S0-12: the library itself would try for a minute and a half."""
    with stage(pace=Pace(abort_s=HUNG_S)) as here:
        pack = here.bluez.add(FakePack(LEFT))
        wire = wire_to(here, pack, timeout_s=0.3)
        here.radio.want_scan(HUNG_S)
        wait_until(wire.presence)
        pack.in_range = False
        assert cause_of_open(wire).key == "ble-timeout"
        assert here.bluez.peers[LEFT].pending is None
        gc.collect()
        before = open_files()
        pack.in_range = True
        wait_until(wire.presence)
        pack.in_range = False
        assert cause_of_open(wire).key == "ble-timeout"
        gc.collect()
        wait_until(lambda: open_files() <= before)


@needs_bus
@needs_library
def test_a_refused_connect_is_tried_again_after_clearing_the_air(here: Stage) -> None:
    here.bluez.rules.append(Rule("Connect", "InProgress", "In Progress", address=LEFT))
    wire = wire_to(here, here.bluez.add(FakePack(LEFT)))
    wire.open()
    assert said(wire)["values"]


@needs_bus
@needs_library
def test_a_link_that_was_left_behind_is_taken_over(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    here.bluez.connect_behind(LEFT)
    wire = wire_to(here, pack)
    wire.open()
    assert said(wire)["values"]["cell_count"] == 4
    assert here.bluez.count("Connect", LEFT) == 0


@needs_bus
@needs_library
@pytest.mark.usefixtures("quick")
def test_silence_is_a_record_and_the_link_stays(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = wire_to(here, pack)
    wire.open()
    pack.mute = True
    assert said(wire) == {"make": "jbd", "error": "TimeoutError"}
    pack.mute = False
    assert said(wire)["values"]
    assert here.bluez.count("Connect", LEFT) == 1


@needs_bus
@needs_library
def test_an_update_has_an_end_of_its_own(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = wire_to(here, pack, ask_s=0.1)
    wire.open()
    pack.mute = True
    wire.write(VALUES)
    assert cause_of_reading(wire) == "ble-silent"


@needs_bus
@needs_library
@pytest.mark.usefixtures("quick")
def test_a_daemon_that_died_is_a_lost_link_and_its_return_is_enough(here: Stage) -> None:
    wire = wire_to(here, here.bluez.add(FakePack(LEFT)))
    wire.open()
    said(wire)
    here.bluez.crash()
    with pytest.raises(WireError) as raised:  # nobody is told: only the next question shows it
        said(wire)
    assert raised.value.cause.key in ("ble-lost", "ble-no-service")
    wire.close()
    here.bluez.restart()

    def opened() -> bool:
        try:
            wire.open()
        except WireError:
            return False
        return True

    wait_until(opened)
    assert said(wire)["values"]


@needs_bus
@needs_library
def test_one_address_is_used_once(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    ours, theirs = here.wire(pack), wire_to(here, pack)
    ours.open()
    assert cause_of_open(theirs).key == "ble-in-use"
    ours.close()
    theirs.open()
    with pytest.raises(WireError, match="ble-in-use"):
        ours.open()
    assert said(theirs)["values"]


@needs_bus
@needs_library
def test_several_connect_one_after_another_while_somebody_scans(here: Stage) -> None:
    """The stage itself fails when a connect meets another one or a scan."""
    packs = [here.bluez.add(FakePack(f"A4:C1:37:00:00:0{n}")) for n in range(1, 5)]
    wires = [wire_to(here, pack) if n % 2 else here.wire(pack) for n, pack in enumerate(packs)]
    here.radio.want_scan(HUNG_S)
    threads = [threading.Thread(target=wire.open) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(here.bluez.linked()) == [pack.address for pack in packs]
    for wire in wires:
        if isinstance(wire, OtherBmsTransport):
            assert said(wire)["values"]


@needs_bus
@needs_library
def test_closing_ends_an_open_that_another_thread_waits_for() -> None:
    with stage(pace=Pace(connect_s=HUNG_S)) as here:
        wire = wire_to(here, here.bluez.add(FakePack(LEFT)), timeout_s=HUNG_S)
        causes: list[Cause] = []
        thread = threading.Thread(target=lambda: causes.append(cause_of_open(wire)))
        thread.start()
        wait_until(lambda: here.bluez.count("Connect", LEFT) == 1)
        wire.close()
        thread.join(PATIENCE_S)
        assert [cause.key for cause in causes] == ["ble-stopped"]
        wait_until(lambda: here.bluez.peers[LEFT].pending is None)


@needs_bus
@needs_library
def test_the_end_of_the_radio_ends_the_link_and_the_question(here: Stage) -> None:
    pack = here.bluez.add(FakePack(LEFT))
    wire = wire_to(here, pack)
    wire.open()
    pack.mute = True
    wire.write(VALUES)
    here.radio.stop()
    wait_until(lambda: here.bluez.linked() == [])
    assert cause_of_reading(wire) in ("ble-stopped", "ble-lost")
    wire.close()
    with pytest.raises(WireError, match="ble-closed"):
        wire.write(VALUES)


@needs_bus
@needs_library
def test_nothing_is_left_after_many_openings(here: Stage) -> None:
    wire = wire_to(here, here.bluez.add(FakePack(LEFT)))
    counts = []
    for _ in range(4):
        wire.open()
        said(wire)
        wire.close()
        gc.collect()
        counts.append(open_files())
    assert counts[-1] <= counts[1]


@needs_bus
@needs_library
@pytest.mark.usefixtures("quick")
def test_a_secret_goes_to_the_make_and_into_no_log(here: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A board that does not answer the make's own handshake is silent, not out of range."""
    caplog.set_level(logging.DEBUG)
    for name in ("aiobmsble", "bleak"):  # as they were before any test; put back at the end
        caplog.set_level(logging.NOTSET, name)
    pack = here.bluez.add(FakePack(LEFT))
    wire = wire_to(here, pack, secret="geheim")
    assert cause_of_open(wire).key == "ble-silent"
    assert any(b"geheim" in data for data in pack.heard)
    assert "geheim" not in repr(wire)
    told = caplog.text.replace(" ", "").lower()
    assert LEFT.lower() in told
    assert b"geheim".hex() not in told and "geheim" not in told
    wait_until(lambda: here.bluez.linked() == [])


@needs_bus
@needs_library
def test_a_refused_secret_is_said(here: Stage) -> None:
    """The fake module takes 000000 in that handshake and refuses all others."""
    pack = here.bluez.add(FakePack(LEFT, password="123412"))
    assert cause_of_open(wire_to(here, pack, secret="999999")).key == "ble-wrong-secret"


@needs_bus
@needs_library
@pytest.mark.parametrize(
    ("secret", "key"), [("123456", ""), ("654321", "ble-wrong-secret"), ("x", "ble-wrong-secret")]
)
def test_a_module_that_wants_pairing_is_paired(here: Stage, secret: str, key: str) -> None:
    pack = here.bluez.add(FakePack(LEFT, wants_pairing=True, passkey=123456))
    wire = wire_to(here, pack, secret=secret)
    if key:
        assert cause_of_open(wire).key == key
        return
    wire.open()
    assert pack.paired and said(wire)["values"]


# which make


@needs_library
@pytest.mark.parametrize(
    ("name", "props", "make"),
    [
        ("JK-B2A24S", {"ManufacturerData": {0x0B65: b"\x88"}, "UUIDs": [FFE0]}, "jikong"),
        ("DL-1234", {"Name": "DL-40D2111003AC", "ManufacturerData": {0x0102: b"\x01"}}, "daly"),
        ("Phone", {"Name": "Phone"}, ""),
        ("JK-B2A24S", None, "jikong"),  # not BlueZ: what the list of devices has must do
    ],
)
def test_the_librarys_own_signs_find_the_make(name: str, props: dict[str, Any] | None, make: str) -> None:
    from aiobmsble.utils import bms_supported, load_bms_plugins
    from bleak.backends.device import BLEDevice

    from tui.transports.ble_air import Seen

    seen = Seen("11:22:33:44:55:66", name, -60, (FFE0,), (0x0B65,), 0.0)
    details = None if props is None else {"path": "/x", "props": props}
    device = BLEDevice("11:22:33:44:55:66", name, details)
    announced = other_makes.advertised(device, seen)
    found = [
        module.__name__.rpartition(".")[2].removesuffix("_bms")
        for module in load_bms_plugins()
        if bms_supported(module.BMS, announced, device.address)
    ]
    assert found == ([make] if make else [])


# the whole engine


@contextmanager
def engine_on(**protocols: str) -> Iterator[Engine]:
    """Each track with its protocol; the first has the address LEFT, the second RIGHT."""
    setups = [
        Setup(name, "ble", mac, protocol, poll_s=0.3, mac=mac, connect_timeout_s=PATIENCE_S)
        for (name, protocol), mac in zip(protocols.items(), (LEFT, RIGHT), strict=False)
    ]
    engine = Engine(tuple(setups), open_radio=lambda: RadioLoop(times=FAST))
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


def track(engine: Engine, name: str) -> Track:
    found = engine.fleet().track(name)
    assert found is not None
    return found


def is_read(one: Track) -> bool:
    return bool(one.link.phase is Phase.UP and one.cells.mv and one.identity.hardware)


class Board:
    """Answers with the same payloads for ever, so that two readers can be compared to the last digit."""

    def __init__(self, payloads: dict[int, bytes]) -> None:
        self._payloads = payloads

    def receive(self, data: bytes, now_s: float) -> bytes:
        payload = self._payloads.get(data[2])
        return answer_frame(data[2], 0x80, b"") if payload is None else answer_frame(data[2], 0, payload)


@needs_bus
@needs_library
@pytest.mark.parametrize(
    ("payload", "current_a"),
    [
        (basic(current=-806), -8.06),
        (basic(current=1234, soc=100, switches=1, kelvin_tenths=(2681, 2731, 3031)), 12.34),
        (basic(current=-1500, trailer=bytes((0x80, *bytes(8)))), -150.0),  # in tenths
        (basic(protection=0b100, switches=0), 0.0),
    ],
)
def test_both_ways_to_read_one_board_show_the_same(here: Stage, payload: bytes, current_a: float) -> None:
    """Two equal boards, one read by our decoder and one by the library, in one engine."""
    payloads = {BASIC: payload, CELLS: u16(3300, 3299, 3310, 3291), HARDWARE: b"JBD-SP04S020"}
    for mac in (LEFT, RIGHT):
        here.bluez.add(FakePack(mac, board=cast("JbdDevice", Board(payloads))))
    with engine_on(left="jbd", right="aiobmsble") as engine:
        wait_until(lambda: is_read(track(engine, "left")) and is_read(track(engine, "right")))
        ours, theirs = track(engine, "left"), track(engine, "right")
    assert (ours.protocol, theirs.protocol) == ("jbd", "aiobmsble")
    assert theirs.pack.current_a == current_a
    assert theirs.cells == ours.cells
    assert shared(theirs.pack) == shared(ours.pack)
    assert bool(theirs.pack.protections) == bool(ours.pack.protections)
    assert theirs.battery is ours.battery
    assert (theirs.identity.hardware, theirs.identity.firmware) == ("JBD-SP04S020", ours.identity.firmware)


def shared(pack: Pack) -> dict[str, Any]:
    """What both can say. The library knows a problem, but not which; nor limiter, humidity and the like."""
    ours_alone = {"protections", "limiter_on", "heater_on", "balance_current_ma", "humidity_pct"}
    return {field.name: getattr(pack, field.name) for field in fields(pack) if field.name not in ours_alone}


@needs_bus
@needs_library
def test_its_frames_are_shown_and_replayed(here: Stage) -> None:
    here.bluez.add(FakePack(LEFT))
    with engine_on(left="aiobmsble") as engine:
        wait_until(lambda: track(engine, "left").link.traffic.answers >= 4)
        view = engine.ask(LookAtFrames("left")).frames
        frames: list[Frame] = list(engine.frames(0))
        traffic = track(engine, "left").link.traffic
        assert track(engine, "left").simulated  # it says so itself, also through the library
    assert view is not None
    assert {(kind.key, kind.direction) for kind in view.kinds} == {
        (key, direction) for key in ("values", "identity") for direction in Direction
    }
    assert all(kind.trust is Trust.GOOD for kind in view.kinds)
    assert traffic.unanswered == traffic.garbage_bytes == traffic.implausible == 0
    wire = ReplayTransport(frames, is_bus=False, speed=1000.0)
    protocol = open_protocol(Setup("left", "replay", "x", "aiobmsble", poll_s=0.0))
    wire.open()
    outcomes: list[object] = []
    for request in protocol.requests_due(0.0):
        wire.write(request)

    def come() -> bool:
        outcomes.extend(protocol.feed(wire.read(0.05)))
        return bool(outcomes)

    wait_until(come)
    recorded = next(frame for frame in frames if frame.direction is Direction.RX)
    again = open_protocol(Setup("left", "replay", "x", "aiobmsble"))
    again.requests_due(0.0)
    assert outcomes == again.feed(recorded.data)


@needs_bus
@needs_library
def test_a_lost_battery_of_another_make_comes_back(here: Stage) -> None:
    """X-8."""
    pack = here.bluez.add(FakePack(LEFT))
    with engine_on(left="aiobmsble") as engine:
        wait_until(lambda: track(engine, "left").link.phase is Phase.UP)
        pack.in_range = False
        here.bluez.cut(LEFT)
        wait_until(lambda: track(engine, "left").link.phase is Phase.LOST)
        cause = track(engine, "left").link.cause
        assert cause is not None and cause.key in ("ble-lost", "ble-not-found")
        pack.in_range = True
        wait_until(lambda: track(engine, "left").link.phase is Phase.UP)
    wait_until(lambda: here.bluez.linked() == [])
