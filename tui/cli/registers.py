"""`packdeck registers`: the parameters of a battery's electronics, looked at, changed, kept and compared."""

import difflib
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from tui.cli.click_words import Group
from tui.cli.refusal import USAGE, Refusal, tell
from tui.cli.registers_bench import SCREEN, Bench, Where, bench, me, refused, where_options
from tui.cli.registers_files import KINDS, PIPE, form_of, source_of, write_document
from tui.cli.registers_json import (
    backup_json,
    log_json,
    page_json,
    plan_json,
    preset_json,
    print_json,
    review_json,
)
from tui.cli.registers_plan import How, Wish, carry_out, confirmed, go_on
from tui.cli.registers_words import (
    backup_line,
    log_line,
    page_lines,
    preset_line,
    problem_text,
    review_lines,
    row_line,
    step_lines,
)
from tui.locale import say
from tui.model.link import Cause
from tui.model.register import Access, Category, Danger, RegisterPage, RegisterValue
from tui.model.register_archive import ChangeLogEntry
from tui.model.register_requests import (
    Backups,
    ChangeLog,
    CompareRegisters,
    ExportRegisters,
    ForgetPlan,
    Presets,
    TakeBackup,
)
from tui.model.register_review import Change, Source, SourceKind

Command = TypeVar("Command", bound=Callable[..., Any])
LATEST = "latest"

_json = click.option("--json", "as_json", is_flag=True, help=say("help-registers-json"))
_fresh = click.option("--fresh", is_flag=True, help=say("help-registers-fresh"))
_other = click.option("--accept-other", is_flag=True, help=say("help-registers-accept-other"))


def how_options(command: Command) -> Command:
    """Add `--dry-run`, `--yes` and `--json`; the function gets them as its parameter `how`."""

    @functools.wraps(command)
    def with_how(*args: Any, **said: Any) -> Any:
        how = How(said.pop("dry_run"), said.pop("is_sure"), said.pop("as_json"))
        return command(*args, how=how, **said)

    options = (
        _json,
        click.option("--yes", "-y", "is_sure", is_flag=True, help=say("help-registers-yes")),
        click.option("--dry-run", is_flag=True, help=say("help-registers-dry-run")),
    )
    for option in options:
        with_how = option(with_how)
    return with_how  # type: ignore[return-value]


@click.group(cls=Group, help=say("help-registers"))
def registers() -> None:
    """Group of what can be done with parameters."""


# looking


@registers.command("list", help=say("help-registers-list"))
@click.option(
    "--category",
    type=click.Choice([category.value for category in Category], case_sensitive=False),
    help=say("help-registers-category"),
)
@click.option("--all", "wants_all", is_flag=True, help=say("help-registers-all"))
@_fresh
@_json
@where_options
def list_(category: str | None, wants_all: bool, fresh: bool, as_json: bool, where: Where) -> None:
    """All of them; those for experts only when asked for, or as JSON."""
    with bench(where) as at:
        page = at.page(fresh=fresh)
        _tell_open_plan(at)
    rows = [row for row in page.rows if category is None or row.register.category == category.lower()]
    if as_json:
        print_json(page_json(page, rows))
        return
    rows = [row for row in rows if row.register.access is not Access.COMMAND]
    shown = [row for row in rows if wants_all or row.register.danger is not Danger.EXPERT]
    click.echo("\n".join(page_lines(page, shown)))
    if hidden := len(rows) - len(shown):
        tell(say("cli-reg-hidden", count=hidden))


@registers.command("get", help=say("help-registers-get"))
@click.argument("keys", nargs=-1, required=True, metavar="KEY|NUMBER...")
@_fresh
@_json
@where_options
def get(keys: tuple[str, ...], fresh: bool, as_json: bool, where: Where) -> None:
    """Some of them."""
    with bench(where) as at:
        page = at.page(fresh=fresh)
        _tell_open_plan(at)
    rows = [row for key in keys for row in _rows(page, key)]
    if as_json:
        print_json(page_json(page, rows))
        return
    for row in rows:
        if row.absent:
            raise refused(Cause("reg-absent", (("register", row.register.address),)))
        click.echo(row_line(row))


