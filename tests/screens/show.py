"""The app around a fleet that stands still, for tests of screens."""

from collections.abc import Sequence
from typing import Any, TypeVar

from textual.pilot import Pilot

from tests import fleets
from tests.fakes import FakeFeed
from tests.quiet import everything_done
from tui.app import PackdeckApp
from tui.model.fleet import Fleet
from tui.model.settings import ScreenSettings

T = TypeVar("T")


def show(fleet: Fleet, **options: Any) -> PackdeckApp:
    """An app that shows `fleet` at the moment of all pictures, in English unless told otherwise."""
    feed = FakeFeed(fleet, now=fleets.NOW_S)
    settings = options.pop("settings", ScreenSettings(language="en"))
    return PackdeckApp(feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, **options)


def feed_of(app: PackdeckApp) -> FakeFeed:
    """The feed behind it, to change what is seen."""
    assert isinstance(app.feed, FakeFeed)
    return app.feed


def screen_text(app: PackdeckApp) -> str:
    """What stands on the screen, as lines."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def settled(pilot: Pilot[None]) -> str:
    """The screen after all answers are in, and what followed from them."""
    await everything_done(pilot)
    return screen_text(pilot.app)  # type: ignore[arg-type]


def last(asked: Sequence[Any], kind: type[T]) -> T:
    """The newest request of that kind: a screen that looks again by itself may have asked others since."""
    return next(request for request in reversed(asked) if isinstance(request, kind))
