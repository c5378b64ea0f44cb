"""The System place: what it shows of machine, engine and log, what its keys ask for, what becomes of it."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screenshots.svg import picture
from tests import fleets, system_views
from tests.conftest import LooksTheSame
from tests.fakes import FakeFeed
from tests.screens.show import last, screen_text, settled
from tests.system_views import SystemFeed, entry
from tui.app import PackdeckApp
from tui.model.events import EngineLost
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause
from tui.model.settings import ScreenSettings
from tui.model.system import LookAtLog, LookAtSystem, SwitchDebug, SystemFigures, ThreadFigures
from tui.screens.log_sheet import LogSheet
from tui.screens.system import System
from tui.widgets.confirm import Buttons
from tui.widgets.log_bar import LogBar
from tui.widgets.log_list import LogList
from tui.widgets.system_bar import SystemBar

SIZES = [(60, 18), (80, 24), (100, 30), (160, 45)]
BY_SIZE = pytest.mark.parametrize("size", [(40, 24), *SIZES], ids=lambda s: f"{s[0]}x{s[1]}")
VIEWS = ("diagnostics", "events", "log")


def show(
    fleet: Fleet | None = None,
    made: SystemFigures | None = None,
    feed: FakeFeed | None = None,
    **options: Any,
) -> PackdeckApp:
    """The app on this place."""
    feed = feed or SystemFeed(fleet, made)
    settings = options.pop("settings", ScreenSettings(language="en"))
    start = options.pop("start", "system")
    return PackdeckApp(
        feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, start=start, **options
    )


def feed_of(pilot: Pilot[None]) -> SystemFeed:
    """The feed behind it."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, SystemFeed)
    return feed


def place_of(pilot: Pilot[None]) -> System:
    """The place on show."""
    place = pilot.app.place  # type: ignore[attr-defined]
    assert isinstance(place, System)
    return place


def asked(pilot: Pilot[None], kind: type) -> list[Any]:
    """What was asked of that kind."""
    return [one for one in feed_of(pilot).asked if isinstance(one, kind)]


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys, one after the other, with their answers."""
    text = await settled(pilot)
    for key in keys:
        await pilot.press(key)
        text = await settled(pilot)
    return text


async def later(pilot: Pilot[None], seconds: float = 2.0) -> str:
    """So much time passes, and the place looks whether there is something to ask."""
    feed_of(pilot).now += seconds
    place_of(pilot).ask()
    return await settled(pilot)


def told(pilot: Pilot[None]) -> str:
    """All notifications."""
    return " ".join(one.message for one in pilot.app._notifications)


def line_of(text: str, words: str) -> str:
    """The first row with these words."""
    return next(line for line in text.splitlines() if words in line)


def words_of(text: str) -> str:
    """In one line."""
    return " ".join(text.split())


async def whole(pilot: Pilot[None]) -> str:
    """Everything that scrolling leads to."""
    pages, page = [await pressed(pilot, "home")], ""
    while page != pages[-1]:
        page, after = pages[-1], await pressed(pilot, "pagedown")
        pages.append(after)
        if after == page:
            break
    return "\n".join(pages)


# --- diagnostics ---


async def test_machine_and_engine_in_figures() -> None:
    """S1-8, CL-29: processor, memory, disk, temperature, running time of both, process, version, screens."""
    async with show().run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        for words in (
            "boat  Linux 6.12 aarch64  Python 3.13.5", "48.2 °C", "3 d 4 h", "packdeck 1.0  process 4242",
            "61 MiB", "5 h 12",
        ):  # fmt: skip
            assert words in text, words
        assert "23 %" in line_of(text, "processor") and "87 %" in line_of(text, " disk ")
        assert "2" in line_of(text, "screens") and "as configured" in line_of(text, "log  ")


async def test_every_thread_has_its_share_of_a_processor() -> None:
    """S3-48, S4-9: busy ones first, the others keep their rows; what is not known is --."""
    async with show().run_test(size=(160, 45)) as pilot:
        text = await settled(pilot)
        assert "2.1 %" in line_of(text, "link left") and "0.3 %" in line_of(text, "history")
        assert "--" in line_of(text, " api ") and text.index("history") < text.index("link left")


async def test_a_busy_thread_comes_first() -> None:
    """S3-48."""
    threads = (ThreadFigures("zeta", 31.0), *system_views.THREADS)
    engine = replace(system_views.ENGINE, threads=threads)
    async with show(made=system_views.figures(engine=engine)).run_test(size=(160, 45)) as pilot:
        text = await settled(pilot)
        assert text.index(" zeta ") < text.index(" api ")


async def test_the_event_bus_tells_what_it_lost() -> None:
    """S4-52: published, how full the queue is, dropped, listeners."""
    async with show(made=system_views.busy()).run_test(size=(160, 45)) as pilot:
        text = await settled(pilot)
        assert "48213" in line_of(text, "published") and "50 of 50" in line_of(text, "queue")
        assert "17" in line_of(text, "dropped") and "6" in line_of(text, "listeners")


@BY_SIZE
async def test_health_is_a_word_with_its_figures_at_every_size(size: tuple[int, int]) -> None:
    """CL-29: overall and balance; a battery that said nothing has neither."""
    async with show().run_test(size=size) as pilot:
        text = words_of(await whole(pilot))
        for words in ("health ● good 97 %", "balance ● good 18 mV", "health ■ poor 55 %", "▲ fair 41 mV"):
            assert words in text, words
        assert "third health -- balance --" in text


@BY_SIZE
async def test_every_self_test_says_what_was_found_and_what_to_do(
    size: tuple[int, int],
) -> None:
    """S1-8: states as words, a cure for what is not well, and no cure for what is."""
    async with show().run_test(size=size) as pilot:
        text = words_of(await whole(pilot))
        for words in (
            "FAILED",
            "WARNING",
            "SKIPPED",
            "OK",
            "made at 12:05, 2 min ago",
            "Bluetooth",
            "Rights",
        ):
            assert words in text, words
        assert "bluetoothctl power on" in text and "restart-ms 100" in text and "new enough" in text


async def test_the_worst_of_the_self_tests_is_in_sight_at_once() -> None:
    """Counted in the title, so that nobody has to scroll to know."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "2 FAILED · 1 WARNING · 3 OK" in await settled(pilot)


