"""`packdeck simulate` without a word: packs by their profile, each with every wire that was asked for."""

import contextlib
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
from tui.cli.simulate import door_to, runtime_folder
from tui.locale import say
from tui.model.link import Cause

if TYPE_CHECKING:
    from tui.simulator.line import BusLine
    from tui.simulator.link_book import LinkBook
    from tui.simulator.pty import Device, PtyDevice
    from tui.simulator.simulation import Simulation
    from tui.simulator.streams import StreamLine

CELLS_OF = {"jbd": (1, 32), "tinybms": (1, 16), "telemetry": (1, 48), "uart": (1, 16)}
KINDS = tuple(CELLS_OF)
BUS_MOST_V = 327.0  # signed words of 10 mV
TURN_S = 0.2
SHOWN_MOST = 20


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What the command line asked for."""

    said: Said
    packs: int | None
    folder: Path
    wires: str
    buses: tuple[str, ...]
    style: str
    streams: tuple[str, ...]  # kinds that go to the standard output


def run_packs(asked: Laboratory, told: "queue.SimpleQueue[int]") -> None:
    """Serve all packs until told to stop. Refusal before anything is begun."""
    from tui.simulator.link_book import link_book
    from tui.simulator.simulation import Simulation
    from tui.transports.transport import WireError

    ports: list[PtyDevice] = []
    made_folder = not asked.folder.exists()
    with link_book(runtime_folder()) as book:
        try:
            kinds = _kinds(asked.wires)
            simulation = Simulation(plan_of(asked.said))
            for number in range(1, _count(asked) + 1):
                simulation.add(f"pack-{number}")
            for kind in (*kinds, *asked.streams):
                _check_cells(simulation, kind)
            _check_buses(simulation, asked.buses)
            _forget_killed(simulation, kinds, asked.folder)
            for name in simulation.packs:
                ports += _ports(simulation, name, kinds, asked.folder, book)
            simulation.plug = lambda name: _plugged(simulation, name, kinds, asked.folder, book, ports)
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


def _check_buses(simulation: "Simulation", buses: tuple[str, ...]) -> None:
    """One bus for connected packs together, or one for each pack."""
    from tui.model.simulation import Connection
    from tui.transports.transport import WireError

    packs, connection = list(simulation.packs.values()), simulation.connection
    is_one = len(packs) == 1 or connection is not Connection.SEPARATE
    if buses and len(buses) != len(packs) and not (is_one and len(buses) == 1):
        said = (("packs", str(len(packs))), ("buses", str(len(buses))))
        raise WireError(Cause("sim-buses", said))
    volts = sum(pack.cells_in_series * pack.profile.max_cell_v for pack in packs)
    if len(buses) == 1 and connection is Connection.SERIES and volts > BUS_MOST_V:
        raise WireError(Cause("sim-bus-volts", (("volts", f"{volts:.0f}"), ("high", f"{BUS_MOST_V:.0f}"))))


def _link(name: str, kind: str, kinds: list[str], folder: Path) -> Path:
    return folder / (name if len(kinds) == 1 else f"{name}-{kind}")


def _forget_killed(simulation: "Simulation", kinds: list[str], folder: Path) -> None:
    """The names that an earlier run left behind, all of them before there is a terminal of ours."""
    from tui.simulator.pty import forget_left_behind

    for name in simulation.packs:
        for kind in kinds:
            forget_left_behind(_link(name, kind, kinds, folder))


def _ports(
    simulation: "Simulation", name: str, kinds: list[str], folder: Path, book: "LinkBook"
) -> list["PtyDevice"]:
    """The serial ports of one pack, open."""
    from tui.simulator.pty import PtyDevice
    from tui.transports.transport import WireError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (("path", str(folder)), ("error", error.strerror or str(error)))
        raise WireError(Cause("pty-failed", why)) from None
    ports: list[PtyDevice] = []
    for kind in kinds:
        link = _link(name, kind, kinds, folder)
        port = PtyDevice(_device(simulation, name, kind), link, book=book)
        try:
            port.start()
        except WireError as error:
            for opened in ports:
                opened.stop()
            if error.cause.key == "pty-exists":  # its advice is for who has named one port
                raise WireError(Cause("sim-port-exists", (("path", str(link)),))) from None
            raise
        ports.append(port)
        simulation.wires.setdefault(name, []).append(f"{kind} {port.path}")
    return ports


def _plugged(
    simulation: "Simulation",
    name: str,
    kinds: list[str],
    folder: Path,
    book: "LinkBook",
    ports: list["PtyDevice"],
) -> Callable[[], None]:
    """Ports of a pack that came while it runs; all of them go again with it."""
    from tui.simulator.pty import forget_left_behind

    for kind in kinds:
        forget_left_behind(_link(name, kind, kinds, folder))
    own = _ports(simulation, name, kinds, folder, book)
    ports += own

    def unplug() -> None:
        for port in own:
            port.stop()

    return unplug


def _device(simulation: "Simulation", name: str, kind: str) -> "Device":
    """What sits behind a port of that kind."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.as_tinybms import TinyBmsDevice
    from tui.simulator.line import Line, is_tinybms_write

    battery = simulation.packs[name]
    if kind == "jbd":
        return Line(JbdDevice(battery), simulation, name)
    if kind == "tinybms":
        return Line(TinyBmsDevice(battery), simulation, name, is_tinybms_write)
    return _stream(simulation, name, kind)


