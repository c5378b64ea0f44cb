"""The wire between a simulated unit and whoever reads it: time, and what goes wrong on the way."""

import random
from collections.abc import Callable
from typing import Protocol

from tui.model.can import CanFrame
from tui.simulator.simulation import Simulation

RESTART_S = 2.0  # a unit that was reset says nothing for so long
SPOIL = 0x10  # the bit that a disturbance turns


class Unit(Protocol):
    """A simulated unit on a serial line."""

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes from the line; what to answer."""
        ...

    def pass_time(self, now_s: float) -> None:
        """Nothing came."""
        ...


class Sender(Protocol):
    """A simulated unit on a CAN bus."""

    def frames(self, now_s: float) -> list[CanFrame]:
        """What is due."""
        ...


def is_jbd_write(data: bytes) -> bool:
    """A request that sets something."""
    return len(data) > 2 and data[0] == 0xDD and data[1] == 0x5A


def is_tinybms_write(data: bytes) -> bool:
    """The same: blocks and single registers of both orders."""
    return len(data) > 2 and data[0] == 0xAA and data[1] in (0x0B, 0x0D, 0x10)


class PackWire:
    """What a person can do to the wire of one pack."""

    def __init__(self, simulation: Simulation, pack: str) -> None:
        self.simulation, self.pack = simulation, pack

    @property
    def delay_s(self) -> float:
        """How late anything goes out."""
        return self.simulation.faults.wire(self.pack).delay_s

    @property
    def is_unplugged(self) -> bool:
        """The adapter is gone."""
        return self.simulation.faults.wire(self.pack).link_lost


class Line(PackWire):
    """A serial line of one pack. Every call lets the whole simulation live up to its moment."""

    def __init__(
        self,
        unit: Unit,
        simulation: Simulation,
        pack: str,
        is_write: Callable[[bytes], bool] = is_jbd_write,
        restart: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(simulation, pack)
        self.unit = unit
        self._is_write, self._restart = is_write, restart
        self._random = random.Random(f"{pack} {simulation.plan.seed}")
        self._quiet_until_s = float("-inf")

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes from the line; what arrives of the answer."""
        simulation = self.simulation
        with simulation.lock:
            simulation.live(now_s)
            wire = simulation.faults.wire(self.pack)
            if wire.asleep or wire.link_lost or now_s < self._quiet_until_s:
                return b""
            answer = self.unit.receive(data, now_s)
            if wire.resets and self._is_write(data):
                simulation.faults.spent(self.pack)
                self._quiet_until_s = now_s + RESTART_S
                self._restart()
                return b""
            return self._spoilt(answer, wire.lost_pct, simulation.corrupt_pct(self.pack))

    def pass_time(self, now_s: float) -> None:
        """Nothing came."""
        with self.simulation.lock:
            self.simulation.live(now_s)
            self.unit.pass_time(now_s)

    def _spoilt(self, answer: bytes, lost_pct: float, corrupt_pct: float) -> bytes:
        if not answer:
            return answer
        if lost_pct and self._random.random() * 100 < lost_pct:
            return b""
        if corrupt_pct and self._random.random() * 100 < corrupt_pct:
            at = len(answer) // 2
            return answer[:at] + bytes((answer[at] ^ SPOIL,)) + answer[at + 1 :]
        return answer


class BusLine:
    """A CAN bus of one pack. A disturbed frame never arrives: its own checksum sees to that."""

    def __init__(self, sender: Sender, simulation: Simulation, pack: str) -> None:
        self.sender, self.pack = sender, pack
        self.simulation = simulation
        self._random = random.Random(f"{pack} {simulation.plan.seed} can")

    def frames(self, now_s: float) -> list[CanFrame]:
        """What is due and arrives."""
        simulation = self.simulation
        with simulation.lock:
            simulation.live(now_s)
            wire = simulation.faults.wire(self.pack)
            frames = self.sender.frames(now_s)
            if wire.link_lost or wire.asleep:
                return []
            gone_pct = max(wire.lost_pct, wire.corrupt_pct or 0.0)
            return [f for f in frames if not gone_pct or self._random.random() * 100 >= gone_pct]
