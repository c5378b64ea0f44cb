"""How busy this machine and this process are, from /proc and /sys. `None` where the system does not tell."""

import os
import platform
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.model.system import HostFigures, ThreadFigures

LEAST_S = 0.5  # the kernel counts in hundredths: over less, a percent would be chance
WARMEST_C = 150.0  # no processor is warmer and runs
_CPU_ZONES = (r"cpu", r"x86_pkg|pkg|package", r"soc|core")  # names of sensors, the best first
_TICKS_S = float(os.sysconf("SC_CLK_TCK")) if hasattr(os, "sysconf") else 100.0
_PAGE_BYTES = int(os.sysconf("SC_PAGE_SIZE")) if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Load:
    """One look. Percents are since the look before, `None` at the first: of all processors for `cpu_pct`, of
    one for `own_cpu_pct` and the threads, the busiest first."""

    cpu_pct: float | None = None
    own_cpu_pct: float | None = None
    threads: tuple[ThreadFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the counters said at one moment, in seconds of processors."""

    at_s: float
    all_s: tuple[float, float] | None  # busy, and busy or idle
    own_s: float
    threads_s: Mapping[int, float]


def _names() -> dict[int, str]:
    return {thread.native_id or 0: thread.name for thread in threading.enumerate()}


class LoadMeter:
    """Turns the kernel's counters into percents: keeps what they said at the look before.

    Whoever looks sooner than after half a second gets the figures of the look before. Any thread may look.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        clock: Callable[[], float] = time.monotonic,
        own: Callable[[], float] = time.process_time,
        names: Callable[[], dict[int, str]] = _names,
    ) -> None:
        self._root, self._clock, self._own, self._thread_names = root, clock, own, names
        self._lock = threading.Lock()
        self._before: _Counted | None = None
        self._load = Load()

    def look(self) -> Load:
        """The load since the look before."""
        with self._lock:
            before = self._before
            if before is None or self._clock() - before.at_s >= LEAST_S:
                self._before = now = self._count()
                self._load = self._between(before, now)
            return self._load

    def _count(self) -> _Counted:
        threads = dict(_thread_seconds(self._root))
        return _Counted(self._clock(), _all_seconds(self._root), self._own(), threads)

    def _between(self, before: _Counted | None, now: _Counted) -> Load:
        names = self._thread_names()
        threads = []
        for number, seconds in now.threads_s.items():
            earlier = before.threads_s.get(number) if before else None
            pct = None
            if before is not None and earlier is not None:
                pct = _pct(seconds - earlier, now.at_s - before.at_s)
            name = names.get(number) or _text(self._root / f"proc/self/task/{number}/comm") or str(number)
            threads.append(ThreadFigures(name, pct))
        threads.sort(key=lambda thread: (-(thread.cpu_pct or 0.0), thread.name))
        if before is None:
            return Load(threads=tuple(threads))
        cpu_pct = None
        if before.all_s and now.all_s:
            cpu_pct = _pct(now.all_s[0] - before.all_s[0], now.all_s[1] - before.all_s[1], most=100.0)
        own_pct = _pct(now.own_s - before.own_s, now.at_s - before.at_s)
        return Load(cpu_pct, own_pct, tuple(threads))


def host_figures(folder: Path | None, cpu_pct: float | None = None, root: Path = Path("/")) -> HostFigures:
    """The machine now. `folder`: what is kept, perhaps not made yet; `None`: nothing is."""
    release = re.match(r"\d+(\.\d+)?", platform.release())
    words = (platform.system(), release[0] if release else platform.release(), platform.machine())
    return HostFigures(
        name=platform.node(),
        system=" ".join(word for word in words if word),
        python=platform.python_version(),
        cpu_pct=cpu_pct,
        memory_pct=_memory_pct(root),
        disk_pct=None if folder is None else _disk_pct(folder),
        temperature_c=_temperature_c(root),
        uptime_s=_first_number(_text(root / "proc/uptime")),
    )


def own_memory_mib(root: Path = Path("/")) -> float | None:
    """Memory that this process has of the machine's, in MiB."""
    words = _text(root / "proc/self/statm").split()
    return int(words[1]) * _PAGE_BYTES / (1 << 20) if len(words) > 1 and words[1].isdigit() else None


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.parents) if path.exists()), folder)


def _pct(part: float, whole: float, most: float | None = None) -> float | None:
    if whole <= 0:
        return None
    pct = max(0.0, 100.0 * part / whole)
    return pct if most is None else min(most, pct)


def _all_seconds(root: Path) -> tuple[float, float] | None:
    """Seconds that all processors were busy, and that they were there. See proc(5), /proc/stat."""
    words = _text(root / "proc/stat").partition("\n")[0].split()
    if len(words) < 5 or words[0] != "cpu" or not all(word.isdigit() for word in words[1:]):
        return None
    counts = [int(word) for word in words[1:9]]  # what guests take is in "user" already
    idle = sum(counts[3:5])  # and waiting for a disk
    return (sum(counts) - idle) / _TICKS_S, sum(counts) / _TICKS_S


def _thread_seconds(root: Path) -> Iterator[tuple[int, float]]:
    """Number and processor time of each thread of this process. See proc(5), /proc/pid/stat."""
    try:
        folders = list((root / "proc/self/task").iterdir())
    except OSError:
        return
    for folder in folders:
        after_name = _text(folder / "stat").rpartition(")")[2].split()
        if folder.name.isdigit() and len(after_name) > 12:
            user, system = after_name[11], after_name[12]  # fields 14 and 15
            if user.isdigit() and system.isdigit():
                yield int(folder.name), (int(user) + int(system)) / _TICKS_S


def _memory_pct(root: Path) -> float | None:
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE))
    if "MemTotal" not in found or "MemAvailable" not in found:
        return None
    return _pct(int(found["MemTotal"]) - int(found["MemAvailable"]), int(found["MemTotal"]), most=100.0)


def _disk_pct(folder: Path) -> float | None:
    try:
        usage = shutil.disk_usage(existing(folder))
    except OSError:
        return None
    return _pct(usage.used, usage.used + usage.free)  # what is reserved for root is neither


def _temperature_c(root: Path) -> float | None:
    zones = []
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        text = _text(zone / "temp")
        if re.fullmatch(r"-?\d+", text) and abs(int(text)) < WARMEST_C * 1000:
            zones.append((_text(zone / "type").lower(), int(text) / 1000))
    for pattern in _CPU_ZONES:
        if found := [celsius for name, celsius in zones if re.search(pattern, name)]:
            return max(found)
    return None  # of the board or of a battery: not the processor's


def _first_number(text: str) -> float | None:
    found = re.match(r"\d+(\.\d+)?", text)
    return float(found[0]) if found else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
