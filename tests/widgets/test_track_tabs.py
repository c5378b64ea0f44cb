"""The tabs of the tracks: the selected one is always in sight, whole."""

import pytest

from tui.widgets.track_tabs import TabsValue, placed

MANY = tuple(f"p{n}" for n in range(1, 21))


def text(tracks: tuple[str, ...], selected: str, cells: int) -> str:
    """What stands there."""
    return "".join(piece for piece, _, _ in placed(TabsValue(tracks, selected), cells))


def test_few_tabs_stand_from_the_left() -> None:
    assert text(("left", "right"), "left", 80) == " [ LEFT ]  RIGHT  "


@pytest.mark.parametrize("cells", [24, 40, 80, 100, 160])
@pytest.mark.parametrize("selected", MANY)
def test_of_many_the_selected_one_is_whole_and_the_ends_say_that_there_are_more(
    cells: int, selected: str
) -> None:
    """Nothing is cut; every name in sight belongs to a tab that can be tapped."""
    line = text(MANY, selected, cells)
    assert len(line) <= cells
    assert f"[ {selected.upper()} ]" in line
    names = [name for name in MANY if name.upper() in line.split()]
    assert names == [*MANY[MANY.index(names[0]) : MANY.index(names[-1]) + 1]]
    assert line.startswith("<") == (names[0] != MANY[0])
    assert line.endswith(">") == (names[-1] != MANY[-1])


def test_a_mark_leads_to_the_next_tab_that_is_hidden() -> None:
    pieces = placed(TabsValue(MANY, "p10"), 40)
    assert pieces[0][2] == MANY[MANY.index(pieces[1][2]) - 1]
    assert pieces[-1][2] == MANY[MANY.index(pieces[-2][2]) + 1]


def test_a_name_wider_than_the_row_is_still_one_tab() -> None:
    assert "[ " in text(("x" * 50, "y"), "x" * 50, 20)
