"""Changing one value of config.toml: every comment and everything else stays as it is."""

import threading
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tui.model.link import Cause
from tui.model.settings import Value
from tui.store.atomic import write_atomically

PRIVATE = 0o600
_writing = threading.Lock()  # read, change, replace: one at a time


def write_value(file: Path, path: tuple[str, ...], value: Value | None) -> Cause | None:
    """Set a key, or remove it when the value is `None`; tables are made. Gives the cause when it fails.

    The caller has checked the value; nothing of the rest is.
    """
    with _writing:
        try:
            text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
            document = tomlkit.parse(text)
            _put(document, path, value)
            write_atomically(file, tomlkit.dumps(document), mode=PRIVATE)
        except (OSError, UnicodeDecodeError, TOMLKitError, TypeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            return Cause("config-not-written", (("path", str(file)), ("reason", reason)))
    return None


def _put(document: tomlkit.TOMLDocument, path: tuple[str, ...], value: Value | None) -> None:
    """TypeError when something on the way is no table."""
    table: object = document
    for part in path[:-1]:
        if not isinstance(table, dict):
            raise TypeError(f"{part} is no table")
        if part not in table:
            if value is None:
                return
            table[part] = tomlkit.table()
        table = table[part]
    if not isinstance(table, dict):
        raise TypeError(f"{path[-2]} is no table")
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value
