"""One cell as an equivalent circuit: rest voltage with hysteresis, a resistance and two RC pairs.

Source of the model: G. L. Plett, "Battery Management Systems, Volume I: Battery Modeling" (Artech House,
2015), chapter 2, the enhanced self-correcting cell: the current counts the charge; each pair follows an
exponential, solved exactly for a current that is constant over a step; the hysteresis runs towards the sign
of the current with the charge that passes. Two pairs after X. Hu, S. Li and H. Peng, "A comparative study of
equivalent circuit models for Li-ion batteries", Journal of Power Sources 198 (2012).
"""

import random
from dataclasses import dataclass
from functools import lru_cache

from tui.simulator.exact import along, between, decay
from tui.simulator.ocv import PER_PCT, Curve
from tui.simulator.profile import Profile

REFERENCE_AH = 100.0  # the size of cell whose resistance a profile tells
HYSTERESIS_PCT = 5.0  # after so much charge in one direction the loop is nearly crossed
CELL_LIMIT_MV = 5000.0  # absurd loads on tiny cells stay within what a board can say


class Kit:
    """What all cells of one profile share: curves, and how much of each pair is left after a step."""

    __slots__ = (
        "_tau_s",
        "emf",
        "hysteresis_mv",
        "keep_1",
        "keep_2",
        "ohms",
        "pct",
        "shares",
        "step_s",
        "warmth",
    )

    def __init__(self, profile: Profile) -> None:
        r = profile.resistance
        self.emf, self.ohms = _tables(profile)
        self.warmth = tuple(zip(r.temperature_c, r.temperature_factor, strict=True))
        self.hysteresis_mv = profile.ocv.hysteresis_mv
        self.shares = r.shares
        self._tau_s = r.tau_s
        self.step_s = -1.0
        self.pace(0.0)

    def pace(self, step_s: float) -> None:
        """The inner length of the steps from now on."""
        if step_s == self.step_s:
            return
        self.step_s = step_s
        self.pct = step_s / 36.0  # percent of a cell of 1 Ah that 1 A moves in a step
        self.keep_1, self.keep_2 = (decay(step_s / tau) for tau in self._tau_s)

    def factor(self, celsius: float) -> float:
        """How many times the resistance at 25 °C."""
        return along(self.warmth, celsius)


@lru_cache(maxsize=32)
def _tables(profile: Profile) -> tuple[list[float], list[float]]:
    """Rest voltage in mV and factor of the resistance, by charge. Read only: many share them."""
    emf = Curve(profile.ocv.soc_pct, tuple(v * 1000 for v in profile.ocv.cell_v))
    return emf.table, Curve(profile.resistance.soc_pct, profile.resistance.soc_factor).table


@dataclass(slots=True)
class Cell:
    """One cell. Its state of charge is in percent of its own capacity.

    `mv` is what is measured, `true_mv` what there is. A fault sets the last three.
    """

    soc_pct: float
    capacity_ah: float
    resistance_mohm: float  # all of it, at 25 °C and half charge
    offset_mv: float = 0.0  # cells of one batch differ by a few mV at the same charge
    mv: float = 3300.0
    is_bled: bool = False
    leak_ma: float = 0.0  # self-discharge, and what the electronics take from this cell
    balance_a: float = 0.0
    true_mv: float = 3300.0
    emf_mv: float = 3300.0  # rest voltage with hysteresis and offset
    ohms: float = 2.5  # now: by charge, temperature and fault, in mΩ
    pair_1_mv: float = 0.0
    pair_2_mv: float = 0.0
    loop: float = 0.0  # hysteresis: -1 discharged into, +1 charged into
    warmth: float = 1.0  # factor of the resistance by temperature
    strain: float = 1.0  # factor of the resistance by a fault
    short_mohm: float = 0.0  # across the cell; 0: none
    wire_open: bool = False

    def carry(self, amps: float, kit: Kit) -> None:
        """Let a current flow for one step; plus charges."""
        amps += self.balance_a
        moved = (amps - self.leak_ma / 1000) * kit.pct / self.capacity_ah
        soc = self.soc_pct + moved
        if soc > 100.0:
            soc = 100.0
        elif soc < 0.0:
            soc = 0.0
        self.soc_pct = soc
        if amps > 0.0:
            loop = moved / HYSTERESIS_PCT if moved > 0.0 else 0.0
            self.loop = (self.loop + loop) / (1.0 + loop)
        elif amps < 0.0:
            loop = -moved / HYSTERESIS_PCT
            self.loop = (self.loop - loop) / (1.0 + loop)
        share_0, share_1, share_2 = kit.shares
        pull = amps * self.ohms
        wanted = pull * share_1
        pair_1 = wanted + (self.pair_1_mv - wanted) * kit.keep_1
        wanted = pull * share_2
        pair_2 = wanted + (self.pair_2_mv - wanted) * kit.keep_2
        self.pair_1_mv, self.pair_2_mv = pair_1, pair_2
        place = soc * PER_PCT
        n = int(place)
        part, table = place - n, kit.ohms
        low = table[n]
        self.ohms = ohms = (
            self.resistance_mohm * self.warmth * self.strain * (low + (table[n + 1] - low) * part)
        )
        table = kit.emf
        low = table[n]
        self.emf_mv = emf = low + (table[n + 1] - low) * part + self.loop * kit.hysteresis_mv + self.offset_mv
        mv = emf + amps * ohms * share_0 + pair_1 + pair_2
        if self.short_mohm:
            mv *= self.short_mohm / (self.short_mohm + ohms)
        self.true_mv = mv if 0.0 <= mv <= CELL_LIMIT_MV else min(max(mv, 0.0), CELL_LIMIT_MV)

    def settle(self, amps: float, kit: Kit) -> None:
        """As after a very long time at this current, without moving any charge."""
        step_s = kit.step_s
        kit.pace(0.0)
        self.carry(amps, kit)  # finds the resistance at this charge
        self.pair_1_mv, self.pair_2_mv = (amps * self.ohms * share for share in kit.shares[1:])
        self.carry(amps, kit)
        kit.pace(step_s)

    @property
    def shorted_a(self) -> float:
        """What a short takes, in amperes."""
        return self.true_mv / self.short_mohm if self.short_mohm else 0.0


def make(profile: Profile, soc_pct: float, capacity_ah: float, source: random.Random) -> Cell:
    """One cell of a batch."""
    spread, ohms = profile.spread, profile.resistance
    share = spread.capacity_pct / 100
    size = max(capacity_ah, 1.0) / REFERENCE_AH
    return Cell(
        soc_pct=soc_pct + between(source, -spread.soc_pct, spread.soc_pct),
        capacity_ah=capacity_ah * between(source, 1 - share, 1 + share),
        resistance_mohm=between(source, *ohms.mohm) / size,
        leak_ma=between(source, *spread.leak_ma) * size,
    )
