"""Small sheets of the place: choose from a list, type a line, type a word to confirm, see a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widgets import Input, OptionList

from tui.locale import say
from tui.model.register import CommandForm
from tui.model.write_plan import CommandResult
from tui.style.glyphs import GlyphSet
from tui.widgets.confirm import Buttons, ButtonsValue, Question, QuestionText
from tui.widgets.drawing import Drawing
from tui.widgets.form_field import FieldLabel
from tui.widgets.register_keypad import Keypad, keys_for, typed
from tui.widgets.register_words import cause_words, lines, marked, name_words
from tui.widgets.rows import BLANK, Row, row
from tui.widgets.sheet import ActionList, Sheet, SheetHead, option


@dataclass(frozen=True, slots=True)
class Choosable:
    """One row of a list: its name for the program, its key, its words."""

    name: str
    words: str
    key: str = ""
    enabled: bool = True


class ChooseSheet(Sheet[str]):
    """Gives the name of the chosen row, or nothing. A row's key chooses it at once."""

    SCOPED_CSS = False
    DEFAULT_CSS = ".-kiosk ChooseSheet SheetHead { height: 3; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False, id="choose.close")]

    def __init__(self, title: str, rows: Sequence[Choosable], text: str = "") -> None:
        super().__init__()
        self._title, self._choices, self._text = title, tuple(rows), text

    def compose(self) -> ComposeResult:
        """Title, a sentence, the list."""
        with Vertical(classes="sheet"):
            yield SheetHead(self._title)
            if self._text:
                yield QuestionText(Question("", self._text))
            yield ActionList()

    def on_mount(self) -> None:
        """The first row that can be chosen is under the cursor."""
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        rows.add_options(
            option(one.key, one.words, f"row-{i}", one.enabled, tall) for i, one in enumerate(self._choices)
        )
        rows.highlighted = next((i for i, one in enumerate(self._choices) if one.enabled), None)
        rows.focus()

    def on_key(self, event: events.Key) -> None:
        """The key of a row."""
        for one in self._choices:
            if one.enabled and one.key and event.character == one.key:
                event.stop()
                self.dismiss(one.name)
                return

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap."""
        event.stop()
        self.dismiss(self._choices[event.option_index].name)


@dataclass(frozen=True, slots=True)
class LineForm:
    """What a line is for. `label` and `do` are messages; `must`: only this word is accepted."""

    title: str
    text: str
    label: str
    do: str
    value: str = ""
    must: str = ""
    keys: str = ""  # of the keypad, for fingers
    is_secret: bool = False


class LineSheet(Sheet[str]):
    """Gives what was typed, or nothing. Where a word must be typed, no other one is taken."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    LineSheet Horizontal { height: 1; margin: 0 0 1 0; }
    LineSheet Input, LineSheet Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $bar; color: $foreground;
    }
    .-kiosk LineSheet .sheet { max-height: 100%; }
    .-kiosk LineSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False, id="line.close")]

    def __init__(self, form: LineForm) -> None:
        super().__init__()
        self._form = form

    def compose(self) -> ComposeResult:
        """Title, sentence, line, keys for fingers, buttons."""
        form = self._form
        keys = keys_for(form.must) if form.must else form.keys
        with Vertical(classes="sheet"):
            yield SheetHead(form.title)
            yield QuestionText(Question("", form.text))
            with Horizontal():
                yield FieldLabel(form.label)
                yield Input(form.value, password=form.is_secret, placeholder=form.must)
            if keys:
                yield Keypad(keys)
            yield Buttons(ButtonsValue((form.do, "regs-cancel"), at=1 if form.must else 0))

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The word is there: now Enter does it. What is typed goes no further."""
        event.stop()
        if self._form.must:
            at = 0 if self._fits(event.value) else 1
            for buttons in self.query(Buttons):
                buttons.show(ButtonsValue((self._form.do, "regs-cancel"), at=at))

    def _fits(self, text: str) -> bool:
        return not self._form.must or text.strip().casefold() == self._form.must.casefold()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self._take()

    def on_keypad_typed(self, message: Keypad.Typed) -> None:
        """A finger."""
        line = self.query_one(Input)
        line.value = typed(line.value, message.key)
        line.cursor_position = len(line.value)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """Do it, or leave."""
        if message.index:
            self.dismiss(None)
        else:
            self._take()

    def _take(self) -> None:
        text = self.query_one(Input).value
        if not self._fits(text):
            self.app.notify(say("regs-type-word", word=self._form.must), markup=False)
        elif text.strip():
            self.dismiss(text if self._form.is_secret else text.strip())


@dataclass(frozen=True, slots=True)
class ResultValue:
    """What a command came to, and its form for the unit."""

    result: CommandResult
    form: CommandForm | None = None


class ResultText(Drawing[ResultValue]):
    """Requested and actual apart; why they differ."""

    DEFAULT_CSS = "ResultText { height: auto; margin: 0 0 1 0; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it."""
        return max(1, len(result_rows(self.value, width, self.glyphs))) if self.value is not None else 1

    def draw(self, value: ResultValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """As rows."""
        return result_rows(value, cells, glyphs)


def result_rows(value: ResultValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`requested on · actual off`, and which protection holds it."""
    result = value.result
    mark, role = (glyphs.ok, "ok") if result.ok else (glyphs.alarm, "alarm")
    rows: list[Row] = [row((f"{mark} {say('regs-obeyed' if result.ok else 'regs-not-obeyed')}", role)), BLANK]
    for label, word in (("requested", result.requested), ("actual", result.actual)):
        if word:
            wanted = word_of(value.form, word)
            shade = "number" if label == "requested" or result.ok else "alarm"
            rows.append(row((f"{say(f'regs-{label}'):<12}", "label"), (wanted, shade)))
    if result.reasons:
        names = ", ".join(say(f"protection-{one.replace('_', '-')}") for one in result.reasons)
        rows += marked(glyphs.warn, say("regs-held-by", names=names), "warn", cells, 0)
    if result.cause is not None:
        rows += lines(" ".join(cause_words(result.cause)), "warn", cells, 0)
    return rows


def word_of(form: CommandForm | None, word: str) -> str:
    """A word of a form in the language of the moment, or a number with its unit."""
    for choice in form.choices if form is not None else ():
        if word in (choice.text, str(choice.value)):
            return say(f"choice-{choice.key}") if choice.key else choice.text
    return f"{word} {form.unit}" if form is not None and form.unit else word


class ResultSheet(Sheet[None]):
    """The true state after a command."""

    SCOPED_CSS = False
    DEFAULT_CSS = ".-kiosk ResultSheet Buttons { height: 3; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space", "dismiss", show=False, id="result.close")
    ]

    def __init__(self, value: ResultValue) -> None:
        super().__init__()
        self._value = value

    def compose(self) -> ComposeResult:
        """Name, what came of it, a way out."""
        with Vertical(classes="sheet"):
            yield SheetHead(name_words(self._value.result.name))
            yield ResultText(self._value)
            yield Buttons(ButtonsValue(("regs-close",)))

    def on_buttons_pressed(self) -> None:
        """Seen."""
        self.dismiss()
