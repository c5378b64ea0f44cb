"""Start-up, CPU and bytes of every screen in a real pseudo-terminal, each beside a baseline of the same run.

Run: python -m tests.benchmarks.bench_screens
"""

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SIZE = (120, 40)
STARTS = 7
STEADY_S = 8.0
RATE_HZ = 5.0
KEYS = 60
DEADLINE_S = 30.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Running:
    """A program in a pseudo-terminal of its own."""

    process: subprocess.Popen[bytes]
    master: int
    started_s: float
    seen: bytearray

    def read(self, timeout_s: float) -> bytes:
        """What it wrote within the time."""
        ready, _, _ = select.select([self.master], [], [], timeout_s)
        if not ready:
            return b""
        data = os.read(self.master, 65536)
        self.seen += data
        return data

    def until(self, marker: bytes) -> float:
        """When the marker was written, in seconds after the start."""
        end_s = time.monotonic() + DEADLINE_S
        while marker not in self.seen:
            if time.monotonic() > end_s:
                raise TimeoutError(f"no {marker!r} in {bytes(self.seen[-300:])!r}")
            self.read(0.5)
        return time.monotonic() - self.started_s

    def cpu_s(self) -> float:
        """CPU seconds of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def rss_mib(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def run(kind: str, packs: int = 2, cells: int = 16, rate_hz: float = RATE_HZ) -> Running:
    """Start a child in a pseudo-terminal of the benchmark's size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLORTERM", "NO_COLOR", "LINES", "COLUMNS")}
    env |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "tests.benchmarks.screen_child", kind, str(packs), str(cells), str(rate_hz)]
    started_s = time.monotonic()
    process = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=ROOT, start_new_session=True
    )
    os.close(slave)
    return Running(process, master, started_s, bytearray())


MARKERS = {
    "bare": b"PAINTED",
    "naive": b"PAINTED",
    "overview": b"Overview",
    "tracks": b"Tracks",
    "cells": b"Cells",
}


def start_ms(kind: str) -> tuple[float, float]:
    """First paint in ms and memory in MiB, once settled."""
    child = run(kind)
    first_s = child.until(MARKERS[kind])
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        child.read(0.1)
    rss = child.rss_mib()
    child.end()
    return first_s * 1000, rss


def steady(kind: str) -> tuple[float, float]:
    """CPU ms and bytes for each update of the batteries."""
    child = run(kind)
    child.until(MARKERS[kind])
    settle_s = time.monotonic() + 1.5
    while time.monotonic() < settle_s:
        child.read(0.1)
    cpu_s, begin_s, size = child.cpu_s(), time.monotonic(), len(child.seen)
    while time.monotonic() < begin_s + STEADY_S:
        child.read(0.2)
    updates = (time.monotonic() - begin_s) * RATE_HZ
    result = (child.cpu_s() - cpu_s) / updates * 1000, (len(child.seen) - size) / updates
    child.end()
    return result


def key_ms() -> list[float]:
    """From a pressed key to its picture, with four packs at 10 Hz."""
    child = run("tracks", packs=4, rate_hz=10)
    child.until(MARKERS["tracks"])
    times = []
    for _ in range(KEYS):
        for _ in range(3):
            child.read(0.1)
        child.seen.clear()
        pressed_s = time.monotonic()
        os.write(child.master, b" ")
        child.started_s = pressed_s
        times.append(child.until(b"PAUSED") * 1000)
        os.write(child.master, b" ")
    child.end()
    return sorted(times)


def main() -> None:
    """Print the table."""
    starts: dict[str, list[tuple[float, float]]] = {
        kind: [] for kind in ("bare", "overview", "tracks", "cells")
    }
    for _ in range(STARTS):  # in turn, so that a slow moment hits all alike
        for kind, results in starts.items():
            results.append(start_ms(kind))
    bare_ms, bare_mib = (statistics.median(r[i] for r in starts["bare"]) for i in (0, 1))
    print(f"{'start':<10} {'first paint ms':>15} {'x bare':>7} {'RSS MiB':>9} {'x bare':>7}")
    for kind, results in starts.items():
        ms, mib = (statistics.median(r[i] for r in results) for i in (0, 1))
        print(f"{kind:<10} {ms:15.0f} {ms / bare_ms:7.2f} {mib:9.1f} {mib / bare_mib:7.2f}")
    naive_cpu, naive_bytes = steady("naive")
    print(f"\n{'steady':<10} {'CPU ms/update':>15} {'x naive':>7} {'B/update':>9} {'x naive':>7}")
    print(f"{'naive':<10} {naive_cpu:15.2f} {1:7.2f} {naive_bytes:9.0f} {1:7.2f}")
    for kind in ("overview", "tracks", "cells"):
        cpu, size = steady(kind)
        print(f"{kind:<10} {cpu:15.2f} {cpu / naive_cpu:7.2f} {size:9.0f} {size / naive_bytes:7.2f}")
    times = key_ms()
    p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
    print(f"\nkey to paint, 4 packs at 10 Hz: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {len(times)} keys")


if __name__ == "__main__":
    main()
