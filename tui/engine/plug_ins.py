"""Frames made by somebody else's code (row S1-76): a package with an entry point `packdeck.frames`.

The entry point gives an object, or a class that makes one, with a method `generateFrame(telemetry)`. It gets
what `packdeck status --json` calls a track and gives `id` (a number), `data` (up to eight bytes) and
`timestamp` (milliseconds, Unix time), as attributes or as a mapping. Each plug-in has its own tab in Frames.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import entry_points
from typing import Any

from tui.engine.frame_book import FrameBook
from tui.model.can import DATA_MAX, EXTENDED, NUMBER
from tui.model.fleet import Fleet
from tui.model.frame import Direction
from tui.model.track import Track

log = logging.getLogger(__name__)

GROUP = "packdeck.frames"
EVERY_S = 1.0
FAILURES_MAX = 3
ELEVEN_BITS = 0x7FF


class PlugIns:
    """Calls every plug-in once a second for each track, in a thread of their own.

    One that fails three times in a row is not called again; nothing else stops.
    """

    def __init__(
        self, book: FrameBook, fleet: Callable[[], Fleet], wall: Callable[[], float] = time.time
    ) -> None:
        self._book, self._fleet, self._wall = book, fleet, wall
        self._makers = _load()
        self._failures: dict[str, int] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plug-ins", daemon=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The wires that the plug-ins fill."""
        return tuple(self._makers)

    def start(self) -> None:
        """Begin, when there is any plug-in."""
        for name in self._makers:
            self._book.wire(name, is_bus=True)
        if self._makers:
            self._thread.start()

    def close(self) -> None:
        """End. A plug-in that hangs is left behind."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._ending.wait(EVERY_S):
            self.turn()

    def turn(self) -> None:
        """One call of each; never raises."""
        for name, maker in tuple(self._makers.items()):
            if self._failures.get(name, 0) >= FAILURES_MAX:
                continue
            try:
                for track in self._fleet().tracks:
                    self._take(name, maker.generateFrame(telemetry(track)))
                self._failures[name] = 0
            except Exception:
                self._failures[name] = self._failures.get(name, 0) + 1
                self._book.error(name, "plug-in")
                log.exception("the plug-in %s failed", name)

    def _take(self, name: str, made: Any) -> None:
        if made is None:
            return
        can_id, data = int(_part(made, "id")), bytes(_part(made, "data"))
        if len(data) > DATA_MAX or not 0 <= can_id <= NUMBER:
            raise ValueError(f"frame {can_id:#x} of {len(data)} bytes")
        stamp = _part(made, "timestamp")
        time_us = int(float(stamp) * 1000) if stamp is not None else int(self._wall() * 1_000_000)
        flags = EXTENDED if can_id > ELEVEN_BITS else 0
        self._book.add(name, time_us, Direction.TX, data, can_id | flags)


def telemetry(track: Track) -> dict[str, Any]:
    """What a plug-in gets: plain values with their units in the names; `None` is not known."""
    pack = track.pack
    return {
        "track": track.name,
        "timestamp_ms": track.pack_time_ms,
        "voltage_v": pack.pack_v,
        "current_a": pack.current_a,
        "power_w": pack.power_w,
        "soc_pct": track.soc_pct,
        "cells_mv": list(track.cells.mv),
        "temperatures_c": list(pack.temperatures_c),
        "identity": asdict(track.identity),
    }


def _part(made: Any, name: str) -> Any:
    return made.get(name) if isinstance(made, Mapping) else getattr(made, name, None)


def _load() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for point in entry_points(group=GROUP):
        try:
            made = point.load()
            found[point.name] = made() if isinstance(made, type) else made
        except Exception:
            log.exception("the plug-in %s cannot be loaded", point.name)
    return found
