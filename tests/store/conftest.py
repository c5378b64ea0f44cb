"""Fixtures of the files."""

from collections.abc import Iterator

import pytest

from tests.store.history_house import PATIENCE_S
from tui.store import database, recorder


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    """Closing waits for a busy disk as long as it takes: an engine gives up after three seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "CLOSE_S", PATIENCE_S)
        patch.setattr(recorder, "CLOSE_S", PATIENCE_S)
        yield