async def test_nothing_is_invented_where_nothing_is_known() -> None:
    """A machine that tells nothing has -- and no bars."""
    async with show(made=system_views.unknown()).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        for words in (" processor", " memory ", " disk ", " temperature"):
            assert line_of(text, words).split()[1] == "--", words
        assert "░" not in text and "No battery has said enough yet" in text and "not known here" in text
        assert "Not made yet: t makes them" in text


async def test_t_makes_the_self_tests_and_says_so_meanwhile() -> None:
    """S1-8: it takes seconds; the screen goes on, and the second press is not a second test."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        feed = feed_of(pilot)
        feed.gate.clear()
        await pilot.press("t", "t")
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        assert "Testing; this takes some seconds" in text and "• testing" in text
        await pilot.press("v")
        await pilot.pause()
        assert "200 of at most 200" in screen_text(pilot.app)  # type: ignore[arg-type]
        feed.gate.set()
        text = await pressed(pilot, "V")
        assert "made at 12:07, 0 s ago" in text and "The adapter hci0 is there and switched on" in words_of(
            text
        )
        assert "1 failed, 1 warnings, 4 OK, 1 skipped" in told(pilot)
        assert [one.test for one in asked(pilot, LookAtSystem)].count(True) == 1


async def test_figures_are_asked_for_again_while_on_show_and_not_elsewhere() -> None:
    """An engine that nobody looks at is not measured for nobody."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed = feed_of(pilot)
        feed.figures = system_views.busy()
        assert "142.0 %" in await later(pilot)
        count = len(asked(pilot, LookAtSystem))
        place = place_of(pilot)
        await pressed(pilot, "1")
        feed.now += 10.0
        place.ask()
        await settled(pilot)
        assert len(asked(pilot, LookAtSystem)) == count
        feed.figures = system_views.figures()
        assert "4.6 %" in await pressed(pilot, "9")


