"""The form that exports: what the command line can write, by keys and by fingers."""

import pytest

from screenshots.svg import picture
from tests.conftest import LooksTheSame
from tests.screens.show import settled
from tests.screens.test_history import asked, place_of, pressed, show
from tui.model.history import DAY_MS, ExportHistory
from tui.model.settings import ScreenSettings
from tui.widgets.history_sheets import ExportSheet


def lines(text: str, *words: str) -> list[str]:
    """The lines of the screen with one of these words."""
    return [line for line in text.splitlines() if any(word in line for word in words)]


async def test_form_pictures(looks_the_same: LooksTheSame) -> None:
    """S1-51: over the chart and the archives, in both languages, for fingers, without special letters."""
    for size in ((80, 24), (160, 45)):
        async with show().run_test(size=size) as pilot:
            await pressed(pilot, "x")
            looks_the_same(picture(pilot.app), f"history/full/export-{size[0]}x{size[1]}")
    async with show(settings=ScreenSettings(language="fr"), glyphs="ascii").run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "V", "x")
        looks_the_same(picture(pilot.app), "history/french/export-80x24")
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        await pressed(pilot, "x")
        looks_the_same(picture(pilot.app), "history/kiosk/export-100x30")


async def test_energy_of_the_range_on_show() -> None:
    """S1-51, S4-12: by day, by month; of all tracks, with the range of the chart."""
    async with show().run_test(size=(80, 24)) as pilot:
        text = await pressed(pilot, "x")
        assert "energy by day" in text and "energy by month" in text and "all tracks" in text
        assert lines(text, ">3 values, every sample")
        await pressed(pilot, "down", "down", "down")
        assert lines(await settled(pilot), ">energy by day")
        await pressed(pilot, "enter")
        (request,) = asked(pilot, ExportHistory)
        assert (request.level, request.kind, request.track, request.archive) == ("days", "csv", "", "")
        assert request.until_ms - request.from_ms == DAY_MS
        await pressed(pilot, "x", "up", "up", "enter")
        assert asked(pilot, ExportHistory)[-1].level == "months"


async def test_the_view_of_energy_offers_what_it_shows() -> None:
    """By day or by month, of everything that is stored."""
    async with show().run_test(size=(80, 24)) as pilot:
        text = await pressed(pilot, "v", "v", "d", "x")
        assert lines(text, ">energy by month") and "everything stored" in text
        await pressed(pilot, "enter")
        (request,) = asked(pilot, ExportHistory)
        assert request == ExportHistory(request.path, level="months", quantities=())


async def test_the_archive_under_the_cursor_and_the_one_that_is_open() -> None:
    """S1-50, S1-51: from the list, and from its samples."""
    async with show().run_test(size=(80, 24)) as pilot:
        text = await pressed(pilot, "V", "down")
        assert "x export" in text
        text = await pressed(pilot, "x")
        assert lines(text, ">archive history_2025-10-17.csv.gz")
        await pressed(pilot, "enter")
        (request,) = asked(pilot, ExportHistory)
        assert request.archive == "history_2025-10-17.csv.gz" and request.kind == "csv"
        assert lines(await pressed(pilot, "enter", "x"), ">archive history_2025-10-17.csv.gz")


async def test_from_elsewhere_an_archive_is_chosen_first() -> None:
    """The form leads to the list instead of guessing one."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "one of the daily archives" in await pressed(pilot, "x", "up")
        await pressed(pilot, "enter")
        assert place_of(pilot).view == "files" and not asked(pilot, ExportHistory)
        assert any("Choose an archive" in note.message for note in pilot.app._notifications)


@pytest.mark.parametrize("size", [(40, 24), (60, 18), (80, 24), (160, 45)], ids=str)
async def test_everything_fits(size: tuple[int, int]) -> None:
    """No row, no button is cut off, and a tap beside it leaves it."""
    async with show().run_test(size=size) as pilot:
        text = await pressed(pilot, "x")
        for words in (
            "every sample",
            "by minute",
            "by hour",
            "by day",
            "by month",
            "archives",
            "JSON",
            "Cancel",
        ):
            assert words in text, words
        await pilot.click(offset=(0, 0))
        await settled(pilot)
        assert not isinstance(pilot.app.screen, ExportSheet)


async def test_fingers_choose_and_write() -> None:
    """CL-7: the kiosk reaches it from every view; a tap on a row chooses, one on a button writes."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        for _view in range(5):
            text = await settled(pilot)
            (button,) = lines(text, "Export")
            row = text.splitlines().index(button)
            await pilot.click(offset=(button.index("Export"), row))
            text = await settled(pilot)
            assert "energy by day" in text
            await pressed(pilot, "escape", "v")
        await pressed(pilot, "x")
        text = await settled(pilot)
        for words in ("energy by month", "JSON"):
            (line,) = lines(text, words)
            await pilot.click(offset=(line.index(words), text.splitlines().index(line)))
            text = await settled(pilot)
        (request,) = asked(pilot, ExportHistory)
        assert (request.level, request.kind) == ("months", "json") and request.path.endswith(".json")
