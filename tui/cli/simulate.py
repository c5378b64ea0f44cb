"""`packdeck simulate`: a device that does not exist, for any program that can open a serial port."""

import contextlib
import math
import queue
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.refusal import refuse
from tui.locale import say

if TYPE_CHECKING:
    from tui.simulator.battery import Battery
    from tui.simulator.pty import Device


@click.group(help="Devices that do not exist, behind real wires.")
def simulate() -> None:
    """Group of devices."""


@simulate.command("jbd", help="A JBD board on a pseudo-terminal. Runs until Ctrl+C.")
@click.option("--pty", "path", type=click.Path(path_type=Path), metavar="PATH", help="Name for the port.")
@click.option("--cells", type=click.IntRange(1, 32), default=4, show_default=True, help="Cells in series.")
@click.option("--capacity", type=click.FloatRange(1, 6000), default=100.0, show_default=True, metavar="AH")
@click.option("--soc", type=click.FloatRange(0, 100), default=64.0, show_default=True, metavar="PCT")
@click.option(
    "--current",
    type=click.FloatRange(-300, 300),
    default=-8.1,
    show_default=True,
    metavar="A",
    help="+ charges.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help="Of the charge."
)
@click.option(
    "--sleep-after", type=click.FloatRange(0), metavar="S", help="Sleep after so long without a request."
)
@click.option("--asleep", is_flag=True, help="Begin asleep: the first request is lost.")
@click.option("--verbose", is_flag=True, help="Print every request.")
def simulate_jbd(
    path: Path | None,
    cells: int,
    capacity: float,
    soc: float,
    current: float,
    seed: int,
    speed: float,
    sleep_after: float | None,
    asleep: bool,
    verbose: bool,
) -> None:
    """Serve one board until told to stop."""
    from tui.simulator.as_jbd import JbdDevice

    battery = _battery(cells, capacity, soc, current, seed, speed)
    on_request = _print_request if verbose else None
    device = JbdDevice(battery, sleep_after_s=sleep_after, is_asleep=asleep, on_request=on_request)
    _serve(device, path)


@simulate.command("tinybms", help="A TinyBMS s516 on a pseudo-terminal, Modbus RTU included.")
@click.option("--pty", "path", type=click.Path(path_type=Path), metavar="PATH", help="Name for the port.")
@click.option("--cells", type=click.IntRange(4, 16), default=16, show_default=True, help="Cells in series.")
@click.option("--capacity", type=click.FloatRange(1, 655), default=280.0, show_default=True, metavar="AH")
@click.option("--soc", type=click.FloatRange(0, 100), default=64.0, show_default=True, metavar="PCT")
@click.option("--current", type=click.FloatRange(-300, 300), default=-8.1, show_default=True, metavar="A")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True)
@click.option("--sleep-after", type=click.FloatRange(0), metavar="S", help="Sleep after so long unasked.")
@click.option("--verbose", is_flag=True, help="Print every request.")
def simulate_tinybms(
    path: Path | None,
    cells: int,
    capacity: float,
    soc: float,
    current: float,
    seed: int,
    speed: float,
    sleep_after: float | None,
    verbose: bool,
) -> None:
    """Serve one unit until told to stop."""
    from tui.simulator.as_tinybms import TinyBmsDevice

    battery = _battery(cells, capacity, soc, current, seed, speed)
    on_request = _print_request if verbose else None
    _serve(TinyBmsDevice(battery, sleep_after_s=sleep_after, on_request=on_request), path)


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
@click.option("--soc", type=click.FloatRange(0, 100), default=64.0, show_default=True, metavar="PCT")
@click.option("--current", type=click.FloatRange(-300, 300), default=-8.1, show_default=True, metavar="A")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True)
@click.option("--load", type=click.IntRange(0, 5000), default=0, metavar="N", help="Also N frames a second.")
def simulate_can(
    interface: str,
    channel: str,
    style: str,
    cells: int,
    capacity: float,
    soc: float,
    current: float,
    seed: int,
    speed: float,
    load: int,
) -> None:
    """Send until told to stop."""
    from tui.cli.simulate_bus import send_on_bus
    from tui.simulator.as_can import CanBattery
    from tui.transports.transport import WireError

    told = _told()
    source = CanBattery(_battery(cells, capacity, soc, current, seed, speed), style)
    try:
        sent = send_on_bus(f"{interface}:{channel}", source, load, told)
    except WireError as error:
        raise refuse(error.cause) from None
    click.echo(say("simulate-can-sent", frames=str(sent)))


def _battery(cells: int, capacity: float, soc: float, current: float, seed: int, speed: float) -> "Battery":
    from tui.simulator.battery import Battery, Phase

    return Battery(
        cells,
        capacity,
        soc,
        charge_a=abs(current) or 1.0,
        discharge_a=abs(current) or 1.0,
        phase=Phase.REST if not current else Phase.CHARGE if current > 0 else Phase.DISCHARGE,
        rest_s=60.0 if current else math.inf,
        seed=seed,
        speed=speed,
    )


def _serve(device: "Device", path: Path | None) -> None:
    from tui.simulator.pty import PtyDevice
    from tui.transports.transport import WireError

    told = _told()
    port = PtyDevice(device, path)
    try:
        port.start()
    except WireError as error:
        raise refuse(error.cause) from None
    try:
        click.echo(say("simulate-ready", path=port.path))
        click.echo(say("simulate-try", path=port.path))
        told.get()
    finally:
        port.stop()


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
