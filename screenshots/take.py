"""`python screenshots/take.py`: the pictures of the README, as SVG and PNG, from simulated packs.

The packs live an hour on a clock of their own, read by the same link code as real ones, in one thread: the
same program gives the same pictures on every machine. Needs the developers' packages.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from screenshots.svg import picture, png  # noqa: E402
from tests.fakes import FakeClock, FakeFeed, FakeTransport, FakeWake  # noqa: E402
from tui.app import PackdeckApp  # noqa: E402
from tui.engine.alerts import judge  # noqa: E402
from tui.engine.frames import FrameRing  # noqa: E402
from tui.engine.wires import open_protocol  # noqa: E402
from tui.engine.worker import Worker  # noqa: E402
from tui.model.events import Event, FleetStarted, SampleRead  # noqa: E402
from tui.model.fleet import Fleet  # noqa: E402
from tui.model.fold import fold  # noqa: E402
from tui.model.settings import ScreenSettings  # noqa: E402
from tui.model.track import Setup  # noqa: E402
from tui.simulator.as_jbd import JbdDevice  # noqa: E402
from tui.simulator.battery import Battery, left_pack, right_pack  # noqa: E402

FOLDER = ROOT / "screenshots"
WALL_S = 1_760_789_251.0  # 2025-10-18 12:07:31 UTC
HOUR_S, TROUBLE_S = 3600.0, 12.0
KEYS = {"overview": "1", "tracks": "2", "cells": "3"}
SIZES = ((160, 45), (100, 30), (80, 24), (40, 24))


class World:
    """Two simulated packs and the links that read them, on a clock that moves when a link waits."""

    def __init__(self) -> None:
        self.clock = FakeClock(0.0)
        self.fleet = Fleet()
        self.batteries = {"left": left_pack(), "right": right_pack()}
        setups = [
            Setup(name, address=f"/dev/pts/{number}", chemistry="LFP", poll_s=1.0, simulated=True)
            for number, name in enumerate(self.batteries, 3)
        ]
        self._take(FleetStarted(tuple(setups), pid=4242))
        self._workers = [self._worker(setup, self.batteries[setup.name]) for setup in setups]

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
        wire = FakeTransport(lambda data: device.receive(data, self.clock()), self.clock)
        return Worker(
            setup,
            open_wire=lambda _: wire,
            open_protocol=open_protocol,
            publish=self._take,
            frames=FrameRing(),
            clock=self.clock,
            wall=self.wall,
            wake=FakeWake(self.clock),
        )

    def _take(self, event: Event) -> None:
        self.fleet = fold(self.fleet, event)
        track = self.fleet.track(event.track) if isinstance(event, SampleRead) else None
        if track is not None:
            time_ms = int(self.wall() * 1000)
            for verdict in judge(track, self.fleet.alerts, self.clock(), time_ms):
                self.fleet = fold(self.fleet, verdict)


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


def shots(world: World) -> list[Shot]:
    """All pictures: every place at every size, then the special ones."""
    calm = world.live(HOUR_S)
    plain = [Shot(f"{p}-{w}x{h}", p, (w, h), calm) for p in KEYS for w, h in SIZES]
    full = world.batteries["left"].cells[6]
    full.soc_pct, full.offset_mv = 100.0, 98.0  # one cell is full long before the others
    trouble = world.live(TROUBLE_S)
    return [
        *plain,
        Shot("kiosk-100x30", "tracks", (100, 30), calm, theme="console", kiosk=True),
        Shot("french-100x30", "overview", (100, 30), calm, language="fr"),
        Shot("alarm-100x30", "tracks", (100, 30), trouble),
        Shot("alarm-160x45", "overview", (160, 45), trouble),
    ]


async def take(shot: Shot) -> str:
    """The picture as SVG."""
    is_calm = not shot.fleet.alerts
    now_s = HOUR_S + (0.0 if is_calm else TROUBLE_S)
    app = PackdeckApp(
        FakeFeed(shot.fleet),
        settings=ScreenSettings(language=shot.language),
        theme=shot.theme,
        kiosk=shot.kiosk,
        clock=lambda: now_s,
        wall=lambda: WALL_S + now_s - HOUR_S,
    )
    async with app.run_test(size=shot.size) as pilot:
        await pilot.press(KEYS[shot.place])
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
