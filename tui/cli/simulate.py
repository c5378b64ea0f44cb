"""`packdeck simulate`: devices that do not exist, for any program that opens a serial port or a CAN bus."""

import contextlib
import math
import queue
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.click_words import Group
from tui.cli.refusal import refuse
from tui.cli.sim_plan import Said, plan_of, sim_options
from tui.cli.simulate_options import Port, Wanted, pack_options, port_options, style_option
from tui.locale import say

if TYPE_CHECKING:
    from tui.simulator.battery import Battery
    from tui.simulator.line import Line
    from tui.simulator.simulation import Plan, Simulation

PACK = "pack-1"
STEADY_SOC_PCT = 64.0  # where a pack with a current of its own begins


@click.group(cls=Group, help=say("help-simulate"), invoke_without_command=True)
@click.option("--packs", type=click.IntRange(1, 256), metavar="N", help=say("help-simulate-packs"))
@click.option(
    "--connect",
    "connection",
    type=click.Choice(("separate", "parallel", "series")),
    help=say("help-simulate-connect"),
)
@click.option("--cells", type=click.IntRange(1, 48), metavar="N", help=say("help-simulate-cells"))
@click.option(
    "--capacity",
    "capacity_ah",
    type=click.FloatRange(1, 6000),
    metavar="AH",
    help=say("help-simulate-capacity"),
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("packs"),
    show_default=True,
    help=say("help-simulate-folder"),
)
@click.option(
    "--wires",
    default="jbd",
    show_default=True,
    metavar="jbd,tinybms,telemetry,uart",
    help=say("help-simulate-wires"),
)
@click.option("--can", "buses", metavar="BUS", multiple=True, help=say("help-simulate-can"))
@style_option
@click.option("--telemetry", is_flag=True, help=say("help-simulate-telemetry"))
@click.option("--uart", is_flag=True, help=say("help-simulate-uart"))
@sim_options
@click.pass_context
def simulate(
    ctx: click.Context,
    packs: int | None,
    connection: str | None,
    cells: int | None,
    capacity_ah: float | None,
    folder: Path,
    wires: str,
    buses: tuple[str, ...],
    style: str,
    telemetry: bool,
    uart: bool,
    said: Said,
) -> None:
    """Whole packs by their profile; or one of the words below."""
    if ctx.invoked_subcommand is not None:
        return
    from dataclasses import replace

    from tui.cli.simulate_packs import Laboratory, run_packs

    whole = replace(said, connection=connection, cells=cells, capacity_ah=capacity_ah)
    streams = ("telemetry",) * telemetry + ("uart",) * uart
    run_packs(Laboratory(whole, packs, folder, wires, buses, style, streams), _told())


