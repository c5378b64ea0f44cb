"""Every drawing on every tier consists of what that tier can show, in exactly its cells."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.containers import VerticalScroll
from textual.widgets import (
    Button,
    Checkbox,
    Collapsible,
    DataTable,
    Digits,
    Footer,
    Header,
    Input,
    Markdown,
    OptionList,
    ProgressBar,
    RadioButton,
    Rule,
    Select,
    SelectionList,
    Sparkline,
    Static,
    Switch,
    Tabs,
    TextArea,
    Tree,
)

from tests.style.fonts import BRAILLE, drawable
from tui.style.glyphs import GLYPHS, GlyphFilter, GlyphSet

TIERS = tuple(GLYPHS)
POOR_TIERS = ("cp437", "lat15", "common", "ascii")
FRACTIONS = (-1.0, 0.0, 0.001, 0.1, 0.3, 0.5, 0.77, 0.999, 1.0, 7.0)
GROUND = Color(0, 0, 0)
BORDERS = (
    "ascii",
    "round",
    "solid",
    "double",
    "dashed",
    "heavy",
    "hkey",
    "vkey",
    "tall",
    "wide",
    "panel",
    "tab",
)
MORE_BORDERS = ("inner", "outer", "thick", "block", "blank")
RULES = ("ascii", "blank", "dashed", "double", "heavy", "hidden", "none", "solid", "thick")


def drawings(glyphs: GlyphSet) -> Iterator[str]:
    """Everything a glyph set draws, over the range of its values."""
    for fraction in FRACTIONS:
        yield glyphs.hbar(fraction, 9)
        yield from glyphs.vbar(fraction, 5)
    wave: list[float | None] = [float((i * 7) % 23) if i % 11 else None for i in range(200)]
    yield glyphs.spark(wave, 0.0, 22.0)
    yield from glyphs.plot(wave, 40, 6, 0.0, 22.0)
    for wide in (False, True):
        yield from glyphs.digits("0123456789 -1.2,3", wide)
    yield from (glyphs.box_top(12), glyphs.box_bottom(12))
    marks = (glyphs.ok, glyphs.warn, glyphs.alarm, glyphs.stale, glyphs.dot, glyphs.up, glyphs.down)
    yield from marks
    yield from (glyphs.line, glyphs.pipe, glyphs.tee, *glyphs.corners, glyphs.block, glyphs.bar_empty)
    yield from (*glyphs.levels_up, *glyphs.levels_right, *glyphs.levels_spark)


def missing(text: str, tier: str) -> set[str]:
    """Characters that a terminal of this tier may not have."""
    return set(text) - drawable(tier)


@pytest.mark.parametrize("tier", TIERS)
def test_drawings_use_only_what_the_tier_has(tier: str) -> None:
    for drawing in drawings(GLYPHS[tier]):
        assert not missing(drawing, tier), f"{drawing!r} on {tier}"
        assert cell_len(drawing) == len(drawing)


@pytest.mark.parametrize("tier", TIERS)
def test_marks_are_one_cell_and_differ(tier: str) -> None:
    """CL-43: without any colour, fine, look at it, act on it and old are four different marks."""
    glyphs = GLYPHS[tier]
    marks = (glyphs.ok, glyphs.warn, glyphs.alarm, glyphs.stale)
    assert all(cell_len(mark) == 1 for mark in marks)
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("tier", TIERS)
def test_bars_fill_exactly_their_cells(tier: str) -> None:
    glyphs = GLYPHS[tier]
    for fraction in FRACTIONS:
        assert len(glyphs.hbar(fraction, 9)) == 9
        assert len(glyphs.vbar(fraction, 5)) == 5
    assert glyphs.hbar(0.0, 9) == glyphs.bar_empty * 9
    assert glyphs.hbar(1.0, 9) == glyphs.block * 9
    assert glyphs.vbar(1.0, 5) == (glyphs.block,) * 5
    assert "".join(glyphs.vbar(0.0, 5)).strip(), "an empty cell is still seen to be there"


@given(
    tier=st.sampled_from(TIERS),
    fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    height=st.integers(1, 12),
)
def test_more_is_never_drawn_as_less(tier: str, fractions: tuple[float, float], height: int) -> None:
    glyphs = GLYPHS[tier]
    less, more = sorted(fractions)

    def size(fraction: float) -> int:
        return sum(glyphs.levels_up.index(glyph) for glyph in glyphs.vbar(fraction, height))

    assert size(less) <= size(more)


def test_eighths_show_small_steps() -> None:
    assert GLYPHS["full"].hbar(0.5625, 2) == "█▏"
    assert GLYPHS["full"].vbar(0.5625, 2) == ("▁", "█")


@pytest.mark.parametrize("tier", TIERS)
def test_trends_have_one_cell_a_value_and_a_gap_where_nothing_is_known(tier: str) -> None:
    glyphs = GLYPHS[tier]
    spark = glyphs.spark([0.0, None, 10.0], 0.0, 10.0)
    assert spark == f"{glyphs.levels_spark[0]} {glyphs.levels_spark[-1]}"
    plot = glyphs.plot([1.0, 1.0, None, None, 2.0, 2.0], 6, 3, 1.0, 2.0)
    assert [len(line) for line in plot] == [6, 6, 6]
    assert all(line[2:4].strip() == "" for line in plot)
    assert plot[0][4:].strip()
    assert plot[2][:2].strip()


@pytest.mark.parametrize("tier", TIERS)
def test_a_plot_of_nothing_or_of_one_value_is_drawn(tier: str) -> None:
    glyphs = GLYPHS[tier]
    assert all(not line.strip() for line in glyphs.plot([], 8, 2, 0.0, 1.0))
    assert any(line.strip() for line in glyphs.plot([5.0] * 8, 8, 2, 5.0, 5.0))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("wide", [False, True])
def test_digits_are_five_rows_of_equal_length(tier: str, wide: bool) -> None:
    rows = GLYPHS[tier].digits("-13.28", wide)
    assert len(rows) == 5
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("wide", [False, True])
def test_no_two_digits_look_alike(wide: bool) -> None:
    shapes = {tuple(GLYPHS["full"].digits(digit, wide)) for digit in "0123456789-"}
    assert len(shapes) == 11


def through(tier: str, text: str) -> str:
    """What a terminal of this tier gets."""
    return "".join(s.text for s in GlyphFilter(GLYPHS[tier]).apply([Segment(text)], GROUND))


@pytest.mark.parametrize("tier", TIERS)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30))
def test_the_filter_keeps_the_width_of_every_text(tier: str, text: str) -> None:
    assert cell_len(through(tier, text)) == cell_len(text)


@given(text=st.text(max_size=40))
def test_nothing_but_ascii_reaches_an_ascii_terminal(text: str) -> None:
    assert through("ascii", text).isascii()


@pytest.mark.parametrize("tier", POOR_TIERS)
def test_what_no_console_can_show_is_a_question_mark(tier: str) -> None:
    assert through(tier, "bus \U0001f68c 1") == "bus ?? 1"


@pytest.mark.parametrize("tier", TIERS)
def test_plain_segments_pass_untouched(tier: str) -> None:
    segments = [Segment("cell 07 3.319 V ^", Style(bold=True)), Segment("")]
    for before, after in zip(segments, GlyphFilter(GLYPHS[tier]).apply(segments, GROUND), strict=True):
        assert after is before


@pytest.mark.parametrize("tier", POOR_TIERS)
def test_the_filter_keeps_styles(tier: str) -> None:
    style = Style(bold=True, color="red")
    (segment,) = GlyphFilter(GLYPHS[tier]).apply([Segment("━━", style)], GROUND)
    assert segment.style == style
    assert segment.text in ("──", "--", "==")


@pytest.mark.parametrize("tier", POOR_TIERS)
def test_braille_becomes_dots(tier: str) -> None:
    assert not missing(through(tier, "".join(sorted(BRAILLE))), tier)


def test_french_stays_french_where_the_font_has_it() -> None:
    """CL-49: a Debian console has all letters; plain ASCII loses the accents, not the words."""
    text = "Réglages · tempéré à 21 °C, ça chauffe"
    assert through("lat15", text) == text
    assert through("common", text) == text
    assert through("ascii", text) == "Reglages . tempere a 21  C, ca chauffe"


class Stock(App[None]):
    """Most of what Textual brings, in every border and rule it knows."""

    CSS = "VerticalScroll { height: auto; max-height: 40; } Static { height: 3; } TextArea { height: 6; }"

    def __init__(self, tier: str) -> None:
        super().__init__()
        self.filter = GlyphFilter(GLYPHS[tier])

    def compose(self) -> ComposeResult:
        yield Header()
        yield from (Button("Go"), Input("text"), Input(placeholder="search"), Checkbox("on", value=True))
        yield from (
            RadioButton("one", value=True),
            Switch(value=True),
            Select([("a", 1)]),
            Tabs("one", "two"),
        )
        yield from (Digits("0123456789.,-+ A"), Sparkline([1, 5, 2, 9, 3, 7]), TextArea("text\nmore"))
        yield from (Collapsible(Static("in"), title="more"), Collapsible(Static("in"), collapsed=False))
        yield from (OptionList("a", "b"), SelectionList(("a", 1, True), ("b", 2)))
        bar = ProgressBar(total=9, show_eta=True)
        bar.advance(4)
        yield bar
        table: DataTable[str] = DataTable()
        table.add_columns("V", "dev")
        table.add_row("3.319", "+2")
        yield table
        tree: Tree[None] = Tree("root")
        tree.root.expand().add("branch", expand=True).add_leaf("leaf")
        yield tree
        yield Markdown(
            "# One\n\n* a\n  * b\n    * c\n\n1. d\n\n> quoted\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
        )
        yield from (Rule(line_style=style) for style in RULES)  # type: ignore[arg-type]
        yield from (Rule("vertical", line_style=style) for style in RULES)  # type: ignore[arg-type]
        for border in (*BORDERS, *MORE_BORDERS):
            framed = Static("framed")
            framed.styles.border = (border, "white")  # type: ignore[assignment]
            framed.border_title = "title"
            yield framed
        with VerticalScroll():
            yield from (Static(f"row {row}") for row in range(30))
        yield Footer()


@pytest.mark.parametrize("tier", POOR_TIERS)
async def test_nothing_that_textual_draws_is_missing(tier: str) -> None:
    app = Stock(tier)
    async with app.run_test(size=(90, 220)) as pilot:
        await pilot.pause()
        seen = set(_lines(app))
        app.action_command_palette()
        await pilot.pause()
        seen |= set(_lines(app))
    before = "".join(line for line, _ in seen)
    after = "".join(line for _, line in seen)
    assert len(missing(before, "ascii")) > 40, "this screen is meant to be hard to draw"
    assert not missing(after, tier)
    assert all(cell_len(old) == cell_len(new) for old, new in seen)


def _lines(app: Stock) -> Iterator[tuple[str, str]]:
    for strip in app.screen._compositor.render_strips():
        segments = list(strip)
        shown = app.filter.apply(segments, GROUND)
        yield "".join(s.text for s in segments), "".join(s.text for s in shown)
