"""Parameters, one row each: value, what it shall become, allowed range. Two rows each where it is narrow."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.register import Access, RegisterValue, Value
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.register_words import (
    Shown,
    danger_mark,
    name_words,
    range_words,
    raw_words,
    unit_words,
    value_words,
    with_unit,
)
from tui.widgets.rows import BLANK, Row, Span, ends, fit, joined, row, title_rule, width, wrap

HEAD_ROWS = 2
NARROW = 60  # below so many cells a parameter takes two rows
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter as it is shown. `wish`: staged; `base`: what the device held at that moment."""

    row: RegisterValue
    wish: Value | None = None
    base: Value | None = None
    is_wrong: bool = False  # something stands against the wish

    @property
    def key(self) -> str:
        """Of its register."""
        return self.row.key

    @property
    def is_staged(self) -> bool:
        """A person wants another value."""
        return self.wish is not None

    @property
    def has_moved(self) -> bool:
        """The device holds something else than when the change was staged."""
        return self.is_staged and self.base != self.row.value


@dataclass(frozen=True, slots=True)
class RegistersValue:
    """All rows of the group, after the filter."""

    lines: tuple[Line, ...] = ()
    selected: str = ""
    top: int = 0
    title: str = ""
    shown: Shown = Shown.VALUES
    known: tuple[Span, ...] = ()  # for the title rule: what is filtered, hidden, old
    why: tuple[str, ...] = ()  # sentences instead of rows
    is_tall: bool = False
    is_old: bool = False

    @property
    def at(self) -> int | None:
        """Place of the selected row."""
        keys = [line.key for line in self.lines]
        return keys.index(self.selected) if self.selected in keys else None


