"""A screen of two live packs that stand still, on this terminal. `--noise` lets a library write to fd 2."""

import os
import sys

from tui.cli.terminal import prepare


def main() -> int:
    """Look at the terminal as the program does, then show."""
    terminal = prepare()
    from tests import fleets
    from tests.fakes import FakeFeed
    from tui.app import PackdeckApp
    from tui.model.settings import ScreenSettings

    feed = FakeFeed(fleets.live(), now=fleets.NOW_S)
    app = PackdeckApp(
        feed,
        settings=ScreenSettings(language="en", fps=terminal.fps),
        theme=terminal.theme,
        glyphs=terminal.glyphs,
        start="tracks",
        on_shown=_noise if "--noise" in sys.argv else None,
        clock=feed.clock,
        wall=lambda: fleets.WALL_S,
    )
    try:
        app.run()
    finally:
        terminal.restore()
    return app.return_code or 0


def _noise() -> None:
    os.write(2, b"a library speaks: " + b"noise " * 40 + b"\n")


if __name__ == "__main__":
    sys.exit(main())
