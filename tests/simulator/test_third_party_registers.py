"""Programs that others wrote and our editor agree on what a simulated device holds.

Each program runs against `packdeck simulate` on a pseudo-terminal: what `packdeck registers set` wrote, it
reads; what it writes, `packdeck registers list` shows. For JBD boards the other program is bmstools, which
presents a password first, six zeros where none was set; so its board is one that has that register. It is no
dependency (its package names three licences): where it is not installed those tests are left out.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.register_runs import board_here, document, run_given, simulated
from tests.cli.runs import PATIENCE_S, House, house

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

UNIT = 0xAA
PULSES = 70_000
NO_PASSWORD = "000000"


@pytest.fixture
def home() -> Iterator[House]:
    with house() as made:
        yield made


def editor(home: House, path: Path, family: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`packdeck registers`, with an engine of its own; a board gets its password."""
    port = ("--port", str(path), "--protocol", family)
    secret = ("--password",) if family == "jbd" else ()
    done = run_given(home, f"{NO_PASSWORD}\n", "registers", *words, *port, *secret)
    assert done.returncode == 0, done.stderr
    return done


def edit(home: House, path: Path, family: str, *changes: str) -> None:
    """Change values."""
    editor(home, path, family, "set", *changes, "--yes")


def shown(home: House, path: Path, family: str) -> dict[str, object]:
    """What the editor shows of the device now, by key."""
    done = editor(home, path, family, "list", "--json", "--fresh")
    return {row["key"]: row["value"] for row in document(done)["registers"]}


# TinyBMS


@contextmanager
def pymodbus_at(path: Path) -> Iterator[Any]:
    modbus = pytest.importorskip("pymodbus.client")
    client = modbus.ModbusSerialClient(str(path), baudrate=115200, timeout=PATIENCE_S, retries=0)
    assert client.connect()
    try:
        yield client
    finally:
        client.close()


def test_pymodbus_reads_what_was_written_and_writes_what_is_shown(home: House) -> None:
    """S1-54: a word, a long word of two registers, and a packed one."""
    with simulated(home, "tinybms") as path:
        edit(home, path, "tinybms", "over_voltage_cutoff=3900", f"pulses_per_unit={PULSES}")
        with pymodbus_at(path) as client:
            read = client.read_holding_registers
            assert read(315, count=1, device_id=UNIT).registers == [3900]
            assert read(312, count=2, device_id=UNIT).registers == [PULSES & 0xFFFF, PULSES >> 16]
            assert not client.write_registers(315, [3777], device_id=UNIT).isError()
            assert not client.write_registers(312, [123, 1], device_id=UNIT).isError()
        found = shown(home, path, "tinybms")
        assert found["over_voltage_cutoff"] == 3777
        assert found["pulses_per_unit"] == 65536 + 123


def test_minimalmodbus_reads_what_was_written_and_writes_what_is_shown(home: House) -> None:
    """S1-54: the same with another library."""
    minimalmodbus = pytest.importorskip("minimalmodbus")
    with simulated(home, "tinybms") as path:
        edit(home, path, "tinybms", "fully_charged_voltage=3600", "automatic_recovery=9")
        instrument: Any = minimalmodbus.Instrument(str(path), UNIT)
        instrument.serial.baudrate, instrument.serial.timeout = 115200, PATIENCE_S
        try:
            assert instrument.read_register(300) == 3600
            assert instrument.read_register(332) == 9
            instrument.write_registers(300, [3590])
        finally:
            instrument.serial.close()
        assert shown(home, path, "tinybms")["fully_charged_voltage"] == 3590


# JBD

WRITTEN = {  # by us, as bmstools names and scales it: mV, mA, mAh, °C
    "cell_overvoltage=3600": ("covp", 3600),
    "pack_undervoltage=10.5": ("puvp", 10500),
    "charge_overcurrent=80": ("chgoc", 80_000),
    "discharge_overcurrent=90.5": ("dsgoc", -90_500),
    "charge_overtemperature=67.5": ("chgot", 67.5),
    "discharge_undertemperature=-15": ("dsgut", -15.0),
    "cycle_capacity=77.77": ("cycle_cap", 77_770),
    "cell_overvoltage_delay=7": ("covp_delay", 7),
    "function_leds=on": ("led_en", True),
    "ntc3=on": ("ntc3", True),
    "shunt=0.5": ("shunt_res", 0.5),
    "fet_time=61": ("fet_ctrl", 61),
    "barcode=PACK-0042": ("barcode", "PACK-0042"),
}
WRITTEN_BY_IT = {  # by bmstools, and what our editor shows
    "covp": (3620, "cell_overvoltage", 3620),
    "dsgoc": (-77_000, "discharge_overcurrent", 77.0),
    "chgot": (68, "charge_overtemperature", 68.0),  # it writes whole degrees only
    "covp_delay": (9, "cell_overvoltage_delay", 9),
    "led_en": (False, "function_leds", 0),
    "mfg_name": ("OTHERS", "manufacturer", "OTHERS"),
}


@contextmanager
def bmstools_at(path: Path) -> Iterator[Any]:
    jbd = pytest.importorskip("bmstools.jbd", reason="bmstools is not installed")
    import serial

    port = serial.Serial()
    port.port, port.baudrate = str(path), 9600
    try:
        yield jbd.JBD(port, timeout=PATIENCE_S)
    finally:
        port.close()


def test_bmstools_reads_what_was_written_and_writes_what_is_shown(home: House) -> None:
    """S1-54: every register that both know reads; values of each kind agree in both directions."""
    pytest.importorskip("bmstools.jbd", reason="bmstools is not installed")
    with board_here(home) as (board, path):
        board.faults.password = bytes(6)
        edit(home, path, "jbd", *WRITTEN)
        with bmstools_at(path) as other:
            theirs = other.readEeprom()
            for name, value in WRITTEN.values():
                expected = pytest.approx(value) if isinstance(value, float) else value
                assert theirs[name] == expected, name
            other.writeEeprom({name: value for name, (value, _, _) in WRITTEN_BY_IT.items()})
        found = shown(home, path, "jbd")
    for name, (_, key, value) in WRITTEN_BY_IT.items():
        assert found[key] == value, name


def test_bmstools_and_we_read_each_others_files(home: House) -> None:
    """S1-55, S1-56: a .fig of ours means the same to it; one that it saved changes nothing in the device."""
    pytest.importorskip("bmstools.jbd", reason="bmstools is not installed")
    ours, theirs = home.folder / "ours.fig", home.folder / "theirs.fig"
    with board_here(home) as (board, path):
        board.faults.password = bytes(6)
        editor(home, path, "jbd", "export", str(ours))
        with bmstools_at(path) as other:
            held = other.readEeprom()
            told = other.loadEepromFile(str(ours))
            assert len(told) > 60
            for name, value in told.items():
                assert held[name] == (pytest.approx(value) if isinstance(value, float) else value), name
            other.saveEepromFile(str(theirs), held)
        same = editor(home, path, "jbd", "diff", str(theirs))
    assert "No difference" in same.stdout, same.stdout + same.stderr
