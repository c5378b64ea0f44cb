"""What is wrong with this machine, and the one thing that cures it. Only looks; changes nothing."""

import os
import re
import shutil
import socket
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.model.device import Device
from tui.model.settings import default
from tui.model.system import Check, CheckState

RUN_S = 3.0
AREAS = ("bluetooth", "permissions", "can", "python", "terminal", "performance")
BLUEZ_OLDEST = (5, 55)  # what the Bluetooth library asks for
BLUETOOTHD = ("usr/libexec/bluetooth/bluetoothd", "usr/lib/bluetooth/bluetoothd", "usr/sbin/bluetoothd")
ENABLED_BY = (
    "etc/systemd/system/bluetooth.target.wants/bluetooth.service",
    "etc/systemd/system/dbus-org.bluez.service",
    "usr/lib/systemd/system/bluetooth.target.wants/bluetooth.service",
)
TO_BUILD = ("libbluetooth-dev", "libudev-dev", "build-essential", "python3-dev")  # row S0-15
BOOT_CONFIGS = ("boot/firmware/config.txt", "boot/config.txt")
OVERLAY = "dtoverlay=mcp2515-can0,oscillator=16000000,interrupt=25"  # row S3-8
SERIAL = ("ttyUSB*", "ttyACM*", "ttyAMA*", "serial0")
BUFFERS = {"net.core.rmem_default": 262_144, "net.core.rmem_max": 16_777_216}  # row S0-42, bytes
CAN_TYPE = "280"  # ARPHRD_CAN of linux/if_arp.h
CAN_STATES = ("ERROR-ACTIVE", "ERROR-WARNING", "ERROR-PASSIVE", "BUS-OFF", "STOPPED", "SLEEPING")
COLUMNS_MIN, ROWS_MIN = 60, 18
WEAK_DBM = -80
GOOD_PYTHON = (3, 11)

Runner = Callable[[Sequence[str], float], str]  # words, seconds; gives the output; OSError, TimeoutError


@dataclass(frozen=True, slots=True)
class CanFacts:
    """What the kernel tells of a CAN interface; bit/s and one of `CAN_STATES`."""

    bitrate: int | None = None
    state: str = ""


