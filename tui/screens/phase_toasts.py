"""A toast when a simulated pack changes its phase in mode demo, whatever place is on show (row S1-69)."""

from typing import TYPE_CHECKING

from tui.locale import say
from tui.widgets.status_band import track_words

if TYPE_CHECKING:  # a screen of real batteries needs none of it
    from tui.app import PackdeckApp
    from tui.model.requests import Answer
    from tui.model.simulation import SimulationState, Stage

ASK_EVERY_S = 2.0
TOAST_S = 4.0  # how long a toast stands; a shorter phase has none: at high speed they would only flood
NOTHING = "sim-none"  # the cause of an engine that simulates nothing


class PhaseToasts:
    """Asks how the simulation is, as long as the engine has one, and tells what has changed since."""

    def __init__(self, app: "PackdeckApp") -> None:
        self._app = app
        self._asking = self._is_none = False
        self._stages: dict[str, Stage] = {}

    def ask(self) -> None:
        """Once, when there is a simulated pack and the answer to the last question is in."""
        simulates = any(track.simulated for track in self._app.feed.fleet().tracks)
        if simulates and not (self._asking or self._is_none):
            self._asking = True
            self._app.run_worker(self._load, thread=True, exit_on_error=False)

    def _load(self) -> None:
        """Loading what only a simulation needs takes as long as a picture: not in the screen's own thread."""
        from tui.model.simulation import LookAtSimulation
        from tui.screens.asking import ask_one

        self._app.call_later(ask_one, self._app, self._app.feed, LookAtSimulation(), self._answered)

    def _answered(self, answer: "Answer") -> None:
        self._asking = False
        self._is_none = answer.cause is not None and answer.cause.key == NOTHING
        if answer.simulation is not None:
            self._tell(answer.simulation)

    def _tell(self, state: "SimulationState") -> None:
        from tui.model.simulation import Mode
        from tui.widgets.simulation_words import stage_words

        before, self._stages = self._stages, {pack.name: pack.stage for pack in state.packs}
        for pack in state.packs:
            is_long = pack.left_s is not None and pack.left_s >= TOAST_S
            if state.mode is Mode.DEMO and is_long and before.get(pack.name, pack.stage) is not pack.stage:
                words = say("sim-toast-stage", pack=track_words(pack.name), stage=stage_words(pack.stage))
                self._app.notify(words, markup=False, timeout=TOAST_S)
