"""What the Simulator place draws: bar, packs and lists of the newest answer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from textual.containers import Container, Vertical
from textual.widget import Widget

from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.simulation import (
    ActiveFault,
    SimulatedCell,
    SimulatedPack,
    SimulationRequest,
    SimulationState,
    Stage,
)
from tui.screens.screen import Look, Place
from tui.style.numbers import age_old
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.fault_table import FaultRow, FaultTable, fault_rows
from tui.widgets.no_simulation import NoSimulation
from tui.widgets.phase_bar import pace_of
from tui.widgets.sim_bar import VIEWS, SectionRule, SimBar, SimBarValue, TabsOf, ViewTabs, bar_rows
from tui.widgets.sim_list import ListValue, SimList
from tui.widgets.simulated_cells import SimulatedCells
from tui.widgets.simulated_pack import PacksValue, PackView, SimulatedPacks, fitting, packs_rows
from tui.widgets.simulation_events import EventsPanel, SimulationEvents

One = TypeVar("One")
OLD_S = 3.0  # an answer older than this says so
WIDE, TALL, SHORT = 150, 38, 29
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


class SimulatorPictures(Place):
    """Knows the newest answer and what a person chose, and makes values for the widgets of it."""

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.state: SimulationState | None = None
        self._why: tuple[str, ...] = ()
        self._is_none = False  # the engine simulates nothing
        self._answered_at_s = 0.0
        self._asking = False
        self._orders: list[Sequence[SimulationRequest]] = []  # the first is on its way, the others wait
        self._pack = ""
        self._at = dict.fromkeys(VIEWS, 0)
        self._tops = dict.fromkeys((*VIEWS, "panel"), 0)
        self._scales: dict[str, dict[Stage, float]] = {}

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
        """Why there is nothing to see: no simulation, one of another process, no answer, or not asked yet."""
        if self._is_none and any(track.simulated for track in look.fleet.tracks):
            return say("sim-elsewhere"), say("sim-elsewhere-do")
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

    @property
    def pack(self) -> SimulatedPack | None:
        """The chosen one."""
        return next((p for p in self.state.packs if p.name == self._pack), None) if self.state else None

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

    def show_view(self, view: str) -> None:
        """One of the lists."""
        self.set_class(False, f"-{self.view}")
        self.view = view
        self.set_class(True, f"-{view}")
        self._look_soon()
