"""`packdeck demo`: two simulated packs behind real wires, and the screen."""

import sys
from typing import TYPE_CHECKING

import click

from tui.cli import local
from tui.cli.refusal import USAGE, Refusal
from tui.engine.lock import EngineRuns
from tui.locale import say
from tui.model.settings import CELLS_MAX
from tui.model.track import Setup

if TYPE_CHECKING:
    from tui.simulator.pty import PtyDevice

LEFT_CELLS, RIGHT_CELLS = 16, 4
POLL_S = 1.0


@click.command(help=say("help-demo"))
@click.option(
    "--cells", default=f"{LEFT_CELLS},{RIGHT_CELLS}", show_default=True, metavar="L,R", help=say("help-cells")
)
@click.option(
    "--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help=say("help-speed")
)
@click.option("--seed", type=int, default=1, show_default=True, help=say("help-seed"))
@click.pass_context
def demo(ctx: click.Context, cells: str, speed: float, seed: int) -> None:
    """Make the packs, read them like real ones, show them."""
    from tui.cli.screen import show_own

    left, right = _cells(cells)
    devices, setups = demo_setups(left, right, speed, seed)
    try:
        code = show_own(setups, ctx.obj)
    except EngineRuns as error:
        raise local.runs_already(error) from error
    finally:
        stop_devices(devices)
    sys.exit(code)


def demo_setups(
    left: int = LEFT_CELLS, right: int = RIGHT_CELLS, speed: float = 1.0, seed: int = 1
) -> tuple[list["PtyDevice"], list[Setup]]:
    """Two running devices, and the tracks that read them."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.battery import left_pack, right_pack
    from tui.simulator.pty import PtyDevice

    batteries = {
        "left": left_pack(left, seed, speed),
        "right": right_pack(right, seed + 1, speed),
    }
    devices, setups = [], []
    for name, battery in batteries.items():
        device = PtyDevice(JbdDevice(battery))
        device.start()
        devices.append(device)
        setups.append(
            Setup(
                name,
                address=device.path,
                chemistry="LFP",
                cells=battery.cells_in_series,
                poll_s=POLL_S,
                simulated=True,
            )
        )
    return devices, setups


def stop_devices(devices: list["PtyDevice"]) -> None:
    """Take the simulated wires away."""
    for device in devices:
        device.stop()


def _cells(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise Refusal(say("demo-cells", text=text, high=CELLS_MAX), USAGE)
    left, right = (int(part) for part in parts)
    if not (1 <= left <= CELLS_MAX and 1 <= right <= CELLS_MAX):
        raise Refusal(say("demo-cells", text=text, high=CELLS_MAX), USAGE)
    return left, right
