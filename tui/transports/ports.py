"""Why a serial port cannot be used, found out on the machine itself."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from tui.model.link import Cause

PTY_MAJORS = range(136, 144)  # Linux: the user side of pseudo-terminals


def presence(port: str) -> str | None:
    """Something that changes when the device is changed or plugged in again; `None` when it is not there."""
    if sys.platform == "win32":
        return port  # there is no file to look at: it may always be there
    try:
        info = Path(port).stat()
    except OSError:
        return None
    return f"{info.st_rdev}.{info.st_ino}.{info.st_ctime_ns}.{info.st_mode}"


def is_pty(port: str) -> bool:
    """True for a pseudo-terminal: a simulated device holds its user side open as well."""
    try:
        return os.major(Path(port).stat().st_rdev) in PTY_MAJORS
    except (OSError, AttributeError):
        return False


def cause_before_opening(port: str) -> Cause | None:
    """What can be said without opening; `None` when nothing speaks against it."""
    if not port:
        return Cause("port-missing", (("port", port),))
    if sys.platform == "win32":
        return None
    try:
        info = Path(port).stat()
    except PermissionError:
        return permission_cause(port)
    except (OSError, ValueError):
        return Cause("port-missing", (("port", port),))
    if not stat.S_ISCHR(info.st_mode) or _class_of(info.st_rdev) not in ("tty", None):
        return Cause("port-not-serial", (("port", port),))
    return None


def _class_of(device: int, sysfs: Path = Path("/sys/dev/char")) -> str | None:
    """What kind of device Linux says this is; `None` where it does not say."""
    try:
        return (sysfs / f"{os.major(device)}:{os.minor(device)}" / "subsystem").readlink().name
    except OSError:
        return None


def busy_cause(port: str) -> Cause:
    """Somebody else has the port: who?"""
    found = holder(port)
    if found is None:
        return Cause("port-busy-unknown", (("port", port),))
    pid, program = found
    return Cause("port-busy", (("port", port), ("program", program), ("pid", str(pid))))


def holder(port: str, proc: Path = Path("/proc")) -> tuple[int, str] | None:
    """Process number and program that has the port open, other than this one. Only where /proc exists."""
    try:
        device = Path(port).stat().st_rdev
    except OSError:
        return None
    mine = str(os.getpid())
    for process in proc.glob("[0-9]*"):
        if process.name != mine and _has_open(process, device):
            return int(process.name), _program(process)
    return None


def _has_open(process: Path, device: int) -> bool:
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return False  # it has ended, or belongs to somebody else
    return any(_is_device(link, device) for link in links)


def _is_device(link: Path, device: int) -> bool:
    try:
        info = link.stat()
    except OSError:
        return False
    return stat.S_ISCHR(info.st_mode) and info.st_rdev == device


def _program(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "?"


def permission_cause(port: str) -> Cause:
    """The group that may use the port, and whether the user only has to log in again."""
    if sys.platform == "win32":
        return Cause("port-busy-unknown", (("port", port),))
    import grp
    import pwd

    user = _name(lambda: pwd.getpwuid(os.getuid()).pw_name, str(os.getuid()))
    try:
        info = Path(port).stat()
    except OSError:
        return Cause("port-permission-device", (("port", port), ("user", user)))
    group = _name(lambda: grp.getgrgid(info.st_gid).gr_name, str(info.st_gid))
    return group_cause(port, user, group, _members(group), info)


def group_cause(port: str, user: str, group: str, members: list[str], info: os.stat_result) -> Cause:
    """Which of the three cures helps: join the group, log in again, or open the device itself."""
    args = (("port", port), ("user", user), ("group", group))
    group_may = info.st_mode & 0o060 == 0o060
    if not group_may or info.st_gid == 0:
        return Cause("port-permission-device", args)
    if user in members:
        return Cause("port-permission-login", args)
    return Cause("port-permission", args)


def _members(group: str) -> list[str]:
    import grp

    try:
        return list(grp.getgrnam(group).gr_mem)
    except KeyError:
        return []


def _name(find: Callable[[], str], number: str) -> str:
    try:
        return find()
    except KeyError:
        return number


def network_presence(name: str, net: Path = Path("/sys/class/net")) -> str | None:
    """Changes when a network interface (a CAN bus is one) comes, goes or is set up; `None`: not there."""
    try:
        state = (net / name / "operstate").read_text(encoding="ascii").strip()
        index = (net / name / "ifindex").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return f"{index}.{state}"
