"""A device on a real pseudo-terminal, the real port, the engine: what a user sees happen."""

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeProtocol, wait_until
from tui.engine import silence
from tui.engine.engine import Engine
from tui.model.link import State
from tui.model.track import Setup, Track

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

POLL_S = 0.1


class PortDevice:
    """A battery that speaks the tests' language behind a pseudo-terminal, reached by a link."""

    def __init__(self, link: Path, answer: bytes) -> None:
        self.link, self.answer = link, answer
        self.mute = False
        self._stop = -1
        self._thread = threading.Thread()

    def plug_in(self) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        stopped, self._stop = os.pipe()
        self.link.symlink_to(os.ttyname(slave))
        self._thread = threading.Thread(target=self._serve, args=(master, slave, stopped), daemon=True)
        self._thread.start()

    def _serve(self, master: int, slave: int, stopped: int) -> None:
        while stopped not in (ready := select.select([master, stopped], [], [])[0]):
            data = os.read(ready[0], 100)
            if not self.mute:
                os.write(master, self.answer * data.count(b"?"))
        for fd in (master, slave, stopped):
            os.close(fd)

    def unplug(self) -> None:
        if self._stop >= 0:
            self.link.unlink()
            os.close(self._stop)
            self._thread.join()
            self._stop = -1


class Rig:
    """Two devices, left and right, and an engine reading both."""

    def __init__(self, folder: Path) -> None:
        self.devices = {
            "left": PortDevice(folder / "left", b"p53.1;c3300,3310,3290,3305;"),
            "right": PortDevice(folder / "right", b"p13.2;c3300,3310,3290,3305;"),
        }
        setups = [Setup(name, address=str(d.link), poll_s=POLL_S) for name, d in self.devices.items()]
        self.engine = Engine(setups, open_protocol=lambda setup: FakeProtocol(setup.poll_s))

    def track(self, name: str) -> Track:
        track = self.engine.fleet().track(name)
        assert track is not None
        return track

    def state(self, name: str) -> State:
        return self.engine.fleet().state(self.track(name), time.monotonic())

    def cause(self, name: str) -> str:
        cause = self.track(name).link.cause
        return cause.key if cause else ""


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(silence, "ASLEEP_AFTER_S", 2.0)
    made = Rig(tmp_path)
    for device in made.devices.values():
        device.plug_in()
    made.engine.start()
    yield made
    made.engine.close()
    for device in made.devices.values():
        device.unplug()


def test_two_devices_are_live_with_their_own_values(rig: Rig) -> None:
    """S0-2: two tracks, left and right."""
    wait_until(lambda: rig.state("left") is rig.state("right") is State.LIVE)
    wait_until(lambda: rig.track("left").cells.mv and rig.track("right").cells.mv)
    assert (rig.track("left").pack.pack_v, rig.track("right").pack.pack_v) == (53.1, 13.2)


def test_a_silent_device_is_stale_then_asleep_then_live_without_help(rig: Rig) -> None:
    """CL-12, S0-30: the other track does not notice."""
    seen: set[State] = set()
    others: set[State] = set()

    def becomes(state: State) -> bool:
        seen.add(rig.state("left"))
        others.add(rig.state("right"))
        return rig.state("left") is state

    wait_until(lambda: rig.state("left") is rig.state("right") is State.LIVE)
    rig.devices["left"].mute = True
    wait_until(lambda: becomes(State.ASLEEP))
    assert rig.cause("left") == "asleep"
    assert State.STALE in seen
    rig.devices["left"].mute = False
    wait_until(lambda: becomes(State.LIVE))
    assert others == {State.LIVE}
    assert rig.track("left").link.traffic.opens == 1


def test_a_device_that_vanishes_is_lost_with_a_cause_and_comes_back(rig: Rig) -> None:
    """X-8: the next attempt is known; plugged in again it is opened without a key."""
    wait_until(lambda: rig.state("left") is rig.state("right") is State.LIVE)
    rig.devices["left"].unplug()
    wait_until(lambda: rig.state("left") is State.LOST)
    assert rig.cause("left") in ("port-unplugged", "port-missing")
    retry_at_s = rig.track("left").link.retry_at_s
    assert retry_at_s is not None
    assert rig.track("left").link.attempt == 1
    assert rig.state("right") is State.LIVE
    wait_until(lambda: rig.cause("left") == "port-missing")
    rig.devices["left"].plug_in()
    wait_until(lambda: rig.state("left") is State.LIVE)
    assert rig.track("left").link.attempt == 0
    assert rig.state("right") is State.LIVE


STOPPABLE = """
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
while True:
    os.write(master, b"p13.2;" * os.read(master, 100).count(b"?"))
"""


def test_a_stopped_device_program_is_stale_and_live_again_when_it_goes_on() -> None:
    """What `kill -STOP` and `kill -CONT` of a simulator show."""
    with subprocess.Popen([sys.executable, "-c", STOPPABLE], stdout=subprocess.PIPE, text=True) as device:
        assert device.stdout is not None
        setup = Setup("left", address=device.stdout.readline().strip(), poll_s=POLL_S)
        engine = Engine([setup], open_protocol=lambda s: FakeProtocol(s.poll_s))
        engine.start()

        def is_now(state: State) -> bool:
            return engine.fleet().state(engine.fleet().tracks[0], time.monotonic()) is state

        wait_until(lambda: is_now(State.LIVE))
        device.send_signal(signal.SIGSTOP)
        wait_until(lambda: is_now(State.STALE))
        device.send_signal(signal.SIGCONT)
        wait_until(lambda: is_now(State.LIVE))
        engine.close()
        device.kill()
