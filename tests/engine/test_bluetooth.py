"""Two packs on one adapter through the whole engine: real bleak, a fake BlueZ, simulated boards."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bluez.pack import FakePack, new_board
from tests.bluez.stage import FAST, Stage, needs_bus, stage
from tests.fakes import PATIENCE_S, wait_until
from tui.engine.engine import Engine
from tui.feed import wire
from tui.model.device import Device, DeviceKind, RadioState, is_address
from tui.model.link import Cause, Phase
from tui.model.requests import (
    Lend,
    Pair,
    Probe,
    ReconnectDevice,
    Request,
    ResetAdapter,
    Scan,
    Unpair,
)
from tui.model.track import Setup, Track
from tui.protocols import jbd
from tui.transports.radio import RadioLoop

pytestmark = needs_bus

LONG_S = 600.0  # what goes on until the test is over
LEFT, RIGHT, STRANGER = "A4:C1:37:00:00:01", "A4:C1:37:00:00:02", "A4:C1:37:00:00:09"
SETUPS = (
    Setup("left", "ble", LEFT, poll_s=0.3, mac=LEFT, connect_timeout_s=PATIENCE_S),
    Setup("right", "ble", RIGHT, poll_s=0.3, mac=RIGHT, connect_timeout_s=PATIENCE_S),
)


class Home:
    """An engine, its radio and both packs."""

    def __init__(self, here: Stage, engine: Engine, packs: tuple[FakePack, FakePack]) -> None:
        self.here, self.engine = here, engine
        self.left, self.right = packs

    def track(self, name: str) -> Track:
        found = self.engine.fleet().track(name)
        assert found is not None
        return found

    def device(self, address: str) -> Device:
        found = self.engine.fleet().radio.device(address)
        assert found is not None
        return found

    def wait_up(self, *names: str) -> None:
        wait_until(lambda: all(self.track(n).link.phase is Phase.UP for n in names))

    def do(self, request: Request) -> None:
        answer = self.engine.ask(request)
        assert answer.ok, answer.cause


@contextmanager
def engine_on(here: Stage, database: Path | None = None) -> Iterator[Engine]:
    engine = Engine(SETUPS, database=database, open_radio=lambda: RadioLoop(times=FAST))
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with stage() as here:
        packs = here.bluez.add(FakePack(LEFT)), here.bluez.add(FakePack(RIGHT, board=new_board(8)))
        with engine_on(here, tmp_path / "history.db") as engine:
            yield Home(here, engine, packs)


def test_both_packs_are_live_on_one_adapter(home: Home) -> None:
    """S0-1, S0-2, S2-25."""
    home.wait_up("left", "right")
    wait_until(lambda: len(home.track("right").cells.mv) == 8)
    wait_until(lambda: home.device(LEFT).connected and home.device(RIGHT).connected)
    assert home.engine.fleet().radio.state is RadioState.ON
    assert home.device(LEFT).kind is DeviceKind.JBD
    assert home.device(LEFT).track == "left"


def test_a_lost_link_says_so_and_comes_back(home: Home) -> None:
    """X-8."""
    home.wait_up("left", "right")
    home.left.in_range = False
    home.here.bluez.cut(LEFT)
    wait_until(lambda: home.track("left").link.phase is not Phase.UP)
    wait_until(lambda: home.track("left").link.cause is not None)
    assert home.track("right").link.phase is Phase.UP
    home.left.in_range = True
    home.wait_up("left")


def test_scanning_does_not_slow_the_links(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-10: the poll interval holds while scanning."""
    monkeypatch.setattr(jbd, "ANSWER_S", PATIENCE_S)  # unanswered is what has no answer, not a slow machine
    home.wait_up("left", "right")
    home.do(Scan(LONG_S))
    wait_until(lambda: home.engine.fleet().radio.scan_until_s is not None)
    before = home.track("left").link.traffic.answers
    wait_until(lambda: home.track("left").link.traffic.answers >= before + 12)
    assert home.track("left").link.traffic.unanswered <= 2
    home.do(Scan(0))
    wait_until(lambda: home.engine.fleet().radio.scan_until_s is None)


def test_a_lent_pack_is_let_go_and_taken_back(home: Home) -> None:
    home.wait_up("left", "right")
    home.do(Lend(LEFT, 600.0))
    wait_until(lambda: home.track("left").link.phase is Phase.LENT)
    cause = home.track("left").link.cause
    assert cause is not None and cause.key == "ble-lent"
    wait_until(lambda: home.device(LEFT).lent_until_s is not None)
    assert not home.device(LEFT).connected
    home.do(Lend(LEFT, 0.0))
    home.wait_up("left")


