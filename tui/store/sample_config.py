"""The sample configuration: every key there is, explained and commented out."""

import json
import textwrap

from tui.locale import say
from tui.model.settings import LEFT_MAC, RIGHT_MAC, SETTINGS, Setting, Value

WIDTH = 100
TRACKS = ("left", "right")
# What a key could be where there is no default that means anything.
EXAMPLES: dict[str, Value] = {
    "tracks.left.port": "/dev/ttyUSB0",
    "tracks.right.port": "/dev/ttyUSB1",
    "tracks.left.mac": LEFT_MAC,
    "tracks.right.mac": RIGHT_MAC,
    "tracks.left.name": "House",
    "tracks.right.name": "Starter",
    "tracks.left.model": "SP25S003",
    "tracks.right.model": "SP04S020",
    "tracks.left.cells": 16,
    "tracks.right.cells": 4,
    "tracks.left.chemistry": "LFP",
    "tracks.right.chemistry": "LFP",
    "tracks.left.baudrate": 9600,
    "tracks.right.baudrate": 9600,
    "uart.baudrate": 9600,
    "ble.adapter": "hci0",
    "alerts.notify.command": "notify-somebody",
    "alerts.notify.url": "https://ntfy.example.org/batteries",
    "alerts.notify.token": "",
    "can.dbc": "/home/pi/bus.dbc",
    "tracks.left.dbc": "/home/pi/bus.dbc",
    "tracks.right.dbc": "/home/pi/bus.dbc",
    "tracks.left.filters": "",
    "tracks.right.filters": "",
    "tracks.left.poll_interval_ms": 2000,
    "tracks.right.poll_interval_ms": 2000,
}


def sample_config() -> str:
    """The whole file, in the language of the moment."""
    tables: dict[str, list[Setting]] = {}
    for setting in SETTINGS:
        tables.setdefault(setting.key.split(".")[0], []).append(setting)
    lines = _wrapped(say("config-sample-head"))
    for place, members in tables.items():
        for track in TRACKS if place == "tracks" else ("",):
            lines += ["", f"# [{place}.{track}]" if track else f"# [{place}]"]
            for setting in members:
                if track != TRACKS[1]:  # explained once
                    lines += _explained(setting)
                lines.append(_entry(setting, track))
    return "\n".join(lines) + "\n"


def _explained(setting: Setting) -> list[str]:
    words = say(setting.help)
    if setting.low is not None:
        words += f" ({setting.low} … {setting.high}{' ' + setting.unit if setting.unit else ''})"
    if setting.choices:
        words += f" ({', '.join(setting.choices)})"
    return _wrapped(words)


def _entry(setting: Setting, track: str) -> str:
    value = EXAMPLES.get(setting.key_of(track), setting.default)
    key = setting.key.removeprefix("tracks.*.") if track else setting.key.partition(".")[2]
    return f"# {key} = {json.dumps(value)}"


def _wrapped(words: str) -> list[str]:
    return [f"## {line}" for line in textwrap.wrap(words, WIDTH - 3)]
