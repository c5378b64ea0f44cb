"""A message bus of our own: nothing here touches the one of the machine."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes import PATIENCE_S

DAEMON = shutil.which("dbus-daemon")
VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus() -> Iterator[str]:
    """Run a bus; gives its address, which is also in the environment, and `bluetoothctl` first on PATH."""
    with tempfile.TemporaryDirectory(prefix="bus") as folder:
        here = Path(folder)
        config = here / "bus.conf"
        config.write_text(_CONFIG.format(path=here / "bus"), encoding="utf-8")
        _bluetoothctl(here / "bin")
        daemon = subprocess.Popen(
            [
                DAEMON or "dbus-daemon",
                f"--config-file={config}",
                "--nofork",
                "--nopidfile",
                "--print-address",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        before = {name: os.environ.get(name) for name in (VARIABLE, "PATH")}
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            os.environ[VARIABLE] = address
            os.environ["PATH"] = f"{here / 'bin'}{os.pathsep}{before['PATH']}"
            yield address
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            daemon.terminate()
            daemon.wait(PATIENCE_S)
            if daemon.stdout is not None:
                daemon.stdout.close()


def _bluetoothctl(folder: Path) -> None:
    """bleak asks this program for the version of BlueZ."""
    folder.mkdir()
    program = folder / "bluetoothctl"
    program.write_text("#!/bin/sh\necho bluetoothctl: 5.66\n", encoding="utf-8")
    program.chmod(0o755)
