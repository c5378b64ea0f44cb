"""Panels, legends, gaps, the cursor: the chart as text."""

from dataclasses import replace

import pytest

from tests import histories
from tests.histories import GAP_MS, HOUR_MS, NOW_MS
from tui.model.history import DAY_MS, Bucket, Chart, HistoryPage, Mark, Series
from tui.style.glyphs import GLYPHS
from tui.widgets.chart_panels import bucket_at, panels_of
from tui.widgets.chart_values import value_rows
from tui.widgets.history_chart import ChartValue, HistoryChart, shown_panels
from tui.widgets.rows import fit_block, plain

BOTH = ("left", "right")
KEYS = ("current_a", "pack_v", "soc_pct")


def value(keys: tuple[str, ...] = KEYS, **more: object) -> ChartValue:
    """A day of both packs."""
    chart = histories.chart(HistoryPage((), keys, NOW_MS - DAY_MS, NOW_MS))
    made = ChartValue(chart, chart.from_ms, chart.until_ms, BOTH, keys)
    return replace(made, **more)  # type: ignore[arg-type]


def drawn(value: ChartValue, cells: int = 100, height: int = 30, tier: str = "full") -> str:
    """The chart as lines."""
    return plain(fit_block(HistoryChart().draw(value, cells, height, GLYPHS[tier]), cells, height))


def titles(made: ChartValue) -> list[str]:
    """Titles of all panels."""
    assert made.chart is not None
    return [panel.title for panel in panels_of(made.chart, made.tracks, made.quantities)]


def test_tracks_share_a_scale_where_it_suits_both() -> None:
    """S1-7: both tracks on one time axis; 16S and 4S volts get panels of their own."""
    assert titles(value()) == ["Current", "Pack voltage left", "Pack voltage right", "State of charge"]


def test_single_cells_and_their_extremes_share_a_panel() -> None:
    """Any measured value, several at once."""
    made = value(("cell_mv.1", "cell_mv.2", "spread_mv", "temperature_c.1"))
    assert titles(made) == ["Cells", "Cell spread", "Temperature 1"]
    text = drawn(made)
    assert "left Cell 1" in text and "right Cell 2" in text


def test_panels_keep_their_places_without_data() -> None:
    """Nothing jumps when a range has no data of one of them."""
    full = value()
    assert full.chart is not None
    emptied = tuple(replace(s, buckets=()) if s.quantity == "soc_pct" else s for s in full.chart.series)
    assert titles(replace(full, chart=replace(full.chart, series=emptied))) == titles(full)


def test_what_has_no_room_is_counted_and_reached() -> None:
    """At 80x24 three of four panels; the focus brings the last one."""
    text = drawn(value(), 80, 20)
    assert "1/4" in text and "STATE OF CHARGE" not in text
    assert "STATE OF CHARGE" in drawn(value(focus=3), 80, 20)
    alone = drawn(value(focus=3, alone=True), 80, 20)
    assert "STATE OF CHARGE" in alone and "CURRENT" not in alone


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
def test_a_gap_stays_empty_and_is_named(tier: str) -> None:
    """Gaps shown as gaps."""
    lines = drawn(value(("soc_pct",), alone=True), 100, 14, tier).splitlines()
    first = 8 + round((GAP_MS[0] + HOUR_MS / 2 - NOW_MS + DAY_MS) / DAY_MS * 89)
    last = 8 + round((GAP_MS[1] - HOUR_MS / 2 - NOW_MS + DAY_MS) / DAY_MS * 89)
    inside = "".join(line[first:last] for line in lines[1:-2])
    assert "no data" in "".join(lines[1:-2])
    assert not set(inside.replace("no data", "")) - set(" ·.")


def test_values_of_the_legend_are_those_at_the_cursor() -> None:
    """A cursor with all values at that moment; inside a gap nothing is invented."""
    at_ms = NOW_MS - 3 * HOUR_MS
    expected = f"{histories.value('left', 'current_a', at_ms):+.0f}"[:2]
    assert f"a left {expected}" in drawn(value(cursor_ms=at_ms))
    inside = drawn(value(cursor_ms=GAP_MS[0] + HOUR_MS))
    assert "a left --" in inside and "18 Oct 02:07" in inside


