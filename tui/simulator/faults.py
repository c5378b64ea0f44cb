"""Faults of simulated batteries and wires: begun, ended, and gone without a trace."""

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.model.link import Cause
from tui.model.simulation import (
    AMOUNTS,
    OF_A_CELL,
    OF_A_SENSOR,
    ActiveFault,
    ClearFault,
    FaultKind,
    InjectFault,
)
from tui.simulator.battery import Battery
from tui.simulator.cell import Cell
from tui.simulator.thermal import ZONES
from tui.transports.transport import WireError

Key = tuple[str, FaultKind, int]  # pack, kind, cell or sensor from 1
WELDS = {FaultKind.STUCK_CHARGE_FET: "charge", FaultKind.STUCK_DISCHARGE_FET: "discharge"}


class FaultError(WireError):
    """A fault that cannot be. Carries the cause in words."""


@dataclass(slots=True)
class Acting:
    """One fault, and what is needed to undo it."""

    amount: float
    until_s: float  # on the clock on the wall
    before: float = 0.0


@dataclass(frozen=True, slots=True)
class WireFaults:
    """What a wire of one pack does wrong now."""

    corrupt_pct: float | None = None  # None: as usual
    delay_s: float = 0.0
    lost_pct: float = 0.0
    link_lost: bool = False
    asleep: bool = False
    resets: bool = False


@dataclass(slots=True)
class Faults:
    """All that act. Batteries are changed here and nowhere else."""

    acting: dict[Key, Acting] = field(default_factory=dict)

    def begin(self, packs: dict[str, Battery], asked: InjectFault, now_s: float) -> ActiveFault:
        """Begin a fault, or change the amount of one that acts. FaultError says what is wrong with it."""
        kind = kind_of(asked.kind)
        pack = pack_of(packs, asked.pack)
        where = where_of(kind, packs[pack], asked.where)
        amount = amount_of(kind, asked.amount)
        if asked.for_s is not None and not 0 < asked.for_s < math.inf:
            raise FaultError(Cause("sim-for", (("said", str(asked.for_s)),)))
        key = (pack, kind, where)
        if key in self.acting:
            self._end(packs, key)
        until_s = math.inf if asked.for_s is None else now_s + asked.for_s
        acting = Acting(amount, until_s)
        self.acting[key] = acting
        _apply(packs[pack], kind, where, acting)
        return ActiveFault(kind, pack, where, amount, asked.for_s)

    def clear(self, packs: dict[str, Battery], asked: ClearFault) -> list[Key]:
        """End all that agree with what is said; gives them. FaultError when a word of it is unknown."""
        kind = kind_of(asked.kind) if asked.kind else None
        pack = pack_of(packs, asked.pack) if asked.pack else ""
        found = [
            key
            for key in self.acting
            if (not pack or key[0] == pack)
            and (kind is None or key[1] is kind)
            and (not asked.where or key[2] == asked.where)
        ]
        for key in found:
            self._end(packs, key)
        return found

    def expire(self, packs: dict[str, Battery], now_s: float) -> list[Key]:
        """End those whose time is over."""
        over = [key for key, acting in self.acting.items() if now_s >= acting.until_s]
        for key in over:
            self._end(packs, key)
        return over

    def spent(self, pack: str) -> None:
        """The reset in the middle of a write has happened; it does so once."""
        self.acting.pop((pack, FaultKind.RESET_IN_WRITE, 0), None)

    def forget(self, pack: str) -> None:
        """The pack has new cells, or is gone: nothing is to be undone."""
        for key in [key for key in self.acting if key[0] == pack]:
            del self.acting[key]

    def wire(self, pack: str) -> WireFaults:
        """What the wires of a pack do wrong."""
        if not self.acting:
            return _NO_FAULTS
        get = {kind: acting.amount for (name, kind, _), acting in self.acting.items() if name == pack}
        return WireFaults(
            get.get(FaultKind.CORRUPT),
            get.get(FaultKind.DELAY, 0.0),
            get.get(FaultKind.LOST_REPLIES, 0.0),
            FaultKind.LINK_LOSS in get,
            FaultKind.SLEEP in get,
            FaultKind.RESET_IN_WRITE in get,
        )

    def active(self, now_s: float) -> Iterator[ActiveFault]:
        """All, in the order in which they began."""
        for (pack, kind, where), acting in self.acting.items():
            left_s = None if acting.until_s == math.inf else max(0.0, acting.until_s - now_s)
            yield ActiveFault(kind, pack, where, acting.amount, left_s)

    def _end(self, packs: dict[str, Battery], key: Key) -> None:
        pack, kind, where = key
        acting = self.acting.pop(key)
        if pack in packs:
            _undo(packs[pack], kind, where, acting)


_NO_FAULTS = WireFaults()


