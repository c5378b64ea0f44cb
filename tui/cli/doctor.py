"""`packdeck doctor`: what is wrong with this machine and what cures it (rows S0-34…S0-45)."""

import json
import os
import platform
import re
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from tui import __version__
from tui.cli.refusal import FAILURE, NO_ENGINE, USAGE, Refusal, refuse, tell
from tui.host import doctor as host
from tui.host import paths
from tui.host.doctor import AREAS, Machine, run_program
from tui.locale import say
from tui.model import settings
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.settings import Config
from tui.model.system import Check, CheckState
from tui.widgets.check_words import area_words, cure, sentence, state_words, sum_words

SCHEMA = 1
LOG_LINES = 200
LOG_BYTES = 256 * 1024  # of the end of the log: more than so many lines have
PRIVATE = 0o600
HIDDEN = "***"
CONFIGURATION = "configuration"

_MAC = re.compile(
    r"(?<![0-9A-Fa-f])((?:[0-9A-Fa-f]{2}([:_-])){2}[0-9A-Fa-f]{2})(?:\2[0-9A-Fa-f]{2}){3}(?![0-9A-Fa-f])"
)
_SECRET_WORD = r"pass(?:word|key|phrase|code|wd)?|secret|token|pin|psk|auth\w*|credentials?|api[_-]?key"
_SECRET_KEY = re.compile(rf"(?:^|[^a-z])(?:{_SECRET_WORD})(?:$|[^a-z])", re.IGNORECASE)
_SECRET = re.compile(rf"((?:\b|_)(?:{_SECRET_WORD})[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE)


@click.command(help=say("help-doctor"), epilog=say("help-doctor-areas", areas=", ".join(AREAS)))
@click.argument("what", type=click.Choice(AREAS), required=False, metavar="[AREA]")
@click.option("--json", "wants_json", is_flag=True, help=say("help-doctor-json"))
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help=say("help-doctor-report"))
@click.option("--reset", is_flag=True, help=say("help-doctor-reset"))
def doctor(what: str | None, wants_json: bool, report: Path | None, reset: bool) -> None:
    """Look, say, and exit with 1 when anything fails."""
    if reset:
        _reset(what)
    with _running() as fleet:
        checks = _checks(what, Machine.here(run_program), fleet)
        if report is not None:
            _write(report.expanduser().absolute(), report_text(checks, fleet))
    click.echo(_as_json(checks) if wants_json else "\n".join(as_lines(checks)))
    if report is not None:
        tell(say("doctor-report-written", path=report))
    sys.exit(FAILURE if any(check.state is CheckState.FAIL for check in checks) else 0)


def _checks(what: str | None, machine: Machine, fleet: Fleet | None) -> list[Check]:
    """What was asked for; without a word everything, and the configuration."""
    config, mistakes = _configuration()
    buses = [(s.address, s.bitrate) for s in config.setups if s.transport == "can" and ":" not in s.address]
    if what == "can" and not buses:
        buses = [(str(settings.default("can.interface")), int(settings.default("can.bitrate") or 0))]
    checks = host.examine(machine, [what] if what else AREAS, buses)
    if fleet is not None and what in (None, "bluetooth"):
        checks += host.signals(fleet.radio.devices)
    if what is None:
        if all(setup.transport != "ble" for setup in config.setups):
            checks = host.unneeded(checks, "bluetooth")
        checks += mistakes
    return checks


def _configuration() -> tuple[Config, list[Check]]:
    """What the file says, as far as it can be read, and every mistake in it."""
    from tui.cli.limits import contradictions
    from tui.store.config import ConfigError, read_config

    try:
        config = read_config(paths.config_file())
    except ConfigError as error:
        return Config(), [_mistake(cause) for cause in error.causes]
    if causes := contradictions(config):
        return config, [_mistake(cause, CheckState.WARN) for cause in causes]  # an engine starts all the same
    return config, [Check(CONFIGURATION, "config", CheckState.OK, (("count", str(len(config.setups))),))]


def _mistake(cause: Cause, state: CheckState = CheckState.FAIL) -> Check:
    args = cause.values()
    said, cure = say(f"cause-{cause.key}", **args), say(f"cause-{cause.key}-do", **args)
    return Check(CONFIGURATION, "config-bad", state, (("sentence", said), ("cure", cure)))


@contextmanager
def _running() -> Iterator[Fleet | None]:
    """What the running engine knows; `None` when none runs, or none can be reached."""
    from tui.cli.engine_feed import running

    with ExitStack() as stack:
        try:
            feed = stack.enter_context(running())
        except Refusal:
            feed = None
        yield None if feed is None else feed.fleet()


