"""A running simulation: packs, one clock, mode, speed, faults and script; asked and changed while it runs."""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.simulation import (
    ClearFault,
    Connection,
    InjectFault,
    LookAtSimulation,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    SimulatedCell,
    SimulatedPack,
    SimulationEvent,
    SimulationRequest,
    SimulationState,
    Stage,
)
from tui.simulator.bank import Bank
from tui.simulator.battery import Battery, Fixed
from tui.simulator.cycle import LENGTH_S, START_PCT, Cycle, Phase, Programme, Steady
from tui.simulator.exact import between
from tui.simulator.faults import Faults, Key, pack_of
from tui.simulator.profile import Profile, load, names
from tui.simulator.script import Entry
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

SPEED_LOW, SPEED_HIGH = 0.1, 1000.0
PACKS_MOST = 256
JUMP_MOST_S = 60.0  # a machine that was suspended does not make up for the night
EVENTS_KEPT = 100
EVENT_GAP_S = {Mode.REALISTIC: (5.0, 30.0), Mode.DEMO: (2.0, 8.0)}  # rows S1-22, S1-27
DEMO_TIMES, DEMO_LIVELY = 4.0, 2.5
USUAL_CORRUPT_PCT = 2.0  # row CL-30
EVENTS = (
    "self-test", "cell-scan", "temperature-check", "charger-handshake", "load-changed", "counters-saved",
    "contact-check", "clock-set",
)  # fmt: skip
PHASES = {"discharge": "DISCHARGING", "charge": "CHARGING", "balance": "BALANCING"}  # in the log
START_CYCLES, START_SOH_PCT = 127, 98.5  # row CL-22


@dataclass(frozen=True, slots=True)
class Plan:
    """What a simulation begins with."""

    mode: Mode = Mode.REALISTIC
    speed: float = 1.0
    profile: str = "lfp"
    connection: Connection = Connection.SEPARATE
    seed: int = 1
    test: Fixed = field(default_factory=Fixed)
    script: tuple[Entry, ...] = ()
    profiles_folder: Path | None = None
    corrupt_pct: float = USUAL_CORRUPT_PCT
    # what this start says differently from the profile; 0: as the profile
    cells: int = 0
    capacity_ah: float = 0.0


