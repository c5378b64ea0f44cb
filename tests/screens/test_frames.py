"""The Frames place: what is asked for, what stands on the screen, what the keys do."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

import tui
from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.frame_views import AT_US, FramesFeed, later
from tests.screens.show import last, screen_text
from tui.app import PackdeckApp
from tui.model.fleet import Fleet
from tui.model.frame import FrameView
from tui.model.link import Cause
from tui.model.requests import ExplainFrame, LookAtFrames
from tui.model.settings import ScreenSettings
from tui.screens.frames import Frames

PICTURED = [(40, 24), (80, 24), (100, 30), (160, 45)]
SIZES = [(40, 24), (80, 24), (100, 30), (120, 40), (160, 45)]


class FramesApp(PackdeckApp):
    """The app with this place in it, whether it is registered or not."""

    CSS_PATH = str(Path(tui.__file__).with_name("app.tcss"))
    MODES: ClassVar = {**PackdeckApp.MODES, "frames": partial(Frames)}
    BINDINGS: ClassVar = [Binding("7", "place('frames')", show=False)]


def show(fleet: Fleet | None = None, track: str = "right", **options: Any) -> FramesApp:
    """The app on this place, with a bus on the right and a serial line on the left."""
    feed = FramesFeed(fleet or fleets.live())
    start = options.pop("start", "frames")
    settings = options.pop("settings", ScreenSettings(language="en"))
    wall = lambda: fleets.WALL_S  # noqa: E731
    app = FramesApp(feed, settings=settings, clock=feed.clock, wall=wall, start=start, **options)
    app.selected = track
    return app


async def asked(pilot: Pilot[None]) -> str:
    """The screen after the place has asked once more."""
    place = pilot.app.place  # type: ignore[attr-defined]
    assert isinstance(place, Frames)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    place._asked_s = float("-inf")
    place.ask()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()
    return screen_text(pilot.app)  # type: ignore[arg-type]


def frames_of(pilot: Pilot[None]) -> Frames:
    """The place."""
    place = pilot.app.place  # type: ignore[attr-defined]
    assert isinstance(place, Frames)
    return place


def feed_of(pilot: Pilot[None]) -> FramesFeed:
    """The feed behind it."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, FramesFeed)
    return feed


def looks(pilot: Pilot[None]) -> list[LookAtFrames]:
    """What the place has asked for so far."""
    return [request for request in feed_of(pilot).asked if isinstance(request, LookAtFrames)]


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys and one more answer."""
    await pilot.press(*keys)
    return await asked(pilot)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_a_bus_is_shown_by_identifier(size: tuple[int, int]) -> None:
    """S1-58, S1-65: identifiers, what they say, overdue ones in words, figures and load of the bus."""
    async with show().run_test(size=size) as pilot:
        text = await asked(pilot)
        for words in ("PER ID", "305", "35E", "soc 72 %", "late", "silent", "TRAFFIC", "98231", "0.5 %"):
            assert words in text, words
        assert "351 0.4 s" in text and "305 0.6 s" in text
        assert "without stuffing" in text or size[1] < 30


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_a_serial_line_is_shown_as_a_list(size: tuple[int, int]) -> None:
    """S1-57, S1-64, S4-59: time, direction, command, bytes, meaning; errors say so in words."""
    async with show(track="left").run_test(size=size) as pilot:
        text = await asked(pilot)
        for words in ("LIST", "12:07:31", "TX", "RX", "BAD checksum", "unknown", "request read"):
            assert words in text, words
        assert "errors 20" in text


async def test_every_write_and_answer_is_there_with_time_and_hex() -> None:
    """S0-40: raw, `d` shows as many bytes as there is room for."""
    async with show(track="left").run_test(size=(160, 45)) as pilot:
        await asked(pilot)
        text = await pressed(pilot, "d")
        line = next(line for line in text.splitlines() if "RX 03" in line and "DD 03 00 1B 14 C0" in line)
        assert "12:07:" in line and "+" in line and "pack_v" not in line


async def test_raw_decoded_and_both() -> None:
    """CL-45: three contents where it is wide, two where it is not."""
    async with show().run_test(size=(100, 30)) as pilot:
        assert "BYTES" in await asked(pilot) and "MEANING" in screen_text(pilot.app)  # type: ignore[arg-type]
        text = await pressed(pilot, "d")
        assert "BYTES" in text and "MEANING" not in text
        text = await pressed(pilot, "d")
        assert "BYTES" not in text and "MEANING" in text
        text = await pressed(pilot, "d")
        assert "BYTES" in text and "MEANING" in text
    async with show().run_test(size=(40, 24)) as pilot:
        assert "MEANING" in await asked(pilot)
        assert "BYTES" in await pressed(pilot, "d")
        text = await pressed(pilot, "d")
        assert "MEANING" in text and "BYTES" not in text


async def test_changed_bytes_are_marked_and_the_mark_fades() -> None:
    """A star, then a tick, then nothing: seen without colours too."""
    async with show().run_test(size=(100, 30)) as pilot:
        assert "C0*14 7C'00" in await asked(pilot)
        feed = feed_of(pilot)
        feed.views["right"] = later(feed.views["right"], 450)
        assert "C0'14 7C 00" in await asked(pilot)
        feed.views["right"] = later(feed.views["right"], 450)
        assert "C0 14 7C 00" in await asked(pilot)


async def test_bytes_per_second_by_elapsed_time() -> None:
    """CL-45: what was counted, divided by the time that passed."""
    async with show().run_test(size=(100, 30)) as pilot:
        await asked(pilot)
        feed_of(pilot).views["right"] = later(feed_of(pilot).views["right"], 2000, 1000)
        line = next(line for line in (await asked(pilot)).splitlines() if " RX   " in line and "23.4" in line)
        assert line.split()[1:3] == ["23.4", "500"]


async def test_v_switches_between_table_and_list_and_each_wire_keeps_its_own() -> None:
    """Two views of one traffic; going to another wire and back changes nothing."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "PER ID" in await asked(pilot)
        assert "LIST" in await pressed(pilot, "v")
        assert "[ LEFT ]" in await pressed(pilot, "tab")
        assert "PER COMMAND" in await pressed(pilot, "v")
        assert "LIST" in await pressed(pilot, "tab")
        assert "PER ID" in await pressed(pilot, "v")


