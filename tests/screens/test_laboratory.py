"""The laboratory in Cells (l): every figure with its band, every missing one with its reason."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.laboratories import LaboratoryFeed, known, new, on_wires
from tests.screens.show import screen_text
from tui.app import PackdeckApp
from tui.model.link import Cause
from tui.model.requests import LookAtLaboratory
from tui.model.settings import ScreenSettings
from tui.screens.cells import Cells
from tui.screens.laboratory import Laboratory
from tui.widgets.card_row import CardRow
from tui.widgets.laboratory_table import LaboratoryTable
from tui.widgets.rows import plain

SIZES = ((40, 24), (80, 24), (100, 30), (160, 45))


def shown(*, language: str = "en", **options: str | bool) -> PackdeckApp:
    """The app over both wires."""
    feed = LaboratoryFeed(on_wires())
    settings = ScreenSettings(language=language)
    return PackdeckApp(feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, **options)  # type: ignore[arg-type]


def feed_of(app: PackdeckApp) -> LaboratoryFeed:
    assert isinstance(app.feed, LaboratoryFeed)
    return app.feed


async def answered(pilot: Pilot[None]) -> None:
    """Every question has its answer, and that is drawn."""
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def open_it(app: PackdeckApp, pilot: Pilot[None], *keys: str, track: str = "left") -> None:
    app.select_track(track)
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await answered(pilot)


def whole(app: PackdeckApp) -> str:
    """All of the laboratory, also what is scrolled away."""
    table = app.screen.query_one(LaboratoryTable)
    assert table.value is not None
    return plain(table.rows(table.value, table.size.width, table.glyphs))


async def test_l_goes_to_the_laboratory_and_back() -> None:
    app = shown()
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3")
        assert app.screen.query_one(CardRow).display
        assert not [r for r in feed_of(app).asked if isinstance(r, LookAtLaboratory)]
        assert "l Lab" in screen_text(app)
        await open_it(app, pilot, "l")
        assert app.screen.query_one(Laboratory).display
        assert "l Bars" in screen_text(app)
        assert "cell 07" in screen_text(app)
        await open_it(app, pilot, "l")
        assert app.screen.query_one(CardRow).display
        assert not app.screen.query_one(Laboratory).display


async def test_a_finger_on_the_key_bar_does_the_same() -> None:
    app = shown()
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3")
        x = screen_text(app).splitlines()[-1].index("l Lab")
        await pilot.click(offset=(x + 1, 29))
        await answered(pilot)
        assert app.screen.query_one(Laboratory).display


async def test_every_figure_of_a_cell_with_its_band_and_the_weakest_in_a_word() -> None:
    """S1-82: resistance with band, temperature and count, trend, capacity, load, balance, rank; the forecast
    with band and method."""
    app = shown()
    async with app.run_test(size=(140, 45)) as pilot:
        await open_it(app, pilot, "3", "l")
        text = whole(app)
        (line,) = [line for line in text.splitlines() if line.startswith(" 07 ")]
        line = line[: line.index("├")] + line[line.index("┤") + 1 :]
        assert line.split() == [
            *("07", "1", "weak", "0.71", "±0.04", "24.6", "187", "-11.4", "±1.1", "263.0", "±3.1"),
            *("2", "h", "00", "+0.8", "±0.6"),
        ]
        for words in (
            "268.4 ±4.2 Ah", "FULL TIMES 5", "171.3 Ah out, 172.9 Ah in", "6 h 18  (5 h 30 - 7 h 24)",
            "falling as a charge ends", "+12.4 ±0.3 A", "EMPTY IN   --  the current flows the other way",
            "cell 07  steps of the load, it will end the discharge", "0.44 > 0.46 mΩ",
        ):  # fmt: skip
            assert words in text, words


async def test_what_is_missing_says_why_and_is_never_zero() -> None:
    app = shown()
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3", "l", track="right")
        text = whole(app)
        for words in (
            "cells 01-04: nothing can be said yet", "R mΩ       -- too few load steps yet",
            "load mV    -- too few readings yet", "cap. Ah    -- no full charge seen yet",
            "balance    -- the balance current is not known", "R/month %  -- too few days yet",
            "CAPACITY   --  no full charge seen yet", "WEAKEST    --  no cell stands out",
        ):  # fmt: skip
            assert words in text, words
        assert "7 h 42  (> 5 h 54)" in text
        assert " 0.0" not in text
        await open_it(app, pilot)
        assert "03 -- too few load steps yet" in whole(app)


async def test_a_refusal_is_told_and_what_is_known_grows_old() -> None:
    app = shown()
    async with app.run_test(size=(100, 30)) as pilot:
        feed = feed_of(app)
        feed.refusal = Cause("track-unknown", (("track", "left"),))
        await open_it(app, pilot, "3", "l")
        assert "There is no track left" in whole(app) or "left" in whole(app).splitlines()[2]
        feed.refusal = None
        app.screen.query_one(Laboratory).ask()
        await answered(pilot)
        assert "268.4" in whole(app)
        feed.refusal = Cause("engine-silent")
        feed.now += 40.0
        app.screen.query_one(Laboratory).ask()
        await answered(pilot)
        assert "268.4" in whole(app) and "40 s old" in whole(app)


async def test_it_asks_only_while_it_is_on_show_and_only_about_what_is_on_show() -> None:
    app = shown()
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3", "l")
        assert {r.track for r in feed_of(app).asked if isinstance(r, LookAtLaboratory)} == {"left"}
        laboratory = app.screen.query_one(Laboratory)
        await open_it(app, pilot, "1")
        feed_of(app).asked.clear()
        laboratory.ask()
        await answered(pilot)
        assert feed_of(app).asked == []


async def test_it_scrolls_to_its_last_row() -> None:
    app = shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_it(app, pilot, "3", "l")
        last = whole(app).splitlines()[-1].strip()
        assert last not in screen_text(app)
        for _ in range(4):
            await open_it(app, pilot, "pagedown")
        assert last in screen_text(app)
        assert isinstance(app.place, Cells)


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int], tier: str, looks_the_same: LooksTheSame) -> None:
    """A battery known for weeks; where there is room beside it one that is new."""
    app = shown(glyphs=tier)
    async with app.run_test(size=size) as pilot:
        await open_it(app, pilot, "3", "l")
        looks_the_same(picture(app), f"laboratory/{tier}/known-{size[0]}x{size[1]}")
        await open_it(app, pilot, "tab")
        looks_the_same(picture(app), f"laboratory/{tier}/new-{size[0]}x{size[1]}")


async def test_pictures_in_french_and_for_fingers(looks_the_same: LooksTheSame) -> None:
    """CL-49."""
    app = shown(language="fr")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3", "l")
        looks_the_same(picture(app), "laboratory/french")
    app = shown(kiosk=True, theme="console")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_it(app, pilot, "3", "l")
        looks_the_same(picture(app), "laboratory/kiosk")


async def test_many_cells(looks_the_same: LooksTheSame) -> None:
    """Thirty-two cells scroll; nothing is left out."""
    app = shown()
    feed = feed_of(app)
    cells = [replace(c, number=n) for n, c in enumerate((*known().cells, *known().cells), 1)]
    feed.laboratories["left"] = replace(known(), cells=tuple(cells), weakest=None)
    feed.laboratories["right"] = new(cells=0)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_it(app, pilot, "3", "l")
        assert " 32 " in whole(app)
        assert "This battery tells no single cells." in whole(app)
        looks_the_same(picture(app), "laboratory/many")
