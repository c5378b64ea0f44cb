"""Parameters in words: values, rows, reviews, plans, backups, the change log."""

import time
from collections.abc import Iterator, Sequence

from tui.cli.refusal import words
from tui.cli.when import iso
from tui.locale import say
from tui.model.register import (
    Access,
    CommandForm,
    Danger,
    Device,
    Kind,
    Register,
    RegisterPage,
    RegisterValue,
    Value,
)
from tui.model.register_archive import Backup, ChangeLogEntry, PresetInfo
from tui.model.register_review import Problem, Review
from tui.model.write_plan import CommandResult, PlanStep, StepState
from tui.protocols.parameter_tables import TABLES
from tui.protocols.parameters import shown, value_of
from tui.style.numbers import UNKNOWN

KEY_WIDE = 34
MARKS = {Danger.NONE: " ", Danger.HARMFUL: "!", Danger.EXPERT: "‼"}


def value_text(register: Register, value: Value | None) -> str:
    """A value without its unit, choices in the language of the moment."""
    if value is None:
        return UNKNOWN
    if register.kind is Kind.FLAG:
        return say("choice-on") if value else say("choice-off")
    choice = next((c for c in register.choices if c.value == value), None)
    if choice is not None and choice.key:
        return say(f"choice-{choice.key}")
    return shown(register, value)


def with_unit(register: Register, value: Value | None) -> str:
    """A value as a person reads it."""
    text = value_text(register, value)
    return f"{text} {register.unit}" if register.unit and value is not None else text


def allowed(row: RegisterValue) -> str:
    """What it may be: a range, or the choices."""
    register = row.register
    if register.access is Access.READ:
        return say("cli-reg-read-only")
    if register.choices:
        return " | ".join(value_text(register, choice.value) for choice in register.choices)
    if register.kind is Kind.FLAG:
        return f"{say('choice-on')} | {say('choice-off')}"
    if row.low is None or row.high is None:
        return ""
    by = f" ({', '.join(row.bound_by)})" if row.bound_by else ""
    return f"{shown(register, row.low)} – {shown(register, row.high)}{by}"


def device_text(device: Device) -> str:
    """Model, firmware and serial number, as far as they are known."""
    parts = (
        device.model or device.family,
        device.firmware and say("cli-reg-firmware", version=device.firmware),
    )
    return ", ".join(part for part in (*parts, device.serial) if part)


def page_lines(page: RegisterPage, rows: Sequence[RegisterValue]) -> Iterator[str]:
    """A table, one block for each category."""
    age_s = max(0.0, time.time() - page.read_ms / 1000) if page.read_ms is not None else 0.0
    device = device_text(page.device)
    yield say("cli-reg-head", track=page.track, device=device, seconds=f"{age_s:.0f}")
    for category in dict.fromkeys(row.register.category for row in rows):
        yield ""
        yield say(f"cli-reg-category-{category}")
        for row in rows:
            if row.register.category is category and not row.absent:
                yield row_line(row)
    if any(row.register.danger is not Danger.NONE for row in rows):
        yield ""
        yield f"! {say('danger-harmful')}"
        yield f"‼ {say('danger-expert')}"


def row_line(row: RegisterValue) -> str:
    """Number, key, value, what it may be, name."""
    register = row.register
    head = f"{MARKS[register.danger]} {register.address:>4}  {row.key:<{KEY_WIDE}}"
    value = with_unit(register, row.value)
    return f"{head} {value:>14}  {allowed(row):<24}  {say(register.sentence)}".rstrip()


def review_lines(review: Review) -> Iterator[str]:
    """What would be written."""
    yield say(
        "cli-reg-review",
        changes=str(len(review.rows)),
        registers=str(review.steps),
        track=review.track,
        device=device_text(review.device),
    )
    for row in review.rows:
        register = row.register
        here, there = value_text(register, row.here), with_unit(register, row.there)
        mark = MARKS[register.danger]
        head = f"{mark} {register.address:>4}  {register.key:<{KEY_WIDE}}"
        yield f"{head} {here} -> {there}  {say(register.sentence)}"
    for danger in (Danger.HARMFUL, Danger.EXPERT):
        if any(row.register.danger is danger for row in review.rows):
            yield f"{MARKS[danger]} {say(f'danger-{danger}')}"
    if any(row.register.restarts for row in review.rows):
        yield say("cli-reg-restarts")


