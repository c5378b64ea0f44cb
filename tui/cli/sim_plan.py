"""What a simulation begins with: the command line, else the environment, else the file, else the defaults."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from tui.cli.refusal import refuse
from tui.host import paths
from tui.locale import say
from tui.model.settings import SimSettings
from tui.model.simulation import Connection, Mode

if TYPE_CHECKING:
    from tui.simulator.script import Entry
    from tui.simulator.simulation import Plan

Command = TypeVar("Command", bound=Callable[..., Any])
PROFILES = "profiles"
SHARED = ("mode", "speed", "profile", "seed", "script", "corrupt_pct")


@dataclass(frozen=True, slots=True)
class Said:
    """What the command line and the environment said; `None`: nothing."""

    mode: str | None = None
    speed: float | None = None
    profile: str | None = None
    seed: int | None = None
    script: Path | None = None
    connection: str | None = None
    corrupt_pct: float | None = None
    cells: int | None = None
    capacity_ah: float | None = None


def sim_options(command: Command) -> Command:
    """Add the options of every simulation; the function gets them as its parameter `said`."""

    @functools.wraps(command)
    def with_said(*args: Any, **given: Any) -> Any:
        said = Said(**{name: _said(name, given.pop(name)) for name in SHARED})
        return command(*args, said=said, **given)

    options = (
        click.option(
            "--mode",
            type=click.Choice([mode.value for mode in Mode]),
            envvar="SIMULATION_MODE",
            help=say("help-simulate-mode"),
        ),
        click.option(
            "--speed",
            type=click.FloatRange(0.1, 1000),
            envvar="SIMULATION_SPEED",
            metavar="X",
            help=say("help-sim-speed"),
        ),
        click.option("--profile", metavar="NAME", help=say("help-simulate-profile")),
        click.option("--seed", type=int, metavar="N", help=say("help-seed")),
        click.option(
            "--script", type=click.Path(path_type=Path), metavar="FILE", help=say("help-simulate-script")
        ),
        click.option(
            "--corrupt",
            "corrupt_pct",
            type=click.FloatRange(0, 100),
            metavar="PCT",
            help=say("setting-sim-corrupt-pct"),
        ),
    )
    for option in options:
        with_said = option(with_said)
    return with_said  # type: ignore[return-value]


def _said(name: str, value: Any) -> Any:
    """What stood on the command line before the word is stronger than the environment after it."""
    here = click.get_current_context()
    before = here.parent
    if before is None or here.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        return value
    return before.params[name] if before.get_parameter_source(name) is ParameterSource.COMMANDLINE else value


def plan_of(said: Said, *, connection: Connection | None = None, quiet: bool = False) -> "Plan":
    """The whole plan. Refusal for a file that cannot be used. `quiet`: no damaged frames unless asked for."""
    from tui.cli.tracks import configured
    from tui.simulator.battery import Fixed
    from tui.simulator.simulation import Plan
    from tui.transports.transport import WireError

    kept: SimSettings = configured().sim
    usual_pct = 0.0 if quiet else kept.corrupt_pct
    try:
        script = _script(said.script)
    except WireError as error:
        raise refuse(error.cause) from None
    return Plan(
        mode=Mode(said.mode or kept.mode),
        speed=float(said.speed or kept.speed),
        profile=said.profile or kept.profile,
        connection=connection or Connection(said.connection or kept.connection),
        seed=kept.seed if said.seed is None else said.seed,
        test=Fixed(
            float(kept.test_soc_pct),
            float(kept.test_current_a),
            float(kept.test_temperature_c),
            float(kept.test_spread_mv),
        ),
        script=script,
        profiles_folder=paths.config_dir() / PROFILES,
        corrupt_pct=float(usual_pct if said.corrupt_pct is None else said.corrupt_pct),
        cells=said.cells or 0,
        capacity_ah=said.capacity_ah or 0.0,
    )


def _script(path: Path | None) -> "tuple[Entry, ...]":
    """Of the named file; else the one in the configuration, if it has one."""
    from tui.simulator.script import parse, read_script

    if path is not None:
        return read_script(path)
    file = paths.config_file()
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return parse(text, str(file)) if "[[sim.script]]" in text else ()
