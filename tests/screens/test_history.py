"""The History place: what is asked for, what stands on the screen, what keys and fingers do."""

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.histories import FIRST_MS, GAP_MS, HOUR_MS, NOW_MS, HistoryFeed
from tests.screens.show import screen_text, settled
from tui.app import PackdeckApp
from tui.model.events import EngineLost
from tui.model.fold import fold
from tui.model.history import (
    DAY_MS,
    CellHeat,
    ClearHistory,
    EnergyTable,
    ExportHistory,
    HistoryPage,
    HistoryRequest,
    SampleTable,
)
from tui.model.link import Cause
from tui.model.requests import Answer, Request
from tui.model.settings import ScreenSettings
from tui.screens.history import History
from tui.widgets.chart_values import ValuesSheet
from tui.widgets.history_bar import HistoryBar
from tui.widgets.history_chart import HistoryChart
from tui.widgets.value_picker import ValuePicker

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
TIERS = ("full", "common", "ascii")
VIEWS = {"chart": (), "table": ("v",), "energy": ("v", "v"), "heat": ("v", "v", "v"), "files": ("V",)}


def show(feed: HistoryFeed | None = None, **options: Any) -> PackdeckApp:
    """The app on this place."""
    feed = feed or HistoryFeed()
    settings = options.pop("settings", ScreenSettings(language="en"))
    wall = options.pop("wall", lambda: fleets.WALL_S)
    return PackdeckApp(feed, settings=settings, clock=feed.clock, wall=wall, start="history", **options)


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys and their answers."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return await settled(pilot)


def place_of(pilot: Pilot[None]) -> History:
    """The place."""
    place = pilot.app.place  # type: ignore[attr-defined]
    assert isinstance(place, History)
    return place


def asked(pilot: Pilot[None], kind: type[HistoryRequest]) -> list[Any]:
    """What it has asked for so far, of one kind."""
    return [request for request in pilot.app.feed.asked if isinstance(request, kind)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_chart_pictures(size: tuple[int, int], tier: str, looks_the_same: LooksTheSame) -> None:
    """S1-7: both tracks on one time axis at every size, in every tier."""
    async with show(glyphs=tier).run_test(size=size) as pilot:
        await settled(pilot)
        looks_the_same(picture(pilot.app), f"history/{tier}/chart-{size[0]}x{size[1]}")


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("view", [name for name in VIEWS if name != "chart"])
async def test_view_pictures(view: str, tier: str, looks_the_same: LooksTheSame) -> None:
    """Table, energy, heat map, archives at three sizes and in three tiers."""
    async with show(glyphs=tier).run_test(size=SIZES[1]) as pilot:
        await pressed(pilot, *VIEWS[view])
        for size in SIZES[1:]:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"history/{tier}/{view}-{size[0]}x{size[1]}")


async def test_cursor_and_sheet_pictures(looks_the_same: LooksTheSame) -> None:
    """The cursor through all panels, all values at it, the list to choose from."""
    async with show().run_test(size=(160, 45)) as pilot:
        await pressed(pilot, "c")
        looks_the_same(picture(pilot.app), "history/full/cursor-160x45")
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c", "enter")
        looks_the_same(picture(pilot.app), "history/full/values-80x24")
        await pressed(pilot, "escape", "s")
        looks_the_same(picture(pilot.app), "history/full/picker-80x24")


async def test_other_looks(looks_the_same: LooksTheSame) -> None:
    """CL-7, CL-49: the kiosk with buttons for fingers; French; sixteen colours."""
    for name, options in (
        ("kiosk", {"kiosk": True, "theme": "console"}),
        ("french", {"settings": ScreenSettings(language="fr")}),
        ("ansi", {"theme": "packdeck-ansi", "glyphs": "common"}),
    ):
        async with show(**options).run_test(size=(100, 30)) as pilot:
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"history/{name}/chart-100x30")


