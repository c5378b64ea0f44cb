"""`packdeck simulate` without a word: packs by their profile, each with every wire that was asked for."""

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.refusal import refuse
from tui.cli.sim_plan import Said, plan_of
from tui.cli.simulate import door_to
from tui.locale import say
from tui.model.link import Cause

if TYPE_CHECKING:
    from tui.simulator.pty import PtyDevice
    from tui.simulator.simulation import Simulation

KINDS = ("jbd", "tinybms")
CELLS_OF = {"jbd": (1, 32), "tinybms": (1, 16)}
TURN_S = 0.2
SHOWN_MOST = 20


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What the command line asked for."""

    said: Said
    packs: int | None
    folder: Path
    wires: str
    bus: str | None
    style: str
    telemetry: bool


def run_packs(asked: Laboratory, told: "queue.SimpleQueue[int]") -> None:
    """Serve all packs until told to stop. Refusal before anything is begun."""
    from tui.simulator.simulation import Simulation
    from tui.transports.transport import WireError

    ports: list[PtyDevice] = []
    made_folder = not asked.folder.exists()
    try:
        kinds = _kinds(asked.wires)
        simulation = Simulation(plan_of(asked.said))
        for number in range(1, _count(asked) + 1):
            simulation.add(f"pack-{number}")
        for kind in kinds:
            _check_cells(simulation, kind)
        for name in simulation.packs:
            ports += _ports(simulation, name, kinds, asked.folder)
        with door_to(simulation), _talkers(simulation, asked) as waits:
            _tell(simulation)
            waits(told)
    except WireError as error:
        raise refuse(error.cause) from None
    finally:
        for port in ports:
            port.stop()
        if made_folder:
            with contextlib.suppress(OSError):  # never made, or somebody put something there
                asked.folder.rmdir()


def _count(asked: Laboratory) -> int:
    from tui.cli.tracks import configured

    return asked.packs or configured().sim.packs


def _kinds(text: str) -> list[str]:
    from tui.transports.transport import WireError

    kinds = [part.strip() for part in text.split(",") if part.strip()]
    for kind in kinds:
        if kind not in KINDS:
            raise WireError(Cause("sim-word", (("said", kind), ("words", ", ".join(KINDS)))))
    return kinds


def _check_cells(simulation: "Simulation", kind: str) -> None:
    from tui.transports.transport import WireError

    low, high = CELLS_OF[kind]
    for battery in simulation.packs.values():
        if not low <= battery.cells_in_series <= high:
            said = (("wire", kind), ("cells", str(battery.cells_in_series)))
            raise WireError(Cause("sim-cells-wire", (*said, ("low", str(low)), ("high", str(high)))))


def _ports(simulation: "Simulation", name: str, kinds: list[str], folder: Path) -> list["PtyDevice"]:
    """The serial ports of one pack, open."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.as_tinybms import TinyBmsDevice
    from tui.simulator.line import Line, is_jbd_write, is_tinybms_write
    from tui.simulator.pty import PtyDevice
    from tui.transports.transport import WireError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (("path", str(folder)), ("error", error.strerror or str(error)))
        raise WireError(Cause("pty-failed", why)) from None
    battery, ports = simulation.packs[name], []
    for kind in kinds:
        unit = JbdDevice(battery) if kind == "jbd" else TinyBmsDevice(battery)
        line = Line(unit, simulation, name, is_jbd_write if kind == "jbd" else is_tinybms_write)
        port = PtyDevice(line, folder / (name if len(kinds) == 1 else f"{name}-{kind}"))
        port.start()
        ports.append(port)
        simulation.wires.setdefault(name, []).append(f"{kind} {port.path}")
    return ports


@contextlib.contextmanager
def _talkers(simulation: "Simulation", asked: Laboratory):  # type: ignore[no-untyped-def]
    """What talks by itself: the bus in this thread, the telemetry in one of its own."""
    stop = threading.Event()
    if asked.telemetry:
        threading.Thread(target=_telemetry, args=(simulation, stop), name="telemetry", daemon=True).start()
    waits: Callable[[queue.SimpleQueue[int]], None] = lambda told: _wait(simulation, told)  # noqa: E731
    if asked.bus is not None:
        waits = lambda told: _send(simulation, asked, told)  # noqa: E731
    try:
        yield waits
    finally:
        stop.set()


def _wait(simulation: "Simulation", told: "queue.SimpleQueue[int]") -> None:
    """Time passes also where nobody asks."""
    while True:
        with contextlib.suppress(queue.Empty):
            told.get(timeout=TURN_S)
            return
        simulation.live(time.monotonic())


def _send(simulation: "Simulation", asked: Laboratory, told: "queue.SimpleQueue[int]") -> None:
    from tui.cli.simulate_bus import send_on_bus
    from tui.cli.tracks import configured
    from tui.simulator.as_can import CanBattery
    from tui.simulator.line import BusLine

    name = next(iter(simulation.packs))
    bus = str(asked.bus)
    simulation.wires.setdefault(name, []).append(f"can {bus}")
    sender = CanBattery(simulation.packs[name], asked.style, core_s=1.0 / configured().sim.can_hz)
    send_on_bus(bus, BusLine(sender, simulation, name), 0, told)


def _telemetry(simulation: "Simulation", stop: threading.Event) -> None:
    from tui.cli.tracks import configured
    from tui.simulator.as_telemetry import telemetry

    every_s = 1.0 / configured().sim.telemetry_hz
    while not stop.wait(every_s):
        simulation.live(time.monotonic())
        with simulation.lock:
            told = telemetry(next(iter(simulation.packs.values())), time.time_ns() // 1_000_000)
        try:
            click.echo(json.dumps(told, separators=(",", ":")))
        except OSError:  # nobody reads any more; the packs stay
            return


def _tell(simulation: "Simulation") -> None:
    click.echo(say("sim-ready", packs=str(len(simulation.packs)), pid=str(os.getpid())), err=True)
    shown = [(name, wire) for name, wires in simulation.wires.items() for wire in wires]
    for name, wire in shown[:SHOWN_MOST]:
        kind, _, path = wire.partition(" ")
        click.echo(say("sim-wire", pack=name, kind=kind, path=path), err=True)
    if len(shown) > SHOWN_MOST:
        click.echo("…", err=True)
