"""Figures, heat map and the sheet of one frame."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frame_views import AT_US, FIELDS, bus_rows, bus_view, line_rows, line_view
from tui.locale import use
from tui.model.frame import FrameDetail, FrameError, FrameFigures, FrameView
from tui.style.glyphs import GLYPHS
from tui.widgets.frame_detail import DetailValue, detail_rows, hex_dump
from tui.widgets.frame_figures import FiguresPanel, FiguresValue, error_rows, short_count
from tui.widgets.heat_map import HeatMap, HeatValue, heat_rows, spread
from tui.widgets.rows import plain, width

GLYPH = GLYPHS["full"]
HUGE = FrameFigures(
    999_999_999, 123_456_789, 10**12, 10**11, 10**7, 10**7, 8000.0, 9999.9, 99.9, 100.0, 1_000_000,
    tuple(FrameError(key, 10**6, AT_US) for key in ("checksum", "too-many-kinds", "implausible")),
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("cells", [40, 44, 46, 80, 120])
def test_no_figure_is_cut(cells: int, language: str) -> None:
    """S1-57, S1-58: the largest numbers too."""
    use(language)
    for view in (
        bus_view(),
        line_view(),
        replace(bus_view(), figures=HUGE),
        FrameView("left", 0, True),
        None,
    ):
        for height in (7, 9, 12, 16):
            value = FiguresValue(view, 1e6, 123_456.0)
            for line in FiguresPanel(value).draw(value, cells, height, GLYPH):
                assert width(line) <= cells, plain([line])


def test_the_figures_of_a_bus() -> None:
    """S1-58, CL-45: rates, totals, unknown, dropped, load now and peak, error table, ages of 351 and 305."""
    value = FiguresValue(bus_view(), 666.0, 8.0)
    text = plain(FiguresPanel(value).draw(value, 46, 16, GLYPH))
    for words in ("23.4", "666", "98231", "741002", "unknown 5768", "dropped 0", "0.5 %", "peak  1.1 %"):
        assert words in text, words
    assert "of 500 kbit/s without stuffing" in text and "351 0.4 s" in text and "305 0.6 s" in text
    assert "bus errors" in text and "12:02:19" in text


def test_what_was_never_seen_is_two_dashes() -> None:
    """No age of a frame that never came, and no load of a bus whose speed nobody knows."""
    value = FiguresValue(FrameView("right", AT_US, True))
    text = plain(FiguresPanel(value).draw(value, 46, 16, GLYPH))
    assert "351 --" in text and "305 --" in text and "load" in text and "no errors" in text


@given(st.floats(0, 9e11))
def test_a_count_has_at_most_seven_cells(count: float) -> None:
    """Digits up to a million, then millions."""
    assert len(short_count(count)) <= 7


def test_the_error_table_says_what_how_often_and_when() -> None:
    """CL-45: with the last time; one that never happened has none."""
    lines = error_rows((FrameError("checksum", 3, AT_US), FrameError("late", 0, 0)), 40, 9)
    assert "wrong checksum" in plain(lines) and "12:07:31" in plain(lines) and "--" in plain(lines)


@pytest.mark.parametrize("tier", GLYPHS)
def test_the_heat_map_has_a_row_per_identifier(tier: str) -> None:
    """CL-45: in every tier, rare ones beside frequent ones, gaps where nothing came."""
    value = HeatValue(bus_view())
    lines = HeatMap(value).draw(value, 46, 20, GLYPHS[tier])
    text = plain(lines).splitlines()
    assert len(text) == 15 and all(width(line) <= 46 for line in lines)
    rows = {line.split()[0]: line[10:] for line in text[2:]}
    assert " " in rows["370"].strip() and " " not in rows["351"].strip()
    assert rows["18F128F4"][5] != rows["351"][5] != " "
    assert len(rows["35E"].rstrip()) < len(rows["351"])


def test_the_heat_map_counts_what_it_cannot_show() -> None:
    """Never silently less."""
    text = plain(heat_rows(bus_view().figures, 8, 40, 6, GLYPH))
    assert "9 more ids" in text
    assert plain(heat_rows(FrameFigures(), 8, 40, 6, GLYPH)) == " --"


@given(st.lists(st.integers(0, 50), max_size=80), st.integers(1, 100))
def test_slots_spread_over_cells_keep_what_happened(counts: list[int], cells: int) -> None:
    """A slot with a frame is never lost, and nothing is invented."""
    spreading = spread(counts, cells)
    assert len(spreading) <= cells
    assert any(counts) == any(spreading)


@pytest.mark.parametrize("cells", [20, 34, 36, 50, 70])
def test_bytes_with_offsets_and_letters(cells: int) -> None:
    """Sixteen, eight or four a line; all of them."""
    data = bytes(range(60, 100))
    lines = hex_dump(data, cells)
    assert all(width(line) <= cells for line in lines)
    assert b"".join(bytes.fromhex(line[1][0]) for line in lines) == data
    assert "".join(line[2][0][1:] for line in lines) == data.decode()
    assert plain(hex_dump(b"", cells)) == "no data bytes"


@pytest.mark.parametrize("cells", [32, 36, 70])
def test_the_sheet_shows_every_field_whole(cells: int) -> None:
    """Long names and values go on below."""
    fields = (*FIELDS, ("a_name_that_is_far_too_long_for_its_column", " ".join(["3319"] * 32)), ("empty", ""))
    lines = detail_rows(DetailValue(FrameDetail(line_rows()[-1], fields), False), cells, GLYPH)
    assert all(width(line) <= cells for line in lines)
    assert plain(lines).count("3319") == 32 and "production_date" in plain(lines)


def test_a_sheet_without_fields_says_why() -> None:
    """Waiting, unknown, or the cause."""
    detail = FrameDetail(bus_rows()[-1])
    assert "Decoding" in plain(detail_rows(DetailValue(detail), 70, GLYPH))
    assert "Nobody here" in plain(detail_rows(DetailValue(detail, False), 70, GLYPH))
    assert "gone" in plain(detail_rows(DetailValue(detail, False, ("It is gone.",)), 70, GLYPH))
