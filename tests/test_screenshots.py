"""The pictures of the README come from simulated packs, read like real ones, and are the same every time."""

from rich.segment import Segment

from screenshots.svg import svg
from screenshots.take import Shot, take, trouble_shots
from screenshots.world import World, WorldFeed
from tui.model.link import State


def test_simulated_packs_are_read_by_the_real_link_code() -> None:
    world = World()
    fleet = world.live(30.0)
    assert [fleet.state(track, world.clock()) for track in fleet.tracks] == [State.LIVE] * 2
    assert [len(track.cells.mv) for track in fleet.tracks] == [16, 4]
    assert all(track.link.traffic.answers > 10 for track in fleet.tracks)
    assert not fleet.alerts


async def test_every_picture_says_that_the_packs_are_simulated() -> None:
    for size in ((160, 45), (100, 30), (80, 24), (40, 24)):
        world = World()
        world.live(5.0)
        assert "SIM" in await take(Shot("any", "tracks", size, WorldFeed(world)))


async def test_the_same_world_gives_the_same_picture() -> None:
    worlds = World(), World()
    for world in worlds:
        world.live(20.0)
    one, other = [await take(Shot("any", "overview", (100, 30), WorldFeed(world))) for world in worlds]
    assert one == other


def test_there_is_an_alarm_to_be_seen() -> None:
    trouble = next(shot for shot in trouble_shots() if shot.name.startswith("alarm"))
    assert {alert.key for alert in trouble.feed.fleet().alerts} >= {"protection-cell-overvoltage"}


def test_bars_and_frames_join_without_gaps() -> None:
    """Blocks and lines are shapes on whole cells, not letters of a font."""
    drawn = svg([[Segment("██")], [Segment("██")]])
    assert "M0 0h16v32h-16z" in drawn
    assert "█" not in drawn
    assert "<text" not in svg([[Segment("┌──┬──┐│▁▅▏▌░▒▓└┘")]])
    assert "<text" in svg([[Segment("a")]])
