"""Cards at every size a terminal may have: no word is cut and no number is lost."""

from dataclasses import replace

import pytest

from tests import fleets
from tui.locale import say, use
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.model.sample import Cells, Pack
from tui.model.track import Track
from tui.style.glyphs import GLYPHS
from tui.widgets.cell_bars import axis_mv, cell_bars
from tui.widgets.cell_table import LEAST_CELLS as LEAST_TABLE
from tui.widgets.cell_table import cell_table
from tui.widgets.rows import plain, width
from tui.widgets.track_card import LEAST_CELLS, CardValue, Detail, track_card
from tui.widgets.view import TrackView


def wires(count: int, *broken: int, mv: int = 0) -> Fleet:
    """The live fleet with so many cells on the left, of which the sense wires of some are open."""
    shown = tuple(mv if n in broken else 3300 + n for n in range(1, count + 1))
    return fleets.folded([fleets.read("left", fleets.NOW_S, Cells(shown))], fleets.live())


STATES = {
    **fleets.STATES,
    "cells-4": lambda: fleets.cells(4),
    "cells-32": lambda: fleets.cells(32),
    "a wire": lambda: wires(16, 7),
    "two wires": lambda: wires(32, 7, 20, mv=5001),
    "all wires": lambda: wires(4, 1, 2, 3, 4),
}
GLYPH = GLYPHS["full"]


def views(fleet: Fleet) -> list[TrackView]:
    """All tracks as the screens see them."""
    return [TrackView(t, fleet.state(t, fleets.NOW_S), fleets.NOW_S) for t in fleet.tracks]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("state", STATES)
def test_no_row_of_a_card_is_cut(state: str, language: str) -> None:
    """CL-49: in both languages, from the narrowest card on."""
    use(language)
    for view in views(STATES[state]()):
        for cells in (LEAST_CELLS + 1, 40, 42, 45, 49, 56, 79, 100):
            for height in (12, 20, 24, 40):
                for detail in Detail:
                    for line in track_card(CardValue(view, detail), cells, height, GLYPH):
                        assert width(line) <= cells, plain([line])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("state", STATES)
def test_no_row_of_a_table_is_cut(state: str, language: str) -> None:
    """The same for the table of cells."""
    use(language)
    for view in views(STATES[state]()):
        for cells in (40, LEAST_TABLE, 79, 100):
            for height in (18, 20, 40):
                for line in cell_table(view, cells, height, GLYPH):
                    assert width(line) <= cells, plain([line])


@pytest.mark.parametrize("count", [1, 4, 8, 16, 24, 32])
@pytest.mark.parametrize("cells", [38, 50, 80])
def test_every_cell_has_a_bar(count: int, cells: int) -> None:
    """S0-4, S0-5, S0-6: 4, 8 and 16 cells, and any other number up to 32."""
    view = views(fleets.cells(count))[0]
    rows = cell_bars(view, cells, 5, GLYPH)
    bottom = "".join(text for text, _ in rows[4])[6:]
    step = max(1, (cells - 6) // count)
    assert all(bottom[n * step] == "█" for n in range(count))


@pytest.mark.parametrize("mv", [(3318, 3329), (3320,) * 4, (2500, 3650), (0, 3300), (3299, 3301)])
def test_the_axis_holds_every_cell_and_is_never_narrow(mv: tuple[int, ...]) -> None:
    """Noise of a few mV must not look like a storm; an open wire must not break the picture."""
    low, high = axis_mv(mv)
    assert low <= min(mv) and high >= max(mv) and high - low >= 40
    assert low % 10 == high % 10 == 0


def table_of(pack: Pack, mv: tuple[int, ...]) -> str:
    """The table of a live track with these values."""
    track = replace(fleets.one_track().tracks[0], pack=pack, cells=Cells(mv))
    return plain(cell_table(TrackView(track, State.LIVE, fleets.NOW_S), 80, 24, GLYPH))


def test_words_stand_beside_the_colours() -> None:
    """CL-43: MAX, MIN and BAL are words; statistics: max, min, spread, mean, deviation, balancing n/16."""
    text = table_of(fleets.LEFT_PACK, fleets.LEFT_MV)
    assert text.count("MAX") == 2 and text.count("MIN") == 2 and text.count("BAL") == 4
    for figure in ("spread 18 mV", "avg 3.319 V", "dev 10 mV", "BAL 2/16", "14 3.329", "07 3.311"):
        assert figure in text


def test_header_figures() -> None:
    """CL-44: SOC, SOH (unknown here), voltage, time left, cycles and the state in words."""
    text = table_of(fleets.LEFT_PACK, fleets.LEFT_MV)
    for figure in ("SOC 72 %", "SOH --", "53.12 V", "CHARGE 12.4 A", "full in 6 h", "cycles 127"):
        assert figure in text


def test_what_was_never_received_is_two_dashes() -> None:
    """Never invent data: no figure anywhere on a card of a track that never answered."""
    view = TrackView(Track(fleets.LEFT), State.CONNECTING, fleets.NOW_S)
    text = plain(track_card(CardValue(view), 39, 20, GLYPH))
    assert "--" in text and "No data received" in text
    assert not any(char.isdigit() for char in text.replace("uart ttyUSB0", ""))


def test_an_estimated_charge_says_so() -> None:
    """CL-2: labelled."""
    pack = replace(fleets.LEFT_PACK, soc_pct=None)
    assert "estimated" in table_of(pack, fleets.LEFT_MV)


@pytest.mark.parametrize(("language", "word"), [("en", "cell 7 open"), ("fr", "fil 7 coupé")])
def test_an_open_wire_is_named_and_bends_no_figure(language: str, word: str) -> None:
    """CL-43, S1-78: mean, spread and lowest are those of the known cells; 0 V is shown as it was read."""
    use(language)
    (left, _) = views(wires(16, 7))
    card = plain(track_card(CardValue(left, Detail.FULL), 60, 40, GLYPH)).replace(",", ".")
    table = plain(cell_table(left, 80, 40, GLYPH)).replace(",", ".")
    for text in (card, table):
        assert word in text, text
        assert "15 mV" in text, "the spread without the open wire"
        assert "3.309 V" in text or "3.308 V" in text, "the mean"
        assert "01 3.301" in text, "the lowest"
    assert "0.000" in table
    assert say("word-open") in table
    assert "3.28" in card or "3.29" in card, "the axis of the bars is that of the cells that are known"


def test_several_open_wires_are_counted_and_without_any_cell_nothing_is_invented() -> None:
    (two, _) = views(wires(16, 7, 9, mv=5001))
    assert "2 cells open" in plain(cell_table(two, 80, 40, GLYPH))
    (none, _) = views(wires(4, 1, 2, 3, 4))
    for lines in (cell_table(none, 80, 40, GLYPH), track_card(CardValue(none, Detail.FULL), 60, 40, GLYPH)):
        text = plain(lines)
        assert "4 cells open" in text
        assert "spread" not in text and "avg" not in text


def test_a_dead_cell_is_no_open_wire() -> None:
    """Whatever a cell can have counts: hiding it would be worse than any alarm."""
    (left, _) = views(wires(4, 2, mv=1))
    assert left.track.cells.open_wires == ()
    assert left.track.cells.spread_mv == 3303
