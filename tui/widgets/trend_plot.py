"""The current of all tracks over the last hour, on one time axis."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.trend import POINTS, Trend
from tui.style.glyphs import GlyphSet
from tui.style.numbers import amps
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, fit, joined, row, width
from tui.widgets.status_band import track_words
from tui.widgets.trend import resample, scale, span_words

AXIS_CELLS = 9
ROLES = ("series-a", "series-b", "warn", "balancing")


@dataclass(frozen=True, slots=True)
class PlotValue:
    """The fleet as seen at `now_s` on the engine's steady clock."""

    fleet: Fleet
    now_s: float


class TrendPlot(Drawing[PlotValue]):
    """A plot with a title rule, a legend in words, and an axis."""

    def draw(self, value: PlotValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One line per track; above zero charges."""
        tracks = [t for t in value.fleet.tracks if t.current_trend.points]
        lines = [_title(value, cells, glyphs)]
        rows = height - 2
        if rows < 3:
            return lines
        if not tracks:
            return [*lines, row((f" {say('plot-empty')}", "label"))]
        room = cells - AXIS_CELLS - 1
        series = [t.current_trend.at(value.now_s) for t in tracks]
        padded = [(None,) * (POINTS - len(points)) + points for points in series]
        shown = [resample(points, room * 2) for points in padded]
        low, high = scale([v for points in shown for v in points] + [0.0], 4.0)
        layers = [glyphs.plot(points, room, rows, low, high) for points in shown]
        zero = round((rows - 1) * (high / (high - low)))
        for y in range(rows):
            at = high - (high - low) * y / (rows - 1)
            label = amps(0.0 if y == zero else at, signed=True) if y in (0, zero, rows - 1) else ""
            ground = glyphs.line if y == zero else " "
            lines.append(_line(label, [layer[y] for layer in layers], ground, room))
        return [*lines, _time_axis(tracks[0].current_trend, room)]


def _title(value: PlotValue, cells: int, glyphs: GlyphSet) -> Row:
    left: list[tuple[str, str] | str] = [
        (f"{glyphs.line} ", "rule"),
        (say("plot-title").upper(), "title"),
        "  ",
    ]
    for role, track in zip(ROLES, value.fleet.tracks, strict=False):
        left += [(f"{glyphs.line * 2} {track_words(track.name)}  ", role)]
    line = row(*left)
    return fit((*line, (glyphs.line * max(0, cells - width(line)), "rule")), cells)


def _line(label: str, layers: list[str], ground: str, room: int) -> Row:
    """Layers over each other, first on top; empty places show the ground."""
    spans: list[tuple[str, str]] = [(f"{label:>{AXIS_CELLS - 1}} ", "label")]
    for x in range(room):
        for role, layer in zip(ROLES, layers, strict=False):
            if layer[x] not in (" ", "\u2800"):
                spans.append((layer[x], role))
                break
        else:
            spans.append((ground, "rule"))
    return joined(spans)


def _time_axis(trend: Trend, room: int) -> Row:
    left, right = say("plot-ago", span=span_words(trend)), say("plot-now")
    return row((" " * AXIS_CELLS + left + " " * max(1, room - len(left) - len(right)) + right, "label"))
