"""The second line never says that all is well while nobody looks."""

import pytest

from tests import fleets
from tui.locale import use
from tui.model.events import AlertsSwitched
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.style.glyphs import GLYPHS
from tui.widgets.rows import plain, width
from tui.widgets.side_panel import SideValue, alert_rows, trouble_rows
from tui.widgets.status_band import BandValue, band

GLYPH = GLYPHS["full"]
SIZES = (30, 40, 50, 80, 100, 120, 160, 200)


def said(fleet: Fleet, cells: int) -> str:
    """The words of the band."""
    return plain([band(BandValue(fleet, fleets.NOW_S, fleets.NOW_S), cells, GLYPH)])


@pytest.mark.parametrize("cells", SIZES)
@pytest.mark.parametrize(
    ("language", "off", "partly"),
    [("en", "alerts off", "alerts off: left"), ("fr", "alertes désactivées", "sans alertes")],
)
def test_alerts_that_are_off_are_said_at_every_width(
    language: str, off: str, partly: str, cells: int
) -> None:
    """S4-41, CL-49: no all-clear, in words that are whole."""
    use(language)
    calm = {"en": ("OK", "no active alarms"), "fr": ("OK", "aucune alarme active")}[language]
    live = fleets.live()
    assert calm[0] in said(live, cells)
    for names, short in ((("left", "right"), off), (("left",), partly)):
        fleet = fold(live, AlertsSwitched(names))
        words = said(fleet, cells)
        assert not any(part in words for part in calm), words
        long = {"en": "alerts are switched off", "fr": "alertes désactivées"}[language]
        assert short in words or (long in words and cells >= 80), words
        line = band(BandValue(fleet, fleets.NOW_S, fleets.NOW_S), cells, GLYPH)
        assert width(line) == cells


def test_a_link_that_is_not_live_and_alerts_that_are_off_are_both_said() -> None:
    words = said(fold(fleets.lost(), AlertsSwitched(("left", "right"))), 80)
    assert "1 of 2" in words or "0 of 2" in words, words
    assert "alerts off" in words or "switched off" in words


def test_what_holds_although_alerts_are_off_comes_first() -> None:
    """A full disk is nobody's limit."""
    words = said(fold(fleets.alarm(), AlertsSwitched(("left", "right"))), 100)
    assert "ALARM" in words


def test_the_panel_says_it_too() -> None:
    fleet = fold(fleets.live(), AlertsSwitched(("left",)))
    for draw in (alert_rows, trouble_rows):
        words = plain(draw(SideValue(fleet, fleets.NOW_S), 40, GLYPH))
        assert "switched off for left" in " ".join(words.split()), words