class RegisterChosen(Message):
    """A row was tapped."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class RegisterTable(Drawing[RegistersValue]):
    """Title rule, headings, rows."""

    def draw(self, value: RegistersValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """As many rows as fit around the selected one."""
        title = title_rule(value.title, value.known, cells, glyphs)
        if not value.lines:
            return [title, BLANK, *(row((f" {ln}", "title")) for s in value.why for ln in wrap(s, cells - 2))]
        high, room = item_rows(value, cells), self._room(value, cells, height)
        first = kept_in_sight(len(value.lines), value.top, value.at, room)
        shown = value.lines[first : first + room]
        if len(value.lines) > room:
            part = (say("frames-part", shown=room, all=len(value.lines)), "label")
            title = title_rule(value.title, (*value.known, part), cells, glyphs)
        if cells < NARROW:
            items = [narrow_item(line, value, cells, glyphs) for line in shown]
            return [title, *(one for item in items for one in item)]
        columns = register_columns(value.lines, cells, glyphs)
        heads = laid_out(columns, {c.name: plain_cell(_heading(c.name, value), "label") for c, _ in columns})
        out = [title, heads]
        for line in shown:
            mark = ">" if line.key == value.selected else " "
            out.append(laid_out(columns, register_cells(line, value, glyphs), mark))
            out += [_second(line, cells, glyphs)] * (high - 1)
        return out

    def _room(self, value: RegistersValue, cells: int, height: int) -> int:
        return max(1, (height - head_rows(cells)) // item_rows(value, cells))

    @property
    def room(self) -> int:
        """Parameters that fit now."""
        return self._room(self.value or RegistersValue(), *self.size)

    def first_shown(self, value: RegistersValue) -> int:
        """So that the selected row is seen."""
        return kept_in_sight(len(value.lines), value.top, value.at, self.room)

    def on_click(self, event: events.Click) -> None:
        """A tap on a row chooses it."""
        value, cells = self.value, self.size.width
        if value is None or event.y < head_rows(cells):
            return
        at = (event.y - head_rows(cells)) // item_rows(value, cells) + self.first_shown(value)
        if at < len(value.lines):
            self.post_message(RegisterChosen(value.lines[at].key))


def head_rows(cells: int) -> int:
    """Rows above the first parameter."""
    return 1 if cells < NARROW else HEAD_ROWS


def item_rows(value: RegistersValue, cells: int) -> int:
    """Rows of one parameter: two where it is narrow, or where fingers choose."""
    return 2 if value.is_tall or cells < NARROW else 1


def register_columns(lines: Sequence[Line], cells: int, glyphs: GlyphSet) -> list[tuple[Column, int]]:
    """What fits. Names are never cut; the width does not depend on values, so nothing jumps."""
    name = min(LONGEST_NAME, max((len(name_words(line.key)) for line in lines), default=20))
    unit = max((len(unit_words(line.row.register, glyphs)) for line in lines), default=2)
    roomy, has_default = cells >= 100, any(line.row.register.default is not None for line in lines)
    wanted = (
        Column("flag", 1, 0),
        Column("danger", 1, 3),
        Column("name", name, 0, stretches=cells < 150),
        Column("value", 17 if roomy else 9, 1, right=True),
        Column("unit", max(2, unit), 3),
        Column("new", 12 if roomy else 9, 2),
        Column("range", 14, 4),
        *([Column("default", 8, 6)] if has_default else []),
        Column("number", 4, 5, right=True),
        Column("bits", 7, 8),
        Column("raw", 8, 7),
    )
    return plan(wanted, cells - 2)


def _heading(name: str, value: RegistersValue) -> str:
    if name in ("flag", "danger", "unit"):
        return ""
    if name == "value" and value.shown is not Shown.VALUES:
        return say(f"regs-col-{value.shown}")
    return say(f"regs-col-{name}")


def register_cells(line: Line, value: RegistersValue, glyphs: GlyphSet) -> dict[str, Cell]:
    """Every cell of one row."""
    register, role = line.row.register, row_role(line, value.is_old)
    mark, mark_role = danger_mark(register, glyphs)
    flag, flag_role = stage_mark(line)
    default = value_words(register, register.default) if register.default is not None else ""
    return {
        "flag": plain_cell(flag, flag_role),
        "danger": plain_cell(mark, mark_role),
        "name": plain_cell(name_words(line.key), "title" if line.is_staged else role),
        "value": lambda wide: row((clip_end(now_words(line, value.shown), wide), role)),
        "new": lambda wide: row((clip_end(new_words(line), wide), flag_role)),
        # Data of a register are counted in its steps: 10000 of 0.01 Ah are not 10000 Ah.
        "unit": plain_cell(unit_words(register, glyphs) if value.shown is Shown.VALUES else "", "label"),
        "range": plain_cell(range_words(line.row), "label"),
        "default": lambda wide: row((clip_end(default, wide), "label")),
        "number": plain_cell(register.address, "label"),
        "bits": plain_cell(bits_words(line), "label"),
        "raw": lambda wide: row((clip_end(raw_words(line.row.raw, Shown.HEX), wide), "label")),
    }


def bits_words(line: Line) -> str:
    """`b8-15`: which bits of a shared register are its own."""
    register = line.row.register
    if not register.bits:
        return ""
    last = register.shift + register.bits - 1
    return f"b{register.shift}" if register.bits == 1 else f"b{register.shift}-{last}"


def now_words(line: Line, shown: Shown) -> str:
    """What the device holds."""
    if shown is not Shown.VALUES:
        return raw_words(line.row.raw, shown)
    if line.row.absent or line.row.register.access is Access.COMMAND:
        return "-"
    return value_words(line.row.register, line.row.value)


def new_words(line: Line) -> str:
    """What it shall become."""
    return f"> {value_words(line.row.register, line.wish)}" if line.is_staged else ""


def stage_mark(line: Line) -> tuple[str, str]:
    """`*` staged, `!` staged and something stands against it."""
    if not line.is_staged:
        return " ", "text"
    return ("!", "alarm") if line.is_wrong or line.has_moved else ("*", "info")


def row_role(line: Line, is_old: bool) -> str:
    """Grey for what cannot be changed or is old."""
    if is_old or line.row.absent:
        return "stale"
    return "text" if line.row.register.access is Access.WRITE else "label"


def clip_end(text: str, cells: int) -> str:
    """A long text ends in a mark; the panel has all of it."""
    return text if len(text) <= cells else f"{text[: max(0, cells - 2)]}.."


def narrow_item(line: Line, value: RegistersValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Name on one row; below it the value, what it becomes, and the range where it fits."""
    register, role = line.row.register, row_role(line, value.is_old)
    flag, flag_role = stage_mark(line)
    mark, mark_role = danger_mark(register, glyphs)
    chosen = line.key == value.selected
    name = row((">" if chosen else " ", "alarm"), (flag, flag_role), (mark, mark_role))
    head = (*name, (" " + name_words(line.key), "title" if line.is_staged else role))
    now = now_words(line, value.shown)
    if value.shown is Shown.VALUES and line.row.value is not None:
        now = with_unit(register, line.row.value, glyphs)
    room, arrow = cells - 4, f" -{new_words(line)}" if line.is_staged else ""
    arrow = clip_end(arrow, max(room - len(now), room // 2))
    left = row(("    ", "text"), (clip_end(now, room - len(arrow)), role), (arrow, flag_role))
    below = row((f"{range_words(line.row)} ", "label"))
    items = [head, ends(left, below, cells) if width(left) + width(below) < cells else left]
    if not chosen:
        return items
    return [joined((text, "selection") for text, _ in fit(one, cells)) for one in items]


def _second(line: Line, cells: int, glyphs: GlyphSet) -> Row:
    """The second row for fingers: number, and what else is known."""
    register = line.row.register
    words = [say(f"regs-category-{register.category}")]
    if register.default is not None:
        words.append(say("regs-default-is", value=with_unit(register, register.default, glyphs)))
    return row(("     " + " · ".join(words), "rule"))
