"""A desk with everything real but the wire and the clock: real talks, real simulated devices, real files."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.fakes import FakeClock, FakeTransport
from tui.engine.lent_line import LentLine
from tui.engine.register_desk import RegisterDesk
from tui.engine.register_line import Line
from tui.model.events import Event, FleetStarted, LinkChanged
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase
from tui.model.register import Image
from tui.model.register_requests import RegisterRequest
from tui.model.requests import Answer
from tui.model.track import Setup
from tui.model.write_plan import Desk, WritePlan
from tui.protocols.parameter_tables import TABLES
from tui.protocols.parameters import Table, canonical
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery
from tui.transports.transport import WireError

UNPLUGGED = Cause("port-unplugged")
SCREEN, WHO = "kiosk", "anna"


class KilledError(BaseException):
    """The process ends here: nothing after it is done any more."""


class Carrier:
    """A worker without a thread: a job is done at once."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench

    def work(self, job: Callable[[Line], None], lost: Callable[[Cause], None]) -> None:
        bench = self._bench
        try:
            job(LentLine(bench.wire, lambda data: None, lambda data: None, bench.clock, lambda: False))
        except WireError as error:
            bench.link(Phase.LOST, error.cause)


class Bench:
    """One track, "left". `before` and `after` are called around each write of a parameter with its count."""

    def __init__(self, family: str, folder: Path, cells: int = 4) -> None:
        self.family, self.folder = family, folder
        self.clock = FakeClock()
        battery = Battery(cells)
        self.device: JbdDevice | TinyBmsDevice = (
            JbdDevice(battery) if family == "jbd" else TinyBmsDevice(battery)
        )
        self.wire = FakeTransport(self._answer, self.clock)
        self.wire.open()
        self.before: Callable[[int], None] = lambda count: None
        self.after: Callable[[int], None] = lambda count: None
        self.writes = 0
        self.events: list[Event] = []
        self.restart_engine()

    def restart_engine(self) -> None:
        """Another process takes over: only what is on the disk is known."""
        self.fleet = fold(Fleet(), FleetStarted((Setup("left", protocol=self.family),), 1))
        self.desk_of_all = RegisterDesk(
            lambda: self.fleet,
            {"left": Carrier(self)},
            self._publish,
            self.folder,
            clock=self.clock,
            wall=self.clock,
        )
        self.wire.breaks = None
        self.desk_of_all.start()
        self.link(Phase.UP)

    def link(self, phase: Phase, cause: Cause | None = None) -> None:
        event = LinkChanged("left", self.clock(), 0, Link(phase, cause=cause))
        self._publish(event)
        self.desk_of_all.happened(event)

    def plug_in(self) -> None:
        """The wire is back."""
        self.wire.breaks = None
        self.link(Phase.UP)

    def _publish(self, event: Event) -> None:
        self.events.append(event)
        self.fleet = fold(self.fleet, event)

    def _answer(self, request: bytes) -> bytes:
        if not self._is_parameter_write(request):
            return self.device.receive(request, self.clock())
        self.writes += 1
        self.before(self.writes)
        answer = self.device.receive(request, self.clock())
        self.after(self.writes)
        return answer

    def _is_parameter_write(self, request: bytes) -> bool:
        if self.family == "jbd":
            return request[1] == 0x5A and request[2] not in (0x00, 0x01, 0x06)
        return request[1] in (0x0D, 0x10)

    def unplug(self) -> None:
        """From now on nothing gets through."""
        self.wire.breaks = WireError(UNPLUGGED)

    def kill(self) -> None:
        """The process ends at this moment; the disk stays as it is now."""
        frozen = self.folder.with_name("frozen")
        shutil.copytree(self.folder, frozen, dirs_exist_ok=True)
        raise KilledError

    def come_back(self) -> None:
        """A new process, on the disk as it was when the old one was killed."""
        shutil.rmtree(self.folder)
        shutil.move(self.folder.with_name("frozen"), self.folder)
        self.before = self.after = lambda count: None
        self.restart_engine()

    @property
    def table(self) -> Table:
        return TABLES[self.family]

    @property
    def desk(self) -> Desk:
        return self.fleet.desk("left")

    @property
    def plan(self) -> WritePlan:
        assert self.desk.plan is not None
        return self.desk.plan

    def ask(self, request: RegisterRequest) -> Answer:
        return self.desk_of_all.ask(request)

    def image(self) -> Image:
        """What the device truly holds in the registers that a plan may write."""
        found: Image = {}
        for number in sorted(self.table.writable):
            register = self.table.at(number)[0]
            if isinstance(self.device, JbdDevice):
                data = self.device.memory.working.get(number)
                if data is not None:
                    found[number] = canonical(register, data)
            else:
                words = self.device.memory.read(tuple(range(number, number + register.size // 2)))
                assert words is not None
                found[number] = b"".join(word.to_bytes(2, "big") for word in words)
        return found
