"""The Devices place: what stands in its rows, what its keys ask for, what becomes of the answers."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from screenshots.svg import picture
from tests import fleets, radios
from tests.conftest import LooksTheSame
from tests.fakes import FakeFeed
from tests.screens.show import last, screen_text, settled
from tui.app import PackdeckApp
from tui.model.device import RadioState
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import (
    Answer,
    Lend,
    Pair,
    Probe,
    ReconnectDevice,
    Request,
    ResetAdapter,
    Scan,
    Unpair,
)
from tui.model.settings import ScreenSettings
from tui.widgets.confirm import Confirm
from tui.widgets.device_detail import DeviceDetail
from tui.widgets.device_sheet import DeviceSheet, PairSheet
from tui.widgets.rows import plain

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
BY_SIZE = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")


class RadioFeed(FakeFeed):
    """Answers a probe with its report. While `gate` is closed, answers wait for it."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet, now=fleets.NOW_S)
        self.gate = threading.Event()
        self.gate.set()

    def ask(self, request: Request) -> Answer:
        """The report of a probe; anything else as the test wants it."""
        self.asked.append(request)
        self.gate.wait(10)
        if isinstance(request, Probe) and self.answer.ok:
            return Answer(True, probe=replace(radios.REPORT, address=request.address))
        return self.answer


def show(fleet: Fleet | None = None, **options: Any) -> PackdeckApp:
    """The app on this place."""
    feed = RadioFeed(fleet or radios.fleet())
    settings = options.pop("settings", ScreenSettings(language="en"))
    wall = lambda: fleets.WALL_S  # noqa: E731
    return PackdeckApp(feed, settings=settings, clock=feed.clock, wall=wall, start="devices", **options)


def feed_of(pilot: Pilot[None]) -> RadioFeed:
    """The feed behind it."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, RadioFeed)
    return feed


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys and their answers."""
    await pilot.press(*keys)
    return await settled(pilot)


async def seen(pilot: Pilot[None], fleet: Fleet) -> str:
    """The screen after the app has looked at newer news."""
    feed = feed_of(pilot)
    feed.value = replace(fleet, version=feed.value.version + 1)
    pilot.app._look()  # type: ignore[attr-defined]
    return await settled(pilot)


def told(pilot: Pilot[None]) -> str:
    """All notifications."""
    return " ".join(one.message for one in pilot.app._notifications)


def line_of(text: str, words: str) -> str:
    """The first row with these words."""
    return next(line for line in text.splitlines() if words in line)


# --- what is shown ---


@BY_SIZE
async def test_every_device_has_a_row_with_its_state_in_words(size: tuple[int, int]) -> None:
    """S0-35, S2-22, S2-23: connected, coming back, waiting for a person, lent, locked, not ours."""
    async with show().run_test(size=size) as pilot:
        text = await settled(pilot)
        for name, state in (
            ("JBD-SP25S003", "connected"),
            ("xiaoxiang BMS", "back within 24 min"),
            ("shed pack", "tap to reconnect"),
            ("DL-48100", "lent, back in 9:40"),
            ("JBD-LOCKED", "locked"),
            ("Tag [7]", "not ours"),
        ):
            assert state in line_of(text, name), name


@pytest.mark.parametrize(
    ("size", "there", "gone"),
    [
        ((40, 24), ("NAME", "STATE"), ("SEEN", "ADDRESS  ")),
        ((80, 24), ("dBm", "RANGE", "SEEN"), ("ERRORS   ",)),
        ((100, 30), ("TRACK", "A5:C2:37:06:22:0E"), ()),
        ((160, 45), ("KIND", "LINK", "ERRORS", "99 % good"), ()),
    ],
)
async def test_columns_go_whole_where_there_is_no_room(
    size: tuple[int, int], there: tuple[str, ...], gone: tuple[str, ...]
) -> None:
    """S0-7, S2-21: signal, range in words, last sight; nothing is cut."""
    async with show().run_test(size=size) as pilot:
        text = await settled(pilot)
        rows = "\n".join(text.splitlines()[4:12])
        assert all(words in rows for words in there)
        assert not any(words in rows for words in gone)