async def test_a_tall_screen_shows_the_newest_frames_below_a_short_table() -> None:
    """Room that the table leaves is used."""
    async with show().run_test(size=(160, 45)) as pilot:
        await asked(pilot)
        text = await asked(pilot)
        assert "PER ID" in text and "LIST" in text
        await pilot.click("FrameLog", offset=(10, 8))
        text = await asked(pilot)
        assert "PER ID" not in text and "standing still" in text


async def test_the_cursor_stops_the_list_and_f_follows_again() -> None:
    """Up selects the newest row and holds the picture while more comes."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        assert "following" in await pressed(pilot, "v")
        text = await pressed(pilot, "up", "up")
        assert "standing still" in text
        chosen = next(line for line in text.splitlines() if line.startswith(">"))
        assert looks(pilot)[-1].before == 9001
        view = feed_of(pilot).views["right"]
        newer = replace(view.rows[-1], number=9001, data=b"\x11\x22")
        feed_of(pilot).views["right"] = replace(later(view), rows=(*view.rows, newer))
        text = await asked(pilot)
        assert chosen in text.splitlines() and "11 22" not in text
        assert "11 22" in await pressed(pilot, "f")
        assert "following" in await pressed(pilot, "up", "end")


async def test_the_cursor_goes_through_the_whole_list_and_back() -> None:
    """Older frames are asked for before the cursor comes to the end of those at hand."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        await pressed(pilot, "v", "up")
        for _ in range(60):
            await pressed(pilot, "pageup")
        assert frames_of(pilot).wire.number == 8601
        for _ in range(60):
            await pressed(pilot, "pagedown")
        assert frames_of(pilot).wire.number == 9000


