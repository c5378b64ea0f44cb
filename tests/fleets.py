"""Fleets in every state a picture needs. Fixed numbers, fixed clock: nothing here is random."""

from dataclasses import replace

from tui.model.alert import Alert, Severity
from tui.model.events import (
    AlertRaised,
    EngineLost,
    Event,
    FleetStarted,
    LinkChanged,
    SampleRead,
    TrafficCounted,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase, Traffic
from tui.model.sample import Cells, Identity, Pack, Protection
from tui.model.track import Setup

NOW_S = 7200.0  # steady clock of every picture
WALL_S = 1_760_789_251.0  # 2025-10-18 12:07:31 UTC, a Saturday
LEFT_MV = (3318, 3322, 3319, 3317, 3313, 3319, 3311, 3319, 3323, 3320, 3320, 3319, 3312, 3329, 3319, 3319)
RIGHT_MV = (3318, 3321, 3324, 3319)

LEFT = Setup("left", address="/dev/ttyUSB0", chemistry="LFP")
RIGHT = Setup("right", address="/dev/ttyUSB1", chemistry="LFP")
LEFT_PACK = Pack(
    pack_v=53.12,
    current_a=12.4,
    soc_pct=72,
    remaining_ah=201.6,
    nominal_ah=280.0,
    cycles=127,
    cell_count=16,
    temperatures_c=(21.5, 22.0, 21.8),
    balancing=(4, 13),
    charge_on=True,
    discharge_on=True,
)
RIGHT_PACK = Pack(
    pack_v=13.28,
    current_a=-8.1,
    soc_pct=64,
    remaining_ah=63.5,
    nominal_ah=100.0,
    cycles=12,
    cell_count=4,
    temperatures_c=(20.9, 21.2),
    charge_on=True,
    discharge_on=True,
)


def time_ms(at_s: float) -> int:
    """Wall time of a moment on the steady clock."""
    return int((WALL_S - NOW_S + at_s) * 1000)


def folded(events: list[Event], fleet: Fleet | None = None) -> Fleet:
    """The fleet after all of them."""
    fleet = fleet or Fleet()
    for event in events:
        fleet = fold(fleet, event)
    return fleet


def read(track: str, at_s: float, reading: Pack | Cells | Identity) -> SampleRead:
    """A reading at a moment."""
    return SampleRead(track, at_s, time_ms(at_s), reading)


def link(track: str, phase: Phase, at_s: float = 1.0, **more: object) -> LinkChanged:
    """A link change at a moment."""
    return LinkChanged(track, at_s, time_ms(at_s), replace(Link(phase, since_s=at_s), **more))


def hour(track: str, pack: Pack, phase: int) -> list[Event]:
    """An hour of readings that end in `pack`: a slow wave, so that trends have a shape."""
    events: list[Event] = []
    for i in range(240):
        wave = ((i + phase) % 80 - 40) / 40
        current_a = (pack.current_a or 0) * (0.6 + 0.4 * abs(wave))
        pack_v = (pack.pack_v or 0) * (1 + 0.004 * wave)
        events.append(read(track, NOW_S - 3600 + i * 15, replace(pack, current_a=current_a, pack_v=pack_v)))
    return [*events, read(track, NOW_S - 0.4, pack)]


def one(setup: Setup, pack: Pack, mv: tuple[int, ...], phase: int = 0) -> list[Event]:
    """Everything that makes a track live."""
    name = setup.name
    traffic = Traffic(requests=3600, answers=3598, unanswered=2, bad_checksum=1, opens=1, quality_pct=99)
    return [
        link(name, Phase.UP),
        read(name, 2.0, Identity(hardware="JBD-SP25S003", firmware="2.0", production_date="2022-03-28")),
        *hour(name, pack, phase),
        read(name, NOW_S - 0.3, Cells(mv)),
        TrafficCounted(name, traffic),
    ]


def live() -> Fleet:
    """Two live tracks, as in the mock-ups."""
    start = FleetStarted((LEFT, RIGHT), pid=4242)
    return folded([start, *one(LEFT, LEFT_PACK, LEFT_MV), *one(RIGHT, RIGHT_PACK, RIGHT_MV, 30)])


def simulated() -> Fleet:
    """Two simulated tracks: the same, labelled."""
    setups = (replace(LEFT, simulated=True), replace(RIGHT, simulated=True))
    events = [*one(LEFT, LEFT_PACK, LEFT_MV), *one(RIGHT, RIGHT_PACK, RIGHT_MV, 30)]
    return folded([FleetStarted(setups, pid=4242), *events])


def cells(count: int) -> Fleet:
    """Both tracks with so many cells."""
    mv = tuple(3320 + (i * 7) % 19 - 9 for i in range(count))
    pack = replace(LEFT_PACK, cell_count=count, pack_v=sum(mv) / 1000, balancing=(2, count))
    other = replace(RIGHT_PACK, cell_count=count, pack_v=sum(mv) / 1000)
    start = FleetStarted((LEFT, RIGHT), pid=4242)
    return folded([start, *one(LEFT, pack, mv), *one(RIGHT, other, tuple(reversed(mv)), 30)])


def stale() -> Fleet:
    """The left track has been silent for twelve seconds; nobody said why yet."""
    return _without_news("left", 12.0, live())


def lost() -> Fleet:
    """The left adapter was pulled out twelve seconds ago; the third attempt is planned."""
    cause = Cause("port-unplugged", (("port", "/dev/ttyUSB0"),))
    change = link("left", Phase.LOST, NOW_S - 11, cause=cause, attempt=3, retry_at_s=NOW_S + 4)
    return fold(_without_news("left", 12.0, live()), change)


def lost_long() -> Fleet:
    """The same, five minutes later: too old for big digits."""
    cause = Cause("port-unplugged", (("port", "/dev/ttyUSB0"),))
    change = link("left", Phase.LOST, NOW_S - 300, cause=cause, attempt=6, retry_at_s=NOW_S + 2)
    return fold(_without_news("left", 300.0, live()), change)


def asleep() -> Fleet:
    """The left board sleeps."""
    change = link("left", Phase.ASLEEP, NOW_S - 20, cause=Cause("asleep", (("port", "/dev/ttyUSB0"),)))
    return fold(_without_news("left", 30.0, live()), change)


def never_answered() -> Fleet:
    """The left port is not there and never was."""
    cause = Cause("port-missing", (("port", "/dev/ttyUSB0"),))
    start = FleetStarted((LEFT, RIGHT), pid=4242)
    change = link("left", Phase.LOST, NOW_S - 3, cause=cause, attempt=1, retry_at_s=NOW_S + 2)
    return folded([start, *one(RIGHT, RIGHT_PACK, RIGHT_MV, 30), change])


def connecting() -> Fleet:
    """The very first moment."""
    return folded([FleetStarted((LEFT, RIGHT), pid=4242)])


def one_track() -> Fleet:
    """Only the left track exists."""
    return folded([FleetStarted((LEFT,), pid=4242), *one(LEFT, LEFT_PACK, LEFT_MV)])


def alarm() -> Fleet:
    """A cell of the left track is too high and the BMS has opened the charge switch."""
    mv = (*LEFT_MV[:6], 3662, *LEFT_MV[7:])
    pack = replace(
        LEFT_PACK, current_a=0.0, charge_on=False, protections=(Protection.CELL_OVERVOLTAGE,), balancing=(7,)
    )
    start = FleetStarted((LEFT, RIGHT), pid=4242)
    since = {"since_s": NOW_S - 12, "since_ms": time_ms(NOW_S - 12)}
    protection = Alert("left", "protection-cell-overvoltage", Severity.CRITICAL, **since)
    high = Alert("left", "cell-high", Severity.CRITICAL, where=7, value=3.662, limit=3.65, **since)
    events = [*one(LEFT, pack, mv), *one(RIGHT, RIGHT_PACK, RIGHT_MV, 30)]
    return folded([start, *events, AlertRaised(high), AlertRaised(protection)])


def engine_lost() -> Fleet:
    """The engine was killed twelve seconds ago."""
    return fold(live(), EngineLost(NOW_S - 12, NOW_S + 3))


def _without_news(track: str, age_s: float, fleet: Fleet) -> Fleet:
    tracks = tuple(
        replace(t, pack_at_s=NOW_S - age_s, cells_at_s=NOW_S - age_s + 0.1) if t.name == track else t
        for t in fleet.tracks
    )
    return replace(fleet, tracks=tracks)


STATES = {
    "live": live,
    "simulated": simulated,
    "stale": stale,
    "lost": lost,
    "lost-long": lost_long,
    "asleep": asleep,
    "never-answered": never_answered,
    "connecting": connecting,
    "one-track": one_track,
    "alarm": alarm,
    "engine-lost": engine_lost,
}
