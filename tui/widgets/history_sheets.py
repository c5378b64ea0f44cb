"""Two sheets of the History place: writing a file, and deleting what was stored."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.model.history import ClearHistory
from tui.widgets.confirm import Buttons, ButtonsValue, Question, QuestionText
from tui.widgets.form_field import FormField
from tui.widgets.sheet import SheetHead

KINDS = ("csv", "json")
CLEARS = ("samples", "archives", "all")


class ExportSheet(ModalScreen[tuple[str, str] | None]):
    """Which file, and of which kind: gives (path, kind). What goes into it stands in the question."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ExportSheet FormField { margin: 0 0 1 0; }
    .-kiosk ExportSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False, id="export.close")]

    def __init__(self, what: str, name: str) -> None:
        super().__init__()
        self._what = what
        self._name = name  # without its ending

    def compose(self) -> ComposeResult:
        """What, where, and a button for each kind."""
        with Vertical(classes="sheet"):
            yield SheetHead(say("history-export"))
            yield QuestionText(Question("", self._what))
            yield FormField("history-export-path")
            yield Buttons(ButtonsValue(("history-export-csv", "history-export-json", "history-cancel")))

    def on_mount(self) -> None:
        """A name that is not taken yet."""
        line = self.query_one(Input)
        line.value = f"{self._name}.csv"
        line.focus()

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
        path = self.query_one(FormField).value.strip()
        for other in KINDS:
            path = path.removesuffix(f".{other}")
        self.dismiss((f"{path}.{kind}", kind) if path else None)

    def action_leave(self) -> None:
        """Nothing is written."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
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
