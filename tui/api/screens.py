"""The feed door: whole fleet, then events, to any number of screens."""

import asyncio
import hmac
import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

from aiohttp import WSMsgType, web

from tui import __version__
from tui.api.roles import refusal_of, role_of
from tui.engine.engine import Engine
from tui.feed import wire, wire_requests
from tui.model.events import Event
from tui.model.fleet import Fleet
from tui.model.requests import QUESTIONS, Answer, Request

log = logging.getLogger(__name__)

QUEUE_MAX = 50
PING_EVERY_S = 2.0
FRAMES_EVERY_S = 0.2
FRAMES_AT_ONCE = 500
HEARTBEAT_S = 20.0  # a screen that is silent for so long (stopped, or its network is gone) is let go
ID_BYTES = 3  # of the name that a client has in the log (row S1-70)
VERSION_CLOSE = 4000
MESSAGE_MAX = 1 << 22  # a file of parameters comes as one message


class Mailbox:
    """What one screen has not got yet. The engine puts and never waits; the door takes.

    When more than `QUEUE_MAX` events wait, all of them are forgotten and the whole fleet is sent instead.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._events: deque[tuple[int, Event]] = deque()
        self._whole: Fleet | None = None
        self.overflows = 0

    def put(self, event: Event | None, fleet: Fleet) -> None:
        """A listener of the engine."""
        with self._lock:
            idle = not self._events and self._whole is None
            if event is None or self._whole is not None:
                self._whole = fleet
            elif len(self._events) >= QUEUE_MAX:
                self._events.clear()
                self._whole = fleet
                self.overflows += 1
            else:
                self._events.append((fleet.version, event))
        if idle:
            self._wake()

    def take(self) -> tuple[Fleet | None, list[tuple[int, Event]]]:
        """The whole fleet if it is needed, then the events after it."""
        with self._lock:
            whole, events = self._whole, list(self._events)
            self._whole = None
            self._events.clear()
        return whole, events


class Screens:
    """All screens at the door of one engine. Everything here runs in the thread "api"."""

    def __init__(self, engine: Engine, counted: Callable[[int], None], token: str | None) -> None:
        self._engine = engine
        self._counted = counted
        self._token = token
        self._open: dict[web.WebSocketResponse, bool] = {}  # is it a screen?
        self._texts: dict[int, str] = {}  # events encoded once for all screens

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One screen, from its hello to its leaving."""
        self._let_in(request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, compress=False, max_msg_size=MESSAGE_MAX)
        await socket.prepare(request)
        role = role_of(request.query.get("role"))
        await socket.send_str(self._hello(role))
        if request.query.get("wire") != str(wire.WIRE):
            log.warning("a screen with wire %s was refused", request.query.get("wire"))
            await socket.close(code=VERSION_CLOSE, message=b"wire")
            return socket
        is_screen = self._open[socket] = request.query.get("reader") != "1"
        self._count()
        name = secrets.token_hex(ID_BYTES)
        log.info("[WS] %s client connected: %s", "Screen" if is_screen else "Telemetry", name)
        try:
            await self._both_ways(socket, role)
        finally:
            del self._open[socket]
            self._count()
            log.debug("[WS] client disconnected: %s", name)
        return socket

    def _count(self) -> None:
        self._counted(sum(self._open.values()))

    def _let_in(self, request: web.Request) -> None:
        """A loopback port is open to every user and every web page of this machine: both are refused."""
        if "Origin" in request.headers:
            raise web.HTTPForbidden
        shown = request.headers.get("Authorization", "")
        if self._token is not None and not hmac.compare_digest(
            shown.encode(), f"Bearer {self._token}".encode()
        ):
            raise web.HTTPUnauthorized

    async def close(self) -> None:
        """Send everybody away."""
        for socket in tuple(self._open):
            await socket.close(code=1001)

    def _hello(self, role: str) -> str:
        hello = wire.Hello(
            wire.WIRE, __version__, role, os.getpid(), time.monotonic(), int(time.time() * 1000)
        )
        return wire.encode(hello)

    async def _both_ways(self, socket: web.WebSocketResponse, role: str) -> None:
        news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(news.set)
            except RuntimeError:
                log.debug("the door is closed already")

        mailbox = Mailbox(wake)
        unsubscribe = self._engine.subscribe(mailbox.put)
        visitor = _Visitor(socket, self._engine, role)
        tasks = [
            asyncio.create_task(self._send(socket, mailbox, news)),
            asyncio.create_task(_ping(socket)),
            asyncio.create_task(visitor.send_frames()),
        ]
        try:
            await visitor.listen()
        finally:
            unsubscribe()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, socket: web.WebSocketResponse, mailbox: Mailbox, news: asyncio.Event) -> None:
        while not socket.closed:
            await news.wait()
            news.clear()
            whole, events = mailbox.take()
            if whole is not None:
                await _say(socket, wire.encode(wire.WholeFleet(whole.version, whole)))
            for n, event in events:
                await _say(socket, self._text(n, event))

    def _text(self, n: int, event: Event) -> str:
        if n not in self._texts:
            if len(self._texts) > 2 * QUEUE_MAX:
                self._texts.clear()
            self._texts[n] = wire.encode(wire.happened(event, n))
        return self._texts[n]


class _Visitor:
    """What one screen asks for."""

    def __init__(self, socket: web.WebSocketResponse, engine: Engine, role: str) -> None:
        self._socket = socket
        self._engine = engine
        self._role = role
        self._wants_frames = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()
        self._after = 0

    async def listen(self) -> None:
        """Obey until the screen leaves. A message that cannot be read ends it."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                await self._obey(wire.read_from_screen(message.data))
            except wire.WireBroken as error:
                log.warning("a screen sent what cannot be read: %s", error)
                await self._socket.close(code=1003)
                return

    async def _obey(self, message: wire.FromScreen) -> None:
        match message:
            case wire.Ask():
                task = asyncio.create_task(self._answer(message.id, wire_requests.request_of(message)))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            case wire.WatchFrames(True, after):
                self._after = after
                self._wants_frames.set()
            case wire.WatchFrames():
                self._wants_frames.clear()
            case wire.Ping():
                await _say(self._socket, wire.encode(wire.Pong(time.monotonic())))
            case wire.Pong():
                pass

    async def _answer(self, number: int, request: Request) -> None:
        """Each by itself: some take seconds, and the screen goes on asking others."""
        if not isinstance(request, QUESTIONS):
            log.info("asked by a screen: %s", request)
        cause = refusal_of(self._role, request)
        answer = Answer(False, cause) if cause else await asyncio.to_thread(self._engine.ask, request)
        await _say(self._socket, wire.encode(wire_requests.answered(answer, number)))

    async def send_frames(self) -> None:
        """Raw traffic, only while it is wanted."""
        while not self._socket.closed:
            await self._wants_frames.wait()
            frames = tuple(self._engine.frames(self._after))[:FRAMES_AT_ONCE]
            if frames:
                self._after = frames[-1].number
                await _say(self._socket, wire.encode(wire.FrameBatch(frames)))
            else:
                await asyncio.sleep(FRAMES_EVERY_S)


async def _ping(socket: web.WebSocketResponse) -> None:
    while not socket.closed:
        await asyncio.sleep(PING_EVERY_S)
        await _say(socket, wire.encode(wire.Ping(time.monotonic())))


async def _say(socket: web.WebSocketResponse, text: str) -> None:
    try:
        await socket.send_str(text)
    except (ConnectionError, RuntimeError):
        log.debug("a screen left while it was spoken to")
