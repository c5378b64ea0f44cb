"""Cells (3): every cell with its value, its distance from the mean, and what is special about it; or the
laboratory (l): what was worked out about each."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.locale import say
from tui.screens.screen import Look, Place
from tui.widgets.card_row import CardRow
from tui.widgets.cell_table import LEAST_CELLS, CellTable
from tui.widgets.key_bar import KeyHint

if TYPE_CHECKING:  # loaded when somebody goes there
    from tui.screens.laboratory import Laboratory


class Cells(Place):
    """One table per track, as many as fit."""

    NAME: ClassVar[str] = "cells"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "switch_view", show=False, id="cells.laboratory"),
        Binding("pageup", "page(-1)", show=False, id="cells.page-up"),
        Binding("pagedown", "page(1)", show=False, id="cells.page-down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._is_laboratory = False
        self._laboratory: Laboratory | None = None  # none before the first visit

    def body(self, look: Look) -> Iterable[Widget]:
        """The tables, and the laboratory in their place when it is wanted."""
        row = CardRow(CellTable, LEAST_CELLS, self.app.size.width, look.views)
        row.display = not self._is_laboratory
        yield row
        self._laboratory = _laboratory() if self._is_laboratory else None
        if self._laboratory is not None:
            yield self._laboratory

    def cards_fit(self, look: Look) -> bool:
        """Whether every table is on show."""
        tracks = len(look.fleet.tracks)
        if self._laboratory is not None and self._is_laboratory:
            return self._laboratory.fitting(tracks) >= tracks
        return self.query_one(CardRow).fitting(tracks) >= tracks

    def draw(self, look: Look) -> None:
        """One value per table."""
        if self._laboratory is not None and self._is_laboratory:
            self._laboratory.draw(look)
        else:
            self.query_one(CardRow).show(list(look.views), look.selected_index)

    def hint(self, look: Look) -> str:
        """In the laboratory how to scroll it."""
        return say("lab-hint") if self._is_laboratory else super().hint(look)

    def own_keys(self) -> tuple[KeyHint, ...]:
        """To the laboratory and back, and why."""
        word = "key-bars" if self._is_laboratory else "key-laboratory"
        return (KeyHint("l", say(word), say(f"{word}-short"), "screen.switch_view", 1), self.why_key())

    async def action_switch_view(self) -> None:
        """Bars or laboratory."""
        self._is_laboratory = not self._is_laboratory
        row = self.query_one(CardRow)
        row.display = not self._is_laboratory
        if self._laboratory is None:
            self._laboratory = _laboratory()
            await self.query_one("#body").mount(self._laboratory, after=row)
        self._laboratory.display = self._is_laboratory
        self.look_again()
        self.call_after_refresh(self.look_again)  # what was hidden has no size before the next layout

    def action_page(self, step: int) -> None:
        """Scroll the laboratory."""
        if self._laboratory is not None:
            self._laboratory.scroll_relative(y=step * (self._laboratory.size.height - 1), animate=False)


def _laboratory() -> "Laboratory":
    from tui.screens.laboratory import Laboratory

    return Laboratory()
