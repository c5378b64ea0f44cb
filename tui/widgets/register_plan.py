"""A plan on its way: how far it is, what each register is known to hold, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.locale import say
from tui.model.link import Cause
from tui.model.register import ChangeLogEntry, PlanState, PlanStep, Review, StepState, WritePlan
from tui.style.glyphs import GlyphSet
from tui.widgets.register_review import NARROW
from tui.widgets.register_scroll import Scrolled
from tui.widgets.register_words import cause_words, lines, marked, name_words, value_words
from tui.widgets.rows import BLANK, Row, Span, ends, row, width

BAR = 30
STATE_ROLES = {
    PlanState.DONE: "ok",
    PlanState.UNDONE: "warn",
    PlanState.REFUSED: "warn",
    PlanState.INTERRUPTED: "alarm",
    PlanState.MIXED: "alarm",
}
STEP_ROLES = {
    StepState.WRITTEN: "ok",
    StepState.REFUSED: "alarm",
    StepState.DIFFERS: "alarm",
    StepState.SENT: "info",
    StepState.UNDONE: "warn",
}
Told = Mapping[str, tuple[str, str]]  # key: old and new in words


@dataclass(frozen=True, slots=True)
class PlanValue:
    """A plan as this screen knows it. `told`: values in words, where somebody has said them."""

    plan: WritePlan
    told: Told = field(default_factory=dict)
    addresses: Mapping[int, str] = field(default_factory=dict)  # of registers, as the documents write them
    reading: tuple[int, int] | None = None
    can_act: bool = True  # the link is there


class RegisterPlan(Scrolled[PlanValue]):
    """State, progress, reason; then a row a register, in the order of writing."""

    def title(self, value: PlanValue) -> str:
        """What it is."""
        return say("regs-plan")

    def known(self, value: PlanValue) -> list[Span]:
        """Who, from where."""
        who = " ".join(one for one in (value.plan.who, value.plan.screen) if one)
        return [(who, "label")] if who else []

    def lines(self, value: PlanValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """From the state down to the registers."""
        plan = value.plan
        mark, role = state_mark(plan.state, glyphs), STATE_ROLES.get(plan.state, "info")
        state = "begins" if plan.state is PlanState.READING else plan.state
        rows: list[Row] = [BLANK, *marked(mark, say(f"regs-plan-{state}"), role, cells)]
        rows += [progress_row(value, cells, glyphs), BLANK]
        if plan.cause is not None:
            rows += marked(glyphs.warn, why_words(plan, plan.cause), "warn", cells)
        rows += lines(what_now(value), "text", cells)
        if plan.cause is not None or what_now(value):
            rows.append(BLANK)
        for number, step in enumerate(plan.steps, 1):
            rows += step_rows(number, step, value, cells, glyphs)
        if plan.backup:
            rows += [BLANK, *lines(say("regs-plan-backup", id=plan.backup), "label", cells)]
        return rows


def state_mark(state: PlanState, glyphs: GlyphSet) -> str:
    """The shape beside the word."""
    if state is PlanState.DONE:
        return glyphs.ok
    if state.is_running:
        return glyphs.dot
    return glyphs.alarm if state.is_open else glyphs.warn


def progress_row(value: PlanValue, cells: int, glyphs: GlyphSet) -> Row:
    """A bar and the count behind it: of what is being read, else of what is known to be written."""
    plan = value.plan
    at, of = plan.written, len(plan.steps)
    words = say("regs-plan-written", count=at, all=of)
    if value.reading is not None and plan.state.is_running:
        at, of = value.reading
        words = say("regs-plan-reading", count=at, all=of)
    if plan.state in (PlanState.UNDOING, PlanState.UNDONE):
        at = sum(
            step.state in (StepState.WAITING, StepState.UNDONE, StepState.REFUSED) for step in plan.steps
        )
        of, words = len(plan.steps), say("regs-plan-old", count=at, all=len(plan.steps))
    bar = glyphs.hbar(at / of if of else 0.0, min(BAR, max(8, cells - len(words) - 6)))
    return row((f" {bar}", STATE_ROLES.get(plan.state, "info")), (f"  {words}", "number"))


def why_words(plan: WritePlan, cause: Cause) -> str:
    """What happened and what to do; the latter not any more once an interrupted plan is over."""
    happened, advice = cause_words(cause)
    return happened if plan.examined and not plan.state.is_open else f"{happened} {advice}"


def what_now(value: PlanValue) -> str:
    """What a person may do, and what is true now."""
    plan = value.plan
    if plan.state.is_open:
        if not value.can_act:
            return say("regs-plan-no-link")
        return say(
            "regs-plan-choose" if plan.examined or plan.state is PlanState.MIXED else "regs-plan-looking"
        )
    key = f"regs-plan-{plan.state}-now"
    return say(key) if plan.state in (PlanState.DONE, PlanState.UNDONE, PlanState.REFUSED) else ""


def step_rows(number: int, step: PlanStep, value: PlanValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`1  24  Cell over-voltage   3650 -> 3600   ● written`, and why not."""
    role = STEP_ROLES.get(step.state, "label")
    mark = {"ok": glyphs.ok, "alarm": glyphs.alarm, "warn": glyphs.warn, "info": glyphs.dot}.get(role, "-")
    names = ", ".join(name_words(key) for key in step.keys)
    address = value.addresses.get(step.number, "")
    head = row((f" {number:>2}  ", "label"), (names, "text"), (f"  {address}" if address else "", "label"))
    state = row((f"{mark} {say(f'regs-step-is-{step.state}')} ", role))
    change = row((change_words(step, value.told), "number"))
    found = found_words(step)
    if cells >= NARROW and width(head) + width(change) + width(state) + 6 <= cells:
        rows = [ends((*head, ("  ", "text"), *change), state, cells)]
    else:
        rows = [head, ends((("     ", "text"), *change), state, cells)]
        if width(change) + width(state) + 6 > cells:
            rows = [head, (("     ", "text"), *change), (("     ", "text"), *state)]
    rows += lines(found, "label", cells, 5)
    if step.cause is not None and step.cause != value.plan.cause:
        rows += marked(glyphs.warn, " ".join(cause_words(step.cause)), "warn", cells, 5)
    return rows


def change_words(step: PlanStep, told: Told) -> str:
    """In words where they are known, else the data."""
    if all(key in told for key in step.keys) and step.keys:
        return ", ".join(f"{told[key][0]} -> {told[key][1]}" for key in step.keys)
    return f"{step.old} -> {step.new}"


def found_words(step: PlanStep) -> str:
    """What it holds now, when that is neither what it was nor what was written."""
    return say("regs-found", data=step.found) if step.state is StepState.DIFFERS and step.found else ""


def told_by(
    review: Review | None, log: tuple[ChangeLogEntry, ...] | None, plan: str
) -> dict[str, tuple[str, str]]:
    """Values in words: from the review of this screen, else from the log of the engine."""
    told = {entry.key: (entry.old, entry.new) for entry in log or () if plan and entry.plan == plan}
    if review is not None:
        for one in review.rows:
            words = value_words(one.register, one.here), value_words(one.register, one.there)
            told[one.register.key] = words
    return told
