"""A sheet over the place with one entry of the log in full."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.model.system import LogEntry
from tui.widgets.log_list import EntryText


class LogSheet(ModalScreen[None]):
    """Esc, the usual keys and a tap close it; the arrows scroll it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    LogSheet .log-sheet {
        width: 100; max-width: 100%; height: auto; max-height: 90%;
        background: $surface; border: solid $rule; padding: 0 1; scrollbar-size-vertical: 1;
    }
    .-glyph-ascii LogSheet .log-sheet { border: ascii $rule; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space,9", "dismiss", show=False, id="log.close")
    ]

    def __init__(self, entry: LogEntry) -> None:
        super().__init__()
        self._entry = entry

    def compose(self) -> ComposeResult:
        """All of it."""
        with VerticalScroll(classes="log-sheet"):
            yield EntryText(self._entry)

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
