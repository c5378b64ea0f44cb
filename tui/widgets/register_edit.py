"""The sheet in which one parameter gets a new value, checked at every key or chosen from a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList

from tui.locale import say
from tui.model.register import Kind, RegisterValue, Value
from tui.model.register_review import Problem
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.drawing import Drawing
from tui.widgets.form_field import FieldLabel
from tui.widgets.register_detail import RegisterDetail, RegisterDetailValue
from tui.widgets.register_entry import Entry, entered
from tui.widgets.register_keypad import DATE_KEYS, KEYBOARD, NUMBER_KEYS, Keypad, typed
from tui.widgets.register_table import NARROW, Line
from tui.widgets.register_words import (
    cause_words,
    difference_words,
    marked,
    name_words,
    value_words,
    with_unit,
)
from tui.widgets.rows import Row
from tui.widgets.sheet import ActionList, Sheet, SheetHead, option

Tell = Callable[[Sequence[Problem]], None]
WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (NARROW, "-broad")]
HEIGHTS: list[tuple[int, str]] | None = [(0, "-short"), (29, "-tall")]
KEYS = {Kind.NUMBER: NUMBER_KEYS, Kind.DATE: DATE_KEYS, Kind.TEXT: KEYBOARD}
Check = Callable[[Value, Tell], None]  # asks the engine about this value, tells later


@dataclass(frozen=True, slots=True)
class VerdictValue:
    """What is thought of the text in the line."""

    row: RegisterValue
    entry: Entry
    problems: tuple[Problem, ...] = ()


class Verdict(Drawing[VerdictValue]):
    """Allowed or not, and why; always as high, so that nothing jumps."""

    DEFAULT_CSS = "Verdict { height: 4; }"

    def draw(self, value: VerdictValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The first reason against it, else that it is allowed."""
        return verdict_rows(value, cells, glyphs)


def verdict_rows(value: VerdictValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """What stops it, what another field must still do, what should be thought about."""
    entry, register = value.entry, value.row.register
    if entry.cause is not None and entry.stops:
        return marked(glyphs.alarm, " ".join(cause_words(entry.cause)), "alarm", cells, 0)
    errors = [p for p in value.problems if p.is_error]
    if errors:
        more = f" {say('regs-other-too')}" if cells >= NARROW else ""
        words = " ".join(cause_words(errors[0].cause)) + more
        return marked(glyphs.warn, words, "warn", cells, 0)
    by = difference_words(register, value.row.value, entry.value)
    said = say("regs-fits", value=with_unit(register, entry.value, glyphs)) + (f" ({by})" if by else "")
    rows = marked(glyphs.ok, said, "ok", cells, 0)
    for problem in value.problems:
        rows += marked(glyphs.warn, " ".join(cause_words(problem.cause)), "warn", cells, 0)
    return rows


class EditFacts(RegisterDetail):
    """What is known of it, above the line."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    EditFacts { height: auto; max-height: 9; margin: 0 0 1 0; }
    .-kiosk EditFacts { max-height: 8; }
    """


class EditSheet(Sheet[Value]):
    """Gives the new value, or nothing. What is wrong for good cannot be staged."""

    SCOPED_CSS = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    DEFAULT_CSS = """
    EditSheet Horizontal { height: 1; }
    EditSheet Input, EditSheet Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $bar; color: $foreground;
    }
    EditSheet OptionList { max-height: 12; }
    EditSheet.-narrow Verdict { height: 6; }
    .-kiosk EditSheet .sheet { max-height: 100%; }
    .-kiosk EditSheet Buttons { height: 3; }
    .-kiosk EditSheet.-broad SheetHead { height: 1; }
    .-kiosk EditSheet Verdict { height: 3; }
    .-kiosk EditSheet.-short EditFacts { max-height: 5; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False, id="register.close")]

    def __init__(self, line: Line, check: Check) -> None:
        super().__init__()
        self._line = line
        self._check = check
        self._round = 0  # only the answer to the newest text counts

    @property
    def _has_choices(self) -> bool:
        return self._line.row.register.kind in (Kind.CHOICE, Kind.FLAG)

    def compose(self) -> ComposeResult:
        """Facts, then the line or the choices, the verdict, two buttons."""
        one = self._line.row
        with Vertical(classes="sheet"):
            yield SheetHead(name_words(one.key))
            yield EditFacts(RegisterDetailValue(Line(one), in_sheet=True))
            if self._has_choices:
                yield ActionList()
            else:
                with Horizontal():
                    yield FieldLabel("regs-new")
                    yield Input(self._first_text(), select_on_focus=True)
            yield Verdict(VerdictValue(one, Entry()))
            if not self._has_choices:
                yield Keypad(KEYS[one.register.kind])
            yield Buttons(ButtonsValue(("regs-do-stage", "regs-cancel")))

    def _first_text(self) -> str:
        line = self._line
        value = line.wish if line.wish is not None else line.row.value
        return "" if value is None or value == "" else value_words(line.row.register, value)

    def on_mount(self) -> None:
        """The value of now is there to begin with."""
        if not self._has_choices:
            self.query_one(Input).focus()
            self._judge(self._first_text())
            return
        rows, line = self.query_one(OptionList), self._line
        values, tall = self._values(), self.app.has_class("-kiosk")
        wish = line.wish if line.wish is not None else line.row.value
        for value in values:
            here = f"  {say('regs-choice-now')}" if value == line.row.value else ""
            words = f"{value_words(line.row.register, value)}{here}"
            rows.add_option(option("", words, f"choice-{value}", True, tall))
        rows.highlighted = values.index(wish) if wish in values else 0
        rows.focus()

    def _values(self) -> list[Value]:
        register = self._line.row.register
        return [1, 0] if register.kind is Kind.FLAG else [choice.value for choice in register.choices]

    # judging

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key."""
        event.stop()
        self._judge(event.value)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Every choice that the cursor passes."""
        event.stop()
        self._judge(str(self._values()[event.option_index]))

    def _judge(self, text: str) -> None:
        entry = entered(self._line.row, text)
        self._show(entry, ())
        self._round += 1
        asked = self._round

        def tell(problems: Sequence[Problem]) -> None:
            if asked == self._round and self.is_attached:
                self._show(entry, tuple(p for p in problems if p.key in ("", self._line.key)))

        if entry.ok and entry.value is not None and entry.value != self._line.row.value:
            self._check(entry.value, tell)

    def _show(self, entry: Entry, problems: tuple[Problem, ...]) -> None:
        if not problems and entry.cause is not None and not entry.stops:
            problems = (Problem(entry.cause, self._line.key),)
        for verdict in self.query(Verdict):
            verdict.show(VerdictValue(self._line.row, entry, problems))

    # leaving

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter stages it."""
        event.stop()
        self._stage(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A choice is taken."""
        event.stop()
        self._stage(str(self._values()[event.option_index]))

    def on_keypad_typed(self, message: Keypad.Typed) -> None:
        """A finger; the first key replaces what stood there."""
        line = self.query_one(Input)
        fresh = bool(line.selected_text) and line.selected_text == line.value
        line.value = typed("" if fresh else line.value, message.key)
        line.cursor_position = len(line.value)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """Stage, or leave."""
        if message.index:
            self.dismiss(None)
        elif self._has_choices:
            self._stage(str(self._values()[self.query_one(OptionList).highlighted or 0]))
        else:
            self._stage(self.query_one(Input).value)

    def _stage(self, text: str) -> None:
        entry = entered(self._line.row, text)
        if entry.ok:
            self.dismiss(entry.value)
        else:
            self._show(entry, ())
            self.app.bell()