def _no_runner(words: Sequence[str], timeout_s: float) -> str:
    raise FileNotFoundError(words[0])


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything the checks look at. `root` is the top of the file system, or of one made for a test."""

    root: Path = Path("/")
    platform: str = sys.platform
    user: str = "?"
    user_id: int = 0
    session_groups: frozenset[int] = frozenset()  # numbers, of this process
    python: tuple[int, ...] = tuple(sys.version_info[:3])
    environment: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    is_terminal: bool = True
    columns: int = 80
    rows: int = 24
    run: Runner = _no_runner
    may_use: Callable[[Path], bool] = lambda path: os.access(path, os.R_OK | os.W_OK)
    adapter_is_up: Callable[[int], bool | None] = lambda number: None
    can_facts: Callable[[str], CanFacts] = lambda name: CanFacts()

    @classmethod
    def here(cls, run: Runner) -> "Machine":
        """This machine and this process; `run` starts the one program that is asked, systemctl."""
        is_unix = hasattr(os, "getuid")
        size = shutil.get_terminal_size()
        return cls(
            user=_user(),
            user_id=os.getuid() if is_unix else -1,
            session_groups=frozenset((*os.getgroups(), os.getegid())) if is_unix else frozenset(),
            environment=os.environ,
            encoding=getattr(sys.stdout, "encoding", None) or "?",
            is_terminal=sys.stdout.isatty(),
            columns=size.columns,
            rows=size.lines,
            run=run,
            adapter_is_up=adapter_is_up,
            can_facts=can_facts,
        )

    def text(self, path: str) -> str:
        """A file below the root, without what surrounds its words; empty when it cannot be read."""
        try:
            data = (self.root / path).read_bytes()
        except OSError:
            return ""
        return data.decode("utf-8", "replace").strip().strip("\0").strip()

    def children(self, path: str) -> list[Path]:
        """What is in a folder below the root, sorted; nothing when there is none."""
        try:
            return sorted((self.root / path).iterdir())
        except OSError:
            return []

    @property
    def is_linux(self) -> bool:
        """True where /sys and groups tell anything."""
        return self.platform.startswith("linux")

    @property
    def board(self) -> str:
        """The model of the board or of the computer; empty when it does not say."""
        return self.text("proc/device-tree/model") or self.text("sys/class/dmi/id/product_name")

    @property
    def is_raspberry(self) -> bool:
        """True on a Raspberry Pi."""
        return self.board.startswith("Raspberry Pi")


def examine(
    machine: Machine, areas: Iterable[str] = AREAS, buses: Sequence[tuple[str, int]] = ()
) -> list[Check]:
    """All checks of these areas. `buses`: CAN interfaces that must be there, with their bit/s."""
    checks: list[Check] = []
    for area in areas:
        checks += _can(machine, buses) if area == "can" else _BY_AREA[area](machine)
    return checks


def unneeded(checks: Iterable[Check], area: str) -> list[Check]:
    """The same, but what fails in an area that nobody needs here is only a warning."""
    return [
        replace(check, state=CheckState.WARN)
        if (check.area, check.state) == (area, CheckState.FAIL)
        else check
        for check in checks
    ]


def signals(devices: Iterable[Device]) -> list[Check]:
    """How well paired devices are heard (row S0-7)."""
    checks = []
    for device in devices:
        if device.paired and device.rssi_dbm is not None:
            weak = device.rssi_dbm < WEAK_DBM
            args = {"name": device.name or device.address, "rssi": str(device.rssi_dbm)}
            state = CheckState.WARN if weak else CheckState.OK
            checks.append(_check("bluetooth", "signal-weak" if weak else "signal", state, **args))
    return checks


def _check(area: str, key: str, state: CheckState, **args: str) -> Check:
    return Check(area, key, state, tuple(args.items()))


# --- Bluetooth ---


def _bluetooth(machine: Machine) -> list[Check]:
    if not machine.is_linux:
        return [_check("bluetooth", "bluetooth-platform", CheckState.SKIP, platform=machine.platform)]
    checks = [*_board(machine), *_bluez(machine), *_service(machine), *_adapters(machine), *_blocks(machine)]
    return [*checks, *_shared_chip(machine), _group(machine, "bluetooth", "bluetooth")]


def _board(machine: Machine) -> list[Check]:
    """Row S0-1."""
    return [_check("bluetooth", "board", CheckState.OK, board=machine.board)] if machine.board else []


def _bluez(machine: Machine) -> list[Check]:
    """Row S0-15."""
    packages = _packages(machine)
    if not packages:
        if any((machine.root / path).exists() for path in BLUETOOTHD):
            return [_check("bluetooth", "bluez-unknown", CheckState.SKIP)]
        return [_check("bluetooth", "bluez-absent", CheckState.FAIL)]
    if "bluez" not in packages:
        return [_check("bluetooth", "packages-missing", CheckState.FAIL, packages="bluez bluetooth")]
    checks = [_version(packages["bluez"])]
    if "bluetooth" not in packages:
        checks.append(_check("bluetooth", "packages-meta", CheckState.WARN, packages="bluetooth"))
    if missing := [name for name in TO_BUILD if name not in packages]:
        checks.append(_check("bluetooth", "packages-build", CheckState.SKIP, packages=" ".join(missing)))
    return checks


def _packages(machine: Machine) -> dict[str, str]:
    """Installed Debian packages that matter here, with their versions; empty on other systems."""
    found = {}
    for entry in machine.text("var/lib/dpkg/status").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line and line[0] != " ")
        name = lines.get("Package", "")
        if lines.get("Status", "").endswith(" installed"):
            found[name] = lines.get("Version", "")
    return found


def _version(version: str) -> Check:
    match = re.match(r"(?:\d+:)?(\d+)\.(\d+)", version)
    if match and (int(match[1]), int(match[2])) < BLUEZ_OLDEST:
        oldest = ".".join(map(str, BLUEZ_OLDEST))
        return _check("bluetooth", "bluez-old", CheckState.FAIL, version=version, oldest=oldest)
    return _check("bluetooth", "bluez", CheckState.OK, version=version)


def _service(machine: Machine) -> list[Check]:
    """Row S0-16: started, and started at the next boot as well."""
    if not (machine.root / "run/systemd/system").is_dir():
        return [_check("bluetooth", "no-systemd", CheckState.SKIP)]
    try:
        said = machine.run(("systemctl", "is-active", "bluetooth"), RUN_S).strip()
    except TimeoutError:
        return [_check("bluetooth", "service-mute", CheckState.WARN, seconds=f"{RUN_S:g}")]
    except OSError:
        return [_check("bluetooth", "no-systemd", CheckState.SKIP)]
    if said != "active":
        return [_check("bluetooth", "service-off", CheckState.FAIL, said=said or "?")]
    # A link counts even when what it points to cannot be reached from here.
    if any(os.path.lexists(machine.root / path) for path in ENABLED_BY):
        return [_check("bluetooth", "service", CheckState.OK)]
    return [_check("bluetooth", "service-not-enabled", CheckState.WARN)]


def _adapter_names(machine: Machine) -> list[str]:
    found = [path.name for path in machine.children("sys/class/bluetooth")]
    return [name for name in found if re.fullmatch(r"hci\d+", name)]  # hci0:12 is a connection


def _adapters(machine: Machine) -> list[Check]:
    """Row S0-34."""
    checks = []
    for name in _adapter_names(machine):
        up = machine.adapter_is_up(int(name[3:]))
        key = {True: "adapter", False: "adapter-down", None: "adapter-unknown"}[up]
        checks.append(
            _check("bluetooth", key, CheckState.FAIL if up is False else CheckState.OK, adapter=name)
        )
    if not checks:
        key = "adapter-missing-raspberry" if machine.is_raspberry else "adapter-missing"
        checks.append(_check("bluetooth", key, CheckState.FAIL))
    return checks


def _blocks(machine: Machine) -> list[Check]:
    """Row S0-37: switches of the radio, in software and on the case."""
    checks = []
    for path in machine.children("sys/class/rfkill"):
        inside = f"sys/class/rfkill/{path.name}"
        if machine.text(f"{inside}/type") != "bluetooth":
            continue
        name = machine.text(f"{inside}/name") or path.name
        if machine.text(f"{inside}/hard") == "1":
            checks.append(_check("bluetooth", "rfkill-hard", CheckState.FAIL, adapter=name))
        elif machine.text(f"{inside}/soft") == "1":
            checks.append(_check("bluetooth", "rfkill-soft", CheckState.FAIL, adapter=name))
        else:
            checks.append(_check("bluetooth", "rfkill", CheckState.OK, adapter=name))
    return checks


def _shared_chip(machine: Machine) -> list[Check]:
    """Row S0-37: the built-in radio of a Raspberry Pi has one antenna for Wi-Fi and Bluetooth."""
    if not machine.is_raspberry:
        return []
    built_in = [name for name in _adapter_names(machine) if not _is_usb(machine, name)]
    wifi = [
        path.name
        for path in machine.children("sys/class/net")
        if (path / "wireless").exists() and machine.text(f"sys/class/net/{path.name}/operstate") == "up"
    ]
    if built_in and wifi:
        return [_check("bluetooth", "shared-chip", CheckState.WARN, adapter=built_in[0], wifi=wifi[0])]
    return [_check("bluetooth", "chip", CheckState.OK)] if built_in else []


def _is_usb(machine: Machine, adapter: str) -> bool:
    path = (machine.root / "sys/class/bluetooth" / adapter).resolve()
    try:
        path = path.relative_to(machine.root.resolve())
    except ValueError:
        return False
    return any(re.fullmatch(r"usb\d+", part) for part in path.parts)


# --- permissions ---


def _permissions(machine: Machine) -> list[Check]:
    if not machine.is_linux:
        return [_check("permissions", "permissions-platform", CheckState.SKIP, platform=machine.platform)]
    groups = [_group(machine, "permissions", name) for name in ("dialout", "bluetooth")]
    return [*groups, *_serial(machine)]


def _group(machine: Machine, area: str, name: str) -> Check:
    """Rows S0-17, S0-38: the user's groups are read once, at the login."""
    args = {"user": machine.user, "group": name}
    number, is_member = _membership(machine, name)
    if machine.user_id == 0:
        return _check(area, "group-root", CheckState.OK, **args)
    if number is None:
        return _check(area, "group-absent", CheckState.SKIP, **args)
    if number in machine.session_groups:
        return _check(area, "group", CheckState.OK, **args)
    return _check(area, "group-login" if is_member else "group-missing", CheckState.WARN, **args)


