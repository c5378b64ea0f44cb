"""A running simulation: asked and changed while it runs; the same frames from the same input."""

import hashlib
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tests.simulator.wire import Chain, test_plan
from tui.feed.wire import read_from_screen
from tui.feed.wire_requests import asked, request_of
from tui.locale import say
from tui.model.requests import Answer
from tui.model.simulation import (
    SIMULATION_REQUESTS,
    Connection,
    InjectFault,
    LookAtSimulation,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    SimulationEvent,
    SimulationState,
    Stage,
)
from tui.protocols.jbd_frames import read_request
from tui.protocols.tinybms_frames import read_registers
from tui.simulator.as_can import CanBattery
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_telemetry import data, telemetry
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery, Fixed
from tui.simulator.line import BusLine, Line
from tui.simulator.script import parse, read_script
from tui.simulator.simulation import Plan, Simulation
from tui.transports.transport import WireError

ASK_BASIC, ASK_CELLS, ASK_LIVE = read_request(3), read_request(4), read_registers(0, 56)


def simulation(**plan: object) -> Simulation:
    made = Simulation(Plan(corrupt_pct=0.0, **plan))  # type: ignore[arg-type]
    made.add("pack-1")
    made.live(0.0)
    return made


def state(made: Simulation) -> SimulationState:
    found = made.ask(LookAtSimulation()).simulation
    assert found is not None
    return found


def traffic(made: Simulation, seconds: int) -> str:
    """A fingerprint of all that a JBD, a TinyBMS and a CAN reader get in that time."""
    battery, seen = made.packs["pack-1"], hashlib.sha256()
    jbd = Line(JbdDevice(battery), made, "pack-1")
    tiny = Line(TinyBmsDevice(battery), made, "pack-1")
    bus = BusLine(CanBattery(battery), made, "pack-1")
    for n in range(seconds * 2):
        now_s = n / 2
        for line, request in ((jbd, ASK_BASIC), (jbd, ASK_CELLS), (tiny, ASK_LIVE)):
            seen.update(line.receive(request, now_s))
        for frame in bus.frames(now_s):
            seen.update(frame.can_id.to_bytes(4, "big") + frame.data)
    return seen.hexdigest()


def test_mode_test_is_the_same_everywhere() -> None:
    """S1-26: the same input, the same output, frame for frame; written down once, so on every machine."""
    first = traffic(simulation(mode=Mode.TEST), 20)
    assert first == traffic(simulation(mode=Mode.TEST), 20)
    assert first == TEST_FRAMES


def test_a_seed_is_the_same_everywhere() -> None:
    """Also with noise, spikes, events and damage: no function of C is used that differs between systems."""
    first = traffic(simulation(seed=5), 240)
    assert first == REALISTIC_FRAMES
    assert first != traffic(simulation(seed=6), 240)


TEST_FRAMES = "dbe97ca53aacf835c33542f34dd0dedc659e8b26e363dfcc42d37bba6cad404b"
REALISTIC_FRAMES = "bd83e9bf64956389e1334e889b31ee43155e823f6d8477c13708d3a353ac9490"


def test_mode_test_says_what_it_is_told() -> None:
    """S1-26: the values under sim.test.*; time changes nothing, a command does."""
    wire = Chain(test_plan(test=Fixed(42.0, 12.5, 31.0, 30.0))).run(30)
    packs = [pack for _, pack in wire.packs]
    assert len({(p.current_a, p.soc_pct, p.temperatures_c, p.pack_v) for p in packs}) == 1
    assert packs[0].soc_pct == 42 and packs[0].current_a == 12.5 and packs[0].temperatures_c == (31.0,) * 4
    assert wire.track.cells.spread_mv == pytest.approx(30, abs=8) and not wire.simulation.events
    wire.simulation.ask(InjectFault("open-wire", where=2))
    wire.run(2)
    assert wire.track.cells.mv[1] == 0 and wire.track.pack.protections
    wire.battery.charge_locked = True
    wire.run(2)
    assert wire.track.pack.current_a == 0.0


@pytest.mark.parametrize(("threshold", "is_told"), [(45, False), (30, True)])
def test_alarms_follow_the_configured_thresholds(threshold: int, is_told: bool) -> None:
    """S1-21: the same battery, read by the same wire, at 31 °C."""
    plan = test_plan(test=Fixed(temperature_c=31.0))
    wire = Chain(plan, thresholds=(("temperature_max_c", threshold),)).run(5)
    assert ("temperature-high" in {key for key, _ in wire.alerts}) is is_told


