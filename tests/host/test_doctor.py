"""The doctor on machines made of files: each illness has its sentence and its cure."""

import ast
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tui.host import doctor as module
from tui.host.doctor import (
    AREAS,
    OVERLAY,
    CanFacts,
    Machine,
    examine,
    facts_in,
    run_program,
    signals,
    unneeded,
)
from tui.locale import messages
from tui.model.device import Device
from tui.model.system import Check, CheckState

PI = "Raspberry Pi 5 Model B Rev 1.0\0"
DPKG = "Package: {}\nStatus: install ok installed\nDescription: x\n more: y\nVersion: {}\n"
GROUPS = "root:x:0:\ndialout:x:20:eve,ada\nbluetooth:x:111:ada\nada:x:1000:\n"
PASSWD = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"
USB = "sys/devices/platform/axi/1000120000.pcie/usb1/1-1/1-1:1.0/bluetooth/hci0"
BUILT_IN = "sys/devices/platform/soc/3f201000.serial/serial0-0/bluetooth/hci0"
CAN0 = [("can0", 500_000)]


def write(root: Path, path: str, text: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def link(root: Path, path: str, to: str) -> None:
    (root / to).mkdir(parents=True, exist_ok=True)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(root / to)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A Raspberry Pi on which everything is right."""
    write(tmp_path, "proc/device-tree/model", PI)
    packages = {"bluez": "5.66-1+rpt1", "bluetooth": "5.66-1"} | dict.fromkeys(module.TO_BUILD, "1.0")
    write(tmp_path, "var/lib/dpkg/status", "\n".join(DPKG.format(*item) for item in packages.items()))
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    enabled = tmp_path / module.ENABLED_BY[0]
    enabled.parent.mkdir(parents=True)
    enabled.symlink_to("/nowhere/bluetooth.service")
    link(tmp_path, "sys/class/bluetooth/hci0", BUILT_IN)
    (tmp_path / "sys/class/bluetooth/hci0:12").mkdir()
    for name, kind in (("rfkill0", "bluetooth"), ("rfkill1", "wlan")):
        for key, value in {"type": kind, "name": "hci0", "soft": "0", "hard": "0"}.items():
            write(tmp_path, f"sys/class/rfkill/{name}/{key}", f"{value}\n")
    write(tmp_path, "etc/group", GROUPS)
    write(tmp_path, "etc/passwd", PASSWD)
    write(tmp_path, "dev/ttyAMA0").chmod(0o660)
    bus(tmp_path, "can0", "0x40c1")
    write(tmp_path, "sys/class/net/eth0/type", "1\n")
    write(tmp_path, "boot/firmware/config.txt", f"# a comment\ndtparam=spi=on\n{OVERLAY}\n")
    for name, wanted in module.BUFFERS.items():
        write(tmp_path, "proc/sys/" + name.replace(".", "/"), f"{wanted}\n")
    return tmp_path


def bus(root: Path, name: str, flags: str) -> None:
    write(root, f"sys/class/net/{name}/type", "280\n")
    write(root, f"sys/class/net/{name}/flags", f"{flags}\n")


def active(words: Sequence[str], timeout_s: float) -> str:
    assert words == ("systemctl", "is-active", "bluetooth")
    assert timeout_s > 0
    return "active\n"


def machine(root: Path, **more: Any) -> Machine:
    values: dict[str, Any] = {
        "root": root,
        "platform": "linux",
        "user": "ada",
        "user_id": 1000,
        "session_groups": frozenset({20, 111, 1000}),
        "python": (3, 11, 2),
        "environment": {"TERM": "xterm-256color"},
        "run": active,
        "may_use": lambda path: True,
        "adapter_is_up": lambda number: number == 0,
        "can_facts": lambda name: CanFacts(500_000, "ERROR-ACTIVE"),
    }
    return Machine(**(values | more))


def keys(checks: list[Check], *states: CheckState) -> list[str]:
    """The keys of those checks that are not OK, or of those in these states."""
    return [c.key for c in checks if (c.state in states if states else c.state is not CheckState.OK)]


def test_all_is_well(root: Path) -> None:
    """S0-1: the reference board is named, and nothing is wrong with it."""
    checks = examine(machine(root), buses=CAN0)
    assert keys(checks) == []
    assert {check.area for check in checks} == set(AREAS)
    assert checks[0].values() == {"board": PI.rstrip("\0")}


def spoil(path: str, text: str | None) -> Callable[[Path], None]:
    """Write another text into a file of the tree, or remove it."""
    return lambda root: (root / path).unlink() if text is None else write(root, path, text) and None


def no_adapter(root: Path) -> None:
    (root / "sys/class/bluetooth/hci0").unlink()


def no_board(root: Path) -> None:
    (root / "proc/device-tree/model").unlink()
    no_adapter(root)


def no_packages(root: Path) -> None:
    (root / "var/lib/dpkg/status").unlink()


def bluetoothd(root: Path) -> None:
    no_packages(root)
    write(root, module.BLUETOOTHD[0])


def wifi(state: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        (root / "sys/class/net/wlan0/wireless").mkdir(parents=True)
        write(root, "sys/class/net/wlan0/operstate", f"{state}\n")

    return do


def wifi_and_dongle(root: Path) -> None:
    wifi("up")(root)
    no_adapter(root)
    link(root, "sys/class/bluetooth/hci0", USB)


def no_systemd(root: Path) -> None:
    (root / "run/systemd/system").rmdir()


STATUS = "var/lib/dpkg/status"
BLUEZ_ONLY = DPKG.format("bluez", "5.82-1")
BLUEZ_OLD = DPKG.format("bluez", "5.50-1") + "\n" + DPKG.format("bluetooth", "5.50-1")


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        pytest.param(no_adapter, ["adapter-missing-raspberry"], id="S0-34: none on a board that has one"),
        pytest.param(no_board, ["adapter-missing"], id="S0-34: no adapter"),
        pytest.param(spoil(STATUS, DPKG.format("vim", "9")), ["packages-missing"], id="S0-15: no BlueZ"),
        pytest.param(spoil(STATUS, BLUEZ_OLD), ["bluez-old", "packages-build"], id="S0-15: BlueZ too old"),
        pytest.param(spoil(STATUS, BLUEZ_ONLY), ["packages-meta", "packages-build"], id="S0-15: some"),
        pytest.param(spoil(STATUS, BLUEZ_ONLY.replace("installed\n", "config-files\n")), ["bluez-absent"],
                     id="S0-15: removed, with its files left"),
        pytest.param(no_packages, ["bluez-absent"], id="S0-15: no packages of Debian, no service"),
        pytest.param(bluetoothd, ["bluez-unknown"], id="S0-15: another distribution"),
        pytest.param(spoil(module.ENABLED_BY[0], None), ["service-not-enabled"], id="S0-16: not enabled"),
        pytest.param(no_systemd, ["no-systemd"], id="S0-16: no systemd"),
        pytest.param(spoil("sys/class/rfkill/rfkill0/soft", "1\n"), ["rfkill-soft"], id="S0-37: soft block"),
        pytest.param(spoil("sys/class/rfkill/rfkill0/hard", "1\n"), ["rfkill-hard"], id="S0-37: hard block"),
        pytest.param(spoil("sys/class/rfkill/rfkill1/soft", "1\n"), [], id="S0-37: Wi-Fi may be blocked"),
        pytest.param(wifi("up"), ["shared-chip"], id="S0-37: one chip for Wi-Fi and Bluetooth"),
        pytest.param(wifi("down"), [], id="S0-37: Wi-Fi not in use"),
        pytest.param(wifi_and_dongle, [], id="S0-37: a dongle has its own antenna"),
        pytest.param(spoil("etc/group", GROUPS.replace("bluetooth", "toast")), ["group-absent"],
                     id="S0-17: no such group"),
    ],
)  # fmt: skip
def test_bluetooth(root: Path, spoilt: Callable[[Path], None], expected: list[str]) -> None:
    """S0-15…S0-17, S0-34, S0-37."""
    spoilt(root)
    assert keys(examine(machine(root), ["bluetooth"])) == expected


def raising(error: type[OSError]) -> Callable[[Sequence[str], float], str]:
    def run(words: Sequence[str], timeout_s: float) -> str:
        raise error

    return run


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (lambda words, timeout_s: "inactive\n", ["service-off"]),
        (lambda words, timeout_s: "", ["service-off"]),
        (raising(FileNotFoundError), ["no-systemd"]),
        (raising(PermissionError), ["no-systemd"]),
        (raising(TimeoutError), ["service-mute"]),
    ],
)
def test_the_service(root: Path, run: Callable[[Sequence[str], float], str], expected: list[str]) -> None:
    """S0-16: a machine without systemd is not called ill."""
    assert keys(examine(machine(root, run=run), ["bluetooth"])) == expected


def test_the_adapter_is_off_or_cannot_be_asked(root: Path) -> None:
    """S0-34."""
    off = examine(machine(root, adapter_is_up=lambda number: False), ["bluetooth"])
    assert keys(off, CheckState.FAIL) == ["adapter-down"]
    unknown = examine(machine(root, adapter_is_up=lambda number: None), ["bluetooth"])
    assert keys(unknown) == []
    assert "adapter-unknown" in keys(unknown, CheckState.OK)


@pytest.mark.parametrize(
    ("more", "dialout", "bluetooth"),
    [
        pytest.param({}, "group", "group", id="in both"),
        pytest.param(
            {"session_groups": frozenset({1000})}, "group-login", "group-login", id="before the login"
        ),
        pytest.param(
            {"user": "eve", "session_groups": frozenset({20})},
            "group",
            "group-missing",
            id="S0-17: not in one",
        ),
        pytest.param(
            {"user": "bob", "session_groups": frozenset()}, "group-missing", "group-missing", id="none"
        ),
        pytest.param({"user_id": 0, "session_groups": frozenset()}, "group-root", "group-root", id="root"),
    ],
)
def test_groups(root: Path, more: dict[str, Any], dialout: str, bluetooth: str) -> None:
    """S0-17, S0-38: the user's groups, and those of this session."""
    checks = examine(machine(root, **more), ["permissions"])
    assert [check.key for check in checks[:2]] == [dialout, bluetooth]


def test_the_first_group_of_a_user_counts(root: Path) -> None:
    write(root, "etc/passwd", PASSWD.replace("1000:1000", "1000:20"))
    write(root, "etc/group", GROUPS.replace("eve,ada", "eve"))
    checks = examine(machine(root, session_groups=frozenset()), ["permissions"])
    assert checks[0].key == "group-login"


def test_a_serial_device_that_may_not_be_opened(root: Path) -> None:
    """S0-38: which of the three cures helps; the device itself is not touched."""
    port = root / "dev/ttyAMA0"
    write(root, "etc/group", f"tty:x:{port.stat().st_gid + 7}:\nserial:x:{port.stat().st_gid}:ada\n")
    before = port.stat().st_mode

    def key(user: str, mode: int = 0o660, session: frozenset[int] = frozenset()) -> str:
        port.chmod(mode)
        no = machine(root, user=user, session_groups=session, may_use=lambda path: False)
        (check,) = (c for c in examine(no, ["permissions"]) if c.key.startswith("serial"))
        assert check.state is CheckState.FAIL
        assert check.values()["port"] == "/dev/ttyAMA0"
        assert port.stat().st_mode & 0o777 == mode
        return check.key

    if port.stat().st_gid != 0:
        assert key("eve") == "serial-group"
        assert key("ada") == "serial-login"
    assert key("ada", 0o600) == "serial-closed"
    assert key("ada", session=frozenset({port.stat().st_gid})) == "serial-closed"
    port.chmod(before & 0o777)


def test_a_group_that_owns_a_serial_device(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for whoever runs these tests as root, where every file belongs to group 0."""
    real = os.stat_result

    def owned(path: Path, **_: bool) -> os.stat_result:
        info = os.stat(path)  # noqa: PTH116 - Path.stat is what is replaced here
        return real((info.st_mode, *info[1:5], 20, *info[6:]))

    no = machine(root, may_use=lambda path: False, session_groups=frozenset({1000}))
    other = machine(root, may_use=lambda path: False, session_groups=frozenset(), user="bob")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", owned)
        login, group = examine(no, ["permissions"])[-1], examine(other, ["permissions"])[-1]
    assert (login.key, login.values()["group"]) == ("serial-login", "dialout")
    assert (group.key, group.values()["group"]) == ("serial-group", "dialout")


def test_serial_devices_are_listed_once(root: Path) -> None:
    write(root, "dev/ttyUSB1")
    write(root, "dev/ttyS3")
    (root / "dev/serial0").symlink_to("ttyAMA0")
    checks = examine(machine(root), ["permissions"])
    ports = [c.values()["port"] for c in checks if c.key == "serial"]
    assert ports == ["/dev/ttyAMA0", "/dev/ttyUSB1"]
    for path in ("ttyAMA0", "ttyUSB1", "serial0"):
        (root / "dev" / path).unlink()
    assert keys(examine(machine(root), ["permissions"])) == ["serial-none"]


def no_bus(root: Path) -> None:
    for name in ("type", "flags"):
        (root / "sys/class/net/can0" / name).unlink()


def no_overlay(root: Path) -> None:
    no_bus(root)
    write(root, "boot/firmware/config.txt", f"#{OVERLAY}\n")


def no_pi(root: Path) -> None:
    no_bus(root)
    write(root, "proc/device-tree/model", "Some Board")


CRYSTAL = OVERLAY.replace("16000000", "12000000")


@pytest.mark.parametrize(
    ("spoilt", "facts", "expected"),
    [
        pytest.param(lambda root: None, CanFacts(500_000, "ERROR-ACTIVE"), [], id="S3-9: up at 500 kbit/s"),
        pytest.param(lambda root: None, CanFacts(), [], id="virtual"),
        pytest.param(lambda root: bus(root, "can0", "0x40c0"), CanFacts(), ["bus-down"], id="S3-45: down"),
        pytest.param(lambda root: bus(root, "can0", ""), CanFacts(), ["bus-down"], id="says nothing"),
        pytest.param(lambda root: None, CanFacts(250_000), ["bus-bitrate"], id="S3-9: another bit rate"),
        pytest.param(lambda root: None, CanFacts(500_000, "BUS-OFF"), ["bus-off"], id="bus off"),
        pytest.param(lambda root: None, CanFacts(500_000, "ERROR-PASSIVE"), ["bus-errors"], id="errors"),
        pytest.param(no_pi, CanFacts(), ["bus-missing"], id="S3-45: no interface"),
        pytest.param(no_overlay, CanFacts(), ["bus-no-overlay"], id="S3-8: no overlay"),
        pytest.param(no_bus, CanFacts(), ["bus-wiring"], id="S3-8: overlay, but no answer"),
        pytest.param(spoil("boot/firmware/config.txt", CRYSTAL), CanFacts(500_000), ["overlay-differs"],
                     id="S3-8: another crystal"),
        pytest.param(spoil("boot/firmware/config.txt", OVERLAY.replace(",", ", ")), CanFacts(500_000), [],
                     id="S3-8: with spaces"),
    ],
)  # fmt: skip
def test_can(root: Path, spoilt: Callable[[Path], None], facts: CanFacts, expected: list[str]) -> None:
    """S3-8, S3-9, S3-45."""
    spoilt(root)
    checks = examine(machine(root, can_facts=lambda name: facts), ["can"], CAN0)
    assert keys(checks) == expected
    for check in checks:
        if check.key.startswith("bus-") and check.state is CheckState.FAIL:
            cure = messages("en")[f"doctor-{check.key}-do"]
            assert "sudo ip link set { $bus } up type can bitrate { $bitrate }" in cure


def test_a_bus_that_nobody_wants_is_no_illness(root: Path) -> None:
    no_bus(root)
    write(root, "proc/device-tree/model", "Some Board")
    assert keys(examine(machine(root), ["can"])) == ["can-none"]


def test_an_older_system_keeps_its_boot_configuration_elsewhere(root: Path) -> None:
    """S3-8."""
    no_bus(root)
    (root / "boot/firmware/config.txt").rename(root / "boot/config.txt")
    write(root, "boot/config.txt", "")
    (check,) = examine(machine(root), ["can"], CAN0)
    assert (check.key, check.values()["file"], check.values()["overlay"]) == (
        "bus-no-overlay", "/boot/config.txt", OVERLAY
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ["256", "terminal", "terminal-size", "terminal-utf8"]),
        ({"columns": 59}, ["256", "terminal", "terminal-small", "terminal-utf8"]),
        ({"rows": 17}, ["256", "terminal", "terminal-small", "terminal-utf8"]),
        ({"encoding": "ANSI_X3.4-1968"}, ["256", "terminal", "terminal-size", "terminal-ascii"]),
        ({"environment": {"TERM": "linux"}}, ["16", "terminal", "terminal-size", "terminal-utf8"]),
        (
            {"environment": {"TERM": "foot", "COLORTERM": "truecolor"}},
            ["16777216", "terminal", "terminal-size", "terminal-utf8"],
        ),
        (
            {"environment": {"TERM": "foot", "NO_COLOR": "1"}},
            ["0", "terminal", "terminal-size", "terminal-utf8"],
        ),
        ({"environment": {"TERM": "dumb"}}, ["", "terminal-dumb"]),
        ({"environment": {}}, ["", "terminal-dumb"]),
        (
            {"environment": {}, "platform": "win32"},
            ["16", "terminal", "terminal-size", "terminal-utf8"],
        ),
        ({"is_terminal": False}, ["", "terminal-none"]),
    ],
)
def test_the_terminal(root: Path, more: dict[str, Any], expected: list[str]) -> None:
    checks = examine(machine(root, **more), ["terminal"])
    assert [checks[0].values().get("colours", ""), *(c.key for c in checks)] == expected


def test_python(root: Path) -> None:
    assert keys(examine(machine(root, python=(3, 10, 9)), ["python"]), CheckState.FAIL) == ["python-old"]


def test_performance(root: Path) -> None:
    """S0-42: compared on the reference board, left alone elsewhere."""
    write(root, "proc/sys/net/core/rmem_max", "212992\n")
    (check,) = (c for c in examine(machine(root), ["performance"]) if c.state is not CheckState.OK)
    wanted = {"name": "net.core.rmem_max", "bytes": "212992", "wanted": "16777216"}
    assert (check.key, check.state, check.values()) == ("buffer-small", CheckState.WARN, wanted)
    write(root, "proc/device-tree/model", "Some Board")
    assert keys(examine(machine(root), ["performance"])) == ["performance-other"]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_skipped_with_a_word(root: Path, platform: str) -> None:
    checks = examine(machine(root, platform=platform), ["bluetooth", "permissions", "can"], CAN0)
    assert [c.state for c in checks] == [CheckState.SKIP] * 3


def test_an_empty_machine_is_examined_to_the_end(tmp_path: Path) -> None:
    checks = examine(machine(tmp_path), buses=CAN0)
    assert keys(checks, CheckState.FAIL) == ["bluez-absent", "adapter-missing", "bus-missing"]
    assert "adapter-missing" in keys(unneeded(checks, "bluetooth"), CheckState.WARN)
    assert keys(unneeded(checks, "bluetooth"), CheckState.FAIL) == ["bus-missing"]


def test_binary_rubbish_is_no_reason_to_stop(root: Path) -> None:
    for path in (STATUS, "etc/group", "etc/passwd", "boot/firmware/config.txt", "proc/device-tree/model"):
        (root / path).write_bytes(bytes(range(256)) * 20)
    assert examine(machine(root), buses=CAN0)


def test_nothing_is_changed(root: Path) -> None:
    """The doctor only looks."""

    def all_files() -> list[tuple[str, int, int]]:
        return [(str(p), p.lstat().st_mtime_ns, p.lstat().st_mode) for p in sorted(root.rglob("*"))]

    before = all_files()
    examine(machine(root, may_use=lambda path: False, user="bob"), buses=CAN0)
    assert all_files() == before


def test_weak_signals() -> None:
    """S0-7: paired devices only."""
    devices = [
        Device("A", "near", rssi_dbm=-60, paired=True),
        Device("B", "", rssi_dbm=-81, paired=True),
        Device("C", "stranger", rssi_dbm=-99),
        Device("D", "never seen", paired=True),
    ]
    assert [(c.key, c.state, c.values()["name"]) for c in signals(devices)] == [
        ("signal", CheckState.OK, "near"),
        ("signal-weak", CheckState.WARN, "B"),
    ]


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def test_what_the_kernel_tells_of_a_bus() -> None:
    """S3-9: bit rate and state come by netlink."""
    timing = attribute(1, struct.pack("8I", 250_000, 875, 0, 0, 0, 0, 1, 1))
    info = attribute(18, attribute(1, b"can\0") + attribute(2, timing + attribute(4, struct.pack("I", 3))))
    body = struct.pack("BxHiII", 0, 280, 3, 1, 0) + attribute(3, b"can0\0") + info
    message = struct.pack("IHHII", 16 + len(body), 16, 0, 1, 0) + body
    assert facts_in(message) == CanFacts(250_000, "BUS-OFF")
    assert facts_in(message[:20]) == facts_in(b"") == CanFacts()
    for cut in range(len(message)):
        facts_in(message[:cut] + b"\0" * 3)
    error = struct.pack("IHHIIi", 36, 2, 0, 1, 0, -19) + message
    assert facts_in(error) == CanFacts()


def test_the_kernel_may_be_asked_for_what_is_not_there() -> None:
    assert module.can_facts("no-such-bus") == CanFacts()
    assert module.adapter_is_up(97) in (None, False)


def test_this_machine_can_be_examined() -> None:
    def none(words: Sequence[str], timeout_s: float) -> str:
        raise FileNotFoundError(words[0])

    here = Machine.here(none)
    assert here.user
    assert {check.area for check in examine(here)} == set(AREAS)


def checks_in_code() -> set[tuple[str, str]]:
    """Key and state of every check in the source; a key may be one of two."""
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_check":
            keys_here = [n.value for n in ast.walk(node.args[1]) if isinstance(n, ast.Constant)]
            states = [n.attr for n in ast.walk(node.args[2]) if isinstance(n, ast.Attribute)]
            found |= {(str(key), ",".join(states)) for key in keys_here}
    return found


def test_every_illness_has_a_sentence_and_a_cure() -> None:
    """One fix each."""
    words = messages("en").keys()
    found = checks_in_code()
    assert len(found) > 40
    assert not [key for key, _ in found if f"doctor-{key}" not in words]
    assert not [key for key, state in found if state in ("FAIL", "WARN") and f"doctor-{key}-do" not in words]
    ill = ("adapter-missing", "adapter-missing-raspberry", "adapter-down", "python-old", "buffer-small")
    ill += ("terminal-small", "terminal-ascii", "signal-weak", "group-login", "group-missing")
    assert not [key for key in ill if f"doctor-{key}-do" not in words]


def test_programs_are_asked_with_a_limit() -> None:
    assert run_program(("echo", "active"), 60.0) == "active\n"
    with pytest.raises(TimeoutError):
        run_program(("sleep", "600"), 0.05)
    with pytest.raises(FileNotFoundError):
        run_program(("no-such-program",), 60.0)
