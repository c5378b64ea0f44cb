"""The Registers place: a real desk over simulated devices, from the table to the wire and back."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screenshots.svg import picture
from tests import fleets
from tests.conftest import LooksTheSame
from tests.quiet import everything_done
from tests.register_pages import DeskFeed, kinds, refusing
from tests.screens.show import last, screen_text
from tui.app import PackdeckApp
from tui.model.fleet import EngineLink
from tui.model.link import Cause, Phase
from tui.model.register import Device
from tui.model.register_archive import ChangeLogEntry
from tui.model.register_requests import (
    ChangeLog,
    DropLease,
    ForgetPlan,
    ReadRegisters,
    RunCommand,
    TakeBackup,
    TakeLease,
    WriteRegisters,
)
from tui.model.register_review import Change
from tui.model.requests import Answer, Reconnect, Request
from tui.model.settings import ScreenSettings
from tui.model.write_plan import CommandResult, Desk, PlanState, PlanStep, StepState, WritePlan
from tui.screens.registers import Registers
from tui.widgets.confirm import Buttons, Confirm
from tui.widgets.register_edit import EditSheet
from tui.widgets.register_keypad import CAPITALS, DELETE, SYMBOLS, Keypad
from tui.widgets.register_path import GroupBar, RegisterPath
from tui.widgets.register_sheets import ChooseSheet, LineSheet, ResultSheet
from tui.widgets.register_table import RegisterTable

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
SAFETY = ("right", "right")
RELEASE = (*SAFETY, "down", "enter")  # the editor of the cell over-voltage release
STAGED = (*RELEASE, *"3549", "enter")
THREE = (*STAGED, "down", "enter", *"2550", "enter", "down", "enter", *"2900", "enter")
WRITE = ("w", "enter", *"left", "enter")
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def _same_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pictures do not depend on who runs them, and where."""
    monkeypatch.setattr("tui.screens.register_asking.this_screen", lambda is_kiosk: "terminal-1")
    monkeypatch.setattr("tui.screens.register_asking.this_person", lambda: "anna")
    yield


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """The place over a simulated battery of that family."""

    @asynccontextmanager
    async def open_it(size: tuple[int, int] = (80, 24), family: str = "jbd", **options: Any) -> Any:
        feed = DeskFeed(family, tmp_path / f"{family}-{size[0]}" / "registers")
        settings = options.pop("settings", ScreenSettings(language="en"))
        wall = lambda: fleets.WALL_S  # noqa: E731
        app = PackdeckApp(feed, settings=settings, clock=feed.clock, wall=wall, start="registers", **options)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            yield pilot

    return open_it


