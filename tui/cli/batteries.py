"""`packdeck batteries`: one object per cell, numbered through all tracks."""

import json
import time
from dataclasses import asdict

import click

from tui.cli.status import feed_of
from tui.cli.wire_options import Wires, wire_options
from tui.locale import say
from tui.model.batteries import BatteryObject, battery_objects
from tui.style.numbers import UNKNOWN, fixed


@click.command(help=say("help-batteries"))
@click.option("--json", "wants_json", is_flag=True, help=say("help-batteries-json"))
@wire_options
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 300), default=6.0, metavar="S", help=say("help-wait")
)
def batteries(wants_json: bool, wait_s: float, wires: Wires) -> None:
    """Ask the running engine, or be one for a moment."""
    with feed_of(wires, wait_s) as (feed, _):
        fleet = feed.fleet()
        objects = battery_objects(fleet, time.monotonic() + fleet.engine.offset_s)
    if wants_json:
        click.echo(json.dumps([asdict(battery) for battery in objects], indent=2))
    else:
        for battery in objects:
            click.echo(_line(battery))


def _line(battery: BatteryObject) -> str:
    level = UNKNOWN if battery.chargeLevel is None else f"{battery.chargeLevel} %"
    old = "" if battery.live else f"  {say('state-stale')}"
    return (
        f"{battery.batteryNumber:3d}  {battery.track:<8} {battery.trackPosition:2d}  "
        f"{fixed(battery.voltage, 2)} V  {fixed(battery.amperageSigned, 2, signed=True)} A  {level:>5}  "
        f"{say(f'cell-{battery.status}')}{old}"
    )
