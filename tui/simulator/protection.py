"""The pack's own electronics: they open a switch when a limit is passed for long enough, and close it again.

Rules as data: what trips, after how long; what releases, after how long. Delays and hysteresis are in kind
those of JBD's factory settings; the waiting of voltages is short, so that a simulation shows them at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tui.model.sample import Protection

CHARGE_STOPPERS = {
    Protection.CELL_OVERVOLTAGE,
    Protection.PACK_OVERVOLTAGE,
    Protection.CHARGE_OVERTEMPERATURE,
    Protection.CHARGE_UNDERTEMPERATURE,
    Protection.CHARGE_OVERCURRENT,
}
DISCHARGE_STOPPERS = {
    Protection.CELL_UNDERVOLTAGE,
    Protection.PACK_UNDERVOLTAGE,
    Protection.DISCHARGE_OVERTEMPERATURE,
    Protection.DISCHARGE_UNDERTEMPERATURE,
    Protection.DISCHARGE_OVERCURRENT,
    Protection.SHORT_CIRCUIT,
}
VOLTAGE_S, CURRENT_S, TEMPERATURE_S = 0.5, 1.0, 0.25
CURRENT_RELEASE_S = 30.0
SHORT_TIMES = 5.0  # so many times the discharge limit is a short circuit
COOLER_C = 5.0  # a temperature releases this far inside its limit


@dataclass(slots=True)
class PackLimits:
    """Where the electronics act; may be changed at any time, as by registers. mV, A and °C."""

    cell_high_mv: float = 3650.0
    cell_high_release_mv: float = 3500.0
    cell_low_mv: float = 2500.0
    cell_low_release_mv: float = 3000.0
    charge_a: float = 50.0
    discharge_a: float = 100.0
    charge_low_c: float = 0.0
    charge_high_c: float = 45.0
    discharge_low_c: float = -10.0
    discharge_high_c: float = 55.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the electronics measure."""

    high_mv: float
    low_mv: float
    current_a: float
    hot_c: float
    cold_c: float


@dataclass(frozen=True, slots=True)
class Rule:
    """One protection: when it trips and when it lets go."""

    protection: Protection
    trips: Callable[[Seen, PackLimits], bool]
    releases: Callable[[Seen, PackLimits], bool]
    after_s: float = 0.0
    release_after_s: float = 0.0


RULES = (
    Rule(
        Protection.CELL_OVERVOLTAGE,
        lambda s, m: s.high_mv > m.cell_high_mv,
        lambda s, m: s.high_mv < m.cell_high_release_mv,
        VOLTAGE_S,
    ),
    Rule(
        Protection.CELL_UNDERVOLTAGE,
        lambda s, m: s.low_mv < m.cell_low_mv,
        lambda s, m: s.low_mv > m.cell_low_release_mv,
        VOLTAGE_S,
    ),
    Rule(
        Protection.CHARGE_OVERTEMPERATURE,
        lambda s, m: s.hot_c > m.charge_high_c,
        lambda s, m: s.hot_c < m.charge_high_c - COOLER_C,
        TEMPERATURE_S,
    ),
    Rule(
        Protection.CHARGE_UNDERTEMPERATURE,
        lambda s, m: s.cold_c < m.charge_low_c,
        lambda s, m: s.cold_c > m.charge_low_c + COOLER_C,
        TEMPERATURE_S,
    ),
    Rule(
        Protection.DISCHARGE_OVERTEMPERATURE,
        lambda s, m: s.hot_c > m.discharge_high_c,
        lambda s, m: s.hot_c < m.discharge_high_c - COOLER_C,
        TEMPERATURE_S,
    ),
    Rule(
        Protection.DISCHARGE_UNDERTEMPERATURE,
        lambda s, m: s.cold_c < m.discharge_low_c,
        lambda s, m: s.cold_c > m.discharge_low_c + COOLER_C,
        TEMPERATURE_S,
    ),
    Rule(
        Protection.CHARGE_OVERCURRENT,
        lambda s, m: s.current_a > m.charge_a,
        lambda s, m: s.current_a < m.charge_a,
        CURRENT_S,
        CURRENT_RELEASE_S,
    ),
    Rule(
        Protection.DISCHARGE_OVERCURRENT,
        lambda s, m: -s.current_a > m.discharge_a,
        lambda s, m: -s.current_a < m.discharge_a,
        CURRENT_S,
        CURRENT_RELEASE_S,
    ),
    Rule(
        Protection.SHORT_CIRCUIT,
        lambda s, m: -s.current_a > SHORT_TIMES * m.discharge_a,
        lambda s, m: -s.current_a < m.discharge_a,
        0.0,
        CURRENT_RELEASE_S,
    ),
)
# Welded switches, found by the electronics' own test; they hold as long as the switch is welded.
WELDED = {
    "charge": Protection.CHARGE_MOSFET_BREAKDOWN,
    "discharge": Protection.DISCHARGE_MOSFET_BREAKDOWN,
}


@dataclass(slots=True)
class Guard:
    """Judges what is seen, step by step, and keeps `protections` and `counters` of the pack."""

    limits: PackLimits
    protections: set[Protection]
    counters: dict[str, int]
    _since_s: dict[Protection, float] = field(default_factory=dict)  # how long a change has been due

    def judge(self, seen: Seen, step_s: float) -> None:
        """One step of `step_s` on the clock of the simulation."""
        for rule in RULES:
            acting = rule.protection in self.protections
            due = rule.releases(seen, self.limits) if acting else rule.trips(seen, self.limits)
            if not due:
                self._since_s.pop(rule.protection, None)
                continue
            waited_s = self._since_s.get(rule.protection, 0.0) + step_s
            self._since_s[rule.protection] = waited_s
            if waited_s >= (rule.release_after_s if acting else rule.after_s):
                self._since_s.pop(rule.protection)
                self._switch(rule.protection, not acting)

    def weld(self, which: str, welded: bool) -> None:
        """A switch that does not open any more, or does again."""
        if welded != (WELDED[which] in self.protections):
            self._switch(WELDED[which], welded)

    def _switch(self, protection: Protection, on: bool) -> None:
        if on:
            self.protections.add(protection)
            self.counters[protection.value] = self.counters.get(protection.value, 0) + 1
        else:
            self.protections.discard(protection)
