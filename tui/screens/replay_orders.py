"""The orders to a recording that plays: stand still, skip, step, another speed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.feed.feed import Player
from tui.model.requests import Play

if TYPE_CHECKING:
    from tui.app import PackdeckApp

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class ReplayOrders:
    """What the keys and the slider do to the recording of that app."""

    app: "PackdeckApp"
    player: Player

    def pause(self) -> None:
        """Stand still, or go on."""
        self._play(Play(paused=not self.player.paused))

    def seek(self, at_s: float) -> None:
        """Go to so many seconds from its beginning."""
        self._play(Play(at_s=at_s))

    def skip(self, seconds: float) -> None:
        """So many seconds on or back."""
        self.seek(self.player.position_s + seconds)

    def step(self, events: int) -> None:
        """One event on or back."""
        self._play(Play(step=events))

    def faster(self, by: int) -> None:
        """The next or previous speed."""
        speed = self.player.speed
        at = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - speed))
        self._play(Play(speed=SPEEDS[min(max(at + by, 0), len(SPEEDS) - 1)]))

    def _play(self, how: Play) -> None:
        """Quick: it is folded here."""
        self.player.ask(how)
        self.app.look_anew()
