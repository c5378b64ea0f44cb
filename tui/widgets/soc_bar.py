"""State of charge as one bar across a card."""

from tui.style.glyphs import GlyphSet
from tui.widgets.rows import Row
from tui.widgets.view import TrackView


def soc_bar(view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    """The bar in exactly so many cells; nothing known is an empty bar."""
    soc_pct = view.track.soc_pct
    fraction = 0.0 if soc_pct is None or view.blank else min(max(soc_pct / 100, 0.0), 1.0)
    bar = glyphs.hbar(fraction, cells)
    filled = len(bar.rstrip(glyphs.bar_empty))
    return ((bar[:filled], view.role(flow_role(view))), (bar[filled:], "rule"))


def flow_role(view: TrackView) -> str:
    """The role of the direction of the current: charging, discharging or neither."""
    current_a = view.track.pack.current_a
    if current_a is None:
        return "label"
    if view.track.battery == "fault":
        return "alarm"
    return "discharge" if view.track.battery == "discharging" else "charge"
