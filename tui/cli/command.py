"""`packdeck command`: one order to a battery's electronics, and the true state after it."""

import sys
import time

import click

from tui.cli.refusal import DEVICE, FAILURE, USAGE, Refusal, words
from tui.cli.registers import how_options
from tui.cli.registers_bench import SCREEN, Bench, Where, bench, exit_code_of, me, refused, where_options
from tui.cli.registers_json import form_json, print_json, result_json
from tui.cli.registers_plan import How, confirmed
from tui.cli.registers_words import form_line, form_values, reason_lines, result_line
from tui.engine.register_orders import checked_value
from tui.engine.register_posts import NoError
from tui.locale import say
from tui.model.link import Cause
from tui.model.register import CommandForm, Danger
from tui.model.register_requests import RunCommand
from tui.model.write_plan import CommandResult
from tui.protocols.parameter_tables import TABLES

LOOK_S = 0.1
RESULT_S = 30.0  # for a command that the engine no longer waits for


@click.command("command", help=say("help-command"))
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--value", default="", metavar="V", help=say("help-command-value"))
@how_options
@where_options
def command(name: str | None, value: str, how: How, where: Where) -> None:
    """Row S1-59: give one command; without a name, tell which there are."""
    with bench(where) as at:
        forms = _forms(at)
        if name is None:
            _list(forms, how)
            return
        form = _form(forms, name)
        wanted = _value(form, value)
        if how.dry_run:
            click.echo(_question(form, wanted, at.track))
            return
        with at.lease():
            if not how.is_sure and sys.stdin.isatty():
                click.echo(_question(form, wanted, at.track), err=True)
            confirmed(how, is_dangerous=form.danger is not Danger.NONE)
            result = _run(at, RunCommand(at.track, form.name, wanted, me(), SCREEN, at.password))
        _tell(result, how)


def _forms(at: Bench) -> tuple[CommandForm, ...]:
    protocol = at.state.protocol
    if protocol not in TABLES:
        raise refused(Cause("reg-no-registers", (("track", at.track), ("protocol", protocol))))
    return TABLES[protocol].commands


def _list(forms: tuple[CommandForm, ...], how: How) -> None:
    if how.as_json:
        print_json({"commands": [form_json(form) for form in forms]})
        return
    for form in forms:
        click.echo(form_line(form))


def _form(forms: tuple[CommandForm, ...], name: str) -> CommandForm:
    wanted = name.strip().lower().replace("-", "_")
    form = next((form for form in forms if form.name == wanted), None)
    if form is None:
        known = " ".join(form.name for form in forms)
        raise Refusal(f"{words(Cause('command-absent', (('command', name),)))} {known}", FAILURE)
    return form


def _value(form: CommandForm, said: str) -> str:
    """The value as the form wants it. Refusal when it is missing, wrong, or not wanted."""
    values = form_values(form)
    if values and not said.strip():
        raise Refusal(say("cli-command-needs", command=form.name, values=values), USAGE)
    if said and not values:
        raise Refusal(say("cli-command-none", command=form.name), USAGE)
    try:
        return checked_value(form, said)
    except NoError as error:
        raise refused(error.cause) from None


def _question(form: CommandForm, value: str, track: str) -> str:
    name = form.name.replace("_", "-")
    choice = next((choice.text for choice in form.choices if str(choice.value) == value), value)
    what = f"{say(f'regcommand-{name}')} {choice} {form.unit if value else ''}".strip()
    return f"{track}: {what}. {say(f'regcommand-{name}-help')}"


def _run(at: Bench, request: RunCommand) -> CommandResult:
    """Give it and wait for what it came to. Refusal when it was not even tried."""
    answer = at.asked(request)
    if answer.command is not None:
        return answer.command
    if not answer.ok:
        raise refused(answer.cause or Cause("engine-silent"))
    end_s = time.monotonic() + RESULT_S
    while time.monotonic() < end_s:
        result = at.desk.command
        if result is not None and result.screen == SCREEN:
            return result
        time.sleep(LOOK_S)
    raise Refusal(say("cli-command-unknown"), DEVICE)


def _tell(result: CommandResult, how: How) -> None:
    if how.as_json:
        print_json(result_json(result))
    elif result.ok or result.actual:
        click.echo(result_line(result))
    if result.ok:
        return
    cause = result.cause or Cause("command-no-effect")
    reasons = "".join(f"\n{line}" for line in reason_lines(result))
    raise Refusal(words(cause) + reasons, exit_code_of(cause))