async def test_the_scan_counts_down() -> None:
    """S0-13: seconds left, then the way to start one."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "scanning 12 s" in await settled(pilot)
        feed_of(pilot).now += 5
        assert "scanning 7 s" in await seen(pilot, radios.fleet())
        feed_of(pilot).now += 30
        assert "S scans 30 s" in await seen(pilot, radios.fleet())


async def test_the_window_of_a_device_counts_down_and_then_wants_a_tap() -> None:
    """S2-22, S2-23, X-9: 24 minutes, then a person."""
    async with show().run_test(size=(80, 24)) as pilot:
        feed_of(pilot).now += 20 * 60
        assert "back within 4 min" in line_of(await seen(pilot, radios.fleet()), "xiaoxiang")
        feed_of(pilot).now += 5 * 60
        assert "tap to reconnect" in line_of(await seen(pilot, radios.fleet()), "xiaoxiang")


@BY_SIZE
async def test_nothing_found_says_what_to_try(size: tuple[int, int]) -> None:
    """S2-28: powered, advertising, reset, restart; S2-27: by keys of this place."""
    async with show(radios.empty()).run_test(size=size) as pilot:
        text = " ".join((await settled(pilot)).split())
        for words in (
            "No device has been seen yet",
            "powered",
            "advertise",
            "Reset the unit",
            "Restart the engine",
        ):
            assert words in text, words


@pytest.mark.parametrize("state", list(RadioState))
async def test_every_state_of_the_adapter_is_a_word_and_an_advice(state: RadioState) -> None:
    """S2-27: what is wrong with the adapter, and one thing to do."""
    words = {
        RadioState.UNUSED: ("not in use", "A scan switches it on"),
        RadioState.STARTING: ("starting", "up to 10 s"),
        RadioState.ON: ("on", "S scans"),
        RadioState.OFF: ("switched off", "bluetoothctl power on"),
        RadioState.MISSING: ("no adapter", "Plug in"),
        RadioState.FORBIDDEN: ("not allowed", "join the group"),
    }[state]
    async with show(radios.empty(state)).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        assert all(one in text for one in words)


async def test_the_cause_of_the_engine_is_said_before_our_own_advice() -> None:
    """What the radio itself says is more exact."""
    fleet = radios.empty(RadioState.OFF)
    cause = Cause("asleep", (("port", "hci0"),))
    async with show(replace(fleet, radio=replace(fleet.radio, cause=cause))).run_test(
        size=(100, 30)
    ) as pilot:
        text = await settled(pilot)
        assert "it is asleep" in text and "bluetoothctl" not in text


async def test_configured_batteries_have_rows_before_anybody_has_seen_them() -> None:
    """S0-35, S0-7: a row, and why it may be invisible."""
    async with show(radios.without_sight()).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "not seen yet" in line_of(text, ">left") and "not seen yet" in line_of(text, " right  ")
        assert "is it powered and within 9 m? A phone that holds it makes it invisible" in " ".join(
            text.split()
        )


@BY_SIZE
async def test_no_unit_is_said_to_be_secure(size: tuple[int, int]) -> None:
    """S0-8: a note per unit."""
    async with show().run_test(size=size) as pilot:
        assert "basic BLE" in line_of(await settled(pilot), "SECURITY")
        await pressed(pilot, "enter")
        detail = pilot.app.screen.query_one(DeviceDetail)
        assert "not secured beyond that" in " ".join(plain(detail._rows).split())


async def test_without_any_track_the_devices_are_still_there() -> None:
    """The first battery is paired here; a small window still shows the small view."""
    async with show(radios.only_radio()).run_test(size=(80, 24)) as pilot:
        assert "Tag [7]" in await settled(pilot)
        await pilot.resize_terminal(30, 10)
        text = await settled(pilot)
        assert "larger" in " ".join(text.split()) and "Tag [7]" not in text
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "not ours" in await seen(pilot, radios.only_radio())


async def test_without_its_engine_nothing_looks_alive() -> None:
    """Everything as it was, and said so."""
    async with show(radios.engine_gone()).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "unknown, the engine is gone" in text and "before: connected" in text
        assert "0 connected" in text and "● connected" not in text and "S scans" not in text


async def test_rows_keep_their_place_when_signals_change() -> None:
    """Nothing jumps: others stay as they came, and new ones come below."""
    async with show().run_test(size=(80, 24)) as pilot:
        before = [line[1:14] for line in (await settled(pilot)).splitlines()[5:12]]
        fleet = radios.fleet()
        newer = radios.device("11:11:11:11:11:11", "newcomer", rssi_dbm=-40)
        devices = (newer, *reversed(fleet.radio.devices))
        text = await seen(pilot, replace(fleet, radio=replace(fleet.radio, devices=devices)))
        after = [line[1:14] for line in text.splitlines()[5:13]]
        assert after == [*before, "newcomer".ljust(13)]


# --- the cursor ---


async def test_the_cursor_goes_through_all_rows_and_the_panel_follows() -> None:
    """Arrows, letters, Tab and pages."""
    async with show(radios.crowd()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert ">xiaoxiang" in await pressed(pilot, "down") and "─ XIAOXIANG BMS" in screen_text(pilot.app)  # type: ignore[arg-type]
        assert ">JBD-SP25" in await pressed(pilot, "k", "k")
        assert ">JBD-LOCKED" in await pressed(pilot, "tab", "j")
        assert ">sensor 39" in await pressed(pilot, *["pagedown"] * 9)
        assert ">sensor 30" in await pressed(pilot, "pageup")


async def test_a_tap_selects_and_a_second_one_opens() -> None:
    """Fingers do the same as keys."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.click("DeviceTable", offset=(5, 4))
        assert ">JBD-LOCKED" in await settled(pilot)
        await pilot.click("DeviceTable", offset=(5, 4))
        await settled(pilot)
        assert isinstance(pilot.app.screen, DeviceSheet)
        await pilot.click(offset=(0, 0))
        await settled(pilot)
        assert not isinstance(pilot.app.screen, DeviceSheet)


