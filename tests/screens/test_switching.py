"""Going from place to place while news arrives."""

import asyncio

from tests import fleets
from tests.screens.show import feed_of, screen_text, show
from tui.app import PackdeckApp


async def test_news_may_arrive_while_a_place_is_being_made() -> None:
    """A look at each step of the switch: none of them finds half a place."""
    app = show(fleets.live())
    async with app.run_test(size=(160, 45)) as pilot:
        app.action_place("tracks")
        for _ in range(60):
            app._seen = None
            app._look()
            await asyncio.sleep(0)
        await pilot.pause()
        assert "Tracks" in screen_text(app)
        feed_of(app).value = fleets.alarm()
        app._look()
        await pilot.pause()
        assert "ALARM" in screen_text(app)


async def test_news_may_arrive_while_the_app_ends() -> None:
    """A look at each step of the way out: none of them draws on a place that is being taken apart."""
    app = show(fleets.live())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        looks = asyncio.create_task(_look_until_gone(app))
    assert await looks > 0


async def _look_until_gone(app: PackdeckApp) -> int:
    looks = 0
    while app.screen_stack:
        app._seen = None
        app._look()
        looks += not app.is_running
        await asyncio.sleep(0)
    return looks