def feed_of(pilot: Pilot[None]) -> DeskFeed:
    """The feed behind the app."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, DeskFeed)
    return feed


def place_of(pilot: Pilot[None]) -> Registers:
    """The place itself."""
    place = pilot.app.place  # type: ignore[attr-defined]
    assert isinstance(place, Registers)
    return place


async def settled(pilot: Pilot[None]) -> str:
    """The screen after all answers are in, and what followed from them."""
    await everything_done(pilot)
    for line in pilot.app.screen.query(Input):
        line.cursor_blink = False
    return screen_text(pilot.app)  # type: ignore[arg-type]


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys and their answers."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return await settled(pilot)


async def tapped(pilot: Pilot[None], target: Any, *offset: int) -> str:
    """The screen after a finger."""
    await pilot.click(target, offset=(offset[0], offset[1]))
    return await settled(pilot)


async def button(pilot: Pilot[None], index: int) -> str:
    """The screen after one of the large buttons of the sheet on top, or of the place."""
    bars = [one for one in pilot.app.screen.query(Buttons) if one.display and one.size.height]
    bar = bars[-1]
    assert bar.value is not None
    cells = bar.size.width // len(bar.value.words)
    return await tapped(pilot, bar, index * cells + 4, bar.size.height // 2)


def told(pilot: Pilot[None]) -> str:
    """All notifications."""
    return " ".join(one.message for one in pilot.app._notifications)


def flat(text: str) -> str:
    """Without frames and line ends."""
    return re.sub(r"[│\s]+", " ", text)


def line_of(text: str, words: str) -> str:
    """The first row with these words."""
    return next(line for line in text.splitlines() if words in line)


# --- the table ---


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_parameters_with_value_unit_range_and_danger(opened: Open, size: tuple[int, int]) -> None:
    """CL-47, S1-53: every row says what is in the device and what is allowed; nothing is cut."""
    async with opened(size) as pilot:
        text = await pressed(pilot, *SAFETY)
        at = text.splitlines().index(line_of(text, "Cell under-voltage release"))
        item = "\n".join(text.splitlines()[at : at + (2 if size[0] < 60 else 1)])
        assert "▲ Cell under-voltage release" in item and "3000 mV" in item and "2501 to 3499" in item


async def test_the_groups_are_tabs_or_categories(opened: Open) -> None:
    """CL-47, CL-28: Settings, Safety, Peripherals, Maintenance; or system, battery, protection, …"""
    async with opened((100, 30)) as pilot:
        assert "Settings" in await settled(pilot) and "Maintenance" in await settled(pilot)
        text = await pressed(pilot, "v", "right", "right", "right")
        assert "[ Protection ]" in text and "Calibration" in text
        assert "Cell over-voltage" in text and "Design capacity" not in text
        assert "Design capacity" in await pressed(pilot, "left")
        text = await pressed(pilot, "v")
        assert "[ All ]" in text


async def test_the_filter_works_at_every_key_and_escape_clears_it(opened: Open) -> None:
    """Words, numbers, units."""
    async with opened() as pilot:
        text = await pressed(pilot, "slash", *"under rel")
        assert "> ▲ Cell under-voltage release" in flat(text) and "Cell under-voltage delay" not in text
        text = await pressed(pilot, "enter")
        assert "only under rel" in text
        text = await pressed(pilot, "slash", "home", "shift+end", *"0x24", "enter")
        assert "Cell over-voltage" in text and "of 30" not in text
        assert "of 74" in await pressed(pilot, "escape")
        assert "Nothing here matches" in await pressed(pilot, "slash", *"zzz")


async def test_what_is_for_experts_is_hidden_until_asked_for(opened: Open) -> None:
    """The danger mark ●● of the register map."""
    async with opened((160, 45)) as pilot:
        text = await pressed(pilot, *SAFETY)
        assert "10 for experts: e" in text and "Short-circuit threshold" not in text
        text = await pressed(pilot, "e")
        assert "■ Short-circuit threshold" in text and "for experts: e" not in text


async def test_raw_values_in_hexadecimal_and_decimal(opened: Open) -> None:
    """Key x."""
    async with opened() as pilot:
        await pressed(pilot, *SAFETY)
        assert "0E42" in line_of(await pressed(pilot, "x"), ">  ▲ Cell over-voltage")
        assert "3650" in line_of(await pressed(pilot, "x"), ">  ▲ Cell over-voltage")
        assert "3650 mV" in line_of(await pressed(pilot, "x"), ">  ▲ Cell over-voltage")


async def test_what_cannot_be_changed_says_so(opened: Open) -> None:
    """CL-28: a read-only register is named as such, and no editor opens."""
    async with opened() as pilot:
        assert "read only" in line_of(await settled(pilot), "Front-end chip")
        await pressed(pilot, "enter")
        assert "can only be read" in told(pilot)
        assert not isinstance(pilot.app.screen, EditSheet)
        assert "TakeLease" not in kinds(feed_of(pilot).register_asks)


async def test_a_tinybms_has_its_own_table(opened: Open) -> None:
    """Decimal numbers, choices, flags."""
    async with opened((160, 45), family="tinybms") as pilot:
        text = await pressed(pilot, *SAFETY)
        assert " 315 " in line_of(text, "Over-voltage cutoff")
        text = await pressed(pilot, "right", "slash", *"operation mode", "enter", "enter")
        assert "Writing it restarts the electronics" in text
        text = await pressed(pilot, "down", "enter")
        assert " * ▲ Operation mode" in text or ">* ▲ Operation mode" in text


@pytest.mark.parametrize(
    ("key", "args", "words"),
    [
        ("reg-no-link", (("track", "left"),), "There is no link to left"),
        ("reg-no-registers", (("track", "left"), ("protocol", "can")), "has no parameters"),
        ("engine-silent", (), "says nothing"),
    ],
)
async def test_without_a_page_there_is_a_sentence(
    opened: Open, key: str, args: tuple[tuple[str, str], ...], words: str
) -> None:
    """What happened and what to do, in place of the rows."""
    async with opened() as pilot:
        feed_of(pilot).says.append(refusing(ReadRegisters, key, *args))
        place_of(pilot)._drafts.clear()
        place_of(pilot).look_again()
        assert words in flat(await settled(pilot))


async def test_a_lost_link_leaves_the_values_marked_old(opened: Open) -> None:
    """Nothing passes as new."""
    async with opened() as pilot:
        feed_of(pilot).bench.link(Phase.LOST, Cause("port-missing", (("port", "x"),)))
        text = await settled(pilot)
        assert "no link" in text and "Design capacity" in text
        table = pilot.app.screen.query_one(RegisterTable)
        assert any(role == "stale" for line in table._rows for _, role in line)


# --- editing ---


async def test_an_empty_field_says_what_to_enter(opened: Open) -> None:
    """CL-47: the range of this moment, not that nothing is no number."""
    async with opened() as pilot:
        text = flat(await pressed(pilot, *RELEASE, "backspace"))
        assert "Enter a number from 3001 to 3649 mV." in text and "is no number" not in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("9999", "9999 mV is out of the range 2000 to 4500 mV"),
        ("abc", "abc is no number"),
        ("1", "1 mV is out of the range 2000 to 4500 mV"),
    ],
)
async def test_a_wrong_value_says_so_at_every_key_and_is_not_staged(
    opened: Open, typed: str, words: str
) -> None:
    """CL-47: the range and the reason."""
    async with opened() as pilot:
        assert words in flat(await pressed(pilot, *RELEASE, *typed))
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, EditSheet)
        await pressed(pilot, "escape")
        assert not place_of(pilot).draft.changes


async def test_a_range_that_follows_from_another_field_names_it(opened: Open) -> None:
    """CL-47: it can be staged, is marked, and cannot be written before the other field is changed too."""
    async with opened() as pilot:
        text = flat(await pressed(pilot, *RELEASE, *"3700"))
        assert "must stay below Cell over-voltage, which is 3650 mV" in text
        text = await pressed(pilot, "enter")
        assert ">! ▲ Cell over-voltage release" in text
        text = await pressed(pilot, "w")
        assert "cannot be written" in text
        await pressed(pilot, "enter")
        assert "Correct what is marked first" in told(pilot)
        assert "WriteRegisters" not in kinds(feed_of(pilot).register_asks)
        text = await pressed(pilot, "escape", "up", "enter", *"3750", "enter", "w")
        assert "may be written" in text and "2 changes" in text


async def test_a_staged_change_has_a_mark_a_value_and_a_count(opened: Open) -> None:
    """Not by colour alone; the way is told above."""
    async with opened() as pilot:
        text = await pressed(pilot, *STAGED)
        row = line_of(text, ">* ▲ Cell over-voltage release")
        assert "3500 mV > 3549" in row
        assert "[1 stage (1)] > 2 review > 3 write > 4 done" in text
        assert "3500 -> 3549 mV  (+49)" in text
        assert "Cell over-voltage release" in await pressed(pilot, "o")
        assert "staged only" in await settled(pilot)


async def test_the_value_of_the_device_is_no_change(opened: Open) -> None:
    """Back to what it was: nothing is staged, and the lease is given back."""
    async with opened() as pilot:
        await pressed(pilot, *STAGED, "enter", *"3500", "enter")
        assert not place_of(pilot).draft.changes
        assert last(feed_of(pilot).register_asks, DropLease)


async def test_flags_and_choices_are_chosen_from_a_list(opened: Open) -> None:
    """Bit fields and enumerations; the one of now is marked."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, "slash", *"balancing", "enter", "enter")
        assert "on  (now)" in text and "off" in text
        await pressed(pilot, "down", "enter")
        assert place_of(pilot).draft.wishes == (Change("function_balance", 0),)


