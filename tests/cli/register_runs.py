"""Simulated devices and engines in processes of their own, for the words about parameters."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.runs import LOOKS_S, PATIENCE_S, PROGRAM, ROOT, RUN_S, House
from tests.fakes import wait_until
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery
from tui.simulator.pty import PtyDevice


@contextmanager
def simulated(home: House, family: str, name: str = "bms") -> Iterator[Path]:
    """`packdeck simulate`, once its port is there."""
    path = home.folder / name
    words = ("simulate", family, "--pty", str(path), "--current", "0", "--cells", "4")
    with home.running(*words, until_open=False) as process:
        wait_until(lambda: path.is_symlink() or process.poll() is not None, PATIENCE_S)
        assert process.poll() is None
        yield path


@contextmanager
def board_here(home: House) -> Iterator[tuple[JbdDevice, Path]]:
    """A JBD board in this process, so that a test can make it disobey."""
    device = JbdDevice(Battery(4))
    served = PtyDevice(device, home.folder / "bms")
    served.start()
    try:
        yield device, home.folder / "bms"
    finally:
        served.stop()


@contextmanager
def serving(home: House, port: Path, family: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """`packdeck serve` for the track "left", once it is live."""
    with home.running("serve", "--port", f"left={port}", "--protocol", family, *more) as process:
        wait_until(lambda: process.poll() is not None or states(home).get("left") == "live", LOOKS_S)
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        yield process


def states(home: House) -> dict[str, str]:
    """The state of each track of the running engine."""
    return {name: track["state"] for name, track in home.status().get("tracks", {}).items()}


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON that it printed; its errors when it printed none."""
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def value(home: House, key: str, *more: str) -> object:
    """What the device holds now, read through the program."""
    done = home.run("registers", "get", key, "--json", "--fresh", *more)
    assert done.returncode == 0, done.stderr
    return document(done)["registers"][0]["value"]


def run_given(home: House, given: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run to the end with a text on standard input."""
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=ROOT,
        env=home.environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
