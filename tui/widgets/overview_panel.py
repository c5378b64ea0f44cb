"""The panels of the overview: links that have no room are counted in the title of their block."""

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.frame_table import title_rule
from tui.widgets.rows import Row
from tui.widgets.side_panel import Block, SidePanel, SideValue, rule


class OverviewPanel(SidePanel):
    """Blocks as in every side panel."""

    def draw(self, value: SideValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """All blocks; where links are below the last row, their title says how many."""
        rows = super().draw(value, cells, height, glyphs)
        if Block.LINKS not in self.blocks or len(rows) <= height:
            return rows
        title = rows.index(rule(Block.LINKS, cells, glyphs))
        missing = title + 1 + len(value.fleet.tracks) - height  # here each link has one row
        if missing > 0:
            facts = (say("facts-more", count=missing), "number"), (say("panel-links-hint"), "label")
            rows[title] = title_rule(say("panel-links"), facts, cells, glyphs)
        return rows