async def test_a_short_history_fills_the_chart_until_a_range_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S1-7: an engine that runs for twenty minutes shows half an hour, not an empty day."""
    monkeypatch.setattr("tests.histories.FIRST_MS", NOW_MS - 20 * 60_000)
    async with show().run_test(size=(100, 30)) as pilot:
        assert "[ 30 min ]" in await settled(pilot)
        assert "[ 1 h ]" in await pressed(pilot, "right_square_bracket")
        assert "[ 1 h ]" in await pressed(pilot, "s", "escape")


async def test_it_asks_for_all_tracks_and_the_last_day() -> None:
    """One question, both tracks, 240 points until now."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        (page,) = asked(pilot, HistoryPage)
        assert page.tracks == ("left", "right") and page.quantities == ("current_a", "pack_v", "soc_pct")
        assert page.until_ms - page.from_ms == DAY_MS and page.from_ms < NOW_MS < page.until_ms
        assert page.points == 240


async def test_it_follows_calmly() -> None:
    """At most one question in a few seconds, none while paused, none while another place is on show."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        place, feed = place_of(pilot), pilot.app.feed  # type: ignore[attr-defined]
        await pressed(pilot, "left_square_bracket", "left_square_bracket", "left_square_bracket")
        before = len(feed.asked)
        place.ask()
        await settled(pilot)
        assert len(feed.asked) == before
        feed.now += 20.0
        await pressed(pilot, "space")
        feed.now += 20.0
        place.ask()
        await settled(pilot)
        assert len(feed.asked) <= before + 1
        await pressed(pilot, "space")
        feed.now += 20.0
        place.ask()
        await settled(pilot)
        after = len(feed.asked)
        assert after > before
        await pilot.press("1")
        feed.now += 100.0
        place.ask()
        await settled(pilot)
        assert len(feed.asked) == after


async def test_ranges_zoom_and_moving() -> None:
    """`[` `]`, `+` `-`, arrows and pages change the stretch of time; `f` goes back to now."""
    async with show().run_test(size=(100, 30)) as pilot:
        assert "24 h" in await settled(pilot)
        assert "12 h" in await pressed(pilot, "left_square_bracket")
        assert "24 h" in await pressed(pilot, "right_square_bracket")
        assert "12 h" in await pressed(pilot, "plus")
        assert "24 h" in await pressed(pilot, "minus")
        moved = await pressed(pilot, "left")
        assert " now " not in moved.splitlines()[2] and "16 Oct" not in moved.splitlines()[2]
        assert asked(pilot, HistoryPage)[-1].until_ms == NOW_MS - 3 * HOUR_MS
        await pressed(pilot, "pageup")
        assert asked(pilot, HistoryPage)[-1].until_ms == NOW_MS - 3 * HOUR_MS - round(0.9 * DAY_MS)
        assert "now" in (await pressed(pilot, "f")).splitlines()[2]


async def test_the_range_never_ends_after_now() -> None:
    """Moving right from now changes nothing."""
    async with show().run_test(size=(100, 30)) as pilot:
        before = await settled(pilot)
        assert await pressed(pilot, "right") == before


async def test_home_goes_to_the_beginning() -> None:
    """S1-7: what is old is reached by one key."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "home")
        page = asked(pilot, HistoryPage)[-1]
        assert page.from_ms <= FIRST_MS <= page.until_ms


async def test_the_cursor_tells_all_values() -> None:
    """`c` puts it into the middle, arrows move it, Enter tells everything, Esc takes it away."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c")
        place = place_of(pilot)
        first = place.cursor_ms
        assert first is not None
        await pressed(pilot, "right")
        second = place.cursor_ms
        assert second is not None and 10 * 60_000 < second - first < 30 * 60_000
        await pressed(pilot, "shift+left")
        assert place.cursor_ms is not None and place.cursor_ms < first
        text = await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, ValuesSheet)
        assert "lowest .. highest" in text and "State of charge %" in text
        await pressed(pilot, "escape", "escape")
        assert place.cursor_ms is None


async def test_the_window_goes_with_the_cursor() -> None:
    """At the edge the chart moves on."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "c")
        place = place_of(pilot)
        for _ in range(5):
            await pressed(pilot, "shift+left")
        assert place.cursor_ms is not None
        low, high = place.window.range_ms(NOW_MS, 240)
        assert low <= place.cursor_ms <= high and high < NOW_MS


