"""The registers of a simulated TinyBMS: what its battery does, in the numbers of the unit.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 3.
"""

import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.model.sample import Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols.tinybms_events import CLOCK_WRAP, FAULT_STATUS, STARTED, level_of
from tui.protocols.tinybms_registers import (
    EVENTS_FIRST,
    EVENTS_MOST,
    LAST,
    NO_SENSOR,
    POSITIONS,
    SERIAL_FIRST,
    SETTINGS,
    SETTINGS_FIRST,
    SETTINGS_LAST,
    Setting,
    Shape,
)
from tui.simulator.battery import Battery, Phase
from tui.simulator.write_faults import WriteFaults

CLOCK_START_S = 40_000_000  # a unit of some age: past the first turns of the events' own clock
HARDWARE, HARDWARE_CHANGES, PUBLIC, INTERNAL, BOOTLOADER, MAP = 2, 1, 1, 254, 24, 4
HIGH_POWER_INTERNAL_HALL = 0b011
CHARGING, FULL, DISCHARGING, IDLE = 0x91, 0x92, 0x93, 0x97
CHARGING_STARTED, CHARGING_DONE, CHARGER_IN, CHARGER_OUT, DUAL_PORT = 0x62, 0x63, 0x64, 0x65, 0x66
IDLE_A = 0.05
STILL_FULL_PCT = 1.0  # what it loses by itself does not make a full battery less full
IDLE_LEFT_S = 41_777_412  # what an idle unit says of the time left
SET_SOC, SET_SOH, TAKEN = 328, 323, 0xFFFF
CAPACITY, CELL_COUNT = 306, 307
TOLD_BOUNDS = {305: (1, 750)}  # the document gives none; this unit tells these
# Settings of a 16-cell LiFePO4 profile; those that are not here begin at their lowest value.
DEFAULTS = {
    300: 3650, 301: 2800, 303: 3400, 304: 1000, 305: 70, 308: 15, 310: 20, 311: 5, 312: 1, 314: 2, 315: 3800,
    316: 2500, 317: 65, 318: 60, 319: 60, 320: 0, 321: 80, 322: 5000, 332: 5, 338: 7, 343: 1,
}  # fmt: skip
# What the battery's electronics call a protection, as the unit logs it: the event, and its end.
FAULTS_OF = {
    Protection.CELL_OVERVOLTAGE: (0x03, 0x79), Protection.PACK_OVERVOLTAGE: (0x03, 0x79),
    Protection.CELL_UNDERVOLTAGE: (0x02, 0x7B), Protection.PACK_UNDERVOLTAGE: (0x02, 0x7B),
    Protection.CHARGE_OVERTEMPERATURE: (0x04, 0x73), Protection.DISCHARGE_OVERTEMPERATURE: (0x04, 0x73),
    Protection.CHARGE_UNDERTEMPERATURE: (0x37, 0x74), Protection.DISCHARGE_UNDERTEMPERATURE: (0x0A, 0x75),
    Protection.CHARGE_OVERCURRENT: (0x06, 0x76), Protection.DISCHARGE_OVERCURRENT: (0x05, 0x77),
    Protection.SHORT_CIRCUIT: (0x05, 0x77), Protection.REGENERATION_OVERCURRENT: (0x07, 0x78),
}  # fmt: skip
COUNTED = {105: 0x02, 106: 0x03, 107: 0x05, 108: 0x06, 109: 0x04}  # statistics register: what it counts


