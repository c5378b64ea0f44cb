"""The Alerts place: what stands in its rows, what its keys ask for, what becomes of the answers."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screenshots.svg import picture
from tests import alert_views, fleets
from tests.alert_views import AlertFeed
from tests.conftest import LooksTheSame
from tests.screens.show import last, screen_text, settled
from tui.app import PackdeckApp
from tui.model.alert import Severity, Way
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import (
    AcknowledgeAlert,
    AlertHistory,
    ClearAlerts,
    CountAlerts,
    Request,
    SetThreshold,
    SilenceAlerts,
    TestNotify,
    Thresholds,
)
from tui.model.settings import ScreenSettings
from tui.screens.alerts import Alerts
from tui.screens.alerts_orders import me
from tui.screens.attention import flashes, is_silent, loud
from tui.widgets.alert_sheet import AlertSheet
from tui.widgets.confirm import Confirm
from tui.widgets.status_band import StatusBand
from tui.widgets.threshold_sheet import ThresholdSheet

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
BY_SIZE = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
QUESTIONS = (AlertHistory, CountAlerts, Thresholds)


def show(fleet: Fleet | None = None, **options: Any) -> PackdeckApp:
    """The app on this place."""
    feed = AlertFeed(fleet or alert_views.many())
    settings = options.pop("settings", ScreenSettings(language="en"))
    start = options.pop("start", "alerts")
    return PackdeckApp(
        feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, start=start, **options
    )


def feed_of(pilot: Pilot[None]) -> AlertFeed:
    """The feed behind it."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, AlertFeed)
    return feed


def commands(pilot: Pilot[None]) -> list[Request]:
    """What was asked to be done; the place asks its questions by itself."""
    return [one for one in feed_of(pilot).asked if not isinstance(one, QUESTIONS)]


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys and their answers."""
    text = ""
    for key in keys:
        await pilot.press(key)
        text = await settled(pilot)
    return text


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


def chosen(text: str) -> str:
    """The row under the cursor."""
    return next(line for line in text.splitlines() if line.startswith(">"))


def words_of(text: str) -> str:
    """In one line."""
    return " ".join(text.split())


# --- what is shown ---


async def test_each_active_alert_names_what_where_value_limit_since_and_who() -> None:
    """S4-37, X-6, CL-41: words, not colours; worst first."""
    async with show().run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        high = line_of(text, "cell 7 high   ")
        for words in ("■ critical", "left", "3.662 V", "> 3.650", "12 s", "12:07", "not seen yet"):
            assert words in high, words
        assert "by anna" in line_of(text, "imbalance") and "over, unseen" in line_of(
            text, "charge current high"
        )
        assert "4 min" in line_of(text, "cell 2: low limit soon")
        assert text.index("critical left") < text.index("warning  left")


@BY_SIZE
async def test_no_size_hides_how_bad_it_is_or_whether_somebody_has_seen_it(size: tuple[int, int]) -> None:
    """A word for every state, in two rows where columns have no room."""
    async with show().run_test(size=size) as pilot:
        text = await settled(pilot)
        assert "critical" in text and "warning" in text and "not seen yet" in text and "by anna" in text
        assert "3.662 V" in text and "12 s" in text


async def test_the_detail_says_what_to_do_and_where_the_recording_is() -> None:
    """Sentence, cause and advice, worst value, frame, clip; also what the battery itself said."""
    async with show().run_test(size=(100, 30)) as pilot:
        text = words_of(await settled(pilot))
        for words in (
            "left cell 7 high: 3.662 V > 3.650 V", "Lower the charge voltage", "WORST 3.671 V", "set here",
            "CELL_OVER_VOLTAGE, type 3", "number 132", "8120, f shows it",
            "2 min before until 2 min after: soon",
        ):  # fmt: skip
            assert words in text, words
        text = words_of(await pressed(pilot, *["down"] * 5))  # over: after all that holds
        assert "said by the battery" in text and "over, kept until it stays so" in text
        text = words_of(await pressed(pilot, "v", *["down"] * 6))
        assert "packdeck replay /var/lib/packdeck/clips/alert-000119" in text
        assert "by anna, 10:12:31" in text and "left cell 5 low: 2.761 V < 2.800 V" in text


async def test_without_alerts_it_says_so_with_the_last_one() -> None:
    """All clear is a sentence."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        text = words_of(await settled(pilot))
        assert "All clear: no active alerts." in text and "left cell 5 low" in text and "lasted 4 min" in text
        assert "No limit within the hour" in text


