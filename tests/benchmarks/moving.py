"""Batteries that change a little with every look, as real ones do: the load of the screen benchmarks."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.model.events import FleetStarted, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Frame
from tui.model.link import Link, Phase
from tui.model.sample import Cells, Pack
from tui.model.track import Setup

if TYPE_CHECKING:
    from tui.model.requests import Answer, Request

PACK = Pack(
    pack_v=53.12, current_a=12.4, soc_pct=72, remaining_ah=201.6, nominal_ah=280.0, cycles=127, cell_count=16,
    temperatures_c=(21.5, 22.0, 21.8), charge_on=True, discharge_on=True,
)  # fmt: skip


class MovingFeed:
    """A feed whose packs change `rate_hz` times a second: two cells in sixteen, volts and amps."""

    def __init__(self, packs: int, cells: int, rate_hz: float) -> None:
        self.updates = 0
        self._packs, self._rate_hz = packs, rate_hz
        self._mv = [[3318 + (7 * i) % 13 for i in range(cells)] for _ in range(packs)]
        setups = tuple(Setup(("left", "right", "rear", "front")[p], chemistry="LFP") for p in range(packs))
        self._fleet = fold(Fleet(), FleetStarted(setups, pid=1))
        for setup in setups:
            self._fleet = fold(self._fleet, LinkChanged(setup.name, 0.0, 0, Link(Phase.UP)))
        self.move()
        threading.Thread(target=self._run, daemon=True).start()

    def move(self) -> None:
        """One reading of every pack."""
        self.updates += 1
        now_s, now_ms = time.monotonic(), int(time.time() * 1000)
        for p, track in enumerate(self._fleet.tracks):
            mv = self._mv[p]
            for k in range(max(1, len(mv) // 8)):
                at = (self.updates * 5 + k * 3 + p) % len(mv)
                mv[at] += 1 if (self.updates + k) % 2 else -1
            current_a = 12.4 + (self.updates % 5) / 10
            pack = replace(PACK, pack_v=sum(mv) / 1000, current_a=current_a)
            self._fleet = fold(self._fleet, SampleRead(track.name, now_s, now_ms, pack))
            self._fleet = fold(self._fleet, SampleRead(track.name, now_s, now_ms, Cells(tuple(mv))))

    def _run(self) -> None:
        while True:
            time.sleep(1 / self._rate_hz)  # the rate of a device, not a wait for anything
            self.move()

    def fleet(self) -> Fleet:
        return self._fleet

    def frames(self, after: int) -> Sequence[Frame]:
        return ()

    def ask(self, request: "Request") -> "Answer":
        from tui.model.requests import Answer

        return Answer(True)

    def close(self) -> None:
        pass
