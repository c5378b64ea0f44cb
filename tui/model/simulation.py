"""What a simulation does now, and what may be asked of it. Times are of the clock on the wall."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How lively a simulation is (rows S1-25 to S1-27)."""

    REALISTIC = "realistic"  # cycles, natural variation, ageing, events now and then
    TEST = "test"  # fixed values: the same input gives the same output, frame for frame
    DEMO = "demo"  # faster, livelier, more events


class Stage(StrEnum):
    """The part of the ten-minute cycle (rows S1-16 to S1-20), or what holds without a cycle."""

    DISCHARGE = "discharge"
    IDLE = "idle"
    CHARGE = "charge"
    BALANCE = "balance"
    STEADY = "steady"  # charge, rest, discharge at one current, without a plan of minutes
    FIXED = "fixed"  # mode test


class Connection(StrEnum):
    """How several packs hang together (row S1-81)."""

    SEPARATE = "separate"
    PARALLEL = "parallel"
    SERIES = "series"


class FaultKind(StrEnum):
    """Everything that can be made to go wrong (row S1-78). Each names the sentence `fault-<kind>`."""

    CELL_SHORT = "cell-short"  # amount: milliohms across the cell
    HIGH_RESISTANCE = "high-resistance"  # amount: so many times the resistance
    OPEN_WIRE = "open-wire"  # of a sense wire: the cell reads 0 mV
    SENSOR = "sensor"  # a temperature sensor that is not there any more
    OVERHEAT = "overheat"  # amount: °C that the zone goes to
    WEAK_CELL = "weak-cell"  # amount: share of its capacity that is left
    STUCK_CHARGE_FET = "stuck-charge-fet"
    STUCK_DISCHARGE_FET = "stuck-discharge-fet"
    WRONG_SCALE = "wrong-scale"  # amount: the factor on the current that is shown
    CORRUPT = "corrupt"  # amount: percent of the answers with a wrong checksum (row CL-30)
    DELAY = "delay"  # amount: seconds
    LOST_REPLIES = "lost-replies"  # amount: percent
    LINK_LOSS = "link-loss"
    SLEEP = "sleep"
    RESET_IN_WRITE = "reset-in-write"  # the next write is taken, never acknowledged; the unit starts again


OF_A_CELL = (FaultKind.CELL_SHORT, FaultKind.HIGH_RESISTANCE, FaultKind.OPEN_WIRE, FaultKind.WEAK_CELL)
OF_A_SENSOR = (FaultKind.SENSOR, FaultKind.OVERHEAT)
OF_A_WIRE = (
    FaultKind.CORRUPT,
    FaultKind.DELAY,
    FaultKind.LOST_REPLIES,
    FaultKind.LINK_LOSS,
    FaultKind.SLEEP,
    FaultKind.RESET_IN_WRITE,
)
# What a fault is without an amount, and the least and the most that makes sense.
AMOUNTS: dict[FaultKind, tuple[float, float, float]] = {
    FaultKind.CELL_SHORT: (2.0, 0.1, 10_000.0),
    FaultKind.HIGH_RESISTANCE: (30.0, 1.0, 1000.0),
    FaultKind.OVERHEAT: (58.0, -40.0, 120.0),
    FaultKind.WEAK_CELL: (0.5, 0.05, 1.0),
    FaultKind.WRONG_SCALE: (10.0, 0.001, 1000.0),
    FaultKind.CORRUPT: (2.0, 0.0, 100.0),
    FaultKind.DELAY: (1.0, 0.0, 60.0),
    FaultKind.LOST_REPLIES: (50.0, 0.0, 100.0),
}


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that acts now. `where` is a cell or a sensor, from 1; 0 where that means nothing."""

    kind: FaultKind
    pack: str
    where: int = 0
    amount: float = 0.0
    left_s: float | None = None  # until it ends by itself; None: until somebody ends it


@dataclass(frozen=True, slots=True)
class SimulatedCell:
    """One cell from inside: what no wire tells."""

    number: int
    mv: float  # as measured, with noise
    soc_pct: float
    capacity_ah: float
    resistance_mohm: float
    leak_ma: float
    temperature_c: float
    is_bled: bool


@dataclass(frozen=True, slots=True)
class SimulatedPack:
    """One pack from inside. Current is positive when charging."""

    name: str
    wires: tuple[str, ...] = ()  # where it can be read: "jbd /tmp/left"
    stage: Stage = Stage.STEADY
    step: str = ""  # of a charge: "cc" or "cv"
    left_s: float | None = None  # to the end of the stage, on the wall
    time_scale: float = 1.0  # inner seconds per second, without the speed (row X-1)
    chemistry: str = ""
    pack_v: float = 0.0
    current_a: float = 0.0
    soc_pct: float = 0.0
    soh_pct: float = 0.0
    cycles: int = 0
    capacity_ah: float = 0.0
    temperatures_c: tuple[float, ...] = ()  # of the zones (row S1-3)
    ambient_c: float = 0.0
    charged_kwh: float = 0.0
    discharged_kwh: float = 0.0
    charge_on: bool = True
    discharge_on: bool = True
    protections: tuple[str, ...] = ()
    cells: tuple[SimulatedCell, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulationEvent:
    """Something that happened in a simulation. `key` names the sentence `sim-event-<key>` (row S1-22)."""

    at_s: float  # seconds since the simulation began
    pack: str
    key: str
    args: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SimulationState:
    """Everything a screen may show of a simulation."""

    mode: Mode = Mode.REALISTIC
    speed: float = 1.0
    profile: str = ""
    profiles: tuple[str, ...] = ()  # names that may be chosen
    connection: Connection = Connection.SEPARATE
    running_s: float = 0.0
    packs: tuple[SimulatedPack, ...] = ()
    faults: tuple[ActiveFault, ...] = ()
    events: tuple[SimulationEvent, ...] = ()  # newest first
    script_left: int = 0  # entries still to come


@dataclass(frozen=True, slots=True)
class LookAtSimulation:
    """What the simulation does now."""


@dataclass(frozen=True, slots=True)
class SetSimulation:
    """Change what is not `None`; all of it acts at once, or nothing does. `pack` empty: all of them."""

    mode: Mode | None = None
    speed: float | None = None
    profile: str | None = None
    stage: Stage | None = None  # go there now
    connection: Connection | None = None
    packs: int | None = None
    pack: str = ""


@dataclass(frozen=True, slots=True)
class SetSimulatedCell:
    """Change one cell from inside; what is `None` stays."""

    pack: str
    cell: int
    soc_pct: float | None = None
    capacity_ah: float | None = None
    resistance_mohm: float | None = None
    leak_ma: float | None = None


@dataclass(frozen=True, slots=True)
class InjectFault:
    """Begin a fault; the same one again changes its amount. An empty `pack` is the first one."""

    kind: str  # of FaultKind
    pack: str = ""
    where: int = 0  # cell or sensor, from 1; 0: the first
    amount: float | None = None
    for_s: float | None = None  # ends by itself after so long on the wall


@dataclass(frozen=True, slots=True)
class ClearFault:
    """End faults: all that agree with what is said."""

    kind: str = ""
    pack: str = ""
    where: int = 0


SimulationRequest = LookAtSimulation | SetSimulation | SetSimulatedCell | InjectFault | ClearFault
SIMULATION_REQUESTS = (LookAtSimulation, SetSimulation, SetSimulatedCell, InjectFault, ClearFault)
