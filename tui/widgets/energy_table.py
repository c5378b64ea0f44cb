"""Energy in and out, a row per day or month, the newest on top, with the sum of all below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

from tui.locale import say
from tui.model.history import Energy
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.chart_axis import date_words
from tui.widgets.chart_panels import ROLES
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import kept_in_sight
from tui.widgets.history_chart import sentences
from tui.widgets.rows import Row, Span, joined, row, title_rule
from tui.widgets.status_band import track_words

LABEL_CELLS = 8
HEAD_ROWS, FOOT_ROWS = 3, 2
COLUMNS = (("in-kwh", 7), ("out-kwh", 7), ("in-ah", 7), ("out-ah", 7), ("cycles", 7))
TRACK_CELLS = sum(cells for _, cells in COLUMNS)
LEAST_BAR = 6  # cells; a bar smaller than this says nothing
MOST_BAR = 40


@dataclass(frozen=True, slots=True)
class EnergyValue:
    """Rows of some tracks, by day or by month; `only` is the one to show where not all fit."""

    rows: tuple[Energy, ...] | None = None
    tracks: tuple[str, ...] = ()
    by: str = "day"
    only: str = ""
    top: int = 0
    why: tuple[str, ...] = ()


class EnergyRows(Drawing[EnergyValue]):
    """All tracks beside each other where they fit."""

    @property
    def room(self) -> int:
        """Rows for days."""
        return max(1, self.size.height - HEAD_ROWS - FOOT_ROWS)

    def draw(self, value: EnergyValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rule, headings, rows, a rule, the sum."""
        if value.rows is None or value.why:
            return sentences(value.why, cells)
        title = title_rule(
            say(f"history-energy-{value.by}"), [(say("history-energy-note"), "label")], cells, glyphs
        )
        if not value.rows:
            return [title, *sentences((say("history-empty-energy"),), cells)]
        tracks = shown_tracks(value, cells)
        labels = sorted({one.label for one in value.rows if one.track in tracks}, reverse=True)
        room = max(1, height - HEAD_ROWS - FOOT_ROWS)
        first = kept_in_sight(len(labels), value.top, None, room)
        known = {(one.track, one.label): one for one in value.rows}
        bar = (cells - 1 - LABEL_CELLS) // len(tracks) - TRACK_CELLS - 2
        bar = min(MOST_BAR, bar) if bar >= LEAST_BAR else 0
        tops = {
            track: max((one.charged_wh for one in value.rows if one.track == track), default=0.0)
            for track in tracks
        }
        lines = [title, _names(value, tracks, bar), _heading(tracks, bar)]
        for label in labels[first : first + room]:
            spans: list[Span] = [(f" {label_words(label):<{LABEL_CELLS}}", "text")]
            for track in tracks:
                spans += _cells(known.get((track, label)), track, value, bar, tops[track], glyphs)
            lines.append(joined(spans))
        total: list[Span] = [(f" {say('history-total'):<{LABEL_CELLS}}", "title")]
        for track in tracks:
            total += _cells(total_of(value.rows, track), track, value, bar, None, glyphs)
        return [*lines, row((glyphs.line * cells, "rule")), joined(total)]


def shown_tracks(value: EnergyValue, cells: int) -> tuple[str, ...]:
    """All where they fit, else the chosen one."""
    if len(value.tracks) * TRACK_CELLS + LABEL_CELLS + 1 <= cells:
        return value.tracks
    return (value.only,) if value.only in value.tracks else value.tracks[:1]


def label_words(label: str) -> str:
    """`2026-11-21` as `21 Nov`, `2026-11` as `Nov 2026`."""
    parts = label.split("-")
    if len(parts) == 3:
        return date_words(datetime(int(parts[0]), int(parts[1]), int(parts[2])))
    words = f"{say(f'month-{int(parts[1])}')} {parts[0]}"
    return words if len(words) <= LABEL_CELLS else label


def total_of(rows: Sequence[Energy], track: str) -> Energy:
    """The sum; cycles are unknown as soon as none of them is known."""
    mine = [one for one in rows if one.track == track]
    cycles = [one.cycles for one in mine if one.cycles is not None]
    return Energy(
        track,
        "",
        fsum(one.charged_wh for one in mine),
        fsum(one.discharged_wh for one in mine),
        fsum(one.charged_ah for one in mine),
        fsum(one.discharged_ah for one in mine),
        fsum(cycles) if cycles else None,
    )


def _names(value: EnergyValue, tracks: Sequence[str], bar: int) -> Row:
    wide = TRACK_CELLS + (bar + 2 if bar else 0)
    names = [
        (f"  {track_words(track).upper():<{wide - 2}}", ROLES[value.tracks.index(track) % len(ROLES)])
        for track in tracks
    ]
    return row((" " * (LABEL_CELLS + 1), "text"), *names)


def _heading(tracks: Sequence[str], bar: int) -> Row:
    words = "".join(f"{say(f'history-energy-{name}'):>{cells}}" for name, cells in COLUMNS)
    words += " " * (bar + 2 if bar else 0)
    return row((" " * (LABEL_CELLS + 1) + words * len(tracks), "label"))


def _cells(
    one: Energy | None, track: str, value: EnergyValue, bar: int, top_wh: float | None, glyphs: GlyphSet
) -> list[Span]:
    """Five numbers, and where there is room a bar of what went in."""
    if one is None:
        return [(f"{UNKNOWN:>7}" * 5 + " " * (bar + 2 if bar else 0), "label")]
    numbers = (
        f"{fixed(one.charged_wh / 1000, 2):>7}{fixed(one.discharged_wh / 1000, 2):>7}"
        f"{fixed(one.charged_ah, 1):>7}{fixed(one.discharged_ah, 1):>7}"
    )
    cycles = UNKNOWN if one.cycles is None else fixed(one.cycles, 2)
    spans: list[Span] = [(numbers, "number"), (f"{cycles:>7}", "text")]
    if bar:
        share = one.charged_wh / top_wh if top_wh else 0.0
        role = ROLES[value.tracks.index(track) % len(ROLES)]
        drawn = glyphs.hbar(share, bar).replace(glyphs.bar_empty, " ") if top_wh else " " * bar
        spans.append((f" {drawn} ", role))
    return spans
