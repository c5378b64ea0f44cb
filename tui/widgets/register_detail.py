"""Everything about the parameter under the cursor."""

from dataclasses import dataclass

from textual.geometry import Size

from tui.locale import say
from tui.model.register import Access, Danger, Problem
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import title_rule
from tui.widgets.register_table import Line, bits_words
from tui.widgets.register_words import (
    Shown,
    cause_words,
    difference_words,
    help_words,
    lines,
    marked,
    name_words,
    range_words,
    raw_words,
    unit_words,
    value_words,
    with_unit,
)
from tui.widgets.rows import BLANK, Row, flow, row

LABEL = 11


@dataclass(frozen=True, slots=True)
class RegisterDetailValue:
    """One parameter, and what the engine has against the wish."""

    line: Line | None = None
    problems: tuple[Problem, ...] = ()
    in_sheet: bool = False


class RegisterDetail(Drawing[RegisterDetailValue]):
    """Below the table or beside it; in a sheet as high as it needs."""

    DEFAULT_CSS = "RegisterDetail.-whole { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it, in the sheet."""
        return max(1, len(self.draw(self.value or RegisterDetailValue(), width, 0, self.glyphs)))

    def draw(self, value: RegisterDetailValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """What is staged first, then what is known."""
        line = value.line
        if line is None:
            return []
        head = [] if value.in_sheet else [title_rule(name_words(line.key), (), cells, glyphs)]
        rows = [*head, *change_rows(value, cells, glyphs), *fact_rows(line, cells, glyphs)]
        legend = legend_rows(cells, glyphs)
        fits = not value.in_sheet and len(rows) + len(legend) + 1 <= height
        return [*rows, *[BLANK] * (height - len(rows) - len(legend)), *legend] if fits else rows


def legend_rows(cells: int, glyphs: GlyphSet) -> list[Row]:
    """What the marks in front of a name mean."""
    marks = (("*", "info", "staged"), ("!", "alarm", "against"))
    dangers = ((glyphs.warn, "warn", "harmful"), (glyphs.alarm, "alarm", "expert"))
    said = [
        row((mark, role), (f" {say(f'regs-legend-{word}')}", "label"))
        for mark, role, word in (*marks, *dangers)
    ]
    return flow(said, cells)


def change_rows(value: RegisterDetailValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """What it shall become, and what stands against that."""
    line = value.line
    assert line is not None
    rows: list[Row] = []
    if line.is_staged:
        register = line.row.register
        by = difference_words(register, line.row.value, line.wish)
        unit = f" {unit_words(register, glyphs)}" if register.unit else ""
        now = value_words(register, line.row.value)
        words = f"{now} -> {value_words(register, line.wish)}{unit}" + (f"  ({by})" if by else "")
        rows.append(row((f" {say('regs-staged'):<{LABEL}} ", "label"), (words, "info")))
        if line.has_moved:
            moved = say("regs-moved-from", value=with_unit(register, line.base, glyphs))
            rows += marked(glyphs.alarm, moved, "alarm", cells)
    for problem in value.problems:
        mark, role = (glyphs.alarm, "alarm") if problem.is_error else (glyphs.warn, "warn")
        rows += marked(mark, " ".join(cause_words(problem.cause)), role, cells)
    return rows


def fact_rows(line: Line, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Value, range and why, default, data, danger, help."""
    one, register = line.row, line.row.register
    if one.cause is not None:
        return [
            *marked(glyphs.warn, " ".join(cause_words(one.cause)), "warn", cells),
            *_help(line, cells, glyphs),
        ]
    unit = f" {unit_words(register, glyphs)}" if register.unit and one.high is not None else ""
    groups: list[Row] = []
    if register.access is not Access.COMMAND:
        groups.append(
            row((f"{say('regs-now')} ", "label"), (with_unit(register, one.value, glyphs), "number"))
        )
    writable = register.access is Access.WRITE
    allowed = f"{range_words(one)}{unit if writable else ''}"
    groups.append(row((f"{say('regs-allowed')} ", "label"), (allowed, "number")))
    if register.default is not None:
        default = with_unit(register, register.default, glyphs)
        groups.append(row((f"{say('regs-default')} ", "label"), (default, "number")))
    bits = f" {bits_words(line)}" if register.bits else ""
    raw = f"{register.address}{bits} = {raw_words(one.raw, Shown.HEX)}"
    groups.append(row((f"{say('regs-raw')} ", "label"), (raw, "text")))
    rows = flow([group for group in groups if group], cells)
    if one.bound_by and writable:
        names = ", ".join(name_words(key) for key in one.bound_by)
        rows += lines(say("regs-bound-by", names=names), "label", cells)
    return [*rows, *_help(line, cells, glyphs)]


def _help(line: Line, cells: int, glyphs: GlyphSet) -> list[Row]:
    register = line.row.register
    rows = lines(help_words(register.sentence), "text", cells)
    if register.restarts:
        rows += marked(glyphs.warn, say("regs-restarts"), "warn", cells)
    if register.danger is not Danger.NONE:
        mark, role = (glyphs.warn, "warn") if register.danger is Danger.HARMFUL else (glyphs.alarm, "alarm")
        rows += marked(mark, say(f"danger-{register.danger}"), role, cells)
    return rows
