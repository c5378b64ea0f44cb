"""What the History place asks, and what it remembers of the answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.model.history import (
    CellHeat,
    EnergyTable,
    HistoryFiles,
    HistoryPage,
    HistoryQuestion,
    LookAtStorage,
    SampleTable,
)
from tui.model.link import Cause
from tui.model.requests import Answer
from tui.widgets.history_window import DAY_S, Window

HEAT_POINTS = 120
ENERGY_DAYS, ENERGY_MONTHS = 92, 36
AGAIN_S = {"chart": 3.0, "table": 10.0, "energy": 30.0, "heat": 10.0, "files": 10.0}
AGAIN_MOST_S = 60.0
POINT_CHOICES = (240, 60, 120, 4000)  # row CL-46: what suits first, then as documented; 4000 is all
ROW_CHOICES = (0, 10, 20, 50)  # rows a page; 0: as many as there is room for


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything that a person chose: two equal ones need the same answer."""

    view: str
    tracks: tuple[str, ...]
    track: str  # the selected one
    quantities: tuple[str, ...]
    window: Window
    points: int = POINT_CHOICES[0]
    by: str = "day"
    archive: str = ""
    offset: int = 0
    rows: int = 50

    @property
    def key(self) -> "tuple[object, ...]":
        """What matters to its view: another track does not make a chart of all tracks old."""
        used: dict[str, tuple[object, ...]] = {
            "chart": (self.tracks, self.quantities, self.window, self.points),
            "table": (self.track, self.archive, self.offset, self.rows),
            "energy": (self.tracks, self.by),
            "heat": (self.track, self.window),
            "files": (),
        }
        return (self.view, *used[self.view])

    @property
    def moves(self) -> bool:
        """Whether time alone makes the answer old."""
        if self.view in ("chart", "heat"):
            return self.window.following
        return not (self.view == "table" and (self.archive or self.offset))


def questions(wish: Wish, now_ms: int) -> tuple[HistoryQuestion, ...]:
    """What to ask for a wish."""
    from_ms, until_ms = wish.window.range_ms(now_ms, wish.points)
    if wish.view == "chart":
        return (HistoryPage(wish.tracks, wish.quantities, from_ms, until_ms, wish.points),)
    if wish.view == "table":
        return (SampleTable(wish.track, offset=wish.offset, rows=wish.rows, archive=wish.archive),)
    if wish.view == "energy":
        days = ENERGY_DAYS if wish.by == "day" else ENERGY_MONTHS * 31
        return (EnergyTable(wish.tracks, wish.by, now_ms - days * DAY_S * 1000),)
    if wish.view == "heat":
        from_ms, until_ms = wish.window.range_ms(now_ms, HEAT_POINTS)
        return (CellHeat(wish.track, from_ms, until_ms, HEAT_POINTS),)
    return HistoryFiles(), LookAtStorage()


@dataclass(slots=True)
class Got:
    """The newest answers of a view, and to what."""

    key: tuple[object, ...] = ()
    answers: tuple[Answer, ...] = ()
    cause: Cause | None = None
    local_s: float = float("-inf")

    def due(self, wish: Wish, local_s: float, paused: bool) -> bool:
        """Another wish at once; the same one again when time has made the answer old."""
        if self.key != wish.key:
            return True
        if paused or not (wish.moves or self.cause is not None):
            return False
        return local_s - self.local_s >= again_s(wish)

    def take(self, wish: Wish, answers: Sequence[Answer], local_s: float) -> None:
        """Keep an answer; a refusal keeps the picture of before only when it is of the same wish."""
        refused = next((one for one in answers if not one.ok), None)
        same = self.key == wish.key
        self.key, self.local_s = wish.key, local_s
        self.cause = (refused.cause or Cause("engine-silent")) if refused is not None else None
        if refused is None or not same:
            self.answers = () if refused is not None else tuple(answers)


def again_s(wish: Wish) -> float:
    """A chart moves on by one bucket at a time, never faster than every few seconds."""
    least = AGAIN_S[wish.view]
    if wish.view == "chart":
        return min(max(least, wish.window.span_s / wish.points), AGAIN_MOST_S)
    return least
