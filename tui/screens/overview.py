"""Overview (1): one card per track, the bank, alerts, events and links, and the last hour."""

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui.screens.screen import Look, Place
from tui.widgets.card_row import CardRow
from tui.widgets.divider import Divider
from tui.widgets.key_bar import KeyHint
from tui.widgets.side_panel import Block, SidePanel, SideValue
from tui.widgets.track_card import LEAST_CELLS, CardValue, Detail, TrackCard
from tui.widgets.trend_plot import PlotValue, TrendPlot

WIDE_CELLS = 120
TALL_ROWS = 29
SIDE_CELLS = 47  # the widest the third column gets, with its divider


def _is_wide(width: int, height: int) -> bool:
    return width >= WIDE_CELLS and height >= TALL_ROWS


class Overview(Place):
    """Wide windows have a third column and the plot; others have panels below short cards."""

    NAME: ClassVar[str] = "overview"

    def body(self, look: Look) -> Iterable[Widget]:
        """Everything; the style sheet shows what fits the size."""
        width, height = self.app.size
        self.set_class(_is_wide(width, height), "-wide")
        detail = Detail.FULL if _is_wide(width, height) else Detail.SUMMARY
        room = SIDE_CELLS if detail is Detail.FULL else 0
        values, side = [CardValue(view, detail) for view in look.views], SideValue(look.fleet, look.now_s)
        with Horizontal(id="upper"):
            with Vertical(id="main"):
                yield CardRow(TrackCard, LEAST_CELLS, width - room, values)
                yield TrendPlot(PlotValue(look.fleet, look.now_s))
            yield Divider(True, id="edge")
            yield SidePanel(Block.BANK, Block.ALERTS, Block.LINKS, Block.EVENTS, value=side, id="side")
        with Horizontal(id="below"):
            yield SidePanel(Block.BANK, Block.LINKS, value=side, id="below-left")
            yield Divider(True, id="below-edge")
            yield SidePanel(Block.TROUBLE, Block.EVENTS, value=side, id="below-right")

    def on_resize(self) -> None:
        """Wide and tall enough for the third column?"""
        self.set_class(_is_wide(*self.size), "-wide")
        super().on_resize()

    def own_keys(self) -> tuple[KeyHint, ...]:
        """Why the state of charge is what it is."""
        return (self.why_key(),)

    def cards_fit(self, look: Look) -> bool:
        """Whether every card is on show."""
        tracks = len(look.fleet.tracks)
        return self.query_one(CardRow).fitting(tracks) >= tracks

    def draw(self, look: Look) -> None:
        """Short cards where the panels are below them."""
        short = self.query_one("#below").display
        detail = Detail.SUMMARY if short else Detail.FULL
        self.query_one(CardRow).show([CardValue(view, detail) for view in look.views], look.selected_index)
        value = SideValue(look.fleet, look.now_s)
        for panel in self.query(SidePanel):
            if panel.display:
                panel.show(value)
        self.query_one(TrendPlot).show(PlotValue(look.fleet, look.now_s))
