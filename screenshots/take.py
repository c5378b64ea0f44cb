"""`python screenshots/take.py`: the pictures of the README, as SVG and PNG, from simulated packs.

The packs live an hour on a clock of their own, read by the same link code as real ones, in one thread: the
same program gives the same pictures on every machine. Needs the developers' packages.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from textual.pilot import Pilot  # noqa: E402

from screenshots.svg import picture, png  # noqa: E402
from tests.fakes import FakeClock, FakeFeed, FakeTransport, FakeWake  # noqa: E402
from tui.app import PackdeckApp  # noqa: E402
from tui.engine.alerts import Alerts  # noqa: E402
from tui.engine.frame_book import FrameBook  # noqa: E402
from tui.engine.wires import explain_of, open_protocol  # noqa: E402
from tui.engine.worker import Worker  # noqa: E402
from tui.model.can import pack  # noqa: E402
from tui.model.events import Event, FleetStarted  # noqa: E402
from tui.model.fleet import Fleet  # noqa: E402
from tui.model.fold import fold  # noqa: E402
from tui.model.requests import Answer, LookAtFrames, Request  # noqa: E402
from tui.model.settings import ScreenSettings  # noqa: E402
from tui.model.track import Setup  # noqa: E402
from tui.screens.frames import Frames  # noqa: E402
from tui.simulator.as_can import CanBattery  # noqa: E402
from tui.simulator.as_jbd import JbdDevice  # noqa: E402
from tui.simulator.battery import Battery, left_pack, right_pack  # noqa: E402

FOLDER = ROOT / "screenshots"
WALL_S = 1_760_789_251.0  # 2025-10-18 12:07:31 UTC
HOUR_S, TROUBLE_S, TRAFFIC_S = 3600.0, 12.0, 90.0
KEYS = {"overview": "1", "tracks": "2", "cells": "3", "frames": "7"}
PLAIN = ("overview", "tracks", "cells")
SIZES = ((160, 45), (100, 30), (80, 24), (40, 24))


class World:
    """Two simulated packs and the links that read them, on a clock that moves when a link waits.

    With `bus` there is a third one, which sends on a CAN bus.
    """

    def __init__(self, *, bus: bool = False) -> None:
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
        self._workers, self._alerts = workers, Alerts(setups)
        self._take(FleetStarted(tuple(setups), pid=4242))

    def live(self, seconds: float) -> Fleet:
        """Let so much time pass; the fleet after it."""
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            for worker in self._workers:
                worker.turn()
        return self.fleet

    def wall(self) -> float:
        """Time of day; the hour before the pictures ends at the same moment for all."""
        return WALL_S - HOUR_S + self.clock.now_s

    def _worker(self, setup: Setup, battery: Battery) -> Worker:
        device = JbdDevice(battery)
        return self._link(setup, FakeTransport(lambda data: device.receive(data, self.clock()), self.clock))

    def _on_bus(self, setup: Setup, sender: CanBattery) -> Worker:
        """A battery that sends by itself: what is due arrives when the link reads."""
        wire = FakeTransport(clock=self.clock)
        wait = wire.read

        def read(timeout_s: float) -> bytes:
            frames = sender.frames(self.clock())
            now_us = int(self.wall() * 1_000_000)
            wire.arrive(b"".join(pack(replace(frame, time_us=now_us)) for frame in frames))
            return wait(timeout_s)

        wire.read = read  # type: ignore[method-assign]
        return self._link(setup, wire)

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
        self.fleet = fold(self.fleet, event)
        for verdict in self._alerts.heard(event, self.fleet, self.clock(), int(self.wall() * 1000)):
            self.fleet = fold(self.fleet, verdict)


class Traffic(FakeFeed):
    """A feed that answers questions about frames from the book of a world."""

    def __init__(self, world: World) -> None:
        super().__init__(world.fleet)
        self._book = world.book

    def ask(self, request: Request) -> Answer:
        if isinstance(request, LookAtFrames):
            return self._book.look(request)
        return super().ask(request)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    place: str
    size: tuple[int, int]
    fleet: Fleet
    language: str = "en"
    theme: str = "packdeck"
    kiosk: bool = False
    traffic: Traffic | None = None
    track: str = ""


def shots(world: World) -> list[Shot]:
    """All pictures: every place at every size, then the special ones."""
    calm = world.live(HOUR_S)
    plain = [Shot(f"{p}-{w}x{h}", p, (w, h), calm) for p in PLAIN for w, h in SIZES]
    full = world.batteries["left"].cells[6]
    full.soc_pct, full.offset_mv = 100.0, 98.0  # one cell is full long before the others
    trouble = world.live(TROUBLE_S)
    return [
        *plain,
        Shot("kiosk-100x30", "tracks", (100, 30), calm, theme="console", kiosk=True),
        Shot("french-100x30", "overview", (100, 30), calm, language="fr"),
        Shot("alarm-100x30", "tracks", (100, 30), trouble),
        Shot("alarm-160x45", "overview", (160, 45), trouble),
        *frames_shots(),
    ]


def frames_shots() -> list[Shot]:
    """The traffic of a CAN bus and of a serial line, after a minute and a half."""
    world = World(bus=True)
    world.live(TRAFFIC_S)
    traffic = Traffic(world)
    return [
        Shot(f"frames-{track}-{w}x{h}", "frames", (w, h), world.fleet, traffic=traffic, track=track)
        for track, (w, h) in (("bus", (160, 45)), ("bus", (100, 30)), ("left", (100, 30)))
    ]


async def settled(app: PackdeckApp, pilot: Pilot[None]) -> None:
    """The place asks again once it knows how many rows it has."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause()
        if isinstance(app.place, Frames):
            app.place._asked_s = float("-inf")
            app.place.ask()
    await app.workers.wait_for_complete()
    await pilot.pause()


async def take(shot: Shot) -> str:
    """The picture as SVG."""
    is_calm = not shot.fleet.alerts
    now_s = HOUR_S + (0.0 if is_calm else TROUBLE_S)
    if shot.traffic is not None:
        now_s = TRAFFIC_S
    app = PackdeckApp(
        shot.traffic or FakeFeed(shot.fleet),
        settings=ScreenSettings(language=shot.language),
        theme=shot.theme,
        kiosk=shot.kiosk,
        clock=lambda: now_s,
        wall=lambda: WALL_S + now_s - HOUR_S,
    )
    app.selected = shot.track
    async with app.run_test(size=shot.size) as pilot:
        await pilot.press(KEYS[shot.place])
        if isinstance(app.place, Frames):
            await settled(app, pilot)
        await pilot.pause()
        return picture(app)


def main() -> None:
    """Take all, or those whose names are given."""
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()
    for shot in shots(World()):
        if not sys.argv[1:] or shot.name in sys.argv[1:]:
            text = asyncio.run(take(shot))
            (FOLDER / f"{shot.name}.svg").write_text(text, encoding="utf-8")
            png(text, FOLDER / f"{shot.name}.png")


if __name__ == "__main__":
    main()
