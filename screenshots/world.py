"""Simulated packs on a clock of their own, read, watched and kept by the real parts, in one thread."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

from tests.fakes import FakeClock, FakeFeed, FakeTransport, FakeWake
from tui.engine.alert_keeper import REQUESTS as ALERT_REQUESTS
from tui.engine.alert_keeper import AlertKeeper
from tui.engine.frame_book import FrameBook
from tui.engine.history_keeper import HistoryKeeper
from tui.engine.wires import explain_of, open_protocol
from tui.engine.worker import Worker
from tui.model.can import pack
from tui.model.events import Event, FleetStarted
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.history import HistoryRequest
from tui.model.requests import Answer, LookAtFrames, Request
from tui.model.settings import AlertSettings
from tui.model.track import Setup
from tui.simulator.as_can import CanBattery
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery, left_pack, right_pack

WALL_S = 1_760_789_251.0  # 2025-10-18 12:07:31 UTC
HOUR_S = 3600.0


class Sending(FakeTransport):
    """A wire on which somebody sends unasked: `due` gives what has arrived when the link reads."""

    def __init__(self, due: Callable[[], bytes], clock: FakeClock) -> None:
        super().__init__(clock=clock)
        self._due = due

    def read(self, timeout_s: float) -> bytes:
        """What was sent until now; else what comes within the time."""
        self.arrive(self._due())
        return super().read(timeout_s)


class World:
    """Two simulated packs and the links that read them, on a clock that moves when a link waits.

    With `bus` there is a third one, which sends on a CAN bus. With a `folder` the history is kept in it.
    """

    def __init__(self, *, bus: bool = False, folder: Path | None = None) -> None:
        self.clock = FakeClock(0.0)
        self.fleet = Fleet()
        self.book = FrameBook(self.wall)
        self.batteries = {"left": left_pack(), "right": right_pack()}
        setups = [
            Setup(name, address=f"/dev/pts/{number}", chemistry="LFP", poll_s=1.0, simulated=True)
            for number, name in enumerate(self.batteries, 3)
        ]
        workers = [self._worker(setup, self.batteries[setup.name]) for setup in setups]
        if bus:
            setups.append(Setup("bus", "can", "can0", "can", poll_s=1.0, simulated=True))
            workers.append(self._on_bus(setups[-1], CanBattery(left_pack(), "victron")))
        self._workers = workers
        self.alerts = AlertKeeper(
            setups,
            AlertSettings(),
            fleet=lambda: self.fleet,
            publish=self._take,
            clock=self.clock,
            wall=self.wall,
        )
        self.history: HistoryKeeper | None = None
        if folder is not None:
            self.history = HistoryKeeper(folder / "history.db", clock=self.clock, wall=self.wall)
            self.history.start()
        self._take(FleetStarted(tuple(setups), pid=4242))

    def live(self, seconds: float) -> Fleet:
        """Let so much time pass; the fleet after it."""
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            for worker in self._workers:
                worker.turn()
            for event in self.alerts.tick(self.fleet):
                self._fold(event)
        if self.history is not None:
            self.history.settle()
        return self.fleet

    def wall(self) -> float:
        """Time of day; the hour before the pictures ends at the same moment for all."""
        return WALL_S - HOUR_S + self.clock.now_s

    def _worker(self, setup: Setup, battery: Battery) -> Worker:
        device = JbdDevice(battery)
        return self._link(setup, FakeTransport(lambda data: device.receive(data, self.clock()), self.clock))

    def _on_bus(self, setup: Setup, sender: CanBattery) -> Worker:
        """A battery that sends by itself."""

        def due() -> bytes:
            now_us = int(self.wall() * 1_000_000)
            frames = sender.frames(self.clock())
            return b"".join(pack(replace(frame, time_us=now_us)) for frame in frames)

        return self._link(setup, Sending(due, self.clock))

    def _link(self, setup: Setup, wire: FakeTransport) -> Worker:
        return Worker(
            setup,
            open_wire=lambda _: wire,
            open_protocol=open_protocol,
            explain_of=explain_of,
            publish=self._take,
            frames=self.book,
            clock=self.clock,
            wall=self.wall,
            wake=FakeWake(self.clock),
        )

    def _take(self, event: Event) -> None:
        self._fold(event)
        for verdict in self.alerts.heard(event, self.fleet):
            self._fold(verdict)

    def _fold(self, event: Event) -> None:
        self.fleet = fold(self.fleet, event)
        self.alerts.kept(event)
        if self.history is not None:
            self.history.listener(event, self.fleet)


class WorldFeed(FakeFeed):
    """What a screen sees of a world: its fleet at one moment, and the answers of its parts."""

    def __init__(self, world: World) -> None:
        super().__init__(world.fleet, now=world.clock())
        self._world = world

    def ask(self, request: Request) -> Answer:
        """As the engine does."""
        if isinstance(request, LookAtFrames):
            return self._world.book.look(request)
        if isinstance(request, ALERT_REQUESTS):
            return self._world.alerts.ask(request)
        if self._world.history is not None and isinstance(request, get_args(HistoryRequest)):
            return self._world.history.ask(request)
        return super().ask(request)
