"""S1-8, S1-73, S3-48: machine and process as figures, on a machine made of files."""

import platform
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tui.host import figures
from tui.host.figures import Load, LoadMeter, host_figures, own_memory_mib
from tui.model.system import ThreadFigures

STAT = "cpu  {} 0 100 {} 50 0 0 0 7 7\ncpu0 1 2 3 4\nintr 5\n"
THREAD = "{} (link (left) x) S 1 1 1 0 -1 0 0 0 0 0 {} {} 0 0 20 0 9 0 100 1 1"


class Made:
    """A machine of files whose counters are set by a test; ticks are hundredths of a second."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(figures, "_TICKS_S", 100.0)
        self.root, self.clock = root, FakeClock()
        self.own_s = 0.0
        self.names = {11: "MainThread", 12: "link left"}
        self.meter = LoadMeter(root, clock=self.clock, own=lambda: self.own_s, names=lambda: self.names)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def machine(self, busy: int, idle: int) -> None:
        self.write("proc/stat", STAT.format(busy, idle))

    def thread(self, number: int, user: int, system: int = 0) -> None:
        self.write(f"proc/self/task/{number}/stat", THREAD.format(number, user, system))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    return Made(tmp_path, monkeypatch)


def test_load_is_what_was_between_two_looks(made: Made) -> None:
    """S3-48: the busiest thread is the first."""
    made.machine(1000, 5000)
    made.thread(11, 100)
    made.thread(12, 50, 50)
    first = made.meter.look()
    assert (first.cpu_pct, first.own_cpu_pct) == (None, None)
    assert first.threads == (ThreadFigures("MainThread"), ThreadFigures("link left"))
    made.clock.advance(2.0)
    made.machine(1100, 5300)
    made.thread(11, 110)
    made.thread(12, 100, 100)
    made.thread(13, 500)
    made.write("proc/self/task/13/comm", "jpeg\n")
    made.own_s = 1.1
    assert made.meter.look() == Load(
        pytest.approx(25.0),
        pytest.approx(55.0),
        (
            ThreadFigures("link left", pytest.approx(50.0)),
            ThreadFigures("MainThread", pytest.approx(5.0)),
            ThreadFigures("jpeg"),  # not there at the look before
        ),
    )


def test_two_screens_that_look_at_once_see_the_same(made: Made) -> None:
    made.machine(1000, 5000)
    made.thread(11, 100)
    made.meter.look()
    made.clock.advance(1.0)
    made.machine(1050, 5050)
    one = made.meter.look()
    made.clock.advance(0.1)
    made.machine(9000, 5050)
    assert made.meter.look() == one
    made.clock.advance(1.0)
    assert made.meter.look() != one


def test_counters_that_went_back_are_no_load_below_nothing(made: Made) -> None:
    made.machine(1000, 5000)
    made.thread(11, 100)
    made.meter.look()
    made.clock.advance(1.0)
    made.machine(900, 5400)
    made.thread(11, 90)
    load = made.meter.look()
    assert (load.cpu_pct, load.threads) == (0.0, (ThreadFigures("MainThread", 0.0),))


@pytest.mark.parametrize("text", ["", "cpu", "cpu 1 2", "cpu a b c d e", "intr 1 2 3 4 5 6"])
def test_a_system_that_does_not_tell_has_no_figures(made: Made, text: str) -> None:
    """macOS and Windows have no /proc; nothing is invented."""
    made.write("proc/stat", text)
    made.meter.look()
    made.clock.advance(1.0)
    made.own_s = 0.5
    load = made.meter.look()
    assert load.cpu_pct is None and load.threads == ()
    assert load.own_cpu_pct == pytest.approx(50.0)
    host = host_figures(None, root=made.root)
    assert (host.memory_pct, host.disk_pct, host.temperature_c, host.uptime_s) == (None,) * 4
    assert own_memory_mib(made.root) is None
    assert host.python == platform.python_version()
    assert host.system.startswith(platform.system())


def test_memory_disk_and_uptime(made: Made) -> None:
    made.write("proc/meminfo", "MemTotal:        8000 kB\nMemFree: 1 kB\nMemAvailable:    6000 kB\n")
    made.write("proc/uptime", "93784.51 1.2\n")
    made.write("proc/self/statm", "9000 2560 100 0 0 0 0\n")
    host = host_figures(made.root / "not" / "made" / "yet", 12.5, made.root)
    assert (host.cpu_pct, host.memory_pct, host.uptime_s) == (12.5, 25.0, 93784.51)
    assert host.disk_pct is not None and 0 < host.disk_pct <= 100
    assert own_memory_mib(made.root) == 2560 * figures._PAGE_BYTES / (1 << 20)


@pytest.mark.parametrize(
    ("zones", "celsius"),
    [
        ({"acpitz": "27800", "x86_pkg_temp": "61000"}, 61.0),
        ({"cpu-thermal": "48686"}, 48.686),
        ({"soc-thermal": "41000", "cpu0-thermal": "50500", "cpu1-thermal": "52000"}, 52.0),
        ({"soc-thermal": "41000", "battery": "60000"}, 41.0),
        ({"battery": "31000"}, None),
        ({"cpu-thermal": "-274000"}, None),
        ({"cpu-thermal": "invalid"}, None),
        ({}, None),
    ],
)
def test_the_temperature_is_the_processors(made: Made, zones: dict[str, str], celsius: float | None) -> None:
    for number, (kind, text) in enumerate(zones.items()):
        made.write(f"sys/class/thermal/thermal_zone{number}/type", f"{kind}\n")
        made.write(f"sys/class/thermal/thermal_zone{number}/temp", f"{text}\n")
    assert host_figures(None, root=made.root).temperature_c == celsius


def test_this_process_is_seen_as_it_is() -> None:
    """Nothing made up: a real look, at whatever this runs on."""
    clock = FakeClock()
    meter = LoadMeter(clock=clock, own=lambda: clock.now_s / 2)
    meter.look()
    clock.advance(1.0)
    load = meter.look()
    assert load.own_cpu_pct == pytest.approx(50.0)
    if Path("/proc/self/task").is_dir():
        assert "MainThread" in [thread.name for thread in load.threads]
        assert (own_memory_mib() or 0) > 1
