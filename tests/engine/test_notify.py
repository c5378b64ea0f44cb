"""Telling somebody away from the screen: real commands, a real server, a real message bus."""

import asyncio
import logging
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.bluez.bus import DAEMON, private_bus
from tests.fakes import PATIENCE_S, wait_until
from tui.engine.notify import Message, Notifier
from tui.model.alert import Severity, Way
from tui.model.link import Cause
from tui.model.settings import NotifySettings

MESSAGE = Message(
    "packdeck left: critical", "cellule 5 basse : 2,795 V", Severity.CRITICAL, (("key", "cell-low"),)
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")


def script(folder: Path, text: str) -> str:
    path = folder / "told me.sh"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"'{path}' first"


def has_ended(pid: int) -> bool:
    """Gone, or waited for by nobody."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def key(notifier: Notifier, way: Way) -> str | None:
    (result,) = notifier.test(MESSAGE, way)
    return result.cause and result.cause.key


@posix
def test_a_command_gets_text_and_facts_and_no_shell_reads_them(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = script(tmp_path, f'printf "%s|%s|%s|%s" "$1" "$2" "$PACKDECK_KEY" "$(cat)" > "{out}"')
    evil = Message(
        "t", f'"; touch {tmp_path}/owned; $(touch {tmp_path}/owned) `x`', Severity.INFO, (("key", "k"),)
    )
    (result,) = Notifier(NotifySettings(command=command)).test(evil, Way.COMMAND)
    assert result.cause is None
    assert out.read_text("utf-8") == f"first|{evil.text}|k|{evil.text}"
    assert not (tmp_path / "owned").exists()


@posix
def test_a_command_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notify command that hangs has a time limit."""
    pid = tmp_path / "pid"
    command = script(tmp_path, f'sleep 600 & echo $! > "{pid}"; wait')
    wait = subprocess.Popen.communicate

    def communicate(process: subprocess.Popen[bytes], *args: Any) -> Any:
        wait_until(lambda: pid.exists() and pid.read_text().endswith("\n"))
        return wait(process, *args)  # the time begins when the command does hang

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    assert key(Notifier(NotifySettings(command=command, timeout_s=0.3)), Way.COMMAND) == "notify-late"
    wait_until(lambda: has_ended(int(pid.read_text())))


@posix
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("false", "notify-command-failed"),
        ("/no/such/thing", "notify-command-missing"),
        ("a 'b", "notify-command-words"),
    ],
)
def test_a_command_that_fails_says_why(command: str, expected: str) -> None:
    assert key(Notifier(NotifySettings(command=command)), Way.COMMAND) == expected


class _Handler(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict[str, str], bytes]]
    status: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def server(status: int = 200) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    handler = type("Handler", (_Handler,), {"seen": [], "status": status})
    made = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/battery", handler.seen  # type: ignore[attr-defined]
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def test_a_post_has_the_text_as_body_and_the_rest_as_headers() -> None:
    """What ntfy reads: title, priority, a token."""
    with server() as (url, seen):
        assert key(Notifier(NotifySettings(url=url, token="tk_secret")), Way.POST) is None
    ((path, headers, body),) = seen
    assert (path, body.decode()) == ("/battery", MESSAGE.text)
    assert headers["Title"] == MESSAGE.title
    assert (headers["Priority"], headers["Authorization"]) == ("urgent", "Bearer tk_secret")


@pytest.mark.parametrize(
    ("status", "expected"), [(403, "notify-refused"), (500, "notify-refused"), (302, "notify-refused")]
)
def test_a_server_that_refuses_is_named_and_a_redirect_gets_no_token(status: int, expected: str) -> None:
    with server(status) as (url, seen):
        assert key(Notifier(NotifySettings(url=url, token="tk_secret")), Way.POST) == expected
    assert len(seen) == 1


def test_a_title_of_any_letters_is_one_header() -> None:
    with server() as (url, seen):
        (result,) = Notifier(NotifySettings(url=url)).test(
            Message("é\r\nX-Evil: 1", "x", Severity.INFO), Way.POST
        )
    assert result.cause is None
    assert "X-Evil" not in seen[0][1]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///etc/passwd", "notify-address"),
        ("nonsense", "notify-address"),
        ("http://127.0.0.1:9/x", "notify-unreachable"),
    ],
)
def test_a_wrong_address_says_so(url: str, expected: str) -> None:
    assert key(Notifier(NotifySettings(url=url, timeout_s=PATIENCE_S)), Way.POST) == expected


def test_secrets_are_in_no_cause_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = NotifySettings(
        url="http://user:tk_secret@127.0.0.1:9/tk_secret", token="tk_secret", command="/tk_secret"
    )
    told: list[Cause | None] = []
    notifier = Notifier(settings, on_trouble=lambda way, cause: told.append(cause))
    notifier.tell(MESSAGE)
    wait_until(lambda: len(told) == 2)
    notifier.close()
    assert "tk_secret" not in f"{told} {caplog.text} {settings!r}"


