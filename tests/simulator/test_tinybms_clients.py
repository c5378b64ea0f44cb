"""S1-6: programs that others wrote read the simulated TinyBMS through a pseudo-terminal."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery, Phase
from tui.simulator.pty import PtyDevice

UNIT = 0xAA
PATIENCE_S = 60.0  # only a test that fails waits so long


@pytest.fixture
def served() -> Iterator[PtyDevice]:
    device = PtyDevice(TinyBmsDevice(Battery(14, phase=Phase.REST, rest_s=1e9)))
    device.start()
    yield device
    device.stop()


def battery(served: PtyDevice) -> Battery:
    assert isinstance(served.device, TinyBmsDevice)
    return served.device.battery


def test_pymodbus(served: PtyDevice) -> None:
    """Floats low word first, 125 registers at once, a written setting, and a refused one."""
    modbus = pytest.importorskip("pymodbus.client")
    client: Any = modbus.ModbusSerialClient(served.path, baudrate=115200, timeout=PATIENCE_S, retries=0)
    assert client.connect()
    try:
        volts = client.read_holding_registers(36, count=2, device_id=UNIT).registers
        told = client.convert_from_registers(volts, client.DATATYPE.FLOAT32, word_order="little")
        assert math.isclose(told, battery(served).pack_mv / 1000, rel_tol=1e-3)
        block = client.read_holding_registers(0, count=125, device_id=UNIT).registers
        assert block[:2] == [0, 0] and min(block[2:16]) > 30_000 and block[53] == 14
        assert not client.write_registers(315, [3700, 2600], device_id=UNIT).isError()
        assert client.read_holding_registers(315, count=2, device_id=UNIT).registers == [3700, 2600]
    finally:
        client.close()


def test_minimalmodbus(served: PtyDevice) -> None:
    """57 registers at once, a float, and single values."""
    minimalmodbus = pytest.importorskip("minimalmodbus")
    instrument: Any = minimalmodbus.Instrument(served.path, UNIT)
    instrument.serial.baudrate, instrument.serial.timeout = 115200, PATIENCE_S
    try:
        words = instrument.read_registers(0, 57, 3)
        assert len(words) == 57 and words[50] == 0x97
        volts = instrument.read_float(36, 3, 2, minimalmodbus.BYTEORDER_LITTLE_SWAP)
        assert math.isclose(volts, battery(served).pack_mv / 1000, rel_tol=1e-3)
        assert instrument.read_register(48, 1, signed=True) == pytest.approx(
            battery(served).temperatures_c[-1], abs=0.2
        )
        instrument.write_registers(300, [3600])
        assert instrument.read_register(300) == 3600
    finally:
        instrument.serial.close()
