"""Faces of a simulated pack that talk by themselves: a line of JSON each time one is due, unasked."""

import json
from typing import Any, Protocol

from tui.simulator.line import PackWire
from tui.simulator.simulation import Simulation


class Teller(Protocol):
    """What one pack tells whoever listens."""

    every_s: float

    def message(self, now_s: float) -> dict[str, Any] | None:
        """What there is to tell now; `None`: nothing this time."""
        ...


class StreamLine(PackWire):
    """Tells in an even rhythm, a device behind a pseudo-terminal or a part of a stream of several packs.

    A moment that was missed is not made up for: the listener gets what holds now. While the link of the pack
    is lost or the pack sleeps, nothing is told.
    """

    def __init__(self, teller: Teller, simulation: Simulation, pack: str) -> None:
        super().__init__(simulation, pack)
        self.teller = teller
        self._due_s: float | None = None

    def receive(self, data: bytes, now_s: float) -> bytes:
        """It hears nothing."""
        self.pass_time(now_s)
        return b""

    def pass_time(self, now_s: float) -> None:
        """Nothing is due yet."""
        self.simulation.live(now_s)

    def due_in_s(self, now_s: float) -> float:
        """Seconds until it tells something; 0: now."""
        return 0.0 if self._due_s is None else max(0.0, self._due_s - now_s)

    def speak(self, now_s: float) -> bytes:
        """The line that is due; empty when none is."""
        if self.due_in_s(now_s) > 0:
            return b""
        every_s = self.teller.every_s
        due_s = now_s if self._due_s is None else self._due_s
        self._due_s = due_s + every_s * (1 + (now_s - due_s) // every_s)
        with self.simulation.lock:
            self.simulation.live(now_s)
            wire = self.simulation.faults.wire(self.pack)
            if wire.link_lost or wire.asleep:
                return b""
            told = self.teller.message(now_s)
        return b"" if told is None else json.dumps(told, separators=(",", ":")).encode() + b"\n"