@simulate.command("jbd", help=say("help-simulate-jbd"))
@port_options
@pack_options(cells=(1, 32), usual_cells=4, most_ah=6000, usual_ah=100.0)
@click.option("--asleep", "is_asleep", is_flag=True, help=say("help-simulate-asleep"))
@sim_options
def simulate_jbd(port: Port, wanted: Wanted, is_asleep: bool, said: Said) -> None:
    """Serve one board until told to stop."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.line import Line

    simulation = _simulation(said, wanted)
    device = JbdDevice(
        simulation.packs[PACK],
        sleep_after_s=port.sleep_after_s,
        is_asleep=is_asleep,
        on_request=port.on_request,
    )
    _serve(Line(device, simulation, PACK), port.path, "jbd")


@simulate.command("tinybms", help=say("help-simulate-tinybms"))
@port_options
@pack_options(cells=(4, 16), usual_cells=16, most_ah=655, usual_ah=280.0)
@sim_options
def simulate_tinybms(port: Port, wanted: Wanted, said: Said) -> None:
    """Serve one unit until told to stop."""
    from tui.simulator.as_tinybms import TinyBmsDevice
    from tui.simulator.line import Line, is_tinybms_write

    simulation = _simulation(said, wanted)
    device = TinyBmsDevice(
        simulation.packs[PACK], sleep_after_s=port.sleep_after_s, on_request=port.on_request
    )
    _serve(Line(device, simulation, PACK, is_tinybms_write), port.path, "tinybms")


@simulate.command("can", help=say("help-simulate-on-can"))
@click.option(
    "--interface",
    default="socketcan",
    show_default=True,
    metavar="NAME",
    help=say("help-simulate-interface"),
)
@click.option(
    "--channel", default="can0", show_default=True, metavar="NAME", help=say("help-simulate-channel")
)
@style_option
@pack_options(cells=(1, 32), usual_cells=16, most_ah=6000, usual_ah=280.0)
@click.option("--load", type=click.IntRange(0, 5000), default=0, metavar="N", help=say("help-simulate-load"))
@sim_options
def simulate_can(interface: str, channel: str, style: str, wanted: Wanted, load: int, said: Said) -> None:
    """Send until told to stop."""
    from tui.cli.simulate_bus import send_on_bus
    from tui.simulator.as_can import CanBattery
    from tui.simulator.line import BusLine
    from tui.transports.transport import WireError

    told = _told()
    simulation = _simulation(said, wanted)
    source = BusLine(CanBattery(simulation.packs[PACK], style), simulation, PACK)
    address = f"{interface}:{channel}"
    simulation.wires[PACK] = [f"can {address}"]
    try:
        with door_to(simulation):
            sent = send_on_bus(address, source, load, told)
    except WireError as error:
        raise refuse(error.cause) from None
    click.echo(say("simulate-can-sent", frames=str(sent)))


def _simulation(said: Said, wanted: Wanted) -> "Simulation":
    """One pack: with a current that was asked for, else on the ten-minute cycle."""
    from tui.simulator.cycle import START_PCT
    from tui.simulator.simulation import Simulation
    from tui.transports.transport import WireError

    try:
        simulation = Simulation(plan_of(said, quiet=wanted.current_a is not None))
    except WireError as error:
        raise refuse(error.cause) from None
    if wanted.current_a is None:
        start_pct = START_PCT if wanted.soc_pct is None else wanted.soc_pct
        simulation.add(PACK, cells=wanted.cells, capacity_ah=wanted.capacity_ah, soc_pct=start_pct)
    else:
        simulation.attach(PACK, _battery(wanted, wanted.current_a, simulation.plan))
    return simulation


def _battery(wanted: Wanted, current_a: float, plan: "Plan") -> "Battery":
    """With a current that stays until the pack is full or empty."""
    from tui.simulator.battery import Battery, Phase
    from tui.simulator.cycle import Steady
    from tui.simulator.profile import load

    following = Phase.DISCHARGE if current_a > 0 else Phase.CHARGE
    return Battery(
        wanted.cells,
        wanted.capacity_ah,
        STEADY_SOC_PCT if wanted.soc_pct is None else wanted.soc_pct,
        charge_a=abs(current_a) or 1.0,
        discharge_a=abs(current_a) or 1.0,
        phase=Phase.REST if not current_a else Phase.CHARGE if current_a > 0 else Phase.DISCHARGE,
        rest_s=60.0 if current_a else math.inf,
        seed=plan.seed,
        profile=load(plan.profile, plan.profiles_folder),
        programme=Steady(random.Random(plan.seed), following),
    )


def _serve(line: "Line", path: Path | None, kind: str) -> None:
    from tui.simulator.link_book import link_book
    from tui.simulator.pty import PtyDevice
    from tui.transports.transport import WireError

    told = _told()
    with link_book(runtime_folder()) as book:
        port = PtyDevice(line, path, book=book)
        try:
            port.start()
        except WireError as error:
            raise refuse(error.cause) from None
        line.simulation.wires[PACK] = [f"{kind} {port.path}"]
        try:
            with door_to(line.simulation):
                click.echo(say("simulate-ready", path=port.path))
                click.echo(say("simulate-try", path=port.path))
                told.get()
        finally:
            port.stop()


def runtime_folder() -> Path:
    """Where a simulation keeps its door and its book of links. Refusal when it cannot be made."""
    from tui.host import paths

    try:
        return paths.make_runtime_dir()
    except paths.PathError as error:
        raise refuse(error.cause) from error


@contextlib.contextmanager
def door_to(simulation: "Simulation") -> Iterator[None]:
    """So that `packdeck sim` reaches it from another terminal."""
    from tui.simulator.control import Control

    door = Control(simulation, runtime_folder())
    door.open()
    try:
        yield
    finally:
        door.close()


def _told() -> queue.SimpleQueue[int]:
    """Gets the number of the signal: Ctrl+C, SIGTERM, a closed terminal. Asked for before there is a port.

    A SimpleQueue, because a signal may come in the middle of anything.
    """
    told: queue.SimpleQueue[int] = queue.SimpleQueue()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: told.put(number))
    return told
