"""S1-78: every fault through everything real: simulated board, pseudo-terminal, port, protocol, alerts.

The engine itself is asked to begin and to end each fault, as the Simulator place does. What comes of it is
looked for in the fleet, which is all that a screen knows. Time is counted in polls: in readings of the pack
where there are any, else by the requests that the link counts. What the product waits for in seconds is
shorter here, as the poll is.
"""

import math
import sys
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import wait_until
from tui.engine import register_jbd, silence, teller
from tui.engine.engine import Engine
from tui.model.events import Event, SampleRead
from tui.model.fleet import Fleet
from tui.model.link import Phase, State
from tui.model.register_requests import ReadRegisters, WriteRegisters
from tui.model.register_review import Change
from tui.model.requests import AcknowledgeAlert
from tui.model.sample import Doubt, Pack, Protection
from tui.model.settings import AlertSettings
from tui.model.simulation import ClearFault, FaultKind, InjectFault, SetSimulation, Stage
from tui.model.track import STALE_POLLS, Setup, Track
from tui.model.write_plan import PlanState
from tui.protocols import jbd
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.line import Line
from tui.simulator.pty import PtyDevice
from tui.simulator.simulation import Plan, Simulation

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

POLL_S, SPEED = 0.1, 10.0  # so that a poll is a second of the cycle
ANSWER_S = 0.15
POLLS_SEEN = 3  # two, and the one that was on its way when the fault began
POLLS_RAISED = 5  # an alert is believed when two readings say so
POLLS_STALE = STALE_POLLS + 2  # three must be missed before values are called old; and the answer's time

REQUESTS = 2  # of a poll: values and cells

ENDS = (PlanState.DONE, PlanState.REFUSED, PlanState.UNDONE, PlanState.INTERRUPTED, PlanState.MIXED)

Look = Callable[[Track], bool]


class Rig:
    """One pack of the profile behind a port, and the engine that reads it and simulates it."""

    def __init__(self, folder: Path, soc_pct: float, stage: Stage) -> None:
        self.simulation = Simulation(Plan(corrupt_pct=0.0, speed=SPEED))
        self.simulation.add("left", soc_pct=soc_pct, stage=stage)
        self.board = JbdDevice(self.simulation.packs["left"])
        self.port = PtyDevice(Line(self.board, self.simulation, "left"), folder / "left")
        self.port.start()
        setup = Setup(
            "left", address=self.port.path, chemistry="LFP", cells=16, poll_s=POLL_S, simulated=True
        )
        alerts = AlertSettings((("debounce_sec", 0),))
        self.engine = Engine([setup], alerts=alerts, database=folder / "history.db")
        self.engine.simulation = self.simulation
        self.heard: list[tuple[Event | None, Fleet]] = []
        self.from_s = 0.0  # readings of before belong to what was before
        self.engine.subscribe(lambda event, fleet: self.heard.append((event, fleet)))
        self.engine.start()
        wait_until(lambda: self.state is State.LIVE and len(self.track.cells.mv) == 16)

    def close(self) -> None:
        self.engine.close()
        self.port.stop()

    @property
    def track(self) -> Track:
        return self.engine.fleet().tracks[0]

    @property
    def state(self) -> State:
        return self.engine.fleet().state(self.track, time.monotonic())

    @property
    def requests(self) -> int:
        """Sent so far: of the same fleet in which everything else is looked for."""
        return self.track.link.traffic.requests

    @property
    def alerts(self) -> set[str]:
        return {alert.key for alert in self.engine.fleet().alerts}

    def begin(self, kind: FaultKind, amount: float | None = None, where: int = 0) -> int:
        """Begin a fault; gives how much was heard before it."""
        mark = len(self.heard)
        answer = self.engine.ask(InjectFault(kind, "left", where, amount))
        self.from_s = time.monotonic()  # however long it took until somebody obeyed
        assert answer.ok and answer.simulation is not None, answer.cause
        assert [fault.kind for fault in answer.simulation.faults] == [kind]
        return mark

    def end(self) -> None:
        answer = self.engine.ask(ClearFault())
        self.from_s = time.monotonic()
        assert answer.ok and answer.simulation is not None and not answer.simulation.faults

    def is_read(self, event: Event | None) -> bool:
        """Whether that is a reading of the pack since the fault began or ended."""
        return isinstance(event, SampleRead) and isinstance(event.reading, Pack) and event.at_s >= self.from_s

    def asked_until(self, mark: int, before: int, holds: Callable[[Fleet], bool]) -> int:
        """For how many polls requests were sent before that was there; repeated ones count like others."""
        wait_until(lambda: any(holds(fleet) for _, fleet in self.heard[mark:]))
        found = next(fleet for _, fleet in self.heard[mark:] if holds(fleet))
        return math.ceil((found.tracks[0].link.traffic.requests - before) / REQUESTS)

    def well_again(self, mark: int, alerts: set[str]) -> int:
        """How many readings came before the link was up and none of those alerts was left."""

        def is_well(fleet: Fleet) -> bool:
            return fleet.tracks[0].link.phase is Phase.UP and not alerts & {a.key for a in fleet.alerts}

        return self.polls_until(mark, is_well)

    def polls_until(self, mark: int, holds: Callable[[Fleet], bool]) -> int:
        """How many readings of the pack came before that was in the fleet."""
        wait_until(lambda: any(holds(fleet) for _, fleet in self.heard[mark:]))
        polls = 0
        for event, fleet in self.heard[mark:]:
            polls += self.is_read(event)
            if holds(fleet):
                return polls
        raise AssertionError("it was there a moment ago")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Rig]]:
    monkeypatch.setattr(silence, "ASLEEP_AFTER_S", 2.0)
    monkeypatch.setattr(silence, "SUSPECT_AFTER_S", 0.5)
    monkeypatch.setattr(teller, "TRAFFIC_S", 0.0)
    monkeypatch.setattr(Track, "stale_after_s", property(lambda t: STALE_POLLS * t.setup.poll_s + ANSWER_S))
    monkeypatch.setattr(jbd, "ANSWER_S", ANSWER_S)
    monkeypatch.setattr(register_jbd, "PAUSE_S", 0.0)
    monkeypatch.setattr(register_jbd, "SAVED_S", 0.0)
    rigs: list[Rig] = []

    def make(soc_pct: float = 90.0, stage: Stage = Stage.DISCHARGE) -> Rig:
        rigs.append(Rig(tmp_path, soc_pct, stage))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