def _tell_open_plan(at: Bench) -> None:
    """Values of an interrupted plan are old and new ones mixed: nobody may read them unwarned."""
    plan = at.desk.plan
    if plan is not None and plan.state.is_open:
        tell(f"{say(f'regs-plan-{plan.state}')}. {say('cli-reg-plan-interrupted')}")


def _rows(page: RegisterPage, said: str) -> list[RegisterValue]:
    """The parameter of that key, or all in the register of that number. Refusal with the nearest key."""
    key = _key(said)
    if (row := page.row(key)) is not None:
        return [row]
    number = said.upper().removeprefix("0X")
    if found := [row for row in page.rows if row.register.address == number]:
        return found
    near = difflib.get_close_matches(key, [row.key for row in page.rows], 1, 0.5)
    more = say("cli-reg-nearest", nearest=near[0]) if near else say("cli-reg-see-list")
    raise Refusal(f"{say('cli-reg-unknown', key=said)} {more}")


def _key(said: str) -> str:
    return said.strip().lower().replace("-", "_")


@registers.command("diff", help=say("help-registers-diff"))
@click.argument("source", metavar="FILE|-|preset:NAME|backup:ID|track:NAME")
@_json
@where_options
def diff(source: str, as_json: bool, where: Where) -> None:
    """How the device differs from something else; nothing is written."""
    wanted = source_of(source, is_input_taken=where.asks_password)
    with bench(where, also=_other_track(wanted)) as at:
        at.page()
        review = at.obeyed(CompareRegisters(at.track, _resolved(at, wanted))).review
    assert review is not None
    other = [p for p in review.problems if p.cause.key == "reg-other-family"]
    if other:  # nothing was compared: that is no "no difference"
        raise refused(other[0].cause)
    if as_json:
        print_json(review_json(review))
        return
    if review.rows:
        click.echo("\n".join(review_lines(review)))
    for problem in review.problems:
        tell(problem_text(problem))
    if not review.rows:
        click.echo(say("cli-reg-same"))


def _other_track(source: Source) -> str:
    return source.name if source.kind is SourceKind.TRACK else ""


def _resolved(at: Bench, source: Source) -> Source:
    """The newest backup for `backup:latest`."""
    if source.kind is not SourceKind.BACKUP or source.name != LATEST:
        return source
    kept = at.obeyed(Backups(at.track)).backups or ()
    if not kept:
        raise refused(Cause("backup-unknown", (("id", LATEST),)))
    return replace(source, name=kept[0].id)


# changing


@registers.command("set", help=say("help-registers-set"))
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE...")
@how_options
@where_options
def set_(changes: tuple[str, ...], how: How, where: Where) -> None:
    """Single values."""
    wish = Wish(tuple(_change(text) for text in changes))
    with bench(where) as at:
        carry_out(at, wish, how)


def _change(text: str) -> Change:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise Refusal(say("cli-reg-no-equals", text=text), USAGE)
    return Change(_key(key), value.strip())


@registers.command("import", help=say("help-registers-import"))
@click.argument("source", metavar="FILE|-|preset:NAME|backup:ID|track:NAME")
@_other
@how_options
@where_options
def import_(source: str, accept_other: bool, how: How, where: Where) -> None:
    """Row S1-56: all values of a file, a preset, a backup or another track."""
    wanted = source_of(source, is_input_taken=where.asks_password)
    with bench(where, also=_other_track(wanted)) as at:
        carry_out(at, Wish((), _resolved(at, wanted), accept_other), how)


@registers.command("restore", help=say("help-registers-restore"))
@click.argument("backup", metavar="ID|latest")
@_other
@how_options
@where_options
def restore(backup: str, accept_other: bool, how: How, where: Where) -> None:
    """A backup goes back into the device."""
    with bench(where) as at:
        source = _resolved(at, Source(SourceKind.BACKUP, backup))
        carry_out(at, Wish((), source, accept_other), how)


# keeping


