"""A simulated battery on a CAN bus: as it tells an inverter about itself, and as a TinyBMS that is asked.

Sources: Pylontech low voltage CAN 1.2, SMA FSS-ConnectingBat 10, captures of BYD and Pytes packs on Victron;
Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 2.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from tui.model.can import CanFrame
from tui.model.sample import Protection
from tui.protocols import battery_can_decode as ids
from tui.protocols import tinybms_can as tiny
from tui.protocols import tinybms_frames as uart
from tui.protocols.tinybms_frames import Ack, Answer, Nack, assembler, parse_all, read_registers, request
from tui.simulator.bank_on_can import BankOnCan
from tui.simulator.battery import Battery

STYLES = (ids.VICTRON, ids.PYLONTECH, ids.SMA, ids.BYD)
CORE_S, SMA_CORE_S, REST_S = 0.1, 0.2, 1.0  # row S1-11; a Sunny Island wants no value faster than 200 ms
CATCH_UP_S = 2.0  # after a longer pause the rounds that were missed are not sent any more
CHARGE_CELL_V, EMPTY_CELL_V = 3.55, 2.8
FORCE_BELOW_PCT, AVOID_BELOW_PCT, FULL_WANTED_PCT = 10.0, 13.0, 97.0
KELVIN = 273
RAISED, CLEARED = 1, 2
VERSION = (1, 4)
MAKERS = {ids.VICTRON: b"PDSIM", ids.PYLONTECH: b"PYLON   ", ids.SMA: b"PDSIM", ids.BYD: b"BYD"}

PAIR_OF = {
    Protection.CELL_OVERVOLTAGE: 1, Protection.PACK_OVERVOLTAGE: 1, Protection.CELL_UNDERVOLTAGE: 2,
    Protection.PACK_UNDERVOLTAGE: 2, Protection.OVERTEMPERATURE: 3, Protection.DISCHARGE_OVERTEMPERATURE: 3,
    Protection.UNDERTEMPERATURE: 4, Protection.DISCHARGE_UNDERTEMPERATURE: 4,
    Protection.CHARGE_OVERTEMPERATURE: 5, Protection.CHARGE_UNDERTEMPERATURE: 6,
    Protection.DISCHARGE_OVERCURRENT: 7, Protection.CHARGE_OVERCURRENT: 8, Protection.CONTACTOR: 9,
    Protection.SHORT_CIRCUIT: 10, Protection.INTERNAL: 11, Protection.FRONTEND_IC_ERROR: 11,
    Protection.CELL_IMBALANCE: 12,
}  # fmt: skip
BIT_OF = {
    Protection.CELL_OVERVOLTAGE: 1, Protection.PACK_OVERVOLTAGE: 1, Protection.CELL_UNDERVOLTAGE: 2,
    Protection.PACK_UNDERVOLTAGE: 2, Protection.OVERTEMPERATURE: 3, Protection.CHARGE_OVERTEMPERATURE: 3,
    Protection.DISCHARGE_OVERTEMPERATURE: 3, Protection.UNDERTEMPERATURE: 4,
    Protection.CHARGE_UNDERTEMPERATURE: 4, Protection.DISCHARGE_UNDERTEMPERATURE: 4,
    Protection.DISCHARGE_OVERCURRENT: 7, Protection.SHORT_CIRCUIT: 7, Protection.CHARGE_OVERCURRENT: 8,
    Protection.INTERNAL: 11, Protection.FRONTEND_IC_ERROR: 11,
}  # fmt: skip

Content = Callable[[], bytes]


@dataclass(slots=True)
class _Sent:
    """One identifier: what it says, how often, and when next (in seconds after the first call)."""

    can_id: int
    content: Content
    period_s: float
    due_s: float


class CanBattery:
    """A battery that sends by itself, in one of `STYLES`. ValueError for another style.

    Limits, charge and measurements come ten times a second, as does what is wrong (five times for SMA, which
    allows no more); the rest once a second, spread over it. Time that passes between two calls passes in the
    battery. The serial number says that it is simulated, in every style, although real Pylontech, SMA and BYD
    packs do not send one.
    """

    def __init__(
        self, battery: Battery | BankOnCan, style: str = ids.VICTRON, *, core_s: float = CORE_S
    ) -> None:
        if style not in STYLES:
            raise ValueError(f"no such style: {style}")
        self.battery, self.style = battery, style
        self._began_s: float | None = None
        self._stepped_at_s = 0.0
        core, rest = self._core(), self._rest()
        core_s = max(core_s, SMA_CORE_S) if style == ids.SMA else core_s
        self._sent = [_Sent(i, c, core_s, n * core_s / len(core)) for n, (i, c) in enumerate(core.items())]
        self._sent += [
            _Sent(i, c, REST_S, (n + 0.5) * REST_S / len(rest)) for n, (i, c) in enumerate(rest.items())
        ]

    def frames(self, now_s: float) -> list[CanFrame]:
        """What is due at that moment, oldest first. `time_us` of each is when it was due, on that clock."""
        if self._began_s is None:
            self._began_s = self._stepped_at_s = now_s
        self._live(now_s)
        passed_s = now_s - self._began_s
        due: list[tuple[float, int, CanFrame]] = []
        for sent in self._sent:
            if passed_s - sent.due_s > CATCH_UP_S:
                sent.due_s += (passed_s - sent.due_s) // sent.period_s * sent.period_s
            while sent.due_s <= passed_s + 1e-9:
                at_s = self._began_s + sent.due_s
                due.append((at_s, sent.can_id, CanFrame(round(at_s * 1e6), sent.can_id, sent.content())))
                sent.due_s += sent.period_s
        return [frame for _, _, frame in sorted(due, key=lambda part: part[:2])]

    def next_due_s(self) -> float:
        """When `frames` has the next one; at once before the first call."""
        if self._began_s is None:
            return 0.0
        return self._began_s + min(sent.due_s for sent in self._sent)

    def _live(self, now_s: float) -> None:
        passed_s = max(0.0, now_s - self._stepped_at_s)
        self._stepped_at_s = now_s
        if passed_s:
            self.battery.step(passed_s)

    # which frames

    def _core(self) -> dict[int, Content]:
        core = {ids.LIMITS: self._limits, ids.STATE: self._state, ids.MEASUREMENTS: self._measurements}
        if self.style == ids.PYLONTECH:
            return core | {ids.PYLON_ALARMS: self._pylon_alarms, ids.REQUESTS: self._requests}
        return core | {ids.PAIRS: self._pairs}

    def _rest(self) -> dict[int, Content]:
        serial = f"PDSIM-{self.battery.seed:04d}-{self.battery.cells_in_series}S".encode().ljust(16, b"\0")
        rest: dict[int, Content] = {
            ids.MAKER: lambda: MAKERS[self.style].ljust(8, b"\0"),
            ids.SERIAL_1: lambda: serial[:8],
            ids.SERIAL_2: lambda: serial[8:],
        }
        if self.style == ids.PYLONTECH:
            return rest
        rest[ids.INFO] = self._info
        if self.style == ids.SMA:
            return rest | {ids.EVENTS: lambda: bytes(8)}
        rest |= {
            ids.FORCE: lambda: bytes((0xFF if self._is_starved else 0,)).ljust(8, b"\0"),
            ids.MODULES: self._modules,
            ids.EXTREMES: self._extremes,
            ids.LOWEST_ID: lambda: self._cell_name(min),
            ids.HIGHEST_ID: lambda: self._cell_name(max),
            0x376: lambda: self._sensor_name(min),
            0x377: lambda: self._sensor_name(max),
            ids.ENERGY: self._energy,
            ids.INSTALLED: lambda: _words(round(self.battery.capacity_ah)).ljust(8, b"\0"),
            ids.FAMILY: lambda: (b"PREMIUM" if self.style == ids.BYD else b"PDSIM").ljust(8, b"\0"),
        }
        if self.style == ids.BYD:
            return rest | {ids.EVENTS: lambda: bytes(8)}
        name = f"PDSIM pack {self.battery.cells_in_series}S".encode().ljust(16, b"\0")
        return rest | {ids.NAME_1: lambda: name[:8], ids.NAME_2: lambda: name[8:]}

    # what they say

    @property
    def _is_starved(self) -> bool:
        return self.battery.mean_soc_pct < FORCE_BELOW_PCT

    def _limits(self) -> bytes:
        battery, cells = self.battery, self.battery.cells_in_series
        charge = battery.charge_a if battery.charge_on else 0.0
        discharge = max(battery.discharge_a, battery.charge_a) if battery.discharge_on else 0.0
        volts = (_u16(cells * CHARGE_CELL_V * 10), _u16(cells * EMPTY_CELL_V * 10))
        return struct.pack("<HhhH", volts[0], _s16(charge * 10), _s16(discharge * 10), volts[1])

    def _state(self) -> bytes:
        soc = self.battery.mean_soc_pct
        whole = _words(round(soc), 100)
        if self.style == ids.PYLONTECH:
            return whole
        if self.style == ids.BYD:
            return whole.ljust(8, b"\0")
        return (whole + _words(round(soc * 100))).ljust(8, b"\0" if self.style == ids.VICTRON else b"\xff")

    def _measurements(self) -> bytes:
        battery = self.battery
        mean_c = sum(battery.temperatures_c) / len(battery.temperatures_c)
        parts = (battery.pack_mv / 10, battery.current_a * 10, mean_c * 10)
        data = struct.pack("<3h", *(_s16(part) for part in parts))
        return data if self.style == ids.PYLONTECH else data.ljust(8, b"\0")

    def _pairs(self) -> bytes:
        """Every condition is told: raised or cleared. Warnings come before a cell's protection acts."""
        acting = {PAIR_OF.get(protection, 0) for protection in self.battery.protections}
        acting |= {0} if acting else set()
        word = sum((RAISED if n in acting else CLEARED) << 2 * n for n in range(13))
        warned = self._warned()
        word |= sum((RAISED if n in warned else CLEARED) << 32 + 2 * n for n in range(13))
        return word.to_bytes(8, "little")

    def _warned(self) -> set[int]:
        mv = [cell.mv for cell in self.battery.cells]
        near = {1: max(mv) > 3600, 2: min(mv) < 2700, 12: max(mv) - min(mv) > 150}
        return {n for n, is_near in near.items() if is_near}

    def _pylon_alarms(self) -> bytes:
        word = sum(1 << bit for bit in {BIT_OF.get(p, 11) for p in self.battery.protections})
        warned = self._warned()
        word |= (1 in warned) << 17 | (2 in warned) << 18
        return word.to_bytes(4, "little") + bytes((min(self._counted[0], 255),)) + b"PN"

    def _requests(self) -> bytes:
        battery, soc = self.battery, self.battery.mean_soc_pct
        flags = battery.charge_on << 7 | battery.discharge_on << 6
        flags |= self._is_starved << 5 | (soc < AVOID_BELOW_PCT) << 4
        return bytes((flags, 0))

    def _info(self) -> bytes:
        battery = self.battery
        ah = battery.capacity_ah if self.style == ids.SMA else battery.remaining_ah
        word0 = b"Li" if self.style == ids.BYD else _words(0)
        return word0 + bytes(VERSION) + _words(round(ah), 0)

    def _modules(self) -> bytes:
        return _words(*self._counted)

    @property
    def _counted(self) -> tuple[int, int, int, int]:
        battery = self.battery
        if isinstance(battery, BankOnCan):
            return battery.modules
        return 1, not battery.charge_on, not battery.discharge_on, 0

    def _extremes(self) -> bytes:
        mv, kelvin = [c.mv for c in self.battery.cells], [t + KELVIN for t in self.battery.temperatures_c]
        return _words(*(round(v) for v in (min(mv), max(mv), min(kelvin), max(kelvin))))

    def _cell_name(self, end: Callable[[Iterable[float]], float]) -> bytes:
        mv = [cell.mv for cell in self.battery.cells]
        return str(mv.index(end(mv)) + 1).encode().ljust(8, b"\0")

    def _sensor_name(self, end: Callable[[Iterable[float]], float]) -> bytes:
        sensors = self.battery.temperatures_c
        return f"T{sensors.index(end(sensors)) + 1}".encode().ljust(8, b"\0")

    def _energy(self) -> bytes:
        return struct.pack(
            "<2I", round(self.battery.charged_kwh * 10), round(self.battery.discharged_kwh * 10)
        )