def test_the_cursor_is_told_in_full() -> None:
    """Mean, and lowest and highest, of every line, also of panels that have no room."""
    text = plain(value_rows(value(cursor_ms=NOW_MS - 3 * HOUR_MS), 46, GLYPHS["full"]))
    assert "lowest .. highest" in text and " .. " in text.splitlines()[2]
    for words in ("Current A", "Pack voltage left V", "Pack voltage right V", "State of charge %"):
        assert words in text
    assert "packdeck started" in text


def test_marks_stand_on_the_time_axis() -> None:
    """What happened is seen where it happened, and told under the cursor."""
    at_ms = GAP_MS[1] + 60_000
    assert "▲" in drawn(value()).splitlines()[-2]
    assert "packdeck started" in drawn(value(cursor_ms=at_ms)).splitlines()[-1]


def test_one_track_needs_no_letters() -> None:
    """Letters and names only where there are several lines."""
    chart = histories.chart(HistoryPage(("left",), KEYS, NOW_MS - DAY_MS, NOW_MS), ("left",))
    text = drawn(ChartValue(chart, chart.from_ms, chart.until_ms, ("left",), KEYS))
    assert "PACK VOLTAGE V" in text and "a left" not in text


def test_lines_differ_without_colours() -> None:
    """In poor tiers each line has a glyph, and the legend says which."""
    text = drawn(value(("current_a",), alone=True), 100, 20, "ascii")
    assert "* left" in text and "x right" in text and text.count("x") > 20


def test_every_line_of_the_picture_has_its_width() -> None:
    """Aligned at every size and in every tier."""
    for tier in GLYPHS:
        for cells, height in ((40, 15), (80, 18), (160, 38), (13, 4), (9, 1)):
            rows = HistoryChart().draw(value(), cells, height, GLYPHS[tier])
            assert len(rows) <= max(height, 4)
            assert all(sum(len(text) for text, _ in row) <= max(cells, 40) for row in rows)


def test_a_bucket_speaks_for_its_time_and_not_for_a_gap() -> None:
    """Between two joined buckets the earlier one holds; after the last one its own length."""
    buckets = (Bucket(0, 1, 1, 1, 1), Bucket(1000, 2, 2, 2, 1), Bucket(9000, 3, 3, 3, 1))
    series = Series("left", "pack_v", buckets, 2.5)
    found = [bucket_at(series, at, 1000.0) for at in (-1, 0, 999, 1500, 5000, 9500, 11_000)]
    assert [b.mean if b else None for b in found] == [None, 1, 1, 2, None, 3, None]


def test_four_thousand_points_are_drawn_as_few() -> None:
    """CL-46: all points; no more dots than there is room for, and nothing lost of the extremes."""
    low = tuple(Bucket(NOW_MS - DAY_MS + n * 21_600, 1.0, 1.0, 1.0, 1) for n in range(4000))
    peak = replace(low[2000], high=9.0)
    series = Series("left", "spread_mv", (*low[:2000], peak, *low[2001:]), 60.0)
    chart = Chart(NOW_MS - DAY_MS, NOW_MS, 21.6, (series,))
    text = drawn(ChartValue(chart, chart.from_ms, chart.until_ms, ("left",), ("spread_mv",)), 80, 18)
    assert "CELL SPREAD mV" in text and "8" in text


def test_marks_outside_the_window_are_not_drawn() -> None:
    """Only what is on show."""
    made = value()
    assert made.chart is not None
    elsewhere = replace(made.chart, marks=(Mark(NOW_MS - 3 * DAY_MS, "started"),))
    assert "▲" not in drawn(replace(made, chart=elsewhere)).splitlines()[-2]


def test_shown_panels_share_the_height() -> None:
    """No row is lost."""
    assert sum(rows for *_, rows in shown_panels(value(), 30, GLYPHS["full"])) == 28