def _membership(machine: Machine, name: str) -> tuple[int | None, bool]:
    """Number of a group, and whether the user is in it by now, this session or not."""
    for group, number, members in _groups(machine):
        if group == name:
            return number, machine.user in members or number == _first_group(machine)
    return None, False


def _groups(machine: Machine) -> list[tuple[str, int, list[str]]]:
    rows = [line.split(":") for line in machine.text("etc/group").splitlines()]
    return [(row[0], int(row[2]), row[3].split(",")) for row in rows if len(row) == 4 and row[2].isdigit()]


def _first_group(machine: Machine) -> int | None:
    rows = [line.split(":") for line in machine.text("etc/passwd").splitlines()]
    return next((int(r[3]) for r in rows if len(r) > 3 and r[0] == machine.user and r[3].isdigit()), None)


def _serial(machine: Machine) -> list[Check]:
    """Row S0-38. The command that opens a device is told, never run."""
    found = {path.resolve() for kind in SERIAL for path in (machine.root / "dev").glob(kind)}
    checks = [_port(machine, path) for path in sorted(found)]
    return checks or [_check("permissions", "serial-none", CheckState.SKIP)]


def _port(machine: Machine, path: Path) -> Check:
    port = f"/dev/{path.name}"
    if machine.may_use(path):
        return _check("permissions", "serial", CheckState.OK, port=port)
    try:
        info = path.stat()
    except OSError:
        return _check("permissions", "serial-gone", CheckState.WARN, port=port)
    args = {"port": port, "user": machine.user}
    group = next((name for name, number, _ in _groups(machine) if number == info.st_gid), "")
    may_group = info.st_mode & (stat.S_IRGRP | stat.S_IWGRP) == stat.S_IRGRP | stat.S_IWGRP
    if not group or info.st_gid == 0 or not may_group or info.st_gid in machine.session_groups:
        return _check("permissions", "serial-closed", CheckState.FAIL, **args)
    key = "serial-login" if _membership(machine, group)[1] else "serial-group"
    return _check("permissions", key, CheckState.FAIL, **args, group=group)


