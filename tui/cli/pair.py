"""`packdeck pair`, `unpair`, `reconnect`: which devices are ours."""

import sys

import click

from tui.cli.engine_feed import obeyed
from tui.cli.radio_feed import radio_feed
from tui.locale import say
from tui.model.requests import Pair, ReconnectDevice, Unpair


@click.command("pair", help=say("help-pair"))
@click.argument("address")
@click.option("--track", default="", metavar="NAME", help=say("help-pair-track"))
@click.option("--secret", "asks_secret", is_flag=True, help=say("help-pair-secret"))
def pair(address: str, track: str, asks_secret: bool) -> None:
    """Make a device ours. The secret is never an argument: others could read it in the list of processes."""
    secret = ""
    if asks_secret:
        is_typed = sys.stdin.isatty()
        secret = (
            click.prompt(say("pair-secret"), hide_input=True) if is_typed else sys.stdin.readline().strip()
        )
    with radio_feed() as feed:
        obeyed(feed, Pair(address, track, secret=secret))
    click.echo(say("pair-done", address=address.upper()))


@click.command("unpair", help=say("help-unpair"))
@click.argument("address")
def unpair(address: str) -> None:
    """Forget a device and its secret."""
    with radio_feed() as feed:
        obeyed(feed, Unpair(address))
    click.echo(say("unpair-done", address=address.upper()))


@click.command("reconnect", help=say("help-reconnect-device"))
@click.argument("address")
def reconnect(address: str) -> None:
    """Try it now, whatever the plan says."""
    with radio_feed() as feed:
        obeyed(feed, ReconnectDevice(address))
    click.echo(say("reconnect-done", address=address.upper()))
