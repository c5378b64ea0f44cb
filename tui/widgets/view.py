"""What a drawing of one track gets: the track, and what depends on the moment of looking."""

from dataclasses import dataclass

from tui.model.link import State
from tui.model.track import BLANK_AFTER_S, Track


@dataclass(frozen=True, slots=True)
class TrackView:
    """One track as seen at `now_s` on the engine's steady clock."""

    track: Track
    state: State
    now_s: float
    polling: bool = True
    selected: bool = False

    @property
    def pack_age_s(self) -> float | None:
        """Seconds since totals and switches were read."""
        return self.track.pack_age_s(self.now_s)

    @property
    def cells_age_s(self) -> float | None:
        """Seconds since the cell voltages were read."""
        return self.track.cells_age_s(self.now_s)

    @property
    def pack_stale(self) -> bool:
        """Totals must not be shown as new."""
        return self.state is not State.LIVE or self.track.is_stale(self.pack_age_s)

    @property
    def cells_stale(self) -> bool:
        """Cell voltages must not be shown as new."""
        return self.state is not State.LIVE or self.track.is_stale(self.cells_age_s)

    @property
    def blank(self) -> bool:
        """Too old for digits that are read from far away."""
        age_s = self.pack_age_s
        return age_s is None or (age_s > BLANK_AFTER_S and self.pack_stale)

    def role(self, fresh: str) -> str:
        """The role for a total: `fresh`, or `stale` when it is old."""
        return "stale" if self.pack_stale else fresh

    def cell_role(self, fresh: str) -> str:
        """The role for a cell value: `fresh`, or `stale` when it is old."""
        return "stale" if self.cells_stale else fresh
