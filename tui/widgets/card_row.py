"""Cards side by side, as many as fit; the selected one is always among them."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.widgets.divider import Divider
from tui.widgets.drawing import Drawing


class CardRow(Horizontal):
    """Holds cards of one kind with dividers between them."""

    DEFAULT_CSS = "CardRow { width: 1fr; height: 1fr; }"

    def __init__(
        self, card: Callable[[], Drawing[Any]], least_cells: int, cells: int = 0, values: Sequence[Any] = ()
    ) -> None:
        """`cells` and `values`, where known, put the first picture on the cards at once."""
        super().__init__()
        self._card = card
        self._least_cells = least_cells
        self._cards: list[Drawing[Any]] = []
        self._first = values[: _fitting(len(values), cells, least_cells)] if cells else ()

    def fitting(self, count: int) -> int:
        """How many cards fit, at least one."""
        return _fitting(count, self.size.width, self._least_cells)

    def compose(self) -> ComposeResult:
        """The cards that are known to be needed."""
        if self._first:
            yield from self._pieces(len(self._first))
            for card, value in zip(self._cards, self._first, strict=True):
                card.value = value

    def show(self, values: Sequence[Any], selected: int) -> None:
        """Show the values around the selected one."""
        if not self.size.width or not values:
            return
        count = self.fitting(len(values))
        if count != len(self._cards):
            self._rebuild(count)
        first = min(max(0, selected - count + 1), len(values) - count)
        for card, value in zip(self._cards, values[first : first + count], strict=True):
            card.show(value)

    def _rebuild(self, count: int) -> None:
        self.remove_children()
        self.mount(*self._pieces(count))

    def _pieces(self, count: int) -> list[Drawing[Any]]:
        """New cards with dividers between them."""
        self._cards = [self._card() for _ in range(count)]
        pieces: list[Drawing[Any]] = []
        for card in self._cards:
            pieces += [Divider(True), card] if pieces else [card]
        return pieces


def _fitting(count: int, cells: int, least_cells: int) -> int:
    return max(1, min(count, (cells + 1) // (least_cells + 1)))
