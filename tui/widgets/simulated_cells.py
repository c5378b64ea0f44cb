"""The cells of a simulated pack from inside: what no wire tells, and what can be changed."""

from tui.locale import say
from tui.model.simulation import SimulatedCell
from tui.style.glyphs import GlyphSet
from tui.style.numbers import celsius, fixed
from tui.widgets.estimate_words import milliohm
from tui.widgets.frame_table import Cell, Column, plain_cell
from tui.widgets.rows import row
from tui.widgets.sim_list import ListValue, SimList

BAR = 16  # cells


class SimulatedCells(SimList[SimulatedCell]):
    """A row a cell."""

    def columns(self, cells: int) -> tuple[Column, ...]:
        """Number, voltage, charge, capacity, resistance, leak, temperature, bleeding."""
        return (
            Column("number", 3, 0),
            Column("mv", 8, 2, right=True),
            Column("soc", 7, 1, right=True),
            Column("bar", BAR, 7),
            Column("capacity", 8, 3, right=True),
            Column("resistance", 10, 4, right=True),
            Column("leak", 9, 5, right=True),
            Column("temperature", 6, 6, right=True),
            Column("bled", 9, 8, stretches=True),
        )

    def heading(self, name: str) -> str:
        """Of a column."""
        if name == "resistance":
            return f"R {milliohm(self.glyphs)}"
        return "" if name == "bar" else say(f"sim-cell-col-{name}")

    def cells_of(
        self, one: SimulatedCell, value: ListValue[SimulatedCell], glyphs: GlyphSet
    ) -> dict[str, Cell]:
        """Every cell of the row of a cell."""
        role = value.role("number")
        levels = [cell.soc_pct for cell in value.rows]
        bar_role = "warn" if one.soc_pct == min(levels) and max(levels) - min(levels) > 5 else "series-a"
        return {
            "number": plain_cell(f"{one.number:02d}", "label"),
            "mv": plain_cell(fixed(one.mv, 1), role),
            "soc": plain_cell(fixed(one.soc_pct, 2), role),
            "bar": lambda wide: row((glyphs.hbar(one.soc_pct / 100, wide), value.role(bar_role))),
            "capacity": plain_cell(fixed(one.capacity_ah, 2), role),
            "resistance": plain_cell(fixed(one.resistance_mohm, 3), role),
            "leak": plain_cell(fixed(one.leak_ma, 1), role),
            "temperature": plain_cell(celsius(one.temperature_c), role),
            "bled": plain_cell(say("sim-bled") if one.is_bled else "", value.role("balancing")),
        }
