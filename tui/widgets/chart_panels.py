"""What belongs into one panel of a chart: quantities of one kind, tracks that one scale suits."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from tui.locale import say
from tui.model.history import Bucket, Chart, Quantity, Series, quantity
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.status_band import track_words

ROLES = ("series-a", "warn", "ok", "balancing", "cell-max", "series-b")
TAGS = "abcdefghijklmnopqrstuvwxyz"
MARKS = "xo+%@&"  # after the dot of the tier; then letters
FAMILIES = {
    **dict.fromkeys(("cell_mv", "lowest_mv", "highest_mv", "mean_mv"), "cells"),
    **dict.fromkeys(("soc_pct", "soh_pct"), "charge"),
    **dict.fromkeys(("charge_current_limit_a", "discharge_current_limit_a"), "current-limits"),
}
SPLIT = {"pack_v", "charge_voltage_limit_v"}  # a 4S and a 16S pack on one scale are two flat lines
SPLIT_RATIO = 1.4
SIGNED = {"current_a", "power_w", "balance_current_ma"}
LEAST = {"V": 0.2, "A": 2.0, "W": 20.0, "%": 5.0, "mV": 10.0, "°C": 2.0, "Ah": 1.0, "mA": 50.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One series with its name, its place in the panel, and its colour."""

    series: Series
    name: str
    at: int
    role: str
    quantity: Quantity

    def tag(self, glyphs: GlyphSet) -> str:
        """What it is called in the picture: a letter, or the glyph that it is drawn with."""
        if glyphs.has("braille"):
            return TAGS[self.at % len(TAGS)]
        known = f"{glyphs.dot}{MARKS}{TAGS}"
        return known[self.at % len(known)]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines on one scale."""

    title: str
    unit: str
    lines: tuple[Line, ...]

    @property
    def signed(self) -> bool:
        """Zero is worth a line of its own."""
        return any(line.quantity.key in SIGNED for line in self.lines)

    @property
    def least(self) -> float:
        """The smallest span of its scale: noise must not look like a storm."""
        return LEAST.get(self.unit, 2.0)


def panels_of(chart: Chart, tracks: Sequence[str], keys: Sequence[str]) -> tuple[Panel, ...]:
    """Panels in the order of the chosen quantities; empty series stay, so that panels keep their places."""
    groups: dict[str, list[tuple[Series, Quantity]]] = {}
    for series in sorted(chart.series, key=lambda one: _place(one, tracks, keys)):
        known = quantity(series.quantity)
        if known is not None and series.track in tracks and series.quantity in keys:
            groups.setdefault(_group(series, chart), []).append((series, known))
    return tuple(_panel(members, tracks) for members in groups.values())


def _place(series: Series, tracks: Sequence[str], keys: Sequence[str]) -> tuple[int, int]:
    key = keys.index(series.quantity) if series.quantity in keys else len(keys)
    return key, tracks.index(series.track) if series.track in tracks else len(tracks)


def _group(series: Series, chart: Chart) -> str:
    name = series.quantity.partition(".")[0]
    if name in SPLIT and _far_apart(chart, name):
        return f"{name} {series.track}"
    return FAMILIES.get(name, name)


def _far_apart(chart: Chart, key: str) -> bool:
    means = [
        abs(fsum(b.mean for b in one.buckets)) / len(one.buckets)
        for one in chart.series
        if one.quantity == key and one.buckets
    ]
    return len(means) > 1 and max(means) > SPLIT_RATIO * max(min(means), 1e-9)


def _panel(members: Sequence[tuple[Series, Quantity]], tracks: Sequence[str]) -> Panel:
    keys = list(dict.fromkeys(one.quantity for one, _ in members))
    named = list(dict.fromkeys(one.track for one, _ in members))
    lines = tuple(
        Line(
            one,
            _name(one, known, several_keys=len(keys) > 1, several_tracks=len(named) > 1),
            at,
            ROLES[(tracks.index(one.track) if len(keys) == 1 else at) % len(ROLES)],
            known,
        )
        for at, (one, known) in enumerate(members)
    )
    first = members[0][1]
    family = FAMILIES.get(first.key.partition(".")[0], "")
    title = say(f"history-panel-{family}") if len(keys) > 1 and family else quantity_words(first)
    if len(keys) > 1 and not family:
        title = say(f"quantity-{first.name}")
    if len(named) == 1 and len(tracks) > 1:
        title = f"{title} {track_words(named[0])}"
    return Panel(title, first.unit, lines)


def _name(series: Series, known: Quantity, *, several_keys: bool, several_tracks: bool) -> str:
    parts = [track_words(series.track)] if several_tracks or not several_keys else []
    return " ".join([*parts, *([quantity_words(known)] if several_keys else [])])


def quantity_words(known: Quantity) -> str:
    """`Pack voltage`, `Cell 3`, `Temperature 1`."""
    words = say(f"quantity-{known.name}")
    return f"{words} {known.number}" if known.number else words


def value_words(known: Quantity, value: float | None) -> str:
    """A number as a person reads it, without the unit; plus charges."""
    return UNKNOWN if value is None else fixed(value, known.decimals, signed=known.key in SIGNED)


def bucket_at(series: Series, time_ms: float, reach_ms: float) -> Bucket | None:
    """What was measured at a moment, or a little before it; `None` inside a gap.

    `reach_ms` is how long one bucket speaks for: its own length, or a column of the chart.
    """
    at = bisect_right(series.buckets, time_ms, key=lambda bucket: bucket.start_ms) - 1
    if at < 0:
        return None
    bucket = series.buckets[at]
    last = at == len(series.buckets) - 1
    apart_ms = time_ms - bucket.start_ms
    joined = not last and series.buckets[at + 1].start_ms - bucket.start_ms <= series.gap_s * 1000
    return bucket if apart_ms <= reach_ms or joined else None
