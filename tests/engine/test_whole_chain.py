"""Simulated JBD boards on real pseudo-terminals, the real port, the engine: what a user sees happen."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import PATIENCE_S, wait_until
from tui.engine import silence
from tui.engine.engine import Engine
from tui.model.events import Event, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.link import Phase as LinkPhase
from tui.model.link import State
from tui.model.track import Setup, Track
from tui.protocols import jbd
from tui.simulator.as_jbd import Faults, JbdDevice
from tui.simulator.battery import Battery, Phase
from tui.simulator.pty import PtyDevice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

POLL_S = 0.1


class Rig:
    """Two boards, left discharging with 16 cells and right charging with 4, and an engine reading both."""

    def __init__(self, folder: Path) -> None:
        batteries = {
            "left": Battery(cells_in_series=16, phase=Phase.DISCHARGE),
            "right": Battery(cells_in_series=4, phase=Phase.CHARGE),
        }
        self.boards = {name: JbdDevice(battery) for name, battery in batteries.items()}
        self.ptys = {name: PtyDevice(board, folder / name) for name, board in self.boards.items()}
        setups = [Setup(name, address=str(folder / name), poll_s=POLL_S) for name in batteries]
        self.heard: list[tuple[Event | None, Fleet]] = []
        self.begin(Engine(setups))

    def begin(self, engine: Engine) -> None:
        """From now on it is this engine's turn; what it tells is kept."""
        self.engine = engine
        engine.subscribe(lambda event, fleet: self.heard.append((event, fleet)))

    def links(self, name: str, mark: int = 0) -> list[LinkChanged]:
        """What was told of that link since then."""
        events = [event for event, _ in self.heard[mark:]]
        return [event for event in events if isinstance(event, LinkChanged) and event.track == name]

    def goes_on(self, name: str, mark: int) -> bool:
        """Whether that battery was read since then, and its link is as it was."""
        reads = [e for e, _ in self.heard[mark:] if isinstance(e, SampleRead) and e.track == name]
        return bool(reads) and not self.links(name, mark)

    def faults(self, name: str) -> Faults:
        return self.boards[name].faults

    def track(self, name: str) -> Track:
        track = self.engine.fleet().track(name)
        assert track is not None
        return track

    def state(self, name: str) -> State:
        return self.engine.fleet().state(self.track(name), time.monotonic())

    def cause(self, name: str) -> str:
        cause = self.track(name).link.cause
        return cause.key if cause else ""

    def both_live(self) -> bool:
        return self.state("left") is self.state("right") is State.LIVE


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(silence, "ASLEEP_AFTER_S", 2.0)
    monkeypatch.setattr(silence, "SUSPECT_AFTER_S", 0.5)
    monkeypatch.setattr(jbd, "ANSWER_S", 0.1)
    made = Rig(tmp_path)
    for device in made.ptys.values():
        device.start()
    made.engine.start()
    yield made
    made.engine.close()
    for device in made.ptys.values():
        device.stop()


def test_two_boards_are_live_with_their_own_values(rig: Rig) -> None:
    """S0-2: two tracks. X-10: charging is plus, discharging minus. Simulated boards say that they are."""
    wait_until(rig.both_live)
    wait_until(lambda: len(rig.track("left").cells.mv) == 16 and len(rig.track("right").cells.mv) == 4)
    left, right = rig.track("left"), rig.track("right")
    assert left.pack.pack_v == pytest.approx(sum(left.cells.mv) / 1000, abs=0.1)
    assert right.pack.pack_v == pytest.approx(sum(right.cells.mv) / 1000, abs=0.1)
    assert (left.pack.current_a or 0) < 0 < (right.pack.current_a or 0)
    wait_until(lambda: rig.track("left").simulated and rig.track("right").simulated)
    assert not rig.track("left").setup.simulated