# --- CAN ---


def _can(machine: Machine, buses: Sequence[tuple[str, int]]) -> list[Check]:
    if not machine.is_linux:
        return [_check("can", "can-platform", CheckState.SKIP, platform=machine.platform)]
    here = [
        path.name
        for path in machine.children("sys/class/net")
        if machine.text(f"sys/class/net/{path.name}/type") == CAN_TYPE
    ]
    wanted = dict(buses)
    checks = [_bus(machine, name, wanted.get(name)) for name in here]
    for name, bitrate in buses:
        if name not in here:
            checks.append(_missing_bus(machine, name, bitrate))
    if machine.is_raspberry and (line := _overlay(machine)):
        checks += _overlay_differs(line)
    return checks or [_check("can", "can-none", CheckState.SKIP)]


def _bus(machine: Machine, name: str, wanted: int | None) -> Check:
    """Rows S3-9, S3-45."""
    bitrate = wanted or int(default("can.bitrate") or 0)
    args = {"bus": name, "bitrate": str(bitrate)}
    flags = machine.text(f"sys/class/net/{name}/flags")
    if not re.fullmatch(r"0x[0-9a-f]+", flags) or not int(flags, 16) & 1:
        return _check("can", "bus-down", CheckState.FAIL, **args)
    facts = machine.can_facts(name)
    if facts.state == "BUS-OFF":
        return _check("can", "bus-off", CheckState.FAIL, **args)
    if facts.bitrate and wanted and facts.bitrate != wanted:
        return _check("can", "bus-bitrate", CheckState.FAIL, **args, found=str(facts.bitrate))
    if facts.state in ("ERROR-WARNING", "ERROR-PASSIVE"):
        return _check("can", "bus-errors", CheckState.WARN, **args, said=facts.state)
    if facts.bitrate is None:
        return _check("can", "bus-virtual", CheckState.OK, bus=name)
    return _check("can", "bus", CheckState.OK, bus=name, bitrate=str(facts.bitrate), said=facts.state or "?")