def problem_text(problem: Problem) -> str:
    """About which parameter, and what."""
    return f"{problem.key}: {words(problem.cause)}" if problem.key else words(problem.cause)


def step_lines(family: str, image: dict[int, bytes], step: PlanStep) -> Iterator[str]:
    """What became of one register of a plan, one line for each of its parameters."""
    table = TABLES[family]
    for key in step.keys:
        register = table.find(key)
        if register is None:
            continue
        effective = table.effective(register, image)
        old = value_text(effective, value_of(effective, bytes.fromhex(step.old)))
        new = with_unit(effective, value_of(effective, bytes.fromhex(step.new)))
        state = say(f"cli-reg-step-{step.state}")
        yield f"  {register.address:>4}  {key:<{KEY_WIDE}} {old} -> {new}  {state}"
    if step.cause is not None and step.state in (StepState.REFUSED, StepState.DIFFERS):
        yield f"        {words(step.cause)}"


def backup_line(backup: Backup) -> str:
    """Its id, when, why, of what."""
    reason = say("cli-reg-before-write") if backup.reason == "before-write" else say("cli-reg-asked")
    line = f"{backup.id:<24}  {iso(backup.at_ms)}  {reason:<16}  {device_text(backup.device)}  {backup.note}"
    return line.rstrip()


def preset_line(preset: PresetInfo) -> str:
    """Its name and what it is for."""
    cells = str(preset.cells) if preset.cells else UNKNOWN
    current = f"{preset.current_a:g}" if preset.current_a else UNKNOWN
    return say(
        "cli-reg-preset", name=f"{preset.name:<10}", cells=cells, current=current, count=str(preset.registers)
    )


FLAG_WORDS = {"on": "choice-on", "off": "choice-off", "1": "choice-on", "0": "choice-off"}


def logged_text(register: Register | None, text: str) -> str:
    """What the log says of a value, without its unit; flags and choices in the language of the moment."""
    if register is None:
        return text
    if register.kind is Kind.FLAG and text in FLAG_WORDS:
        return say(FLAG_WORDS[text])
    choice = next((one for one in register.choices if one.key and one.text == text), None)
    return say(f"choice-{choice.key}") if choice is not None else text


def change_text(entry: ChangeLogEntry) -> str:
    """`3650 -> 3600 mV`; of a command what it was given."""
    register = _register(entry.key) if entry.number is not None else None
    old, new = (logged_text(register, text) for text in (entry.old, entry.new))
    unit = register.unit if register is not None and new not in ("", UNKNOWN) else ""
    return f"{old} -> {new} {unit}".rstrip() if old else f"{new} {unit}".rstrip()


def _register(key: str) -> Register | None:
    """Of whichever family: an entry does not say which, and no two share a key."""
    found = (table.find(key) for table in TABLES.values())
    return next((one for one in found if one is not None and one.key == key), None)


def log_line(entry: ChangeLogEntry) -> str:
    """Who changed what, and what became of it."""
    change = change_text(entry)
    who = f"{entry.who or UNKNOWN} ({entry.screen})" if entry.screen else entry.who or UNKNOWN
    result = say(f"cli-reg-result-{entry.result}")
    cause = entry.cause  # without its advice: that was for the moment
    why = f"  {say(f'cause-{cause.key}', **cause.values())}" if cause is not None else ""
    return f"{iso(entry.at_ms)}  {entry.track:<8}  {entry.key:<28}  {change:<20}  {result}  {who}{why}"


def form_line(form: CommandForm) -> str:
    """A command, its values, and what it does."""
    name = form.name.replace("_", "-")
    mark = MARKS[form.danger]
    return f"{mark} {form.name:<22} {form_values(form):<16} {say(f'regcommand-{name}-help')}".rstrip()


def form_values(form: CommandForm) -> str:
    """What its value may be; empty when it has none."""
    if form.choices:
        return " | ".join(choice.text for choice in form.choices)
    if form.low is None or form.high is None:
        return ""
    return f"{form.low:g} – {form.high:g} {form.unit}"


def result_line(result: CommandResult) -> str:
    """What a command came to."""
    name = say(f"regcommand-{result.name.replace('_', '-')}")
    if not result.actual:
        return say("cli-command-obeyed", name=name)
    return say("cli-command-actual", name=name, actual=result.actual, requested=result.requested or UNKNOWN)


def reason_lines(result: CommandResult) -> Iterator[str]:
    """The protections that hold a switch open."""
    for reason in result.reasons:
        yield say(f"protection-{reason.replace('_', '-')}")
