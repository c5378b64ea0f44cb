"""Simulations on a clock that a test moves, and a feed that answers for them as an engine would."""

from tests import fleets
from tests.fakes import FakeFeed
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import Answer, Request
from tui.model.simulation import SIMULATION_REQUESTS, InjectFault, LookAtSimulation, Stage
from tui.simulator.simulation import Plan, Simulation

NOW_S = fleets.NOW_S
RAN_S = 75.0  # before a test looks at it


def demo(**plan: object) -> Simulation:
    """The two packs of `packdeck demo` after some seconds, always the same ones."""
    made = Simulation(Plan(corrupt_pct=0.0, **plan))  # type: ignore[arg-type]
    made.add("left", stage=Stage.CHARGE, at_s=160.0, soc_pct=60.0, cells=16, capacity_ah=280.0)
    made.add("right", cells=4, capacity_ah=100.0)
    made.wires = {"left": ["jbd /run/packdeck/demo-left"], "right": ["jbd /run/packdeck/demo-right"]}
    made.live(0.0)
    made.live(RAN_S - 60.0)
    made.live(RAN_S)
    return made


def troubled() -> Simulation:
    """The same with faults: one with an end, one of the other pack."""
    made = demo()
    made.ask(InjectFault("cell-short", "left", 3, 2.0))
    made.ask(InjectFault("open-wire", "left", 7, for_s=90.0))
    made.ask(InjectFault("open-wire", "left", 12))
    made.ask(InjectFault("lost-replies", "right"))
    made.live(RAN_S + 3.0)
    return made


class SimulationFeed(FakeFeed):
    """A feed whose engine simulates; without a simulation it says that there is none."""

    def __init__(self, simulation: Simulation | None, fleet: Fleet | None = None) -> None:
        super().__init__(fleet or fleets.simulated(), now=NOW_S)
        self.simulation = simulation
        self.refusal: Cause | None = None

    def ask(self, request: Request) -> Answer:
        """As the engine does."""
        if not isinstance(request, SIMULATION_REQUESTS):
            return super().ask(request)
        if not isinstance(request, LookAtSimulation):
            self.asked.append(request)
        if self.refusal is not None:
            return Answer(False, self.refusal)
        if self.simulation is None:
            return Answer(False, Cause("sim-none"))
        return self.simulation.ask(request)
