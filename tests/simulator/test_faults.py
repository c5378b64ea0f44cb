"""Every fault changes what a screen shows within two polls, and is gone again when it ends: S1-78."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import wait_until
from tests.simulator.wire import Chain
from tui.locale import say
from tui.model.sample import Doubt, Protection
from tui.model.simulation import AMOUNTS, ClearFault, FaultKind, InjectFault
from tui.protocols.jbd_frames import read_request
from tui.protocols.protocol import Bad, Rejected
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.line import Line
from tui.simulator.pty import PtyDevice
from tui.simulator.simulation import Plan, Simulation

POLL_S = 1.0
TWO_POLLS_S = 2 * POLL_S + 0.2
GONE_S = 40.0  # a BMS waits 30 s before it lets a current in again

Look = Callable[[Chain], bool]


def has(*protections: Protection) -> Look:
    return lambda chain: set(protections) <= set(chain.track.pack.protections)


BATTERY_FAULTS: dict[FaultKind, Look] = {
    FaultKind.CELL_SHORT: lambda c: c.track.cells.mv[2] < 2500 and has(Protection.CELL_UNDERVOLTAGE)(c),
    FaultKind.HIGH_RESISTANCE: lambda c: (
        (c.track.cells.lowest == 3 and has(Protection.CELL_UNDERVOLTAGE)(c)) or c.track.cells.mv[2] < 3100
    ),
    FaultKind.OPEN_WIRE: lambda c: c.track.cells.mv[2] == 0,
    FaultKind.SENSOR: lambda c: (
        Doubt.TEMPERATURE in c.track.pack.doubts and has(Protection.CHARGE_UNDERTEMPERATURE)(c)
    ),
    FaultKind.OVERHEAT: lambda c: (
        max(c.track.pack.temperatures_c) > 45 and has(Protection.CHARGE_OVERTEMPERATURE)(c)
    ),
    FaultKind.WEAK_CELL: lambda c: c.track.cells.mv[2] < 3000,
    FaultKind.STUCK_CHARGE_FET: has(Protection.CHARGE_MOSFET_BREAKDOWN),
    FaultKind.STUCK_DISCHARGE_FET: has(Protection.DISCHARGE_MOSFET_BREAKDOWN),
    FaultKind.WRONG_SCALE: lambda c: (
        max(abs(p.current_a or 0) for _, p in c.packs[-2:]) > 45 or has(Protection.DISCHARGE_OVERCURRENT)(c)
    ),
}


def chain(soc_pct: float = 90.0) -> Chain:
    made = Chain(poll_s=POLL_S, prepare=lambda simulation: simulation.add("pack-1", soc_pct=soc_pct))
    return made.run(6.0)


@pytest.mark.parametrize("kind", BATTERY_FAULTS, ids=lambda kind: kind.value)
def test_faults_of_a_battery(kind: FaultKind) -> None:
    """Screen and alerts: there within two polls, as before when it has ended."""
    wire = chain(40.0 if kind is FaultKind.WEAK_CELL else 90.0)
    before = wire.alerts
    assert not BATTERY_FAULTS[kind](wire)
    answer = wire.simulation.ask(InjectFault(kind, where=3))
    assert answer.ok and answer.simulation and answer.simulation.faults[0].kind is kind
    wire.run(TWO_POLLS_S)
    assert BATTERY_FAULTS[kind](wire), (wire.track.pack, wire.track.cells)
    assert wire.alerts - before
    answer = wire.simulation.ask(ClearFault(kind))
    assert answer.simulation and not answer.simulation.faults
    wire.run(GONE_S)
    assert not BATTERY_FAULTS[kind](wire)
    stay = {
        key for key, _ in wire.alerts - before if not key.endswith("-breakdown")
    }  # until somebody has seen it
    assert not stay - {"soc-low", "imbalance"}, wire.alerts


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (FaultKind.CORRUPT, 100.0),
        (FaultKind.LOST_REPLIES, 100.0),
        (FaultKind.LINK_LOSS, None),
        (FaultKind.SLEEP, None),
    ],
)
def test_faults_of_a_wire(kind: FaultKind, amount: float | None) -> None:
    """No reading comes while it lasts; the next poll after it brings one."""
    wire = chain()
    read = len(wire.packs)
    assert wire.simulation.ask(InjectFault(kind, amount=amount)).ok
    assert wire.line.is_unplugged is (kind is FaultKind.LINK_LOSS)
    wire.run(TWO_POLLS_S)
    assert len(wire.packs) == read
    damaged = [o for o in wire.outcomes if isinstance(o, Rejected) and o.why is Bad.CHECKSUM]
    assert bool(damaged) is (kind is FaultKind.CORRUPT)
    assert wire.simulation.ask(ClearFault()).ok
    wire.run(12.0)
    assert len(wire.packs) > read


def test_two_percent_are_damaged_by_default() -> None:
    """CL-30: about 2 % of the answers have a wrong checksum and are counted; no value comes of them."""
    wire = Chain(Plan(), poll_s=0.1).run(150)
    damaged = sum(o.count for o in wire.outcomes if isinstance(o, Rejected) and o.why is Bad.CHECKSUM)
    share = damaged / len(wire.frames)
    assert 0.01 < share < 0.035


def test_a_reset_in_the_middle_of_a_write() -> None:
    """The value is taken, nobody says so, and the unit is away for two seconds; once only."""
    wire = chain()
    wire.simulation.ask(InjectFault(FaultKind.RESET_IN_WRITE))
    switch_off = bytes.fromhex("DD5AE1020003FF1A77")
    assert wire.line.receive(switch_off, wire.now_s) == b""
    assert wire.battery.charge_locked and wire.battery.discharge_locked
    ask = read_request(0x03)
    assert wire.line.receive(ask, wire.now_s + 1.0) == b""
    assert wire.line.receive(ask, wire.now_s + 2.5)
    assert wire.line.receive(switch_off, wire.now_s + 3.0)
    assert not list(wire.simulation.faults.active(0.0))


def test_late_answers_and_a_lost_port(tmp_path: Path) -> None:
    """On a real pseudo-terminal: an answer waits, the port goes and comes back under its name."""
    simulation = Simulation(Plan(corrupt_pct=0.0))
    simulation.add("pack-1")
    line = Line(JbdDevice(simulation.packs["pack-1"]), simulation, "pack-1")
    port = PtyDevice(line, tmp_path / "bms")
    port.start()
    try:
        simulation.ask(InjectFault(FaultKind.DELAY, amount=0.25))
        assert line.delay_s == 0.25
        simulation.ask(InjectFault(FaultKind.LINK_LOSS))
        wait_until(lambda: not (tmp_path / "bms").is_symlink())
        simulation.ask(ClearFault())
        wait_until((tmp_path / "bms").exists)
        assert line.delay_s == 0.0
    finally:
        port.stop()
    assert not (tmp_path / "bms").is_symlink()


def test_faults_end_by_themselves_and_without_a_trace() -> None:
    """With a time; the weak cell has its charge back, the heat is gone with the heater."""
    wire = chain()
    cell = wire.battery.cells[0]
    capacity, charge_ah = cell.capacity_ah, cell.soc_pct * cell.capacity_ah
    wire.simulation.ask(InjectFault(FaultKind.WEAK_CELL, amount=0.6, for_s=1.0))
    wire.simulation.ask(InjectFault(FaultKind.OVERHEAT, for_s=1.0))
    assert cell.capacity_ah == pytest.approx(0.6 * capacity)
    wire.run(2.0)
    assert wire.simulation.ask(ClearFault()).simulation.faults == ()  # type: ignore[union-attr]
    assert cell.capacity_ah == pytest.approx(capacity)
    assert cell.soc_pct * cell.capacity_ah == pytest.approx(charge_ah, rel=0.03)
    assert max(wire.battery.thermal.zones_c) < 30
    words = [event.key for event in wire.simulation.events]
    assert words.count("fault-began") == words.count("fault-ended") == 2


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (InjectFault("cell-shrt"), "sim-fault-unknown"),
        (InjectFault("cell-short", where=17), "sim-where"),
        (InjectFault("overheat", where=5), "sim-where"),
        (InjectFault("cell-short", where=-1), "sim-where"),
        (InjectFault("cell-short", amount=-1.0), "sim-amount"),
        (InjectFault("corrupt", amount=101.0), "sim-amount"),
        (InjectFault("weak-cell", amount=float("nan")), "sim-amount"),
        (InjectFault("sleep", for_s=0.0), "sim-for"),
        (InjectFault("sleep", pack="left"), "sim-pack-unknown"),
        (ClearFault("sleeep"), "sim-fault-unknown"),
        (ClearFault(pack="nobody"), "sim-pack-unknown"),
    ],
)
def test_what_cannot_be_is_a_sentence(asked: InjectFault | ClearFault, key: str) -> None:
    """The running simulation goes on, unchanged."""
    wire = chain()
    answer = wire.simulation.ask(asked)
    assert not answer.ok and answer.cause and answer.cause.key == key
    for part in ("", "-do"):
        assert "{" not in say(f"cause-{key}{part}", **answer.cause.values())
    read = len(wire.packs)
    wire.run(3.0)
    assert len(wire.packs) > read and not list(wire.simulation.faults.active(0.0))


def test_every_fault_has_words_and_the_table_is_whole() -> None:
    for kind in FaultKind:
        assert say(f"fault-{kind}") != f"fault-{kind}"
    wires = {"corrupt", "delay", "lost-replies", "link-loss", "sleep", "reset-in-write"}
    assert {kind.value for kind in BATTERY_FAULTS} | wires == {kind.value for kind in FaultKind}
    assert all(low <= usual <= high for usual, low, high in AMOUNTS.values())
