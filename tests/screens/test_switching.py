"""Going from place to place while news arrives."""

import asyncio

from tests import fleets
from tests.screens.show import feed_of, screen_text, show


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
