"""Fixtures of the command line."""

import logging
import signal
from collections.abc import Iterator

import pytest

from tests.cli.runs import House, house
from tui.cli.logs import CHATTERERS


@pytest.fixture(autouse=True, scope="session")
def _may_be_interrupted() -> None:
    """What a shell starts in its background ignores Ctrl+C, and so would every program that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home() -> Iterator[House]:
    """Folders of its own for one test."""
    with house() as made:
        yield made


@pytest.fixture
def board() -> Iterator[str]:
    """The port of a simulated JBD board that does not call itself simulated to the program."""
    from tui.simulator.as_jbd import JbdDevice
    from tui.simulator.battery import right_pack
    from tui.simulator.pty import PtyDevice

    device = PtyDevice(JbdDevice(right_pack()))
    device.start()
    yield device.path
    device.stop()


@pytest.fixture
def log_as_before() -> Iterator[None]:
    """What a test does to the logging of the process ends with it."""
    root = logging.getLogger()
    handlers, level, raises = list(root.handlers), root.level, logging.raiseExceptions
    libraries = {name: logging.getLogger(name).level for name in CHATTERERS}
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raises
    root.setLevel(level)
    for name, before in libraries.items():
        logging.getLogger(name).setLevel(before)
