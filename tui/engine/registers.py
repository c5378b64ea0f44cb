"""Changing parameters, as far as it is thinking: wishes, review, plan, and what a plan is after each event.

Pure: no wire, no clock, no disk. `register_work.py` carries plans out.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui.engine.register_order import ordered
from tui.model.link import Cause
from tui.model.register import Access, Device, Image, RegisterValue, Words
from tui.model.register_review import Change, Problem, Review, ReviewRow
from tui.model.write_plan import PlanState, PlanStep, StepState, StepValue, WritePlan
from tui.protocols.parameters import (
    BadValueError,
    Table,
    canonical,
    checked,
    in_range,
    judge,
    patched,
    value_of,
    values_of,
)

Limits = Mapping[str, tuple[float, float]]
MAYBE_NEW = (StepState.WRITTEN, StepState.DIFFERS, StepState.SENT)


@dataclass(frozen=True, slots=True)
class Other:
    """Another image, and what was wrong with the place it came from."""

    device: Device
    image: Image
    problems: tuple[Problem, ...] = ()


def digest_of(image: Image) -> str:
    """A short name for exactly this image."""
    told = ";".join(f"{number}:{data.hex()}" for number, data in sorted(image.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def settings_of(table: Table, image: Image) -> Image:
    """The part of an image that a plan may write."""
    return {number: data for number, data in image.items() if number in table.writable}


def words_of(image: Image) -> Words:
    """An image, frozen."""
    return tuple((number, data.hex().upper()) for number, data in sorted(image.items()))


# wishes and review


def target_of(
    table: Table, image: Image, changes: Iterable[Change], wanted: Image, limits: Limits
) -> tuple[Image, list[Problem]]:
    """The image as it should be, and what stood in the way: unknown, absent or read-only, wrong value."""
    target, problems = dict(image), list[Problem]()
    for number, data in wanted.items():
        if number not in table.writable:
            continue
        if number not in image:
            args = (("register", table.at(number)[0].address),)
            problems.append(Problem(Cause("reg-absent", args), is_error=False))
            continue
        target[number] = data
    for change in changes:
        problem = _wish(table, target, change, limits)
        problems += [problem] if problem is not None else []
    return target, problems


def _wish(table: Table, target: Image, change: Change, limits: Limits) -> Problem | None:
    register = table.find(change.key)
    if register is None:
        return Problem(Cause("reg-unknown", (("register", change.key),)), change.key)
    effective = table.effective(register, target)
    data = target.get(register.number)
    if data is None and register.access is Access.WRITE:
        return Problem(Cause("reg-absent", (("register", register.address),)), register.key)
    try:
        value = checked(effective, change.value)
        low, high = limits.get(register.key, (effective.low, effective.high))
        problem = in_range(RegisterValue(effective, low=low, high=high), value)
        if problem is not None:
            return problem
        target[register.number] = patched(effective, data or b"", value)
    except BadValueError as error:
        return Problem(error.cause, register.key)
    return None


def review(
    table: Table,
    track: str,
    image: Image,
    changes: Sequence[Change],
    other: Other | None,
    device: Device,
    limits: Limits,
    *,
    accept_other: bool = False,
) -> tuple[Review, Image]:
    """What would be written, what stands against it, and the image afterwards."""
    wanted = other.image if other is not None else {}
    target, problems = target_of(table, image, changes, wanted, limits)
    if other is not None:
        problems += [*other.problems, *stranger(device, other.device, accept_other)]
    said = {problem.key for problem in problems if problem.key}
    judged = judge(table, image, target, limits, whole=other is not None)
    problems += [problem for problem in judged if problem.key not in said]
    rows = _in_order(differences(table, image, target), order_of(table, image, target, changes))
    if not rows and not any(problem.is_error for problem in problems):
        problems.append(Problem(Cause("reg-nothing")))
    told = Review(
        track,
        rows,
        tuple(problems),
        len(changed_numbers(table, image, target)),
        digest_of(settings_of(table, image)),
        device,
        other.device if other is not None else Device(),
    )
    return told, target


def stranger(device: Device, other: Device, accept_other: bool) -> list[Problem]:
    """Whether an image may be of another device: other families never, other models when a person says so."""
    if other.family != device.family:
        args = (("theirs", other.family or "?"), ("mine", device.family))
        return [Problem(Cause("reg-other-family", args))]
    found = []
    for key, theirs, mine in (
        ("reg-other-model", other.model, device.model),
        ("reg-other-firmware", other.firmware, device.firmware),
    ):
        if theirs and mine and theirs != mine:
            cause = Cause(key, (("theirs", theirs), ("mine", mine)))
            found.append(Problem(cause, is_error=not accept_other))
    return found


def differences(table: Table, image: Image, other: Image) -> tuple[ReviewRow, ...]:
    """Every parameter whose value or data differ. Bits without a parameter are told with the first row."""
    here, there = values_of(table, image), values_of(table, other)
    rows = []
    for number in table.numbers:
        mine, theirs = image.get(number), other.get(number)
        if mine is None or theirs is None or mine == theirs or number not in table.writable:
            continue
        shared = table.at(number)
        named = [r for r in shared if here.get(r.key) != there.get(r.key)]
        for register in named or shared[:1]:
            rows.append(
                ReviewRow(
                    table.effective(register, other),
                    here.get(register.key),
                    there.get(register.key),
                    mine.hex().upper(),
                    theirs.hex().upper(),
                )
            )
    return tuple(rows)


def changed_numbers(table: Table, image: Image, target: Image) -> tuple[int, ...]:
    """Registers of the device that differ and may be written."""
    return tuple(
        n for n in table.numbers if n in table.writable and n in image and image[n] != target.get(n, image[n])
    )


# the plan


def order_of(table: Table, image: Image, target: Image, changes: Sequence[Change]) -> tuple[int, ...]:
    """The registers to be written: as they were wished, where that keeps the device valid at every step."""
    found = (table.find(change.key) for change in changes)
    wished = [register.number for register in found if register is not None]
    return ordered(table, image, target, changed_numbers(table, image, target), wished)


def _in_order(rows: Iterable[ReviewRow], order: Sequence[int]) -> tuple[ReviewRow, ...]:
    return tuple(sorted(rows, key=lambda row: order.index(row.register.number)))


def steps_of(
    table: Table, image: Image, target: Image, changes: Sequence[Change] = ()
) -> tuple[PlanStep, ...]:
    """The registers to be written, in that order."""
    return tuple(_step(table, number, image, target) for number in order_of(table, image, target, changes))


def _step(table: Table, number: int, image: Image, target: Image) -> PlanStep:
    old, new = image[number], target[number]
    values = _values(table, number, image, target)
    return PlanStep(number, tuple(v.register.key for v in values), _text(old), _text(new), values=values)


def _values(table: Table, number: int, image: Image, target: Image) -> tuple[StepValue, ...]:
    """What changes in a register; of bits without a parameter the first one that lies there."""
    shared = [r for r in table.at(number) if r.access is not Access.COMMAND]
    old, new = image[number], target[number]
    changed = [r for r in shared if value_of(r, old) != value_of(r, new)]
    return tuple(
        StepValue(
            table.effective(register, target),
            value_of(table.effective(register, image), old),
            value_of(table.effective(register, target), new),
        )
        for register in changed or shared[:1]
    )


def _text(data: bytes) -> str:
    return data.hex().upper()


def stepped(
    plan: WritePlan, number: int, state: StepState, found: bytes | None = None, cause: Cause | None = None
) -> WritePlan:
    """The plan with something new about one register."""
    steps = tuple(
        _found(replace(s, state=state, cause=cause), found) if s.number == number else s for s in plan.steps
    )
    return replace(plan, steps=steps)


def _found(step: PlanStep, found: bytes | None) -> PlanStep:
    if found is None:
        return step
    values = tuple(replace(v, found=value_of(v.register, found)) for v in step.values)
    return replace(step, found=_text(found), values=values)


def seen(table: Table, step: PlanStep, found: bytes) -> StepState:
    """What a reading tells of a register whose write is not certain."""
    register = table.at(step.number)[0]
    text = _text(canonical(register, found))
    if text == step.new:
        return StepState.WRITTEN
    if text == step.old:
        return StepState.WAITING
    return StepState.DIFFERS


def examined(table: Table, plan: WritePlan, image: Image) -> WritePlan:
    """An interrupted plan after its registers were read again."""
    for step in plan.steps:
        found = image.get(step.number)
        if found is not None:
            plan = stepped(plan, step.number, seen(table, step, found), found)
    return replace(plan, examined=True)


def to_finish(table: Table, plan: WritePlan, image: Image) -> tuple[int, ...]:
    """Registers still to be written, in a valid order from what the device holds now."""
    target = image | {s.number: bytes.fromhex(s.new) for s in plan.steps}
    numbers = [s.number for s in plan.steps if s.state is not StepState.WRITTEN]
    return ordered(table, image, target, numbers, numbers)


def to_undo(table: Table, plan: WritePlan, image: Image) -> tuple[int, ...]:
    """Registers to be taken back, in a valid order from what the device holds now."""
    target = image | {s.number: bytes.fromhex(s.old) for s in plan.steps}
    return ordered(table, image, target, [s.number for s in plan.steps if s.state in MAYBE_NEW])


def known_image(plan: WritePlan, snapshot: Image) -> Image:
    """The device as far as the plan knows it: what was found, else what is written, else what was read."""
    image = dict(snapshot)
    for step in plan.steps:
        if text := step.found or (step.new if step.state is StepState.WRITTEN else ""):
            image[step.number] = bytes.fromhex(text)
        else:
            image.setdefault(step.number, bytes.fromhex(step.old))
    return image


def outcome(plan: WritePlan) -> PlanState:
    """After undoing: all old, or some of each."""
    is_old = all(s.state not in MAYBE_NEW for s in plan.steps)
    return PlanState.UNDONE if is_old else PlanState.MIXED


def moved_meanwhile(table: Table, plan: WritePlan, image: Image) -> tuple[PlanStep, ...]:
    """Steps whose register no longer holds what the review was judged by."""
    return tuple(s for s in plan.steps if _text(image.get(s.number, b"")) != s.old)
