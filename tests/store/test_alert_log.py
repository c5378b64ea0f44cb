"""The history of alerts: kept over restarts, in pages, counted, cleared."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tui.model.alert import Alert, AlertRecord, AlertStatistics, Severity, Status
from tui.model.requests import AlertHistory
from tui.store.alert_log import LIVE_MAX, AlertLog
from tui.store.database import Database

W, C, I = Severity.WARNING, Severity.CRITICAL, Severity.INFO  # noqa: E741


def alert(number: int, severity: Severity = W, track: str = "left", key: str = "cell-low") -> Alert:
    return Alert(
        track, key, severity, 3, 2.85, 2.9, since_ms=number * 1000, unit="V", type=4, name="CELL_LOW_VOLTAGE",
        number=number, worst=2.8, frame=77, is_device_limit=True,
    )  # fmt: skip


@pytest.fixture(params=["file", "memory"])
def alert_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AlertLog]:
    database = Database(tmp_path / "history.db") if request.param == "file" else None
    made = AlertLog(database)
    made.begin()
    yield made
    if database is not None:
        database.close()


def numbers(alert_log: AlertLog, **asked: object) -> tuple[list[int], int]:
    page = alert_log.page(AlertHistory(**asked))  # type: ignore[arg-type]
    return [record.alert.number for record in page.records], page.total


def test_a_record_comes_back_as_it_was(alert_log: AlertLog) -> None:
    seen = replace(alert(1), acknowledged_by="Ané", acknowledged_ms=4000, ended_ms=5000)
    record = AlertRecord(seen, 6000, "/clips/a.packdeck.gz")
    alert_log.put(record)
    (back,) = alert_log.page(AlertHistory()).records
    assert back == record
    assert (back.status, back.lasted_ms) == (Status.CLEARED, 5000)


def test_pages_newest_first_and_filters(alert_log: AlertLog) -> None:
    """S4-39, S1-49: limit and offset, 50 without a limit."""
    for n in range(1, 61):
        alert_log.put(AlertRecord(alert(n, C if n % 2 else W, "left" if n < 31 else "right")))
    assert numbers(alert_log) == (list(range(60, 10, -1)), 60)
    assert numbers(alert_log, limit=3, offset=10) == ([50, 49, 48], 60)
    assert numbers(alert_log, limit=2, track="left") == ([30, 29], 30)
    assert numbers(alert_log, limit=2, severity=C) == ([59, 57], 30)
    assert numbers(alert_log, key="nothing") == ([], 0)
    assert numbers(alert_log, since_ms=10_000, until_ms=12_000) == ([11, 10], 2)
    assert numbers(alert_log, limit=-5, offset=-5) == ([], 60)


@pytest.mark.parametrize("alert_log", ["file"], indirect=True)
def test_the_history_holds_two_hundred_and_more(alert_log: AlertLog) -> None:
    """CL-27: 200; on disk as many as there were. Without a disk 100 (CL-42)."""
    for n in range(1, 251):
        alert_log.put(AlertRecord(alert(n), 9000))
    found, total = numbers(alert_log, limit=200)
    assert (found[0], found[-1], total) == (250, 51, 250)


def test_statistics(alert_log: AlertLog) -> None:
    """S4-40: counts and the mean time until somebody acknowledged."""
    assert alert_log.statistics() == AlertStatistics()
    alert_log.put(AlertRecord(replace(alert(1, C), acknowledged_ms=1500), 9000))
    alert_log.put(AlertRecord(replace(alert(2), acknowledged_ms=3500)))
    alert_log.put(AlertRecord(alert(3, I), 3000))
    assert alert_log.statistics() == AlertStatistics(3, 1, 1, 1, 1, 2, 1000)


def test_clearing_leaves_what_is_active(alert_log: AlertLog) -> None:
    """S4-50: gives how many."""
    alert_log.put(AlertRecord(alert(1), 2000))
    alert_log.put(AlertRecord(alert(2)))
    assert alert_log.clear() == 1
    assert numbers(alert_log) == ([2], 1)


def test_a_newer_state_replaces_the_older_but_never_its_clip(alert_log: AlertLog) -> None:
    alert_log.put(AlertRecord(alert(1)))
    alert_log.set_clip([1], "/clips/1")
    alert_log.put(AlertRecord(alert(1, C), 9000))
    (record,) = alert_log.page(AlertHistory()).records
    assert (record.alert.severity, record.cleared_ms, record.clip) == (C, 9000, "/clips/1")


def test_numbers_go_on_after_a_restart_and_what_was_open_is_found(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    database = Database(path)
    first = AlertLog(database)
    assert first.begin() == []
    assert [first.number(), first.number()] == [1, 2]
    first.put(AlertRecord(alert(1), 2000))
    first.put(AlertRecord(alert(2), clip="/clips/2"))
    database.close()
    database = Database(path)
    second = AlertLog(database)
    assert [record.alert.number for record in second.begin()] == [2]
    assert second.number() == 3
    second.put(AlertRecord(alert(2), 9000))
    assert [(r.alert.number, r.clip) for r in second.page(AlertHistory()).records] == [
        (2, "/clips/2"),
        (1, ""),
    ]
    database.close()


def test_without_a_database_the_newest_hundred_are_known() -> None:
    """CL-42."""
    alert_log = AlertLog()
    for n in range(1, LIVE_MAX + 51):
        alert_log.put(AlertRecord(alert(n)))
    assert numbers(alert_log, limit=1000)[1] == LIVE_MAX
