"""A bar for what takes longer than a second, where somebody looks."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO

from tui.style.numbers import percent

AFTER_S = 1.0
EVERY_S = 0.1
CELLS = 30


class Progress:
    """`[######------------------------] 20 %` on standard error, and gone at the end.

    Only on a terminal: in a file or a log it would be noise. Plain characters, for any terminal.
    """

    def __init__(self, out: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out or sys.stderr, clock
        self._is_seen = self._out.isatty()
        self._next_s = clock() + AFTER_S
        self._shown = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def at(self, part: float) -> None:
        """So much is done, from 0 to 1. Costs nothing when it was just shown."""
        if not self._is_seen or self._clock() < self._next_s:
            return
        self._next_s = self._clock() + EVERY_S
        part = min(1.0, max(0.0, part))
        bar = "#" * round(part * CELLS)
        self._show(f"[{bar:-<{CELLS}}] {percent(100 * part)}")

    def end(self) -> None:
        """Take it away, before anything else is said."""
        if self._shown:
            self._show("")

    def _show(self, text: str) -> None:
        self._out.write(f"\r{text:<{len(self._shown)}}" + ("" if text else "\r"))
        self._out.flush()
        self._shown = text
