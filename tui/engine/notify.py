"""Tells somebody who does not look at the screen: a command, an HTTP POST, the desktop.

Each message goes out in the thread "notify" and each way has its time limit, so nothing here holds up a
battery. What a person typed as address, token or command may be secret: it is never logged.
"""

import contextlib
import logging
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from tui.model.alert import Notified, Severity, Way
from tui.model.link import Cause
from tui.model.settings import NotifySettings

log = logging.getLogger(__name__)

WAITING_MAX = 32  # messages; when nothing gets out, the newest are worth no more than the oldest
CLOSE_S = 0.5
GRACE_S = 1.0  # beyond the time limit, for ending what was begun
TEST_S = 15.0
HEADER_CHARS = 200
_URGENCY = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_PRIORITY = {Severity.INFO: "low", Severity.WARNING: "high", Severity.CRITICAL: "urgent"}


@dataclass(frozen=True, slots=True)
class Message:
    """What to say. `facts` go to a command as `PACKDECK_<NAME>` in its environment."""

    title: str
    text: str
    severity: Severity
    facts: tuple[tuple[str, str], ...] = ()


class _Running:
    """Commands that have not ended. Once ended, a command that had just begun in another thread ends too."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_over = False
        self._lock = threading.Lock()

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        """It has begun."""
        with self._lock:
            self._processes.add(process)
            is_late = self._is_over
        if is_late:
            _end(process)

    def discard(self, process: "subprocess.Popen[bytes]") -> None:
        """It has ended."""
        with self._lock:
            self._processes.discard(process)

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            self._is_over = True
            processes = tuple(self._processes)
        for process in processes:
            _end(process)


class _FailedError(Exception):
    def __init__(self, key: str, **args: str) -> None:
        super().__init__(key)
        self.cause = Cause(key, tuple(args.items()))


class Notifier:
    """Sends messages by every way that is set up. Any thread may call it; only `test` waits.

    `on_trouble` is told the cause when a way begins to fail, and with `None` when it works again: once each.
    """

    def __init__(
        self,
        settings: NotifySettings,
        *,
        on_trouble: Callable[[Way, Cause | None], None] = lambda way, cause: None,
    ) -> None:
        self._settings, self._on_trouble = settings, on_trouble
        self._waiting: queue.Queue[Message | None] = queue.Queue(WAITING_MAX)
        self._failing: set[Way] = set()
        self._sending: dict[Way, threading.Thread] = {}
        self._running = _Running()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
        self.dropped = 0

    @property
    def ways(self) -> tuple[Way, ...]:
        """What is set up."""
        s = self._settings
        said = ((Way.COMMAND, s.command), (Way.POST, s.url), (Way.DESKTOP, s.desktop))
        return tuple(way for way, is_on in said if is_on)

    def tell(self, message: Message) -> None:
        """Send it soon, when it is bad enough. Never waits."""
        if self._closing.is_set() or not self.ways or message.severity < self._settings.at_least:
            return
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self.dropped += 1
            return
        if self._thread.ident is None:
            with contextlib.suppress(RuntimeError):  # two threads, one start
                self._thread.start()

    def _within(self, way: Way, message: Message) -> Notified:
        """Send it in a thread of its own: a server that says a letter a minute must not hold up the rest."""
        limit_s = self._settings.timeout_s + GRACE_S
        late = Notified(way, int(limit_s * 1000), Cause("notify-late", (("seconds", f"{limit_s:.0f}"),)))
        if (before := self._sending.get(way)) is not None and before.is_alive():
            return late
        results: list[Notified] = []
        thread = threading.Thread(
            target=lambda: results.append(self._send(way, message)), name=f"notify {way}", daemon=True
        )
        self._sending[way] = thread
        thread.start()
        thread.join(limit_s)
        return results[0] if results else late

    def test(self, message: Message, way: Way | None = None) -> tuple[Notified, ...]:
        """Send it now by one way, or by each that is set up, all at once; waits until that is done."""
        ways = self.ways if way is None else (way,)
        results: dict[Way, Notified] = {}
        threads = [
            threading.Thread(
                target=lambda w=one: results.__setitem__(w, self._send(w, message)),
                name="notify test",
                daemon=True,
            )
            for one in ways
        ]
        for thread in threads:
            thread.start()
        until_s = time.monotonic() + TEST_S
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        late = Cause("notify-late", (("seconds", f"{TEST_S:.0f}"),))
        return tuple(results.get(one) or Notified(one, int(TEST_S * 1000), late) for one in ways)

    def close(self) -> None:
        """Stop soon; what still waits is not sent."""
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._running.end()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            message = self._waiting.get()
            if message is None:
                continue
            for way in self.ways:
                if not self._closing.is_set():
                    self._told(self._within(way, message))

    def _told(self, result: Notified) -> None:
        was, way = result.way in self._failing, result.way
        if result.cause is not None and not was:
            self._failing.add(way)
            log.warning("a notification by %s failed: %s", way, result.cause.key)
            self._on_trouble(way, result.cause)
        elif result.cause is None and was:
            self._failing.discard(way)
            self._on_trouble(way, None)

    def _send(self, way: Way, message: Message) -> Notified:
        began_s = time.monotonic()
        cause: Cause | None = None
        try:
            _WAYS[way](self._settings, message, self._running)
        except _FailedError as error:
            cause = error.cause
        except Exception as error:
            # Never the text of the error: it may quote the address or the token.
            cause = Cause("notify-failed", (("reason", type(error).__name__),))
        return Notified(way, int((time.monotonic() - began_s) * 1000), cause)


# --- the ways ---


def _command(settings: NotifySettings, message: Message, running: _Running) -> None:
    """Run it without a shell; the text is its last argument and input, the rest its environment."""
    if not settings.command:
        raise _FailedError("notify-not-set", way=Way.COMMAND)
    try:
        words = [*shlex.split(settings.command), message.text]
    except ValueError as error:
        raise _FailedError("notify-command-words") from error
    extra = {f"PACKDECK_{name.upper()}": value for name, value in message.facts}
    extra |= {"PACKDECK_TITLE": message.title, "PACKDECK_TEXT": message.text}
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, **extra}, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _FailedError("notify-command-missing", reason=reason) from error
    running.add(process)
    try:
        process.communicate(message.text.encode(), settings.timeout_s)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise _FailedError("notify-late", seconds=f"{settings.timeout_s:.0f}") from error
    finally:
        running.discard(process)
    if process.returncode != 0:
        raise _FailedError("notify-command-failed", code=str(process.returncode))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with everything that it has started itself."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.0)


class _NoRedirect(request.HTTPRedirectHandler):
    """A redirect would carry the token to another machine."""

    def redirect_request(self, *args: object, **more: object) -> None:
        return None


def _post(settings: NotifySettings, message: Message, _running: _Running) -> None:
    """The text as the body, title and priority as headers: what ntfy and most others understand."""
    if not settings.url:
        raise _FailedError("notify-not-set", way=Way.POST)
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _FailedError("notify-address")
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Title": _header(message.title),
        "Priority": _PRIORITY[message.severity],
        "User-Agent": "packdeck",
    }
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    asked = request.Request(settings.url, message.text.encode(), headers, method="POST")
    try:
        request.build_opener(_NoRedirect).open(asked, timeout=settings.timeout_s).close()
    except HTTPError as error:
        raise _FailedError("notify-refused", host=parts.hostname, status=str(error.code)) from None
    except TimeoutError:
        raise _FailedError("notify-late", seconds=f"{settings.timeout_s:.0f}") from None
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _FailedError("notify-late", seconds=f"{settings.timeout_s:.0f}") from None
        reason = getattr(error.reason, "strerror", None) or type(error.reason).__name__
        raise _FailedError("notify-unreachable", host=parts.hostname, reason=reason) from None


def _header(text: str) -> str:
    """A header is ASCII and one line; ntfy reads MIME words."""
    line = " ".join(text.split())[:HEADER_CHARS]
    if line.isascii():
        return line
    from email.header import Header

    return Header(line, "utf-8", maxlinelen=10_000).encode()


def _desktop(settings: NotifySettings, message: Message, _running: _Running) -> None:
    """The desktop's own notification, through the session bus."""
    try:
        import dbus_fast  # noqa: F401 - is it there?
    except ImportError as error:
        raise _FailedError("notify-desktop-missing") from error
    import asyncio

    try:
        asyncio.run(asyncio.wait_for(_on_the_bus(message), settings.timeout_s))
    except TimeoutError:
        raise _FailedError("notify-late", seconds=f"{settings.timeout_s:.0f}") from None


async def _on_the_bus(message: Message) -> None:
    from dbus_fast import BusType, MessageType, Variant
    from dbus_fast import Message as BusMessage
    from dbus_fast.aio import MessageBus

    try:
        bus = await MessageBus(bus_type=BusType.SESSION).connect()
    except Exception as error:
        raise _FailedError("notify-no-desktop") from error
    try:
        answer = await bus.call(
            BusMessage(
                destination="org.freedesktop.Notifications",
                path="/org/freedesktop/Notifications",
                interface="org.freedesktop.Notifications",
                member="Notify",
                signature="susssasa{sv}i",
                body=[
                    "packdeck", 0, "", message.title, message.text, [],
                    {"urgency": Variant("y", _URGENCY[message.severity])}, -1,
                ],
            )
        )  # fmt: skip
    finally:
        bus.disconnect()
    if answer is None or answer.message_type is MessageType.ERROR:
        raise _FailedError("notify-no-desktop")


_WAYS: dict[Way, Callable[[NotifySettings, Message, _Running], None]] = {
    Way.COMMAND: _command,
    Way.POST: _post,
    Way.DESKTOP: _desktop,
    Way.BELL: lambda settings, message, running: None,  # every screen has its own
}