async def test_without_its_engine_nothing_is_known_to_hold() -> None:
    """Everything as it was, and said so."""
    async with show(alert_views.STATES["engine-gone"]()).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "? critical" in text and "unknown, the engine is gone" in text and "12 s old" in text
        assert "■ critical" not in text


async def test_time_to_trip_is_listed_soonest_first() -> None:
    """For every cell and the pack, with where the value goes."""
    async with show(alert_views.ahead()).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        assert "2.955 -> 2.900 V" in line_of(text, "right   ■ cell 2 low in 4 min")
        assert text.index("right   ■ cell 2 low") < text.index("charge low in 42 min") < text.index("48 min")


@pytest.mark.parametrize("start", ["overview", "tracks", "cells"])
async def test_time_to_trip_is_on_the_cards_and_in_the_second_line(start: str) -> None:
    """On every place that shows a battery; a battery that is silent foresees nothing."""
    async with show(alert_views.ahead(), start=start).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "right cell 2 low in 4 min" in text.splitlines()[1]
        assert "cell 14 high in 48 min" in text
        fleet = alert_views.ahead()
        tracks = tuple(replace(t, pack_at_s=fleets.NOW_S - 60) for t in fleet.tracks)
        text = await seen(pilot, replace(fleet, tracks=tracks))
        assert "48 min" not in text and "4 min" not in text


# --- moving ---


async def test_the_views_are_walked_by_key_and_by_tap() -> None:
    """Five views, all by keyboard and touch."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for words in ("[ History ]", "[ Statistics ]", "[ Limits ]", "[ Notify ]", "[ Active 6 ]"):
            assert words in await pressed(pilot, "v")
        assert "[ Notify ]" in await pressed(pilot, "left")
        await pilot.click("AlertBar", offset=(13, 0))
        assert "[ History ]" in await settled(pilot)


async def test_a_tap_selects_and_a_second_one_opens() -> None:
    """Fingers do the same as keys, also where an alert has two rows."""
    for size, y in (((80, 24), 4), ((40, 24), 5)):
        async with show().run_test(size=size) as pilot:
            await settled(pilot)
            await pilot.click("AlertList", offset=(8, y))
            assert "imbalance" in chosen(await settled(pilot))
            await pilot.click("AlertList", offset=(8, y))
            await settled(pilot)
            assert isinstance(pilot.app.screen, AlertSheet)


async def test_the_cursor_stays_on_its_alert_when_others_come_and_go() -> None:
    """Nobody acknowledges the wrong one."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "imbalance" in chosen(await pressed(pilot, "down", "down"))
        text = await seen(pilot, alert_views.raised(alert_views.SPREAD, alert_views.DISK))
        assert "imbalance" in chosen(text)


async def test_the_history_goes_page_by_page() -> None:
    """S4-39: 50 a page."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).past = tuple(
            alert_views.past(n, "imbalance", Severity.WARNING, 90_000 - n, 5) for n in range(120, 0, -1)
        )
        assert "1 to 50 of 120" in await pressed(pilot, "v")
        assert "51 to 100 of 120" in await pressed(pilot, "end", "down")
        assert AlertHistory(50, 50) in feed_of(pilot).asked
        assert "1 to 50 of 120" in await pressed(pilot, "home", "up")


async def test_the_history_is_filtered() -> None:
    """By severity, time, kind and track; Esc shows everything again."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "s")
        assert "only critical" in text and "imbalance" not in text
        text = await pressed(pilot, "s", "s", "s", "w")
        assert "24 hours" in text and "cell 14 high" not in text and "sensor 2 hot" in text
        assert "WHEN" in await pressed(pilot, "escape")
        text = await pressed(pilot, "end", "o")
        assert "only this kind" in text and "cell 5 low" not in text
        await pressed(pilot, "escape", "tab", "tab")
        assert last(feed_of(pilot).asked, AlertHistory) == AlertHistory(50, 0, "right")
        feed_of(pilot).past = ()
        assert "No alert matches" in await pressed(pilot, "s", "s", "s", "w")


# --- doing ---


