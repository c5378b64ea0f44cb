"""estimates.json: what was worked out about each battery and would take days to work out again."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui.store.atomic import write_atomically

log = logging.getLogger(__name__)

VERSION = 1
EVERY_S = 300.0  # a memory card wears out
PRIVATE = 0o600


class EstimatesFile:
    """The file. What it cannot do is logged once: no estimate is worth stopping for."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._written_s = clock()
        self._is_in_trouble = False

    @property
    def is_due(self) -> bool:
        """Five minutes are over since it was written."""
        return self._clock() - self._written_s >= EVERY_S

    def read(self) -> dict[str, Any]:
        """What was kept; nothing when there is no file. A damaged one is put aside."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read, the estimates begin anew: %s", self._path, error)
            self._put_aside()
            return {}
        if not isinstance(kept, dict) or kept.get("version") != VERSION:
            log.warning("%s was written by another version, the estimates begin anew", self._path)
            self._put_aside()
            return {}
        return kept

    def write(self, kept: dict[str, Any]) -> None:
        """Replace the file."""
        self._written_s = self._clock()
        try:
            text = json.dumps({"version": VERSION, **kept}, separators=(",", ":"), allow_nan=False)
            write_atomically(self._path, text, mode=PRIVATE)
            self._is_in_trouble = False
        except (OSError, ValueError) as error:
            if not self._is_in_trouble:
                log.warning("%s cannot be written: %s", self._path, error)
            self._is_in_trouble = True

    def _put_aside(self) -> None:
        try:
            self._path.replace(self._path.with_name(self._path.name + ".damaged"))
        except OSError as error:
            log.warning("%s cannot be put aside: %s", self._path, error)
