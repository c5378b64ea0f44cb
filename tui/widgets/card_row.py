"""Cards side by side, as many as fit; the selected one is always among them."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.containers import Horizontal

from tui.widgets.divider import Divider
from tui.widgets.drawing import Drawing


class CardRow(Horizontal):
    """Holds cards of one kind with dividers between them."""

    DEFAULT_CSS = "CardRow { width: 1fr; height: 1fr; }"

    def __init__(self, card: Callable[[], Drawing[Any]], least_cells: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._card = card
        self._least_cells = least_cells
        self._cards: list[Drawing[Any]] = []

    def fitting(self, count: int) -> int:
        """How many cards fit, at least one."""
        return max(1, min(count, (self.size.width + 1) // (self._least_cells + 1)))

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
        self._cards = [self._card() for _ in range(count)]
        pieces: list[Drawing[Any]] = []
        for card in self._cards:
            pieces += [Divider(True), card] if pieces else [card]
        self.mount(*pieces)
