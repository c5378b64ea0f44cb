"""Simulated packs from inside: the bar of the cycle, figures, and where each can be read."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.simulation import SimulatedPack, Stage
from tui.style.glyphs import GlyphSet
from tui.style.numbers import celsius, fixed
from tui.widgets.drawing import Drawing
from tui.widgets.phase_bar import phase_of, phase_rows
from tui.widgets.rows import Row, Span, beside, flow, row, width
from tui.widgets.simulation_words import parted, protection_word
from tui.widgets.status_band import track_words

LEAST_CELLS, ROOMY = 48, 70  # narrower than this, one pack at a time

STILL_A = 0.2  # less is no direction


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack, and the scales of the stages in which it was seen."""

    pack: SimulatedPack
    scales: tuple[tuple[Stage, float], ...] = ()
    faults: int = 0


@dataclass(frozen=True, slots=True)
class PacksValue:
    """All packs, the chosen one, and the pace of their cycle."""

    views: tuple[PackView, ...] = ()
    at: int = 0
    pace: float = 1.0
    is_old: bool = False
    is_short: bool = False  # one row of figures


class PackChosen(Message):
    """A pack was tapped."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class SimulatedPacks(Drawing[PacksValue]):
    """As many packs side by side as fit, the chosen one among them."""

    def draw(self, value: PacksValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """The columns, with a line between them."""
        return packs_rows(value, cells, glyphs)

    def on_click(self, event: events.Click) -> None:
        """The one under the finger."""
        shown = shown_of(self.value, self.size.width) if self.value is not None else ()
        if shown:
            at = min(len(shown) - 1, event.x * len(shown) // max(1, self.size.width))
            self.post_message(PackChosen(shown[at].pack.name))


def packs_rows(value: PacksValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """The packs on show, side by side."""
    shown = shown_of(value, cells)
    if not shown:
        return []
    wide = (cells + 1) // len(shown) - 1
    chosen = value.views[value.at].pack.name if len(value.views) > 1 else ""
    columns = []
    for i, view in enumerate(shown):
        room = wide if i + 1 < len(shown) else cells - (wide + 1) * (len(shown) - 1)
        columns.append((pack_rows(view, value, room, view.pack.name == chosen, glyphs), room))
    height = max(len(lines) for lines, _ in columns)
    edge = [row((glyphs.tee if y == 0 else glyphs.pipe, "rule")) for y in range(height)]
    blocks: list[tuple[list[Row], int]] = []
    for block in columns:
        blocks += [(edge, 1), block] if blocks else [block]
    return beside(blocks)


def fitting(count: int, cells: int) -> int:
    """Packs side by side."""
    return max(1, min(count, (cells + 1) // (LEAST_CELLS + 1)))


def shown_of(value: PacksValue, cells: int) -> tuple[PackView, ...]:
    """The packs on show, the chosen one among them."""
    count = fitting(len(value.views), cells)
    first = max(0, min(max(0, value.at - count + 1), len(value.views) - count))
    return value.views[first : first + count]


def pack_rows(view: PackView, value: PacksValue, cells: int, is_chosen: bool, glyphs: GlyphSet) -> list[Row]:
    """Title, the bar, the figures, the wires."""
    phase = phase_of(view.pack, value.pace, view.scales, value.is_old)
    role = "stale" if value.is_old else "number"
    figures = flow(_figures(view.pack, role, cells), cells - 1)
    last = (
        []
        if value.is_short and cells < LEAST_CELLS and not view.pack.protections
        else [_last(view.pack, cells)]
    )
    return [
        _title(view, cells, is_chosen, glyphs),
        *phase_rows(phase, cells, glyphs),
        *(figures[:1] if value.is_short else figures),
        *last,
    ]


def _title(view: PackView, cells: int, is_chosen: bool, glyphs: GlyphSet) -> Row:
    """`─>LEFT ──────── 2 faults · 16S LFP 280 Ah ─`."""
    pack, mark = view.pack, ">" if is_chosen else " "
    left = row(
        (glyphs.line, "rule"),
        (f"{mark}{track_words(pack.name).upper()} ", "selection" if is_chosen else "title"),
    )
    parts: list[Span] = [(f"{len(pack.cells)}S {pack.chemistry} {fixed(pack.capacity_ah, 0)} Ah", "label")]
    if view.faults:
        parts.insert(0, (say("sim-faults-count", count=view.faults), "alarm"))
    right: list[Span] = []
    for text, role in parts:
        more = [(" · ", "rule"), (text, role)] if right else [(text, role)]
        if width(left) + width(tuple(right + more)) + 4 <= cells:
            right += more
    end: Row = ((" ", "rule"), *right, (f" {glyphs.line}", "rule")) if right else ()
    return (*left, (glyphs.line * max(0, cells - width(left) - width(end)), "rule"), *end)


def _figures(pack: SimulatedPack, role: str, cells: int) -> list[Row]:
    """What a wire tells too, and what none does."""
    direction = "charge" if pack.current_a > STILL_A else "discharge" if pack.current_a < -STILL_A else role
    flow_role = role if role == "stale" else direction
    zones = " ".join(celsius(zone) for zone in pack.temperatures_c)
    energy = f"+{fixed(pack.charged_kwh, 1)} -{fixed(pack.discharged_kwh, 1)} kWh"
    ambient = row((f"{say('sim-ambient')} ", "label"), (celsius(pack.ambient_c), role))
    heat = row((f"{zones} °C", role))
    switches = [_switch("charge", pack.charge_on, role), _switch("discharge", pack.discharge_on, role)]
    return [
        row((f"{fixed(pack.pack_v, 2)} V", role)),
        row((f"{fixed(pack.current_a, 1, signed=True)} A", flow_role)),
        row((f"{say('figure-soc')} ", "label"), (f"{fixed(pack.soc_pct, 1)} %", role)),
        row((f"{say('figure-soh')} ", "label"), (f"{fixed(pack.soh_pct, 2)} %", role)),
        row((f"{say('figure-cycles')} ", "label"), (str(pack.cycles), role)),
        *([ambient, heat] if cells >= ROOMY else [(*heat, (" ", "text"), *ambient)]),
        row((energy, role)),
        *switches,
    ]


def _switch(name: str, is_on: bool, role: str) -> Row:
    word = say("sim-on" if is_on else "sim-off")
    return row(
        (f"{say(f'sim-switch-{name}')} ", "label"), (word, role if is_on or role == "stale" else "warn")
    )


def _last(pack: SimulatedPack, cells: int) -> Row:
    """`cell under-voltage · jbd /run/demo-left · can vcan0`: what has tripped, and where it can be read."""
    groups = [row((protection_word(name), "alarm")) for name in pack.protections]
    for wire in pack.wires:
        kind, _, path = wire.partition(" ")
        room = max(10, cells // len(pack.wires) - len(kind) - 4)
        groups.append(row((f"{kind} ", "label"), (_end_of(path, room), "text")))
    if not pack.wires:
        groups.append(row((say("sim-no-wire"), "label")))
    return parted(groups, cells)[0]


def _end_of(path: str, cells: int) -> str:
    """The end of a long path is what tells packs apart."""
    return path if len(path) <= cells else f"..{path[2 - cells :]}"