async def test_a_tap_puts_the_cursor_under_the_finger() -> None:
    """And a tap on a tab opens it; taps on the range change it."""
    async with show().run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        await pilot.click(HistoryChart, offset=(50, 5))
        await settled(pilot)
        cursor = place_of(pilot).cursor_ms
        assert cursor is not None and abs(cursor - (NOW_MS - DAY_MS // 2)) < 2 * HOUR_MS
        bar = text.splitlines()[2]
        await pilot.click(HistoryBar, offset=(bar.index(" ] ") + 1, 0))
        assert "12 h" not in await settled(pilot)
        await pilot.click(HistoryBar, offset=(bar.index("[ 24") + 1, 0))
        await settled(pilot)
        await pilot.click(HistoryBar, offset=(bar.index("Energy"), 0))
        assert "ENERGY BY DAY" in await settled(pilot)


async def test_values_are_chosen_from_a_list() -> None:
    """Any measured value, several at once, up to single cells and sensors."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "s")
        assert isinstance(pilot.app.screen, ValuePicker)
        assert "[x] Pack voltage" in text and "[ ] Power" in text and "Cell 1" in text
        await pressed(pilot, "space", "down", "down", "space", "enter")
        assert place_of(pilot).quantities == ("current_a", "power_w", "soc_pct")
        text = await settled(pilot)
        assert "POWER W" in text and "PACK VOLTAGE" not in text
        await pressed(pilot, "s", "c", "escape")
        assert place_of(pilot).quantities == ("current_a", "power_w", "soc_pct")
        await pressed(pilot, "s", "c", "enter")
        assert sum(key.startswith("cell_mv.") for key in place_of(pilot).quantities) == 16
        assert asked(pilot, HistoryPage)[-1].quantities == place_of(pilot).quantities


async def test_choosing_nothing_leaves_all_as_it_was() -> None:
    """A chart of nothing is no chart."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "s", "o", "space", "enter")
        assert place_of(pilot).quantities == ("current_a", "pack_v", "soc_pct")


async def test_how_many_points() -> None:
    """CL-46: 60, 120, 240 or all points."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "w", "w", "w")
        assert [page.points for page in asked(pilot, HistoryPage)] == [240, 60, 120, 4000]


async def test_one_panel_over_the_whole_height() -> None:
    """`m` and back; up and down choose which."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "down", "m")
        assert "PACK VOLTAGE LEFT" in text and "CURRENT A" not in text
        assert "CURRENT A" in await pressed(pilot, "m")


async def test_the_table_pages_and_opens_a_moment() -> None:
    """CL-46, S1-49: newest first, pages, Enter shows the moment in the chart."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v")
        assert "1-17 of 57600" in text and "live" in text and "every 60 s" in text
        assert asked(pilot, SampleTable)[-1] == SampleTable("left", rows=17)
        assert "18-34 of 57600" in await pressed(pilot, "pagedown")
        assert "1-17 of" in await pressed(pilot, "pageup")
        text = await pressed(pilot, "down", "down", "enter")
        assert "[ Chart ]" in text
        assert place_of(pilot).cursor_ms == NOW_MS - 30_000 - 2 * 60_000


async def test_the_table_walks_over_the_end_of_a_page() -> None:
    """Down on the last row brings the next page."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "v")
        place_of(pilot)._at = 16
        assert "18-34 of" in await pressed(pilot, "down")


async def test_rows_a_page() -> None:
    """CL-46: 10, 20 or 50 rows a page, or as many as there is room for."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "v", "w", "w", "w", "w")
        assert [table.rows for table in asked(pilot, SampleTable)] == [17, 10, 20, 50, 17]


async def test_tab_shows_the_other_track() -> None:
    """Where one track is on show, Tab and a tap bring the other."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "tab")
        assert "[ RIGHT ]" in text and "SAMPLES RIGHT" in text
        line = text.splitlines()[2]
        await pilot.click(HistoryBar, offset=(line.index("LEFT"), 0))
        assert "SAMPLES LEFT" in await settled(pilot)


async def test_energy_by_day_and_month() -> None:
    """kWh and Ah in and out, cycles, sums; what is not known is not zero."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "v")
        for words in ("ENERGY BY DAY", "18 Oct", "+kWh", "-kWh", "+Ah", "-Ah", "cycles", "total", "--"):
            assert words in text, words
        assert asked(pilot, EnergyTable)[-1].by == "day"
        text = await pressed(pilot, "d")
        assert "ENERGY BY MONTH" in text and "Oct 2025" in text


@pytest.mark.parametrize("tier", TIERS)
async def test_heat_map_tells_above_from_below_without_colours(tier: str) -> None:
    """Cell by time of deviation from the mean: other shades for below, the newest value as a number."""
    async with show(glyphs=tier).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "v", "v")
        lines = {line[1:3]: line[5:-8] for line in text.splitlines() if line[1:3].isdigit()}
        above, below = set(lines["14"]) - {" "}, set(lines["07"]) - {" "}
        assert above and below and not above & below
        assert "up to +30 mV" in text and "down to -30 mV" in text and "+5 mV" in text.replace("  ", " ")
        assert asked(pilot, CellHeat)[-1].track == "left"


async def test_archives_open_in_the_table() -> None:
    """S1-50, CL-46: source live or archive."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "V")
        assert "24 files" in text and "implausible" in text and "115200" in text
        text = await pressed(pilot, "down", "enter")
        assert "history_2025-10-17.csv.gz" in text and "of 1440" in text
        assert asked(pilot, SampleTable)[-1].archive == "history_2025-10-17.csv.gz"
        assert "of 57600" in await pressed(pilot, "o")


async def test_export_of_what_is_on_the_screen() -> None:
    """S1-51: the chosen values, the range on show, CSV or JSON, and where the file is."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "x")
        assert "~/packdeck-20251018-120731.csv" in text and "every sample" in text
        await pressed(pilot, "enter")
        (request,) = asked(pilot, ExportHistory)
        assert request.kind == "csv" and request.quantities == ("current_a", "pack_v", "soc_pct")
        assert request.path == "~/packdeck-20251018-120731.csv" and request.level == "samples"
        assert request.until_ms - request.from_ms == DAY_MS
        await pressed(pilot, *["right_square_bracket"] * 5, "x", "enter")
        assert asked(pilot, ExportHistory)[-1].level == "hours"


async def test_an_export_that_fails_says_why() -> None:
    """The cause in words, not silence."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "x")
        pilot.app.feed.refusal = Cause("export-exists", (("path", "/tmp/a.csv"),))  # type: ignore[attr-defined]
        await pressed(pilot, "enter")
        assert any("/tmp/a.csv" in note.message for note in pilot.app._notifications)


async def test_deleting_needs_a_typed_word() -> None:
    """S1-52: no slip of a finger deletes."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "V", "D", "enter", "y", "e", "s", "enter")
        assert not asked(pilot, ClearHistory)
        await pressed(pilot, "backspace", "backspace", "backspace", *"delete", "enter")
        assert asked(pilot, ClearHistory) == [ClearHistory("samples")]


async def test_a_range_without_data_is_a_sentence() -> None:
    """With the way out."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        place_of(pilot).window = replace(place_of(pilot).window, span_s=1800.0, until_ms=GAP_MS[1] - HOUR_MS)
        text = await pressed(pilot, "plus")
        assert "No data from 18 Oct 02:" in text and "press Home" in text


async def test_an_empty_history_is_a_sentence() -> None:
    """Nothing yet is not an error."""
    feed = HistoryFeed()
    feed.empty = True
    async with show(feed).run_test(size=(80, 24)) as pilot:
        assert "Nothing has been stored yet." in await settled(pilot)


async def test_a_refusal_is_told() -> None:
    """An engine without a history says so, with one thing to do."""
    feed = HistoryFeed()
    feed.refusal = Cause("history-off")
    async with show(feed).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "This engine keeps no history." in text and "history.enabled" in text


async def test_an_answer_of_before_stays_and_is_called_old() -> None:
    """A picture that cannot be renewed says how old it is."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        feed = pilot.app.feed  # type: ignore[attr-defined]
        feed.refusal, feed.now = Cause("engine-silent"), feed.now + 400
        place_of(pilot).ask()
        text = await settled(pilot)
        assert "not renewed" in text and "CURRENT A" in text


async def test_without_an_engine_the_cause_is_told() -> None:
    """The place says what the band says."""
    feed = HistoryFeed()
    feed.value = fold(feed.value, EngineLost(fleets.NOW_S, NOW_MS, Cause("engine-silent")))
    feed.refusal = Cause("engine-silent")
    async with show(feed).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "CURRENT A" not in text and "engine" in text.lower()


class SlowFeed(HistoryFeed):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def ask(self, request: Request) -> Answer:
        """After the gate is open."""
        self.gate.wait(20)
        return super().ask(request)


async def test_anything_longer_than_a_second_shows_a_sign_of_life() -> None:
    """A bar that moves, and the seconds; gone with the answer."""
    feed = SlowFeed()
    async with show(feed).run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        place = place_of(pilot)
        place.ask()
        await pilot.pause()
        assert place._asked_s is not None
        place._asked_s -= 3.0
        place.ask()
        await pilot.pause()
        assert re.search(r"reading \d+ s", screen_text(pilot.app))  # type: ignore[arg-type]
        feed.gate.set()
        assert "reading" not in await settled(pilot)


async def test_other_places_open_a_moment() -> None:
    """From anywhere: the chart around a moment, the cursor on it, the quantity among those on show."""
    app = show()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "2")
        moment = NOW_MS - 20 * DAY_MS
        app.show_moment("right", moment, "spread_mv")
        text = await settled(pilot)
        place = place_of(pilot)
        assert "History" in text.splitlines()[0] and place.cursor_ms == moment and app.selected == "right"
        low, high = place.window.range_ms(NOW_MS, 240)
        assert low < moment < high and "spread_mv" in place.quantities
        assert asked(pilot, HistoryPage)[-1].quantities == place.quantities


async def test_the_kiosk_reaches_everything_by_touch() -> None:
    """CL-7: views, ranges, moving and values have buttons for fingers."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        row = next(y for y, line in enumerate(text.splitlines()) if "Shorter" in line)
        line = text.splitlines()[row]
        await pilot.click(offset=(line.index("Shorter"), row))
        assert "12 h" in await settled(pilot)
        await pilot.click(offset=(line.index("Values"), row))
        assert "What to show" in await settled(pilot)
        await pressed(pilot, "escape")
        await pilot.click(offset=(line.index("View"), row))
        assert "SAMPLES LEFT" in await settled(pilot)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("view", list(VIEWS))
async def test_every_word_is_there(view: str, language: str, caplog: pytest.LogCaptureFixture) -> None:
    """CL-49: nothing is missing in either language, in any view and its sheet."""
    async with show(settings=ScreenSettings(language=language)).run_test(size=(160, 45)) as pilot:
        await pressed(pilot, *VIEWS[view], "c")
        await pressed(pilot, "x")
        await pressed(pilot, "escape")
    assert not [record for record in caplog.records if "no message" in record.getMessage()]
