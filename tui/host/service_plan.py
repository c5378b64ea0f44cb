"""What installing and uninstalling would do: files and commands, known before the first is touched."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui.host import service_units as units
from tui.host.paths import CONFIG_VARIABLE, RUNTIME_VARIABLE, STATE_VARIABLE
from tui.host.service import System, obey
from tui.host.service_files import Before, File, ServiceError, before, remove_all, write_all
from tui.host.service_units import CONFIG, DISPLAY, GROUP, KIOSK, Site
from tui.model.link import Cause

PARTS = ("display", "kiosk", "udev", "bluetooth", "serial", "can")
USUAL = ("display", "kiosk")  # row S0-23
BLUETOOTH_UNIT = "btbms-bluetooth"  # row S0-20
UNITS, RULES = Path("/etc/systemd/system"), Path("/etc/udev/rules.d")
SYSUSERS, TMPFILES = Path("/etc/sysusers.d/packdeck.conf"), Path("/etc/tmpfiles.d/packdeck.conf")
RULE_NAMES = {
    "udev": "99-bluetooth.rules",  # row S0-18
    "serial": "90-packdeck-serial.rules",
    "can": "90-packdeck-can.rules",
}
CONFIG_FILE = Path(CONFIG, "config.toml")
FOLDERS = (RUNTIME_VARIABLE, CONFIG_VARIABLE, STATE_VARIABLE)
_UNIT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}")


@dataclass(frozen=True, slots=True)
class Command:
    """A program of the system. `may_fail`: not being there, or having nothing to do, is no failure."""

    words: tuple[str, ...]
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """In this order: `first`, the files, `then`. A file to be removed has no text."""

    files: tuple[tuple[File, Before], ...] = ()
    removes: bool = False
    first: tuple[Command, ...] = ()
    then: tuple[Command, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The services among the files."""
        return tuple(file.path.name for file, _now in self.files if file.path.suffix == ".service")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for. `buses`: CAN interfaces and bit/s. `config`: to be copied where none is yet."""

    parts: tuple[str, ...] = USUAL
    bluetooth_unit: str = BLUETOOTH_UNIT
    buses: tuple[tuple[str, int], ...] = ()
    config: Path | None = None
    starts: bool = True


# --- installing ---


def to_install(system: System, site: Site, wanted: Wanted) -> Plan:
    """What is written, and what makes it work. ServiceError when it cannot be planned."""
    files = [(file, before(system.at(file.path), file.text)) for file in _files(site, wanted)]
    services = [file.path.name for file, _now in files if file.path.suffix == ".service"]
    then = []
    if _has_services(wanted.parts):
        then.append(_command("systemd-sysusers", str(SYSUSERS)))
        then.append(_command("systemd-tmpfiles", "--create", str(TMPFILES)))
        if wanted.config is not None and not has_config(system):
            owner = ("-m", "0640", "-o", site.account, "-g", GROUP)
            then.append(_command("install", *owner, str(wanted.config), str(CONFIG_FILE)))
    if services:
        then.append(_command("systemctl", "daemon-reload"))
        if "kiosk" in wanted.parts:
            then.append(_command("systemctl", "disable", site.getty))
        then.append(_command("systemctl", "enable", *services))
    then += _rules_read(wanted.parts, wanted.buses, wanted.starts)
    if wanted.starts:
        then += [_start(file, now) for file, now in files if file.path.suffix == ".service"]
    return Plan(tuple(files), then=tuple(then))


def to_install_for_user(system: System, site: Site, home: Path, variables: dict[str, str]) -> Plan:
    """The engine as a service of this user alone; `home` is the folder of the user's configurations."""
    said = [(name, variables[name]) for name in FOLDERS if variables.get(name)]
    text = units.marked("display", units.display_of_user(site, said))
    file = File("display", _user_unit(home), text)
    now = before(system.at(file.path), text)
    reload = _command("systemctl", "--user", "daemon-reload")
    enable = _command("systemctl", "--user", "enable", DISPLAY)
    return Plan(((file, now),), then=(reload, enable, _start(file, now, "--user")))


def has_config(system: System) -> bool:
    """True when the services are configured, or when this user may not know."""
    try:
        return system.at(CONFIG_FILE).exists()
    except OSError:
        return True


def _files(site: Site, wanted: Wanted) -> list[File]:
    found = []
    for part in PARTS:
        if part in wanted.parts:
            path, text = _PLACED[part](site, wanted)
            found.append(File(part, path, units.marked(part, text)))
    if _has_services(wanted.parts):
        found.append(File("accounts", SYSUSERS, units.marked("accounts", units.accounts(site))))
        found.append(File("folders", TMPFILES, units.marked("folders", units.folders(site))))
    return found


def _bluetooth_file(site: Site, wanted: Wanted) -> tuple[Path, str]:
    name = wanted.bluetooth_unit.removesuffix(".service")
    if not _UNIT_NAME.fullmatch(name) or f"{name}.service" in (DISPLAY, KIOSK, "bluetooth.service"):
        raise ServiceError(Cause("service-name", (("name", name),)))
    return UNITS / f"{name}.service", units.bluetooth(site)


def _can_file(site: Site, wanted: Wanted) -> tuple[Path, str]:
    for name, _bitrate in wanted.buses:
        if not _INTERFACE.fullmatch(name):
            raise ServiceError(Cause("service-interface", (("name", name),)))
    return RULES / RULE_NAMES["can"], units.can_rule(site, wanted.buses)


