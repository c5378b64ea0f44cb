"""What the Simulator place asks of the engine: how it is, and every change."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tui.locale import say
from tui.model.requests import Answer
from tui.model.simulation import (
    ClearFault,
    Connection,
    InjectFault,
    LookAtSimulation,
    Mode,
    SetSimulatedCell,
    SetSimulation,
    SimulationRequest,
    SimulationState,
)
from tui.screens.asking import ask, tell_refusal, why_not
from tui.screens.phase_toasts import NOTHING
from tui.screens.simulator_pictures import SimulatorPictures
from tui.screens.simulator_sheets import cell_sheet, changed_cell, fault_sheet, injected
from tui.widgets.numbers_sheet import NumbersSheet
from tui.widgets.phase_bar import PHASES
from tui.widgets.profile_sheet import ProfileSheet
from tui.widgets.sim_bar import VIEWS, next_speed
from tui.widgets.simulation_words import fault_words
from tui.widgets.status_band import track_words

ASK_EVERY_S = 0.5


class SimulatorOrders(SimulatorPictures):
    """Asks in short threads; a refused change is told, and what acts is looked at again."""

    def on_mount(self) -> None:
        """Ask now and then."""
        self.set_interval(ASK_EVERY_S, self.ask)

    def on_screen_resume(self) -> None:
        """Back on show."""
        super().on_screen_resume()
        self.ask()

    def ask(self, *requests: SimulationRequest) -> None:
        """Ask how it is, while on show and not paused; or for changes, one after the other as given."""
        if requests:
            self._orders.append(requests)
            if len(self._orders) == 1:
                self._send_order()
        elif not self._asking and self.packdeck.place is self and not self._is_still():
            self._asking = True
            self._send((LookAtSimulation(),))

    def _send_order(self) -> None:
        """Two threads at once would not keep the order: the next one goes when this one is answered."""
        self._send(self._orders[0], self._obeyed)

    def _obeyed(self) -> None:
        del self._orders[0]
        if self._orders:
            self._send_order()

    def _send(self, wanted: Sequence[SimulationRequest], then: Callable[[], None] = lambda: None) -> None:
        def answered(answers: list[Answer]) -> None:
            then()
            self._answered(wanted, answers)

        ask(self, self.packdeck.feed, wanted, answered)

    def _is_still(self) -> bool:
        return self.state is not None and self.packdeck.take_look().paused

    def _answered(self, requests: Sequence[SimulationRequest], answers: list[Answer]) -> None:
        """A refused change is told; a look without answer keeps what is known, which grows old."""
        for request, answer in zip(requests, answers, strict=True):
            if isinstance(request, LookAtSimulation):
                self._asking = False
            elif not answer.ok:
                tell_refusal(self, answer)
            if answer.simulation is not None and not self._orders:  # else it is older than what is on show
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