async def test_texts_and_dates_are_checked_too(opened: Open) -> None:
    """Letters that the board cannot store; what is no date."""
    async with opened() as pilot:
        assert "cannot store" in flat(await pressed(pilot, "slash", *"barcode", "enter", "enter", "é"))
        text = await pressed(pilot, "escape", "escape", "slash", *"date", "enter", "enter", *"2024-13-01")
        assert "2024-13-01 is no date" in flat(text)


async def test_undo_one_and_drop_all(opened: Open) -> None:
    """u takes back the change under the cursor, D all of them after a yes."""
    async with opened() as pilot:
        await pressed(pilot, *THREE, "u")
        assert len(place_of(pilot).draft.changes) == 2
        assert "Drop all that is staged (2)?" in await pressed(pilot, "D")
        await pressed(pilot, "enter")
        assert len(place_of(pilot).draft.changes) == 2
        await pressed(pilot, "D", "y")
        assert not place_of(pilot).draft.changes
        assert feed_of(pilot).bench.writes == 0


# --- the lease ---


async def test_a_lease_of_another_screen_keeps_the_editor_shut(opened: Open) -> None:
    """One screen at a time: who has it, and for how long."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        feed.bench.ask(TakeLease("left", "kiosk-7", "bert"))
        text = await settled(pilot)
        assert "bert edits, 60 s" in text
        await pressed(pilot, *RELEASE)
        assert not isinstance(pilot.app.screen, EditSheet)
        assert "bert is editing here, for another 60 s" in told(pilot)


async def test_the_lease_is_renewed_while_something_is_staged(opened: Open) -> None:
    """60 s, renewed."""
    async with opened() as pilot:
        await pressed(pilot, *STAGED)
        feed = feed_of(pilot)
        feed.bench.clock.advance(40)
        place_of(pilot).renew()
        await settled(pilot)
        lease = feed.bench.desk.lease
        assert lease is not None and lease.screen == "terminal-1" and lease.who == "anna"
        assert lease.until_s == pytest.approx(feed.bench.clock() + 60)
        count = kinds(feed.register_asks).count("TakeLease")
        await pressed(pilot, "u")
        assert feed.bench.desk.lease is None
        place_of(pilot).renew()
        await settled(pilot)
        assert kinds(feed.register_asks).count("TakeLease") == count


async def test_a_viewer_cannot_write(opened: Open) -> None:
    """The engine refuses, the screen says so, nothing opens."""
    async with opened() as pilot:
        feed_of(pilot).says.append(refusing(TakeLease, "reg-no-folder"))
        await pressed(pilot, *RELEASE)
        assert "nothing may be written" in told(pilot) and not isinstance(pilot.app.screen, EditSheet)


# --- review, write, done ---


async def test_three_changes_by_keyboard_from_stage_to_done(opened: Open) -> None:
    """S1-54: stage, review, confirm with a typed word, write, read back, done; the log keeps all of it."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, *THREE, "w")
        assert "3 changes" in text and "[2 review]" in text
        for words in (
            "Cell over-voltage release 3500 -> 3549 mV (+49)",
            "Register 25, allowed 3001 to 3649 mV",
            "Charging is allowed again when every cell is below this.",
            "A wrong value can damage the battery",
        ):
            assert words in flat(text), words
        text = flat(await pressed(pilot, "pagedown"))
        assert "kept as a backup" in text and "3 registers are written one by one, in an order" in text
        text = await pressed(pilot, "enter")
        assert "Write 3 changes to left?" in text
        text = await pressed(pilot, *"lef", "enter")
        assert isinstance(pilot.app.screen, LineSheet) and feed_of(pilot).bench.writes == 0
        text = await pressed(pilot, "t", "enter")
        assert "[4 done]" in text and "Done: every register holds its new value" in text
        assert "3 of 3 known to be written" in text and text.count("● written") == 3
        image = feed_of(pilot).bench.image()
        assert [image[n].hex() for n in (0x25, 0x26, 0x27)] == ["0ddd", "09f6", "0b54"]
        text = await pressed(pilot, "enter")
        assert "[1 stage]" in text and "3549 mV" in text
        text = await pressed(pilot, "L")
        row = line_of(text, "Cell over-voltage release")
        assert all(words in row for words in ("3500 -> 3549", "anna", "terminal-1", "● written"))


