"""Lines and bands on a field of cells. The only file that knows plotext; loaded when first needed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from tui.style.glyphs import BRAILLE, GlyphSet
from tui.widgets.rows import Span

Point = tuple[float, float]
Cells = list[list[Span]]  # rows of single characters with their role; an empty cell is EMPTY

EMPTY: Span = (" ", "")
BAND_ROLE = "rule"
FIRST_COLOUR = 16  # plotext gets a number for each role and its escape codes are read back
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
BLANKS = " \u2800"
MOST_MERGED = 4  # lines that are drawn one by one, so that none hides dots of another


@dataclass(frozen=True, slots=True)
class Stroke:
    """One quantity of one track. Each run is joined to a line, runs are not; a run may be a single point.

    `band` is lowest and highest of moments, as (x, low, high).
    """

    runs: tuple[tuple[Point, ...], ...]
    role: str
    band: tuple[tuple[float, float, float], ...] = ()
    mark: str = ""  # the glyph it is made of where there is no braille: lines differ without colours too


@dataclass(frozen=True, slots=True)
class Field:
    """How many cells, and which numbers are at their edges."""

    cells: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]


def plotted(strokes: Sequence[Stroke], field: Field, glyphs: GlyphSet) -> Cells:
    """Bands below, lines over them, the first stroke on top of all. Rows from the top."""
    if field.cells < 1 or field.height < 1 or not any(stroke.runs for stroke in strokes):
        return [[EMPTY] * field.cells for _ in range(field.height)]
    if glyphs.has("braille") and 1 < len(strokes) <= MOST_MERGED:
        layers = [_drawn([stroke], field, glyphs) for stroke in strokes]
        return [[_over(spans) for spans in zip(*rows, strict=True)] for rows in zip(*layers, strict=True)]
    return _drawn(strokes, field, glyphs)


def _drawn(strokes: Sequence[Stroke], field: Field, glyphs: GlyphSet) -> Cells:
    """One picture of plotext. Where two lines meet in a cell, only the upper one is seen."""
    plt = _plotext()
    _begin(plt, field)
    roles = [BAND_ROLE, *dict.fromkeys(stroke.role for stroke in strokes)]
    for stroke in reversed(strokes):
        _draw_band(plt, stroke, field, glyphs)
    for stroke in reversed(strokes):
        _draw_runs(plt, stroke, FIRST_COLOUR + roles.index(stroke.role), glyphs)
    return _read(plt.build(), field, roles)


def _over(spans: Sequence[Span]) -> Span:
    """One cell of several pictures: dots of all lines in the colour of the uppermost; bands only alone."""
    lines = [span for span in spans if span != EMPTY and span[1] != BAND_ROLE]
    if not lines:
        return next((span for span in spans if span != EMPTY), EMPTY)
    dots = 0
    for char, _ in lines:
        dots |= ord(char) - BRAILLE
    return chr(BRAILLE + dots), lines[0][1]


def marker(stroke: Stroke, glyphs: GlyphSet) -> str:
    """What a line is made of: plotext's name for braille, or a glyph that the tier has."""
    return "braille" if glyphs.has("braille") else stroke.mark or glyphs.dot


def band_marker(glyphs: GlyphSet) -> str:
    """A light cell that is no dot of a grid."""
    return glyphs.bar_empty if glyphs.has("latin1") else ":"


def _plotext() -> ModuleType:
    """Loaded late: only those who look at a chart pay for it."""
    return import_module("plotext")


def _begin(plt: ModuleType, field: Field) -> None:
    """The one figure of plotext without anything but the field: axes are drawn by whoever knows the cells."""
    plt.clear_figure()
    plt.limit_size(False, False)
    plt.plotsize(field.cells, field.height)
    plt.theme("clear")
    plt.frame(False)
    plt.xticks([])
    plt.yticks([])
    plt.xlim(0.0, field.x[1] - field.x[0])
    plt.ylim(*field.y)


def _draw_runs(plt: ModuleType, stroke: Stroke, colour: int, glyphs: GlyphSet) -> None:
    """A signal per run; plotext joins the points of a signal."""
    for run in stroke.runs:
        plt.plot([x for x, _ in run], [y for _, y in run], marker=marker(stroke, glyphs), color=colour)


def _draw_band(plt: ModuleType, stroke: Stroke, field: Field, glyphs: GlyphSet) -> None:
    """Between lowest and highest: a light grid of dots, or cells of the lightest shade."""
    fine = glyphs.has("braille")
    across, down = (2, 4) if fine else (1, 1)
    dots = band_dots(stroke.band, field, field.cells * across, field.height * down, thin=fine)
    if not dots:
        return
    wide, high = max(1, field.cells * across - 1), max(1, field.height * down - 1)
    low, span = field.y[0], field.y[1] - field.y[0]
    xs = [x * (field.x[1] - field.x[0]) / wide for x, _ in dots]
    ys = [low + y * span / high for _, y in dots]
    plt.scatter(xs, ys, marker="braille" if fine else band_marker(glyphs), color=FIRST_COLOUR)


def band_dots(
    band: Sequence[tuple[float, float, float]], field: Field, wide: int, high: int, *, thin: bool
) -> list[tuple[int, int]]:
    """The raster dots of a band, column and row from below; thin: every other one, so that lines stand out.

    A band no higher than its line says nothing; where a row is a whole cell, one row more is only rounding.
    """
    span_x, span_y = field.x[1] - field.x[0], field.y[1] - field.y[0]
    columns: dict[int, tuple[float, float]] = {}
    for x, low, top in band:
        at = round(x / span_x * (wide - 1))
        known = columns.get(at)
        columns[at] = (low, top) if known is None else (min(low, known[0]), max(top, known[1]))
    dots = []
    for at, (low, top) in columns.items():
        first, last = (round((v - field.y[0]) / span_y * (high - 1)) for v in (low, top))
        if not 0 <= at < wide or last - first < (1 if thin else 2):
            continue
        rows = range(max(0, first), min(high - 1, last) + 1)
        dots += [(at, y) for y in rows if not thin or (at + y) % 2 == 0]
    return dots


def _read(text: str, field: Field, roles: Sequence[str]) -> Cells:
    """plotext's picture as cells: its colours are our roles again."""
    rows = [_read_line(line, roles)[: field.cells] for line in text.split("\n")[: field.height]]
    rows = [line + [EMPTY] * (field.cells - len(line)) for line in rows]
    return rows + [[EMPTY] * field.cells for _ in range(field.height - len(rows))]


def _read_line(line: str, roles: Sequence[str]) -> list[Span]:
    """`ESC[38;5;17m` begins the cells of the second role; any other code ends them."""
    cells: list[Span] = []
    role = ""
    for i, part in enumerate(ESCAPE.split(line)):
        if i % 2:
            number = part.rpartition(";")[2] if part.startswith("38;5;") else ""
            role = roles[int(number) - FIRST_COLOUR] if number else ""
        else:
            cells += [EMPTY if char in BLANKS else (char, role or roles[0]) for char in part]
    return cells
