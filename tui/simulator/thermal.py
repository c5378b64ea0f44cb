"""Heat in four zones: each warms by its cells' I²R, gives to its neighbours, and cools to the air around.

The usual network of lumped masses, with four nodes. Row S1-3: zone n holds cells 4n-3 to 4n of 16.
"""

from dataclasses import dataclass, field

from tui.simulator.exact import decay, sine

ZONES = 4
HEAT_J_PER_K = 2000.0  # of a cell of 100 Ah: 2 kg at 1 kJ/(kg K)
COOLING_W_PER_K = 1.4  # of a zone of four such cells to the air
EXCHANGE_W_PER_K = 0.8  # between neighbours
AMBIENT_C, SWING_C = 22.0, 3.0  # row CL-22
SENSOR_MOST_C = 60.0  # row CL-22
FAULT_TAU_S = 0.25  # a zone that a fault heats is hot soon


@dataclass(slots=True)
class Thermal:
    """Temperatures of the zones in °C. `period_s` is the length of a day for the air around."""

    cells: int
    capacity_ah: float
    period_s: float = 600.0
    swing_c: float = SWING_C
    start_c: float = AMBIENT_C
    zones_c: list[float] = field(default_factory=list)
    forced_c: dict[int, float] = field(default_factory=dict)  # zone from 0: where a fault drives it

    def __post_init__(self) -> None:
        self.zones_c = self.zones_c or [self.start_c + 0.3 * n for n in range(ZONES)]

    def zone_of(self, cell: int) -> int:
        """The zone of a cell, both from 0."""
        return cell * ZONES // self.cells

    def ambient_c(self, at_s: float) -> float:
        """Of the air, by the clock of the simulation."""
        return AMBIENT_C + self.swing_c * sine(at_s / self.period_s)

    def step(self, heat_w: list[float], inside_s: float, step_s: float, at_s: float) -> None:
        """Let heat flow for one step; `step_s` is its length for faults, which do not run faster."""
        air_c, old = self.ambient_c(at_s), self.zones_c
        size = max(self.cells / ZONES, 0.25) * max(self.capacity_ah, 1.0) / 100.0
        cooling = COOLING_W_PER_K * size / 4
        exchange = EXCHANGE_W_PER_K * size / 4
        speed = cooling + 2 * exchange
        left = decay(inside_s * speed / (HEAT_J_PER_K * size))
        new = []
        for n, now_c in enumerate(old):
            before_c, after_c = old[max(n - 1, 0)], old[min(n + 1, ZONES - 1)]
            goal_c = (heat_w[n] + cooling * (air_c + 0.3 * n) + exchange * (before_c + after_c)) / speed
            new.append(goal_c + (now_c - goal_c) * left)
        for n, forced_c in self.forced_c.items():
            new[n] = forced_c + (old[n] - forced_c) * decay(step_s / FAULT_TAU_S)
        self.zones_c = new
