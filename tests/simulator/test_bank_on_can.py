"""Several packs and the CAN bus: connected ones are told as one battery, separate ones want a bus each."""

import json
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House, house
from tests.fakes import wait_until
from tui.model.can import CanFrame
from tui.model.simulation import Connection, FaultKind, InjectFault, SetSimulation
from tui.protocols import battery_can_decode as ids
from tui.simulator.as_can import CanBattery
from tui.simulator.bank_on_can import BankOnCan
from tui.simulator.line import BusLine
from tui.simulator.simulation import Plan, Simulation


def bank(connection: Connection, style: str = "victron") -> tuple[Simulation, BusLine]:
    made = Simulation(Plan(corrupt_pct=0.0, connection=connection))
    for n in (1, 2, 3):
        made.add(f"pack-{n}", soc_pct=70.0 + n)
    return made, BusLine(CanBattery(BankOnCan(made), style), made, "pack-1")


def newest(line: BusLine, until_s: float) -> dict[int, bytes]:
    """The last frame of every identifier after so many seconds."""
    frames: list[CanFrame] = []
    for n in range(round(until_s * 10) + 1):
        frames += line.frames(n / 10)
    return {frame.can_id: frame.data for frame in frames}


def word(data: bytes, n: int, *, signed: bool = False) -> int:
    return int.from_bytes(data[2 * n : 2 * n + 2], "little", signed=signed)


def test_packs_in_parallel_are_one_battery() -> None:
    """S1-11, S1-77, S1-81: currents, capacities and limits add up, one voltage, three modules."""
    made, line = bank(Connection.PARALLEL)
    seen, packs = newest(line, 3.0), list(made.packs.values())
    measured = seen[ids.MEASUREMENTS]
    assert word(measured, 0) == pytest.approx(packs[1].pack_mv / 10, abs=10)
    assert word(measured, 1, signed=True) == pytest.approx(sum(p.current_a for p in packs) * 10, abs=15)
    assert word(measured, 1, signed=True) < -150
    assert word(seen[ids.STATE], 0) == pytest.approx(72, abs=2)
    assert word(seen[ids.LIMITS], 1) == 10 * sum(p.charge_a for p in packs)
    assert [word(seen[ids.MODULES], n) for n in range(4)] == [3, 0, 0, 0]
    assert word(seen[ids.INSTALLED], 0) == 300
    made.ask(InjectFault(FaultKind.LINK_LOSS, "pack-3"))
    made.packs["pack-2"].charge_locked = True
    modules = newest(line, 5.0)[ids.MODULES]
    assert [word(modules, n) for n in range(4)] == [2, 1, 0, 1]


def test_packs_in_series_are_one_battery() -> None:
    """S1-81: voltages add up, one current; the limits are those of one string."""
    made, line = bank(Connection.SERIES)
    seen, packs = newest(line, 3.0), list(made.packs.values())
    assert word(seen[ids.MEASUREMENTS], 0) == pytest.approx(sum(p.pack_mv for p in packs) / 10, abs=20)
    assert word(seen[ids.MEASUREMENTS], 1, signed=True) == pytest.approx(packs[0].current_a * 10, abs=15)
    assert word(seen[ids.LIMITS], 0) == pytest.approx(3 * 16 * 35.5, abs=2)
    assert word(seen[ids.LIMITS], 1) == 10 * packs[0].charge_a
    assert word(seen[ids.INSTALLED], 0) == 100
    packs[1].discharge_locked = True
    seen = newest(line, 4.0)
    assert word(seen[ids.MODULES], 2) == 1
    assert word(seen[ids.LIMITS], 2) == 0, "one open switch stops all"


def test_it_follows_what_is_changed() -> None:
    """S1-77: more packs while it runs, and separate again: then only the first is told."""
    made, line = bank(Connection.PARALLEL)
    made.ask(SetSimulation(packs=5))
    assert word(newest(line, 2.0)[ids.MODULES], 0) == 5
    made.ask(SetSimulation(connection=Connection.SEPARATE))
    seen = newest(line, 4.0)
    assert word(seen[ids.MODULES], 0) == 1
    assert word(seen[ids.STATE], 0) == pytest.approx(made.packs["pack-1"].mean_soc_pct, abs=1)


def test_pylontech_counts_its_modules() -> None:
    """S1-11: the fifth byte of the alarms."""
    _, line = bank(Connection.PARALLEL, "pylontech")
    assert newest(line, 2.0)[ids.PYLON_ALARMS][4] == 3


@pytest.fixture
def home() -> Iterator[House]:
    with house() as made:
        yield made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--packs", "2", "--can", "virtual:a"), "2 packs cannot use 1 CAN bus"),
        (
            ("--packs", "3", "--can", "virtual:a", "--can", "virtual:b", "--connect", "parallel"),
            "2 CAN buses",
        ),
        (("--packs", "8", "--can", "virtual:a", "--connect", "series"), "327 V"),
    ],
)
def test_a_bus_that_cannot_tell_them_apart(home: House, words: tuple[str, ...], said: str) -> None:
    """One sentence and what to do, before anything is begun."""
    done = home.run("simulate", "--folder", str(home.folder / "p"), *words)
    assert done.returncode != 0 and said in done.stderr and "--can" in done.stderr
    assert "Traceback" not in done.stderr and not (home.folder / "p").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
@pytest.mark.parametrize(
    ("words", "wires"),
    [
        (("--connect", "parallel", "--can", "virtual:a"), ["can virtual:a", "can virtual:a"]),
        (("--can", "virtual:a", "--can", "virtual:b"), ["can virtual:a", "can virtual:b"]),
    ],
)
def test_every_pack_is_on_a_bus(home: House, words: tuple[str, ...], wires: list[str]) -> None:
    """S1-77: one bus for the connected, one each for the separate."""
    (home.folder / "run").mkdir()
    folder = str(home.folder / "p")
    with home.running("simulate", "--packs", "2", "--folder", folder, *words, until_open=False) as process:

        def packs() -> list[list[str]]:
            done = home.run("sim", "status", "--json")
            return [p["wires"] for p in json.loads(done.stdout)["packs"]] if done.returncode == 0 else []

        wait_until(lambda: [found[-1] for found in packs()] == wires or process.poll() is not None, LOOKS_S)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
