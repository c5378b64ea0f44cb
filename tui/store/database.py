"""The local database: what is kept over restarts. Written by one thread, read by anybody."""

import contextlib
import errno
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tui.model.link import Cause
from tui.store.alert_log import ALERTS_1
from tui.store.history_schema import HISTORY_1

log = logging.getLogger(__name__)

Value = str | int | float | bytes | None
Statement = tuple[str, tuple[Value, ...]]
Trouble = Callable[[Cause | None], None]

PRIVATE = 0o600  # there are passkeys in it
QUEUE_STATEMENTS = 20_000
BATCH_S = 0.25  # so long a statement may wait in memory
RETRY_S = 5.0  # how often a full disk or a missing folder is tried again
BUSY_S = 5.0
CLOSE_S = 3.0
CHECKED_BYTES = 8 << 20  # a larger file is not read through at the start: that would take too long
BESIDE = ("-wal", "-shm")  # files that SQLite keeps beside its own

# One entry for each version of the schema, never changed once released. The next one goes to the end.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE pairings (address TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '',"
        " kind TEXT NOT NULL DEFAULT 'unknown', track TEXT NOT NULL DEFAULT '',"
        " adapter TEXT NOT NULL DEFAULT '', paired_ms INTEGER NOT NULL, seen_ms INTEGER,"
        " requires_tap INTEGER NOT NULL DEFAULT 0, lent_until_ms INTEGER,"
        " secret TEXT NOT NULL DEFAULT '') WITHOUT ROWID",
    ),
    HISTORY_1,
    ALERTS_1,
)

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)  # by another program
# What the disk or another program does, not the statement: it is tried again.
_PASSING = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
)


