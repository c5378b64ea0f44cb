"""The Simulator place around a real simulation: what is shown, what its keys ask for, what becomes of it."""

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screenshots.svg import picture
from tests import fleets, simulations
from tests.conftest import LooksTheSame
from tests.screens.show import last, settled
from tests.simulations import SimulationFeed
from tui.app import PackdeckApp
from tui.model.link import Cause
from tui.model.settings import ScreenSettings
from tui.model.simulation import (
    ClearFault,
    Connection,
    InjectFault,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    Stage,
)
from tui.screens.simulator import Simulator
from tui.simulator.simulation import Simulation
from tui.widgets.numbers_sheet import NumbersSheet

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
BY_SIZE = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")


def show(simulation: Simulation | None = None, nothing: bool = False, **options: Any) -> PackdeckApp:
    """The app on this place; `nothing`: an engine that simulates nothing."""
    fleet = fleets.live() if nothing else fleets.simulated()
    feed = SimulationFeed(None if nothing else simulation or simulations.demo(), fleet)
    settings = options.pop("settings", ScreenSettings(language="en"))
    wall = lambda: fleets.WALL_S  # noqa: E731
    start = options.pop("start", "simulator")
    return PackdeckApp(feed, settings=settings, clock=feed.clock, wall=wall, start=start, **options)


def feed_of(pilot: Pilot[None]) -> SimulationFeed:
    """The feed behind it."""
    feed = pilot.app.feed  # type: ignore[attr-defined]
    assert isinstance(feed, SimulationFeed)
    return feed


def simulation_of(pilot: Pilot[None]) -> Simulation:
    """The simulation behind that."""
    simulation = feed_of(pilot).simulation
    assert simulation is not None
    return simulation


async def pressed(pilot: Pilot[None], *keys: str) -> str:
    """The screen after keys, one after the other, with their answers."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return await settled(pilot)


async def passed(pilot: Pilot[None], seconds: float) -> str:
    """The screen after the simulation has lived so long and was asked again."""
    simulation = simulation_of(pilot)
    at_s = simulation._at_s or 0.0
    while seconds > 0:
        at_s += min(seconds, 30.0)
        simulation.live(at_s)
        seconds -= 30.0
    app: Any = pilot.app
    app.phase_toasts.ask()
    if isinstance(app.place, Simulator):
        app.place.ask()
    return await settled(pilot)


def told(pilot: Pilot[None]) -> str:
    """All notifications."""
    return " ".join(one.message for one in pilot.app._notifications)


def line_of(text: str, words: str) -> str:
    """The first row with these words."""
    return next(line for line in text.splitlines() if words in line)


# --- what is shown ---


@BY_SIZE
async def test_mode_speed_profile_packs_and_the_cycle(size: tuple[int, int]) -> None:
    """S1-15, S1-79, X-1: phase, time left and scale of the stage at every size."""
    async with show().run_test(size=size) as pilot:
        text = await settled(pilot)
        for words in (
            "1×",
            "[realistic]",
            "lfp",
            "separate",
            "Charge CC",
            "1:05 left",
            "time ×102",
            "+25.0 A",
        ):
            assert words in text, words
        assert "[ Faults ]" in text and "cell short" in text


async def test_the_bar_moves_and_scales_are_remembered() -> None:
    """S1-15 to S1-20, X-1: the scale of each stage that was seen stays under its part of the bar."""
    async with show().run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "--      ×102" in text and "1:05 left" in text
        assert "0:35 left" in await passed(pilot, 30.0)
        text = await passed(pilot, 50.0)
        assert "Balancing · 0:45 left" in text
        assert "×102" in text and "×168" in text, "of the charge, and of what is balanced now"


async def test_mode_test_has_no_cycle() -> None:
    """S1-26."""
    async with show(simulations.demo(mode=Mode.TEST)).run_test(size=(80, 24)) as pilot:
        text = await settled(pilot)
        assert "fixed values" in text and "[test]" in text


async def test_cells_from_inside() -> None:
    """S1-2, S1-79: what no wire tells: capacity, resistance, leak of each."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v")
        assert "LEAK mA" in text and "R mΩ" in text
        cell = simulation_of(pilot).packs["left"].cells[0]
        assert f"{cell.capacity_ah:.2f}" in line_of(text, ">01") and f"{cell.soc_pct:.2f}" in line_of(
            text, ">01"
        )


