"""Why a port cannot be used, and the cure that helps."""

import grp
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transports.device import Device
from tui.model.link import Cause
from tui.transports import ports


class Info:
    """What the file system says about a device."""

    def __init__(self, mode: int, gid: int) -> None:
        self.st_mode, self.st_gid = mode, gid


@pytest.mark.parametrize(
    ("mode", "gid", "members", "key"),
    [
        (0o020660, 20, [], "port-permission"),
        (0o020660, 20, ["ann"], "port-permission-login"),
        (0o020600, 20, [], "port-permission-device"),
        (0o020640, 20, ["ann"], "port-permission-device"),
        (0o020660, 0, [], "port-permission-device"),
    ],
)
def test_a_forbidden_port_names_the_cure_that_helps(
    mode: int, gid: int, members: list[str], key: str
) -> None:
    cause = ports.group_cause("/dev/ttyUSB0", "ann", "dialout", members, Info(mode, gid))  # type: ignore[arg-type]
    assert cause == Cause(key, (("port", "/dev/ttyUSB0"), ("user", "ann"), ("group", "dialout")))


AS_NOBODY = """
import grp, os, pwd, sys
import serial
from tui.transports.transport import WireError
from tui.transports.uart import UartTransport
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    UartTransport(sys.argv[1]).open()
except WireError as error:
    print(error.cause.key, error.cause.values()["group"])
"""


@pytest.mark.parametrize(("mode", "key"), [(0o060, "port-permission"), (0o000, "port-permission-device")])
def test_a_port_without_permission(device: Device, mode: int, key: str) -> None:
    if os.geteuid() == 0:
        os.chown(device.port, 0, 5)
    Path(device.port).chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, device.port], capture_output=True, text=True, check=True
    )
    group = grp.getgrgid(Path(device.port).stat().st_gid).gr_name
    assert done.stdout.split() == [key, group]
