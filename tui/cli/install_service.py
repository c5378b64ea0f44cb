"""`packdeck install-service`: packdeck as a service of this machine (rows S0-18, S0-20, S0-23, S3-16)."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.cli.refusal import FAILURE, USAGE, Refusal, refuse, tell
from tui.host.service import System, UnitState, look, states
from tui.host.service_files import Before, ServiceError
from tui.host.service_plan import (
    BLUETOOTH_UNIT,
    CONFIG_FILE,
    PARTS,
    USUAL,
    Plan,
    Wanted,
    carry_out,
    has_config,
    installed,
    to_install,
    to_install_for_user,
    to_uninstall,
    to_uninstall_for_user,
)
from tui.host.service_units import DISPLAY, GROUP, Site
from tui.locale import say
from tui.model import settings
from tui.model.link import Cause

SCHEMA = 1
Command = TypeVar("Command", bound=Callable[..., Any])


def _part(name: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}", is_flag=True, help=say(f"help-install-{name}"))


@click.command("install-service", help=say("help-install-service"))
@_part("display")
@_part("kiosk")
@_part("udev")
@_part("bluetooth")
@_part("serial")
@_part("can")
@click.option("--bluetooth-name", default=BLUETOOTH_UNIT, metavar="NAME", help=say("help-install-name"))
@click.option("--as", "account", default="", metavar="ACCOUNT", help=say("help-install-as"))
@click.option(
    "--console", type=click.IntRange(1, 12), default=1, metavar="N", help=say("help-install-console")
)
@click.option("--font", default="", metavar="FILE", help=say("help-install-font"))
@click.option("--user", "of_user", is_flag=True, help=say("help-install-user"))
@click.option("--uninstall", is_flag=True, help=say("help-install-uninstall"))
@click.option("--status", "asks_status", is_flag=True, help=say("help-install-status"))
@click.option("--no-start", is_flag=True, help=say("help-install-no-start"))
@click.option("--dry-run", is_flag=True, help=say("help-install-dry-run"))
@click.option("--yes", "-y", is_flag=True, help=say("help-install-yes"))
@click.option("--json", "as_json", is_flag=True, help=say("help-install-json"))
def install_service(**said: Any) -> None:
    """Show what would be done, ask, and do it."""
    parts = tuple(name for name in PARTS if said[name])
    system = System.here(_run)
    if not system.is_linux:
        raise refuse(Cause("service-platform"))
    if said["of_user"] and (parts not in ((), ("display",)) or said["account"]):
        raise Refusal(say("install-user-display"), USAGE)
    try:
        if said["asks_status"]:
            _show_states(system, said["of_user"], said["as_json"])
            return
        if not said["dry_run"]:
            _may_do(system, said["of_user"])
        site, plan = _planned(system, parts, said)
        if said["dry_run"]:
            _show(system, plan, said["as_json"], done=False)
            return
        _ask(system, plan, said["yes"], said["as_json"])
        kept = carry_out(system, plan)
    except ServiceError as error:
        raise refuse(error.cause) from error
    _report(system, plan, kept, said["as_json"])
    if not said["as_json"] and not said["uninstall"]:
        _next_steps(system, site, plan, said["of_user"])


def _planned(system: System, parts: tuple[str, ...], said: dict[str, Any]) -> tuple[Site | None, Plan]:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if said["uninstall"]:
        plan = (
            to_uninstall_for_user(system, home) if said["of_user"] else to_uninstall(system, parts or PARTS)
        )
        return None, plan
    if said["of_user"]:
        site = Site(system.program, language=os.environ.get("LANG") or "C.UTF-8")
        return site, to_install_for_user(system, site, home, dict(os.environ))
    site = look(system, account=said["account"], console=said["console"], font=said["font"])
    mine = _config_of_caller(system)
    config = system.at(CONFIG_FILE) if has_config(system) else mine and system.at(mine)
    buses = _buses(config) if "can" in parts else ()
    wanted = Wanted(parts or USUAL, said["bluetooth_name"], buses, mine, not said["no_start"])
    return site, to_install(system, site, wanted)


def _config_of_caller(system: System) -> Path | None:
    """What the person behind `sudo` has configured; that is where the services begin."""
    caller = os.environ.get("SUDO_USER", "")
    number = str(system.user_id)
    for name, words in system.names("etc/passwd").items():
        if len(words) > 5 and (name == caller if caller else words[2] == number):
            file = Path(words[5], ".config", "packdeck", "config.toml")
            with contextlib.suppress(OSError):
                return file if file.is_absolute() and system.at(file).is_file() else None
    return None


def _buses(config: Path | None) -> tuple[tuple[str, int], ...]:
    """The CAN interfaces of the configuration, else the usual one (row S3-9). Refusal for a broken file."""
    from tui.cli.refusal import words
    from tui.store.config import ConfigError, read_config

    usual = ((str(settings.default("can.interface")), int(settings.default("can.bitrate") or 0)),)
    if config is None:
        return usual
    try:
        setups = read_config(config).setups
    except ConfigError as error:
        raise Refusal("\n".join(words(cause) for cause in error.causes)) from error
    said = ((s.address, s.bitrate) for s in setups if s.transport == "can" and ":" not in s.address)
    return tuple(dict(bus for bus in said if not bus[0].startswith("vcan")).items()) or usual


def _may_do(system: System, of_user: bool) -> None:
    """Refusal when there is no systemd, or this user may not."""
    if not system.has_systemd:
        raise refuse(Cause("service-no-systemd"))
    if of_user and system.user_id == 0 and os.environ.get("SUDO_USER"):
        raise Refusal(say("install-user-sudo"), USAGE)
    if not of_user and system.user_id != 0:
        command = shlex.join(("sudo", *system.program, *sys.argv[1:]))
        raise refuse(Cause("service-root", (("command", command),)))


def _ask(system: System, plan: Plan, is_yes: bool, as_json: bool) -> None:
    """Row S0-18: shown before it is written. Refusal without a terminal to ask at, Abort for a no."""
    if not as_json:
        _show(system, plan, as_json, done=False)
    if is_yes or not plan.files:
        return
    if as_json or not _is_asked_at_terminal():
        raise Refusal(say("install-needs-yes"), USAGE)
    if not click.confirm(say("install-uninstall-ask" if plan.removes else "install-ask")):
        raise Refusal(say("install-nothing-done"), FAILURE)


def _is_asked_at_terminal() -> bool:
    return sys.stdin.isatty()


# --- what is printed ---


def _show(
    system: System, plan: Plan, as_json: bool, *, done: bool, kept: dict[Path, Path] | None = None
) -> None:
    if as_json:
        click.echo(json.dumps(_document(system, plan, kept or {}, done), indent=2, ensure_ascii=False))
        return
    if not plan.files:
        click.echo(say("install-nothing-there"))
    for command in plan.first:
        click.echo(say("install-command", command=shlex.join(command.words)))
    for file, now in plan.files:
        word = say("service-file-remove" if plan.removes else f"service-file-{now.value}")
        click.echo(say("install-file", path=file.path, word=word))
        if not plan.removes and now is not Before.SAME:
            click.echo("\n".join(f"    {line}".rstrip() for line in file.text.splitlines()))
        if now is Before.CHANGED:
            click.echo(say("install-will-keep", path=file.path))
    for command in plan.then:
        click.echo(say("install-command", command=shlex.join(command.words)))


def _document(system: System, plan: Plan, kept: dict[Path, Path], done: bool) -> dict[str, Any]:
    def entry(path: Path) -> str | None:
        aside = kept.get(system.at(path))
        return None if aside is None else str(path.with_name(aside.name))

    return {
        "schema": SCHEMA,
        "action": "uninstall" if plan.removes else "install",
        "done": done,
        "files": [
            {
                "part": file.part,
                "path": str(file.path),
                "before": now.value,
                "kept_as": entry(file.path),
                "text": None if plan.removes else file.text,
            }
            for file, now in plan.files
        ],
        "commands": [list(command.words) for command in (*plan.first, *plan.then)],
    }


def _report(system: System, plan: Plan, kept: dict[Path, Path], as_json: bool) -> None:
    if as_json:
        _show(system, plan, True, done=True, kept=kept)
        return
    for path, aside in kept.items():
        key = "install-kept-removed" if plan.removes else "install-kept"
        tell(say(key, path=path, aside=aside, unit=path.name))
    if plan.removes:
        if plan.files:
            is_own = any(word == "--user" for command in plan.first for word in command.words)
            tell(say("install-removed-user" if is_own else "install-removed"))
    elif all(now is Before.SAME for _file, now in plan.files):
        tell(say("install-same"))
    else:
        tell(say("install-done"))


def _next_steps(system: System, site: Site | None, plan: Plan, of_user: bool) -> None:
    """What only a person can do."""
    parts = {file.part for file, _now in plan.files}
    if of_user:
        tell(say("install-next-linger", user=os.environ.get("USER", "$USER")))
        return
    if "display" in parts and not has_config(system):
        program = shlex.join(system.program)
        tell(say("install-next-config", file=CONFIG_FILE, folder=CONFIG_FILE.parent, program=program))
    caller = os.environ.get("SUDO_USER", "")
    members = system.names("etc/group").get(GROUP, ["", "", "", ""])[3].split(",")
    if "display" in parts and site and caller and caller != site.account and caller not in members:
        tell(say("install-next-group", user=caller, group=GROUP))
    if "kiosk" in parts:
        tell(say("install-next-kiosk"))
    if "display" in parts:
        tell(say("install-next-log", unit=DISPLAY.removesuffix(".service")))


def _show_states(system: System, of_user: bool, as_json: bool) -> None:
    """Exit code 0 when all that is installed runs, 1 otherwise."""
    names = [DISPLAY] if of_user else [f.path.name for f in installed(system) if f.path.suffix == ".service"]
    found = [state for state in states(system, names, of_user=of_user) if state.load != "not-found"]
    if as_json:
        document = {"schema": SCHEMA, "services": [_state_json(state) for state in found]}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    for state in () if as_json else found:
        click.echo(state_line(state))
    if not found and not as_json:
        click.echo(say("install-nothing-there"))
    sys.exit(0 if found and all(state.active == "active" for state in found) else FAILURE)


def state_line(state: UnitState) -> str:
    """Unit, state in systemd's own words, restarts, the exit code of a failure."""
    parts = [f"{state.unit:<28}", f"{state.active} ({state.sub})", state.enabled or "--"]
    if state.restarts:
        parts.append(say("install-restarts", count=state.restarts))
    if state.active == "failed" and state.exit_code is not None:
        parts.append(say("install-exit-code", code=state.exit_code))
    return "  ".join(parts)


def _state_json(state: UnitState) -> dict[str, Any]:
    return {
        "unit": state.unit,
        "load": state.load,
        "active": state.active,
        "sub": state.sub,
        "enabled": state.enabled or None,
        "restarts": state.restarts,
        "exit_code": state.exit_code,
    }


def _run(words: Sequence[str], timeout_s: float) -> tuple[int, str, str]:
    """Exit code, output, errors. OSError when the program is not there, TimeoutError when it is too slow."""
    try:
        done = subprocess.run(
            list(words), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(words[0]) from error
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
