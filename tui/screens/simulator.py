"""Simulator (F3): what is simulated, from inside; every change acts at once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.requests import Answer
from tui.model.simulation import (
    ActiveFault,
    ClearFault,
    Connection,
    InjectFault,
    LookAtSimulation,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    SimulatedCell,
    SimulatedPack,
    SimulationRequest,
    SimulationState,
    Stage,
)
from tui.screens.asking import ask, why_not
from tui.screens.screen import Look, Place
from tui.screens.simulator_sheets import cell_sheet, changed_cell, fault_sheet, injected
from tui.style.numbers import age_old
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.fault_table import FaultRow, FaultTable, fault_rows
from tui.widgets.no_simulation import NoSimulation
from tui.widgets.numbers_sheet import NumbersSheet
from tui.widgets.phase_bar import PHASES, pace_of
from tui.widgets.profile_sheet import ProfileSheet
from tui.widgets.sim_bar import (
    VIEWS,
    BarTapped,
    SectionRule,
    SimBar,
    SimBarValue,
    TabsOf,
    ViewTabs,
    bar_rows,
    next_speed,
)
from tui.widgets.sim_list import ListValue, RowTapped, SimList
from tui.widgets.simulated_cells import SimulatedCells
from tui.widgets.simulated_pack import PackChosen, PacksValue, PackView, SimulatedPacks, fitting, packs_rows
from tui.widgets.simulation_events import EventsPanel, SimulationEvents
from tui.widgets.simulation_words import fault_words, stage_words
from tui.widgets.status_band import track_words

One = TypeVar("One")
ASK_EVERY_S = 0.5
OLD_S = 3.0  # an answer older than this says so
TOAST_S = 4.0  # how long a toast stands; a shorter phase has none
WIDE, TALL, SHORT = 150, 38, 29
NOTHING = "sim-none"  # the cause of an engine that simulates nothing
BUTTONS = {
    "faults": (
        "sim-button-view",
        "sim-button-up",
        "sim-button-down",
        "sim-button-begin",
        "sim-button-clear",
        "sim-button-slower",
        "sim-button-faster",
    ),
    "cells": (
        "sim-button-view",
        "sim-button-up",
        "sim-button-down",
        "sim-button-change",
        "sim-button-next",
        "sim-button-slower",
        "sim-button-faster",
    ),
    "events": (
        "sim-button-view",
        "sim-button-up",
        "sim-button-down",
        "sim-button-mode",
        "sim-button-next",
        "sim-button-slower",
        "sim-button-faster",
    ),
}
HINTS = {
    "faults": (
        "open",
        "begin",
        "end",
        "end-all",
        "speed",
        "mode",
        "next",
        "profile",
        "connect",
        "count",
        "view",
    ),
    "cells": ("cell", "speed", "mode", "next", "profile", "connect", "count", "view"),
    "events": ("speed", "mode", "next", "profile", "connect", "count", "view"),
}


class Simulator(Place):
    """The bar, the packs with their cycles, and a list: faults, cells or events."""

    NAME: ClassVar[str] = "simulator"
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    Simulator #sim-all { height: 1fr; }
    Simulator NoSimulation { display: none; height: 1fr; }
    Simulator.-none #sim-all, Simulator.-none > #body > Buttons { display: none; }
    Simulator.-none NoSimulation { display: block; }
    Simulator #sim-area { height: 1fr; layout: horizontal; }
    Simulator #sim-lists { width: 1fr; }
    Simulator #sim-lists > SimList { display: none; }
    Simulator.-faults #sim-lists > FaultTable, Simulator.-cells #sim-lists > SimulatedCells,
    Simulator.-events #sim-lists > SimulationEvents { display: block; }
    Simulator #sim-rule { display: none; }
    Simulator.-roomy #sim-lists > FaultTable, Simulator.-roomy #sim-rule { display: block; }
    Simulator.-roomy #sim-lists > SimulatedCells { display: block; height: 1fr; }
    Simulator EventsPanel { display: none; width: 60; }
    Simulator.-w-xl EventsPanel { display: block; }
    Simulator > #body > Buttons { display: none; height: 3; }
    .-kiosk Simulator.-h-m > #body > Buttons, .-kiosk Simulator.-h-l > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right,l", "next_pack(1)", show=False, id="simulator.pack"),
        Binding("shift+tab,left,h", "next_pack(-1)", show=False, id="simulator.pack-back"),
        Binding("down,j", "move(1)", show=False, id="simulator.down"),
        Binding("up,k", "move(-1)", show=False, id="simulator.up"),
        Binding("pagedown", "page(1)", show=False, id="simulator.page-down"),
        Binding("pageup", "page(-1)", show=False, id="simulator.page-up"),
        Binding("home", "move(-999)", show=False, id="simulator.first"),
        Binding("end", "move(999)", show=False, id="simulator.last"),
        Binding("v", "next_view(1)", show=False, id="simulator.view"),
        Binding("V", "next_view(-1)", show=False, id="simulator.view-back"),
        Binding("plus,equals_sign", "faster(1)", show=False, id="simulator.faster"),
        Binding("minus,underscore", "faster(-1)", show=False, id="simulator.slower"),
        Binding("m", "next_mode", show=False, id="simulator.mode"),
        Binding("n", "next_stage", show=False, id="simulator.stage"),
        Binding("N", "next_stage(True)", show=False, id="simulator.stage-all"),
        Binding("p", "choose_profile", show=False, id="simulator.profile"),
        Binding("c", "connect", show=False, id="simulator.connect"),
        Binding("left_square_bracket", "count(-1)", show=False, id="simulator.fewer"),
        Binding("right_square_bracket", "count(1)", show=False, id="simulator.more"),
        Binding("enter", "open_row", show=False, id="simulator.open"),
        Binding("f", "begin", show=False, id="simulator.begin"),
        Binding("d,delete", "end_fault", show=False, id="simulator.end"),
        Binding("D", "end_all", show=False, id="simulator.end-all"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.state: SimulationState | None = None
        self._why: tuple[str, ...] = ()
        self._is_none = False  # the engine simulates nothing
        self._answered_at_s = 0.0
        self._asking = False
        self._pack = ""
        self._at = dict.fromkeys(VIEWS, 0)
        self._tops = dict.fromkeys((*VIEWS, "panel"), 0)
        self._scales: dict[str, dict[Stage, float]] = {}
        self._stages: dict[str, Stage] = {}

    # --- the picture ---

    def body(self, look: Look) -> Iterable[Widget]:
        """Every list; the classes of the place show one."""
        self.set_class(True, f"-{self.view}")
        self.set_class(self.state is None, "-none")
        yield NoSimulation(self._no(look))
        with Vertical(id="sim-all"):
            yield SimBar()
            yield SimulatedPacks()
            with Container(id="sim-area"):
                with Vertical(id="sim-lists"):
                    yield ViewTabs()
                    yield FaultTable()
                    yield SectionRule("sim-view-cells", id="sim-rule")
                    yield SimulatedCells()
                    yield SimulationEvents()
                yield EventsPanel()
        yield Buttons(self._buttons())

    def on_mount(self) -> None:
        """Ask now and then."""
        self.set_interval(ASK_EVERY_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

    def cards_fit(self, look: Look) -> bool:
        """Tabs choose a pack where not all are on show."""
        count = len(self.state.packs) if self.state else 0
        return count < 2 or fitting(count, self.app.size.width) >= count

    def tab_names(self, fleet: Fleet) -> tuple[str, ...]:
        """The packs."""
        return tuple(pack.name for pack in self.state.packs) if self.state else ()

    @property
    def shown(self) -> str:
        """The pack on show."""
        return self._pack

    def choose_tab(self, name: str) -> None:
        """That pack."""
        self._pack = name
        self.look_again()

    def draw(self, look: Look) -> None:
        """The newest answer, as seen now."""
        state = self.state
        self.set_class(state is None, "-none")
        self.query_one("#body > Buttons", Buttons).show(self._buttons())
        if state is None:
            self.query_one(NoSimulation).show(self._no(look))
            return
        cells = self.app.size.width
        bar, packs = self.query_one(SimBar), self.query_one(SimulatedPacks)
        head = SimBarValue(state, age_old(self._age_s()) if self._is_old else "")
        bar.styles.height = len(bar_rows(head, cells))
        bar.show(head)
        value = self._packs(state)
        packs.styles.height = len(packs_rows(value, cells, packs.glyphs))
        packs.show(value)
        self.query_one(ViewTabs).show(self._tabs(state))
        self._draw_lists(state)

    def _draw_lists(self, state: SimulationState) -> None:
        events = ListValue(state.events, 0, self._tops["events"], say("sim-no-events"), self._is_old)
        faults = self._listed("faults", self.fault_rows())
        roomy = self._is_roomy
        self.set_class(roomy, "-roomy")
        self.query_one(FaultTable).styles.height = len(faults.rows) + 1 if roomy else "1fr"
        self._show_list("faults", self.query_one(FaultTable), faults)
        cells = self._listed("cells", self.pack.cells if self.pack else ())
        self._show_list("cells", self.query_one(SimulatedCells), cells)
        self._show_list("events", self.query_one("#sim-lists > SimulationEvents", SimulationEvents), events)
        self.query_one(EventsPanel).show(replace(events, top=0))

    def _show_list(self, view: str, table: SimList[One], value: ListValue[One]) -> None:
        self._tops[view] = table.first_shown(value, max(1, table.size.height - 1))
        table.show(replace(value, top=self._tops[view]))

    def _listed(self, view: str, rows: tuple[One, ...]) -> ListValue[One]:
        """The list with the cursor, or without one where it only stands beside that."""
        self._at[view] = max(0, min(self._at[view], len(rows) - 1))
        at = self._at[view] if view == self.view else -1
        return ListValue(rows, at, self._tops[view], "", self._is_old)

    @property
    def _is_roomy(self) -> bool:
        """Faults and cells at once."""
        return self.app.size.width >= WIDE and self.app.size.height >= TALL

    def fault_rows(self) -> tuple[FaultRow, ...]:
        """Of the chosen pack."""
        return fault_rows(self.state.faults, self._pack) if self.state else ()

    def _packs(self, state: SimulationState) -> PacksValue:
        views = tuple(
            PackView(pack, tuple(self._scales.get(pack.name, {}).items()), len(self._faults_of(pack.name)))
            for pack in state.packs
        )
        names = [pack.name for pack in state.packs]
        at = names.index(self._pack) if self._pack in names else 0
        return PacksValue(views, at, pace_of(state), self._is_old, self.app.size.height < SHORT)

    def _faults_of(self, pack: str) -> list[ActiveFault]:
        return [fault for fault in self.state.faults if fault.pack == pack] if self.state else []

    def _tabs(self, state: SimulationState) -> TabsOf:
        here = len(self._faults_of(self._pack))
        return TabsOf(self.views, self.view, here, len(state.faults) - here)

    @property
    def views(self) -> tuple[str, ...]:
        """The events stand beside the others where there is room."""
        return VIEWS[:2] if self.app.size.width >= WIDE else VIEWS

    def _age_s(self) -> float:
        return max(0.0, self.packdeck.clock_s() - self._answered_at_s)

    @property
    def _is_old(self) -> bool:
        return bool(self._why) and self._age_s() > OLD_S

    def _no(self, look: Look) -> tuple[str, ...]:
        """Why there is nothing to see: no simulation, no answer, or not asked yet."""
        return () if self._is_none else self._why or (say("sim-waiting"),)

    def _buttons(self) -> ButtonsValue:
        return ButtonsValue(BUTTONS[self.view], at=-1)

    def hint(self, look: Look) -> str:
        """The keys of the view on show."""
        if self.state is None:
            return say("sim-hint-none")
        several = len(self.state.packs) > 1
        words = [word for word in HINTS[self.view] if several or word != "connect"]
        return " · ".join(say(f"sim-hint-{word}") for word in words)

    # --- asking ---

    def ask(self, *requests: SimulationRequest) -> None:
        """Ask how it is, or for changes. Away from this place only where a change of phase is to be told."""
        is_demo = self.state is not None and self.state.mode is Mode.DEMO
        is_here = self.packdeck.place is self
        if not requests and (self._asking or not (is_here or is_demo) or self._is_still(is_here)):
            return
        self._asking = self._asking or not requests
        wanted = requests or (LookAtSimulation(),)
        ask(self, self.packdeck.feed, wanted, lambda answers: self._answered(wanted, answers))

    def _is_still(self, is_here: bool) -> bool:
        return is_here and self.state is not None and self.packdeck.take_look().paused

    def _answered(self, requests: tuple[SimulationRequest, ...], answers: list[Answer]) -> None:
        """A refused change is told; a look without answer keeps what is known, which grows old."""
        for request, answer in zip(requests, answers, strict=True):
            if isinstance(request, LookAtSimulation):
                self._asking = False
            elif not answer.ok:
                self.app.notify(" ".join(why_not(answer)), severity="warning", markup=False)
            if answer.simulation is not None:
                self._take(answer.simulation)
            elif isinstance(request, LookAtSimulation):
                self._why = why_not(answer)
                self._is_none = answer.cause is not None and answer.cause.key == NOTHING
                if self._is_none:
                    self.state = None
        if self.packdeck.place is self:
            self.look_again()

    def _take(self, state: SimulationState) -> None:
        self.state, self._why, self._is_none = state, (), False
        self._answered_at_s = self.packdeck.clock_s()
        names = [pack.name for pack in state.packs]
        if self._pack not in names:
            self._pack = names[0] if names else ""
        if self.view not in self.views:
            self.show_view(VIEWS[0])
        for pack in state.packs:
            if pack.left_s is not None:
                self._scales.setdefault(pack.name, {})[pack.stage] = pack.time_scale
            self._tell_stage(state, pack)
        self._stages = {pack.name: pack.stage for pack in state.packs}

    def _tell_stage(self, state: SimulationState, pack: SimulatedPack) -> None:
        """A toast when the phase changes, in mode demo."""
        before = self._stages.get(pack.name)
        is_long = pack.left_s is not None and pack.left_s >= TOAST_S  # at high speed they would only flood
        if state.mode is Mode.DEMO and before not in (None, pack.stage) and is_long:
            words = say("sim-toast-stage", pack=track_words(pack.name), stage=stage_words(pack.stage))
            self.app.notify(words, markup=False, timeout=TOAST_S)

    @property
    def pack(self) -> SimulatedPack | None:
        """The chosen one."""
        return next((p for p in self.state.packs if p.name == self._pack), None) if self.state else None

    # --- moving ---

    def action_next_pack(self, step: int) -> None:
        """Another pack."""
        names = [pack.name for pack in self.state.packs] if self.state else []
        if names:
            at = names.index(self._pack) if self._pack in names else 0
            self.choose_tab(names[(at + step) % len(names)])

    def on_pack_chosen(self, message: PackChosen) -> None:
        """A tap on a pack."""
        self.choose_tab(message.name)

    def action_move(self, step: int) -> None:
        """Another row; events scroll."""
        if self.view == "events":
            most = max(0, len(self.state.events) - 1 if self.state else 0)
            self._tops["events"] = max(0, min(self._tops["events"] + step, most))
        self._at[self.view] += step
        self._at[self.view] = max(0, self._at[self.view])
        self.look_again()

    def action_page(self, step: int) -> None:
        """A screenful further."""
        self.action_move(step * max(1, self.query_one("#sim-lists").size.height - 3))

    def on_row_tapped(self, message: RowTapped) -> None:
        """A tap chooses, a second one opens."""
        if message.index == self._at[self.view]:
            self.action_open_row()
        else:
            self._at[self.view] = message.index
            self.look_again()

    def action_next_view(self, step: int) -> None:
        """Faults, cells, events."""
        at = self.views.index(self.view) if self.view in self.views else 0
        self.show_view(self.views[(at + step) % len(self.views)])

    def show_view(self, view: str) -> None:
        """One of the lists."""
        self.set_class(False, f"-{self.view}")
        self.view = view
        self.set_class(True, f"-{view}")
        self._look_soon()

    def action_show_view(self, view: str) -> None:
        """A tap on a tab."""
        self.show_view(view)

    # --- changing ---

    def action_faster(self, step: int) -> None:
        """The next speed."""
        if self.state is not None:
            speed = next_speed(self.state.speed, step)
            if speed != self.state.speed:
                self.state = replace(self.state, speed=speed)  # so that two quick presses are two steps
                self.ask(SetSimulation(speed=speed))

    def action_next_mode(self) -> None:
        """Realistic, test, demo."""
        if self.state is not None:
            modes = list(Mode)
            self.action_set_mode(modes[(modes.index(self.state.mode) + 1) % len(modes)])

    def action_set_mode(self, mode: str) -> None:
        """That mode."""
        self.ask(SetSimulation(mode=Mode(mode)))

    def action_next_stage(self, all_packs: bool = False) -> None:
        """The next part of the cycle, now."""
        pack = self.pack
        if pack is not None:
            order = [stage for stage, _ in PHASES]
            at = order.index(pack.stage) if pack.stage in order else -1
            self.ask(SetSimulation(stage=order[(at + 1) % len(order)], pack="" if all_packs else pack.name))

    def action_choose_profile(self) -> None:
        """Another kind of battery."""
        state = self.state
        if state is None or isinstance(self.app.screen, ProfileSheet):
            return
        pack = self._pack if len(state.packs) > 1 else ""

        def take(chosen: tuple[str, bool] | None) -> None:
            if chosen is not None:
                self.ask(SetSimulation(profile=chosen[0], pack=pack if chosen[1] else ""))

        self.app.push_screen(ProfileSheet(state.profiles, state.profile, track_words(pack)), take)

    def action_connect(self) -> None:
        """Separate, in parallel, in series."""
        if self.state is not None:
            ways = list(Connection)
            self.ask(SetSimulation(connection=ways[(ways.index(self.state.connection) + 1) % len(ways)]))

    def action_count(self, step: int) -> None:
        """One pack more or fewer; those with a wire stay."""
        state = self.state
        if state is None:
            return
        if step < 0 and not any(not pack.wires for pack in state.packs):
            self.app.notify(say("sim-all-wired"), markup=False)
            return
        self.ask(SetSimulation(packs=len(state.packs) + step))

    # --- faults and cells ---

    @property
    def fault(self) -> FaultRow | None:
        """The fault under the cursor."""
        rows = self.fault_rows() if self.view == "faults" else ()
        return rows[min(self._at["faults"], len(rows) - 1)] if rows else None

    @property
    def cell(self) -> SimulatedCell | None:
        """The cell under the cursor."""
        cells = self.pack.cells if self.pack and self.view == "cells" else ()
        return cells[min(self._at["cells"], len(cells) - 1)] if cells else None

    def action_open_row(self) -> None:
        """The sheet of the chosen fault or cell."""
        pack, fault, cell = self.pack, self.fault, self.cell
        if pack is None or isinstance(self.app.screen, NumbersSheet):
            return
        if fault is not None:
            self.app.push_screen(
                fault_sheet(fault, pack),
                lambda said: self.ask(injected(fault, pack, said)) if said is not None else None,
            )
        elif cell is not None:
            self.app.push_screen(
                cell_sheet(cell, pack), lambda said: self._change_cell(changed_cell(cell, pack, said))
            )

    def _change_cell(self, request: SetSimulatedCell | None) -> None:
        if request is not None:
            self.ask(request)

    def action_begin(self) -> None:
        """The chosen fault, as usual: the first cell, the usual amount, until somebody ends it."""
        fault = self.fault
        if fault is not None and fault.acts:
            self.app.notify(say("sim-acts-already", fault=fault_words(fault.kind)), markup=False)
        elif fault is not None:
            self.ask(InjectFault(fault.kind, self._pack))

    def action_end_fault(self) -> None:
        """The chosen one."""
        fault = self.fault
        if fault is not None and fault.acts:
            self.ask(ClearFault(fault.kind, self._pack, fault.where))

    def action_end_all(self) -> None:
        """Every fault of every pack."""
        if self.state is not None and self.state.faults:
            self.ask(ClearFault())

    # --- fingers ---

    async def on_bar_tapped(self, message: BarTapped) -> None:
        """A part of the bar, or a tab."""
        await self.run_action(message.action)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons of the kiosk."""
        actions: dict[str, Callable[[], None]] = {
            "view": lambda: self.action_next_view(1),
            "up": lambda: self.action_move(-1),
            "down": lambda: self.action_move(1),
            "begin": self.action_open_row,
            "change": self.action_open_row,
            "clear": self.action_end_fault,
            "mode": self.action_next_mode,
            "next": self.action_next_stage,
            "slower": lambda: self.action_faster(-1),
            "faster": lambda: self.action_faster(1),
        }
        names = BUTTONS[self.view]
        if message.index < len(names):
            actions[names[message.index].removeprefix("sim-button-")]()
