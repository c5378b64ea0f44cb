"""`python screenshots/take.py`: the pictures of the README, as SVG and PNG, from simulated packs.

The packs live an hour on a clock of their own, read by the same link code as real ones, in one thread: the
same program gives the same pictures on every machine. Needs the developers' packages.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from screenshots.svg import picture, png  # noqa: E402
from screenshots.world import HOUR_S, WALL_S, World, WorldFeed  # noqa: E402
from tests import fleets, radios, simulations, system_views  # noqa: E402
from tests.fakes import FakeFeed  # noqa: E402
from tests.quiet import everything_done, quiet_pilots  # noqa: E402
from tests.register_pages import DeskFeed  # noqa: E402
from tui.app import PLACES, PackdeckApp  # noqa: E402
from tui.model.settings import ScreenSettings  # noqa: E402

FOLDER = ROOT / "screenshots"
TROUBLE_S, TRAFFIC_S = 12.0, 90.0
PLAIN = ("overview", "tracks", "cells")
SIZES = ((160, 45), (100, 30), (80, 24), (40, 24))
STAGE = ("right", "right", "down", "enter", *"3549", "enter", "down", "enter", *"2550", "enter")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a place, and the keys that are pressed in it."""

    name: str
    place: str
    size: tuple[int, int]
    feed: FakeFeed
    wall_s: float = WALL_S
    language: str = "en"
    theme: str = "packdeck"
    kiosk: bool = False
    track: str = ""
    keys: tuple[str, ...] = ()


@contextmanager
def shots() -> Iterator[list[Shot]]:
    """All pictures. The folders of history and backups live as long as they are taken."""
    with ExitStack() as stack:
        world = World(folder=Path(stack.enter_context(tempfile.TemporaryDirectory())))
        assert world.history is not None
        stack.callback(world.history.close)
        registers = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield [*calm_shots(world), *trouble_shots(), *frames_shots(), *fixed_shots(registers)]


def calm_shots(world: World) -> list[Shot]:
    """After an hour in which nothing happened."""
    world.live(HOUR_S)
    feed = WorldFeed(world)
    return [
        *(Shot(f"{p}-{w}x{h}", p, (w, h), feed) for p in PLAIN for w, h in SIZES),
        Shot("kiosk-100x30", "tracks", (100, 30), feed, theme="console", kiosk=True),
        Shot("french-100x30", "overview", (100, 30), feed, language="fr"),
        Shot("history-160x45", "history", (160, 45), feed),
        Shot("history-100x30", "history", (100, 30), feed),
    ]


def trouble_shots() -> list[Shot]:
    """One cell is full long before the others."""
    world = World()
    world.live(HOUR_S)
    full = world.batteries["left"].cells[6]
    full.soc_pct, full.offset_mv = 100.0, 98.0
    world.live(TROUBLE_S)
    feed, wall_s = WorldFeed(world), WALL_S + TROUBLE_S
    return [
        Shot("alarm-100x30", "tracks", (100, 30), feed, wall_s),
        Shot("alarm-160x45", "overview", (160, 45), feed, wall_s),
        Shot("alerts-160x45", "alerts", (160, 45), feed, wall_s),
        Shot("alerts-100x30", "alerts", (100, 30), feed, wall_s),
    ]


def frames_shots() -> list[Shot]:
    """The traffic of a CAN bus and of a serial line, after a minute and a half."""
    world = World(bus=True)
    world.live(TRAFFIC_S)
    feed, wall_s = WorldFeed(world), WALL_S - HOUR_S + TRAFFIC_S
    return [
        Shot(f"frames-{track}-{w}x{h}", "frames", (w, h), feed, wall_s, track=track)
        for track, (w, h) in (("bus", (160, 45)), ("bus", (100, 30)), ("left", (100, 30)))
    ]


def fixed_shots(folder: Path) -> list[Shot]:
    """A simulated board and its settings, the simulator; examples of a radio, and of a machine."""
    fixed = (
        (
            "registers",
            "registers",
            lambda: DeskFeed("jbd", folder / "list", fleets.simulated()),
            ("right", "right"),
        ),
        (
            "review",
            "registers",
            lambda: DeskFeed("jbd", folder / "review", fleets.simulated()),
            (*STAGE, "w"),
        ),
        (
            "simulator",
            "simulator",
            lambda: simulations.SimulationFeed(simulations.demo(), fleets.simulated()),
            (),
        ),
        ("devices", "devices", lambda: FakeFeed(radios.fleet(), now=fleets.NOW_S), ()),
        ("system", "system", lambda: system_views.SystemFeed(replace(fleets.simulated(), screens=2)), ()),
    )
    return [
        Shot(f"{name}-100x30", place, (100, 30), feed(), fleets.WALL_S, keys=keys)
        for name, place, feed, keys in fixed
    ]


async def take(shot: Shot) -> str:
    """The picture as SVG."""
    app = PackdeckApp(
        shot.feed,
        settings=ScreenSettings(language=shot.language),
        theme=shot.theme,
        kiosk=shot.kiosk,
        clock=shot.feed.clock,
        wall=lambda: shot.wall_s,
    )
    app.selected = shot.track
    with quiet_pilots():
        async with app.run_test(size=shot.size) as pilot:
            for key in (PLACES[shot.place], *shot.keys):
                await pilot.press(key)
                await everything_done(pilot)
            return picture(app)


def main() -> None:
    """Take all, or those whose names are given."""
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()
    with shots() as all_of_them:
        for shot in all_of_them:
            if not sys.argv[1:] or shot.name in sys.argv[1:]:
                text = asyncio.run(take(shot))
                (FOLDER / f"{shot.name}.svg").write_text(text, encoding="utf-8")
                png(text, FOLDER / f"{shot.name}.png")


if __name__ == "__main__":
    main()
