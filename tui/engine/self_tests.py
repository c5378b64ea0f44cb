"""The engine tries what it needs (row CL-29): storage, database, clock, ports, adapters, and its machine."""

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.model.fleet import Fleet
from tui.model.link import Cause, Link, Phase
from tui.model.system import Check, CheckState
from tui.model.track import Setup
from tui.transports import ports

if TYPE_CHECKING:
    from tui.host.doctor import Machine

log = logging.getLogger(__name__)

LIMIT_S = 8.0  # a screen waits ten for an answer
ROOM_LOW_MB = 200  # some months of history, or a day of the black box
PROBE_BYTES = 4096
EARLIEST_MS = 1_767_225_600_000  # 2026-01-01: this program is younger
CLOCK_OFF_MS = 60_000  # a clock that is set right by less is no news
OWN_AREAS = ("storage", "database", "clock", "ports")
MACHINE_AREAS = ("bluetooth", "permissions", "can", "python", "performance")  # the terminal is the screen's
AREAS = (*OWN_AREAS, *MACHINE_AREAS)


@dataclass(frozen=True, slots=True)
class Under:
    """What is looked at. `folder`: of what is kept. `check_database` says what is wrong with it, and
    `newest_ms` is Unix time of the newest sample in it; `None` where no history is kept."""

    setups: Sequence[Setup]
    fleet: Callable[[], Fleet]
    folder: Path | None = None
    check_database: Callable[[], Cause | None] | None = None
    newest_ms: Callable[[], int | None] | None = None
    machine: "Callable[[], Machine] | None" = None  # instead of this one
    wall: Callable[[], float] = time.time


class SelfTests:
    """Makes them in a thread of their own and keeps the newest results. Any thread may ask."""

    def __init__(
        self,
        under: Under,
        *,
        limit_s: float = LIMIT_S,
        examine: "Callable[[Under, str], list[Check]] | None" = None,
    ) -> None:
        self._under, self._limit_s, self._examine = under, limit_s, examine or checks_of
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: tuple[Check, ...] = ()  # of the tests that run
        self._area = ""
        self._newest: tuple[tuple[Check, ...], int] | None = None

    @property
    def newest(self) -> tuple[tuple[Check, ...], int] | None:
        """The results, and Unix time in ms of their end; `None` when there are none yet."""
        return self._newest

    def make(self) -> None:
        """Make all tests; wait for them, but not for ever. Who comes while they run waits for the same."""
        with self._starting:
            thread = self._thread
            if thread is None or not thread.is_alive():
                self._found = ()
                thread = threading.Thread(target=self._run, name="self-tests", daemon=True)
                self._thread = thread
                thread.start()
        thread.join(self._limit_s)
        if thread.is_alive():
            late = Check(self._area, "test-late", CheckState.WARN, (("seconds", f"{self._limit_s:g}"),))
            self._keep((*self._found, late))

    def _run(self) -> None:
        for area in AREAS:
            self._area = area
            self._found += tuple(self._checks(area))
        self._keep(self._found)

    def _checks(self, area: str) -> list[Check]:
        try:
            return self._examine(self._under, area)
        except Exception as error:
            log.exception("the self-test %s failed by a mistake of its own", area)
            reason = f"{type(error).__name__}: {error}"
            return [Check(area, "test-broken", CheckState.FAIL, (("reason", reason),))]

    def _keep(self, checks: tuple[Check, ...]) -> None:
        self._newest = checks, int(self._under.wall() * 1000)


def checks_of(under: Under, area: str) -> list[Check]:
    """All checks of one of `AREAS`."""
    own = {"storage": _storage, "database": _database, "clock": _clock, "ports": _ports}
    return own[area](under) if area in own else _machine(under, area)


def _check(area: str, key: str, state: CheckState, **args: object) -> Check:
    return Check(area, key, state, tuple((name, str(value)) for name, value in args.items()))


