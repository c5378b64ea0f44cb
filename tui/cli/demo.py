"""`packdeck demo`: two simulated packs behind real wires, and the screen."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import limits, local
from tui.cli.refusal import USAGE, Refusal, refuse
from tui.cli.sim_plan import Said, plan_of, sim_options
from tui.cli.tracks import configured
from tui.engine.lock import EngineRuns
from tui.locale import say
from tui.model.settings import CELLS_MAX, Config
from tui.model.track import Setup

if TYPE_CHECKING:
    from tui.simulator.control import Control
    from tui.simulator.pty import PtyDevice
    from tui.simulator.simulation import Simulation

LEFT_CELLS, RIGHT_CELLS = 16, 4
LEFT_AH, RIGHT_AH = 280.0, 100.0
LEFT_SOC_PCT, LEFT_AT_S = 60.0, 160.0  # in the middle of its charge


@click.command(help=say("help-demo"))
@click.option("--cells", metavar="L,R", help=say("help-cells"))
@sim_options
@click.pass_context
def demo(ctx: click.Context, cells: str | None, said: Said) -> None:
    """Make the packs, read them like real ones, show them.

    The limits of the configuration hold for them too; of a simulated alarm nobody away from here is told.
    """
    from tui.cli.screen import show_own

    left, right = _cells(cells) if cells is not None else (0, 0)
    devices, setups = demo_setups(left, right, said)
    simulation = simulation_of(devices)
    door = _door(simulation)
    try:
        config = limits.fit(Config(black_box_mb=0, alerts=configured().alerts), setups)
        limits.tell_contradictions(config, setups)
        code = show_own(setups, ctx.obj, config, simulation)
    except EngineRuns as error:
        raise local.runs_already(error) from error
    finally:
        door.close()
        stop_devices(devices)
    sys.exit(code)


def demo_setups(
    left: int = 0, right: int = 0, said: Said | None = None
) -> tuple[list["PtyDevice"], list[Setup]]:
    """Two running devices, and the tracks that read them. Refusal for a profile that cannot be used."""
    from tui.model.simulation import Stage
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.line import Line
    from tui.simulator.pty import PtyDevice, forget_dead
    from tui.simulator.simulation import Simulation
    from tui.transports.transport import WireError

    forget_dead(_folder(), "demo-")
    try:
        simulation = Simulation(plan_of(said or Said()))
    except WireError as error:
        raise refuse(error.cause) from None
    is_usual = simulation.plan.profile == "lfp"
    simulation.add(
        "left",
        stage=Stage.CHARGE,
        at_s=LEFT_AT_S,
        soc_pct=LEFT_SOC_PCT,
        cells=left or (LEFT_CELLS if is_usual else 0),
        capacity_ah=LEFT_AH if is_usual else 0.0,
    )
    simulation.add(
        "right",
        cells=right or (RIGHT_CELLS if is_usual else 0),
        capacity_ah=RIGHT_AH if is_usual else 0.0,
    )
    devices, setups = [], []
    for name, battery in simulation.packs.items():
        board = JbdDevice(battery)
        link = _folder() / f"demo-{name}-{os.getpid()}"  # keeps its name when a fault takes the port away
        device = PtyDevice(Line(board, simulation, name), link)
        device.start()
        simulation.wires[name] = [f"jbd {device.path}"]
        devices.append(device)
        setups.append(
            Setup(
                name,
                address=device.path,
                chemistry=battery.profile.chemistry,
                cells=battery.cells_in_series,
                poll_s=1.0 / configured().sim.uart_hz,
                simulated=True,
            )
        )
    return devices, setups


def simulation_of(devices: list["PtyDevice"]) -> "Simulation | None":
    """What the devices of the demo show; `None` without any."""
    from tui.simulator.line import Line

    for device in devices:
        if isinstance(device.device, Line):
            return device.device.simulation
    return None


def stop_devices(devices: list["PtyDevice"]) -> None:
    """Take the simulated wires away."""
    for device in devices:
        device.stop()


def _door(simulation: "Simulation | None") -> "Control":
    """So that `packdeck sim` reaches the demo from another terminal."""
    from tui.simulator.control import Control

    assert simulation is not None
    door = Control(simulation, _folder())
    door.open()
    return door


def _folder() -> Path:
    from tui.host import paths

    try:
        return paths.make_runtime_dir()
    except paths.PathError as error:
        raise refuse(error.cause) from error


def _cells(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise Refusal(say("demo-cells", text=text, high=CELLS_MAX), USAGE)
    left, right = (int(part) for part in parts)
    if not (1 <= left <= CELLS_MAX and 1 <= right <= CELLS_MAX):
        raise Refusal(say("demo-cells", text=text, high=CELLS_MAX), USAGE)
    return left, right
