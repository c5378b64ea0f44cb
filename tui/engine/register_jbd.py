"""Parameters of a JBD board over its wire: factory mode, reading, writing, leaving.

Source: JBD protocol document (V11) and register map: parameters are reachable in factory mode only; leaving
it with 28 28 keeps them and zeroes the error counters; an acknowledgement is no proof that a value is kept.
"""

from tui.engine.register_line import (
    DeviceRefusedError,
    DeviceSilentError,
    Line,
    Progress,
    exchange,
    wait,
)
from tui.model.link import Cause
from tui.model.register import Image
from tui.protocols import jbd_decode
from tui.protocols.jbd_frames import Answer, assembler, parse, read_request, write_request
from tui.protocols.jbd_parameters import TABLE
from tui.protocols.parameters import canonical

ENTER, LEAVE, PASSWORD, COUNTERS = 0x00, 0x01, 0x06, 0xAA
KEY, SAVE, NO_SAVE = b"\x56\x78", b"\x28\x28", b"\x00\x00"
ANSWER_S = 1.0
PAUSE_S = 0.05  # between an answer and the next request
SILENT_MOST = 3  # registers in a row: then it is no matter of one register
READ_TRIES, ENTER_TRIES, ENTER_EVERY_S = 3, 5, 0.3
SAVED_S = 0.6  # before a board that has just saved is asked again
OK, DENIED, INVALID, BAD_CHECKSUM, BAD_PASSWORD = 0x00, 0x80, 0x81, 0x82, 0x83
REFUSALS = {
    DENIED: "reg-refused-80",
    INVALID: "reg-refused-81",
    BAD_CHECKSUM: "reg-refused-82",
    BAD_PASSWORD: "reg-refused-83",
}


class JbdTalk:
    """One board. `password`: six digits, only when the board asks for one."""

    table = TABLE

    def __init__(self, line: Line, password: str = "") -> None:
        self._line, self._password = line, password
        self._frames = assembler()
        self._is_in = False

    @property
    def keeps_by_saving(self) -> bool:
        """Written values are working values until the board saves them."""
        return True

    def begin(self) -> None:
        """Enter factory mode; entering twice is harmless."""
        if self._password:
            self._present_password()
        for attempt in range(ENTER_TRIES):
            try:
                self._is_in = True  # it may have heard although no answer came: so it is left in any case
                self.command(ENTER, KEY)
                return
            except DeviceSilentError:
                if attempt == ENTER_TRIES - 1:
                    raise
            except DeviceRefusedError as error:
                key = "reg-password-needed" if error.status == INVALID else error.cause.key
                if attempt == ENTER_TRIES - 1 or error.status == BAD_PASSWORD:
                    raise DeviceRefusedError(Cause(key, error.cause.args), error.status) from None
            wait(self._line, ENTER_EVERY_S)

    def _present_password(self) -> None:
        digits = bytes(int(c) for c in self._password if c.isdecimal())
        try:
            self.command(PASSWORD, bytes((len(digits),)) + digits, secret=True)
        except DeviceRefusedError as error:
            if error.status != DENIED:  # denied: this firmware has no such register, go on without
                raise DeviceRefusedError(Cause("reg-password-wrong"), error.status) from None

    def end(self, *, save: bool) -> None:
        """Leave factory mode."""
        self.command(LEAVE, SAVE if save else NO_SAVE)
        self._is_in = False
        if save:
            wait(self._line, SAVED_S)

    @property
    def is_in(self) -> bool:
        """True while the board may be in factory mode because of this conversation."""
        return self._is_in

    def read_all(self, tell: Progress) -> tuple[Image, dict[int, Cause], dict[str, tuple[float, float]]]:
        """One register after the other; what a board refuses it does not have."""
        image: Image = {}
        missing: dict[int, Cause] = {}
        numbers = self.table.numbers
        silent = 0
        for at, number in enumerate(numbers):
            tell(at, len(numbers))
            self._line.breathe()
            try:
                image[number] = self.read(number)
                silent = 0
            except DeviceSilentError as error:  # how some clones say that they do not have it
                silent += 1
                if silent >= SILENT_MOST:
                    raise
                missing[number] = error.cause
            except DeviceRefusedError as error:
                if error.status == INVALID:  # not in factory mode: that is no matter of one register
                    raise
                missing[number] = error.cause
        tell(len(numbers), len(numbers))
        return image, missing, {}

    def read(self, number: int) -> bytes:
        """One register."""
        register = self.table.at(number)[0]
        return canonical(register, self.ask(number))

    def ask(self, number: int, data: bytes = b"") -> bytes:
        """The content of any register."""
        request = read_request(number, data)
        return self._talk(number, request, tries=READ_TRIES).data

    def write(self, number: int, data: bytes) -> None:
        """One register, once."""
        self.command(number, data)

    def read_back(self, number: int, wanted: bytes) -> bytes:
        """A board shows at once what it took."""
        return self.read(number)

    def command(self, number: int, data: bytes, *, secret: bool = False) -> None:
        """Write anything, once."""
        self._talk(number, write_request(number, data), tries=1, secret=secret)

    def counters(self) -> tuple[tuple[str, int], ...]:
        """The error counters; empty when this board has none."""
        try:
            decoded = jbd_decode.counters(self.ask(COUNTERS))
            return tuple(decoded["error_counts"].items())
        except (DeviceRefusedError, DeviceSilentError, jbd_decode.ImplausibleError):
            return ()

    def _talk(self, number: int, request: bytes, *, tries: int, secret: bool = False) -> Answer:
        def use(frame: bytes) -> Answer | None:
            answer = parse(frame)
            is_echo = frame == request
            return (
                answer if isinstance(answer, Answer) and answer.register == number and not is_echo else None
            )

        wait(self._line, PAUSE_S)
        answer = exchange(
            self._line, self._frames, request, use, answer_s=ANSWER_S, tries=tries, secret=secret
        )
        if answer.status:
            args = (("register", f"{number:02X}"), ("status", f"{answer.status:02X}"))
            key = REFUSALS.get(answer.status, "reg-refused-other")
            raise DeviceRefusedError(Cause(key, args), answer.status)
        return answer