class UartUnit(Protocol):
    """A TinyBMS as its serial line shows it: what the simulated unit of `as_tinybms` is."""

    is_asleep: bool

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes of a request; the bytes of its answer."""
        ...


class TinyBmsNode:
    """The maker's converter between a TinyBMS and the bus: requests in, answers out, at `node` (1 to 63).

    It lives on the unit's power: while the unit sleeps nothing answers, and nothing wakes it.
    """

    def __init__(self, device: UartUnit, node: int = 1) -> None:
        self.device, self.node = device, node
        self._writing: dict[int, bytes] = {}  # words of a write, frame by frame

    def receive(self, frame: CanFrame, now_s: float) -> list[CanFrame]:
        """What comes back for one frame of the bus: an answer in one frame or many, or nothing."""
        data = frame.data.ljust(8, b"\0")
        if self.device.is_asleep or not frame.data:
            return []
        if frame.can_id == tiny.REQUEST_ID and data[0] == tiny.NODE_ID:
            return self._framed([bytes((tiny.OK, tiny.NODE_ID, self.node))], frame)
        if frame.can_id != tiny.REQUEST_ID + self.node:
            return []
        if data[0] == tiny.NEW_NODE_ID:
            if not 0 < data[1] <= tiny.LAST_NODE:
                return self._framed([bytes((tiny.ERROR, data[0], 0))], frame)
            self.node = data[1]
            return self._framed([bytes((tiny.OK, tiny.NEW_NODE_ID, self.node))], frame)
        asked = self._for_uart(data)
        return [] if asked is None else self._framed(self._answer(asked, data, now_s), frame)

    def _framed(self, answers: list[bytes], to: CanFrame) -> list[CanFrame]:
        return [CanFrame(to.time_us, tiny.ANSWER_ID + self.node, data) for data in answers]

    def _for_uart(self, data: bytes) -> bytes | None:
        """The same request as the serial line has it; `None` while a write waits for its other frames."""
        command, first = data[0], int.from_bytes(data[1:3], "big")
        if command == uart.READ_BIG:
            return read_registers(first, data[4])
        if command == uart.SETTINGS:
            return request(command, bytes((data[1], 0, data[3])))
        if command == uart.RESET:
            return request(command, data[1:2])
        if command != uart.WRITE_BIG:
            return request(command)
        if data[7] == 0:
            self._writing.clear()
        self._writing[data[7]] = data[5:7]
        if len(self._writing) < data[4]:
            return None
        words = b"".join(self._writing[n] for n in sorted(self._writing))
        return request(command, data[1:5] + bytes((len(words),)) + words)

    def _answer(self, asked: bytes, data: bytes, now_s: float) -> list[bytes]:
        line = assembler()
        command, out = data[0], list[bytes]()
        for told in parse_all(line.feed(self.device.receive(asked, now_s))):
            if isinstance(told, Nack):
                out.append(bytes((tiny.ERROR, told.command, told.code)))
            elif isinstance(told, Ack):
                out.append(bytes((tiny.OK, told.command)))
            elif isinstance(told, Answer) and told.command == command:
                out += _cut(command, told.data)
        return out


def _cut(command: int, content: bytes) -> list[bytes]:
    """One answer of the serial line as the bus has it."""
    head = bytes((tiny.OK, command))
    size = tiny.ITEM_BYTES.get(command)
    if size is None:
        return [head + (bytes((len(content),)) if command == uart.VERSION else b"") + content]
    items = [content[at : at + size] for at in range(0, len(content), size)]
    return [head + bytes((len(content) & 0xFF,)) + item + bytes((n,)) for n, item in enumerate(items)]


def _words(*values: int) -> bytes:
    return b"".join(_u16(value).to_bytes(2, "little") for value in values)


def _u16(value: float) -> int:
    return min(max(round(value), 0), 0xFFFE)  # the largest number means "invalid"


def _s16(value: float) -> int:
    return min(max(round(value), -0x7FFF), 0x7FFF)
