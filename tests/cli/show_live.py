"""A screen of two live packs that stand still, on this terminal, and a word when all of it is drawn.

`--noise` lets a library write to fd 2.
"""

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from tui.cli.terminal import prepare

if TYPE_CHECKING:
    from tui.app import PackdeckApp


def main() -> int:
    """Look at the terminal as the program does, then show."""
    terminal = prepare()
    from tests import fleets
    from tests.fakes import FakeFeed
    from tui.app import PackdeckApp
    from tui.model.settings import ScreenSettings

    tasks: list[asyncio.Task[None]] = []

    def shown() -> None:
        if "--noise" in sys.argv:
            os.write(2, b"a library speaks: " + b"noise " * 40 + b"\n")
        tasks.append(asyncio.get_running_loop().create_task(_say_still(app)))

    feed = FakeFeed(fleets.live(), now=fleets.NOW_S)
    app = PackdeckApp(
        feed,
        settings=ScreenSettings(language="en", fps=terminal.fps),
        theme=terminal.theme,
        glyphs=terminal.glyphs,
        start="tracks",
        on_shown=shown,
        clock=feed.clock,
        wall=lambda: fleets.WALL_S,
    )
    try:
        app.run()
    finally:
        terminal.restore()
    return app.return_code or 0


async def _say_still(app: "PackdeckApp") -> None:
    """Behind the last byte of the picture."""
    from textual.pilot import Pilot

    from tests.cli.terminals import STILL
    from tests.quiet import everything_done

    await everything_done(Pilot(app))
    assert app._driver is not None
    app._driver.write(STILL.decode())


if __name__ == "__main__":
    sys.exit(main())
