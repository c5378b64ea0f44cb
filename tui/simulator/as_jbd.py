"""A simulated battery that speaks JBD: bytes in, bytes out. Source: JBD protocol document (V11)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tui.model.sample import Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols.framing import Assembler, Found
from tui.protocols.jbd_decode import COUNTERS, PROTECTIONS, UNIT_FLAG, ZERO_C
from tui.protocols.jbd_frames import END, LONGEST, OVERHEAD, READ, START, WRITE, answer_frame, checksum
from tui.protocols.jbd_registers import PAGE_REGISTERS
from tui.protocols.protocol import Bad
from tui.simulator.battery import Battery
from tui.simulator.jbd_limits import follow
from tui.simulator.jbd_memory import OLD_FIRMWARE, JbdMemory
from tui.simulator.write_faults import WriteFaults

FIRMWARE = 0x21
PRODUCTION_DATE = (22 << 9) | (3 << 5) | 28
OK, DENIED, INVALID = 0x00, 0x80, 0x81
FACTORY_IN, FACTORY_OUT, BASIC, CELLS, HARDWARE = 0x00, 0x01, 0x03, 0x04, 0x05
ERRORS, MOSFETS = 0xAA, 0xE1
PASSWORD, ACTIONS, SET_CHARGE, BALANCE_TEST, PAGES = 0x06, 0x0A, 0xE0, 0xE2, 0xFA
FACTORY_KEY, SAVE = b"\x56\x78", b"\x28\x28"
REBOOT, CLEAR_PROTECTIONS, SLEEP = b"\x03\x00", b"\x04\x00", b"\x05\x00"
ODD, EVEN = 1, 2  # cells of a balance test
PARAMETERS = range(0x10, 0x48)
CALIBRATIONS = (0xAD, 0xAE, 0xAF)
RESTART_S = 1.0
WRONG_PASSWORD = 0x83
HUNDREDTHS_TO = 320.0  # A and Ah; above, values are sent in tenths and the unit flag says so
FORGETS_S = 0.5  # half a request is forgotten after so long without a byte


@dataclass(slots=True)
class Faults:
    """What a board or a line can do wrong, to be switched from outside."""

    mute: bool = False  # never answers
    garble: bool = False  # answers noise
    echo: bool = False  # the adapter gives back what was sent
    has_hardware_name: bool = True  # clones refuse register 05
    has_trailer: bool = True
    old_firmware: bool = False  # below 0x20: nothing of registers 42 to 47
    has_pages: bool = True  # V11: register FA and the actions of 0A
    no_factory_mode: bool = False  # refuses to enter it
    password: bytes = b""  # factory mode only after this one
    writes: WriteFaults = field(default_factory=WriteFaults)


@dataclass(slots=True)
class JbdDevice:
    """One board. `receive` gives what it answers at that moment; time comes with every call, in seconds.

    After `sleep_after_s` without a request the board sleeps: the next request only wakes it and is lost.
    """

    battery: Battery
    sleep_after_s: float | None = None
    faults: Faults = field(default_factory=Faults)
    is_asleep: bool = False
    in_factory_mode: bool = False
    on_request: Callable[[bytes], None] | None = None
    memory: JbdMemory = field(init=False)
    balance_test: int = 0  # 1 odd cells, 2 even ones
    _written: set[int] = field(default_factory=set)  # registers, whose limits the pack keeps to
    _is_unlocked: bool = False
    _quiet_until_s: float = float("-inf")
    _starts_again: bool = False
    _line: Assembler = field(default_factory=lambda: Assembler(bytes((START,)), _size_of, _fault_of, LONGEST))
    _bytes_at_s: float = float("-inf")
    _heard_at_s: float | None = None
    _stepped_at_s: float | None = None

    def __post_init__(self) -> None:
        name = f"{SIMULATED_NAME} {self.battery.cells_in_series}S"
        self.memory = JbdMemory(
            self.battery.cells_in_series,
            self.battery.capacity_ah,
            name,
            f"SIM-{self.battery.seed:04d}",
            PRODUCTION_DATE,
            self.faults.old_firmware,
            faults=self.faults.writes,
        )

    def receive(self, data: bytes, now_s: float) -> bytes:
        """Bytes that arrived, in any cut; the bytes of the answer, empty for silence."""
        self.pass_time(now_s)
        out = data if self.faults.echo else b""
        if now_s - self._bytes_at_s > FORGETS_S:
            self._line.clear()
        self._bytes_at_s = now_s
        requests = [found.data for found in self._line.feed(data) if isinstance(found, Found)]
        for request in requests:
            out += self._hear(request, now_s)
        return out

    def pass_time(self, now_s: float) -> None:
        """Let the battery live up to this moment, and the board fall asleep."""
        if self._stepped_at_s is not None:
            self.battery.step(now_s - self._stepped_at_s)
        self._stepped_at_s = now_s
        if self._heard_at_s is None:
            self._heard_at_s = now_s
        if self.sleep_after_s is not None and now_s - self._heard_at_s >= self.sleep_after_s:
            self.is_asleep = True

    def _hear(self, request: bytes, now_s: float) -> bytes:
        self._heard_at_s = now_s
        if self.on_request is not None:
            self.on_request(request)
        if self.is_asleep:
            self.is_asleep = False
            return b""
        if self.faults.mute or now_s < self._quiet_until_s:
            return b""
        answer = self._answer(request[1], request[2], request[4:-3])
        if self._starts_again:  # behind the acknowledgement
            self.restart(now_s)
        return bytes(b ^ 0x5A for b in answer) if self.faults.garble else answer

    def restart(self, now_s: float) -> None:
        """Power was gone: what was not kept is lost, and so are commands."""
        self._starts_again = self.in_factory_mode = self._is_unlocked = False
        self._quiet_until_s, self.balance_test = now_s + RESTART_S, 0
        self.battery.charge_locked = self.battery.discharge_locked = False
        self.memory.restart()
        for register in self._written:
            follow(self.battery.limits, register, self.memory.working)

    def _answer(self, kind: int, register: int, data: bytes) -> bytes:
        if kind == WRITE:
            status = self._write(register, data)
            return b"" if self.memory.is_mute(register) else answer_frame(register, status, b"")
        payload = self._read(register, data)
        if payload is None:
            return answer_frame(register, self._no(register), b"")
        return answer_frame(register, OK, payload)

    def _write(self, register: int, data: bytes) -> int:
        if register == FACTORY_IN:
            return self._enter(data)
        if register == FACTORY_OUT:
            return self._leave(data)
        if register == PASSWORD and self.faults.password:
            self._is_unlocked = data[1:] == self.faults.password
            return OK if self._is_unlocked else WRONG_PASSWORD
        if register == MOSFETS and len(data) == 2:
            self.battery.charge_locked = bool(data[1] & 1)
            self.battery.discharge_locked = bool(data[1] & 2)
            return OK
        if register == ACTIONS and self.faults.has_pages:
            return self._act(data)
        if self.in_factory_mode:
            return self._write_parameter(register, data)
        return self._no(register)

    def _enter(self, data: bytes) -> int:
        is_locked = bool(self.faults.password) and not self._is_unlocked
        if data != FACTORY_KEY or self.faults.no_factory_mode or is_locked:
            return INVALID
        self.in_factory_mode = True
        return OK

    def _leave(self, data: bytes) -> int:
        self.in_factory_mode, self.balance_test = False, 0
        if data == SAVE:
            self.memory.save()
            self.battery.counters.clear()
        return OK

    def _write_parameter(self, register: int, data: bytes) -> int:
        if register in CALIBRATIONS and len(data) == 2:
            return OK
        if register == SET_CHARGE and len(data) == 2:
            share = int.from_bytes(data, "big") / 100 / self.battery.capacity_ah
            for cell in self.battery.cells:
                cell.soc_pct = min(100.0, 100 * share)
            return OK
        if register == BALANCE_TEST and len(data) == 2:
            self.balance_test = data[1] if data[1] in (ODD, EVEN) else 0
            return OK
        status = self.memory.write(register, data)
        if status == OK and register in self.memory.working:
            self._written.add(register)
            follow(self.battery.limits, register, self.memory.working)
        self._starts_again = status == OK and register in self.faults.writes.reset_after
        return status

    def _act(self, data: bytes) -> int:
        """Register 0A of newer firmware."""
        if data == REBOOT:
            self._starts_again = True
        elif data == SLEEP:
            self.is_asleep = True
        elif data == CLEAR_PROTECTIONS:
            self.battery.counters.clear()
        else:
            return DENIED
        return OK

    def _no(self, register: int) -> int:
        """Parameters are another matter outside factory mode than commands that do not exist."""
        return INVALID if register in PARAMETERS and not self.in_factory_mode else DENIED

    def _read(self, register: int, asked: bytes = b"") -> bytes | None:
        if register == BASIC:
            return self._basic()
        if register == CELLS:
            return b"".join(_u16(round(cell.mv)) for cell in self.battery.cells)
        if register == ERRORS:
            return b"".join(_u16(self.battery.counters.get(name, 0)) for name in COUNTERS)
        if register == HARDWARE:
            name = f"{SIMULATED_NAME} {self.battery.cells_in_series}S"
            return name.encode() if self.faults.has_hardware_name else None
        if register == PAGES and self.faults.has_pages and len(asked) == 3:
            return self._page(asked[0] << 8 | asked[1], asked[2])
        if register in PARAMETERS and not self.in_factory_mode:
            return None
        return self.memory.read(register)

    def _page(self, index: int, count: int) -> bytes:
        """Register FA: words by index; only those that are known here, others 0."""
        numbers = (PAGE_REGISTERS.get(index + n, -1) for n in range(count))
        words = b"".join(self.memory.read(number) or b"\0\0" for number in numbers)
        return _u16(index) + bytes((count,)) + words

    def _basic(self) -> bytes:
        """Register 03: totals, switches and temperatures."""
        battery = self.battery
        bled = sum(1 << n for n, cell in enumerate(battery.cells) if cell.is_bled or self._is_tested(n))
        in_tenths = max(battery.capacity_ah, abs(battery.current_a)) > HUNDREDTHS_TO
        scale = 10 if in_tenths else 100
        remaining, nominal = round(battery.remaining_ah * scale), round(battery.capacity_ah * scale)
        head = (
            _u16(round(battery.pack_mv / 10))
            + _u16(round(battery.current_a * scale) & 0xFFFF)
            + _u16(remaining)
            + _u16(nominal)
            + _u16(battery.cycles)
            + _u16(PRODUCTION_DATE)
            + _u16(bled & 0xFFFF)
            + _u16(bled >> 16)
            + _u16(self._protection_mask())
        )
        tail = bytes(
            (
                OLD_FIRMWARE if self.faults.old_firmware else FIRMWARE,
                min(100, round(battery.mean_soc_pct)),
                int(battery.charge_on) | int(battery.discharge_on) << 1 | (UNIT_FLAG if in_tenths else 0),
                battery.cells_in_series,
                len(battery.temperatures_c),
            )
        )
        sensors = b"".join(_u16(round(t * 10) + ZERO_C) for t in battery.temperatures_c)
        trailer = b"\0" + _u16(0) + _u16(nominal) + _u16(remaining) + _u16(120 if bled else 0)
        return head + tail + sensors + (trailer if self.faults.has_trailer else b"")

    def _is_tested(self, n: int) -> bool:
        return bool(self.balance_test) and n % 2 == self.balance_test - ODD

    def _protection_mask(self) -> int:
        acting = set(self.battery.protections)
        if self.battery.charge_locked or self.battery.discharge_locked:
            acting.add(Protection.MOSFET_SOFTWARE_LOCK)
        return sum(1 << n for n, protection in enumerate(PROTECTIONS) if protection in acting)


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _size_of(head: bytes) -> int | None:
    if len(head) > 1 and head[1] not in (READ, WRITE):
        return 1
    return head[3] + OVERHEAD if len(head) > 3 else None


def _fault_of(frame: bytes) -> Bad | None:
    """A request: unlike in an answer, the register is part of the checksum."""
    if frame[-1] != END:
        return Bad.GARBAGE
    return None if int.from_bytes(frame[-3:-1], "big") == checksum(frame[2:-3]) else Bad.CHECKSUM