async def test_an_alert_is_acknowledged_with_who_and_all_are_too() -> None:
    """S1-60: one by its number, all without one; it stays on show, with who has seen it."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed = feed_of(pilot)
        feed.gate.clear()
        await pilot.press("a")
        await pilot.pause()
        assert "asking ..." in line_of(screen_text(pilot.app), "cell 7 high  ")  # type: ignore[arg-type]
        feed.gate.set()
        await settled(pilot)
        assert commands(pilot) == [AcknowledgeAlert(132, me())]
        assert "One alert acknowledged" in told(pilot)
        await pressed(pilot, "A")
        assert commands(pilot)[1:] == [AcknowledgeAlert(None, me())]
        assert "5 alerts acknowledged" in told(pilot)
        text = await seen(pilot, alert_views.seen())
        assert "cell 7 high" in text and "by bea" in line_of(text, "cell 7 high  ")
        await pressed(pilot, "a", "A")
        assert len(commands(pilot)) == 2 and "seen already" in told(pilot)


async def test_silence_lasts_an_hour_with_a_countdown_and_is_ended_by_the_same_key() -> None:
    """Alerts stay on show."""
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "m")
        assert commands(pilot) == [SilenceAlerts(3600.0, me())]
        text = await seen(pilot, alert_views.silent())
        assert "silent for 59:12" in text and "cell 7 high" in text
        await pressed(pilot, "m")
        assert commands(pilot)[1:] == [SilenceAlerts(0.0, me())]
        await pilot.click("AlertBar", offset=(75, 0))
        await settled(pilot)
        assert commands(pilot)[2:] == [SilenceAlerts(0.0, me())]


async def test_the_history_is_cleared_only_after_a_yes() -> None:
    """No is the answer of whoever is in a hurry."""
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "c")
        assert not isinstance(pilot.app.screen, Confirm)  # only where the history is on show
        await pressed(pilot, "v", "c")
        assert isinstance(pilot.app.screen, Confirm)
        await pressed(pilot, "enter")
        assert not commands(pilot)
        text = await pressed(pilot, "c", "y")
        assert commands(pilot) == [ClearAlerts(me())] and "24 alerts deleted" in told(pilot)
        assert "cell 5 low" not in text


async def test_the_moment_opens_in_history_with_its_value() -> None:
    """h: the track, the moment, the cell."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "h")
        place = pilot.app.place  # type: ignore[attr-defined]
        assert place.NAME == "history"
        assert place.cursor_ms == alert_views.HIGH.since_ms and "cell_mv.7" in place.quantities


async def test_the_frames_around_it_open() -> None:
    """f: the list of its wire with its frame; without one the wire as it is, and a word about it."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "f")
        place = pilot.app.place  # type: ignore[attr-defined]
        assert place.NAME == "frames" and place.wire.number == 8120
        await pressed(pilot, "5", "down", "down", "down", "f")
        assert "is not known" in told(pilot) and pilot.app.selected == "right"  # type: ignore[attr-defined]


async def test_the_sheet_does_what_the_keys_do() -> None:
    """Everything in a list, for fingers; what makes no sense is grey; it closes when the alert is gone."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "enter")
        for words in (
            "Acknowledge: I have seen it",
            "Acknowledge all",
            "History",
            "frames",
            "Silence for an hour",
        ):
            assert words in text, words
        await pressed(pilot, "enter", "m")
        assert commands(pilot) == [AcknowledgeAlert(132, me()), SilenceAlerts(3600.0, me())]
        sheet = pilot.app.screen
        assert isinstance(sheet, AlertSheet)
        await seen(pilot, alert_views.seen())
        sheet.look_again()
        await pressed(pilot, "a")
        assert len(commands(pilot)) == 2
        await seen(pilot, fleets.live())
        sheet.look_again()
        await settled(pilot)
        assert not isinstance(pilot.app.screen, AlertSheet)


async def test_the_sheet_of_an_alert_that_is_gone_closes_once() -> None:
    """Its clock and an answer may both find that out before it is away."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "enter")
        sheet = pilot.app.screen
        assert isinstance(sheet, AlertSheet)
        feed_of(pilot).value = fleets.live()
        sheet.look_again()
        sheet.look_again()
        await settled(pilot)
        assert isinstance(pilot.app.screen, Alerts)


async def test_the_sheet_of_a_past_alert_does_not_offer_all_of_them_first() -> None:
    """Enter, Enter must not acknowledge what nobody looked at."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "end", "enter")
        assert ">h" in text
        await pressed(pilot, "enter")
        assert not [one for one in commands(pilot) if isinstance(one, AcknowledgeAlert)]


