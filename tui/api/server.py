"""The engine's doors: one thread with one event loop."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tui.engine.engine import Engine
from tui.feed.door import PATH, Door

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)

GROUP_MAY_OPEN = 0o660
STOP_S = 2.0
START_S = 10.0


class DoorTaken(Exception):  # noqa: N818 - a fact, not a failure
    """Another engine listens behind this door."""


class Server:
    """Lets screens reach an engine. Whoever may open the socket is an operator: the file's group decides.

    `screens_here` are screens inside this process; they are counted with the others.
    """

    def __init__(self, engine: Engine, door: Door, *, screens_here: int = 0) -> None:
        self._engine = engine
        self._door = door
        self._here = screens_here
        self._attached = 0
        self._changed = threading.Condition()
        self._opened = threading.Event()
        self._failure: BaseException | None = None
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    @property
    def screens(self) -> int:
        """Screens that came through the door."""
        return self._attached

    def start(self) -> None:
        """Open the door soon, without waiting for it."""
        self._thread.start()

    def wait_open(self, timeout_s: float = START_S) -> None:
        """Wait until the door is open. OSError or DoorTaken when it cannot be."""
        if not self._opened.wait(timeout_s):
            raise TimeoutError(f"{self._door.path} did not open in {timeout_s} s")
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Send the screens away and close the door. Safe to call twice, and while it still opens."""
        self._stopping = True  # before the look at `leave`, as `_serve` sets that before it looks at this
        loop, leave = self._loop, self._leave
        if loop is not None and leave is not None:
            with contextlib.suppress(RuntimeError):  # closed already
                loop.call_soon_threadsafe(leave.set)
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def leave_here(self) -> None:
        """The screen inside this process has closed."""
        with self._changed:
            self._here = 0
            self._tell()

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Wait until no screen is attached through the door. False after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: self._attached == 0, timeout_s)

    def _counted(self, screens: int) -> None:
        with self._changed:
            self._attached = screens
            self._tell()
            self._changed.notify_all()

    def _tell(self) -> None:
        self._engine.count_screens(self._attached + self._here)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            log.exception("the door %s failed", self._door.path)
            self._failure = error
        finally:
            self._opened.set()

    async def _serve(self) -> None:
        from aiohttp import web  # here, so that the first picture does not wait for it

        from tui.api.screens import Screens

        self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
        if self._stopping:
            return
        token = secrets.token_urlsafe(32)
        screens = Screens(self._engine, self._counted, token if self._door.loopback else None)
        app = web.Application()
        app.router.add_get(PATH, screens.serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handle_signals=False)
        await runner.setup()
        try:
            mine = await self._open(runner, token)
            self._counted(0)
            self._opened.set()
            await self._leave.wait()
            _remove(self._door.path, mine)
            await asyncio.wait_for(screens.close(), 1.0)
        finally:
            await runner.cleanup()

    async def _open(self, runner: "web.AppRunner", token: str) -> int:
        """Open the door; gives the file's number, so that only our own file is removed later."""
        from aiohttp import web

        if self._door.answers():
            raise DoorTaken(str(self._door.path))
        path = self._door.path
        path.unlink(missing_ok=True)  # left by an engine that crashed
        if self._door.loopback:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            _write_private(path, json.dumps({"port": runner.addresses[0][1], "token": token}))
        else:
            await web.UnixSite(runner, str(path)).start()
            path.chmod(GROUP_MAY_OPEN)
        return path.stat().st_ino


def _write_private(path: Path, content: str) -> None:
    """A file that only its owner can ever read."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    fresh.replace(path)


def _remove(path: Path, inode: int) -> None:
    with contextlib.suppress(OSError):
        if path.stat().st_ino == inode:
            path.unlink()