async def test_events_are_listed() -> None:
    """S1-22: newest first, with the pack; beside the faults where there is room."""
    async with show(simulations.troubled()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "v")
        assert "Fault begins: open sense wire 12" in text and "WHAT HAPPENED" in text
    async with show(simulations.troubled()).run_test(size=(160, 45)) as pilot:
        text = await settled(pilot)
        assert "Fault begins: lost answers" in text and "cell short" in text and "LEAK mA" in text


@BY_SIZE
async def test_nothing_simulated_says_how_to_start(size: tuple[int, int]) -> None:
    """S1-79: a sentence and the commands; the keys do no harm."""
    async with show(nothing=True).run_test(size=size) as pilot:
        text = await settled(pilot)
        assert "Nothing is simulated here" in text
        assert "packdeck demo" in text and "packdeck simulate" in text
        await pressed(pilot, "plus", "m", "n", "p", "f", "d", "D", "enter", "c", "]", "v", "down", "tab")
        assert not feed_of(pilot).asked and "Nothing is simulated" in await settled(pilot)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "by another process"), ("fr", "par un autre processus")]
)
@pytest.mark.parametrize("size", [(40, 24), (80, 24)])
async def test_batteries_of_another_simulation(size: tuple[int, int], language: str, words: str) -> None:
    """S1-79: not called real ones; the command that changes them is named."""
    feed = SimulationFeed(None, fleets.simulated())
    settings = ScreenSettings(language=language)
    app = PackdeckApp(
        feed, settings=settings, clock=feed.clock, wall=lambda: fleets.WALL_S, start="simulator"
    )
    async with app.run_test(size=size) as pilot:
        text = " ".join((await settled(pilot)).split())
        assert words in text and "packdeck sim" in text
        assert "real batteries" not in text and "vraies batteries" not in text


async def test_f3_goes_there_and_is_named_where_packs_are_simulated() -> None:
    """S1-79: in the key bar with a simulation, by key always."""
    async with show(start="tracks").run_test(size=(200, 60)) as pilot:
        assert "F3 Simulator" in await settled(pilot)
        assert "SPEED" in await pressed(pilot, "f3")
    async with show(nothing=True, start="tracks").run_test(size=(200, 60)) as pilot:
        assert "F3" not in await settled(pilot)
        assert "Nothing is simulated" in await pressed(pilot, "f3")


async def test_an_engine_that_is_silent_leaves_the_last_state_with_its_age() -> None:
    """Nothing old passes as new."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).refusal = Cause("engine-silent")
        feed_of(pilot).now += 12
        text = await passed(pilot, 1.0)
        assert "12 s old" in text and "1:05 left" in text
        feed_of(pilot).refusal = None
        assert "old" not in await passed(pilot, 1.0)


# --- what keys do ---


async def test_speed() -> None:
    """S1-29, CL-31: - and +, from 0.1× to 1000×; each acts at once."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert " 2× " in await pressed(pilot, "plus") and simulation_of(pilot).speed == 2.0
        assert "0.5× " in await pressed(pilot, "minus", "minus")
        await pressed(pilot, *["minus"] * 5)
        assert simulation_of(pilot).speed == 0.1
        feed_of(pilot).asked.clear()
        await pilot.press(*["plus"] * 20)  # quicker than the answers
        assert "1000× " in await settled(pilot) and simulation_of(pilot).speed == 1000.0
        speeds = [one.speed or 0.0 for one in feed_of(pilot).asked if isinstance(one, SetSimulation)]
        assert speeds == sorted(speeds) and len(speeds) > 10  # as they were pressed, none lost


