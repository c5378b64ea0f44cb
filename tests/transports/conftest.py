"""A device for every test that wants one."""

from collections.abc import Iterator

import pytest

from tests.transports.device import Device


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device()
    yield made
    made.unplug()
