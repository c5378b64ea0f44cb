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

from tui.cli.refusal import refuse
from tui.cli.sim_plan import Said, plan_of, sim_options
from tui.locale import say

if TYPE_CHECKING:
    from tui.simulator.battery import Battery
    from tui.simulator.line import Line
    from tui.simulator.simulation import Simulation

PACK = "pack-1"


@click.group(help=say("help-simulate"), invoke_without_command=True)
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
    "--wires", default="jbd", show_default=True, metavar="jbd,tinybms", help=say("help-simulate-wires")
)
@click.option("--can", "bus", metavar="BUS", help=say("help-simulate-can"))
@click.option("--style", type=click.Choice(("victron", "pylontech", "sma", "byd")), default="victron")
@click.option("--telemetry", is_flag=True, help=say("help-simulate-telemetry"))
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
    bus: str | None,
    style: str,
    telemetry: bool,
    said: Said,
) -> None:
    """Whole packs by their profile; or one of the words below."""
    if ctx.invoked_subcommand is not None:
        return
    from dataclasses import replace

    from tui.cli.simulate_packs import Laboratory, run_packs

    whole = replace(said, connection=connection, cells=cells, capacity_ah=capacity_ah)
    run_packs(Laboratory(whole, packs, folder, wires, bus, style, telemetry), _told())