def tripped(*protections: Protection) -> Look:
    return lambda track: any(one in track.pack.protections for one in protections)


@dataclass(frozen=True)
class Seen:
    """A fault of the battery: how it begins, what a person sees, which alert tells of it."""

    kind: FaultKind
    look: Look
    alerts: tuple[str, ...]
    amount: float | None = None
    soc_pct: float = 90.0
    stage: Stage = Stage.DISCHARGE
    latches: bool = False
    polls_ended: int = POLLS_SEEN


BATTERY = (
    Seen(
        FaultKind.CELL_SHORT,
        lambda t: 0 < t.cells.mv[2] < 3000 and t.cells.lowest == 3,
        ("cell-low", "protection-cell-undervoltage"),
        amount=10.0,
        stage=Stage.IDLE,
    ),
    Seen(
        FaultKind.HIGH_RESISTANCE,
        lambda t: t.cells.lowest == 3 and t.cells.mv[2] < min(t.cells.mv[:2]) - 200,
        ("cell-low", "protection-cell-undervoltage", "imbalance"),
    ),
    Seen(FaultKind.OPEN_WIRE, lambda t: t.cells.mv[2] == 0, ("cell-wire",)),
    Seen(
        FaultKind.SENSOR,
        lambda t: Doubt.TEMPERATURE in t.pack.doubts,
        ("protection-charge-undertemperature",),
    ),
    Seen(FaultKind.OVERHEAT, lambda t: t.pack.temperatures_c[2] > 55, ("temperature-high",)),
    Seen(FaultKind.WEAK_CELL, lambda t: t.cells.mv[2] < 3000, ("cell-low",), soc_pct=40.0),
    Seen(
        FaultKind.STUCK_CHARGE_FET,
        tripped(Protection.CHARGE_MOSFET_BREAKDOWN),
        ("protection-charge-mosfet-breakdown",),
        latches=True,
    ),
    Seen(
        FaultKind.STUCK_DISCHARGE_FET,
        tripped(Protection.DISCHARGE_MOSFET_BREAKDOWN),
        ("protection-discharge-mosfet-breakdown",),
        latches=True,
    ),
    Seen(
        FaultKind.WRONG_SCALE,
        lambda t: (t.pack.current_a or 0) < -40 or tripped(Protection.DISCHARGE_OVERCURRENT)(t),
        ("discharge-high", "protection-discharge-overcurrent"),
    ),
)


