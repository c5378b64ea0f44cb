"""`packdeck` with no word: attach if an engine runs here, else start one inside."""

import sys
from dataclasses import replace

import click

from tui import __version__
from tui.cli import limits, local, tracks
from tui.cli.dev import begin, turn_radio_on
from tui.cli.group import Words
from tui.cli.options import ScreenOptions
from tui.cli.wire_options import Wires, wire_options
from tui.engine.lock import EngineRuns
from tui.feed.door import Door
from tui.locale import LANGUAGES, say

ATTACH_S = 5.0


@click.group(
    cls=Words,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say("help-packdeck"),
    epilog=say("not-for-safety"),
)
@wire_options
@click.option("--kiosk", is_flag=True, help=say("help-kiosk"))
@click.option("--no-quit", is_flag=True, help=say("help-no-quit"))
@click.option("--dev", is_flag=True, help=say("help-dev"))
@click.option("--glyphs", metavar="NAME", help=say("help-glyphs"))
@click.option("--theme", metavar="NAME", help=say("help-theme"))
@click.option("--language", type=click.Choice(("auto", *LANGUAGES)), help=say("help-language"))
@click.version_option(__version__, prog_name="packdeck", message="%(prog)s %(version)s")
@click.pass_context
def packdeck(
    ctx: click.Context,
    wires: Wires,
    kiosk: bool,
    no_quit: bool,
    dev: bool,
    glyphs: str | None,
    theme: str | None,
    language: str | None,
) -> None:
    """The group; without a word, the screen."""
    options = ScreenOptions(theme or "", glyphs or "", language or "", kiosk, no_quit, dev)
    ctx.obj = options
    if dev:
        begin()
    if ctx.invoked_subcommand is None:
        sys.exit(_open(wires, options))


def _open(wires: Wires, options: ScreenOptions) -> int:
    from tui.cli.screen import screen_on, show_own

    door = local.door_here()
    if options.dev:
        turn_radio_on(door)
    if door.answers() or (
        options.kiosk and not wires.said
    ):  # a kiosk waits for the service that has the wires
        return attach(door, wires.said, options)
    config = tracks.configured()
    if options.dev:
        config = replace(config, log_level="debug")
    setups = tracks.chosen(config, wires)
    if not setups:
        with screen_on(options):  # without a terminal, that is the first thing to say
            raise tracks.nothing_to_open()
    config = limits.fit(config, setups)
    limits.tell_contradictions(config, setups)
    try:
        return show_own(setups, options, config)
    except EngineRuns:
        return attach(door, wires.said, options)  # it was quicker, or is just opening its door


def attach(door: Door, ports: tuple[str, ...], options: ScreenOptions) -> int:
    """A screen around the engine behind the door."""
    from tui.cli.screen import screen_on, show
    from tui.feed.remote import RemoteFeed

    with screen_on(options, "debug" if options.dev else "info") as (terminal, settings):
        feed = RemoteFeed(door)
        try:
            if ports:
                feed.wait(ATTACH_S)
                tracks.check_served(feed.fleet(), ports)
            return show(feed, terminal, settings, options)
        finally:
            local.end_within(lambda: 0)
            feed.close()