async def test_modes() -> None:
    """S1-25 to S1-27: realistic, test, demo, and round again."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "[test]" in await pressed(pilot, "m")
        assert "[demo]" in await pressed(pilot, "m") and simulation_of(pilot).mode is Mode.DEMO
        assert "[realistic]" in await pressed(pilot, "m")


async def test_a_toast_when_the_phase_changes_in_mode_demo() -> None:
    """S1-27: also while another place is on show; not in the other modes."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await passed(pilot, 70.0)
        assert "Balancing" not in told(pilot)
        await pressed(pilot, "m", "m", "1")
        await passed(pilot, 15.0)
        assert "left: Discharge" in told(pilot)
        simulation_of(pilot).ask(SetSimulation(speed=100.0))
        before = told(pilot)
        await passed(pilot, 1.0)
        assert told(pilot) == before, "phases of less than a second are no news"


async def test_a_toast_comes_without_this_place_ever_shown() -> None:
    """S1-69: the phase is told wherever somebody looks, from the start."""
    async with show(simulations.demo(mode=Mode.DEMO), start="overview").run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await passed(pilot, 1.0)
        assert told(pilot) == ""
        await passed(pilot, 80.0)
        assert "left: " in told(pilot)


async def test_the_next_phase_of_one_pack_and_of_all() -> None:
    """S1-15: go there now."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pressed(pilot, "n")
        assert feed_of(pilot).asked == [SetSimulation(stage=Stage.BALANCE, pack="left")]
        await pressed(pilot, "tab", "N")
        assert last(feed_of(pilot).asked, SetSimulation) == SetSimulation(stage=Stage.IDLE)


async def test_packs_in_series_or_parallel_more_or_fewer() -> None:
    """S1-77, S1-81: packs that have a wire are never taken away."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        assert "in parallel" in await pressed(pilot, "c")
        assert "in series" in await pressed(pilot, "c")
        assert feed_of(pilot).asked == [
            SetSimulation(connection=Connection.PARALLEL),
            SetSimulation(connection=Connection.SERIES),
        ]
        text = await pressed(pilot, "]")
        assert "[-] 3 [+]" in text and "PACK-3" in text
        assert "no wire of its own" in await pressed(pilot, "tab", "tab")
        await pressed(pilot, "[")
        await pressed(pilot, "[")
        assert len(simulation_of(pilot).packs) == 2 and "none is taken away" in told(pilot)


async def test_a_profile_for_all_or_for_one() -> None:
    """S1-75: chosen from a list; other chemistry, other cells."""
    async with show().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "p")
        assert "Battery profile" in text and "lfp   in use" in text and "nmc" in text
        text = await pressed(pilot, "down", "o")
        assert "10S LTO" in text and "4S LFP" in text
        text = await pressed(pilot, "p", "enter")
        assert text.count("16S LFP") == 2


async def test_a_fault_begins_as_usual_and_ends() -> None:
    """S1-78: f and d; the row says that it acts."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "f")
        assert "acts" in line_of(text, ">cell short") and "[ Faults 1 ]" in text
        await pressed(pilot, "f")
        assert "acts already" in told(pilot)
        text = await pressed(pilot, "d")
        assert "acts" not in line_of(text, ">cell short") and "1 fault" not in text
        assert feed_of(pilot).asked == [
            InjectFault("cell-short", "left"),
            ClearFault("cell-short", "left", 1),
        ]


async def test_a_fault_with_its_cell_amount_and_time() -> None:
    """S1-78: typed into a sheet; nothing that cannot be leaves it."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Cell" in await pressed(pilot, "enter")
        text = await pressed(pilot, "7", "7", "enter")
        assert "outside 1 to 16" in text and isinstance(pilot.app.screen, NumbersSheet)
        await pressed(pilot, "backspace", "down", "5", "down", "3", "0")
        text = await pressed(pilot, "enter")
        assert feed_of(pilot).asked == [InjectFault("cell-short", "left", 7, 5.0, 30.0)]
        row = line_of(text, ">cell short")
        assert "cell 7" in row and "5 mΩ" in row and "0:30" in row


