"""The whole chain on real pseudo-terminals: engine, worker, plan; and a program that is truly killed."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import PATIENCE_S, wait_until
from tui.engine import register_jbd, register_posts, register_tinybms
from tui.engine.engine import Engine
from tui.model.link import Phase
from tui.model.register_requests import ReadRegisters, UndoPlan, WriteRegisters
from tui.model.register_review import Change
from tui.model.track import Setup
from tui.model.write_plan import PlanState, StepState, WritePlan
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery
from tui.simulator.pty import PtyDevice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

CHANGES = {
    "jbd": (Change("cell_overvoltage", 3600), Change("fet_time", 60), Change("led_time", 20)),
    "tinybms": (
        Change("over_voltage_cutoff", 3900),
        Change("pulses_per_unit", 70_000),
        Change("automatic_recovery", 9),
    ),
}
WRITTEN_IN = {
    "jbd": {0x24: b"\x0e\x10", 0x30: b"\0\x3c", 0x31: b"\0\x14"},
    "tinybms": {315: 3900, 312: 70_000 & 0xFFFF, 313: 1, 332: 9},
}
KILLED = """
    import os, sys
    from pathlib import Path
    from tests.fakes import PATIENCE_S, wait_until
    from tui.engine import register_jbd, register_tinybms
    from tests.engine.test_register_chain import CHANGES, KILL_AT, is_write
    from tui.engine.engine import Engine
    from tui.engine.lent_line import LentLine
    from tui.model.link import Phase
    from tui.model.register_requests import ReadRegisters, WriteRegisters
    from tui.model.track import Setup

    family, port, database = sys.argv[1:]
    send, count = LentLine.send, 0

    def counted(self, data, *, secret=False):
        global count
        send(self, data, secret=secret)
        count += is_write(family, data)
        if count == KILL_AT:
            os.kill(os.getpid(), 9)

    LentLine.send = counted
    register_jbd.ANSWER_S = register_tinybms.ANSWER_S = PATIENCE_S
    engine = Engine([Setup("left", address=port, protocol=family)], database=Path(database))
    engine.start()
    wait_until(lambda: engine.fleet().track("left").link.phase is Phase.UP)
    wait_until(lambda: engine.ask(ReadRegisters("left")).ok)
    engine.ask(WriteRegisters("left", CHANGES[family], screen="s"))
    wait_until(lambda: False, 600)
"""
KILL_AT = 2


def is_write(family: str, data: bytes) -> bool:
    """A request that changes a parameter."""
    if family == "jbd":
        return data[1] == 0x5A and data[2] not in (0, 1)
    return data[1] in (0x0D, 0x10)


class Rig:
    """One simulated device behind a terminal, and engines that come and go."""

    def __init__(self, family: str, folder: Path) -> None:
        self.family, self.folder = family, folder
        kind = JbdDevice if family == "jbd" else TinyBmsDevice
        self.device = kind(Battery(4))
        self.pty = PtyDevice(self.device, folder / "port")
        self.pty.start()
        self.engine: Engine | None = None

    def start(self) -> Engine:
        setup = Setup("left", address=str(self.folder / "port"), protocol=self.family, poll_s=0.2)
        self.engine = Engine([setup], database=self.folder / "history.db")
        self.engine.start()
        return self.engine

    def stop(self) -> None:
        if self.engine is not None:
            self.engine.close()
        self.pty.stop()

    def plan(self) -> WritePlan | None:
        assert self.engine is not None
        return self.engine.fleet().desk("left").plan

    def is_up(self) -> bool:
        assert self.engine is not None
        track = self.engine.fleet().track("left")
        return track is not None and track.link.phase is Phase.UP

    def held(self) -> dict[int, object]:
        """What the device holds where the three changes go."""
        if isinstance(self.device, JbdDevice):
            return {n: self.device.memory.working[n] for n in WRITTEN_IN["jbd"]}
        memory = self.device.memory
        return {n: memory.settings.get(n, 0) for n in WRITTEN_IN["tinybms"]}


@pytest.fixture(params=("jbd", "tinybms"))
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(register_jbd, "PAUSE_S", 0.0)
    monkeypatch.setattr(register_jbd, "SAVED_S", 0.0)
    monkeypatch.setattr(register_tinybms, "STORED_EVERY_S", 0.01)
    monkeypatch.setattr(register_jbd, "ANSWER_S", PATIENCE_S)
    monkeypatch.setattr(register_tinybms, "ANSWER_S", PATIENCE_S)
    monkeypatch.setattr(register_posts, "WAIT_S", PATIENCE_S)
    made = Rig(request.param, tmp_path)
    yield made
    made.stop()


def test_a_plan_goes_through_engine_and_port(rig: Rig) -> None:
    """S1-54. Polling rests meanwhile and goes on afterwards."""
    engine = rig.start()
    wait_until(rig.is_up)
    assert engine.ask(ReadRegisters("left")).ok
    answer = engine.ask(WriteRegisters("left", CHANGES[rig.family], who="anna", screen="s"))
    assert answer.ok, answer.cause
    wait_until(lambda: (plan := rig.plan()) is not None and plan.state is PlanState.DONE)
    assert rig.held() == WRITTEN_IN[rig.family]
    track = engine.fleet().track("left")
    assert track is not None
    before = track.pack_at_s
    wait_until(lambda: (now := engine.fleet().track("left")) is not None and now.pack_at_s != before)
    assert rig.is_up()


def test_a_killed_program_is_taken_up_by_the_next(rig: Rig) -> None:
    """Killed behind its second write; the next engine looks, tells, and undoes."""
    old = rig.held()
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(KILLED),
            rig.family,
            str(rig.folder / "port"),
            str(rig.folder / "history.db"),
        ],
        check=False,
        timeout=600,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    engine = rig.start()
    wait_until(lambda: (plan := rig.plan()) is not None and plan.examined)
    plan = rig.plan()
    assert plan is not None
    assert plan.state is PlanState.INTERRUPTED
    assert [step.state for step in plan.steps] == [
        StepState.WRITTEN,
        StepState.WRITTEN,
        StepState.WAITING,
    ]
    wait_until(lambda: engine.ask(UndoPlan("left", "anna", "s")).ok)
    wait_until(lambda: (now := rig.plan()) is not None and now.state is PlanState.UNDONE)
    assert rig.held() == old