async def test_a_paused_screen_stands_still_until_it_goes_on() -> None:
    """Space freezes figures and log; a view never seen before still gets its first answer."""
    async with show().run_test(size=(80, 24)) as pilot:
        before = await pressed(pilot, "space")
        feed = feed_of(pilot)
        feed.figures = system_views.busy()
        feed.log = (entry(0, "err", "written while paused", "x"),)
        assert "4.6 %" in before and "4.6 %" in await later(pilot)
        await pressed(pilot, "v", "v")
        feed.log = (entry(0, "err", "written later", "x"), *feed.log)
        text = await later(pilot)
        assert "written while paused" in text and "written later" not in text
        await pressed(pilot, "space")
        assert "written later" in await later(pilot)


# --- events ---


@BY_SIZE
async def test_two_hundred_events_newest_first_with_every_word(size: tuple[int, int]) -> None:
    """CL-27, S1-5, S1-22: as many as the fleet keeps; long ones go on in the next row."""
    async with show().run_test(size=size) as pilot:
        text = await pressed(pilot, "v")
        assert "200 of at most 200" in text
        assert text.index("charging") < text.index("polling resumed") < text.index("link up")
        text = await whole(pilot)
        assert "10 Oct" in text  # the oldest is a week old
        text = "".join(text.split())
        assert "exitstatus1:noroutetohost" in text and "history.damaged-1.db" in text


async def test_without_events_there_is_a_word() -> None:
    """Never an empty view."""
    async with show(replace(fleets.live(), notes=())).run_test(size=(80, 24)) as pilot:
        assert "nothing yet" in await pressed(pilot, "v")


async def test_new_events_come_at_the_top() -> None:
    """S1-22: whatever happens is there at the next look."""
    async with show(system_views.eventful(3)).run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "v")
        feed = feed_of(pilot)
        note = replace(feed.value.notes[0], key="battery-full", track="right")
        feed.value = replace(feed.value, notes=(note, *feed.value.notes), version=feed.value.version + 1)
        text = await settled(pilot)
        assert "4 of at most 200" in text and text.index("right full") < text.index("left  charging")


# --- the log ---


async def test_the_log_stands_newest_last_as_frames_do_with_its_file() -> None:
    """S0-24, S1-67, S1-68: requests, history and the rest, with kind, time and source."""
    async with show().run_test(size=(160, 45)) as pilot:
        text = await pressed(pilot, "v", "v")
        assert "file /var/lib/packdeck/packdeck.log" in text and "following" in text
        assert text.index("GET /api/status - IP: ::1") < text.index("Added sample #234")
        assert text.index("Added sample #234") < text.index("left: live")
        unplugged = line_of(text, "unplugged")
        assert "2025-10-18 12:07:29" in unplugged and " err " in unplugged
        assert "link left tui.transports.uart" in unplugged


async def test_one_transport_can_be_watched_while_it_connects() -> None:
    """S0-39: kinds are switches, several at once; `all` is all of them again."""
    async with show().run_test(size=(100, 30)) as pilot:
        await pressed(pilot, "v", "v", "c", "x")
        assert last(asked(pilot, LookAtLog), LookAtLog).kinds == ("ble",)
        text = await pressed(pilot, "c", "c", "x")
        assert last(asked(pilot, LookAtLog), LookAtLog).kinds == ("ble", "can")
        assert "[ble]" in text and ">[can]" in text and " uart " in text
        assert "scan began" in text and "bus error counter" in text and "unplugged" not in text
        text = await pressed(pilot, "x")
        assert last(asked(pilot, LookAtLog), LookAtLog).kinds == ("ble",)
        text = await pressed(pilot, "escape")
        assert (
            last(asked(pilot, LookAtLog), LookAtLog).kinds == () and "[all]" in text and "unplugged" in text
        )


async def test_the_log_follows_what_is_written_until_an_entry_is_chosen() -> None:
    """S0-24: then it stands still; f, End and Esc follow again."""
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "v", "v")
        feed = feed_of(pilot)
        feed.log = (entry(0, "conn", "left: one more", "x"), *feed.log)
        assert "one more" in await later(pilot)
        text = await pressed(pilot, "up", "up")
        assert "standing still" in text and line_of(text, ">12:").endswith("left: live")
        feed.log = (entry(0, "conn", "left: yet another", "x"), *feed.log)
        assert await later(pilot) == text
        for key in ("f", "end", "escape"):
            assert "yet another" in await pressed(pilot, "home", key)


