"""Two sheets of the History place: writing a file, and deleting what was stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.model.history import ClearHistory, ExportHistory
from tui.widgets.confirm import Buttons, ButtonsValue, Question, QuestionText
from tui.widgets.form_field import FormField
from tui.widgets.sheet import ActionList, Sheet, SheetHead, option

KINDS = ("csv", "json")
TITLE_CELLS = 80  # of the screen, for the long title and its way out
CLEARS = ("samples", "archives", "all")


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What can be written. Without a request it must be chosen elsewhere first: an archive."""

    words: str
    request: ExportHistory | None = None


class ExportSheet(Sheet[ExportChoice]):
    """What, into which file, of which kind: gives the choice with its request filled in.

    The line for the file has the keys; up and down choose what goes into it all the same.
    """

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ExportSheet FormField { margin: 1 0; }
    .-kiosk ExportSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, id="export.close"),
        Binding("up", "choose(-1)", show=False, id="export.up"),
        Binding("down", "choose(1)", show=False, id="export.down"),
    ]

    def __init__(
        self, choices: Sequence[ExportChoice], at: int, where: str, name: str, *, tall: bool = False
    ) -> None:
        super().__init__()
        self._tall = tall  # rows for fingers
        self._choices = tuple(choices)
        self._at = at  # where the mark is at first
        self._where = where  # which tracks, from when until when
        self._name = name  # of the file, without its ending

    def compose(self) -> ComposeResult:
        """What, where, and a button for each kind."""
        with Vertical(classes="sheet"):
            is_wide = self.app.size.width >= TITLE_CELLS
            yield SheetHead(say("history-export-head") if is_wide else say("history-export"))
            yield QuestionText(Question(self._where))
            yield ActionList()
            yield FormField("history-export-path")
            yield Buttons(ButtonsValue(("history-export-csv", "history-export-json", "history-cancel")))

    def on_mount(self) -> None:
        """What is on show, and a name that is not taken yet."""
        self.set_class(self._tall, "-broad")
        rows = self.query_one(ActionList)
        rows.add_options(
            [option("", one.words, str(i), True, self._tall) for i, one in enumerate(self._choices)]
        )
        rows.highlighted = self._at
        line = self.query_one(Input)
        line.value = f"{self._name}.csv"
        line.focus()

    def action_choose(self, step: int) -> None:
        """Another row."""
        rows = self.query_one(ActionList)
        rows.highlighted = ((rows.highlighted or 0) + step) % len(self._choices)

    def on_option_list_option_selected(self, event: ActionList.OptionSelected) -> None:
        """A tap, or Enter: now the file."""
        event.stop()
        self.query_one(Input).focus()

    def on_form_field_submitted(self) -> None:
        """Enter: the kind that the name ends on."""
        self._take("json" if self.query_one(FormField).value.endswith(".json") else "csv")

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """A kind, or nothing."""
        if message.index < len(KINDS):
            self._take(KINDS[message.index])
        else:
            self.dismiss(None)

    def _take(self, kind: str) -> None:
        choice = self._choices[self.query_one(ActionList).highlighted or 0]
        path = self.query_one(FormField).value.strip()
        for other in KINDS:
            path = path.removesuffix(f".{other}")
        if choice.request is None:
            self.dismiss(choice)
        elif path:
            self.dismiss(replace(choice, request=replace(choice.request, path=f"{path}.{kind}", kind=kind)))
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Nothing is written."""
        self.dismiss(None)


class ClearSheet(ModalScreen[ClearHistory | None]):
    """What to delete, and a word to type, so that no slip of a finger does it (row S1-52)."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ClearSheet FormField { margin: 1 0; }
    .-kiosk ClearSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False, id="clear.close")]

    def compose(self) -> ComposeResult:
        """The choices, the word, two buttons."""
        with Vertical(classes="sheet"):
            yield SheetHead(say("history-clear"))
            yield QuestionText(Question("", say("history-clear-text", word=say("history-clear-word"))))
            yield OptionList(*(Option(Content(f" {say(f'history-clear-{what}')}")) for what in CLEARS))
            yield FormField("history-clear-type", example=say("history-clear-word"))
            yield Buttons(ButtonsValue(("history-clear-do", "history-cancel"), at=1))

    def on_mount(self) -> None:
        """The smallest choice first."""
        rows = self.query_one(OptionList)
        rows.highlighted = 0
        rows.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Chosen: now the word."""
        event.stop()
        self.query_one(Input).focus()

    def on_form_field_submitted(self) -> None:
        """Enter below everything."""
        self._take()

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """Delete, or leave."""
        if message.index == 0:
            self._take()
        else:
            self.dismiss(None)

    def _take(self) -> None:
        """Only with the word; else the sheet stays and says so."""
        if self.query_one(FormField).value.strip().lower() != say("history-clear-word").lower():
            self.app.notify(
                say("history-clear-other-word", word=say("history-clear-word")), severity="warning"
            )
            return
        self.dismiss(ClearHistory(CLEARS[self.query_one(OptionList).highlighted or 0]))

    def action_leave(self) -> None:
        """Nothing is deleted."""
        self.dismiss(None)
