"""A simulated battery that speaks JBD: bytes in, bytes out. Source: JBD protocol document (V11)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tui.model.sample import Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols.framing import Assembler, Found
from tui.protocols.jbd_decode import COUNTERS, PROTECTIONS, UNIT_FLAG, ZERO_C
from tui.protocols.jbd_frames import END, LONGEST, OVERHEAD, READ, START, WRITE, answer_frame, checksum
from tui.protocols.protocol import Bad
from tui.simulator.battery import Battery

FIRMWARE = 0x21
PRODUCTION_DATE = (22 << 9) | (3 << 5) | 28
OK, DENIED, INVALID = 0x00, 0x80, 0x81
FACTORY_IN, FACTORY_OUT, BASIC, CELLS, HARDWARE = 0x00, 0x01, 0x03, 0x04, 0x05
MANUFACTURER, MODEL, BARCODE, ERRORS, MOSFETS = 0xA0, 0xA1, 0xA2, 0xAA, 0xE1
FACTORY_KEY, SAVE = b"\x56\x78", b"\x28\x28"
PARAMETERS = range(0x10, 0x48)
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
    _line: Assembler = field(default_factory=lambda: Assembler(bytes((START,)), _size_of, _fault_of, LONGEST))
    _bytes_at_s: float = float("-inf")
    _heard_at_s: float | None = None
    _stepped_at_s: float | None = None

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
        if self.faults.mute:
            return b""
        answer = self._answer(request[1], request[2], request[4:-3])
        return bytes(b ^ 0x5A for b in answer) if self.faults.garble else answer

    def _answer(self, kind: int, register: int, data: bytes) -> bytes:
        if kind == WRITE:
            return answer_frame(register, self._write(register, data), b"")
        payload = self._read(register)
        if payload is None:
            return answer_frame(register, self._no(register), b"")
        return answer_frame(register, OK, payload)

    def _write(self, register: int, data: bytes) -> int:
        if register == FACTORY_IN:
            self.in_factory_mode = self.in_factory_mode or data == FACTORY_KEY
            return OK if data == FACTORY_KEY else INVALID
        if register == FACTORY_OUT:
            self.in_factory_mode = False
            if data == SAVE:
                self.battery.counters.clear()
            return OK
        if register == MOSFETS and len(data) == 2:
            self.battery.charge_locked = bool(data[1] & 1)
            self.battery.discharge_locked = bool(data[1] & 2)
            return OK
        return self._no(register)

    def _no(self, register: int) -> int:
        """Parameters are another matter outside factory mode than commands that do not exist."""
        return INVALID if register in PARAMETERS and not self.in_factory_mode else DENIED

    def _read(self, register: int) -> bytes | None:
        if register == BASIC:
            return self._basic()
        if register == CELLS:
            return b"".join(_u16(round(cell.mv)) for cell in self.battery.cells)
        if register == ERRORS:
            return b"".join(_u16(self.battery.counters.get(name, 0)) for name in COUNTERS)
        if register == FACTORY_IN:
            return b"\0\0"  # chip type: TI
        name = f"{SIMULATED_NAME} {self.battery.cells_in_series}S"
        if register == HARDWARE:
            return name.encode() if self.faults.has_hardware_name else None
        texts = {MANUFACTURER: "packdeck", MODEL: name, BARCODE: f"SIM-{self.battery.seed:04d}"}
        text = texts.get(register)
        return None if text is None else bytes((len(text),)) + text.encode()

    def _basic(self) -> bytes:
        """Register 03: totals, switches and temperatures."""
        battery = self.battery
        bled = sum(1 << n for n, cell in enumerate(battery.cells) if cell.is_bled)
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
                FIRMWARE,
                min(100, round(battery.mean_soc_pct)),
                int(battery.charge_on) | int(battery.discharge_on) << 1 | (UNIT_FLAG if in_tenths else 0),
                battery.cells_in_series,
                len(battery.temperatures_c),
            )
        )
        sensors = b"".join(_u16(round(t * 10) + ZERO_C) for t in battery.temperatures_c)
        trailer = b"\0" + _u16(0) + _u16(nominal) + _u16(remaining) + _u16(120 if bled else 0)
        return head + tail + sensors + (trailer if self.faults.has_trailer else b"")

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