async def test_the_cursor_moves_through_the_table_and_enter_explains() -> None:
    """Rows that do not fit come into sight; the sheet says it in full; Esc closes it."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "18F128F4" not in (await asked(pilot)).split("TRAFFIC")[0]
        text = await pressed(pilot, "up")
        assert ">18F128F4" in text
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        assert "18F128F4" in text and "00 FF 00 A1 B2 C3 D4 00 00" in text
        await pilot.press("escape")
        assert "PER ID" in await asked(pilot)


async def test_the_sheet_shows_bytes_letters_and_fields() -> None:
    """CL-45: hex with offsets and letters, then every field with its unit."""
    async with show(track="left").run_test(size=(100, 36)) as pilot:
        await asked(pilot)
        await pressed(pilot, "up", "up", "up", "up", "up", "up", "up")
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        assert last(feed_of(pilot).asked, ExplainFrame) == ExplainFrame(4994)
        for words in ("10 ", "DD 03 00 1B", "pack_v", "53.12 V", "temperatures_c", "#4994", "bad"):
            assert words in text, words


async def test_a_frame_that_is_gone_says_why() -> None:
    """The bytes are still there; the cause is a sentence."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        feed_of(pilot).refusal = Cause("frame-gone", (("number", "7"),))
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        assert "no longer kept" in text and "305" in text


async def test_the_filter_is_asked_of_the_engine_and_shown() -> None:
    """`/`, text, Enter; Esc closes without a change; an empty line shows all again."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        text = await pressed(pilot, "slash", "3", "5", "6", "enter")
        assert "356" in {look.only for look in looks(pilot)[-2:]}
        assert "356" in text and "/ 356" in text and "only 356" in text and "soc 72" not in text
        await pressed(pilot, "slash", "9", "escape")
        assert {look.only for look in looks(pilot)[-3:]} == {"356", ""}
        text = await pressed(pilot, "slash", "x", "q", "enter")
        assert 'No frame matches "xq"' in text
        await pressed(pilot, "slash", "backspace", "enter")
        assert looks(pilot)[-1].only == ""


async def test_the_counters_know_no_filter() -> None:
    """The ages of 351 and 305 stay on the screen, whatever is filtered."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        await pressed(pilot, "slash", "3", "5", "6", "enter")
        for _ in range(3):
            text = await asked(pilot)
            assert "351 0.4 s" in text and "305 0.6 s" in text and "only 356" in text and "soc 72" not in text


async def test_windows() -> None:
    """CL-45: 60 seconds, 5 minutes, 15 minutes."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "last 60 s" in await asked(pilot)
        for window_s, words in ((300, "last 5 min"), (900, "last 15 min"), (60, "last 60 s")):
            assert words in await pressed(pilot, "w")
            assert looks(pilot)[-1].window_s == window_s


async def test_pause_holds_the_rows_and_not_the_counters() -> None:
    """The engine goes on counting, and that can be seen."""
    async with show().run_test(size=(100, 30)) as pilot:
        await asked(pilot)
        await pilot.press("space")
        view = feed_of(pilot).views["right"]
        figures = replace(view.figures, rx_frames=99_999)
        kinds = tuple(replace(kind, text="other") for kind in view.kinds)
        feed_of(pilot).views["right"] = replace(later(view), kinds=kinds, figures=figures)
        text = await asked(pilot)
        assert "PAUSED" in text and "soc 72 %" in text and "other" not in text and "99999" in text
        assert "other" in await pressed(pilot, "space")


async def test_only_while_on_show_and_one_question_at_a_time() -> None:
    """Another place on show: nothing is asked."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        place = frames_of(pilot)
        place._in_flight = True
        before = len(looks(pilot))
        place._asked_s = float("-inf")
        place.ask()
        assert len(looks(pilot)) == before
        place._in_flight = False
        await pilot.press("1")
        await pilot.app.workers.wait_for_complete()
        before = len(looks(pilot))
        place._asked_s = float("-inf")
        place.ask()
        await pilot.app.workers.wait_for_complete()
        assert len(looks(pilot)) == before


