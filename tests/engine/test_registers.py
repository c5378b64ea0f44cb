"""Plans as thinking: which registers, in which order, and what is known after each event."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine import registers
from tui.engine.register_order import ordered
from tui.model.register import Device, Image
from tui.model.register_review import Change, Review, ReviewRow
from tui.model.write_plan import PlanState, PlanStep, StepState, WritePlan
from tui.protocols.jbd_parameters import TABLE as JBD
from tui.protocols.parameters import broken_rules, values_of
from tui.protocols.presets import PRESETS, find, image_of
from tui.protocols.tinybms_parameters import TABLE as TINYBMS

WINDOW = (316, 301, 300, 315)  # under-voltage < fully discharged < fully charged < over-voltage


def window(*mv: int) -> Image:
    return {number: v.to_bytes(2, "big") for number, v in zip(WINDOW, mv, strict=True)}


def start() -> Image:
    preset = find("SP04S020", "jbd")
    assert preset is not None
    return image_of(preset, JBD, {})


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        ((2500, 2800, 3650, 3800), (3700, 3800, 3900, 4200), (315, 300, 301, 316)),
        ((3300, 3400, 3900, 4200), (1800, 1900, 2700, 2800), (316, 301, 300, 315)),
    ],
    ids=["raise", "lower"],
)
def test_a_window_is_moved_from_its_outer_end(
    old: tuple[int, ...], new: tuple[int, ...], order: tuple[int, ...]
) -> None:
    """The manual: outer limits first in the direction of the move."""
    assert ordered(TINYBMS, window(*old), window(*new), WINDOW) == order


limits = st.lists(st.integers(100, 350), min_size=4, max_size=4, unique=True).map(
    lambda tens: tuple(10 * v for v in sorted(tens))
)


@given(limits, limits, st.permutations(WINDOW))
def test_any_window_reaches_any_other_in_valid_steps(
    old: tuple[int, ...], new: tuple[int, ...], wished: list[int]
) -> None:
    image, target = window(*old), window(*new)
    for number in ordered(TINYBMS, image, target, WINDOW, wished):
        image = image | {number: target[number]}
        assert not broken_rules(TINYBMS, values_of(TINYBMS, image)), (old, new, number)
    assert image == target


@pytest.mark.parametrize("one", [p.name for p in PRESETS if p.family == "jbd"])
@pytest.mark.parametrize("other", [p.name for p in PRESETS if p.family == "jbd"])
def test_from_any_board_to_any_other_every_step_is_valid(one: str, other: str) -> None:
    first, second = find(one, "jbd"), find(other, "jbd")
    assert first is not None
    assert second is not None
    image = start() | image_of(first, JBD, start())
    target = image | image_of(second, JBD, image)
    for step in registers.steps_of(JBD, image, target):
        assert not broken_rules(JBD, values_of(JBD, image))
        image = image | {step.number: bytes.fromhex(step.new)}
    assert image == target


def reviewed(*changes: Change) -> tuple[Review, Image]:
    return registers.review(JBD, "left", start(), changes, None, Device("jbd"), {})


def keys_of(rows: Iterable[ReviewRow]) -> list[str]:
    return [row.register.key for row in rows]


def test_the_order_of_staging_is_kept_where_every_step_stays_valid() -> None:
    """S1-54: the review tells the order of the plan."""
    wanted = (Change("pack_overvoltage_delay", 3), Change("cell_undervoltage", 2600))
    for changes in (wanted, wanted[::-1]):
        told, target = reviewed(*changes)
        assert keys_of(told.rows) == [change.key for change in changes]
        steps = registers.steps_of(JBD, start(), target, changes)
        assert [key for step in steps for key in step.keys] == keys_of(told.rows)


def test_a_limit_that_must_move_first_is_written_first() -> None:
    """S1-54: raising both, the limit goes before its release, whatever was staged first."""
    values = values_of(JBD, start())
    limit, release = int(values["cell_overvoltage"]), int(values["cell_overvoltage_release"])
    raised = (Change("cell_overvoltage_release", limit + 10), Change("cell_overvoltage", limit + 50))
    assert keys_of(reviewed(*raised)[0].rows) == ["cell_overvoltage", "cell_overvoltage_release"]
    lowered = (Change("cell_overvoltage", release - 10), Change("cell_overvoltage_release", release - 50))
    assert keys_of(reviewed(*lowered)[0].rows) == ["cell_overvoltage_release", "cell_overvoltage"]


def test_a_step_tells_its_values_in_units() -> None:
    """Also what was found, so that a screen without a table can say it."""
    changes = (Change("pack_overvoltage", 14.2), Change("function_balance", 0))
    target = reviewed(*changes)[1]
    steps = registers.steps_of(JBD, start(), target, changes)
    plan = WritePlan("left-1", "left", Device("jbd"), steps)
    values = {value.register.key: value for step in steps for value in step.values}
    assert values["pack_overvoltage"].new == 14.2 and values["pack_overvoltage"].register.unit == "V"
    assert (values["function_balance"].old, values["function_balance"].new) == (1, 0)
    found = registers.stepped(plan, 0x20, StepState.DIFFERS, (1400).to_bytes(2, "big"))
    step = next(step for step in found.steps if step.number == 0x20)
    assert step.values[0].found == 14.0 and step.found == "0578"


def test_what_restarts_the_device_is_written_last() -> None:
    image: Image = {300: b"\x0e\x42", 308: b"\0\x0f", 340: b"\0\0", 343: b"\0\0"}
    target = image | {308: b"\0\x19", 340: b"\0\1", 343: b"\0\1"}
    assert ordered(TINYBMS, image, target, (340, 308, 343)) == (308, 343, 340)


def test_parameters_of_one_register_make_one_step() -> None:
    image = start()
    changes = (Change("cell_overvoltage_delay", 3), Change("cell_undervoltage_delay", 4))
    review, target = registers.review(JBD, "left", image, changes, None, Device("jbd"), {})
    assert review.ok
    assert (len(review.rows), review.steps) == (2, 1)
    (step,) = registers.steps_of(JBD, image, target)
    assert (step.old, step.new) == ("0202", "0403")
    assert set(step.keys) == {"cell_overvoltage_delay", "cell_undervoltage_delay"}


def test_bits_that_no_parameter_names_are_compared_and_kept() -> None:
    image = start() | {0x2D: b"\x01\x0f"}
    (row,) = registers.differences(JBD, image, image | {0x2D: b"\x00\x0f"})
    assert (row.raw_here, row.raw_there) == ("010F", "000F")
    _, target = registers.review(
        JBD, "left", image, (Change("function_balance", 0),), None, Device("jbd"), {}
    )
    assert target[0x2D] == b"\x01\x0b"


def plan_of(image: Image, target: Image) -> WritePlan:
    return WritePlan("p", "left", Device("jbd"), registers.steps_of(JBD, image, target))


def test_a_reading_tells_what_an_interrupted_plan_left() -> None:
    image = start()
    target = image | {0x2A: b"\x0d\x20", 0x2B: b"\0\x14", 0x30: b"\0\x3c"}
    plan = plan_of(image, target)
    found = image | {0x2A: target[0x2A], 0x2B: b"\0\x63"}
    plan = registers.examined(JBD, plan, found)
    states = {step.number: step.state for step in plan.steps}
    assert states == {0x2A: StepState.WRITTEN, 0x2B: StepState.DIFFERS, 0x30: StepState.WAITING}
    assert set(registers.to_finish(JBD, plan, found)) == {0x2B, 0x30}
    assert set(registers.to_undo(JBD, plan, found)) == {0x2A, 0x2B}
    assert registers.outcome(plan) is PlanState.MIXED
    assert registers.known_image(plan, image) == found


def test_the_digest_names_exactly_one_image() -> None:
    image = start()
    assert registers.digest_of(image) == registers.digest_of(dict(reversed(image.items())))
    for one, two in pairwise((image, image | {0x24: b"\0\0"}, {})):
        assert registers.digest_of(one) != registers.digest_of(two)


@pytest.mark.parametrize(
    ("other", "accept", "keys"),
    [
        (Device("tinybms"), True, ["reg-other-family"]),
        (Device("jbd", "B", "2.0"), False, ["reg-other-model"]),
        (Device("jbd", "A", "1.9"), False, ["reg-other-firmware"]),
        (Device("jbd", "B", "1.9"), True, []),
        (Device("jbd"), False, []),
    ],
)
def test_images_of_other_devices_need_a_word(other: Device, accept: bool, keys: list[str]) -> None:
    told = registers.stranger(Device("jbd", "A", "2.0"), other, accept)
    assert [problem.cause.key for problem in told if problem.is_error] == keys


def test_what_was_read_anew_is_not_replaced_by_what_a_plan_had_expected() -> None:
    """A plan is refused because the device was changed meanwhile: the new value is the true one."""
    steps = (
        PlanStep(0x24, ("cell_overvoltage",), "1068", "10cc"),
        PlanStep(0x26, ("cell_undervoltage",), "09c4", "0af0", StepState.WRITTEN),
    )
    plan = WritePlan("1", "left", Device("jbd"), steps, PlanState.REFUSED)
    known = registers.known_image(plan, {0x24: bytes.fromhex("1004"), 0x26: bytes.fromhex("09c4")})
    assert known == {0x24: bytes.fromhex("1004"), 0x26: bytes.fromhex("0af0")}
