"""The door: who may come in, what is left behind, what a bad visitor can do."""

import base64
import os
import re
import socket
import stat
import sys
import threading
from pathlib import Path

import pytest

from tests.doors import PATIENCE_S, HandEngine, attached, doors, open_door, without_engine_link
from tests.fakes import wait_until
from tui.api.server import DoorTaken, Server
from tui.feed.door import PATH, Door
from tui.feed.remote import RemoteFeed
from tui.feed.wire import WIRE
from tui.model.events import SampleRead
from tui.model.register_requests import ReadRegisters
from tui.model.requests import Answer, Request, SwitchPolling
from tui.model.sample import Pack


def knock(door: Door, *headers: str) -> str:
    """The first line of the answer to a visitor with these headers."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {PATH}?wire={WIRE} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    with door.connect() as visitor:
        visitor.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        said = b""
        while b"\r\n" not in said and (piece := visitor.recv(4096)):
            said += piece
        return said.decode("latin-1").splitlines()[0]


def test_only_the_owner_and_the_group_may_open_the_socket(tmp_path: Path) -> None:
    door = Door(tmp_path / "e.sock", loopback=False)
    with open_door(HandEngine(), door):
        assert stat.S_IMODE(door.path.stat().st_mode) == 0o660
    assert not door.path.exists()


def test_a_loopback_door_needs_the_token_of_a_private_file(tmp_path: Path) -> None:
    door = Door(tmp_path / "e.door", loopback=True)
    with open_door(HandEngine(), door):
        assert stat.S_IMODE(door.path.stat().st_mode) == 0o600
        assert " 401 " in knock(door)
        assert " 401 " in knock(door, "Authorization: Bearer guess")
        good = door.headers()["Authorization"]
        assert " 101 " in knock(door, f"Authorization: {good}")
        assert " 403 " in knock(door, f"Authorization: {good}", "Origin: https://evil.example")
    assert not door.path.exists()


def test_the_socket_of_a_crashed_engine_is_replaced(tmp_path: Path) -> None:
    """A stale file is no reason not to start."""
    door = Door(tmp_path / "e.sock", loopback=False)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(door.path))
    dead.close()
    assert door.path.exists()
    assert not door.answers()
    with open_door(HandEngine(), door), attached(door) as feed:
        assert feed.wait(PATIENCE_S)


def test_the_door_of_a_living_engine_is_left_alone(tmp_path: Path) -> None:
    door = Door(tmp_path / "e.sock", loopback=False)
    with open_door(HandEngine(pid=1), door), attached(door) as feed:
        second = Server(HandEngine(pid=2), door)  # type: ignore[arg-type]
        second.start()
        with pytest.raises(DoorTaken):
            second.wait_open(PATIENCE_S)
        second.stop()
        assert feed.wait(PATIENCE_S)
        assert door.answers()


def test_screens_are_counted_as_they_come_and_go(tmp_path: Path) -> None:
    for door in doors(tmp_path):
        engine = HandEngine()
        with open_door(engine, door, screens_here=1) as server:
            wait_until(lambda engine=engine: engine.fleet().screens == 1)
            with attached(door), attached(door), attached(door, is_screen=False) as reader:
                assert reader.wait(PATIENCE_S)
                wait_until(lambda engine=engine: engine.fleet().screens == 3)
                assert server.screens == 2
                server.leave_here()
                assert engine.fleet().screens == 2
                assert not server.wait_empty(0.01)
            assert server.wait_empty(PATIENCE_S)
            wait_until(lambda engine=engine: engine.fleet().screens == 0)


def test_every_client_has_a_name_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """S1-70: a short one, another for each, and what kind of client it is."""
    door = Door(tmp_path / "e.sock", loopback=False)
    caplog.set_level("INFO", "tui.api")

    def said() -> list[str]:
        return [
            found[0] for text in caplog.messages if (found := re.findall(r"^\[WS\] (.*): [0-9a-f]{6}$", text))
        ]

    with open_door(HandEngine(), door):
        for is_screen in (True, False):
            feed = RemoteFeed(door, is_screen=is_screen)
            assert feed.wait(PATIENCE_S)
            feed.close()
    assert said() == ["Screen client connected", "Telemetry client connected"]
    assert len(set(caplog.messages)) == len(caplog.messages)


def test_a_visitor_who_talks_nonsense_is_shown_out_and_others_stay(tmp_path: Path) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    door = Door(tmp_path / "e.sock", loopback=False)
    with open_door(HandEngine(), door) as server, attached(door) as feed:
        assert feed.wait(PATIENCE_S)
        for nonsense in ("not json", '{"type":"ask","id":1,"kind":"Shutdown","request":{}}', "[]"):
            with connect(f"ws://localhost{PATH}?wire={WIRE}", sock=door.connect(), proxy=None) as visitor:
                visitor.recv(PATIENCE_S)
                visitor.send(nonsense)
                with pytest.raises(ConnectionClosed):
                    for _ in range(20):
                        visitor.recv(PATIENCE_S)
        wait_until(lambda: server.screens == 1)
        assert feed.fleet().engine.attached


def test_a_slow_question_does_not_hold_up_the_others_of_that_screen(tmp_path: Path) -> None:
    """Registers take seconds to read; the frames on the screen go on meanwhile."""
    door = Door(tmp_path / "e.sock", loopback=False)
    engine = HandEngine()
    asked, may_answer = threading.Event(), threading.Event()

    def ask(request: Request) -> Answer:
        if isinstance(request, ReadRegisters):
            asked.set()
            may_answer.wait(PATIENCE_S)
        return Answer(True)

    engine.ask = ask  # type: ignore[method-assign]
    with open_door(engine, door), attached(door) as feed:
        assert feed.wait(PATIENCE_S)
        slow = threading.Thread(target=feed.ask, args=(ReadRegisters("left"),), daemon=True)
        slow.start()
        assert asked.wait(PATIENCE_S)
        assert feed.ask(SwitchPolling(True)).ok
        assert slow.is_alive(), "it was answered first"
        may_answer.set()
        slow.join(PATIENCE_S)
        assert not slow.is_alive()


def test_a_visitor_with_another_wire_gets_a_hello_and_is_not_counted(tmp_path: Path) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    door = Door(tmp_path / "e.sock", loopback=False)
    with (
        open_door(HandEngine(), door) as server,
        connect(f"ws://localhost{PATH}?wire=99", sock=door.connect(), proxy=None) as visitor,
    ):
        assert '"hello"' in str(visitor.recv(PATIENCE_S))
        with pytest.raises(ConnectionClosed) as closed:
            visitor.recv(PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4000
        assert server.screens == 0


def test_a_visitor_who_never_reads_does_not_hold_up_the_engine(tmp_path: Path) -> None:
    """The engine never waits: with one screen stopped, it and the other screen go on."""
    door = Door(tmp_path / "e.sock", loopback=False)
    engine = HandEngine()
    with open_door(engine, door) as server, attached(door) as feed, door.connect() as stopped:
        key = base64.b64encode(os.urandom(16)).decode()
        stopped.sendall(
            f"GET {PATH}?wire={WIRE} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        wait_until(lambda: server.screens == 2)
        for i in range(20_000):
            engine.tell(SampleRead("left", i / 10, i, Pack(pack_v=float(i), current_a=0.0)))
        wait_until(lambda: without_engine_link(feed.fleet()) == without_engine_link(engine.fleet()))


def test_stopping_ends_the_thread_although_screens_are_attached(tmp_path: Path) -> None:
    for door in doors(tmp_path):
        with open_door(HandEngine(), door) as server, attached(door) as feed:
            assert feed.wait(PATIENCE_S)
            server.stop()
            server.stop()
            server._thread.join(PATIENCE_S)
            assert not server._thread.is_alive()
            wait_until(lambda feed=feed: not feed.fleet().engine.attached)


@pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets")
def test_a_door_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    server = Server(HandEngine(), Door(tmp_path / "missing" / "e.sock", loopback=False))  # type: ignore[arg-type]
    server.start()
    with pytest.raises(FileNotFoundError):
        server.wait_open(PATIENCE_S)
    server.stop()


def test_a_door_that_is_stopped_while_it_opens_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that ends right after its start must not leave a socket that nobody answers."""
    door = Door(tmp_path / "e.sock", loopback=False)
    server = Server(HandEngine(), door)
    serve, stopped = server._serve, threading.Event()

    async def late() -> None:
        stopped.wait(PATIENCE_S)
        await serve()

    monkeypatch.setattr(server, "_serve", late)
    server.start()
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    wait_until(lambda: server._stopping)
    stopped.set()
    stopper.join(PATIENCE_S)
    server._thread.join(PATIENCE_S)
    assert not stopper.is_alive() and not server._thread.is_alive()
    assert not door.path.exists()
