"""What would be written: every difference with its reason, its effect, and what stands against it."""

from dataclasses import dataclass, field

from tui.locale import say
from tui.model.register import Danger, Register, RegisterPage, RegisterValue
from tui.model.register_review import Problem, Review, ReviewRow
from tui.style.glyphs import GlyphSet
from tui.widgets.register_scroll import Scrolled
from tui.widgets.register_words import (
    cause_words,
    difference_words,
    help_words,
    lines,
    marked,
    name_words,
    range_words,
    unit_words,
    value_words,
)
from tui.widgets.rows import BLANK, Row, Span, ends, row, width

NARROW = 60


@dataclass(frozen=True, slots=True)
class ReviewValue:
    """The judgement of the engine; `None` while it is being asked. `moved`: keys that changed meanwhile.

    `staged`: keys in the order of staging.
    """

    review: Review | None = None
    page: RegisterPage | None = None
    why: tuple[str, ...] = ()
    moved: tuple[str, ...] = field(default=())
    source: str = ""  # in words, when all of another image is taken
    staged: tuple[str, ...] = ()


class RegisterReview(Scrolled[ReviewValue]):
    """One block a difference; the plan of writing above it."""

    def title(self, value: ReviewValue) -> str:
        """What it is."""
        return say("regs-review")

    def known(self, value: ReviewValue) -> list[Span]:
        """How many differences, whether it may be written."""
        review = value.review
        if review is None:
            return []
        verdict = ("regs-review-ok", "ok") if review.ok else ("regs-review-bad", "alarm")
        return [(say(verdict[0]), verdict[1]), (say("regs-changes", count=len(review.rows)), "label")]

    def lines(self, value: ReviewValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Problems of the whole, differences, then what will be done."""
        if value.review is None:
            words = value.why or (say("regs-asking"),)
            return [BLANK, *(one for text in words for one in lines(text, "title", cells))]
        rows = [one for text in value.why for one in marked(glyphs.alarm, text, "alarm", cells)]
        if value.moved:
            names = ", ".join(name_words(key) for key in value.moved)
            rows += marked(glyphs.alarm, say("regs-moved", names=names), "alarm", cells)
        if value.source:
            rows += lines(say("regs-from-source", source=value.source), "text", cells)
        keys = {one.register.key for one in value.review.rows}
        rows += problem_rows([p for p in value.review.problems if p.key not in keys], cells, glyphs)
        rows += order_rows(value, cells)
        numbers = list(dict.fromkeys(one.register.number for one in value.review.rows))
        for one in value.review.rows:
            rows += difference_rows(numbers.index(one.register.number) + 1, one, value, cells, glyphs)
        return [*rows, *plan_words(value.review, cells, glyphs)]


def problem_rows(problems: list[Problem], cells: int, glyphs: GlyphSet, indent: int = 1) -> list[Row]:
    """Errors and warnings, each behind its mark."""
    rows: list[Row] = []
    for one in problems:
        mark, role = (glyphs.alarm, "alarm") if one.is_error else (glyphs.warn, "warn")
        name = "" if not one.key or indent > 1 else f"{name_words(one.key)}: "
        rows += marked(mark, name + " ".join(cause_words(one.cause)), role, cells, indent)
    return rows


def order_rows(value: ReviewValue, cells: int) -> list[Row]:
    """That the numbers are the order of writing, where there is more than one register."""
    assert value.review is not None
    if len({one.register.number for one in value.review.rows}) < 2:
        return []
    is_moved = any(overtaken_by(one, value) for one in value.review.rows)
    return lines(say("regs-order-moved" if is_moved else "regs-order"), "label", cells)


def overtaken_by(one: ReviewRow, value: ReviewValue) -> list[Register]:
    """What was staged after it and is written before it."""
    assert value.review is not None
    places = {key: place for place, key in enumerate(value.staged)}
    mine = places.get(one.register.key, -1)
    before = value.review.rows[: value.review.rows.index(one)]
    return [
        other.register
        for other in before
        if places.get(other.register.key, -1) > mine >= 0 and other.register.number != one.register.number
    ]


def why_later(one: ReviewRow, value: ReviewValue) -> str:
    """Why it is not written in the place in which it was staged; empty where it is."""
    first = overtaken_by(one, value)
    if not first:
        return ""
    if one.register.restarts and not any(other.restarts for other in first):
        return say("regs-order-last")
    return say("regs-order-after", names=", ".join(name_words(other.key) for other in first))


def difference_rows(
    number: int, one: ReviewRow, value: ReviewValue, cells: int, glyphs: GlyphSet
) -> list[Row]:
    """`1  Cell over-voltage   3650 -> 3600 mV  (-50)`, then why it is allowed and what it does."""
    register = one.register
    head = row((f" {number:>2}  ", "label"), (name_words(register.key), "title"))
    change = change_row(register, one, glyphs)
    rows = [(*head, ("  ", "text"), *change)] if cells >= NARROW + 20 else []
    if not rows or width(rows[0]) > cells:
        rows = [head, (("     ", "text"), *change)]
    assert value.review is not None
    problems = [p for p in value.review.problems if p.key == register.key]
    rows += lines(why_later(one, value), "info", cells, 5)
    if problems:
        rows += problem_rows(problems, cells, glyphs, 5)
    if not any(p.is_error for p in problems):
        rows += lines(allowed_words(one, value.page, glyphs), "label", cells, 5)
    rows += lines(help_words(register.sentence), "text", cells, 5)
    if register.restarts:
        rows += marked(glyphs.warn, say("regs-restarts"), "warn", cells, 5)
    if register.danger is not Danger.NONE:
        mark, role = (glyphs.warn, "warn") if register.danger is Danger.HARMFUL else (glyphs.alarm, "alarm")
        rows += marked(mark, say(f"danger-{register.danger}"), role, cells, 5)
    return rows


def change_row(register: Register, one: ReviewRow, glyphs: GlyphSet) -> Row:
    """`3650 -> 3600 mV  (-50)`; of bits without a name the data."""
    if one.here == one.there:
        return row((f"{one.raw_here} -> {one.raw_there}", "info"))
    unit = f" {unit_words(register, glyphs)}" if register.unit else ""
    by = difference_words(register, one.here, one.there)
    words = row((value_words(register, one.here), "number"), (" -> ", "label"))
    return (
        *words,
        *row((f"{value_words(register, one.there)}{unit}", "info"), (f"  ({by})" if by else "", "label")),
    )


def allowed_words(one: ReviewRow, page: RegisterPage | None, glyphs: GlyphSet) -> str:
    """Why it is allowed: the range it lies in, and what that follows from.

    A value that only other changes of the same review make possible is told with the range of the parameter
    alone: the engine has judged them together.
    """
    register = one.register
    held = page.row(register.key) if page is not None else None
    if held is None:
        return ""
    unit = f" {unit_words(register, glyphs)}" if register.unit else ""
    is_alone = not isinstance(one.there, int | float) or (
        (held.low is None or one.there >= held.low) and (held.high is None or one.there <= held.high)
    )
    shown = held if is_alone else RegisterValue(register, low=register.low, high=register.high)
    words = say("regs-allowed-is", range=f"{range_words(shown)}{unit}", number=register.address)
    if held.bound_by:
        names = ", ".join(name_words(key) for key in held.bound_by)
        words += " " + say("regs-bound-by" if is_alone else "regs-bound-together", names=names)
    return words


def plan_words(review: Review, cells: int, glyphs: GlyphSet) -> list[Row]:
    """What writing will do, in order."""
    if not (review.rows and review.ok):
        return []
    last = "regs-do-save-jbd" if review.device.family == "jbd" else "regs-do-save"
    steps = ["regs-do-backup", "regs-do-write", "regs-do-check", last, "regs-do-undo"]
    rows: list[Row] = [BLANK, row((f" {say('regs-do')}", "title"))]
    for number, key in enumerate(steps, 1):
        text = lines(say(key, count=review.steps), "text", cells, 5)
        rows += [row((f"  {number}. ", "key"), text[0][0][0].lstrip()), *text[1:]]
    return rows


# comparing


@dataclass(frozen=True, slots=True)
class CompareValue:
    """The device beside another image. `taken`: keys that were copied into the staged changes."""

    review: Review | None = None
    source: str = ""
    at: int = 0
    taken: frozenset[str] = frozenset()
    why: tuple[str, ...] = ()


def is_of_another_kind(review: Review) -> bool:
    """Nothing was compared, so there is nothing to say of differences."""
    return any(problem.cause.key == "reg-other-family" for problem in review.problems)


class RegisterCompare(Scrolled[CompareValue]):
    """A row a difference: device at the left, the other at the right."""

    def title(self, value: CompareValue) -> str:
        """With what."""
        return say("regs-compare-with", source=value.source)

    def known(self, value: CompareValue) -> list[Span]:
        """How many differences, how many were taken."""
        if value.review is None or is_of_another_kind(value.review):
            return []
        taken = [(say("regs-taken", count=len(value.taken)), "info")] if value.taken else []
        return [*taken, (say("regs-differences", count=len(value.review.rows)), "label")]

    def lines(self, value: CompareValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Sentences, then differences."""
        review = value.review
        if review is None:
            words = value.why or (say("regs-asking"),)
            return [BLANK, *(one for text in words for one in lines(text, "title", cells))]
        rows = self.head(value, cells, glyphs)
        for n, one in enumerate(review.rows):
            rows += compare_rows(one, n == value.at, one.register.key in value.taken, cells, glyphs)
        return rows

    def head(self, value: CompareValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """What must be known of the other image, and how to copy."""
        assert value.review is not None
        rows = problem_rows(list(value.review.problems), cells, glyphs)
        if is_of_another_kind(value.review):
            return rows
        if not value.review.rows:
            return [*rows, *lines(say("regs-same"), "ok", cells)]
        heads = row((f" {say('regs-here')} -> {say('regs-there')}", "label"))
        return [*rows, heads]

    def show_cursor(self) -> None:
        """Scroll so that the chosen difference is seen."""
        value = self.value
        if value is None or value.review is None or not value.review.rows:
            return
        cells, at = self.size.width, len(self.head(value, self.size.width, self.glyphs))
        for one in value.review.rows[: value.at]:
            at += len(compare_rows(one, False, False, cells, self.glyphs))
        high = len(compare_rows(value.review.rows[value.at], False, False, cells, self.glyphs))
        first = min(self.top, at) if value.at else 0
        self.top = max(first, at + high - self.room)
        self.redraw()


def compare_rows(one: ReviewRow, chosen: bool, taken: bool, cells: int, glyphs: GlyphSet) -> list[Row]:
    """One difference; in two rows where it is narrow."""
    register = one.register
    mark = row((">" if chosen else " ", "alarm"), ("*" if taken else " ", "info"))
    name = row((f" {name_words(register.key)}", "title" if chosen else "text"))
    change = change_row(register, one, glyphs)
    if width(name) + width(change) + 5 <= cells:
        line = ends((*mark, *name), (*change, (" ", "text")), cells)
        return [_chosen(line) if chosen else line]
    rows: list[Row] = [(*mark, *name), (("    ", "text"), *change)]
    return [_chosen(ends(one_row, (), cells)) if chosen else one_row for one_row in rows]


def _chosen(line: Row) -> Row:
    return tuple((text, "selection") for text, _ in line)
