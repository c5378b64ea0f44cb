"""Details (i): everything a unit says, and the bytes behind a value (b)."""

from dataclasses import replace

import pytest

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.screens.show import screen_text, show
from tui.model.events import SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.sample import Counters, Identity, Pack, Protection, UnitEvent, UnitLog
from tui.screens.frames import Frames

DAY_S = 86_400


def tinybms() -> Fleet:
    """The right track as a TinyBMS with a log, counters and limits."""
    fleet = fleets.live()
    track = fleet.tracks[1]
    pack = replace(
        track.pack,
        status="charging",
        soh_pct=98.4,
        needs_balancing=(3, 7),
        warnings=(Protection.CHARGER_VOLTAGE_HIGH,),
        charge_voltage_limit_v=58.4,
        charge_current_limit_a=50.0,
        discharge_current_limit_a=100.0,
        lowest_cell_mv=3311,
        highest_cell_mv=3329,
        lowest_cell="3",
    )
    events = (
        UnitEvent(10 * DAY_S, 0x02, "fault", is_open=True),
        UnitEvent(10 * DAY_S - 60, 0x64, "info"),
        UnitEvent(9 * DAY_S, 0x37, "warning"),
        UnitEvent(8 * DAY_S, 0x44, "warning"),
    )
    counts = (
        ("undervoltage_protections", 2),
        ("largest_discharge_ma", 61_500),
        ("total_distance_m", 12_340),
        ("highest_temperature_c", 45),
        ("statistics_cleared_at_s", 3 * DAY_S),
        ("something_new", 5),
    )
    identity = Identity(hardware="TinyBMS s516 v2.1", firmware="2.3.242", bootloader="24", serial="0A1B2C")
    now_s = track.pack_at_s or 0.0
    for reading in (pack, Counters(counts), identity, UnitLog(10 * DAY_S + 30, events)):
        fleet = fold(fleet, SampleRead("right", now_s, fleets.time_ms(now_s), reading, frame=77))
    return fleet


async def test_everything_the_unit_says_is_there() -> None:
    app = show(tinybms())
    async with app.run_test(size=(120, 45)) as pilot:
        app.select_track("right")
        await pilot.press("i")
        await pilot.pause()
        text = screen_text(app)
        for words in (
            "charging",
            "58.4 V",
            "100.0 A",
            "3.311 V",
            "charger voltage too high",
            "TinyBMS s516 v2.1",
            "2.3.242",
            "61.5 A",
            "12.3 km",
            "something new",
            "under-voltage cutoff",
            "active",
            "too cold to charge",
            "warning 0x44",
        ):
            assert words in text, words
        await pilot.press("escape")
        await pilot.pause()
        assert "2.3.242" not in screen_text(app)


@pytest.mark.parametrize("size", [(40, 24), (80, 24), (100, 30), (160, 45)])
async def test_pictures(size: tuple[int, int], looks_the_same: LooksTheSame) -> None:
    app = show(tinybms())
    async with app.run_test(size=size) as pilot:
        app.select_track("right")
        await pilot.press("i")
        await pilot.pause()
        looks_the_same(picture(app), f"details/{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45)])
@pytest.mark.parametrize(("key", "place"), [("1", "overview"), ("2", "tracks"), ("3", "cells")])
async def test_a_battery_without_single_cells(
    size: tuple[int, int], key: str, place: str, looks_the_same: LooksTheSame
) -> None:
    """A battery on CAN tells limits and extremes, and that is shown instead of bars."""
    fleet = tinybms()
    right = fleet.tracks[1]
    bare = replace(right, cells=type(right.cells)(), cells_at_s=None)
    app = show(replace(fleet, tracks=(fleet.tracks[0], bare)))
    async with app.run_test(size=size) as pilot:
        app.select_track("right")
        await pilot.press(key)
        await pilot.pause()
        looks_the_same(picture(app), f"no-cells/{place}-{size[0]}x{size[1]}")


async def test_the_bytes_behind_a_value_are_one_key_away() -> None:
    """From Tracks and Cells to the frame in which the totals came."""
    app = show(tinybms())
    async with app.run_test(size=(100, 30)) as pilot:
        app.select_track("right")
        await pilot.press("2", "b")
        await pilot.pause()
        assert isinstance(app.place, Frames)
        assert app.place.wire.number == 77


async def test_without_a_known_frame_it_says_so() -> None:
    app = show(fleets.live())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("2", "b")
        await pilot.pause(0.1)  # a notification fades in
        assert [n.message for n in app._notifications] == ["No frame is known for these values yet."]
        assert app.current_mode == "tracks"


def test_a_value_that_was_never_said_is_no_fact() -> None:
    """Never invent data."""
    from tui.model.link import State
    from tui.widgets.facts import groups
    from tui.widgets.view import TrackView

    track = fleets.live().tracks[0]
    nothing = replace(track, pack=Pack(), identity=Identity(), counters=Counters(), log=UnitLog())
    view = TrackView(nothing, State.LIVE, 0.0)
    assert [title for title, _ in groups(view)] == ["facts-unit"]
