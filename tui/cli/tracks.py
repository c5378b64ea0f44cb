"""Which batteries: from the command line, the configuration file, or the simulator."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from tui.cli.refusal import USAGE, Refusal, words
from tui.host import paths
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.settings import Config
from tui.model.track import Setup
from tui.store.config import ConfigError, read_config

SIDES = ("left", "right")
_NAMED = re.compile(r"([A-Za-z0-9_-]{1,20})=(.+)")


def configured() -> Config:
    """The configuration file. Refusal with every mistake in it."""
    try:
        return read_config(paths.config_file())
    except ConfigError as error:
        raise Refusal("\n".join(words(cause) for cause in error.causes)) from error


def chosen(config: Config, ports: Sequence[str], baud: int | None, protocol: str | None) -> list[Setup]:
    """The tracks of the command line, or those of the file. Options hold for all of them."""
    setups = _from_ports(config, ports) if ports else list(config.setups)
    if baud is not None:
        setups = [replace(setup, baudrate=baud) for setup in setups]
    if protocol is not None:
        setups = [replace(setup, protocol=protocol) for setup in setups]
    return setups


def _from_ports(config: Config, ports: Sequence[str]) -> list[Setup]:
    """One track for each port; what the file says about a track of that name still holds."""
    known = {setup.name: setup for setup in config.setups}
    named = [port_of(text) for text in ports]
    taken = {name for name, _port in named if name}
    free = [side for side in SIDES if side not in taken]
    setups: list[Setup] = []
    for name, port in named:
        if not name and not free:
            raise Refusal(say("cli-port-nameless", port=port), USAGE)
        track = name or free.pop(0)
        if any(setup.name == track for setup in setups):
            raise Refusal(say("cli-port-twice", name=track), USAGE)
        setups.append(replace(known.get(track, Setup(track)), address=port))
    return setups


def port_of(text: str) -> tuple[str, str]:
    """Name and port of `left=/dev/ttyUSB0`; the name is empty when there is none."""
    match = _NAMED.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def check_served(fleet: Fleet, ports: Sequence[str]) -> None:
    """Refuse ports that the running engine does not have: naming them here would not open them."""
    served = {os.path.realpath(track.setup.address) for track in fleet.tracks}
    for text in ports:
        port = port_of(text)[1]
        if os.path.realpath(port) not in served:
            raise Refusal(say("cli-port-not-served", port=port, pid=fleet.engine.pid))


def nothing_to_open() -> Refusal:
    """What to say when nobody has named a battery: the ports there are."""
    from tui.transports.found_ports import found_ports

    found = found_ports()
    if found:
        return Refusal(say("cli-no-tracks-ports", ports=" ".join(found), first=found[0]), USAGE)
    return Refusal(say("cli-no-tracks"), USAGE)
