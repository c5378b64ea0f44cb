"""What a person does with keys and fingers, and what then stands on the screen."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests import fleets
from tests.screens.show import feed_of, screen_text, show
from tui.model.events import EngineLost
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause
from tui.model.requests import Answer, Reconnect, SwitchPolling
from tui.model.settings import ScreenSettings
from tui.style.glyphs import GlyphFilter
from tui.widgets.key_bar import KeyBar

SIZES = [(40, 24), (60, 18), (80, 24), (100, 30), (120, 40), (160, 45), (200, 60)]


async def looked(pilot: Pilot[None], fleet: Fleet | None = None) -> str:
    """The screen after the app has looked at (newer) news."""
    app = pilot.app
    if fleet is not None:
        feed_of(app).value = replace(fleet, version=app.feed.fleet().version + 1)  # type: ignore[attr-defined]
    app._look()  # type: ignore[attr-defined]
    await pilot.pause()
    return screen_text(app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("key", "123")
async def test_every_place_shows_the_main_figures_at_every_size(size: tuple[int, int], key: str) -> None:
    """S0-2, S0-11: both tracks, or one and the way to the other, with current and cells."""
    async with show(fleets.live()).run_test(size=size) as pilot:
        await pilot.press(key)
        text = await looked(pilot)
        assert "LEFT" in text and "RIGHT" in text
        assert "CHARGE 12.4 A" in text
        assert "3.3" in text


@pytest.mark.parametrize("size", [(30, 10), (59, 12), (20, 30)])
async def test_a_window_too_small_says_so_and_keeps_the_figures(size: tuple[int, int]) -> None:
    """Never an empty screen."""
    async with show(fleets.live()).run_test(size=size) as pilot:
        text = await looked(pilot)
        assert "larger" in text.replace("\n", " ")
        for figure in ("72 %", "53.12 V", "64 %", "live"):
            assert figure in text


async def test_number_keys_go_to_places() -> None:
    """1, 2, 3 and back, with the name in the header."""
    async with show(fleets.live()).run_test(size=(100, 30)) as pilot:
        for key, name in (("2", "Tracks"), ("3", "Cells"), ("1", "Overview")):
            await pilot.press(key)
            assert name in (await looked(pilot)).splitlines()[0]


async def test_tab_selects_and_enter_opens_the_cells_and_goes_back() -> None:
    """The selected track is the one whose cells open, on every place."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "tab", "enter")
        text = await looked(pilot)
        assert "Cells" in text.splitlines()[0]
        assert "[ RIGHT ]" in text and "3.324" in text and "03" in text
        await pilot.press("enter")
        assert "Tracks" in (await looked(pilot)).splitlines()[0]


async def test_a_tap_on_the_key_bar_is_the_key() -> None:
    """Everything that can be pressed can be tapped."""
    async with show(fleets.live()).run_test(size=(100, 30)) as pilot:
        bar = pilot.app.screen.query_one(KeyBar)
        line = screen_text(pilot.app).splitlines()[-1]  # type: ignore[arg-type]
        await pilot.click(bar, offset=(line.index("Trk"), 0))
        assert "Tracks" in (await looked(pilot)).splitlines()[0]