async def test_home_leads_to_the_oldest_entry_and_nothing_jumps() -> None:
    """The chosen row is always in sight."""
    async with show().run_test(size=(80, 24)) as pilot:
        text = await pressed(pilot, "v", "v", "home")
        assert "answer 32" in line_of(text, ">12:")
        text = await pressed(pilot, "down")
        assert "answer 31" in line_of(text, ">12:") and "answer 32" in text
        text = await pressed(pilot, "pagedown", "pagedown", "pagedown")
        assert "left: live" in line_of(text, ">12:")


async def test_text_is_looked_for_and_a_miss_says_so() -> None:
    """S1-69 to S1-72: `/` with words of the line; Esc in the line changes nothing, later it shows all."""
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "v", "v", "slash")
        pilot.app.screen.query_one(Input).value = " [History] "
        text = await pressed(pilot, "enter")
        assert last(asked(pilot, LookAtLog), LookAtLog).text == "[History]"
        assert "Added sample" in text and "only [History]" in text and "unplugged" not in text
        await pressed(pilot, "slash")
        pilot.app.screen.query_one(Input).value = "nobody"
        assert "Added sample" in await pressed(pilot, "escape")
        await pressed(pilot, "slash")
        pilot.app.screen.query_one(Input).value = "nobody"
        assert "No entry matches" in await pressed(pilot, "enter")
        assert "unplugged" in await pressed(pilot, "escape")


@BY_SIZE
async def test_a_long_entry_is_whole_in_a_sheet(size: tuple[int, int]) -> None:
    """A `+` says that there is more; Enter opens it, with the traceback as it was written."""
    async with show().run_test(size=size) as pilot:
        text = await pressed(pilot, "v", "v", "up", "up", "up")
        assert line_of(text, "/dev/ttyUSB0").partition("  link")[0].rstrip().endswith("+")
        text = await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, LogSheet)
        assert "2025-10-18 12:07:29,074" in text and 'File "uart.py", line 90' in text
        assert "link left tui.transports.uart" in words_of(text)
        assert "[ Log ]" in await pressed(pilot, "escape")


async def test_enter_without_a_chosen_entry_opens_the_newest() -> None:
    """As in the list of frames."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "link left tui.engine.teller" in await pressed(pilot, "v", "v", "enter")


async def test_an_empty_log_says_so() -> None:
    """Never an empty view."""
    feed = SystemFeed()
    feed.log = ()
    async with show(feed=feed).run_test(size=(80, 24)) as pilot:
        assert "The log is empty" in await pressed(pilot, "v", "v", "enter", "up")


# --- the debug switch ---


async def test_the_debug_switch_acts_at_once_and_its_state_is_a_word() -> None:
    """S1-33: in every view, on and off."""
    async with show().run_test(size=(80, 24)) as pilot:
        assert "debug off" in await pressed(pilot, "v", "v")
        text = await pressed(pilot, "D")
        assert asked(pilot, SwitchDebug) == [SwitchDebug(True)]
        assert "debug on" in text and "▲ debug" in text and "Everything is logged now" in told(pilot)
        text = await pressed(pilot, "v")
        assert "everything (debug)" in text
        text = await pressed(pilot, "D")
        assert asked(pilot, SwitchDebug)[-1] == SwitchDebug(False) and "as configured" in text


async def test_a_viewer_reads_everything_and_is_told_why_it_may_not_switch() -> None:
    """A refusal is a sentence."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed = feed_of(pilot)
        feed.refusal, feed.refuses = Cause("viewer-only"), (SwitchDebug,)
        text = await pressed(pilot, "D")
        assert "as configured" in text and "only look" in told(pilot)


async def test_nothing_is_switched_while_nobody_knows_how_it_is() -> None:
    """On or off would be a guess."""
    feed = SystemFeed()
    feed.refusal = Cause("replay-only")
    async with show(feed=feed).run_test(size=(80, 24)) as pilot:
        text = await pressed(pilot, "v", "v", "D")
        assert not asked(pilot, SwitchDebug) and "debug --" in text and "Not known yet" in told(pilot)


# --- without an answer ---


