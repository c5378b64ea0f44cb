"""From what happened to a battery to its alerts: every track, every rule. Pure: times come from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tui.engine.alert_judge import AlertJudge, Moment
from tui.engine.alert_limits import Limits, device_limits
from tui.engine.alert_rules import (
    CELL_HIGH,
    CELL_LOW,
    DATA_STALE,
    LINK_LOST,
    LINK_RESTORED,
    PACK_HIGH,
    PACK_LOW,
    REGENERATION,
    STATES,
    Fact,
    unit_event_fact,
)
from tui.engine.time_to_trip import TimeToTrip
from tui.model.alert import ACTIVE_MAX, Alert, Severity, Trip
from tui.model.events import (
    AlertAcknowledged,
    AlertLogged,
    AlertsSwitched,
    Event,
    LinkChanged,
    SampleRead,
    TripsForeseen,
)
from tui.model.fleet import Fleet
from tui.model.link import Phase
from tui.model.sample import Cells, Pack, UnitEvent, UnitLog
from tui.model.settings import AlertSettings
from tui.model.track import Battery, Setup, Track

KEPT_FOR_CRITICAL = 8  # of the places among the active alerts (row CL-42)
DOWN = (Phase.LOST, Phase.TAP, Phase.ASLEEP)
CONFIRM = 2  # readings that must agree on what the battery does


@dataclass(slots=True)
class _Known:
    """What is remembered of one track."""

    setup: Setup
    judge: AlertJudge
    trip: TimeToTrip
    device: dict[str, float] = field(default_factory=dict)
    version: int = -1  # of the limits in use
    log: tuple[UnitEvent, ...] | None = None
    state: str = ""  # the newest one told
    next_state: str = ""
    next_seen: int = 0
    states_at_s: dict[str, float] = field(default_factory=dict)
    trips: tuple[Trip, ...] = ()
    let_go_s: float = float("-inf")  # until then somebody wanted no readings


class Alerts:
    """Knows what holds on every track. One thread alone calls it.

    `numbered` gives a new alert its number, `drift` how many points the state of charge of a track is surely
    off; `limits` may be changed by any thread.
    """

    def __init__(
        self,
        setups: Sequence[Setup],
        settings: AlertSettings = AlertSettings(),  # noqa: B008 - frozen
        *,
        numbered: Callable[[Alert], Alert] = lambda alert: alert,
        drift: Callable[[str], float | None] = lambda track: None,
    ) -> None:
        self.limits = Limits(settings, setups)
        self.crowded_out = 0
        self._numbered, self._drift = numbered, drift
        self._by_name = {setup.name: self._known(setup) for setup in (*setups, Setup(""))}

    def heard(self, event: Event, fleet: Fleet, now_s: float, time_ms: int) -> list[Event]:
        """What to tell after an event; `fleet` is the one after it."""
        if isinstance(event, SampleRead):
            known, track = self._by_name.get(event.track), fleet.track(event.track)
            if known is None or track is None:
                return []
            return self._sample(known, track, event, Moment(event.at_s, event.time_ms, event.frame))
        if isinstance(event, LinkChanged):
            known = self._by_name.get(event.track)
            return self._link(known, event.link.phase, Moment(now_s, time_ms)) if known else []
        if isinstance(event, AlertAcknowledged):
            known = self._by_name.get(event.alert.track)
            return [*known.judge.acknowledge(event.alert, Moment(now_s, time_ms))] if known else []
        return []

    def tick(self, fleet: Fleet, now_s: float, time_ms: int) -> list[Event]:
        """What to tell because time has passed: call it about once a second."""
        news: list[Event] = []
        at = Moment(now_s, time_ms)
        for track in fleet.tracks:
            known = self._by_name.get(track.name)
            if known is None:
                continue
            self._use_newest(known)
            if not known.judge.limits.is_on:
                news += [*known.judge.all_off(at), *self._quiet(known)]
                continue
            if track.link.phase in DOWN:  # somebody may have switched the alerts on after it was lost
                news += known.judge.fact(LINK_LOST, True, at)
            is_stale = self._is_stale(known, track, fleet.polling, now_s)
            news += known.judge.fact(DATA_STALE, is_stale, at)
            if is_stale or track.link.phase in DOWN:
                news += self._quiet(known)
            elif track.pack_at_s is not None:
                news += known.judge.drifts(self._drift(track.name), at)
        if (off := self.off()) != fleet.alerts_off:
            news.append(AlertsSwitched(off))
        return news

    def off(self) -> tuple[str, ...]:
        """Tracks of which nothing is judged. Any thread may ask."""
        return tuple(name for name in self._by_name if name and not self.limits.is_on(name))

    def device_limits(self, track: str) -> dict[str, float]:
        """The limits that the battery itself has named, by the key of the rule."""
        known = self._by_name.get(track)
        return dict(known.device) if known else {}

    def use_device_limits(self, track: str, limits: dict[str, float]) -> None:
        """Limits read from the registers of a battery, by the key of the rule, in its unit."""
        if known := self._by_name.get(track):
            known.device = {**known.device, **limits}
            known.version = -1

    # --- one track ---

    def _use_newest(self, known: _Known) -> None:
        if known.version != self.limits.version:
            limits, version = self.limits.of(known.setup, known.device), self.limits.version
            known.judge.use(limits)
            known.trip.limits, known.version = limits, version

    def _is_stale(self, known: _Known, track: Track, polling: bool, now_s: float) -> bool:
        """Readings came and come no longer, whatever the link is at: `connecting` may be noise for hours.

        Not while a lost link says it already, nor while a person wants no readings: paused, or lent. What was
        not read in that time is not late.
        """
        if not polling or track.link.phase is Phase.LENT:
            known.let_go_s = now_s
            return False
        if track.pack_at_s is None or known.judge.holds(LINK_LOST):
            return False
        return track.is_stale(now_s - max(track.pack_at_s, known.let_go_s))

    def _known(self, setup: Setup) -> _Known:
        limits = self.limits.of(setup, {})
        judge = AlertJudge(setup.name, limits, self._may_raise, self._numbered)
        return _Known(setup, judge, TimeToTrip(limits), version=self.limits.version)

    def _may_raise(self, severity: Severity) -> bool:
        """Row CL-42: at most 32 active ones; the last places are for what is critical."""
        count = sum(len(known.judge.active) for known in self._by_name.values())
        is_free = count < ACTIVE_MAX - (0 if severity is Severity.CRITICAL else KEPT_FOR_CRITICAL)
        self.crowded_out += not is_free
        return is_free

    def _sample(self, known: _Known, track: Track, event: SampleRead, at: Moment) -> list[Event]:
        reading = event.reading
        if isinstance(reading, Pack):
            self._read_limits(known, reading)
        self._use_newest(known)
        news: list[Event] = [*known.judge.read(track, reading, at)]
        if not known.judge.limits.is_on:
            return news
        if isinstance(reading, Pack):
            news += known.judge.fact(DATA_STALE, False, at)
            news += self._state(known, track, at)
            news += self._foreseen(known, at) if known.trip.pack(at.at_s, reading) else ()
        elif isinstance(reading, Cells):
            news += self._foreseen(known, at) if known.trip.cells(at.at_s, reading.mv) else ()
        elif isinstance(reading, UnitLog):
            news += self._unit_events(known, reading, at)
        return news

    def _read_limits(self, known: _Known, pack: Pack) -> None:
        if not (
            pack.discharge_current_limit_a or pack.charge_current_limit_a or pack.discharge_voltage_limit_v
        ):
            return
        named = device_limits(pack)
        if any(known.device.get(key) != value for key, value in named.items()):
            known.device = {**known.device, **named}
            known.version = -1

    def _foreseen(self, known: _Known, at: Moment) -> list[Event]:
        trips = known.trip.trips
        of = known.judge.limits.of
        ends = {
            limit.value
            for rule in (CELL_LOW, CELL_HIGH, PACK_LOW, PACK_HIGH)
            for limit in of[rule.key]
            if limit.level.severity is Severity.CRITICAL
        }
        news: list[Event] = [*known.judge.foresee((t for t in trips if t.limit in ends), at)]
        if trips != known.trips:
            known.trips = trips
            news.append(TripsForeseen(known.setup.name, trips))
        return news

    def _quiet(self, known: _Known) -> list[Event]:
        """Nothing comes: what was foreseen is no longer known, and what is waited for begins anew."""
        known.trip.forget()
        known.next_state = ""
        if not known.trips:
            return []
        known.trips = ()
        return [TripsForeseen(known.setup.name, ())]

    def _link(self, known: _Known, phase: Phase, at: Moment) -> list[Event]:
        judge = known.judge
        if phase is Phase.CONNECTING:
            return []
        news: list[Event] = [*judge.fact(LINK_LOST, phase in DOWN, at)]
        if phase is Phase.UP and news:
            news.append(self._logged(known, LINK_RESTORED, at))
        if phase in DOWN:
            news += [*judge.fact(DATA_STALE, False, at), *self._quiet(known)]
        return news

    def _state(self, known: _Known, track: Track, at: Moment) -> list[Event]:
        """What the battery does, once it has done it for two readings; the first is not a change."""
        state = REGENERATION if track.pack.status == REGENERATION else track.battery.value
        if state in (known.state, Battery.UNKNOWN):
            known.next_state = ""
            return []
        known.next_seen = known.next_seen + 1 if state == known.next_state else 1
        known.next_state = state
        last_s = known.states_at_s.get(state, float("-inf"))
        if known.next_seen < CONFIRM or at.at_s - last_s < known.judge.limits.debounce_s:
            return []
        was, known.state, known.next_state = known.state, state, ""
        known.states_at_s[state] = at.at_s
        if not was or not known.judge.limits.states:
            return []
        return [self._logged(known, STATES[state], at)]

    def _unit_events(self, known: _Known, log: UnitLog, at: Moment) -> list[Event]:
        """What is new in the unit's own log; what was in it at the first look is not."""
        before, known.log = known.log, log.events
        if before is None or not known.judge.limits.unit_events:
            return []
        old = {(event.at_s, event.code) for event in before}
        new = [event for event in reversed(log.events) if (event.at_s, event.code) not in old]
        return [self._logged(known, unit_event_fact(event.code), at, event.code) for event in new]

    def _logged(self, known: _Known, fact: Fact, at: Moment, where: int | None = None) -> AlertLogged:
        alert = Alert(
            known.setup.name, fact.key, fact.severity, where, since_s=at.at_s, since_ms=at.time_ms,
            type=fact.type, name=fact.name, frame=at.frame,
        )  # fmt: skip
        return AlertLogged(self._numbered(replace(alert, ended_ms=at.time_ms)))
