"""Everything that can be made to go wrong in a simulation: what acts, how much, where, for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.locale import say
from tui.model.simulation import AMOUNTS, OF_A_CELL, OF_A_SENSOR, ActiveFault, FaultKind
from tui.style.glyphs import GlyphSet
from tui.style.numbers import minutes_words
from tui.widgets.estimate_words import milliohm
from tui.widgets.frame_table import Cell, Column, plain_cell
from tui.widgets.rows import row
from tui.widgets.sim_list import ListValue, SimList
from tui.widgets.simulation_words import amount_words, fault_words, place_words

WITH_HELP = 93  # cells from which there is room to say what comes of it


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault as it acts on the chosen pack, or as it would begin."""

    kind: FaultKind
    where: int = 0
    amount: float = 0.0
    acts: bool = False
    left_s: float | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What names the row; a kind that does not act has one row."""
        return self.kind.value, self.where if self.acts else 0


def fault_rows(faults: Sequence[ActiveFault], pack: str) -> tuple[FaultRow, ...]:
    """Every kind in its place, those that act more than once in several rows."""
    found: list[FaultRow] = []
    for kind in FaultKind:
        acting = sorted((f for f in faults if f.kind is kind and f.pack == pack), key=lambda f: f.where)
        found += [FaultRow(kind, f.where, f.amount, True, f.left_s) for f in acting]
        if not acting:
            found.append(FaultRow(kind, 0, AMOUNTS.get(kind, (0.0, 0.0, 0.0))[0]))
    return tuple(found)


class FaultTable(SimList[FaultRow]):
    """A row a fault."""

    def columns(self, cells: int) -> tuple[Column, ...]:
        """What it is, whether it acts, on what, how much, how long, and what comes of it."""
        roomy = cells >= 76
        return (
            Column("fault", 30 if roomy else 20, 0, stretches=cells < WITH_HELP),
            Column("state", 8 if roomy else 7, 1),
            Column("where", 10, 3),
            Column("amount", 9 if roomy else 8, 2, right=True),
            Column("left", 5, 4, right=True),
            Column("help", 24, 5, stretches=True),
        )

    def heading(self, name: str) -> str:
        """Of a column."""
        return say(f"sim-fault-col-{name}")

    def cells_of(self, one: FaultRow, value: ListValue[FaultRow], glyphs: GlyphSet) -> dict[str, Cell]:
        """What acts has a mark and a word; the rest is quiet."""
        role = value.role("number" if one.acts else "text")
        has_place = one.acts or one.kind not in (*OF_A_CELL, *OF_A_SENSOR)
        where = place_words(one.kind, one.where) if has_place else place_words(one.kind, 1).partition(" ")[0]
        left = "" if one.left_s is None else minutes_words(one.left_s)
        return {
            "fault": plain_cell(fault_words(one.kind), value.role("title" if one.acts else "text")),
            "state": lambda wide: row(
                (f"{glyphs.alarm} {say('sim-acts')}", value.role("alarm")) if one.acts else ("-", "label")
            ),
            "where": plain_cell(where, role if one.acts else "label"),
            "amount": lambda wide: row(
                (
                    amount_words(one.kind, one.amount).replace("mΩ", milliohm(glyphs))[:wide],
                    role if one.acts else "label",
                )
            ),
            "left": plain_cell(left, role),
            "help": plain_cell(say(f"sim-fault-help-{one.kind}"), "label"),
        }
