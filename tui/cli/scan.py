"""`packdeck scan`: which Bluetooth devices are there."""

import json
import time
from typing import Any

import click

from tui.cli.engine_feed import obeyed
from tui.cli.radio_feed import radio_feed, wait_for_radio
from tui.locale import say
from tui.model.device import Device
from tui.model.requests import Scan

LOOK_S = 0.3


@click.command(help=say("help-scan"))
@click.option("--once", is_flag=True, help=say("help-scan-once"))
@click.option(
    "--seconds", type=click.FloatRange(1, 600), default=30.0, metavar="S", help=say("help-scan-seconds")
)
@click.option("--json", "as_json", is_flag=True, help=say("help-scan-json"))
def scan(once: bool, seconds: float, as_json: bool) -> None:
    """One line for each device as it is found; or, with `--once` or `--json`, all of them at the end."""
    with radio_feed() as feed:
        obeyed(feed, Scan(seconds))
        wait_for_radio(feed)
        end_s = time.monotonic() + seconds
        said: set[str] = set()
        while time.monotonic() < end_s:
            for device in feed.fleet().radio.devices:
                if not (once or as_json) and device.address not in said and device.seen_at_s is not None:
                    said.add(device.address)
                    click.echo(device_line(device))
            time.sleep(LOOK_S)
        now_s = time.monotonic() + feed.fleet().engine.offset_s
        devices = [d for d in feed.fleet().radio.devices if d.seen_at_s is not None]
        obeyed(feed, Scan(0))
    if as_json:
        click.echo(json.dumps([device_json(d, now_s) for d in devices], indent=2, ensure_ascii=False))
    elif once:
        for device in devices:
            click.echo(device_line(device))
    if not devices and not as_json:
        click.echo(say("scan-nothing"))


def device_line(device: Device) -> str:
    """Address, signal, kind, name, and what it is to us."""
    rssi = "--" if device.rssi_dbm is None else f"{device.rssi_dbm} dBm"
    ours = (
        say("scan-ours", track=device.track) if device.track else say("scan-paired") if device.paired else ""
    )
    kind = say(f"device-kind-{device.kind}")
    return f"{device.address}  {rssi:>8}  {kind:<12}  {device.name or '--':<24}  {ours}".rstrip()


def device_json(device: Device, now_s: float) -> dict[str, Any]:
    """Plain values; never a secret."""
    left_s = device.window_left_s(now_s)
    return {
        "address": device.address,
        "name": device.name or None,
        "kind": device.kind.value,
        "rssi_dbm": device.rssi_dbm,
        "seen_timestamp_ms": device.seen_ms,
        "paired": device.paired,
        "connected": device.connected,
        "track": device.track or None,
        "requires_tap": device.requires_tap,
        "window_left_s": None if left_s is None else round(left_s),
    }
