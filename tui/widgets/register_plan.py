"""A plan on its way: how far it is, what each register is known to hold, and how it ended."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.link import Cause
from tui.model.write_plan import PlanState, PlanStep, StepState, StepValue, WritePlan
from tui.style.glyphs import GlyphSet
from tui.widgets.register_review import NARROW
from tui.widgets.register_scroll import Scrolled
from tui.widgets.register_words import cause_words, lines, marked, name_words, value_words, with_unit
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
UNCERTAIN = (StepState.WAITING, StepState.SENT)  # of a plan whose engine went away


@dataclass(frozen=True, slots=True)
class PlanValue:
    """A plan as this screen knows it. `lost`: why the engine that carries it out cannot be asked now."""

    plan: WritePlan
    reading: tuple[int, int] | None = None
    can_act: bool = True  # the link is there
    has_staged: bool = False  # on this screen
    lost: Cause | None = None

    @property
    def is_adrift(self) -> bool:
        """Nobody here knows how it goes on."""
        return self.lost is not None and self.plan.state.is_running


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
        plan, now = value.plan, what_now(value)
        rows: list[Row] = [BLANK, *state_rows(value, cells, glyphs)]
        rows += [progress_row(value, cells, glyphs), BLANK]
        if value.lost is not None:
            rows += marked(glyphs.warn, " ".join(cause_words(value.lost)), "warn", cells)
        if plan.cause is not None:
            rows += marked(glyphs.warn, why_words(plan, plan.cause), "warn", cells)
        rows += lines(now, "text", cells)
        if value.lost is not None or plan.cause is not None or now:
            rows.append(BLANK)
        for number, step in enumerate(plan.steps, 1):
            rows += step_rows(number, step, value, cells, glyphs)
        if plan.backup:
            rows += [BLANK, *lines(say("regs-plan-backup", id=plan.backup), "label", cells)]
        return rows


def state_rows(value: PlanValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """How far it is, in words; of one whose engine went away that nobody knows."""
    state = value.plan.state
    if value.is_adrift:
        return marked(glyphs.alarm, say("regs-plan-adrift"), "alarm", cells)
    words = say(f"regs-plan-{'begins' if state is PlanState.READING else state}")
    return marked(state_mark(state, glyphs), words, STATE_ROLES.get(state, "info"), cells)


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
    if value.reading is not None and plan.state.is_running and not value.is_adrift:
        at, of = value.reading
        words = say("regs-plan-reading", count=at, all=of)
    if plan.state in (PlanState.UNDOING, PlanState.UNDONE) and not value.is_adrift:
        at = sum(
            step.state in (StepState.WAITING, StepState.UNDONE, StepState.REFUSED) for step in plan.steps
        )
        of, words = len(plan.steps), say("regs-plan-old", count=at, all=len(plan.steps))
    bar = glyphs.hbar(at / of if of else 0.0, min(BAR, max(8, cells - len(words) - 6)))
    role = "alarm" if value.is_adrift else STATE_ROLES.get(plan.state, "info")
    return row((f" {bar}", role), (f"  {words}", "number"))


def why_words(plan: WritePlan, cause: Cause) -> str:
    """What happened and what to do; of an interruption the latter not any more once it was looked at."""
    happened, advice = cause_words(cause)
    return happened if plan.examined else f"{happened} {advice}"


def what_now(value: PlanValue) -> str:
    """What a person may do, and what is true now."""
    plan = value.plan
    if value.is_adrift:
        return say("regs-plan-adrift-now")
    if plan.state.is_open:
        if not value.can_act:
            return say("regs-plan-no-link")
        return say(
            "regs-plan-choose" if plan.examined or plan.state is PlanState.MIXED else "regs-plan-looking"
        )
    if plan.state is PlanState.DONE:
        return say("regs-plan-done-now")
    if plan.state in (PlanState.UNDONE, PlanState.REFUSED):
        return say(f"regs-plan-{plan.state}-now" if value.has_staged else "regs-plan-over-now")
    return ""


def step_rows(number: int, step: PlanStep, value: PlanValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`1  24  Cell over-voltage   3650 -> 3600   ● written`, and why not."""
    is_uncertain = value.is_adrift and step.state in UNCERTAIN
    role = "warn" if is_uncertain else STEP_ROLES.get(step.state, "label")
    words = say("regs-result-unknown" if is_uncertain else f"regs-step-is-{step.state}")
    mark = {"ok": glyphs.ok, "alarm": glyphs.alarm, "warn": glyphs.warn, "info": glyphs.dot}.get(role, "-")
    names = ", ".join(name_words(key) for key in step.keys)
    address = step.values[0].register.address if step.values else ""
    head = row((f" {number:>2}  ", "label"), (names, "text"), (f"  {address}" if address else "", "label"))
    state = row((f"{mark} {words} ", role))
    change = row((change_words(step, glyphs), "number"))
    found = found_words(step, glyphs)
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


def change_words(step: PlanStep, glyphs: GlyphSet) -> str:
    """`3650 -> 3600 mV`; of bits without a name the data."""
    if not step.values or any(one.old == one.new for one in step.values):
        return f"{step.old} -> {step.new}"
    return ", ".join(_change(one, glyphs) for one in step.values)


def _change(one: StepValue, glyphs: GlyphSet) -> str:
    return f"{value_words(one.register, one.old)} -> {with_unit(one.register, one.new, glyphs)}"


def found_words(step: PlanStep, glyphs: GlyphSet) -> str:
    """What it holds now, when that is neither what it was nor what was written."""
    if step.state is not StepState.DIFFERS or not step.found:
        return ""
    said = ", ".join(with_unit(one.register, one.found, glyphs) for one in step.values)
    return say("regs-found", data=said or step.found)
