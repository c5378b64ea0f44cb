"""An engine keeps what its batteries say, and answers its screens about it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.engine.test_engine import LEFT, answering, pack_v
from tests.fakes import FakeProtocol, wait_until
from tui.engine.engine import Engine
from tui.model.fleet import Lamp
from tui.model.history import HistoryPage, LookAtStorage, SampleTable
from tui.model.link import Cause
from tui.model.settings import HistorySettings
from tui.model.track import Setup
from tui.store import database

FAST = HistorySettings(interval_s=1, live_interval_s=0.1, commit_s=1)


@contextmanager
def engine_in(folder: Path, setup: Setup = LEFT, settings: HistorySettings | None = FAST) -> Iterator[Engine]:
    engine = Engine(
        [setup],
        open_wire=lambda setup: answering("53.1"),
        open_protocol=lambda setup: FakeProtocol(setup.poll_s),
        database=folder / "history.db",
        history=settings,
        archives=folder / "archives",
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


def samples(engine: Engine) -> list[float | None]:
    page = engine.ask(SampleTable("left", ("pack_v",))).samples
    return [row.values[0] for row in page.rows] if page else []


def drawn(engine: Engine) -> list[bool]:
    chart = engine.ask(HistoryPage(quantities=("pack_v", "cell_mv.4"))).chart
    return [bool(series.buckets) for series in chart.series] if chart else []


def test_what_a_battery_said_is_there_in_the_next_run(tmp_path: Path) -> None:
    """S1-7."""
    with engine_in(tmp_path) as engine:
        wait_until(lambda: samples(engine))
        before = len(samples(engine))
        wait_until(lambda: drawn(engine) == [True, True])
    with engine_in(tmp_path) as engine:
        assert len(samples(engine)) >= before
        assert set(samples(engine)) == {53.1}
        storage = engine.ask(LookAtStorage()).storage
        assert storage is not None
        assert storage.cause is None


def test_no_history_is_said_and_costs_no_database(tmp_path: Path) -> None:
    with engine_in(tmp_path, settings=None) as engine:
        wait_until(lambda: pack_v(engine, "left") == 53.1)
        answer = engine.ask(HistoryPage())
        assert (answer.ok, answer.cause) == (False, Cause("history-off"))


def test_a_folder_that_is_a_file_does_not_stop_the_live_view(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    with engine_in(tmp_path / "state") as engine:
        wait_until(lambda: pack_v(engine, "left") == 53.1)
        wait_until(lambda: any(alert.key == "storage" for alert in engine.fleet().alerts))
        answer = engine.ask(HistoryPage())
        assert (answer.ok, answer.cause and answer.cause.key) == (False, "database-failed")


def test_the_lamp_of_the_disk_follows_the_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-30: on while it writes; amber while another program has a lock; off without a history."""
    monkeypatch.setattr(database, "BUSY_S", 0.0)
    monkeypatch.setattr(database, "RETRY_S", 0.1)
    with engine_in(tmp_path) as engine:
        wait_until(lambda: lamp(engine) is Lamp.OK and samples(engine))
        with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            wait_until(lambda: lamp(engine) is Lamp.WARNING)
            wait_until(lambda: [alert.key for alert in engine.fleet().alerts] == ["storage-locked"])
        wait_until(lambda: lamp(engine) is Lamp.OK)
        wait_until(lambda: not engine.fleet().alerts)
    with engine_in(tmp_path, settings=None) as engine:
        wait_until(lambda: engine.fleet().tracks[0].pack_at_s)
        assert lamp(engine) is Lamp.UNKNOWN


def lamp(engine: Engine) -> Lamp:
    return engine.fleet().lamp("disk", time.monotonic())
