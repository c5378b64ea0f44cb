"""`packdeck frames`: the traffic of every wire as lines, live."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from tui.cli.engine_feed import running
from tui.cli.refusal import NO_ENGINE, Refusal
from tui.engine.frame_filter import Seen, conditions_of, passes
from tui.engine.wire_log import WireLog
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.frame import Direction, FrameRow, Trust
from tui.model.track import Setup

LOOK_S = 0.1
Fields = tuple[tuple[str, str], ...]
MAX_HZ = {False: 5.0, True: 10.0}  # row X-7: UART, CAN


@click.command(help=say("help-frames"))
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--track", metavar="NAME", help=say("help-frames-track"))
@click.option("--json", "as_json", is_flag=True, help=say("help-frames-json"))
@click.option("--count", type=click.IntRange(1), metavar="N", help=say("help-frames-count"))
@click.option("--max-hz", type=click.FloatRange(0), metavar="HZ", help=say("help-frames-max-hz"))
def frames(
    words: tuple[str, ...], track: str | None, as_json: bool, count: int | None, max_hz: float | None
) -> None:
    """Print until interrupted, or until `--count` lines were printed."""
    with running() as feed:
        if feed is None:
            raise Refusal(say("cli-no-engine"), NO_ENGINE)
        fleet = feed.fleet()
        if track is not None and fleet.track(track) is None:
            names = " ".join(t.name for t in fleet.tracks)
            raise Refusal(say("cli-no-track", name=track, names=names))
        tests = conditions_of(" ".join(words))
        pace = Pace(max_hz)
        for printed, (setup, row, fields) in enumerate(
            (setup, row, fields)
            for setup, row, fields in _rows(feed, fleet, track)
            if passes(Seen(row.key, row.direction, row.name, row.text, row.data, row.trust), tests)
            and pace.allows(setup, row)
        ):
            line = row_line(setup, row)
            if as_json:
                line = json.dumps(row_json(setup, row, fields), ensure_ascii=False)
            click.echo(line)
            if count is not None and printed + 1 >= count:
                return


class Pace:
    """No more often than so many times a second for one kind of frame (row X-7); 0: everything."""

    def __init__(self, max_hz: float | None) -> None:
        self._max_hz = max_hz
        self._told_us: dict[tuple[str, str, Direction], int] = {}

    def allows(self, setup: Setup, row: FrameRow) -> bool:
        """True when this frame is due."""
        hz = MAX_HZ[setup.is_bus] if self._max_hz is None else self._max_hz
        if not hz:
            return True
        key = setup.name, row.key, row.direction
        if row.time_us - self._told_us.get(key, -(1 << 62)) < 1_000_000 / hz:
            return False
        self._told_us[key] = row.time_us
        return True


def _rows(feed: RemoteFeed, fleet: Fleet, track: str | None) -> Iterator[tuple[Setup, FrameRow, Fields]]:
    """Whole frames as they come, decoded here: the engine sends raw bytes only."""
    setups = {t.name: _found(t.setup, t.protocol) for t in fleet.tracks}
    logs = {name: _log(setup) for name, setup in setups.items()}
    newest = max((f.number for f in feed.frames(0)), default=0)
    while True:
        arrived = feed.frames(newest)
        for frame in arrived:
            newest = frame.number
            log = logs.get(frame.track)
            if log is None or (track is not None and frame.track != track):
                continue
            log.add(frame)
            yield from _new(setups[frame.track], log)
        for name, log in logs.items():
            log.settle(int(time.time() * 1_000_000))
            yield from _new(setups[name], log)
        if not feed.fleet().engine.attached:
            raise Refusal(say("cli-no-engine"), NO_ENGINE)
        if not arrived:
            time.sleep(LOOK_S)


def _found(setup: Setup, protocol: str) -> Setup:
    return replace(setup, protocol=protocol)


def _log(setup: Setup) -> WireLog:
    from tui.engine.wires import explain_of
    from tui.transports.transport import WireError

    log = WireLog(setup.name, setup.is_bus, setup.bitrate)
    with contextlib.suppress(WireError):  # its DBC is not on this machine
        log.explain = explain_of(setup)
    return log


def _new(setup: Setup, log: WireLog) -> Iterator[tuple[Setup, FrameRow, Fields]]:
    while log.frames:
        frame, request = log.frames.popleft()
        yield setup, log.row(frame, request), log.explain(frame, request).fields


def row_line(setup: Setup, row: FrameRow) -> str:
    """One line for a person."""
    moment = datetime.fromtimestamp(row.time_us / 1e6).strftime("%H:%M:%S.%f")[:-3]
    data = row.data.hex(" ").upper()
    wide = 24 if setup.is_bus else 30
    bad = f"  {say('frame-trust-bad')}" if row.trust is Trust.BAD else ""
    line = (
        f"{moment} {setup.name:<8} {row.direction} {row.key:>8} {data:<{wide}}  {row.name}  {row.text}{bad}"
    )
    return line.rstrip()


def row_json(setup: Setup, row: FrameRow, fields: Fields) -> dict[str, Any]:
    """Rows S4-59 and S4-60: plain numbers, identifiers as text."""
    head = {
        "type": "can_frame" if setup.is_bus else "uart_frame",
        "track": setup.name,
        "timestamp_ms": row.time_us // 1000,
        "direction": row.direction.value.lower(),
    }
    decoded = {"name": row.name or None, "trust": row.trust.value, "fields": dict(fields)}
    if setup.is_bus:
        return head | {
            "can_id": f"0x{row.key}",
            "extended": len(row.key) > 3,
            "dlc": len(row.data),
            "data": list(row.data),
            "decoded": decoded,
        }
    command = int(row.key, 16) if row.key else None
    return head | {
        "raw": row.data.hex().upper(),
        "parsed": {"command": command, "length": len(row.data), **decoded},
    }