class DatabaseError(Exception):
    """Nothing can be read. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class Database:
    """SQLite in a file of this user alone. Opens at once; its thread "database" writes.

    Never raises for the state of the disk. When nothing can be written (disk full, folder gone)
    `on_trouble` is told each cause once, statements wait, and writing goes on by itself as soon as it can,
    which is told with `None`. A damaged file is moved aside and a new one begun: told with
    `database-damaged`, which no `None` follows; `begun` then counts one more, so that whoever has the state
    in memory can write all of it again. `on_trouble` is called in the thread "database", the first time
    perhaps in the one that opens.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_trouble: Trouble = lambda cause: None,
        queue_statements: int = QUEUE_STATEMENTS,
        clock: Callable[[], float] = time.monotonic,
        migrations: Sequence[Sequence[str]] = MIGRATIONS,
    ) -> None:
        self.path = path.absolute()
        self.begun = 0  # how often a new file was begun
        self._told: tuple[Trouble, ...] = (on_trouble,)
        self._users = 1
        self._clock, self._migrations = clock, migrations
        self._queue_statements = queue_statements
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._waiting: list[Statement] = []
        self._dropped = self._turns = 0
        self._tried = 0  # statements that are being written; they wait again when that fails
        self._connection: sqlite3.Connection | None = None
        self._cause: Cause | None = None
        self._retry_at_s = self._moved_at_s = float("-inf")
        self._suspect = self._doubted = self._closing = self._is_writing = False
        self._wake = threading.Event()
        self._attempt()
        self._thread = threading.Thread(target=self._run, name="database", daemon=True)
        self._thread.start()

    @classmethod
    def shared(cls, path: Path, on_trouble: Trouble = lambda cause: None) -> "Database":
        """The database of this file in this process: opened by the first who asks, closed by the last."""
        with _sharing:
            database = _shared.get(path.absolute())
            if database is None or database._closing:
                database = _shared[path.absolute()] = cls(path, on_trouble=on_trouble)
                return database
            database._users += 1
            database._told = (*database._told, on_trouble)
        if database._cause is not None:
            on_trouble(database._cause)
        return database

    @property
    def cause(self) -> Cause | None:
        """Why nothing is written now; `None` while all is well."""
        return self._cause

    @property
    def dropped(self) -> int:
        """Statements that were given to it and are not in the file."""
        return self._dropped

    def execute(self, sql: str, args: Sequence[Value] = ()) -> bool:
        """Queue one statement that changes something. Never waits; False when it was dropped."""
        with self._lock:
            return self._queue([(sql, tuple(args))])

    def execute_all(self, statements: Sequence[Statement]) -> bool:
        """Queue statements that go into one transaction: all or none. False when they were dropped."""
        with self._lock:
            return self._queue(statements)

    def _queue(self, statements: Sequence[Statement]) -> bool:
        """With the lock. Those that are being tried keep their places."""
        full = len(self._waiting) + self._tried + len(statements) > self._queue_statements
        if self._closing or full:
            self._dropped += len(statements)
            return False
        self._waiting.extend(statements)
        return True

    @property
    def waiting(self) -> int:
        """Statements that are not in the file yet; those being written at this moment count as one."""
        with self._lock:
            return len(self._waiting) + self._is_writing

    def check(self) -> bool:
        """Read all of the file, however large: slow. False when it is damaged; then it is set aside."""
        try:
            with contextlib.closing(_reader(self.path)) as reader:
                _check(reader)
        except sqlite3.Error as error:
            if _is_damage(error):
                self._doubt()
                return False
        return True

    def read(self, sql: str, args: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """All rows of a question, through a connection of its own: any thread may ask. DatabaseError.

        What was queued a moment ago may not be in it yet: see `settle`.
        """
        try:
            with contextlib.closing(_reader(self.path)) as reader:
                return reader.execute(sql, tuple(args)).fetchall()
        except sqlite3.Error as error:
            if _is_damage(error):
                self._doubt()
            raise DatabaseError(self._cause or self._failed(error)) from error

    def settle(self, timeout_s: float = CLOSE_S) -> bool:
        """Wait until what is queued now has been tried; True when nothing is left waiting."""
        with self._settled:
            tried = self._turns + 2  # the turn of this moment may have begun before the newest was queued
            self._wake.set()
            self._settled.wait_for(lambda: self._is_idle() or self._turns >= tried, timeout_s)
            return self._is_idle()

    def close(self) -> None:
        """Write what is waiting and end, within 3 s. Safe to call twice.

        Of a shared one every user calls it once; the last one ends it.
        """
        with _sharing:
            self._users -= 1
            if self._users > 0:
                return
            if _shared.get(self.path) is self:
                del _shared[self.path]
        self._closing = True
        self._wake.set()
        self._thread.join(CLOSE_S)

    def _doubt(self) -> None:
        """Look at the file again, all of it, before anything else is written."""
        self._suspect = self._doubted = True
        self._wake.set()

    def _is_idle(self) -> bool:
        return not self._waiting and not self._is_writing

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(BATCH_S)
            self._wake.clear()
            self._turn()
        self._turn()
        self._shut()

    def _turn(self) -> None:
        """Write everything that waits now. Never raises: a mistake costs its statements, not the thread."""
        with self._lock:
            batch, self._waiting = self._waiting, []
            self._tried, self._is_writing = len(batch), True
        try:
            if self._attempt():
                batch = self._write(batch)
            if self._connection is not None:  # a full disk can be opened: only a write proves anything
                self._tell(None)
        except Exception:
            log.exception("%d statements were lost on their way to %s", len(batch), self.path)
            self._shut()
            self._dropped += len(batch)
            batch = []
        with self._settled:
            self._waiting = batch + self._waiting
            self._tried, self._is_writing = 0, False
            self._turns += 1
            self._settled.notify_all()

    def _attempt(self) -> bool:
        """Be open, if that is possible now."""
        if self._suspect:
            self._suspect = False
            self._shut()
        if self._connection is not None:
            return True
        if self._clock() < self._retry_at_s and not self._closing:
            return False
        try:
            self._open()
        except (sqlite3.Error, OSError, _NewerError) as error:
            return self._trouble(error) and self._attempt()
        return True

    def _open(self) -> None:
        """Make the file and bring it to the newest schema. sqlite3.Error, OSError, _NewerError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, PRIVATE))
        self.path.chmod(PRIVATE)
        connection = connect(self.path)
        try:
            if self._doubted or self.path.stat().st_size <= CHECKED_BYTES:
                _check(connection)
            self._doubted = False
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            if _migrate(connection, self._migrations, self.path):
                self.begun += 1
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _write(self, batch: list[Statement]) -> list[Statement]:
        """One transaction; gives back what must be tried again."""
        connection = self._connection
        if not batch or connection is None:
            return batch
        refused = 0
        try:
            connection.execute("BEGIN IMMEDIATE")
            for sql, args in batch:
                refused += not _does(connection, sql, args)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._trouble(error)
            return batch
        self._dropped += refused
        return []

    def _trouble(self, error: Exception) -> bool:
        """Pause; or, after damage, True: a new file can be begun at once."""
        self._shut()
        if _is_damage(error) and self._clock() - self._moved_at_s >= RETRY_S and self._move_aside():
            return True
        self._retry_at_s = self._clock() + RETRY_S
        self._tell(self._failed(error))
        return False

    def _move_aside(self) -> bool:
        """Keep the damaged file under another name. False when even that fails."""
        self._moved_at_s = self._clock()
        aside = _free_name(self.path)
        try:
            self.path.rename(aside)
            for end in BESIDE:
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{self.path}{end}").rename(f"{aside}{end}")
        except OSError as error:
            log.error("%s is damaged and cannot be moved aside: %s", self.path, error)
            return False
        cause = Cause("database-damaged", (("path", str(self.path)), ("aside", str(aside))))
        log.error("%s was damaged; it is now %s", self.path, aside)
        self._call(cause)
        return True

    def _failed(self, error: Exception) -> Cause:
        path = ("path", str(self.path))
        if isinstance(error, _NewerError):
            return Cause("database-newer", (path, ("theirs", str(error.theirs)), ("mine", str(error.mine))))
        if _code(error) == sqlite3.SQLITE_FULL or getattr(error, "errno", None) == errno.ENOSPC:
            return Cause("database-full", (path,))
        if _code(error) in _LOCKED:
            return Cause("database-locked", (path,))
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return Cause("database-failed", (path, ("reason", reason)))

    def _shut(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _tell(self, cause: Cause | None) -> None:
        """Once at the beginning of trouble, once at its end, and when it becomes trouble of another kind."""
        before, self._cause = self._cause, cause
        if before == cause or (before is not None and cause is not None and before.key == cause.key):
            return
        if cause is not None:
            log.error("the database pauses: %s %s", cause.key, cause.values())
        self._call(cause)

    def _call(self, cause: Cause | None) -> None:
        for tell in self._told:
            try:
                tell(cause)
            except Exception:
                log.exception("the news about %s could not be told", self.path)


class _NewerError(Exception):
    """A newer packdeck has written this file."""

    def __init__(self, theirs: int, mine: int) -> None:
        super().__init__(f"schema {theirs}, this program knows {mine}")
        self.theirs, self.mine = theirs, mine


def connect(path: Path) -> sqlite3.Connection:
    """The connection that writes. Only one thread at a time uses it, which SQLite cannot know."""
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


_sharing = threading.Lock()
_shared: dict[Path, Database] = {}


class DatabaseFile:
    """A database of somebody else, or of nobody now: only read. The same `read` as the engine's own."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def read(self, sql: str, args: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """All rows of a question. DatabaseError, with `database-missing` when there is no such file."""
        path = ("path", str(self.path))
        if not self.path.exists():
            raise DatabaseError(Cause("database-missing", (path,)))
        try:
            with contextlib.closing(_reader(self.path)) as reader:
                return reader.execute(sql, tuple(args)).fetchall()
        except sqlite3.Error as error:
            if _is_damage(error):
                raise DatabaseError(Cause("database-unreadable", (path,))) from error
            if _code(error) in _LOCKED:
                raise DatabaseError(Cause("database-locked", (path,))) from error
            raise DatabaseError(Cause("database-failed", (path, ("reason", str(error))))) from error


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


def _check(connection: sqlite3.Connection) -> None:
    """sqlite3.DatabaseError with SQLITE_CORRUPT when a page is damaged."""
    said = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said is None or said[0] != "ok":
        error = sqlite3.DatabaseError("quick_check found damage")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]], path: Path) -> bool:
    """Bring the schema to the newest version, each step whole or not at all. True for a new file.

    A file that has something to lose is copied before.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_ms INTEGER NOT NULL)"
    )
    have = int(connection.execute("SELECT coalesce(max(version), 0) FROM migrations").fetchone()[0])
    if have > len(migrations):
        raise _NewerError(have, len(migrations))
    if 0 < have < len(migrations):
        _back_up(connection, path, have)
    for version, steps in enumerate(migrations[have:], have + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for sql in steps:
                connection.execute(sql)
            now_ms = time.time_ns() // 1_000_000
            connection.execute("INSERT INTO migrations VALUES (?, ?)", (version, now_ms))
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
    return have == 0


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy the file to `<name>.before-<next version>`, whole or not at all. sqlite3.Error, OSError."""
    kept = path.with_name(f"{path.name}.before-{version + 1}")
    fresh = kept.with_name(kept.name + ".part")
    try:
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT, PRIVATE))
        with contextlib.closing(sqlite3.connect(fresh)) as copy:
            connection.backup(copy)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(kept)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    log.info("%s was copied to %s before its schema changes", path, kept)


def _does(connection: sqlite3.Connection, sql: str, args: tuple[Value, ...]) -> bool:
    """Run one statement; False when it is wrong. sqlite3.Error when the disk is. Values are never logged."""
    try:
        connection.execute(sql, args)
    except sqlite3.Error as error:
        if _code(error) in _PASSING or _is_damage(error):
            raise
        log.error("the database refused a statement: %s (%s)", sql, error)
        return False
    except (OverflowError, ValueError, TypeError) as error:
        log.error("the database cannot keep a value: %s (%s)", sql, type(error).__name__)
        return False
    return True


def _is_damage(error: Exception) -> bool:
    return _code(error) in _DAMAGED


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 when there is none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _free_name(path: Path) -> Path:
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    names = [path.with_name(stem), *(path.with_name(f"{stem}-{n}") for n in range(1, 1000))]
    return next((name for name in names if not name.exists()), names[-1])
