"""When a screen under test has nothing left to do.

Textual's own pilot calls a program idle when it used no processor for 20 ms. On a busy machine that is also
true of one that got no processor, and on a quiet one it is 20 ms too long for each key. Here an app is quiet
when no callback is ready, no message waits and nothing is left to paint; everything is done when no thread is
at work for it either.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.timer import Timer

from tui.app import PackdeckApp

DEADLINE_S = 30.0
NEVER_S = 86_400.0
LOOKS = 2  # an answer may be worth another question
CALM_TURNS = 3  # of the loop, one after the other, in which nothing was left to do


async def quiet() -> None:
    """Wait until the app of this test is quiet. Fails after 30 s."""
    app = active_app.get()
    loop: Any = asyncio.get_running_loop()
    deadline_s = time.monotonic() + DEADLINE_S
    calm = 0
    while calm < CALM_TURNS:
        await asyncio.sleep(0)
        if time.monotonic() > deadline_s:
            raise AssertionError(f"the screen is not quiet after {DEADLINE_S:g} s")
        if app._exception is not None or not app.is_running:
            return
        busy = bool(loop._ready) or _paints(app) or any(_has_mail(pump) for pump in _pumps(app))
        calm = 0 if busy else calm + 1


def _paints(app: App[Any]) -> bool:
    """Do at once what Textual does at its next tick: take a new size, paint. True if there was something."""
    if app._resize_event is not None:
        app._check_resize()
        return True
    screen: Any = app.screen
    due = screen._layout_required or screen._repaint_required or screen._scroll_required
    if not (due or screen._dirty_widgets or screen._callbacks or screen._recompose_required):
        return False
    screen._on_timer_update()
    return True


def _pumps(app: App[Any]) -> list[MessagePump]:
    return [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]


def _has_mail(pump: MessagePump) -> bool:
    return pump.is_running and not pump._message_queue.empty()


@contextmanager
def quiet_pilots() -> Iterator[None]:
    """Pilots wait until their screen is quiet, instead of for an idle processor."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("textual.app", "textual.pilot"):
            patch.setattr(f"{module}.wait_for_idle", wait_for_idle)
        patch.setattr(MessagePump, "set_interval", _rarely(MessagePump.set_interval))
        yield


def _rarely(set_interval: Callable[..., Timer]) -> Callable[..., Timer]:
    """Our screens look again by themselves only when a test says so, not when the machine was slow."""

    @wraps(set_interval)
    def set_ours_rarely(pump: MessagePump, interval: float, callback: Any = None, **options: Any) -> Timer:
        is_ours = getattr(callback, "__module__", "").startswith("tui.")
        return set_interval(pump, NEVER_S if is_ours else interval, callback, **options)

    return set_ours_rarely


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """In the place of Textual's function of this name."""
    await quiet()


async def everything_done(pilot: Pilot[Any]) -> None:
    """Wait until everything that was asked for has been answered, and what the next looks make of it."""
    app = pilot.app
    for _ in range(LOOKS):
        await quiet()
        while any(not worker.is_finished for worker in app.workers):
            await app.workers.wait_for_complete()
            await quiet()
        if isinstance(app, PackdeckApp):
            app._look()
    await quiet()
