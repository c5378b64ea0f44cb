"""From a wish to the device at the command line: review, confirmation, progress, and what came of it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from tui.cli.refusal import DEVICE, FAILURE, Refusal, tell, words
from tui.cli.registers_bench import SCREEN, Bench, exit_code_of, me, refused
from tui.cli.registers_json import plan_json, print_json, review_json
from tui.cli.registers_words import problem_text, review_lines, step_lines
from tui.feed.remote import RemoteFeed
from tui.locale import say
from tui.model.link import Cause
from tui.model.register import Danger, RegisterPage
from tui.model.register_requests import CheckChanges, ResumePlan, UndoPlan, WriteRegisters
from tui.model.register_review import Change, Review, Source
from tui.model.write_plan import PlanState, PlanStep, StepState, WritePlan

LOOK_S = 0.1
TOLD = (StepState.WRITTEN, StepState.REFUSED, StepState.DIFFERS, StepState.UNDONE)
NOTHING = "reg-nothing"


@dataclass(frozen=True, slots=True)
class How:
    """What the command line said about confirming."""

    dry_run: bool
    is_sure: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants in the device: an image from elsewhere, and single values on top."""

    changes: tuple[Change, ...] = ()
    source: Source | None = None
    accept_other: bool = False


def carry_out(bench: Bench, wish: Wish, how: How) -> None:
    """Review, ask, write, tell. Refusal when nothing was written, or not all of it."""
    page = bench.page()
    if how.dry_run:
        _reviewed(bench, wish, how)
        return
    with bench.lease():
        review = _reviewed(bench, wish, how)
        if review is None:
            return
        confirmed(how, is_dangerous=any(row.register.danger is not Danger.NONE for row in review.rows))
        request = WriteRegisters(
            bench.track,
            wish.changes,
            wish.source,
            wish.accept_other,
            review.digest,
            me(),
            SCREEN,
            bench.password,
        )
        bench.obeyed(request)
        end(_followed(bench, page, how), how, PlanState.DONE)


def _reviewed(bench: Bench, wish: Wish, how: How) -> Review | None:
    """The review, said; None when there is nothing to write. Refusal when something stands against it."""
    request = CheckChanges(bench.track, wish.changes, wish.source, wish.accept_other)
    review = bench.obeyed(request).review
    assert review is not None
    is_same = not review.rows and all(p.cause.key == NOTHING for p in review.problems if p.is_error)
    if how.as_json and (how.dry_run or is_same or not review.ok):
        result = "unchanged" if is_same else "reviewed" if review.ok else "refused"
        print_json({"result": result} | review_json(review))
    if not how.as_json and review.rows:
        click.echo("\n".join(review_lines(review)))
    for problem in review.problems:
        if problem.cause.key != NOTHING:
            tell(problem_text(problem))
    if is_same:
        tell(say("cli-reg-unchanged"))
        return None
    if not review.ok:
        raise Refusal(say("cli-reg-refused", count=sum(p.is_error for p in review.problems)), FAILURE)
    if how.dry_run:
        tell(say("cli-reg-dry-run"))
    return review


def confirmed(how: How, *, is_dangerous: bool) -> None:
    """Go on, or Refusal: what is dangerous wants a typed word, and nobody at a terminal wants --yes."""
    if how.is_sure:
        return
    if not sys.stdin.isatty():
        raise Refusal(say("cli-reg-needs-yes"))
    word = say("cli-reg-word")
    question = say("cli-reg-type", word=word) if is_dangerous else say("cli-reg-ask")
    click.echo(question + " ", err=True, nl=False)
    answer = sys.stdin.readline().strip().casefold()
    if answer not in ([word.casefold()] if is_dangerous else say("cli-reg-yes").split()):
        raise Refusal(say("cli-reg-not-confirmed"))


def go_on(bench: Bench, how: How, *, forwards: bool) -> None:
    """Finish an interrupted plan, or take it back."""
    page = bench.page()
    plan = bench.desk.plan
    if plan is None or not plan.state.is_open:
        raise refused(Cause("reg-no-plan"))
    if not how.as_json:
        for step in plan.steps:
            _say_step(page, step)
    if how.dry_run:
        if how.as_json:
            print_json(plan_json(plan))
        tell(say("cli-reg-dry-run"))
        return
    keys = {key for step in plan.steps for key in step.keys}
    dangers = {row.register.danger for row in page.rows if row.key in keys}
    with bench.lease():
        confirmed(how, is_dangerous=bool(dangers - {Danger.NONE}))
        kind = ResumePlan if forwards else UndoPlan
        bench.obeyed(kind(bench.track, me(), SCREEN, bench.password))
        end(_followed(bench, page, how), how, PlanState.DONE if forwards else PlanState.UNDONE)


def _followed(bench: Bench, page: RegisterPage, how: How) -> WritePlan:
    """Tell each step as it is read back, until the plan is over."""
    told: dict[int, StepState] = {}
    try:
        while True:
            plan = bench.desk.plan
            if plan is not None and plan.screen == SCREEN:
                if not how.as_json:
                    _tell_steps(page, plan, told)
                if not plan.state.is_running:
                    return plan
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        goes_on = isinstance(bench.feed, RemoteFeed)
        tell(say("cli-reg-goes-on") if goes_on else say("cli-reg-interrupted"))
        raise


def _tell_steps(page: RegisterPage, plan: WritePlan, told: dict[int, StepState]) -> None:
    for step in plan.steps:
        if step.state in TOLD and told.get(step.number) is not step.state:
            told[step.number] = step.state
            _say_step(page, step)


def _say_step(page: RegisterPage, step: PlanStep, out: Callable[[str], None] = click.echo) -> None:
    image = {row.register.number: bytes.fromhex(row.raw) for row in page.rows if row.raw}
    for line in step_lines(page.device.family, image, step):
        out(line)


def end(plan: WritePlan, how: How, wanted: PlanState) -> None:
    """What came of a plan. Refusal when it is not what was wanted."""
    if how.as_json:
        print_json(plan_json(plan))
    if plan.state is wanted:
        if not how.as_json:
            click.echo(_success(plan))
        return
    why = f"{words(plan.cause)}\n" if plan.cause is not None else ""
    code = exit_code_of(plan.cause) if plan.cause is not None else DEVICE
    match plan.state:
        case PlanState.REFUSED:
            raise Refusal(why + say("cli-reg-plan-refused"), code)
        case PlanState.UNDONE:
            raise Refusal(why + say("cli-reg-plan-undone"), FAILURE)
        case PlanState.MIXED:
            raise Refusal(why + say("cli-reg-plan-mixed"), DEVICE)
    raise Refusal(why + say("cli-reg-plan-interrupted"), DEVICE)


def _success(plan: WritePlan) -> str:
    if plan.state is PlanState.UNDONE:
        return say("cli-reg-undone", count=len(plan.steps))
    return say("cli-reg-done", count=plan.written, backup=plan.backup)
