"""`packdeck sim`: look into a running simulation on this machine, and change it."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tui.cli.click_words import Group
from tui.cli.refusal import FAILURE, USAGE, Refusal, refuse
from tui.locale import say
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.simulation import (
    ActiveFault,
    ClearFault,
    Connection,
    FaultKind,
    InjectFault,
    LookAtSimulation,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    SimulatedPack,
    SimulationEvent,
    SimulationRequest,
    SimulationState,
    Stage,
)

STAGES = ("discharge", "idle", "charge", "balance")
ALL = "all"
EVENTS_SHOWN = 5


class Finite(click.types.FloatParamType):
    """A number; "nan" and "inf", which Python takes for numbers too, are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Usage error for what is no number."""
        number = float(super().convert(value, param, ctx))
        return number if math.isfinite(number) else self.fail(f"{value!r} is not a valid float.", param, ctx)


FINITE = Finite()


def _pack_option(help_key: str) -> Callable[[Any], Any]:
    return click.option("--pack", default="", metavar="NAME", help=say(help_key))


def _where_option(help_key: str) -> Callable[[Any], Any]:
    return click.option("--cell", "--sensor", "where", type=int, default=0, metavar="N", help=say(help_key))


def _help(word: str, **args: str) -> str:
    """What the word does; below it, what to give it."""
    return f"{say(f'help-sim-{word}')}\n\n{say(f'help-sim-{word}-what', **args)}"


@click.group(cls=Group, help=say("help-sim"))
@click.option("--pid", type=int, metavar="N", help=say("help-sim-pid"))
@click.pass_context
def sim(ctx: click.Context, pid: int | None) -> None:
    """Group of words; each finds the simulation by itself."""
    ctx.obj = pid


@sim.command(help=say("help-sim-status"))
@click.option("--json", "as_json", is_flag=True, help=say("help-sim-json"))
@click.pass_obj
def status(pid: int | None, as_json: bool) -> None:
    """Print what it does now."""
    state, process = _ask(pid, LookAtSimulation())
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(state) | {"pid": process}, ensure_ascii=False))
        return
    click.echo("\n".join(_lines(state, process)))


@sim.command(help=say("help-sim-speed"))
@click.argument("times", type=FINITE)
@click.pass_obj
def speed(pid: int | None, times: float) -> None:
    """At once."""
    _do(pid, SetSimulation(speed=times))


@sim.command(help=say("help-sim-mode"))
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
@click.pass_obj
def mode(pid: int | None, mode: str) -> None:
    """At once."""
    _do(pid, SetSimulation(mode=Mode(mode)))


@sim.command(help=_help("profile"))
@click.argument("name")
@_pack_option("help-sim-pack-or-all")
@click.pass_obj
def profile(pid: int | None, name: str, pack: str) -> None:
    """At once; a file is found from here, not from where the simulation runs."""
    if name.endswith(".toml"):
        name = str(Path(name).expanduser().absolute())
    _do(pid, SetSimulation(profile=name, pack=pack))


@sim.command(help=say("help-sim-stage"))
@click.argument("stage", type=click.Choice(STAGES))
@_pack_option("help-sim-pack-or-all")
@click.pass_obj
def stage(pid: int | None, stage: str, pack: str) -> None:
    """At once."""
    _do(pid, SetSimulation(stage=Stage(stage), pack=pack))


@sim.command(help=_help("packs"))
@click.argument("count", type=int, required=False)
@click.option(
    "--connect", type=click.Choice([c.value for c in Connection]), help=say("help-simulate-connect")
)
@click.pass_obj
def packs(pid: int | None, count: int | None, connect: str | None) -> None:
    """At once; a pack with a wire stays as long as its simulation runs."""
    if count is None and connect is None:
        raise Refusal(say("sim-say-what", options="COUNT, --connect"), USAGE)
    request = SetSimulation(packs=count, connection=Connection(connect) if connect else None)
    state, process = _ask(pid, request)
    if count is not None and len(state.packs) != count:
        raise Refusal(say("sim-packs-stay", count=len(state.packs)), FAILURE)
    _tell(say("sim-done"), state, process)


@sim.command(help=_help("fault", kinds=", ".join(FaultKind)))
@click.argument("kind")
@_pack_option("help-sim-pack-or-first")
@_where_option("help-sim-where")
@click.option("--amount", type=FINITE, metavar="X", help=say("help-sim-amount"))
@click.option("--for", "for_s", type=FINITE, metavar="S", help=say("help-sim-for"))
@click.pass_obj
def fault(
    pid: int | None, kind: str, pack: str, where: int, amount: float | None, for_s: float | None
) -> None:
    """At once."""
    _do(pid, InjectFault(kind, pack, where, amount, for_s))


@sim.command(help=_help("clear"))
@click.argument("kind", default=ALL)
@_pack_option("help-sim-pack-of")
@_where_option("help-sim-where-of")
@click.pass_obj
def clear(pid: int | None, kind: str, pack: str, where: int) -> None:
    """At once; says so when there was none."""
    before, _ = _ask(pid, LookAtSimulation())
    state, process = _ask(pid, ClearFault("" if kind == ALL else kind, pack, where))
    ended = {_of(fault) for fault in before.faults} - {_of(fault) for fault in state.faults}
    _tell(say("sim-done" if ended else "sim-no-such-fault"), state, process)


def _of(fault: ActiveFault) -> tuple[str, str, int]:
    return fault.pack, fault.kind, fault.where


@sim.command(help=_help("cell"))
@click.argument("number", type=int)
@_pack_option("help-sim-pack-or-first")
@click.option("--soc", "soc_pct", type=FINITE, metavar="PCT", help=say("help-sim-soc"))
@click.option("--capacity", "capacity_ah", type=FINITE, metavar="AH", help=say("help-sim-capacity"))
@click.option("--resistance", "resistance_mohm", type=FINITE, metavar="MOHM", help=say("help-sim-resistance"))
@click.option("--leak", "leak_ma", type=FINITE, metavar="MA", help=say("help-sim-leak"))
@click.pass_obj
def cell(
    pid: int | None,
    number: int,
    pack: str,
    soc_pct: float | None,
    capacity_ah: float | None,
    resistance_mohm: float | None,
    leak_ma: float | None,
) -> None:
    """At once."""
    if all(value is None for value in (soc_pct, capacity_ah, resistance_mohm, leak_ma)):
        raise Refusal(say("sim-say-what", options="--soc, --capacity, --resistance, --leak"), USAGE)
    _do(pid, SetSimulatedCell(pack, number, soc_pct, capacity_ah, resistance_mohm, leak_ma))


def _do(pid: int | None, request: SimulationRequest) -> None:
    _tell(say("sim-done"), *_ask(pid, request))


def _tell(what: str, state: SimulationState, process: int) -> None:
    click.echo("\n".join((what, *_lines(state, process))))


def _ask(pid: int | None, request: SimulationRequest) -> tuple[SimulationState, int]:
    """The state after the request, and the process. Refusal when it is refused, or when there is none."""
    from tui.host import paths
    from tui.simulator import control
    from tui.transports.transport import WireError

    doors = control.running(paths.runtime_dir())
    if pid is not None:
        doors = {number: path for number, path in doors.items() if number == pid}
    if len(doors) > 1:
        raise refuse(Cause("sim-many", (("pids", " ".join(map(str, doors))),)))
    try:
        process, path = next(iter(doors.items()), (0, None))
        answer = control.ask(path, request) if path else Answer(False, Cause("sim-none"))
    except WireError as error:
        raise refuse(error.cause) from None
    if path is None and pid is None:
        process, answer = _ask_engine(request)
    if answer.cause is not None:
        raise refuse(answer.cause)
    return answer.simulation or SimulationState(), process


def _ask_engine(request: SimulationRequest) -> tuple[int, Answer]:
    """An engine of this machine may have simulated packs inside, as `packdeck serve --demo` has."""
    from tui.cli.engine_feed import running

    with running() as feed:
        if feed is None:
            return 0, Answer(False, Cause("sim-none"))
        return feed.fleet().engine.pid, feed.ask(request)


def _lines(state: SimulationState, process: int) -> list[str]:
    head = say(
        "sim-head",
        mode=say(f"sim-mode-{state.mode}"),
        speed=f"{state.speed:g}",
        profile=state.profile,
        count=len(state.packs),
        connection=say(f"sim-connection-{state.connection}"),
        pid=str(process),
    )
    faults = [
        say(
            "sim-fault",
            pack=fault.pack,
            fault=say(f"fault-{fault.kind}"),
            where=str(fault.where or ""),
            amount=f"{fault.amount:g}" if fault.amount else "",
        ).rstrip()
        for fault in state.faults
    ]
    packs = [_pack(pack) for pack in state.packs]
    events = [_event(event) for event in state.events[:EVENTS_SHOWN]]
    return [head, *packs, *(faults or [say("sim-no-faults")]), *events]


def _event(event: SimulationEvent) -> str:
    args = dict(event.args)
    if "fault" in args:
        args["fault"] = say(f"fault-{args['fault']}")
    if "protection" in args:
        args["protection"] = say(f"protection-{args['protection'].replace('_', '-')}")
    what = say(f"sim-event-{event.key}", **args).rstrip()
    return f"{event.at_s:8.1f} s  {event.pack:<8} {what}".rstrip()


def _pack(pack: SimulatedPack) -> str:
    left = "" if pack.left_s is None else say("sim-left", seconds=f"{pack.left_s:.0f}")
    return say(
        "sim-pack",
        name=pack.name,
        stage=say(f"sim-stage-{pack.stage}"),
        step=pack.step.upper(),
        left=left,
        volts=f"{pack.pack_v:.2f}",
        amps=f"{pack.current_a:+.1f}",
        soc=f"{pack.soc_pct:.1f}",
        scale=f"{pack.time_scale:.0f}",
    )
