"""Which batteries: from the command line, the configuration file, or the simulator."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from tui.cli.refusal import USAGE, Refusal, refuse, words
from tui.cli.wire_options import Wires
from tui.host import paths
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.settings import Config
from tui.model.track import Setup
from tui.store.config import ConfigError, read_config
from tui.transports.transport import WireError

SIDES = ("left", "right")
CAN_POLL_S = 1.0  # nothing is asked: the pace of the core frames
_NAMED = re.compile(r"([A-Za-z0-9_-]{1,20})=(.+)")


def configured() -> Config:
    """The configuration file. Refusal with every mistake in it."""
    try:
        return read_config(paths.config_file())
    except ConfigError as error:
        raise Refusal("\n".join(words(cause) for cause in error.causes)) from error


def chosen(config: Config, wires: Wires) -> list[Setup]:
    """The tracks of the command line, or those of the file. Options hold for all of their kind."""
    setups = _from_wires(config, wires) if wires.said else list(config.setups)
    if wires.baud is not None:
        setups = [replace(s, baudrate=wires.baud) if s.transport == "uart" else s for s in setups]
    if wires.protocol is not None:
        setups = [replace(s, protocol=wires.protocol) for s in setups]
    if wires.dbc is not None:
        setups = [replace(s, dbc=wires.dbc) if s.is_bus else s for s in setups]
    return setups


def _from_wires(config: Config, wires: Wires) -> list[Setup]:
    """One track for each wire; what the file says about a track of that name still holds."""
    known = {setup.name: setup for setup in config.setups}
    named = [
        (kind, *port_of(text))
        for kind, texts in (("uart", wires.ports), ("can", wires.buses), ("replay", wires.recordings))
        for text in texts
    ]
    taken = {name for _kind, name, _port in named if name}
    free = [side for side in SIDES if side not in taken]
    setups: list[Setup] = []
    for kind, name, port in named:
        if not name and not free:
            raise Refusal(say("cli-port-nameless", port=port), USAGE)
        track = name or free.pop(0)
        if any(setup.name == track for setup in setups):
            raise Refusal(say("cli-port-twice", name=track), USAGE)
        setups.append(_setup(known.get(track), kind, track, port))
    return setups


def _setup(known: Setup | None, kind: str, track: str, port: str) -> Setup:
    if known is not None and known.transport == kind:
        return replace(known, address=port)
    if kind == "can":
        return Setup(track, "can", port, "can", poll_s=CAN_POLL_S)
    if kind == "replay":
        from tui.engine.replayed import recorded_setup

        try:
            return recorded_setup(track, port)
        except WireError as error:
            raise refuse(error.cause) from error
    return Setup(track, address=port, protocol="auto")


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
