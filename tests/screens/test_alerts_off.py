"""What a person sees while alerts are switched off and the disk is in trouble: never an all-clear."""

import pytest

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.screens.show import screen_text, show
from tui.model.events import AlertsSwitched, StorageChanged
from tui.model.settings import ScreenSettings

OFF = AlertsSwitched(("left", "right"))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_band_and_the_lamp_of_the_disk(language: str, looks_the_same: LooksTheSame) -> None:
    """S4-41, S0-30, CL-49."""
    fleet = fleets.folded([OFF, StorageChanged(False)], fleets.live())
    app = show(fleet, settings=ScreenSettings(language=language))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((80, 24), (100, 30), (160, 45)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            looks_the_same(picture(app), f"alerts-off/{language}-{size[0]}x{size[1]}")


async def test_the_lamp_is_on_while_everything_is_written() -> None:
    app = show(fleets.folded([StorageChanged(True)], fleets.live()))
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        head, band = screen_text(app).splitlines()[:2]
        assert "•disk" in head or "●disk" in head, head
        assert "no active alarms" in band