async def test_a_lost_engine_leaves_the_last_view_with_its_age() -> None:
    """Old values never pass as new; the cause is a sentence."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        feed = feed_of(pilot)
        feed.refusal, feed.now = Cause("engine-missing"), fleets.NOW_S + 12
        text = await asked(pilot)
        assert "stale, 12 s old" in text and "No engine answers" in text and "soc 72 %" in text
        feed.refusal = None
        assert "stale" not in await asked(pilot)


async def test_never_an_empty_screen() -> None:
    """Before the first answer, without frames, and with a refusal there is a sentence."""
    app = show()
    feed = app.feed
    assert isinstance(feed, FramesFeed)
    feed.refusal = Cause("track-unknown", (("track", "right"),))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Looking at this wire" in await asked(pilot)
        feed.refusal = None
        feed.views["right"] = FrameView("right", AT_US, True)
        text = await asked(pilot)
        assert "No frames on this wire yet" in text
        assert "No frames" in await pressed(pilot, "v", "up", "down", "enter", "d", "w")


async def test_other_places_jump_to_the_source_of_a_value() -> None:
    """The list around that frame, with it selected, also when the place was never on show before."""
    app = show(start="overview")
    async with app.run_test(size=(100, 30)) as pilot:
        app.action_place("frames")
        frames_of(pilot).show_source("left", 4950)
        text = await asked(pilot)
        assert looks(pilot)[-1].before == 4951 and looks(pilot)[-1].track == "left"
        assert "[ LEFT ]" in text and "LIST" in text
        assert frames_of(pilot).wire.number == 4950
        assert any(line.startswith(">") for line in text.splitlines())


async def test_a_tap_selects_and_a_second_one_opens() -> None:
    """Everything that can be pressed can be tapped."""
    async with show().run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        await pilot.click("FrameTable", offset=(5, 4))
        assert ">355" in await asked(pilot)
        await pilot.click("FrameTable", offset=(5, 4))
        assert not isinstance(pilot.app.screen, Frames)


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
@pytest.mark.parametrize("track", ["left", "right"])
async def test_pictures(track: str, tier: str, looks_the_same: LooksTheSame) -> None:
    """S1-57, S1-58, S1-64, S1-65, CL-45: a bus and a line at all sizes, in three tiers."""
    for size in PICTURED:
        async with show(track=track, glyphs=tier).run_test(size=size) as pilot:
            await asked(pilot)
            feed_of(pilot).views[track] = later(feed_of(pilot).views[track], 200, 133)
            await asked(pilot)
            await asked(pilot)
            looks_the_same(picture(pilot.app), f"frames/{tier}/{track}-{size[0]}x{size[1]}")


@pytest.mark.parametrize(
    ("name", "track", "keys", "options"),
    [
        ("list", "right", ["v", "up", "up", "up"], {}),
        ("raw", "left", ["d"], {}),
        ("filter", "right", ["slash", "3", "5"], {}),
        ("french", "right", [], {"settings": ScreenSettings(language="fr")}),
        ("light", "right", ["down", "down"], {"theme": "packdeck-light"}),
        ("sixteen", "right", ["down", "down"], {"theme": "packdeck-ansi"}),
    ],
)
async def test_pictures_of_states(
    name: str, track: str, keys: list[str], options: dict[str, Any], looks_the_same: LooksTheSame
) -> None:
    """What keys, languages and themes make of it."""
    for size in ((80, 24), (100, 30)):
        async with show(track=track, **options).run_test(size=size) as pilot:
            await asked(pilot)
            await pressed(pilot, *keys)
            await asked(pilot)
            looks_the_same(picture(pilot.app), f"frames/{name}/{track}-{size[0]}x{size[1]}")


async def test_picture_of_a_lost_engine(looks_the_same: LooksTheSame) -> None:
    """The last view, grey, with its age and the cause."""
    async with show(fleets.engine_lost()).run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        feed_of(pilot).refusal = Cause("engine-missing")
        feed_of(pilot).now = fleets.NOW_S + 12
        await asked(pilot)
        looks_the_same(picture(pilot.app), "frames/lost/right-80x24")


@pytest.mark.parametrize("size", [(40, 24), (100, 36)], ids=["phone", "desk"])
async def test_picture_of_the_sheet(size: tuple[int, int], looks_the_same: LooksTheSame) -> None:
    """One frame in full."""
    async with show(track="left").run_test(size=size) as pilot:
        await asked(pilot)
        await pressed(pilot, *["up"] * 7)
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()
        looks_the_same(picture(pilot.app), f"frames/sheet/{size[0]}x{size[1]}")


async def test_a_wire_of_a_plug_in_has_a_tab_of_its_own() -> None:
    """S1-76."""
    fleet = replace(fleets.live(), wires=("my-frames",))
    app = show(fleet)
    assert isinstance(app.feed, FramesFeed)
    app.feed.views["my-frames"] = replace(app.feed.views["right"], track="my-frames")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab")
        text = await asked(pilot)
        assert "my-frames".upper() in text.upper()
        assert looks(pilot)[-1].track == "my-frames"
        await pilot.press("tab")
        await asked(pilot)
        assert looks(pilot)[-1].track == "left"
