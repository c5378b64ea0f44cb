"""Tables and lists of frames at every width: aligned, nothing cut in the middle of a word."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frame_views import bus_kinds, bus_rows, bus_view, line_view
from tui.locale import use
from tui.model.frame import FrameKind, FrameView, Trust
from tui.style.glyphs import GLYPHS
from tui.widgets.frame_log import FrameLog, changed_bytes, log_columns
from tui.widgets.frame_table import (
    Content,
    FramesValue,
    FrameTable,
    RowList,
    age_short,
    clipped,
    hex_row,
    kept_in_sight,
    rhythm,
    table_columns,
    text_row,
)
from tui.widgets.rows import plain, width

GLYPH = GLYPHS["full"]
VIEWS = {"bus": bus_view(), "line": line_view()}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("content", Content)
@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("widget", [FrameTable, FrameLog])
def test_no_row_is_cut(widget: type[RowList], name: str, content: Content, language: str) -> None:
    """CL-45, CL-49: raw, decoded and both, from a phone to a wall, in both languages."""
    use(language)
    words = {word for one in (*bus_kinds(), *bus_rows()) for word in f"{one.text} {one.name}".split()}
    for cells in range(40, 170, 3):
        for old in ("", "12 s old"):
            value = FramesValue(VIEWS[name], content, old=old, why=("No engine answers on this machine.",))
            lines = widget(value).draw(value, cells, 30, GLYPH)
            assert all(width(line) <= cells for line in lines), plain(lines)
            shown = plain(lines[2:]) if name == "bus" and content is Content.DECODED else ""
            for word in re.findall(r"(?<= )[a-z_]{3,}(?= |$)", shown, re.MULTILINE):
                assert word in words or word in ("late", "silent", "unknown", "retard", "muet", "inconnu"), (
                    word
                )


@pytest.mark.parametrize("content", Content)
@pytest.mark.parametrize("is_bus", [True, False])
def test_columns_do_not_depend_on_what_came_last(is_bus: bool, content: Content) -> None:
    """Nothing jumps: widths come from the kind of wire and the size of the screen only."""
    for cells in range(40, 200):
        for columns in (table_columns(is_bus, content, cells), log_columns(is_bus, content, cells)):
            names = [column.name for column, _ in columns]
            assert "id" in names
            assert sum(wide + 1 for _, wide in columns) <= cells
            assert ("bytes" in names) if content is Content.RAW else ("text" in names)


@given(st.floats(0, 1e13))
def test_an_age_has_at_most_five_cells(age_us: float) -> None:
    """From tenths of a second to months."""
    assert len(age_short(age_us)) <= 5


def test_overdue_is_said_in_words() -> None:
    """Amber after three periods, red after ten; without a rhythm nothing is overdue."""
    kind = bus_kinds()[0]
    assert rhythm(kind, 2_900_000) == ("", "")
    assert rhythm(kind, 3_100_000) == ("late", "warn")
    assert rhythm(kind, 10_100_000) == ("silent", "alarm")
    assert rhythm(replace(kind, period_ms=None), 10**9) == ("", "")
    assert rhythm(replace(kind, period_ms=10.0), 200_000) == ("", "")


@given(st.binary(max_size=300), st.integers(8, 120))
def test_only_whole_bytes_are_shown_and_the_rest_is_counted(data: bytes, cells: int) -> None:
    """`0A 1F +30`."""
    text = plain([hex_row(data, cells, "text")])
    assert len(text) <= cells
    shown = re.findall(r"\b[0-9A-F]{2}\b", text.partition("+")[0])
    more = int(text.partition("+")[2] or 0)
    assert bytes.fromhex("".join(shown)) == data[: len(shown)] and len(shown) + more == len(data)


def test_what_is_bad_or_unknown_says_so() -> None:
    """Colour is never the only sign."""
    assert plain([text_row("", b"\x01\x02", Trust.UNKNOWN, 30, "text")]) == "unknown 0102"
    assert plain([text_row("", b"", Trust.UNKNOWN, 30, "text")]) == "unknown"
    assert plain([text_row("too short", b"\x01", Trust.BAD, 30, "text")]) == "BAD too short"


def test_fields_are_left_out_whole() -> None:
    """A value never stands without its unit when another field can go."""
    text = "pack_v 53.1 V  current_a 12.4 A"
    assert clipped(text, 40) == text
    assert clipped(text, 28) == "pack_v 53.1 V"
    assert clipped(text, 12) == "pack_v 53.1"


@given(st.integers(0, 50), st.integers(-5, 60), st.one_of(st.none(), st.integers(0, 49)), st.integers(1, 30))
def test_the_selected_row_is_always_in_sight(count: int, first: int, at: int | None, room: int) -> None:
    """Wherever it is, and no more is scrolled than needed."""
    at = None if at is None or at >= count else at
    top = kept_in_sight(count, first, at, room)
    assert 0 <= top <= max(0, count - 1)
    if at is not None:
        assert top <= at < top + room


def test_bytes_that_differ_from_the_frame_before_are_fresh_for_a_second() -> None:
    """In the list as well as in the table."""
    first = replace(bus_rows()[-1], data=b"\x01\x02", time_us=1_000_000, number=1)
    view = FrameView(
        "right", 2_200_000, True, rows=(first, replace(first, data=b"\x01\x03", time_us=2_000_000))
    )
    assert changed_bytes(view)[1] == (1_000_000, 200_000)
    assert changed_bytes(replace(view, at_us=9_000_000))[1] == ()


def test_eleven_bits_come_before_twenty_nine() -> None:
    """In the order of identifiers, whatever came first."""
    kinds: tuple[FrameKind, ...] = tuple(reversed(bus_kinds()))
    value = FramesValue(replace(VIEWS["bus"], kinds=kinds))
    text = plain(FrameTable(value).draw(value, 100, 40, GLYPH))
    assert text.index("\n 305") < text.index("\n 4F1") < text.index("\n 18F128F4")
