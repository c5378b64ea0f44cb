"""One battery on one card: the heart of Tracks and Overview."""

from dataclasses import dataclass
from enum import Enum

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.link import State
from tui.model.track import Battery
from tui.model.units import CellStatus, cell_status
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_old, amps, celsius, duration, volts, watts
from tui.widgets.big_number import big_number, digits_width
from tui.widgets.cell_bars import cell_bars, extremes
from tui.widgets.drawing import Drawing
from tui.widgets.facts import fact_rows
from tui.widgets.link_badge import cause_rows, state_row, wire_row
from tui.widgets.rows import BLANK, Row, beside, ends, fit, fit_block, row, width
from tui.widgets.soc_bar import flow_role, soc_bar
from tui.widgets.status_band import track_words
from tui.widgets.trend import trend_row
from tui.widgets.trip_line import with_trip
from tui.widgets.view import TrackView

LEAST_CELLS = 38  # a card narrower than this shows one track at a time
WIDE_CELLS = 40  # from here on volts are drawn big as well
TREND_ROWS_FROM = 22  # card height from which the two trends fit
SPREAD_WARNING_MV = 100  # row CL-42
LEAST_BARS = 3
AIRY_BARS = 6  # with more rows for bars than this there is room for a blank line
LABEL_CELLS = 7


class Detail(Enum):
    """How much of a track a card shows."""

    FULL = "full"
    SUMMARY = "summary"  # without the cell bars


@dataclass(frozen=True, slots=True)
class CardValue:
    """What a card draws."""

    view: TrackView
    detail: Detail = Detail.FULL


