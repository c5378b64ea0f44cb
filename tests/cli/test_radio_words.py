"""The words about Bluetooth, each a process of its own, against a fake BlueZ with real boards behind it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bluez.bus import private_bus
from tests.bluez.fake_bluez import FakeBluez
from tests.bluez.pack import HEART_LAYOUT, FakePack, new_board
from tests.bluez.stage import needs_bus
from tests.cli.runs import LOOKS_S, House, house
from tests.fakes import wait_until

pytestmark = needs_bus

LEFT, RIGHT, STRANGER, WATCH = (f"A4:C1:37:00:00:0{n}" for n in (1, 2, 9, 7))
CONFIG = f"""
[tracks.left]
transport = "ble"
mac = "{LEFT.lower()}"

[tracks.right]
transport = "ble"
mac = "{RIGHT}"
"""


@pytest.fixture
def radio() -> Iterator[FakeBluez]:
    """Two packs of ours, one of somebody else, and a watch."""
    with private_bus(), FakeBluez() as bluez:
        bluez.add(FakePack(LEFT))
        bluez.add(FakePack(RIGHT, board=new_board(8)))
        bluez.add(FakePack(STRANGER, name="JBD-SP10S009", rssi=-88))
        bluez.add(FakePack(WATCH, name="Watch", layout=HEART_LAYOUT, announced=("180d",)))
        yield bluez


@pytest.fixture
def home(radio: FakeBluez) -> Iterator[House]:
    """Made after the bus, whose address it inherits."""
    with house() as made:
        made.write_config(CONFIG)
        yield made


def devices(home: House) -> dict[str, dict[str, Any]]:
    done = home.run("scan", "--json", "--seconds", "1.5")
    assert done.returncode == 0, done.stderr
    return {device["address"]: device for device in json.loads(done.stdout)}


def states(home: House) -> dict[str, str]:
    return {name: track["state"] for name, track in home.status().get("tracks", {}).items()}


def test_scan_without_an_engine_lists_what_is_near(home: House) -> None:
    """S0-35, S2-14, S2-27: the user's units appear in the list."""
    found = devices(home)
    assert found[STRANGER]["name"] == "JBD-SP10S009"
    assert found[STRANGER]["rssi_dbm"] == -88
    assert found[STRANGER]["kind"] == "jbd"
    assert found[WATCH]["kind"] == "unknown"
    assert not any(device["connected"] for device in found.values())
    once = home.run("scan", "--once", "--seconds", "1.5")
    assert f"{STRANGER}   -88 dBm" in once.stdout


def test_probe_tells_each_step_or_what_it_is(home: House) -> None:
    """S0-41."""
    done = home.run("probe", STRANGER, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert all(step["ok"] for step in report["steps"])
    wrong = home.run("probe", WATCH)
    assert wrong.returncode != 0
    assert "is not a battery" in wrong.stderr
    assert "180d Heart Rate" in wrong.stderr, "what it is instead"
    nobody = home.run("probe", "A4:C1:37:00:00:99")
    assert nobody.returncode != 0
    assert "A4:C1:37:00:00:99 was not heard" in nobody.stderr


def test_two_packs_pair_unpair_and_reconnect(home: House, radio: FakeBluez) -> None:
    """S0-2, S0-9, S2-8, S2-10, S2-12, S2-19, S3-39: as a person types it, beside the running engine."""
    with home.running("serve"):
        wait_until(lambda: states(home) == {"left": "live", "right": "live"}, LOOKS_S)
        assert home.status()["tracks"]["right"]["cell_count"] == 8
        found = devices(home)
        assert found[LEFT]["paired"] and found[LEFT]["connected"] and found[LEFT]["track"] == "left"
        assert not found[STRANGER]["paired"]
        assert home.run("pair", STRANGER).returncode == 0
        assert devices(home)[STRANGER]["paired"]
        assert home.run("reconnect", STRANGER.lower()).returncode == 0
        assert home.run("unpair", STRANGER).returncode == 0
        assert not devices(home)[STRANGER]["paired"]
        refused = home.run("reconnect", STRANGER)
        assert refused.returncode != 0
        assert STRANGER in refused.stderr and "Traceback" not in refused.stderr
        assert states(home) == {"left": "live", "right": "live"}, "all that time"


def test_the_secret_is_never_an_argument_nor_shown(home: House) -> None:
    """The secret of a locked module comes from standard input and is nowhere to be read afterwards."""
    with home.running("serve"):
        wait_until(lambda: states(home) == {"left": "live", "right": "live"}, LOOKS_S)
        assert home.run("pair", STRANGER, "--secret").returncode == 0  # an empty line
        shown = home.run("scan", "--json", "--seconds", "1.5").stdout
        assert "secret" not in shown
    stored = home.folder / "state" / "history.db"
    assert stored.stat().st_mode & 0o077 == 0


def test_the_log_says_of_which_class_each_line_is(home: House, radio: FakeBluez) -> None:
    """S2-5, S2-31: Bluetooth status, connection, success, error; each with a mark and a word."""
    with home.running("serve") as engine:
        wait_until(lambda: states(home) == {"left": "live", "right": "live"}, LOOKS_S)
        engine.terminate()
        assert engine.stdout is not None
        said = engine.stdout.read()
    assert "~ ble   Bluetooth: on" in said, said
    assert "+ ok    left: up" in said, said
    assert "> conn  left: connecting" in said, said
    assert "\x1b[" not in said, "colour is for terminals"


def test_without_an_adapter_everything_says_so() -> None:
    """Bluetooth missing: a clear sentence, exit status not 0, and no traceback."""
    with private_bus(), FakeBluez(adapters=()), house() as home:
        for words in (("scan", "--once", "--seconds", "1"), ("probe", STRANGER)):
            done = home.run(*words)
            assert done.returncode != 0
            assert "no Bluetooth adapter" in done.stderr, done.stderr