def test_a_silent_board_is_stale_then_asleep_then_live_without_help(rig: Rig) -> None:
    """CL-12, S0-30: the other track does not notice, and old values are kept with their age."""
    wait_until(rig.both_live)
    mark = len(rig.heard)
    rig.faults("left").mute = True
    wait_until(lambda: rig.state("left") is State.ASLEEP)
    assert rig.cause("left") == "asleep"
    asleep = next(event for event in rig.links("left", mark) if event.link.phase is LinkPhase.ASLEEP)
    _, before = rig.heard[[event for event, _ in rig.heard].index(asleep) - 1]
    assert before.state(before.tracks[0], asleep.at_s) is State.STALE
    last = rig.track("left").pack
    assert last.pack_v is not None
    age_s = rig.track("left").pack_age_s(time.monotonic())
    assert age_s is not None
    assert age_s > 2.0
    rig.faults("left").mute = False
    wait_until(lambda: rig.state("left") is State.LIVE)
    wait_until(lambda: rig.goes_on("right", mark))
    assert rig.track("left").link.traffic.opens == 1


def test_a_board_that_vanishes_is_lost_with_a_cause_and_comes_back(rig: Rig) -> None:
    """X-8: the next attempt is known; plugged in again it is opened without a key."""
    wait_until(rig.both_live)
    mark = len(rig.heard)
    rig.ptys["left"].stop()
    wait_until(lambda: rig.state("left") is State.LOST)
    lost = next(event.link for event in rig.links("left", mark) if event.link.phase is LinkPhase.LOST)
    assert lost.cause is not None and lost.cause.key in ("port-unplugged", "port-missing")
    assert lost.retry_at_s is not None
    assert lost.attempt == 1
    wait_until(lambda: rig.goes_on("right", mark))
    wait_until(lambda: rig.cause("left") == "port-missing")
    rig.ptys["left"].start()
    wait_until(lambda: rig.state("left") is State.LIVE)
    assert rig.track("left").link.attempt == 0
    wait_until(lambda: rig.goes_on("right", mark))


def test_a_wrong_language_on_the_wire_is_counted_and_never_guessed(rig: Rig) -> None:
    rig.faults("left").garble = True
    rig.engine.close()
    rig.begin(Engine([t.setup for t in rig.engine.fleet().tracks]))
    rig.engine.start()
    wait_until(lambda: rig.cause("left") in ("garbage", "checksum") and rig.state("left") is State.CONNECTING)
    assert rig.track("left").pack.pack_v is None
    wait_until(lambda: rig.state("right") is State.LIVE)
    rig.faults("left").garble = False
    wait_until(lambda: rig.state("left") is State.LIVE)
    assert rig.cause("left") == ""


def test_an_adapter_that_hears_itself_does_no_harm(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jbd, "ANSWER_S", PATIENCE_S)  # no echo of a request that was given up
    rig.faults("left").echo = True
    wait_until(lambda: rig.track("left").link.traffic.answers >= 20)
    wait_until(lambda: rig.state("left") is State.LIVE)
    assert rig.track("left").link.traffic.garbage_bytes == 0


STOPPABLE = """
import sys, pathlib
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery
from tui.simulator.pty import PtyDevice
device = PtyDevice(JbdDevice(Battery()))
device.start()
print(device.path, flush=True)
sys.stdin.read()
"""


def test_a_stopped_simulator_is_stale_and_live_again_when_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `kill -STOP` and `kill -CONT` show."""
    monkeypatch.setattr(jbd, "ANSWER_S", 0.1)
    device = subprocess.Popen(
        [sys.executable, "-c", STOPPABLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert device.stdout is not None
    engine = Engine([Setup("left", address=device.stdout.readline().strip(), poll_s=POLL_S)])
    engine.start()

    def is_now(state: State) -> bool:
        return engine.fleet().state(engine.fleet().tracks[0], time.monotonic()) is state

    try:
        wait_until(lambda: is_now(State.LIVE))
        os.kill(device.pid, signal.SIGSTOP)
        wait_until(lambda: is_now(State.STALE))
        os.kill(device.pid, signal.SIGCONT)
        wait_until(lambda: is_now(State.LIVE))
    finally:
        engine.close()
        device.kill()
        device.communicate()