async def test_refusals_say_why_and_what_to_do() -> None:
    """CL-33: a command that fails, and rows that are old then."""
    async with show().run_test(size=(100, 30)) as pilot:
        await pressed(pilot, "v")
        feed_of(pilot).fails = Cause("engine-silent")
        text = await pressed(pilot, "m")
        assert "says nothing" in told(pilot) and "says nothing" in text and "cell 5 low" in text


# --- limits ---


async def test_limits_say_value_default_range_and_source() -> None:
    """S4-41 to S4-46, X-16, CL-42: what holds, and where it comes from."""
    async with show().run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "V", "V")
        high = line_of(text, "cell_voltage_max_mv")
        assert all(words in high for words in ("critical", "3650 mV", "500 .. 5000", "default"))
        low = line_of(text, "cell_voltage_low_warning_mv")
        assert "2950 mV" in low and "2900 mV" in low and "set here" in low
        assert "60 s" in line_of(text, "debounce_sec") and "off" in line_of(text, "latch_critical")
        text = await pressed(pilot, "tab")
        assert "42 °C" in line_of(text, "temperature_max_c") and "this track" in line_of(
            text, "temperature_max_c"
        )
        text = await pressed(pilot, "tab", *["down"] * 25)
        assert "45.5 A" in chosen(text) and "battery" in chosen(text)
        assert "The battery itself says 45.5 A" in text


async def test_a_limit_outside_its_range_is_named_at_every_key_and_the_old_one_stays() -> None:
    """The sentence names the value, the range and what stays; Enter does nothing then."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "V", "V", *["down"] * 4, "enter")
        assert isinstance(pilot.app.screen, ThresholdSheet)
        text = await pressed(pilot, "9")
        assert "9 °C instead of 45 °C" in text
        text = await pressed(pilot, "9", "9")
        assert "999 °C is outside -60 to 150; 45 °C stays." in text
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, ThresholdSheet) and not commands(pilot)
        text = await pressed(pilot, "x")
        assert "999x is no whole number" in text
        await pressed(pilot, "backspace", "backspace", "backspace", "backspace")
        assert "Type a whole number" in screen_text(pilot.app)  # type: ignore[arg-type]
        await pressed(pilot, "5", "0", "enter")
        assert commands(pilot) == [SetThreshold("temperature_max_c", 50, "", me())]
        assert "hot: 50 °C" in told(pilot)
        assert "50 °C" in line_of(screen_text(pilot.app), ">hot")  # type: ignore[arg-type]


async def test_a_limit_goes_by_steps_inside_its_range_and_back_to_its_default() -> None:
    """Arrows and buttons; d and a button for the default; Esc changes nothing."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "V", "V", *["down"] * 4, "enter", "pageup", "up")
        line = pilot.app.screen.query_one(Input)
        assert line.value == "56"
        await pilot.click("StepButtons", offset=(4, 1))
        await settled(pilot)
        assert line.value == "46"
        await pressed(pilot, *["pageup"] * 12)
        assert line.value == "150"
        await pressed(pilot, "escape")
        assert not commands(pilot)
        await pressed(pilot, "d")
        assert commands(pilot) == [SetThreshold("temperature_max_c", None, "", me())]
        await pressed(pilot, "enter")
        await pilot.click("#limit-do", offset=(30, 1))
        await settled(pilot)
        assert commands(pilot)[1:] == [SetThreshold("temperature_max_c", None, "", me())]


async def test_a_switch_goes_off_only_after_a_question() -> None:
    """Nobody would be told any more; on needs no question."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "V", "V", "enter")
        assert isinstance(pilot.app.screen, Confirm)
        await pressed(pilot, "n")
        assert not commands(pilot)
        await pressed(pilot, "enter", "y", "enter")
        assert commands(pilot) == [SetThreshold("enabled", 0, "", me()), SetThreshold("enabled", 1, "", me())]


async def test_a_limit_is_changed_for_one_track() -> None:
    """The tab says whose."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "V", "V", "tab", *["down"] * 4, "enter")
        assert "hot - left" in text
        await pressed(pilot, "4", "0", "enter")
        assert commands(pilot) == [SetThreshold("temperature_max_c", 40, "left", me())]


# --- telling ---