def kind_of(word: str) -> FaultKind:
    """The fault of that name. FaultError names the nearest."""
    try:
        return FaultKind(word)
    except ValueError:
        near = difflib.get_close_matches(word, [kind.value for kind in FaultKind], 1, 0.4)
        args = (("said", word), ("near", "".join(near)), ("kinds", ", ".join(FaultKind)))
        raise FaultError(Cause("sim-fault-unknown", args)) from None


def pack_of(packs: dict[str, Battery], name: str) -> str:
    """The name of a pack; the first one for an empty name. FaultError when there is none."""
    if not name:
        return next(iter(packs))
    if name not in packs:
        raise FaultError(Cause("sim-pack-unknown", (("said", name), ("packs", ", ".join(packs)))))
    return name


def where_of(kind: FaultKind, battery: Battery, where: int) -> int:
    """The cell or sensor, from 1; 0 for a fault that has none. FaultError when it is not there."""
    if kind in OF_A_CELL:
        most = battery.cells_in_series
    elif kind in OF_A_SENSOR:
        most = len(battery.temperatures_c)
    else:
        return 0
    if not 0 <= where <= most:
        raise FaultError(Cause("sim-where", (("said", str(where)), ("high", str(most)))))
    return where or 1


def amount_of(kind: FaultKind, amount: float | None) -> float:
    """How much; FaultError when that makes no sense."""
    usual, low, high = AMOUNTS.get(kind, (0.0, 0.0, 0.0))
    if amount is None or kind not in AMOUNTS:
        return usual
    if not low <= amount <= high:
        args = (("fault", kind.value), ("said", f"{amount:g}"), ("low", f"{low:g}"), ("high", f"{high:g}"))
        raise FaultError(Cause("sim-amount", args))
    return amount


def _apply(battery: Battery, kind: FaultKind, where: int, acting: Acting) -> None:
    cell = battery.cells[where - 1] if kind in OF_A_CELL else battery.cells[0]
    match kind:
        case FaultKind.CELL_SHORT:
            cell.short_mohm = acting.amount * 100 / max(battery.capacity_ah, 1.0)
        case FaultKind.HIGH_RESISTANCE:
            cell.strain = acting.amount
        case FaultKind.OPEN_WIRE:
            cell.wire_open = True
        case FaultKind.SENSOR:
            battery.dead_sensors.add(where - 1)
        case FaultKind.OVERHEAT:
            zone = _zone(battery, where)
            acting.before = battery.thermal.zones_c[zone]
            battery.thermal.forced_c[zone] = acting.amount
        case FaultKind.WEAK_CELL:
            _weaken(cell, acting)
        case FaultKind.STUCK_CHARGE_FET | FaultKind.STUCK_DISCHARGE_FET:
            battery.welded.add(WELDS[kind])
        case FaultKind.WRONG_SCALE:
            battery.shunt_gain = acting.amount


def _undo(battery: Battery, kind: FaultKind, where: int, acting: Acting) -> None:
    if kind in OF_A_CELL and where > len(battery.cells):
        return
    cell = battery.cells[where - 1] if kind in OF_A_CELL else battery.cells[0]
    match kind:
        case FaultKind.CELL_SHORT:
            cell.short_mohm = 0.0
        case FaultKind.HIGH_RESISTANCE:
            cell.strain = 1.0
        case FaultKind.OPEN_WIRE:
            cell.wire_open = False
        case FaultKind.SENSOR:
            battery.dead_sensors.discard(where - 1)
        case FaultKind.OVERHEAT:
            zone = _zone(battery, where)
            battery.thermal.forced_c.pop(zone, None)
            battery.thermal.zones_c[zone] = acting.before  # its heat is taken away with it
        case FaultKind.WEAK_CELL:
            _mend(cell, acting)
        case FaultKind.STUCK_CHARGE_FET | FaultKind.STUCK_DISCHARGE_FET:
            battery.welded.discard(WELDS[kind])
        case FaultKind.WRONG_SCALE:
            battery.shunt_gain = 1.0


def _zone(battery: Battery, sensor: int) -> int:
    """Four sensors have a zone each; two are those of the first and the last."""
    return sensor - 1 if len(battery.temperatures_c) == ZONES else (0 if sensor == 1 else ZONES - 1)


def _weaken(cell: Cell, acting: Acting) -> None:
    """The lower part of the cell is gone: it is empty before the others."""
    lost_ah = cell.capacity_ah * (1 - acting.amount)
    held_ah = cell.soc_pct / 100 * cell.capacity_ah
    acting.before = min(lost_ah, held_ah)
    cell.capacity_ah -= lost_ah
    cell.soc_pct = min(100.0, max(0.0, (held_ah - lost_ah) / cell.capacity_ah * 100))


def _mend(cell: Cell, acting: Acting) -> None:
    """The lower part is there again, with what was in it."""
    held_ah = cell.soc_pct / 100 * cell.capacity_ah + acting.before
    cell.capacity_ah /= acting.amount
    cell.soc_pct = min(100.0, held_ah / cell.capacity_ah * 100)
