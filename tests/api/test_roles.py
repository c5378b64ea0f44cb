"""Who may do what at the door: a viewer looks and asks; commands are an operator's."""

import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.doors import PATIENCE_S, HandEngine, attached, open_door
from tui.api.roles import VIEWER, refusal_of, role_of
from tui.feed import wire, wire_requests
from tui.feed.door import PATH, Door
from tui.locale import messages
from tui.model.register_requests import (
    CHANGING_REQUESTS,
    ReadRegisters,
    RunCommand,
    TakeLease,
    UndoPlan,
    WriteRegisters,
)
from tui.model.register_review import Change
from tui.model.requests import (
    QUESTIONS,
    AcknowledgeAlert,
    Pair,
    Reconnect,
    Request,
    SwitchPolling,
    Thresholds,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets")

COMMANDS: tuple[Request, ...] = (
    WriteRegisters("left", (Change("cell_overvoltage", 3600),)),
    RunCommand("left", "restart"),
    UndoPlan("left"),
    TakeLease("left", "screen"),
    Reconnect("left"),
    SwitchPolling(False),
    AcknowledgeAlert(),
    Pair("A4:C1:37:00:00:01"),
)
ASKED: tuple[Request, ...] = (ReadRegisters("left"), Thresholds())


class Visitor:
    """Somebody at the door who speaks the wire by hand."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.hello = json.loads(connection.recv(PATIENCE_S))

    def ask(self, request: Request) -> Any:
        number = next(self._numbers)
        self._connection.send(wire.encode(wire_requests.asked(request, number)))
        while True:
            message = wire.read_from_engine(self._connection.recv(PATIENCE_S))
            if isinstance(message, wire.Answered) and message.id == number:
                return wire_requests.answer_of(message)


@contextmanager
def visitor(door: Door, more: str = "") -> Iterator[Visitor]:
    from websockets.sync.client import connect

    uri = f"ws://localhost{PATH}?wire={wire.WIRE}{more}"
    with connect(uri, sock=door.connect(), proxy=None) as connection:
        yield Visitor(connection)


def test_a_viewer_is_refused_every_command_with_a_sentence(tmp_path: Path) -> None:
    """S1-54, S1-59: nothing of it reaches the engine; its questions do."""
    engine, door = HandEngine(), Door(tmp_path / "e.sock", loopback=False)
    with open_door(engine, door), visitor(door, "&role=viewer") as viewer:
        assert viewer.hello["role"] == "viewer"
        for request in COMMANDS:
            answer = viewer.ask(request)
            assert not answer.ok and answer.cause.key == "viewer-only", request
        assert engine.asked == []
        for question in ASKED:
            assert viewer.ask(question).ok
        assert engine.asked == list(ASKED)
    for language in ("en", "fr"):
        assert {"cause-viewer-only", "cause-viewer-only-do"} <= messages(language).keys()


def test_whoever_may_open_the_socket_is_an_operator(tmp_path: Path) -> None:
    """The group of the file decides; no word in the address gives more than that."""
    engine, door = HandEngine(), Door(tmp_path / "e.sock", loopback=False)
    with open_door(engine, door):
        for more in ("", "&role=operator", "&role=admin", "&role="):
            with visitor(door, more) as local:
                assert local.hello["role"] == "operator"
                assert local.ask(RunCommand("left", "restart")).ok
        with attached(door) as feed:
            assert feed.wait(PATIENCE_S)
            assert feed.ask(COMMANDS[0]).ok
    assert len(engine.asked) == 5


def test_every_request_is_either_a_question_or_refused() -> None:
    """A request that is added later is a command until somebody says that it is none."""
    kinds = [kind for union in get_args(Request) for kind in (get_args(union) or (union,))]
    assert set(CHANGING_REQUESTS) <= set(kinds)
    assert not set(CHANGING_REQUESTS) & set(QUESTIONS)
    assert set(QUESTIONS) <= set(kinds)
    assert role_of(None) == role_of("root") == wire.OPERATOR
    assert role_of(VIEWER) == VIEWER
    assert refusal_of(wire.OPERATOR, COMMANDS[0]) is None


def test_a_large_file_of_parameters_passes_the_door(tmp_path: Path) -> None:
    """S1-56: a file may be as large as what is read of it; it comes as one message."""
    from tui.model.register_requests import CheckChanges
    from tui.model.register_review import Source, SourceKind
    from tui.store.register_files import MOST_CHARACTERS

    engine, door = HandEngine(), Door(tmp_path / "e.sock", loopback=False)
    request = CheckChanges("left", source=Source(SourceKind.FILE, "big", '"\n' * (MOST_CHARACTERS // 2)))
    with open_door(engine, door), visitor(door) as local:
        assert local.ask(request).ok
    assert engine.asked == [request]