async def test_a_tap_selects_a_card_and_a_second_one_opens_it() -> None:
    """The same with a finger on a card."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await pilot.click(offset=(60, 10))
        assert pilot.app.selected == "right"  # type: ignore[attr-defined]
        await pilot.click(offset=(60, 10))
        assert "Cells" in (await looked(pilot)).splitlines()[0]


async def test_pause_freezes_the_picture_and_says_so() -> None:
    """Space: the numbers stand still and the header says PAUSED; space again shows what is new."""
    newer = fleets.cells(8)
    async with show(fleets.live()).run_test(size=(100, 30)) as pilot:
        await pilot.press("2", "space")
        text = await looked(pilot, newer)
        assert "PAUSED" in text and "16S" in text
        await pilot.press("space")
        text = await looked(pilot)
        assert "PAUSED" not in text and "8S" in text


async def test_news_reach_the_screen_without_a_key() -> None:
    """A new fleet is drawn at the next look."""
    async with show(fleets.connecting()).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        assert "connecting" in await looked(pilot)
        assert "53.12" not in await looked(pilot)
        assert "CHARGE 12.4 A" in await looked(pilot, fleets.live())


async def test_ages_move_on_without_news() -> None:
    """CL-12: no event comes from a dead link, and yet it turns stale on the screen."""
    async with show(fleets.live()).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        feed_of(pilot.app).now = fleets.NOW_S + 12  # type: ignore[arg-type]
        text = await looked(pilot)
        assert "stale" in text and "12s ago" in text and "12 s old" in text
        assert "live" not in text.replace("0 of 2 live", "")


async def test_a_lost_engine_is_said_on_every_place() -> None:
    """The band says it with the age of what is shown, and the values stay."""
    async with show(fleets.engine_lost()).run_test(size=(100, 30)) as pilot:
        for key in "123":
            await pilot.press(key)
            text = await looked(pilot)
            assert "ENGINE LOST" in text and "12 s old" in text and "try in 3 s" in text
            assert "live" not in text.replace("0 of 2 live", "")


async def test_a_screen_without_any_engine_says_why() -> None:
    """Never an empty screen: no engine, its cause and what to do; then the tracks appear by themselves."""
    lost = fold(Fleet(), EngineLost(fleets.NOW_S - 1, fleets.NOW_S + 2, Cause("engine-silent")))
    async with show(lost).run_test(size=(80, 24)) as pilot:
        text = await looked(pilot)
        assert "ENGINE LOST" in text and "Looking for the engine" in text
        assert "engine" in text.splitlines()[4].lower() or "engine" in text.splitlines()[5].lower()
        assert "CHARGE 12.4 A" in await looked(pilot, fleets.live())


async def test_a_dead_link_says_why_and_what_to_do() -> None:
    """S0-14, X-8: state, age, attempt and time of the next one, cause and advice; the other track goes on."""
    async with show(fleets.lost()).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        text = await looked(pilot)
        assert "lost" in text and "try 3/5 in 4 s" in text
        assert "/dev/ttyUSB0" in text and "unplugged" in text
        assert "live" in text and "DISCHARGE 8.1 A" in text


async def test_help_lists_the_keys_and_any_usual_key_closes_it() -> None:
    """`?` opens, with the keys of this place before those of all; Escape closes."""
    async with show(fleets.live()).run_test(size=(100, 52)) as pilot:
        await pilot.press("question_mark")
        text = await looked(pilot)
        assert "Keys" in text and "quit" in text and "Not a safety device" in text
        assert "keys here" not in text
        await pilot.press("escape")
        assert "Not a safety device" not in await looked(pilot)
        await pilot.press("5", "question_mark")
        text = await looked(pilot)
        assert text.index("Alerts: keys here") < text.index("Keys everywhere")


async def test_settings_act_at_once_and_are_kept() -> None:
    """CL-49: the language changes while running; theme and glyphs as well; each change is saved."""
    saved: list[ScreenSettings] = []
    app = show(fleets.live(), save=saved.append)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f2", "down", "right", "down", "right", "escape")
        await pilot.pause()
        assert saved[-1].glyphs != "auto" and saved[-1].language == "fr"
        text = await looked(pilot)
        assert "Aperçu" in text and "DÉCHARGE 8,1 A" in text
        await pilot.press("t")
        assert saved[-1].theme == app.theme != "auto"


async def test_ascii_glyphs_leave_nothing_else_on_the_screen() -> None:
    """A terminal without any graphics gets ASCII only, also from Textual's own widgets."""
    app = show(fleets.live(), glyphs="ascii", settings=ScreenSettings(language="fr"))
    async with app.run_test(size=(100, 30)) as pilot:
        for keys in (["1"], ["2"], ["3"], ["question_mark"], ["escape", "f2"], ["escape", "colon"]):
            await pilot.press(*keys)
            await pilot.pause()
            filtered = [
                GlyphFilter(app.glyph_set).apply(list(strip), app.screen.styles.background)
                for strip in app.screen._compositor.render_strips()
            ]
            text = "".join(segment.text for line in filtered for segment in line)
            assert text.isascii(), sorted(set(text) - set(map(chr, range(128))))


