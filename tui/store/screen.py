"""screen.toml: what belongs to one viewer."""

import contextlib
import json
import tomllib
from dataclasses import fields
from pathlib import Path

from tui.model.link import Cause
from tui.model.settings import ScreenSettings
from tui.store.atomic import write_atomically


def read_screen(path: Path) -> tuple[ScreenSettings, Cause | None]:
    """The viewer's settings. When the file is damaged: defaults and a cause, and the file is kept aside."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return _settings(said), None
    except FileNotFoundError:
        return ScreenSettings(), None
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        return ScreenSettings(), Cause("screen-unreadable", args)
    except ValueError as error:  # not TOML, not UTF-8, or a value of the wrong kind
        aside = path.with_suffix(".toml.damaged")
        with contextlib.suppress(OSError):
            path.replace(aside)
        damage = (("path", str(path)), ("reason", str(error)), ("aside", str(aside)))
        return ScreenSettings(), Cause("screen-damaged", damage)


def write_screen(path: Path, settings: ScreenSettings) -> None:
    """Keep the viewer's settings. OSError when it cannot be done."""
    lines = [f"{f.name} = {json.dumps(getattr(settings, f.name))}\n" for f in fields(settings)]
    write_atomically(path, "".join(lines))


def _settings(said: dict[str, object]) -> ScreenSettings:
    """Keys of other versions are left alone; a known key with a wrong kind of value is damage."""
    known = {}
    for field in fields(ScreenSettings):
        if field.name in said:
            if type(said[field.name]) is not type(field.default):
                raise ValueError(f"{field.name} = {said[field.name]!r}")
            known[field.name] = said[field.name]
    return ScreenSettings(**known)  # type: ignore[arg-type]
