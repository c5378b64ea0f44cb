"""S2-31: how a line of the log looks. And what must never be in one."""

import logging
from pathlib import Path

import pytest

from tui.cli.logs import start_log

pytestmark = pytest.mark.usefixtures("log_as_before")


def lines(path: Path) -> list[str]:
    return [line[24:] for line in path.read_text(encoding="utf-8").splitlines()]  # without date and time


def test_four_classes_each_with_a_mark_and_a_word(tmp_path: Path) -> None:
    start_log(tmp_path / "log", "info")
    logging.getLogger("tui.transports.ble_adapters").info("Bluetooth: on")
    logging.getLogger("tui.engine.teller").info("left: connecting")
    logging.getLogger("tui.engine.teller").info("left: up", extra={"kind": "ok"})
    logging.getLogger("tui.engine.worker").warning("left: ble-lost")
    logging.getLogger("tui.store.database").info("opened")
    said = [line.split("  [")[0] for line in lines(tmp_path / "log")]
    assert said == [
        "~ ble   Bluetooth: on",
        "> conn  left: connecting",
        "+ ok    left: up",
        "! err   left: ble-lost",
        "        opened",
    ]


def test_the_bytes_that_a_library_writes_are_in_no_log(tmp_path: Path) -> None:
    """They hold passwords of locked modules. Frames shows bytes, and leaves those out."""
    start_log(tmp_path / "log", "debug")
    logging.getLogger("bleak.backends.bluezdbus.client").debug("Write Characteristic: 313233343536")
    logging.getLogger("websockets.server").debug('< TEXT {"secret":"123456"}')
    logging.getLogger("tui").debug("seen")
    assert len(lines(tmp_path / "log")) == 1
