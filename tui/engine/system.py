"""What the program knows of itself: machine, engine, self-tests, health of the batteries, and its log."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui import __version__
from tui.engine.bus import BusFigures as BusCounters
from tui.engine.self_tests import SelfTests, Under
from tui.host.figures import Load, LoadMeter, host_figures, own_memory_mib
from tui.model.link import Cause
from tui.model.requests import Answer, Request
from tui.model.system import (
    BusFigures,
    EngineFigures,
    Grade,
    Health,
    LogEntry,
    LogPage,
    LookAtLog,
    LookAtSystem,
    SwitchDebug,
    SystemFigures,
)
from tui.model.track import Track

log = logging.getLogger(__name__)

REQUESTS = (LookAtSystem, LookAtLog, SwitchDebug)
LOG_MAX = 1000  # entries in one answer
PROGRAM = "tui"  # the root of the names of all loggers of this program
# Row CL-29: above so much it is good, above so much it is fair; of the balance below so much.
SOH_GOOD_PCT, SOH_FAIR_PCT = 80.0, 60.0
SPREAD_GOOD_MV, SPREAD_FAIR_MV = 30, 50


class System:
    """Answers `LookAtSystem`, `LookAtLog` and `SwitchDebug`. Any thread may ask; only the self-tests wait.

    `measured_soh_pct` is what the estimates say of a track, `listeners` how many listen to the bus.
    """

    def __init__(
        self,
        under: Under,
        *,
        bus: Callable[[], BusCounters],
        listeners: Callable[[], int],
        measured_soh_pct: Callable[[str], float | None],
        log_file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        meter: LoadMeter | None = None,
        tests: SelfTests | None = None,
        root: Path = Path("/"),
    ) -> None:
        self._under, self._bus, self._listeners = under, bus, listeners
        self._measured_soh_pct, self._log_file = measured_soh_pct, log_file
        self._clock, self._root = clock, root
        self._meter = meter or LoadMeter(root)
        self._tests = tests or SelfTests(under)
        self._began_s = clock()
        self._transports = {setup.name: setup.transport for setup in under.setups}
        self._page: tuple[LookAtLog, tuple[int, ...], Answer] | None = None  # the newest, and of which file
        self._switched = False

    def ask(self, request: Request) -> Answer:
        """The answer to a question, or what came of the command."""
        match request:
            case LookAtSystem(test):
                if test:
                    self._tests.make()
                return Answer(True, system=self._look())
            case LookAtLog():
                return self._look_at_log(request)
            case SwitchDebug(on):
                self._switch_debug(on)
                return Answer(True)
        return Answer(False, Cause("request-unknown", (("request", type(request).__name__),)))

    def close(self) -> None:
        """What was switched by somebody does not outlive the engine. Safe to call twice."""
        if self._switched:
            self._switched = False
            logging.getLogger(PROGRAM).setLevel(logging.NOTSET)

    def _look(self) -> SystemFigures:
        load = self._meter.look()
        tests, tested_ms = self._tests.newest or (None, None)
        return SystemFigures(
            time_ms=int(self._under.wall() * 1000),
            host=host_figures(self._under.folder, load.cpu_pct, self._root),
            engine=self._engine(load),
            health=tuple(self._health(track) for track in self._under.fleet().tracks),
            tests=tests,
            tested_ms=tested_ms,
        )

    def _engine(self, load: Load) -> EngineFigures:
        bus = self._bus()
        return EngineFigures(
            version=__version__,
            pid=os.getpid(),
            uptime_s=max(0.0, self._clock() - self._began_s),
            cpu_pct=load.own_cpu_pct,
            rss_mib=own_memory_mib(self._root),
            threads=load.threads,
            bus=BusFigures(
                bus.total_publishes, bus.queue_length, bus.queue_max, bus.dropped_events, self._listeners()
            ),
            is_debug=logging.getLogger(PROGRAM).isEnabledFor(logging.DEBUG),
        )

    def _health(self, track: Track) -> Health:
        """What the unit tells of its health, else what was measured; the spread only while it is new."""
        soh_pct = track.pack.soh_pct
        if soh_pct is None:
            soh_pct = self._measured_soh_pct(track.name)
        is_new = not track.is_stale(track.cells_age_s(self._clock()))
        spread_mv = track.cells.spread_mv if is_new else None
        return Health(track.name, soh_pct, overall_of(soh_pct), spread_mv, balance_of(spread_mv))

    def _look_at_log(self, asked: LookAtLog) -> Answer:
        from tui.host.log_entries import holds, newest, with_older
        from tui.host.log_kinds import CHOICES

        path = self._log_file
        if path is None:
            return Answer(False, Cause("log-off"))
        if unknown := next((kind for kind in asked.kinds if kind not in CHOICES), ""):
            return Answer(False, Cause("log-kind", (("kind", unknown), ("kinds", ", ".join(CHOICES)))))

        def fits(entry: LogEntry) -> bool:
            return self._is_of(entry, asked.kinds) and (not asked.text or holds(entry, asked.text))

        try:
            stat = path.stat()
            is_now = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            # Screens ask again and again: to find that nothing fits all of the files must be read.
            if (page := self._page) is not None and page[:2] == (asked, is_now):
                return page[2]
            found = newest(with_older(path), min(asked.count, LOG_MAX), fits)
        except FileNotFoundError:
            return Answer(False, Cause("log-missing", (("path", str(path)),)))
        except OSError as error:
            args = (("path", str(path)), ("reason", error.strerror or str(error)))
            return Answer(False, Cause("log-unreadable", args))
        entries = tuple(self._with_transport(entry) for entry in found)
        answer = Answer(True, log_page=LogPage(entries, str(path), CHOICES))
        self._page = asked, is_now, answer
        return answer

    def _is_of(self, entry: LogEntry, kinds: tuple[str, ...]) -> bool:
        """What went wrong with a transport is of the errors, and of that transport."""
        return not kinds or entry.kind in kinds or self._transport(entry) in kinds

    def _with_transport(self, entry: LogEntry) -> LogEntry:
        """A connection, or nothing at all, is less than its transport; a success or an error is more."""
        transport = self._transport(entry) if entry.kind in ("", "conn") else ""
        return replace(entry, kind=transport) if transport else entry

    def _transport(self, entry: LogEntry) -> str:
        from tui.host.log_kinds import transport_of

        return transport_of(entry.source, self._transports)

    def _switch_debug(self, on: bool) -> None:
        """Row S1-33. Other people's loggers stay as they are: their debug lines hold secrets of devices."""
        program = logging.getLogger(PROGRAM)
        if on:
            program.setLevel(logging.DEBUG)
            log.info("everything is logged from now on")
        else:
            log.info("only what the configuration says is logged from now on")
            program.setLevel(logging.NOTSET)
        self._switched = on


def overall_of(soh_pct: float | None) -> Grade | None:
    """The word for a state of health."""
    if soh_pct is None:
        return None
    if soh_pct > SOH_GOOD_PCT:
        return Grade.GOOD
    return Grade.FAIR if soh_pct > SOH_FAIR_PCT else Grade.POOR


def balance_of(spread_mv: int | None) -> Grade | None:
    """The word for the distance between the highest and the lowest cell."""
    if spread_mv is None:
        return None
    if spread_mv < SPREAD_GOOD_MV:
        return Grade.GOOD
    return Grade.FAIR if spread_mv < SPREAD_FAIR_MV else Grade.POOR
