"""The newest raw traffic of all wires."""

import threading
from collections import deque
from collections.abc import Sequence

from tui.model.frame import Direction, Frame

FRAMES_KEPT = 2000


class FrameRing:
    """A bounded list of frames with rising numbers. Workers add; anybody reads."""

    def __init__(self, kept: int = FRAMES_KEPT) -> None:
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque(maxlen=kept)
        self._number = 0

    def add(
        self, track: str, time_us: int, direction: Direction, data: bytes, can_id: int | None = None
    ) -> int:
        """Keep one chunk as it went over the wire; gives its number."""
        with self._lock:
            self._number += 1
            self._frames.append(Frame(self._number, track, time_us, direction, data, can_id))
            return self._number

    def after(self, number: int) -> Sequence[Frame]:
        """Frames with a higher number, oldest first, as far as they are kept."""
        with self._lock:
            missing = min(self._number - number, len(self._frames))
            if missing <= 0:
                return ()
            return tuple(self._frames)[-missing:]
