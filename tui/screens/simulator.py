"""Simulator (F3): what is simulated, from inside; every change acts at once."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.screens.simulator_orders import SimulatorOrders
from tui.screens.simulator_pictures import BUTTONS
from tui.widgets.confirm import Buttons
from tui.widgets.sim_bar import BarTapped
from tui.widgets.sim_list import RowTapped
from tui.widgets.simulated_pack import PackChosen


class Simulator(SimulatorOrders):
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

    # --- moving ---

    def choose_tab(self, name: str) -> None:
        """That pack."""
        self._pack = name
        self.look_again()

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

    def action_show_view(self, view: str) -> None:
        """A tap on a tab."""
        self.show_view(view)

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
