"""A recording on the screen: the slider, the speed, the steps, and ages as they were."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from screenshots.svg import picture
from tests.conftest import LooksTheSame
from tests.fakes import FakeClock
from tests.screens.show import screen_text
from tui.app import PackdeckApp
from tui.engine.replay import ReplayFeed
from tui.feed.recording import event_line, fleet_line, head_line, read_recording
from tui.model.events import Event, FleetStarted, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Link, Phase
from tui.model.sample import Cells, Pack
from tui.model.settings import ScreenSettings
from tui.model.track import Setup
from tui.widgets.replay_bar import ReplayBar, moment

START_US = 1_700_000_000_000_000
LENGTH_S = 120


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two minutes of one pack whose charge in percent is the minute's second."""
    fleet = fold(Fleet(), FleetStarted((Setup("left", address="/dev/ttyUSB0", chemistry="LFP"),), 7))
    fleet = fold(fleet, LinkChanged("left", 0.0, START_US // 1000, Link(Phase.UP, 0.0)))
    lines = [head_line(7, START_US, 0.0), fleet_line(fleet, START_US, 0.0)]

    def happened(event: Event, at_s: int) -> None:
        nonlocal fleet
        fleet = fold(fleet, event)
        lines.append(event_line(event, fleet.version, START_US + at_s * 1_000_000, float(at_s)))

    for second in range(0, LENGTH_S + 1, 2):
        time_ms = START_US // 1000 + second * 1000
        pack = Pack(pack_v=53.0, current_a=10.0, soc_pct=second % 60, remaining_ah=100.0, nominal_ah=280.0)
        happened(SampleRead("left", float(second), time_ms, pack), second)
        happened(SampleRead("left", float(second), time_ms, Cells((3310, 3320, 3315, 3312))), second)
    path = tmp_path / "two-minutes.packdeck"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def show(path: Path, clock: FakeClock, **how: float) -> PackdeckApp:
    feed = ReplayFeed(read_recording(path), clock=clock, **how)
    return PackdeckApp(feed, settings=ScreenSettings(language="en"), start="tracks")


async def text(pilot: Pilot[None]) -> str:
    """The screen after one more look."""
    pilot.app._look()  # type: ignore[attr-defined]
    await pilot.pause()
    return screen_text(pilot.app)  # type: ignore[arg-type]


async def test_time_passes_in_the_recording_and_ages_are_as_they_were(recording: Path) -> None:
    clock = FakeClock()
    async with show(recording, clock).run_test(size=(100, 30)) as pilot:
        assert "REPLAY 0:00" in await text(pilot)
        clock.advance(31.0)
        seen = await text(pilot)
        assert "REPLAY 0:31" in seen
        assert "live  1 s" in seen


async def test_space_stops_and_plays(recording: Path) -> None:
    clock = FakeClock()
    async with show(recording, clock).run_test(size=(100, 30)) as pilot:
        clock.advance(10.0)
        await pilot.press("space")
        clock.advance(50.0)
        seen = await text(pilot)
        assert "REPLAY 0:10" in seen and "PAUSED" in seen
        await pilot.press("space")
        clock.advance(5.0)
        assert "REPLAY 0:15" in await text(pilot)


async def test_jumps_and_steps_go_both_ways(recording: Path) -> None:
    clock = FakeClock()
    async with show(recording, clock).run_test(size=(100, 30)) as pilot:
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        assert "REPLAY 0:10" in await text(pilot)
        await pilot.press("n")
        first = await text(pilot)
        assert "PAUSED" in first
        await pilot.press("n", "N", "N")
        await pilot.press("n")
        assert await text(pilot) == first


async def test_speeds_and_the_end(recording: Path) -> None:
    clock = FakeClock()
    async with show(recording, clock).run_test(size=(100, 30)) as pilot:
        await pilot.press("right_square_bracket", "right_square_bracket")
        clock.advance(10.0)
        seen = await text(pilot)
        assert "x5" in seen and "REPLAY 0:50" in seen
        await pilot.press("left_square_bracket")
        assert "x2" in await text(pilot)
        clock.advance(600.0)
        seen = await text(pilot)
        assert "REPLAY 2:00" in seen and "PAUSED" in seen


async def test_a_tap_on_the_slider_goes_there(recording: Path) -> None:
    async with show(recording, FakeClock()).run_test(size=(100, 30)) as pilot:
        bar = pilot.app.screen.query_one(ReplayBar)
        await pilot.click(bar, offset=(50, 0))
        seen = await text(pilot)
        assert "REPLAY 0:5" in seen or "REPLAY 1:0" in seen


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45), (40, 24)])
async def test_pictures(recording: Path, size: tuple[int, int], looks_the_same: LooksTheSame) -> None:
    clock = FakeClock()
    async with show(recording, clock).run_test(size=size) as pilot:
        clock.advance(41.0)
        await text(pilot)
        looks_the_same(picture(pilot.app), f"replay/{size[0]}x{size[1]}")  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (61.9, "1:01"), (3725, "1:02:05")])
def test_moments(seconds: float, words: str) -> None:
    assert moment(seconds) == words
