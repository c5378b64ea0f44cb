"""Keeps what was measured, and answers questions about it."""

import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui.engine.plausible import Plausible
from tui.model.events import Event, SampleRead
from tui.model.fleet import Fleet
from tui.model.history import (
    CellHeat,
    ClearHistory,
    Energy,
    EnergyTable,
    ExportHistory,
    HistoryFiles,
    HistoryPage,
    HistoryRequest,
    LookAtStorage,
    Mark,
    SampleTable,
    StorageFigures,
    measured,
    quantity,
    with_derived,
)
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.model.sample import Pack
from tui.model.settings import HistorySettings
from tui.model.track import Track
from tui.store.database import CHECKED_BYTES, Database, DatabaseError
from tui.store.history_archives import ArchiveError, Archives
from tui.store.history_buckets import day_of
from tui.store.history_files import ExportError, export
from tui.store.history_reader import HistoryReader
from tui.store.history_retention import size_of, too_much, too_old
from tui.store.history_writer import HistoryWriter

log = logging.getLogger(__name__)

QUEUE_READINGS = 20_000
JUMP_S = 2.0  # so far the clock of the machine may drift from the steady one between two readings
HOUSEKEEPING_S = 600.0
FIRST_HOUSEKEEPING_S = 60.0  # after the start: a small board has enough to do before
ENERGY_GAP_S = 60.0  # over a longer pause nothing is counted
CLOSE_S = 2.0
SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    track: Track
    at_s: float
    time_ms: int
    nominal_ah: float | None


@dataclass(slots=True)
class _Seen:
    """What is known of a track from its reading before."""

    at_s: float
    power_w: float | None = None
    current_a: float | None = None
    slot: int = -1  # number of the interval in which the newest sample was stored


