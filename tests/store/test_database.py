"""The database writes in its own thread, pauses in trouble, and never loses a damaged file."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes import FakeClock, wait_until
from tests.store.history_house import PATIENCE_S
from tui.model.link import Cause
from tui.store import database as module
from tui.store.database import MIGRATIONS, RETRY_S, Database, DatabaseError

PUT = "INSERT OR REPLACE INTO pairings (address, name, paired_ms) VALUES (?, ?, 0)"
NAMES = "SELECT name FROM pairings ORDER BY address"


class House:
    """A database in a folder of its own, and what was told about it."""

    def __init__(self, path: Path, **more: object) -> None:
        self.others: set[threading.Thread] = set()  # threads that were there before
        self.path, self.told, self.clock = path, list[Cause | None](), FakeClock()
        self.database = Database(path, on_trouble=self.told.append, clock=self.clock, **more)  # type: ignore[arg-type]

    def keys(self) -> list[str | None]:
        return [cause and cause.key for cause in self.told]

    def settle(self) -> bool:
        """Everything was tried; True when nothing waits."""
        return self.database.settle(PATIENCE_S)

    def names(self) -> list[object]:
        return [row[0] for row in self.database.read(NAMES)]


@pytest.fixture
def house(tmp_path: Path):  # type: ignore[no-untyped-def]
    others = set(threading.enumerate())
    made = House(tmp_path / "deep" / "packdeck.db")
    made.others = others
    yield made
    made.database.close()


def test_written_by_one_thread_read_by_any(house: House) -> None:
    """S2-19: what is queued from four threads is all there."""
    threads = [
        threading.Thread(
            target=lambda t=t: [house.database.execute(PUT, (f"{t}.{n}", "x")) for n in range(200)]
        )  # type: ignore[misc]
        for t in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.settle()
    assert len(house.names()) == 800
    assert [t.name for t in set(threading.enumerate()) - house.others].count("database") == 1
    assert house.told == []
    assert house.database.dropped == 0


def test_the_file_is_for_this_user_alone(house: House) -> None:
    house.database.execute(PUT, ("a", "A"))
    assert house.settle()
    for path in (house.path, *(Path(f"{house.path}{end}") for end in module.BESIDE)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch(0o644)
    house = House(path)
    house.database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_still_there_after_a_restart(house: House) -> None:
    house.database.execute(PUT, ("a", "A"))
    house.database.close()
    house.database.close()
    assert not house.database.execute(PUT, ("b", "B"))
    again = House(house.path)
    assert again.names() == ["A"]
    assert (house.database.begun, again.database.begun) == (1, 0)
    again.database.close()


def test_wal_and_version(house: House) -> None:
    assert house.database.read("PRAGMA journal_mode") == [("wal",)]
    versions = house.database.read("SELECT version FROM migrations")
    assert versions == [(n + 1,) for n in range(len(MIGRATIONS))]


def test_an_older_file_is_brought_to_the_newest_schema(tmp_path: Path) -> None:
    house = House(tmp_path / "a.db")
    house.database.execute(PUT, ("a", "A"))
    house.database.close()
    more = (*MIGRATIONS, ("ALTER TABLE pairings ADD COLUMN colour TEXT DEFAULT 'red'", "CREATE TABLE b (c)"))
    newer = House(house.path, migrations=more)
    assert newer.database.read("SELECT name, colour FROM pairings") == [("A", "red")]
    assert newer.database.read("SELECT count(*) FROM migrations") == [(len(more),)]
    newer.database.close()


def test_a_step_that_fails_leaves_the_older_schema_whole(tmp_path: Path) -> None:
    house = House(tmp_path / "a.db")
    house.database.close()
    broken = House(house.path, migrations=(*MIGRATIONS, ("CREATE TABLE b (c)", "CREATE TABEL d (e)")))
    assert broken.keys() == ["database-failed"]
    broken.database.close()
    again = House(house.path)
    assert again.database.read("SELECT name FROM sqlite_master WHERE name = 'b'") == []
    assert again.told == []
    again.database.close()


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    House(path, migrations=(*MIGRATIONS, ("CREATE TABLE b (c)",))).database.close()
    before = path.read_bytes()
    house = House(path)
    assert house.keys() == ["database-newer"]
    assert house.told[0] is not None
    assert house.told[0].values()["theirs"] == str(len(MIGRATIONS) + 1)
    house.database.execute(PUT, ("a", "A"))
    assert not house.settle()
    house.database.close()
    assert path.read_bytes() == before


def spoil(path: Path) -> None:
    """Garbage behind the header, as a broken card leaves it."""
    data = bytearray(path.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    path.write_bytes(data)


@pytest.mark.parametrize("garbage", ["text", "pages"])
def test_a_damaged_file_is_moved_aside_and_told(tmp_path: Path, garbage: str) -> None:
    path = tmp_path / "a.db"
    House(path).database.close()
    if garbage == "text":
        path.write_bytes(b"this was a database once, honestly. " * 100)
    else:
        spoil(path)
    damaged = path.read_bytes()
    house = House(path)
    assert house.names() == []  # there is a new one at once
    assert house.keys() == ["database-damaged"]
    assert house.told[0] is not None
    assert Path(house.told[0].values()["aside"]).read_bytes() == damaged
    house.database.execute(PUT, ("a", "A"))
    assert house.settle()
    assert house.names() == ["A"]
    assert house.database.begun == 1
    assert house.keys() == ["database-damaged"]
    house.database.close()


def test_damage_found_while_reading_begins_a_new_file(house: House) -> None:
    """Whoever has the state in memory sees `begun` move and writes it again."""
    house.database.execute(PUT, ("a", "A"))
    assert house.settle()
    checkpoint = sqlite3.connect(house.path)
    checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    checkpoint.close()
    spoil(house.path)
    with pytest.raises(DatabaseError):
        house.database.read(NAMES)
    wait_until(lambda: house.database.begun == 2)
    assert house.keys() == ["database-damaged"]
    assert house.names() == []


def test_a_full_disk_pauses_is_told_once_and_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = 12
    real = module.connect

    def small(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(module, "connect", small)
    house = House(tmp_path / "a.db")
    house.database.execute(PUT, ("a", "A" * 100_000))
    house.database.execute(PUT, ("b", "B"))
    assert not house.settle()
    assert house.keys() == ["database-full"]
    house.clock.advance(RETRY_S)
    assert not house.settle()
    assert house.keys() == ["database-full"]
    assert house.database.cause is not None
    assert house.names() == []
    pages = 1000
    house.clock.advance(RETRY_S)
    assert house.settle()
    wait_until(lambda: house.keys() == ["database-full", None])
    assert house.names()[1] == "B"
    assert house.database.dropped == 0
    house.database.close()


def test_a_lock_of_another_program_is_told_as_one_and_not_as_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.connect
    monkeypatch.setattr(module, "BUSY_S", 0.0)  # another engine would hold it longer than anybody waits
    house = House(tmp_path / "a.db")
    assert house.settle()
    with closing(real(house.database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        house.database.execute(PUT, ("a", "A"))
        assert not house.settle()
        assert house.keys() == ["database-locked"]
    house.clock.advance(RETRY_S)
    assert house.settle()
    wait_until(lambda: house.keys() == ["database-locked", None])
    assert house.names() == ["A"]
    house.database.close()


def test_a_lock_that_becomes_a_full_disk_is_told_as_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, pages = module.connect, 1000

    def small(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(module, "BUSY_S", 0.0)
    monkeypatch.setattr(module, "connect", small)
    house = House(tmp_path / "a.db")
    assert house.settle()
    with closing(real(house.database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        house.database.execute(PUT, ("a", "A" * 100_000))
        assert not house.settle()
    pages = 12
    house.clock.advance(RETRY_S)
    assert not house.settle()
    assert house.keys() == ["database-locked", "database-full"]
    house.database.close()


def test_a_locked_file_that_is_only_read_is_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_S", 0.0)
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseError) as found:
            module.DatabaseFile(path).read("SELECT * FROM t")
    assert found.value.cause.key == "database-locked"


def test_a_folder_that_cannot_be_made_pauses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    house = House(tmp_path / "file" / "a.db")
    assert house.keys() == ["database-failed"]
    with pytest.raises(DatabaseError) as caught:
        house.database.read(NAMES)
    assert caught.value.cause.key == "database-failed"
    house.database.execute(PUT, ("a", "A"))
    assert not house.settle()
    (tmp_path / "file").unlink()
    house.clock.advance(RETRY_S)
    assert house.settle()
    assert house.names() == ["A"]
    assert house.keys() == ["database-failed", None]
    house.database.close()


def test_too_many_waiting_are_dropped_and_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    house = House(tmp_path / "file" / "a.db", queue_statements=3)
    assert [house.database.execute(PUT, (str(n), "x")) for n in range(5)] == [True] * 3 + [False] * 2
    assert house.database.dropped == 2
    house.database.close()


def test_what_comes_while_others_are_tried_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are being tried may come back, and need their places then."""
    (tmp_path / "file").write_text("in the way")
    house = House(tmp_path / "file" / "a.db", queue_statements=3)
    attempt, taken = house.database._attempt, list[bool]()

    def meanwhile() -> bool:
        taken.append(house.database.execute(PUT, ("late", "x")))
        taken.append(house.database.execute_all([(PUT, ("later", "x"))]))
        monkeypatch.undo()
        return attempt()

    assert house.database.execute_all([(PUT, (str(n), "x")) for n in range(3)])
    monkeypatch.setattr(house.database, "_attempt", meanwhile)
    wait_until(lambda: len(taken) == 2)
    assert not house.settle()
    assert taken == [False, False]
    assert house.database.dropped == 2
    (tmp_path / "file").unlink()
    house.clock.advance(RETRY_S)
    assert house.settle()
    assert len(house.names()) == 3
    house.database.close()