def test_a_stranger_is_seen_probed_paired_and_forgotten(home: Home) -> None:
    """S0-35, S2-20: without touching the links of others."""
    home.wait_up("left", "right")
    home.here.bluez.add(FakePack(STRANGER, name="JBD-SP04S020"))
    home.do(Scan(LONG_S))
    wait_until(lambda: home.engine.fleet().radio.device(STRANGER) is not None)
    answer = home.engine.ask(Probe(STRANGER))
    assert answer.probe is not None
    assert answer.ok, answer.cause
    assert any("ff00" in service for service in answer.probe.services)
    home.do(Pair(STRANGER, secret="424242"))
    wait_until(lambda: home.device(STRANGER).paired and home.device(STRANGER).has_secret)
    assert "424242" not in wire.encode(wire.WholeFleet(1, home.engine.fleet()))
    home.do(Unpair(STRANGER))
    wait_until(lambda: not home.device(STRANGER).paired)
    assert home.track("left").link.phase is Phase.UP


def test_what_is_no_address_does_not_become_ours(home: Home) -> None:
    """A slip of the keyboard is refused and leaves nothing in the list."""
    for word in ("nonsense", "A4:C1:37:00:00", "A4:C1:37:00:00:0G", ""):
        answer = home.engine.ask(Pair(word))
        assert answer.cause == Cause("ble-address-wrong", (("address", word),))
    home.do(Pair("a4-c1-37-00-00-09"))
    home.do(Pair("0F1E2D3C-0000-1111-2222-0123456789AB"))
    wait_until(lambda: len(home.engine.fleet().radio.devices) >= 4)
    assert home.device(STRANGER).paired
    assert all(is_address(device.address) for device in home.engine.fleet().radio.devices)


def test_a_connected_pack_is_not_probed(home: Home) -> None:
    home.wait_up("left")
    wait_until(lambda: home.device(LEFT).connected)
    cause = home.engine.ask(Probe(LEFT)).cause
    assert cause is not None and cause.key == "ble-connected-here"


def test_a_device_that_is_not_ours_cannot_be_reconnected(home: Home) -> None:
    answer = home.engine.ask(ReconnectDevice(STRANGER))
    assert not answer.ok and answer.cause is not None


def test_after_a_reset_of_the_adapter_both_come_back(home: Home) -> None:
    """S0-36."""
    home.wait_up("left", "right")
    home.do(ResetAdapter())
    home.wait_up("left", "right")


def test_an_adapter_that_is_switched_off_is_said_and_waited_for(home: Home) -> None:
    home.wait_up("left", "right")
    home.here.bluez.power(False)
    wait_until(lambda: home.engine.fleet().radio.state is RadioState.OFF)
    wait_until(lambda: home.track("left").link.phase is not Phase.UP)
    home.here.bluez.power(True)
    home.wait_up("left", "right")


def test_who_is_ours_outlives_the_engine(tmp_path: Path) -> None:
    with stage() as here:
        here.bluez.add(FakePack(LEFT))
        here.bluez.add(FakePack(RIGHT))
        path = tmp_path / "history.db"
        with engine_on(here, path) as engine:
            assert engine.ask(Pair(STRANGER, secret="424242")).ok
        assert path.stat().st_mode & 0o077 == 0
        with engine_on(here, path) as engine:
            wait_until(lambda: engine.fleet().radio.device(STRANGER) is not None)
            device = engine.fleet().radio.device(STRANGER)
            assert device is not None and device.paired and device.has_secret


def test_leaving_disconnects(home: Home) -> None:
    """A link that is left open would make the pack invisible to everybody."""
    home.wait_up("left", "right")
    home.engine.close()
    wait_until(lambda: home.here.bluez.linked() == [])


def test_a_machine_that_was_off_overnight_connects_by_itself(tmp_path: Path) -> None:
    """S2-23 is about a device that stays away, not about an engine that was away itself."""
    with stage() as here:
        here.bluez.add(FakePack(LEFT))
        here.bluez.add(FakePack(RIGHT))
        path = tmp_path / "history.db"
        with engine_on(here, path) as engine:
            wait_until(lambda: engine.fleet().tracks[0].link.phase is Phase.UP)
        with sqlite3.connect(path) as database:
            database.execute(
                "UPDATE pairings SET seen_ms = seen_ms - 43200000, paired_ms = paired_ms - 86400000"
            )
        with engine_on(here, path) as engine:
            wait_until(lambda: engine.fleet().tracks[0].link.phase is Phase.UP)