def _missing_bus(machine: Machine, name: str, bitrate: int) -> Check:
    """Rows S3-8, S3-45: overlay, wiring, interface, in this order."""
    args = {"bus": name, "bitrate": str(bitrate)}
    if not machine.is_raspberry:
        return _check("can", "bus-missing", CheckState.FAIL, **args)
    if not _overlay(machine):
        file = f"/{_boot_config(machine)}"
        return _check("can", "bus-no-overlay", CheckState.FAIL, **args, file=file, overlay=OVERLAY)
    return _check("can", "bus-wiring", CheckState.FAIL, **args)


def _boot_config(machine: Machine) -> str:
    return next((path for path in BOOT_CONFIGS if (machine.root / path).exists()), BOOT_CONFIGS[0])


def _overlay(machine: Machine) -> str:
    """The line of the overlay; empty when there is none, or it is a comment."""
    lines = [line.strip().replace(" ", "") for line in machine.text(_boot_config(machine)).splitlines()]
    return next((line for line in lines if line.startswith("dtoverlay=mcp2515")), "")


def _overlay_differs(line: str) -> list[Check]:
    """Boards differ in their crystal: another number is right on some of them."""
    said, usual = set(line.split(",")[1:]), OVERLAY.split(",")[1:]
    if set(usual) <= said:
        return []
    return [_check("can", "overlay-differs", CheckState.WARN, line=line, overlay=OVERLAY)]


# --- Python, terminal, performance ---


def _python(machine: Machine) -> list[Check]:
    args = {"version": ".".join(map(str, machine.python)), "oldest": ".".join(map(str, GOOD_PYTHON))}
    good = machine.python[:2] >= GOOD_PYTHON
    return [
        _check(
            "python", "python" if good else "python-old", CheckState.OK if good else CheckState.FAIL, **args
        )
    ]


def _terminal(machine: Machine) -> list[Check]:
    term = machine.environment.get("TERM", "")
    if not machine.is_terminal:
        return [_check("terminal", "terminal-none", CheckState.SKIP)]
    if machine.platform != "win32" and term in ("", "dumb", "unknown"):
        return [_check("terminal", "terminal-dumb", CheckState.FAIL, term=term or "--")]
    size = {"columns": str(machine.columns), "rows": str(machine.rows)}
    small = machine.columns < COLUMNS_MIN or machine.rows < ROWS_MIN
    utf8 = machine.encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return [
        _check(
            "terminal",
            "terminal",
            CheckState.OK,
            term=term or machine.platform,
            colours=_colours(machine, term),
        ),
        _check("terminal", "terminal-small" if small else "terminal-size", _warn_if(small), **size),
        _check(
            "terminal",
            "terminal-utf8" if utf8 else "terminal-ascii",
            _warn_if(not utf8),
            **{"encoding": machine.encoding},
        ),
    ]