def test_a_wrong_statement_costs_only_itself_and_its_values_stay_private(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.database.execute(PUT, ("a", "A"))
    house.database.execute("INSERT INTO nowhere VALUES (?)", ("hidden",))
    house.database.execute(PUT, ("hidden",))
    house.database.execute("UPDATE pairings SET seen_ms = ?", (1 << 70,))
    house.database.execute("UPDATE pairings SET name = ?", ("hidden \udcff",))
    house.database.execute("INSERT INTO pairings (address, paired_ms) VALUES (?, NULL)", ("hidden",))
    house.database.execute(PUT, ("b", "B"))
    assert house.settle()
    assert house.names() == ["A", "B"]
    assert house.database.dropped == 5
    assert house.told == []
    assert len(caplog.records) == 5
    assert "hidden" not in caplog.text


def test_a_reader_cannot_write(house: House) -> None:
    with pytest.raises(DatabaseError):
        house.database.read("DELETE FROM pairings")


def test_trouble_that_cannot_be_told_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"nonsense " * 200)

    def tell(cause: Cause | None) -> None:
        raise RuntimeError("nobody listens")

    database = Database(tmp_path / "a.db", on_trouble=tell)
    database.execute(PUT, ("a", "A"))
    assert database.settle(PATIENCE_S)
    database.close()