async def test_the_review_tells_the_order_of_writing(opened: Open) -> None:
    """S1-54: the limit must move before its release, which was staged first."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, *RELEASE, *"3700", "enter", "up", "enter", *"3750", "enter", "w")
        assert text.index("1  Cell over-voltage  ") < text.index("2  Cell over-voltage release")
        assert "It is not that of staging" in flat(text)
        assert "Written after Cell over-voltage: so the limits are valid at every step." in flat(text)
        text = await pressed(pilot, "enter", *"left", "enter")
        assert text.index("1  Cell over-voltage  ") < text.index("2  Cell over-voltage release")
        assert "3650 -> 3750 mV" in text and "[4 done]" in text


@pytest.mark.parametrize("size", SIZES[:3], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_a_name_by_touch(opened: Open, size: tuple[int, int]) -> None:
    """Fingers only: the keyboard has letters, capitals and signs; it and the buttons fit."""
    async with opened(size, kiosk=True) as pilot:
        await pressed(pilot, "slash", *"barcode", "enter", "enter")
        pad = pilot.app.screen.query_one(Keypad)
        line = pilot.app.screen.query_one(Input)
        line.value = ""

        async def tap(key: str) -> str:
            assert pad.value is not None
            at, wide = [*pad.value, DELETE].index(key), pad.size.width // 10
            high = pad.size.height // 3
            return await tapped(pilot, pad, at % 10 * wide + wide // 2, at // 10 * high + high // 2)

        for key in (CAPITALS, "A", CAPITALS, "b", SYMBOLS, "7", "-", SYMBOLS, "x", DELETE):
            await tap(key)
        assert line.value == "Ab7-"
        text = await button(pilot, 0)
        assert not isinstance(pilot.app.screen, EditSheet) and "Ab7-" in text


@pytest.mark.parametrize("size", SIZES[1:3], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_whole_way_by_touch(opened: Open, size: tuple[int, int]) -> None:
    """Fingers only, on the kiosk: group, row, digits, stage, review, letters, write, back."""
    async with opened(size, kiosk=True) as pilot:
        text = await settled(pilot)
        bar = pilot.app.screen.query_one(GroupBar)
        await tapped(pilot, bar, line_of(text, "[ All ]").index("Safety") + 1, 0)
        y = 4 if size[1] > 24 else 3
        await tapped(pilot, RegisterTable, 20, y)
        assert ">  ▲ Cell over-voltage release" in await tapped(pilot, RegisterTable, 20, y) or isinstance(
            pilot.app.screen, EditSheet
        )
        assert isinstance(pilot.app.screen, EditSheet)
        for key in "3549":
            at = "1234567890".index(key)
            await tapped(pilot, Keypad, at % 7 * 9 + 3, at // 7 * 3 + 1)
        assert pilot.app.screen.query_one(Input).value == "3549"
        text = await button(pilot, 0)
        assert ">* ▲ Cell over-voltage release" in text
        path = pilot.app.screen.query_one(RegisterPath)
        text = await tapped(pilot, path, line_of(text, "2 review").index("2 review") + 2, 0)
        assert "may be written" in text
        await button(pilot, 1)
        keys = pilot.app.screen.query_one(Keypad).value
        assert keys is not None
        for key in "left":
            at = keys.index(key)
            await tapped(pilot, Keypad, at % 7 * 9 + 3, at // 7 * 3 + 1)
        text = await button(pilot, 0)
        assert "Done: every register" in text
        assert "3549 mV" in await button(pilot, 0)
        assert feed_of(pilot).bench.image()[0x25].hex() == "0ddd"


async def test_a_harmless_change_needs_only_a_yes(opened: Open) -> None:
    """Enter is no."""
    async with opened() as pilot:
        await pressed(pilot, "slash", *"led display", "enter", "enter", *"20", "enter", "w", "enter")
        assert isinstance(pilot.app.screen, Confirm)
        await pressed(pilot, "enter")
        assert feed_of(pilot).bench.writes == 0
        assert "[4 done]" in await pressed(pilot, "enter", "y")


async def test_progress_is_shown_on_every_screen(opened: Open) -> None:
    """The plan is in the fleet: another screen sees each register as it is written."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        await pressed(pilot, *THREE, *WRITE)
        plan = feed.bench.plan
        steps = (plan.steps[0], replace(plan.steps[1], state=StepState.SENT), plan.steps[2])
        steps = (*steps[:2], replace(steps[2], state=StepState.WAITING))
        running = replace(
            plan, id="left-9", state=PlanState.WRITING, steps=steps, who="bert", screen="kiosk-7"
        )
        await pressed(pilot, "escape")
        feed.over = Desk("left", running)
        feed.asked.append(Reconnect("left"))  # something new to look at
        text = await settled(pilot)
        assert "[3 write]" in text and "1 of 3 known to be written" in text
        assert "bert kiosk-7" in text and "• sent" in text and "- old value" in text


async def test_a_value_that_the_device_does_not_take_is_rolled_back(opened: Open) -> None:
    """Verify mismatch: everything goes back, with the reason; the wishes stay."""
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        before = bench.image()
        bench.device.faults.writes.clamp[0x26] = b"\x09\x00"  # type: ignore[union-attr]
        text = await pressed(pilot, *THREE, *WRITE)
        assert "[4 undone]" in text and "every register holds its old value again" in text
        assert "Register 26 holds 2304 mV although 2550 mV was written" in flat(text)
        assert bench.image() == before
        text = await pressed(pilot, "enter")
        assert "[1 stage (3)]" in text


async def test_the_end_of_an_earlier_plan_is_not_taken_for_that_of_a_new_one(opened: Open) -> None:
    """A second write that goes wrong leaves its wishes staged."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        await pressed(pilot, *STAGED, *WRITE, "enter", "enter", *"3540", "enter", "w")
        assert feed.bench.plan.state is PlanState.DONE
        feed.bench.device.faults.writes.clamp[0x25] = b"\x0d\x00"  # type: ignore[union-attr]
        feed.gate.clear()
        await pilot.press("enter", *"left", "enter")
        for _ in range(3):
            await pilot.pause()
            pilot.app._look()  # type: ignore[attr-defined]
        assert place_of(pilot).draft.wishes == (Change("cell_overvoltage_release", 3540),)
        feed.gate.set()
        text = await settled(pilot)
        assert "[4 undone]" in text and "1 stage (1)" in text


async def test_a_refused_write_is_rolled_back(opened: Open) -> None:
    """Write refused."""
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        bench.device.faults.writes.refuse[0x26] = 0x80  # type: ignore[union-attr]
        text = await pressed(pilot, *THREE, *WRITE)
        assert "refused register 26 (80)" in flat(text) and "■ refused" in text


async def test_a_device_that_changed_meanwhile_is_not_overwritten(opened: Open) -> None:
    """The diff says so."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        await pressed(pilot, *STAGED, "w")
        feed.bench.device.memory.working[0x25] = (3510).to_bytes(2, "big")  # type: ignore[union-attr]
        text = await pressed(pilot, "enter", *"left", "enter")
        assert "changed in the device meanwhile; nothing was written" in flat(text)
        assert feed.bench.image()[0x25].hex() == "0db6"
        text = await pressed(pilot, "enter", "r")
        assert ">! ▲ Cell over-voltage release" in text and "it held 3500 mV when this was staged" in flat(
            text
        )
        text = await pressed(pilot, "w")
        assert "3510 -> 3549" in text and "nothing was overwritten" in flat(text)


