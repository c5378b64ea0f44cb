"""What a machine, an engine and its log say of themselves, and a feed that answers. Nothing is random."""

import threading
from dataclasses import replace

from tests import fleets
from tests.fakes import FakeFeed
from tests.fleets import NOW_S, time_ms
from tui.model.fleet import Fleet, Note
from tui.model.link import Cause
from tui.model.requests import Answer, Request
from tui.model.system import (
    BusFigures,
    Check,
    CheckState,
    EngineFigures,
    Grade,
    Health,
    HostFigures,
    LogEntry,
    LogPage,
    LookAtLog,
    LookAtSystem,
    SwitchDebug,
    SystemFigures,
    ThreadFigures,
)

OK, WARN, FAIL, SKIP = CheckState.OK, CheckState.WARN, CheckState.FAIL, CheckState.SKIP
PATH = "/var/lib/packdeck/packdeck.log"
KINDS = ("ble", "uart", "can", "conn", "ok", "err")
HOST = HostFigures("boat", "Linux 6.12 aarch64", "3.13.5", 23.0, 41.0, 87.0, 48.2, 274_000.0)
THREADS = tuple(
    ThreadFigures(name, pct)
    for name, pct in (
        ("link left", 2.1),
        ("engine", 1.4),
        ("link right", 0.8),
        ("history", 0.3),
        ("api", None),
    )
)
ENGINE = EngineFigures("1.0", 4242, 18_720.0, 4.6, 61.4, THREADS, BusFigures(48_213, 3, 50, 0, 6))
HEALTH = (
    Health("left", 97.0, Grade.GOOD, 18, Grade.GOOD),
    Health("right", 55.0, Grade.POOR, 41, Grade.FAIR),
    Health("third"),
)
CHECKS = (
    Check("bluetooth", "bluez", OK, (("version", "5.66"),)),
    Check("bluetooth", "adapter-down", FAIL, (("adapter", "hci0"),)),
    Check("bluetooth", "shared-chip", WARN, (("adapter", "hci0"), ("wifi", "wlan0"))),
    Check("permissions", "group", OK, (("user", "pi"), ("group", "dialout"))),
    Check("can", "can-none", SKIP),
    Check("can", "bus-off", FAIL, (("bus", "can0"), ("bitrate", "500000"))),
    Check("python", "python", OK, (("version", "3.13.5"), ("oldest", "3.11"))),
)
TRACE = ("Traceback (most recent call last):", '  File "uart.py", line 90, in read', "OSError: device gone")


def entry(i: int, kind: str, text: str, source: str, more: tuple[str, ...] = ()) -> LogEntry:
    """The entry that was written `i` seconds before the newest one."""
    at = 43_651 - i
    when = f"2025-10-18 {at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d},{(i * 37) % 1000:03d}"
    return LogEntry(when, kind, text, source, more)


def log(count: int = 40) -> tuple[LogEntry, ...]:
    """Newest first."""
    newest = (
        entry(0, "ok", "left: live", "link left tui.engine.teller"),
        entry(1, "conn", "left: connecting, attempt 3", "link left tui.engine.worker"),
        entry(2, "err", "left: /dev/ttyUSB0 was unplugged", "link left tui.transports.uart", TRACE),
        entry(
            3, "ble",
            "hci0: scan began; filters: none; adapters: hci0 (B8:27:EB:00:11:22, built in, shares its "
            "antenna with wlan0), hci1 (00:1A:7D:DA:71:13, USB); the one with the better signal is taken",
            "ble tui.transports.ble_air",
        ),
        entry(4, "", "[History] Added sample #234", "history tui.engine.history_keeper"),
        entry(5, "can", "can0: bus error counter 12", "link bus tui.transports.can"),
        entry(6, "", "GET /api/status - IP: ::1", "api tui.api.server"),
    )  # fmt: skip
    more = tuple(
        entry(7 + i, "uart", f"left: answer {i} of 27 bytes", "link left tui.transports.uart")
        for i in range(count)
    )
    return (*newest, *more)[:count]


def figures(**more: object) -> SystemFigures:
    """Everything known, tests made two minutes ago."""
    made = SystemFigures(time_ms(NOW_S), HOST, ENGINE, HEALTH, CHECKS, time_ms(NOW_S - 125))
    return replace(made, **more)  # type: ignore[arg-type]


def unknown() -> SystemFigures:
    """A machine that tells nothing of itself."""
    bus = BusFigures(0, 0, 0, 0, 0)
    engine = EngineFigures("1.0", 4242, 3.0, None, None, (), bus)
    return SystemFigures(time_ms(NOW_S), HostFigures("boat", "Plan 9", "3.13.5"), engine)


def busy() -> SystemFigures:
    """An engine that logs everything, and whose bus has lost events."""
    bus = BusFigures(48_213, 50, 50, 17, 6)
    return figures(engine=replace(ENGINE, cpu_pct=142.0, bus=bus, is_debug=True), tests=None, tested_ms=None)


def eventful(count: int = 200) -> Fleet:
    """As many notes as a fleet keeps (row CL-27), newest first."""
    some = (
        ("left", "battery-charging", ()),
        ("", "polling-on", ()),
        ("right", "link-up", ()),
        ("right", "link-lost", ()),
        ("", "notify-fails", (("way", "command"), ("reason", "exit status 1: no route to host"))),
        ("left", "alert-raised", (("alert", "cell-high"), ("where", "7"))),
        ("", "history-damaged",
         (("path", "/var/lib/packdeck/history.db"), ("aside", "/var/lib/packdeck/history.damaged-1.db"))),
    )  # fmt: skip
    notes = tuple(
        Note(time_ms(NOW_S - 17 * i * i), *some[i % len(some)][:2], some[i % len(some)][2])
        for i in range(count)
    )
    return replace(fleets.live(), notes=notes, screens=2)


class SystemFeed(FakeFeed):
    """Answers for machine and log as an engine does; commands are noted in `asked`."""

    def __init__(self, fleet: Fleet | None = None, made: SystemFigures | None = None) -> None:
        super().__init__(fleet or eventful(), now=NOW_S)
        self.figures = made or figures()
        self.log = log()
        self.refusal: Cause | None = None
        self.refuses: tuple[type, ...] = (LookAtSystem, LookAtLog, SwitchDebug)
        self.test_refusal: Cause | None = None
        self.gate = threading.Event()  # self-tests end when it is open
        self.gate.set()

    def ask(self, request: Request) -> Answer:
        """As the engine does."""
        self.asked.append(request)
        if self.refusal is not None and isinstance(request, self.refuses):
            return Answer(False, self.refusal)
        if isinstance(request, LookAtSystem):
            return self._look(request)
        if isinstance(request, LookAtLog):
            found = tuple(
                one for one in self.log
                if (not request.kinds or one.kind in request.kinds) and request.text in one.text
            )  # fmt: skip
            return Answer(True, log_page=LogPage(found[: request.count], PATH, KINDS))
        if isinstance(request, SwitchDebug):
            self.figures = replace(self.figures, engine=replace(self.figures.engine, is_debug=request.on))
        return Answer(True)

    def _look(self, request: LookAtSystem) -> Answer:
        if request.test and self.test_refusal is not None:
            return Answer(False, self.test_refusal)
        if request.test:
            self.gate.wait(30.0)
            cured = tuple(replace(one, state=OK, key="adapter") if one.key == "adapter-down" else one
                          for one in CHECKS)  # fmt: skip
            self.figures = replace(self.figures, tests=cured, tested_ms=time_ms(NOW_S))
        return Answer(True, system=self.figures)
