"""What the history needs of the database: batches, copies before a migration, one object for one file."""

import sqlite3
from pathlib import Path

import pytest

from tests.fakes import wait_until
from tests.store.history_house import PATIENCE_S, START_MS, HistoryHouse
from tui.model.link import Cause
from tui.store.database import CHECKED_BYTES, MIGRATIONS, Database, DatabaseError, DatabaseFile

PUT = "INSERT INTO pairings (address, name, paired_ms) VALUES (?, ?, 1)"
MORE = (*MIGRATIONS, ("ALTER TABLE pairings ADD COLUMN colour TEXT DEFAULT 'red'",))


def test_a_file_is_copied_before_its_schema_changes(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    old = Database(path)
    old.execute(PUT, ("a", "A"))
    old.close()
    new = Database(path, migrations=MORE)
    assert new.read("SELECT colour FROM pairings") == [("red",)]
    new.close()
    kept = tmp_path / f"history.db.before-{len(MORE)}"
    with sqlite3.connect(kept) as copy:
        assert copy.execute("SELECT address FROM pairings").fetchall() == [("a",)]
        assert copy.execute("SELECT max(version) FROM migrations").fetchone() == (len(MIGRATIONS),)
    copy.close()
    assert kept.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir() if ".part" in p.name] == []


def test_nothing_is_copied_without_a_change(tmp_path: Path) -> None:
    for _ in range(2):
        Database(tmp_path / "history.db").close()
    assert [p.name for p in tmp_path.iterdir() if ".before-" in p.name] == []


def test_samples_of_the_version_before_are_still_there(tmp_path: Path) -> None:
    """Forward migration of a file with history in it; the copy can be opened as it was."""
    house = HistoryHouse(tmp_path)
    for second in range(700):
        house.add(START_MS + second * 1000, pack_v=53.0)
        if second % 10 == 9:
            house.writer.commit()
    house.end()
    Database(house.path, migrations=MORE).close()
    kept = tmp_path / f"history.db.before-{len(MORE)}"
    (tmp_path / "old").mkdir()
    kept.rename(tmp_path / "old" / "history.db")
    before = HistoryHouse(tmp_path / "old")
    assert before.reader.count()[0] == 700
    before.database.close()


def test_no_room_for_the_copy_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.store import database as module

    path = tmp_path / "history.db"
    Database(path).close()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    told: list[Cause | None] = []
    database = Database(path, migrations=MORE, on_trouble=told.append)
    assert [cause.key for cause in told if cause] == ["database-full"]
    database.close()
    monkeypatch.undo()
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT max(version) FROM migrations").fetchone() == (len(MIGRATIONS),)
    raw.close()


def test_a_batch_is_in_the_file_whole_or_not_at_all(tmp_path: Path) -> None:
    database = Database(tmp_path / "history.db", queue_statements=3)
    assert not database.execute_all([(PUT, (str(n), "x")) for n in range(4)])
    assert (database.waiting, database.dropped) == (0, 4)
    assert database.execute_all([(PUT, (str(n), "x")) for n in range(3)])
    assert database.settle(PATIENCE_S)
    assert database.waiting == 0
    assert database.read("SELECT count(*) FROM pairings") == [(3,)]
    database.close()


def test_one_file_has_one_database_in_a_process(tmp_path: Path) -> None:
    path, told = tmp_path / "history.db", ([], [])  # type: tuple[Path, tuple[list[object], list[object]]]
    one, two = Database.shared(path, told[0].append), Database.shared(path, told[1].append)
    assert one is two
    one.close()
    assert two.execute(PUT, ("a", "A"))
    assert two.settle(PATIENCE_S)
    two._call(Cause("database-full", (("path", str(path)),)))
    assert [len(some) for some in told] == [1, 1]
    two.close()
    assert not two.execute(PUT, ("b", "B"))
    three = Database.shared(path)
    assert three is not two
    assert three.read("SELECT count(*) FROM pairings") == [(1,)]
    three.close()


def test_a_large_file_is_checked_when_somebody_has_time(tmp_path: Path) -> None:
    """Its damage is found where no question ever looked, and it is set aside."""
    path, told = tmp_path / "history.db", []  # type: tuple[Path, list[Cause | None]]
    database = Database(path)
    for n in range(12):
        database.execute("INSERT INTO history_marks VALUES (?, ?, '', 0)", (n, "x" * (1 << 20)))
    assert database.settle(PATIENCE_S)
    assert database.check()
    database.close()
    assert path.stat().st_size > CHECKED_BYTES
    with sqlite3.connect(path) as raw:
        ((page,),) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alerts'").fetchall()
    raw.close()
    damaged = bytearray(path.read_bytes())
    damaged[(page - 1) * 4096 : page * 4096] = b"\x55" * 4096
    path.write_bytes(damaged)
    database = Database(path, on_trouble=told.append)
    assert told == []
    assert not database.check()
    wait_until(lambda: database.begun == 1)
    assert [cause.key for cause in told if cause] == ["database-damaged"]
    assert database.execute(PUT, ("a", "A"))
    assert database.settle(PATIENCE_S)
    database.close()


def test_a_damaged_file_that_is_only_read_is_said_to_be_damaged(tmp_path: Path) -> None:
    """Rights are not what is wrong with it, and whoever only reads moves nothing aside."""
    path = tmp_path / "history.db"
    database = Database(path)
    database.execute(PUT, ("a", "A"))
    database.close()
    garbage = path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096)
    path.write_bytes(garbage)
    with pytest.raises(DatabaseError) as caught:
        DatabaseFile(path).read("SELECT * FROM pairings")
    assert caught.value.cause.key == "database-unreadable"
    assert path.read_bytes() == garbage
