"""The options that say which batteries: the same for `packdeck`, `serve` and `record`."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from tui.locale import say
from tui.model.settings import PROTOCOLS

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Wires:
    """What the command line said about batteries. Each of `ports` and `buses` is `[NAME=]PATH`."""

    ports: tuple[str, ...] = ()
    buses: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    baud: int | None = None
    protocol: str | None = None
    dbc: str | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """Every wire that was named."""
        return (*self.ports, *self.buses, *self.recordings)


def wire_options(command: Command) -> Command:
    """Add the options; the function gets them as its parameter `wires`."""

    @functools.wraps(command)  # with the options that were added to it before
    def with_wires(*args: Any, **said: Any) -> Any:
        wires = Wires(
            said.pop("ports"),
            said.pop("buses"),
            said.pop("recordings"),
            said.pop("baud"),
            said.pop("protocol"),
            said.pop("dbc"),
        )
        return command(*args, wires=wires, **said)

    for option in reversed(_options()):
        option(with_wires)
    return with_wires  # type: ignore[return-value]


def _options() -> list[Callable[..., Any]]:
    return [
        click.option("--port", "ports", multiple=True, metavar="[NAME=]PATH", help=say("help-port")),
        click.option("--can", "buses", multiple=True, metavar="[NAME=]BUS", help=say("help-can")),
        click.option(
            "--recording", "recordings", multiple=True, metavar="[NAME=]FILE", help=say("help-recording")
        ),
        click.option("--baud", type=click.IntRange(300, 4_000_000), metavar="N", help=say("help-baud")),
        click.option(
            "--protocol", type=click.Choice(PROTOCOLS, case_sensitive=False), help=say("help-protocol")
        ),
        click.option("--dbc", metavar="FILE", help=say("help-dbc")),
    ]