def _stream(simulation: "Simulation", name: str, kind: str) -> "StreamLine":
    """A face that talks by itself."""
    from tui.cli.tracks import configured
    from tui.simulator.as_telemetry import TelemetryTeller
    from tui.simulator.as_uart import UartTeller
    from tui.simulator.streams import StreamLine

    battery, rates = simulation.packs[name], configured().sim
    if kind == "telemetry":
        return StreamLine(TelemetryTeller(battery, name, hz=rates.telemetry_hz), simulation, name)
    return StreamLine(UartTeller(battery, simulation, name, hz=rates.uart_hz), simulation, name)


@contextlib.contextmanager
def _talkers(simulation: "Simulation", asked: Laboratory):  # type: ignore[no-untyped-def]
    """What talks by itself: the first bus in this thread, streams and further buses in their own."""
    stop = threading.Event()
    if asked.streams:
        lines = [_stream(simulation, name, kind) for name in simulation.packs for kind in asked.streams]
        threading.Thread(target=_print, args=(lines, stop), name="streams", daemon=True).start()
    waits: Callable[[queue.SimpleQueue[int]], None] = lambda told: _wait(simulation, told)  # noqa: E731
    if asked.buses:
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
    """Every bus until told to stop; one that breaks ends them all. WireError as of the bus."""
    from tui.cli.simulate_bus import send_on_bus
    from tui.transports.transport import WireError

    ends: list[queue.SimpleQueue[int]] = [told, *(queue.SimpleQueue() for _ in asked.buses[1:])]
    broken: list[WireError] = []

    def send(bus: str, sender: "BusLine", end: "queue.SimpleQueue[int]") -> None:
        try:
            send_on_bus(bus, sender, 0, end)
        except WireError as error:
            broken.append(error)
            told.put(0)

    senders = _senders(simulation, asked)
    others = [
        threading.Thread(target=send, args=part, name=f"bus {part[0]}", daemon=True)
        for part in list(zip(asked.buses, senders, ends, strict=True))[1:]
    ]
    for other in others:
        other.start()
    send(asked.buses[0], senders[0], told)
    for end, other in zip(ends[1:], others, strict=True):
        end.put(0)
        other.join(TURN_S * 10)
    if broken:
        raise broken[0]


def _senders(simulation: "Simulation", asked: Laboratory) -> list["BusLine"]:
    """Who speaks on each bus: a pack, or the first one for all that are connected."""
    from tui.cli.tracks import configured
    from tui.simulator.as_can import CanBattery
    from tui.simulator.bank_on_can import BankOnCan
    from tui.simulator.line import BusLine

    core_s = 1.0 / configured().sim.can_hz
    packs = list(simulation.packs)
    if len(asked.buses) == 1:
        for name in packs:
            simulation.wires.setdefault(name, []).append(f"can {asked.buses[0]}")
        return [BusLine(CanBattery(BankOnCan(simulation), asked.style, core_s=core_s), simulation, packs[0])]
    lines = []
    for bus, name in zip(asked.buses, packs, strict=True):
        simulation.wires.setdefault(name, []).append(f"can {bus}")
        lines.append(
            BusLine(CanBattery(simulation.packs[name], asked.style, core_s=core_s), simulation, name)
        )
    return lines


def _print(lines: list["StreamLine"], stop: threading.Event) -> None:
    """The streams of all packs on the standard output, one object a line."""
    while True:
        now_s = time.monotonic()
        if stop.wait(min(TURN_S, *(line.due_in_s(now_s) for line in lines))):
            return
        try:
            for line in lines:
                click.echo(line.speak(time.monotonic()), nl=False)
        except OSError:  # nobody reads any more; the packs stay
            return


def _tell(simulation: "Simulation") -> None:
    click.echo(say("sim-ready", packs=len(simulation.packs), pid=str(os.getpid())), err=True)
    shown = [(name, wire) for name, wires in simulation.wires.items() for wire in wires]
    for name, wire in shown[:SHOWN_MOST]:
        kind, _, path = wire.partition(" ")
        click.echo(say("sim-wire", pack=name, kind=kind, path=path), err=True)
    if len(shown) > SHOWN_MOST:
        click.echo("…", err=True)
