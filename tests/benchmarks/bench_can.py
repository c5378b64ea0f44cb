"""CAN: microseconds per frame by hand, against cantools with the same DBC in the same run.

python -m tests.benchmarks.bench_can
"""

import time
from collections.abc import Callable
from pathlib import Path

import cantools
from cantools.database.can import Database

from tui.model.can import CanFrame, pack
from tui.protocols.battery_can import BatteryCanProtocol
from tui.protocols.battery_can_decode import decode_frame
from tui.simulator.as_can import CanBattery
from tui.simulator.battery import left_pack

DBC = Path(__file__).parents[1] / "recordings" / "can-battery.dbc"
FRAMES, ROUNDS = 5_000, 5
SHOWN = (0x351, 0x355, 0x356, 0x359, 0x35A, 0x35E, 0x373, 0x378)

Way = Callable[[CanFrame], object]


def us_per_frame(way: Way, frame: CanFrame) -> float:
    """The best of some rounds: the others were disturbed."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(FRAMES):
            way(frame)
        best = min(best, time.perf_counter() - began)
    return best / FRAMES * 1e6


def by_cantools() -> Way:
    """The library as a quick program uses it: one message looked up and decoded."""
    database = cantools.database.load_file(DBC)
    assert isinstance(database, Database)
    return lambda frame: database.decode_message(frame.can_id, frame.data, allow_truncated=True)


def by_hand(frame: CanFrame) -> object:
    """Names and values of one frame."""
    return decode_frame(frame.can_id, frame.data)


def by_protocol() -> Way:
    """From a record to outcomes, as the link does it."""
    protocol = BatteryCanProtocol()
    protocol.requests_due(0.0)
    return lambda frame: protocol.feed(pack(frame))


def main() -> None:
    """Print the table."""
    frames: dict[int, CanFrame] = {}
    for style in ("victron", "pylontech"):
        sender = CanBattery(left_pack(), style)
        frames |= {f.can_id: f for now_s in (0.0, 1.0) for f in sender.frames(now_s)}
    ways: list[tuple[str, Way]] = [
        ("cantools", by_cantools()),
        ("decode_frame", by_hand),
        ("BatteryCanProtocol.feed", by_protocol()),
    ]
    print(f"{'frame':<8}{'way':<26}{'us/frame':>10}{'faster':>8}")
    sums = dict.fromkeys((name for name, _ in ways), 0.0)
    for can_id in SHOWN:
        base = 0.0
        for name, way in ways:
            us = us_per_frame(way, frames[can_id])
            base, sums[name] = base or us, sums[name] + us
            print(f"{can_id:03X}     {name:<26}{us:>10.2f}{base / us:>7.1f}x")
    for name, us in sums.items():
        print(f"mean    {name:<26}{us / len(SHOWN):>10.2f}{sums[ways[0][0]] / us:>7.1f}x")


if __name__ == "__main__":
    main()
