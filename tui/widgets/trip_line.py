"""How long until the next limit at the present rate: one small line, and a list of all that is ahead."""

from tui.locale import say
from tui.model.alert import Trip
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.style.glyphs import GlyphSet
from tui.style.numbers import decimal_mark, long_span
from tui.widgets.rows import Row, Span, ends, fit, row, width, wrap
from tui.widgets.view import TrackView

ALARM_UNDER_S, WARN_UNDER_S = 300.0, 900.0
TRACK_CELLS = 7


def trip_words(trip: Trip, now_s: float) -> str:
    """`cell 7 low in 12 min`."""
    return say(f"trip-{trip.key}", cell=trip.where or "", time=trip_time(trip.left_s(now_s)))


def short_words(trip: Trip, now_s: float) -> str:
    """`7 low 12 min`: beside the lowest and highest cell, which have numbers alone too."""
    return say(f"trip-{trip.key}-short", cell=trip.where or "", time=trip_time(trip.left_s(now_s)))


def trip_time(left_s: float) -> str:
    """`12 min`; nearer than a minute the seconds would only pretend to be exact."""
    return say("trip-at-once") if left_s < 60 else long_span(left_s)


def trip_span(trip: Trip, now_s: float, glyphs: GlyphSet, short: bool = False) -> Span:
    """A mark, the words, and their role: the nearer the louder."""
    left_s = trip.left_s(now_s)
    if left_s < ALARM_UNDER_S:
        mark, role = glyphs.alarm, "alarm"
    elif left_s < WARN_UNDER_S:
        mark, role = glyphs.warn, "warn"
    else:
        mark, role = (glyphs.down if trip.key.endswith("low") else glyphs.up), "text"
    return f"{mark} {short_words(trip, now_s) if short else trip_words(trip, now_s)}", role


def first_trip(view: TrackView) -> Trip | None:
    """The soonest one of a battery that is live: of a silent one nothing is foreseen."""
    return view.track.trips[0] if view.track.trips and view.state is State.LIVE else None


def with_trip(line: Row, view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    """A row of a card with the soonest limit at its end; where both do not fit, the limit matters more."""
    trip = first_trip(view)
    if trip is None:
        return line
    for short in (False, True):
        words = row(trip_span(trip, view.now_s, glyphs, short))
        if width(line) + width(words) < cells:
            return ends(line, words, cells)
    return fit(((" ", "text"), *row(trip_span(trip, view.now_s, glyphs))), cells)


def soonest(fleet: Fleet, now_s: float) -> tuple[str, Trip] | None:
    """The track and the limit that come first of all."""
    found = [
        (track.name, track.trips[0])
        for track in fleet.tracks
        if track.trips and fleet.state(track, now_s) is State.LIVE
    ]
    return min(found, key=lambda one: one[1].at_s, default=None)


def ahead_rows(fleet: Fleet, now_s: float, cells: int, glyphs: GlyphSet, names: dict[str, str]) -> list[Row]:
    """Every limit within the hour, soonest first, with the value now and where it goes."""
    found = sorted(
        ((t.name, trip) for t in fleet.tracks if fleet.state(t, now_s) is State.LIVE for trip in t.trips),
        key=lambda one: one[1].at_s,
    )
    if not found:
        return [row((f" {line}", "label")) for line in wrap(say("trip-none"), cells - 2)]
    lines = []
    for name, trip in found:
        words, role = trip_span(trip, now_s, glyphs)
        left = row((f" {names.get(name, name):<{TRACK_CELLS}} ", "label"), (words, role))
        lines.append(ends(left, row((f"{_way(trip)} ", "label")), cells))
    return lines


def _way(trip: Trip) -> str:
    """`2.955 -> 2.900 V`."""
    digits = 0 if trip.unit == "%" else 3 if trip.where else 2
    text = f"{trip.value:.{digits}f} -> {trip.limit:.{digits}f} {trip.unit}"
    return text.replace(".", decimal_mark())
