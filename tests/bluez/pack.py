"""A battery on the simulated radio: a simulated board behind service ff00, and what can be wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery

NOTIFY, WRITE = "ff01", "ff02"
CHUNK = 20
VENDOR = bytes.fromhex("4a4244627470776421402332303233")
RANDOM = 0x61

Layout = tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]
JBD_LAYOUT: Layout = (
    ("1801", (("2a05", ("indicate",)),)),
    ("ff00", ((NOTIFY, ("read", "notify")), (WRITE, ("read", "write-without-response", "write")))),
)
HEART_LAYOUT: Layout = (("180d", (("2a37", ("notify",)),)),)


def new_board(cells: int = 4) -> JbdDevice:
    """A simulated board, the same each time."""
    return JbdDevice(Battery(cells_in_series=cells))


@dataclass(eq=False)
class FakePack:
    """One peripheral. Everything may be switched while it is in use."""

    address: str = "A4:C1:37:00:00:01"
    name: str = "xiaoxiang BMS"
    board: JbdDevice = field(default_factory=new_board)
    layout: Layout = JBD_LAYOUT
    source: str = NOTIFY  # the characteristic that notifies
    announced: tuple[str, ...] = ("ff00",)
    rssi: int = -60
    makers: dict[int, bytes] = field(default_factory=dict)
    in_range: bool = True  # advertises and answers a connect
    advertises: bool = True  # False: taken by a phone
    mute: bool = False
    chunk: int = CHUNK
    repeats: int = 1  # 2: each chunk twice although one program listens
    loses: int = 0  # that many first writes after each connect
    password: str = ""  # the module answers FF AA and keeps silent until unlocked
    echoes: bool = False  # gives back every write until it is paired
    passkey: int | None = None
    wants_pairing: bool = False  # refuses notifications until it is paired
    cut_after: int | None = None  # the link breaks after so many notifications
    unresolved: bool = False  # the services are never found
    late_objects: bool = False  # the services are announced as found before they are there
    on_write: Callable[[bytes], None] | None = None
    paired: bool = False
    unlocked: bool = False
    heard: list[bytes] = field(default_factory=list)

    def begin(self) -> None:
        """A new link: the module has forgotten its unlocking."""
        self.unlocked = False
        self._lost = 0

    def write(self, data: bytes, now_s: float) -> list[bytes]:
        """The notifications that a write to ff02 brings."""
        self.heard.append(data)
        if self.on_write:
            self.on_write(data)
        if self.mute:
            return []
        if self._lost < self.loses:
            self._lost += 1
            return []
        return self._cut(self._answer(data, now_s))

    def _answer(self, data: bytes, now_s: float) -> bytes:
        if self.echoes and not self.paired:
            return data
        if data[:2] == b"\xff\xaa":
            return self._module(data[2], data[4:-1]) if self.password else b""
        if self.password and not self.unlocked:
            return b""
        return self.board.receive(data, now_s)

    def _module(self, command: int, data: bytes) -> bytes:
        """The handshake of the radio module (JBD protocol document, section 4.1)."""
        mac = bytes.fromhex(self.address.replace(":", ""))
        if command == 0x15:
            return _frame(command, b"\0" if data == b"000000" else b"\1")
        if command == 0x17:
            return _frame(command, bytes((RANDOM,)))
        if command == 0x18:
            wanted = bytes(
                ((m ^ p) + RANDOM) & 0xFF for m, p in zip(mac, self.password.encode(), strict=True)
            )
            self.unlocked = data == wanted
            return _frame(command, b"\0" if self.unlocked else b"\1")
        if command == 0x1D:
            wide = mac + bytes(len(VENDOR) - len(mac))
            wanted = bytes(((m ^ p) + RANDOM) & 0xFF for m, p in zip(wide, VENDOR, strict=True))
            return _frame(command, b"\0" if data == wanted else b"\1")
        return b""

    def _cut(self, answer: bytes) -> list[bytes]:
        pieces = [answer[n : n + self.chunk] for n in range(0, len(answer), self.chunk)]
        return [piece for piece in pieces for _ in range(self.repeats)]

    _lost: int = 0


def _frame(command: int, data: bytes) -> bytes:
    body = bytes((command, len(data))) + data
    return b"\xff\xaa" + body + bytes((sum(body) & 0xFF,))