def alerted(keys: Container[str]) -> Callable[[Fleet], bool]:
    """Whether one of these alerts is active."""
    return lambda fleet: any(alert.key in keys for alert in fleet.alerts)


def counted(counter: str, before: int) -> Callable[[Fleet], bool]:
    """Whether the link has counted more than that."""
    return lambda fleet: getattr(fleet.tracks[0].link.traffic, counter) > before


def is_lost(fleet: Fleet) -> bool:
    """Whether the link is told as lost."""
    return fleet.tracks[0].link.phase is Phase.LOST


@pytest.mark.parametrize("row", BATTERY, ids=lambda row: row.kind.value)
def test_a_fault_of_the_battery(row: Seen, made: Callable[..., Rig]) -> None:
    """S1-78: its values within two polls, its alert when a second reading agrees; both end with it."""
    rig = made(row.soc_pct, row.stage)
    assert not row.look(rig.track) and not rig.alerts & set(row.alerts)
    mark = rig.begin(row.kind, row.amount, where=3)
    assert rig.polls_until(mark, lambda fleet: row.look(fleet.tracks[0])) <= POLLS_SEEN
    raised = alerted(row.alerts)
    assert rig.polls_until(mark, raised) <= POLLS_RAISED
    told = next(fleet for _, fleet in rig.heard[mark:] if raised(fleet))
    about = next(alert for alert in told.alerts if alert.key in row.alerts)
    assert about.where in (None, 3) and about.track == "left" and about.number
    mark = len(rig.heard)
    rig.end()
    assert rig.polls_until(mark, lambda fleet: not row.look(fleet.tracks[0])) <= row.polls_ended
    if row.latches:  # a broken switch is told of until somebody has seen it
        assert rig.alerts & set(row.alerts)
        assert rig.engine.ask(AcknowledgeAlert()).ok
    wait_until(lambda: not rig.alerts & (set(row.alerts) - {"imbalance"}))
    wait_until(lambda: rig.state is State.LIVE)


@dataclass(frozen=True)
class Wire:
    """A fault of the wire: what is counted at once, and what it is called in the end."""

    kind: FaultKind
    counter: str
    end: State
    causes: tuple[str, ...]
    amount: float | None = None


WIRE = (
    Wire(FaultKind.CORRUPT, "bad_checksum", State.CONNECTING, ("checksum", "garbage"), 100.0),
    Wire(FaultKind.LOST_REPLIES, "unanswered", State.ASLEEP, ("asleep",), 100.0),
    Wire(FaultKind.SLEEP, "unanswered", State.ASLEEP, ("asleep",)),
)
SILENT = {"link-lost", "data-stale"}


@pytest.mark.parametrize("row", WIRE, ids=lambda row: row.kind.value)
def test_a_wire_that_says_nothing_true(row: Wire, made: Callable[..., Rig]) -> None:
    """S1-78, CL-30, CL-12: counted within two polls, never shown as a value; an alert when three are missed.

    Then a state with its cause. When the fault ends, all of it is gone within two polls.
    """
    rig = made()
    wait_until(lambda: rig.state is State.LIVE and not rig.alerts & SILENT)
    before = getattr(rig.track.link.traffic, row.counter)
    mark = rig.begin(row.kind, row.amount)
    requests = rig.requests
    assert rig.asked_until(mark, requests, counted(row.counter, before)) <= POLLS_SEEN
    assert rig.asked_until(mark, requests, alerted(SILENT)) <= POLLS_STALE
    wait_until(lambda: rig.state is row.end and rig.track.link.cause is not None)
    assert rig.track.link.cause is not None and rig.track.link.cause.key in row.causes
    wait_until(lambda: rig.alerts & SILENT == {"link-lost" if row.end is State.ASLEEP else "data-stale"})
    reads = [event for event, _ in rig.heard[mark:] if rig.is_read(event)]
    assert len(reads) <= 1, "only what was on its way"
    assert rig.track.pack.pack_v is not None, "the last values stay, with their age"
    mark = len(rig.heard)
    rig.end()
    assert rig.well_again(mark, SILENT) <= POLLS_SEEN
    wait_until(lambda: rig.state is State.LIVE)