async def test_a_weak_cell_is_typed_in_percent() -> None:
    """The number on the screen, not the one of the simulation."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, *["down"] * 5, "enter", "down", "8", "0", "enter")
        assert feed_of(pilot).asked == [InjectFault("weak-cell", "left", 1, 0.8, None)]


async def test_all_faults_of_all_packs_end_at_once() -> None:
    """S1-78."""
    async with show(simulations.troubled()).run_test(size=(80, 24)) as pilot:
        assert "1 in other packs" in await settled(pilot)
        text = await pressed(pilot, "D")
        assert "acts" not in text and "other packs" not in text
        assert feed_of(pilot).asked == [ClearFault()]


async def test_a_cell_is_changed_from_inside() -> None:
    """S1-79: only what is different is asked for."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await pressed(pilot, "v", "down", "down", "enter")
        assert "Cell 03: left" in text
        await pressed(pilot, *"55", "enter")
        assert feed_of(pilot).asked == [SetSimulatedCell("left", 3, soc_pct=55.0)]
        assert simulation_of(pilot).packs["left"].cells[2].soc_pct == 55.0
        await pressed(pilot, "enter", "enter")
        assert len(feed_of(pilot).asked) == 1, "nothing was changed, nothing is asked"


async def test_a_refusal_is_a_sentence() -> None:
    """The cause and what to do."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        feed_of(pilot).refusal = Cause("sim-speed", (("said", "2"), ("low", "0.1"), ("high", "1")))
        await pressed(pilot, "plus")
        assert "cannot run at 2 times the clock" in told(pilot)


async def test_pausing_holds_the_picture() -> None:
    """Space: the simulation goes on, this screen stands still."""
    async with show().run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pressed(pilot, "space")
        assert "1:05 left" in await passed(pilot, 20.0)
        await pressed(pilot, "space")
        assert "0:45 left" in await passed(pilot, 0.0)


async def test_everything_can_be_tapped() -> None:
    """S1-79: the bar, packs, tabs, rows, and large buttons of the kiosk."""
    async with show(kiosk=True).run_test(size=(100, 30)) as pilot:
        text = await settled(pilot)
        await pilot.click("SimBar", offset=(line_of(text, "SPEED").index("[+]") + 1, 0))
        await settled(pilot)
        await pilot.click("SimBar", offset=(line_of(text, "SPEED").index("demo") + 1, 0))
        await settled(pilot)
        assert feed_of(pilot).asked == [SetSimulation(speed=2.0), SetSimulation(mode=Mode.DEMO)]
        await pilot.click("SimulatedPacks", offset=(80, 2))
        assert ">RIGHT" in await settled(pilot)
        await pilot.click("FaultTable", offset=(5, 3))
        await pilot.click("FaultTable", offset=(5, 3))
        assert "open sense wire: right" in await settled(pilot)
        await pressed(pilot, "escape")
        buttons = pilot.app.screen.query_one("#body > Buttons")
        await pilot.click(buttons, offset=(buttons.size.width - 4, 1))
        await settled(pilot)
        assert last(feed_of(pilot).asked, SetSimulation) == SetSimulation(speed=5.0)
        await pilot.click("ViewTabs", offset=(14, 0))
        assert "LEAK mA" in await settled(pilot)


# --- pictures ---


@pytest.mark.parametrize(
    ("name", "keys", "options"),
    [
        ("full", [], {}),
        ("common", [], {"glyphs": "common", "theme": "packdeck-console"}),
        ("ascii", [], {"glyphs": "ascii", "theme": "packdeck-ansi"}),
        ("light", [], {"theme": "packdeck-light"}),
        ("french", [], {"settings": ScreenSettings(language="fr")}),
        ("cells", ["v", "down"], {}),
        ("sheet", ["enter"], {}),
        ("profile", ["p"], {}),
        ("kiosk", [], {"kiosk": True}),
        ("nothing", [], {"nothing": True}),
    ],
)
async def test_pictures(
    name: str, keys: list[str], options: dict[str, Any], looks_the_same: LooksTheSame
) -> None:
    """Every size in every tier; views, sheets, languages."""
    for size in SIZES if name in ("full", "common", "ascii") else SIZES[:3]:
        async with show(simulations.troubled(), **options).run_test(size=size) as pilot:
            pilot.app.cursor_blink = False  # type: ignore[attr-defined]
            await settled(pilot)
            await pressed(pilot, *keys)
            for field in pilot.app.screen.query(Input):
                field.cursor_blink = False
            await settled(pilot)
            looks_the_same(picture(pilot.app), f"simulator/{name}/{size[0]}x{size[1]}")