_PLACED = {
    "display": lambda site, wanted: (UNITS / DISPLAY, units.display(site)),
    "kiosk": lambda site, wanted: (UNITS / KIOSK, units.kiosk(site)),
    "udev": lambda site, wanted: (RULES / RULE_NAMES["udev"], units.bluetooth_rule()),
    "bluetooth": _bluetooth_file,
    "serial": lambda site, wanted: (RULES / RULE_NAMES["serial"], units.serial_rule()),
    "can": _can_file,
}


def _start(file: File, now: Before, *more: str) -> Command:
    """A service that is as it was goes on undisturbed."""
    word = "start" if now is Before.SAME else "restart"
    return _command("systemctl", *more, word, "--no-block", file.path.name)


def _rules_read(
    parts: Iterable[str], buses: Iterable[tuple[str, int]] = (), starts: bool = False
) -> list[Command]:
    """Row S0-18: rules are read again, and done for what is plugged in already."""
    if not set(RULE_NAMES) & set(parts):
        return []
    commands = [_command("udevadm", "control", "--reload")]
    if starts and "udev" in parts:
        commands.append(_command("udevadm", "trigger", "--subsystem-match=bluetooth", may_fail=True))
    if starts and "serial" in parts:
        commands.append(_command("udevadm", "trigger", "--subsystem-match=tty", may_fail=True))
    if starts and "can" in parts:
        add = ("udevadm", "trigger", "--action=add", "--subsystem-match=net")
        commands += [_command(*add, f"--sysname-match={name}", may_fail=True) for name, _bitrate in buses]
    return commands


# --- uninstalling ---


def installed(system: System) -> list[File]:
    """Every file that is ours: by its mark, or by a name that only we use."""
    found = []
    for folder, ending in ((UNITS, "*.service"), (RULES, "*.rules")):
        for path in sorted(system.at(folder).glob(ending)):
            text = system.text(str(path.relative_to(system.root)))
            if part := units.part_of(text) or _BY_NAME.get(path.name, ""):
                found.append(File(part, folder / path.name, text))
    for part, path in (("accounts", SYSUSERS), ("folders", TMPFILES)):
        if system.at(path).exists():
            found.append(File(part, path, system.text(str(path.relative_to("/")))))
    return found


_BY_NAME = {DISPLAY: "display", KIOSK: "kiosk", **{RULE_NAMES[part]: part for part in ("serial", "can")}}


def to_uninstall(system: System, parts: Sequence[str]) -> Plan:
    """What is stopped and removed. The account, the configuration and the history stay."""
    ours = installed(system)
    left = {file.part for file in ours} - set(parts)
    gone = [file for file in ours if file.part in parts]
    if not left & set(USUAL):
        gone += [file for file in ours if file.part in ("accounts", "folders")]
    files = tuple((file, before(system.at(file.path), "")) for file in gone)
    plan = Plan(files, removes=True)
    first = tuple(_command("systemctl", "disable", "--now", unit, may_fail=True) for unit in plan.units)
    then = []
    if plan.units:
        then.append(_command("systemctl", "daemon-reload"))
        then += [_command("systemctl", "reset-failed", unit, may_fail=True) for unit in plan.units]
    then += [replace(command, may_fail=True) for command in _rules_read(file.part for file in gone)]
    for file in gone:
        if file.part == "kiosk" and (match := re.search(r"^Conflicts=(getty@\S+)", file.text, re.MULTILINE)):
            then.append(_command("systemctl", "enable", "--now", "--no-block", match[1]))
    return Plan(files, True, first, tuple(then))


def to_uninstall_for_user(system: System, home: Path) -> Plan:
    """The same for the service of one user."""
    path = _user_unit(home)
    now = before(system.at(path), "")
    if now is Before.NEW:
        return Plan(removes=True)
    text = system.text(str(path.relative_to("/")))
    first = _command("systemctl", "--user", "disable", "--now", DISPLAY, may_fail=True)
    then = _command("systemctl", "--user", "daemon-reload")
    return Plan(((File("display", path, text), now),), True, (first,), (then,))


# --- doing ---


def carry_out(system: System, plan: Plan) -> dict[Path, Path]:
    """Do it; gives the files that somebody had changed, with the names under which they are kept.

    ServiceError before anything is done when a program for it is missing, else at the first thing that
    fails. It may be done again: what is done already stays as it is.
    """
    for command in (*plan.first, *plan.then):
        if not command.may_fail and not system.tool(command.words[0]):
            raise ServiceError(Cause("service-no-tool", (("program", command.words[0]),)))
    _obey_all(system, plan.first)
    if plan.removes:
        kept = remove_all(system.at(file.path) for file, _now in plan.files)
    else:
        fresh = [(system.at(f.path), f.text) for f, now in plan.files if now is not Before.SAME]
        kept = write_all(fresh)
    _obey_all(system, plan.then)
    return kept


def _obey_all(system: System, commands: Iterable[Command]) -> None:
    for command in commands:
        try:
            obey(system, command.words)
        except ServiceError:
            if not command.may_fail:
                raise


def _user_unit(home: Path) -> Path:
    return home / "systemd" / "user" / DISPLAY


def _has_services(parts: Iterable[str]) -> bool:
    return bool(set(parts) & set(USUAL))


def _command(*words: str, may_fail: bool = False) -> Command:
    return Command(words, may_fail)
