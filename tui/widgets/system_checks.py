"""Self-tests as rows: by area, each with a word for its state, what was found, and what cures it."""

from itertools import groupby

from tui.locale import say
from tui.model.system import Check, CheckState
from tui.style.glyphs import GlyphSet
from tui.style.numbers import long_span, time_of_day
from tui.widgets.check_words import STATE_ROLES, area_words, cure, sentence, state_words
from tui.widgets.rows import Row, Span, row, title_rule, wrap
from tui.widgets.system_value import SystemValue

NARROW = 50  # below it a sentence goes under its word


def check_rows(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Row S1-8. Title with the sum and the age, then every area in the order in which they were made."""
    assert value.figures is not None
    tests = value.figures.tests
    lines = [title_rule(say("system-tests"), _known(value), cells, glyphs), *_when(value, cells, glyphs)]
    if tests is None:
        return lines
    for area, checks in groupby(tests, key=lambda check: check.area):
        lines.append(row((f" {area_words(area)}", value.role("title"))))
        for check in checks:
            lines += _check(check, value, cells, glyphs)
    return lines


def _known(value: SystemValue) -> list[Span]:
    """What went badly, the worst first."""
    assert value.figures is not None
    found: list[Span] = []
    for state in (CheckState.FAIL, CheckState.WARN, CheckState.OK):
        count = sum(check.state is state for check in value.figures.tests or ())
        if count:
            found.append((f"{count} {state_words(state)}", value.role(STATE_ROLES[state])))
    return found


def _when(value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """That they run, when they ran, or how to run them."""
    assert value.figures is not None
    if value.testing:
        lines, role = wrap(say("system-testing"), cells - 4), "info"
        return [row((f" {' ' if i else glyphs.dot} {line}", role)) for i, line in enumerate(lines)]
    made_ms = value.figures.tested_ms
    if value.figures.tests is None:
        words = say("system-not-tested")
    elif made_ms is None:
        words = say("system-test-again")
    else:
        ago = long_span(max(0.0, value.wall_s - made_ms / 1000))
        words = say("system-tested", time=time_of_day(made_ms), ago=ago)
    return [row((f" {line}", "label")) for line in wrap(words, cells - 2)]


def _check(check: Check, value: SystemValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`● OK  sentence`, and below it the cure of what is not well."""
    role = value.role(STATE_ROLES[check.state])
    mark = {
        CheckState.OK: glyphs.ok, CheckState.WARN: glyphs.warn, CheckState.FAIL: glyphs.alarm
    }.get(check.state, glyphs.line)  # fmt: skip
    widest = max(len(state_words(state)) for state in CheckState)
    word = f" {mark} {state_words(check.state):<{widest}} "
    indent = len(word) if cells >= NARROW else 3
    said = [(line, value.role("text")) for line in wrap(sentence(check), cells - indent - 1)]
    if check.state is not CheckState.OK:
        for line in cure(check).splitlines():
            said += [
                (f"{'  ' if i else '> '}{part}", value.role("key"))
                for i, part in enumerate(wrap(line, cells - indent - 3))
            ]
    if cells < NARROW:
        return [row((word, role)), *(row((" " * indent, "text"), one) for one in said)]
    first, *rest = said or [("", "text")]
    return [row((word, role), first), *(row((" " * indent, "text"), one) for one in rest)]
