"""What holds on one track: debounce, hysteresis, latching. Pure: times come from outside.

A condition is believed when two of three readings in a row say so, so that a single garbage reading with a
valid checksum raises nothing. It is over when the value has been back inside its limit by the slack for the
time of `debounce_sec`: a value that flaps stays one alert.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tui.engine.alert_limits import Limit, TrackLimits
from tui.engine.alert_rules import (
    CELL_HIGH,
    CELL_LOW,
    CELL_RULES,
    CELL_WIRE,
    FACTS,
    IMBALANCE,
    LOW,
    PACK_RULES,
    PROTECTIONS,
    SOC_DRIFT,
    TRIP_RULES,
    WARNINGS,
    Fact,
    Rule,
)
from tui.model.alert import Alert, Severity, Trip
from tui.model.events import AlertCleared, AlertRaised
from tui.model.sample import IMPOSSIBLE_MV, Cells, Pack, Protection, Reading, is_possible_mv
from tui.model.track import Track

CONFIRM = 2  # readings that must say so
FORGET = 2  # readings in a row that say the opposite
GAP_S = 60.0  # readings farther apart than this confirm nothing
DRIFT_FOR_S = 300.0  # a state of charge drifts for days: what is over in minutes was none
DRIFT_UNKNOWN_S = 600.0  # after so long without an estimate nobody can say that it still drifts
NEARLY = 1e-9  # volts are not exact in binary

AlertEvent = AlertRaised | AlertCleared
Key = tuple[str, int | None]


class Moment(NamedTuple):
    """When a reading came, on both clocks, and in which frame."""

    at_s: float
    time_ms: int
    frame: int = 0


@dataclass(slots=True)
class _Held:
    """A condition that was seen: waiting to be believed, active, or over and not yet quiet."""

    alert: Alert
    at_s: float  # of the newest reading about it
    rank: int = 0  # of its level, 0 is the worst
    seen: int = 1
    misses: int = 0
    is_raised: bool = False
    other: int = -1  # another level that was seen
    last: float | None = None  # the value of the reading before
    good: Moment | None = None  # first reading of those that say it is over


@dataclass(slots=True)
class AlertJudge:
    """The conditions of one track. Not for several threads.

    `may_raise` says whether there is room for one more alert of a severity, `number` gives a new alert its
    number and perhaps its history.
    """

    track: str
    limits: TrackLimits
    may_raise: Callable[[Severity], bool] = lambda severity: True
    numbered: Callable[[Alert], Alert] = lambda alert: alert
    _held: dict[Key, _Held] = field(default_factory=dict)
    _calm: range = range(0)
    _calm_spread: int = -1
    _pack: tuple[tuple[Rule, float, int], ...] = ()  # with their outermost limits and sides
    _cells_held: int = 0  # conditions about cells that are waited for or active
    _drift_at_s: float | None = None  # since when it drifts beyond the limit; while raised: last known

    def __post_init__(self) -> None:
        self.use(self.limits)

    def use(self, limits: TrackLimits) -> None:
        """Judge by these from now on."""
        self.limits = limits
        low, high = limits.of.get(CELL_LOW.key, ()), limits.of.get(CELL_HIGH.key, ())
        spread = limits.of.get(IMBALANCE.key, ())
        first_mv = round(low[-1].value * 1000) if low else 1
        end_mv = round(high[-1].value * 1000) if high else IMPOSSIBLE_MV + 1
        self._calm = range(max(1, first_mv), end_mv)
        self._calm_spread = int(spread[-1].value) if spread else IMPOSSIBLE_MV
        self._pack = tuple(
            (rule, limits.of[rule.key][-1].value, rule.side) for rule in PACK_RULES if limits.of[rule.key]
        )
        for (key, _), held in self._held.items():  # there may be fewer levels now
            held.rank, held.other = min(held.rank, max(0, len(limits.of.get(key, ())) - 1)), -1

    @property
    def active(self) -> list[Alert]:
        """What was raised and not cleared."""
        return [held.alert for held in self._held.values() if held.is_raised]

    def read(self, track: Track, reading: Reading, at: Moment) -> list[AlertEvent]:
        """What to tell after a reading."""
        if not self.limits.is_on:
            return self.all_off(at)
        if isinstance(reading, Cells):
            return self._read_cells(track, at)
        if isinstance(reading, Pack):
            return self._read_pack(track, at)
        return []

    def foresee(self, trips: Iterable[Trip], at: Moment) -> list[AlertEvent]:
        """What to tell when the next limits are so far away (values in minutes)."""
        news: list[AlertEvent] = []
        soonest: dict[str, Trip] = {}
        for trip in trips:
            kind = (
                "trip-pack" if trip.where is None else "trip-low" if trip.key == CELL_LOW.key else "trip-high"
            )
            if kind not in soonest or trip.at_s < soonest[kind].at_s:
                soonest[kind] = trip
        for rule in TRIP_RULES:
            first = soonest.get(rule.key)
            minutes = first.left_s(at.at_s) / 60 if first else 60.0
            self._judge(rule, None, minutes, at, news, shown=first.where if first else None)
        return news

    def drifts(self, sure_pct: float | None, at: Moment) -> list[AlertEvent]:
        """What to tell when the unit's state of charge is surely so many points off, either way.

        `None`: nobody knows. Raised after minutes beyond the limit, cleared like every other value.
        """
        news: list[AlertEvent] = []
        key: Key = (SOC_DRIFT.key, None)
        held, limits = self._held.get(key), self.limits.of[SOC_DRIFT.key]
        if not self.limits.is_on:
            return self.all_off(at)
        if sure_pct is None:
            if held is None:
                self._drift_at_s = None
            elif at.at_s - (self._drift_at_s or at.at_s) >= DRIFT_UNKNOWN_S:
                self._clear(key, held, at, news)
                self._drift_at_s = None
            return news
        if held is None:
            if not limits or abs(sure_pct) <= limits[-1].value:
                self._drift_at_s = None
                return news
            self._drift_at_s = at.at_s if self._drift_at_s is None else self._drift_at_s
            if at.at_s - self._drift_at_s < DRIFT_FOR_S:
                return news
        self._judge(SOC_DRIFT, None, abs(sure_pct), at, news)
        self._drift_at_s = at.at_s if key in self._held else None
        return news

    def fact(self, fact: Fact, is_so: bool, at: Moment, where: int | None = None) -> list[AlertEvent]:
        """A condition that is known for certain: told at once, and cleared at once."""
        news: list[AlertEvent] = []
        held = self._held.get((fact.key, where))
        if is_so and held is None and self.limits.is_on:
            held = self._held[fact.key, where] = _Held(self._alert(fact, where, at), at.at_s)
            self._raise(held, (fact.key, where), news)
        elif not is_so and held is not None:
            self._clear((fact.key, where), held, at, news)
        return news

    def holds(self, fact: Fact, where: int | None = None) -> bool:
        """True while that condition is known to hold."""
        return (fact.key, where) in self._held

    def all_off(self, at: Moment) -> list[AlertEvent]:
        """Somebody switched the alerts off."""
        news: list[AlertEvent] = []
        for key, held in list(self._held.items()):
            self._clear(key, held, at, news)
        self._cells_held = 0
        return news

    def acknowledge(self, alert: Alert, at: Moment) -> list[AlertEvent]:
        """Somebody has seen it; what was over and only waited for that is cleared."""
        news: list[AlertEvent] = []
        for key, held in list(self._held.items()):
            if held.alert.id != alert.id or held.alert.number != alert.number:
                continue
            held.alert = replace(
                held.alert, acknowledged_by=alert.acknowledged_by, acknowledged_ms=alert.acknowledged_ms
            )
            if held.good is not None and at.at_s - held.good.at_s >= self.limits.debounce_s:
                self._clear(key, held, at, news)
        return news

    # --- readings ---

    def _read_cells(self, track: Track, at: Moment) -> list[AlertEvent]:
        mv = track.cells.mv
        if not mv:
            return []
        low, high = min(mv), max(mv)
        is_calm = low in self._calm and high in self._calm and high - low <= self._calm_spread
        if is_calm and not self._cells_held:
            return []  # nearly always: nothing is near a limit and nothing is waited for
        news: list[AlertEvent] = []
        for number, one_mv in enumerate(mv, 1):
            self._believe(CELL_WIRE, number, not is_possible_mv(one_mv), at, news, value=one_mv / 1000)
        for rule in CELL_RULES:
            for where, value in rule.values(track):
                self._judge(rule, where, value, at, news)
        self._cells_held = sum(key in _CELL_KEYS for key, _ in self._held)
        return news

    def _read_pack(self, track: Track, at: Moment) -> list[AlertEvent]:
        news: list[AlertEvent] = []
        pack = track.pack
        if not self._held:  # nearly always: only a value beyond its outermost limit is looked at
            for rule, limit, side in self._pack:
                for where, value in rule.values(track):
                    if (value - limit) * side > 0:
                        self._judge(rule, where, value, at, news)
        else:
            for rule in PACK_RULES:
                for where, value in rule.values(track):
                    self._judge(rule, where, value, at, news)
        if self._held or pack.protections or pack.warnings:
            self._believe_all(PROTECTIONS, pack.protections, at, news)
            self._believe_all(WARNINGS, pack.warnings, at, news)
        return news

    def _believe_all(
        self,
        facts: dict[Protection, Fact],
        acting: tuple[Protection, ...],
        at: Moment,
        news: list[AlertEvent],
    ) -> None:
        for protection, fact in facts.items():
            self._believe(fact, None, protection in acting, at, news)

    # --- one condition ---

    def _judge(
        self,
        rule: Rule,
        where: int | None,
        value: float,
        at: Moment,
        news: list[AlertEvent],
        shown: int | None = None,
    ) -> None:
        """Compare one value with the limits of its rule."""
        limits = self.limits.of[rule.key]
        key = rule.key, where
        held = self._recent(key, at)
        rank = _rank(rule, limits, value, held.rank if held is not None and held.is_raised else None)
        if rank is None:
            if held is not None:
                self._good(key, held, value, at, news)
            return
        limit = limits[rank]
        if held is None:
            alert = Alert(
                self.track, rule.key, limit.level.severity, where if shown is None else shown, value,
                limit.value, at.at_s, at.time_ms, rule.unit, rule.type, limit.level.name, worst=value,
                frame=at.frame, is_device_limit=limit.is_device,
            )  # fmt: skip
            self._held[key] = _Held(alert, at.at_s, rank, last=value)
            return
        self._bad(key, held, rule, rank, value, at, news, shown)

    def _bad(
        self,
        key: Key,
        held: _Held,
        rule: Rule,
        rank: int,
        value: float,
        at: Moment,
        news: list[AlertEvent],
        shown: int | None,
    ) -> None:
        """The value is beyond a limit, and was before."""
        was_over = held.good is not None and held.alert.ended_ms is not None
        held.misses, held.good = 0, None
        if not held.is_raised:
            held.seen += 1
            before = held.rank if held.other == -1 else held.other
            held.rank, held.other = max(before, rank), rank  # the milder of both: one may be garbage
        elif rank == held.rank:
            held.other = -1
        elif held.other == -1 or (held.other < held.rank) != (rank < held.rank):
            held.other = rank
        else:
            held.rank = max(held.other, rank) if rank < held.rank else min(held.other, rank)
            held.other, was_over = -1, True
        limit = self.limits.of[rule.key][held.rank]
        last, held.last = held.last, value
        milder = max if rule.side == LOW else min
        worse = min if rule.side == LOW else max
        sure = value if last is None else milder(last, value)
        worst = sure if held.alert.worst is None or not held.is_raised else worse(held.alert.worst, sure)
        told = held.alert.value
        if not was_over and held.is_raised and told is not None and abs(told - value) < rule.step - NEARLY:
            held.alert = replace(held.alert, worst=worst)
            return
        held.alert = replace(
            held.alert, severity=limit.level.severity, name=limit.level.name, value=value, worst=worst,
            limit=limit.value, is_device_limit=limit.is_device, ended_ms=None,
            where=held.alert.where if shown is None else shown,
        )  # fmt: skip
        if held.is_raised:
            news.append(AlertRaised(held.alert))
        elif held.seen >= CONFIRM:
            self._raise(held, key, news)

    def _believe(
        self,
        fact: Fact,
        where: int | None,
        is_so: bool,
        at: Moment,
        news: list[AlertEvent],
        value: float | None = None,
    ) -> None:
        """The same for a condition without a limit."""
        key = fact.key, where
        held = self._recent(key, at)
        if held is None:
            if is_so:
                self._held[key] = _Held(replace(self._alert(fact, where, at), value=value), at.at_s)
            return
        if not is_so:
            self._good(key, held, None, at, news)
            return
        was_over = held.alert.ended_ms is not None
        held.misses, held.good = 0, None
        held.seen += 1
        if was_over:
            held.alert = replace(held.alert, ended_ms=None)
            news.append(AlertRaised(held.alert))
        elif not held.is_raised:
            self._raise(held, key, news)

    def _good(self, key: Key, held: _Held, value: float | None, at: Moment, news: list[AlertEvent]) -> None:
        """A reading says that it is not so, or no longer."""
        held.misses += 1
        held.other, held.last = -1, value
        if not held.is_raised:
            if held.misses >= FORGET:
                del self._held[key]
            return
        if held.good is None:
            held.good = at
        if held.misses < FORGET:
            return
        if at.at_s - held.good.at_s >= self.limits.debounce_s and not self._is_latched(key[0], held.alert):
            self._clear(key, held, at, news)
        elif held.alert.ended_ms is None:
            held.alert = replace(held.alert, ended_ms=held.good.time_ms, value=_or(value, held.alert.value))
            news.append(AlertRaised(held.alert))

    def _recent(self, key: Key, at: Moment) -> _Held | None:
        """What is held; but one reading of long ago and one of now are not two readings in a row."""
        held = self._held.get(key)
        if held is None:
            return None
        gap_s, held.at_s = at.at_s - held.at_s, at.at_s
        if gap_s > GAP_S and not held.is_raised:
            del self._held[key]
            return None
        return held

    def _is_latched(self, key: str, alert: Alert) -> bool:
        if alert.acknowledged_ms is not None:
            return False
        always = key in FACTS and FACTS[key].latches
        return always or (self.limits.latches and alert.severity is Severity.CRITICAL)

    def _alert(self, fact: Fact, where: int | None, at: Moment) -> Alert:
        return Alert(
            self.track, fact.key, fact.severity, where, since_s=at.at_s, since_ms=at.time_ms,
            type=fact.type, name=fact.name, frame=at.frame,
        )  # fmt: skip

    def _raise(self, held: _Held, key: Key, news: list[AlertEvent]) -> None:
        """Tell it; while there is no room it waits, and is tried again with the next reading."""
        if not self.may_raise(held.alert.severity):
            return
        held.is_raised, held.other = True, -1
        held.alert = self.numbered(held.alert)
        news.append(AlertRaised(held.alert))

    def _clear(self, key: Key, held: _Held, at: Moment, news: list[AlertEvent]) -> None:
        del self._held[key]
        if held.is_raised:
            ended_ms = held.good.time_ms if held.good is not None else at.time_ms
            news.append(AlertCleared(replace(held.alert, ended_ms=ended_ms), at.time_ms))


_CELL_KEYS = frozenset({CELL_WIRE.key, *(rule.key for rule in CELL_RULES)})


def _rank(rule: Rule, limits: tuple[Limit, ...], value: float, held: int | None) -> int | None:
    """The worst level whose limit the value is beyond; `None` inside all. `held`: the level so far."""
    for rank, limit in enumerate(limits):
        slack = rule.slack if held is not None and held <= rank else 0.0
        beyond = (value - limit.value) * rule.side + slack
        if beyond > NEARLY or (rule.at_limit and beyond > -NEARLY):
            return rank
    return None


def _or(value: float | None, other: float | None) -> float | None:
    return other if value is None else value
