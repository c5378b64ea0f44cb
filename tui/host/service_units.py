"""The texts of everything that `packdeck install-service` writes. Pure: facts in, text out."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.host.paths import SERVICE_RUNTIME

DISPLAY, KIOSK = "packdeck-display.service", "packdeck-kiosk.service"
ACCOUNT = GROUP = "packdeck"
RUNTIME, CONFIG = str(SERVICE_RUNTIME), "/etc/packdeck"
STATE, KIOSK_STATE = "/var/lib/packdeck", "/var/lib/packdeck-kiosk"
RESTART_S = 10  # row S3-16
STOP_S = 5
ADAPTER = "hci0"
ADAPTER_DELAY_S = 5  # row S0-20
DISPLAY_GROUPS = ("dialout", "bluetooth")  # serial ports, BlueZ on the message bus
KIOSK_GROUPS = ("input",)  # touch
# Bridges that battery adapters are made of: CP210x, CH340, CH9102, FT232R, PL2303.
BRIDGES = ("10c4:ea60", "1a86:7523", "1a86:55d4", "0403:6001", "067b:2303")
MARK = "# Written by packdeck install-service ({part}), sum {sum}."
_MARK = re.compile(r"# Written by packdeck install-service \(([a-z]+)\), sum ([0-9a-f]{16})\.\n")


@dataclass(frozen=True, slots=True)
class Site:
    """What the texts need to know of a machine.

    `program`: the words that start packdeck. `groups`: those of the machine; naming one that is not there
    would stop a service from starting. `home`: what systemd calls ProtectHome. A tool is its path; empty:
    not there.
    """

    program: tuple[str, ...]
    account: str = ACCOUNT
    groups: frozenset[str] = frozenset()
    home: str = "yes"
    language: str = "C.UTF-8"
    console: int = 1
    font: str = ""
    setfont: str = ""
    setterm: str = ""
    rfkill: str = ""
    busctl: str = "/usr/bin/busctl"
    ip: str = "/usr/sbin/ip"

    @property
    def getty(self) -> str:
        """The login on the kiosk's console."""
        return f"getty@tty{self.console}.service"


def marked(part: str, text: str) -> str:
    """The text below a line that says whose it is; with its sum, so that a change by hand shows."""
    return f"{MARK.format(part=part, sum=_sum(text))}\n{text}"


def part_of(text: str) -> str:
    """The part that a marked text belongs to; empty when it has no mark."""
    match = _MARK.match(text)
    return match[1] if match else ""


def is_untouched(text: str) -> bool:
    """True when this is as it was written, by this version or an older one."""
    match = _MARK.match(text)
    return match is not None and match[2] == _sum(text[match.end() :])


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def quoted(words: Iterable[str]) -> str:
    """A command line as systemd reads it. `$` means a variable in all words but the first."""
    program, *rest = words
    return " ".join((_quoted(program), *(_quoted(word.replace("$", "$$")) for word in rest)))


def assigned(name: str, value: str) -> str:
    """A line that sets a variable; `$` means nothing there."""
    return f"Environment={_quoted(f'{name}={value}')}\n"


def _quoted(word: str) -> str:
    plain = word.replace("%", "%%")
    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./$-]+", plain):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


# Serial ports and CAN stay reachable: no PrivateDevices, and no ProtectClock, which closes devices as well.
# The message bus checks the number of the user: no PrivateUsers. Python's ffi needs writable code: no
# MemoryDenyWriteExecute. SocketCAN needs no capability to send and receive.
_HARDENED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
RestrictAddressFamilies={families}
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0027
"""


def display(site: Site) -> str:
    """The engine without a screen (rows S0-23, S3-16). Exit code 2 is a mistake that no restart cures."""
    return f"""\
[Unit]
Description=Battery dashboard: the engine
Wants=bluetooth.service
After=network.target bluetooth.service
StartLimitIntervalSec=600
StartLimitBurst=30

[Service]
Type=simple
User={site.account}
Group={GROUP}
{_groups(site, DISPLAY_GROUPS)}{assigned("LANG", site.language)}\
Environment=PACKDECK_RUNTIME_DIR={RUNTIME} PACKDECK_CONFIG_DIR={CONFIG} PACKDECK_STATE_DIR={STATE}
RuntimeDirectory=packdeck
RuntimeDirectoryMode=0750
RuntimeDirectoryPreserve=restart
StateDirectory=packdeck
StateDirectoryMode=0750
ReadWritePaths=-{CONFIG}
ExecStart={quoted((*site.program, "serve"))}
Restart=always
RestartSec={RESTART_S}
RestartPreventExitStatus=2
TimeoutStopSec={STOP_S}
KillMode=mixed
{_hardened(site, "AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_CAN AF_BLUETOOTH")}
[Install]
WantedBy=multi-user.target
"""


def kiosk(site: Site) -> str:
    """The screen on a console (row S0-23): it does not end with the engine, and nothing stops its restarts.

    Not after the engine: it waits for that by itself, and would stay dark as long as the engine is restarted.
    No PAMName: that moves the process out of its service and starts a manager for its user as well.
    Standard error stays on the console: the screen is drawn there.
    """
    tty = f"tty{site.console}"
    return f"""\
