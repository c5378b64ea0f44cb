"""Accepted pictures of every place in every state, size and glyph tier."""

import pytest

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.screens.show import show
from tui.app import PackdeckApp
from tui.model.fleet import Fleet
from tui.model.settings import ScreenSettings

SIZES = ((80, 24), (100, 30), (160, 45))
PLACES = (("1", "overview"), ("2", "tracks"), ("3", "cells"))
TIERS = ("full", "common", "ascii")
STATES = {**fleets.STATES, **{f"cells-{n}": n for n in (4, 8, 16, 24, 32)}}


def fleet_of(state: str) -> Fleet:
    """The fleet of a state by name."""
    made = STATES[state]
    return fleets.cells(made) if isinstance(made, int) else made()


async def compare_all(app: PackdeckApp, looks_the_same: LooksTheSame, name: str) -> None:
    """All places at all sizes against the accepted pictures."""
    async with app.run_test(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for key, place in PLACES:
                await pilot.press(key)
                await pilot.pause()
                looks_the_same(picture(app), f"{name}/{place}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("state", STATES)
async def test_places(state: str, tier: str, looks_the_same: LooksTheSame) -> None:
    """CL-43, CL-44: live, stale, lost, asleep, one track missing, alarm, 4 to 32 cells, in three tiers."""
    await compare_all(show(fleet_of(state), glyphs=tier), looks_the_same, f"{state}/{tier}")


async def test_french(looks_the_same: LooksTheSame) -> None:
    """CL-49: every place in French, with the decimal comma and without a cut word."""
    app = show(fleets.live(), settings=ScreenSettings(language="fr"))
    await compare_all(app, looks_the_same, "french/full")


async def test_french_in_trouble(looks_the_same: LooksTheSame) -> None:
    """CL-49: longer words have to fit also when there is more to say."""
    app = show(fleets.lost(), settings=ScreenSettings(language="fr"))
    await compare_all(app, looks_the_same, "french-lost/full")


@pytest.mark.parametrize("theme", ["packdeck-light", "console", "console-red"])
async def test_themes(theme: str, looks_the_same: LooksTheSame) -> None:
    """CL-7: the console themes, and a light one."""
    app = show(fleets.alarm(), theme=theme)
    await compare_all(app, looks_the_same, f"theme-{theme}/full")


async def test_kiosk(looks_the_same: LooksTheSame) -> None:
    """CL-7: the lowest fifth of the kiosk screen is two touch zones."""
    app = show(fleets.live(), kiosk=True, theme="console")
    async with app.run_test(size=(100, 30)) as pilot:
        for key, place in PLACES:
            await pilot.press(key)
            await pilot.pause()
            looks_the_same(picture(app), f"kiosk/{place}-100x30")


@pytest.mark.parametrize("size", [(40, 24), (40, 46), (120, 40), (200, 60), (50, 12), (30, 20)])
async def test_other_sizes(size: tuple[int, int], looks_the_same: LooksTheSame) -> None:
    """Phone width, the sizes between and beyond, and too small."""
    app = show(fleets.live())
    async with app.run_test(size=size) as pilot:
        for key, place in PLACES:
            await pilot.press(key)
            await pilot.pause()
            looks_the_same(picture(app), f"sizes/{place}-{size[0]}x{size[1]}")


@pytest.mark.parametrize(("key", "name"), [("question_mark", "help"), ("f2", "settings")])
async def test_sheets(key: str, name: str, looks_the_same: LooksTheSame) -> None:
    """Help and settings over a place."""
    for tier in ("full", "ascii"):
        app = show(fleets.live(), glyphs=tier)
        async with app.run_test(size=(100, 36)) as pilot:
            await pilot.press(key)
            await pilot.pause()
            looks_the_same(picture(app), f"sheets/{name}-{tier}")
