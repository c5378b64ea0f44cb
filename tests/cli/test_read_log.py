"""S0-39: watch the log while connecting, one kind of line, one track."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.cli.logs import start_log
from tui.cli.read_log import entries, followed, logs

pytestmark = pytest.mark.usefixtures("log_as_before")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PACKDECK_STATE_DIR", str(tmp_path))
    path = tmp_path / "packdeck.log"
    monkeypatch.setattr("tui.cli.read_log.log_file", lambda: path)
    yield path


def write() -> None:
    logging.getLogger("tui.transports.ble_adapters").info("Bluetooth: on")
    logging.getLogger("tui.engine.worker").warning("left: ble-lost")
    try:
        raise ValueError("sum")
    except ValueError:
        logging.getLogger("tui.store.database").exception("right: stopped")


def test_the_newest_lines_of_a_kind_and_of_a_track(log: Path) -> None:
    start_log(log)
    write()
    run = CliRunner()
    assert len(run.invoke(logs).output.splitlines()) > 5  # the traceback belongs to its line
    assert "Bluetooth: on" in (only := run.invoke(logs, ["--kind", "ble"]).output) and "left" not in only
    assert "ble-lost" in (only := run.invoke(logs, ["--text", "LEFT"]).output) and "right" not in only
    last = run.invoke(logs, ["--lines", "1", "--json"]).output
    told = json.loads(last)
    assert told["kind"] == "err" and told["text"].startswith("right: stopped\nTraceback")


def test_what_is_written_from_now_on_also_over_a_rotation(log: Path) -> None:
    log.write_text("2026-01-01 10:00:00,000 ~ ble   before  [MainThread tui]\n", encoding="utf-8")
    steps = iter(range(3))

    def pause() -> None:
        step = next(steps)
        if step == 0:
            with log.open("a", encoding="utf-8") as file:
                file.write("2026-01-01 10:00:01,000 > conn  one  [a b]\n2026-01-01 10:00:02,000 > conn  ha")
        elif step == 1:
            with log.open("a", encoding="utf-8") as file:
                file.write("lf  [a b]\n")
        else:
            log.rename(log.with_suffix(".1"))
            log.write_text("2026-01-01 10:00:03,000 + ok    anew  [a b]\n", encoding="utf-8")

    coming = followed(log, pause)
    assert [next(coming).text for _ in range(3)] == ["one", "half", "anew"]


def test_the_end_of_an_entry_whose_beginning_was_rotated_away_is_left_out() -> None:
    assert not list(entries(["  File x", "ValueError"]))


def test_no_log_yet(log: Path) -> None:
    done = CliRunner().invoke(logs)
    assert done.exit_code != 0 and "There is no log yet" in str(done.exception) + done.output
