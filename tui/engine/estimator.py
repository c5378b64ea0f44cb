"""The estimates of all tracks, in a thread of their own: the engine only leaves its readings in a queue."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tui.engine.track_estimator import TrackEstimator
from tui.model.estimate import SocEstimates
from tui.model.events import Event, SampleRead
from tui.model.fleet import Fleet
from tui.model.link import Cause
from tui.model.requests import Answer, LookAtLaboratory
from tui.model.sample import Cells, Pack
from tui.model.track import Setup
from tui.store.estimates import EstimatesFile

log = logging.getLogger(__name__)

TURN_S = 1.0
QUEUE_MAX = 4096  # when more wait, the oldest go: to the estimates that is a gap, and they know gaps
JOIN_S = 1.0
UNKNOWN_GAP_S = 3600.0  # how long it was off, when the wall clock says that it went backwards


class Estimator:
    """Feeds one `TrackEstimator` for each track and answers `LookAtLaboratory`.

    `listener` is for the engine's thread: it appends and returns. A queue that is emptied once a second costs
    less than a thread that wakes up for each reading.
    """

    def __init__(
        self,
        setups: Sequence[Setup],
        fleet: Callable[[], Fleet],
        *,
        path: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._fleet, self._clock, self._wall = fleet, clock, wall
        self._tracks = {setup.name: TrackEstimator(setup.name, setup.chemistry) for setup in setups}
        self._soc: dict[str, SocEstimates] = {}
        self._waiting: deque[SampleRead] = deque(maxlen=QUEUE_MAX)
        self._lock = threading.Lock()
        self._file = EstimatesFile(path, clock) if path is not None else None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="estimates", daemon=True)

    def start(self) -> None:
        """Remember what was kept, and begin."""
        if self._tracks:
            self._thread.start()

    def close(self) -> None:
        """End, and keep what is known. Safe to call twice."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)

    def listener(self, event: Event | None, _fleet: Fleet | None = None) -> None:
        """An event, in the engine's thread. Never waits."""
        if isinstance(event, SampleRead) and isinstance(event.reading, Pack | Cells):
            self._waiting.append(event)

    def look(self, request: LookAtLaboratory) -> Answer:
        """Everything about one track, with the readings that have come until now."""
        track = self._tracks.get(request.track)
        if track is None:
            return Answer(False, Cause("track-unknown", (("track", request.track),)))
        with self._lock:
            self._drain()
            return Answer(True, laboratory=track.look(self._clock()))

    def soc(self, track: str) -> SocEstimates:
        """State of charge three ways, at most a second or so old. Never waits: for rules and doors."""
        return self._soc.get(track, SocEstimates())

    def soh_pct(self, track: str) -> float | None:
        """The measured capacity in percent of the one that the unit tells; `None` before it was measured."""
        with self._lock:
            estimator = self._tracks.get(track)
            told_ah = estimator.counter.nominal_ah if estimator else None
            measured_ah = estimator.capacities.look().value if estimator else None
        return 100.0 * measured_ah / told_ah if measured_ah is not None and told_ah else None

    def turn(self) -> None:
        """Take what waits; write the file when it is time."""
        with self._lock:
            changed = self._drain()
            for name in changed:
                self._soc[name] = self._tracks[name].soc_estimates()
            kept = self._kept() if self._file is not None and self._file.is_due else None
        if kept is not None and self._file is not None:
            self._file.write(kept)

    def _run(self) -> None:
        self.restore()
        while not self._ending.wait(TURN_S):
            try:
                self.turn()
            except Exception:
                log.exception("the estimates failed; they go on with the next readings")
        self.keep()

    def restore(self) -> None:
        """Go on where the file ends."""
        kept = self._file.read() if self._file is not None else {}
        if not kept:
            return
        with self._lock:
            for name, track in self._tracks.items():
                part = kept.get("tracks", {}).get(name)
                if part is None:
                    continue
                try:
                    track.from_json(part, self._shift_s(kept))
                except (KeyError, TypeError, ValueError, AttributeError) as error:
                    log.warning("the estimates of %s begin anew: %r", name, error)
                    self._tracks[name] = TrackEstimator(name, self._chemistry(name))

    def keep(self) -> None:
        """Write the file now."""
        if self._file is not None:
            with self._lock:
                self._drain()
                kept = self._kept()
            self._file.write(kept)

    def _drain(self) -> set[str]:
        """Feed what waits. One reading that cannot be digested must not stop those behind it."""
        changed = set()
        fleet = self._fleet()
        for name, estimator in self._tracks.items():
            track = fleet.track(name)
            estimator.is_simulated = track is not None and track.simulated
        while self._waiting:
            event = self._waiting.popleft()
            track_estimator = self._tracks.get(event.track)
            if track_estimator is None:
                continue
            changed.add(event.track)
            try:
                if isinstance(event.reading, Pack):
                    track_estimator.pack(event.at_s, event.time_ms, event.reading)
                elif isinstance(event.reading, Cells):
                    track_estimator.cells(event.at_s, event.reading)
            except Exception:
                log.exception("%s: a reading was left out of the estimates: %r", event.track, event)
        return changed

    def _kept(self) -> dict[str, Any]:
        return {
            "now_s": self._clock(),
            "time_ms": int(self._wall() * 1000),
            "tracks": {name: track.to_json() for name, track in self._tracks.items()},
        }

    def _shift_s(self, kept: dict[str, Any]) -> float:
        """What to add to times of the steady clock of then to make them times of the one of now."""
        off_s = self._wall() - float(kept["time_ms"]) / 1000
        if off_s < 0:
            off_s = UNKNOWN_GAP_S
        return self._clock() - off_s - float(kept["now_s"])

    def _chemistry(self, name: str) -> str:
        track = self._fleet().track(name)
        return track.setup.chemistry if track else ""
