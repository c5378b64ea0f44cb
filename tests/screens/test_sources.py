"""Every main value can say its source and its age: frame, field, bytes, time, and what was done to them."""

from dataclasses import replace

import pytest

from screenshots.svg import picture
from tests.conftest import LooksTheSame
from tests.screens.show import screen_text
from tests.screens.test_laboratory import SIZES, answered, feed_of, open_it, shown
from tui.model.link import Cause
from tui.screens.frames import Frames
from tui.screens.sources import Sources


def row_of(text: str, name: str) -> str:
    """The row of a value, without the sheet's frame, single-spaced."""
    line = next(line for line in text.splitlines() if f"  {name} " in line)
    return " ".join(line.split("│", 1)[-1].rsplit("│", 1)[0].replace("│", " ").split())


@pytest.mark.parametrize(
    ("track", "name", "row"),
    [
        ("left", "pack voltage", "53.12 V 03 basic voltage_v 14 C0 ÷ 100 12:07:30 0 s"),
        ("left", "current", "+12.4 A 03 basic current_a 04 D8 signed, ÷ 100 12:07:30 0 s"),
        ("left", "SOC", "72 % 03 basic soc_pct 48 as it is 12:07:30 0 s"),
        ("left", "remaining", "201.6 Ah 03 basic remaining_ah 4E C0 ÷ 100 12:07:30 0 s"),
        ("left", "cells", "3.311 - 3.329 V 04 cells cells_v 0C F6 0C FA +28 ÷ 1000 12:07:30 0 s"),
        ("left", "temperatures", "21.5 22.0 21.8 °C 03 basic temperatures_c 0B 82 0B 87 +2 - 2731, ÷ 10"),
        ("left", "charge FET", "on 03 basic charge_fet 03 bit 0 12:07:30 0 s"),
        ("left", "balancing", "4 13 03 basic balancing_cells 10 08 00 00 a bit each"),
        ("left", "protections", "none 03 basic protection 00 00 a bit each"),
        ("left", "power", "659 W computed here voltage × current 12:07:30 0 s"),
        ("right", "pack voltage", "13.28 V 356 measurements voltage 30 05 signed, ÷ 100"),
        ("right", "current", "-8.1 A 356 measurements current AF FF signed, ÷ 10"),
        ("right", "SOC", "64 % 355 soc soc 40 00 as it is"),
        ("right", "charge volts", "58.4 V 351 limits cvl 48 02 ÷ 10"),
        ("right", "discharge amps", "200.0 A 351 limits dcl D0 07 signed, ÷ 10"),
        ("right", "charge FET", "on 35C requests charge_enable C0 bit 7"),
        ("right", "remaining", "-- never told -- --"),
    ],
)
async def test_a_value_names_frame_field_bytes_time_and_age(track: str, name: str, row: str) -> None:
    app = shown()
    async with app.run_test(size=(160, 60)) as pilot:
        await open_it(app, pilot, "2", "i", "s", track=track)
        assert row_of(screen_text(app), name).removeprefix(name).strip().startswith(row)


async def test_ages_move_on_while_the_values_stay_with_their_bytes() -> None:
    app = shown()
    async with app.run_test(size=(160, 60)) as pilot:
        await open_it(app, pilot, "2", "i", "s")
        feed = feed_of(app)
        feed.refusal = Cause("engine-silent")
        feed.now += 90.0
        left, right = feed.value.tracks
        left = replace(left, pack=replace(left.pack, pack_v=51.0))
        feed.value = replace(feed.value, tracks=(left, right), version=feed.value.version + 1)
        app.screen.query_one(Sources).ask()
        await answered(pilot)
        app.screen._look()  # type: ignore[attr-defined]
        await pilot.pause()
        row = row_of(screen_text(app), "pack voltage")
        assert "53.12 V" in row and "14 C0" in row and row.endswith("1m ago")


async def test_without_frames_the_values_still_have_time_and_age_and_the_reason_is_told() -> None:
    app = shown()
    feed_of(app).refusal = Cause("track-unknown", (("track", "left"),))
    async with app.run_test(size=(160, 60)) as pilot:
        await open_it(app, pilot, "2", "i", "s")
        text = screen_text(app)
        assert "told by the unit" in row_of(text, "pack voltage")
        assert row_of(text, "pack voltage").endswith("12:07:30 0 s")


async def test_an_estimate_is_called_one() -> None:
    """CL-26, and Never invent data."""
    app = shown()
    feed = feed_of(app)
    left, right = feed.value.tracks
    feed.value = replace(feed.value, tracks=(replace(left, pack=replace(left.pack, soc_pct=None)), right))
    async with app.run_test(size=(160, 60)) as pilot:
        await open_it(app, pilot, "2", "i", "s")
        assert "computed here estimate by cell voltage" in row_of(screen_text(app), "SOC")


async def test_a_language_without_a_table_names_the_field_and_the_frame() -> None:
    app = shown()
    feed = feed_of(app)
    left, right = feed.value.tracks
    link = replace(right.link, protocol="something")
    right = replace(right, link=link, setup=replace(right.setup, protocol="something"))
    feed.value = replace(feed.value, tracks=(left, right))
    async with app.run_test(size=(160, 60)) as pilot:
        await open_it(app, pilot, "2", "i", "s", track="right")
        row = row_of(screen_text(app), "pack voltage")
        assert "356 measurements voltage" in row and "frame of 6" in row


async def test_b_goes_from_the_sheet_to_the_frame() -> None:
    app = shown()
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "i", "s", "b")
        assert isinstance(app.place, Frames)


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int], tier: str, looks_the_same: LooksTheSame) -> None:
    app = shown(glyphs=tier)
    async with app.run_test(size=size) as pilot:
        for track in ("left", "right"):
            await open_it(app, pilot, "2", "i", "s", track=track)
            looks_the_same(picture(app), f"sources/{tier}/{track}-{size[0]}x{size[1]}")
            await open_it(app, pilot, "escape")


async def test_picture_in_french(looks_the_same: LooksTheSame) -> None:
    """CL-49."""
    app = shown(language="fr")
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "i", "s")
        looks_the_same(picture(app), "sources/french")
