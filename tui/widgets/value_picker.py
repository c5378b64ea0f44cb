"""The sheet in which a person chooses what the chart shows."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.model.history import Quantity
from tui.widgets.chart_panels import quantity_words
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.sheet import SheetHead

MOST = 24  # lines in one chart


class ValuePicker(ModalScreen[tuple[str, ...] | None]):
    """A row a quantity; Space or a tap switches it, Enter takes what is chosen, Esc leaves all as it was."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    .-kiosk ValuePicker Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", show=False, id="picker.close"),
        Binding("space", "switch", show=False, priority=True, id="picker.switch"),
        Binding("enter", "take", show=False, priority=True, id="picker.take"),
        Binding("o", "only", show=False, id="picker.only"),
        Binding("c", "cells", show=False, id="picker.cells"),
    ]

    def __init__(self, known: Sequence[Quantity], chosen: Sequence[str]) -> None:
        super().__init__()
        self._known = tuple(known)
        self._chosen = [key for key in chosen if any(one.key == key for one in known)]

    def compose(self) -> ComposeResult:
        """Title, rows, buttons."""
        with Vertical(classes="sheet"):
            yield SheetHead(say("history-choose"))
            yield OptionList()
            yield Buttons(ButtonsValue(("history-take", "history-all-cells", "history-cancel")))

    def on_mount(self) -> None:
        """The first chosen one is under the cursor."""
        rows = self.query_one(OptionList)
        rows.add_options([self._option(i) for i in range(len(self._known))])
        rows.highlighted = next((i for i, one in enumerate(self._known) if one.key in self._chosen), 0)
        rows.focus()

    def _option(self, at: int) -> Option:
        one = self._known[at]
        mark = "x" if one.key in self._chosen else " "
        line = f" [{mark}] {quantity_words(one):<28} {one.unit}"
        return Option(Content(f"\n{line}\n" if self.app.has_class("-kiosk") else line))

    def _show(self) -> None:
        rows = self.query_one(OptionList)
        for i in range(len(self._known)):
            rows.replace_option_prompt_at_index(i, self._option(i).prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A tap switches it."""
        event.stop()
        self._switch(event.option_index)

    def action_switch(self) -> None:
        """The row under the cursor, on or off."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._switch(at)

    def _switch(self, at: int) -> None:
        key = self._known[at].key
        if key in self._chosen:
            self._chosen.remove(key)
        elif len(self._chosen) < MOST:
            self._chosen.append(key)
        self._show()

    def action_only(self) -> None:
        """This one and no other."""
        at = self.query_one(OptionList).highlighted
        self._chosen = [] if at is None else [self._known[at].key]
        self._show()

    def action_cells(self) -> None:
        """Every single cell, or none of them."""
        cells = [one.key for one in self._known if one.key.startswith("cell_mv.")][:MOST]
        rest = [key for key in self._chosen if key not in cells]
        self._chosen = rest if all(key in self._chosen for key in cells) else [*rest, *cells][:MOST]
        self._show()

    def action_take(self) -> None:
        """In the order of the list, so that panels do not jump."""
        keys = tuple(one.key for one in self._known if one.key in self._chosen)
        self.dismiss(keys or None)

    def action_leave(self) -> None:
        """As it was."""
        self.dismiss(None)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """Take, all cells, or leave."""
        (self.action_take, self.action_cells, self.action_leave)[message.index]()

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)