@simulate.command("jbd", help="A JBD board on a pseudo-terminal. Runs until Ctrl+C.")
@click.option("--pty", "path", type=click.Path(path_type=Path), metavar="PATH", help="Name for the port.")
@click.option("--cells", type=click.IntRange(1, 32), default=4, show_default=True, help="Cells in series.")
@click.option("--capacity", type=click.FloatRange(1, 6000), default=100.0, show_default=True, metavar="AH")
@click.option("--soc", type=click.FloatRange(0, 100), metavar="PCT")
@click.option("--current", type=click.FloatRange(-300, 300), metavar="A", help="+ charges; else the cycle.")
@click.option(
    "--sleep-after", type=click.FloatRange(0), metavar="S", help="Sleep after so long without a request."
)
@click.option("--asleep", is_flag=True, help="Begin asleep: the first request is lost.")
@click.option("--verbose", is_flag=True, help="Print every request.")
@sim_options
def simulate_jbd(
    path: Path | None,
    cells: int,
    capacity: float,
    soc: float | None,
    current: float | None,
    sleep_after: float | None,
    asleep: bool,
    verbose: bool,
    said: Said,
) -> None:
    """Serve one board until told to stop."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.line import Line

    simulation = _simulation(said, cells, capacity, soc, current)
    on_request = _print_request if verbose else None
    device = JbdDevice(
        simulation.packs[PACK], sleep_after_s=sleep_after, is_asleep=asleep, on_request=on_request
    )
    _serve(Line(device, simulation, PACK), path, "jbd")


@simulate.command("tinybms", help="A TinyBMS s516 on a pseudo-terminal, Modbus RTU included.")
@click.option("--pty", "path", type=click.Path(path_type=Path), metavar="PATH", help="Name for the port.")
@click.option("--cells", type=click.IntRange(4, 16), default=16, show_default=True, help="Cells in series.")
@click.option("--capacity", type=click.FloatRange(1, 655), default=280.0, show_default=True, metavar="AH")
@click.option("--soc", type=click.FloatRange(0, 100), metavar="PCT")
@click.option("--current", type=click.FloatRange(-300, 300), metavar="A", help="+ charges; else the cycle.")
@click.option("--sleep-after", type=click.FloatRange(0), metavar="S", help="Sleep after so long unasked.")
@click.option("--verbose", is_flag=True, help="Print every request.")
@sim_options
def simulate_tinybms(
    path: Path | None,
    cells: int,
    capacity: float,
    soc: float | None,
    current: float | None,
    sleep_after: float | None,
    verbose: bool,
    said: Said,
) -> None:
    """Serve one unit until told to stop."""
    from tui.simulator.as_tinybms import TinyBmsDevice
    from tui.simulator.line import Line, is_tinybms_write

    simulation = _simulation(said, cells, capacity, soc, current)
    on_request = _print_request if verbose else None
    device = TinyBmsDevice(simulation.packs[PACK], sleep_after_s=sleep_after, on_request=on_request)
    _serve(Line(device, simulation, PACK, is_tinybms_write), path, "tinybms")


@simulate.command("can", help="A battery that sends Victron or Pylontech frames, 10 a second, on a CAN bus.")
@click.option("--interface", default="socketcan", show_default=True, help="In python-can's words.")
@click.option("--channel", default="can0", show_default=True)
@click.option(
    "--style",
    type=click.Choice(("victron", "pylontech", "sma", "byd")),
    default="victron",
    show_default=True,
)
@click.option("--cells", type=click.IntRange(1, 32), default=16, show_default=True, help="Cells in series.")
@click.option("--capacity", type=click.FloatRange(1, 6000), default=280.0, show_default=True, metavar="AH")
@click.option("--soc", type=click.FloatRange(0, 100), metavar="PCT")
@click.option("--current", type=click.FloatRange(-300, 300), metavar="A", help="+ charges; else the cycle.")
@click.option("--load", type=click.IntRange(0, 5000), default=0, metavar="N", help="Also N frames a second.")
@sim_options
def simulate_can(
    interface: str,
    channel: str,
    style: str,
    cells: int,
    capacity: float,
    soc: float | None,
    current: float | None,
    load: int,
    said: Said,
) -> None:
    """Send until told to stop."""
    from tui.cli.simulate_bus import send_on_bus
    from tui.simulator.as_can import CanBattery
    from tui.simulator.line import BusLine
    from tui.transports.transport import WireError

    told = _told()
    simulation = _simulation(said, cells, capacity, soc, current)
    source = BusLine(CanBattery(simulation.packs[PACK], style), simulation, PACK)
    address = f"{interface}:{channel}"
    simulation.wires[PACK] = [f"can {address}"]
    try:
        with door_to(simulation):
            sent = send_on_bus(address, source, load, told)
    except WireError as error:
        raise refuse(error.cause) from None
    click.echo(say("simulate-can-sent", frames=str(sent)))


def _simulation(
    said: Said, cells: int, capacity_ah: float, soc_pct: float | None, current_a: float | None
) -> "Simulation":
    """One pack: with a current that was asked for, else on the ten-minute cycle."""
    from tui.simulator.cycle import START_PCT
    from tui.simulator.simulation import Simulation
    from tui.transports.transport import WireError

    try:
        simulation = Simulation(plan_of(said, quiet=current_a is not None))
    except WireError as error:
        raise refuse(error.cause) from None
    if current_a is None:
        start_pct = START_PCT if soc_pct is None else soc_pct
        simulation.add(PACK, cells=cells, capacity_ah=capacity_ah, soc_pct=start_pct)
    else:
        battery = _battery(cells, capacity_ah, 64.0 if soc_pct is None else soc_pct, current_a, simulation)
        simulation.attach(PACK, battery)
    return simulation


def _battery(cells: int, capacity: float, soc: float, current: float, simulation: "Simulation") -> "Battery":
    from tui.simulator.battery import Battery, Phase
    from tui.simulator.cycle import Steady
    from tui.simulator.profile import load

    plan = simulation.plan
    following = Phase.DISCHARGE if current > 0 else Phase.CHARGE
    return Battery(
        cells,
        capacity,
        soc,
        charge_a=abs(current) or 1.0,
        discharge_a=abs(current) or 1.0,
        phase=Phase.REST if not current else Phase.CHARGE if current > 0 else Phase.DISCHARGE,
        rest_s=60.0 if current else math.inf,
        seed=plan.seed,
        profile=load(plan.profile, plan.profiles_folder),
        programme=Steady(random.Random(plan.seed), following),
    )


def _serve(line: "Line", path: Path | None, kind: str) -> None:
    from tui.simulator.pty import PtyDevice
    from tui.transports.transport import WireError

    told = _told()
    port = PtyDevice(line, path)
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


@contextlib.contextmanager
def door_to(simulation: "Simulation") -> Iterator[None]:
    """So that `packdeck sim` reaches it from another terminal."""
    from tui.host import paths
    from tui.simulator.control import Control

    try:
        folder = paths.make_runtime_dir()
    except paths.PathError as error:
        raise refuse(error.cause) from error
    door = Control(simulation, folder)
    door.open()
    try:
        yield
    finally:
        door.close()


def _print_request(request: bytes) -> None:
    with contextlib.suppress(OSError):  # the reader of a pipe may go away; the board stays
        click.echo(request.hex(" ").upper())


def _told() -> queue.SimpleQueue[int]:
    """Gets the number of the signal: Ctrl+C, SIGTERM, a closed terminal. Asked for before there is a port.

    A SimpleQueue, because a signal may come in the middle of anything.
    """
    told: queue.SimpleQueue[int] = queue.SimpleQueue()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: told.put(number))
    return told
