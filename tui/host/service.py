"""This machine as a place for services: what is there, who may start the program, what is installed."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.host import service_units as units
from tui.host.service_files import ServiceError
from tui.host.service_units import Site
from tui.model.link import Cause

LANGUAGE_FILES = ("etc/locale.conf", "etc/default/locale")
FONT = "usr/share/consolefonts/packdeck-8x16.psf.gz"
GONE_AT_BOOT = ("/tmp", "/var/tmp", "/run", "/dev")
HOMES = ("/home", "/root")
RUN_S = 60.0
SHOWN = ("Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "ExecMainStatus")

# Words, seconds; gives exit code, output, errors. OSError when the program is not there, TimeoutError.
Runner = Callable[[Sequence[str], float], tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class System:
    """What is looked at. `root` is the top of the file system, or of one made for a test."""

    run: Runner
    root: Path = Path("/")
    platform: str = sys.platform
    user_id: int = 0
    program: tuple[str, ...] = ("/usr/bin/packdeck",)
    python: str = "/usr/bin/python3"
    owner_of: Callable[[Path], int] = lambda path: path.stat().st_uid

    @classmethod
    def here(cls, run: Runner) -> "System":
        """This machine and the program that runs."""
        user_id = os.getuid() if hasattr(os, "getuid") else -1
        return cls(run, user_id=user_id, program=program_here(), python=os.path.realpath(sys.executable))

    def at(self, path: Path) -> Path:
        """A path of the system, below the root."""
        return self.root / path.relative_to("/")

    def text(self, path: str) -> str:
        """A file below the root; empty when it cannot be read."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def tool(self, name: str) -> str:
        """Where a program is; empty when it is not there."""
        for folder in ("usr/bin", "usr/sbin", "bin", "sbin"):
            if (self.root / folder / name).exists():
                return f"/{folder}/{name}"
        return ""

    def names(self, file: str) -> dict[str, list[str]]:
        """The lines of etc/passwd or etc/group, by the name that each begins with."""
        lines = (line.split(":") for line in self.text(file).splitlines())
        return {words[0]: words for words in lines if len(words) > 3}

    @property
    def is_linux(self) -> bool:
        """True where there can be such services."""
        return self.platform.startswith("linux")

    @property
    def has_systemd(self) -> bool:
        """True when systemd runs this machine."""
        return self.is_linux and (self.root / "run/systemd/system").is_dir()


def program_here(name: str | None = None, executable: str | None = None) -> tuple[str, ...]:
    """The words that start this packdeck again, from any folder: its script, or Python with the package."""
    script = shutil.which(sys.argv[0] if name is None else name)
    if script and Path(script).name == "packdeck":
        return (str(Path(script).absolute()),)
    python = Path(executable or sys.executable)
    beside = python.with_name("packdeck")
    return (str(beside),) if os.access(beside, os.X_OK) else (str(python), "-m", "tui")


def look(system: System, *, account: str = "", console: int = 1, font: str = "") -> Site:
    """What the texts need. ServiceError when services could not start the program.

    The account is the services' own, unless the program lies where only one person may enter.
    """
    program = Path(system.program[0])
    if any(program.is_relative_to(gone) for gone in GONE_AT_BOOT):
        raise ServiceError(_cause("service-temporary", program=program))
    only = who_may_enter(system, (program, Path(system.python)))
    if only and account not in (only, "root") and (account or only == "root"):
        raise ServiceError(
            _cause("service-private", program=program, owner=only, account=account or units.ACCOUNT)
        )
    account = account or only or units.ACCOUNT
    if account != units.ACCOUNT and account not in system.names("etc/passwd"):
        raise ServiceError(_cause("service-no-account", account=account))
    in_a_home = account != units.ACCOUNT or any(program.is_relative_to(home) for home in HOMES)
    return Site(
        system.program,
        account=account,
        groups=frozenset(system.names("etc/group")),
        home="read-only" if in_a_home else "yes",
        language=language(system),
        console=console,
        font=font or (f"/{FONT}" if (system.root / FONT).exists() else ""),
        setfont=system.tool("setfont"),
        setterm=system.tool("setterm"),
        rfkill=system.tool("rfkill"),
        busctl=system.tool("busctl") or "/usr/bin/busctl",
        ip=system.tool("ip") or "/usr/sbin/ip",
    )


def who_may_enter(system: System, programs: Iterable[Path]) -> str:
    """The only account that may start these; empty when everybody may."""
    by_number = {words[2]: name for name, words in system.names("etc/passwd").items()}
    for program in programs:
        for folder in reversed(system.at(program).resolve().parents):
            try:
                if folder.is_relative_to(system.root) and not folder.stat().st_mode & 0o001:
                    number = str(system.owner_of(folder))
                    return by_number.get(number, number)
            except OSError:
                break  # what cannot be seen cannot be judged
    return ""


def language(system: System) -> str:
    """What the machine speaks, for a program that no login has told."""
    for file in LANGUAGE_FILES:
        match = re.search(r"^\s*LANG=[\"']?([A-Za-z0-9_.@-]+)", system.text(file), re.MULTILINE)
        if match and re.search(r"utf-?8", match[1], re.IGNORECASE):
            return match[1]
    return "C.UTF-8"


@dataclass(frozen=True, slots=True)
class UnitState:
    """What systemd says about a unit; in its own words, which people know. `None`: it does not say."""

    unit: str
    load: str  # loaded, not-found, masked, …
    active: str  # active, activating, inactive, failed
    sub: str
    enabled: str  # enabled, disabled, static; empty when there is none
    restarts: int | None = None
    exit_code: int | None = None


def states(system: System, names: Sequence[str], *, of_user: bool = False) -> list[UnitState]:
    """How these units are. ServiceError when systemd cannot be asked."""
    if not names:
        return []
    words = ["systemctl", *(["--user"] if of_user else []), "show", f"--property={','.join(SHOWN)}", *names]
    said = obey(system, words)
    return [_state(block) for block in said.strip().split("\n\n") if block.strip()]


def _state(block: str) -> UnitState:
    said = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    unit, load, active, sub, enabled, restarts, code = (said.get(name, "") for name in SHOWN)
    return UnitState(unit, load, active, sub, enabled, _number(restarts), _number(code))


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def obey(system: System, words: Sequence[str]) -> str:
    """Run a program of the system; gives its output. ServiceError when it fails, with what it said last."""
    try:
        code, said, errors = system.run(words, RUN_S)
    except TimeoutError:
        code, said, errors = -1, "", f"no answer within {RUN_S:g} s"
    except OSError as error:
        code, said, errors = -1, "", error.strerror or str(error)
    if code:
        lines = [line for line in (errors or said).splitlines() if line.strip()]
        raise ServiceError(
            _cause("service-command", command=" ".join(words), reason=lines[-1] if lines else code)
        )
    return said


def _cause(key: str, **args: object) -> Cause:
    return Cause(key, tuple((name, str(value)) for name, value in args.items()))
