"""Connected packs as their inverter sees them: one battery, for which the first pack speaks on the CAN bus.

Batteries of the Victron and Pylontech kind use the same identifiers, so two of them on one bus cannot be told
apart; in real systems a leader adds up what the others told it and sends it, with the count of modules.
"""

from collections.abc import Callable

from tui.model.sample import Protection
from tui.model.simulation import Connection
from tui.simulator.battery import Battery
from tui.simulator.cell import Cell
from tui.simulator.simulation import Simulation

Number = Callable[[Battery], float]


class BankOnCan:
    """What `CanBattery` tells, of all packs of a simulation; of the first one while they are separate.

    Follows packs that come and go, and another way of connecting them, while it runs.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    @property
    def packs(self) -> list[Battery]:
        """For whom it speaks."""
        packs = list(self._simulation.packs.values())
        return packs[:1] if self._simulation.connection is Connection.SEPARATE else packs

    @property
    def _in_series(self) -> bool:
        return self._simulation.connection is Connection.SERIES

    def step(self, seconds: float) -> None:
        """Its packs live on the clock of the simulation."""

    # what adds up

    def _beside(self, number: Number) -> float:
        """Of packs in parallel the sum; one after the other, what the least of them has."""
        found = [number(pack) for pack in self.packs]
        return min(found) if self._in_series else sum(found)

    @property
    def pack_mv(self) -> float:
        """Of the bank."""
        found = [pack.pack_mv for pack in self.packs]
        return sum(found) if self._in_series else sum(found) / len(found)

    @property
    def current_a(self) -> float:
        """Positive when charging."""
        found = [pack.current_a for pack in self.packs]
        return found[0] if self._in_series else sum(found)

    @property
    def charge_a(self) -> float:
        """The most that it takes."""
        return self._beside(lambda pack: pack.charge_a if pack.charge_on else 0.0)

    @property
    def discharge_a(self) -> float:
        """The most that it gives."""
        return self._beside(lambda pack: pack.discharge_a if pack.discharge_on else 0.0)

    @property
    def capacity_ah(self) -> float:
        """Of the bank."""
        return self._beside(lambda pack: pack.capacity_ah)

    @property
    def remaining_ah(self) -> float:
        """Of the bank."""
        return self._beside(lambda pack: pack.remaining_ah)

    @property
    def mean_soc_pct(self) -> float:
        """Weighed by capacity."""
        whole_ah = sum(pack.capacity_ah for pack in self.packs)
        return sum(pack.mean_soc_pct * pack.capacity_ah for pack in self.packs) / whole_ah

    @property
    def charged_kwh(self) -> float:
        """Of all packs."""
        return sum(pack.charged_kwh for pack in self.packs)

    @property
    def discharged_kwh(self) -> float:
        """Of all packs."""
        return sum(pack.discharged_kwh for pack in self.packs)

    # switches, cells, sensors

    @property
    def charge_on(self) -> bool:
        """Some way in is open; one after the other, all of them."""
        return self._open([pack.charge_on for pack in self.packs])

    @property
    def discharge_on(self) -> bool:
        """Some way out is open; one after the other, all of them."""
        return self._open([pack.discharge_on for pack in self.packs])

    def _open(self, switches: list[bool]) -> bool:
        return all(switches) if self._in_series else any(switches)

    @property
    def modules(self) -> tuple[int, int, int, int]:
        """Packs that are there, that take no charge, that give none, and that are away."""
        wire = self._simulation.faults.wire
        away = sum(wire(name).link_lost or wire(name).asleep for name in list(self._simulation.packs)[1:])
        packs = self.packs
        away = min(away, len(packs) - 1)
        closed = [sum(not pack.charge_on for pack in packs), sum(not pack.discharge_on for pack in packs)]
        return len(packs) - away, closed[0], closed[1], away

    @property
    def cells(self) -> list[Cell]:
        """Of all packs, the first pack's first."""
        return [cell for pack in self.packs for cell in pack.cells]

    @property
    def cells_in_series(self) -> int:
        """Between the poles of the bank."""
        return (
            sum(pack.cells_in_series for pack in self.packs)
            if self._in_series
            else self._first.cells_in_series
        )

    @property
    def temperatures_c(self) -> list[float]:
        """Of all sensors."""
        return [celsius for pack in self.packs for celsius in pack.temperatures_c]

    @property
    def protections(self) -> frozenset[Protection]:
        """Of any pack."""
        return frozenset(p for pack in self.packs for p in pack.protections)

    @property
    def seed(self) -> int:
        """Of the pack that speaks."""
        return self._first.seed

    @property
    def _first(self) -> Battery:
        return self.packs[0]
