"""Starts and stops everything; is a feed."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from tui.engine import wires
from tui.engine.alert_keeper import REQUESTS as ALERTS
from tui.engine.alert_keeper import AlertKeeper, SaveSetting
from tui.engine.bluetooth import REQUESTS as BLUETOOTH
from tui.engine.bluetooth import Bluetooth
from tui.engine.bus import Bus, BusFigures
from tui.engine.estimator import Estimator
from tui.engine.frame_book import FrameBook
from tui.engine.plug_ins import PlugIns
from tui.engine.recording import EngineRecording, RecordingFigures
from tui.engine.register_desk import RegisterDesk
from tui.engine.self_tests import Under
from tui.engine.system import REQUESTS as SYSTEM
from tui.engine.system import System
from tui.engine.worker import ExplainOf, OpenProtocol, OpenWire, Worker
from tui.model.events import (
    Event,
    FleetStarted,
    LinkChanged,
    Noticed,
    PollingSwitched,
    RecordingChanged,
    ScreensCounted,
    StorageChanged,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Frame
from tui.model.history import HistoryRequest
from tui.model.link import Cause, Link, Phase
from tui.model.register_requests import REGISTER_REQUESTS, without_secrets
from tui.model.requests import (
    QUESTIONS,
    Answer,
    ExplainFrame,
    LookAtFrames,
    LookAtLaboratory,
    Reconnect,
    Record,
    Request,
    SwitchPolling,
)
from tui.model.settings import AlertSettings, HistorySettings, RadioSettings
from tui.model.simulation import SIMULATION_REQUESTS
from tui.model.track import Setup
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from tui.engine.history_keeper import HistoryKeeper
    from tui.simulator.simulation import Simulation
    from tui.transports.radio import RadioLoop

log = logging.getLogger(__name__)

CLOSE_S = 4.0  # all threads together; the process must be gone within 5 s
IDLE_S = 1.0

Listener = Callable[[Event | None, Fleet], None]


class Engine:
    """Owns the wires, folds what happens, and tells whoever listens. Knows nothing of any screen.

    Only the thread "engine" folds, so the fleet needs no lock: publishing it is one reference swap.
    """

    def __init__(
        self,
        setups: Sequence[Setup],
        *,
        open_wire: OpenWire = wires.open_wire,
        open_protocol: OpenProtocol = wires.open_protocol,
        explain_of: ExplainOf = wires.explain_of,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        black_box: Path | None = None,
        black_box_bytes: int = 0,
        database: Path | None = None,
        radio: RadioSettings | None = None,
        history: HistorySettings | None = None,
        archives: Path | None = None,
        open_radio: "Callable[[], RadioLoop] | None" = None,
        alerts: AlertSettings | None = None,
        save_alert_setting: SaveSetting | None = None,
        log_file: Path | None = None,
    ) -> None:
        self._clock, self._wall = clock, wall
        self._bus = Bus()
        self._frames = FrameBook(wall)
        self._plug_ins = PlugIns(self._frames, self.fleet, wall)
        self._fleet = fold(Fleet(), FleetStarted(tuple(setups), os.getpid(), self._plug_ins.names))
        self._recording = EngineRecording(
            self.fleet, clock=clock, wall=wall, on_trouble=self._recorder_trouble
        )
        self._frames.keep = self._recording.frame
        self.alerts = AlertKeeper(
            setups,
            alerts or AlertSettings(),
            fleet=self.fleet,
            publish=self._bus.publish,
            database=database,
            box=black_box if black_box_bytes else None,
            clips=black_box.with_name("clips") if black_box else None,
            save=save_alert_setting,
            drift=lambda track: self.estimates.soc(track).drift_sure_pct,
            clock=clock,
            wall=wall,
        )
        self.estimates = Estimator(
            setups,
            self.fleet,
            path=database.with_name("estimates.json") if database else None,
            clock=clock,
            wall=wall,
        )
        self._history = self._keeper(database, history, archives)
        self._black_box, self._black_box_bytes = black_box, black_box_bytes
        self._bluetooth = Bluetooth(
            self._bus.publish,
            self._reconnect,
            settings=radio,
            database=database,
            open_radio=open_radio,
            clock=clock,
            wall=wall,
        )
        self._refused = _refused(setups)
        self._workers = {
            setup.name: Worker(
                setup,
                open_wire=self._bluetooth.wire if setup.transport == "ble" else open_wire,
                open_protocol=open_protocol,
                publish=self._bus.publish,
                frames=self._frames,
                explain_of=explain_of,
                clock=clock,
                wall=wall,
            )
            for setup in setups
            if setup.name not in self._refused
        }
        self._registers = RegisterDesk(
            self.fleet,
            self._workers,
            self._bus.publish,
            database.with_name("registers") if database else None,
            clock=clock,
            wall=wall,
        )
        self._system = self._system_of(setups, database or black_box, log_file)
        self.simulation: Simulation | None = None  # of packs inside this process
        self._listeners: list[Listener] = []
        self._newcomers: list[Listener] = []
        self._listening = threading.Lock()  # the lists only; never held while a listener is called
        self._screens = 0
        self._told_at_s = float("-inf")
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the threads: one for the state, one for each link."""
        if self._black_box is not None and self._black_box_bytes:
            self._recording.start_box(self._black_box, self._black_box_bytes)
        self.alerts.start()
        if self._history is not None:
            self._history.start()
        for name, cause in self._refused.items():
            link = Link(Phase.LOST, self._clock(), cause)
            self._bus.publish(LinkChanged(name, self._clock(), self._time_ms(), link))
        self._thread.start()
        self._registers.start()
        self._plug_ins.start()
        self.estimates.start()
        self._bluetooth.start(tuple(worker.setup for worker in self._workers.values()))
        for worker in self._workers.values():
            worker.start()

    def close(self) -> None:
        """Stop the links, then the state. Within 5 s; safe to call twice."""
        if self._closing:
            return
        until_s = time.monotonic() + CLOSE_S
        for worker in self._workers.values():
            worker.stop()
        self._plug_ins.close()
        for name, worker in self._workers.items():
            if not worker.join(max(0.0, until_s - time.monotonic())):
                log.error("%s: the link did not stop in time", name)
        self._bluetooth.close()
        self._closing = True
        self._bus.nudge()
        if self._thread.ident is not None:
            self._thread.join(max(0.5, until_s - time.monotonic()))
        self.alerts.close()  # it reads the black box
        if self._history is not None:
            self._history.close()
        self._recording.close()
        self.estimates.close()
        self._system.close()

    def fleet(self) -> Fleet:
        """The newest state. Never waits."""
        return self._fleet

    def frames(self, after: int) -> Sequence[Frame]:
        """Raw traffic with a number above `after`, oldest first."""
        return self._frames.after(after)

    def figures(self) -> BusFigures:
        """The bus counters (row S4-52)."""
        return self._bus.figures()

    def ask(self, request: Request) -> Answer:
        """Obey a command. The answer says that it was taken up; what comes of it is an event."""
        if self._closing:
            return Answer(False, Cause("engine-closed"))
        try:
            answer = self._obey(request)
        except WireError as error:
            answer = Answer(False, error.cause)
        if not isinstance(request, QUESTIONS):
            self._recording.command(without_secrets(request), answer)
        return answer

    def _obey(self, request: Request) -> Answer:
        match request:
            case SwitchPolling(on):
                for worker in self._workers.values():
                    worker.switch_polling(on)
                self._bus.publish(PollingSwitched(on, self._time_ms()))
                return Answer(True)
            case Reconnect(track):
                return self._reconnect(track)
            case LookAtFrames():
                return self._frames.look(request)
            case ExplainFrame():
                return self._frames.explain(request)
            case LookAtLaboratory():
                return self.estimates.look(request)
            case Record(path):
                return self._record(path)
        for requests, ask in self._parts():
            if isinstance(request, requests):
                return ask(request)
        return Answer(False, Cause("request-unknown", (("request", type(request).__name__),)))

    def _parts(self) -> "tuple[tuple[tuple[type, ...], Callable[..., Answer]], ...]":
        """Who answers what, beside the engine itself."""
        history, simulation = self._history, self.simulation
        return (
            (get_args(HistoryRequest), history.ask if history else _without("history-off")),
            (ALERTS, self.alerts.ask),
            (SIMULATION_REQUESTS, simulation.ask if simulation else _without("sim-none")),
            (REGISTER_REQUESTS, self._registers.ask),
            (BLUETOOTH, self._bluetooth.ask),
            (SYSTEM, self._system.ask),
        )

    def _reconnect(self, track: str) -> Answer:
        if worker := self._workers.get(track):
            worker.reconnect()
            return Answer(True)
        return Answer(False, self._refused.get(track) or Cause("track-unknown", (("track", track),)))

    def _record(self, path: str) -> Answer:
        if path:
            if running := self._fleet.recording:
                return Answer(False, Cause("recording-runs", (("path", running),)))
            cause = self._recording.start(path)
            if cause is not None:
                return Answer(False, cause)
        else:
            self._recording.stop()
        self._bus.publish(RecordingChanged(path, self._time_ms()))
        return Answer(True)

    def recording_figures(self) -> RecordingFigures:
        """How many lines were recorded, and how many had no room."""
        return self._recording.figures()

    def _keeper(
        self, database: Path | None, settings: HistorySettings | None, archives: Path | None
    ) -> "HistoryKeeper | None":
        """What keeps the history: SQLite is loaded only where there is one."""
        if database is None or settings is None:
            return None
        from tui.engine.history_keeper import HistoryKeeper

        return HistoryKeeper(
            database,
            settings=settings,
            archives=archives,
            on_trouble=self._history_trouble,
            clock=self._clock,
            wall=self._wall,
        )

    def _system_of(self, setups: Sequence[Setup], kept: Path | None, log_file: Path | None) -> System:
        """What answers about engine and machine. `kept`: a file or folder beside everything that is kept."""
        history = self._history
        return System(
            Under(
                setups,
                self.fleet,
                folder=kept.parent if kept else None,
                check_database=history.check if history else None,
                newest_ms=history.newest_ms if history else None,
                wall=self._wall,
            ),
            bus=self._bus.figures,
            listeners=lambda: len(self._listeners),
            measured_soh_pct=self.estimates.soh_pct,
            log_file=log_file,
            clock=self._clock,
        )

    def _history_trouble(self, cause: Cause | None) -> None:
        """The history pauses, or goes on: the rest of the engine does not notice."""
        if cause is not None and cause.key == "database-damaged":
            self._bus.publish(Noticed(self._time_ms(), "", "history-damaged", cause.args))
            return
        self.alerts.storage_trouble(cause)

    def _recorder_trouble(self, path: str, cause: Cause | None) -> None:
        """The recorder pauses, or goes on: the rest of the engine does not notice."""
        log.warning("recorder %s: %s", path, cause)
        self.alerts.tell("recorder-paused", cause is not None)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with (None, fleet) once, then with every event and the fleet after it.

        Always in the thread "engine"; a listener must not wait. Gives the function that ends it.
        """
        with self._listening:
            self._newcomers.append(listener)
        self._bus.nudge()

        def unsubscribe() -> None:
            self._forget(listener)

        return unsubscribe

    def count_screens(self, screens: int) -> None:
        """Say how many screens are attached."""
        self._screens = screens
        self._bus.publish(ScreensCounted(screens, self._bus.figures().dropped_events))

    def _run(self) -> None:
        while not self._closing:
            self._welcome()
            event = self._bus.get(IDLE_S)
            try:
                if event is not None:
                    self._happened(event)
                for news in self.alerts.tick(self._fleet):
                    self._fold(news)
                self._tell_figures()
            except Exception:
                log.exception("an event was lost: %r", event)

    def _welcome(self) -> None:
        with self._listening:
            new = tuple(self._newcomers)
            self._listeners.extend(new)
            self._newcomers.clear()
        for listener in new:
            self._call(listener, None)

    def _forget(self, listener: Listener) -> None:
        with self._listening:
            for where in (self._listeners, self._newcomers):
                if listener in where:
                    where.remove(listener)

    def _happened(self, event: Event) -> None:
        self._fold(event)
        self._registers.happened(event)
        for news in self.alerts.heard(event, self._fleet):
            self._fold(news)

    def _tell_figures(self) -> None:
        """At most once a second: telling every drop would itself be load."""
        if self._clock() - self._told_at_s < IDLE_S:
            return
        self._told_at_s = self._clock()
        dropped = self._bus.figures().dropped_events
        if dropped != self._fleet.dropped_events:
            self._fold(ScreensCounted(self._screens, dropped))
        if (is_written := self._is_written()) is not self._fleet.is_written:
            self._fold(StorageChanged(is_written))

    def _is_written(self) -> bool | None:
        """What is kept of everything: the history, and the recordings. `None`: nothing is to be kept."""
        figures = self._recording.figures()
        is_recorded = figures.is_box_on or bool(figures.path)
        if self._history is None and not is_recorded:
            return None
        causes = (self.alerts.storage_cause, figures.box.cause, figures.file.cause)
        return all(cause is None for cause in causes)

    def _fold(self, event: Event) -> None:
        self._fleet = fold(self._fleet, event)
        self._recording.listener(event, self._fleet)
        if self._history is not None:
            self._history.listener(event, self._fleet)
        self.alerts.kept(event)
        self.estimates.listener(event)
        for listener in tuple(self._listeners):
            self._call(listener, event)

    def _call(self, listener: Listener, event: Event | None) -> None:
        try:
            listener(event, self._fleet)
        except Exception:
            log.exception("a listener failed and is no longer called")
            self._forget(listener)

    def _time_ms(self) -> int:
        return int(self._wall() * 1000)


def _without(key: str) -> Callable[[Request], Answer]:
    return lambda request: Answer(False, Cause(key))


def _refused(setups: Sequence[Setup]) -> dict[str, Cause]:
    """Tracks that cannot start because an earlier one has their port."""
    refused: dict[str, Cause] = {}
    for i, setup in enumerate(setups):
        for other in setups[:i]:
            if other.name not in refused and wires.same_wire(setup, other):
                refused[setup.name] = Cause("ports-equal", (("port", setup.address), ("other", other.name)))
    return refused