def test_every_change_acts_at_once() -> None:
    """S1-28, S1-29, CL-31: mode, speed, stage, profile and a cell, while it runs."""
    made = simulation()
    battery = made.packs["pack-1"]
    made.live(2.0)
    assert battery.clock_s == pytest.approx(2.0)
    made.ask(SetSimulation(speed=10.0))
    made.live(4.0)
    assert battery.clock_s == pytest.approx(22.0)
    made.ask(SetSimulation(stage=Stage.CHARGE))
    made.live(5.0)
    assert battery.current_a == pytest.approx(25.0, abs=0.2)
    now = state(made).packs[0]
    assert (now.stage, now.step) == (Stage.CHARGE, "cc") and now.left_s == pytest.approx(29.0, abs=0.1)
    soc = battery.mean_soc_pct
    made.ask(SetSimulation(profile="lto"))
    made.live(5.5)
    assert len(battery.cells) == 10 and battery.capacity_ah == 50.0
    assert battery.mean_soc_pct == pytest.approx(soc, abs=3.0)
    made.ask(SetSimulatedCell("pack-1", 4, soc_pct=5.0, leak_ma=3.0, resistance_mohm=9.0, capacity_ah=40.0))
    cell = state(made).packs[0].cells[3]
    assert (cell.soc_pct, cell.leak_ma, cell.resistance_mohm, cell.capacity_ah) == (5.0, 3.0, 9.0, 40.0)
    made.ask(SetSimulation(mode=Mode.TEST))
    assert state(made).packs[0].stage is Stage.FIXED
    assert state(made).mode is Mode.TEST


def test_the_time_scale_is_published() -> None:
    """X-1: one factor for each stage, about x140 in discharge and x36 to 45 in charge at 100 Ah."""
    made, scales = simulation(speed=60.0), {}
    for n in range(1, 100):
        made.live(n / 10)
        pack = state(made).packs[0]
        scales.setdefault(pack.stage, set()).add(round(pack.time_scale, 6))
    assert all(len(found) == 1 for found in scales.values())
    assert 125 < min(scales[Stage.DISCHARGE]) < 150 and 34 < min(scales[Stage.CHARGE]) < 46


def test_the_phase_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """S1-69: in the words of the document, and the pack that it is about."""
    made = simulation(speed=60.0)
    with caplog.at_level("INFO", "tui.simulator.simulation"):
        for n in range(1, 120):
            made.live(n / 10)
    told = [record.getMessage() for record in caplog.records if "Phase" in record.getMessage()]
    order = ("IDLE", "CHARGING", "BALANCING", "DISCHARGING")
    assert told[:4] == [f"[Simulator] Phase: {phase} pack-1" for phase in order]


def test_a_pack_begins_as_documented() -> None:
    """CL-22, X-2: health and cycles of the document; the charge is where the first discharge begins."""
    pack = state(simulation()).packs[0]
    assert (pack.soh_pct, pack.cycles) == (98.5, 127)
    assert pack.soc_pct == pytest.approx(90.0, abs=1.0)


def test_every_face_can_be_used_alone() -> None:
    """S1-86: board, unit, bus and telemetry each need a battery and nothing else of the simulator."""
    battery = Battery(16)
    assert JbdDevice(battery).receive(ASK_BASIC, 0.0)[:2] == b"\xdd\x03"
    assert TinyBmsDevice(battery).receive(ASK_LIVE, 0.0)[:2] == b"\xaa\x03"
    assert {frame.can_id for frame in CanBattery(battery).frames(0.0)} <= {0x351, 0x355, 0x356, 0x35A}
    assert telemetry(battery, 0)["data"]["cell_count"] == 16


