"""Everything known about one battery, and how old it is."""

from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from tui.model.alert import Trip
from tui.model.device import WINDOW_S
from tui.model.link import Link, Phase, State
from tui.model.sample import Cells, Counters, Identity, Pack, UnitLog
from tui.model.trend import Trend
from tui.model.units import soc_from_cell_v

STALE_POLLS = 3  # missed polls before a value is no longer called live
BLANK_AFTER_S = 60.0  # after this the big digits say nothing at all
BUS_PROTOCOLS = ("can", "tinybms_can")
SIMULATED_NAME = "PACKDECK-SIM"  # how every simulated device begins its hardware name
IDLE_A = 0.1  # so much at rest is noise (row S1-18)
# A current that flows or not keeps to it within noise: what lies between these is as it was. They are as far
# apart as noise goes from end to end, so that no current, however near to one of them, flips with it.
FLOWS_A, RESTS_A = 0.25, 0.05


class Battery(StrEnum):
    """What a battery is doing (row X-11)."""

    CHARGING = "charging"
    DISCHARGING = "discharging"
    IDLE = "idle"
    BALANCING = "balancing"
    FULL = "full"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person said about a track: where it is and what to call it."""

    name: str  # "left"; unique, also the key in the configuration
    transport: str = "uart"
    address: str = ""  # serial port; CAN bus: "can0", "slcan:/dev/ttyACM0"; file of a recording
    protocol: str = "jbd"  # "auto" finds it out
    title: str = ""  # shown instead of the name
    chemistry: str = ""
    cells: int | None = None
    baudrate: int = 0  # 0: as the protocol has it
    poll_s: float = 2.0
    attempts_max: int = 5
    simulated: bool = False
    bitrate: int = 500_000  # of a CAN bus
    node: int = 1  # of a TinyBMS behind its CAN converter
    profile: str = ""  # dialect of a battery on CAN; empty: found out
    dbc: str = ""  # file that names other frames of a CAN bus
    filters: str = ""  # identifiers to receive from a CAN bus; empty: all
    mac: str = ""  # of a battery on Bluetooth, in capital letters
    adapter: str = ""  # of this machine; empty: the first one
    connect_timeout_s: float = 15.0  # row S0-12
    window_s: float = WINDOW_S  # after so long without a sight of it a person must act
    may_send: bool = False  # on a CAN bus that is not ours nothing is sent

    @property
    def is_radio(self) -> bool:
        """True when it is found and connected by radio, which takes seconds."""
        return self.transport == "ble"

    @property
    def is_bus(self) -> bool:
        """True when the wire carries CAN frames, not a stream of bytes."""
        return self.transport == "can" or self.protocol in BUS_PROTOCOLS


@dataclass(frozen=True, slots=True)
class Track:
    """One battery. Times ending in `_at_s` are on the engine's steady clock; `_time_ms` is Unix time."""

    setup: Setup
    link: Link = Link()
    pack: Pack = Pack()
    pack_at_s: float | None = None
    pack_time_ms: int | None = None
    cells: Cells = Cells()
    cells_at_s: float | None = None
    cells_time_ms: int | None = None
    identity: Identity = Identity()
    counters: Counters = Counters()
    counters_at_s: float | None = None
    log: UnitLog = UnitLog()
    log_at_s: float | None = None
    pack_frame: int = 0  # number of the frame that the newest totals came in; 0: not known
    cells_frame: int = 0
    current_trend: Trend = Trend()
    voltage_trend: Trend = Trend()
    flow: int | None = None  # 1 charges, -1 discharges, 0 rests; `None`: as the newest reading alone has it
    trips: tuple[Trip, ...] = ()  # limits it will reach within the hour, soonest first

    @property
    def name(self) -> str:
        """The key of this track."""
        return self.setup.name

    @property
    def protocol(self) -> str:
        """The language of this battery: what was found, else what was said."""
        return self.link.protocol or self.setup.protocol

    @property
    def simulated(self) -> bool:
        """True when no real battery is behind this: set up so, or the device itself says so."""
        return self.setup.simulated or (self.identity.hardware or "").startswith(SIMULATED_NAME)

    @property
    def cell_count(self) -> int:
        """Cells to draw: what the battery reports, else what the setup says, else 4 (row S0-11)."""
        return len(self.cells.mv) or self.pack.cell_count or self.setup.cells or 4

    def pack_age_s(self, now_s: float) -> float | None:
        """Seconds since totals and switches were read; `None` if never."""
        return None if self.pack_at_s is None else max(0.0, now_s - self.pack_at_s)

    def cells_age_s(self, now_s: float) -> float | None:
        """Seconds since the cell voltages were read; `None` if never."""
        return None if self.cells_at_s is None else max(0.0, now_s - self.cells_at_s)

    @property
    def stale_after_s(self) -> float:
        """Older than this is stale: three missed polls, and a second for the answer itself."""
        return STALE_POLLS * self.setup.poll_s + 1.0

    def is_stale(self, age_s: float | None) -> bool:
        """True when a value of this age must not be shown as live."""
        return age_s is not None and age_s > self.stale_after_s

    def state(self, now_s: float) -> State:
        """The word for this track at `now_s`."""
        match self.link.phase:
            case Phase.ASLEEP:
                return State.ASLEEP
            case Phase.LOST | Phase.TAP | Phase.LENT:
                return State.LOST
            case Phase.CONNECTING:
                return State.CONNECTING
        age_s = self.pack_age_s(now_s)
        if age_s is None:
            return State.CONNECTING
        return State.STALE if self.is_stale(age_s) else State.LIVE

    @property
    def battery(self) -> Battery:
        """What the battery does, from its newest reading."""
        pack = self.pack
        if pack.current_a is None:
            return Battery.UNKNOWN
        if any(p != "mosfet_software_lock" for p in pack.protections):
            return Battery.FAULT
        if flow := self._flow:
            return Battery.CHARGING if flow > 0 else Battery.DISCHARGING
        if pack.balancing:
            return Battery.BALANCING
        return Battery.FULL if (pack.soc_pct or 0) >= 100 else Battery.IDLE

    @property
    def _flow(self) -> int:
        return flow_of(None, self.pack.current_a) or 0 if self.flow is None else self.flow

    @property
    def soc_is_estimated(self) -> bool:
        """True when the unit reports no state of charge, so that it comes from the cell voltages."""
        return self.pack.soc_pct is None and bool(self.cells.sound_mv)

    @property
    def soc_pct(self) -> float | None:
        """State of charge in percent: what the unit reports, else the mean of its cells (row CL-2)."""
        if not self.soc_is_estimated:
            return self.pack.soc_pct
        sound = self.cells.sound_mv
        return fsum(soc_from_cell_v(mv / 1000) for mv in sound) / len(sound)

    @property
    def hours_left(self) -> float | None:
        """Hours until full or empty at this current; `None` at rest or when a part is unknown."""
        pack = self.pack
        if not pack.current_a or pack.remaining_ah is None or not self._flow:
            return None
        if pack.current_a < 0:
            return pack.remaining_ah / -pack.current_a
        if pack.nominal_ah is None:
            return None
        return max(0.0, pack.nominal_ah - pack.remaining_ah) / pack.current_a


def flow_of(before: int | None, current_a: float | None) -> int | None:
    """Which way current flows: 1 into the battery, -1 out of it, 0 nowhere. `before`: at the last reading."""
    if current_a is None:
        return None
    if before and before * current_a > RESTS_A:
        return before
    least_a = IDLE_A if before is None else FLOWS_A
    if abs(current_a) <= least_a:
        return 0
    return 1 if current_a > 0 else -1
