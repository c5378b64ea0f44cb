"""S0-39: watch the log while connecting, one kind of line, one track."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.cli.logs import start_log
from tui.cli.read_log import logs

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


def test_no_log_yet(log: Path) -> None:
    done = CliRunner().invoke(logs)
    assert done.exit_code != 0 and "There is no log yet" in str(done.exception) + done.output