async def test_every_way_of_telling_is_tested_from_here() -> None:
    """Bell and band by this screen, the others by the engine, each with its result in words."""
    async with show().run_test(size=(100, 30)) as pilot:
        rung: list[int] = []
        pilot.app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        await settled(pilot)
        text = await pressed(pilot, "V")
        assert "not tested" in line_of(text, "bell  ")
        text = await pressed(pilot, "enter")
        assert rung and "done: noticed it?" in line_of(text, ">bell")
        text = await pressed(pilot, "down", "enter")
        assert "TEST: this is how an alarm looks" in text.splitlines()[1]
        text = await pressed(pilot, "down", "enter", "down", "enter", "down", "enter")
        assert commands(pilot) == [TestNotify(Way.COMMAND), TestNotify(Way.POST), TestNotify(Way.DESKTOP)]
        assert "failed" in line_of(text, " command  ") and "ended with code 3" in text
        assert "worked, 184 ms" in line_of(text, "HTTP POST") and "not set up" in line_of(text, ">desktop")
        await pressed(pilot, "x")
        assert len(commands(pilot)) == 6


async def test_what_is_off_here_says_so_instead_of_a_test() -> None:
    """F2 switches bell and band."""
    settings = ScreenSettings(language="en", bell=False, flash=False)
    async with show(settings=settings).run_test(size=(100, 30)) as pilot:
        rung: list[int] = []
        pilot.app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        text = await pressed(pilot, "V", "x")
        assert not rung and "off on this screen" in line_of(text, "bell  ")
        assert "off on this screen" in line_of(text, "flashing band") and "TEST" not in text


# --- bell and band ---


def test_what_rings_and_what_flashes() -> None:
    """Critical and unseen; a near limit rings too, before the battery cuts off; silence quiets both."""
    fleet = alert_views.many()
    assert {key for _, key, _ in loud(fleet)} == {"cell-high", "protection-cell-overvoltage", "trip-low"}
    assert flashes(fleet, fleets.WALL_S) and not flashes(alert_views.seen(), fleets.WALL_S)
    assert not loud(alert_views.seen())
    assert not flashes(alert_views.raised(alert_views.SPREAD, alert_views.TRIP), fleets.WALL_S)
    silent = alert_views.silent()
    assert is_silent(silent, fleets.WALL_S) and not flashes(silent, fleets.WALL_S)
    assert flashes(silent, fleets.WALL_S + 3600)
    assert not flashes(alert_views.STATES["engine-gone"](), fleets.WALL_S)


async def test_the_bell_rings_once_for_each_new_one_also_while_paused() -> None:
    """A paused picture must not hide an alarm from the ears; silence and settings do."""
    async with show(fleets.live()).run_test(size=(80, 24)) as pilot:
        rung: list[int] = []
        app, feed = pilot.app, feed_of(pilot)
        assert isinstance(app, PackdeckApp)
        app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        await pressed(pilot, "space")
        feed.value = alert_views.raised(alert_views.TRIP)
        app._flash()
        app._flash()
        assert len(rung) == 1
        feed.value = alert_views.raised(alert_views.TRIP, alert_views.HIGH)
        app._flash()
        assert len(rung) == 2
        feed.value = replace(
            alert_views.raised(alert_views.PROTECTION), silent_until_ms=int(fleets.WALL_S * 1000) + 9
        )
        app._flash()
        assert len(rung) == 2


async def test_the_band_flashes_once_a_second_until_it_is_seen() -> None:
    """Half a second white on red, half a second red: every word stays readable. Never when it is off."""

    def roles(app: PackdeckApp) -> set[str]:
        return {role for _, role in app.screen.query_one(StatusBand)._rows[0]}

    for flash in (True, False):
        settings = ScreenSettings(language="en", flash=flash)
        async with show(settings=settings).run_test(size=(80, 24)) as pilot:
            app, feed = pilot.app, feed_of(pilot)
            assert isinstance(app, PackdeckApp)
            await settled(pilot)
            assert roles(app) == {"band-alarm"}
            feed.now += 0.5
            app._flash()
            assert roles(app) == ({"alarm"} if flash else {"band-alarm"})
            assert "ALARM  left cell 7 high" in (await settled(pilot)).splitlines()[1]
            feed.now += 0.5
            app._flash()
            assert roles(app) == {"band-alarm"}
            feed.value = alert_views.seen()
            feed.now += 0.5
            app._flash()
            assert roles(app) == {"band-alarm"}


