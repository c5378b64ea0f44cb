"""S1-76: frames made by somebody else's code, on a wire of their own."""

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from tests.engine.test_engine import LEFT
from tests.fakes import FakeClock
from tui.engine import plug_ins as module
from tui.engine.engine import Engine
from tui.engine.frame_book import FrameBook
from tui.engine.plug_ins import PlugIns
from tui.model.events import FleetStarted, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import FrameView
from tui.model.requests import LookAtFrames
from tui.model.sample import Pack


class Half:
    """Half the state of charge on 0x100, as the documented example has it."""

    def generateFrame(self, telemetry: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the contract's name
        soc = telemetry["soc_pct"]
        return {"id": 0x100, "data": bytes([int(soc) // 2]), "timestamp": telemetry["timestamp_ms"]}


class Broken:
    """Fails every time."""

    def generateFrame(self, telemetry: dict[str, Any]) -> object:  # noqa: N802
        raise RuntimeError("a mistake")


class Wide:
    """Gives attributes, a 29-bit identifier, and no time."""

    def generateFrame(self, telemetry: dict[str, Any]) -> object:  # noqa: N802
        return SimpleNamespace(id=0x18F128F4, data=[1, 2], timestamp=None)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three packages with an entry point each, and one that cannot be imported."""
    points = [
        EntryPoint(name, f"{__name__}:{name.capitalize()}", module.GROUP)
        for name in ("half", "broken", "wide")
    ]
    points.append(EntryPoint("missing", "no_such_package:x", module.GROUP))
    monkeypatch.setattr(module, "entry_points", lambda group: points)


def one_track() -> Fleet:
    fleet = fold(Fleet(), FleetStarted((LEFT,), 1))
    return fold(fleet, SampleRead(LEFT.name, 1.0, 1_700_000_000_123, Pack(pack_v=53.2, soc_pct=72.0)))


def view(book: FrameBook, name: str) -> FrameView:
    found = book.look(LookAtFrames(name)).frames
    assert found is not None
    return found


@pytest.mark.usefixtures("installed")
def test_each_plug_in_fills_a_wire_of_its_own() -> None:
    book = FrameBook(FakeClock(1_700_000_001.0))
    makers = PlugIns(book, one_track, FakeClock(1_700_000_001.0))
    assert makers.names == ("half", "broken", "wide")
    for name in makers.names:
        book.wire(name, is_bus=True)
    makers.turn()
    row = view(book, "half").rows[0]
    assert (row.key, row.data, row.time_us) == ("100", b"\x24", 1_700_000_000_123_000)
    assert view(book, "wide").rows[0].key == "18F128F4"


@pytest.mark.usefixtures("installed")
def test_one_that_fails_is_counted_and_stops_nothing() -> None:
    book = FrameBook()
    makers = PlugIns(book, one_track)
    for name in makers.names:
        book.wire(name, is_bus=True)
    for _ in range(6):
        makers.turn()
    assert [(e.key, e.count) for e in view(book, "broken").figures.errors] == [("plug-in", 3)]
    assert view(book, "half").figures.tx_frames == 6


@pytest.mark.usefixtures("installed")
def test_the_engine_tells_its_screens_of_the_wires() -> None:
    engine = Engine([LEFT])
    assert engine.fleet().wires == ("half", "broken", "wide")
