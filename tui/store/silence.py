"""silence.json: until when nobody wants to be told, so that a restart of the engine does not ring."""

import json
import logging
from pathlib import Path

from tui.store.atomic import write_atomically

log = logging.getLogger(__name__)

PRIVATE = 0o600


def read_silence(path: Path) -> tuple[int, str]:
    """Unix time in milliseconds, and who asked for it; 0 when there is none, or the file cannot be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return int(kept["until_ms"]), str(kept["who"])
    except FileNotFoundError:
        return 0, ""
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("%s cannot be read, nothing is silenced: %s", path, error)
        return 0, ""


def write_silence(path: Path, until_ms: int, who: str) -> None:
    """Keep it; 0 forgets it. A disk that does not take it costs the silence after a restart, nothing else."""
    try:
        if until_ms:
            write_atomically(path, json.dumps({"until_ms": until_ms, "who": who}), mode=PRIVATE)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error)