def _storage(under: Under) -> list[Check]:
    """Write a little, make it stay, read it, and throw it away."""
    folder = under.folder
    if folder is None:
        return [_check("storage", "storage-none", CheckState.SKIP)]
    data = os.urandom(PROBE_BYTES)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            is_same = file.read() == data
        free_mb = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        reason = error.strerror or str(error)
        return [_check("storage", "storage-unwritable", CheckState.FAIL, path=folder, reason=reason)]
    if not is_same:
        return [_check("storage", "storage-garbled", CheckState.FAIL, path=folder)]
    if free_mb < ROOM_LOW_MB:
        return [_check("storage", "storage-low", CheckState.WARN, path=folder, free=free_mb)]
    return [_check("storage", "storage", CheckState.OK, path=folder, free=free_mb)]


def _database(under: Under) -> list[Check]:
    """It takes what waits, and its file can be read; and what else is kept is written."""
    if under.check_database is None:
        return [_check("database", "database-none", CheckState.SKIP)]
    if cause := under.check_database():
        return [Check("database", cause.key, CheckState.FAIL, cause.args)]
    if under.fleet().is_written is False:
        return [_check("database", "database-paused", CheckState.FAIL)]
    return [_check("database", "database", CheckState.OK)]


def _clock(under: Under) -> list[Check]:
    """A small board has no clock of its own while it is off."""
    now_ms = int(under.wall() * 1000)
    now = time.strftime("%Y-%m-%d %H:%M", time.localtime(now_ms / 1000))
    newest_ms = under.newest_ms() if under.newest_ms is not None else None
    if now_ms < EARLIEST_MS:
        return [_check("clock", "clock-early", CheckState.FAIL, now=now)]
    if newest_ms is not None and now_ms < newest_ms - CLOCK_OFF_MS:
        newest = time.strftime("%Y-%m-%d %H:%M", time.localtime(newest_ms / 1000))
        return [_check("clock", "clock-behind", CheckState.FAIL, now=now, newest=newest)]
    return [_check("clock", "clock", CheckState.OK, now=now)]


def _ports(under: Under) -> list[Check]:
    """Of each serial track: it is there, and ours."""
    fleet = under.fleet()
    found = []
    for setup in under.setups:
        if setup.transport == "uart":
            track = fleet.track(setup.name)
            found.append(_port(setup, track.link if track else Link()))
    return found or [_check("ports", "port-none", CheckState.SKIP)]


def _port(setup: Setup, link: Link) -> Check:
    port = setup.address
    args = {"track": setup.name, "port": port}
    if cause := ports.cause_before_opening(port):
        key = "port-gone" if cause.key == "port-missing" else "port-unusable"
        return _check("ports", key, CheckState.FAIL, **args)
    # A simulated device holds the other side of its port itself.
    if not ports.is_pty(port) and (found := ports.holder(port)):
        pid, program = found
        return _check("ports", "port-taken", CheckState.FAIL, **args, program=program, pid=pid)
    if link.phase is Phase.LENT:
        return _check("ports", "port-lent", CheckState.SKIP, **args)
    if link.phase in (Phase.LOST, Phase.TAP):
        return _check("ports", "port-closed", CheckState.FAIL, **args)
    return _check("ports", "port", CheckState.OK, **args)


def _machine(under: Under, area: str) -> list[Check]:
    """What `packdeck doctor` looks at. What no track needs is no failure."""
    from tui.host import doctor

    machine = under.machine() if under.machine else doctor.Machine.here(doctor.run_program)
    buses = [(s.address, s.bitrate) for s in under.setups if s.transport == "can" and ":" not in s.address]
    checks = doctor.examine(machine, [area], buses)
    if area == "bluetooth":
        checks += doctor.signals(under.fleet().radio.devices)
    return checks if _is_needed(area, under.setups) else doctor.unneeded(checks, area)


def _is_needed(area: str, setups: Sequence[Setup]) -> bool:
    match area:
        case "bluetooth":
            return any(setup.transport == "ble" for setup in setups)
        case "permissions":
            return any(
                setup.transport == "uart" or (setup.transport == "can" and ":" in setup.address)
                for setup in setups
                if not setup.simulated
            )
        case "can":
            return any(setup.transport == "can" and ":" not in setup.address for setup in setups)
    return True