@registers.command("backup", help=say("help-registers-backup"))
@click.option("--note", default="", metavar="TEXT", help=say("help-registers-note"))
@click.option("--list", "only_list", is_flag=True, help=say("help-registers-backups"))
@_json
@where_options
def backup(note: str, only_list: bool, as_json: bool, where: Where) -> None:
    """Read everything and keep it; or tell what is kept."""
    with bench(where, needs_link=not only_list) as at:
        if only_list:
            kept = at.obeyed(Backups(at.track)).backups or ()
        else:
            at.page()
            kept = at.obeyed(TakeBackup(at.track, note, at.password)).backups or ()
    if as_json:
        print_json({"backups": [backup_json(one) for one in kept]})
        return
    for one in kept:
        click.echo(backup_line(one))
    if not kept:
        click.echo(say("cli-reg-no-backups"))


@registers.command("export", help=say("help-registers-export"))
@click.argument("target", metavar="FILE|-", default=PIPE)
@click.option(
    "--format", "form", type=click.Choice(KINDS, case_sensitive=False), help=say("help-registers-format")
)
@_fresh
@where_options
def export(target: str, form: str | None, fresh: bool, where: Where) -> None:
    """Row S1-55: everything as a file."""
    with bench(where) as at:
        at.page(fresh=fresh)
        document = at.obeyed(ExportRegisters(at.track, form_of(target, form))).document
    assert document is not None
    write_document(target, document.text)
    if target != PIPE:
        click.echo(say("cli-reg-exported", path=target))


@registers.command("presets", help=say("help-registers-presets"))
@_json
@where_options
def presets(as_json: bool, where: Where) -> None:
    """Rows S0-4 to S0-6, and common kinds of cells."""
    with bench(where) as at:
        found = at.obeyed(Presets(at.track)).presets or ()
    if as_json:
        print_json({"presets": [preset_json(one) for one in found]})
        return
    click.echo("\n".join(preset_line(one) for one in found))


@registers.command("log", help=say("help-registers-log"))
@click.option("--track", default="", metavar="NAME", help=say("help-registers-log-track"))
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, metavar="N", help=say("help-registers-limit")
)
@_json
def log(track: str, limit: int, as_json: bool) -> None:
    """Who changed what, newest first; also without an engine and without a device."""
    entries = _logged(ChangeLog(track, limit))
    if as_json:
        print_json({"changes": [log_json(entry) for entry in entries]})
        return
    for entry in entries:
        click.echo(log_line(entry))
    if not entries:
        click.echo(say("cli-reg-no-log"))


def _logged(question: ChangeLog) -> Sequence[ChangeLogEntry]:
    from tui.cli.engine_feed import obeyed, running
    from tui.host.paths import database_file
    from tui.store.change_log import ChangeLogFile

    with running() as feed:
        if feed is not None:
            return obeyed(feed, question).log or ()
    path = database_file().with_name("registers") / "changes.jsonl"
    return ChangeLogFile(path).newest(question.track, question.limit)


# a plan that was interrupted


@registers.command("resume", help=say("help-registers-resume"))
@how_options
@where_options
def resume(how: How, where: Where) -> None:
    """Finish it."""
    with bench(where) as at:
        go_on(at, how, forwards=True)


@registers.command("undo", help=say("help-registers-undo"))
@how_options
@where_options
def undo(how: How, where: Where) -> None:
    """Take it back."""
    with bench(where) as at:
        go_on(at, how, forwards=False)


@registers.command("forget", help=say("help-registers-forget"))
@how_options
@where_options
def forget(how: How, where: Where) -> None:
    """Leave the device as it is."""
    with bench(where, needs_link=False) as at:
        plan = at.desk.plan
        if plan is None or not plan.state.is_open:
            raise refused(Cause("reg-no-plan"))
        if how.as_json:
            print_json(plan_json(plan))
        else:
            _echo(line for step in plan.steps for line in step_lines(plan.device.family, {}, step))
        if how.dry_run:
            tell(say("cli-reg-dry-run"))
            return
        with at.lease():
            confirmed(how, is_dangerous=True)
            at.obeyed(ForgetPlan(at.track, me(), SCREEN))
    if not how.as_json:
        click.echo(say("cli-reg-forgotten"))


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