async def test_reconnect_and_standby_are_asked_of_the_engine() -> None:
    """R tries the selected link now, P stops the polling; a refusal is said in words."""
    async with show(fleets.live()).run_test(size=(100, 30)) as pilot:
        feed = feed_of(pilot.app)  # type: ignore[arg-type]
        await pilot.press("R")
        await pilot.app.workers.wait_for_complete()
        await pilot.press("P")
        await pilot.app.workers.wait_for_complete()
        assert feed.asked == [Reconnect("left"), SwitchPolling(False)]
        feed.answer = Answer(False, Cause("track-unknown", (("track", "left"),)))
        await pilot.press("R")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "left" in screen_text(pilot.app)  # type: ignore[arg-type]
        assert pilot.app._notifications


async def test_standby_is_said_on_the_cards() -> None:
    """CL-7: STANDBY when nobody asks the batteries."""
    async with show(replace(fleets.live(), polling=False)).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        assert "STANDBY" in await looked(pilot)


async def test_the_kiosk_has_two_touch_zones_in_its_lowest_fifth() -> None:
    """CL-7: the left zone switches the polling, the right one opens the commands."""
    app = show(fleets.live(), kiosk=True)
    async with app.run_test(size=(100, 30)) as pilot:
        text = await looked(pilot)
        assert "Tracks" in text.splitlines()[0]
        zones = text.splitlines()[24:]
        assert "STANDBY" in "".join(zones) and "SYSTEM" in "".join(zones)
        await pilot.click(offset=(20, 27))
        await app.workers.wait_for_complete()
        assert feed_of(app).asked == [SwitchPolling(False)]
        await pilot.click(offset=(80, 27))
        await pilot.pause()
        assert "Search for a command" in screen_text(app)


async def test_other_places_of_the_kiosk_have_buttons_for_fingers() -> None:
    """Every target of the kiosk is at least nine by three cells; a tap anywhere on it counts."""
    app = show(fleets.live(), kiosk=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        bar = app.screen.query_one(KeyBar)
        assert bar.size.height == 3
        line = next(line for line in (await looked(pilot)).splitlines() if "More >" in line)
        await pilot.click(bar, offset=(line.index("Tracks"), 2))
        assert "Tracks" in (await looked(pilot)).splitlines()[0]


async def test_quitting() -> None:
    """q quits where it is allowed; Ctrl+C twice always does."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        assert not pilot.app.is_running or pilot.app._exit
    locked = show(fleets.live(), can_quit=False)
    async with locked.run_test(size=(80, 24)) as pilot:
        await pilot.press("q", "ctrl+c")
        assert not locked._exit
        await pilot.press("ctrl+c")
        assert locked._exit and locked.return_code == 130


async def test_the_bell_rings_once_for_a_new_critical_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, and not at all when it is switched off."""
    for settings, expected in (
        (ScreenSettings(language="en"), 1),
        (ScreenSettings(language="en", bell=False), 0),
    ):
        rings: list[int] = []
        app = show(fleets.live(), settings=settings)
        monkeypatch.setattr(app, "bell", lambda rings=rings: rings.append(1))
        async with app.run_test(size=(80, 24)) as pilot:
            for _ in range(3):
                assert "ALARM" in await looked(pilot, fleets.alarm())
        assert len(rings) == expected


async def test_one_track_uses_the_whole_width() -> None:
    """One of the tracks is missing from the configuration: no empty half."""
    async with show(fleets.one_track()).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        text = await looked(pilot)
        assert "RIGHT" not in text and "│" not in text.splitlines()[5]


async def test_simulated_tracks_say_so_on_every_place() -> None:
    """Never invent data: SIM in the header and on each card."""
    async with show(fleets.simulated()).run_test(size=(100, 30)) as pilot:
        for key in "123":
            await pilot.press(key)
            assert (await looked(pilot)).count("SIM") >= 2


async def test_on_shown_is_called_once_after_the_first_picture() -> None:
    """The engine is started only when there is something to see."""
    calls: list[str] = []
    app = show(fleets.live(), on_shown=lambda: calls.append("shown"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("2", "1")
    assert calls == ["shown"]