# --- what is asked ---


async def test_s_starts_a_scan_and_stops_it() -> None:
    """S0-35, S0-13: 30 seconds; again stops; a tap on the line too."""
    async with show(radios.empty()).run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "S")
        assert feed_of(pilot).asked == [Scan(30.0)]
        await seen(pilot, radios.fleet())
        await pressed(pilot, "S")
        await pilot.click("AdapterBar")
        await settled(pilot)
        assert feed_of(pilot).asked[1:] == [Scan(0.0), Scan(0.0)]


async def test_reconnect_is_asked_of_ours_only() -> None:
    """X-9, CL-35: r clears what needs a tap; while it lasts the row says so, and no second one is asked."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed = feed_of(pilot)
        feed.gate.clear()
        await pilot.press("down", "down", "down", "r", "r")
        await pilot.pause()
        assert "Reconnecting..." in line_of(screen_text(pilot.app), ">shed pack")  # type: ignore[arg-type]
        feed.gate.set()
        assert "tap to reconnect" in line_of(await settled(pilot), ">shed pack")
        assert feed.asked == [ReconnectDevice(radios.SHED_MAC)]
        await pressed(pilot, *["down"] * 3, "r")
        assert "Press a to make it ours" in told(pilot) and len(feed.asked) == 1
        await pressed(pilot, *["up"] * 6, "r")
        assert len(feed.asked) == 1  # connected already


async def test_refusals_say_why_and_what_to_do() -> None:
    """CL-33: every answer that is not ok is explained."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).answer = Answer(False, Cause("engine-silent"))
        await pressed(pilot, "down", "r")
        assert "The engine is there, but says nothing" in told(pilot) and "Wait" in told(pilot)


async def test_a_feed_that_breaks_is_explained_too() -> None:
    """Nothing is left saying that it is under way."""

    class Broken(RadioFeed):
        def ask(self, request: Request) -> Answer:
            raise OSError("gone")

    feed = Broken(radios.fleet())
    settings = ScreenSettings(language="en")
    app = PackdeckApp(feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, start="devices")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "r")
        for _ in range(100):
            if not app.place._busy:  # type: ignore[union-attr]
                break
            await pilot.pause(0.01)
        await pilot.pause()
        assert "Reconnecting" not in screen_text(app) and "says nothing" in told(pilot)


async def test_a_device_is_lent_and_taken_back() -> None:
    """Ten minutes for a phone, or less."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "l")
        assert "connect with the phone now" in told(pilot)
        await pressed(pilot, *["down"] * 4, "l")
        assert feed_of(pilot).asked == [Lend(radios.LEFT_MAC, 600.0), Lend(radios.LENT_MAC, 0.0)]


async def test_unpairing_needs_a_yes() -> None:
    """Enter is no."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Unpair JBD-SP25S003?" in await pressed(pilot, "u")
        await pressed(pilot, "enter")
        assert not feed_of(pilot).asked
        await pressed(pilot, "u", "y")
        assert feed_of(pilot).asked == [Unpair(radios.LEFT_MAC)] and "is forgotten" in told(pilot)


