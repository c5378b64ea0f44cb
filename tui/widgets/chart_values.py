"""All values of a chart at one moment: beside it where there is room, else in a sheet."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.screen import ModalScreen

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.chart_axis import moment_words
from tui.widgets.chart_panels import Line, Panel, panels_of, value_words
from tui.widgets.drawing import Drawing
from tui.widgets.history_chart import ChartValue, Frame, frame_of, legend_value, marks_seen
from tui.widgets.rows import BLANK, Row, ends, row, title_rule

NAME_CELLS = 16
VALUE_CELLS = 9
WINDOW_CELLS = 100  # of the chart beside which this stands; only the reach of a bucket depends on it


class ChartValues(Drawing[ChartValue]):
    """A rule with the moment, then every line of every panel."""

    DEFAULT_CSS = "ChartValues.-whole { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are to show."""
        return len(value_rows(self.value, width, self.glyphs)) if self.value else 1

    def draw(self, value: ChartValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Cut at the end when there is too much."""
        return value_rows(value, cells, glyphs)


def value_rows(value: ChartValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Mean, and lowest … highest where they differ; then what happened."""
    span_s = (value.until_ms - value.from_ms) / 1000
    at = say("history-newest") if value.cursor_ms is None else moment_words(value.cursor_ms, span_s)
    title = say("history-values") if value.cursor_ms is None else say("history-cursor")
    lines = [title_rule(title, [(at, "label")], cells, glyphs)]
    if value.chart is None:
        return lines
    frame = frame_of(value, WINDOW_CELLS)
    for number, panel in enumerate(panels_of(value.chart, value.tracks, value.quantities)):
        several = len(panel.lines) > 1
        lines += [BLANK] if number else []
        lines += [_heading(panel, cells, first=not number)]
        lines += [_line_row(line, value, frame, cells, glyphs if several else None) for line in panel.lines]
    marks = marks_seen(value, frame)[-6:]
    if marks:
        lines += [BLANK, title_rule(say("history-marks"), (), cells, glyphs)]
        lines += [
            row(
                (f" {glyphs.up} ", "warn"),
                (f"{moment_words(m.time_ms, span_s)}  ", "label"),
                say(f"mark-{m.kind}"),
            )
            for m in marks
        ]
    return lines


def _heading(panel: Panel, cells: int, *, first: bool) -> Row:
    if not first:
        return row((f" {panel.title}", "title"), (f" {panel.unit}", "label"))
    right = row((f"{say('history-mean')}  {say('history-low-high')} ", "label"))
    return ends(row((f" {panel.title}", "title"), (f" {panel.unit}", "label")), right, cells)


def _line_row(line: Line, value: ChartValue, frame: Frame, cells: int, tagged: GlyphSet | None) -> Row:
    bucket = legend_value(line, value, frame)
    mean = value_words(line.quantity, bucket.mean if bucket else None)
    span = ""
    if bucket is not None and bucket.high > bucket.low:
        span = f"{value_words(line.quantity, bucket.low)} .. {value_words(line.quantity, bucket.high)}"
    name = f" {f'{line.tag(tagged)} ' if tagged else ''}{line.name}"[: max(8, cells - VALUE_CELLS - 20)]
    left = row((name, line.role))
    right = row((f"{mean:>{VALUE_CELLS}}", "number" if bucket else "label"), (f"{span:>19} ", "label"))
    return ends(left, right, cells)


class ValuesSheet(ModalScreen[None]):
    """The same over the place; any of the usual keys closes it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ValuesSheet .sheet { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space,4", "dismiss", show=False, id="values.close")
    ]

    def __init__(self, value: ChartValue) -> None:
        super().__init__()
        self._value = value

    def compose(self) -> ComposeResult:
        """One scrolling sheet."""
        with VerticalScroll(classes="sheet"):
            yield ChartValues(self._value, classes="-whole")

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