def test_demo_is_faster_livelier_and_has_more_events() -> None:
    """S1-12, S1-22, S1-25, S1-27: events every 5 to 30 s, in mode demo more often, in mode test none."""
    gaps = {}
    for mode in Mode:
        made = simulation(mode=mode)
        heard: list[SimulationEvent] = []
        made.on_event = heard.append
        for n in range(1, 601):
            made.live(float(n))
        small = [event.at_s for event in heard if not event.key.startswith("stage")]
        gaps[mode] = [b - a for a, b in pairwise(small)]
    assert gaps[Mode.TEST] == [] and 20 <= len(gaps[Mode.REALISTIC]) <= 120
    assert all(4.0 <= gap <= 31.0 for gap in gaps[Mode.REALISTIC])
    assert len(gaps[Mode.DEMO]) > 2 * len(gaps[Mode.REALISTIC])
    calm, demo = simulation(), simulation(mode=Mode.DEMO)
    for made in (calm, demo):
        made.live(10.0)
    assert demo.packs["pack-1"].clock_s > 3 * calm.packs["pack-1"].clock_s


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (SetSimulation(speed=0.0), "sim-speed"),
        (SetSimulation(speed=1001.0), "sim-speed"),
        (SetSimulation(speed=float("nan")), "sim-speed"),
        (SetSimulation(packs=0), "sim-packs"),
        (SetSimulation(profile="lfq"), "profile-unknown"),
        (SetSimulation(stage=Stage.FIXED), "sim-stage"),
        (SetSimulation(pack="left", stage=Stage.IDLE), "sim-pack-unknown"),
        (SetSimulation(speed=5.0, profile="no.toml"), "profile-unreadable"),
        (SetSimulatedCell("pack-1", 17), "sim-where"),
        (SetSimulatedCell("pack-1", 1, resistance_mohm=-2.0), "sim-cell-value"),
        (SetSimulatedCell("pack-1", 1, soc_pct=50.0, capacity_ah=0.0), "sim-cell-value"),
    ],
)
def test_what_cannot_be_changes_nothing(request_: SetSimulation | SetSimulatedCell, key: str) -> None:
    """A sentence; the running simulation goes on as it was."""
    made = simulation()
    before = state(made)
    answer = made.ask(request_)
    assert answer.cause is not None and answer.cause.key == key
    said = say(f"cause-{key}", **answer.cause.values()) + say(f"cause-{key}-do", **answer.cause.values())
    assert "{" not in said
    assert state(made) == before
    made.live(3.0)
    assert state(made).running_s == pytest.approx(3.0)


def test_packs_in_parallel_share_the_voltage() -> None:
    """S1-81: unequal packs take unequal currents; together they carry the load; the fuller one gives more."""
    made = Simulation(Plan(corrupt_pct=0.0, connection=Connection.PARALLEL))
    full = made.add("full", soc_pct=90.0)
    low = made.add("low", soc_pct=60.0)
    made.live(0.0)
    made.live(5.0)
    assert full.pack_mv == pytest.approx(low.pack_mv, abs=15)
    assert full.flow_a < low.flow_a
    load = 2 * made.packs["full"].profile.load.high_a
    assert -2 * 30.0 <= full.flow_a + low.flow_a < 0 and load == 30.0
    low.discharge_locked = low.charge_locked = True
    made.live(6.0)
    assert low.flow_a == 0.0 and full.flow_a < -8.0


def test_packs_in_series_share_the_current() -> None:
    """S1-81: one open switch stops all of them."""
    made = Simulation(Plan(corrupt_pct=0.0, connection=Connection.SERIES))
    first, second = made.add("a"), made.add("b", capacity_ah=80.0)
    made.live(0.0)
    made.live(5.0)
    assert first.flow_a == second.flow_a < -4.0
    second.discharge_locked = True
    made.live(6.0)
    assert first.flow_a == second.flow_a == 0.0


@pytest.mark.parametrize("connection", [Connection.PARALLEL, Connection.SERIES])
def test_a_bank_runs_the_cycle(connection: Connection) -> None:
    """S1-77: three packs reach the end points of the cycle together, with a constant voltage at the end."""
    made = Simulation(Plan(corrupt_pct=0.0, speed=60.0, connection=connection))
    packs = [made.add(f"pack-{n}") for n in range(3)]
    made.live(0.0)
    saw_cv = False
    for n in range(1, 91):
        made.live(n / 10)
        saw_cv = saw_cv or packs[0].is_cv
        if n == 30:
            assert all(p.mean_soc_pct == pytest.approx(20.0, abs=2.5) for p in packs)
    assert saw_cv and all(p.mean_soc_pct == pytest.approx(95.0, abs=2.5) for p in packs)
    assert not any(p.counters for p in packs)


def test_packs_come_and_go_while_it_runs() -> None:
    made = simulation()
    made.wires["pack-1"] = ["jbd somewhere"]
    made.live(1.0)
    made.ask(SetSimulation(packs=4, connection=Connection.PARALLEL))
    made.live(2.0)
    assert [pack.name for pack in state(made).packs] == ["pack-1", "pack-2", "pack-3", "pack-4"]
    flows = [battery.flow_a for battery in made.packs.values()]
    assert all(a < 0 for a in flows)
    made.ask(SetSimulation(packs=1))
    made.live(3.0)
    assert list(made.packs) == ["pack-1"] and state(made).packs[0].current_a < 0


SCRIPT = """
[[sim.script]]
at_s = 10
fault = "open-wire"
where = 2

[[sim.script]]
at_s = 20
clear = "all"
speed = 2.0

[[sim.script]]
at_s = 30
profile = "no-such"

[[sim.script]]
at_s = 40
stage = "charge"
"""