def _reset(what: str | None) -> None:
    """Row S0-36. Only the engine may: it holds the links that drop. Refusal when it cannot."""
    from tui.cli.engine_feed import running
    from tui.model.requests import ResetAdapter

    if what not in (None, "bluetooth"):
        raise Refusal(say("doctor-reset-what"), USAGE)
    with running() as feed:
        if feed is None:
            raise refuse(Cause("doctor-reset-no-engine"), NO_ENGINE)
        answer = feed.ask(ResetAdapter())
    if not answer.ok:
        raise refuse(answer.cause or Cause("doctor-reset-no-engine"))
    tell(say("doctor-reset-done"))


# --- what is printed ---


def as_lines(checks: Sequence[Check]) -> list[str]:
    """A heading for each area, a line for each check with a word for its state, and below it the cure."""
    words = {state: state_words(state) for state in CheckState}
    width = max(map(len, words.values()))
    lines, area = list[str](), ""
    for check in sorted(checks, key=lambda c: (*AREAS, CONFIGURATION).index(c.area)):
        if check.area != area:
            area = check.area
            lines += ["", area_words(area)]
        lines.append(f"  {words[check.state]:<{width}}  {sentence(check)}")
        if said := cure(check):
            lines += [f"  {'':<{width}}  -> {line}" for line in said.splitlines()]
    return [*lines[1:], "", sum_words(checks)]


def _as_json(checks: Sequence[Check]) -> str:
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "ok": all(check.state is not CheckState.FAIL for check in checks),
        "checks": [
            {
                "area": check.area,
                "key": check.key,
                "state": check.state.value,
                "sentence": sentence(check),
                "cure": cure(check) or None,
                "values": check.values(),
            }
            for check in checks
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


# --- the report ---


def report_text(checks: Sequence[Check], fleet: Fleet | None) -> str:
    """What helps somebody else to help, without secrets and without whole addresses (row S0-45)."""
    parts = [
        ("packdeck", [f"version {__version__}", time.strftime("%Y-%m-%d %H:%M:%S %z")]),
        ("system", [f"Python {platform.python_version()}", platform.platform(), platform.machine()]),
        ("doctor", as_lines(checks)),
        ("status", _status(fleet)),
        (CONFIGURATION, configuration_lines(paths.config_file())),
        ("log", _log_tail(paths.log_file())),
    ]
    text = "\n".join(f"=== {title} ===\n" + "\n".join(lines) + "\n" for title, lines in parts)
    return clean(text)


def _status(fleet: Fleet | None) -> list[str]:
    from tui.cli.status_words import as_lines as status_lines

    if fleet is None:
        return [say("cli-no-engine")]
    return list(status_lines(fleet, time.monotonic() + fleet.engine.offset_s))


def configuration_lines(file: Path) -> list[str]:
    """Each key of the file with its value, if it is one we know; what is unknown could be a secret."""
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return [say("doctor-report-no-config")]
    except (OSError, ValueError) as error:
        return [f"{file}: {type(error).__name__}"]
    return [f"{'.'.join(path)} = {_shown(path, value)}" for path, value in _leaves(said)]


def _shown(path: tuple[str, ...], value: object) -> str:
    is_secret = any(_SECRET_KEY.search(word) for word in path[-1:])
    return HIDDEN if is_secret or settings.find(path) is None else json.dumps(value, default=str)


def _leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _log_tail(file: Path) -> list[str]:
    try:
        with file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_BYTES))
            data = log.read()
    except OSError:
        return [say("doctor-report-no-log")]
    return data.decode("utf-8", "replace").splitlines()[-LOG_LINES:]


def clean(text: str) -> str:
    """Without passwords; addresses keep the three bytes of their maker; the home folder becomes `~`."""
    whole = {re.sub(r"[^0-9A-Fa-f]", "", match[0]) for match in _MAC.finditer(text)}
    text = _SECRET.sub(rf"\1{HIDDEN}", _BEARER.sub(rf"\1 {HIDDEN}", text))
    text = _MAC.sub(r"\1\2*", text)
    for address in whole:
        text = re.sub(rf"(?i)\b{address}\b", f"{address[:6]}*", text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def _write(path: Path, text: str) -> None:
    """A new file for this user alone. Refusal when there is one already, or it cannot be written."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(fd, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise refuse(Cause("report-exists", (("path", str(path)),))) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise refuse(Cause("report-failed", (("path", str(path)), ("reason", reason)))) from error
