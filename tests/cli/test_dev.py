"""`packdeck --dev` (row S0-21): debug log, styles that reload, Bluetooth on."""

import pytest

from tests.cli.runs import PATIENCE_S, House
from tests.cli.terminals import window
from tests.doors import HandEngine
from tests.fakes import wait_until
from tui.api.server import Server
from tui.cli.dev import FEATURES, begin, turn_radio_on
from tui.feed.door import Door
from tui.model.requests import Scan

DEBUG_LINE = "Bluetooth asked for"


def test_the_log_tells_everything(home: House, board: str) -> None:
    """S0-21."""
    log = home.folder / "state" / "packdeck.log"
    with window(home, "--port", board) as shown:
        shown.wait_for("LEFT")
    assert DEBUG_LINE not in log.read_text()
    with window(home, "--dev", "--port", board) as shown:
        shown.wait_for("LEFT")
        wait_until(lambda: DEBUG_LINE in log.read_text(), PATIENCE_S)
    assert "websockets" not in log.read_text(), "it would write down secrets"


def test_styles_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-21: what a person has set for the library stays."""
    from textual.app import App

    monkeypatch.setenv(FEATURES, "")
    assert App[None](watch_css=False).css_monitor is None
    monkeypatch.setenv(FEATURES, "devtools,debug")
    begin()
    monkeypatch.setenv(FEATURES, "debug")
    begin()
    assert App[None]().css_monitor is not None


def test_the_radio_is_asked_for_as_soon_as_there_is_an_engine(home: House) -> None:
    """S0-21: the door opens only after the first picture."""
    door = Door(home.folder / "dev.sock", loopback=False)
    thread = turn_radio_on(door)
    engine = HandEngine()
    server = Server(engine, door)
    server.start()
    try:
        wait_until(lambda: any(isinstance(request, Scan) for request in engine.asked), PATIENCE_S)
        (request,) = engine.asked
        assert isinstance(request, Scan)
        assert request.seconds > 0, "0 would end somebody else's scan"
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    finally:
        server.stop()