async def test_resetting_the_adapter_warns_of_the_links_on_it() -> None:
    """S0-36: with confirmation."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = " ".join((await pressed(pilot, "A")).split())
        assert "Every link on it drops" in text and "JBD-SP25S003" in text
        await pressed(pilot, "escape")
        assert not feed_of(pilot).asked
        await pressed(pilot, "A", "left", "enter")
        assert feed_of(pilot).asked == [ResetAdapter()]


async def test_pairing_asks_for_the_track_and_a_secret_that_nobody_sees() -> None:
    """S2-20, CL-35: chosen from a list; dots instead of letters; the request hides it."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, *["down"] * 5, "a")
        assert "Connect Tag [7]" in text and "left, now JBD-SP25S003" in text
        await pressed(pilot, "up", "enter")
        text = await pressed(pilot, *"73n1e")
        assert "•••••" in text and "73n1e" not in text and "73n1e" not in picture(pilot.app)
        field = pilot.app.screen.query_one(Input)
        await pressed(pilot, "enter")
        asked = feed_of(pilot).asked
        assert asked == [Pair(radios.PHONE_MAC, "right", "73n1e")]
        assert "73n1e" not in repr(asked) and not field.value
        assert "is ours now" in told(pilot) and "73n1e" not in told(pilot)


async def test_pairing_by_touch_without_a_track() -> None:
    """The last row is none; Cancel asks nothing."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, *["down"] * 6, "a")
        await pilot.click("PairSheet Buttons", offset=(40, 1))
        await settled(pilot)
        assert not isinstance(pilot.app.screen, PairSheet) and not feed_of(pilot).asked
        await pressed(pilot, "a")
        await pilot.click("PairSheet OptionList", offset=(5, 7))
        await settled(pilot)
        await pilot.click("PairSheet Buttons", offset=(5, 1))
        await settled(pilot)
        assert feed_of(pilot).asked == [Pair(radios.STRANGER_MAC)]


async def test_reconnect_is_large_while_a_person_must_press_it() -> None:
    """S2-10, S2-23, CL-35: a button beside the key; it goes away with its reason."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        button = pilot.app.screen.query_one("#body > Buttons")
        assert not button.display
        await pressed(pilot, *["down"] * 3)
        assert button.display and button.size.height == 3
        feed_of(pilot).gate.clear()
        await pilot.click(button, offset=(10, 1))
        await pilot.pause()
        await pilot.pause()
        assert "Reconnecting..." in screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.click(button, offset=(10, 1))
        feed_of(pilot).gate.set()
        await settled(pilot)
        assert feed_of(pilot).asked == [ReconnectDevice(radios.SHED_MAC)]
        await pressed(pilot, "up")
        assert not button.display


async def test_the_kiosk_has_reconnect_among_its_buttons() -> None:
    """S2-10: for fingers, before the others."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, *["down"] * 3)
        await pilot.click("#body > Buttons", offset=(5, 1))
        await settled(pilot)
        await pilot.click("#body > Buttons", offset=(30, 1))
        await settled(pilot)
        assert feed_of(pilot).asked == [ReconnectDevice(radios.SHED_MAC), Scan(0.0)]


async def test_a_battery_that_gave_its_track_to_another_is_not_shown_with_it() -> None:
    """S0-3: what was assigned counts before the configuration."""
    fleet = radios.fleet()
    left, *others = fleet.radio.devices
    other = replace(others[0], track="left", connected=True)
    devices = (replace(left, track="", connected=False), other, *others[1:])
    async with show(replace(fleet, radio=replace(fleet.radio, devices=devices))).run_test(
        size=(100, 30)
    ) as pilot:
        text = await settled(pilot)
        assert " left " not in line_of(text, "JBD-SP25S003") and " left " in line_of(text, "xiaoxiang")


async def test_a_probe_shows_its_steps_and_how_long_they_took() -> None:
    """S2-27: find, connect, services, read."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).gate.clear()
        await pilot.press("p")
        await pilot.pause()
        await pilot.pause()
        assert "Probing..." in screen_text(pilot.app)  # type: ignore[arg-type]
        feed_of(pilot).gate.set()
        text = await settled(pilot)
        assert isinstance(pilot.app.screen, DeviceSheet)
        assert feed_of(pilot).asked == [Probe(radios.LEFT_MAC)]
        assert "connect " in line_of(text, "812 ms") and "431 ms" in line_of(text, "list services")


