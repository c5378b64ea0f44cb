"""Several packs on one charger and one load: they share a voltage, or in series a current (S1-81)."""

from dataclasses import dataclass

from tui.simulator.battery import TINY_S, Battery
from tui.simulator.cell import Cell
from tui.simulator.cycle import STEP_S, Demand, Phase, Programme, mean_of
from tui.simulator.profile import Profile


@dataclass(slots=True)
class Bank:
    """Packs of one kind. The programme's amperes are those of one pack, so a larger bank has a larger one."""

    packs: list[Battery]
    programme: Programme
    in_series: bool = False
    full_pct: float = 97.0
    empty_pct: float = 18.0
    rest_s: float = 60.0
    _due_s: float = 0.0

    def advance(self, seconds: float, speed: float) -> None:
        """Let so much time pass on the clock on the wall."""
        self._due_s += max(0.0, seconds) * speed
        for pack in self.packs:
            pack.elapsed_s += max(0.0, seconds)
        while self._due_s >= STEP_S - TINY_S:
            self._due_s -= STEP_S
            demand = self.programme.next(self)
            for pack in self.packs:
                pack.pace(STEP_S * demand.scale)
            currents = self._in_series(demand) if self.in_series else self._in_parallel(demand)
            for pack, amps in zip(self.packs, currents, strict=True):
                pack.carry(amps, STEP_S, demand.scale)

    def _in_series(self, demand: Demand) -> list[float]:
        """One current through all; a single open switch stops it."""
        amps, is_cv = demand.amps, False
        if demand.limit_mv is not None and amps > 0:
            limit_mv = demand.limit_mv * sum(len(pack.cells) for pack in self.packs)
            rest_mv = sum(pack.rest_mv() for pack in self.packs)
            most = (limit_mv - rest_mv) / sum(pack.inner_mohm() for pack in self.packs)
            is_cv, amps = most < amps, max(0.0, min(amps, most))
        if any(pack.let_through(amps) != amps for pack in self.packs):
            amps = 0.0
        for pack in self.packs:
            pack.is_cv = is_cv
        return [amps] * len(self.packs)

    def _in_parallel(self, demand: Demand) -> list[float]:
        """One voltage for all: found from the rest voltages and resistances; open switches drop out."""
        rests = [pack.rest_mv() for pack in self.packs]
        ohms = [pack.inner_mohm() for pack in self.packs]
        taking = [n for n, pack in enumerate(self.packs) if pack.charge_on or pack.discharge_on]
        total = demand.amps * len(self.packs)
        currents, is_cv = [0.0] * len(self.packs), False
        while taking:
            lead = sum(1 / ohms[n] for n in taking)
            mv = (total + sum(rests[n] / ohms[n] for n in taking)) / lead
            if demand.limit_mv is not None and total > 0:
                limit_mv = demand.limit_mv * len(self.packs[0].cells)
                is_cv, mv = mv > limit_mv, min(mv, limit_mv)
            found = {n: (mv - rests[n]) / ohms[n] for n in taking}
            stopped = [n for n in taking if self.packs[n].let_through(found[n]) != found[n]]
            if not stopped:
                for n, amps in found.items():
                    currents[n] = amps
                break
            taking = [n for n in taking if n not in stopped]
        for pack in self.packs:
            pack.is_cv = is_cv
        return currents

    # as a programme sees it

    @property
    def profile(self) -> Profile:
        """Of all packs."""
        return self.packs[0].profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        for pack in self.packs:
            pack.profile = profile

    @property
    def phase(self) -> Phase:
        """What the bank is connected to."""
        return self.packs[0].phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        for pack in self.packs:
            pack.phase = phase

    @property
    def charge_a(self) -> float:
        """Of one pack."""
        return self.packs[0].charge_a

    @charge_a.setter
    def charge_a(self, amps: float) -> None:
        for pack in self.packs:
            pack.charge_a = amps

    @property
    def discharge_a(self) -> float:
        """Of one pack."""
        return self.packs[0].discharge_a

    @discharge_a.setter
    def discharge_a(self, amps: float) -> None:
        for pack in self.packs:
            pack.discharge_a = amps

    @property
    def mean_soc_pct(self) -> float:
        """Of all packs."""
        return sum(pack.mean_soc_pct for pack in self.packs) / len(self.packs)

    @property
    def capacity_ah(self) -> float:
        """Of one pack."""
        return self.packs[0].capacity_ah

    @property
    def highest_mv(self) -> float:
        """The highest cell of all packs."""
        return max(pack.highest_mv for pack in self.packs)

    @property
    def is_blocked_for_charge(self) -> bool:
        """No pack takes charge."""
        return all(pack.is_blocked_for_charge for pack in self.packs)

    @property
    def is_blocked_for_discharge(self) -> bool:
        """No pack gives any."""
        return all(pack.is_blocked_for_discharge for pack in self.packs)

    def mean_cell(self) -> Cell:
        """The average of all cells of all packs."""
        return mean_of([cell for pack in self.packs for cell in pack.cells])

    def cycle_done(self) -> None:
        """They were emptied once more."""
        for pack in self.packs:
            pack.cycle_done()