async def test_the_place_is_number_five() -> None:
    """Key 5 from anywhere."""
    async with show(start="overview").run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "5")
        assert isinstance(pilot.app.place, Alerts)  # type: ignore[attr-defined]


async def test_buttons_of_the_kiosk_are_made_for_fingers() -> None:
    """Three rows high, and alerts two rows each."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.click("#body > Buttons", offset=(40, 1))
        text = await settled(pilot)
        assert "cell over-voltage" in chosen(text)
        await pilot.click("#body > Buttons", offset=(70, 1))
        await settled(pilot)
        assert commands(pilot) == [AcknowledgeAlert(133, me())]
        await pilot.click("#body > Buttons", offset=(8, 1))
        assert "[ History ]" in await settled(pilot)


# --- pictures ---


@pytest.mark.parametrize("state", list(alert_views.STATES))
async def test_pictures_of_states(state: str, looks_the_same: LooksTheSame) -> None:
    """Every state at every size."""
    for size in SIZES:
        async with show(alert_views.STATES[state]()).run_test(size=size) as pilot:
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"alerts/{state}/{size[0]}x{size[1]}")


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
async def test_pictures_of_views(tier: str, looks_the_same: LooksTheSame) -> None:
    """Every view at every size in three tiers of glyphs; sixteen colours for the poorest."""
    theme = {"full": "packdeck", "common": "packdeck-console", "ascii": "packdeck-ansi"}[tier]
    for size in SIZES:
        async with show(glyphs=tier, theme=theme).run_test(size=size) as pilot:
            for view in ("active", "history", "statistics", "limits", "notify"):
                await settled(pilot)
                looks_the_same(picture(pilot.app), f"alerts/{tier}/{view}-{size[0]}x{size[1]}")
                await pressed(pilot, "v")


@pytest.mark.parametrize(
    ("name", "keys", "options"),
    [
        ("light", [], {"theme": "packdeck-light"}),
        ("red", [], {"theme": "console-red"}),
        ("french", [], {"settings": ScreenSettings(language="fr")}),
        ("french-history", ["v"], {"settings": ScreenSettings(language="fr")}),
        ("french-limits", ["V", "V"], {"settings": ScreenSettings(language="fr")}),
        ("french-notify", ["V", "x"], {"settings": ScreenSettings(language="fr")}),
        ("french-sheet", ["enter"], {"settings": ScreenSettings(language="fr")}),
        ("sheet", ["enter"], {}),
        ("sheet-past", ["v", "end", "enter"], {}),
        ("sheet-kiosk", ["enter"], {"kiosk": True}),
        ("kiosk", [], {"kiosk": True}),
        ("kiosk-limits", ["V", "V"], {"kiosk": True}),
        ("clear", ["v", "c"], {}),
        ("filter", ["v", "s", "w"], {}),
        ("limit", ["V", "V", "down", "down", "down", "down", "enter", "9", "9", "9"], {}),
        ("limit-good", ["V", "V", "down", "down", "down", "down", "enter", "5", "0"], {}),
        ("limit-kiosk", ["V", "V", "down", "enter"], {"kiosk": True}),
        ("switch-off", ["V", "V", "enter"], {}),
        ("tested", ["V", "x", "down", "down"], {}),
    ],
)
async def test_pictures_of_keys(
    name: str, keys: list[str], options: dict[str, Any], looks_the_same: LooksTheSame
) -> None:
    """Sheets, questions, languages and themes."""
    for size in SIZES[:3]:
        async with show(**options).run_test(size=size) as pilot:
            await settled(pilot)
            await pressed(pilot, *keys)
            for field in pilot.app.screen.query(Input):
                field.cursor_blink = False
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"alerts/{name}/{size[0]}x{size[1]}")


@pytest.mark.parametrize("start", ["overview", "tracks", "cells"])
async def test_pictures_of_time_to_trip(start: str, looks_the_same: LooksTheSame) -> None:
    """The small line on the cards."""
    for size in SIZES:
        for language in ("en", "fr"):
            settings = ScreenSettings(language=language)
            async with show(alert_views.ahead(), start=start, settings=settings).run_test(size=size) as pilot:
                await settled(pilot)
                looks_the_same(picture(pilot.app), f"alerts/trip-{start}-{language}/{size[0]}x{size[1]}")
