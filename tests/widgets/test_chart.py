"""The canvas that plotext draws on: where lines are, what hides what, which glyphs a tier gets."""

import pytest

from tui.style.glyphs import GLYPHS
from tui.widgets.chart import BAND_ROLE, EMPTY, Cells, Field, Stroke, band_dots, plotted

FIELD = Field(40, 8, (0.0, 100.0), (0.0, 10.0))
RISING = ((tuple((float(x), x / 10) for x in range(0, 101, 5))),)


def texts(cells: Cells) -> list[str]:
    """The characters alone."""
    return ["".join(char for char, _ in line) for line in cells]


def roles(cells: Cells) -> set[str]:
    """Every role in the picture."""
    return {role for line in cells for _, role in line if role}


@pytest.mark.parametrize("tier", list(GLYPHS))
def test_a_line_fills_the_field_from_corner_to_corner(tier: str) -> None:
    """The picture has exactly the size that was asked for, in every tier."""
    cells = plotted([Stroke(RISING, "series-a", mark="x")], FIELD, GLYPHS[tier])
    assert len(cells) == 8 and {len(line) for line in cells} == {40}
    assert cells[7][0] != EMPTY and cells[0][39] != EMPTY and cells[0][0] == cells[7][39] == EMPTY
    assert roles(cells) == {"series-a"}


@pytest.mark.parametrize("tier", ["cp437", "lat15", "common", "ascii"])
def test_poor_tiers_get_the_mark_of_the_line(tier: str) -> None:
    """Neither braille nor quadrants reach a console that has none; lines differ without colours."""
    strokes = [Stroke(RISING, "series-a", mark="x"), Stroke(RISING, "warn", mark="o")]
    drawn = set("".join(texts(plotted(strokes, FIELD, GLYPHS[tier]))))
    assert drawn <= {" ", "x", "o"} and "x" in drawn


def test_runs_are_not_joined() -> None:
    """A gap is a gap."""
    runs = (((0.0, 5.0), (20.0, 5.0)), ((80.0, 5.0), (100.0, 5.0)))
    line = "".join(texts(plotted([Stroke(runs, "series-a")], FIELD, GLYPHS["full"])))
    middle = [row[10:30] for row in texts(plotted([Stroke(runs, "series-a")], FIELD, GLYPHS["full"]))]
    assert line.strip() and not "".join(middle).strip()


def test_a_single_measurement_is_a_dot() -> None:
    """Nothing is lost for want of a neighbour."""
    cells = plotted([Stroke((((50.0, 5.0),),), "series-a")], FIELD, GLYPHS["full"])
    assert sum(cell != EMPTY for line in cells for cell in line) == 1


def test_two_lines_in_one_cell_keep_the_dots_of_both() -> None:
    """The upper one gives the colour."""
    flat = ((((0.0, 5.0)), (100.0, 5.0)),)
    near = ((((0.0, 5.4)), (100.0, 5.4)),)
    one = plotted([Stroke(flat, "series-a")], FIELD, GLYPHS["full"])
    both = plotted([Stroke(flat, "series-a"), Stroke(near, "warn")], FIELD, GLYPHS["full"])
    row = next(y for y, line in enumerate(one) if line[20] != EMPTY)
    assert ord(both[row][20][0]) & ord(one[row][20][0]) == ord(one[row][20][0])
    assert roles(both) <= {"series-a", "warn"} and both[row][20][1] == "series-a"


def test_a_band_lies_below_its_line() -> None:
    """Min and max are there in a quiet role, the mean over them in its own."""
    band = tuple((float(x), 2.0, 8.0) for x in range(0, 101, 2))
    flat = (((0.0, 5.0), (100.0, 5.0)),)
    for tier in ("full", "common", "ascii"):
        cells = plotted([Stroke(flat, "series-a", band, "x")], FIELD, GLYPHS[tier])
        assert roles(cells) == {"series-a", BAND_ROLE}
        assert any(all(cell[1] == "series-a" for cell in line) for line in cells)
        assert cells[0][20] == EMPTY


def test_a_band_without_height_is_not_drawn() -> None:
    """It would only thicken the line."""
    assert band_dots([(50.0, 5.0, 5.01)], FIELD, 80, 32, thin=True) == []
    assert band_dots([(50.0, 4.0, 6.0)], FIELD, 80, 32, thin=True)


def test_nothing_to_draw_is_an_empty_field() -> None:
    """No data, and no room, both without an error."""
    assert plotted([], FIELD, GLYPHS["full"]) == [[EMPTY] * 40] * 8
    assert (
        plotted([Stroke(RISING, "series-a")], Field(0, 5, (0.0, 1.0), (0.0, 1.0)), GLYPHS["full"]) == [[]] * 5
    )


def test_values_outside_the_field_are_left_out() -> None:
    """They neither crash nor land on an edge."""
    cells = plotted([Stroke((((0.0, 50.0), (100.0, 60.0)),), "series-a")], FIELD, GLYPHS["full"])
    assert not roles(cells)


def test_the_size_of_this_terminal_does_not_matter() -> None:
    """plotext would cut a picture to the terminal it finds."""
    cells = plotted([Stroke(RISING, "series-a")], Field(300, 120, (0.0, 100.0), (0.0, 10.0)), GLYPHS["full"])
    assert len(cells) == 120 and len(cells[0]) == 300 and cells[0][299] != EMPTY
