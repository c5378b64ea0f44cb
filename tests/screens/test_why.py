"""Why is it 72 %? (w): three estimates with their bands on one axis, and why they differ."""

from dataclasses import replace

import pytest

from screenshots.svg import picture
from tests.conftest import LooksTheSame
from tests.laboratories import known, new
from tests.screens.show import screen_text
from tests.screens.test_laboratory import SIZES, answered, feed_of, open_it, shown
from tui.model.link import Cause
from tui.screens.details import Details


@pytest.mark.parametrize("place", ["1", "2", "3"])
async def test_w_from_every_place_that_shows_a_charge(place: str) -> None:
    app = shown()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_it(app, pilot, place)
        assert "w Why" in screen_text(app)
        await open_it(app, pilot, "w")
        assert isinstance(app.screen, Details)
        assert "Why is left at 72 %?" in screen_text(app)
        await open_it(app, pilot, "w")
        assert not isinstance(app.screen, Details)


async def test_in_frames_the_key_stays_what_it_was() -> None:
    """There w is the window of the figures (row CL-45)."""
    app = shown()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_it(app, pilot, "7", "w")
        assert not isinstance(app.screen, Details)


async def test_three_estimates_with_band_method_age_and_count_and_why_they_differ() -> None:
    """CL-26, CL-44: what the unit says beside what is counted and what the voltage says."""
    app = shown()
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "w")
        text = " ".join(screen_text(app).split())
        for words in (
            "72.0 %", "the unit tells no error", "61.3 ±2.1 %", "since full charge, 1 d 7 h ago", "n 13400",
            "58.0 ±6.5 %", "newest 2h ago", "+10.7 ±2.3 points", "+8.4 points", "the unit tells too much",
            "BECAUSE the unit does not count small currents", "268.4 ±4.2 Ah", "of 280 Ah told",
        ):  # fmt: skip
            assert words in text, words


async def test_what_cannot_be_said_has_its_reason() -> None:
    app = shown()
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "w", track="right")
        text = " ".join(screen_text(app).split())
        for words in (
            "DIFFERENCE -- counted from what the unit said", "SURELY -- counted from what the unit said",
            "CAPACITY -- no full charge seen yet", "at rest --", "half an hour of rest is needed",
        ):  # fmt: skip
            assert words in text, words


async def test_the_other_signs_of_a_drift() -> None:
    app = shown()
    soc = known().soc
    async with app.run_test(size=(160, 45)) as pilot:
        for value, words in ((-10.7, "the unit tells too little"), (1.0, "the bands explain it all")):
            drift = replace(soc.drift_pct, value=value)
            feed_of(app).laboratories["left"] = replace(known(), soc=replace(soc, drift_pct=drift))
            await open_it(app, pilot, "2", "w")
            assert words in " ".join(screen_text(app).split())
            await open_it(app, pilot, "escape")


async def test_a_charge_that_the_unit_does_not_tell_says_that_it_is_read_from_the_cells() -> None:
    """CL-26: an estimate is called one."""
    app = shown()
    feed = feed_of(app)
    left, right = feed.value.tracks
    feed.value = replace(feed.value, tracks=(replace(left, pack=replace(left.pack, soc_pct=None)), right))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "w")
        assert "read from the cell voltages" in screen_text(app)


async def test_a_refusal_is_told() -> None:
    app = shown()
    feed_of(app).refusal = Cause("track-unknown", (("track", "left"),))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "2", "w")
        text = screen_text(app)
        assert "Why is left at 72 %?" in text and "61.3" not in text


async def test_the_pages_turn_by_key_and_by_finger_and_the_sheet_closes() -> None:
    app = shown()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_it(app, pilot, "2", "i")
        for key, words in (
            ("right", "Where the values of left"), ("right", "Why is left at"),
            ("right", "Everything about left"), ("left", "Why is left at"),
            ("s", "Where the values of left"), ("w", "Why is left at"), ("i", "Everything about left"),
        ):  # fmt: skip
            await open_it(app, pilot, key)
            assert words in screen_text(app), key
        line = next(n for n, text in enumerate(screen_text(app).splitlines()) if "Sources" in text)
        x = screen_text(app).splitlines()[line].index("Sources")
        await pilot.click(offset=(x + 2, line))
        await answered(pilot)
        assert "Where the values of left" in screen_text(app)
        await pilot.click(offset=(60, 30))
        await pilot.pause()
        assert not isinstance(app.screen, Details)


async def test_it_follows_what_is_learned_while_it_is_open() -> None:
    app = shown()
    async with app.run_test(size=(120, 40)) as pilot:
        feed_of(app).laboratories["left"] = new("left", 16)
        await open_it(app, pilot, "2", "w")
        assert "61.3" not in screen_text(app)
        feed_of(app).laboratories["left"] = known()
        from tui.screens.why import Why

        app.screen.query_one(Why).ask()
        await answered(pilot)
        assert "61.3 ±2.1 %" in screen_text(app)


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int], tier: str, looks_the_same: LooksTheSame) -> None:
    app = shown(glyphs=tier)
    async with app.run_test(size=size) as pilot:
        await open_it(app, pilot, "2", "w")
        looks_the_same(picture(app), f"why/{tier}/{size[0]}x{size[1]}")


async def test_pictures_in_french_and_for_fingers(looks_the_same: LooksTheSame) -> None:
    """CL-49."""
    app = shown(language="fr")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "2", "w", track="right")
        looks_the_same(picture(app), "why/french")
    app = shown(kiosk=True, theme="console")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "2", "w")
        looks_the_same(picture(app), "why/kiosk")
