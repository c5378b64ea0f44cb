"""A simulated battery behind a TinyBMS s516: bytes in, bytes out.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), and its user manual.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tui.protocols import modbus
from tui.protocols.framing import Assembler, Found
from tui.protocols.modbus import WRITE_MOST, has_good_crc, with_crc
from tui.protocols.protocol import Bad
from tui.protocols.tinybms_decode import REGISTERS_OF
from tui.protocols.tinybms_events import CLOCK_WRAP, STARTED
from tui.protocols.tinybms_frames import (
    BARE,
    CELLS,
    CLEAR_EVENTS,
    CLEAR_STATISTICS,
    COMMAND_ERROR,
    CRC_ERROR,
    CURRENT_VALUE,
    EVENTS,
    JOURNEY,
    LONG_VERSION,
    LONGEST,
    MAXIMUM,
    MINIMUM,
    MORE_FOLLOWS,
    NEW_EVENTS,
    PACKET_MOST,
    READ_BIG,
    READ_BLOCK,
    READ_SOME,
    RESET,
    RESTART,
    SETTINGS,
    START,
    TEMPERATURES,
    UNIT,
    VERSION,
    WRITE_BIG,
    WRITE_BLOCK,
    WRITE_SOME,
    ack,
    little_bytes,
    nack,
)
from tui.protocols.tinybms_registers import POSITIONS, SETTINGS_FIRST
from tui.protocols.tinybms_requests import Asked, parse_request, request_size
from tui.simulator.battery import Battery
from tui.simulator.tinybms_memory import (
    BOOTLOADER,
    DEFAULTS,
    HARDWARE,
    HARDWARE_CHANGES,
    INTERNAL,
    MAP,
    PUBLIC,
    Memory,
)
from tui.simulator.write_faults import WriteFaults

FORGETS_S = 0.5  # half a request is forgotten after so long without a byte
RESTART_S = 2.0
COMMANDS = BARE | {RESET, READ_BIG, READ_BLOCK, READ_SOME, WRITE_BLOCK, WRITE_SOME, WRITE_BIG, SETTINGS}
READ_MOST, SETTINGS_MOST = 127, 100
OPERATION_MODE, INTERVAL, TEXT_FORMAT = 340, 342, 343
INTERVALS_S = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
ASCII_TEXT = 1


@dataclass(slots=True)
class Faults:
    """What a unit or a line can do wrong, to be switched from outside."""

    mute: bool = False  # never answers
    garble: bool = False  # answers noise
    echo: bool = False  # the adapter gives back what was sent
    old_firmware: bool = False  # nothing that came with Revision D
    writes: WriteFaults = field(default_factory=WriteFaults)


@dataclass(slots=True)
class TinyBmsDevice:
    """One unit. `receive` gives what it answers at that moment; time comes with every call, in seconds.

    After `sleep_after_s` without a request the unit sleeps: the next request only wakes it and is lost. The
    serial number spells the name of everything simulated. Raises ValueError for more than 16 cells. The text
    broadcast, when registers 342 and 343 switch it on, comes before the next answer.
    """

    battery: Battery
    sleep_after_s: float | None = None
    faults: Faults = field(default_factory=Faults)
    is_asleep: bool = False
    on_request: Callable[[bytes], None] | None = None
    memory: Memory = field(init=False)
    _line: Assembler = field(init=False)
    _damaged: list[int] = field(default_factory=list)
    _bytes_at_s: float = float("-inf")
    _heard_at_s: float | None = None
    _stepped_at_s: float | None = None
    _quiet_until_s: float = float("-inf")
    _starts_again: bool = False
    _text_at_s: float = float("-inf")

    def __post_init__(self) -> None:
        self.memory = Memory(self.battery, self.faults.old_firmware, faults=self.faults.writes)
        self._line = Assembler(bytes((START,)), request_size, self._fault_of, LONGEST)

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes that arrived, in any cut; the bytes of the answer, empty for silence."""
        self.pass_time(now_s)
        out = data if self.faults.echo else b""
        if now_s - self._bytes_at_s > FORGETS_S:
            self._line.clear()
        self._bytes_at_s = now_s
        self._damaged.clear()
        requests = [found.data for found in self._line.feed(data) if isinstance(found, Found)]
        for request in requests:
            out += self._hear(request, now_s)
        if self._damaged and not requests:
            out += self._spoken(nack(self._damaged[0], CRC_ERROR), now_s)
        return out

    def pass_time(self, now_s: float) -> None:
        """Let the battery live up to this moment, and the unit fall asleep."""
        if self._stepped_at_s is None:
            self._stepped_at_s = now_s
        if now_s > self._stepped_at_s:  # at the same moment every answer says the same
            self.battery.step(now_s - self._stepped_at_s)
            self._stepped_at_s = now_s
        self.memory.step()
        if self._heard_at_s is None:
            self._heard_at_s = now_s
        if self.sleep_after_s is not None and now_s - self._heard_at_s >= self.sleep_after_s:
            self.is_asleep = True

    def _fault_of(self, frame: bytes) -> Bad | None:
        if has_good_crc(frame):
            return None
        if frame[1] not in COMMANDS:
            return Bad.GARBAGE
        self._damaged.append(frame[1])
        return Bad.CHECKSUM

    def _hear(self, request: bytes, now_s: float) -> bytes:
        if self.on_request is not None:
            self.on_request(request)
        is_deaf = self.is_asleep or self.faults.mute or now_s < self._quiet_until_s
        out = self._spoken(b"" if is_deaf else self._answer(request), now_s)
        if self._starts_again:  # obeyed first: what comes after the acknowledgement meets a unit that starts
            self._starts_again, self._quiet_until_s = False, now_s + RESTART_S
        return out

    def _spoken(self, answer: bytes, now_s: float) -> bytes:
        """What of an answer goes on the line: nothing while it sleeps, starts or is mute."""
        self._heard_at_s = now_s
        was_asleep, self.is_asleep = self.is_asleep, False
        if was_asleep or self.faults.mute or now_s < self._quiet_until_s:
            return b""
        answer = self._text(now_s) + answer
        return bytes(b ^ 0x5A for b in answer) if self.faults.garble else answer

    def _answer(self, request: bytes) -> bytes:
        asked = parse_request(request)
        if asked is None:
            return nack(request[1], COMMAND_ERROR)
        if asked.command == RESET:
            return self._reset(asked)
        if asked.command in (WRITE_BIG, WRITE_BLOCK, WRITE_SOME):
            return self._write(asked)
        if asked.command == SETTINGS:
            return self._settings(asked)
        if asked.command in (NEW_EVENTS, EVENTS):
            return self._events(asked.command)
        if asked.command in BARE:
            return self._bare(asked.command)
        return self._read(asked)

    def _reset(self, asked: Asked) -> bytes:
        if asked.option == CLEAR_EVENTS:
            self.memory.clear_events()
        elif asked.option == CLEAR_STATISTICS:
            self.memory.clear_statistics()
        elif asked.option == RESTART:
            self.memory.log(STARTED)
            self._starts_again = True
        else:
            return nack(RESET, COMMAND_ERROR)
        return ack(RESET)

    def _write(self, asked: Asked) -> bytes:
        mode = self.memory.settings.get(OPERATION_MODE)
        if len(asked.values) > WRITE_MOST or not self.memory.write(asked.values):
            return nack(asked.command, COMMAND_ERROR)
        if self.memory.settings.get(OPERATION_MODE) != mode:
            self._starts_again = True  # another mode: the unit restarts by itself
        if self.memory.faults.reset_after & set(asked.values):
            self._starts_again = True
        if self.memory.is_mute(asked.values):
            return b""
        if asked.command == WRITE_BIG:
            return modbus.write_answer(UNIT, asked.first or 0, asked.count or 0)
        return ack(asked.command)

    def _read(self, asked: Asked) -> bytes:
        numbers = asked.registers
        words = self.memory.read(numbers) if 0 < len(numbers) <= READ_MOST else None
        if words is None:
            return nack(asked.command, COMMAND_ERROR)
        if asked.command == READ_BIG:
            return modbus.read_answer(UNIT, words)
        if asked.command == READ_BLOCK:
            return _packets(READ_BLOCK, little_bytes(words))
        pairs = (part for pair in zip(numbers, words, strict=True) for part in pair)
        return _packets(READ_SOME, little_bytes(pairs))

    def _settings(self, asked: Asked) -> bytes:
        count, option = asked.count or 0, asked.option or 0
        if not 0 < count <= SETTINGS_MOST or not MINIMUM <= option <= CURRENT_VALUE:
            return nack(SETTINGS, COMMAND_ERROR)
        numbers = range(SETTINGS_FIRST, SETTINGS_FIRST + count)
        if option in (MINIMUM, MAXIMUM):
            words = self.memory.limits(option == MAXIMUM, count)
        elif option == CURRENT_VALUE:
            words = self.memory.read(tuple(numbers)) or []
        else:
            words = [DEFAULTS.get(n, 0) for n in numbers]
        return _with_length(SETTINGS, little_bytes(words))

    def _events(self, command: int) -> bytes:
        entries = list(self.memory.events)
        if command == NEW_EVENTS:
            entries = entries[len(entries) - self.memory.unreported :]
            self.memory.unreported = 0
        data = b"".join((at_s % CLOCK_WRAP | code << 24).to_bytes(4, "little") for at_s, code in entries)
        return _with_length(command, self.memory.clock_s.to_bytes(4, "little") + data)

    def _bare(self, command: int) -> bytes:
        """Commands without content: single values, cells, versions."""
        if command in REGISTERS_OF:
            data = little_bytes(self.memory.read(REGISTERS_OF[command]) or ())
            return _with_length(command, data) if command == TEMPERATURES else _plain(command, data)
        if command == CELLS:
            numbers = range(POSITIONS - self.battery.cells_in_series, POSITIONS)
            return _with_length(CELLS, little_bytes(self.memory.read(tuple(numbers)) or ()))
        if command == JOURNEY:
            left = little_bytes(self.memory.read((34, 35)) or ())
            return _plain(JOURNEY, bytes(8) + left)
        short = bytes((HARDWARE, HARDWARE_CHANGES, PUBLIC)) + little_bytes((INTERNAL,))
        if command == VERSION:
            return _with_length(VERSION, short)
        return _with_length(LONG_VERSION, short + bytes((BOOTLOADER, MAP)))

    def _text(self, now_s: float) -> bytes:
        """The broadcast line that came due since the last one, if it is switched on."""
        interval, text = self.memory.read((INTERVAL, TEXT_FORMAT)) or (0, 0)
        if not interval or text != ASCII_TEXT or now_s - self._text_at_s < INTERVALS_S[interval]:
            return b""
        self._text_at_s = now_s
        battery, mv = self.battery, [cell.mv / 1000 for cell in self.battery.cells]
        parts = (
            f"BPV:{battery.pack_mv / 1000:.2f}",
            f"MINCV:{min(mv):.3f}",
            f"MAXCV:{max(mv):.3f}",
            f"BPC:{battery.current_a:.2f}",
            f"SOC:{battery.mean_soc_pct:.0f}",
            f"BMST:{battery.temperatures_c[-1]:.2f}",
            f"EXT1:{battery.temperatures_c[0]:.2f}",
            f"EXT2:{battery.temperatures_c[1]:.2f}" if len(battery.temperatures_c) > 2 else "EXT2:----",
            f"OS:{self.memory.status}",
            f"CB:{''.join(str(int(cell.is_bled)) for cell in battery.cells):0<16}",
            f"LST:0\tLSS:{int(battery.discharge_on)}\tCST:0\tCSS:{int(battery.charge_on)}",
        )
        return "\t".join(parts).encode() + b"\r\n"


def _plain(command: int, data: bytes) -> bytes:
    return with_crc(bytes((START, command)) + data)


def _with_length(command: int, data: bytes) -> bytes:
    return _plain(command, bytes((len(data),)) + data)


def _packets(command: int, data: bytes) -> bytes:
    """One packet, or full ones that announce another and a last one."""
    out = b""
    for number, at in enumerate(range(0, len(data), PACKET_MOST)):
        part = data[at : at + PACKET_MOST]
        is_last = at + PACKET_MOST >= len(data)
        out += _plain(command, bytes((len(part) if is_last else MORE_FOLLOWS | number,)) + part)
    return out
