"""Parameters of two batteries as a screen sees them: a real desk of the engine over simulated devices."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests import fleets
from tests.engine.register_bench import Bench, Carrier
from tests.fakes import FakeFeed, FakeTransport
from tui.engine.lent_line import LentLine
from tui.engine.register_desk import RegisterDesk
from tui.engine.register_line import Line
from tui.model.events import FleetStarted, LinkChanged
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase
from tui.model.register_requests import REGISTER_REQUESTS, RegisterRequest
from tui.model.requests import Answer, Request
from tui.model.track import Setup
from tui.model.write_plan import Desk
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery
from tui.transports.transport import WireError

UNPLUGGED = Cause("port-unplugged", (("port", "/dev/ttyUSB0"),))


class OtherCarrier:
    """The way to a second battery of the same kind, on the right track."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        battery = Battery(4)
        self.device = JbdDevice(battery) if bench.family == "jbd" else TinyBmsDevice(battery)
        self._wire = FakeTransport(lambda data: self.device.receive(data, bench.clock()), bench.clock)
        self._wire.open()

    def work(self, job: Callable[[Line], None], lost: Callable[[Cause], None]) -> None:
        """At once."""
        job(LentLine(self._wire, lambda data: None, lambda data: None, self._bench.clock, lambda: False))


class TwoBatteries(Bench):
    """The bench at the moment of all pictures, with a second battery beside it."""

    def restart_engine(self) -> None:
        """As the bench does, with the clocks of the pictures."""
        self.clock.now_s = max(self.clock.now_s, fleets.NOW_S)
        setups = (Setup("left", protocol=self.family), Setup("right", protocol=self.family))
        self.fleet = fold(Fleet(), FleetStarted(setups, 1))
        self.fleet = fold(self.fleet, LinkChanged("right", self.clock(), 0, Link(Phase.UP)))
        self.other = OtherCarrier(self)
        self.desk_of_all = RegisterDesk(
            lambda: self.fleet,
            {"left": Carrier(self), "right": self.other},
            self._publish,
            self.folder,
            clock=self.clock,
            wall=lambda: fleets.WALL_S - fleets.NOW_S + self.clock(),
        )
        self.wire.breaks = None
        self.desk_of_all.start()
        self.link(Phase.UP)

    def unplug(self) -> None:
        """From now on nothing gets through."""
        self.wire.breaks = WireError(UNPLUGGED)

    def plug_in(self) -> None:
        """The wire is back, and nothing happens to it any more."""
        self.after = self.before = lambda count: None
        super().plug_in()


class DeskFeed(FakeFeed):
    """Two tracks with real registers. What a test puts into `says` is answered instead."""

    def __init__(self, family: str, folder: Path, fleet: Fleet | None = None) -> None:
        super().__init__(fleet or fleets.live(), now=fleets.NOW_S)
        self.bench = TwoBatteries(family, folder)
        self.says: list[Callable[[Request], Answer | None]] = []
        self.lock = threading.Lock()
        self.over: Desk | None = None  # what is seen instead of the desk of the bench
        self.gate = threading.Event()
        self.gate.set()

    @property
    def register_asks(self) -> list[RegisterRequest]:
        """What was asked about registers, in order."""
        return [one for one in self.asked if isinstance(one, REGISTER_REQUESTS)]

    def fleet(self) -> Fleet:
        """The fleet of the pictures, with the link and the desk of the bench."""
        seen = self.bench.fleet
        left = seen.tracks[0]
        link = Link(left.link.phase, cause=left.link.cause, since_s=1.0)
        tracks = tuple(
            replace(t, setup=replace(t.setup, protocol=self.bench.family), link=link)
            if t.name == "left"
            else t
            for t in self.value.tracks
        )
        desks = (self.over,) if self.over is not None else seen.desks
        return replace(self.value, version=seen.version + len(self.asked), tracks=tracks, desks=desks)

    def ask(self, request: Request) -> Answer:
        """The desk answers; one at a time, as the bench has no threads."""
        self.gate.wait(10)
        self.asked.append(request)
        for one in self.says:
            if (answer := one(request)) is not None:
                return answer
        if isinstance(request, REGISTER_REQUESTS):
            with self.lock:
                return self.bench.ask(request)
        return self.answer


def refusing(kind: type, key: str, *args: tuple[str, str]) -> Callable[[Request], Answer | None]:
    """An engine that refuses this kind of request."""

    def say(request: Request) -> Answer | None:
        return Answer(False, Cause(key, args)) if isinstance(request, kind) else None

    return say


def kinds(requests: Sequence[Request]) -> list[str]:
    """Their names, to compare with."""
    return [type(one).__name__ for one in requests]
