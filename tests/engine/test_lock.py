"""One engine per machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.engine.lock import EngineLock, EngineRuns

HOLD = (
    "import sys, pathlib; from tui.engine.lock import EngineLock;"
    "lock = EngineLock(pathlib.Path(sys.argv[1])); lock.take(); print('held', flush=True); sys.stdin.read()"
)


def test_a_second_engine_is_told_who_runs(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "engine.lock"
    first, second = EngineLock(path), EngineLock(path)
    first.take()
    with pytest.raises(EngineRuns) as caught:
        second.take()
    assert caught.value.pid == os.getpid()
    first.release()
    second.take()
    second.release()


def test_taking_and_releasing_twice_is_harmless(tmp_path: Path) -> None:
    lock = EngineLock(tmp_path / "engine.lock")
    lock.take()
    lock.take()
    lock.release()
    lock.release()
    lock.take()
    lock.release()


def test_a_killed_engine_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline().strip() == b"held"
    with pytest.raises(EngineRuns) as caught:
        EngineLock(path).take()
    assert caught.value.pid == other.pid
    other.kill()
    other.communicate()
    lock = EngineLock(path)
    lock.take()
    assert path.read_text().strip() == str(os.getpid())
    lock.release()


def test_a_long_number_of_before_does_not_stay_behind_a_short_one(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    path.write_text("99999999999999\n")
    lock = EngineLock(path)
    lock.take()
    assert path.read_text() == f"{os.getpid()}\n"
    lock.release()
