"""Frames a second without loss, through the engine with its Frames place open; and a replayed hour.

Run: python -m tests.benchmarks.bench_bus [seconds]. Each bus is sent 4,000 frames a second, the load of a
full 500 kbit/s bus; the sender is a process of its own, except on the virtual bus, which stays inside one.
Shares are of one core of this machine, of this process alone.
"""

import multiprocessing
import os
import sys
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tui.engine.engine import Engine
from tui.engine.replay import ReplayFeed
from tui.feed.recording import event_line, fleet_line, head_line, read_recording
from tui.model.can import CanFrame, pack
from tui.model.events import SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.requests import LookAtFrames, Play
from tui.model.sample import Cells, Pack
from tui.model.track import Setup
from tui.transports.can import CanTransport

PER_S = 4000
BURST_S = 0.01
GROUP = "239.74.163.88"
LOOKS_S = 0.25


def paced(seconds: float, send: Callable[[int], None]) -> int:
    """Call `send` with rising numbers at the pace; gives how many."""
    begun_s, sent = time.monotonic(), 0
    while (passed_s := time.monotonic() - begun_s) < seconds:
        while sent < passed_s * PER_S:
            send(sent)
            sent += 1
        time.sleep(BURST_S)
    return sent


def frame(number: int) -> CanFrame:
    """A battery's frame now and then among many others."""
    if number % 40 == 0:
        return CanFrame(0, 0x356, (5288).to_bytes(2, "little") + bytes(6))
    return CanFrame(0, 0x600 + number % 64, number.to_bytes(8, "little"))


def send_multicast(seconds: float, sent: "multiprocessing.queues.Queue[int]") -> None:
    wire = CanTransport(f"udp_multicast:{GROUP}", may_send=True)
    wire.open()

    def send(number: int) -> None:
        wire.write(pack(frame(number)))
        if number % 1000 == 0:
            wire.read(0)

    sent.put(paced(seconds, send))
    wire.close()


def send_serial(master: int, seconds: float, sent: "multiprocessing.queues.Queue[int]") -> None:
    def send(number: int) -> None:
        one = frame(number)
        os.write(master, f"t{one.can_id:03X}{len(one.data)}{one.data.hex().upper()}\r".encode())

    sent.put(paced(seconds, send))


def run(name: str, address: str, seconds: float, start: Callable[[], Callable[[], int]]) -> None:
    """One bus: print what was sent, received and dropped, and the share of a core."""
    with TemporaryDirectory() as folder:
        setup = Setup("bus", "can", address, "can", poll_s=1.0)
        engine = Engine([setup], black_box=Path(folder), black_box_bytes=64 << 20)
        engine.start()
        deadline_s = time.monotonic() + 5
        while not engine.fleet().tracks[0].link.traffic.opens and time.monotonic() < deadline_s:
            time.sleep(0.02)
        wait = start()
        stop = threading.Event()
        looks: list[float] = []

        def look() -> None:
            while not stop.wait(LOOKS_S):
                begun_s = time.monotonic()
                engine.ask(LookAtFrames("bus", rows=40))
                looks.append(time.monotonic() - begun_s)

        watcher = threading.Thread(target=look)
        cpu_s, begun_s = time.process_time(), time.monotonic()
        watcher.start()
        sent = wait()
        time.sleep(0.5)
        cpu_s, took_s = time.process_time() - cpu_s, time.monotonic() - begun_s
        stop.set()
        watcher.join()
        view = engine.ask(LookAtFrames("bus")).frames
        recorder = engine.recording_figures().box
        engine.close()
    received = view.figures.rx_frames if view else 0
    dropped = view.figures.dropped if view else 0
    look_ms = 1000 * sorted(looks)[len(looks) // 2] if looks else 0.0
    print(
        f"{name:<14} {sent:8d} {received:9d} {sent - received:5d} {dropped:8d} {recorder.dropped:9d} "
        f"{100 * cpu_s / took_s:7.0f} {look_ms:9.1f}"
    )


def in_process(target: Callable[..., None], *args: object) -> Callable[[], Callable[[], int]]:
    def start() -> Callable[[], int]:
        queue: multiprocessing.queues.Queue[int] = multiprocessing.get_context("fork").Queue()
        process = multiprocessing.get_context("fork").Process(target=target, args=(*args, queue))
        process.start()

        def wait() -> int:
            sent = queue.get()
            process.join()
            return sent

        return wait

    return start


def virtual(seconds: float) -> Callable[[], Callable[[], int]]:
    def start() -> Callable[[], int]:
        import can

        bus = can.Bus(interface="virtual", channel="bench")
        counts: list[int] = []

        def send(number: int) -> None:
            one = frame(number)
            bus.send(can.Message(arbitration_id=one.can_id, is_extended_id=False, data=one.data))

        thread = threading.Thread(target=lambda: counts.append(paced(seconds, send)))
        thread.start()

        def wait() -> int:
            thread.join()
            bus.shutdown()
            return counts[0]

        return wait

    return start


def hour(folder: Path) -> None:
    """A recorded hour of two packs at 2 s: opening, folding all of it, jumping."""
    path = folder / "hour.packdeck"
    fleet = Fleet()
    lines = [head_line(1, 0, 0.0), fleet_line(fleet, 0, 0.0)]
    for second in range(0, 3600, 2):
        for track in ("left", "right"):
            for reading in (Pack(pack_v=53.2, current_a=12.4, soc_pct=72.0), Cells((3320,) * 16)):
                event = SampleRead(track, float(second), second * 1000, reading)
                fleet = fold(fleet, event)
                lines.append(event_line(event, fleet.version, second * 1_000_000, float(second)))
    path.write_bytes(b"\n".join(lines) + b"\n")
    begun_s = time.perf_counter()
    recording = read_recording(path)
    opened_s = time.perf_counter()
    feed = ReplayFeed(recording)
    feed.ask(Play(paused=True, at_s=recording.length_s))
    folded_s = time.perf_counter()
    feed.ask(Play(at_s=1800.0))
    jumped_s = time.perf_counter()
    print(
        f"replayed hour, {len(lines)} lines: open {1000 * (opened_s - begun_s):.0f} ms, "
        f"fold all {1000 * (folded_s - opened_s):.0f} ms ({3600 / (folded_s - opened_s):.0f} x real time), "
        f"jump back {1000 * (jumped_s - folded_s):.1f} ms"
    )


def main() -> None:
    """All buses, then the hour."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print(f"{PER_S} frames/s for {seconds:g} s, Frames asked 4 times a second, black box on")
    print("bus                sent  received  lost  dropped  rec drops  core %  look p50 ms")
    run("virtual", "virtual:bench", seconds, virtual(seconds))
    run("udp_multicast", f"udp_multicast:{GROUP}", seconds, in_process(send_multicast, seconds))
    if hasattr(os, "openpty"):
        master, slave = os.openpty()
        tty.setraw(slave)
        run("slcan on a pty", f"slcan:{os.ttyname(slave)}", seconds, in_process(send_serial, master, seconds))
    with TemporaryDirectory() as folder:
        hour(Path(folder))


if __name__ == "__main__":
    main()