def test_a_script_acts_at_its_moments(tmp_path: Path) -> None:
    """S1-78: on the clock of the simulation, however seldom somebody looks; a bad entry stops nothing."""
    file = tmp_path / "script.toml"
    file.write_text(SCRIPT)
    made = simulation(script=read_script(file))
    battery = made.packs["pack-1"]
    made.live(9.9)
    assert not state(made).faults and state(made).script_left == 4
    made.live(15.0)
    assert [fault.where for fault in state(made).faults] == [2] and battery.cells[1].mv == 0.0
    made.live(27.0)
    assert not state(made).faults and state(made).speed == 2.0 and state(made).script_left == 1
    assert made.clock_s == pytest.approx(20 + 7 * 2)
    assert "script-refused" in [event.key for event in made.events]
    made.live(31.0)
    assert state(made).packs[0].stage is Stage.CHARGE and state(made).script_left == 0


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            "[[sim.script]]\nat_s = 5\nfault = 'sleep'\n[[sim.script]]\nat_s = 4\nclear = 'all'",
            "script-order",
        ),
        ("[[sim.script]]\nat_s = -1\nfault = 'sleep'", "script-order"),
        ("[[sim.script]]\nat_s = 5\nfualt = 'sleep'", "script-key"),
        ("[[sim.script]]\nat_s = 5", "script-nothing"),
        ("[[sim.script]]\nfault = 'sleep'", "script-value"),
        ("[[sim.script]]\nat_s = 5\nspeed = 'fast'", "script-value"),
        ("[[sim.script]]\nat_s = 5\nfault = 'sleepy'", "sim-fault-unknown"),
        ("[[sim.script]]\nat_s = 5\nfault = 'corrupt'\namount = 300", "sim-amount"),
        ("[sim]\nmode = 'demo'", "script-empty"),
        ("[[sim.script]\n", "script-syntax"),
    ],
)
def test_bad_scripts_are_a_sentence(text: str, key: str) -> None:
    with pytest.raises(WireError) as caught:
        parse(text, "s.toml")
    cause = caught.value.cause
    assert cause.key == key
    assert "{" not in say(f"cause-{key}", **cause.values()) + say(f"cause-{key}-do", **cause.values())


def test_a_night_asleep_is_not_made_up_for() -> None:
    made = simulation()
    made.live(40_000.0)
    assert made.running_s <= 60.0


def test_telemetry_has_every_field() -> None:
    """S1-61, S1-62, CL-20: names, and the times only where they mean something."""
    made = simulation()
    made.live(2.0)
    battery = made.packs["pack-1"]
    told = data(battery, 1_700_000_000_000)
    assert set(told) >= FIELDS and telemetry(battery, 5)["type"] == "telemetry"
    assert "time_to_empty_minutes" in told and "time_to_full_minutes" not in told
    assert (told["bms_status"], told["charging_state"]) == ("DISCHARGING", "NONE")
    assert told["cell_delta_mv"] == told["cell_voltage_max_mv"] - told["cell_voltage_min_mv"]
    assert len(told["temperature_cells_c"]) == 4 and len(told["cells_balancing_active"]) == 16
    made.ask(SetSimulation(stage=Stage.CHARGE))
    made.live(3.0)
    told = data(battery, 0)
    assert (told["bms_status"], told["charging_state"]) == ("CHARGING", "CC")
    assert "time_to_full_minutes" in told
    made.ask(SetSimulation(stage=Stage.IDLE))
    made.live(4.0)
    assert data(battery, 0)["bms_status"] == "IDLE"


FIELDS = {
    "timestamp_ms", "state_of_charge_pct", "state_of_health_pct", "pack_voltage_v", "pack_current_a",
    "power_w", "cell_count", "cell_voltage_mv", "cell_voltage_min_mv", "cell_voltage_max_mv",
    "cell_voltage_avg_mv", "cell_delta_mv", "temperature_bms_c", "temperature_cells_c",
    "temperature_ambient_c", "average_temperature_c", "balancing_active", "cells_balancing_active",
    "cells_balancing_count", "charge_cycles", "energy_charged_kwh", "energy_discharged_kwh",
    "charge_enabled", "discharge_enabled", "bms_status", "charging_state", "remaining_capacity_ah",
    "full_capacity_ah",
}  # fmt: skip


def test_requests_travel_on_the_wire() -> None:
    """What a screen asks of a simulation arrives as it was asked; the answer survives the way back."""
    for request in (
        LookAtSimulation(),
        SetSimulation(mode=Mode.DEMO, speed=2.0, connection=Connection.SERIES),
        InjectFault("sleep", for_s=3.0),
    ):
        message = read_from_screen(msgspec.json.encode(asked(request, 7)))
        assert request_of(message) == request  # type: ignore[arg-type]
    made = simulation()
    answer = made.ask(InjectFault("overheat"))
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer
    assert len(SIMULATION_REQUESTS) == 5
