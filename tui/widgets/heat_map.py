"""Who spoke when: a row per identifier, a column per slice of the window, darker where there was more."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.locale import say
from tui.model.frame import FrameFigures, FrameView
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN
from tui.widgets.drawing import Drawing
from tui.widgets.frame_figures import window_words
from tui.widgets.frame_table import BUS_ID, STREAM_ID
from tui.widgets.rows import Row, row, title_rule

STRONG = 0.6  # share of the busiest slot from which a cell is bright


@dataclass(frozen=True, slots=True)
class HeatValue:
    """The newest view, and whether that is old."""

    view: FrameView
    old: bool = False


class HeatMap(Drawing[HeatValue]):
    """The oldest slot at the left, now at the right."""

    def draw(self, value: HeatValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A rule, the sum of all, then the identifiers as far as they fit."""
        figures = value.view.figures
        ago = say("plot-ago", span=window_words(figures.window_s))
        title = title_rule(say("frames-heat"), [(f"{ago} > {say('plot-now')}", "label")], cells, glyphs)
        label = BUS_ID if value.view.is_bus else STREAM_ID
        lines = heat_rows(figures, label, cells - 1, height - 1, glyphs)
        return [
            title,
            *([tuple((text, "stale") for text, _ in line) for line in lines] if value.old else lines),
        ]


def heat_rows(figures: FrameFigures, label: int, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
    """One row each; the last one tells how many have no room."""
    room = cells - label - 2
    if not figures.heat or room < 1:
        return [row((f" {UNKNOWN}", "label"))]
    known = sorted(figures.heat, key=lambda heat: (len(heat[0]), heat[0]))
    most = height - 1
    hidden = len(known) - most if len(known) > most else 0
    shown = known[: most - 1] if hidden else known
    sums = spread(figures.per_slot, room)
    lines = [
        row(
            (f" {say('frames-all'):<{label}} ", "label"),
            (glyphs.spark([count or None for count in sums], 0.0, max(sums, default=0.0) or 1.0), "series-b"),
        )
    ]
    slots = [spread(counts, room) for _, counts in shown]
    top = max((value for _, counts in known for value in spread(counts, room)), default=0.0) or 1.0
    for (key, _), counts in zip(shown, slots, strict=True):
        lines.append(row((f" {key:<{label}} ", "number"), *shaded(counts, top, glyphs)))
    if hidden:
        lines.append(row((f" {say('frames-more', count=hidden + 1)}", "label")))
    return lines


def spread(counts: Sequence[int], cells: int) -> list[float]:
    """Slots over so many cells: means where there are fewer cells, else each slot several cells wide."""
    if not counts:
        return []
    if len(counts) <= cells:
        wide = cells // len(counts)
        return [float(count) for count in counts for _ in range(wide)]
    parts = [counts[x * len(counts) // cells : (x + 1) * len(counts) // cells] for x in range(cells)]
    return [sum(part) / len(part) for part in parts]


def shaded(counts: Sequence[float], top: float, glyphs: GlyphSet) -> Row:
    """A glyph a cell. By the square root, so that a frame a second is seen beside a hundred."""
    steps = shades(glyphs)
    spans: list[tuple[str, str]] = []
    for count in counts:
        share = (count / top) ** 0.5
        step = 0 if count <= 0 else max(1, round(share * (len(steps) - 1)))
        spans.append((steps[step], "series-b" if share >= STRONG else "series-a"))
    return tuple(spans)


def shades(glyphs: GlyphSet) -> str:
    """From nothing to a full cell, in what the terminal has."""
    return (
        " ░▒▓█"
        if glyphs.has("halves")
        else f" {glyphs.bar_empty}{'▒' if glyphs.has('latin1') else '='}{glyphs.block}"
    )