@dataclass(slots=True)
class Memory:
    """All registers of one unit. `step` follows the battery; nothing here knows of frames.

    `old_firmware`: no state of health and none of the settings that came with Revision D.
    """

    battery: Battery
    old_firmware: bool = False
    events: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=EVENTS_MOST))
    unreported: int = 0  # newest entries that nobody was told yet
    settings: dict[int, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)  # of events, since the statistics were cleared
    extremes: dict[int, int] = field(default_factory=dict)
    cleared_at_s: int = 0
    faults: WriteFaults = field(default_factory=WriteFaults)
    _acting: frozenset[Protection] = frozenset()
    _was_charging: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.battery.cells_in_series <= POSITIONS:
            raise ValueError(f"a TinyBMS has 1 to {POSITIONS} cells, not {self.battery.cells_in_series}")
        self.settings = {row.number: DEFAULTS.get(row.number, row.low or 0) for row in SETTINGS}
        self.settings[SET_SOC] = self.settings[SET_SOH] = TAKEN
        self.settings[330] = 0x0001
        self.settings[CAPACITY] = min(65_500, round(self.battery.capacity_ah * 100))
        self.settings[CELL_COUNT] = self.battery.cells_in_series
        self.log(STARTED)
        self.log(DUAL_PORT)
        self.clear_statistics()

    @property
    def clock_s(self) -> int:
        """The lifetime counter."""
        return CLOCK_START_S + int(self.battery.elapsed_s)

    @property
    def status(self) -> int:
        """Online status."""
        battery = self.battery
        if any(level_of(FAULTS_OF[p][0]) == "fault" for p in battery.protections if p in FAULTS_OF):
            return FAULT_STATUS
        if abs(battery.current_a) > IDLE_A:
            return CHARGING if battery.current_a > 0 else DISCHARGING
        is_full = battery.phase is Phase.REST and battery.mean_soc_pct >= battery.full_pct - STILL_FULL_PCT
        return FULL if is_full else IDLE

    def step(self) -> None:
        """Note what changed since the last time: events, counts and extremes."""
        acting = frozenset(p for p in self.battery.protections if p in FAULTS_OF)
        for protection in sorted(acting - self._acting):
            self.log(FAULTS_OF[protection][0])
        for protection in sorted(self._acting - acting):
            self.log(FAULTS_OF[protection][1])
        self._acting = acting
        is_charging = self.battery.current_a > IDLE_A
        if is_charging and not self._was_charging:
            self.log(CHARGER_IN, CHARGING_STARTED)
        elif self._was_charging and not is_charging:
            done = (CHARGING_DONE,) if self.status == FULL else ()
            self.log(*done, CHARGER_OUT)
        self._was_charging = is_charging
        self._note_extremes()

    def log(self, *codes: int) -> None:
        """Write events into the ring."""
        for code in codes:
            self.events.append((self.clock_s, code))
            self.unreported = min(self.unreported + 1, EVENTS_MOST)
            self.counts[code] = self.counts.get(code, 0) + 1

    def clear_events(self) -> None:
        """Forget the log. Faults stay."""
        self.events.clear()
        self.unreported = 0

    def clear_statistics(self) -> None:
        """Forget counts and extremes, and note when."""
        self.counts.clear()
        self.extremes = {113: self._warmest() << 8 | self._coldest()}
        self.cleared_at_s = self.clock_s

    def read(self, numbers: tuple[int, ...]) -> list[int] | None:
        """The registers; None when one is outside the map. Reserved ones are 0."""
        if not all(0 <= n <= LAST for n in numbers):
            return None
        words = self._live() | self._statistics() | self._log_words() | self._version() | self.settings
        if self.old_firmware:
            words |= dict.fromkeys((45, *NEW_IN_D), 0)
        return [words.get(n, 0) & 0xFFFF for n in numbers]

    def write(self, values: dict[int, int]) -> bool:
        """Take settings, all or none: False when one is no setting or out of its range."""
        if not values or not all(SETTINGS_FIRST <= n <= SETTINGS_LAST for n in values):
            return False
        if any(n in self.faults.refuse for n in values):
            return False
        if any(n in self.faults.ignore for n in values):
            return True
        after = self.settings | values
        rows = [row for row in SETTINGS if set(_numbers(row)) & set(values)]
        if not all(_is_in_range(row, after) for row in rows):
            return False
        known = {n for row in rows for n in _numbers(row)}
        for n in known & set(values):
            stored = self.faults.clamp.get(n)
            self.settings[n] = values[n] if stored is None else int.from_bytes(stored, "big")
            self.faults.clamp.pop(n, None)
        self._take_charge()
        return True

    def is_mute(self, numbers: Iterable[int]) -> bool:
        """True when a write of one of these registers gets no answer."""
        return any(n in self.faults.lose_ack or n in self.faults.ignore for n in numbers)

    def limits(self, highest: bool, count: int) -> list[int]:
        """Least or greatest raw values from register 300 on; 0 where there is no setting."""
        words: dict[int, int] = {}
        for row in SETTINGS:
            low, high = TOLD_BOUNDS.get(row.number, (row.low, row.high))
            bound = (high if highest else low) or 0
            if self.old_firmware and row.new_in_d:
                bound = 0
            for at, n in enumerate(_numbers(row)):
                part = bound >> 16 * at & 0xFFFF
                words[n] = words.get(n, 0) | (part << 8 if row.shape is Shape.HIGH else part)
        return [words.get(n, 0) for n in range(SETTINGS_FIRST, SETTINGS_FIRST + count)]

    def _take_charge(self) -> None:
        """A state of charge that was set is the battery's from now on; the setting shows no more of it."""
        raw = self.settings[SET_SOC]
        if raw != TAKEN:
            for cell in self.battery.cells:
                cell.soc_pct = raw / 500
        if self.settings[SET_SOH] != TAKEN:
            self.battery.soh_pct = self.settings[SET_SOH] / 500
        self.settings[SET_SOC] = self.settings[SET_SOH] = TAKEN

    def _live(self) -> dict[int, int]:
        battery, first = self.battery, POSITIONS - self.battery.cells_in_series
        words = {first + n: round(cell.mv * 10) for n, cell in enumerate(battery.cells)}
        bled = sum(1 << first + n for n, cell in enumerate(battery.cells) if cell.is_bled)
        mv = [round(cell.mv) for cell in battery.cells]
        external, more, internal = _sensors(battery.temperatures_c)
        words |= {
            40: min(mv),
            41: max(mv),
            42: external,
            43: more,
            45: round(battery.soh_pct * 500),
            48: internal,
        }
        words |= {50: self.status, 51: bled, 52: bled, 53: battery.cells_in_series}
        words |= _pair(32, self.clock_s) | _pair(34, self._left_s())
        words |= _pair(36, _float(battery.pack_mv / 1000)) | _pair(38, _float(battery.current_a))
        return words | _pair(46, round(battery.mean_soc_pct * 1_000_000))

    def _left_s(self) -> int:
        amps = -self.battery.current_a
        return round(self.battery.remaining_ah / amps * 3600) if amps > IDLE_A else IDLE_LEFT_S

    def _statistics(self) -> dict[int, int]:
        words = {n: self.counts.get(code, 0) for n, code in COUNTED.items()}
        words |= {111: self.counts.get(CHARGING_STARTED, 0), 112: self.counts.get(CHARGING_DONE, 0)}
        return words | self.extremes | {114: 0x0305} | _pair(116, self.cleared_at_s)

    def _note_extremes(self) -> None:
        tenths = round(self.battery.current_a * 10)
        mv = [cell.mv for cell in self.battery.cells]
        seen = {102: max(0, -tenths), 103: max(0, tenths), 104: round((max(mv) - min(mv)) * 10)}
        for n, value in seen.items():
            self.extremes[n] = min(0xFFFF, max(self.extremes.get(n, 0), value))
        low, high = _i8(self.extremes[113] & 0xFF), _i8(self.extremes[113] >> 8)
        low, high = min(low, _i8(self._coldest())), max(high, _i8(self._warmest()))
        self.extremes[113] = (high & 0xFF) << 8 | low & 0xFF

    def _coldest(self) -> int:
        return round(min(self.battery.temperatures_c)) & 0xFF

    def _warmest(self) -> int:
        return round(max(self.battery.temperatures_c)) & 0xFF

    def _log_words(self) -> dict[int, int]:
        words: dict[int, int] = {}
        for at, (at_s, code) in enumerate(self.events):
            words |= _pair(EVENTS_FIRST + 2 * at, at_s % CLOCK_WRAP | code << 24)
        return words

    def _version(self) -> dict[int, int]:
        mark = SIMULATED_NAME.encode()
        words = {SERIAL_FIRST + n: mark[2 * n] | mark[2 * n + 1] << 8 for n in range(len(mark) // 2)}
        words |= {500: HARDWARE | HARDWARE_CHANGES << 8, 501: PUBLIC | HIGH_POWER_INTERNAL_HALL << 8}
        return words | {502: INTERNAL, 503: BOOTLOADER | MAP << 8}


NEW_IN_D = tuple(row.number for row in SETTINGS if row.new_in_d and row.shape is not Shape.HIGH)


def _numbers(row: Setting) -> range:
    return range(row.number, row.number + row.shape.registers)


def _is_in_range(row: Setting, words: dict[int, int]) -> bool:
    raw = row.raw_of(tuple(words.get(n, 0) for n in _numbers(row)))
    if row.absent == raw:
        return True
    if row.choices and raw not in dict(row.choices):
        return False
    return (row.low is None or raw >= row.low) and (row.high is None or raw <= row.high)


def _sensors(temperatures_c: list[float]) -> tuple[int, int, int]:
    """External 1 and 2 and internal, in tenths: the battery has two or three sensors."""
    tenths = [round(t * 10) for t in temperatures_c]
    return tenths[0], tenths[1] if len(tenths) > 2 else NO_SENSOR, tenths[-1]


def _pair(number: int, value: int) -> dict[int, int]:
    """Two registers, low word first."""
    return {number: value & 0xFFFF, number + 1: value >> 16 & 0xFFFF}


def _float(value: float) -> int:
    bits: int = struct.unpack("<I", struct.pack("<f", value))[0]
    return bits


def _i8(byte: int) -> int:
    return byte - 0x100 if byte & 0x80 else byte
