"""A simulated battery on a real CAN bus: frames go out when they are due, until told to stop."""

import queue
import random
import time
from typing import TYPE_CHECKING

import click

from tui.locale import say
from tui.model.can import CanFrame, pack
from tui.transports.can import CanTransport

if TYPE_CHECKING:
    from tui.simulator.line import Sender

TURN_S = 0.01
LOAD_IDS = range(0x600, 0x640)  # used by no battery of the family


def send_on_bus(address: str, source: "Sender", load: int, told: "queue.SimpleQueue[int]") -> int:
    """Send until `told` has something; gives the number of frames sent. Raises WireError."""
    wire = CanTransport(address, may_send=True)
    wire.open()
    click.echo(say("simulate-can-ready", channel=address))
    try:
        return _send(wire, source, load, told)
    finally:
        wire.close()


def _send(wire: CanTransport, source: "Sender", load: int, told: "queue.SimpleQueue[int]") -> int:
    sent, extra, begun_s = 0, 0, time.monotonic()
    noise = random.Random(1)
    while True:
        now_s = time.monotonic()
        frames = source.frames(now_s)
        due = int((now_s - begun_s) * load) - extra
        for _ in range(due):
            extra += 1
            data = noise.randbytes(6) + (extra & 0xFFFF).to_bytes(2, "big")
            frames.append(CanFrame(0, LOAD_IDS[extra % len(LOAD_IDS)], data))
        for frame in frames:
            wire.write(pack(frame))
        sent += len(frames)
        wire.read(0)  # what others say is of no interest, but must not pile up
        try:
            told.get(timeout=max(0.0, TURN_S - (time.monotonic() - now_s)))
        except queue.Empty:
            continue
        return sent