[Unit]
Description=Battery dashboard: the screen on {tty}
Wants={DISPLAY}
After=systemd-user-sessions.service console-setup.service plymouth-quit-wait.service {site.getty}
Conflicts={site.getty}
Before=getty.target
ConditionPathExists=/dev/tty0
StartLimitIntervalSec=0

[Service]
Type=exec
User={site.account}
Group={GROUP}
{_groups(site, KIOSK_GROUPS)}TTYPath=/dev/{tty}
StandardInput=tty-force
StandardOutput=tty
StandardError=inherit
TTYReset=yes
TTYVHangup=yes
TTYVTDisallocate=yes
UtmpIdentifier={tty}
UtmpMode=user
{assigned("LANG", site.language)}\
Environment=TERM=linux TEXTUAL_ANIMATIONS=none
Environment=PACKDECK_RUNTIME_DIR={RUNTIME}
Environment=PACKDECK_CONFIG_DIR={KIOSK_STATE} PACKDECK_STATE_DIR={KIOSK_STATE}
UnsetEnvironment=COLORTERM LINES COLUMNS NO_COLOR
StateDirectory=packdeck-kiosk
StateDirectoryMode=0750
{_console(site, tty)}ExecStart={quoted((*site.program, "--kiosk", "--no-quit"))}
ExecStopPost=-+/bin/sh -c 'printf "\\\\033]R\\\\033c" >/dev/{tty}'
Restart=always
RestartSec=2
TimeoutStopSec={STOP_S}
KillMode=mixed
SendSIGHUP=yes
{_hardened(site, "AF_UNIX AF_NETLINK")}
[Install]
WantedBy=multi-user.target
"""


def _groups(site: Site, wanted: Sequence[str]) -> str:
    there = [name for name in wanted if name in site.groups]
    return f"SupplementaryGroups={' '.join(there)}\n" if there else ""


def _hardened(site: Site, families: str) -> str:
    return _HARDENED.format(home=site.home, families=families)


def _console(site: Site, tty: str) -> str:
    """The font, and never a dark screen by itself. The leading `-`: neither is a reason not to start."""
    lines = []
    if site.font and site.setfont:
        lines.append(f"ExecStartPre=-+{quoted([site.setfont, '-C', f'/dev/{tty}', site.font])}")
    if site.setterm:
        words = [site.setterm, "--term", "linux", "--blank", "0", "--powersave", "off", "--msg", "off"]
        lines.append(f"ExecStartPre=-+{quoted(words)}")
    return "".join(line + "\n" for line in lines)


def display_of_user(site: Site, folders: Iterable[tuple[str, str]]) -> str:
    """The engine as a service of one user; `folders` are the PACKDECK_… variables that hold now."""
    said = "".join(assigned(name, value) for name, value in folders)
    return f"""\
[Unit]
Description=Battery dashboard: the engine
StartLimitIntervalSec=600
StartLimitBurst=30

[Service]
Type=simple
{assigned("LANG", site.language)}{said}ExecStart={quoted((*site.program, "serve"))}
Restart=always
RestartSec={RESTART_S}
RestartPreventExitStatus=2
TimeoutStopSec={STOP_S}
KillMode=mixed
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def bluetooth(site: Site) -> str:
    """Row S0-20: the adapter is up some seconds after the Bluetooth service."""
    unblock = f"ExecStartPre=-{site.rfkill} unblock bluetooth\n" if site.rfkill else ""
    words = (site.busctl, "set-property", "org.bluez", f"/org/bluez/{ADAPTER}", "org.bluez.Adapter1")
    return f"""\
[Unit]
Description=Bluetooth adapter {ADAPTER} up
Requires=bluetooth.service
After=bluetooth.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sleep {ADAPTER_DELAY_S}
{unblock}ExecStart={quoted((*words, "Powered", "b", "true"))}

[Install]
WantedBy=multi-user.target
"""


def bluetooth_rule() -> str:
    """Row S0-18."""
    return f'SUBSYSTEM=="bluetooth", KERNEL=="{ADAPTER}", GROUP="bluetooth", MODE="0664"\n'


def serial_rule() -> str:
    """Serial bridges are for the group dialout, and no modem program may try commands on a battery."""
    lines = []
    for vendor, product in (bridge.split(":") for bridge in BRIDGES):
        match = f'SUBSYSTEM=="tty", ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"'
        lines.append(f'{match}, GROUP="dialout", MODE="0660", ENV{{ID_MM_PORT_IGNORE}}="1"\n')
    return "".join(lines)


def can_rule(site: Site, buses: Iterable[tuple[str, int]]) -> str:
    """Each CAN interface comes up with its bit/s when it appears, and again after a bus-off."""
    return "".join(
        f'ACTION=="add", SUBSYSTEM=="net", KERNEL=="{name}", ATTR{{type}}=="280", '
        f'RUN+="{site.ip} link set {name} up type can bitrate {bitrate} restart-ms 100"\n'
        for name, bitrate in buses
    )


def accounts(site: Site) -> str:
    """For systemd-sysusers: the group that may open the socket, and the services' own account."""
    if site.account != ACCOUNT:
        return f"g {GROUP} -\n"
    return f'u {ACCOUNT} - "Battery dashboard" {STATE}\n'


def folders(site: Site) -> str:
    """For systemd-tmpfiles: the configuration may hold secrets."""
    return f"d {CONFIG} 0750 {site.account} {GROUP} -\n"