async def test_a_page_that_is_older_than_the_device_is_reviewed_again(opened: Open) -> None:
    """The engine knows more than the review: it is asked again, with the reason above."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        await pressed(pilot, *STAGED, "w")
        feed.says.append(refusing(WriteRegisters, "reg-moved", ("registers", "25")))
        text = await pressed(pilot, "enter", *"left", "enter")
        assert "Registers 25 changed in the device meanwhile" in flat(text) and "[2 review]" in text
        assert feed.bench.writes == 0


@pytest.mark.parametrize("way", ["finish", "undo", "forget"])
async def test_a_link_lost_in_the_middle_is_for_a_person_to_decide(opened: Open, way: str) -> None:
    """On reconnect the plan is shown with what is known to be written; finish, undo, or leave it."""
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        before = bench.image()
        bench.after = lambda count: bench.unplug() if count == 2 else None
        text = await pressed(pilot, *THREE, *WRITE)
        assert "Interrupted in the middle" in text and "1 of 3 known to be written" in text
        assert "Once the link is back" in flat(text) and "• sent" in text
        bench.plug_in()
        text = await settled(pilot)
        assert "2 of 3 known to be written" in text and "Finish it, undo it, or leave everything" in text
        text = await pressed(pilot, "escape")
        assert "a plan was interrupted: p" in text
        await pressed(pilot, "p")
        text = await pressed(pilot, {"finish": "f", "undo": "u", "forget": "g"}[way], "y")
        image = bench.image()
        if way == "finish":
            assert "[4 done]" in text and image[0x27].hex() == "0b54"
        elif way == "undo":
            assert "[4 undone]" in text and image == before
            assert "was unplugged" in flat(text) and "Check the plug" not in flat(text)  # nothing to do now
        else:
            assert "[1 stage (3)]" in text and image[0x26].hex() == "09f6" and image[0x27] == before[0x27]
            assert last(feed_of(pilot).register_asks, ForgetPlan)
            assert "Nothing was written" not in told(pilot) and "change log" not in told(pilot)


def lose_engine(feed: DeskFeed) -> None:
    """The engine was killed: what the fleet says of it is the last that was heard."""
    lost = EngineLink(attached=False, cause=Cause("engine-missing"))
    feed.value = replace(feed.value, engine=lost)
    feed.asked.append(Reconnect("left"))  # something new to look at


async def test_an_engine_that_is_lost_in_the_middle_leaves_no_promise(opened: Open) -> None:
    """S1-54: outcome unknown, what is known to be written, what to do; on reconnect finish or undo."""
    async with opened((100, 30)) as pilot:
        await _progress(pilot)
        feed = feed_of(pilot)
        lose_engine(feed)
        text = flat(await settled(pilot))
        assert "The engine was lost while it wrote: what came of it is not known" in text
        assert "1 of 3 known to be written" in text and text.count("● written") == 1
        assert "Start it with: packdeck serve." in text and "you choose here: finish or undo" in text
        assert text.count("not known") == 3 and "- old value" not in text
        assert "a plan was interrupted: p" in await pressed(pilot, "escape")
        assert "what came of it is not known" in await pressed(pilot, "p")
        plan = feed.over.plan  # type: ignore[union-attr]
        assert plan is not None
        cause = Cause("reg-interrupted")
        feed.over = Desk("left", replace(plan, state=PlanState.INTERRUPTED, cause=cause, examined=True))
        feed.value = replace(feed.value, engine=EngineLink())
        feed.asked.append(Reconnect("left"))
        text = await settled(pilot)
        assert "Interrupted in the middle" in text and "f finish" in text and "u undo" in text


@pytest.mark.parametrize("result", ["written", "undone", ""])
async def test_what_became_of_a_plan_that_no_engine_knows_is_looked_up(opened: Open, result: str) -> None:
    """S1-54: it ended while this screen did not see it; only the log knows whether something was written."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        steps = (PlanStep(0x25, ("cell_overvoltage_release",), "0DAC", "0DDD", StepState.SENT),)
        begun = WritePlan("one", "left", Device("jbd"), steps, PlanState.WRITING)
        entry = ChangeLogEntry(
            1, "left", "", "", "cell_overvoltage_release", 0x25, "3500", "3549", result, "one"
        )

        def answers(request: Request) -> Answer | None:
            if isinstance(request, WriteRegisters):
                feed.over = Desk("left", plan=begun)
                return Answer(True)
            return Answer(True, log=(entry,) if result else ()) if isinstance(request, ChangeLog) else None

        feed.says.append(answers)
        await pressed(pilot, *STAGED, *WRITE)
        feed.over = Desk("left")
        feed.bench.fleet = replace(feed.bench.fleet, version=feed.bench.fleet.version + 1)
        text = await settled(pilot)
        assert "Nothing was written" not in told(pilot)
        words = {"written": "wrote everything", "undone": "in the change log: L", "": "Read everything anew"}
        assert words[result] in told(pilot)
        assert ("[1 stage (1)]" in text) is (result != "written")


