"""`packdeck probe`: one part by itself (row S3-53)."""

import json
import sys
import time
from dataclasses import asdict

import click

from tui.cli.click_words import Group
from tui.cli.engine_feed import asked, not_done
from tui.cli.radio_feed import radio_feed
from tui.cli.refusal import DEVICE, refuse
from tui.engine.wire_log import WireLog
from tui.engine.wires import explain_of
from tui.locale import say
from tui.model import can
from tui.model.can import bits_of
from tui.model.frame import Direction, Frame
from tui.model.requests import Probe
from tui.model.track import Setup
from tui.transports.can import CanTransport
from tui.transports.transport import WireError

ADDRESS_CHARS = 17  # of a Bluetooth address; identifiers of macOS are longer


class Parts(Group):
    """A group whose word may also be the address of a device."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`probe A4:C1:…` is `probe ble A4:C1:…`."""
        if args and args[0] not in self.commands and len(args[0]) >= ADDRESS_CHARS:
            args = ["ble", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Parts, help=say("help-probe"))
def probe() -> None:
    """Group of parts."""


@probe.command("ble", help=say("help-probe-ble"))
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help=say("help-probe-json"))
def probe_ble(address: str, as_json: bool) -> None:
    """Connect once, list the services, read once; exit 4 when it is no battery that answers."""
    with radio_feed() as feed:
        answer = asked(feed, Probe(address))
    report = answer.probe
    if report is None:
        raise not_done(answer)
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    else:
        for step in report.steps:
            mark = say("probe-ok") if step.ok else say("probe-failed")
            click.echo(
                f"{say(f'probe-step-{step.key}'):<24} {step.took_ms:6d} ms  {mark}  {step.text}".rstrip()
            )
        click.echo(say("probe-kind", kind=say(f"device-kind-{report.kind}")))
    if report.cause is not None:
        raise refuse(report.cause, DEVICE)


@probe.command("can", help=say("help-probe-can"))
@click.argument("bus", default="can0")
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 600),
    default=3.0,
    metavar="S",
    help=say("help-probe-seconds"),
)
@click.option(
    "--bitrate",
    type=click.IntRange(10_000, 1_000_000),
    default=500_000,
    metavar="N",
    help=say("help-probe-bitrate"),
)
@click.option("--dbc", metavar="FILE", help=say("help-dbc"))
def probe_can(bus: str, seconds: float, bitrate: int, dbc: str | None) -> None:
    """One line for each identifier; exit 4 when the bus cannot be opened or is silent."""
    setup = Setup("probe", "can", bus, "can", bitrate=bitrate, dbc=dbc or "")
    wire = CanTransport(bus, bitrate)
    log = WireLog("probe", True, bitrate)
    try:
        log.explain = explain_of(setup)
        wire.open()
        bits = _listen(wire, log, seconds)
    except WireError as error:
        raise refuse(error.cause, DEVICE) from error
    finally:
        wire.close()
    frames = log.counts[Direction.RX][0]
    if not frames:
        click.echo(say("probe-can-none", channel=bus, seconds=f"{seconds:g}"))
        sys.exit(DEVICE)
    load = f"{100 * bits / seconds / bitrate:.1f}"
    click.echo(
        say(
            "probe-can-found",
            frames=str(frames),
            seconds=f"{seconds:g}",
            channel=bus,
            ids=str(len(log.kinds)),
            load=load,
        )
    )
    for kind in sorted(log.kinds.values(), key=lambda k: (len(k.key), k.key)):
        said = log.explain(kind.newest, None)
        data = kind.newest.data.hex(" ").upper()
        click.echo(f"{kind.key:>8} {kind.count:6d}x  {data:<23}  {said.name}  {said.text}".rstrip())


def _listen(wire: CanTransport, log: WireLog, seconds: float) -> int:
    until_s, number, bits = time.monotonic() + seconds, 0, 0
    while (left_s := until_s - time.monotonic()) > 0:
        for frame in can.unpack(wire.read(min(left_s, 0.2))):
            number += 1
            bits += bits_of(frame.can_id, len(frame.data))
            log.add(Frame(number, "probe", frame.time_us, Direction.RX, frame.data, frame.can_id))
    return bits
