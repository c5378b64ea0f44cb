"""Parameters of a TinyBMS over its wire: reading in blocks, writing one by one, waiting where it must be.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), and its user manual: a sleeping unit
answers only the second of two equal requests; a written value may show only after half a second; a change of
the operation mode restarts the unit.
"""

from typing import cast

from tui.engine.register_line import DeviceRefusedError, DeviceSilentError, Line, Progress, exchange, wait
from tui.model.link import Cause
from tui.model.register import Access, Image
from tui.protocols.modbus import big_bytes
from tui.protocols.parameters import raw_of
from tui.protocols.tinybms_frames import (
    ACK,
    COMMAND_ERROR,
    MAXIMUM,
    MINIMUM,
    READ_BIG,
    RESET,
    SETTINGS,
    WRITE_BIG,
    WRITE_SOME,
    Ack,
    Answer,
    Nack,
    assembler,
    little_words,
    parse,
    read_registers,
    read_settings,
    request,
    write_registers,
    write_some,
)
from tui.protocols.tinybms_parameters import TABLE, absent, limits_of
from tui.protocols.tinybms_registers import (
    SETTINGS_COUNT,
    SETTINGS_FIRST,
    STATISTICS_COUNT,
    STATISTICS_FIRST,
    VERSION_COUNT,
    VERSION_FIRST,
)

ANSWER_S = 0.3
READ_TRIES = 5
STORED_S, STORED_EVERY_S = 1.5, 0.25  # so long an old value may still be shown after a write
RESTART_S = 8.0  # quiet for 2 to 5 s, and some time to wake
BLOCKS = (
    (SETTINGS_FIRST, SETTINGS_COUNT),
    (STATISTICS_FIRST, STATISTICS_COUNT),
    (VERSION_FIRST, VERSION_COUNT),
)


class TinyBmsTalk:
    """One unit."""

    table = TABLE

    def __init__(self, line: Line, password: str = "") -> None:
        self._line = line
        self._frames = assembler()

    @property
    def keeps_by_saving(self) -> bool:
        """Every write is stored at once."""
        return False

    def begin(self) -> None:
        """Nothing to enter; a sleeping unit is woken."""
        self.words(SETTINGS_FIRST, 1)

    def end(self, *, save: bool) -> None:
        """Nothing to leave."""

    def read_all(self, tell: Progress) -> tuple[Image, dict[int, Cause], dict[str, tuple[float, float]]]:
        """Three blocks, and the unit's own bounds."""
        words: dict[int, int] = {}
        for at, (first, count) in enumerate(BLOCKS):
            tell(at, len(BLOCKS) + 2)
            words |= dict(zip(range(first, first + count), self.words(first, count), strict=True))
        limits = self._limits(tell)
        gone = absent(limits)
        image: Image = {}
        missing: dict[int, Cause] = {}
        for register in self.table.registers:
            if register.access is Access.COMMAND:
                continue
            if register.key in gone and register.shift == 0:
                missing[register.number] = Cause("reg-absent", (("register", register.address),))
                continue
            numbers = range(register.number, register.number + register.size // 2)
            image[register.number] = big_bytes(words[n] for n in numbers)
        tell(len(BLOCKS) + 2, len(BLOCKS) + 2)
        return image, missing, limits

    def _limits(self, tell: Progress) -> dict[str, tuple[float, float]]:
        try:
            bounds = []
            for at, option in enumerate((MINIMUM, MAXIMUM)):
                tell(len(BLOCKS) + at, len(BLOCKS) + 2)
                bounds.append(self._ask(read_settings(option, SETTINGS_COUNT), SETTINGS))
        except DeviceRefusedError:
            return {}
        lows, highs = (big_bytes(little_words(data)) for data in bounds)
        return limits_of(lows, highs)

    def words(self, first: int, count: int) -> tuple[int, ...]:
        """A block of registers."""
        data = self._ask(read_registers(first, count), READ_BIG, size=2 * count)
        return tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))

    def read(self, number: int) -> bytes:
        """One parameter; two registers where it is long."""
        return big_bytes(self.words(number, self.table.at(number)[0].size // 2))

    def write(self, number: int, data: bytes) -> None:
        """One parameter, once: a single write, or a block where it is long."""
        if len(data) == 4:
            words = (int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
            self._obey(write_registers(number, words), WRITE_BIG, number)
        else:
            self._obey(write_some({number: raw_of(data)}), WRITE_SOME, number)

    def command(self, option: int) -> None:
        """Clear something, or restart."""
        self._obey(request(RESET, bytes((option,))), RESET, option)

    def read_back(self, number: int, wanted: bytes) -> bytes:
        """After its write, with the time that storing, or a restart, takes."""
        self.wake()
        until_s = self._line.now_s() + STORED_S
        while (found := self.read(number)) != wanted and self._line.now_s() < until_s:
            wait(self._line, STORED_EVERY_S)
        return found

    def wake(self) -> None:
        """Wait until a unit that restarts answers again. Raises DeviceSilentError."""
        until_s = self._line.now_s() + RESTART_S
        while True:
            try:
                self.words(SETTINGS_FIRST, 1)
                return
            except DeviceSilentError:
                if self._line.now_s() >= until_s:
                    raise

    def counters(self) -> tuple[tuple[str, int], ...]:
        """Nothing is lost by writing."""
        return ()

    def _ask(self, asked: bytes, command: int, size: int | None = None) -> bytes:
        def use(frame: bytes) -> Answer | Nack | None:
            answer = parse(frame)
            if frame == asked or not isinstance(answer, Answer | Nack) or answer.command != command:
                return None
            if isinstance(answer, Answer) and size is not None and len(answer.data) != size:
                return None
            return answer

        heard = exchange(self._line, self._frames, asked, use, answer_s=ANSWER_S, tries=READ_TRIES)
        answer = cast("Answer | Nack", heard)
        if isinstance(answer, Nack):
            raise _refused(answer, "")
        return answer.data

    def _obey(self, asked: bytes, command: int, number: int) -> None:
        def use(frame: bytes) -> Ack | Answer | Nack | None:
            answer = parse(frame)
            if frame == asked:
                return None
            is_it = getattr(answer, "command", ACK) == command
            return answer if is_it else None

        answer = exchange(self._line, self._frames, asked, use, answer_s=ANSWER_S)
        if isinstance(answer, Nack):
            raise _refused(answer, str(number))


def _refused(nack: Nack, register: str) -> DeviceRefusedError:
    key = "reg-nack" if nack.code == COMMAND_ERROR else "reg-nack-crc"
    return DeviceRefusedError(Cause(key, (("register", register or f"{nack.command:02X}"),)), nack.code)