def _warn_if(bad: bool) -> CheckState:
    return CheckState.WARN if bad else CheckState.OK


def _colours(machine: Machine, term: str) -> str:
    environment = machine.environment
    if environment.get("NO_COLOR"):
        return "0"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "direct" in term:
        return str(1 << 24)
    return "256" if "256" in term else "16"


def _performance(machine: Machine) -> list[Check]:
    """Row S0-42: buffers that the reference board should have."""
    if not machine.is_raspberry:
        return [_check("performance", "performance-other", CheckState.SKIP)]
    checks = []
    for name, wanted in BUFFERS.items():
        said = machine.text("proc/sys/" + name.replace(".", "/"))
        if not said.isdigit():
            continue  # a container may not tell
        good = int(said) >= wanted
        args = {"name": name, "bytes": said, "wanted": str(wanted)}
        checks.append(_check("performance", "buffer" if good else "buffer-small", _warn_if(not good), **args))
    return checks


_BY_AREA: dict[str, Callable[[Machine], list[Check]]] = {
    "bluetooth": _bluetooth,
    "permissions": _permissions,
    "python": _python,
    "terminal": _terminal,
    "performance": _performance,
}


# --- what only a program or the kernel tells ---


def run_program(words: Sequence[str], timeout_s: float) -> str:
    """Output of a program. OSError when it is not there, TimeoutError when it takes too long."""
    import subprocess

    try:
        done = subprocess.run(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(words[0]) from error
    return done.stdout.decode("utf-8", "replace")


def adapter_is_up(number: int) -> bool | None:
    """True when the adapter is switched on; `None` when this system does not tell."""
    hci_get_device_info, up_bit, flags_at = 0x800448D3, 1, 16  # linux: net/bluetooth/hci_sock.h
    try:
        import fcntl

        with socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI) as door:  # type: ignore[attr-defined, unused-ignore]
            info = bytearray(struct.pack("H", number).ljust(256, b"\0"))
            fcntl.ioctl(door, hci_get_device_info, info)
    except (OSError, AttributeError, ImportError):
        return None
    return bool(struct.unpack_from("I", info, flags_at)[0] & up_bit)


def can_facts(name: str) -> CanFacts:
    """Bit rate and state of an interface, asked of the kernel by netlink; no rights are needed."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as door:  # type: ignore[attr-defined, unused-ignore]
            door.settimeout(RUN_S)
            body = struct.pack("BxHiII", socket.AF_UNSPEC, 0, socket.if_nametoindex(name), 0, 0)
            door.send(struct.pack("IHHII", 16 + len(body), 18, 1, 1, 0) + body)  # RTM_GETLINK, NLM_F_REQUEST
            answer = door.recv(65536)
    except (OSError, AttributeError):
        return CanFacts()
    return facts_in(answer)


def facts_in(answer: bytes) -> CanFacts:
    """What an answer to RTM_GETLINK says; nothing when it is an error or no CAN interface."""
    if len(answer) < 32 or struct.unpack_from("H", answer, 4)[0] != 16:  # RTM_NEWLINK
        return CanFacts()
    data = _attributes(_attributes(_attributes(answer[32:]).get(18, b"")).get(2, b""))  # LINKINFO, INFO_DATA
    timing, state = data.get(1, b""), data.get(4, b"")
    number = struct.unpack_from("I", state)[0] if len(state) >= 4 else len(CAN_STATES)
    return CanFacts(
        struct.unpack_from("I", timing)[0] or None if len(timing) >= 4 else None,
        CAN_STATES[number] if number < len(CAN_STATES) else "",
    )


def _attributes(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("HH", data, at)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + size]
        at += (size + 3) & ~3
    return found


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"  # a container without a name for its user
