"""Stored samples as a table, a page of them."""

from dataclasses import dataclass
from datetime import datetime

from tui.locale import say
from tui.model.history import SamplePage, quantity
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.chart_panels import SIGNED
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import kept_in_sight
from tui.widgets.history_chart import sentences
from tui.widgets.rows import Row, fit, row, title_rule
from tui.widgets.status_band import track_words

HEAD_ROWS = 2
TIME_CELLS, SHORT_TIME_CELLS = 19, 11
LEAST_CELLS, MOST_CELLS = 8, 14


@dataclass(frozen=True, slots=True)
class TableValue:
    """A page, the row under the cursor, and the first one on show."""

    page: SamplePage | None = None
    archive: str = ""
    at: int = 0
    top: int = 0
    why: tuple[str, ...] = ()


class SampleRows(Drawing[TableValue]):
    """Newest first; the row under the cursor has a mark as well as a colour."""

    @property
    def room(self) -> int:
        """Rows for samples."""
        return max(1, self.size.height - HEAD_ROWS)

    def first_shown(self, value: TableValue) -> int:
        """So that the cursor is seen."""
        count = len(value.page.rows) if value.page else 0
        return kept_in_sight(count, value.top, value.at, self.room)

    def draw(self, value: TableValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rule, heading, rows."""
        page = value.page
        if page is None or value.why:
            return sentences(value.why, cells)
        title = title_rule(
            say("history-samples", track=track_words(page.track)), _facts(value, page), cells, glyphs
        )
        if not page.rows:
            return [title, *sentences((say("history-empty-table"),), cells)]
        first = kept_in_sight(len(page.rows), value.top, value.at, height - HEAD_ROWS)
        short = cells < 60
        shown = _columns(page, cells, TIME_CELLS if not short else SHORT_TIME_CELLS)
        lines = [title, _heading(page, shown, short)]
        for n, sample in enumerate(page.rows[first : first + height - HEAD_ROWS], first):
            text = "".join(f"{_number(page, i, sample.values[i]):>{wide}}" for i, wide in shown)
            chosen = n == value.at
            when = moment(sample.time_ms, short)
            lines.append(row((f"{'>' if chosen else ' '}{when}", "selection" if chosen else "label"),
                             (text, "selection" if chosen else "number")))  # fmt: skip
        return [fit(line, cells) for line in lines]


def moment(time_ms: int, short: bool) -> str:
    """`2026-11-21 12:07:31`, or `21 12:07:31` where that is too long."""
    at = datetime.fromtimestamp(time_ms / 1000)
    return at.strftime("%d %H:%M:%S" if short else "%Y-%m-%d %H:%M:%S")


def _facts(value: TableValue, page: SamplePage) -> list[tuple[str, str]]:
    last = page.offset + len(page.rows)
    first = page.offset + 1 if page.rows else 0
    source = value.archive or say("history-source-live")
    return [
        (say("history-page", first=str(first), last=str(last), total=str(page.total)), "label"),
        (source, "number"),
        (say("history-interval", seconds=str(page.interval_ms // 1000)), "label"),
    ]


def _columns(page: SamplePage, cells: int, time_cells: int) -> list[tuple[int, int]]:
    """Which quantities fit, and how wide each is."""
    room = cells - 2 - time_cells
    count = max(1, min(len(page.quantities), room // LEAST_CELLS))
    wide = min(MOST_CELLS, room // count)
    return [(i, wide) for i in range(count)]


def _heading(page: SamplePage, shown: list[tuple[int, int]], short: bool) -> Row:
    wide = SHORT_TIME_CELLS if short else TIME_CELLS
    parts = [(f" {say('history-time').upper():<{wide}}", "label")]
    for i, cells in shown:
        known = quantity(page.quantities[i])
        words = say(f"history-short-{known.name}") if known else page.quantities[i]
        unit = known.unit if known else ""
        text = f"{words} {unit}".strip()
        parts.append((f"{(text if len(text) < cells else words)[: cells - 1]:>{cells}}", "label"))
    return row(*parts)


def _number(page: SamplePage, i: int, value: float | None) -> str:
    known = quantity(page.quantities[i])
    if known is None or value is None:
        return UNKNOWN
    return fixed(value, known.decimals, signed=known.key in SIGNED)
