"""The fake itself, looked at through bleak alone: it must say what the real BlueZ says.

Texts and orders are those measured on BlueZ 5.66 and 5.82; when one of these tests changes, compare it with
the real thing first.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bluez.bus import private_bus
from tests.bluez.fake_bluez import FakeBluez, Pace, Rule
from tests.bluez.pack import FakePack
from tests.bluez.stage import BASIC, needs_bus
from tests.fakes import PATIENCE_S
from tui.transports.ble_connect import close_library
from tui.transports.ble_kinds import uuid_of

pytestmark = needs_bus

LEFT = "A4:C1:37:00:00:01"
LONG_S = 600.0  # what goes on until the test is over
FF01, FF02 = uuid_of("ff01"), uuid_of("ff02")


@pytest.fixture
def bluez() -> Iterator[FakeBluez]:
    with private_bus(), FakeBluez() as made:
        yield made


@pytest.fixture(autouse=True)
async def _library() -> Any:
    """bleak keeps one connection per loop; each test has a loop of its own."""
    yield
    close_library(asyncio.get_running_loop(), forget=True)
    await asyncio.sleep(0)


async def found() -> Any:
    from bleak import BleakScanner

    device = await BleakScanner.find_device_by_address(LEFT, timeout=PATIENCE_S)
    assert device is not None
    return device


async def until(true: Any) -> None:
    for _ in range(int(PATIENCE_S * 100)):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen")


async def test_find_connect_ask_and_disconnect(bluez: FakeBluez) -> None:
    from bleak import BleakClient

    bluez.add(FakePack(LEFT))
    chunks: list[bytes] = []
    async with BleakClient(await found()) as client:
        assert {service.uuid for service in client.services} == {uuid_of("1801"), uuid_of("ff00")}
        await client.start_notify(FF01, lambda _, data: chunks.append(bytes(data)))
        await client.write_gatt_char(FF02, BASIC, response=False)
        await until(lambda: sum(map(len, chunks)) == 43)
    assert [len(chunk) for chunk in chunks] == [20, 20, 3]
    assert not bluez.is_connected(LEFT)


async def test_a_second_scan_of_one_program_is_refused(bluez: FakeBluez) -> None:
    from bleak import BleakScanner
    from bleak.exc import BleakDBusError

    async with BleakScanner():
        with pytest.raises(BleakDBusError) as raised:
            await BleakScanner().start()
        assert raised.value.dbus_error == "org.bluez.Error.InProgress"


async def test_out_of_range_is_a_failure_without_a_signal(bluez: FakeBluez) -> None:
    from bleak import BleakClient

    pack = bluez.add(FakePack(LEFT))
    device = await found()
    pack.in_range = False
    with pytest.raises(TimeoutError):
        await BleakClient(device, timeout=0.5).connect()
    assert bluez.count("Disconnect", LEFT) == 1


async def test_a_pending_connect_refuses_a_second_and_ends_with_disconnect() -> None:
    from bleak import BleakClient
    from bleak.exc import BleakDBusError

    with private_bus(), FakeBluez(pace=Pace(connect_s=LONG_S)) as bluez:
        bluez.add(FakePack(LEFT))
        device = await found()
        first = asyncio.ensure_future(BleakClient(device, timeout=LONG_S).connect())
        await until(lambda: bluez.count("Connect", LEFT) == 1)
        with pytest.raises(BleakDBusError) as raised:
            await BleakClient(device).connect()  # its clean-up sends Disconnect, which ends the first as well
        assert raised.value.dbus_error == "org.bluez.Error.InProgress"
        with pytest.raises(BleakDBusError) as raised:
            await first
        assert raised.value.args[1] == "br-connection-canceled"
        close_library(asyncio.get_running_loop(), forget=True)


async def test_two_subscribers_hear_everything_twice(bluez: FakeBluez) -> None:
    from bleak import BleakClient

    bluez.add(FakePack(LEFT))
    device = await found()
    heard: list[bytes] = []
    async with BleakClient(device) as one, BleakClient(device) as other:
        for client in (one, other):
            await client.start_notify(FF01, lambda _, data: heard.append(bytes(data)))
        bluez.notify(LEFT, b"hello")
        await until(lambda: len(heard) == 4)
    assert set(heard) == {b"hello"}


async def test_a_lost_link_is_told_and_the_objects_stay(bluez: FakeBluez) -> None:
    from bleak import BleakClient
    from bleak.exc import BleakError

    bluez.add(FakePack(LEFT))
    lost = asyncio.Event()
    client = BleakClient(await found(), lambda _: lost.set())
    await client.connect()
    bluez.cut(LEFT)
    await asyncio.wait_for(lost.wait(), PATIENCE_S)
    assert not client.is_connected
    with pytest.raises(BleakError, match="Service Discovery"):
        await client.write_gatt_char(FF02, BASIC, response=False)
    await client.disconnect()
    added = len(bluez.objects)
    async with BleakClient(await found()) as again:
        assert again.services.get_characteristic(FF01) is not None
    assert len(bluez.objects) == added


async def test_a_rule_fails_exactly_as_often_as_it_says(bluez: FakeBluez) -> None:
    from bleak import BleakScanner
    from bleak.exc import BleakDBusError

    bluez.rules.append(Rule("StartDiscovery", "NotReady", "Resource Not Ready", times=2))
    for _ in range(2):
        with pytest.raises(BleakDBusError):
            await BleakScanner().start()
    async with BleakScanner():
        assert len(bluez.scanners["/org/bluez/hci0"]) == 1


async def test_a_client_that_leaves_ends_its_scan_and_not_its_link(bluez: FakeBluez) -> None:
    from bleak import BleakClient, BleakScanner

    bluez.add(FakePack(LEFT))
    client = BleakClient(await found())
    await client.connect()
    await BleakScanner().start()
    close_library(asyncio.get_running_loop(), forget=True)  # as when the process is killed
    await until(lambda: not bluez.scanners["/org/bluez/hci0"])
    assert bluez.is_connected(LEFT)
    await asyncio.wait_for(asyncio.gather(client.disconnect(), return_exceptions=True), PATIENCE_S)


async def test_an_unknown_object_and_an_adapter_without_power(bluez: FakeBluez) -> None:
    from bleak import BleakScanner
    from bleak.exc import BleakBluetoothNotAvailableError

    bluez.power(False)
    with pytest.raises(BleakBluetoothNotAvailableError):
        await BleakScanner().start()
    bluez.unplug()
    with pytest.raises(BleakBluetoothNotAvailableError):
        await BleakScanner().start()
