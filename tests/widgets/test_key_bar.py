"""The key bar: which keys it shows with which words, and buttons for fingers."""

import pytest

from tests import fleets
from tests.screens.show import screen_text, show
from tui.widgets.key_bar import MORE, KeyBar, KeyHint, Piece, for_fingers, for_keys

ENGLISH = (
    "Overview/Over Tracks/Trk Cells/Cell History/Hist Alerts/Alrt Registers/Reg Frames/Frm Devices/Dev "
    "System/Sys Simulator/Sim Help/Help Commands/Cmd Pause/Pause Settings/Set Quit/Quit"
)
FRENCH = (
    "Aperçu/Aperçu Packs/Packs Cellules/Cell Historique/Hist Alertes/Alrt Registres/Reg Trames/Trm "
    "Appareils/App Système/Sys Simulateur/Sim Aide/Aide Commandes/Cmd Pause/Pause Réglages/Régl Quitter/Fin"
)
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "F3", "?", ":", "Space", "F2", "q")
RANKS = (*[0] * 10, 1, 2, 4, 5, 3)
PLACES = 10


def hints(words: str = ENGLISH) -> tuple[KeyHint, ...]:
    """As many as the app will ever have."""
    pairs = [pair.split("/") for pair in words.split()]
    return tuple(
        KeyHint(key, long, short, long.lower(), rank)
        for key, (long, short), rank in zip(KEYS, pairs, RANKS, strict=True)
    )


def text(pieces: list[Piece]) -> str:
    """What stands there."""
    return "".join(piece for piece, _, _ in pieces)


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
@pytest.mark.parametrize("cells", range(38, 200))
def test_every_place_and_help_are_in_sight_at_every_width(words: str, cells: int) -> None:
    """Ten places from 38 columns on; nothing is cut."""
    pieces = for_keys(hints(words), cells)
    assert len(text(pieces)) <= cells
    shown = {action for _, _, action in pieces}
    assert {hint.action for hint in hints(words)[: PLACES + 1]} <= shown


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (38, " 1  2  3  4  5  6  7  8  9  F3  ? Help"),
        (
            80,
            " 1 Over 2 Trk 3 Cell 4 Hist 5 Alrt 6 Reg 7 Frm 8 Dev 9 Sys F3 Sim ? Help : Cmd",
        ),
    ],
)
def test_narrow_bars(cells: int, line: str) -> None:
    """Short words, then bare keys."""
    assert text(for_keys(hints(), cells)) == line


def test_words_of_places_are_whole_before_those_of_the_rest() -> None:
    """160 columns hold every place in full, and every key."""
    line = text(for_keys(hints(), 160))
    assert "4 History " in line and "F3 Simulator " in line and "Space Pause F2 Set q Quit" in line
    assert "F2 Settings" in text(for_keys(hints(), 200))


def test_what_opens_everything_stays_longest() -> None:
    """Settings go first, then pause, then quit: all of them are among the commands."""
    shown = [
        [hint.key for hint in hints() if f" {hint.key} {hint.short}" in text(for_keys(hints(), cells))]
        for cells in (104, 97, 85, 79, 73)
    ]
    assert [keys[PLACES:] for keys in shown] == [
        ["?", ":", "Space", "F2", "q"],
        ["?", ":", "Space", "q"],
        ["?", ":", "q"],
        ["?", ":"],
        ["?"],
    ]


def test_too_narrow_for_all_places_there_are_as_many_as_fit() -> None:
    """Never half a key."""
    assert text(for_keys(hints(), 20)) == " 1  2  3  4  5  6 "
    assert for_keys(hints(), 1) == [] and for_keys((), 80) == []


def test_buttons_for_fingers_turn_pages_when_there_are_more_than_fit() -> None:
    """Each at least nine cells wide; the last button leads to the rest, and back."""
    first, second, third = (for_fingers(hints(), 100, page) for page in range(3))
    assert first == third and len(text(first)) <= 100
    assert all(len(word) >= 9 for word, role, _ in first if role == "bar-button")
    assert [action for _, _, action in first if action][-1] == MORE
    assert [action for _, _, action in second if action] == [
        *(hint.action for hint in hints()[9:]),
        MORE,
    ]
    assert MORE not in {action for _, _, action in for_fingers(hints()[:10], 100)}


async def test_a_tap_on_more_shows_the_other_buttons() -> None:
    """In the app: nothing of it is out of reach of a finger."""
    app = show(fleets.live(), kiosk=True)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("1")
        await pilot.pause()
        assert "Quit" not in screen_text(app).splitlines()[-1]
        await pilot.click(app.screen.query_one(KeyBar), offset=(75, 1))
        await pilot.pause()
        bar = screen_text(app).splitlines()[-1]
        assert "Settings" in bar and "Overview" not in bar
        await pilot.click(app.screen.query_one(KeyBar), offset=(bar.index("Settings"), 1))
        await pilot.pause()
        assert "theme" in screen_text(app).lower()
