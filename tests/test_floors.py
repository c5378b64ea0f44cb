"""Nobody imports upwards, and the engine starts without a screen library."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"textual", "rich", "serial", "aiohttp", "websockets", "sqlite3", "bleak", "can"}


def loaded_by(module: str) -> set[str]:
    """Top-level packages in a fresh Python after importing only that module."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["tui.engine.engine", "tui.engine.lock", "tui.transports.uart", "tui.feed.feed"]
)
def test_the_engine_starts_without_screens_and_wires(module: str) -> None:
    assert not loaded_by(module) & HEAVY


def test_the_doors_start_without_screens() -> None:
    assert not loaded_by("tui.api") & {"textual", "rich"}


def test_the_floors_hold() -> None:
    """The contracts in pyproject.toml: who may import whom."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