async def test_actions_of_the_sheet_by_list_and_by_letter() -> None:
    """Everything that can be done stands in a list; what makes no sense now is passed over."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "down", "enter")
        for words in ("Assign a track", "Reconnect", "Lend to a phone", "Probe", "Unpair", "Reset adapter"):
            assert words in text, words
        await pressed(pilot, "down", "enter")
        assert feed_of(pilot).asked == [ReconnectDevice(radios.RIGHT_MAC)]
        await pressed(pilot, "l")
        assert last(feed_of(pilot).asked, Lend) == Lend(radios.RIGHT_MAC, 600.0)
        await pressed(pilot, "u")
        assert isinstance(pilot.app.screen, Confirm)
        await pressed(pilot, "n", "escape", "up", "enter", "r", "down")
        assert len(feed_of(pilot).asked) == 2
        assert pilot.app.screen.query_one(OptionList).highlighted == 2


async def test_the_sheet_follows_its_device_and_closes_when_it_is_gone() -> None:
    """It keeps looking."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, *["down"] * 6, "enter")
        fleet = radios.fleet()
        sheet = pilot.app.screen
        assert isinstance(sheet, DeviceSheet)
        await seen(pilot, replace(fleet, radio=replace(fleet.radio, devices=fleet.radio.devices[:-1])))
        sheet.look_again()
        await settled(pilot)
        assert not isinstance(pilot.app.screen, DeviceSheet)


async def test_buttons_of_the_kiosk_are_made_for_fingers() -> None:
    """Three rows high: in the place, in the sheet, in the question."""
    async with show(radios.empty(), kiosk=True).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.click("Buttons", offset=(10, 1))
        await settled(pilot)
        assert feed_of(pilot).asked == [Scan(30.0)]
        await seen(pilot, radios.fleet())
        await pilot.click("Buttons", offset=(40, 1))
        await settled(pilot)
        rows = pilot.app.screen.query_one(OptionList)
        assert rows.size.height == 18
        await pilot.click(OptionList, offset=(10, 17))
        await settled(pilot)
        assert isinstance(pilot.app.screen, Confirm)
        assert pilot.app.screen.query_one("Buttons").size.height == 3
        await pilot.click("Confirm Buttons", offset=(5, 1))
        await settled(pilot)
        assert last(feed_of(pilot).asked, ResetAdapter) == ResetAdapter()


# --- pictures ---


@pytest.mark.parametrize("state", list(radios.STATES))
async def test_pictures_of_states(state: str, looks_the_same: LooksTheSame) -> None:
    """Every state at every size."""
    for size in SIZES:
        async with show(radios.STATES[state]()).run_test(size=size) as pilot:
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"devices/{state}/{size[0]}x{size[1]}")


@pytest.mark.parametrize(
    ("name", "keys", "options"),
    [
        ("ascii", ["down"], {"glyphs": "ascii", "theme": "packdeck-ansi"}),
        ("common", ["down"], {"glyphs": "common", "theme": "packdeck-console"}),
        ("light", ["down"], {"theme": "packdeck-light"}),
        ("red", ["down"], {"theme": "console-red"}),
        ("french", ["down"], {"settings": ScreenSettings(language="fr")}),
        ("french-sheet", ["down", "enter"], {"settings": ScreenSettings(language="fr")}),
        ("sheet", ["down", "enter"], {}),
        ("sheet-kiosk", ["enter"], {"kiosk": True}),
        ("probe", ["p"], {}),
        ("pair", ["down", "a"], {}),
        ("pair-secret", ["down", "a", "enter", "1", "2", "3", "4"], {}),
        ("pair-kiosk", ["down", "a"], {"kiosk": True}),
        ("reset", ["A"], {}),
        ("reset-kiosk", ["A"], {"kiosk": True}),
        ("kiosk", [], {"kiosk": True}),
        ("tap", ["down", "down", "down"], {}),
        ("locked", ["down", "down"], {}),
    ],
)
async def test_pictures_of_keys(
    name: str, keys: list[str], options: dict[str, Any], looks_the_same: LooksTheSame
) -> None:
    """Sheets, questions, languages and themes."""
    for size in SIZES[:3]:
        async with show(**options).run_test(size=size) as pilot:
            pilot.app.cursor_blink = False  # type: ignore[attr-defined]
            await settled(pilot)
            for key in keys:
                await pressed(pilot, key)
            for field in pilot.app.screen.query(Input):
                field.cursor_blink = False
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"devices/{name}/{size[0]}x{size[1]}")
