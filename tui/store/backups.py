"""Backups of parameters and the plan that is being written: small JSON files, always whole."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec

from tui.model.link import Cause
from tui.model.register_archive import Backup
from tui.model.write_plan import PlanState, WritePlan
from tui.store.atomic import write_atomically

log = logging.getLogger(__name__)

PRIVATE = 0o600
SUFFIX = ".json"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
T = TypeVar("T")


class KeepError(Exception):
    """A file could not be written or read. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class BackupStore:
    """`folder/backups/<track>/<id>.json` and `folder/plans/<track>.json`. Used from any thread."""

    def __init__(self, folder: Path) -> None:
        self._backups, self._plans = folder / "backups", folder / "plans"

    def keep(self, backup: Backup) -> None:
        """Write one backup; an existing one is never replaced. Raises KeepError."""
        path = self._path(backup.track, backup.id)
        if path.exists():
            raise KeepError(Cause("backup-failed", (("path", str(path)), ("reason", "exists"))))
        _write(path, msgspec.json.format(msgspec.json.encode(backup), indent=1).decode())

    def new_id(self, track: str, stamp: str) -> str:
        """An id for that moment that no backup of the track has yet."""
        for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
            if not self._path(track, stamp + suffix).exists():
                return stamp + suffix
        raise KeepError(Cause("backup-failed", (("path", str(self._backups)), ("reason", stamp))))

    def all(self, track: str) -> tuple[Backup, ...]:
        """Every backup of a track that can be read, newest first."""
        folder = self._backups / _safe(track)
        found = [_read(path, Backup) for path in folder.glob("*" + SUFFIX)] if folder.is_dir() else []
        kept = [backup for backup in found if backup is not None]
        return tuple(sorted(kept, key=lambda b: (b.at_ms, b.id), reverse=True))

    def find(self, track: str, backup_id: str) -> Backup | None:
        """One backup."""
        path = self._path(track, backup_id)
        return _read(path, Backup) if path.is_file() else None

    def keep_plan(self, plan: WritePlan) -> None:
        """Write down how far a plan is; one that is over is forgotten. Raises KeepError."""
        path = self._plans / (_safe(plan.track) + SUFFIX)
        if plan.state.is_running or plan.state.is_open:
            _write(path, msgspec.json.format(msgspec.json.encode(plan), indent=1).decode())
        else:
            self.forget_plan(plan.track)

    def forget_plan(self, track: str) -> None:
        """There is no plan for this track any more."""
        _guarded(self._plans, lambda: (self._plans / (_safe(track) + SUFFIX)).unlink(missing_ok=True))

    def plan(self, track: str) -> WritePlan | None:
        """The plan that was not over when the program ended; one that was running is interrupted now."""
        path = self._plans / (_safe(track) + SUFFIX)
        plan = _read(path, WritePlan) if path.is_file() else None
        if plan is None or not plan.state.is_running:
            return plan
        return replace(plan, state=PlanState.INTERRUPTED, cause=Cause("reg-interrupted"), examined=False)

    def _path(self, track: str, backup_id: str) -> Path:
        return self._backups / _safe(track) / (_safe(backup_id) + SUFFIX)


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name) or "_"


def _write(path: Path, text: str) -> None:
    _guarded(path, lambda: write_atomically(path, text + "\n", mode=PRIVATE))


def _guarded(path: Path, do: Callable[[], None]) -> None:
    try:
        do()
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        raise KeepError(Cause("backup-failed", args)) from error


def _read(path: Path, kind: type[T]) -> T | None:
    """What is in a file; None, and a line in the log, when it is none of ours."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return None
