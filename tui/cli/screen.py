"""A screen on this terminal: around an engine elsewhere, or around one in this process."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui.cli import local
from tui.cli.logs import start_log
from tui.cli.options import ScreenOptions
from tui.cli.refusal import USAGE, Refusal, tell, words
from tui.cli.signals import until_told
from tui.cli.terminal import Terminal, prepare
from tui.feed.feed import Feed
from tui.host import paths
from tui.locale import say, use
from tui.model.settings import Config, ScreenSettings
from tui.model.track import Setup
from tui.store.screen import read_screen, write_screen

if TYPE_CHECKING:
    from tui.app import PackdeckApp
    from tui.simulator.simulation import Simulation

log = logging.getLogger(__name__)

LOOK_S = 1.0


@contextmanager
def screen_on(options: ScreenOptions, level: str = "info") -> Iterator[tuple[Terminal, ScreenSettings]]:
    """The terminal, ready for a screen, and its settings. Restored afterwards, whatever happens."""
    kept, damage = read_screen(paths.screen_file())
    settings = replace(kept, **_said(options))
    use(settings.language)
    start_log(paths.log_file(), level)
    if damage:
        log.warning("%s", words(damage))
        tell(words(damage))
    terminal = prepare(settings.glyphs, settings.theme)
    try:
        _check_names(options)
        yield terminal, settings
    finally:
        terminal.restore()


def _said(options: ScreenOptions) -> dict[str, Any]:
    return {key: getattr(options, key) for key in ("theme", "glyphs", "language") if getattr(options, key)}


def _check_names(options: ScreenOptions) -> None:
    """Only now, because these names load the screen library, and it must not be loaded before `prepare`."""
    from tui.style.glyphs import GLYPHS
    from tui.style.themes import THEME_NAMES

    for option, said, names in (
        ("--glyphs", options.glyphs, ("auto", *GLYPHS)),
        ("--theme", options.theme, ("auto", *THEME_NAMES)),
    ):
        if said and said not in names:
            raise Refusal(say("cli-no-choice", option=option, said=said, names=" ".join(names)), USAGE)


def show(
    feed: Feed,
    terminal: Terminal,
    settings: ScreenSettings,
    options: ScreenOptions,
    on_shown: "Callable[[PackdeckApp], None] | None" = None,
) -> int:
    """Run the screen until it is left; gives its exit code. The terminal is restored."""
    from tui.app import PackdeckApp

    app = PackdeckApp(
        feed,
        settings=replace(settings, fps=settings.fps or terminal.fps),
        save=lambda changed: _save(changed, options),
        theme=terminal.theme,
        glyphs=terminal.glyphs,
        kiosk=options.kiosk,
        can_quit=not options.no_quit,
        on_shown=lambda: on_shown(app) if on_shown else None,
    )
    try:
        app.run()
    finally:
        terminal.restore()
    if (mistake := getattr(app, "_exception", None)) is not None:
        raise mistake  # the library has only written it to the log; the person gets a sentence
    return app.return_code or 0


def show_own(
    setups: Sequence[Setup],
    options: ScreenOptions,
    config: Config | None = None,
    simulation: "Simulation | None" = None,
) -> int:
    """A screen around an engine in this process. EngineRuns when there is another engine already.

    When this screen closes while others are attached, the engine stays for them.
    """
    config = config or Config(black_box_mb=0)
    with screen_on(options, config.log_level) as (terminal, settings):
        own = local.OwnEngine(
            setups,
            config=config,
            screens_here=1,
        )
        own.engine.simulation = simulation
        own.take()
        told_to_end = threading.Event()
        code = 0

        def shown(app: "PackdeckApp") -> None:
            _on_sigterm(app, told_to_end.set)
            own.start()

        try:
            code = show(own.engine, terminal, settings, options, shown)
            own.server.leave_here()
            if not told_to_end.is_set() and own.server.screens:
                _stay(own)
        finally:
            local.end_within(lambda: code)
            own.stop()
        return code


def _save(settings: ScreenSettings, options: ScreenOptions) -> None:
    """Keep what the person changed; what the command line said for this time only is not kept."""
    path = paths.screen_file()
    before = read_screen(path)[0]
    once = {
        key: getattr(before, key) for key, said in _said(options).items() if getattr(settings, key) == said
    }
    try:
        write_screen(path, replace(settings, fps=before.fps, **once))
    except OSError as error:
        log.warning("the screen settings could not be kept: %s", error)


def _on_sigterm(app: "PackdeckApp", also: Callable[[], None]) -> None:
    """The app ends itself when told to; what comes after must know that it was told, not left by a key."""

    def told() -> None:
        also()
        app.exit()

    with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told)


def _stay(own: local.OwnEngine) -> None:
    """Serve the other screens until the last one leaves, or until told to end."""
    end = until_told("SIGINT", "SIGTERM")
    if hup := getattr(signal, "SIGHUP", None):
        signal.signal(hup, signal.SIG_IGN)  # the others have terminals of their own
    with contextlib.suppress(OSError):  # this terminal may be gone
        tell(say("cli-stays", count=own.server.screens, pid=str(os.getpid())))
    while not end.is_set() and not own.server.wait_empty(LOOK_S):
        pass