@dataclass(slots=True)
class Simulation:
    """All packs of one laboratory. Every public method may be called from any thread.

    `on_event` hears everything that happens, in the thread that let the time pass; it must not wait.
    """

    plan: Plan
    packs: dict[str, Battery] = field(default_factory=dict)
    wires: dict[str, list[str]] = field(default_factory=dict)  # of a pack: where it can be read
    on_event: Callable[[SimulationEvent], None] | None = None
    # Gives a pack that came while it runs its wires, and what takes them away again; may raise WireError.
    plug: Callable[[str], Callable[[], None]] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    faults: Faults = field(default_factory=Faults)
    events: deque[SimulationEvent] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    mode: Mode = Mode.REALISTIC
    speed: float = 1.0
    running_s: float = 0.0
    clock_s: float = 0.0  # of the script: what has passed, times the speed
    _profile: Profile = field(init=False)
    _profile_name: str = ""
    _connection: Connection = Connection.SEPARATE
    _bank: Bank | None = None
    _script: deque[Entry] = field(default_factory=deque)
    _random: random.Random = field(init=False)
    _at_s: float | None = None
    _next_event_s: float = 0.0
    _seen: dict[str, frozenset[str]] = field(default_factory=dict)
    _made: int = 0
    _unplug: dict[str, Callable[[], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plan = self.plan
        self._random = random.Random(plan.seed)
        self._profile, self._profile_name = load(plan.profile, plan.profiles_folder), plan.profile
        self.mode, self._connection = plan.mode, plan.connection
        self.speed = _checked_speed(plan.speed)
        self._script.extend(plan.script)
        for battery in self.packs.values():
            self._take(battery)
        self._next_event_s = self._gap_s()

    # packs

    @property
    def connection(self) -> Connection:
        """How the packs hang together now."""
        return self._connection

    def add(
        self,
        name: str,
        *,
        stage: Stage = Stage.DISCHARGE,
        at_s: float = 0.0,
        soc_pct: float = START_PCT,
        cells: int = 0,
        capacity_ah: float = 0.0,
    ) -> Battery:
        """One more pack of the profile, on the ten-minute cycle from that moment of that stage on."""
        with self.lock:
            seed = self.plan.seed + self._made
            self._made += 1
            p = self._profile
            cycle = Cycle(random.Random(seed ^ 0xC1C), stage=stage, at_s=at_s)
            battery = Battery(
                cells or self.plan.cells or p.cells,
                capacity_ah or self.plan.capacity_ah or p.capacity_ah,
                soc_pct,
                charge_a=p.charger.current_a,
                discharge_a=p.load.high_a,
                seed=seed,
                cycles=START_CYCLES,
                soh_pct=START_SOH_PCT,
                profile=p,
                programme=cycle,
                full_pct=START_PCT,
            )
            self.attach(name, battery)
            return battery

    def attach(self, name: str, battery: Battery) -> None:
        """A pack that somebody else has made; its time is ours from now on."""
        with self.lock:
            self.packs[name] = battery
            self._take(battery)
            if isinstance(battery.programme, Cycle):
                battery.programme.on_stage = lambda stage: self._tell(name, f"stage-{stage}")
            self._connect()

    def _take(self, battery: Battery) -> None:
        battery.is_driven = True
        battery.fixed = self.plan.test if self.mode is Mode.TEST else None
        battery.noise = DEMO_LIVELY if self.mode is Mode.DEMO else 1.0
        if isinstance(battery.programme, Cycle):
            battery.programme.lively = battery.noise
        if battery.fixed is not None:
            battery.settle()

    def _connect(self) -> None:
        """Hang the packs together as they should be; a bank has the programme of its first pack."""
        packs = list(self.packs.values())
        if self._connection is Connection.SEPARATE or len(packs) < 2:
            self._bank = None
            return
        programme = packs[0].programme
        assert programme is not None
        in_series = self._connection is Connection.SERIES
        self._bank = Bank(packs, programme, in_series, packs[0].full_pct, packs[0].empty_pct, packs[0].rest_s)

    # time

    def live(self, now_s: float) -> None:
        """Let everything live up to this moment of a steady clock."""
        with self.lock:
            if self._at_s is None:
                self._at_s = now_s
            passed_s = min(max(0.0, now_s - self._at_s), JUMP_MOST_S)
            self._at_s = max(now_s, self._at_s)
            if passed_s <= 0:
                return
            while passed_s > 0:  # a script acts at its moment, however late somebody looks
                part_s = min(passed_s, self._until_script_s())
                self._pass(part_s)
                passed_s -= part_s
                self._play()

    @property
    def real_speed(self) -> float:
        """With what the mode adds."""
        return min(SPEED_HIGH, self.speed * (DEMO_TIMES if self.mode is Mode.DEMO else 1.0))

    def _pass(self, seconds: float) -> None:
        self.running_s += seconds
        self.clock_s += seconds * self.real_speed
        if self._bank is not None and self.mode is not Mode.TEST:
            self._bank.advance(seconds, self.real_speed)
        else:
            for battery in self.packs.values():
                battery.speed = self.real_speed
                battery.advance(seconds)
        for key in self.faults.expire(self.packs, self.running_s):
            self._told_end(key)
        self._notice()

    def _until_script_s(self) -> float:
        if not self._script:
            return JUMP_MOST_S
        return max(0.0, self._script[0].at_s - self.clock_s) / self.real_speed

    def _play(self) -> None:
        while self._script and self._script[0].at_s <= self.clock_s + 1e-6:
            for request in self._script.popleft().requests():
                answer = self.ask(request)
                if answer.cause is not None:  # the simulation goes on
                    log.warning("the script: %s", answer.cause)
                    self._tell("", "script-refused", (("why", answer.cause.key),))

    def _notice(self) -> None:
        """Protections that came or went, and the small events of every day."""
        for name, battery in self.packs.items():
            acting = frozenset(p.value for p in battery.protections)
            before = self._seen.get(name, frozenset())
            if acting != before:
                self._seen[name] = acting
                for word in sorted(acting - before):
                    self._tell(name, "tripped", (("protection", word),))
                for word in sorted(before - acting):
                    self._tell(name, "released", (("protection", word),))
        while self.mode in EVENT_GAP_S and self.running_s >= self._next_event_s:
            pack = list(self.packs)[self._random.randrange(len(self.packs))] if self.packs else ""
            self._tell(pack, EVENTS[self._random.randrange(len(EVENTS))])
            self._next_event_s += self._gap_s()

    def _gap_s(self) -> float:
        return between(self._random, *EVENT_GAP_S.get(self.mode, (5.0, 30.0)))

    def _tell(self, pack: str, key: str, args: tuple[tuple[str, str], ...] = ()) -> None:
        event = SimulationEvent(self.running_s, pack, key, args)
        self.events.appendleft(event)
        if key.startswith("stage-"):
            stage = key.removeprefix("stage-")
            log.info("[Simulator] Phase: %s %s", PHASES.get(stage, stage.upper()), pack)  # row S1-69
        if self.on_event is not None:
            self.on_event(event)

    # what a wire asks

    def corrupt_pct(self, pack: str) -> float:
        """Percent of answers with a wrong checksum (row CL-30); none in mode test unless a fault says so."""
        said = self.faults.wire(pack).corrupt_pct
        if said is not None:
            return said
        return 0.0 if self.mode is Mode.TEST else self.plan.corrupt_pct

    # requests

    def ask(self, request: SimulationRequest) -> Answer:
        """Obey or answer. What cannot be is refused with a cause, and changes nothing."""
        with self.lock:
            try:
                match request:
                    case LookAtSimulation():
                        pass
                    case SetSimulation():
                        self._set(request)
                    case SetSimulatedCell():
                        self._set_cell(request)
                    case InjectFault():
                        self._begin(request)
                    case ClearFault():
                        for key in self.faults.clear(self.packs, request):
                            self._told_end(key)
            except WireError as error:
                return Answer(False, error.cause)
            return Answer(True, simulation=self.state())

    def _begin(self, request: InjectFault) -> None:
        fault = self.faults.begin(self.packs, request, self.running_s)
        self._tell(
            fault.pack, "fault-began", (("fault", fault.kind.value), ("where", str(fault.where or "")))
        )

    def _told_end(self, key: Key) -> None:
        pack, kind, where = key
        self._tell(pack, "fault-ended", (("fault", kind.value), ("where", str(where or ""))))

    def _set(self, asked: SetSimulation) -> None:
        speed = self.speed if asked.speed is None else _checked_speed(asked.speed)
        if asked.pack:
            pack_of(self.packs, asked.pack)
        if asked.packs is not None and not 1 <= asked.packs <= PACKS_MOST:
            raise WireError(Cause("sim-packs", (("said", str(asked.packs)), ("high", str(PACKS_MOST)))))
        if asked.stage is not None and asked.stage not in LENGTH_S:
            raise WireError(Cause("sim-stage", (("said", asked.stage), ("stages", ", ".join(LENGTH_S)))))
        profile = load(asked.profile, self.plan.profiles_folder) if asked.profile is not None else None
        self.speed = speed  # nothing can go wrong from here on
        if profile is not None:
            self._adopt(profile, str(asked.profile), asked.pack)
        if asked.mode is not None and asked.mode is not self.mode:
            self.mode = asked.mode
            for battery in self.packs.values():
                self._take(battery)
            self._next_event_s = self.running_s + self._gap_s()
            self._tell("", f"mode-{asked.mode}")
        if asked.stage is not None:
            self._go_to(asked.stage, asked.pack)
        if asked.connection is not None:
            self._connection = asked.connection
        if asked.packs is not None:
            self._count(asked.packs)
        if asked.connection is not None or asked.packs is not None:
            self._connect()

    def _adopt(self, profile: Profile, name: str, pack: str) -> None:
        if not pack:
            self._profile, self._profile_name = profile, name
        for key in [pack] if pack else list(self.packs):
            battery = self.packs[key]
            self.faults.forget(key)
            battery.charge_a, battery.discharge_a = profile.charger.current_a, profile.load.high_a
            battery.adopt(profile, profile.cells, profile.capacity_ah, battery.mean_soc_pct)
            battery.dead_sensors.clear()
            battery.welded.clear()
            battery.shunt_gain = 1.0
            for programme in self._programmes(key):
                if isinstance(programme, Cycle):
                    programme.plan_again()
            if self.mode is Mode.TEST:
                battery.settle()
        self._tell(pack, "profile", (("name", profile.name),))

    def _go_to(self, stage: Stage, pack: str) -> None:
        for key in [pack] if pack else list(self.packs):
            battery = self.packs[key]
            if isinstance(battery.programme, Cycle):
                battery.programme.go_to(stage)
            elif isinstance(battery.programme, Steady):
                phases = {Stage.CHARGE: Phase.CHARGE, Stage.DISCHARGE: Phase.DISCHARGE}
                battery.phase = phases.get(stage, Phase.REST)

    def _programmes(self, pack: str) -> Iterable[Programme]:
        programme = self.packs[pack].programme if self._bank is None else self._bank.programme
        return () if programme is None else (programme,)

    def _count(self, count: int) -> None:
        """More packs, or fewer: those that had wires from the beginning stay."""
        while len(self.packs) < count:
            number = len(self.packs) + 1
            while f"pack-{number}" in self.packs:
                number += 1
            self.add(f"pack-{number}")
            self._plug_in(f"pack-{number}")
        for name in reversed(list(self.packs)):
            if len(self.packs) > count and (name in self._unplug or not self.wires.get(name)):
                del self.packs[name]
                self.faults.forget(name)
                self._pull_out(name)

    def _plug_in(self, name: str) -> None:
        if self.plug is None:
            return
        try:
            self._unplug[name] = self.plug(name)
        except WireError as error:  # it lives without, and its list of wires says so
            log.warning("%s has no wire: %s", name, error.cause)

    def _pull_out(self, name: str) -> None:
        """In a thread: a wire that is in the middle of an answer waits for the lock that is held here."""
        self.wires.pop(name, None)
        if unplug := self._unplug.pop(name, None):
            threading.Thread(target=unplug, name=f"unplug {name}", daemon=True).start()

    def _set_cell(self, asked: SetSimulatedCell) -> None:
        battery = self.packs[pack_of(self.packs, asked.pack)]
        if not 1 <= asked.cell <= len(battery.cells):
            raise WireError(
                Cause("sim-where", (("said", str(asked.cell)), ("high", str(len(battery.cells)))))
            )
        changes = {
            "soc_pct": (asked.soc_pct, 0.0, 100.0),
            "capacity_ah": (asked.capacity_ah, 0.1, 60_000.0),
            "resistance_mohm": (asked.resistance_mohm, 0.001, 10_000.0),
            "leak_ma": (asked.leak_ma, 0.0, 100_000.0),
        }
        for name, (value, low, high) in changes.items():
            if value is not None and not low <= value <= high:
                args = (("key", name), ("said", f"{value:g}"), ("low", f"{low:g}"), ("high", f"{high:g}"))
                raise WireError(Cause("sim-cell-value", args))
        for name, (value, _, _) in changes.items():
            if value is not None:
                setattr(battery.cells[asked.cell - 1], name, value)

    # answers

    def state(self) -> SimulationState:
        """Everything, as it is now."""
        with self.lock:
            return SimulationState(
                self.mode,
                self.speed,
                self._profile_name,
                names(self.plan.profiles_folder),
                self._connection,
                self.running_s,
                tuple(self._pack(name) for name in self.packs),
                tuple(self.faults.active(self.running_s)),
                tuple(self.events),
                len(self._script),
            )

    def _pack(self, name: str) -> SimulatedPack:
        battery = self.packs[name]
        stage, left_s, scale = self._stage(battery)
        step = ("cv" if battery.is_cv else "cc") if battery.flow_a > 0 and battery.fixed is None else ""
        return SimulatedPack(
            name,
            tuple(self.wires.get(name, ())),
            stage,
            step if battery.phase is Phase.CHARGE else "",
            left_s,
            scale,
            battery.profile.chemistry,
            battery.pack_mv / 1000,
            battery.current_a,
            battery.mean_soc_pct,
            battery.soh_pct,
            battery.cycles,
            battery.capacity_ah,
            tuple(battery.thermal.zones_c),
            battery.ambient_c,
            battery.charged_kwh,
            battery.discharged_kwh,
            battery.charge_on,
            battery.discharge_on,
            tuple(sorted(p.value for p in battery.protections)),
            tuple(_cell(battery, n) for n in range(len(battery.cells))),
        )

    def _stage(self, battery: Battery) -> tuple[Stage, float | None, float]:
        if battery.fixed is not None:
            return Stage.FIXED, None, 0.0
        programme = self._bank.programme if self._bank is not None else battery.programme
        assert programme is not None
        left_s = programme.left_s()
        return programme.stage, None if left_s is None else left_s / self.real_speed, programme.scale


def _cell(battery: Battery, n: int) -> SimulatedCell:
    cell = battery.cells[n]
    celsius = battery.thermal.zones_c[battery.thermal.zone_of(n)]
    resistance = cell.resistance_mohm * cell.strain
    return SimulatedCell(
        n + 1, cell.mv, cell.soc_pct, cell.capacity_ah, resistance, cell.leak_ma, celsius, cell.is_bled
    )


def _checked_speed(speed: float) -> float:
    if not SPEED_LOW <= speed <= SPEED_HIGH:
        args = (("said", f"{speed:g}"), ("low", f"{SPEED_LOW:g}"), ("high", f"{SPEED_HIGH:g}"))
        raise WireError(Cause("sim-speed", args))
    return speed
