"""`packdeck serve`: the engine without a screen."""

import os

import click

from tui.cli import limits, local, tracks
from tui.cli.demo import demo_setups, simulation_of, stop_devices
from tui.cli.logs import start_log
from tui.cli.refusal import FAILURE, Refusal, tell
from tui.cli.signals import until_told, wait_for
from tui.cli.wire_options import Wires, wire_options
from tui.engine.lock import EngineRuns
from tui.host import paths
from tui.locale import say


@click.command(help=say("help-serve"))
@click.option("--demo", "is_demo", is_flag=True, help=say("help-serve-demo"))
@wire_options
def serve(wires: Wires, is_demo: bool) -> None:
    """Run until told to stop."""
    told = until_told("SIGINT", "SIGTERM", "SIGHUP")
    config = tracks.configured()
    start_log(paths.log_file(), config.log_level, aloud=True)
    devices, setups = demo_setups() if is_demo else ([], tracks.chosen(config, wires))
    if not setups:
        raise tracks.nothing_to_open()
    config = limits.fit(config, setups)
    limits.tell_contradictions(config, setups)
    own = local.OwnEngine(setups, config=config)
    own.engine.simulation = simulation_of(devices)
    try:
        own.take()
        own.start()
        own.server.wait_open()
        tell(say("serve-ready", pid=str(os.getpid()), count=len(setups), path=str(local.door().path)))
        wait_for(told)
    except EngineRuns as error:
        raise local.runs_already(error) from error
    except (OSError, RuntimeError) as error:
        raise Refusal(say("serve-no-door", path=local.door().path, reason=error), FAILURE) from error
    finally:
        local.end_within(lambda: 0)
        own.stop()
        stop_devices(devices)