async def test_only_who_staged_something_is_told_that_it_is_still_there(opened: Open) -> None:
    """Another screen saw the plan being undone."""
    async with opened((100, 30)) as pilot:
        feed_of(pilot).bench.device.faults.writes.clamp[0x26] = b"\x09\x00"  # type: ignore[union-attr]
        assert "What you staged is still there" in await pressed(pilot, *THREE, *WRITE)
        place_of(pilot)._drafts.clear()
        await settled(pilot)
        text = await pressed(pilot, "p")
        assert "[4 undone]" in text and "What you staged" not in text and "3500 -> 3549 mV" in text


async def test_an_interrupted_plan_shows_itself_after_a_restart(opened: Open) -> None:
    """Another screen, another engine: the plan itself says its values in their units."""
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        bench.after = lambda count: bench.unplug() if count == 2 else None
        await pressed(pilot, *THREE, *WRITE)
        place_of(pilot)._drafts.clear()
        bench.after = lambda count: None
        bench.restart_engine()
        text = await settled(pilot)
        assert "Interrupted in the middle" in text and "3500 -> 3549 mV" in text and "0DDD" not in text


async def test_a_plan_that_the_engine_lost_before_it_wrote_is_not_shown_for_ever(opened: Open) -> None:
    """The engine was killed while it read for the backup: the new one knows of no plan."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)
        steps = (PlanStep(0x25, ("cell_overvoltage_release",), "0DAC", "0DDD"),)
        begun = WritePlan("one", "left", Device("jbd"), steps, who="anna", screen="terminal-1")

        def begins(request: Request) -> Answer | None:
            if not isinstance(request, WriteRegisters):
                return None
            feed.over = Desk("left", plan=begun)
            return Answer(True)

        feed.says.append(begins)
        text = await pressed(pilot, *STAGED, *WRITE)
        assert "Reading everything, for the backup" in text
        feed.over = Desk("left")
        feed.bench.fleet = replace(feed.bench.fleet, version=feed.bench.fleet.version + 1)
        text = await settled(pilot)
        assert "Reading everything, for the backup" not in text and "[1 stage (1)]" in text
        assert any("Nothing was written" in one.message for one in pilot.app._notifications)


async def test_no_link_when_writing(opened: Open) -> None:
    """Nothing is sent, the reason stays on the page."""
    async with opened((100, 30)) as pilot:
        await pressed(pilot, *STAGED, "w")
        feed_of(pilot).says.append(refusing(WriteRegisters, "reg-no-link", ("track", "left")))
        text = await pressed(pilot, "enter", *"left", "enter")
        assert "There is no link to left now" in flat(text) and "[2 review]" in text


async def test_a_locked_board_is_backed_up_with_its_password(opened: Open) -> None:
    """Asked for as for reading; kept nowhere."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)

        def locked(request: Request) -> Answer | None:
            is_shut = isinstance(request, TakeBackup) and request.password != "123456"
            return Answer(False, Cause("reg-password-needed")) if is_shut else None

        feed.says.append(locked)
        assert "Password of the board" in await pressed(pilot, "B")
        await pressed(pilot, *"123456", "enter")
        assert "The backup 2025-10-18T" in told(pilot)
        assert "123456" not in "".join(path.read_text() for path in feed.bench.folder.rglob("*.json"))


async def test_a_board_with_a_password_is_asked_for_it(opened: Open) -> None:
    """Six digits, shown as dots, kept nowhere."""
    async with opened((100, 30)) as pilot:
        feed = feed_of(pilot)

        def locked(request: Request) -> Answer | None:
            is_open = isinstance(request, ReadRegisters) and request.password == "123456"
            return (
                None
                if is_open or not isinstance(request, ReadRegisters)
                else Answer(False, Cause("reg-password-needed"))
            )

        feed.says.append(locked)
        text = await pressed(pilot, "r")
        assert "Password of the board" in text
        text = await pressed(pilot, *"123456")
        assert "123456" not in text and "••••••" in text
        await pressed(pilot, "enter")
        opened_with = [
            ask.password for ask in feed.register_asks if isinstance(ask, ReadRegisters) and ask.password
        ]
        assert opened_with == ["123456"]


# --- compare, copy, restore, files ---


async def test_compare_with_the_other_track_and_copy_one(opened: Open) -> None:
    """Left to right: one difference is staged, nothing else."""
    async with opened((100, 30)) as pilot:
        other = feed_of(pilot).bench.other.device.memory.working
        other[0x24], other[0x30] = (3600).to_bytes(2, "big"), (60).to_bytes(2, "big")
        text = await pressed(pilot, "c", "down", "enter")
        assert "COMPARED WITH THE TRACK RIGHT" in text and "2 differences" in text
        assert "3650 -> 3600 mV" in line_of(text, ">  Cell over-voltage")
        text = await pressed(pilot, "enter")
        assert ">* Cell over-voltage" in text and "1 staged" in text
        assert place_of(pilot).draft.wishes == (Change("cell_overvoltage", 3600),)
        await pressed(pilot, "enter")
        assert not place_of(pilot).draft.changes


async def test_a_preset_is_taken_whole_after_a_review(opened: Open) -> None:
    """S0-4, S0-5: values that only fit together are told together."""
    async with opened((160, 45)) as pilot:
        text = await pressed(pilot, "c")
        assert all(name in text for name in ("SP04S020", "SP10S009", "SP25S003"))
        text = await pressed(pilot, "down", "down", "enter", "A")
        assert "All values of the preset SP04S020" in text and "[2 review]" in text


