"""The panels of the overview where there are more links than rows."""

from dataclasses import replace

import pytest

from tests import fleets
from tui.locale import use
from tui.model.fleet import Fleet
from tui.style.glyphs import GLYPHS
from tui.widgets.rows import plain, width
from tui.widgets.side_panel import Block, SidePanel, SideValue

FULL = GLYPHS["full"]
BANK_ROWS = 6  # with its title and the blank row below
TITLE_ROWS = 1


def many(count: int) -> Fleet:
    """So many batteries."""
    fleet = fleets.live()
    one = fleet.tracks[0]
    setups = (replace(one.setup, name=f"p{i + 1:02d}") for i in range(count))
    return replace(fleet, tracks=tuple(replace(one, setup=setup) for setup in setups))


def drawn(count: int, height: int, cells: int = 49) -> list[str]:
    """What is to be seen of bank and links."""
    panel = SidePanel(Block.BANK, Block.LINKS)
    rows = panel.draw(SideValue(many(count), fleets.NOW_S), cells, height, FULL)
    assert width(rows[BANK_ROWS]) == cells
    return [plain([line]) for line in rows[:height]]


@pytest.mark.parametrize("shown", [0, 1, 4, 19])
@pytest.mark.parametrize(("language", "words"), [("en", "{} more"), ("fr", "{} de plus")])
def test_links_without_room_are_counted(language: str, words: str, shown: int) -> None:
    """Those on show and those that are counted are all of them."""
    use(language)
    rows = drawn(20, BANK_ROWS + TITLE_ROWS + shown)
    assert sum(line.strip().startswith("p") and line.strip()[1:3].isdigit() for line in rows) == shown
    assert words.format(20 - shown) in rows[BANK_ROWS]


def test_nothing_is_counted_where_all_have_room() -> None:
    """Exactly fitting, and with room for their traffic."""
    for height in (BANK_ROWS + TITLE_ROWS + 20, 60):
        rows = drawn(20, height)
        assert "more" not in rows[BANK_ROWS] and any(line.strip().startswith("p20") for line in rows)


def test_the_count_goes_before_the_hint_where_not_both_fit() -> None:
    """A narrow panel."""
    rows = drawn(20, 12, cells=26)
    assert "15 more" in rows[BANK_ROWS] and "reconnects" not in rows[BANK_ROWS]
