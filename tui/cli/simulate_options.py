"""What `packdeck simulate jbd`, `tinybms` and `can` have in common on the command line."""

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.locale import say

Command = TypeVar("Command", bound=Callable[..., Any])
STYLES = ("victron", "pylontech", "sma", "byd")

style_option = click.option(
    "--style",
    type=click.Choice(STYLES),
    default="victron",
    show_default=True,
    help=say("help-simulate-style"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The one pack that was asked for. `None`: as the ten-minute cycle has it."""

    cells: int
    capacity_ah: float
    soc_pct: float | None
    current_a: float | None  # + charges


def pack_options(
    *, cells: tuple[int, int], usual_cells: int, most_ah: float, usual_ah: float
) -> Callable[[Command], Command]:
    """Add the options of one pack; the function gets them as its parameter `wanted`."""

    def add_to(command: Command) -> Command:
        @functools.wraps(command)
        def with_pack(*args: Any, **said: Any) -> Any:
            wanted = Wanted(
                said.pop("cells"), said.pop("capacity_ah"), said.pop("soc_pct"), said.pop("current_a")
            )
            return command(*args, wanted=wanted, **said)

        for option in reversed(
            (
                click.option(
                    "--cells",
                    type=click.IntRange(*cells),
                    default=usual_cells,
                    show_default=True,
                    metavar="N",
                    help=say("help-simulate-cells-one"),
                ),
                click.option(
                    "--capacity",
                    "capacity_ah",
                    type=click.FloatRange(1, most_ah),
                    default=usual_ah,
                    show_default=True,
                    metavar="AH",
                    help=say("help-simulate-capacity-one"),
                ),
                click.option(
                    "--soc",
                    "soc_pct",
                    type=click.FloatRange(0, 100),
                    metavar="PCT",
                    help=say("help-simulate-soc"),
                ),
                click.option(
                    "--current",
                    "current_a",
                    type=click.FloatRange(-300, 300),
                    metavar="A",
                    help=say("help-simulate-current"),
                ),
            )
        ):
            option(with_pack)
        return with_pack  # type: ignore[return-value]

    return add_to


@dataclass(frozen=True, slots=True)
class Port:
    """The pseudo-terminal that was asked for, and what happens there."""

    path: Path | None
    sleep_after_s: float | None
    is_verbose: bool

    @property
    def on_request(self) -> Callable[[bytes], None] | None:
        """What is done with every request."""
        return _print_request if self.is_verbose else None


def port_options(command: Command) -> Command:
    """Add the options of a serial port; the function gets them as its parameter `port`."""

    @functools.wraps(command)
    def with_port(*args: Any, **said: Any) -> Any:
        port = Port(said.pop("path"), said.pop("sleep_after_s"), said.pop("is_verbose"))
        return command(*args, port=port, **said)

    for option in (
        click.option("--verbose", "is_verbose", is_flag=True, help=say("help-simulate-verbose")),
        click.option(
            "--sleep-after",
            "sleep_after_s",
            type=click.FloatRange(0),
            metavar="S",
            help=say("help-simulate-sleep-after"),
        ),
        click.option(
            "--pty",
            "path",
            type=click.Path(path_type=Path),
            metavar="PATH",
            help=say("help-simulate-pty"),
        ),
    ):
        option(with_port)
    return with_port  # type: ignore[return-value]


def _print_request(request: bytes) -> None:
    with contextlib.suppress(OSError):  # the reader of a pipe may go away; the board stays
        click.echo(request.hex(" ").upper())
