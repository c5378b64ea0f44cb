"""Tracks (2): the kiosk screen. All tracks side by side, each as complete as the size allows."""

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from tui.screens.screen import Look, Place
from tui.widgets.card_row import CardRow
from tui.widgets.key_bar import KeyHint
from tui.widgets.touch_zones import TouchZones, ZonesValue
from tui.widgets.track_card import LEAST_CELLS, CardValue, TrackCard


class Tracks(Place):
    """One full card per track; in the kiosk also the touch zones."""

    NAME: ClassVar[str] = "tracks"

    def body(self, look: Look) -> Iterable[Widget]:
        """Cards, and the zones that the style sheet hides outside the kiosk."""
        values = [CardValue(view) for view in look.views]
        yield CardRow(TrackCard, LEAST_CELLS, self.app.size.width, values)
        yield TouchZones(ZonesValue(look.fleet.polling))

    def own_keys(self) -> tuple[KeyHint, ...]:
        """Why the state of charge is what it is."""
        return (self.why_key(),)

    def cards_fit(self, look: Look) -> bool:
        """Whether every card is on show."""
        tracks = len(look.fleet.tracks)
        return self.query_one(CardRow).fitting(tracks) >= tracks

    def draw(self, look: Look) -> None:
        """One value per card."""
        self.query_one(CardRow).show([CardValue(view) for view in look.views], look.selected_index)
        self.query_one(TouchZones).show(ZonesValue(look.fleet.polling))