async def test_a_backup_is_restored(opened: Open) -> None:
    """Every write leaves one; it is compared, taken, written, and the old values are back."""
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        before = bench.image()
        await pressed(pilot, *THREE, *WRITE, "enter")
        assert bench.image() != before
        text = await pressed(pilot, "c", "end")
        assert "backup of 2025-10-18 12:07, before writing" in text
        text = await pressed(pilot, "enter")
        assert "3 differences" in text and "3549 -> 3500 mV" in text
        text = await pressed(pilot, "A", "enter", *"left", "enter")
        assert "[4 done]" in text and bench.image() == before


async def test_a_backup_by_key(opened: Open) -> None:
    """B."""
    async with opened() as pilot:
        await pressed(pilot, "B")
        assert "The backup 2025-10-18T" in told(pilot)


@pytest.mark.parametrize("form", ["json", "fig"])
async def test_export_and_import(opened: Open, tmp_path: Path, form: str) -> None:
    """S1-55, S1-56, CL-47: a new file; importing compares and writes nothing before a confirmation."""
    path = tmp_path / f"kept.{form}"
    async with opened((100, 30)) as pilot:
        bench = feed_of(pilot).bench
        await pressed(pilot, "E", *([] if form == "json" else ["down"]), "enter")
        pilot.app.screen.query_one(Input).value = str(path)
        await pressed(pilot, "enter")
        assert path.exists() and "Saved:" in told(pilot)
        await pressed(pilot, *STAGED, *WRITE, "enter", "I")
        pilot.app.screen.query_one(Input).value = str(path)
        text = await pressed(pilot, "enter")
        assert f"THE FILE KEPT.{form.upper()}" in text and "3549 -> 3500 mV" in text
        assert bench.image()[0x25].hex() == "0ddd"
        await pressed(pilot, "A", "enter", *"left", "enter")
        assert bench.image()[0x25].hex() == "0dac"


async def test_a_file_is_never_overwritten_and_a_missing_one_is_said(opened: Open, tmp_path: Path) -> None:
    """One sentence each."""
    path = tmp_path / "there.json"
    path.write_text("mine", encoding="utf-8")
    async with opened((100, 30)) as pilot:
        await pressed(pilot, "E", "enter")
        pilot.app.screen.query_one(Input).value = str(path)
        await pressed(pilot, "enter")
        assert path.read_text(encoding="utf-8") == "mine" and "not overwritten" in told(pilot)
        await pressed(pilot, "I")
        pilot.app.screen.query_one(Input).value = str(tmp_path / "missing.json")
        await pressed(pilot, "enter")
        assert "missing.json" in told(pilot)
        path.write_bytes(b"\xff\xfe\x00")
        await pressed(pilot, "I")
        pilot.app.screen.query_one(Input).value = str(path)
        await pressed(pilot, "enter")
        assert "UnicodeDecodeError" in told(pilot)


async def test_a_file_that_is_none_is_explained(opened: Open, tmp_path: Path) -> None:
    """S1-56: cause and advice in place of the differences."""
    path = tmp_path / "bad.json"
    path.write_text("{]", encoding="utf-8")
    async with opened() as pilot:
        await pressed(pilot, "I")
        pilot.app.screen.query_one(Input).value = str(path)
        assert "bad.json: The file cannot be read from line 1" in flat(await pressed(pilot, "enter"))


# --- commands ---


async def test_a_switch_shows_requested_and_actual_apart(opened: Open) -> None:
    """S1-59: typed confirmation, then the true state."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, "C")
        for words in (
            "Charge switch",
            "Discharge switch",
            "Balance test",
            "Clear the error counters",
            "Sleep",
        ):
            assert words in text, words
        assert "Calibrate" not in text
        text = flat(await pressed(pilot, "enter", "down", "enter"))
        assert "Charge switch off, on left?" in text and "Type left to do it" in text
        text = await pressed(pilot, *"left", "enter")
        assert isinstance(pilot.app.screen, ResultSheet)
        assert "off" in line_of(text, "│ requested ") and "off" in line_of(text, "│ actual ")
        asked = [one for one in feed_of(pilot).register_asks if isinstance(one, RunCommand)]
        assert [(one.name, one.value, one.who, one.screen) for one in asked] == [
            ("charge_switch", "0", "anna", "terminal-1")
        ]


async def test_a_switch_that_swings_back_says_why(opened: Open) -> None:
    """Which protection holds it."""
    result = CommandResult(
        "left", "charge_switch", False, "on", "off", ("cell_overvoltage",), Cause("command-switch-back")
    )
    async with opened((100, 30)) as pilot:
        feed_of(pilot).says.append(
            lambda one: Answer(False, result.cause, command=result) if isinstance(one, RunCommand) else None
        )
        text = await pressed(pilot, "C", "enter", "enter", *"left", "enter")
        assert "Not as requested" in text and "on " in line_of(text, "│ requested ")
        assert "off" in line_of(text, "│ actual ") and "Held by: cell over-voltage" in text
        assert "a protection of the battery holds it" in flat(text)


async def test_the_state_of_charge_is_set_within_its_range(opened: Open) -> None:
    """S1-59: reset_soc with a value; a yes; the value of the battery after it."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, "C", "down", "down", "down", "enter")
        assert "From 0 to 100 %" in flat(text)
        text = await pressed(pilot, *"80", "enter")
        assert "Set the state of charge 80 %, on left?" in text
        text = await pressed(pilot, "y")
        assert "80 %" in line_of(text, "│ actual ")
        await pressed(pilot, "enter", "C", "down", "down", "down", "enter", *"120", "enter", "y")
        assert "out of the range" in told(pilot)


async def test_the_commands_of_a_tinybms(opened: Open) -> None:
    """S4-27: restart and clear."""
    async with opened((100, 30), family="tinybms") as pilot:
        text = await pressed(pilot, "C")
        assert all(words in text for words in ("Restart", "Clear the events", "Clear the statistics"))
        text = await pressed(pilot, "down", "down", "enter", "y")
        assert "Done" in text