@pytest.mark.parametrize("key", ["replay-only", "engine-missing"])
async def test_without_an_answer_there_is_a_sentence_and_events_are_there(key: str) -> None:
    """Replay, and an engine that cannot be reached: what happened, and what to do."""
    feed = SystemFeed()
    feed.refusal = Cause(key)
    sentence = "This is a recording" if key == "replay-only" else "No engine"
    async with show(feed=feed).run_test(size=(80, 24)) as pilot:
        assert sentence in await settled(pilot)
        assert "polling resumed" in await pressed(pilot, "v")
        assert sentence in await pressed(pilot, "v")
        assert sentence in await pressed(pilot, "v", "t") or sentence in told(pilot)
        feed.refusal = None
        assert "48.2 °C" in await later(pilot)


async def test_a_refused_test_is_told_and_the_old_results_stay() -> None:
    """A toast says why."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).test_refusal = Cause("viewer-only")
        text = await pressed(pilot, "t")
        assert "only look" in told(pilot) and "2 FAILED" in text and "testing" not in text


async def test_a_lost_engine_leaves_old_figures_with_their_age() -> None:
    """They are grey, say so, and come back by themselves."""
    async with show().run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "v", "v", "V", "V")
        feed = feed_of(pilot)
        alive = feed.value
        feed.value = fold(feed.value, EngineLost(feed.now, feed.now + 3))
        feed.refusal = Cause("engine-silent")
        for keys in ((), ("v",), ("v",)):
            await pressed(pilot, *keys)
            text = await later(pilot, 4.0)
            assert "s old" in line_of(text, "Diagnostics"), keys
        assert "unplugged" in text
        text = await pressed(pilot, "v")
        assert "12 s old" in text and "48.2 °C" in text
        feed.value, feed.refusal = replace(alive, version=alive.version + 9), None
        assert " old" not in line_of(await later(pilot), "Diagnostics")


async def test_an_engine_without_batteries_can_be_looked_at() -> None:
    """What is wrong with it stands here, and nowhere else."""
    fleet = replace(system_views.eventful(), tracks=())
    async with show(fleet, system_views.figures(health=())).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "48.2 °C" in text and "No battery has said enough yet" in text
        assert "polling resumed" in await pressed(pilot, "v")


# --- keys, fingers, words ---


async def test_nine_goes_there_and_the_views_turn_both_ways() -> None:
    """Key 9; v, right, Tab on, V, left, Shift+Tab back."""
    async with show(start="overview").run_test(size=(100, 30)) as pilot:
        text = await pressed(pilot, "9")
        assert "System" in text.splitlines()[0] and "9 Sys" in text.splitlines()[-1]
        for key, words in (
            ("v", "[ Events ]"), ("right", "[ Log ]"), ("tab", "[ Diagnostics ]"),
            ("V", "[ Log ]"), ("left", "[ Events ]"), ("shift+tab", "[ Diagnostics ]"),
        ):  # fmt: skip
            assert words in await pressed(pilot, key), key


async def test_help_and_palette_know_the_place() -> None:
    """Its own keys before those of all."""
    async with show().run_test(size=(100, 50)) as pilot:
        text = await pressed(pilot, "question_mark")
        assert "9 System" in text and "make the self-tests" in text and "kinds of the log" in text
        commands = [one.title for one in pilot.app.get_system_commands(pilot.app.screen)]
        assert "System" in commands


async def test_views_kinds_filter_and_entries_are_there_for_fingers() -> None:
    """Everything that has a key can be tapped."""
    async with show().run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)

        async def tap(widget: type, words: str) -> str:
            target = pilot.app.screen.query_one(widget)
            lines = screen_text(pilot.app).splitlines()[target.region.y :]  # type: ignore[arg-type]
            y = next(i for i, line in enumerate(lines) if words in line)
            await pilot.click(target, offset=(lines[y].index(words) + 1, y))
            return await settled(pilot)

        assert "[ Events ]" in await tap(SystemBar, "Events")
        assert "[ Log ]" in await tap(SystemBar, "Log")
        text = await tap(LogBar, "uart")
        assert "[uart]" in text and "unplugged" not in text
        assert "[all]" in await tap(LogBar, "all")
        assert "standing still" in await tap(LogList, "unplugged")
        await tap(LogList, "unplugged")
        assert isinstance(pilot.app.screen, LogSheet)
        await pilot.click(offset=(2, 2))
        await tap(LogBar, "debug off")
        assert asked(pilot, SwitchDebug) == [SwitchDebug(True)]
        await tap(LogBar, "filter")
        assert pilot.app.screen.query_one(Input).has_focus


async def test_the_kiosk_has_large_buttons() -> None:
    """Views, scrolling, tests, an entry, following and debug without a keyboard."""
    async with show(kiosk=True, theme="console").run_test(size=(100, 30)) as pilot:

        async def push(word: str) -> str:
            buttons = pilot.app.screen.query_one("#body > Buttons", Buttons)
            lines = screen_text(pilot.app).splitlines()  # type: ignore[arg-type]
            line = lines[buttons.region.y + 1]
            await pilot.click(buttons, offset=(line.index(word) - buttons.region.x, 1))
            return await settled(pilot)

        await settled(pilot)
        await push("Test")
        assert [one.test for one in asked(pilot, LookAtSystem)].count(True) == 1
        first = await settled(pilot)
        assert await push("Down") != first
        assert "200 of at most" in await push("View")
        await push("View")
        await push("Up")
        assert "standing still" in await push("Up")
        assert "following" in await push("Follow")
        await push("Debug")
        assert asked(pilot, SwitchDebug) == [SwitchDebug(True)]
        await push("Open")
        assert isinstance(pilot.app.screen, LogSheet)


async def test_french() -> None:
    """CL-49: every word, with the decimal comma."""
    async with show(settings=ScreenSettings(language="fr")).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        for words in ("Système", "Diagnostic", "MOTEUR", "AUTOTESTS", "48,2 °C", "ÉCHEC", "santé ● bon 97 %"):
            assert words in text, words
        text = await pressed(pilot, "v", "v")
        assert "Journal" in text and "débogage non" in text and "fichier /var" in text


# --- pictures ---


@pytest.mark.parametrize("tier", ["full", "common", "ascii"])
async def test_pictures(tier: str, looks_the_same: LooksTheSame) -> None:
    """Every view at every size in three tiers."""
    async with show(glyphs=tier).run_test(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for view in VIEWS:
                place_of(pilot).action_view(view)
                await settled(pilot)
                looks_the_same(picture(pilot.app), f"system/{tier}/{view}-{size[0]}x{size[1]}")


async def test_pictures_in_french(looks_the_same: LooksTheSame) -> None:
    """CL-49."""
    async with show(settings=ScreenSettings(language="fr")).run_test(size=(80, 24)) as pilot:
        for view in VIEWS:
            place_of(pilot).action_view(view)
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"system/french/{view}")


async def test_pictures_of_trouble(looks_the_same: LooksTheSame) -> None:
    """Lost, refused, unknown, everything logged, a phone, the kiosk, a console, a chosen entry, the sheet."""
    feed = SystemFeed()
    async with show(feed=feed).run_test(size=(100, 30)) as pilot:
        await pressed(pilot, "v", "v", "up", "up", "up")
        looks_the_same(picture(pilot.app), "system/states/chosen")
        await pressed(pilot, "enter")
        looks_the_same(picture(pilot.app), "system/states/sheet")
        await pressed(pilot, "escape", "V", "V")
        feed.value = fold(feed.value, EngineLost(feed.now, feed.now + 3))
        feed.refusal = Cause("engine-silent")
        await later(pilot, 12.0)
        for view in VIEWS:
            place_of(pilot).action_view(view)
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"system/states/lost-{view}")
    refused = SystemFeed()
    refused.refusal = Cause("replay-only")
    states: dict[str, tuple[PackdeckApp, tuple[int, int]]] = {
        "refused": (show(feed=refused), (80, 24)),
        "unknown": (show(made=system_views.unknown()), (100, 30)),
        "debug": (show(made=system_views.busy()), (100, 30)),
        "phone": (show(), (40, 24)),
        "kiosk": (show(kiosk=True, theme="console"), (100, 30)),
        "ansi": (show(theme="packdeck-ansi", glyphs="common"), (100, 30)),
        "light": (show(theme="packdeck-light"), (100, 30)),
    }
    for name, (app, size) in states.items():
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            looks_the_same(picture(app), f"system/states/{name}")