def test_failing_is_told_once_and_working_again_too() -> None:
    """Shown once."""
    told: list[str | None] = []
    with server(500) as (url, seen):
        notifier = Notifier(
            NotifySettings(url=url), on_trouble=lambda way, cause: told.append(cause and cause.key)
        )
        for n in range(3):
            notifier.tell(MESSAGE)
            wait_until(lambda n=n: len(seen) == n + 1)  # type: ignore[misc]
        wait_until(lambda: told == ["notify-refused"])
        _set_status(seen, 200)
        notifier.tell(MESSAGE)
        wait_until(lambda: told == ["notify-refused", None])
        notifier.close()


def _set_status(seen: list[tuple[str, dict[str, str], bytes]], status: int) -> None:
    for kind in _Handler.__subclasses__():
        if kind.seen is seen:
            kind.status = status


def test_only_what_is_bad_enough_is_told() -> None:
    with server() as (url, seen):
        notifier = Notifier(NotifySettings(url=url, at_least=Severity.CRITICAL))
        notifier.tell(Message("t", "warning", Severity.WARNING))
        notifier.tell(Message("t", "critical", Severity.CRITICAL))
        wait_until(lambda: seen)
        notifier.close()
    assert [body for _, _, body in seen] == [b"critical"]


@posix
def test_telling_never_waits_and_closing_does_not_either(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    command = script(tmp_path, f'echo $$ > "{pid}"; exec sleep 600')
    notifier = Notifier(NotifySettings(command=command, timeout_s=600.0))
    for _ in range(100):
        notifier.tell(MESSAGE)
    assert notifier.dropped > 50
    wait_until(lambda: pid.exists() and pid.read_text().strip())
    notifier.close()
    wait_until(lambda: has_ended(int(pid.read_text())))


@posix
def test_a_command_that_begins_while_it_closes_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, closed = threading.Event(), threading.Event()
    pids: list[int] = []

    def begin(*words: Any, **options: Any) -> "subprocess.Popen[bytes]":
        process = popen(*words, **options)
        pids.append(process.pid)
        begun.set()
        assert closed.wait(PATIENCE_S)
        return process

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", begin)
    notifier = Notifier(NotifySettings(command=script(tmp_path, "exec sleep 600"), timeout_s=600.0))
    notifier.tell(MESSAGE)
    assert begun.wait(PATIENCE_S)
    notifier.close()
    closed.set()
    wait_until(lambda: has_ended(pids[0]))


def test_what_is_not_set_up_says_so() -> None:
    notifier = Notifier(NotifySettings())
    assert notifier.ways == ()
    assert notifier.test(MESSAGE) == ()
    assert [key(notifier, way) for way in (Way.COMMAND, Way.POST)] == ["notify-not-set"] * 2
    assert key(notifier, Way.BELL) is None


@pytest.mark.skipif(DAEMON is None, reason="no dbus-daemon")
def test_the_desktop_is_told_over_its_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dbus_fast")
    with private_bus() as address, _desktop(address) as heard:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert key(Notifier(NotifySettings(desktop=True)), Way.DESKTOP) is None
        ((title, text, urgency),) = heard
        assert (title, text, urgency) == (MESSAGE.title, MESSAGE.text, 2)


@pytest.mark.skipif(DAEMON is None, reason="no dbus-daemon")
def test_a_machine_without_a_desktop_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("dbus_fast")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert key(Notifier(NotifySettings(desktop=True)), Way.DESKTOP) == "notify-no-desktop"
    with private_bus() as address:  # a bus, but nobody on it who shows anything
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert key(Notifier(NotifySettings(desktop=True)), Way.DESKTOP) == "notify-no-desktop"


@contextmanager
def _desktop(address: str) -> Iterator[list[tuple[str, str, int]]]:
    """Somebody on the bus who shows notifications."""
    from dbus_fast import Message as BusMessage
    from dbus_fast.aio import MessageBus

    heard: list[tuple[str, str, int]] = []
    ready, stop = threading.Event(), threading.Event()

    def answer(message: BusMessage) -> BusMessage | None:
        if message.member != "Notify":
            return None
        body = message.body
        heard.append((body[3], body[4], body[6]["urgency"].value))
        return BusMessage.new_method_return(message, "u", [1])

    async def serve() -> None:
        bus = await MessageBus(bus_address=address).connect()
        bus.add_message_handler(answer)
        await bus.request_name("org.freedesktop.Notifications")
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.01)
        bus.disconnect()

    run: Callable[[], None] = lambda: asyncio.run(serve())  # noqa: E731
    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield heard
    finally:
        stop.set()
        thread.join()