class HistoryKeeper:
    """Everything about the history in one engine.

    `listener` is called by the engine's thread and costs microseconds; the thread "history" does the rest,
    and `ask` works in the thread of whoever asks. `on_trouble` is told once why nothing can be stored, and
    with `None` when that is over: the readings of that time are kept in memory, as far as there is room.
    """

    def __init__(
        self,
        path: Path,
        *,
        settings: HistorySettings | None = None,
        archives: Path | None = None,
        on_trouble: Callable[[Cause | None], None] = lambda cause: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._settings = path, settings or HistorySettings()
        self._archives = Archives(archives) if archives else None
        self._on_trouble, self._clock, self._wall = on_trouble, clock, wall
        self._queue: deque[_Reading] = deque(maxlen=QUEUE_READINGS)
        self._newest_at_s: dict[str, float] = {}  # the engine's thread only
        self._lock = threading.RLock()  # of everything below
        self._seen: dict[str, _Seen] = {}
        self._plausible = Plausible()
        self._offset_s: float | None = None
        self._jumps = 0
        self._keep_house_at_s = clock() + FIRST_HOUSEKEEPING_S
        self._committed_ms: int | None = None
        self._database: Database | None = None
        self._writer: HistoryWriter
        self._reader: HistoryReader
        self._is_open = self._is_paused = False
        self._stored = 0
        self._house = threading.Thread(name="archives")  # not started: none runs
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        """Open the database and begin."""
        self._database = Database.shared(self._path, self._trouble)
        self._writer = HistoryWriter(self._database)
        self._reader = HistoryReader(self._database, self._writer.newest)
        self._is_open = True
        self._writer.mark(Mark(self._time_ms(), "started"))
        if self._database.cause is not None:
            self._writer.mark(Mark(self._time_ms(), "paused"))
        self._thread.start()

    def close(self) -> None:
        """Write what is waiting and end, within 5 s. Safe to call twice."""
        if self._database is None or self._ending.is_set():
            return
        self._ending.set()
        self._thread.join(CLOSE_S)
        with self._lock:
            self._load()
            self._take_in()
            self._commit(is_last=True)
        self._database.close()

    def listener(self, event: Event | None, fleet: Fleet) -> None:
        """Something happened: readings are noted, at most one in each live interval."""
        if not isinstance(event, SampleRead) or not isinstance(event.reading, Pack):
            return
        track = fleet.track(event.track)
        before_s = self._newest_at_s.get(event.track, float("-inf"))
        # A tenth of the interval: readings come nearly, and not exactly, as often as they are asked for.
        if track is None or event.at_s - before_s < 0.9 * self._settings.live_interval_s:
            return
        self._newest_at_s[event.track] = event.at_s
        self._queue.append(_Reading(track, event.at_s, event.time_ms, event.reading.nominal_ah))

    def ask(self, request: HistoryRequest) -> Answer:
        """The answer to a question, or what came of a command."""
        if self._database is None or self._ending.is_set():
            return Answer(False, Cause("engine-closed"))
        if cause := _mistake(request):
            return Answer(False, cause)
        try:
            with self._lock:
                self._load()
                self._take_in()
            return self._obey(request)
        except (DatabaseError, ArchiveError, ExportError) as error:
            return Answer(False, error.cause)
        except OSError as error:
            args = (("path", error.filename or ""), ("reason", error.strerror or str(error)))
            return Answer(False, Cause("folder-unusable", args))

    def settle(self) -> bool:
        """Take in and write what is there, now; True when all of it is in the file."""
        assert self._database is not None
        with self._lock:
            self._load()
            self._take_in()
            self._commit(is_last=True)
        return self._database.settle()

    def _obey(self, request: HistoryRequest) -> Answer:
        now_ms = self._time_ms()
        match request:
            case HistoryPage():
                return Answer(True, chart=self._reader.chart(request, now_ms))
            case SampleTable(archive=name) if name:
                return self._archive_page(request)
            case SampleTable():
                interval_ms = self._settings.interval_s * 1000
                page = self._reader.page(
                    request, interval_ms=interval_ms, capacity=self._settings.live_entries
                )
                return Answer(True, samples=page)
            case EnergyTable():
                self._settle_sums()
                return Answer(True, energy=self._reader.energy(request, now_ms))
            case CellHeat():
                return Answer(True, heat=self._reader.heat(request, now_ms))
            case HistoryFiles():
                return Answer(True, files=self._archives.files() if self._archives else ())
            case ExportHistory():
                return self._export(request)
            case ClearHistory(what):
                return self._clear(what)
            case LookAtStorage():
                return Answer(True, storage=self.figures())
        return Answer(False, Cause("request-unknown", (("request", type(request).__name__),)))

    def _settle_sums(self) -> None:
        if self._database is not None and self._database.waiting:
            self._database.settle(SETTLE_S)  # sums on their way to the file are nowhere else

    def _export(self, asked: ExportHistory) -> Answer:
        """DatabaseError, ArchiveError, ExportError."""
        archived = None
        if asked.archive:
            if self._archives is None:
                return Answer(False, Cause("archive-missing", (("file", asked.archive),)))
            archived = self._archives.rows(asked.archive, asked.quantities)
        else:
            self._settle_sums()
        return Answer(True, export=export(self._reader, asked, self._time_ms(), archived))

    def figures(self) -> StorageFigures:
        """How the store is doing. DatabaseError when the file cannot be read."""
        database = self._database
        assert database is not None
        samples, first_ms, last_ms = self._reader.count()
        size_bytes = size_of(database)
        files = self._archives.files() if self._archives else ()
        counted = tuple((track, key, n) for (track, key), n in sorted(self._plausible.left_out.items()))
        free_bytes = None
        with suppress(OSError):
            free_bytes = shutil.disk_usage(self._path.parent).free
        return StorageFigures(
            path=str(self._path),
            size_bytes=size_bytes,
            free_bytes=free_bytes,
            samples=samples,
            first_ms=first_ms,
            last_ms=last_ms,
            bytes_per_sample=size_bytes / samples if samples else None,
            last_commit_ms=self._committed_ms,
            waiting=self._writer.waiting,
            lost=self._writer.lost,
            implausible=sum(n for _, _, n in counted),
            implausible_values=counted,
            clock_jumps=self._jumps,
            archives=len(files),
            archives_bytes=sum(file.size_bytes for file in files),
            interval_s=float(self._settings.interval_s),
            commit_s=float(self._settings.commit_s),
            cause=database.cause,
        )

    def check(self) -> Cause | None:
        """What is wrong with the database; `None` when it writes what waits and can be read. Takes its time.

        A file that is not large is read through.
        """
        database = self._database
        if database is None or self._ending.is_set():
            return Cause("engine-closed")
        database.settle()
        if database.cause is not None:
            return database.cause
        try:
            if self._path.stat().st_size <= CHECKED_BYTES and not database.check():
                return Cause("database-unreadable", (("path", str(self._path)),))
            database.read("SELECT count(*) FROM migrations")
        except DatabaseError as error:
            return error.cause
        except OSError as error:
            reason = error.strerror or str(error)
            return Cause("database-failed", (("path", str(self._path)), ("reason", reason)))
        return None

    def newest_ms(self) -> int | None:
        """Unix time of the newest sample; `None` when there is none, or the file cannot be read."""
        if self._database is None:
            return None
        with suppress(DatabaseError):
            return self._reader.count()[2]
        return None

    def _run(self) -> None:
        self.turn()
        threading.Thread(target=self._check, name="history check", daemon=True).start()
        while not self._ending.wait(self._settings.commit_s):
            self.turn()

    def _check(self) -> None:
        """A large file is read through here: it would hold up the start of the engine, and every commit."""
        assert self._database is not None
        try:
            if self._path.stat().st_size > CHECKED_BYTES:
                self._database.check()
        except OSError as error:
            log.warning("%s could not be checked: %s", self._path, error)

    def turn(self) -> None:
        """What the thread does again and again. Never raises."""
        try:
            with self._lock:
                self._load()
                self._take_in()
                self._commit()
            if self._clock() >= self._keep_house_at_s and not self._house.is_alive():
                self._keep_house_at_s = self._clock() + HOUSEKEEPING_S
                self._house = threading.Thread(target=self._keep_house, name="archives", daemon=True)
                self._house.start()  # a day of seconds takes its time, and commits do not wait
        except Exception:
            log.exception("a turn of the history failed")

    def _keep_house(self) -> None:
        try:
            self.keep_house()
        except (DatabaseError, OSError) as error:
            log.warning("history: %s", error)
        except Exception:
            log.exception("the archives could not be looked after")

    def _load(self) -> None:
        """Go on where the file ends; without a file that can be read everything waits in memory."""
        try:
            self._writer.load()
        except DatabaseError as error:
            log.warning("the history cannot be read yet: %s", error)

    def _commit(self, *, is_last: bool = False) -> None:
        if self._writer.commit(is_last=is_last):
            self._committed_ms = self._time_ms()

    def _take_in(self) -> None:
        """Everything that was noted goes to the writer."""
        while self._queue:
            reading = self._queue.popleft()
            try:
                self._take(reading)
            except Exception:
                log.exception("a reading of %s was lost", reading.track.name)

    def _take(self, reading: _Reading) -> None:
        self._watch_clock(reading)
        track, name = reading.track, reading.track.name
        age_s = track.cells_age_s(reading.at_s)
        has_cells = age_s is not None and not track.is_stale(age_s)
        values = self._plausible.sift(name, reading.at_s, measured(track, with_cells=has_cells))
        if not values:
            return
        values = with_derived(values)
        seen = self._seen.get(name)
        slot = reading.time_ms // (self._settings.interval_s * 1000)
        is_due = seen is None or seen.slot != slot
        self._writer.add(name, reading.time_ms, values, store=is_due)
        if is_due:
            self._stored += 1
            log.debug("[History] Added sample #%d", self._stored)  # row S1-68
        power_w, current_a = values.get("power_w"), values.get("current_a")
        if seen is not None:
            self._count_energy(reading, seen, power_w, current_a)
        self._seen[name] = _Seen(reading.at_s, power_w, current_a, slot)

    def _watch_clock(self, reading: _Reading) -> None:
        """A machine without a clock of its own learns the time late: mark it, and keep blocks in order."""
        offset_s = reading.time_ms / 1000 - reading.at_s
        before_s, self._offset_s = self._offset_s, offset_s
        if before_s is None or abs(offset_s - before_s) < JUMP_S:
            return
        kind = "clock-forward" if offset_s > before_s else "clock-back"
        log.warning("the clock was set by %+.1f s", offset_s - before_s)
        self._jumps += 1
        self._writer.cut()
        self._writer.mark(Mark(reading.time_ms, kind, seconds=round(offset_s - before_s, 1)))

    def _count_energy(
        self, reading: _Reading, before: _Seen, power_w: float | None, current_a: float | None
    ) -> None:
        """The area between two readings, by the steady clock."""
        seconds = reading.at_s - before.at_s
        if not 0 < seconds <= max(ENERGY_GAP_S, reading.track.stale_after_s):
            return
        ah = _area(before.current_a, current_a, seconds)
        wh = _area(before.power_w, power_w, seconds)
        if ah is None:
            return
        energy = Energy(
            reading.track.name,
            day_of(reading.time_ms),
            max(0.0, wh or 0.0),
            max(0.0, -(wh or 0.0)),
            max(0.0, ah),
            max(0.0, -ah),
            None,
            seconds,
        )
        self._writer.add_energy(energy, reading.nominal_ah)

    def keep_house(self) -> None:
        """Archives of days that are over, and what must leave. DatabaseError, OSError."""
        database = self._database
        assert database is not None
        settings, now_ms = self._settings, self._time_ms()
        with self._lock:
            self._load()
            self._take_in()
        if self._archives is not None and settings.archives:
            self._archives.write_missing(self._reader, now_ms, settings.archive_keep_days)
            self._archives.prune(settings.archive_keep_days, settings.archive_size_mb << 20, now_ms)
        _, _, last_ms = self._reader.count()
        if last_ms is not None:
            database.execute_all(too_old(settings.keep_days, last_ms))
            database.execute_all(too_much(database, settings.size_mb << 20))

    def _archive_page(self, request: SampleTable) -> Answer:
        if self._archives is None:
            return Answer(False, Cause("archive-missing", (("file", request.archive),)))
        page, cause = self._archives.page(request)
        return Answer(True, cause, samples=page)

    def _clear(self, what: str) -> Answer:
        assert self._database is not None
        if what in ("samples", "all"):
            with self._lock:
                self._database.execute_all(self._writer.clear())
                self._seen.clear()
            self._database.settle()
        if what in ("archives", "all") and self._archives is not None:
            self._archives.clear()
        log.info("[History] cleared: %s", what)
        return Answer(True, storage=self.figures())

    def _trouble(self, cause: Cause | None) -> None:
        """In the thread of the database."""
        if cause is not None and self._is_paused:
            pass  # for another reason than before: one mark is enough
        elif cause is None or cause.key != "database-damaged":
            self._is_paused = cause is not None
            kind = "resumed" if cause is None else "paused"
            if self._is_open:  # else it is marked when it is
                self._writer.mark(Mark(self._time_ms(), kind))
        self._on_trouble(cause)

    def _time_ms(self) -> int:
        return int(self._wall() * 1000)


def _mistake(request: HistoryRequest) -> Cause | None:
    """Why a question makes no sense; `None` when it does."""
    asked = getattr(request, "quantities", ())
    if unknown := next((key for key in asked if quantity(key) is None), ""):
        return Cause("quantity-unknown", (("quantity", unknown),))
    from_ms, until_ms = getattr(request, "from_ms", None), getattr(request, "until_ms", None)
    if from_ms is not None and until_ms is not None and from_ms >= until_ms:
        return Cause("range-empty", (("from", str(from_ms)), ("until", str(until_ms))))
    return None


def _area(before: float | None, now: float | None, seconds: float) -> float | None:
    """Hours times the unit of the value; `None` when an end is not known."""
    if before is None or now is None:
        return None
    return (before + now) / 2 * seconds / 3600
