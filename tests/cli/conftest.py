"""Fixtures of the command line."""

from collections.abc import Iterator

import pytest

from tests.cli.runs import House, house


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