def test_a_few_damaged_frames_are_counted_and_the_link_stays(made: Callable[..., Rig]) -> None:
    """CL-30: 20 % of the answers have a wrong checksum: repeated, counted, the pack stays live."""
    rig = made()
    rig.begin(FaultKind.CORRUPT, 20.0)
    wait_until(lambda: rig.track.link.traffic.bad_checksum >= 3)
    wait_until(lambda: rig.state is State.LIVE)
    rig.end()
    mark = len(rig.heard)
    assert rig.polls_until(mark, lambda fleet: fleet.version > rig.heard[mark][1].version + 20)
    counted = rig.track.link.traffic.bad_checksum
    mark = len(rig.heard)
    assert rig.polls_until(mark, lambda fleet: fleet.version > rig.heard[mark][1].version + 20)
    assert rig.track.link.traffic.bad_checksum == counted


def test_late_answers(made: Callable[..., Rig]) -> None:
    """S1-78: answers later than the protocol waits are unanswered requests; in time again, all is well.

    No alert belongs to it by itself: the answer to the first request is taken for that of its repetition.
    """
    rig = made()
    unanswered = rig.track.link.traffic.unanswered
    mark = rig.begin(FaultKind.DELAY, 2 * ANSWER_S)
    requests = rig.requests
    assert rig.asked_until(mark, requests, counted("unanswered", unanswered)) <= POLLS_SEEN
    rig.end()
    wait_until(lambda: rig.state is State.LIVE)
    mark = len(rig.heard)
    assert rig.polls_until(mark, lambda fleet: fleet.version > rig.heard[mark][1].version + 10)
    assert rig.well_again(mark, SILENT) <= POLLS_SEEN
    wait_until(lambda: rig.state is State.LIVE)


def test_a_lost_link_comes_back_by_itself(made: Callable[..., Rig]) -> None:
    """S1-78: the port is gone: cause, attempt, alert; plugged in again it is live without a key.

    All of it before another two polls could be sent; and when it is back, within two polls.
    """
    rig = made()
    mark = rig.begin(FaultKind.LINK_LOSS)
    requests = rig.requests
    assert rig.asked_until(mark, requests, is_lost) <= POLLS_SEEN
    assert rig.asked_until(mark, requests, alerted(("link-lost",))) <= POLLS_SEEN
    wait_until(lambda: rig.state is State.LOST)
    assert rig.track.link.cause is not None and rig.track.link.cause.key.startswith("port-")
    assert rig.track.link.retry_at_s is not None and rig.track.link.attempt >= 1
    mark = len(rig.heard)
    rig.end()
    assert rig.well_again(mark, SILENT) <= POLLS_SEEN
    wait_until(lambda: rig.state is State.LIVE)


def test_a_reset_in_the_middle_of_a_write(made: Callable[..., Rig]) -> None:
    """S1-78: the plan of the writer ends well or says that it did not; the board is read again afterwards."""
    rig = made()
    assert rig.engine.ask(ReadRegisters("left")).ok
    rig.begin(FaultKind.RESET_IN_WRITE)
    change = Change("cell_overvoltage", 3600)
    assert rig.engine.ask(WriteRegisters("left", (change,), who="anna", screen="s")).ok

    def ended() -> bool:
        plan = rig.engine.fleet().desk("left").plan
        return plan is not None and plan.state in ENDS

    wait_until(ended)
    plan = rig.engine.fleet().desk("left").plan
    assert plan is not None
    said, mark = plan.state is PlanState.DONE, len(rig.heard)
    assert (rig.board.memory.working[0x24] == b"\x0e\x10") is said, (
        "what the plan says is what the board holds"
    )
    assert rig.well_again(mark, SILENT) <= POLLS_SEEN
    wait_until(lambda: rig.state is State.LIVE)
    assert not rig.engine.ask(SetSimulation()).simulation.faults  # type: ignore[union-attr]  # it happens once


def test_the_table_is_whole() -> None:
    """S1-78: no fault without a row."""
    others = {FaultKind.DELAY, FaultKind.LINK_LOSS, FaultKind.RESET_IN_WRITE}
    assert {row.kind for row in (*BATTERY, *WIRE)} | others == set(FaultKind)
