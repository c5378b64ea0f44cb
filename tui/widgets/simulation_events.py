"""What happened in a simulation, newest first."""

from tui.locale import say
from tui.model.simulation import SimulationEvent
from tui.style.glyphs import GlyphSet
from tui.style.numbers import span
from tui.widgets.frame_table import Cell, Column, plain_cell
from tui.widgets.rows import Row, title_rule
from tui.widgets.sim_list import ListValue, SimList
from tui.widgets.simulation_words import event_words
from tui.widgets.status_band import track_words

ALARMING = ("fault-began", "tripped", "script-refused")
GOOD = ("fault-ended", "released")


class SimulationEvents(SimList[SimulationEvent]):
    """A row an event. Nothing is chosen here: up and down scroll."""

    CHOOSES = False

    def columns(self, cells: int) -> tuple[Column, ...]:
        """When, which pack, what."""
        return Column("at", 8, 1, right=True), Column("pack", 9, 2), Column("what", 22, 0, stretches=True)

    def heading(self, name: str) -> str:
        """Of a column."""
        return say(f"sim-event-col-{name}")

    def cells_of(
        self, one: SimulationEvent, value: ListValue[SimulationEvent], glyphs: GlyphSet
    ) -> dict[str, Cell]:
        """Time since the simulation began, the pack, the words."""
        role = "alarm" if one.key in ALARMING else "ok" if one.key in GOOD else "text"
        role = "title" if one.key.startswith(("stage-", "mode-", "profile")) else role
        return {
            "at": plain_cell(span(one.at_s), value.role("label")),
            "pack": plain_cell(track_words(one.pack) if one.pack else "", value.role("label")),
            "what": plain_cell(event_words(one), value.role(role)),
        }


class EventsPanel(SimulationEvents):
    """The same beside another list, under a title of its own."""

    def draw(self, value: ListValue[SimulationEvent], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, then the list."""
        title = title_rule(say("sim-view-events"), [], cells, glyphs)
        return [title, *super().draw(value, cells, height - 1, glyphs)]
