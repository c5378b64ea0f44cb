"""Cells (3): every cell with its value, its distance from the mean, and what is special about it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from tui.screens.screen import Look, Place
from tui.widgets.card_row import CardRow
from tui.widgets.cell_table import LEAST_CELLS, CellTable


class Cells(Place):
    """One table per track, as many as fit."""

    NAME: ClassVar[str] = "cells"

    def body(self, look: Look) -> Iterable[Widget]:
        """The tables."""
        yield CardRow(CellTable, LEAST_CELLS, self.app.size.width, look.views)

    def cards_fit(self, look: Look) -> bool:
        """Whether every table is on show."""
        tracks = len(look.fleet.tracks)
        return self.query_one(CardRow).fitting(tracks) >= tracks

    def draw(self, look: Look) -> None:
        """One value per table."""
        self.query_one(CardRow).show(list(look.views), look.selected_index)
