"""A whole chain on a clock that jumps: simulation, line, the real protocol, fold and alert rules."""

from collections.abc import Callable

from tui.engine.alerts import Alerts
from tui.engine.wires import open_protocol
from tui.model.events import FleetStarted, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.sample import Cells, Counters, Identity, Pack, UnitLog
from tui.model.settings import AlertSettings
from tui.model.simulation import Mode
from tui.model.track import Setup, Track
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.line import Line, is_tinybms_write
from tui.simulator.simulation import Plan, Simulation

READINGS = (Pack, Cells, Identity, Counters, UnitLog)


class Chain:
    """One pack behind one line, read as the engine reads it."""

    def __init__(
        self,
        plan: Plan | None = None,
        protocol: str = "jbd",
        poll_s: float = 0.5,
        prepare: Callable[[Simulation], object] = lambda simulation: simulation.add("pack-1"),
        thresholds: tuple[tuple[str, int], ...] = (),
    ) -> None:
        self.simulation = Simulation(plan or Plan(corrupt_pct=0.0))
        prepare(self.simulation)
        self.battery = self.simulation.packs["pack-1"]
        if protocol == "jbd":
            self.line = Line(JbdDevice(self.battery), self.simulation, "pack-1")
        else:
            self.line = Line(TinyBmsDevice(self.battery), self.simulation, "pack-1", is_tinybms_write)
        setup = Setup("pack-1", address="x", protocol=protocol, chemistry="LFP", poll_s=poll_s)
        self.protocol = open_protocol(setup)
        self.fleet = fold(Fleet(), FleetStarted((setup,), 1))
        self._rules = Alerts([setup], AlertSettings((("debounce_sec", 0), *thresholds)))
        self.now_s = 100.0
        self.turn_s = min(0.05, poll_s / 4)
        self.outcomes: list[object] = []
        self.packs: list[tuple[float, Pack]] = []
        self.cells: list[tuple[float, Cells]] = []
        self.frames: list[bytes] = []

    @property
    def track(self) -> Track:
        return self.fleet.tracks[0]

    @property
    def alerts(self) -> set[tuple[str, int | None]]:
        return {(alert.key, alert.where) for alert in self.fleet.alerts}

    def run(self, seconds: float) -> "Chain":
        until_s = self.now_s + seconds - 1e-9
        while self.now_s < until_s:
            due = self.protocol.requests_due(self.now_s)
            for request in due:
                answer = self.line.receive(request, self.now_s)
                self.frames.append(answer)
                found = self.protocol.feed(answer)
                self._take([*found] if answer else [*found, *self.protocol.line_went_quiet()])
            if not due:
                self.line.pass_time(self.now_s)
                self.now_s += self.turn_s
        return self

    def _take(self, outcomes: list[object]) -> None:
        for outcome in outcomes:
            self.outcomes.append(outcome)
            if not isinstance(outcome, READINGS):
                continue
            if isinstance(outcome, Pack):
                self.packs.append((self.now_s, outcome))
            if isinstance(outcome, Cells):
                self.cells.append((self.now_s, outcome))
            event = SampleRead("pack-1", self.now_s, 0, outcome)
            self.fleet = fold(self.fleet, event)
            for news in self._rules.heard(event, self.fleet, self.now_s, 0):
                self.fleet = fold(self.fleet, news)


def test_plan(**more: object) -> Plan:
    return Plan(mode=Mode.TEST, corrupt_pct=0.0, **more)  # type: ignore[arg-type]


test_plan.__test__ = False  # type: ignore[attr-defined]