class TrackCard(Drawing[CardValue]):
    """A card that can be tapped."""

    class Chosen(Message):
        """The card was tapped."""

        def __init__(self, track: str) -> None:
            super().__init__()
            self.track = track

    def draw(self, value: CardValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The card from the title rule down."""
        return track_card(value, cells, height, glyphs)

    def on_click(self, event: events.Click) -> None:
        """Say which track was tapped."""
        event.stop()
        if self.value is not None:
            self.post_message(self.Chosen(self.value.view.track.name))


def track_card(value: CardValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
    """The whole card: figures at the top, switches at the bottom, cell bars in the rows between."""
    view, inside = value.view, cells - 1  # one cell of air before the divider
    head = [title_row(view, cells, glyphs), *figures(view, inside, glyphs), _bar_row(view, inside, glyphs)]
    tail = _tail(view, inside, height, glyphs)
    if value.detail is Detail.SUMMARY:
        least = [with_trip(extremes(view), view, inside, glyphs)]
        if view.track.pack.protections:
            least = []  # the protection takes its row
        return [*head, cells_row(view, inside, glyphs), *least, *tail]
    room = max(0, height - len(head) - len(tail))
    return [*head, *fit_block(_middle(view, inside, room, glyphs), cells, room), *tail]


def _middle(view: TrackView, cells: int, room: int, glyphs: GlyphSet) -> list[Row]:
    """Cells in so many rows, and why the link is not live. Trouble takes its rows from the bars alone."""
    trouble = trouble_rows(view, cells)
    if not view.track.cells.mv:
        return [BLANK, *without_cells(view, cells, glyphs), *trouble]
    bars = room - 4
    lines = [cells_row(view, cells, glyphs)]
    if bars > AIRY_BARS:
        lines, bars = [BLANK, *lines], bars - 1
    bars -= len(trouble)
    if bars >= LEAST_BARS:
        lines += cell_bars(view, cells, bars, glyphs)
    return [*lines, with_trip(extremes(view), view, cells, glyphs), *trouble]


def without_cells(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """What a battery that tells no single cells tells instead: its extremes, and what it asks for."""
    if view.track.pack_at_s is None:
        return []
    return fact_rows(view, cells, glyphs)


def title_row(view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    """`─ LEFT SIM ──────── 16S LFP 280 Ah `."""
    track = view.track
    name = (track.setup.title or track_words(track.name)).upper()
    left: list[tuple[str, str] | str] = [
        (f"{glyphs.line} ", "rule"),
        (f" {name} " if view.selected else name, "selection" if view.selected else "title"),
    ]
    if track.simulated:
        left.append((f" {say('word-sim')}", "warn"))
    if track.setup.transport == "replay":
        left.append((f" {say('word-replay')}", "warn"))
    if not view.polling:
        left.append((f" {say('word-standby')}", "warn"))
    left.append((" ", "rule"))
    right = row((f" {description(view)} ", "label"))
    line = row(*left)
    gap = cells - width(line) - width(right)
    if gap < 0:
        return fit((*line, (glyphs.line * cells, "rule")), cells)
    return (*line, (glyphs.line * gap, "rule"), *right)


def description(view: TrackView) -> str:
    """`16S LFP 280 Ah`, as far as it is known."""
    track = view.track
    parts = []
    if track.cells.mv or track.pack.cell_count or track.setup.cells:
        parts.append(f"{track.cell_count}S")
    if track.setup.chemistry:
        parts.append(track.setup.chemistry)
    if track.pack.nominal_ah:
        parts.append(f"{track.pack.nominal_ah:.0f} Ah")
    if not parts and track.pack_at_s is not None:
        parts = [track.identity.model or track.identity.manufacturer or track.protocol]
    return " ".join(parts) or say("track-unknown")


def figures(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """State of charge and voltage in block digits, then the flow; the widest digits that fit."""
    pack = view.track.pack
    soc_pct, word = view.track.soc_pct, "soc-estimated" if view.track.soc_is_estimated else "soc"
    soc = "--" if view.blank or soc_pct is None else f"{soc_pct:.0f}"
    pack_v = "--.--" if view.blank else volts(pack.pack_v, 2)
    role = view.role("number")
    if cells < WIDE_CELLS:
        digits = [
            ((" ", "text"), *line) for line in big_number(soc, say(f"unit-{word}"), role, glyphs, False)
        ]
        room = width(digits[0]) + 1
        return beside([(digits, max(16, room)), (_flow_column(view, glyphs), cells - max(16, room))])
    for wide in ((True, True), (True, False), (False, False)):
        if digits_width((soc, pack_v), glyphs, wide) + 9 <= cells:
            break
    left = [
        ((" ", "text"), *line) for line in big_number(soc, say(f"unit-{word}-wide"), role, glyphs, wide[0])
    ]
    right = big_number(pack_v, "V", role, glyphs, wide[1])
    first = width(left[0]) + 2
    return [*beside([(left, first), (right, cells - first)]), _flow_row(view, cells, glyphs)]


def _flow_column(view: TrackView, glyphs: GlyphSet) -> list[Row]:
    pack_v = "--.--" if view.blank else volts(view.track.pack.pack_v, 2)
    last = BLANK if not view.pack_stale else row((age_old(view.pack_age_s), "stale"))
    power = row((watts(view.track.pack.power_w), view.role("text")))
    return [
        row((f"{pack_v} V{' ' + glyphs.stale if view.pack_stale else ''}", view.role("number"))),
        row((flow_words(view, glyphs), view.role(flow_role(view)))),
        last if view.pack_stale else power,
        row(*time_left(view)),
    ]


def _flow_row(view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    flow = flow_words(view, glyphs)
    if view.pack_stale:
        age = "" if view.pack_age_s is None else f"   {glyphs.stale} {age_old(view.pack_age_s)}"
        old = (age, "stale")
        return row((f" {flow}", view.role(flow_role(view))), old)
    power, left = watts(view.track.pack.power_w), time_left(view)
    gap = " " * (3 if cells >= len(flow) + len(power) + sum(len(t) for t, _ in left) + 7 else 1)
    return row((f" {flow}", flow_role(view)), f"{gap}{power}{gap}", *left)


def flow_words(view: TrackView, glyphs: GlyphSet) -> str:
    """`▲ CHARGE 12.4 A`; the word says it, the arrow only repeats it."""
    battery, current_a = view.track.battery, view.track.pack.current_a
    if current_a is None or view.blank:
        return f"{glyphs.stale} {say('battery-unknown')} -- A"
    arrows = {Battery.CHARGING: glyphs.up, Battery.DISCHARGING: glyphs.down, Battery.FAULT: glyphs.alarm}
    arrow = arrows.get(battery, glyphs.dot)
    return f"{arrow} {say(f'battery-{battery}').upper()} {amps(abs(current_a))}"


def time_left(view: TrackView) -> list[tuple[str, str]]:
    """`full in 6 h 20` or `empty in 7 h 50`; red under 6 h, amber under 12 h when emptying (row CL-44)."""
    hours = view.track.hours_left
    if hours is None or view.pack_stale:
        return []
    charging = (view.track.pack.current_a or 0) > 0
    role = "text" if charging else "alarm" if hours < 6 else "warn" if hours < 12 else "ok"
    return [(say("time-full" if charging else "time-empty", time=duration(hours)), role)]


def _bar_row(view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    return ((" ", "text"), *soc_bar(view, cells - 1, glyphs))


def cells_row(view: TrackView, cells: int, glyphs: GlyphSet) -> Row:
    """` CELLS  avg 3.320 V   spread 18 mV • ok`; the word for the mean is the first to go."""
    known = view.track.cells
    if known.mean_mv is None or known.spread_mv is None:
        if known.open_wires:
            return row(label("cells"), (open_words(known.open_wires), view.cell_role("warn")))
        pack = view.track.pack
        if pack.lowest_cell_mv is None or pack.highest_cell_mv is None:
            return row(label("cells"), ("--", "label"))
        spread = f"{say('cells-spread')} {pack.highest_cell_mv - pack.lowest_cell_mv} mV"
        return row(label("cells"), (spread, view.role("text")))
    word, role = cells_word(view)
    mark = glyphs.ok if role == "ok" else glyphs.alarm if role == "alarm" else glyphs.warn
    right = row(
        (f"{say('cells-spread')} {known.spread_mv} mV ", view.cell_role("text")),
        (f"{mark} {word}", view.cell_role(role)),
    )
    mean = f"{volts(known.mean_mv / 1000, 3)} V"
    for text in (f"{say('cells-mean')} {mean}", mean, ""):
        left = row(label("cells"), (text, view.cell_role("text")))
        if width(left) + width(right) < cells:
            break
    return ends(left, right, cells)


def cells_word(view: TrackView) -> tuple[str, str]:
    """One word for all cells, and its role: the worst cell decides (row CL-1), then the spread."""
    mv, open_wires = view.track.cells.sound_mv, view.track.cells.open_wires
    if not mv:
        return open_words(open_wires), "warn"
    worst = {cell_status(v / 1000) for v in (min(mv), max(mv))}
    side = "low" if cell_status(min(mv) / 1000) is not CellStatus.NORMAL else "high"
    if CellStatus.CRITICAL in worst:
        return say(f"cells-{side}"), "alarm"
    if open_wires:
        return open_words(open_wires), "warn"
    if CellStatus.WARNING in worst:
        return say(f"cells-{side}"), "warn"
    if (view.track.cells.spread_mv or 0) > SPREAD_WARNING_MV:
        return say("cells-uneven"), "warn"
    return say("cells-ok"), "ok"


def open_words(open_wires: tuple[int, ...]) -> str:
    """`cell 7 open`: its sense wire, so nothing is known of that cell."""
    first = open_wires[0] if open_wires else 0
    return (
        say("cells-open-one", cell=first)
        if len(open_wires) == 1
        else say("cells-open", count=len(open_wires))
    )


def _tail(view: TrackView, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
    """Trends when there is room, protections when there are any, then link, temperatures and switches."""
    track, pack = view.track, view.track.pack
    lines: list[Row] = []
    if height >= TREND_ROWS_FROM and track.pack_at_s is not None:
        now_a, now_v = amps(pack.current_a and abs(pack.current_a)), f"{volts(pack.pack_v, 2)} V"
        lines = [
            trend_row("I", track.current_trend, view.now_s, now_a, 2.0, view.role("charge"), cells, glyphs),
            trend_row("V", track.voltage_trend, view.now_s, now_v, 0.2, view.role("series-b"), cells, glyphs),
        ]
    if pack.protections:
        lines.append(row(label("protection"), (protection_words(view), view.role("alarm"))))
    link = ends(row(label("link"), *state_row(view, glyphs, cells - LABEL_CELLS - 1)), wire_row(view), cells)
    return [*lines, link, temperature_row(view), switch_row(view, cells)]


def protection_words(view: TrackView) -> str:
    """Every protection that acts, in words."""
    return ", ".join(say(f"protection-{p.value.replace('_', '-')}") for p in view.track.pack.protections)


def label(key: str) -> tuple[str, str]:
    """The word in front of a row, all of one width."""
    return f" {say(key):<{LABEL_CELLS}}", "label"


def temperature_row(view: TrackView) -> Row:
    """` TEMP  21.5  22.0  21.8 °C`."""
    temperatures = view.track.pack.temperatures_c
    text = "  ".join(celsius(t) for t in temperatures) + " °C" if temperatures else "--"
    return row(label("temperature"), (text, view.role("text")))


def switch_row(view: TrackView, cells: int) -> Row:
    """` FET   CHG on   DSG on   BAL 2 cells`: what conducts, and which cells are bled."""
    pack = view.track.pack
    spans: list[tuple[str, str] | str] = [label("switches")]
    for name, on in (("charge", pack.charge_on), ("discharge", pack.discharge_on)):
        word = say(f"switch-{name}")
        state = "--" if on is None else say("on") if on else say("off")
        spans.append((f"{word} {state}   ", view.role("text" if on or on is None else "warn")))
    if not pack.balancing:
        spans.append((say("balance-idle"), view.role("text")))
    elif len(pack.balancing) <= 3:
        numbers = " ".join(str(n) for n in pack.balancing)
        spans.append((say("balance-cells", cells=numbers), view.role("balancing")))
    else:
        spans.append((say("balance-count", count=len(pack.balancing)), view.role("balancing")))
    return row(*spans)


def trouble_rows(view: TrackView, cells: int) -> list[Row]:
    """Why the link is not live and what to do; nothing when it is."""
    if view.state is State.LIVE:
        return []
    return [((" ", "text"), *line) for line in cause_rows(view.track.link.cause, cells - 2)]
