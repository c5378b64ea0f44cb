"""Everything about the parameter under the cursor."""

from dataclasses import dataclass

from textual.geometry import Size

from tui.locale import say
from tui.model.register import Access, Danger, Register
from tui.model.register_review import Problem
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.register_table import NARROW, Line, bits_words
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
from tui.widgets.rows import BLANK, Row, flow, row, title_rule

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
        blocks = [*change_blocks(value, cells, glyphs), *fact_blocks(line, cells, glyphs, value.in_sheet)]
        if value.in_sheet:
            return [one for block in blocks for one in block]
        rows = list(head)
        for block in blocks:
            rows += block if len(rows) + len(block) <= height else []
        legend = legend_rows(cells, glyphs)
        fits = len(rows) + len(legend) + 1 <= height
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


def change_blocks(value: RegisterDetailValue, cells: int, glyphs: GlyphSet) -> list[list[Row]]:
    """What it shall become, and what stands against that."""
    line = value.line
    assert line is not None
    blocks: list[list[Row]] = []
    if line.is_staged:
        register = line.row.register
        by = difference_words(register, line.row.value, line.wish)
        unit = f" {unit_words(register, glyphs)}" if register.unit else ""
        now = value_words(register, line.row.value)
        words = f"{now} -> {value_words(register, line.wish)}{unit}" + (f"  ({by})" if by else "")
        blocks.append([row((f" {say('regs-staged'):<{LABEL}} ", "label"), (words, "info"))])
        if line.has_moved:
            moved = say("regs-moved-from", value=with_unit(register, line.base, glyphs))
            blocks.append(marked(glyphs.alarm, moved, "alarm", cells))
    for problem in value.problems:
        mark, role = (glyphs.alarm, "alarm") if problem.is_error else (glyphs.warn, "warn")
        blocks.append(marked(mark, " ".join(cause_words(problem.cause)), role, cells))
    return blocks


def fact_blocks(line: Line, cells: int, glyphs: GlyphSet, in_sheet: bool) -> list[list[Row]]:
    """Value and range, danger, help, why the range is so, data. In a narrow sheet only what decides."""
    one, register = line.row, line.row.register
    if one.cause is not None:
        why = marked(glyphs.warn, " ".join(cause_words(one.cause)), "warn", cells)
        return [why, *danger_blocks(register, cells, glyphs)]
    groups: list[Row] = []
    if register.access is not Access.COMMAND:
        now = with_unit(register, one.value, glyphs)
        groups.append(row((f"{say('regs-now')} ", "label"), (now, "number")))
    is_number = register.access is Access.WRITE and one.high is not None
    unit = f" {unit_words(register, glyphs)}" if register.unit and is_number else ""
    groups.append(row((f"{say('regs-allowed')} ", "label"), (f"{range_words(one)}{unit}", "number")))
    if register.default is not None:
        default = with_unit(register, register.default, glyphs)
        groups.append(row((f"{say('regs-default')} ", "label"), (default, "number")))
    data = row((f"{say('regs-raw')} ", "label"), (data_words(line), "text"))
    bound: list[Row] = []
    if one.bound_by and register.access is Access.WRITE:
        names = ", ".join(name_words(key) for key in one.bound_by)
        bound = lines(say("regs-bound-by", names=names), "label", cells)
    if in_sheet and cells < NARROW:
        return [flow(groups, cells), *danger_blocks(register, cells, glyphs)]
    return [flow([*groups, data], cells), *danger_blocks(register, cells, glyphs), bound]


def data_words(line: Line) -> str:
    """`25 = 0DAC`: number, bits of its own, data of the whole register."""
    bits = f" {bits_words(line)}" if line.row.register.bits else ""
    return f"{line.row.register.address}{bits} = {raw_words(line.row.raw, Shown.HEX)}"


def danger_blocks(register: Register, cells: int, glyphs: GlyphSet) -> list[list[Row]]:
    """What a wrong value does, what writing does, what it is for."""
    blocks: list[list[Row]] = []
    if register.danger is not Danger.NONE:
        mark, role = (glyphs.warn, "warn") if register.danger is Danger.HARMFUL else (glyphs.alarm, "alarm")
        blocks.append(marked(mark, say(f"danger-{register.danger}"), role, cells))
    if register.restarts:
        blocks.append(marked(glyphs.warn, say("regs-restarts"), "warn", cells))
    return [*blocks, lines(help_words(register.sentence), "text", cells)]
