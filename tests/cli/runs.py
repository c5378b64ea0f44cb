"""The real program in processes of its own, with folders of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes import wait_until
from tui.feed.door import Door

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tui"]
PATIENCE_S = 60.0  # for what comes: only a test that fails waits so long, however busy the machine is
RUN_S = 180.0
LOOKS_S = 1.2  # for `wait_until`: a hundred and twenty looks, where each is a process of its own


class House:
    """Folders and environment of one test: nothing outside is read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PACKDECK_", "LC_", "COV_"))},
            "PACKDECK_RUNTIME_DIR": str(folder / "run"),
            "PACKDECK_CONFIG_DIR": str(folder / "config"),
            "PACKDECK_STATE_DIR": str(folder / "state"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
        }
        self.config = folder / "config" / "config.toml"
        self.door = Door(folder / "run" / "engine.sock", loopback=False)

    def write_config(self, text: str) -> None:
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_text(text)

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """What `status --json` says; empty when it says nothing."""
        done = self.run("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def track(self, name: str = "left") -> dict[str, Any]:
        """What it says of one battery; empty as long as it says nothing of it."""
        found: dict[str, Any] = self.status().get("tracks", {}).get(name, {})
        return found

    @contextmanager
    def running(self, *words: str, until_open: bool = True) -> Iterator[subprocess.Popen[str]]:
        """A process in the background; killed at the end if it still runs."""
        process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            if until_open:
                wait_until(lambda: self.door.answers() or process.poll() is not None, PATIENCE_S)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(30)
            if process.stdout:
                process.stdout.close()


@contextmanager
def house() -> Iterator[House]:
    """A short name: the system allows a socket's name about a hundred bytes."""
    folder = Path(tempfile.mkdtemp(prefix="pd"))
    try:
        yield House(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