async def test_all_actions_stand_in_a_list(opened: Open) -> None:
    """For who does not know the keys; every row does what its key does."""
    async with opened((100, 30)) as pilot:
        text = await pressed(pilot, "a")
        assert isinstance(pilot.app.screen, ChooseSheet)
        assert all(f" {key}  " in text for key in "wuDrcBIECLpvoxe")
        assert "CHANGE LOG" in await pressed(pilot, "L")


async def test_the_log_of_nothing_and_of_an_engine_that_is_silent(opened: Open) -> None:
    """Sentences."""
    async with opened() as pilot:
        assert "Nothing was changed here yet" in await pressed(pilot, "L")
        assert "[1 stage]" in await pressed(pilot, "enter")
        assert "Nothing is staged" not in told(pilot)
        await pressed(pilot, "w")
        assert "Nothing is staged: change a value first" in told(pilot)
        await pressed(pilot, "p")
        assert "Nothing was written here yet" in told(pilot)


# --- pictures ---

TIERS = {
    "full": {},
    "common": {"glyphs": "common", "theme": "packdeck-console"},
    "ascii": {"glyphs": "ascii", "theme": "packdeck-ansi"},
}


async def _list(pilot: Pilot[None]) -> None:
    await pressed(pilot, *SAFETY)


async def _staged(pilot: Pilot[None]) -> None:
    await pressed(pilot, *THREE)


async def _edit(pilot: Pilot[None]) -> None:
    await pressed(pilot, *RELEASE, *"3700")


async def _review(pilot: Pilot[None]) -> None:
    await pressed(pilot, *THREE, "w")


async def _progress(pilot: Pilot[None]) -> None:
    await pressed(pilot, *THREE, *WRITE)
    feed = feed_of(pilot)
    plan = feed.bench.plan
    states = (StepState.WRITTEN, StepState.SENT, StepState.WAITING)
    steps = tuple(replace(s, state=state) for s, state in zip(plan.steps, states, strict=True))
    await pressed(pilot, "escape")
    feed.over = Desk("left", replace(plan, id="left-9", state=PlanState.WRITING, steps=steps))
    feed.asked.append(Reconnect("left"))  # something new to look at
    await settled(pilot)


async def _rollback(pilot: Pilot[None]) -> None:
    feed_of(pilot).bench.device.faults.writes.clamp[0x26] = b"\x09\x00"  # type: ignore[union-attr]
    await pressed(pilot, *THREE, *WRITE)


async def _interrupted(pilot: Pilot[None]) -> None:
    bench = feed_of(pilot).bench
    bench.after = lambda count: bench.unplug() if count == 2 else None
    await pressed(pilot, *THREE, *WRITE)
    bench.plug_in()


async def _adrift(pilot: Pilot[None]) -> None:
    await _progress(pilot)
    lose_engine(feed_of(pilot))


async def _log(pilot: Pilot[None]) -> None:
    await pressed(pilot, *THREE, *WRITE, "enter", "L")


async def _done(pilot: Pilot[None]) -> None:
    await pressed(pilot, *THREE, *WRITE)


async def _compare(pilot: Pilot[None]) -> None:
    await pressed(pilot, "c", "down", "down", "down", "enter", "enter")


async def _command(pilot: Pilot[None]) -> None:
    await pressed(pilot, "C", "enter", "down", "enter", *"left", "enter")


Step = Callable[[Pilot[None]], Awaitable[None]]
STATES: dict[str, Step] = {
    "list": _list,
    "staged": _staged,
    "edit": _edit,
    "review": _review,
    "progress": _progress,
    "done": _done,
    "rollback": _rollback,
    "interrupted": _interrupted,
    "adrift": _adrift,
    "log": _log,
    "compare": _compare,
    "command": _command,
}


@pytest.mark.parametrize("tier", list(TIERS))
@pytest.mark.parametrize("state", list(STATES))
async def test_pictures_of_states(opened: Open, state: str, tier: str, looks_the_same: LooksTheSame) -> None:
    """Every page at every size in three tiers of glyphs."""
    for size in SIZES if tier == "full" else SIZES[:3]:
        async with opened(size, **TIERS[tier]) as pilot:
            await STATES[state](pilot)
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"registers/{tier}/{state}/{size[0]}x{size[1]}")


@pytest.mark.parametrize(
    ("name", "keys", "options"),
    [
        ("kiosk", STAGED, {"kiosk": True}),
        ("kiosk-edit", (*RELEASE, *"35"), {"kiosk": True}),
        ("kiosk-name", ("slash", *"barcode", "enter", "enter"), {"kiosk": True}),
        ("kiosk-review", (*STAGED, "w"), {"kiosk": True}),
        ("kiosk-done", (*STAGED, *WRITE), {"kiosk": True}),
        ("kiosk-import", ("I",), {"kiosk": True}),
        ("kiosk-confirm", (*STAGED, "w", "enter"), {"kiosk": True}),
        ("light", STAGED, {"theme": "packdeck-light"}),
        ("red", STAGED, {"theme": "console-red"}),
        ("french", STAGED, {"settings": ScreenSettings(language="fr")}),
        ("french-review", (*STAGED, "w"), {"settings": ScreenSettings(language="fr")}),
        ("tinybms", SAFETY, {"family": "tinybms"}),
        ("tinybms-choice", (*SAFETY, "right", "end", "enter"), {"family": "tinybms"}),
        ("actions", ("a",), {}),
        ("hex", (*SAFETY, "x"), {}),
    ],
)
async def test_pictures_of_keys(
    opened: Open, name: str, keys: tuple[str, ...], options: dict[str, Any], looks_the_same: LooksTheSame
) -> None:
    """Sheets, languages, themes, the other family."""
    for size in SIZES[:3]:
        async with opened(size, **options) as pilot:
            await pressed(pilot, *keys)
            looks_the_same(picture(pilot.app), f"registers/{name}/{size[0]}x{size[1]}")
