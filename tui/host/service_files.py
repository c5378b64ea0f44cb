"""Files of the system: all of them or none, and what somebody changed by hand is kept beside."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tui.host.service_units import is_untouched
from tui.model.link import Cause

MODE = 0o644


class ServiceError(Exception):
    """It cannot be installed. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class Before(StrEnum):
    """What is at the place of a file now. Each names the word `service-file-<before>`."""

    NEW = "new"  # nothing
    SAME = "same"  # exactly this
    OLDER = "older"  # ours, of another version or with other options
    CHANGED = "changed"  # changed by hand, or not ours


@dataclass(frozen=True, slots=True)
class File:
    """A file to be written. `path` as the system knows it."""

    part: str
    path: Path
    text: str


def before(file: Path, text: str) -> Before:
    """What is there now. ServiceError when it cannot be read, or the unit is masked."""
    if file.is_symlink() and os.fspath(file.readlink()) == os.devnull:
        raise ServiceError(Cause("service-masked", (("unit", file.name),)))
    try:
        now = file.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return Before.CHANGED if file.is_symlink() else Before.NEW
    except OSError as error:
        raise _failed(file, error) from error
    if now == text and not file.is_symlink():
        return Before.SAME
    return Before.OLDER if is_untouched(now) and not file.is_symlink() else Before.CHANGED


def backup_of(file: Path) -> Path:
    """A free name beside it, which neither systemd nor udev reads."""
    free, number = file.with_name(f"{file.name}.kept"), 1
    while free.exists() or free.is_symlink():
        number += 1
        free = file.with_name(f"{file.name}.kept-{number}")
    return free


def write_all(files: Iterable[tuple[Path, str]]) -> dict[Path, Path]:
    """Write them; gives those that somebody had changed, with the names under which they are kept.

    What can go wrong goes wrong before the first one is in its place. ServiceError then.
    """
    kept: dict[Path, Path] = {}
    fresh: list[tuple[Path, Path]] = []
    try:
        for path, text in files:
            fresh.append((_fresh(path, text), path))
        for new, path in fresh:
            if before(path, new.read_text(encoding="utf-8")) is Before.CHANGED:
                kept[path] = _keep(path)
            _move(new, path)
    finally:
        for new, _path in fresh:
            new.unlink(missing_ok=True)
    return kept


def remove_all(files: Iterable[Path]) -> dict[Path, Path]:
    """Remove them; gives those that somebody had changed, with the names under which they are kept."""
    kept: dict[Path, Path] = {}
    for path in files:
        if before(path, "") is Before.CHANGED:
            kept[path] = _keep(path)
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(path, error) from error
    return kept


def _fresh(path: Path, text: str) -> Path:
    """The text in a file beside its place, on the disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(MODE)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise _failed(path, error) from error
    return Path(name)


def _keep(path: Path) -> Path:
    """Put what is there aside. A copy would be half there when the power goes; a second name is not."""
    aside = backup_of(path)
    _move(path, aside)
    return aside


def _move(here: Path, there: Path) -> None:
    try:
        here.replace(there)
    except OSError as error:
        raise _failed(there, error) from error


def _failed(path: Path, error: OSError) -> ServiceError:
    args = (("path", str(path)), ("reason", error.strerror or str(error)))
    return ServiceError(Cause("service-file", args))
